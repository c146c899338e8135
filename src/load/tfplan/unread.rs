//! Reads the values of one instance, and says what is wrong with them. How values are written is in `values.rs`, whose they
//! are in `inventory.rs`.

use serde::de::Error;
use serde_json::value::RawValue;

use super::inventory::InstanceAt;
use super::values::{ValueReader, Wanted};
use crate::catalog::KindSpec;
use crate::graph::{Data, Map, Value};
use crate::load::{json_fault, place_of};
use crate::source::Problem;

/// Values of an instance that are not read yet.
pub(super) struct Unread<'a> {
    pub at: InstanceAt,
    /// The values, which of them are unknown, and which sensitive.
    pub parts: [Option<&'a RawValue>; 3],
    /// Of which kind it is, when only the attributes are read that the catalog names.
    pub only: Option<&'static KindSpec>,
}

impl<'a> Unread<'a> {
    /// Their value.
    pub(super) fn read(&self, text: &str, address: &str, reader: &mut ValueReader<'a>) -> Result<Value, Problem> {
        let wanted = self.only.map_or(Wanted::All, Wanted::of);
        reader.once(wanted, self.parts, |reader| self.read_anew(text, address, reader, wanted))
    }

    fn read_anew(
        &self,
        text: &str,
        address: &str,
        reader: &mut ValueReader<'a>,
        wanted: Wanted,
    ) -> Result<Value, Problem> {
        let [values, unknown, sensitive] = self.parts;
        let fault = |raw: &RawValue, error| unreadable(text, "the values", address, raw, &error);
        let mut value = match values {
            Some(raw) => reader.read(raw, wanted).and_then(object).map_err(|error| fault(raw, error))?,
            None => Map::default().into(),
        };
        if let Some(raw) = unknown {
            reader.lay_unknown(raw, wanted, &mut value).map_err(|error| fault(raw, error))?;
        }
        if let Some(raw) = sensitive {
            reader.lay_sensitive(raw, wanted, &mut value).map_err(|error| fault(raw, error))?;
        }
        Ok(value)
    }
}

/// What is wrong with a part of the plan that cannot be read; `text` is the whole.
pub(super) fn unreadable(text: &str, what: &str, address: &str, raw: &RawValue, error: &serde_json::Error) -> Problem {
    // Raw JSON is a slice of the text, so its position tells where it stands.
    let from = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let (line, column) = place_of(text, from, error);
    let message = format!("{what} of {address} cannot be read: {}", json_fault(error));
    Problem::error(message).at(line, column).help(DAMAGED)
}

/// What to do about a plan of which something cannot be read.
pub(super) const DAMAGED: &str = "make the plan again; it was changed or is damaged";

/// The attributes of a resource are an object, or null where there are none.
fn object(value: Value) -> Result<Value, serde_json::Error> {
    match value.data {
        Data::Map(_) => Ok(value),
        Data::Null => Ok(Map::default().into()),
        _ => Err(Error::custom("they are no object")),
    }
}
