//! Environments of Elastic Beanstalk with the application's bundle beside them, or named: whose number decides.

use crate::program::{Folder, run};

const NGINX: &str = "http {\n  include conf.d/*.conf;\n  server {\n    listen 80;\n    keepalive_timeout 75s;\n\
                     \x20   include conf.d/elasticbeanstalk/*.conf;\n  }\n}\n";

fn environment(options: &[(&str, &str, &str)]) -> String {
    let chosen = [("aws:elasticbeanstalk:environment", "LoadBalancerType", "application")];
    let setting = |(namespace, name, value): &(&str, &str, &str)| {
        format!("  setting {{\n    namespace = \"{namespace}\"\n    name = \"{name}\"\n    value = \"{value}\"\n  }}\n")
    };
    let settings: String = chosen.iter().chain(options).map(setting).collect();
    format!("resource \"aws_elastic_beanstalk_environment\" \"shop\" {{\n  name = \"shop\"\n{settings}}}\n")
}

/// Writes a file with the folders around it.
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
fn put(folder: &Folder, name: &str, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(std::path::Path::new(&folder.path(name)).parent().unwrap()).unwrap();
    folder.file(name, content);
}

/// The verdict on the keep-alive, and what it rests on.
fn verdict(folder: &Folder, more: &[&str]) -> (String, String) {
    let only = ["--only", "beanstalk-keep-alive-outlasts-idle-timeout", "-o", "json"];
    let report = run(&[&["check", &folder.path("iac")], &only[..], more].concat()).json();
    assert_eq!(report["summary"]["checks"], 1);
    let found = &report["findings"][0];
    let text = |name: &str| found[name].as_str().unwrap_or("pass").to_owned();
    (text("verdict"), text("message"))
}

#[test]
fn the_bundle_decides_where_it_is_visible() {
    let idle = |seconds| [("aws:elbv2:loadbalancer", "IdleTimeout", seconds)];
    let folder = Folder::new();
    put(&folder, "iac/main.tf", environment(&idle("120")));
    assert_eq!(verdict(&folder, &[]).0, "undecided", "nothing is visible");
    put(&folder, "app/.platform/nginx/nginx.conf", NGINX);
    assert_eq!(verdict(&folder, &[]).0, "undecided", "it lies in another folder");
    let app = folder.path("app");
    let (said, message) = verdict(&folder, &["--backend", &app]);
    assert!(
        said == "fail"
            && message.contains("after 75 s (stated: directive `keepalive_timeout`, file .platform/nginx/nginx.conf)"),
        "{said}: {message}"
    );
    put(&folder, "iac/main.tf", environment(&idle("60")));
    assert_eq!(verdict(&folder, &["--backend", &app]).0, "pass");
    put(&folder, "iac/.platform/nginx/nginx.conf", NGINX.replace("75s", "50s"));
    assert_eq!(verdict(&folder, &[]).0, "fail", "it lies beside the configuration");
}

#[test]
fn the_settings_and_the_bundle_choose_the_proxy() {
    let proxy = |name| [("aws:elasticbeanstalk:environment:proxy", "ProxyServer", name)];
    let folder = Folder::new();
    put(&folder, "iac/.platform/nginx/nginx.conf", NGINX);
    put(&folder, "iac/main.tf", environment(&proxy("apache")));
    put(&folder, "iac/.platform/httpd/conf.d/keepalive.conf", "KeepAliveTimeout 30\n");
    let (said, message) = verdict(&folder, &[]);
    assert!(said == "fail" && message.contains("Apache httpd closes idle connections after 30 s"), "{said}: {message}");
    put(&folder, "iac/main.tf", environment(&[]));
    assert_eq!(verdict(&folder, &[]).0, "pass", "nginx, as nobody says otherwise");
    let choice = "option_settings:\n  aws:elasticbeanstalk:environment:proxy:\n    ProxyServer: apache\n";
    put(&folder, "iac/.ebextensions/proxy.config", choice);
    assert_eq!(verdict(&folder, &[]).0, "fail", "the bundle chooses Apache");
    put(&folder, "iac/main.tf", environment(&proxy("nginx")));
    assert_eq!(verdict(&folder, &[]).0, "pass", "the environment comes before the bundle");
}

