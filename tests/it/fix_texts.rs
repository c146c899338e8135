//! What fixing does to texts: only the bytes of the change, in the style of what stands around them, where the value is
//! set; proven, and never a second time.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use plangate::fix::{self, Bench, Fixes, Origin};
use plangate::judge::{Assessment, judge_all};
use plangate::load::{Given, GivenParameter, Inputs, load};
use plangate::policy::PolicySet;

use crate::program::Folder;

/// The policies of these ids.
pub(crate) fn only(ids: &[&str]) -> PolicySet {
    let (mut policies, _) = PolicySet::builtin_to_judge();
    policies.retain(|policy| ids.contains(&policy.id.as_str()));
    assert_eq!(policies.len(), ids.len());
    policies
}

pub(crate) fn assessed(path: &str, inputs: &Inputs, policies: &PolicySet) -> (Assessment, Vec<String>) {
    let (loaded, problems) = load(path, inputs, &[]).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let graphs: Vec<_> = loaded.graphs().collect();
    let types = loaded.graph.resources().map(|(_, resource)| resource.type_name.to_string()).collect();
    (judge_all(&graphs, &loaded.beside, policies), types)
}

fn fixed(path: &str, inputs: &Inputs, policies: &PolicySet) -> Fixes {
    let (assessment, types) = assessed(path, inputs, policies);
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let bench = Bench { origin: Origin::Path(path, inputs), policies, types: &types, judged: None };
    let fixes = fix::all(&bench, &assessment);
    for patch in &fixes.patches {
        assert_eq!(patch.before.as_bytes(), plangate::source::disk::read(&patch.file).unwrap());
    }
    fixes
}

/// The files of a folder after fixing, by name, and why what is left is left. `main` is what is read: a file, or `.`.
pub(crate) fn after(
    files: &[(&str, &str)],
    main: &str,
    inputs: &Inputs,
    ids: &[&str],
) -> (BTreeMap<String, String>, Vec<String>) {
    let folder = Folder::new();
    for (name, text) in files {
        if let Some((inner, _)) = name.rsplit_once('/') {
            std::fs::create_dir_all(folder.path(inner)).unwrap();
        }
        folder.file(name, text);
    }
    let path = folder.path(main);
    let path = path.trim_end_matches("/.").to_owned();
    let given = inputs.given.iter().map(|given| match given {
        Given::File(name) => Given::File(folder.path(name)),
        var => var.clone(),
    });
    let parameters = inputs.template.parameters.iter().map(|given| match given {
        GivenParameter::File(name) => GivenParameter::File(folder.path(name)),
        other => other.clone(),
    });
    let mut inputs = Inputs { given: given.collect(), ..inputs.clone() };
    inputs.template.parameters = parameters.collect();
    let policies = only(ids);
    let fixes = fixed(&path, &inputs, &policies);
    let mut texts = BTreeMap::new();
    for patch in &fixes.patches {
        plangate::source::disk::write_whole(&patch.file, patch.after.as_bytes()).unwrap();
        let name = patch.file.strip_prefix(&folder.path("")).unwrap_or(&patch.file);
        texts.insert(name.trim_start_matches('/').to_owned(), patch.after.clone());
    }
    // Whatever was done is done once.
    let again = fixed(&path, &inputs, &policies);
    assert!(again.patches.is_empty(), "{:?}", again.patches);
    let left = fixes.outcomes.into_iter().filter_map(|outcome| outcome.result.err());
    (texts, left.map(|why| why.replace(&folder.path(""), "")).collect())
}

/// One file of configuration, fixed.
pub(crate) fn terraform(text: &str, ids: &[&str]) -> String {
    let (texts, left) = after(&[("main.tf", text)], ".", &Inputs::default(), ids);
    assert!(left.is_empty(), "{left:?}");
    texts["main.tf"].clone()
}

pub(crate) fn template(text: &str, ids: &[&str]) -> String {
    let (texts, left) = after(&[("template.yaml", text)], "template.yaml", &Inputs::default(), ids);
    assert!(left.is_empty(), "{left:?}");
    texts["template.yaml"].clone()
}

const IDLE: &[&str] = &["idle-timeout-in-range"];
const TIMEOUT: &[&str] = &["health-check-timeout-below-interval"];
const PROTECT: &[&str] = &["deletion-protection-on"];

#[test]
fn a_literal_is_replaced_and_nothing_else() {
    let text = "\u{feff}# über\r\nresource \"aws_lb\" \"web\" {\r\n\tidle_timeout=\"5000\" /* s */ # ✓\r\n  name   = <<-EOT\r\n    idle_timeout = 5000\r\n  EOT\r\n}\r\n";
    assert_eq!(terraform(text, IDLE), text.replacen("\"5000\"", "\"4000\"", 1));
}

