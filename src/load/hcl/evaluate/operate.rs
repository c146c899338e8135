//! Operators.

use hcl_edit::Span;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use super::{Context, value_of};
use crate::graph::{Reason, Truth, Unknown};
use crate::load::hcl::convert::convert;
use crate::load::hcl::equal::equal;
use crate::load::hcl::hole::{Bounds, Hole};
use crate::load::hcl::{Fault, Number, Type, Value};

pub(super) fn unary(operation: &UnaryOp, context: &Context<'_>) -> Result<Value, Fault> {
    let operand = value_of(&operation.expr, context)?;
    let ty = match operation.operator.value() {
        UnaryOperator::Neg => Type::Number,
        UnaryOperator::Not => Type::Bool,
    };
    let operand = operand_of(&operand, &ty, &operation.expr)?;
    let result = match operation.operator.value() {
        UnaryOperator::Neg => operand.as_number().map(|number| Value::number(number.negated())),
        UnaryOperator::Not => operand.as_bool().map(|truth| Value::bool(!truth)),
    };
    Ok(result.unwrap_or_else(|| open(ty, &[&operand])).marked(operand.sensitive))
}

pub(super) fn binary(operation: &BinaryOp, context: &Context<'_>) -> Result<Value, Fault> {
    let left = value_of(&operation.lhs_expr, context)?;
    let right = value_of(&operation.rhs_expr, context)?;
    let operator = operation.operator.value();
    let result = match operator {
        BinaryOperator::Eq => truth(equal(&left, &right), &left, &right),
        BinaryOperator::NotEq => truth(!equal(&left, &right), &left, &right),
        BinaryOperator::And | BinaryOperator::Or => {
            let left = operand_of(&left, &Type::Bool, &operation.lhs_expr)?;
            let right = operand_of(&right, &Type::Bool, &operation.rhs_expr)?;
            let of = |value: &Value| value.as_bool().map_or(Truth::Unknown, Truth::from);
            let joined = match operator {
                BinaryOperator::And => of(&left).and(of(&right)),
                _ => of(&left).or(of(&right)),
            };
            truth(joined, &left, &right)
        }
        _ => {
            let left = operand_of(&left, &Type::Number, &operation.lhs_expr)?;
            let right = operand_of(&right, &Type::Number, &operation.rhs_expr)?;
            match (left.as_number(), right.as_number()) {
                (Some(a), Some(b)) => calculate(a, *operator, b)?,
                _ if compares(*operator) => open(Type::Bool, &[&left, &right]),
                (a, b) => match [a, b].into_iter().flatten().find(|number| number.is_zero()) {
                    Some(_) if *operator == BinaryOperator::Mul => Value::number(0i64),
                    _ => open(Type::Number, &[&left, &right]),
                },
            }
        }
    };
    let compared = matches!(operator, BinaryOperator::Eq | BinaryOperator::NotEq);
    let mark = |value: &Value| if compared { value.is_sealed() } else { value.sensitive };
    Ok(result.marked(mark(&left) || mark(&right)))
}

fn operand_of(value: &Value, ty: &Type, expression: &Expression) -> Result<Value, Fault> {
    if value.is_null() {
        return Err(Fault::new("an operand is null").at(expression.span()));
    }
    convert(value, ty).map_err(|fault| fault.within("unsuitable operand").at(expression.span()))
}

fn truth(truth: Truth, left: &Value, right: &Value) -> Value {
    match truth {
        Truth::True => Value::bool(true),
        Truth::False => Value::bool(false),
        Truth::Unknown => open(Type::Bool, &[left, right]),
    }
}

fn open(ty: Type, operands: &[&Value]) -> Value {
    Value::hole(Hole::from_values(ty, operands.iter().copied()).bounded(Bounds::not_null()))
}

fn compares(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Greater, GreaterEq, Less, LessEq};
    matches!(operator, Less | LessEq | Greater | GreaterEq)
}

fn calculate(left: &Number, operator: BinaryOperator, right: &Number) -> Result<Value, Fault> {
    let number = match operator {
        BinaryOperator::Less => return Ok(Value::bool(left < right)),
        BinaryOperator::LessEq => return Ok(Value::bool(left <= right)),
        BinaryOperator::Greater => return Ok(Value::bool(left > right)),
        BinaryOperator::GreaterEq => return Ok(Value::bool(left >= right)),
        BinaryOperator::Plus => left.plus(right),
        BinaryOperator::Minus => left.minus(right),
        BinaryOperator::Mul => left.times(right),
        BinaryOperator::Div if right.is_zero() && left.is_zero() => {
            return Err(Fault::new("division by zero"));
        }
        BinaryOperator::Div if right.is_zero() => {
            // Terraform takes it for infinity until it has to write it down.
            let reason = Reason::Undecidable("it divides by zero".into());
            return Ok(Value::unknown(Type::Number, Unknown::because(reason)).not_null());
        }
        BinaryOperator::Div => left.over(right),
        _ => left.remainder(right),
    };
    number.map(Value::number).ok_or_else(|| Fault::limit("the number is out of range"))
}
