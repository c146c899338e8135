//! `aws_wafv2_web_acl_association` / `AWS::WAFv2::WebACLAssociation`.

use super::names::{self, role};
use super::{KindSpec, link};

/// Puts a web ACL before a load balancer.
pub(super) const ASSOCIATION: KindSpec = KindSpec {
    kind: names::WEB_ACL_ASSOCIATION,
    doc: "association of a web ACL with a load balancer",
    terraform: &["aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"],
    cloudformation: &["AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"],
    attributes: &[],
    links: &[link(role::PROTECTS, "resource_arn", &[names::LOAD_BALANCER]).property(&["ResourceArn"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