#[test]
fn an_attribute_is_put_in_as_its_neighbours_are_written() {
    let aligned = "resource \"aws_lb\" \"web\" {\r\n  name               = \"web\"\r\n  load_balancer_type = \"application\" # why\r\n\r\n  tags = {\r\n    a = 1\r\n  }\r\n}\r\n";
    let wanted = aligned.replacen("# why\r\n", "# why\r\n\r\n  enable_deletion_protection = true\r\n", 1);
    assert_eq!(terraform(aligned, PROTECT), wanted);
    let fits = "resource \"aws_lb\" \"web\" {\n  drop_invalid_header_fields_ = null\n}\n";
    assert!(terraform(fits, PROTECT).contains("  enable_deletion_protection  = true\n"));
    assert_eq!(
        terraform("resource \"aws_lb\" \"web\" {}\n", PROTECT),
        "resource \"aws_lb\" \"web\" {\n  enable_deletion_protection = true\n}\n"
    );
    assert_eq!(
        terraform("resource \"aws_lb\" \"web\" { name = \"web\" }\n", PROTECT),
        "resource \"aws_lb\" \"web\" {\n  name = \"web\"\n\n  enable_deletion_protection = true\n}\n"
    );
}

#[test]
fn a_block_is_made_where_there_is_none() {
    let text = "resource \"aws_lb_target_group\" \"app\" {\n  port     = 80\n  protocol = \"HTTPS\"\n  # the end\n}\n";
    let wanted = text.replacen("  # the end\n", "  # the end\n\n  health_check {\n    protocol = \"HTTPS\"\n  }\n", 1);
    assert_eq!(terraform(text, &["health-check-protocol-matches-target-group"]), wanted);
}

#[test]
fn a_value_is_changed_where_it_is_set() {
    let main = "variable \"idle\" { default = 9000 }\nlocals { idle = var.idle }\nresource \"aws_lb\" \"web\" {\n  idle_timeout = local.idle\n}\n";
    assert_eq!(terraform(main, IDLE), main.replacen("9000", "4000", 1));
    let values = "# ours\nidle = 8000 # seconds\n";
    let files = [("main.tf", main), ("terraform.tfvars", values)];
    let (texts, left) = after(&files, ".", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left.len()), (1, 0));
    assert_eq!(texts["terraform.tfvars"], values.replacen("8000", "4000", 1));
    let (_, left) = {
        let given = vec![Given::Var("idle".to_owned(), "7000".to_owned())];
        after(&[("main.tf", main)], ".", &Inputs { given, ..Inputs::default() }, IDLE)
    };
    assert_eq!(left, ["it is set by --var idle"]);
}

#[test]
fn a_module_gets_another_argument_and_its_own_text_changes_only_when_all_that_use_it_are_cured() {
    let module = "variable \"idle\" {}\nresource \"aws_lb\" \"this\" {\n  idle_timeout = var.idle\n}\n";
    let main = "module \"a\" {\n  source = \"./lb\"\n  idle   = 9000\n}\nmodule \"b\" {\n  source = \"./lb\"\n  idle   = 60\n}\n";
    let (texts, left) = after(&[("main.tf", main), ("lb/main.tf", module)], ".", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left.len()), (1, 0), "{left:?}");
    assert_eq!(texts["main.tf"], main.replacen("9000", "4000", 1));
    // Both are unprotected, so that the text of the module cures both.
    let (texts, left) = after(&[("main.tf", main), ("lb/main.tf", module)], ".", &Inputs::default(), PROTECT);
    assert_eq!(left.len(), 0, "{left:?}");
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["lb/main.tf"]);
}

#[test]
fn a_value_that_others_use_too_is_left() {
    let main = "locals { s = 9000 }\nresource \"aws_lb\" \"web\" {\n  idle_timeout = local.s\n}\nresource \"aws_sqs_queue\" \"q\" {\n  delay = local.s\n}\n";
    let (texts, left) = after(&[("main.tf", main)], ".", &Inputs::default(), IDLE);
    assert!(texts.is_empty());
    assert_eq!(left, ["it would change aws_sqs_queue.q too"]);
}

#[test]
fn instances_are_cured_together_and_one_of_them_where_its_own_value_stands() {
    let counted = "resource \"aws_lb\" \"web\" {\n  count        = 2\n  idle_timeout = 0\n}\n";
    assert_eq!(terraform(counted, IDLE), counted.replacen("= 0", "= 60", 1));
    let each = "locals {\n  all = {\n    a = { idle = 60 }\n    b = { idle = 5000 }\n  }\n}\nresource \"aws_lb\" \"web\" {\n  for_each     = local.all\n  idle_timeout = each.value.idle\n}\n";
    assert_eq!(terraform(each, IDLE), each.replacen("5000", "4000", 1));
}

