//! Where a kind's attributes stand, in the input's form and in ours, as trees: so that all of them are found in an object,
//! and put into one, by going through it once. What they mean is in `spec.rs`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::spec::{Dialect, KindSpec, Read};
use super::{kept, kinds};
use crate::graph::{Data, Kind, Map, Text, Value, first_key};

/// Where the attributes of a kind stand.
#[derive(Default)]
pub(super) struct Layout {
    terraform: Paths,
    cloudformation: Paths,
    ours: Paths,
}

/// Dotted paths of numbered things.
#[derive(Default)]
struct Paths {
    /// What stands here.
    here: Vec<usize>,
    /// What stands further inside, by the next key.
    inside: Vec<(Text, Paths)>,
}

/// What stands at a path of the input.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen<'v> {
    /// None for what is not there, and for null.
    pub value: Option<&'v Value>,
    /// Whether something around it, or itself, must not be shown.
    pub sensitive: bool,
}

impl Layout {
    pub(super) fn of(spec: &KindSpec) -> &'static Layout {
        static LAYOUTS: LazyLock<FxHashMap<Kind, Layout>> =
            LazyLock::new(|| kinds().map(|spec| (spec.kind, Layout::new(spec))).collect());
        static NONE: LazyLock<Layout> = LazyLock::new(Layout::default);
        LAYOUTS.get(&spec.kind).unwrap_or(&NONE)
    }

    fn new(spec: &'static KindSpec) -> Layout {
        let mut layout = Layout::default();
        for (at, attribute) in spec.attributes.iter().enumerate() {
            layout.terraform.read(&attribute.terraform, at);
            layout.cloudformation.read(&attribute.cloudformation, at);
            layout.ours.add(attribute.path, at);
        }
        layout
    }

    /// What a resource has for each attribute. Blocks that stand at most once are entered by themselves.
    pub(super) fn find<'v>(&self, dialect: Dialect, raw: &'v Value, found: &mut [Seen<'v>]) {
        let paths = match dialect {
            Dialect::Terraform => &self.terraform,
            Dialect::CloudFormation => &self.cloudformation,
        };
        paths.find(Seen { value: Some(raw), sensitive: raw.marks.sensitive }, found);
    }

    /// The attributes in one object; those that are null are left out.
    pub(super) fn object(&self, mut values: Vec<Value>) -> Value {
        self.ours.object(&mut values).into()
    }
}

impl Paths {
    fn read(&mut self, read: &'static Read, at: usize) {
        match read {
            Read::At(path) | Read::From(path, _) | Read::Keyed { list: path, .. } => self.add(path, at),
            Read::Nowhere => {}
        }
    }

    fn add(&mut self, path: &str, at: usize) {
        let (key, rest) = first_key(path);
        if key.is_empty() {
            return self.here.push(at);
        }
        let place = self.inside.binary_search_by(|(own, _)| own.as_str().cmp(key)).unwrap_or_else(|place| {
            self.inside.insert(place, (kept(key), Paths::default()));
            place
        });
        self.inside[place].1.add(rest.unwrap_or_default(), at);
    }

    fn find<'v>(&self, here: Seen<'v>, found: &mut [Seen<'v>]) {
        let Some(value) = here.value.filter(|value| !value.is_null()) else { return };
        self.here.iter().for_each(|&at| found[at] = here);
        if self.inside.is_empty() {
            return;
        }
        let inner = match value.as_list() {
            Some([only]) => only,
            _ => value,
        };
        let around = here.sensitive || inner.marks.sensitive;
        let mut go = |paths: &Paths, value: &'v Value| {
            paths.find(Seen { value: Some(value), sensitive: around || value.marks.sensitive }, found);
        };
        match &inner.data {
            // What is unknown is unknown inside too.
            Data::Unknown(_) => self.inside.iter().for_each(|(_, paths)| go(paths, inner)),
            Data::Map(map) => {
                let mut entries = map.iter().peekable();
                for (key, paths) in &self.inside {
                    while entries.next_if(|(own, _)| *own < key).is_some() {}
                    if let Some((_, value)) = entries.next_if(|(own, _)| *own == key) {
                        go(paths, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&self, values: &mut [Value]) -> Map {
        let filled = |(_, paths): &&(Text, Paths)| paths.is_filled(values);
        let mut object = Map::with_room(self.inside.iter().filter(filled).count());
        for (key, paths) in &self.inside {
            if paths.is_filled(values) {
                let value = match paths.here.first() {
                    Some(&at) => std::mem::replace(&mut values[at], Value::null()),
                    None => paths.object(values).into(),
                };
                object.insert(Text::clone(key), value);
            }
        }
        object
    }

    fn is_filled(&self, values: &[Value]) -> bool {
        match self.here.first() {
            Some(&at) => !values[at].is_null(),
            None => self.inside.iter().any(|(_, paths)| paths.is_filled(values)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attribute_stands_inside_another() {
        fn check(kind: Kind, paths: &Paths) {
            for (key, paths) in &paths.inside {
                assert!(paths.here.len() <= 1, "{kind:?} {key}");
                assert!(paths.here.is_empty() || paths.inside.is_empty(), "{kind:?} {key}");
                check(kind, paths);
            }
        }
        kinds().for_each(|spec| check(spec.kind, &Layout::of(spec).ours));
    }
}
