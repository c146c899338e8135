//! Configuration against its own real plan: the graph that is read from a folder must not contradict the graph that is
//! read from the plan Terraform made of it. What only the plan knows stands in a list here, each entry with its reason.

use std::collections::{BTreeMap, BTreeSet};

use plangate::graph::{Action, Certainty, Data, Graph, Link, Lookup, Mode, Resource, Target, Value};
use plangate::judge::{Assessment, Verdict, judge};
use plangate::load::{Inputs, load};
use sha1::{Digest, Sha1};

/// Something only the plan knows. `*` at the end of a pattern stands for anything.
struct Excuse {
    stack: &'static str,
    address: &'static str,
    what: &'static str,
    why: &'static str,
}

const fn excuse(stack: &'static str, address: &'static str, what: &'static str, why: &'static str) -> Excuse {
    Excuse { stack, address, what, why }
}

/// What the plan knows and the configuration does not.
const ONLY_IN_THE_PLAN: &[Excuse] = &[
    excuse("*", "aws_instance.*", "all_tags", "holds what the provider puts on everything, which is not read"),
    excuse("configurations/count-dynamic", "*", "subnets", DATA),
    excuse("configurations/ecs-fargate-node", "*", "subnets", DATA),
    excuse("configurations/keepalive-sources", "*", "subnets", DATA),
    excuse("configurations/lambda-target", "*", "subnets", DATA),
    excuse("configurations/multi-tg-for-each", "*", "subnets", DATA),
    excuse("configurations/weighted-blue-green", "*", "subnets", DATA),
    excuse("configurations/shared-alb-data-sources", "*", "subnets", DATA),
    excuse("computed-index", "aws_lb.this > *", "path", INDEX),
    excuse("data-sources", "*", "subnets", DATA),
    excuse("configurations/count-dynamic", "aws_instance.app*", "subnet", DATA),
    excuse("configurations/count-dynamic", "aws_security_group.lb[0]", "egress", DATA),
    excuse("configurations/weighted-blue-green", "aws_instance.*", "subnet", DATA),
    excuse("configurations/modules-nested", "module.platform*", "availability_zone", DATA),
    excuse("configurations/ec2-asg-nginx", "aws_subnet.public*", "availability_zone", DATA),
    excuse(
        "configurations/shared-alb-data-sources",
        "aws_vpc_security_group_ingress_rule.from_shared_alb*",
        "address",
        COUNTED,
    ),
    excuse("replace", "*", "id", STATE),
    excuse("replace", "aws_instance.host", "private_ip", STATE),
    excuse("replace", "aws_instance.host", "vpc_security_group_ids", STATE),
    excuse("replace", "aws_lb.*", "security_groups", STATE),
    excuse("replace", "aws_lb.*", "subnets", STATE),
    excuse("replace", "aws_lb_target_group_attachment.host", "target_id", STATE),
    excuse("replace", "aws_vpc.this", "*", STATE),
    excuse("update", "*", "id", STATE),
    excuse("update", "aws_instance.host", "private_ip", STATE),
    excuse("update", "aws_instance.host", "vpc_security_group_ids", STATE),
    excuse("update", "aws_lb.*", "security_groups", STATE),
    excuse("update", "aws_lb.*", "subnets", STATE),
    excuse("update", "aws_lb_target_group_attachment.host", "target_id", STATE),
    excuse("update", "aws_vpc.this", "*", STATE),
    excuse("update", "aws_security_group.host", "ingress", STATE),
    excuse("target-flag", "- >*", "path", TARGETED),
    excuse("configurations/keepalive-sources", "aws_lb_target_group.svc*", "security-group-admits-traffic", DATA),
    excuse("configurations/shared-alb-data-sources", "*", "deregistration-delay-covers-idle-timeout", DATA),
    excuse("data-sources", "aws_lb_target_group.invoices", "deregistration-delay-covers-idle-timeout", DATA),
    excuse("data-sources", "aws_lb_target_group.invoices", "security-group-admits-traffic", DATA),
    excuse("destroy", "aws_lb_target_group.preview", "backend-keep-alive-outlasts-idle-timeout", "it goes away"),
    excuse("target-flag", "aws_lb_target_group.reports", "backend-keep-alive-outlasts-idle-timeout", TARGETED),
];

