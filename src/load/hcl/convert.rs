//! Conversion of values between types, as Terraform converts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::hole::{Bounds, Hole};
use super::ty::ObjectType;
use super::unify::unify;
use super::value::Content;
use super::{Fault, Number, Type, Value};
use crate::graph::Text;

/// The value as one of type `to`.
///
/// # Errors
/// When Terraform has no such conversion, or this value does not fit.
pub fn convert(value: &Value, to: &Type) -> Result<Value, Fault> {
    if *to == Type::Dynamic {
        return Ok(value.clone());
    }
    let converted = match &value.content {
        Content::Null(from) => {
            possible(from, to)?;
            Value::null(replaced(from, to)?)
        }
        Content::Unknown(hole) => {
            possible(&hole.ty, to)?;
            unknown(hole, to)?
        }
        Content::Bool(_) | Content::Number(_) | Content::String(_) => primitive(value, to)?,
        Content::Tuple(items) => match to {
            Type::Tuple(types) => tuple(&items.content, types)?,
            Type::List(element) | Type::Set(element) if items.content.is_empty() => {
                sequence(to, element.strict(), Vec::new())
            }
            Type::List(element) | Type::Set(element) if **element == Type::Dynamic && undetermined(&items.content) => {
                let bounds = match to {
                    Type::Set(_) => Bounds::length(1, Some(items.content.len())),
                    _ => Bounds::length(items.content.len(), Some(items.content.len())),
                };
                let hole = Hole::from_values(to.clone(), [value]).bounded(bounds);
                Value::new(Content::Unknown(Arc::new(hole)))
            }
            Type::List(element) | Type::Set(element) => {
                let element = match **element {
                    Type::Dynamic => common(items.content.iter().map(Value::ty).collect(), value, to)?,
                    _ => Type::clone(element),
                };
                sequence(to, element.clone(), all(&items.content, &element)?)
            }
            _ => return Err(mismatch(&value.ty(), to)),
        },
        Content::List(from, items) | Content::Set(from, items) => match to {
            Type::List(element) if value.may_shrink() => {
                possible(&Type::set(from.clone()), to)?;
                let ty = if **element == Type::Dynamic { from.clone() } else { element.strict() };
                Value::hole(Hole::from_values(Type::list(ty), [value]).bounded(value.bounds()))
            }
            Type::List(element) | Type::Set(element) => {
                if **element == Type::Dynamic || **element == *from {
                    sequence(to, from.clone(), items.content.clone())
                } else {
                    possible(from, element)?;
                    sequence(to, element.strict(), all(&items.content, element)?)
                }
            }
            _ => return Err(mismatch(&value.ty(), to)),
        },
        Content::Object(entries) => match to {
            Type::Object(object) => to_object(&entries.content, object, true)?,
            Type::Map(element) if entries.content.is_empty() => Value::map(element.strict(), BTreeMap::new()),
            Type::Map(element) => {
                let element = match **element {
                    Type::Dynamic => common(entries.content.values().map(Value::ty).collect(), value, to)?,
                    _ => Type::clone(element),
                };
                Value::map(settled(&element, entries.content.values()), keyed(&entries.content, &element)?)
            }
            _ => return Err(mismatch(&value.ty(), to)),
        },
        Content::Map(from, entries) => match to {
            Type::Map(element) if **element == Type::Dynamic || **element == *from => {
                Value::new(Content::Map(from.clone(), Arc::clone(entries)))
            }
            Type::Map(element) => {
                possible(from, element)?;
                Value::map(element.strict(), keyed(&entries.content, element)?)
            }
            Type::Object(object) => to_object(&entries.content, object, false)?,
            _ => return Err(mismatch(&value.ty(), to)),
        },
    };
    Ok(converted.marked(value.sensitive))
}

/// Whether a value of type `from` can become one of type `to`. Only a `lossless` conversion never fails on the value.
#[must_use]
pub fn convertible(from: &Type, to: &Type, lossless: bool) -> bool {
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => !lossless,
        (a, b) if a.is_primitive() && b.is_primitive() => {
            a == b || *b == Type::String || !lossless && *a == Type::String
        }
        (Type::Object(from), Type::Object(to)) => {
            to.attributes.iter().all(|(name, ty)| match from.attributes.get(name) {
                Some(from) => convertible(from, ty, lossless),
                None => to.optional.contains(name),
            })
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| convertible(from, to, lossless))
        }
        (Type::List(_), Type::Set(_)) if lossless => false,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) | (Type::Map(from), Type::Map(to)) => {
            convertible(from, to, lossless)
        }
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => each_fits(from.iter(), to, lossless),
        (Type::Object(from), Type::Map(to)) => each_fits(from.attributes.values(), to, lossless),
        (Type::Map(from), Type::Object(to)) if !lossless => {
            to.attributes.iter().all(|(name, ty)| to.optional.contains(name) || convertible(from, ty, lossless))
        }
        _ => false,
    }
}

