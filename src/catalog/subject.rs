//! What a policy can be about, and which variables its expressions then see. The derived facts named here are
//! worked out in `relate`; this page is their vocabulary, so that a policy can be checked without a graph.

use std::collections::BTreeMap;

use super::schema::{Field, Type};
use crate::graph::Kind;

/// What one evaluation of a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Each resource of a kind.
    Kind(Kind),
    /// Each load balancer × listener × rule × target group × target.
    Path,
    /// Each load balancer × target group × target: the connection the load balancer opens.
    Connection,
    /// Each target group × target.
    Registration,
    /// Each resource of any type, raw: only with `select`.
    Resource,
}

impl Subject {
    /// The subject with this name in a policy file.
    #[must_use]
    pub fn parse(name: &str) -> Option<Subject> {
        Some(match name {
            "path" => Subject::Path,
            "connection" => Subject::Connection,
            "registration" => Subject::Registration,
            "resource" => Subject::Resource,
            _ => Subject::Kind(super::kind_named(name)?.kind),
        })
    }

    /// Its name in a policy file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Subject::Kind(kind) => kind.0,
            Subject::Path => "path",
            Subject::Connection => "connection",
            Subject::Registration => "registration",
            Subject::Resource => "resource",
        }
    }

    /// The names of all subjects, for "did you mean".
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<&str> = super::kinds().map(|spec| spec.kind.0).collect();
        names.extend(["path", "connection", "registration", "resource"]);
        names.sort_unstable();
        names
    }

    /// The variables an expression of such a policy sees, with their types.
    #[must_use]
    pub fn variables(self) -> BTreeMap<&'static str, Field> {
        let kind = |name| super::kind_named(name).map_or(Type::Any, super::KindSpec::schema);
        let mut seen: Vec<(&'static str, Type)> = match self {
            Subject::Kind(own) => vec![(own.0, kind(own.0))],
            Subject::Path => {
                ["load_balancer", "listener", "listener_rule", "target_group"].map(|n| (n, kind(n))).into()
            }
            Subject::Connection => ["load_balancer", "target_group"].map(|n| (n, kind(n))).into(),
            Subject::Registration => vec![("target_group", kind("target_group"))],
            Subject::Resource => vec![("resource", Type::Any), ("selected", Type::Any)],
        };
        for derived in DERIVED.iter().filter(|derived| derived.subject == self.name()) {
            let fields = derived.fields.iter().map(|(path, ty, doc)| (*path, ty(), *doc));
            seen.push((derived.name, Type::from_paths(fields)));
        }
        seen.into_iter().map(|(name, ty)| (name, Field { ty, doc: "" })).collect()
    }
}

/// A fact that is worked out from several resources.
pub struct Derived {
    /// The subject whose policies see it.
    pub subject: &'static str,
    /// The variable's name.
    pub name: &'static str,
    /// Its fields: dotted path, type, meaning.
    pub fields: &'static [DerivedField],
}

/// A field of a derived fact: dotted path, type, meaning.
pub type DerivedField = (&'static str, fn() -> Type, &'static str);

const BOOL: fn() -> Type = || Type::Bool;
const INT: fn() -> Type = || Type::Int;
const STRING: fn() -> Type = || Type::String;
const STRINGS: fn() -> Type = || Type::list(Type::String);
const OBJECTS: fn() -> Type = || Type::list(Type::Any);
const INTS: fn() -> Type = || Type::list(Type::Int);

/// What a change does to a resource.
const CHANGE: &[DerivedField] = &[
    ("replaced", BOOL, "whether the change deletes it and makes it anew"),
    ("create_first", BOOL, "whether the new one is made before the old one goes"),
    ("because", STRING, "the attributes that force it"),
    ("renamed", BOOL, "whether its name is among them"),
    ("fixed_name", BOOL, "whether its author gives it a name"),
];

/// What answers behind a load balancer, as far as its idle timeout goes.
const KEEP_ALIVE: [DerivedField; 7] = [
    ("keep_alive", INT, "whole seconds the server behind the target keeps an idle connection; absent when `unlimited`"),
    ("unlimited", BOOL, "whether it never closes an idle connection first, or closes after each response and says so"),
    ("presumed", INT, "seconds to presume where `keep_alive` is not known; absent when there is no guess"),
    ("server", STRING, "the server software"),
    ("strength", STRING, "stated, shipped or presumed: what the number rests on"),
    ("because", STRING, "what says so, or the question whose answer would tell"),
    ("fix", STRING, "what to write to make it keep connections long enough"),
];

