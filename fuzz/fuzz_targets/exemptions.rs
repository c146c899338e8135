//! Comments that exempt findings, in a resource of Terraform and in one of a template. They change which findings count
//! and nothing else: the sum of all checks stays.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate_fuzz::Stage;

thread_local! {
    static FOLDER: Stage = Stage::new(&[("main.tf", "")], "");
    static FILE: Stage = Stage::new(&[("template.yaml", "")], "template.yaml");
}

/// Around the comment.
const TERRAFORM: [&str; 3] = [
    "# plangate:ignore",
    "\nresource \"aws_lb\" \"web\" {\n  internal = true\n  idle_timeout = 4000 // plangate:ignore",
    "\n}\n",
];
const YAML: [&str; 3] = [
    "Resources:\n  # plangate:ignore",
    "\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      Scheme: internal # plangate:ignore",
    "\n",
];

fuzz_target!(|text: &str| {
    let comment = text.replace(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'], " ");
    let text =
        |[before, between, after]: [&str; 3], comment: &str| format!("{before}{comment}{between}{comment}{after}");
    for (stage, name, around) in [(&FOLDER, "main.tf", TERRAFORM), (&FILE, "template.yaml", YAML)] {
        stage.with(|stage| {
            let Some(bare) = stage.judged(name, &text(around, "")) else { panic!("{name} cannot be read") };
            let Some(with) = stage.judged(name, &text(around, &comment)) else { return };
            assert_eq!(bare.summary.checks, with.summary.checks, "a comment changed what is judged");
            let found = bare.findings.len() + bare.exempt.len();
            assert_eq!(found, with.findings.len() + with.exempt.len(), "a comment changed what is found");
        });
    }
});
