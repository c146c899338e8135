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
        let Some((key, width)) = key_at(&text, at) else { return Err(first) };
        let Some(stand_in) = unused(&text, number, width) else { return Err(first) };
        text.replace_range(at..at + width, &stand_in);
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

/// The key that begins at a byte, without quotes, and how many bytes may be put in its place: quotes and a space after
/// it too.
fn key_at(text: &str, at: usize) -> Option<(String, usize)> {
    let rest = text.get(at..)?;
    let quoted = rest.strip_prefix('"');
    let letters = quoted.unwrap_or(rest).chars();
    let key: String = letters.take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
    if key.is_empty() {
        return None;
    }
    let width = match quoted {
        Some(inside) if inside[key.len()..].starts_with('"') => key.len() + 2,
        Some(_) => return None,
        None => key.len() + usize::from(rest[key.len()..].starts_with(' ')),
    };
    Some((key, width))
}

/// A name of so many bytes that is no word of the text.
fn unused(text: &str, number: usize, width: usize) -> Option<String> {
    match width {
        1 => ('A'..='z').find(|letter| letter.is_alphabetic() && !is_word(text, *letter)).map(String::from),
        2 => ('\u{100}'..='\u{24f}').find(|letter| !text.contains(*letter)).map(String::from),
        _ => {
            let name = format!("{:_<width$}", format!("_{number}_"));
            (name.len() == width && !text.contains(&name)).then_some(name)
        }
    }
}

/// Whether a letter stands somewhere by itself.
fn is_word(text: &str, letter: char) -> bool {
    let inside = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || "_-".contains(char));
    text.match_indices(letter).any(|(at, found)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + found.len()..].chars().next());
        !inside(before) && !inside(after)
    })
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