#[test]
fn what_an_expression_or_an_installed_module_decides_is_left() {
    let main = "resource \"aws_lb\" \"web\" {\n  idle_timeout = 2000 * 3\n}\n";
    let (texts, left) = after(&[("main.tf", main)], ".", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left), (0, vec!["an expression decides it (main.tf:2)".to_owned()]));
    let module = "resource \"aws_lb\" \"this\" {\n  idle_timeout = 9000\n}\n";
    let call = "module \"lb\" {\n  source = \"terraform-aws-modules/alb/aws\"\n}\n";
    let manifest = r#"{"Modules":[{"Key":"lb","Source":"registry.terraform.io/terraform-aws-modules/alb/aws","Dir":".terraform/modules/lb"}]}"#;
    let files =
        [("main.tf", call), (".terraform/modules/lb/main.tf", module), (".terraform/modules/modules.json", manifest)];
    let (texts, left) = after(&files, ".", &Inputs::default(), IDLE);
    assert!(texts.is_empty());
    assert_eq!(left, [".terraform/modules/lb/main.tf belongs to a module that is installed from elsewhere"]);
}

const GROUP: &str = "Resources:\n  App: # it\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties:\n      Protocol: HTTP\n      Port: 80\n      HealthCheckTimeoutSeconds: '30'   # slow\n\n  Other:\n    Type: AWS::SNS::Topic\n";

#[test]
fn a_template_in_block_style() {
    let wanted = GROUP.replacen("# slow\n", "# slow\n      HealthCheckIntervalSeconds: 35\n", 1);
    assert_eq!(template(GROUP, TIMEOUT), wanted);
    let windows = GROUP.replace('\n', "\r\n");
    assert_eq!(template(&windows, TIMEOUT), wanted.replace('\n', "\r\n"));
    let marked = format!("\u{feff}{GROUP}");
    assert_eq!(template(&marked, TIMEOUT), format!("\u{feff}{wanted}"));
}

#[test]
fn a_template_in_flow_style_and_in_json() {
    let flow = "Resources:\n  App: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Protocol: HTTP, HealthCheckTimeoutSeconds: 30}}\n";
    let wanted = flow.replacen("Seconds: 30}", "Seconds: 30, HealthCheckIntervalSeconds: 35}", 1);
    assert_eq!(template(flow, TIMEOUT), wanted);
    let json = "{\n  \"Resources\": {\n    \"Web\": {\n      \"Type\": \"AWS::ElasticLoadBalancingV2::LoadBalancer\",\n      \"Properties\": {\n        \"Name\": \"web\"\n      }\n    }\n  }\n}\n";
    let wanted = json.replacen(
        "\"web\"\n",
        "\"web\",\n        \"LoadBalancerAttributes\": [\n          {\n            \"Key\": \"deletion_protection.enabled\",\n            \"Value\": \"true\"\n          }\n        ]\n",
        1,
    );
    assert_eq!(template(json, PROTECT), wanted);
    let listed = json.replacen(
        "\"Name\": \"web\"",
        "\"LoadBalancerAttributes\": [{\"Key\": \"idle_timeout.timeout_seconds\", \"Value\": \"9000\"}]",
        1,
    );
    let both = template(&listed, &[IDLE[0], PROTECT[0]]);
    assert_eq!(
        both,
        listed.replacen("\"9000\"}]", "\"4000\"}, {\"Key\": \"deletion_protection.enabled\", \"Value\": \"true\"}]", 1)
    );
}

#[test]
fn an_anchor_is_changed_when_all_its_aliases_are_cured() {
    let text = "Resources:\n  A:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties: &p\n      Protocol: HTTP\n      HealthCheckIntervalSeconds: 10\n      HealthCheckTimeoutSeconds: 10\n  B:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties: *p\n";
    assert_eq!(template(text, TIMEOUT), text.replacen("Seconds: 10", "Seconds: 15", 1));
}

#[test]
fn a_parameter_is_changed_where_its_value_is() {
    let text = "Parameters:\n  Idle: {Type: Number, Default: 9000}\nResources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      LoadBalancerAttributes:\n        - {Key: idle_timeout.timeout_seconds, Value: !Ref Idle}\n";
    assert_eq!(template(text, IDLE), text.replacen("9000", "4000", 1));
    let given = "[{\"ParameterKey\": \"Idle\", \"ParameterValue\": \"8000\"}]";
    let mut inputs = Inputs::default();
    inputs.template.parameters = vec![GivenParameter::File("prod.json".to_owned())];
    let (texts, left) = after(&[("t.yaml", text), ("prod.json", given)], "t.yaml", &inputs, IDLE);
    assert_eq!((texts["prod.json"].clone(), left.len()), (given.replacen("8000", "4000", 1), 0));
    let decided = text.replacen("!Ref Idle", "!If [A, 9000, !Ref Idle]", 1).replacen(
        "Resources:",
        "Conditions: {A: !Equals [a, a]}\nResources:",
        1,
    );
    let (texts, left) = after(&[("t.yaml", &decided)], "t.yaml", &Inputs::default(), IDLE);
    assert_eq!(texts.len(), 0);
    assert_eq!(left, ["a condition decides it (t.yaml:9)"]);
}