/// Where the plan is about something else than what the configuration says.
const OTHERWISE_IN_THE_PLAN: &[Excuse] = &[
    excuse("computed-index", "aws_autoscaling_group.api", "target_group", INDEX),
    excuse("computed-index", "aws_lb_target_group.service*", "target-group-has-targets", INDEX),
    excuse("computed-index", "aws_lb.this > *", "path", INDEX),
    excuse("configurations/https-backend-egress", "aws_lb_target_group.app", "backend-keep-alive-margin", DIGEST),
    excuse("destroy", "*", "*", "the plan takes away what the configuration makes"),
    excuse("target-flag", "*", "address", TARGETED),
    excuse("target-flag", "*", "path", TARGETED),
    excuse("replace", "aws_lb.*", "vpc", STATE),
    excuse("replace", "aws_lb_listener.http", "actions", STATE),
    excuse("replace", "aws_lb_target_group.members", "replacement-can-be-made", BEFORE),
    excuse("replace", "aws_lb_target_group.members", "target-group-kept-behind-listener", BEFORE),
    excuse("target-flag", "aws_lb.reports", "*", TARGETED),
    excuse("update", "aws_lb.*", "vpc", STATE),
    excuse("update", "aws_lb_listener.http", "actions", STATE),
    excuse(
        "update",
        "aws_lb_target_group.tickets",
        "stickiness.type",
        "AWS names a type for stickiness that is off; nobody wrote it",
    ),
];

const DATA: &str = "a data source: only AWS can tell";
const INDEX: &str = "a plan mentions the same for one instance, which a function picks, and for all of them";
const DIGEST: &str = "of user data the plan has a digest";
const COUNTED: &str = "how many there are hangs on a data source";
const STATE: &str = "AWS chose it when it was made before; the state has it";
const BEFORE: &str = "what is replaced only a plan tells";
const TARGETED: &str = "the plan leaves out what -target did not name";

/// A difference between the two graphs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    stack: String,
    address: String,
    what: String,
    detail: String,
}

/// What came of comparing two graphs.
#[derive(Default)]
struct Outcome {
    /// The two say different things.
    contradictions: Vec<Difference>,
    /// Only the plan says it.
    missing: Vec<Difference>,
    /// How many statements of the plan the configuration says too.
    agreed: usize,
}

/// Folders that hold a configuration and its plan, by their path below testdata.
fn stacks() -> Vec<String> {
    let root = crate::program::testdata("");
    let plans = plangate::source::disk::files_under(&root, &["json"]).unwrap();
    let mut found: Vec<String> = plans
        .iter()
        .filter_map(|file| file.strip_suffix("/plan.json"))
        .map(|folder| folder.strip_prefix(&root).unwrap_or(folder).trim_start_matches('/').to_owned())
        .collect();
    found.sort();
    assert!(found.len() >= 34, "only {} stacks", found.len());
    found
}

fn graphs(folder: &str) -> (Graph, Graph) {
    let (configuration, problems) = load(folder, &Inputs::default(), &[]).unwrap();
    let errors: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{folder}: {}", errors.join("\n"));
    // In a folder of its own: the configuration beside it would tell what is to be compared with it.
    let alone = crate::program::Folder::new();
    let plan = plangate::source::disk::read_text(&format!("{folder}/plan.json")).unwrap();
    alone.file("plan.json", &plan);
    let (plan, _) = load(&alone.path("plan.json"), &Inputs::default(), &[]).unwrap();
    (configuration.graph, plan.graph)
}

/// Catalogued resources the graph says will be there.
fn made(graph: &Graph) -> BTreeMap<&str, &Resource> {
    let there = |resource: &&Resource| {
        resource.mode == Mode::Managed && resource.kind.is_some() && resource.action != Action::Delete
    };
    graph.resources().map(|(_, resource)| resource).filter(there).map(|one| (one.address.as_str(), one)).collect()
}

