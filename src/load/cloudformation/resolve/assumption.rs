//! What is assumed of a parameter nobody gave a value.

use super::Text;
use super::parameters::listed;

/// An assumption on one parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Assumption {
    /// It is this text.
    Is(Text),
    /// It is one of these.
    OneOf(Vec<Text>),
    /// It is something else than these.
    NoneOf(Vec<Text>),
}

impl Assumption {
    /// Whether the parameter may be this text.
    pub(super) fn admits(&self, text: &str) -> bool {
        match self {
            Assumption::Is(value) => &**value == text,
            Assumption::OneOf(values) => values.iter().any(|value| &**value == text),
            Assumption::NoneOf(values) => !values.iter().any(|value| &**value == text),
        }
    }

    /// What holds when one of them does.
    pub(super) fn either(self, other: &Assumption) -> Assumption {
        use Assumption::{Is, NoneOf, OneOf};
        let positive = |assumption: &Assumption| match assumption {
            Is(value) => Ok(vec![value.clone()]),
            OneOf(values) => Ok(values.clone()),
            NoneOf(values) => Err(values.clone()),
        };
        match (positive(&self), positive(other)) {
            (Ok(mut values), Ok(more)) => {
                values.extend(more.into_iter().filter(|value| !self.admits(value)));
                match <[Text; 1]>::try_from(values) {
                    Ok([one]) => Is(one),
                    Err(values) => OneOf(values),
                }
            }
            (Err(excluded), Ok(admitted)) | (Ok(admitted), Err(excluded)) => {
                NoneOf(excluded.into_iter().filter(|value| !admitted.contains(value)).collect())
            }
            (Err(left), Err(right)) => NoneOf(left.into_iter().filter(|value| right.contains(value)).collect()),
        }
    }

    /// In words, after the name of the parameter. `hidden` when its values are secret.
    pub(super) fn words(&self, name: &str, hidden: bool) -> String {
        // That a secret is not set is none.
        let secret = |values: &[Text]| hidden && values.iter().any(|value| !value.is_empty());
        let several = |values: &[Text]| if secret(values) { "(hidden)".to_owned() } else { listed(values, " or ") };
        match self {
            Assumption::Is(value) => format!("{name} = {}", several(std::slice::from_ref(value))),
            Assumption::OneOf(values) => format!("{name} is {}", several(values)),
            Assumption::NoneOf(values) if values.len() == 1 || hidden => format!("{name} is not {}", several(values)),
            Assumption::NoneOf(values) => format!("{name} is none of {}", listed(values, ", ")),
        }
    }
}
