//! What there is: every resource instance of the plan with its values, every module instance, and the configuration
//! behind both, indexed so that a reference is found in one step.

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde_json::value::RawValue;

use super::document::{
    Actions, Change, ConfigResource, Document, Expression, Index, Module, ModuleCall, ResourceChange, StateModule, Str,
};
use super::traversal::{Step, steps};
use super::unread::{DAMAGED, Unread, unreadable};
use super::values::{ValueReader, Wanted};
use crate::catalog::{Dialect, KindSpec, kind_of};
use crate::graph::{Action, Address, Mode, Reason, Threads, Unknown, Value};
use crate::source::Problem;

/// Position of an instance in [`Inventory::instances`].
pub(super) type InstanceAt = usize;
/// Position of a module instance in [`Inventory::modules`].
pub(super) type ModuleAt = usize;

/// One resource instance as it will be after the change.
pub(super) struct Instance<'a> {
    pub address: &'a str,
    /// The same, for every place inside it.
    pub shared_address: Address,
    pub module: ModuleAt,
    pub mode: Mode,
    pub type_name: &'a str,
    pub name: &'a str,
    pub key: Option<Index<'a>>,
    pub action: Action,
    /// Paths that force a replacement.
    pub replace_paths: Option<&'a RawValue>,
    pub spec: Option<&'static KindSpec>,
    /// Attributes with unknown and sensitive laid over them. Null for kinds that are not on the path, and after
    /// [`Inventory::hand_out`].
    pub value: Value,
    /// Which attributes were unknown in a value that is handed out: a [`bit`] for each.
    handed_out_unknown: u128,
    /// Whether all its attributes are read, and not only those that the catalog names.
    pub whole: bool,
    /// Which attributes are unknown, for those that are not read.
    pub unknown: Option<&'a RawValue>,
    pub config: Option<&'a ConfigResource<'a>>,
}

impl<'a> Instance<'a> {
    /// What is wrong with the text of its expressions, when they cannot be read; `text` is the whole plan.
    pub(super) fn expression_fault(&self, text: &str) -> Option<Problem> {
        let raw = self.config?.expressions?;
        let error = serde_json::from_str::<Expression<'_>>(raw.get()).err()?;
        Some(unreadable(text, "the configuration", self.address, raw, &error))
    }

    /// What `each` goes over.
    pub(super) fn for_each(&self) -> Option<&'a Expression<'a>> {
        self.config?.for_each_expression.as_deref()
    }
}

impl Instance<'_> {
    /// The value, when nobody asks for it once its links and attributes are known.
    fn hand_out(&mut self) -> Option<Value> {
        let (spec, map) = (self.spec?, self.value.as_map().filter(|_| !self.whole)?);
        let unknown = map.iter().filter(|(_, value)| value.holds_unknown());
        self.handed_out_unknown = unknown.filter_map(|(name, _)| bit(spec, name)).fold(0, |bits, bit| bits | bit);
        Some(std::mem::replace(&mut self.value, Value::null()))
    }

    /// An entry that cannot be read: nothing is known of it, not even what nobody wrote.
    fn is_unread(&self) -> bool {
        self.value.as_unknown().is_some()
    }
}

/// What stands for one of the attributes that the catalog names for a kind, in a set of them; none for all others, and
/// for those that the set has no room for.
fn bit(spec: &KindSpec, attribute: &str) -> Option<u128> {
    let at = spec.read_in_terraform().binary_search_by(|own| own.as_str().cmp(attribute)).ok()?;
    1_u128.checked_shl(u32::try_from(at).ok()?)
}

/// One instance of a module; the first is the root.
pub(super) struct ModuleInstance<'a> {
    pub parent: Option<ModuleAt>,
    pub key: Option<Index<'a>>,
    pub config: Option<&'a Module<'a>>,
    pub call: Option<&'a ModuleCall<'a>>,
}

/// A rule resource (or an association) as it was before the change, for taking it out of what its group or network ACL
/// lists.
pub(super) struct Former<'a> {
    pub type_name: &'a str,
    pub before: Value,
}