struct Comparison<'a> {
    stack: &'a str,
    address: &'a str,
    outcome: &'a mut Outcome,
}

impl Comparison<'_> {
    fn difference(&self, what: &str, detail: String) -> Difference {
        Difference { stack: self.stack.into(), address: self.address.into(), what: what.into(), detail }
    }

    fn contradicts(&mut self, what: &str, detail: String) {
        let difference = self.difference(what, detail);
        self.outcome.contradictions.push(difference);
    }

    fn misses(&mut self, what: &str, detail: String) {
        let difference = self.difference(what, detail);
        self.outcome.missing.push(difference);
    }

    fn attribute(&mut self, path: &str, ours: Lookup<'_>, plan: Lookup<'_>) {
        let ours = if ours.known().is_some_and(nothing) { Lookup::Absent } else { ours };
        let plan = if plan.known().is_some_and(nothing) { Lookup::Absent } else { plan };
        match (ours, plan) {
            (_, Lookup::Unknown(_)) => {}
            (Lookup::Absent, Lookup::Absent) => self.outcome.agreed += 1,
            (Lookup::Unknown(why), Lookup::Absent) => self.misses(path, format!("{why}; the plan: absent")),
            (Lookup::Unknown(why), Lookup::Known(plan)) => self.misses(path, format!("{why}; the plan: {plan}")),
            (Lookup::Known(ours), Lookup::Absent) => self.contradicts(path, format!("{ours}; the plan: absent")),
            (Lookup::Absent, Lookup::Known(plan)) => self.contradicts(path, format!("absent; the plan: {plan}")),
            (Lookup::Known(ours), Lookup::Known(plan)) => self.value(path, ours, plan),
        }
    }

    fn value(&mut self, path: &str, ours: &Value, plan: &Value) {
        if !agree(ours, plan) {
            return self.contradicts(path, format!("{ours}; the plan: {plan}"));
        }
        if unknowns(ours) > unknowns(plan) {
            return self.misses(path, format!("{ours}; the plan: {plan}"));
        }
        self.outcome.agreed += 1;
    }

    /// All links of one role.
    fn links(&mut self, role: &str, ours: &Ends, plan: &Ends) {
        let shown = || format!("{ours}; the plan: {plan}");
        let sure_elsewhere = |sure: &Ends, other: &Ends| {
            sure.certain.iter().any(|end| !other.certain.contains(end) && !other.possible.contains(end) && !other.open)
        };
        if sure_elsewhere(ours, plan) || sure_elsewhere(plan, ours) {
            return self.contradicts(role, shown());
        }
        let missed = plan.certain.iter().any(|end| !ours.certain.contains(end));
        if missed || plan.closed() && !ours.closed() {
            return self.misses(role, shown());
        }
        self.outcome.agreed += 1;
    }
}

/// How many values in here are not known.
fn unknowns(value: &Value) -> usize {
    match &value.data {
        Data::Unknown(_) => 1,
        Data::List(items) => items.iter().map(unknowns).sum(),
        Data::Map(map) => map.iter().map(|(_, value)| unknowns(value)).sum(),
        _ => 0,
    }
}

/// Whether the two can be the same value. Unknowns can be anything; a null in an object is the same as no entry;
/// numbers and booleans may be written as text; lists are compared without regard to order, because a plan sorts sets.
fn agree(ours: &Value, plan: &Value) -> bool {
    match (&ours.data, &plan.data) {
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) => true,
        (Data::List(ours), Data::List(plan)) => {
            ours.len() == plan.len() && (ours.iter().zip(plan).all(|(a, b)| agree(a, b)) || matched(ours, plan))
        }
        (Data::Map(ours), Data::Map(plan)) => {
            let null = Value::null();
            let keys: BTreeSet<_> = ours.iter().chain(plan.iter()).map(|(key, _)| key.clone()).collect();
            keys.iter().all(|key| agree(ours.get(key).unwrap_or(&null), plan.get(key).unwrap_or(&null)))
        }
        _ if nothing(ours) || nothing(plan) => nothing(ours) && nothing(plan),
        (Data::List(_) | Data::Map(_), _) | (_, Data::List(_) | Data::Map(_)) => false,
        _ => text(ours) == text(plan) || digest(ours) == text(plan),
    }
}

