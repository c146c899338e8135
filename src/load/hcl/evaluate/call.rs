//! Function calls. `try` and `can` look at expressions; all others at values.

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};

use super::{Context, traverse, value_of};
use crate::graph::{Reason, Unknown};
use crate::load::hcl::functions;
use crate::load::hcl::hole::{Bounds, Hole};
use crate::load::hcl::{Fault, Type, Value};

pub(super) fn of(call: &FuncCall, context: &Context<'_>) -> Result<Value, Fault> {
    let namespace: Vec<&str> = call.name.namespace.iter().map(|part| part.as_str()).collect();
    let name = call.name.name.as_str();
    match namespace.as_slice() {
        [] | ["core"] => match name {
            "try" if !call.args.expand_final() => first_that_works(call, context),
            "can" if !call.args.expand_final() => works(call, context),
            _ => {
                let Some(function) = functions::find(name) else {
                    return Err(Fault::new(format!("there is no function {name:?}")).at(call.name.name.span()));
                };
                if name == "templatestring" && !call.args.iter().next().is_none_or(refers) {
                    return Err(Fault::new("the template must be given by a reference alone").at(call.args.span()));
                }
                let Some(arguments) = arguments(call, context)? else {
                    let open: Vec<Value> = call.args.iter().filter_map(|arg| value_of(arg, context).ok()).collect();
                    return Ok(Value::hole(Hole::from_values(Type::Dynamic, &open)));
                };
                functions::call(function, arguments, context.scope)
                    .map_err(|fault| fault.within(&format!("{name}()")).at(call.name.name.span()))
            }
        },
        ["provider", ..] => {
            for argument in call.args.iter() {
                value_of(argument, context)?;
            }
            let name = format!("{}::{name}", namespace.join("::"));
            let reason = Reason::Undecidable(format!("the function {name} belongs to a provider").into());
            Ok(Value::unknown(Type::Dynamic, Unknown::because(reason)))
        }
        _ => Err(Fault::new(format!("there is no function {}::{name}", namespace.join("::")))),
    }
}

/// The values of the arguments; `None` when it is not known how many there are.
fn arguments(call: &FuncCall, context: &Context<'_>) -> Result<Option<Vec<Value>>, Fault> {
    let mut values = call.args.iter().map(|argument| value_of(argument, context)).collect::<Result<Vec<_>, _>>()?;
    if !call.args.expand_final() {
        return Ok(Some(values));
    }
    let Some(last) = values.pop() else { return Ok(Some(values)) };
    let ty = last.ty();
    if last.is_null() || !(ty.is_sequence() || ty == Type::Dynamic) {
        return Err(Fault::new("only a list, a set or a tuple can be expanded with `...`").at(call.args.span()));
    }
    let Some(items) = last.as_items() else { return Ok(None) };
    values.extend(items.iter().map(|item| item.clone().marked(last.sensitive)));
    Ok(Some(values))
}

/// Whether an expression is nothing but a reference.
fn refers(expression: &Expression) -> bool {
    match expression {
        Expression::Traversal(traversal) => matches!(traversal.expr, Expression::Variable(_)),
        expression => matches!(expression, Expression::Variable(_)),
    }
}

fn first_that_works(call: &FuncCall, context: &Context<'_>) -> Result<Value, Fault> {
    if call.args.is_empty() {
        return Err(Fault::new("try() needs at least one argument"));
    }
    for argument in call.args.iter() {
        match value_of(argument, context) {
            Ok(value) if value.is_whole() => return Ok(value),
            // It may still fail once it is known, and then another argument counts.
            Ok(value) if !traverse::settled(argument, context) => {
                return Ok(Value::hole(Hole::from_values(Type::Dynamic, [&value])).marked(value.is_sealed()));
            }
            Ok(value) => return Ok(value),
            Err(fault) if fault.fatal => return Err(fault),
            Err(_) => {}
        }
    }
    Err(Fault::new("try(): none of the arguments works"))
}

fn works(call: &FuncCall, context: &Context<'_>) -> Result<Value, Fault> {
    let mut arguments = call.args.iter();
    let (Some(argument), None) = (arguments.next(), arguments.next()) else {
        return Err(Fault::new("can() takes one argument"));
    };
    match value_of(argument, context) {
        Ok(value) if value.is_whole() || traverse::settled(argument, context) => Ok(Value::bool(true)),
        Ok(value) => Ok(Value::hole(Hole::from_values(Type::Bool, [&value]).bounded(Bounds::not_null()))),
        Err(fault) if fault.fatal => Err(fault),
        Err(_) => Ok(Value::bool(false)),
    }
}
