//! Objects that write a key twice. Terraform takes the later one; the parser refuses the file.

use hcl_edit::expr::{Object, ObjectKey};
use hcl_edit::parser::Error;
use hcl_edit::structure::Body;
use hcl_edit::visit_mut::{VisitMut, visit_object_mut};
use hcl_edit::{Decorated, Ident};

use crate::load::hcl::read_body;

/// How many repeated keys one file may have: each costs a parse.
const MOST: usize = 64;

/// The body of a file. A repeated key is parsed under a stand-in of the same length, so that no place moves.
///
/// # Errors
/// When the text is no HCL, repeated keys aside.
pub(super) fn body(text: &str) -> Result<Body, Error> {
    let first = match read_body(text) {
        Err(error) if is_repeated(&error) => error,
        parsed => return parsed,
    };
    let mut text = text.to_owned();
    let mut stand_ins: Vec<(String, String)> = Vec::new();
    let mut at = first.location().offset();
    for number in 0..MOST {
        let Some(key) = key_at(&text, at) else { return Err(first) };
        let stand_in = format!("{:_<width$}", format!("_{number}_"), width = key.len());
        let own = text.get(at..).and_then(|rest| rest.find(&key)).map(|from| at + from);
        let (Some(from), true) = (own, stand_in.len() == key.len() && !text.contains(&stand_in)) else {
            return Err(first);
        };
        text.replace_range(from..from + key.len(), &stand_in);
        stand_ins.push((stand_in, key));
        match read_body(&text) {
            Err(error) if is_repeated(&error) => at = error.location().offset(),
            Err(_) => return Err(first),
            Ok(mut body) => {
                Renaming { stand_ins }.visit_body_mut(&mut body);
                return Ok(body);
            }
        }
    }
    Err(first)
}

fn is_repeated(error: &Error) -> bool {
    error.message().contains("redefined object key")
}

/// The key that begins at a byte, without quotes.
fn key_at(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let key: String = rest
        .strip_prefix('"')
        .unwrap_or(rest)
        .chars()
        .take_while(|c| c.is_alphanumeric() || "_-".contains(*c))
        .collect();
    (!key.is_empty()).then_some(key)
}

/// Gives the stand-ins their names back; the later value takes the place of the earlier one.
struct Renaming {
    stand_ins: Vec<(String, String)>,
}

impl VisitMut for Renaming {
    fn visit_object_mut(&mut self, object: &mut Object) {
        for (stand_in, key) in &self.stand_ins {
            let is = |name: &str| {
                let name = name.to_owned();
                move |key: &ObjectKey| match key {
                    ObjectKey::Ident(ident) => ident.as_str() == name,
                    ObjectKey::Expression(expression) => expression.as_str() == Some(name.as_str()),
                }
            };
            let find =
                |object: &Object, name: &str| object.iter().map(|(key, _)| key).find(|key| is(name)(key)).cloned();
            let Some((_, value)) = find(object, stand_in).and_then(|found| object.remove_entry(&found)) else {
                continue;
            };
            let earlier = find(object, key);
            let earlier = earlier.unwrap_or_else(|| ObjectKey::Ident(Decorated::new(Ident::new(key.as_str()))));
            object.insert(earlier, value);
        }
        visit_object_mut(self, object);
    }
}
