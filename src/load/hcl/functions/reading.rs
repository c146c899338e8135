//! Files and paths. Only files of the configuration are read; all others are unknown.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::{ANY, Call, Function, Kind, Needs, TEXT, undecidable};
use crate::graph::Text;
use crate::load::hcl::evaluate::evaluate_template;
use crate::load::hcl::files::{Files, cleaned};
use crate::load::hcl::heredoc::read_template;
use crate::load::hcl::scope::{Resolved, Scope, Session, Step};
use crate::load::hcl::{Fault, Type, Value};
use crate::source::disk::Confined;

pub(super) const TABLE: &[Function] = &[
    Function::new("abspath", &[TEXT], Kind::Text, |call| match call.scope.files() {
        Some(files) => Ok(Value::text(files.absolute(call.text(0)?))),
        None => Ok(undecidable(Type::String, "it depends on the folder Terraform runs in")),
    }),
    Function::new("basename", &[TEXT], Kind::Text, |call| Ok(Value::text(basename(call.text(0)?)))),
    Function::new("dirname", &[TEXT], Kind::Text, |call| Ok(Value::text(dirname(call.text(0)?)))),
    Function::new("file", &[TEXT], Kind::Text, |call| {
        contents(call, call.text(0)?, Type::String, |bytes| Ok(Value::text(utf8(bytes)?)))
    }),
    Function::new("filebase64", &[TEXT], Kind::Text, |call| {
        contents(call, call.text(0)?, Type::String, |bytes| Ok(Value::text(STANDARD.encode(bytes))))
    }),
    Function::new("fileexists", &[TEXT], Kind::Bool, |call| {
        match call.scope.files().map(|files| files.read(call.text(0).unwrap_or_default())).as_deref() {
            Some(Confined::Bytes(_)) => Ok(Value::bool(true)),
            Some(Confined::Missing) => Ok(Value::bool(false)),
            Some(Confined::NoFile) => Err(Fault::new("there is something else than a file")),
            Some(Confined::Refused(why)) => Ok(undecidable(Type::Bool, &format!("a file is not looked at: {why}"))),
            None => Ok(undecidable(Type::Bool, "files are not looked at here")),
        }
    }),
    Function::new("fileset", &[TEXT, TEXT], Kind::TextSet, fileset),
    Function::new("pathexpand", &[TEXT], Kind::Text, |call| match call.text(0)? {
        home if home.starts_with('~') => Ok(undecidable(Type::String, "it depends on the home directory")),
        path => Ok(Value::text(path)),
    }),
    Function::new("templatefile", &[TEXT, ANY], Kind::Any, templatefile).needs(Needs::Nothing),
    Function::new("templatestring", &[ANY, ANY], Kind::Text, |call| {
        let names = variables(call.value(1)?)?;
        let result = rendered(call.text(0)?, &names, call)?;
        if result.is_null() {
            Err(Fault::new("the template gives null"))
        } else {
            crate::load::hcl::convert(&result, &Type::String)
        }
    }),
];

/// What `then` makes of a file's bytes; unknown when the file must not be read.
pub(super) fn contents(
    call: &Call<'_>,
    path: &str,
    ty: Type,
    then: impl FnOnce(&[u8]) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let Some(files) = call.scope.files() else {
        return Ok(undecidable(ty, "files are not read here"));
    };
    match &*files.read(path) {
        Confined::Bytes(bytes) => then(bytes),
        Confined::Missing => Err(Fault::new("there is no such file")),
        Confined::NoFile => Err(Fault::new("there is something else than a file")),
        Confined::Refused(why) => Ok(undecidable(ty, &format!("a file is not read: {why}"))),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::new("the file is no UTF-8 text"))
}

fn basename(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".".to_owned(),
        "" => "/".to_owned(),
        path => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

fn dirname(path: &str) -> String {
    cleaned(path.rfind('/').map_or("", |at| &path[..=at]))
}

fn fileset(call: &Call<'_>) -> Result<Value, Fault> {
    let (folder, pattern) = (call.text(0)?, call.text(1)?);
    let Some(found) = call.scope.files().and_then(|files| files.list(folder)) else {
        return Ok(undecidable(
            Type::set(Type::String),
            "a folder is not looked at: it is not part of the configuration",
        ));
    };
    let pattern = glob(pattern).and_then(|pattern| Regex::new(&pattern).ok());
    let pattern = pattern.ok_or_else(|| Fault::new("this is no valid pattern"))?;
    let matching = found.into_iter().filter(|path| pattern.is_match(path));
    Ok(Value::set(Type::String, matching.map(Value::text).collect()))
}

/// A file pattern as a regular expression: `*`, `**`, `?`, `[…]`, `{a,b}`.
fn glob(pattern: &str) -> Option<String> {
    let mut out = String::from("^");
    let mut chars = pattern.chars().peekable();
    let mut braces = 0;
    while let Some(char) = chars.next() {
        match char {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                out.push('[');
                if matches!(chars.peek(), Some('^' | '!')) {
                    chars.next();
                    out.push('^');
                }
                loop {
                    match chars.next()? {
                        ']' => break,
                        '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
                        '-' => out.push('-'),
                        char => out.push_str(&regex::escape(&char.to_string())),
                    }
                }
                out.push(']');
            }
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
            char => out.push_str(&regex::escape(&char.to_string())),
        }
    }
    out.push('$');
    (braces == 0).then_some(out)
}

fn templatefile(call: &Call<'_>) -> Result<Value, Fault> {
    let (path, names) = (call.value(0)?, call.value(1)?);
    if !path.is_known() || !names.is_known() {
        return Ok(call.open(Type::Dynamic));
    }
    let names = variables(names)?;
    contents(call, call.text(0)?, Type::Dynamic, |bytes| {
        let text = utf8(bytes)?;
        rendered(text.strip_prefix('\u{feff}').unwrap_or(text), &names, call)
    })
}

fn variables(value: &Value) -> Result<BTreeMap<Text, Value>, Fault> {
    let names = value.as_entries().cloned().ok_or_else(|| Fault::new("the variables must be a map or an object"))?;
    let starts = |char: char| char.is_alphabetic() || char == '_';
    let continues = |char: char| char.is_alphanumeric() || char == '_' || char == '-';
    let valid = |name: &str| name.starts_with(starts) && name.chars().all(continues);
    if names.keys().all(|name| valid(name)) { Ok(names) } else { Err(Fault::new("a variable's name is no name")) }
}

fn rendered(text: &str, names: &BTreeMap<Text, Value>, call: &Call<'_>) -> Result<Value, Fault> {
    let template = read_template(text).map_err(|error| {
        let place = error.location();
        Fault::new(format!("the template cannot be read, at line {}, column {}", place.line(), place.column()))
    })?;
    // Places inside of the template would be taken for places in the configuration.
    evaluate_template(&template, &Variables { names, outer: call.scope })
        .map_err(|fault| Fault { span: None, ..fault.within("in the template") })
}

/// Inside of a template there are only its variables.
struct Variables<'v> {
    names: &'v BTreeMap<Text, Value>,
    outer: &'v dyn Scope,
}

impl Scope for Variables<'_> {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<Resolved, Fault> {
        let value = self.names.get(root).cloned();
        let value = value.ok_or_else(|| Fault::new(format!("the template is not given a variable {root:?}")))?;
        Ok(Resolved { value, used: 0 })
    }

    fn files(&self) -> Option<&Files> {
        self.outer.files()
    }

    fn session(&self) -> &Session {
        self.outer.session()
    }
}
