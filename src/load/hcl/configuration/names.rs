//! What names mean in a module: resources and their attributes, modules and their outputs, `each`, `path` and the rest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use num_bigint::BigInt;

use super::body;
use super::expansion::{Children, Each, Expansion, Key, find};
use super::source::Resource;
use super::tree::{Here, Instance};
use crate::graph::{Mode, Place, Reason, Text, Unknown};
use crate::load::hcl::files::cleaned;
use crate::load::hcl::{Bounds, Fault, Files, Hole, Resolved, Scope, Session, Step, Type, Value};
use crate::load::written::first_reason;

/// Attributes any resource may have that nobody writes. A whole resource (`aws_subnet.this[*].id`) has these.
const COMPUTED: &[&str] = &[
    "id",
    "arn",
    "name",
    "arn_suffix",
    "dns_name",
    "zone_id",
    "url",
    "vpc_id",
    "owner_id",
    "private_ip",
    "public_ip",
    "public_dns",
    "private_dns",
    "availability_zone",
    "availability_zone_id",
    "cidr_block",
    "ipv6_cidr_block",
    "default_security_group_id",
    "default_network_acl_id",
    "default_route_table_id",
    "main_route_table_id",
    "family",
    "revision",
    "arn_without_revision",
    "repository_url",
    "invoke_arn",
    "qualified_arn",
    "version",
    "latest_version",
    "default_version",
    "hosted_zone_id",
    "bucket",
    "bucket_domain_name",
    "output",
    "result",
    "hex",
    "endpoint",
    "address",
    "port",
    "security_groups",
    "subnets",
    "subnet_id",
    "tags_all",
    "key_name",
    "function_name",
    "domain",
    "domain_validation_options",
    "certificate_arn",
    "primary_network_interface_id",
    "network_interface_id",
    "ids",
    "names",
    "value",
    "json",
    "account_id",
    "region",
    "primary_cluster_arn",
    "identifier",
    "listener_arn",
];

impl Scope for Here<'_> {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<Resolved, Fault> {
        let first = steps.first().and_then(Step::name);
        let one = |value: Value| Ok(Resolved { value, used: 1 });
        match (root, first) {
            ("var", Some(name)) => one(self.variable(name)?),
            ("local", Some(name)) => one(self.local(name)?),
            ("each", Some(name)) => {
                let found = match name {
                    "key" => self.each.key.clone(),
                    "value" => self.each.value.clone(),
                    _ => None,
                };
                found.map_or_else(|| Err(Fault::new("`each` stands outside of a for_each")), one)
            }
            ("count", Some("index")) => match self.each.index {
                Some(index) => one(Value::number(BigInt::from(index))),
                None => Err(Fault::new("`count.index` stands outside of a count")),
            },
            ("path", Some(name)) => {
                let module = self.instance.module.folder.strip_prefix(&self.whole.root);
                let module = module.map_or_else(|_| self.instance.module.folder.clone(), PathBuf::from);
                let module = cleaned(&module.to_string_lossy().replace('\\', "/"));
                match name {
                    "module" => one(Value::text(module)),
                    "root" => one(Value::text(".")),
                    "cwd" => {
                        one(Value::unknown(Type::String, Unknown::because(Reason::Undecidable("path.cwd".into()))))
                    }
                    _ => Err(Fault::new(format!("there is no path.{name}"))),
                }
            }
            ("terraform" | "tofu", Some("workspace")) => one(Value::text(self.whole.workspace.as_str())),
            ("terraform" | "tofu", Some("applying")) => one(Value::bool(false)),
            ("module", _) => self.module_value(steps),
            ("data", Some(type_name)) => match steps.get(1).and_then(Step::name) {
                Some(name) => self.resource(Mode::Data, type_name, name, steps, 2),
                None => Err(Fault::new("`data` needs a type and a name")),
            },
            // `ephemeral` resources live only while Terraform runs.
            ("self" | "ephemeral", _) => Ok(Resolved {
                value: Value::unknown(Type::Dynamic, Unknown::because(Reason::AfterApply)),
                used: steps.len(),
            }),
            (type_name, Some(name)) => self.resource(Mode::Managed, type_name, name, steps, 1),
            (name, None) => Err(Fault::new(format!("`{name}` is no name here"))),
        }
    }

    fn files(&self) -> Option<&Files> {
        Some(&self.whole.files)
    }

    fn session(&self) -> &Session {
        &self.whole.session
    }
}

