//! `aws_elastic_beanstalk_environment`, `aws_elastic_beanstalk_configuration_template` / `AWS::ElasticBeanstalk::Environment`,
//! `AWS::ElasticBeanstalk::ConfigurationTemplate`: their settings, and what AWS takes for those that nobody writes. The load
//! balancer and the target group that Elastic Beanstalk makes of them are in no input.

use super::names::{self, role};
use super::{Attribute, Const, Default, INT, KindSpec, OBJECTS, STRING, attribute, link, read};
use crate::catalog::normalise::Filled;
use crate::catalog::spec::{Entry, Read};
use crate::graph::{Data, Lookup, Map, Reason, Unknown, Value, lookup};

/// An environment, or the settings that environments are made from.
pub(super) const ENVIRONMENT: KindSpec = KindSpec {
    kind: names::BEANSTALK_ENVIRONMENT,
    doc: "environment of Elastic Beanstalk, or a configuration template for environments, by its settings",
    terraform: &["aws_elastic_beanstalk_environment", names::BEANSTALK_TEMPLATES[0]],
    cloudformation: &["AWS::ElasticBeanstalk::Environment", names::BEANSTALK_TEMPLATES[1]],
    attributes: ATTRIBUTES,
    links: &[link(role::SETTINGS_OF, "template_name", &[names::BEANSTALK_ENVIRONMENT]).property(&["TemplateName"])],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["EnvironmentName"],
};

const SETTING: Entry = Entry { keys: &["namespace", "name"], value: "value" };
const OPTION_SETTING: Entry = Entry { keys: &["Namespace", "OptionName"], value: "Value" };