pub(super) struct Inventory<'a> {
    pub instances: Vec<Instance<'a>>,
    pub modules: Vec<ModuleInstance<'a>>,
    pub former_rules: Vec<Former<'a>>,
    /// By module, mode, type and name.
    by_name: FxHashMap<(ModuleAt, Mode, &'a str, &'a str), usize>,
    groups: Vec<Vec<InstanceAt>>,
    by_key: FxHashMap<(ModuleAt, Mode, &'a str, &'a str, Index<'a>), InstanceAt>,
    children: FxHashMap<(ModuleAt, &'a str), usize>,
    sibling_modules: Vec<Vec<ModuleAt>>,
    child_by_key: FxHashMap<(ModuleAt, &'a str, Index<'a>), ModuleAt>,
    in_module: Vec<Vec<InstanceAt>>,
}

/// Which of the two moments a plan tells about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// What is there before the change. The plan's configuration says nothing about it.
    Before,
    /// What will be there after it.
    After,
}

impl<'a> Inventory<'a> {
    /// Takes stock of a plan or state. What cannot be read is a Problem; the resource stays, its values unknown.
    pub(super) fn new(
        text: &'a str,
        document: &'a Document<'a>,
        moment: Moment,
        raw_types: &[&str],
        threads: Threads,
    ) -> (Inventory<'a>, Vec<Problem>) {
        let configuration = document.configuration.as_ref().filter(|_| moment == Moment::After);
        let root = configuration.and_then(|configuration| configuration.root_module.as_ref());
        let modules = vec![ModuleInstance { parent: None, key: None, config: root, call: None }];
        let changes = document.resource_changes.as_ref().filter(|_| moment == Moment::After);
        let number = changes.map_or(0, Vec::len);
        let inventory = Inventory {
            instances: Vec::with_capacity(number),
            modules,
            former_rules: Vec::new(),
            by_name: FxHashMap::with_capacity_and_hasher(number, FxBuildHasher),
            groups: Vec::new(),
            by_key: FxHashMap::default(),
            sibling_modules: Vec::new(),
            children: FxHashMap::default(),
            child_by_key: FxHashMap::default(),
            in_module: vec![Vec::new()],
        };
        let mut stock = Stock {
            inventory,
            text,
            raw_types,
            reader: ValueReader::default(),
            unread: Vec::with_capacity(number),
            problems: Vec::new(),
            module_at: FxHashMap::default(),
            resource_config: FxHashMap::default(),
            taken: FxHashSet::with_capacity_and_hasher(number, FxBuildHasher),
            moved: FxHashMap::default(),
        };
        stock.module_at.insert("", 0);
        stock.index_config(0);
        for change in document.resource_changes.iter().flatten() {
            match moment {
                Moment::After => stock.change(change),
                Moment::Before => stock.remember_move(change),
            }
        }
        let states = document.prior_state.as_ref().and_then(|state| state.values.as_ref());
        for values in [states, document.values.as_ref()].into_iter().flatten() {
            if let Some(root) = &values.root_module {
                stock.state(root);
            }
        }
        stock.modules_without_resources();
        stock.read(threads);
        // In the order of what they are about; what is wrong with one stays as it was found.
        stock.problems.sort_by_key(|(at, _)| *at);
        (stock.inventory, stock.problems.into_iter().map(|(_, problem)| problem).collect())
    }

    /// The values of all instances; none for those that are kept. With them in many hands, each can go as soon as it is
    /// used: all of them take more memory than anything else.
    pub(super) fn hand_out(&mut self) -> Vec<Option<Value>> {
        self.instances.iter_mut().map(Instance::hand_out).collect()
    }

