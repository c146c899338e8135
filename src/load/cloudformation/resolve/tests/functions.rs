//! What each function makes of its arguments. The examples of AWS' own documentation are among them.

use super::{Told, fault, outcome, said, value, value_with};

#[test]
fn references_stay_what_they_are() {
    assert_eq!(value("!Ref Group"), "?=Group");
    assert_eq!(value("!GetAtt Group.TargetGroupFullName"), "?=Group.TargetGroupFullName");
    assert_eq!(value("{'Fn::GetAtt': [Edge, Outputs.Url]}"), "?=Edge.Outputs.Url");
    assert_eq!(value("{'Fn::GetAtt': [Group, !Ref Name]}"), "?=Group.web");
    for same in [
        "!Sub '${Group}'",
        "!Sub ['${G}', {G: !Ref Group}]",
        "!Join ['', [!Ref Group]]",
        "!Join ['', ['', !Ref Group, '']]",
        "!Select [1, [a, !Ref Group]]",
        "!If [Fits, !Ref Group, x]",
        "!If [Fails, x, !Ref Group]",
        "!If [Open, !Ref Group, !Ref Group]",
        "{Ref: !Sub 'Gr${X}'}",
    ] {
        let text = same.replace("${X}", "oup");
        assert_eq!(value(&text), "?=Group", "{same}");
    }
    assert_eq!(value("!Sub '${Group.TargetGroupArn}'"), "?=Group.TargetGroupArn");
}

#[test]
fn what_is_made_of_a_reference_is_derived() {
    assert_eq!(value("!Sub 'a-${Group}-b'"), "\"a-\"…?~Group");
    assert_eq!(value("!Join ['/', [x, !Ref Group, !GetAtt Other.Arn]]"), "\"x/\"…?~Group, ~Other.Arn");
    assert_eq!(value("!Split ['/', !Ref Group]"), "?~Group");
    assert_eq!(value("!Select [1, !Split ['/', !Ref Group]]"), "?~Group[1]");
    assert_eq!(value("{'Fn::Base64': !Sub 'abcd${Group}'}"), "\"YWJj\"…?~Group");
}