fn each_fits<'t>(mut from: impl Iterator<Item = &'t Type>, to: &Type, lossless: bool) -> bool {
    if *to == Type::Dynamic {
        let types: Vec<Type> = from.cloned().collect();
        return types.is_empty() || unify(&types, lossless).is_some();
    }
    from.all(|from| convertible(from, to, lossless))
}

fn possible(from: &Type, to: &Type) -> Result<(), Fault> {
    if convertible(from, to, false) { Ok(()) } else { Err(mismatch(from, to)) }
}

/// What Terraform says when types do not fit.
pub(super) fn mismatch(from: &Type, to: &Type) -> Fault {
    Fault::new(match to {
        Type::Bool => "a bool is required".to_owned(),
        Type::Number => "a number is required".to_owned(),
        Type::String => "a string is required".to_owned(),
        _ => format!("{to} required, not {from}"),
    })
}

fn primitive(value: &Value, to: &Type) -> Result<Value, Fault> {
    match (&value.content, to) {
        (Content::Bool(_), Type::Bool) | (Content::Number(_), Type::Number) | (Content::String(_), Type::String) => {
            Ok(value.clone())
        }
        (Content::Bool(truth), Type::String) => Ok(Value::text(if *truth { "true" } else { "false" })),
        (Content::Number(number), Type::String) => Ok(Value::text(number.to_string())),
        (Content::String(text), Type::Number) => match Number::parse(text) {
            Some(number) => Ok(Value::number(number)),
            None => Err(mismatch(&Type::String, to)),
        },
        (Content::String(text), Type::Bool) => match text.as_ref() {
            "true" | "1" => Ok(Value::bool(true)),
            "false" | "0" => Ok(Value::bool(false)),
            _ => Err(mismatch(&Type::String, to)),
        },
        _ => Err(mismatch(&value.ty(), to)),
    }
}

fn tuple(items: &[Value], types: &[Type]) -> Result<Value, Fault> {
    if items.len() != types.len() {
        return Err(Fault::new(format!("a tuple of {} elements is required, not of {}", types.len(), items.len())));
    }
    let items = items.iter().zip(types).map(|(item, ty)| convert(item, ty));
    Ok(Value::tuple(items.collect::<Result<_, _>>()?))
}

fn all(items: &[Value], element: &Type) -> Result<Vec<Value>, Fault> {
    items
        .iter()
        .enumerate()
        .map(|(i, item)| convert(item, element).map_err(|fault| fault.within(&format!("element {i}"))))
        .collect()
}

fn keyed(entries: &BTreeMap<Text, Value>, element: &Type) -> Result<BTreeMap<Text, Value>, Fault> {
    entries
        .iter()
        .map(|(name, entry)| {
            let entry = convert(entry, element).map_err(|fault| fault.within(&format!("element {name:?}")))?;
            Ok((name.clone(), entry))
        })
        .collect()
}

fn sequence(to: &Type, element: Type, items: Vec<Value>) -> Value {
    let element = settled(&element, items.iter());
    if matches!(to, Type::Set(_)) { Value::set(element, items) } else { Value::list(element, items) }
}

/// The element type: what its first element turned out to be where the type was left open.
fn settled<'v>(element: &Type, mut items: impl Iterator<Item = &'v Value>) -> Type {
    if element.is_settled() {
        return element.strict();
    }
    items.find(|item| !item.is_null()).map_or_else(|| element.strict(), Value::ty)
}

fn to_object(entries: &BTreeMap<Text, Value>, object: &ObjectType, from_object: bool) -> Result<Value, Fault> {
    let mut converted = BTreeMap::new();
    for (name, ty) in &object.attributes {
        let value = match entries.get(name) {
            Some(value) => convert(value, ty).map_err(|fault| fault.within(&format!("attribute {name:?}")))?,
            None if object.optional.contains(name) => Value::null(ty.strict()),
            None if from_object => return Err(Fault::new(format!("attribute {name:?} is required"))),
            None => return Err(Fault::new(format!("map has no element for required attribute {name:?}"))),
        };
        converted.insert(name.clone(), value);
    }
    Ok(Value::object(converted))
}