    /// The instances alone, in order.
    pub(super) fn into_instances(self) -> Vec<Instance<'a>> {
        self.instances
    }

    /// The instances of a resource in a module.
    pub(super) fn named(&self, module: ModuleAt, mode: Mode, type_name: &str, name: &str) -> &[InstanceAt] {
        let group = self.by_name.get(&(module, mode, type_name, name)).copied();
        group.map_or(&[], |group| self.groups[group].as_slice())
    }

    /// The instance of a resource with this key.
    pub(super) fn keyed(
        &self,
        module: ModuleAt,
        mode: Mode,
        type_name: &str,
        name: &str,
        key: &Index<'_>,
    ) -> Option<InstanceAt> {
        self.by_key.get(&(module, mode, type_name, name, key.clone())).copied()
    }

    /// The instance of a module call with this key.
    pub(super) fn child(&self, module: ModuleAt, call: &str, key: &Index<'_>) -> Option<ModuleAt> {
        self.child_by_key.get(&(module, call, key.clone())).copied()
    }

    /// The instances of a module call.
    pub(super) fn children(&self, module: ModuleAt, call: &str) -> &[ModuleAt] {
        let siblings = self.children.get(&(module, call)).copied();
        siblings.map_or(&[], |siblings| self.sibling_modules[siblings].as_slice())
    }

    /// Everything in a module and in the modules below it.
    pub(super) fn subtree(&self, module: ModuleAt) -> Vec<InstanceAt> {
        let mut found = Vec::new();
        let mut open = vec![module];
        while let Some(module) = open.pop() {
            found.extend(&self.in_module[module]);
            let calls = self.modules[module].config.into_iter().flat_map(|config| config.module_calls.keys());
            open.extend(calls.flat_map(|call| self.children(module, call.as_ref())));
        }
        found
    }

    /// Whether an attribute (`None`: any that names the resource) of an instance is known only after apply.
    pub(super) fn is_unknown(&self, at: InstanceAt, attribute: Option<&str>) -> bool {
        let instance = &self.instances[at];
        let attribute = attribute.unwrap_or("id");
        if let Some(value) = instance.value.get(attribute) {
            return value.holds_unknown();
        }
        if let Some(spec) = instance.spec {
            if let Some(bit) = bit(spec, attribute) {
                return instance.handed_out_unknown & bit != 0;
            }
            if instance.whole || instance.is_unread() {
                return false;
            }
        }
        instance.unknown.is_some_and(|overlay| {
            let marks: Result<FxHashMap<Str<'_>, &RawValue>, _> = serde_json::from_str(overlay.get());
            // What is no object is `true` for the whole, or damaged.
            marks.map_or_else(
                |_| overlay.get().trim() != "false",
                |marks| marks.get(attribute).is_some_and(|mark| mark.get().contains("true")),
            )
        })
    }
}

/// Works through the document once.
struct Stock<'a, 'r> {
    inventory: Inventory<'a>,
    /// The whole input, for places in it.
    text: &'a str,
    raw_types: &'r [&'r str],
    reader: ValueReader<'a>,
    unread: Vec<Unread<'a>>,
    /// What is wrong, each with how many instances came before.
    problems: Vec<(InstanceAt, Problem)>,
    module_at: FxHashMap<&'a str, ModuleAt>,
    resource_config: FxHashMap<(ModuleAt, Mode, &'a str, &'a str), &'a ConfigResource<'a>>,
    taken: FxHashSet<&'a str>,
    /// New addresses by old ones.
    moved: FxHashMap<&'a str, &'a str>,
}

/// Most steps of a module's address. Every call takes three levels of the configuration, which ends at 128.
const DEEPEST_ADDRESS: usize = 256;