#[test]
fn text_is_put_together() {
    assert_eq!(value("!Join [':', [a, b, c]]"), "\"a:b:c\"");
    assert_eq!(value("!Join ['', [!Ref Port, 1.0, true]]"), "\"0801.0true\"");
    assert_eq!(value("!Join [',', !Ref Zones]"), "\"a,b,c\"");
    assert_eq!(value("!Join ['', !Ref Empty]"), "\"\"");
    assert_eq!(value("!Join ['-', [a, !Ref 'AWS::NoValue', b]]"), "\"a-b\"");
    assert_eq!(value("!Split ['|', 'a|b|c']"), r#"["a" "b" "c"]"#);
    assert_eq!(value("!Split ['|', 'a||c|']"), r#"["a" "" "c" ""]"#);
    assert_eq!(value("!Select ['1', [apples, grapes, oranges, mangoes]]"), "\"grapes\"");
    assert_eq!(value("!Select [2, !Ref Zones]"), "\"c\"");
    assert_eq!(value("{'Fn::Base64': AWS CloudFormation}"), "\"QVdTIENsb3VkRm9ybWF0aW9u\"");
    assert_eq!(value("!Sub 'www.${Name}.${!Literal}'"), "\"www.web.${Literal}\"");
    assert_eq!(value("!Sub ['www.${Domain}.${Name}', {Domain: !Select [0, !Ref Zones], Name: 7}]"), "\"www.a.7\"");
    assert_eq!(value("!Sub 'no ${end'"), "\"no ${end\"");
}

#[test]
fn blocks_are_cut_as_cloudformation_cuts_them() {
    let six = r#"["192.168.0.0/27" "192.168.0.32/27" "192.168.0.64/27" "192.168.0.96/27" "192.168.0.128/27" "192.168.0.160/27"]"#;
    assert_eq!(value("!Cidr [192.168.0.0/24, 6, 5]"), six);
    assert_eq!(value("!Cidr ['192.168.0.0/24', '6', '5']"), six);
    assert_eq!(value("!Select [1, !Cidr ['2001:db8::/56', 4, 64]]"), "\"2001:db8:0:1::/64\"");
    assert_eq!(value("!Select [255, !Cidr [10.0.0.0/16, 256, 8]]"), "\"10.0.255.0/24\"");
    // The block of a VPC of the template is what is written there.
    assert_eq!(value("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]"), "\"10.1.1.0/24\"");
    assert_eq!(
        value("!Select [1, !Cidr [!ImportValue block, 4, 8]]"),
        "?element 1 of the export `block` of another stack is not part of the input"
    );
    for wrong in [
        "[10.0.0.0/24, 7, 6]",
        "[10.0.0.0/24, 0, 4]",
        "[10.0.0.0/24, 300, 0]",
        "[10.0.0.0, 1, 4]",
        "[10.0.0.0/24, 1, 33]",
    ] {
        assert!(fault(&format!("!Cidr {wrong}")).contains("Fn::Cidr cannot make these blocks"), "{wrong}");
    }
}

#[test]
fn zones_of_a_region_are_different_unknowns() {
    let of = |index: usize| value_with(&format!("!Select [{index}, !GetAZs '']"), &Told::default().deployed());
    assert_eq!(
        of(0),
        "?the list of availability zones of `eu-west-1` is not part of the input: Fn::GetAZs.eu-west-1[0]"
    );
    assert_ne!(of(0), of(1));
    assert_eq!(value("!Select [0, !Ref Subnets]"), "?no Subnets[0]");
}

#[test]
fn maps_are_looked_up() {
    assert_eq!(value("!FindInMap [Sizes, web, Timeout]"), "\"60\"");
    assert_eq!(value("!FindInMap [Sizes, !Ref Name, Codes]"), r#"["200" "204"]"#);
    assert_eq!(value("!FindInMap [Sizes, !Ref Nothing, Timeout]"), "?no Nothing");
    assert_eq!(value("!FindInMap [Sizes, !Ref Nothing, Same]"), "\"x\"");
    assert_eq!(value("!FindInMap [Sizes, none, Timeout, {DefaultValue: !Ref Group}]"), "?=Group");
    assert_eq!(value("!FindInMap [!Sub 'Si${Rest}', web, Timeout]".replace("${Rest}", "zes").as_str()), "\"60\"");
    assert!(
        fault("!FindInMap [Sizes, db, Timeout]")
            .ends_with("error: the mapping `Sizes` has nothing under `db`, `Timeout`")
    );
    assert!(fault("!FindInMap [Size, web, Timeout]").ends_with("error: there is no mapping `Size`"));
}

#[test]
fn an_open_condition_hangs_on_both_arms() {
    let open = "the export `other` of another stack is not part of the input";
    assert_eq!(value("!If [Open, !Ref Group, !GetAtt Other.Arn]"), format!("?{open}, ~Group, ~Other.Arn"));
    assert_eq!(value("!If [Open, abc, abd]"), format!("\"ab\"…?{open}"));
    assert_eq!(value("!If [Open, a, !Ref 'AWS::NoValue']"), format!("?or absent {open}"));
    assert_eq!(value("[a, !If [Open, b, !Ref 'AWS::NoValue'], !Ref Group]"), format!("?{open}, ~Group"));
    assert_eq!(value("[a, !If [Open, b, c]]"), format!("[\"a\" ?{open}]"));
}

#[test]
fn no_value_removes() {
    assert_eq!(value("!Ref AWS::NoValue"), "absent");
    assert_eq!(value("[a, !If [Fails, b, !Ref 'AWS::NoValue'], c]"), r#"["a" "c"]"#);
    assert_eq!(value("{A: 1, B: !If [Fits, !Ref 'AWS::NoValue', 2]}"), "{A:1}");
}

#[test]
fn pseudo_parameters_follow_the_region() {
    let told = || Told::default().deployed();
    assert_eq!(
        value_with("!Sub 'arn:${AWS::Partition}:s3:::${AWS::StackName}-${AWS::AccountId}'", &told()),
        "\"arn:aws:s3:::shop-123456789012\""
    );
    assert_eq!(value_with("!Ref AWS::URLSuffix", &told()), "\"amazonaws.com\"");
    let china = Told { region: Some("cn-north-1"), ..Told::default() };
    assert_eq!(value_with("!Sub '${AWS::Partition}.${AWS::URLSuffix}'", &china), "\"aws-cn.amazonaws.com.cn\"");
    assert_eq!(value("!Ref AWS::Partition"), "?no region is given (--region): AWS::Region");
    assert_eq!(value("!Sub '${Name}-${AWS::AccountId}'"), "\"web-\"…?no account is given (--account): AWS::AccountId");
    assert!(
        value_with("!Ref AWS::StackId", &told())
            .starts_with("\"arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/\"")
    );
}

#[test]
fn what_another_stack_says_is_taken_over() {
    assert_eq!(value("!ImportValue shared-vpc"), "\"vpc-1\"");
    assert_eq!(value("!GetAtt Edge.Outputs.Sg"), "\"sg-1\"");
    assert_eq!(value("!Sub '${Edge.Outputs.Sg}/x'"), "\"sg-1/x\"");
    assert_eq!(value("{'Fn::ImportValue': !Sub '${Nothing}-vpc'}"), "?no Nothing");
}

#[test]
fn stores_are_unknown_and_secret() {
    let ssm = "`/db/port:1` of the parameter store is not part of the input";
    assert_eq!(value("'{{resolve:ssm:/db/port:1}}'"), format!("!?{ssm}"));
    assert_eq!(value("[{A: 'x{{resolve:ssm:/db/port:1}}y'}]"), format!("[{{A:!\"x\"…?{ssm}}}]"));
    assert_eq!(value("!Join ['', ['{{resolve:', 'ssm:/db/port:1}}']]"), format!("!?{ssm}"));
    assert_eq!(value("!Sub '{{resolve:secretsmanager:${Group}:SecretString:p}}'"), "!?~Group");
    assert_eq!(value("!Sub '${Group}{{resolve:secretsmanager:x}}'"), "!?~Group");
    assert_eq!(value("!Ref Image"), "?the parameter `/image` of the parameter store is not part of the input");
    assert_eq!(value("!Sub 'a${Secret}'"), "!\"ahush\"");
    assert_eq!(value("{'Fn::Base64': !Join ['', [!Ref Secret, !Ref Group]]}"), "!\"aHVz\"…?~Group");
}

#[test]
fn secrets_stay_out_of_words() {
    assert_eq!(value("!Sub '{{resolve:ssm:/${Secret}}}'"), "!?a value of the parameter store is not part of the input");
    for expression in [
        "{Ref: !Sub '${Secret}'}",
        "{'Fn::GetAtt': [!Ref Secret, Arn]}",
        "!FindInMap [Sizes, !Ref Secret, Timeout]",
        "!FindInMap [!Ref Secret, web, Timeout]",
        "!Select [!Ref Secret, [a]]",
        "!Cidr [!Ref Secret, 1, 2]",
        "!GetAZs {Ref: Secret}",
        "{'Fn::ImportValue': !Ref Secret}",
        "{'Fn::ForEach::X': [K, !Split [',', !Ref Secret], {'Key${K}': a}]}",
    ] {
        let outcome = outcome(&super::around(expression), &Told::default());
        let resource = outcome.worlds[0].1.resource("It");
        assert!(!outcome.messages().concat().contains("hush"), "{expression}");
        assert!(!resource.said("P").contains("hush"), "{expression}: {}", resource.said("P"));
        assert!(!format!("{:?}", resource.properties).contains("hush"), "{expression}");
    }
}

#[test]
fn language_extensions_work() {
    assert_eq!(value("{'Fn::Length': !Ref Zones}"), "3");
    assert_eq!(value("{'Fn::Length': [a, !Ref Group]}"), "2");
    assert_eq!(value("{'Fn::Length': !Ref Subnets}"), "?no Subnets");
    assert_eq!(
        value("{'Fn::ToJsonString': {B: [1, x], A: !Ref Name, C: !Ref 'AWS::NoValue'}}"),
        r#""{\"A\":\"web\",\"B\":[1,\"x\"]}""#
    );
    assert_eq!(value("{'Fn::ToJsonString': {A: !Ref Group}}"), "?~Group");
    assert_eq!(
        value("{'Fn::ForEach::Each': [K, [a, b], {'Key${K}': {'Fn::Sub': '${K}-${Name}'}}]}"),
        r#"{Keya:"a-web" Keyb:"b-web"}"#
    );
}

#[test]
fn without_the_transform_extensions_are_told() {
    let text = "Resources: {A: {Type: 'A::B::C', Properties: {P: {'Fn::Length': [a]}}}}";
    let outcome = outcome(text, &Told::default());
    assert_eq!(
        outcome.messages(),
        ["t.yaml:1:50: warning: Fn::Length works only in a template with `Transform: AWS::LanguageExtensions`"]
    );
    assert_eq!(outcome.worlds[0].1.resource("A").said("P"), "1");
}

#[test]
fn loops_write_resources() {
    // The nested example of the documentation of Fn::ForEach, with a collection from a parameter.
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "Success,time-out"}}
Conditions:
  'Fn::ForEach::Conditions':
    - N
    - !Ref Names
    - 'Is&{N}': !Equals [!Ref N, Success]
Resources:
  'Fn::ForEach::Topics':
    - TopicName
    - !Ref Names
    - 'Topic&{TopicName}':
        Type: AWS::SNS::Topic
        Condition: 'Is&{TopicName}'
        Properties:
          TopicName: {'Fn::Join': [., [!Ref TopicName, fifo]]}
          Plain: x-${TopicName}
      'Fn::ForEach::Inner':
        - I
        - [A, B]
        - 'Rule&{TopicName}${I}':
            Type: A::B::C
            DependsOn: 'Fixed${I}'
            Properties: {P: {'Fn::GetAtt': [!Sub 'Fixed${I}', !Ref I]}, Q: !Ref 'Fixed${I}'}
  FixedA: {Type: A::B::C}
  FixedB: {Type: A::B::C}
Outputs:
  'Fn::ForEach::Out':
    - I
    - [A, B]
    - 'O${I}': {Value: {'Fn::GetAtt': [!Sub 'Fixed${I}', Arn]}, Export: {Name: !Sub 'x-${I}'}}
"#;
    let resolved = outcome(text, &Told::default()).only();
    let expected = ["TopicSuccess", "RuleSuccessA", "RuleSuccessB", "RuletimeoutA", "RuletimeoutB", "FixedA", "FixedB"];
    assert_eq!(resolved.ids(), expected);
    assert_eq!(resolved.resource("TopicSuccess").said("TopicName"), "\"Success.fifo\"");
    assert_eq!(resolved.resource("TopicSuccess").said("Plain"), "\"x-Success\"");
    let rule = resolved.resource("RuletimeoutB");
    assert_eq!((rule.said("P"), rule.said("Q")), ("?=FixedB.B".to_owned(), "?=FixedB".to_owned()));
    assert_eq!(rule.depends_on, [crate::graph::Text::from("FixedB")]);
    let outputs: Vec<String> = resolved
        .outputs
        .iter()
        .map(|one| format!("{} {} {}", one.name, said(&one.value), said(one.export.as_ref().unwrap())))
        .collect();
    assert_eq!(outputs, ["OA ?=FixedA.Arn \"x-A\"", "OB ?=FixedB.Arn \"x-B\""]);
}

#[test]
fn a_loop_over_something_unknown_leaves_the_section_open() {
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList}}
Resources:
  'Fn::ForEach::Each': [N, !Ref Names, {'T${N}': {Type: 'A::B::C'}}]
"#;
    let outcome = outcome(text, &Told::default());
    assert!(outcome.messages()[0].starts_with("t.yaml:5:28: warning: what `Fn::ForEach::Each` goes over is not known"));
    assert_eq!(outcome.worlds[0].1.open.as_ref().unwrap().to_string(), "no value is given: Names");
}

