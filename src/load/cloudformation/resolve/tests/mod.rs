//! Templates as text, and what is made of them.

mod functions;
mod hostile;
mod parameters;
mod worlds;

use std::collections::BTreeMap;

use super::{Given, Resolved, ResolvedResource, Said, Settings, Template, World};
use crate::graph::{Reason, Text};
use crate::load::cloudformation::read;
use crate::load::hcl::{Content, Value};
use crate::source::Problem;

/// What a deployment is told beside the template.
#[derive(Default)]
pub(super) struct Told {
    given: BTreeMap<Text, Given>,
    region: Option<&'static str>,
    account: Option<&'static str>,
    stack_name: Option<&'static str>,
    outputs: bool,
}

impl Told {
    pub(super) fn given(mut self, name: &str, value: &str) -> Told {
        self.given.insert(name.into(), Given { said: Said::Value(Value::text(value)), file: None, position: None });
        self
    }

    pub(super) fn value(mut self, name: &str, value: Value) -> Told {
        self.given.insert(name.into(), Given { said: Said::Value(value), file: None, position: None });
        self
    }

    pub(super) fn previous(mut self, name: &str) -> Told {
        self.given.insert(name.into(), Given { said: Said::Previous, file: None, position: None });
        self
    }

    pub(super) fn deployed(mut self) -> Told {
        (self.region, self.account, self.stack_name) = (Some("eu-west-1"), Some("123456789012"), Some("shop"));
        self
    }
}

/// Everything that comes of a template.
pub(super) struct Outcome {
    pub(super) worlds: Vec<(World, Resolved)>,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn outcome(text: &str, told: &Told) -> Outcome {
    let (root, mut problems) = read::read("t.yaml", text);
    let (template, more) = Template::new("t.yaml", text, root.expect("a template"));
    problems.extend(more);
    let imports = |name: &str| (name == "shared-vpc").then(|| Value::text("vpc-1"));
    let nested_outputs = |stack: &str, output: &str| (stack == "Edge" && output == "Sg").then(|| Value::text("sg-1"));
    let settings = Settings {
        prefix: "",
        given: &told.given,
        region: told.region,
        account: told.account,
        stack_name: told.stack_name,
        imports: &imports,
        nested_outputs: &nested_outputs,
        relevant: &|ty| ty != "Aside",
        outputs: told.outputs,
    };
    let (worlds, more) = template.worlds(&settings);
    problems.extend(more);
    let mut resolved = Vec::new();
    for world in worlds {
        let (one, more) = template.resolve(&settings, &world);
        problems.extend(more.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
        resolved.push((world, one));
    }
    Outcome { worlds: resolved, problems }
}

impl Outcome {
    /// The only world, which must be without problems.
    pub(super) fn only(self) -> Resolved {
        assert_eq!(self.problems, []);
        let [(_, resolved)] =
            <[_; 1]>::try_from(self.worlds).unwrap_or_else(|worlds| panic!("{} worlds", worlds.len()));
        resolved
    }

    pub(super) fn messages(&self) -> Vec<String> {
        let line = |problem: &Problem| problem.to_string().lines().next().unwrap_or_default().to_owned();
        self.problems.iter().map(line).collect()
    }

    pub(super) fn assumed(&self) -> Vec<String> {
        let words = |world: &World| world.assumed.iter().map(|one| one.words.clone()).collect::<Vec<_>>().join("; ");
        self.worlds.iter().map(|(world, _)| words(world)).collect()
    }
}

impl Resolved {
    pub(super) fn resource(&self, id: &str) -> &ResolvedResource {
        self.resources.iter().find(|one| &*one.logical_id == id).unwrap_or_else(|| panic!("no {id}"))
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.resources.iter().map(|one| &*one.logical_id).collect()
    }
}

impl ResolvedResource {
    pub(super) fn said(&self, property: &str) -> String {
        self.properties.get(property).map_or_else(|| "absent".to_owned(), said)
    }
}

/// A value in one line: `=X` is exactly that attribute, `?…` another unknown with its reasons, `"ab"…` what it
/// starts with, `!` sensitive.
pub(super) fn said(value: &Value) -> String {
    let mark = if value.sensitive { "!" } else { "" };
    let inner = match &value.content {
        Content::Unknown(hole) => {
            let place = |reason: &crate::graph::Unknown| reason.hangs_on.as_ref().map(|place| place.to_string());
            let reasons: Vec<String> = hole
                .reasons
                .iter()
                .map(|reason| match (&reason.reason, place(reason)) {
                    (Reason::Reference, Some(place)) => format!("={place}"),
                    (Reason::AfterApply, Some(place)) => format!("~{place}"),
                    (Reason::NoValue, Some(place)) => format!("no {place}"),
                    _ => reason.to_string(),
                })
                .collect();
            let prefix = match hole.bounds.prefix.is_empty() {
                true => String::new(),
                false => format!("{:?}…", hole.bounds.prefix),
            };
            let absent = if hole.bounds.not_null { "" } else { "or absent " };
            format!("{prefix}?{absent}{}", reasons.join(", "))
        }
        Content::Tuple(items) => format!("[{}]", items.content.iter().map(said).collect::<Vec<_>>().join(" ")),
        Content::Object(entries) => {
            let entry = |(key, value): (&Text, &Value)| format!("{key}:{}", said(value));
            format!("{{{}}}", entries.content.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
        _ => format!("{:?}", Value::new(value.content.clone())),
    };
    format!("{mark}{inner}")
}

/// The value of an expression in a template that has a bit of everything, without problems.
pub(super) fn value(expression: &str) -> String {
    value_with(expression, &Told::default())
}

pub(super) fn value_with(expression: &str, told: &Told) -> String {
    outcome(&around(expression), told).only().resource("It").said("P")
}

/// The first problem with an expression, without the file.
pub(super) fn fault(expression: &str) -> String {
    let messages = outcome(&around(expression), &Told::default()).messages();
    messages.first().unwrap_or_else(|| panic!("nothing is wrong with {expression}")).replace("t.yaml:", "")
}

fn around(expression: &str) -> String {
    format!(
        r#"Transform: AWS::LanguageExtensions
Parameters:
  Name: {{Type: String, Default: web}}
  Port: {{Type: Number, Default: "080"}}
  Secret: {{Type: String, Default: hush, NoEcho: true}}
  Nothing: {{Type: String}}
  Subnets: {{Type: "List<AWS::EC2::Subnet::Id>"}}
  Zones: {{Type: CommaDelimitedList, Default: "a, b,c"}}
  Empty: {{Type: CommaDelimitedList, Default: ""}}
  Image: {{Type: "AWS::SSM::Parameter::Value<String>", Default: /image}}
Mappings:
  Sizes:
    web: {{Timeout: 60, Codes: ["200", 204], Same: x}}
    api: {{Timeout: 70, Codes: ["200"], Same: x}}
Conditions:
  Fits: !Equals [!Ref Name, web]
  Fails: !Not [Condition: Fits]
  Open: !Equals [!ImportValue other, x]
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.1.0.0/16}}}}
  Group: {{Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}}
  Other: {{Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}}
  Edge: {{Type: "AWS::CloudFormation::Stack"}}
  It:
    Type: A::B::C
    Properties:
      P: {expression}
"#
    )
}