/// The verdicts of one policy: `subject: verdict: what the evidence names first`.
fn told(folder: &Folder, policy: &str) -> Vec<String> {
    let report = run(&["check", &folder.path("iac"), "--only", policy, "-o", "json"]).json();
    let found = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let told = |one: &serde_json::Value| {
        let shown = one["evidence"].as_array().map(Vec::as_slice).unwrap_or_default();
        let shown = shown.iter().map(|one| format!("{} {}", text(&one["address"]), text(&one["attribute"])));
        format!("{}: {}: {}", text(&one["subject"]), text(&one["verdict"]), shown.collect::<Vec<_>>().join(", "))
    };
    let mut told: Vec<String> = found.iter().map(told).collect();
    told.push(format!("{} passed", report["summary"]["pass"]));
    told
}

const TEMPLATE: &str = "resource \"aws_elastic_beanstalk_configuration_template\" \"base\" {\n  name = \"base\"\n  \
                        application = \"shop\"\n  setting {\n    namespace = \"aws:elasticbeanstalk:environment\"\n    \
                        name = \"LoadBalancerType\"\n    value = \"application\"\n  }\n  setting {\n    namespace = \
                        \"aws:elasticbeanstalk:environment:process:default\"\n    name = \"MatcherHTTPCode\"\n    value = \
                        \"200-404\"\n  }\n}\n";
const MATCHER: &str = "beanstalk-matcher-excludes-errors";
const OF_DEFAULT: &str = "setting[aws:elasticbeanstalk:environment:process:default/MatcherHTTPCode]";

/// An environment with this in its block, and a matcher when one is given.
fn started(inside: &str, matcher: Option<&str>) -> String {
    let setting = |matcher: &str| {
        format!(
            "  setting {{\n    namespace = \"aws:elasticbeanstalk:environment:process:default\"\n    name = \
             \"MatcherHTTPCode\"\n    value = \"{matcher}\"\n  }}\n"
        )
    };
    let setting = matcher.map(setting).unwrap_or_default();
    format!("resource \"aws_elastic_beanstalk_environment\" \"shop\" {{\n  name = \"shop\"\n  {inside}\n{setting}}}\n")
}

#[test]
fn a_template_is_judged_through_the_environment_that_starts_from_it() {
    let folder = Folder::new();
    let by_itself = format!(
        "aws_elastic_beanstalk_configuration_template.base: fail: \
                             aws_elastic_beanstalk_configuration_template.base {OF_DEFAULT}"
    );
    let told_of = |more: &str| {
        put(&folder, "iac/main.tf", format!("{TEMPLATE}{more}"));
        told(&folder, MATCHER)
    };
    assert_eq!(told_of(""), [by_itself, "0 passed".to_owned()], "no environment starts from it");
    let from = "template_name = aws_elastic_beanstalk_configuration_template.base.name";
    let through = format!(
        "aws_elastic_beanstalk_environment.shop: fail: aws_elastic_beanstalk_configuration_template.base {OF_DEFAULT}"
    );
    assert_eq!(told_of(&started(from, None)), [through, "0 passed".to_owned()]);
    assert_eq!(told_of(&started(from, Some("200"))), ["1 passed"], "the environment's own holds");
    // Which of two it starts from is known after apply: neither is surely used, nor surely left alone.
    let second = TEMPLATE.replace("base", "other").replace("200-404", "200");
    let either = "template_name = terraform_data.later.output ? \
                  aws_elastic_beanstalk_configuration_template.base.name : \
                  aws_elastic_beanstalk_configuration_template.other.name";
    let verdicts = |told: Vec<String>| {
        let verdict = |one: &String| one.split(": ").take(2).collect::<Vec<_>>().join(" ");
        let mut verdicts: Vec<String> = told.iter().map(verdict).collect();
        verdicts.sort();
        verdicts
    };
    assert_eq!(
        verdicts(told_of(&format!("{second}{}", started(either, None)))),
        [
            "1 passed",
            "aws_elastic_beanstalk_configuration_template.base undecided",
            "aws_elastic_beanstalk_environment.shop undecided",
        ],
        "what the other template says is right as it stands"
    );
    // One of the same name in no input, and an environment called like the template.
    let named = started("template_name = \"elsewhere\"", None);
    assert_eq!(
        verdicts(told_of(&named)),
        [
            "0 passed",
            "aws_elastic_beanstalk_configuration_template.base fail",
            "aws_elastic_beanstalk_environment.shop undecided",
        ]
    );
}