#[test]
fn macros_leave_open_what_they_write() {
    let include = "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: s3}}}";
    assert_eq!(value(include), "?what the macro `AWS::Include` writes is not part of the input");
    let inside = "{A: 1, 'Fn::Transform': {Name: 'AWS::Include'}}";
    assert_eq!(value(inside), "?what the macro `AWS::Include` writes is not part of the input");
    let text = r#"
Transform: [AWS::LanguageExtensions, Mine]
Resources:
  A: {Type: 'A::B::C', Properties: {P: 1, R: !Ref Elsewhere, 'Fn::Transform': {Name: 'AWS::Include'}}}
"#;
    let resolved = outcome(text, &Told::default()).only();
    assert!(resolved.open.unwrap().to_string().contains("the macro `Mine`"));
    let resource = &resolved.resources[0];
    assert_eq!(resource.said("P"), "1");
    assert!(resource.open.as_ref().unwrap().to_string().contains("`AWS::Include`"));
    assert!(resource.said("R").contains("`Mine`"));
}

#[test]
fn wrong_forms_are_told_with_their_place() {
    for (expression, words) in [
        ("!Join [a]", "Fn::Join takes a list of two"),
        ("!Join [',', {a: b}]", "Fn::Join joins a list of texts"),
        ("!Join [',', [[a], b]]", "a list or a map cannot become part of a text"),
        ("!Select [x, [a]]", "the index of Fn::Select must be a whole number"),
        ("!Select [-1, [a]]", "the index of Fn::Select must be a whole number"),
        ("!Select [3, [a, b]]", "Fn::Select asks for element 3 of a list that has 2, counted from 0"),
        ("!Select [0, !Ref Empty]", "Fn::Select asks for element 0 of a list that has 0"),
        ("!Split [',', [a]]", "Fn::Split splits a text"),
        ("!Sub [a]", "Fn::Sub takes a text"),
        ("!Sub '${HOME:-x}'", "`${HOME:-x}` cannot stand in the text of Fn::Sub"),
        ("!Sub '${Zones}'", "a list or a map cannot become part of a text"),
        ("!If [Fits, a]", "Fn::If takes a list of three"),
        ("!If [Fitss, a, b]", "there is no condition `Fitss`; did you mean `Fits`?"),
        ("!Ref Grop", "there is no resource or parameter `Grop`; did you mean `Group`?"),
        ("!GetAtt Grup.Arn", "there is no resource or parameter `Grup`; did you mean `Group`?"),
        ("!If [Fails, !Ref Grup, b]", "there is no resource or parameter `Grup`; did you mean `Group`?"),
        ("!Sub '${AWS::Regio}'", "there is no pseudo parameter `AWS::Regio`; did you mean `AWS::Region`?"),
        ("{'Fn::Length': a}", "Fn::Length takes a list"),
        ("!Join ['', [a, !Sub]]", "the text of Fn::Sub must be written out"),
    ] {
        let told = fault(expression);
        assert!(told.contains(words), "{expression}: {told}");
        assert!(told.starts_with("27:") && told.contains(" error: "), "{expression}: {told}");
    }
}