#[test]
fn a_parameter_file_of_another_form_is_named_with_its_line() {
    let text = "Parameters:\n  Idle: {Type: Number, Default: 9000}\nResources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      LoadBalancerAttributes:\n        - {Key: idle_timeout.timeout_seconds, Value: !Ref Idle}\n";
    let mut inputs = Inputs::default();
    inputs.template.parameters = vec![GivenParameter::File("prod.params".to_owned())];
    for (given, line) in [("# ours\nIdle=8000\n", 2), ("[\n\n  \"Idle=8000\"\n]\n", 3), ("{\"Idle\": [\"8000\"]}\n", 1)]
    {
        let (texts, left) = after(&[("t.yaml", text), ("prod.params", given)], "t.yaml", &inputs, IDLE);
        assert!(texts.is_empty(), "{texts:?}");
        let why = format!("the value stands in prod.params line {line}, in a form plangate does not edit");
        assert_eq!(left.iter().map(|why| why.replace('/', "")).collect::<Vec<_>>(), [why]);
    }
}

#[test]
fn a_value_is_followed_out_of_a_nested_stack() {
    let child = "Parameters:\n  Idle: {Type: Number, Default: 60}\nResources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      LoadBalancerAttributes:\n        - {Key: idle_timeout.timeout_seconds, Value: !Ref Idle}\n";
    let main = "Parameters:\n  Seconds: {Type: Number, Default: 9000}\nResources:\n  Edge:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./edge.yaml\n      Parameters:\n        Idle: !Ref Seconds\n";
    let files = |main, child| [("t.yaml", main), ("edge.yaml", child)];
    let (texts, left) = after(&files(main, child), "t.yaml", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left.len()), (1, 0), "{left:?}");
    assert_eq!(texts["t.yaml"], main.replacen("9000", "4000", 1));
    // Nobody gives it one: the default of the child counts.
    let (main, child) =
        (main.replacen("Idle:", "Other:", 1), child.replacen("60}", "9000}\n  Other: {Type: Number}", 1));
    let (texts, left) = after(&files(&main, &child), "t.yaml", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left.len()), (1, 0), "{left:?}");
    assert_eq!(texts.values().collect::<Vec<_>>(), [&child.replacen("9000", "4000", 1)]);
}

#[test]
fn a_change_that_would_break_something_else_is_left() {
    // A longer interval would leave dead targets in rotation for more than a minute.
    let text = "resource \"aws_lb_target_group\" \"app\" {\n  protocol = \"HTTP\"\n  health_check {\n    timeout  = 15\n    interval = 15\n    unhealthy_threshold = 3\n  }\n}\n";
    let ids = [TIMEOUT[0], "unhealthy-target-detected-quickly"];
    let (texts, left) = after(&[("main.tf", text)], ".", &Inputs::default(), &ids);
    assert!(texts.is_empty(), "{texts:?}");
    assert_eq!(left, ["with this change unhealthy-target-detected-quickly would fail on aws_lb_target_group.app"]);
}

#[test]
fn edits_are_attached_to_the_findings_they_cure_alone() {
    let folder = Folder::new();
    folder.file("main.tf", "resource \"aws_lb\" \"web\" {\n  idle_timeout = 9000\n}\n");
    let (inputs, policies) = (Inputs::default(), only(&[IDLE[0], "access-logs-on"]));
    let (mut assessment, types) = assessed(&folder.path(""), &inputs, &policies);
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let path = folder.path("");
    fix::attach(
        &Bench { origin: Origin::Path(&path, &inputs), policies: &policies, types: &types, judged: None },
        &path,
        &mut assessment,
        1000,
    );
    let edits: Vec<_> = assessment.findings.iter().map(|finding| (finding.policy.as_str(), &finding.edits)).collect();
    let (idle, none): (Vec<_>, Vec<_>) = edits.into_iter().partition(|(policy, _)| *policy == IDLE[0]);
    assert!(none.iter().all(|(_, edits)| edits.is_empty()));
    let [edit] = idle[0].1.as_slice() else { panic!("{idle:?}") };
    assert_eq!((edit.start, edit.end, edit.replacement.as_str()), (43, 47, "4000"));
    assert_eq!((edit.from.line, edit.from.column, edit.to.column), (2, 18, 22));
}