/// An option, called `namespace/name`.
const fn option(
    path: &'static str,
    ty: fn() -> super::Type,
    key: &'static str,
    default: fn(&Filled<'_>) -> Value,
    doc: &'static str,
) -> Attribute {
    Attribute {
        cloudformation: Read::Keyed { list: "OptionSettings", entry: &OPTION_SETTING, key },
        ..read(path, ty, Read::Keyed { list: "setting", entry: &SETTING, key }, Default::AwsBy(default), doc)
    }
}

const ATTRIBUTES: &[Attribute] = &[
    attribute(
        "keep_alive_seconds",
        INT,
        "tags.plangate:keep-alive-seconds",
        Default::None,
        "seconds its instances keep an idle connection, as its author states it in a tag",
    )
    .keyed("Tags", "plangate:keep-alive-seconds"),
    read(
        "template",
        STRING,
        Read::At("template_name"),
        Default::None,
        "configuration template whose settings it starts from",
    )
    .property("TemplateName"),
    read(
        "copied_from",
        STRING,
        Read::At("environment_id"),
        Default::None,
        "environment or configuration template whose settings this template starts from",
    )
    .property_from("", |template| {
        let names = ["EnvironmentId", "SourceConfiguration.TemplateName"];
        names.into_iter().find_map(|name| lookup(template, name).to_value()).unwrap_or_else(Value::null)
    }),
    read("tier", STRING, Read::At("tier"), Default::Aws(Const::Str("WebServer")), "WebServer or Worker")
        .property("Tier.Name"),
    option(
        "environment_type",
        STRING,
        "aws:elasticbeanstalk:environment/EnvironmentType",
        |all| otherwise(all, "LoadBalanced"),
        "LoadBalanced or SingleInstance",
    ),
    option(
        "load_balancer_type",
        STRING,
        "aws:elasticbeanstalk:environment/LoadBalancerType",
        |all| otherwise(all, "classic"),
        "classic, application or network",
    ),
    option(
        "load_balancer_is_shared",
        STRING,
        "aws:elasticbeanstalk:environment/LoadBalancerIsShared",
        |all| otherwise(all, "false"),
        "true when the load balancer is not its own",
    ),
    option(
        "idle_timeout",
        INT,
        "aws:elbv2:loadbalancer/IdleTimeout",
        |all| otherwise(all, 60),
        "seconds a connection of its load balancer may be silent; 1 to 3600",
    ),
    option(
        "proxy",
        STRING,
        "aws:elasticbeanstalk:environment:proxy/ProxyServer",
        |all| otherwise(all, "nginx"),
        "nginx, apache or none: what answers the load balancer",
    ),
    option(
        "port",
        INT,
        "aws:elasticbeanstalk:environment:process:default/Port",
        |all| otherwise(all, 80),
        "port of the instances that gets the requests",
    ),
    option(
        "protocol",
        STRING,
        "aws:elasticbeanstalk:environment:process:default/Protocol",
        |all| otherwise(all, "HTTP"),
        "HTTP or HTTPS: what the load balancer speaks to the instances",
    ),
    option(
        "deregistration_delay",
        INT,
        "aws:elasticbeanstalk:environment:process:default/DeregistrationDelay",
        |all| otherwise(all, 20),
        "seconds a leaving instance may finish its requests; 0 to 3600",
    ),
    option(
        "health_check.path",
        STRING,
        "aws:elasticbeanstalk:environment:process:default/HealthCheckPath",
        |all| otherwise(all, "/"),
        "path that is asked for",
    ),
    option(
        "health_check.matcher",
        STRING,
        "aws:elasticbeanstalk:environment:process:default/MatcherHTTPCode",
        |all| otherwise(all, "200"),
        "codes that count as healthy: `200`, `200,202` or `200-299`",
    ),
    option(
        "health_check.interval",
        INT,
        "aws:elasticbeanstalk:environment:process:default/HealthCheckInterval",
        |all| otherwise(all, 15),
        "seconds between checks; 5 to 300",
    ),
    option(
        "health_check.timeout",
        INT,
        "aws:elasticbeanstalk:environment:process:default/HealthCheckTimeout",
        |all| otherwise(all, 5),
        "seconds until a check counts as not answered; 1 to 60",
    ),
    option(
        "health_check.healthy_threshold",
        INT,
        "aws:elasticbeanstalk:environment:process:default/HealthyThresholdCount",
        |all| otherwise(all, 3),
        "successes in a row until healthy; 2 to 10",
    ),
    option(
        "health_check.unhealthy_threshold",
        INT,
        "aws:elasticbeanstalk:environment:process:default/UnhealthyThresholdCount",
        |all| otherwise(all, 5),
        "failures in a row until unhealthy; 2 to 10",
    ),
    read(
        "variables",
        OBJECTS,
        Read::From("setting", |settings| variables(settings, &SETTING)),
        Default::None,
        "environment variables of the application: name, value",
    )
    .property_from("OptionSettings", |settings| variables(settings, &OPTION_SETTING)),
];

/// What AWS takes, unless the settings start from others: those then say it.
fn otherwise(environment: &Filled<'_>, default: impl Into<Value>) -> Value {
    let from = "the settings it starts from";
    let outside = || Value::unknown(Unknown::because(Reason::OutsideInput(from.into())));
    let unwritten = ["template", "copied_from"].into_iter().all(|name| environment.get(name) == Lookup::Absent);
    if unwritten { default.into() } else { outside() }
}

/// The variables of the application among the settings.
fn variables(settings: &Value, form: &Entry) -> Value {
    let Some(entries) = settings.as_list() else { return settings.clone() };
    let [namespace, name] = form.keys else { return Value::null() };
    let is_variable =
        |entry: &&Value| lookup(entry, namespace).str() == Some("aws:elasticbeanstalk:application:environment");
    let variable = |entry: &Value| {
        let fields = [("name", *name), ("value", form.value)];
        let fields = fields.into_iter().filter_map(|(own, field)| Some((own.into(), entry.get(field)?.clone())));
        Value { data: Data::Map(fields.collect::<Map>()), marks: entry.marks }
    };
    entries.iter().filter(is_variable).map(variable).collect::<Vec<Value>>().into()
}