impl Here<'_> {
    /// A resource, or one instance of it, or one attribute of one instance, as far as `steps` lead.
    fn resource(
        &self,
        mode: Mode,
        type_name: &str,
        name: &str,
        steps: &[Step],
        skip: usize,
    ) -> Result<Resolved, Fault> {
        let key = (mode == Mode::Data, type_name.to_owned(), name.to_owned());
        let Some(&at) = self.instance.module.by_name.get(&key) else {
            if let (true, Some(attribute)) = (self.whole.lenient, steps.get(skip).and_then(Step::name)) {
                let place = Place::new(&format!("{type_name}.{name}").as_str().into(), attribute);
                let value = Value::unknown(Type::Dynamic, Unknown::at(Reason::Reference, place));
                return Ok(Resolved { value, used: skip + 1 });
            }
            let value = self.missing(format!("{type_name}.{name} is not declared in this module"))?;
            return Ok(Resolved { value, used: steps.len() });
        };
        let resource = &self.instance.module.resources[at];
        let rest = &steps[skip..];
        match (&*self.expansion(at), rest.first()) {
            (Expansion::Single, Some(Step::Attribute(attribute))) => {
                let value = self.attribute(at, None, &Each::default(), attribute)?;
                Ok(Resolved { value, used: skip + 1 })
            }
            (Expansion::Single, _) => Ok(Resolved { value: self.object(at, None, &Each::default())?, used: skip }),
            (Expansion::Keyed(keyed), Some(Step::Index(index))) => {
                let Some((key, each)) = find(keyed, index) else {
                    return match index.as_hole() {
                        Some(hole) => Ok(Resolved { value: derived(hole), used: skip + 1 }),
                        None => {
                            Err(Fault::new(format!("{}{} has no such instance", resource.type_name, resource.name)))
                        }
                    };
                };
                match rest.get(1) {
                    Some(Step::Attribute(attribute)) => {
                        let value = self.attribute(at, Some(key), each, attribute)?;
                        Ok(Resolved { value, used: skip + 2 })
                    }
                    _ => Ok(Resolved { value: self.object(at, Some(key), each)?, used: skip + 1 }),
                }
            }
            (Expansion::Keyed(keyed), _) => {
                let value = self.once(format!("{}[*]", called(resource, None)), || self.instances(at, keyed))?;
                Ok(Resolved { value, used: skip })
            }
            (Expansion::Unknown(unknown), _) => {
                Ok(Resolved { value: Value::unknown(Type::Dynamic, unknown.clone()), used: steps.len() })
            }
        }
    }

    /// All instances of a resource: an object by key, or a tuple.
    fn instances(&self, at: usize, keyed: &[(Key, Each)]) -> Result<Value, Fault> {
        let by_text = self.instance.module.resources[at].body.get_attribute("for_each").is_some();
        let objects: Result<Vec<(Key, Value)>, Fault> =
            keyed.iter().map(|(key, each)| Ok((key.clone(), self.object(at, Some(key), each)?))).collect();
        if !by_text {
            return Ok(Value::tuple(objects?.into_iter().map(|(_, value)| value).collect()));
        }
        let entries = objects?.into_iter().filter_map(|(key, value)| match key {
            Key::Text(text) => Some((text, value)),
            Key::Index(_) => None,
        });
        Ok(Value::object(entries.collect()))
    }

    /// An attribute of a resource instance: as written, else what will be known after apply.
    fn attribute(&self, at: usize, key: Option<&Key>, each: &Each, name: &str) -> Result<Value, Fault> {
        let resource = &self.instance.module.resources[at];
        let later = || {
            let place = Place::new(&self.address(resource, key).as_str().into(), name);
            let reference = Unknown::at(Reason::Reference, place);
            if name == "arn" && resource.type_name.starts_with("aws_") {
                // So begins every ARN, in every partition.
                let bounds = Bounds { prefix: "arn:".into(), ..Bounds::not_null() };
                return Value::hole(Hole::new(Type::String, reference).bounded(bounds));
            }
            Value::unknown(Type::Dynamic, reference)
        };
        let written = resource.body.get_attribute(name);
        if written.is_none() && !resource.body.has_blocks(name) {
            return Ok(later());
        }
        self.once(format!("{}.{name}", called(resource, key)), || {
            let here = self.with(each);
            let Some(attribute) = written else {
                return Ok(body::blocks(&here, &resource.body, name, resource));
            };
            let value = here.value(&attribute.value, &[], resource.file_of(name));
            Ok(if value.is_null() { later() } else { value })
        })
    }

    /// A whole resource instance: what is written, and what any resource may have besides.
    fn object(&self, at: usize, key: Option<&Key>, each: &Each) -> Result<Value, Fault> {
        let resource = &self.instance.module.resources[at];
        // Many may ask for the same whole (`aws_subnet.this[*].id`).
        self.once(called(resource, key), || self.whole_object(at, key, each))
    }

    fn whole_object(&self, at: usize, key: Option<&Key>, each: &Each) -> Result<Value, Fault> {
        let resource = &self.instance.module.resources[at];
        let mut entries = BTreeMap::new();
        let written = resource.body.attributes().map(|attribute| attribute.key.as_str());
        for name in written.filter(|name| !body::META.contains(name)).chain(COMPUTED.iter().copied()) {
            if !entries.contains_key(name) {
                entries.insert(Text::from(name), self.attribute(at, key, each, name)?);
            }
        }
        Ok(Value::resource(entries, self.address(resource, key).as_str().into()))
    }

    /// The full address of a resource instance.
    pub(super) fn address(&self, resource: &Resource, key: Option<&Key>) -> String {
        format!("{}{}", self.instance.prefix, called(resource, key))
    }

    fn module_value(&self, steps: &[Step]) -> Result<Resolved, Fault> {
        let Some(name) = steps.first().and_then(Step::name) else {
            return Err(Fault::new("`module` needs a name"));
        };
        let Some(children) = self.children(name) else {
            let value = self.missing(format!("there is no module \"{name}\""))?;
            return Ok(Resolved { value, used: steps.len() });
        };
        let outputs = |child: &Rc<Instance>| -> Result<Value, Fault> {
            let here = Here::of(self.whole, child);
            let names = child.module.outputs.keys();
            let entries: Result<BTreeMap<Text, Value>, Fault> =
                names.map(|name| Ok((Text::from(name.as_str()), here.output(name)?))).collect();
            Ok(Value::object(entries?))
        };
        let of = |child: &Rc<Instance>, used: usize| match steps.get(used).and_then(Step::name) {
            Some(output) => Ok(Resolved { value: Here::of(self.whole, child).output(output)?, used: used + 1 }),
            None => Ok(Resolved { value: outputs(child)?, used }),
        };
        match (&*children, steps.get(1)) {
            (Children::One(child), _) => of(child, 1),
            (Children::Keyed(keyed), Some(Step::Index(index))) => match find(keyed, index) {
                Some((_, child)) => of(child, 2),
                None => match index.as_hole() {
                    Some(hole) => Ok(Resolved { value: derived(hole), used: 2 }),
                    None => Err(Fault::new(format!("module.{name} has no such instance"))),
                },
            },
            (Children::Keyed(keyed), _) => {
                let all: Result<Vec<(Key, Value)>, Fault> =
                    keyed.iter().map(|(key, child)| Ok((key.clone(), outputs(child)?))).collect();
                let all = all?;
                let by_text = all.iter().all(|(key, _)| matches!(key, Key::Text(_))) && !all.is_empty();
                let value = if by_text {
                    let entries = all.into_iter().filter_map(|(key, value)| match key {
                        Key::Text(text) => Some((text, value)),
                        Key::Index(_) => None,
                    });
                    Value::object(entries.collect())
                } else {
                    Value::tuple(all.into_iter().map(|(_, value)| value).collect())
                };
                Ok(Resolved { value, used: 1 })
            }
            (Children::Unknown(unknown), _) => {
                Ok(Resolved { value: Value::unknown(Type::Dynamic, unknown.clone()), used: steps.len() })
            }
        }
    }
}

/// An unknown that comes of another.
fn derived(hole: &crate::load::hcl::Hole) -> Value {
    let mut unknown = first_reason(hole);
    if unknown.reason == Reason::Reference {
        unknown.reason = Reason::AfterApply;
    }
    Value::unknown(Type::Dynamic, unknown)
}

/// What a resource instance is called in its module.
fn called(resource: &Resource, key: Option<&Key>) -> String {
    let data = if resource.mode == Mode::Data { "data." } else { "" };
    let key = key.map(Key::to_string).unwrap_or_default();
    format!("{data}{}.{}{key}", resource.type_name, resource.name)
}
