//! The dimension an alarm on a load balancer should have, as data. Which one that is, is told elsewhere; how it is written
//! too.

use crate::graph::{Map, Value};

/// A dimension of an alarm, with the value it should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightDimension {
    /// The address of the alarm.
    pub alarm: String,
    /// `LoadBalancer` or `TargetGroup`.
    pub name: String,
    /// What it should be.
    pub end: ArnEnd,
}

/// The end of an ARN, as CloudWatch knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArnEnd {
    /// That of a resource of the input: its address, and the attribute its language has for it.
    Of(String, String),
    /// Written out: `app/web/50dc6c495c0c9188`.
    Text(String),
}

impl RightDimension {
    /// As an object that expressions can hand on.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields = vec![("alarm", &self.alarm), ("name", &self.name)];
        match &self.end {
            ArnEnd::Of(resource, attribute) => fields.extend([("resource", resource), ("attribute", attribute)]),
            ArnEnd::Text(text) => fields.push(("text", text)),
        }
        fields.into_iter().map(|(name, text)| (name.into(), text.as_str().into())).collect::<Map>().into()
    }

    /// What [`RightDimension::to_value`] made; none for anything else.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<RightDimension> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let end = match text("text") {
            Some(text) => ArnEnd::Text(text),
            None => ArnEnd::Of(text("resource")?, text("attribute")?),
        };
        Some(RightDimension { alarm: text("alarm")?, name: text("name")?, end })
    }
}