/// Whether the type all elements become hangs on one whose type is not known.
fn undetermined(items: &[Value]) -> bool {
    items.iter().any(is_open) && items.iter().any(|item| !is_open(item) && !item.ty().is_primitive())
}

fn holds_open(value: &Value) -> bool {
    value.as_items().is_some_and(|items| items.iter().any(is_open))
        || value.as_entries().is_some_and(|entries| entries.values().any(is_open))
}

fn is_open(value: &Value) -> bool {
    !value.is_known() && value.ty() == Type::Dynamic
}

fn common(types: Vec<Type>, value: &Value, to: &Type) -> Result<Type, Fault> {
    match unify(&types, false) {
        // Whether numbers stay numbers or become text hangs on what is open among them.
        Some(ty) if ty != Type::String && types.contains(&Type::Dynamic) && holds_open(value) => Ok(Type::Dynamic),
        // Open among settled types: nobody can tell what the elements become.
        Some(Type::Dynamic) if types.iter().any(|ty| *ty != Type::Dynamic) => Err(mismatch(&value.ty(), to)),
        Some(ty) => Ok(ty),
        None => Err(Fault::new(match to {
            Type::Map(_) => "all map elements must have the same type",
            Type::Set(_) => "all set elements must have the same type",
            _ => "all list elements must have the same type",
        })),
    }
}

fn unknown(hole: &Hole, to: &Type) -> Result<Value, Fault> {
    let ty = replaced(&hole.ty, to)?;
    let mut bounds = Bounds { not_null: hole.bounds.not_null, ..Bounds::default() };
    match (&hole.ty, &ty) {
        (Type::Object(object), Type::Map(_)) => {
            bounds.shortest = object.attributes.len();
            bounds.longest = Some(bounds.shortest);
        }
        (Type::Tuple(elements), Type::List(_)) => {
            bounds.shortest = elements.len();
            bounds.longest = Some(bounds.shortest);
        }
        (Type::Tuple(elements), Type::Set(_)) => {
            bounds.shortest = elements.len().min(1);
            bounds.longest = Some(elements.len());
        }
        (from, to) if from.element().is_some() && to.element().is_some() => {
            let set = matches!(to, Type::Set(_)) && !matches!(from, Type::Set(_));
            bounds.shortest = if set { hole.bounds.shortest.min(1) } else { hole.bounds.shortest };
            bounds.longest = hole.bounds.longest;
        }
        (from, to) if from == to => bounds = hole.bounds.clone(),
        _ => {}
    }
    let pieces = hole.pieces.clone().filter(|_| ty == hole.ty);
    Ok(Value::hole(Hole { ty, bounds, reasons: hole.reasons.clone(), pieces }))
}

/// `to` with what it leaves open taken from `from`.
fn replaced(from: &Type, to: &Type) -> Result<Type, Fault> {
    if to.is_settled() || *from == Type::Dynamic {
        return Ok(to.strict());
    }
    Ok(match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (_, Type::List(element)) => Type::list(replaced_element(from, element, to)?),
        (_, Type::Set(element)) => Type::set(replaced_element(from, element, to)?),
        (_, Type::Map(element)) => Type::map(replaced_element(from, element, to)?),
        (Type::Tuple(from), Type::Tuple(to)) => {
            Type::Tuple(from.iter().zip(to.iter()).map(|(from, to)| replaced(from, to)).collect::<Result<_, _>>()?)
        }
        (Type::Object(from), Type::Object(to)) => {
            let attribute = |(name, to): (&Text, &Type)| {
                let ty = from.attributes.get(name).map_or_else(|| Ok(to.strict()), |from| replaced(from, to))?;
                Ok((name.clone(), ty))
            };
            Type::object(to.attributes.iter().map(attribute).collect::<Result<_, Fault>>()?)
        }
        _ => to.strict(),
    })
}

fn replaced_element(from: &Type, element: &Type, to: &Type) -> Result<Type, Fault> {
    let types: Vec<Type> = match from {
        Type::Tuple(types) => types.to_vec(),
        Type::Object(object) => object.attributes.values().cloned().collect(),
        _ => return from.element().map_or_else(|| Ok(element.strict()), |from| replaced(from, element)),
    };
    if types.is_empty() {
        return Ok(element.strict());
    }
    let types: Vec<Type> = types.iter().map(|ty| replaced(ty, element)).collect::<Result<_, _>>()?;
    unify(&types, false).ok_or_else(|| mismatch(from, to))
}
