//! Lambda functions, their aliases, and who may call them.

use super::names::{self, role};
use super::{Const, Default, INT, KindSpec, STRING, attribute, link};

/// A function.
pub(super) const FUNCTION: KindSpec = KindSpec {
    kind: names::LAMBDA_FUNCTION,
    doc: "Lambda function",
    terraform: &["aws_lambda_function"],
    cloudformation: &["AWS::Lambda::Function", "AWS::Serverless::Function"],
    attributes: &[
        attribute("name", STRING, "function_name", Default::None, "name").property("FunctionName"),
        attribute("timeout", INT, "timeout", Default::Both(Const::Int(3)), "seconds it may run; 1 to 900")
            .property("Timeout"),
        attribute(
            "reserved_concurrency",
            INT,
            "reserved_concurrent_executions",
            Default::Both(Const::Int(-1)),
            "calls that may run at once; -1 for no limit of its own",
        )
        .property("ReservedConcurrentExecutions"),
    ],
    links: &[],
    identifiers: &["id", "arn", "function_name", "qualified_arn", "invoke_arn"],
    identifiers_cloudformation: &["FunctionName"],
};

/// An alias of a function; in CloudFormation also a version of one.
pub(super) const ALIAS: KindSpec = KindSpec {
    kind: names::LAMBDA_ALIAS,
    doc: "alias of a Lambda function",
    terraform: &["aws_lambda_alias"],
    cloudformation: &["AWS::Lambda::Alias", "AWS::Lambda::Version"],
    attributes: &[attribute("name", STRING, "name", Default::None, "name").property("Name")],
    links: &[link(role::FUNCTION_OF, "function_name", &[names::LAMBDA_FUNCTION]).property(&["FunctionName"])],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// A permission to call a function.
pub(super) const PERMISSION: KindSpec = KindSpec {
    kind: names::LAMBDA_PERMISSION,
    doc: "permission to call a Lambda function",
    terraform: &["aws_lambda_permission"],
    cloudformation: &["AWS::Lambda::Permission"],
    attributes: &[
        attribute("action", STRING, "action", Default::None, "what is allowed").property("Action"),
        attribute("principal", STRING, "principal", Default::None, "who may").property("Principal"),
        attribute("source_arn", STRING, "source_arn", Default::None, "ARN it must come from").property("SourceArn"),
        attribute("qualifier", STRING, "qualifier", Default::None, "version or alias it is for"),
    ],
    links: &[
        link(role::FUNCTION_OF, "function_name", &[names::LAMBDA_FUNCTION, names::LAMBDA_ALIAS])
            .property(&["FunctionName"]),
        link(role::SOURCE, "source_arn", &[names::TARGET_GROUP, names::LOAD_BALANCER]).property(&["SourceArn"]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
