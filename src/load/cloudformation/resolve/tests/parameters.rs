//! Parameters: what a given text becomes and which it may be.

use super::{Told, outcome, said};
use crate::graph::{Address, Place, Reason, Unknown};
use crate::load::hcl::{Type, Value};

fn with(declaration: &str, told: &Told) -> (String, Vec<String>) {
    let text =
        format!("Parameters:\n  It: {declaration}\nResources:\n  A: {{Type: 'A::B::C', Properties: {{P: !Ref It}}}}\n");
    let outcome = outcome(&text, told);
    (outcome.worlds[0].1.resource("A").said("P"), outcome.messages())
}

fn messages(declaration: &str, given: &str) -> Vec<String> {
    with(declaration, &Told::default().given("It", given)).1
}

#[test]
fn values_take_the_form_of_their_type() {
    let value = |declaration: &str, given: &str| with(declaration, &Told::default().given("It", given));
    let fine = |text: &str| (text.to_owned(), Vec::<String>::new());
    assert_eq!(value("{Type: String, Default: a}", "b"), fine("\"b\""));
    assert_eq!(value("{Type: Number}", "080"), fine("\"080\""));
    assert_eq!(value("{Type: CommaDelimitedList}", "a, b ,c"), fine(r#"["a" "b" "c"]"#));
    assert_eq!(value("{Type: List<Number>}", "80,20"), fine(r#"["80" "20"]"#));
    assert_eq!(value("{Type: 'List<AWS::EC2::Subnet::Id>'}", "s-1,s-2"), fine(r#"["s-1" "s-2"]"#));
    assert_eq!(value("{Type: String, NoEcho: true}", "x"), fine("!\"x\""));
    assert_eq!(
        value("{Type: 'AWS::SSM::Parameter::Value<List<String>>'}", "/a"),
        fine("?the parameter `/a` of the parameter store is not part of the input")
    );
    assert_eq!(with("{Type: String}", &Told::default()), fine("?no It"));
    assert_eq!(
        with("{Type: String, Default: a}", &Told::default().previous("It")),
        fine("?it keeps the value the stack has, which is not known: It")
    );
}

#[test]
fn a_value_handed_in_stays_what_it_is() {
    let reference = Unknown::at(Reason::Reference, Place::new(&Address::from("Vpc"), "")).of_template();
    let told = || Told::default().value("It", Value::unknown(Type::String, reference.clone()));
    assert_eq!(with("{Type: String}", &told()).0, "?=Vpc");
    assert_eq!(with("{Type: CommaDelimitedList}", &told()).0, "?~Vpc");
    assert_eq!(with("{Type: Number}", &Told::default().value("It", Value::number(8080i64))).0, "\"8080\"");
}

#[test]
fn a_value_against_the_rules_is_a_problem() {
    for (declaration, wrong, right, words) in [
        ("{Type: Number}", "x9", "-1.5", "must be a number"),
        ("{Type: List<Number>}", "80,x9", "80,81", "must be a number"),
        ("{Type: Number, MinValue: 1}", "0", "1", "is less than its MinValue 1"),
        ("{Type: Number, MaxValue: 9}", "10", "9", "is more than its MaxValue 9"),
        ("{Type: String, MinLength: 3}", "x9", "äöü", "is shorter than its MinLength 3"),
        ("{Type: String, MaxLength: 1}", "x9", "ä", "is longer than its MaxLength 1"),
        ("{Type: String, AllowedValues: [a, b]}", "x9", "a", "is none of its AllowedValues: \"a\", \"b\""),
        ("{Type: String, AllowedValues: [1, true]}", "x9", "true", "is none of its AllowedValues"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "x9", "ab", "does not match its AllowedPattern"),
        ("{Type: String, AllowedPattern: 'a|b'}", "x9", "b", "does not match its AllowedPattern"),
        ("{Type: CommaDelimitedList, AllowedPattern: '[a-z]+'}", "a,x9", "a,b", "does not match its AllowedPattern"),
    ] {
        let told = messages(declaration, wrong);
        assert_eq!(told.len(), 1, "{declaration}: {told:?}");
        assert!(told[0].contains(&format!("2:3: error: the value given for `It` {words}")), "{told:?}");
        assert!(!told[0].contains("x9"), "{told:?}");
        assert_eq!(messages(declaration, right), Vec::<String>::new(), "{declaration}");
    }
    assert_eq!(
        messages("{Type: String, NoEcho: true, AllowedValues: [hush]}", "x9"),
        ["t.yaml:2:3: error: the value given for `It` is none of its AllowedValues"]
    );
    assert_eq!(messages("{Type: String, AllowedPattern: '(?=a)b'}", "x9"), Vec::<String>::new(), "Java's own syntax");
    let default = with("{Type: Number, Default: 5, MaxValue: 4}", &Told::default()).1;
    assert_eq!(default, ["t.yaml:2:31: error: the default of `It` is more than its MaxValue 4"]);
}

#[test]
fn declarations_are_checked() {
    let told = |declaration: &str| with(declaration, &Told::default()).1;
    assert_eq!(told("{Default: a}"), ["t.yaml:2:3: error: the parameter `It` has no Type"]);
    assert_eq!(
        told("{Type: Strng}"),
        ["t.yaml:2:14: error: there is no parameter type `Strng`; did you mean `String`?"]
    );
    assert_eq!(
        told("{Type: String, Defalt: a}"),
        ["t.yaml:2:22: error: a parameter has no attribute `Defalt`; did you mean `Default`?"]
    );
    let given =
        outcome("Parameters: {Name: {Type: String}}\nResources: {A: {Type: T}}", &Told::default().given("Nam", "x"));
    assert_eq!(
        given.messages(),
        [
            "t.yaml:1:1: warning: a value is given for `Nam`, a parameter the template does not have; did you mean `Name`?"
        ]
    );
}

#[test]
fn sections_are_checked() {
    let told = |text: &str| outcome(text, &Told::default()).messages();
    assert_eq!(
        told("Resource: {A: {Type: T}}"),
        [
            "t.yaml:1:1: error: a template has no section `Resource`; did you mean `Resources`?",
            "t.yaml:1:1: error: the template has no Resources"
        ]
    );
    assert_eq!(told("Resources:\n  A: {Properties: {}}"), ["t.yaml:2:3: error: the resource `A` has no Type"]);
    assert_eq!(
        told("Resources:\n  A: {Type: T, Propertys: {}}"),
        ["t.yaml:2:16: error: a resource has no attribute `Propertys`; did you mean `Properties`?"]
    );
    assert_eq!(told("Resources:\n  A: {Type: T, DependsOn: [B]}\n  C: {Type: T}").len(), 1);
    assert_eq!(told("Resources:\n  A: {Type: T, Properties: [a]}"), ["t.yaml:2:28: error: Properties must be a map"]);
    assert_eq!(told("Resources:\n  A: {Type: T}\nOutputs:\n  O: {Value: !Ref B}").len(), 1);
}

#[test]
fn outputs_are_worked_out() {
    let text = r#"
Conditions: {Fails: !Equals [a, b], Open: !Equals [!ImportValue x, b]}
Resources: {A: {Type: T}}
Outputs:
  One: {Value: !Ref A, Export: {Name: !Sub '${A}-x'}}
  Two: {Value: a, Condition: Fails}
  Three: {Value: a, Condition: Open}
"#;
    let resolved = outcome(text, &Told::default()).only();
    let shown: Vec<String> = resolved
        .outputs
        .iter()
        .map(|one| {
            format!("{} {} {:?} {}", one.name, said(&one.value), one.export.as_ref().map(said), one.uncertain.is_some())
        })
        .collect();
    assert_eq!(shown, ["One ?=A Some(\"?~A\") false", "Three \"a\" None true"]);
}
