//! `aws_lb_listener_certificate` / `AWS::ElasticLoadBalancingV2::ListenerCertificate`.

use super::names::{self, role};
use super::{Default, KindSpec, STRING, attribute, link};

/// One more certificate of a listener, beside its default one.
pub(super) const LISTENER_CERTIFICATE: KindSpec = KindSpec {
    kind: names::LISTENER_CERTIFICATE,
    doc: "further certificate of a listener",
    terraform: &["aws_lb_listener_certificate", "aws_alb_listener_certificate"],
    cloudformation: &[],
    attributes: &[attribute("certificate", STRING, "certificate_arn", Default::None, "ARN of the certificate")],
    links: &[link(role::LISTENER_OF, "listener_arn", &[names::LISTENER])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
