//! Wholes around CloudFormation templates: a folder the CDK writes, a change set, a SAM template.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use plangate::graph::{Certainty, Graph, Role};
use plangate::load::{Form, Inputs, Loaded, load};
use plangate::source::Problem;
use plangate::source::disk::{entries_in, read_text, write_whole};
use serde_json::{Value, json};

use crate::program::{Folder, feed, run, testdata};

fn loaded(path: &str) -> (Loaded, Vec<Problem>) {
    load(path, &Inputs::default(), &[]).unwrap()
}

/// What a link of a resource certainly points at.
fn end(graph: &Graph, from: &str, role: &'static str) -> Vec<String> {
    let from = graph.find(from).unwrap_or_else(|| panic!("no {from}"));
    let ends = graph.links_as(from, Role(role)).flat_map(|link| link.resources());
    let certain = ends.filter(|(_, certainty)| *certainty == Certainty::Certain);
    certain.map(|(id, _)| graph.resource(id).address.to_string()).collect()
}

/// A copy of `testdata/cdk/cdk.out`, each file first handed to `change`.
fn copied(change: impl Fn(&str, &mut Value)) -> (Folder, String) {
    fn copy(from: &str, to: &str, change: &impl Fn(&str, &mut Value)) {
        std::fs::create_dir_all(to).unwrap();
        for (name, entry) in entries_in(from).unwrap() {
            let (from, to) = (format!("{from}/{name}"), format!("{to}/{name}"));
            if entry == plangate::source::disk::Entry::Folder {
                copy(&from, &to, change);
                continue;
            }
            let mut file: Value = serde_json::from_str(&read_text(&from).unwrap()).unwrap();
            change(&name, &mut file);
            write_whole(&to, file.to_string().as_bytes()).unwrap();
        }
    }
    let folder = Folder::new();
    let root = folder.path("cdk.out");
    copy(&testdata("cdk/cdk.out"), &root, &change);
    (folder, root)
}

#[test]
fn a_cdk_folder_is_one_graph() {
    let (loaded, problems) = loaded(&testdata("cdk/cdk.out"));
    assert_eq!((loaded.form, &problems[..]), (Form::CdkOutput, &[][..]));
    assert_eq!(loaded.others.len(), 0);
    let graph = &loaded.graph;
    let listener = vec!["shop-edge/FrontHttp9361FE58".to_owned()];
    assert_eq!(end(graph, "shop-service/OrdersRule251509FF", "listener"), listener, "an export of another stack");
    let nested = "shop-service/ReportsNestedStackReportsNestedStackResource6385503C";
    let rule = graph
        .resources()
        .map(|(_, one)| one.address.to_string())
        .find(|address| address.starts_with(&format!("{nested}/Rule")));
    assert_eq!(end(graph, &rule.unwrap(), "listener"), listener, "handed on to a nested stack");
    assert!(graph.find("Test-Lone/One8A44B909").is_some(), "a stage");
    let group = graph.find("shop-service/OrdersGroupB6A64648").unwrap();
    assert_eq!(graph.resource(group).construct.as_deref(), Some("Service/OrdersGroup"));
    let by_manifest = load(&testdata("cdk/cdk.out/manifest.json"), &Inputs::default(), &[]).unwrap().0;
    assert_eq!(by_manifest.graph.resources().len(), graph.resources().len());
}

#[test]
fn findings_name_the_construct() {
    let ran = run(&["check", &testdata("cdk/cdk.out"), "--only", "matcher-not-broad", "-o", "json"]);
    let report = ran.json();
    let finding = &report["findings"][0];
    assert_eq!(finding["policy"], "matcher-not-broad", "{report}");
    assert_eq!(finding["subject"], "shop-service/OrdersGroupB6A64648");
    assert_eq!(finding["construct"], "Service/OrdersGroup");
    assert_eq!(report["inputs"][0]["form"], "cdk-output");
    let ran = run(&["check", &testdata("cdk/cdk.out")]);
    assert!(ran.stdout.contains("shop-service/OrdersGroupB6A64648 (Service/OrdersGroup)"), "{}", ran.stdout);
    let ran = run(&["check", &testdata("faulty/template.yaml"), "-o", "json"]);
    assert_eq!(ran.json()["findings"][0]["construct"], Value::Null);
}

