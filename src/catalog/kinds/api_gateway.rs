//! `aws_apigatewayv2_integration` / `AWS::ApiGatewayV2::Integration`: a caller of a load balancer through a VPC link, as far
//! as it waits for answers. What a REST API asks is a network load balancer or an address, and not read.

use super::names::{self, role};
use super::{Const, Default, INT, KindSpec, Read, STRING, attribute, link, read};

/// What an HTTP API asks.
pub(super) const INTEGRATION: KindSpec = KindSpec {
    kind: names::API_INTEGRATION,
    doc: "integration of an HTTP API of API Gateway",
    terraform: &["aws_apigatewayv2_integration"],
    cloudformation: &["AWS::ApiGatewayV2::Integration"],
    attributes: &[
        attribute("description", STRING, "description", Default::None, "description").property("Description"),
        read(
            "timeout_milliseconds",
            INT,
            Read::At("timeout_milliseconds"),
            Default::Aws(Const::Int(30_000)),
            "milliseconds it waits for an answer; 50 to 30000",
        )
        .property("TimeoutInMillis"),
    ],
    links: &[link(role::ORIGIN, "integration_uri", &[names::LISTENER]).property(&["IntegrationUri"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
