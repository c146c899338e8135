//! The wire form of `terraform show -json`, borrowed from the text. Parts that plangate has no use for
//! (`planned_values`, `relevant_attributes` …) are skipped, parts that are large stay raw until they are needed.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::traversal::is_part;
use crate::graph::{Action, Mode};

/// A plan, or a state (then only `values` is there).
#[derive(Deserialize, Default, Debug)]
pub(super) struct Document<'a> {
    #[serde(borrow)]
    pub format_version: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub resource_changes: Option<Vec<ResourceChange<'a>>>,
    #[serde(borrow)]
    pub prior_state: Option<State<'a>>,
    #[serde(borrow)]
    pub configuration: Option<Configuration<'a>>,
    #[serde(borrow, default)]
    pub variables: Option<FxHashMap<Str<'a>, PlanVariable<'a>>>,
    #[serde(borrow, default)]
    pub deferred_changes: Option<Vec<DeferredChange<'a>>>,
    /// Only looked at to tell that it is there.
    pub planned_values: Option<IgnoredAny>,
    pub complete: Option<bool>,
    pub errored: Option<bool>,
    /// Only in a state.
    #[serde(borrow)]
    pub values: Option<StateValues<'a>>,
}

impl<'a> Document<'a> {
    /// With what another part of it says besides.
    pub(super) fn with(self, other: Document<'a>) -> Document<'a> {
        Document {
            format_version: self.format_version.or(other.format_version),
            resource_changes: self.resource_changes.or(other.resource_changes),
            prior_state: self.prior_state.or(other.prior_state),
            configuration: self.configuration.or(other.configuration),
            variables: self.variables.or(other.variables),
            deferred_changes: self.deferred_changes.or(other.deferred_changes),
            planned_values: self.planned_values.or(other.planned_values),
            complete: self.complete.or(other.complete),
            errored: self.errored.or(other.errored),
            values: self.values.or(other.values),
        }
    }
}

#[derive(Deserialize, Debug)]
pub(super) struct ResourceChange<'a> {
    #[serde(borrow)]
    pub address: Str<'a>,
    #[serde(borrow)]
    pub module_address: Option<Str<'a>>,
    #[serde(deserialize_with = "mode")]
    pub mode: Mode,
    #[serde(borrow, rename = "type")]
    pub type_name: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub index: Option<Index<'a>>,
    pub deposed: Option<IgnoredAny>,
    /// Where it was before a `moved` block.
    #[serde(borrow)]
    pub previous_address: Option<Box<Str<'a>>>,
    #[serde(borrow)]
    pub change: Change<'a>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Change<'a> {
    #[serde(borrow, default)]
    pub actions: Actions<'a>,
    #[serde(borrow)]
    pub before: Option<&'a RawValue>,
    #[serde(borrow)]
    pub after: Option<&'a RawValue>,
    #[serde(borrow)]
    pub after_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    pub after_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    pub replace_paths: Option<&'a RawValue>,
}

/// What is done to a resource.
#[derive(Debug)]
pub(super) enum Actions<'a> {
    Known(Action),
    /// Words that no release of Terraform says that plangate knows, as they stand.
    Unknown(Box<[Str<'a>]>),
}

impl Default for Actions<'_> {
    fn default() -> Self {
        Actions::Unknown(Box::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Actions<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Actions<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of actions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Actions<'de>, A::Error> {
                let words: [Option<Str<'de>>; 3] = [seq.next_element()?, seq.next_element()?, seq.next_element()?];
                let known = match words.each_ref().map(|word| word.as_ref().map(AsRef::as_ref)) {
                    [Some("no-op"), None, _] => Action::NoOp,
                    [Some("create"), None, _] => Action::Create,
                    [Some("update"), None, _] => Action::Update,
                    [Some("read"), None, _] => Action::Read,
                    [Some("delete"), Some("create"), None] => Action::Replace { create_first: false },
                    [Some("create"), Some("delete" | "forget"), None] => Action::Replace { create_first: true },
                    [Some("delete" | "forget"), None, _] => Action::Delete,
                    _ => {
                        let mut words: Vec<Str<'_>> = words.into_iter().flatten().collect();
                        while let Some(word) = seq.next_element()? {
                            words.push(word);
                        }
                        return Ok(Actions::Unknown(words.into_boxed_slice()));
                    }
                };
                Ok(Actions::Known(known))
            }
        }
        deserializer.deserialize_seq(Words)
    }
}

/// A list that takes no more room than it needs: there may be very many.
fn exact<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}

fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
    let mode = Str::deserialize(deserializer)?;
    Ok(if mode.as_ref() == "data" { Mode::Data } else { Mode::Managed })
}

#[derive(Deserialize, Debug)]
pub(super) struct DeferredChange<'a> {
    #[serde(borrow)]
    pub resource_change: Option<ResourceChange<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct PlanVariable<'a> {
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct State<'a> {
    #[serde(borrow)]
    pub values: Option<StateValues<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct StateValues<'a> {
    #[serde(borrow)]
    pub root_module: Option<StateModule<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct StateModule<'a> {
    #[serde(borrow)]
    pub address: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "exact")]
    pub resources: Vec<StateResource<'a>>,
    #[serde(borrow, default)]
    pub child_modules: Vec<StateModule<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct StateResource<'a> {
    #[serde(borrow)]
    pub address: Str<'a>,
    #[serde(deserialize_with = "mode")]
    pub mode: Mode,
    #[serde(borrow, rename = "type")]
    pub type_name: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub index: Option<Index<'a>>,
    pub deposed_key: Option<IgnoredAny>,
    #[serde(borrow)]
    pub values: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sensitive_values: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Configuration<'a> {
    #[serde(borrow)]
    pub root_module: Option<Module<'a>>,
}