/// What a plan says of user data.
fn digest(value: &Value) -> String {
    Sha1::digest(text(value)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Null, or the empty text the provider writes for it into states and nested blocks.
fn nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Whether each of `ours` has one of `plan` of its own.
fn matched(ours: &[Value], plan: &[Value]) -> bool {
    fn place(at: usize, fits: &[Vec<usize>], seen: &mut BTreeSet<usize>, taken: &mut BTreeMap<usize, usize>) -> bool {
        fits[at].iter().any(|&to| {
            let free = seen.insert(to) && taken.get(&to).copied().is_none_or(|other| place(other, fits, seen, taken));
            if free {
                taken.insert(to, at);
            }
            free
        })
    }
    let fits: Vec<Vec<usize>> =
        ours.iter().map(|one| (0..plan.len()).filter(|&to| agree(one, &plan[to])).collect()).collect();
    let mut taken = BTreeMap::new();
    (0..ours.len()).all(|at| place(at, &fits, &mut BTreeSet::new(), &mut taken))
}

/// A scalar as Terraform converts it to text.
fn text(value: &Value) -> String {
    match &value.data {
        Data::String(text) => text.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What the links of one role point at, together.
#[derive(Default)]
struct Ends {
    certain: BTreeSet<String>,
    possible: BTreeSet<String>,
    /// There may be more.
    open: bool,
}

impl Ends {
    fn closed(&self) -> bool {
        self.possible.is_empty() && !self.open
    }
}

impl std::fmt::Display for Ends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.certain)?;
        if !self.possible.is_empty() {
            write!(f, " perhaps {:?}", self.possible)?;
        }
        f.write_str(if self.open { " and more" } else { "" })
    }
}

fn ends(graph: &Graph, address: &str) -> BTreeMap<&'static str, Ends> {
    let mut roles: BTreeMap<&'static str, Ends> = BTreeMap::new();
    let links: &[Link] = graph.find(address).map_or(&[], |id| graph.links(id));
    for link in links {
        let ends = roles.entry(link.role.0).or_default();
        for end in &link.ends {
            let to = match &end.to {
                Target::Resource(id) => graph.resource(*id).address.to_string(),
                Target::Outside(text) => text.to_string(),
            };
            if end.certainty == Certainty::Certain {
                ends.certain.insert(to)
            } else {
                ends.possible.insert(to)
            };
        }
        ends.open |= link.rest.is_some();
    }
    roles
}

/// Request paths by their five ends, and whether each is certain.
fn paths(assessment: &Assessment) -> BTreeMap<String, bool> {
    let shown: serde_json::Value = serde_json::from_str(&plangate::report::paths_json(assessment)).unwrap();
    let ends = ["/load_balancer", "/listener", "/rule", "/target_group", "/target/address"];
    let mut paths = BTreeMap::new();
    for path in shown["paths"].as_array().unwrap() {
        let end = |at: &&str| path.pointer(at).and_then(serde_json::Value::as_str).unwrap_or("-").to_owned();
        let name = ends.iter().map(end).collect::<Vec<String>>().join(" > ");
        let certain = path["certainty"] == "certain";
        *paths.entry(name).or_insert(false) |= certain;
    }
    paths
}

/// What fails and what is undecided, by policy and subject. The rest passes, or does not apply.
fn verdicts(assessment: &Assessment) -> BTreeMap<(String, String), Verdict> {
    let mut verdicts = BTreeMap::new();
    for finding in &assessment.findings {
        let worst =
            verdicts.entry((finding.policy.to_string(), finding.subject.to_string())).or_insert(finding.verdict);
        *worst = finding.verdict.min(*worst);
    }
    verdicts
}

