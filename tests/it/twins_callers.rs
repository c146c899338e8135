//! Callers of a load balancer in both dialects.

use serde_json::{Value as Json, json};

/// The type and what is written of it, in Terraform and in CloudFormation.
pub(crate) fn callers() -> Vec<(&'static str, Json, &'static str, Json)> {
    vec![
        (
            "aws_cloudfront_distribution",
            json!({ "comment": "site", "origin": [{ "domain_name": "alb", "custom_origin_config": [{ "origin_read_timeout": 60 }] }, { "domain_name": "s3" }] }),
            "AWS::CloudFront::Distribution",
            json!({ "DistributionConfig": { "Comment": "site", "Origins": [{ "DomainName": "alb", "CustomOriginConfig": { "OriginReadTimeout": "60" } }, { "DomainName": "s3" }] } }),
        ),
        (
            "aws_apigatewayv2_integration",
            json!({ "description": "orders", "integration_uri": "l", "timeout_milliseconds": 10000 }),
            "AWS::ApiGatewayV2::Integration",
            json!({ "Description": "orders", "IntegrationUri": "l", "TimeoutInMillis": 10000 }),
        ),
    ]
}
