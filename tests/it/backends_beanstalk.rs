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