/// All derived facts.
pub const DERIVED: &[Derived] = &[
    Derived {
        subject: "path",
        name: "path",
        fields: &[
            ("weight", INT, "weight of the target group in its forward action"),
            ("groups", INT, "how many target groups the forward action names"),
            ("sticky", BOOL, "whether the forward action keeps a client with one of its groups"),
            ("has_target", BOOL, "whether anything is registered in the target group"),
        ],
    },
    Derived {
        subject: "connection",
        name: "connection",
        fields: &[
            ("target_kind", STRING, "ecs_service, autoscaling_group, instance, ip, lambda or alb"),
            ("target", STRING, "address of the target"),
            ("port", INT, "port the requests go to; absent with dynamic host ports and for lambda"),
            ("health_check_port", INT, "port the health checks go to"),
            (
                "dynamic_ports",
                BOOL,
                "whether the host port is chosen when the task starts (ECS bridge mode, hostPort 0)",
            ),
            ("over_network", BOOL, "whether packets flow at all: false for lambda targets"),
        ],
    },
    Derived {
        subject: "connection",
        name: "reach",
        fields: &[
            (
                "traffic.admitted",
                BOOL,
                "whether security groups of both sides let requests through on the traffic port",
            ),
            ("traffic.partly", BOOL, "whether some of them are let through and others are not"),
            ("traffic.because", STRING, "the rule or the missing rule that decides it"),
            ("traffic.fix", STRING, "the rule that would admit it, with ports and peers filled in"),
            (
                "traffic.missing",
                OBJECTS,
                "the rules of security groups that would do it, for `add_rules`; may be empty",
            ),
            ("health_check.admitted", BOOL, "the same on the health-check port"),
            ("health_check.partly", BOOL, "whether some of them are let through and others are not"),
            ("health_check.because", STRING, "the rule or the missing rule that decides it"),
            ("health_check.fix", STRING, "the rule that would admit it, with ports and peers filled in"),
            (
                "health_check.missing",
                OBJECTS,
                "the rules of security groups that would do it, for `add_rules`; may be empty",
            ),
        ],
    },
    Derived {
        subject: "connection",
        name: "backend",
        fields: &[
            KEEP_ALIVE[0],
            KEEP_ALIVE[1],
            KEEP_ALIVE[2],
            KEEP_ALIVE[3],
            KEEP_ALIVE[4],
            KEEP_ALIVE[5],
            KEEP_ALIVE[6],
            (
                "request_limit",
                INT,
                "seconds after which it answers a slow request with an error; absent when not visible",
            ),
            ("request_limit_because", STRING, "the setting, and whose"),
            ("tls13_only", STRING, "that it accepts TLS 1.3 only, for messages; absent where nothing says so"),
            ("killed_after", INT, "seconds after which it kills the worker of a slow request; absent when not visible"),
            ("killed_because", STRING, "the setting, and whose"),
            ("speaks_http", BOOL, "false when it speaks another protocol, such as FastCGI"),
            ("speaks_instead", STRING, "what speaks what"),
            ("headers_in_time", BOOL, "false when Node's headersTimeout ends a connection before its keep-alive does"),
            ("headers_because", STRING, "both numbers"),
            ("starts", BOOL, "false when a directive stands where the server does not allow it"),
            ("starts_because", STRING, "which directive"),
        ],
    },
    Derived {
        subject: "connection",
        name: "application",
        fields: &[
            (
                "kept",
                BOOL,
                "whether the application behind the proxy keeps connections longer than the proxy reuses them",
            ),
            ("because", STRING, "both numbers, and whose; absent when no application is visible behind the backend"),
            ("fix", STRING, "what to write on either side"),
        ],
    },
    Derived {
        subject: "registration",
        name: "registration",
        fields: &[
            ("target_kind", STRING, "ecs_service, autoscaling_group, instance, ip, lambda or alb"),
            ("target", STRING, "address of the target"),
            ("launch_type", STRING, "FARGATE, EC2 or EXTERNAL; absent when the target is no ECS service"),
            (
                "stop_timeout",
                INT,
                "seconds the container has from SIGTERM to SIGKILL; absent when the target is no ECS service",
            ),
            ("spot", BOOL, "whether tasks run on FARGATE_SPOT; absent when the target is no ECS service"),
            ("network_mode", STRING, "network mode of the task definition; absent when the target is no ECS service"),
            ("container_name", STRING, "container the load balancer block of the service names"),
            ("container_port", INT, "container port the load balancer block of the service names"),
            ("container_declared", BOOL, "whether the task definition has that container"),
            ("port_declared", BOOL, "whether that container maps that port"),
            ("containers", STRING, "the containers of the task definition and their ports, for messages"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "egress",
        fields: &[
            ("declared", BOOL, "whether at least one security group of the load balancer has any egress rule"),
            ("because", STRING, "which security group and why it has none"),
            ("needed", BOOL, "false when all it forwards to are Lambda functions, which it reaches without a packet"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "groups",
        fields: &[("present", BOOL, "whether it names at least one security group")],
    },
    Derived {
        subject: "listener",
        name: "clients",
        fields: &[
            ("admitted", BOOL, "whether the load balancer's security groups admit anyone on the listener port"),
            ("because", STRING, "the rule or the missing rule that decides it"),
            ("fix", STRING, "the rule that would admit them"),
            ("missing", OBJECTS, "the rules of security groups that would do it, for `add_rules`; may be empty"),
        ],
    },
    Derived {
        subject: "listener",
        name: "certificates",
        fields: &[("present", BOOL, "whether a certificate is set on the listener")],
    },
    Derived {
        subject: "listener",
        name: "balancer",
        fields: &[("type", STRING, "type of its load balancer: application, network or gateway")],
    },
    Derived {
        subject: "listener_rule",
        name: "siblings",
        fields: &[
            ("same_priority", BOOL, "whether another rule of the same listener has the same priority"),
            ("because", STRING, "which rule"),
        ],
    },
    Derived { subject: "target_group", name: "change", fields: CHANGE },
    Derived { subject: "load_balancer", name: "change", fields: CHANGE },
    Derived {
        subject: "target_group",
        name: "registrations",
        fields: &[
            ("present", BOOL, "whether anything registers targets in the group"),
            ("because", STRING, "what was looked for, or why it cannot be told"),
            ("ports", INTS, "traffic ports of all registrations"),
        ],
    },
    Derived {
        subject: "target_group",
        name: "forwards",
        fields: &[
            ("present", BOOL, "whether a listener or rule forwards to the group"),
            (
                "from_application",
                BOOL,
                "whether the group serves an Application Load Balancer (judged by its protocol when none forwards to it)",
            ),
        ],
    },
    Derived {
        subject: "security_group",
        name: "rules",
        fields: &[
            ("inline", BOOL, "whether the group's own block writes ingress or egress rules"),
            ("separate", BOOL, "whether rule resources of their own add rules to the same group"),
            ("because", STRING, "which rule resource"),
        ],
    },
    Derived {
        subject: "connection",
        name: "zones",
        fields: &[
            ("visible", BOOL, "whether the input shows zones of both sides"),
            ("shared", BOOL, "whether the load balancer has a subnet in every zone the target may be in"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "registration",
        name: "permission",
        fields: &[
            ("visible", BOOL, "whether the input shows the Lambda function"),
            ("granted", BOOL, "whether the load balancer may call it"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "zones",
        fields: &[
            ("visible", BOOL, "whether the input shows its zones, or that it has one subnet"),
            ("several", BOOL, "whether its subnets are in two zones at least"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "internet",
        fields: &[
            ("visible", BOOL, "whether the input shows a route table of one of its subnets"),
            ("reachable", BOOL, "whether those have a route to an internet gateway"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "alarms",
        fields: &[
            ("on_errors", BOOL, "whether an alarm counts the 5xx answers of the load balancer itself"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "load_balancer",
        name: "web_acl",
        fields: &[("present", BOOL, "whether the input associates a web ACL with it")],
    },
    Derived {
        subject: "listener",
        name: "identity_provider",
        fields: &[
            ("asked", BOOL, "whether an action of the listener or its rules signs clients in"),
            ("reachable", BOOL, "whether the load balancer's security groups let it out on 443"),
            ("because", STRING, "why, for messages"),
            ("fix", STRING, "the rule that would let it out"),
            ("missing", OBJECTS, "the rules of security groups that would do it, for `add_rules`; may be empty"),
        ],
    },
    Derived {
        subject: "listener_rule",
        name: "precedence",
        fields: &[
            ("reached", BOOL, "whether no rule tried before takes all of its requests"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "target_group",
        name: "zones",
        fields: &[
            ("visible", BOOL, "whether the input shows zones of the load balancer"),
            ("served", BOOL, "whether every zone of the load balancer has a target"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "target_group",
        name: "vpc",
        fields: &[
            ("visible", BOOL, "whether the input shows the VPC of both"),
            ("shared", BOOL, "whether it is in the VPC of its load balancer"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "ecs_service",
        name: "serves",
        fields: &[("present", BOOL, "whether it registers tasks for an Application Load Balancer")],
    },
    Derived {
        subject: "ecs_service",
        name: "startup",
        fields: &[
            ("seconds", INT, "longest start period that a container behind a load balancer states; absent for none"),
            ("container", STRING, "the container that states it"),
        ],
    },
    Derived {
        subject: "ecs_service",
        name: "capacity",
        fields: &[("wanted", BOOL, "whether it wants one task at least"), ("because", STRING, "why, for messages")],
    },
    Derived {
        subject: "ecs_service",
        name: "order",
        fields: &[
            (
                "visible",
                BOOL,
                "whether it is new, and it shows what it waits for and what forwards to its target groups",
            ),
            ("after", BOOL, "whether it waits for a listener or rule that forwards to each of its target groups"),
            ("because", STRING, "why, for messages"),
            ("fix", STRING, "what to do"),
        ],
    },
    Derived {
        subject: "autoscaling_group",
        name: "serves",
        fields: &[("present", BOOL, "whether it registers instances for an Application Load Balancer")],
    },
    Derived {
        subject: "autoscaling_group",
        name: "capacity",
        fields: &[("wanted", BOOL, "whether it wants one instance at least"), ("because", STRING, "why, for messages")],
    },
    Derived {
        subject: "lambda_function",
        name: "serves",
        fields: &[("present", BOOL, "whether it is registered for an Application Load Balancer")],
    },
    Derived {
        subject: "instance",
        name: "serves",
        fields: &[("present", BOOL, "whether it is registered for an Application Load Balancer")],
    },
    Derived {
        subject: "connection",
        name: "tls",
        fields: &[
            ("newest", BOOL, "whether the load balancer speaks TLS 1.3 to its targets"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "alarm",
        name: "dimensions",
        fields: &[
            ("visible", BOOL, "whether the input shows dimensions of an Application Load Balancer"),
            ("match", BOOL, "whether they have the form CloudWatch knows, and none is left out"),
            ("because", STRING, "why, for messages"),
            ("right", OBJECTS, "those that should be others, for `set_dimensions`; may be empty"),
        ],
    },
    Derived {
        subject: "distribution",
        name: "callee",
        fields: &[
            ("visible", BOOL, "whether the input shows a load balancer among its origins"),
            ("waited_for", BOOL, "whether it waits for answers as long as that one does"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "api_integration",
        name: "callee",
        fields: &[
            ("visible", BOOL, "whether the input shows the load balancer it asks"),
            ("waited_for", BOOL, "whether it waits for answers as long as that one does"),
            ("because", STRING, "why, for messages"),
        ],
    },
    Derived {
        subject: "beanstalk_environment",
        name: "balancer",
        fields: &[
            ("application", BOOL, "whether it gets an Application Load Balancer"),
            ("own", BOOL, "whether that load balancer is its own and not shared with others"),
        ],
    },
    Derived { subject: "beanstalk_environment", name: "backend", fields: &KEEP_ALIVE },
    Derived {
        subject: "target_group",
        name: "front",
        fields: &[
            ("protocol", STRINGS, "protocols of the listeners whose requests come to it"),
            ("ip_address_type", STRINGS, "IP address types of the load balancers whose requests come to it"),
        ],
    },
];
