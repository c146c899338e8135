//! `aws_lb_listener_certificate` / `AWS::ElasticLoadBalancingV2::ListenerCertificate`.

use super::names::{self, role};
use super::{Default, KindSpec, STRING, attribute, link};
use crate::graph::{Value, lookup};

/// One more certificate of a listener, beside its default one.
pub(super) const LISTENER_CERTIFICATE: KindSpec = KindSpec {
    kind: names::LISTENER_CERTIFICATE,
    doc: "further certificate of a listener",
    terraform: &["aws_lb_listener_certificate", "aws_alb_listener_certificate"],
    cloudformation: &["AWS::ElasticLoadBalancingV2::ListenerCertificate"],
    attributes: &[attribute("certificate", STRING, "certificate_arn", Default::None, "ARN of the certificate")
        .property_from("Certificates", first_certificate)],
    links: &[link(role::LISTENER_OF, "listener_arn", &[names::LISTENER]).property(&["ListenerArn"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// The ARN out of CloudFormation's list of certificates, which a listener takes one of.
pub(super) fn first_certificate(list: &Value) -> Value {
    let first = match list.as_list() {
        Some(items) => items.iter().find(|item| !item.is_null()),
        None => Some(list),
    };
    first.and_then(|certificate| lookup(certificate, "CertificateArn").to_value()).unwrap_or_else(Value::null)
}