/// What fails by the one must not pass by the other.
fn compare_verdicts(stack: &str, ours: &Assessment, plan: &Assessment, outcome: &mut Outcome) {
    let (ours, plan) = (verdicts(ours), verdicts(plan));
    for check in ours.keys().chain(plan.keys()).collect::<BTreeSet<_>>() {
        let (policy, subject) = check;
        let mut comparison = Comparison { stack, address: subject, outcome };
        match (ours.get(check), plan.get(check)) {
            (Some(Verdict::Fail), None) => comparison.contradicts(policy, "fails; by the plan it does not".into()),
            (None, Some(Verdict::Fail)) => comparison.contradicts(policy, "does not fail; by the plan it does".into()),
            (Some(Verdict::Undecided), Some(Verdict::Fail) | None) => {
                comparison.misses(policy, "undecided; the plan decides it".into());
            }
            _ => comparison.outcome.agreed += 1,
        }
    }
}

fn compare(stack: &str, folder: &str, outcome: &mut Outcome) {
    let (configuration, plan) = graphs(folder);
    let (ours, theirs) = (made(&configuration), made(&plan));
    for address in ours.keys().chain(theirs.keys()).copied().collect::<BTreeSet<&str>>() {
        let mut comparison = Comparison { stack, address, outcome };
        let (one, other) = match (ours.get(address), theirs.get(address)) {
            (Some(one), Some(other)) => (one, other),
            (None, _) if configuration.partial().is_some() => {
                comparison.misses("address", "not told by the configuration".into());
                continue;
            }
            (None, _) => {
                comparison.contradicts("address", "not in the configuration".into());
                continue;
            }
            (_, None) => {
                comparison.contradicts("address", "not in the plan".into());
                continue;
            }
        };
        let spec = plangate::catalog::kind_of(plangate::catalog::Dialect::Terraform, &one.type_name).unwrap();
        for attribute in spec.attributes {
            comparison.attribute(attribute.path, one.get(attribute.path), other.get(attribute.path));
        }
        let (mine, planned) = (ends(&configuration, address), ends(&plan, address));
        let none = Ends::default();
        for role in mine.keys().chain(planned.keys()).collect::<BTreeSet<_>>() {
            comparison.links(role, mine.get(role).unwrap_or(&none), planned.get(role).unwrap_or(&none));
        }
    }
    let (policies, _) = plangate::policy::PolicySet::builtin();
    let (ours, theirs) = (judge(&configuration, &policies), judge(&plan, &policies));
    compare_verdicts(stack, &ours, &theirs, outcome);
    let (mine, planned) = (paths(&ours), paths(&theirs));
    for (path, certain) in &planned {
        let mut comparison = Comparison { stack, address: path, outcome };
        match (certain, mine.get(path)) {
            (true, Some(true)) => comparison.outcome.agreed += 1,
            (true, _) => comparison.misses("path", "certain only in the plan".into()),
            (false, _) => {}
        }
    }
    let unsure = planned.values().any(|certain| !certain);
    for path in mine.iter().filter(|(_, certain)| **certain).map(|(path, _)| path) {
        if !planned.contains_key(path) && !unsure {
            Comparison { stack, address: path, outcome }.contradicts("path", "certain, and not in the plan".into());
        }
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == text, |beginning| text.starts_with(beginning))
}

/// Takes the differences away that are excused; says which excuses none needed.
fn excused(differences: Vec<Difference>, excuses: &[Excuse]) -> (Vec<Difference>, Vec<String>) {
    let covers = |excuse: &Excuse, one: &Difference| {
        fits(excuse.stack, &one.stack) && fits(excuse.address, &one.address) && fits(excuse.what, &one.what)
    };
    let unused = excuses
        .iter()
        .filter(|excuse| !differences.iter().any(|one| covers(excuse, one)))
        .map(|excuse| format!("no longer needed: {} {} {} ({})", excuse.stack, excuse.address, excuse.what, excuse.why))
        .collect();
    let left = differences.into_iter().filter(|one| !excuses.iter().any(|excuse| covers(excuse, one))).collect();
    (left, unused)
}

