//! Pseudo parameters: what AWS says about the stack and where it is deployed.

use std::collections::BTreeMap;

use super::assumption::Assumption;
use super::{Settings, Text, Value};
use crate::graph::{Address, Place, Reason, Unknown};
use crate::load::hcl::{Bounds, Hole, Type};

pub(super) const REGION: &str = "AWS::Region";
pub(super) const ACCOUNT: &str = "AWS::AccountId";
pub(super) const PARTITION: &str = "AWS::Partition";
pub(super) const SUFFIX: &str = "AWS::URLSuffix";
pub(super) const STACK_NAME: &str = "AWS::StackName";
pub(super) const STACK_ID: &str = "AWS::StackId";
pub(super) const NOTIFICATIONS: &str = "AWS::NotificationARNs";
/// `Ref` to it removes what it is the value of.
pub(super) const NO_VALUE: &str = "AWS::NoValue";

/// All of them.
pub(super) const NAMES: [&str; 8] = [REGION, ACCOUNT, PARTITION, SUFFIX, STACK_NAME, STACK_ID, NOTIFICATIONS, NO_VALUE];

/// Which of them nobody says and a condition may hang on.
pub(super) fn open(settings: &Settings<'_>) -> Vec<Text> {
    let mut open = Vec::new();
    if settings.region.is_none() {
        open.extend([REGION, PARTITION]);
    }
    if settings.account.is_none() {
        open.push(ACCOUNT);
    }
    if settings.stack_name.is_none() {
        open.push(STACK_NAME);
    }
    open.into_iter().map(Text::from).collect()
}

/// Whether assumptions on region and partition can hold together.
pub(super) fn consistent(assumptions: &BTreeMap<Text, Assumption>) -> bool {
    match (assumptions.get(REGION), assumptions.get(PARTITION)) {
        (Some(Assumption::Is(region)), Some(partition)) => partition.admits(partition_of(region)),
        _ => true,
    }
}

/// Their values.
pub(super) fn values(settings: &Settings<'_>, assumptions: &BTreeMap<Text, Assumption>) -> BTreeMap<Text, Value> {
    let assumed = |name: &str| match assumptions.get(name) {
        Some(Assumption::Is(value)) => Some(value.to_string()),
        _ => None,
    };
    let region = settings.region.map(str::to_owned).or_else(|| assumed(REGION));
    let account = settings.account.map(str::to_owned).or_else(|| assumed(ACCOUNT));
    let stack = settings.stack_name.map(str::to_owned).or_else(|| assumed(STACK_NAME));
    let partition = region.as_deref().map(partition_of).map(str::to_owned).or_else(|| assumed(PARTITION));
    let suffix = partition.as_deref().map(suffix_of);

    let no_region = "no region is given (--region)";
    let id_prefix = match (&partition, &region, &account, &stack) {
        (Some(partition), Some(region), Some(account), Some(stack)) => {
            format!("arn:{partition}:cloudformation:{region}:{account}:stack/{stack}/")
        }
        _ => "arn:".to_owned(),
    };
    let id = Bounds { prefix: id_prefix.into(), ..Bounds::not_null() };
    let topics = Bounds::not_null();
    let undecidable = |text: &str| Reason::Undecidable(text.into());
    let pairs = [
        (REGION, known_or(region, REGION, no_region)),
        (ACCOUNT, known_or(account, ACCOUNT, "no account is given (--account)")),
        (PARTITION, known_or(partition, REGION, no_region)),
        (SUFFIX, known_or(suffix.map(str::to_owned), REGION, no_region)),
        (STACK_NAME, known_or(stack, STACK_NAME, "the stack is named when it is deployed")),
        (STACK_ID, hole(Type::String, STACK_ID, undecidable("the stack gets its id when it is deployed"), id)),
        (
            NOTIFICATIONS,
            hole(
                Type::list(Type::String),
                NOTIFICATIONS,
                undecidable("notification topics are named when the stack is deployed"),
                topics,
            ),
        ),
    ];
    pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn known_or(value: Option<String>, hangs_on: &str, why: &str) -> Value {
    match value {
        Some(value) => Value::text(value),
        None => hole(Type::String, hangs_on, Reason::Undecidable(why.into()), Bounds::not_null()),
    }
}

fn hole(ty: Type, name: &str, reason: Reason, bounds: Bounds) -> Value {
    let unknown = Unknown::at(reason, Place::new(&Address::from(name), ""));
    Value::hole(Hole::new(ty, unknown).bounded(bounds))
}

fn partition_of(region: &str) -> &'static str {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| region.starts_with(beginning));
    if starts(&["cn-"]) {
        "aws-cn"
    } else if starts(&["us-gov-"]) {
        "aws-us-gov"
    } else if starts(&["us-isob-"]) {
        "aws-iso-b"
    } else if starts(&["us-isof-", "eu-isoe-"]) {
        if region.starts_with("eu") { "aws-iso-e" } else { "aws-iso-f" }
    } else if starts(&["us-iso-"]) {
        "aws-iso"
    } else if starts(&["eusc-"]) {
        "aws-eusc"
    } else {
        "aws"
    }
}

fn suffix_of(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}