#[test]
fn settings_of_the_bundle_hold_where_nobody_else_says_anything() {
    let folder = Folder::new();
    let matcher = [("aws:elasticbeanstalk:environment:process:default", "MatcherHTTPCode", "200")];
    let of_bundle = |text: &str| put(&folder, "iac/.ebextensions/10-alb.config", text);
    let verdict = |options: &[(&str, &str, &str)]| {
        put(&folder, "iac/main.tf", environment(options));
        let told = told(&folder, MATCHER);
        told.first().map(|one| one.split(": ").nth(1).unwrap_or("pass").to_owned()).unwrap_or_default()
    };
    assert_eq!(verdict(&[]), "pass", "AWS takes 200");
    of_bundle("option_settings:\n  aws:elasticbeanstalk:environment:process:default:\n    MatcherHTTPCode: 200-499\n");
    assert_eq!(verdict(&[]), "fail");
    assert_eq!(verdict(&matcher), "pass", "the environment comes before the bundle");
    of_bundle(
        "option_settings:\n  - namespace: aws:elasticbeanstalk:environment:process:default\n    \
         option_name: MatcherHTTPCode\n    value: 200,404\n",
    );
    assert_eq!(verdict(&[]), "fail", "a list");
    put(
        &folder,
        "iac/.ebextensions/20-later.config",
        "{\"option_settings\": {\"aws:elasticbeanstalk:environment:process:default\": {\"MatcherHTTPCode\": \"200\"}}}",
    );
    assert_eq!(verdict(&[]), "pass", "the last file holds");
    put(
        &folder,
        "iac/.ebextensions/30-function.config",
        "option_settings:\n  aws:elasticbeanstalk:environment:process:default:\n    MatcherHTTPCode: '`{\"Fn::GetOptionSetting\": {\"OptionName\": \"CODES\"}}`'\n",
    );
    assert_eq!(verdict(&[]), "undecided", "a function says it");
    put(&folder, "iac/.ebextensions/30-function.config", "option_settings:\n\t- : [\n");
    assert_eq!(verdict(&[]), "undecided", "a file that cannot be read may say it");
    put(&folder, "iac/.ebextensions/30-function.config", "files: {}\n");
    put(
        &folder,
        "iac/other/.ebextensions/10-alb.config",
        "option_settings:\n  aws:elasticbeanstalk:environment:process:default:\n    MatcherHTTPCode: 404\n",
    );
    assert_eq!(verdict(&[]), "undecided", "which of two bundles it runs is not visible");
    put(&folder, "iac/main.tf", format!("{TEMPLATE}{}", started("template_name = \"base\"", None)));
    assert!(told(&folder, MATCHER).concat().contains("shop: fail"), "the template comes before the bundle");
    put(&folder, "iac/main.tf", started("template_name = \"elsewhere\"", None));
    assert!(told(&folder, MATCHER).concat().contains("shop: undecided"), "a template that is not visible too");
}