impl<'a> Stock<'a, '_> {
    fn change(&mut self, change: &'a ResourceChange<'a>) {
        let mode = change.mode;
        if change.deposed.is_some() {
            return;
        }
        let spec = kind_of(Dialect::Terraform, change.type_name.as_ref());
        let raw = self.raw_types.contains(&change.type_name.as_ref());
        // What forces a replacement is shown, whatever attribute it is.
        let whole = raw || change.change.replace_paths.is_some();
        let wanted = spec.is_some() || raw;
        let action = match &change.change.actions {
            Actions::Known(action) => *action,
            Actions::Unknown(words) => {
                if wanted {
                    self.fault(unknown_actions(change.address.as_ref(), words));
                }
                Action::NoOp
            }
        };
        self.taken.insert(change.address.as_ref());
        self.remember_former(change);
        if action == Action::Delete {
            return;
        }
        let parts = [change.change.after, change.change.after_unknown, change.change.after_sensitive];
        let value = match wanted {
            true if mode == Mode::Managed && tells_nothing(&change.change) => self.untold(change.address.as_ref()),
            true => self.later(parts, spec.filter(|_| !whole)),
            false => Value::null(),
        };
        let module = self.module(change.module_address.as_ref().map_or("", AsRef::as_ref));
        self.add(Instance {
            address: change.address.as_ref(),
            shared_address: change.address.as_ref().into(),
            module,
            mode,
            type_name: change.type_name.as_ref(),
            name: change.name.as_ref(),
            key: change.index.clone(),
            action,
            replace_paths: change.change.replace_paths,
            spec,
            value,
            handed_out_unknown: 0,
            whole,
            unknown: change.change.after_unknown,
            config: None,
        });
    }

    fn state(&mut self, module: &'a StateModule<'a>) {
        let at = self.module(module.address.as_ref().map_or("", AsRef::as_ref));
        for resource in &module.resources {
            let address = resource.address.as_ref();
            let address = self.moved.get(address).copied().unwrap_or(address);
            if resource.deposed_key.is_some() || !self.taken.insert(address) {
                continue;
            }
            let spec = kind_of(Dialect::Terraform, resource.type_name.as_ref());
            let parts = [resource.values, None, resource.sensitive_values];
            let whole = self.raw_types.contains(&resource.type_name.as_ref());
            let value =
                if spec.is_some() || whole { self.later(parts, spec.filter(|_| !whole)) } else { Value::null() };
            self.add(Instance {
                address,
                shared_address: address.into(),
                module: at,
                mode: resource.mode,
                type_name: resource.type_name.as_ref(),
                name: resource.name.as_ref(),
                key: resource.index.clone(),
                action: Action::NoOp,
                replace_paths: None,
                spec,
                value,
                handed_out_unknown: 0,
                whole,
                unknown: None,
                config: None,
            });
        }
        for child in &module.child_modules {
            self.state(child);
        }
    }

    fn add(&mut self, mut instance: Instance<'a>) {
        let at = self.inventory.instances.len();
        let name = (instance.module, instance.mode, instance.type_name, instance.name);
        // Of an entry that cannot be read nothing is known, not even what nobody wrote.
        if !instance.is_unread() {
            instance.config = self.resource_config.get(&name).copied();
        }
        let groups = &mut self.inventory.groups;
        let group = *self.inventory.by_name.entry(name).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(at);
        if let Some(key) = instance.key.clone() {
            self.inventory.by_key.insert((name.0, name.1, name.2, name.3, key), at);
        }
        self.inventory.in_module[instance.module].push(at);
        self.inventory.instances.push(instance);
    }

    /// The module instance at an address, with all above it.
    fn module(&mut self, address: &'a str) -> ModuleAt {
        if let Some(&at) = self.module_at.get(address) {
            return at;
        }
        let at = self.inventory.modules.len();
        if steps(address).count() > DEEPEST_ADDRESS {
            let begins: String = address.chars().take(60).collect();
            let message = format!("a module's address, {begins}…, is deeper than any configuration");
            self.fault(Problem::error(message).help(DAMAGED));
            self.inventory.modules.push(ModuleInstance { parent: Some(0), key: None, config: None, call: None });
            self.inventory.in_module.push(Vec::new());
            self.module_at.insert(address, at);
            return at;
        }
        let (above, call, key) = last_call(address);
        let parent = self.module(above);
        let at = self.called(parent, call, key);
        self.module_at.insert(address, at);
        at
    }

    /// Modules in which the plan has nothing: their outputs hand on what is given to them. With `count` or `for_each`
    /// nothing tells their keys; one without a key stands for them all.
    fn modules_without_resources(&mut self) {
        let mut at = 0;
        while at < self.inventory.modules.len() {
            let calls = self.inventory.modules[at].config.iter().flat_map(|config| config.module_calls.keys());
            let bare: Vec<&'a str> =
                calls.map(AsRef::as_ref).filter(|call| self.inventory.children(at, call).is_empty()).collect();
            for call in bare {
                self.called(at, call, None);
            }
            at += 1;
        }
    }

    /// One more instance of a call in the module at `parent`.
    fn called(&mut self, parent: ModuleAt, call: &'a str, key: Option<Index<'a>>) -> ModuleAt {
        let at = self.inventory.modules.len();
        let from = self.inventory.modules[parent].config.and_then(|config| config.module_calls.get(call));
        let config = from.and_then(|call| call.module.as_ref());
        if let Some(key) = key.clone() {
            self.inventory.child_by_key.insert((parent, call, key), at);
        }
        self.inventory.modules.push(ModuleInstance { parent: Some(parent), key, config, call: from });
        self.inventory.in_module.push(Vec::new());
        let siblings = &mut self.inventory.sibling_modules;
        let group = *self.inventory.children.entry((parent, call)).or_insert_with(|| {
            siblings.push(Vec::new());
            siblings.len() - 1
        });
        siblings[group].push(at);
        self.index_config(at);
        at
    }

    fn index_config(&mut self, at: ModuleAt) {
        for resource in self.inventory.modules[at].config.iter().flat_map(|config| &config.resources) {
            self.resource_config
                .insert((at, resource.mode, resource.type_name.as_ref(), resource.name.as_ref()), resource);
        }
    }

    /// What is moved is told of by its new address, so that it is the same thing before and after.
    fn remember_move(&mut self, change: &'a ResourceChange<'a>) {
        if let Some(former) = &change.previous_address {
            self.moved.insert((**former).as_ref(), change.address.as_ref());
        }
    }

    fn remember_former(&mut self, change: &'a ResourceChange<'a>) {
        let type_name = change.type_name.as_ref();
        let is_rule = type_name == "aws_security_group_rule"
            || type_name.starts_with("aws_vpc_security_group_")
            || matches!(type_name, "aws_network_acl_rule" | "aws_network_acl_association");
        if let (true, Some(before)) = (is_rule, change.change.before) {
            match self.reader.read(before, Wanted::All) {
                Ok(before) if !before.is_null() => self.inventory.former_rules.push(Former { type_name, before }),
                Ok(_) => {}
                Err(error) => {
                    self.fault(unreadable(self.text, "the values", change.address.as_ref(), before, &error));
                }
            }
        }
    }

    /// Notes what there is to read for the instance that is added next.
    fn later(&mut self, parts: [Option<&'a RawValue>; 3], only: Option<&'static KindSpec>) -> Value {
        self.unread.push(Unread { at: self.inventory.instances.len(), parts, only });
        Value::null()
    }

    /// Reads the values of all instances.
    fn read(&mut self, threads: Threads) {
        let (text, instances) = (self.text, &self.inventory.instances);
        let read = threads.parts(&self.unread, |_, part| {
            let mut reader = ValueReader::default();
            let read = part.iter().map(|one| one.read(text, instances[one.at].address, &mut reader).map_err(Box::new));
            read.collect::<Vec<_>>()
        });
        for (&Unread { at, .. }, value) in self.unread.iter().zip(read.into_iter().flatten()) {
            let instance = &mut self.inventory.instances[at];
            instance.value = value.unwrap_or_else(|problem| {
                self.problems.push((at, *problem));
                instance.config = None;
                Value::unknown(Unknown::because(Reason::Undecidable("its values in the plan cannot be read".into())))
            });
        }
    }

    fn fault(&mut self, problem: Problem) {
        self.problems.push((self.inventory.instances.len(), problem));
    }

    fn untold(&mut self, address: &str) -> Value {
        let message = format!("the plan does not say what becomes of {address}: its `after` is missing");
        self.fault(Problem::error(message).help(DAMAGED));
        Value::unknown(Unknown::because(Reason::NotInConfiguration))
    }
}

