//! Why a value is not known before apply. An unknown always carries its reason and, where it can be told, the one
//! place everything hangs on, so that a report can group by it.

use std::fmt;
use std::sync::Arc;

use super::{Place, Text};

/// A value that is not known, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// Why it is not known.
    pub reason: Reason,
    /// What has to become known for this to be known: resource and attribute.
    pub hangs_on: Option<Place>,
    /// Whether it is known to be something: written, and not null.
    pub not_null: bool,
    /// For a text of which parts are known: which. Holds nothing sensitive.
    pub outline: Option<Arc<Outline>>,
    /// It is of a template: what Terraform knows after apply is known there after the deployment.
    pub deployed: bool,
}

/// What is known of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outline {
    /// The text with [`HOLE`] for each part that is not known.
    pub text: Text,
    /// Why each of these parts is not known, in order.
    pub holes: Vec<Arc<Unknown>>,
}

/// Stands in an outline for a part that is not known.
pub const HOLE: char = '\u{FFFC}';

/// The reasons a value can be unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Terraform says "(known after apply)".
    AfterApply,
    /// It is exactly this attribute of a resource, which will be known after apply.
    Reference,
    /// A variable nobody gave a value.
    NoValue,
    /// It goes through a local value, which a plan does not contain.
    Local(Text),
    /// It is written in a dynamic block, which a plan does not contain.
    DynamicBlock,
    /// The plan mentions more than one thing it could come from.
    SeveralMentions,
    /// It comes from something that is not on the request path and whose value is not known.
    Elsewhere(Text),
    /// The plan is partial (`-target`, deferred changes): absence proves nothing.
    PartialPlan,
    /// The data source is read only during apply.
    DataSourceDeferred,
    /// The thing lives outside what was given (another stack, another state).
    OutsideInput(Text),
    /// The configuration section of the plan does not say where it comes from.
    NotInConfiguration,
    /// Not known, though there is a number to presume; the text says which and what is open.
    Presumed(Text),
    /// Not something plangate can work out; the text says what.
    Undecidable(Text),
}

impl Unknown {
    /// An unknown with nothing to point at.
    #[must_use]
    pub fn because(reason: Reason) -> Unknown {
        Unknown { reason, hangs_on: None, not_null: false, deployed: false, outline: None }
    }

    /// An unknown that hangs on `place`.
    #[must_use]
    pub fn at(reason: Reason, place: Place) -> Unknown {
        Unknown { reason, hangs_on: Some(place), not_null: false, deployed: false, outline: None }
    }

    /// The same, of a template.
    #[must_use]
    pub fn of_template(self) -> Unknown {
        Unknown { deployed: true, ..self }
    }

    /// What stands in a sentence in place of the value.
    #[must_use]
    pub fn in_short(&self) -> &'static str {
        match &self.reason {
            Reason::NoValue => "not given",
            Reason::OutsideInput(_) | Reason::Presumed(_) | Reason::Undecidable(_) => "not known",
            _ if self.deployed => "known after deployment",
            _ => "known after apply",
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::AfterApply | Reason::Reference => f.write_str(self.in_short())?,
            Reason::NoValue => f.write_str("no value is given")?,
            Reason::Local(name) => write!(f, "goes through local.{name}, which a plan does not contain")?,
            Reason::DynamicBlock => f.write_str("written in a dynamic block, which a plan does not contain")?,
            Reason::SeveralMentions => f.write_str("could come from more than one resource")?,
            Reason::Elsewhere(what) => write!(f, "comes from {what}, which is known after apply")?,
            Reason::PartialPlan => f.write_str("the plan is partial, so what is absent may still exist")?,
            Reason::DataSourceDeferred => f.write_str("the data source is read during apply")?,
            Reason::OutsideInput(what) => write!(f, "{what} is not part of the input")?,
            Reason::NotInConfiguration => f.write_str("the plan does not say where it comes from")?,
            Reason::Presumed(why) | Reason::Undecidable(why) => f.write_str(why)?,
        }
        match &self.hangs_on {
            Some(place) => write!(f, ": {place}"),
            None => Ok(()),
        }
    }
}