#[test]
fn nested_templates_are_found_by_the_asset_manifest() {
    let (_folder, root) = copied(|_, file| {
        for (_, resource) in file["Resources"].as_object_mut().into_iter().flatten() {
            resource.as_object_mut().unwrap().remove("Metadata");
        }
    });
    let (loaded, problems) = loaded(&root);
    assert_eq!(problems, []);
    assert!(loaded.graph.resources().any(|(_, one)| one.address.to_string().contains("Resource6385503C/")));
    assert_eq!(loaded.graph.partial(), None);
}

#[test]
fn the_manifest_says_where_a_stack_goes() {
    let set = |account: &'static str, region: &'static str| {
        copied(move |name, file| {
            if name == "Service.template.json" {
                file["Resources"]["OrdersGroupB6A64648"]["Properties"]["Name"] =
                    json!({"Fn::Sub": "${AWS::StackName}-${AWS::Region}-${AWS::AccountId}-${Colour}"});
                file["Parameters"]["Colour"] = json!({"Type": "String"});
            }
            if name == "manifest.json" && file["artifacts"]["Service"].is_object() {
                file["artifacts"]["Service"]["environment"] = json!(format!("aws://{account}/{region}"));
                file["artifacts"]["Service"]["properties"]["parameters"] = json!({"Colour": "green"});
            }
        })
    };
    let name = |root: &str, inputs: &Inputs| {
        let (loaded, problems) = load(root, inputs, &[]).unwrap();
        let group = loaded.graph.find("shop-service/OrdersGroupB6A64648").unwrap();
        let name = loaded.graph.resource(group).get("name").str().map(str::to_owned);
        (name, problems.iter().map(ToString::to_string).collect::<Vec<_>>(), loaded)
    };
    let mut inputs = Inputs::default();
    let (_folder, root) = set("111122223333", "eu-central-1");
    let (said, problems, _) = name(&root, &inputs);
    assert_eq!((said.as_deref(), problems.len()), (Some("shop-service-eu-central-1-111122223333-green"), 0));

    let (_folder, root) = set("unknown-account", "unknown-region");
    assert_eq!(name(&root, &inputs).0, None, "nobody says where");
    inputs.template.region = Some("eu-west-1".to_owned());
    inputs.template.account = Some("444455556666".to_owned());
    inputs.template.parameters = vec![plangate::load::GivenParameter::parse("Colour=blue").unwrap()];
    let (said, problems, _) = name(&root, &inputs);
    assert_eq!((said.as_deref(), problems.len()), (Some("shop-service-eu-west-1-444455556666-blue"), 0));
    inputs.template.parameters = vec![plangate::load::GivenParameter::parse("Color=blue").unwrap()];
    let (_, problems, _) = name(&root, &inputs);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("a value is given for Color, a parameter no stack of the folder has"), "{problems:?}");
    // Exports are of one region: the listener is another one now, which is not here.
    let (_, _, loaded) = name(&root, &inputs);
    assert_eq!(end(&loaded.graph, "shop-service/OrdersRule251509FF", "listener"), Vec::<String>::new());
}

#[test]
fn stacks_of_one_name_are_told_apart() {
    let (_folder, root) = copied(|name, file| {
        if name == "manifest.json" && file["artifacts"]["Service"].is_object() {
            file["artifacts"]["Service"]["properties"]["stackName"] = json!("shop-edge");
        }
    });
    let (loaded, _) = loaded(&root);
    assert!(loaded.graph.find("Edge/FrontHttp9361FE58").is_some());
    assert!(loaded.graph.find("Service/OrdersGroupB6A64648").is_some());
}

