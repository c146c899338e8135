//! Conversions and marks; `try` and `can` where they get values, not expressions.

use super::{ANY_MARKED, Call, Function, Kind, Needs};
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::Bounds;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("can", &[ANY_MARKED], Kind::Bool, |call| {
        Ok(if call.value(0)?.is_whole() { Value::bool(true) } else { call.open(Type::Bool) })
    })
    .needs(Needs::Nothing),
    Function::new("try", &[ANY_MARKED], Kind::Any, |call| {
        let value = call.value(0)?;
        Ok(if value.is_whole() { value.clone() } else { call.open(Type::Dynamic) })
    })
    .rest(ANY_MARKED)
    .needs(Needs::Nothing),
    Function::new("ephemeralasnull", &[ANY_MARKED], Kind::Any, |call| Ok(call.value(0)?.clone())).needs(Needs::Nothing),
    Function::new("issensitive", &[ANY_MARKED], Kind::Bool, |call| {
        let value = call.value(0)?;
        // What is unknown may still turn out to be sensitive.
        Ok(if value.sensitive || value.is_known() { Value::bool(value.sensitive) } else { call.open(Type::Bool) })
    })
    .needs(Needs::Nothing),
    Function::new("nonsensitive", &[ANY_MARKED], Kind::Any, |call| {
        let mut value = call.value(0)?.clone();
        value.sensitive = false;
        Ok(value)
    })
    .needs(Needs::Nothing),
    Function::new("sensitive", &[ANY_MARKED], Kind::Any, |call| Ok(call.value(0)?.clone().marked(true)))
        .needs(Needs::Nothing),
    Function::new("tobool", &[ANY_MARKED], Kind::Bool, |call| to(call, &Kind::Bool.ty())).needs(Needs::Nothing),
    Function::new("tolist", &[ANY_MARKED], Kind::List, |call| to(call, &Kind::List.ty())).needs(Needs::Nothing),
    Function::new("tomap", &[ANY_MARKED], Kind::Map, |call| to(call, &Kind::Map.ty())).needs(Needs::Nothing),
    Function::new("tonumber", &[ANY_MARKED], Kind::Number, |call| to(call, &Kind::Number.ty())).needs(Needs::Nothing),
    Function::new("toset", &[ANY_MARKED], Kind::Set, |call| to(call, &Kind::Set.ty())).needs(Needs::Nothing),
    Function::new("tostring", &[ANY_MARKED], Kind::Text, |call| to(call, &Kind::Text.ty())).needs(Needs::Nothing),
];

fn to(call: &Call<'_>, ty: &Type) -> Result<Value, Fault> {
    let value = call.value(0)?;
    if !value.is_known() && value.ty() == Type::Dynamic && !ty.is_settled() {
        // The element type may come from the value, once it is there.
        return Ok(call.open_with(ty.clone(), Bounds { not_null: value.is_never_null(), ..Bounds::default() }));
    }
    convert(value, ty)
}