#[test]
fn null_is_told_and_left_out() {
    let text = "Resources:\n  A: {Type: T, Properties: {P: null, Q: [a, ~]}}\n  B: {Type: T, Properties: }";
    let outcome = outcome(text, &Told::default());
    let told = outcome.messages();
    assert_eq!(told[0], "t.yaml:2:32: warning: CloudFormation takes no null; it counts as not written");
    assert_eq!(told.len(), 3);
    let resource = outcome.worlds[0].1.resource("A");
    assert_eq!((resource.said("P"), resource.said("Q")), ("absent".to_owned(), "[\"a\"]".to_owned()));
}

#[test]
fn places_are_kept_by_path() {
    let text = r#"Conditions:
  Fits: !Equals [a, a]
Resources:
  Group:
    Type: A::B::C
    Properties:
      Port: 80
      Attributes:
        - !Ref AWS::NoValue
        - Key: a
          Value: !Sub "b"
      Chosen: !If
        - Fits
        - Deep: [1]
        - Fails: 2
      Joined: !Join ["", [a]]
"#;
    let resolved = outcome(text, &Told::default()).only();
    let spans = &resolved.resource("Group").spans;
    let at = |path: &str| &text[spans.get(path).unwrap_or_else(|| panic!("no {path}")).clone()];
    assert_eq!(at(""), "Group");
    assert_eq!(at("Port"), "Port: 80");
    assert!(at("Attributes[0]").starts_with("Key: a"));
    assert_eq!(at("Attributes[0].Value"), "Value: !Sub \"b\"");
    assert_eq!(at("Chosen.Deep"), "Deep: [1]");
    assert_eq!(at("Chosen.Deep[0]"), "1");
    assert!(at("Chosen").starts_with("Chosen: !If"));
    assert_eq!(spans.len(), 10, "{:?}", spans.keys());
}
