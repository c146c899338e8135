//! What `count` and `for_each` come to.

use super::expansion::{Each, Key};
use crate::graph::{Text, Unknown};
use crate::load::hcl::{Content, Type, Value, convert};
use crate::load::written::first_reason;
use crate::source::Problem;

/// How many instances one `count` or `for_each` may make.
const MOST: usize = 20_000;

/// Why there is no telling the instances.
pub(super) enum Refused {
    Unknown(Unknown),
    Because(Problem),
}

pub(super) type Keyed = Result<Vec<(Key, Each)>, Refused>;

fn because(message: &str) -> Refused {
    Refused::Because(Problem::error(message))
}

/// A limit of ours: Terraform would go on.
fn too_many(what: &str) -> Refused {
    Refused::Because(Problem::warning(format!("{what} makes more than {MOST} instances, so they are not looked at")))
}

/// The instances of a `count`. A sensitive one may be counted with: how many there are shows anyway.
pub(super) fn counted(value: &Value) -> Keyed {
    if value.is_null() {
        return Err(because("count is null; it must be a whole number, 0 or more"));
    }
    let number = convert(value, &Type::Number).map_err(|_| because("count must be a number"))?;
    if let Some(hole) = number.as_hole() {
        return Err(Refused::Unknown(first_reason(hole)));
    }
    let number = number.as_number().ok_or_else(|| because("count must be a number"))?;
    let Some(count) = number.to_i64() else {
        let whole = number.to_f64().fract() == 0.0;
        return Err(if whole && number.to_f64() > 0.0 { too_many("count") } else { whole_number() });
    };
    let count = usize::try_from(count).map_err(|_| whole_number())?;
    if count > MOST {
        return Err(too_many("count"));
    }
    let each = |at: i64| (Key::Index(at), Each { index: Some(at), ..Each::default() });
    Ok((0..count).map(|at| each(at as i64)).collect())
}

fn whole_number() -> Refused {
    because("count must be a whole number, 0 or more")
}

/// The instances of a `for_each`: of a map, or of a set of texts.
pub(super) fn for_each_of(value: &Value) -> Keyed {
    if value.sensitive {
        return Err(because("for_each must not be sensitive: its keys would show in addresses"));
    }
    if value.is_null() {
        return Err(because("for_each is null; it must be a map or a set of texts, empty ones included"));
    }
    if let Some(hole) = value.as_hole() {
        return Err(Refused::Unknown(first_reason(hole)));
    }
    let keyed: Vec<(Text, Value)> = match &value.content {
        Content::Map(_, entries) | Content::Object(entries) => {
            entries.content.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        Content::Set(_, items) => {
            if let Some(hole) = items.content.iter().find_map(Value::as_hole) {
                return Err(Refused::Unknown(first_reason(hole)));
            }
            let texts: Option<Vec<(Text, Value)>> =
                items.content.iter().map(|item| Some((item.as_text()?.clone(), item.clone()))).collect();
            texts.ok_or_else(|| because("for_each over a set takes texts only: not null, not numbers"))?
        }
        Content::Tuple(_) | Content::List(..) => {
            let problem = Problem::error("for_each takes a map or a set of texts, not a list");
            return Err(Refused::Because(problem.help("toset(…) makes a set of it")));
        }
        _ => return Err(because("for_each must be a map or a set of texts")),
    };
    if keyed.len() > MOST {
        return Err(too_many("for_each"));
    }
    let each = |(key, value): (Text, Value)| {
        let each = Each { key: Some(Value::text(key.clone())), value: Some(value), index: None };
        (Key::Text(key), each)
    };
    Ok(keyed.into_iter().map(each).collect())
}