/// Whether a change that deletes nothing is without any value, known or unknown.
fn tells_nothing(change: &Change<'_>) -> bool {
    let unknown = change.after_unknown.map_or("false", |raw| raw.get().trim());
    change.after.is_none() && matches!(unknown, "false" | "{}" | "null")
}

fn unknown_actions(address: &str, words: &[Str<'_>]) -> Problem {
    let known = |action: &&str| action.len() < 30 && action.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    let named: Vec<&str> = words.iter().map(AsRef::as_ref).filter(known).collect();
    let message = format!("what is done to {address} is not known to plangate: [{}]", named.join(", "));
    Problem::error(message).help("a later release of plangate may know it; `plangate --version` tells yours")
}

/// Splits `module.a["x"].module.b[0]` into what is above, the call's name, and the key.
fn last_call(address: &str) -> (&str, &str, Option<Index<'_>>) {
    let steps: Vec<Step<'_>> = steps(address).collect();
    let (key, before) = match steps.split_last() {
        Some((Step::Key(key), before)) => (Some(key.clone()), before),
        _ => (None, steps.as_slice()),
    };
    let Some(Step::Attribute(call)) = before.last() else { return ("", address, None) };
    // The name is a slice of the address, so its position tells where the call starts.
    let name_at = call.as_ptr() as usize - address.as_ptr() as usize;
    let above = &address[..name_at];
    let above = above.strip_suffix("module.").unwrap_or(above).trim_end_matches('.');
    (above, call, key)
}
