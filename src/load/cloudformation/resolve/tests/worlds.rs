//! The cases a template is looked at in.

use super::{Outcome, Told, outcome};

fn told(text: &str) -> Outcome {
    outcome(text, &Told::default())
}

/// The property `P` of the resource `A` in every world.
fn values(outcome: &Outcome) -> Vec<String> {
    outcome.worlds.iter().map(|(_, resolved)| resolved.resource("A").said("P")).collect()
}

fn template(parameters: &str, conditions: &str, property: &str) -> String {
    format!(
        "Parameters: {{{parameters}}}\nConditions:\n{conditions}\nResources:\n  A: {{Type: T, Properties: {{P: {property}}}}}\n"
    )
}

#[test]
fn both_arms_are_looked_at() {
    let text = template("E: {Type: String}", "  Prod: !Equals [!Ref E, prod]", "!If [Prod, [1, !Ref E], [2, !Ref E]]");
    let outcome = told(&text);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    assert_eq!(outcome.assumed(), ["E = \"prod\"", "E is not \"prod\""]);
    assert_eq!(values(&outcome), [r#"[1 "prod"]"#, "[2 ?no E]"]);
}

#[test]
fn nothing_is_assumed_of_what_is_given() {
    let text = template("E: {Type: String, Default: dev}", "  Prod: !Equals [!Ref E, prod]", "!If [Prod, 1, 2]");
    assert_eq!(told(&text).assumed(), [""]);
    assert_eq!(values(&told(&text)), ["2"]);
    let given = outcome(&text, &Told::default().given("E", "prod"));
    assert_eq!((given.assumed(), values(&given)), (vec![String::new()], vec!["1".to_owned()]));
    // What the stack has now is not known, so its default does not count.
    let previous = outcome(&text, &Told::default().previous("E"));
    assert_eq!(previous.assumed(), ["E = \"prod\"", "E is not \"prod\""]);
}

#[test]
fn allowed_values_bound_the_cases() {
    let conditions = "  Prod: !Equals [!Ref E, prod]\n  Never: !Equals [!Ref E, nothing]";
    let property = "[!If [Prod, 1, 2], !If [Never, 3, 4], !Ref E]";
    let text = template("E: {Type: String, AllowedValues: [dev, test, prod]}", conditions, property);
    let outcome = told(&text);
    assert_eq!(outcome.assumed(), ["E = \"prod\"", "E is \"dev\" or \"test\""]);
    assert_eq!(values(&outcome), [r#"[1 4 "prod"]"#, "[2 4 ?no E]"]);
    let two = template("E: {Type: String, AllowedValues: [yes, no]}", "  On: !Equals [!Ref E, yes]", "!Ref E");
    // Fails condition hangs on it, so there is nothing to assume.
    assert_eq!(told(&two).assumed(), [""]);
    assert_eq!(values(&told(&two)), ["?no E"]);
}

#[test]
fn several_constants_and_nested_conditions() {
    let conditions = r#"
  Prod: !Equals [prod, !Sub "${E}"]
  Test: !Equals [!Join ["", [!Ref E]], test]
  Either: !Or [Condition: Prod, !Condition Test]
  Not: !Not [!Condition Either]"#;
    let text = template("E: {Type: String}", conditions, "[!If [Either, 1, 2], !If [Not, 3, 4], !If [Prod, 5, 6]]");
    let outcome = told(&text);
    assert_eq!(outcome.assumed(), ["E = \"prod\"", "E = \"test\"", "E is none of \"prod\", \"test\""]);
    assert_eq!(values(&outcome), ["[1 4 5]", "[1 4 6]", "[2 3 6]"]);
    // Where only `Either` matters, two of them are one.
    let text = template("E: {Type: String}", conditions, "[!If [Not, 3, 4], !Ref E]").replace(", !If [Prod, 5, 6]", "");
    assert_eq!(values(&told(&text)).len(), 3, "the conditions it is made of still differ");
}

#[test]
fn cases_that_come_to_the_same_are_one() {
    let conditions = "  Both: !And [!Equals [!Ref A, x], !Equals [!Ref B, y]]";
    let text = template("A: {Type: String}, B: {Type: String}", conditions, "[!If [Both, 1, 2], !Ref A, !Ref B]");
    let outcome = told(&text);
    assert_eq!(values(&outcome), [r#"[1 "x" "y"]"#, "[2 ?no A ?no B]"]);
    assert_eq!(outcome.assumed(), ["A = \"x\"; B = \"y\"", "B is not \"y\""]);
    let conditions = "  Low: !Or [!Equals [!Ref A, x], !Equals [!Ref A, z]]";
    let text = template("A: {Type: String}, B: {Type: String}", conditions, "[!If [Low, 1, 2], !Ref A]");
    let outcome = told(&text);
    assert_eq!(outcome.assumed(), ["A is \"x\" or \"z\"", "A is none of \"x\", \"z\""]);
    assert_eq!(values(&outcome), ["[1 ?no A]", "[2 ?no A]"]);
}

#[test]
fn keys_of_a_mapping_are_the_cases() {
    let text = r#"
Parameters: {E: {Type: String}}
Mappings: {Envs: {dev: {Big: "no"}, prod: {Big: "yes"}, live: {Big: "yes"}}}
Conditions: {Big: !Equals [!FindInMap [Envs, !Ref E, Big], "yes"]}
Resources: {A: {Type: T, Properties: {P: !If [Big, 1, 2]}}}
"#;
    let outcome = told(text);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    assert_eq!(outcome.assumed(), ["E = \"dev\"", "E is \"live\" or \"prod\""]);
    assert_eq!(values(&outcome), ["2", "1"]);
}

#[test]
fn a_region_is_a_case_as_well() {
    let conditions =
        "  Virginia: !Equals [!Ref 'AWS::Region', us-east-1]\n  China: !Equals [!Ref 'AWS::Partition', aws-cn]";
    let text = template("", conditions, "[!If [Virginia, 1, 2], !If [China, 3, 4], !Ref 'AWS::Partition']");
    let outcome = told(&text);
    assert_eq!(
        outcome.assumed(),
        [
            "AWS::Region = \"us-east-1\"; AWS::Partition is not \"aws-cn\"",
            "AWS::Region is not \"us-east-1\"; AWS::Partition = \"aws-cn\"",
            "AWS::Region is not \"us-east-1\"; AWS::Partition is not \"aws-cn\"",
        ]
    );
    assert_eq!(values(&outcome)[0], "[1 4 \"aws\"]");
    assert_eq!(values(&outcome)[1], "[2 3 \"aws-cn\"]");
    let told = Told { region: Some("us-east-1"), ..Told::default() };
    assert_eq!(super::outcome(&text, &told).assumed(), [""]);
}

#[test]
fn empty_lists_are_told_from_others() {
    let conditions = r#"
  None: !Equals [!Join ["", !Ref L], ""]
  First: !Equals [!Select [0, !Ref L], ""]"#;
    let text = template("L: {Type: CommaDelimitedList}", conditions, "!If [None, 1, !Ref L]");
    let outcome = told(&text);
    assert_eq!(outcome.assumed(), ["L = \"\"", "L is not \"\""]);
    assert_eq!(values(&outcome), ["1", "?no L"]);
}

#[test]
fn only_what_is_looked_at_makes_cases() {
    let text = r#"
Parameters: {E: {Type: String}, F: {Type: String}}
Conditions: {IsE: !Equals [!Ref E, x], IsF: !Equals [!Ref F, x], Both: !And [!Condition IsE, !Condition IsF]}
Resources:
  A: {Type: T, Properties: {P: !If [IsE, 1, 2]}}
  B: {Type: Aside, Condition: IsF, Properties: {P: !If [Both, 1, 2]}}
Outputs: {O: {Value: a, Condition: IsF}}
"#;
    let outcome = told(text);
    assert_eq!(outcome.assumed(), ["E = \"x\"", "E is not \"x\""]);
    let [(_, first), (_, second)] = &outcome.worlds[..] else { panic!() };
    let why = first.resource("B").uncertain.as_ref().unwrap();
    assert_eq!(why.to_string(), "no value is given: F");
    assert_eq!((first.resource("B").said("P"), second.resource("B").said("P")), ("?no F".to_owned(), "2".to_owned()));
    let with_outputs = super::outcome(text, &Told { outputs: true, ..Told::default() });
    assert_eq!(with_outputs.worlds.len(), 4);
}

#[test]
fn secrets_are_not_told() {
    let text = template("S: {Type: String, NoEcho: true}", "  Set: !Equals [!Ref S, hush]", "!If [Set, !Ref S, 2]");
    let outcome = told(&text);
    assert_eq!(outcome.assumed(), ["S = (hidden)", "S is not (hidden)"]);
    assert_eq!(values(&outcome), ["!\"hush\"", "2"]);
    let text = text.replace("hush", "''");
    assert_eq!(told(&text).assumed(), ["S = \"\"", "S is not \"\""]);
}

#[test]
fn a_secret_is_not_what_another_is_assumed_to_be() {
    let parameters = "S: {Type: String, NoEcho: true, Default: hush}, E: {Type: String}";
    let outcome = told(&template(parameters, "  Same: !Equals [!Ref S, !Ref E]", "!If [Same, 1, 2]"));
    assert_eq!(outcome.assumed(), [""]);
    assert_eq!(values(&outcome), ["?no E"]);
}

#[test]
fn what_cannot_be_assumed_stays_undecided() {
    let conditions = r#"
  Open: !Equals [!ImportValue other, x]
  Store: !Equals ["{{resolve:ssm:/a}}", x]
  Fails: !And [!Condition Open, !Equals [a, b]]
  Fits: !Or [!Condition Open, !Equals [a, a]]"#;
    let text = format!(
        "Conditions:{conditions}\nResources:\n  A: {{Type: T, Condition: Open, Properties: {{P: [!If [Fails, 1, 2], !If [Fits, 3, 4]]}}}}\n  B: {{Type: T, Condition: Fails}}\n  C: {{Type: T, Condition: Store}}\n"
    );
    let resolved = told(&text).only();
    assert_eq!(resolved.ids(), ["A", "C"]);
    assert_eq!(resolved.resource("A").said("P"), "[2 3]");
    let why = |id: &str| resolved.resource(id).uncertain.as_ref().unwrap().to_string();
    assert_eq!(why("A"), "the export `other` of another stack is not part of the input");
    assert_eq!(why("C"), "`/a` of the parameter store is not part of the input");
}

#[test]
fn what_does_not_exist_is_no_reference() {
    let text = "Conditions: {Fails: !Equals [a, b]}\nResources:\n  A: {Type: T, Properties: {P: !Ref B}}\n  B: {Type: T, Condition: Fails}\n";
    assert_eq!(
        told(text).only().resource("A").said("P"),
        "?it refers to `B`, which does not exist under its condition"
    );
}

#[test]
fn too_many_cases_stay_undecided() {
    let names: Vec<String> = (0..9).map(|number| format!("P{number}")).collect();
    let parameters: Vec<String> = names.iter().map(|name| format!("{name}: {{Type: String}}")).collect();
    let conditions: Vec<String> = names.iter().map(|name| format!("  C{name}: !Equals [!Ref {name}, x]")).collect();
    let uses: Vec<String> = names.iter().map(|name| format!("!If [C{name}, 1, 2]")).collect();
    let text = template(&parameters.join(", "), &conditions.join("\n"), &format!("[{}]", uses.join(", ")));
    let outcome = told(&text);
    assert_eq!(outcome.worlds.len(), 32);
    assert_eq!(values(&outcome)[0], "[1 1 1 1 1 ?no P5 ?no P6 ?no P7 ?no P8]");
    assert!(outcome.messages()[0].contains("note: there are more than 32 cases of parameters without a value"));
}

#[test]
fn circles_among_conditions_are_told() {
    let conditions = "  A: !Not [!Condition B]\n  B: !And [!Condition C, !Condition C]\n  C: !Not [!Condition A]\n  D: !Not [!Condition D]";
    let outcome = told(&template("", conditions, "[!If [A, 1, 2], !If [D, 1, 2]]"));
    let told = outcome.messages();
    assert!(told.iter().any(|line| line.contains("the condition `C` hangs on itself")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("the condition `D` hangs on itself")), "{told:?}");
    assert_eq!(outcome.worlds.len(), 1);
}

#[test]
fn conditions_in_a_wrong_form_are_told() {
    for (condition, words) in [
        ("!Equals [a]", "Fn::Equals takes a list of two values"),
        ("!Not [a, b]", "Fn::Not takes a list of one condition"),
        ("!And a", "Fn::And takes a list of conditions"),
        ("text", "a condition is one of Fn::Equals"),
        ("!Condition Bb", "there is no condition `Bb`; did you mean `B`?"),
        ("{Condition: Bb}", "there is no condition `Bb`; did you mean `B`?"),
        ("!Equals [!Ref A, b]", "a condition cannot hang on a resource, as `A` is"),
    ] {
        let text = template("", &format!("  B: {condition}"), "!If [B, 1, 2]");
        let told = told(&text).messages();
        assert!(
            told.first().is_some_and(|line| line.starts_with("t.yaml:3:") && line.contains(words)),
            "{condition}: {told:?}"
        );
    }
}
