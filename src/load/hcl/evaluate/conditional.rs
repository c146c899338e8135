//! `condition ? yes : no`.

use hcl_edit::Span;
use hcl_edit::expr::Conditional;

use super::{Context, value_of};
use crate::load::hcl::convert::convert;
use crate::load::hcl::equal::same;
use crate::load::hcl::hole::Hole;
use crate::load::hcl::unify::unify;
use crate::load::hcl::{Fault, Type, Value};

/// Both arms are worked out, since both decide the type; only the chosen one may not fail.
pub(super) fn of(arms: &Conditional, context: &Context<'_>) -> Result<Value, Fault> {
    let yes = value_of(&arms.true_expr, context);
    let no = value_of(&arms.false_expr, context);
    // Running into a limit says nothing about the arm, so it cannot be left aside.
    if let Some(fault) = [&yes, &no].into_iter().filter_map(|arm| arm.as_ref().err()).find(|fault| fault.fatal) {
        return Err(fault.clone());
    }
    let ty = match (&yes, &no) {
        (Ok(yes), Ok(no)) => joined(yes, no)?,
        _ => None,
    };
    let condition = value_of(&arms.cond_expr, context)?;
    chosen(&condition, &arms.cond_expr.span(), yes, no, ty)
}

/// The arm a condition chooses; both, when it is unknown.
pub(super) fn chosen(
    condition: &Value,
    place: &Option<std::ops::Range<usize>>,
    yes: Result<Value, Fault>,
    no: Result<Value, Fault>,
    ty: Option<Type>,
) -> Result<Value, Fault> {
    if condition.is_null() {
        return Err(Fault::new("the condition is null; it must be true or false").at(place.clone()));
    }
    let condition = convert(condition, &Type::Bool)
        .map_err(|fault| fault.within("the condition must be true or false").at(place.clone()))?;
    let mark = [&yes, &no].into_iter().any(|arm| arm.as_ref().is_ok_and(|arm| arm.sensitive));
    let sensitive = condition.sensitive || mark;
    let as_one = |arm: Value| match &ty {
        Some(ty) => convert(&arm, ty),
        None => Ok(arm),
    };
    let result = match (condition.as_bool(), yes, no) {
        (Some(true), yes, _) => as_one(yes?)?,
        (Some(false), _, no) => as_one(no?)?,
        (None, Ok(yes), Ok(no)) => either(&condition, as_one(yes)?, as_one(no)?, ty.as_ref()),
        (None, ..) => Value::hole(Hole::from_values(Type::Dynamic, [&condition])),
    };
    Ok(result.marked(sensitive))
}

/// The type both arms become; `None` where one of them leaves it open.
fn joined(yes: &Value, no: &Value) -> Result<Option<Type>, Fault> {
    let (left, right) = (yes.ty(), no.ty());
    if yes.is_bare_null() {
        return Ok(Some(right));
    }
    if no.is_bare_null() {
        return Ok(Some(left));
    }
    if left == Type::Dynamic || right == Type::Dynamic {
        return Ok(None);
    }
    let ty = unify(&[left.clone(), right.clone()], false);
    ty.map(Some).ok_or_else(|| {
        Fault::new(format!("the two results of a condition must be of one type; they are {left} and {right}"))
    })
}

fn either(condition: &Value, yes: Value, no: Value, ty: Option<&Type>) -> Value {
    if same(&yes, &no) && yes.is_whole() {
        return yes;
    }
    let bounds = yes.bounds().either(&no.bounds());
    let ty = ty.cloned().unwrap_or(Type::Dynamic);
    let hole = Hole::from_values(ty, [condition, &yes, &no]);
    Value::hole(hole.bounded(bounds))
}
