//! Type constraints of variables: `list(object({ port = number, path = optional(string, "/") }))`, with the defaults
//! that `optional` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use crate::graph::Text;
use crate::load::hcl::{Content, Fault, ObjectType, Type, Value, convert};

/// A type with the defaults of its optional attributes.
pub(super) struct Constraint {
    ty: Type,
    defaults: Defaults,
    literal: bool,
}

#[derive(Default)]
struct Defaults {
    attributes: BTreeMap<Text, (Option<Expression>, Defaults)>,
    /// Of a tuple, place by place.
    places: Vec<Defaults>,
    element: Option<Box<Defaults>>,
}

impl Constraint {
    /// No constraint.
    pub(super) fn any() -> Constraint {
        Constraint { ty: Type::Dynamic, defaults: Defaults::default(), literal: true }
    }

    /// Reads a `type` expression.
    pub(super) fn read(expression: &Expression) -> Result<Constraint, String> {
        // Words of old, allowed only as the whole type.
        let (ty, defaults) = match expression {
            Expression::Variable(name) if name.as_str() == "list" => (Type::list(Type::Dynamic), Defaults::default()),
            Expression::Variable(name) if name.as_str() == "map" => (Type::map(Type::Dynamic), Defaults::default()),
            _ => read(expression, 0)?,
        };
        let literal = ty.is_primitive();
        Ok(Constraint { ty, defaults, literal })
    }

    /// Whether text from the command line is the value itself, not an expression: so with no type and with `string`,
    /// `number` and `bool`, but not with `any`.
    pub(super) fn takes_text(&self) -> bool {
        self.literal
    }

    /// The type, for a value that is not known.
    pub(super) fn ty(&self) -> &Type {
        &self.ty
    }

    /// A value of this type: defaults filled in, then converted.
    pub(super) fn apply(
        &self,
        value: &Value,
        evaluate: &dyn Fn(&Expression) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        convert(&fill(value.clone(), &self.defaults, evaluate)?, &self.ty)
    }
}

fn read(expression: &Expression, depth: usize) -> Result<(Type, Defaults), String> {
    if depth > 32 {
        return Err("the type is nested too deep".to_owned());
    }
    match expression {
        Expression::Variable(name) => match name.as_str() {
            "string" => Ok((Type::String, Defaults::default())),
            "number" => Ok((Type::Number, Defaults::default())),
            "bool" => Ok((Type::Bool, Defaults::default())),
            "any" => Ok((Type::Dynamic, Defaults::default())),
            "list" | "set" | "map" => Err(format!("`{name}` needs the type of its elements: `{name}(string)`")),
            "object" | "tuple" => Err(format!("`{name}` needs the types of its parts")),
            other => Err(format!("`{other}` is no type")),
        },
        Expression::Parenthesis(inner) => read(inner.inner(), depth + 1),
        Expression::FuncCall(call) => constructed(call, depth),
        Expression::String(_) | Expression::StringTemplate(_) => Err("write the type without quotes".to_owned()),
        _ => Err("this is no type".to_owned()),
    }
}

fn constructed(call: &FuncCall, depth: usize) -> Result<(Type, Defaults), String> {
    let argument = call.args.get(0).ok_or("a type takes an argument")?;
    let collection = |of: fn(Type) -> Type| {
        let (element, defaults) = read(argument, depth + 1)?;
        Ok((of(element), Defaults { element: Some(Box::new(defaults)), ..Defaults::default() }))
    };
    match call.name.name.as_str() {
        "list" => collection(Type::list),
        "set" => collection(Type::set),
        "map" => collection(Type::map),
        "tuple" => {
            let Expression::Array(items) = argument else { return Err("`tuple` takes a list of types".to_owned()) };
            let parts: Result<Vec<(Type, Defaults)>, String> = items.iter().map(|item| read(item, depth + 1)).collect();
            let (types, places): (Vec<Type>, Vec<Defaults>) = parts?.into_iter().unzip();
            Ok((Type::Tuple(types.into()), Defaults { places, ..Defaults::default() }))
        }
        "object" => {
            let Expression::Object(object) = argument else {
                return Err("`object` takes an object of types".to_owned());
            };
            let (mut types, mut optional, mut defaults) = (BTreeMap::new(), BTreeSet::new(), Defaults::default());
            for (key, value) in object.iter() {
                let name: Text = match key {
                    ObjectKey::Ident(ident) => ident.as_str().into(),
                    ObjectKey::Expression(Expression::Variable(name)) => name.as_str().into(),
                    ObjectKey::Expression(_) => {
                        return Err("an attribute's name must be a word without quotes".to_owned());
                    }
                };
                let (ty, inner, default) = match value.expr() {
                    Expression::FuncCall(call) if call.name.name.as_str() == "optional" => {
                        let ty = call.args.get(0).ok_or("`optional` takes a type")?;
                        optional.insert(name.clone());
                        let (ty, inner) = read(ty, depth + 1)?;
                        (ty, inner, call.args.get(1).cloned())
                    }
                    ty => {
                        let (ty, inner) = read(ty, depth + 1)?;
                        (ty, inner, None)
                    }
                };
                types.insert(name.clone(), ty);
                defaults.attributes.insert(name, (default, inner));
            }
            let object = ObjectType { attributes: types, optional };
            Ok((Type::Object(Arc::new(object)), defaults))
        }
        other => Err(format!("`{other}` is no type")),
    }
}

/// Fills in the defaults of optional attributes that are absent or null, all the way down.
fn fill(
    value: Value,
    defaults: &Defaults,
    evaluate: &dyn Fn(&Expression) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let sensitive = value.sensitive;
    let filled = match &value.content {
        Content::Object(entries) | Content::Map(_, entries) if !defaults.attributes.is_empty() => {
            let mut filled: BTreeMap<Text, Value> = entries.content.clone();
            for (name, (default, inner)) in &defaults.attributes {
                let missing = filled.get(name).is_none_or(Value::is_null);
                let own = match (missing, default) {
                    (true, Some(default)) => evaluate(default)?,
                    (true, None) => continue,
                    (false, _) => filled.get(name).cloned().unwrap_or_else(|| Value::null(Type::Dynamic)),
                };
                filled.insert(name.clone(), fill(own, inner, evaluate)?);
            }
            Value::object(filled)
        }
        Content::Object(entries) | Content::Map(_, entries) => match &defaults.element {
            Some(element) => {
                let mut filled = BTreeMap::new();
                for (key, value) in &entries.content {
                    filled.insert(key.clone(), fill(value.clone(), element, evaluate)?);
                }
                Value::object(filled)
            }
            None => return Ok(value),
        },
        Content::Tuple(items) | Content::List(_, items) if !defaults.places.is_empty() => {
            let none = Defaults::default();
            let place = |at: usize| defaults.places.get(at).unwrap_or(&none);
            let items = items.content.iter().enumerate();
            let filled: Result<Vec<Value>, Fault> =
                items.map(|(at, item)| fill(item.clone(), place(at), evaluate)).collect();
            Value::tuple(filled?)
        }
        Content::Tuple(items) | Content::List(_, items) | Content::Set(_, items) => match &defaults.element {
            Some(element) => {
                let filled: Result<Vec<Value>, Fault> =
                    items.content.iter().map(|item| fill(item.clone(), element, evaluate)).collect();
                Value::tuple(filled?)
            }
            None => return Ok(value),
        },
        _ => return Ok(value),
    };
    Ok(filled.marked(sensitive))
}
