//! The application behind a proxy: which one a proxy hands on to, and whose number is too short.

use crate::program::{Folder, run};

const NGINX: &str = "cat > /etc/nginx/conf.d/app.conf <<'X'\nupstream app { server TO; keepalive 8; }\n\
                     server { listen 80; location / { VERSION proxy_pass http://app; } }\nX\n";
const VERSION: &str = "proxy_http_version 1.1; proxy_set_header Connection '';";

/// The verdict on the hop, and the message; none when no application is visible behind the backend.
fn verdict(backend: &str) -> Option<(String, String)> {
    let folder = Folder::new();
    let front = "resource \"aws_lb\" \"web\" {}\nresource \"aws_lb_listener\" \"http\" {\n  load_balancer_arn = aws_lb.web.arn\n\
                 \x20 port = 80\n  default_action {\n    type = \"forward\"\n    target_group_arn = aws_lb_target_group.web.arn\n  }\n}\n\
                 resource \"aws_lb_target_group\" \"web\" {\n  port = 80\n  protocol = \"HTTP\"\n}\n";
    folder.file("main.tf", format!("{front}{backend}"));
    let only = ["--only", "application-keep-alive-outlasts-proxy", "-o", "json"];
    let report = run(&[&["check", &folder.path(".")], &only[..]].concat()).json();
    if report["summary"]["checks"] == 0 {
        return None;
    }
    let found = &report["findings"][0];
    let text = |name: &str| found[name].as_str().unwrap_or("pass").to_owned();
    Some((text("verdict"), text("message")))
}

fn instance(script: &str) -> String {
    format!(
        "resource \"aws_lb_target_group_attachment\" \"web\" {{\n  target_group_arn = aws_lb_target_group.web.arn\n\
         \x20 target_id = aws_instance.web.id\n}}\nresource \"aws_instance\" \"web\" {{\n\
         \x20 user_data = <<-EOT\n#!/bin/sh\napt-get install -y nginx\n{script}EOT\n}}\n"
    )
}

fn nginx(to: &str, version: &str) -> String {
    NGINX.replace("TO", to).replace("VERSION", version)
}

#[test]
fn on_an_instance() {
    let on_port = nginx("127.0.0.1:8000", VERSION);
    let cases = [
        (format!("{on_port}uvicorn app:app --port 8000\n"), Some("fail")),
        (format!("{on_port}uvicorn app:app --timeout-keep-alive 61\n"), Some("pass")),
        (format!("{}uvicorn app:app\n", nginx("127.0.0.1:8000", "")), Some("undecided")),
        (format!("{}uvicorn app:app\n", nginx("10.0.0.1:8000", VERSION)), None),
        (on_port, None),
    ];
    for (script, expected) in cases {
        let found = verdict(&instance(&script));
        assert_eq!(found.as_ref().map(|(verdict, _)| verdict.as_str()), expected, "{script}: {found:?}");
    }
}

#[test]
fn behind_apache() {
    let apache = |pass: &str, app: &str| {
        let site = format!("cat > /etc/apache2/sites-enabled/app.conf <<'X'\nKeepAliveTimeout 75\n{pass}\nX\n");
        instance(&format!("{site}{app}\n")).replace("install -y nginx", "install -y apache2")
    };
    let to = "ProxyPass / http://127.0.0.1:8000/";
    let cases = [
        (apache(to, "uvicorn app:app --port 8000"), Some("fail")),
        (apache(&format!("{to} ttl=4"), "uvicorn app:app --port 8000"), Some("pass")),
        (apache(&format!("{to} disablereuse=on"), "uvicorn app:app --port 8000"), Some("pass")),
        (apache("", "uvicorn app:app --port 8000"), None),
    ];
    for (backend, expected) in cases {
        let found = verdict(&backend);
        assert_eq!(found.as_ref().map(|(verdict, _)| verdict.as_str()), expected, "{backend}: {found:?}");
    }
}

fn task(mode: &str, to: &str, app: &str) -> String {
    let nginx = nginx(to, VERSION).replace('\n', "\\n").replace('"', "\\\"");
    format!(
        "resource \"aws_ecs_service\" \"web\" {{\n  task_definition = aws_ecs_task_definition.web.arn\n  desired_count = 1\n\
         \x20 load_balancer {{\n    target_group_arn = aws_lb_target_group.web.arn\n    container_name = \"web\"\n    container_port = 80\n  }}\n}}\n\
         resource \"aws_ecs_task_definition\" \"web\" {{\n  network_mode = \"{mode}\"\n  container_definitions = jsonencode([\n\
         {{ name = \"web\", image = \"nginx:1.27\", command = [\"sh\", \"-c\", \"{nginx}exec nginx\"], portMappings = [{{ containerPort = 80 }}] }},\n\
         {{ name = \"agent\", image = \"agent:1\" }},\n{app}\n])\n}}\n"
    )
}

#[test]
fn in_a_task() {
    let maps = "{ name = \"app\", image = \"app:1\", command = [\"uvicorn\", \"a:a\"], portMappings = [{ containerPort = 8000 }] }";
    let says = "{ name = \"app\", image = \"app:1\", command = [\"uvicorn\", \"a:a\", \"--port\", \"8000\"] }";
    let cases = [
        (task("awsvpc", "127.0.0.1:8000", maps), Some("fail")),
        (task("awsvpc", "localhost:8000", says), Some("fail")),
        (task("bridge", "app:8000", maps), Some("fail")),
        // In bridge mode a container is alone behind its loopback address.
        (task("bridge", "127.0.0.1:8000", maps), None),
        (task("awsvpc", "127.0.0.1:9000", maps), None),
    ];
    for (stack, expected) in cases {
        let found = verdict(&stack);
        assert_eq!(found.as_ref().map(|(verdict, _)| verdict.as_str()), expected, "{stack}: {found:?}");
        if let Some((_, message)) = found {
            assert!(message.contains("for 60 s (directive `keepalive`, container \"web\")"), "{message}");
            assert!(message.contains("after 5 s") && message.contains("container \"app\""), "{message}");
        }
    }
}