fn told(differences: &[Difference]) -> String {
    let line = |one: &Difference| format!("{}: {}: {}: {}", one.stack, one.address, one.what, one.detail);
    differences.iter().map(line).collect::<Vec<String>>().join("\n")
}

#[test]
fn configuration_never_contradicts_its_plan() {
    let mut outcome = Outcome::default();
    for stack in stacks() {
        compare(&stack, &crate::program::testdata(&stack), &mut outcome);
    }
    let (missing, unused) = excused(outcome.missing, ONLY_IN_THE_PLAN);
    let (contradictions, idle) = excused(outcome.contradictions, OTHERWISE_IN_THE_PLAN);
    let (wrong, left) = (told(&contradictions), told(&missing));
    assert!(wrong.is_empty(), "the plan says otherwise:\n{wrong}\n\nonly the plan knows:\n{left}");
    assert!(left.is_empty(), "only the plan knows:\n{left}");
    assert!(unused.is_empty() && idle.is_empty(), "{}\n{}", unused.join("\n"), idle.join("\n"));
    assert!(outcome.agreed > 5000, "only {} statements agree", outcome.agreed);
}

/// Needs what `tests/random/plan.py` makes: `PLANGATE_RANDOM=FOLDER cargo test --release -- --ignored random`.
#[test]
#[ignore = "needs a real Terraform: see tests/random/plan.py"]
fn random_configurations_never_contradict_their_plans() {
    let root = std::env::var("PLANGATE_RANDOM").unwrap();
    let plans = plangate::source::disk::files_under(&root, &["json"]).unwrap();
    let folders: Vec<&str> = plans.iter().filter_map(|file| file.strip_suffix("/plan.json")).collect();
    assert!(!folders.is_empty(), "no plan.json under {root}");
    let mut outcome = Outcome::default();
    for folder in &folders {
        compare(folder.rsplit('/').next().unwrap(), folder, &mut outcome);
    }
    let (wrong, missing) = (told(&outcome.contradictions), told(&outcome.missing));
    let numbers = format!(
        "{} plans: {} statements agree, {} contradict, {} only the plan knows",
        folders.len(),
        outcome.agreed,
        outcome.contradictions.len(),
        outcome.missing.len()
    );
    assert!(wrong.is_empty() && missing.is_empty(), "{wrong}\n\nonly the plan knows:\n{missing}\n\n{numbers}");
    assert!(outcome.agreed > 1000, "{numbers}");
}

/// `terraform console` says 81 and "second" of this.
#[test]
fn a_key_written_twice_has_its_later_value() {
    let folder = crate::program::Folder::new();
    folder.file(
        "main.tf",
        r#"
locals {
  group = {
    port = 80
    name = "first"
    "name" = "second"
    inner = { port = 1 }
    port = 81
    short = { a = 1, b=1, c : 1, "d" : 1, ab = 1, "ef"= 1, a = 2, b=2, c : 2, "d" : 2, ab = 2, "ef"= 2 }
  }
}
resource "aws_lb_target_group" "g" {
  name = local.group.name
  port = local.group.port
  tags = { for key, value in local.group.short : key => value }
}
"#,
    );
    let (loaded, problems) = load(&folder.path("."), &Inputs::default(), &[]).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let id = loaded.graph.find("aws_lb_target_group.g").unwrap();
    let group = loaded.graph.resource(id);
    assert_eq!((group.get("port").int(), group.get("name").str()), (Some(81), Some("second")));
    let at = group.spots.get("port").unwrap();
    assert_eq!((at.line, at.column), (14, 3));
    let short =
        ["a", "b", "c", "d", "ab", "ef"].map(|key| group.raw.get("tags").and_then(|tags| tags.get(key)?.as_int()));
    assert_eq!(short, [Some(2); 6]);
}
