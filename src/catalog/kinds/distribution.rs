//! `aws_cloudfront_distribution` / `AWS::CloudFront::Distribution`: a caller of a load balancer, as far as it waits for
//! answers.

use super::names::{self, role};
use super::{Default, KindSpec, OBJECTS, Read, STRING, attribute, link, read, whole};
use crate::graph::{Data, Map, Value, lookup};

/// A distribution with its origins.
pub(super) const DISTRIBUTION: KindSpec = KindSpec {
    kind: names::DISTRIBUTION,
    doc: "CloudFront distribution",
    terraform: &["aws_cloudfront_distribution"],
    cloudformation: &["AWS::CloudFront::Distribution"],
    attributes: &[
        attribute("comment", STRING, "comment", Default::None, "comment").property("DistributionConfig.Comment"),
        read(
            "origins",
            OBJECTS,
            Read::From("origin", origins),
            Default::None,
            "what it asks: domain_name, and read_timeout in seconds (30 when it is not written)",
        )
        .property_from("DistributionConfig.Origins", origins),
    ],
    links: &[link(role::ORIGIN, "origin[*].domain_name", &[names::LOAD_BALANCER])
        .property(&["DistributionConfig.Origins[*].DomainName"])],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// Each origin as `{domain_name, read_timeout}`, from either dialect. An origin that is no server of its own (a bucket)
/// has no timeout.
fn origins(blocks: &Value) -> Value {
    let read = |block: &Value| {
        if block.as_unknown().is_some() {
            return block.clone();
        }
        let first = |paths: [&str; 2]| paths.into_iter().find_map(|path| lookup(block, path).to_value());
        let mut origin = Map::default();
        if let Some(name) = first(["domain_name", "DomainName"]) {
            origin.set("domain_name", name);
        }
        let config = ["custom_origin_config.0", "CustomOriginConfig"].map(|path| lookup(block, path));
        if config.iter().any(|config| config.known().is_some()) {
            let written = first(["custom_origin_config.0.origin_read_timeout", "CustomOriginConfig.OriginReadTimeout"]);
            origin.set("read_timeout", written.map_or_else(|| 30.into(), whole));
        }
        origin.into()
    };
    match &blocks.data {
        Data::List(blocks) => blocks.iter().map(read).collect::<Vec<Value>>().into(),
        Data::Map(_) => vec![read(blocks)].into(),
        _ => blocks.clone(),
    }
}
