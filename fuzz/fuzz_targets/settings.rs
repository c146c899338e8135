//! What a repository says once: `plangate.yaml`, after `b` a baseline, after `p` a file of parameters.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::config::{Config, read_baseline};
use plangate::load::{self, GivenParameter, Inputs, TemplateInputs};
use plangate_fuzz::{Stage, judge, within};

const TEMPLATE: &str = "
Parameters:
  Seconds: {Type: Number, Default: 60}
  Names: {Type: CommaDelimitedList, Default: 'a,b'}
  Key: {Type: String, NoEcho: true}
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: !Ref Seconds, Protocol: HTTP, Tags: [{Key: a, Value: !Select [0, !Ref Names]}]}
";

thread_local! {
    static STAGE: Stage = Stage::new(&[("file", ""), ("template.yaml", TEMPLATE)], "template.yaml");
}

fuzz_target!(|text: &str| {
    let Some(kind) = text.chars().next() else { return };
    let rest = &text[kind.len_utf8()..];
    STAGE.with(|stage| {
        let file = stage.file("file");
        match kind {
            'b' => stage.with("file", rest, |_| {
                if let Err(problem) = read_baseline(&file) {
                    within(&file, rest, [&problem]);
                }
            }),
            'p' => stage.with("file", rest, |path| {
                let parameters = vec![GivenParameter::File(file.clone())];
                let template = TemplateInputs { parameters, ..TemplateInputs::default() };
                match load::load(path, &Inputs { template, ..Inputs::default() }, &[]) {
                    Ok(loaded) => within(&file, rest, &judge(loaded).problems),
                    Err(problem) => within(&file, rest, [&problem]),
                }
            }),
            _ => {
                let (one, other) = (Config::parse(rest, "plangate.yaml"), Config::parse(rest, "plangate.yaml"));
                assert_eq!(format!("{one:?}"), format!("{other:?}"));
                if let Err(problems) = one {
                    assert!(!problems.is_empty(), "refused without a word");
                    within("plangate.yaml", rest, &problems);
                }
            }
        }
    });
});
