//! A node of the graph: one resource or data source as it will be after the change.

use std::collections::BTreeMap;

use super::{Address, Data, Exemption, Place, Text, Unknown, Value};

/// The name of a kind in our vocabulary (`load_balancer`, `target_group` …). The catalog defines which there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub &'static str);

/// Index of a resource in its [`Graph`](super::Graph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u32);

/// Whether the input creates the resource or only reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Made and owned by this input.
    Managed,
    /// A data source: it exists elsewhere and is only read.
    Data,
}

/// What the change does to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is new.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made anew, in either order.
    Replace {
        /// The new one is made before the old one goes (`create_before_destroy`).
        create_first: bool,
    },
    /// It is changed, and whether in place shows only when the change is executed.
    UpdateOrReplace,
    /// It goes away (present only in the graph of what is there before).
    Delete,
    /// A data source that is read during apply.
    Read,
}

/// One resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its full address.
    pub address: Address,
    /// What it is in our vocabulary; none for resources that are not on the request path.
    pub kind: Option<Kind>,
    /// The type as the input says it (`aws_alb` stays `aws_alb`).
    pub type_name: Text,
    /// Made here, or read.
    pub mode: Mode,
    /// What the change does to it.
    pub action: Action,
    /// The attributes that force a replacement, as the input names them.
    pub replaced_by: Vec<Text>,
    /// Attributes in our vocabulary, defaults filled in and marked. Empty without a kind.
    pub attributes: Value,
    /// Attributes as the input says them. Null where nobody looks at them: of most resources of a plan that is judged
    /// without its configuration.
    pub raw: Value,
    /// Where its parts stand in a text, by path in the input's own language; empty for the whole. None in a plan.
    pub spots: BTreeMap<Text, Spot>,
    /// Why it may not exist, when that is not certain: a condition on it cannot be decided.
    pub uncertain: Option<Box<Unknown>>,
    /// What else people know it by: the path of the CDK construct that made it.
    pub construct: Option<Text>,
    /// Exceptions written at it.
    pub exemptions: Vec<Exemption>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file, as it is shown.
    pub file: Text,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The line it begins on, shortened when it is long. May hold what must not be shown: show it only beside a value
    /// that may be.
    pub text: Text,
}

/// The answer to "what is this attribute?".
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lookup<'a> {
    /// Known, not null.
    Known(&'a Value),
    /// There, but not known before apply.
    Unknown(&'a Unknown),
    /// Not there (or null), and it has no default.
    Absent,
}

impl Resource {
    /// Looks up an attribute in our vocabulary, by dotted path (`health_check.timeout`).
    #[must_use]
    pub fn get(&self, path: &str) -> Lookup<'_> {
        lookup(&self.attributes, path)
    }

    /// Where a part stands in the text, else the closest part around it that does. Blocks that stand once are found
    /// without their position (`health_check.timeout` is `health_check[0].timeout`), and a list around an entry that is
    /// named by its key (`LoadBalancerAttributes[idle_timeout.timeout_seconds]`).
    #[must_use]
    pub fn spot(&self, path: &str) -> Option<&Spot> {
        if self.spots.is_empty() {
            return None;
        }
        let mut steps = steps(path);
        let mut keyed = false;
        loop {
            let last = steps.len().saturating_sub(1);
            let placed = |at: usize, step: &&str| {
                if at == last || step.ends_with(']') { (*step).to_owned() } else { format!("{step}[0]") }
            };
            let written = steps.join(".");
            let exact = steps.iter().enumerate().map(|(at, step)| placed(at, step)).collect::<Vec<_>>().join(".");
            let spot = |path: &str| self.spots.get(path);
            // The first entry is no place of one that is not written.
            let first = || spot(&format!("{exact}[0]")).filter(|_| !keyed);
            let found = spot(&exact).or_else(first).or_else(|| spot(&written));
            if found.is_some() || steps.is_empty() {
                return found;
            }
            let by_key = steps.pop().and_then(|step| step.split_once('[')).filter(|(_, key)| is_key(key));
            keyed = by_key.is_some();
            steps.extend(by_key.map(|(list, _)| list));
        }
    }

    /// The place of an attribute of this resource.
    #[must_use]
    pub fn place(&self, path: &str) -> Place {
        Place::new(&self.address, path)
    }
}

/// The steps of a dotted path; dots within brackets part none.
fn steps(path: &str) -> Vec<&str> {
    let mut inside = false;
    let parts = path.split(|c| {
        inside = (inside || c == '[') && c != ']';
        c == '.' && !inside
    });
    parts.filter(|step| !step.is_empty()).collect()
}

/// Whether what stands after a `[` is a key and no position.
fn is_key(inside: &str) -> bool {
    !inside.starts_with(|c: char| c.is_ascii_digit())
}

/// The first key of a dotted path, and what follows it.
#[must_use]
pub fn first_key(path: &str) -> (&str, Option<&str>) {
    // Most paths are a few letters, and there are very many of them.
    match path.bytes().position(|byte| byte == b'.') {
        Some(dot) => (&path[..dot], Some(&path[dot + 1..])),
        None => (path, None),
    }
}

/// Follows a dotted path of keys (and list indices) through `value`; unknown on the way is unknown.
#[must_use]
pub fn lookup<'a>(value: &'a Value, path: &str) -> Lookup<'a> {
    let mut here = value;
    let mut rest = path;
    while !rest.is_empty() {
        let (key, after) = first_key(rest);
        rest = after.unwrap_or_default();
        if key.is_empty() {
            continue;
        }
        if let Data::Unknown(unknown) = &here.data {
            return Lookup::Unknown(unknown);
        }
        match step(here, key) {
            Some(value) => here = value,
            None => return Lookup::Absent,
        }
    }
    match &here.data {
        Data::Unknown(unknown) => Lookup::Unknown(unknown),
        Data::Null => Lookup::Absent,
        _ => Lookup::Known(here),
    }
}

/// One step into a value: an entry of an object, or an element of a list by its index.
fn step<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match &value.data {
        Data::Map(map) => map.get(key),
        Data::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    }
}

impl<'a> Lookup<'a> {
    /// The known whole number, else none.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        self.known().and_then(Value::as_int)
    }

    /// The known text, else none.
    #[must_use]
    pub fn str(self) -> Option<&'a str> {
        self.known().and_then(Value::as_str)
    }

    /// The known boolean, else none.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        self.known().and_then(Value::as_bool)
    }

    /// The known list, else none.
    #[must_use]
    pub fn list(self) -> Option<&'a [Value]> {
        self.known().and_then(Value::as_list)
    }

    /// What it is as a value of its own: the known one, or an unknown that keeps its reason; none where there is none.
    #[must_use]
    pub fn to_value(self) -> Option<Value> {
        match self {
            Lookup::Known(value) => Some(value.clone()),
            Lookup::Unknown(unknown) => Some(Value::unknown(unknown.clone())),
            Lookup::Absent => None,
        }
    }

    /// The known value, else none.
    #[must_use]
    pub fn known(self) -> Option<&'a Value> {
        match self {
            Lookup::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The reason, when unknown.
    #[must_use]
    pub fn unknown(self) -> Option<&'a Unknown> {
        match self {
            Lookup::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }
}