#[derive(Deserialize, Default, Debug)]
pub(super) struct Module<'a> {
    #[serde(borrow, default)]
    pub outputs: FxHashMap<Str<'a>, Output<'a>>,
    #[serde(borrow, default, deserialize_with = "exact")]
    pub resources: Vec<ConfigResource<'a>>,
    #[serde(borrow, default)]
    pub module_calls: FxHashMap<Str<'a>, ModuleCall<'a>>,
    #[serde(borrow, default)]
    pub variables: FxHashMap<Str<'a>, ConfigVariable<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Output<'a> {
    #[serde(borrow, default)]
    pub expression: Expression<'a>,
    #[serde(borrow, default)]
    pub depends_on: Vec<Str<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct ConfigVariable<'a> {
    #[serde(borrow)]
    pub default: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct ModuleCall<'a> {
    #[serde(borrow, default)]
    pub expressions: Expression<'a>,
    #[serde(borrow)]
    pub for_each_expression: Option<Expression<'a>>,
    #[serde(borrow)]
    pub count_expression: Option<Expression<'a>>,
    #[serde(borrow, default)]
    pub depends_on: Vec<Str<'a>>,
    #[serde(borrow)]
    pub module: Option<Module<'a>>,
}

#[derive(Deserialize, Debug)]
pub(super) struct ConfigResource<'a> {
    #[serde(deserialize_with = "mode")]
    pub mode: Mode,
    #[serde(borrow, rename = "type")]
    pub type_name: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    /// Parsed only for the kinds on the path: it is most of a big plan's configuration.
    #[serde(borrow)]
    pub expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub for_each_expression: Option<Box<Expression<'a>>>,
    #[serde(borrow)]
    pub count_expression: Option<Box<Expression<'a>>>,
    #[serde(borrow, default)]
    pub depends_on: Vec<Str<'a>>,
}

/// An instance key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Index<'a> {
    Number(i64),
    Text(Str<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Index<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Index<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instance key, which is text or a whole number")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Index<'de>, E> {
                Ok(Index::Number(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Index<'de>, E> {
                let unexpected = serde::de::Unexpected::Unsigned(number);
                i64::try_from(number).map(Index::Number).map_err(|_| E::invalid_value(unexpected, &self))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Index<'de>, E> {
                Ok(Index::Text(Str(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Index<'de>, E> {
                Ok(Index::Text(Str(Cow::Owned(text.to_owned()))))
            }
        }
        deserializer.deserialize_any(Keys)
    }
}

/// An expression as the configuration section tells it: what it mentions, never what it does.
#[derive(Default, Debug)]
pub(super) enum Expression<'a> {
    /// A literal.
    Constant(&'a RawValue),
    /// Mentions these. The plan lists each with all that it begins with (`aws_lb.a.arn`, `aws_lb.a`), which is left out
    /// here.
    References(Vec<Str<'a>>),
    /// A nested block or object of expressions.
    Block(Vec<(Str<'a>, Expression<'a>)>),
    /// Repeated blocks.
    Blocks(Vec<Expression<'a>>),
    /// Neither mentions nor a literal: a function of constants.
    #[default]
    Computed,
}

impl<'a> Expression<'a> {
    /// The nested expression `name` of a block.
    pub(super) fn get(&self, name: &str) -> Option<&Expression<'a>> {
        match self {
            Expression::Block(entries) => entries.iter().find(|(key, _)| key.as_ref() == name).map(|(_, inner)| inner),
            _ => None,
        }
    }

    /// The blocks, when this is one or several.
    pub(super) fn blocks(&self) -> &[Expression<'a>] {
        match self {
            Expression::Blocks(blocks) => blocks,
            Expression::Block(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Expression<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Expressions;
        impl<'de> Visitor<'de> for Expressions {
            type Value = Expression<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Expression<'de>, A::Error> {
                let mut found = Expression::Computed;
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Str<'de>>()? {
                    match key.as_ref() {
                        "constant_value" => found = Expression::Constant(map.next_value()?),
                        "references" => found = Expression::References(wholes(map.next_value()?)),
                        _ => entries.push((key, map.next_value()?)),
                    }
                }
                Ok(if entries.is_empty() { found } else { Expression::Block(entries) })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Expression<'de>, A::Error> {
                let mut blocks = Vec::new();
                while let Some(block) = seq.next_element()? {
                    blocks.push(block);
                }
                Ok(Expression::Blocks(blocks))
            }

            fn visit_unit<E>(self) -> Result<Expression<'de>, E> {
                Ok(Expression::Computed)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Expression<'de>, E> {
                Ok(Expression::Computed)
            }

            fn visit_str<E>(self, _: &str) -> Result<Expression<'de>, E> {
                Ok(Expression::Computed)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Expression<'de>, E> {
                Ok(Expression::Computed)
            }
        }
        deserializer.deserialize_any(Expressions)
    }
}

/// The references without those that are only the beginning of another, each once.
fn wholes(mut references: Vec<Str<'_>>) -> Vec<Str<'_>> {
    let mut seen = FxHashSet::default();
    let mut before = Str(Cow::Borrowed(""));
    references.retain(|reference| {
        // Each reference is followed by its own shorter forms.
        let before = std::mem::replace(&mut before, reference.clone());
        !is_part(reference.as_ref(), before.as_ref()) && seen.insert(reference.clone())
    });
    references.shrink_to_fit();
    references
}

/// Text that is borrowed whenever it has no escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Str<'a>(pub Cow<'a, str>);

impl AsRef<str> for Str<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Str<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Hash for Str<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Str<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}