#[test]
fn cdk_folders_with_faults() {
    let line = |path: &str| {
        let ran = run(&["check", path]);
        let first = ran.stderr.lines().next().unwrap_or_default().to_owned();
        (first.split(": ").skip(1).collect::<Vec<_>>().join(": "), ran.code)
    };
    let artifact = |template: &str| {
        copied(|name, file| {
            if name == "manifest.json" && file["artifacts"]["Edge"].is_object() {
                file["artifacts"]["Edge"]["properties"]["templateFile"] = json!(template);
            }
        })
    };
    let (folder, root) = artifact("gone.json");
    assert_eq!(line(&root), ("error: is named by a manifest and not read: there is no such file".to_owned(), 2));
    let (rest, _) = loaded(&root);
    assert!(rest.graph.partial().is_some(), "what imports from it may still be there");
    assert!(rest.graph.find("shop-service/OrdersGroupB6A64648").is_some());
    folder.file("secret.json", r#"{"Resources": {}}"#);
    let (folder, root) = artifact("../secret.json");
    folder.file("secret.json", r#"{"Resources": {}}"#);
    let (said, code) = line(&root);
    assert!(said.starts_with("error: is named by a manifest and not read: it lies outside"), "{said}");
    assert_eq!(code, 2);

    let folder = Folder::new();
    for (text, wanted) in [
        (r#"{"version": "36.0.0", "artifacts": {}}"#, "error: names no stack"),
        (r#"{"artifacts": {"A": {"type": "cdk:tree"}}}"#, "error: names no stack"),
        (
            r#"{"artifacts": {"A": {"type": "aws:cloudformation:stack"}}}"#,
            "error: the artifact A has no templateFile, so what it holds is not read",
        ),
        (
            r#"{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": ""}}}}"#,
            "error: is named by a manifest and not read: there is no such file",
        ),
        (
            r#"{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}"#,
            "error: names no stack",
        ),
        (
            r#"{"artifacts": {"A": {"type": "cdk:tree", "properties": []}}}"#,
            "error: is no manifest of a CDK output folder: invalid type: sequence, expected a map",
        ),
    ] {
        folder.file("manifest.json", text);
        assert_eq!(line(&folder.path("")), (wanted.to_owned(), 2), "{text}");
    }
    let stack = json!({"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}});
    let many: serde_json::Map<String, Value> = (0..2_000).map(|at| (format!("S{at}"), stack.clone())).collect();
    folder.file("manifest.json", json!({ "artifacts": many }).to_string());
    folder.file("t.json", json!({"Description": "x".repeat(200_000), "Resources": {}}).to_string());
    let ran = run(&["check", &folder.path("")]);
    assert!(ran.stderr.contains("error: names more than 500 stacks; the rest is not read"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("error: is not read: the templates of the folder have more than 64 MiB"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.code, 2);

    let app = Folder::new();
    app.file("cdk.json", "{}");
    let (said, code) = line(&app.path(""));
    assert_eq!((said.as_str(), code), ("error: is a CDK app; plangate reads what `cdk synth` makes of it", 2));
    let manifest = read_text(&testdata("cdk/cdk.out/manifest.json")).unwrap();
    let ran = feed(&["check", "-"], manifest);
    assert!(ran.stderr.starts_with("<stdin>: error: is the manifest of a CDK output folder"), "{}", ran.stderr);
    assert!(Path::new(&testdata("cdk/app.js")).exists());
}

/// A change set over `testdata/change-set/template.yaml`.
struct ChangeSet {
    matcher: &'static str,
    changes: Value,
}

impl ChangeSet {
    fn document(&self) -> Value {
        json!({
            "ChangeSetName": "widen",
            "ChangeSetId": "arn:aws:cloudformation:eu-central-1:111122223333:changeSet/widen/1c9a",
            "StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/shop/77aa",
            "StackName": "shop",
            "Parameters": [
                {"ParameterKey": "Matcher", "ParameterValue": self.matcher},
                {"ParameterKey": "Secret", "ParameterValue": "****"}
            ],
            "ExecutionStatus": "AVAILABLE",
            "Status": "CREATE_COMPLETE",
            "Changes": self.changes,
            "IncludeNestedStacks": false
        })
    }

    fn in_folder(&self) -> (Folder, String) {
        let folder = Folder::new();
        folder.file("template.yaml", read_text(&testdata("change-set/template.yaml")).unwrap());
        let path = folder.file("change-set.json", self.document().to_string());
        (folder, path)
    }
}

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/shop-Orders/0a1b2c3d4e5f6071";

/// What is said of a resource that changes.
fn change(id: &str, ty: &str, more: Value) -> Value {
    let mut change = json!({
        "Action": "Modify",
        "LogicalResourceId": id,
        "PhysicalResourceId": GROUP,
        "ResourceType": format!("AWS::ElasticLoadBalancingV2::{ty}"),
        "Replacement": "False",
        "Scope": ["Properties"]
    });
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([{"Type": "Resource", "ResourceChange": change}])
}

/// The matcher changes, as the API tells it with and without the values.
fn widened(before: Option<&str>) -> Value {
    let target = json!({"Attribute": "Properties", "Name": "Matcher", "RequiresRecreation": "Never"});
    let detail = |target: &Value| {
        json!([{"Target": target, "Evaluation": "Static", "ChangeSource": "ParameterReference",
        "CausingEntity": "Matcher"}])
    };
    let Some(before) = before else { return change("Orders", "TargetGroup", json!({"Details": detail(&target)})) };
    let mut told = target;
    told["Path"] = json!("/Properties/Matcher/HttpCode");
    told["BeforeValue"] = json!(before);
    told["AttributeChangeType"] = json!("Modify");
    let context = json!({"Properties": {"Port": "8080", "Matcher": {"HttpCode": before}}}).to_string();
    change("Orders", "TargetGroup", json!({"Details": detail(&told), "BeforeContext": context}))
}

/// Policy and change of every finding.
fn findings(path: &str) -> (Vec<(String, String, String)>, i32) {
    let ran = run(&["check", path, "--only", "matcher-not-broad", "-o", "json"]);
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let report = ran.json();
    let all = report["findings"].as_array().unwrap().iter();
    (all.map(|one| (word(&one["policy"]), word(&one["verdict"]), word(&one["change"]))).collect(), ran.code)
}

#[test]
fn a_change_set_introduces_keeps_and_fixes() {
    for (before, after, wanted, code) in
        [("200", "200-499", "introduced", 1), ("200-499", "200-498", "existing", 1), ("200-499", "200", "fixed", 0)]
    {
        let (_folder, path) = ChangeSet { matcher: after, changes: widened(Some(before)) }.in_folder();
        let (found, ended) = findings(&path);
        let words = ("matcher-not-broad".to_owned(), "fail".to_owned(), wanted.to_owned());
        assert_eq!((found, ended), (vec![words], code), "{before} to {after}");
    }
    let (_folder, path) = ChangeSet { matcher: "200-499", changes: json!([]) }.in_folder();
    assert_eq!(findings(&path).0[0].2, "existing", "nothing changes");
}

#[test]
fn what_a_change_set_does_not_tell_is_not_taken_for_what_comes() {
    let (_folder, path) = ChangeSet { matcher: "200-499", changes: widened(None) }.in_folder();
    let (found, code) = findings(&path);
    assert_eq!((found[0].2.as_str(), code), ("introduced", 1), "nobody says that it failed before");
    let (loaded, problems) = loaded(&path);
    assert_eq!(problems, []);
    let before = loaded.before.unwrap();
    let orders = before.resource(before.find("Orders").unwrap());
    assert!(orders.get("health_check.matcher").unknown().unwrap().to_string().contains("does not say what it was"));
    assert_eq!(orders.get("port").int(), Some(8080), "what does not change is as it was");
}

#[test]
fn links_before_a_change() {
    let actions = json!({"Properties": {
    "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/shop/1",
    "DefaultActions": [
        {"Type": "forward", "TargetGroupArn": GROUP},
        {"Type": "forward", "TargetGroupArn": "****"}
    ]}});
    let target = json!({"Attribute": "Properties", "Name": "DefaultActions", "RequiresRecreation": "Never",
        "Path": "/Properties/DefaultActions/1", "AttributeChangeType": "Remove"});
    let mut changes = change(
        "Http",
        "Listener",
        json!({"PhysicalResourceId": "arn:x", "BeforeContext": actions.to_string(),
        "Details": [{"Target": target}]}),
    );
    changes.as_array_mut().unwrap().extend(widened(Some("200")).as_array().unwrap().clone());
    let (_folder, path) = ChangeSet { matcher: "200", changes }.in_folder();
    let before = loaded(&path).0.before.unwrap();
    assert_eq!(end(&before, "Http", "forward"), ["Orders"], "by its id in AWS");
    assert_eq!(end(&before, "Http", "load_balancer"), ["Front"], "what does not change");
    let action = before.resource(before.find("Http").unwrap()).raw.get("DefaultActions").unwrap().as_list().unwrap();
    assert!(action[1].get("TargetGroupArn").unwrap().as_unknown().is_some(), "masked");
}

#[test]
fn actions_of_a_change_set() {
    use plangate::graph::Action;
    let told = |changes: Value| {
        let (_folder, path) = ChangeSet { matcher: "200", changes }.in_folder();
        let (loaded, problems) = loaded(&path);
        let act = |graph: &Graph, id: &str| graph.find(id).map(|id| graph.resource(id).action);
        let before = loaded.before.unwrap();
        let own = (act(&before, "Orders"), act(&loaded.graph, "Orders"));
        assert_eq!(act(&loaded.graph, "Front"), Some(Action::NoOp));
        (own, before, loaded.graph, problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let there = Some(Action::NoOp);
    let (own, before, ..) = told(change("Orders", "TargetGroup", json!({"Action": "Add", "PhysicalResourceId": null})));
    assert_eq!(own, (None, Some(Action::Create)));
    assert_eq!(end(&before, "Http", "forward"), Vec::<String>::new());
    assert_eq!(told(change("Orders", "TargetGroup", json!({"Action": "Import"}))).0, (there, there));
    assert_eq!(told(change("Orders", "TargetGroup", json!({"Action": "SyncWithActual"}))).0, (there, there));
    let port = json!({"Attribute": "Properties", "Name": "Port", "RequiresRecreation": "Always", "BeforeValue": "80",
        "Path": "/Properties/Port", "AttributeChangeType": "Modify"});
    let details = json!([{"Target": port, "Evaluation": "Static"}]);
    let (own, before, after, problems) =
        told(change("Orders", "TargetGroup", json!({"Replacement": "True", "Details": details})));
    assert_eq!((own, problems.len()), ((there, Some(Action::Replace { create_first: true })), 0));
    let orders = |graph: &Graph| graph.resource(graph.find("Orders").unwrap()).clone();
    assert_eq!(orders(&after).replaced_by.iter().map(|name| &**name).collect::<Vec<_>>(), ["Port"]);
    assert_eq!((orders(&before).get("port").int(), orders(&after).get("port").int()), (Some(80), Some(8080)));
    let (own, _, _, problems) =
        told(change("Orders", "TargetGroup", json!({"Replacement": "Conditional", "Details": details})));
    assert_eq!(own, (there, Some(Action::UpdateOrReplace)));
    assert!(problems[0].contains("may replace Orders, which shows only when it is executed"), "{problems:?}");
    let old = json!({"Properties": {"Port": "80", "Matcher": {"HttpCode": "200-499"}}}).to_string();
    let (_, before, after, _) = told(change("Old", "TargetGroup", json!({"Action": "Remove", "BeforeContext": old})));
    assert_eq!((orders(&before).action, after.find("Old")), (Action::NoOp, None));
    let old = before.resource(before.find("Old").unwrap());
    assert_eq!((old.action, old.get("health_check.matcher").str()), (Action::Delete, Some("200-499")));
    let (_, before, ..) = told(change("Old", "TargetGroup", json!({"Action": "Remove"})));
    assert!(before.resource(before.find("Old").unwrap()).get("health_check.matcher").unknown().is_some());
}

#[test]
fn what_a_change_set_may_replace_is_left_open() {
    let verdict = |replacement: &str| {
        let changes = change("Orders", "TargetGroup", json!({"Replacement": replacement}));
        let (_folder, path) = ChangeSet { matcher: "200", changes }.in_folder();
        let report = run(&["check", &path, "--only", "target-group-kept-behind-listener", "-o", "json"]).json();
        let found = &report["findings"][0];
        [&found["verdict"], &found["hangs_on"]].map(|text| text.as_str().unwrap_or("none").to_owned())
    };
    assert_eq!(verdict("True")[0], "fail");
    assert_eq!(verdict("False")[0], "none");
    let [told, why] = verdict("Conditional");
    assert!(told == "undecided" && why.contains("shows only when the change set is executed: Orders"), "{told}: {why}");
}

#[test]
fn nested_stacks_have_change_sets_of_their_own() {
    let folder = Folder::new();
    folder.file("below.yaml", read_text(&testdata("change-set/template.yaml")).unwrap());
    let stack =
        "Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ./below.yaml, Parameters: {Matcher: 200-499}}";
    folder.file("template.yaml", format!("Resources:\n  Shop:\n    {stack}\n  Same:\n    {stack}\n"));
    let changes = change(
        "Shop",
        "TargetGroup",
        json!({"ResourceType": "AWS::CloudFormation::Stack", "Action": "Modify",
        "Replacement": "Conditional", "Details": [{"Target": {"Attribute": "Properties"}, "ChangeSource": "Automatic"}]}),
    );
    let mut document = ChangeSet { matcher: "", changes }.document();
    document["Parameters"] = json!([]);
    let path = folder.file("change-set.json", document.to_string());
    let (loaded, problems) = loaded(&path);
    let text = problems.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(problems.len(), 1, "{text}");
    assert!(
        text.contains("does not say what changes inside Shop: nested stacks have change sets of their own"),
        "{text}"
    );
    let before = loaded.before.unwrap();
    let matcher = |id: &str| before.resource(before.find(id).unwrap()).get("health_check.matcher").str();
    assert_eq!((matcher("Shop/Orders"), matcher("Same/Orders")), (None, Some("200-499")));
}

#[test]
fn a_masked_parameter_leaves_open_what_was() {
    let text = read_text(&testdata("change-set/template.yaml")).unwrap();
    let text = text.replace("Resources:\n", "Conditions:\n  Open: !Equals [!Ref Secret, none]\nResources:\n");
    let text =
        text.replace("    Properties:\n      Type: app", "    Condition: Open\n    Properties:\n      Type: app");
    let (folder, path) = ChangeSet { matcher: "200-499", changes: widened(Some("200")) }.in_folder();
    folder.file("template.yaml", text);
    let (open, problems) = loaded(&path);
    assert_eq!((open.others.len(), open.before.is_some(), problems.len()), (1, false, 1));
    assert!(problems[0].to_string().contains("what it introduces is not told apart"), "{}", problems[0]);
    let mut inputs = Inputs::default();
    inputs.template.parameters = vec![plangate::load::GivenParameter::parse("Secret=none").unwrap()];
    let (told, problems) = load(&path, &inputs, &[]).unwrap();
    assert_eq!((told.others.len(), told.before.is_some(), problems.len()), (0, true, 0));
}

#[test]
fn a_change_set_says_what_the_parameter_store_holds() {
    let text = read_text(&testdata("change-set/template.yaml")).unwrap();
    let stored = "Matcher:\n    Type: AWS::SSM::Parameter::Value<String>";
    let (folder, path) = ChangeSet { matcher: "/shop/matcher", changes: json!([]) }.in_folder();
    folder.file("template.yaml", text.replace("Matcher:\n    Type: String", stored));
    let matcher = |path: &str| {
        let graph = loaded(path).0.graph;
        let orders = graph.resource(graph.find("Orders").unwrap());
        orders.get("health_check.matcher").str().map(str::to_owned)
    };
    assert_eq!(matcher(&path), None);
    let mut document = ChangeSet { matcher: "/shop/matcher", changes: json!([]) }.document();
    document["Parameters"][0]["ResolvedValue"] = json!("200-299");
    folder.file("change-set.json", document.to_string());
    assert_eq!(matcher(&path).as_deref(), Some("200-299"));
}

#[test]
fn hostile_change_sets() {
    let deep = format!("{{\"Properties\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let far = "/0".repeat(100_000);
    let target = json!({"Attribute": "Properties", "Path": format!("/Properties/Matcher{far}")});
    let many = vec![json!({"Target": target}); 20];
    for more in [
        json!({"BeforeContext": deep, "Details": [{"Target": {"Attribute": "Properties", "Name": "Matcher"}}]}),
        json!({"BeforeContext": "[]", "Details": [{}]}),
        json!({"Details": many}),
        json!({"Details": vec![json!({"Target": {"Attribute": "Properties", "Name": "Port"}}); 50_000]}),
        json!({"Details": [{"Target": {"Attribute": "Properties", "Path": "/Properties/Targets/9/Id", "BeforeValue": "{"}}]}),
    ] {
        let (_folder, path) =
            ChangeSet { matcher: "200-499", changes: change("Orders", "TargetGroup", more) }.in_folder();
        let (found, code) = findings(&path);
        assert_eq!((found.len(), code), (1, 1));
    }
}

#[test]
fn change_sets_that_are_not_whole() {
    let first = |document: &Value, template: bool| {
        let folder = Folder::new();
        if template {
            folder.file("template.yaml", read_text(&testdata("change-set/template.yaml")).unwrap());
        }
        let path = folder.file("change-set.json", document.to_string());
        let ran = run(&["check", &path, "-o", "json"]);
        let first = ran.stderr.lines().next().unwrap_or_default().to_owned();
        let change = serde_json::from_str::<Value>(&ran.stdout).unwrap()["findings"][0]["change"].clone();
        (first.split(": ").skip(1).collect::<Vec<_>>().join(": "), change, ran.code)
    };
    let whole = ChangeSet { matcher: "200-499", changes: widened(Some("200-499")) }.document();
    let mut part = whole.clone();
    part["NextToken"] = json!("x");
    let (said, change, _) = first(&part, true);
    assert!(said.starts_with("warning: is only a part of the change set"), "{said}");
    assert_eq!(change, Value::Null, "what it leaves out may be new");
    let mut early = whole.clone();
    early["Status"] = json!("CREATE_IN_PROGRESS");
    assert_eq!(first(&early, true).0, "warning: is a change set that is still being made");
    let mut failed = whole.clone();
    failed["Status"] = json!("FAILED");
    assert_eq!(first(&failed, true).0, "warning: is a change set that failed: it cannot be executed");
    let (said, _, code) = first(&whole, false);
    assert_eq!(said, "error: is a change set, and no template beside it has all the resources it names");
    assert_eq!(code, 2);
    let mut broken = whole.clone();
    broken["Changes"] = json!("all of them");
    let (said, _, code) = first(&broken, true);
    assert_eq!(code, 2);
    assert!(said.starts_with("error: is no change set that can be read: invalid type: string, expected"), "{said}");

    let (folder, path) = ChangeSet { matcher: "200", changes: widened(None) }.in_folder();
    folder.file("other.yml", read_text(&testdata("change-set/template.yaml")).unwrap());
    let ran = run(&["check", &path]);
    assert!(
        ran.stderr.contains("more than one template beside it fits: other.yml and template.yaml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_sam_template() {
    let (loaded, problems) = loaded(&testdata("sam/template.yaml"));
    assert_eq!(problems, []);
    let graph = &loaded.graph;
    let number = |id: &str, name: &str| graph.resource(graph.find(id).unwrap()).get(name).int();
    assert_eq!((number("Orders", "timeout"), number("Orders", "reserved_concurrency")), (Some(20), Some(5)));
    assert_eq!((number("Reports", "timeout"), number("Reports", "reserved_concurrency")), (Some(45), Some(-1)));
    let evidence = graph.resource(graph.find("Reports").unwrap()).spot("Timeout").unwrap();
    assert_eq!((evidence.line, &*evidence.text), (5, "    Timeout: 45"));
    assert_eq!(end(graph, "OrdersGroup", "registered"), ["OrdersAliaslive"]);
    assert_eq!(end(graph, "OrdersAliaslive", "function"), ["Orders"]);
    assert_eq!(end(graph, "OrdersPermission", "function"), ["OrdersAliaslive"]);
    let ran = run(&["paths", &testdata("sam/template.yaml")]);
    assert!(ran.stdout.contains("lambda Orders"), "{}", ran.stdout);
}

#[test]
fn what_sam_writes_and_is_not_known_is_no_error() {
    let text = read_text(&testdata("sam/template.yaml")).unwrap();
    let open = text.replace("AutoPublishAlias: live", "AutoPublishAlias: !Ref AWS::Region");
    assert_ne!(open, text);
    let folder = Folder::new();
    let (loaded, problems) = loaded(&folder.file("template.yaml", open));
    assert_eq!(problems, []);
    assert_eq!(loaded.graph.find("OrdersAliaslive"), None);
    let group = loaded.graph.find("OrdersGroup").unwrap();
    let rest = loaded.graph.links(group).iter().find_map(|link| link.rest.clone()).unwrap();
    assert!(rest.to_string().contains("what the macro"), "{rest}");
}

#[test]
fn an_application_is_a_nested_stack() {
    let folder = Folder::new();
    folder.file("below.yaml", read_text(&testdata("sam/template.yaml")).unwrap());
    let with = |location: &str| {
        let text = format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n    Type: AWS::Serverless::Application\n    \
             Properties:\n      Location: {location}\n"
        );
        loaded(&folder.file("template.yaml", text))
    };
    let (whole, problems) = with("./below.yaml");
    assert_eq!(problems, []);
    assert!(whole.graph.find("App/Orders").is_some());
    let (part, problems) = with("{ApplicationId: 'arn:x', SemanticVersion: 1.0.0}");
    assert!(part.graph.partial().is_some());
    assert!(problems[0].to_string().contains("the template of the nested stack App is not read"), "{}", problems[0]);
}

#[test]
fn globals_too_large_are_told() {
    let list = "a, ".repeat(10_000);
    let functions: String = (0..100).map(|at| format!("  F{at}: {{Type: 'AWS::Serverless::Function'}}\n")).collect();
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Function: {{Layers: [{list}]}}}}\nResources:\n{functions}"
    );
    let ran = feed(&["check", "-"], text);
    assert!(ran.stderr.contains("error: Globals come to more than"), "{}", ran.stderr);
    assert_eq!(ran.code, 2);
}
