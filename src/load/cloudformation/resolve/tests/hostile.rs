//! Templates made to do harm end in a problem.

use super::{Told, outcome};

fn first_message(text: &str) -> String {
    outcome(text, &Told::default()).messages().first().cloned().unwrap_or_default()
}

#[test]
fn loops_in_loops_do_not_explode() {
    let members: Vec<String> = (0..100).map(|number| format!("m{number}")).collect();
    let list = format!("[{}]", members.join(", "));
    let mut body = "{'R${A}${B}${C}': {Type: T}}".to_owned();
    for name in ["C", "B", "A"] {
        body = format!("{{'Fn::ForEach::L{name}': [{name}, {list}, {body}]}}");
    }
    let text = format!("Transform: AWS::LanguageExtensions\nResources: {body}");
    assert!(first_message(&text).contains("comes to more than 20000 entries"));
}

#[test]
fn loops_in_properties_do_not_explode() {
    let members: Vec<String> = (0..150).map(|number| format!("m{number}")).collect();
    let list = format!("[{}]", members.join(", "));
    let mut body = "x".to_owned();
    for name in ["D", "C", "B", "A"] {
        body = format!("{{'Fn::ForEach::L{name}': [{name}, {list}, {{'K${{{name}}}': {body}}}]}}");
    }
    let text = format!("Transform: AWS::LanguageExtensions\nResources: {{A: {{Type: T, Properties: {body}}}}}");
    assert!(first_message(&text).contains("half a million parts"));
}

#[test]
fn text_does_not_double_without_end() {
    let long = "x".repeat(600 << 10);
    let text = format!(
        "Parameters: {{P: {{Type: String, Default: {long}}}}}\nResources: {{A: {{Type: T, Properties: {{P: !Sub '${{P}}${{P}}'}}}}}}"
    );
    assert!(first_message(&text).contains("more than 1 MiB"));
    let many = vec!["!Sub '${P}x'"; 120].join(", ");
    let text = format!(
        "Parameters: {{P: {{Type: String, Default: {long}}}}}\nResources: {{A: {{Type: T, Properties: {{P: [{many}]}}}}}}"
    );
    assert!(first_message(&text).contains("more than 64 MiB of text"));
}

#[test]
fn deep_nesting_and_long_chains_end() {
    let deep = format!("{}a{}", "!Join ['', [".repeat(46), "]]".repeat(46));
    let text = format!("Resources: {{A: {{Type: T, Properties: {{P: {deep}}}}}}}");
    assert_eq!(outcome(&text, &Told::default()).only().resource("A").said("P"), "\"a\"");
    let chain: Vec<String> =
        (1..5000).map(|number| format!("  C{number}: !Not [!Condition C{}]", number - 1)).collect();
    let text = format!(
        "Conditions:\n  C0: !Equals [a, a]\n{}\nResources: {{A: {{Type: T, Properties: {{P: !If [C4999, 1, 2]}}}}}}",
        chain.join("\n")
    );
    assert_eq!(outcome(&text, &Told::default()).only().resource("A").said("P"), "2");
}

#[test]
fn a_block_that_makes_itself_ends() {
    let text = "Resources: {A: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !Select [0, !Cidr [!GetAtt A.CidrBlock, 1, 8]]}}}";
    assert_eq!(outcome(text, &Told::default()).only().resource("A").said("CidrBlock"), "?~A.CidrBlock[0]");
}

#[test]
fn many_faults_are_not_all_told() {
    let many: Vec<String> = (0..500).map(|number| format!("!Ref Nothing{number}")).collect();
    let text = format!("Resources: {{A: {{Type: T, Properties: {{P: [{}]}}}}}}", many.join(", "));
    let told = outcome(&text, &Told::default()).messages();
    assert_eq!(told.len(), 101);
    assert!(told[100].contains("there is more wrong"));
}
