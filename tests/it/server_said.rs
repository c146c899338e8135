//! What the readers of server software say of one text: tables of texts and what they come to.

use plangate::server::{Doc, File, Files, Given, Idle, Reading, Said};

/// A short form: `75s`, `500ms`, `infinite`, `closes`, `-` for nothing, `?` and the reason for what is hidden.
pub(crate) fn short(said: &Said) -> String {
    match said {
        Said::Nothing => "-".to_owned(),
        Said::Stated(idle, _) => idle_text(*idle),
        Said::Hidden(why, _) => format!("? {why}"),
    }
}

pub(crate) fn idle_text(idle: Idle) -> String {
    match idle {
        Idle::Millis(millis) if millis % 1000 == 0 => format!("{}s", millis / 1000),
        Idle::Millis(millis) => format!("{millis}ms"),
        Idle::Infinite => "infinite".to_owned(),
        Idle::ClosesEach => "closes".to_owned(),
    }
}

/// Holds each text's reading against what is expected, all at once.
fn table(cases: &[(&str, &str)], read: impl Fn(&Doc) -> Option<Reading>) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let doc = Doc::new("file", *text);
        let got = read(&doc).map_or("none".to_owned(), |reading| short(&reading.idle));
        if got != *expected && !(expected.ends_with('*') && got.starts_with(expected.trim_end_matches('*'))) {
            wrong.push(format!("{text}\n  expected {expected}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files by path and text.
pub(crate) fn files(all: &[(&str, &str)]) -> Files {
    all.iter().map(|(path, text)| File::new(*path, Given::from(*text))).collect()
}

#[test]
fn nginx_blocks() {
    let cases: &[(&str, &str)] = &[
        ("http { keepalive_timeout 75s; }", "75s"),
        ("http { keepalive_timeout 75 60; }", "75s"),
        ("http { keepalive_timeout 0; }", "closes"),
        ("http { # keepalive_timeout 10;\n keepalive_timeout 75; }", "75s"),
        ("http { log_format x 'keepalive_timeout 10;'; keepalive_timeout 75; }", "75s"),
        ("http { log_format x \"keepalive_timeout 10;\"; }", "-"),
        ("http { upstream a { server b:1; keepalive 9; keepalive_timeout 10; } keepalive_timeout 75; }", "75s"),
        ("http { upstream a { server b:1; keepalive 9; keepalive_timeout 10; } }", "-"),
        ("http { keepalive_timeout 10; server { keepalive_timeout 75; } }", "75s"),
        ("http { keepalive_timeout 100; server { location / { keepalive_timeout 30; } } }", "30s"),
        ("http { keepalive_timeout 30; server { location / { keepalive_timeout 90; } } }", "30s"),
        ("http { server { location / { keepalive_timeout 90; } } }", "75s"),
        ("http { server { location / { keepalive_timeout 20; } } }", "20s"),
        ("http { server { location / { location /a { keepalive_timeout 20; } } } }", "20s"),
        (
            "http { keepalive_timeout 65; server { listen 80; } server { listen 81; keepalive_timeout 5; } }",
            "? several*",
        ),
        ("http { keepalive_timeout 65; server { listen 80; } server { listen 81; } }", "65s"),
        ("server { keepalive_timeout 75; }", "75s"),
        ("keepalive_timeout 75;", "75s"),
        ("http { keepalive_timeout $ka; }", "? it is filled in*"),
        ("http { keepalive_timeout ${KA}s; }", "? it is filled in*"),
        ("http { keepalive_timeout 1.5s; }", "? it is no duration*"),
        ("http { keepalive_timeout 1m; }", "60s"),
        ("http { include absent.conf; keepalive_timeout 75; }", "? it may stand in absent.conf*"),
        ("http { include mime.types; keepalive_timeout 75; }", "75s"),
        ("http { include /etc/nginx/conf.d/*.conf; keepalive_timeout 75; }", "75s"),
        ("http { include /etc/nginx/conf.d/*.conf; }", "? it may stand in*"),
        ("http { keepalive_timeout 75;", "? the text*"),
        ("http { keepalive_timeout 75; } }", "? the text*"),
        ("http { keepalive_timeout 75", "? the text*"),
        ("http { content_by_lua_block { if x then y = '}' end } keepalive_timeout 75; }", "?*"),
        ("http { server { location / { content_by_lua_block { return { a = {} } } } } keepalive_timeout 75; }", "75s"),
        ("http {\r\n  keepalive_timeout\t75 ;\r\n}\r\n", "75s"),
        ("events {} http { types { text/html html; } keepalive_timeout 75; }", "75s"),
        ("http { map $x $y { default \"a;b{\"; } keepalive_timeout 75; }", "75s"),
    ];
    table(cases, |doc| Some(plangate::server::nginx::read(doc, &Files::new(), None)));
}

#[test]
fn nginx_servers_on_a_port() {
    let text = "http { keepalive_timeout 65; server { listen 8080; keepalive_timeout 75; }
                server { listen [::]:81 ssl; keepalive_timeout 5; } server { keepalive_timeout 3; } }";
    for (port, expected) in [(8080, "75s"), (81, "5s"), (80, "3s")] {
        let reading = plangate::server::nginx::read(&Doc::new("nginx.conf", text), &Files::new(), Some(port));
        assert_eq!(short(&reading.idle), expected, "{port}");
    }
}

#[test]
fn nginx_includes() {
    let main = "http { include conf.d/*.conf; include snippets/ka.conf; }";
    let all = files(&[
        ("etc/nginx/nginx.conf", main),
        ("etc/nginx/conf.d/app.conf", "server { listen 80; }"),
        ("etc/nginx/snippets/ka.conf", "keepalive_timeout 90;"),
    ]);
    let reading = plangate::server::nginx::read(&Doc::new("etc/nginx/nginx.conf", main), &all, None);
    assert_eq!(short(&reading.idle), "90s");
    let Said::Stated(_, from) = reading.idle else { panic!() };
    assert_eq!(from.passage.unwrap().text.as_str(), "etc/nginx/snippets/ka.conf");
    // A file that includes itself ends.
    let looped = files(&[("a/nginx.conf", "include nginx.conf;")]);
    let reading = plangate::server::nginx::read(&Doc::new("a/nginx.conf", "include nginx.conf;"), &looped, None);
    assert!(matches!(reading.idle, Said::Hidden(..)));
}

#[test]
fn nginx_hands_on() {
    let text = "http { upstream app { server 127.0.0.1:8000; keepalive 16; } server { location / {
                proxy_http_version 1.1; proxy_set_header Connection \"\";
                proxy_pass http://app; proxy_read_timeout 120s; } location /x { proxy_pass http://127.0.0.1:9000/; } } }";
    let reading = plangate::server::nginx::read(&Doc::new("nginx.conf", text), &Files::new(), None);
    let mut onward: Vec<_> = reading.onward.iter().map(|hop| (hop.to.to_string(), short(&hop.reuse))).collect();
    onward.sort();
    let expected =
        [("127.0.0.1:8000".to_owned(), "60s".to_owned()), ("http://127.0.0.1:9000/".to_owned(), "closes".to_owned())];
    assert_eq!(onward, expected);
    let limits: Vec<_> = reading.limits.iter().map(|limit| (limit.key.to_string(), limit.millis)).collect();
    assert_eq!(limits, [("proxy_read_timeout".to_owned(), Some(120_000))]);
}

#[test]
fn proxies_hand_on() {
    let said = |reading: &Reading| -> Vec<String> {
        reading.onward.iter().map(|hop| format!("{} {}", hop.to, short(&hop.reuse))).collect()
    };
    let apache = |text: &str| {
        said(&plangate::server::apache::read(&Doc::new("httpd.conf", text), &Files::new(), None)).join(", ")
    };
    let haproxy = |text: &str| said(&plangate::server::haproxy::read(&Doc::new("haproxy.cfg", text), None)).join(", ");
    let envoy = |options: &str| {
        let text = format!(
            "static_resources:\n  clusters:\n  - name: app\n{options}    load_assignment:\n      endpoints:\n      - lb_endpoints:\n\
             \x20       - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: 3000}}}}}}\n"
        );
        said(&plangate::server::envoy::read(&Doc::new("envoy.yaml", text.as_str()))).join(", ")
    };
    let app = "http://127.0.0.1:3000/";
    let cases = [
        (apache(&format!("ProxyPass / {app}")), "http://127.0.0.1:3000/ infinite"),
        (apache(&format!("ProxyPass / {app} ttl=4 keepalive=On")), "http://127.0.0.1:3000/ 4s"),
        (apache(&format!("ProxyPass / {app} disablereuse=On")), "http://127.0.0.1:3000/ closes"),
        (apache(&format!("SetEnv proxy-nokeepalive 1\nProxyPass / {app}")), "http://127.0.0.1:3000/ closes"),
        (apache("<Location /x>\nProxyPass http://app:81\n</Location>"), "http://app:81 infinite"),
        (apache("<IfDefine A>\nProxyPass / http://app:81\n</IfDefine>"), "http://app:81 ?"),
        (apache("ProxyPass / http://u:p@app:81/"), "app:81/ infinite"),
        (apache("ProxyPass /x !\nProxyPass / balancer://app\nBalancerMember http://a:1 ttl=30"), "http://a:1 30s"),
        (haproxy("backend app\n  server one 127.0.0.1:3000 check"), "127.0.0.1:3000 ?"),
        (haproxy("defaults\n  option http-server-close\nbackend app\n  server one app:3000"), "app:3000 closes"),
        (envoy(""), "127.0.0.1:3000 3600s"),
        (envoy("    common_http_protocol_options: {idle_timeout: 4s}\n"), "127.0.0.1:3000 4s"),
        (envoy("    max_requests_per_connection: 1\n"), "127.0.0.1:3000 closes"),
    ];
    for (at, (found, expected)) in cases.iter().enumerate() {
        assert!(
            found == expected || expected.ends_with('?') && found.starts_with(&expected[..expected.len() - 1]),
            "{at}: {found}"
        );
    }
}

#[test]
fn apache() {
    let cases: &[(&str, &str)] = &[
        ("KeepAliveTimeout 75", "75s"),
        ("KeepAliveTimeout 500ms", "500ms"),
        ("# KeepAliveTimeout 75", "-"),
        ("keepalivetimeout 75\nKeepAliveTimeout 5", "5s"),
        ("KeepAlive Off\nKeepAliveTimeout 75", "closes"),
        ("KeepAlive On\nKeepAliveTimeout 75", "75s"),
        ("KeepAlive Off\nKeepAlive On", "-"),
        ("KeepAliveTimeout 75\n<VirtualHost *:80>\nKeepAliveTimeout 5\n</VirtualHost>", "5s"),
        ("KeepAliveTimeout 75\n<VirtualHost *:80>\nServerName x\n</VirtualHost>", "75s"),
        (
            "KeepAliveTimeout 75\n<VirtualHost *:80>\nKeepAliveTimeout 70\n</VirtualHost>\n<VirtualHost *:81>\nKeepAliveTimeout 6\n</VirtualHost>",
            "6s",
        ),
        ("<IfModule mpm_event_module>\nKeepAliveTimeout 75\n</IfModule>", "75s"),
        ("<IfDefine FAST>\nKeepAliveTimeout 75\n</IfDefine>", "? it is written only under*"),
        ("KeepAlive\\\nTimeout 75", "75s"),
        ("KeepAliveTimeout \\\n 75", "75s"),
        ("KeepAliveTimeout ${KA}", "? it is filled in*"),
        ("KeepAliveTimeout 0", "? it is no duration*"),
        ("LogFormat \"KeepAliveTimeout 75\" x", "-"),
        ("Include absent.conf", "? it may stand in*"),
        ("IncludeOptional conf.d/*.conf\nKeepAliveTimeout 65", "65s"),
        ("<VirtualHost *:80>\nKeepAliveTimeout 5", "? the text*"),
    ];
    table(cases, |doc| Some(plangate::server::apache::read(doc, &Files::new(), None)));
}

#[test]
fn javascript() {
    let cases: &[(&str, &str)] = &[
        ("const s = app.listen(80);\ns.keepAliveTimeout = 65000;", "65s"),
        ("server.keepAliveTimeout = 65 * 1000", "65s"),
        ("server.keepAliveTimeout = (60 + 5) * 1_000;", "65s"),
        ("server.keepAliveTimeout = 65e3;", "65s"),
        ("server.keepAliveTimeout = 0;", "infinite"),
        ("// server.keepAliveTimeout = 65000\nhttp.createServer(app)", "-"),
        ("/* server.keepAliveTimeout = 65000; */ http.createServer(app)", "-"),
        ("const x = 'server.keepAliveTimeout = 65000'; app.listen(1)", "-"),
        ("const x = `server.keepAliveTimeout = ${y}`; app.listen(1)", "-"),
        ("const r = /keepAliveTimeout = 5/; server.keepAliveTimeout = 65000;", "65s"),
        ("const r = /[/'\"]/; server.keepAliveTimeout = 65000;", "65s"),
        ("server.keepAliveTimeout = process.env.KA || 65000;", "? code*"),
        ("server.keepAliveTimeout = KA;\nconst KA = 70 * 1000;", "70s"),
        ("let KA = 1000; KA = 2000; server.keepAliveTimeout = KA;", "? code*"),
        ("server.keepAliveTimeout = 5000;\nserver.keepAliveTimeout = 65000;", "65s"),
        ("if (x) { server.keepAliveTimeout = 5000; } else { server.keepAliveTimeout = 65000; }", "? several*"),
        ("http.createServer({ keepAliveTimeout: 61000 }, app).listen(80)", "61s"),
        ("const f = require('fastify')({ keepAliveTimeout: 10000 })", "10s"),
        ("new Agent({ keepAliveTimeout: 5000 }); http.createServer(app)", "-"),
        ("if (server.keepAliveTimeout == 5) { http.createServer(a) }", "-"),
        ("const a = 1;", "none"),
        ("server.keepAliveTimeout = 65_000 // ms", "65s"),
        ("const f = Fastify({ logger: true, keepAliveTimeout: 90000 })", "90s"),
    ];
    table(cases, plangate::server::node::read);
}

#[test]
fn a_framework_is_told_by_its_import() {
    let cases = [
        ("import Fastify from 'fastify'; const f = Fastify()", "fastify"),
        ("const express = require(\"express\"); express().listen(1)", "express"),
        ("import { NestFactory } from '@nestjs/core'", "nestjs"),
        ("import { F } from '@nestjs/platform-fastify'; import { N } from '@nestjs/core'", "fastify"),
        ("// require('express')\nhttp.createServer(a)", "nodejs"),
        ("Bun.serve({ idleTimeout: 90 })", "bun"),
    ];
    for (text, id) in cases {
        let reading = plangate::server::node::read(&Doc::new("a.js", text)).unwrap();
        assert_eq!(reading.server.id(), id, "{text}");
    }
    let bun = plangate::server::node::read(&Doc::new("a.ts", "Bun.serve({ idleTimeout: 90 })")).unwrap();
    assert_eq!(short(&bun.idle), "90s");
}

#[test]
fn headers_timeout_must_be_larger() {
    let cases = [
        ("s.keepAliveTimeout = 65000; s.headersTimeout = 66000;", 0),
        ("s.keepAliveTimeout = 65000; s.headersTimeout = 65000;", 1),
        ("s.keepAliveTimeout = 65000;", 1),
        ("s.keepAliveTimeout = 59000;", 0),
        ("s.keepAliveTimeout = 65000; s.headersTimeout = x;", 0),
    ];
    for (text, count) in cases {
        let reading = plangate::server::node::read(&Doc::new("a.js", text)).unwrap();
        assert_eq!(reading.defects.len(), count, "{text}");
    }
}

#[test]
fn spring_files() {
    use plangate::server::spring::{Profiles, read};
    let known = |names: &[&str]| Profiles::Known(names.iter().map(|name| (*name).to_owned()).collect());
    type Case<'c> = (&'c [(&'c str, &'c str)], Profiles, &'c str);
    let cases: &[Case<'_>] = &[
        (&[("application.properties", "server.tomcat.keep-alive-timeout=75s")], known(&[]), "75s"),
        (&[("application.properties", "server.tomcat.keep-alive-timeout=75")], known(&[]), "75ms"),
        (&[("application.properties", "server.tomcat.keepAliveTimeout = 75000")], known(&[]), "75s"),
        (&[("application.properties", "#server.tomcat.keep-alive-timeout=75s")], known(&[]), "-"),
        (&[("application.properties", "server.tomcat.keep-alive-timeout=\\\n   75s")], known(&[]), "75s"),
        (&[("application.properties", "server.tomcat.connection-timeout: 20s")], known(&[]), "20s"),
        (
            &[("application.properties", "server.tomcat.connection-timeout=20s\nserver.tomcat.keep-alive-timeout=90s")],
            known(&[]),
            "90s",
        ),
        (&[("application.yml", "server:\n  tomcat:\n    keep-alive-timeout: 75s # x\n")], known(&[]), "75s"),
        (&[("application.yml", "server.tomcat:\n  keep-alive-timeout: PT75S\n")], known(&[]), "75s"),
        (
            &[("application.yml", "server:\n  tomcat:\n    keep-alive-timeout: ${KA:75s}\n")],
            known(&[]),
            "? it is filled in*",
        ),
        (
            &[(
                "application.yml",
                "server.tomcat.keep-alive-timeout: 10s\n---\nspring.config.activate.on-profile: prod\nserver.tomcat.keep-alive-timeout: 75s\n",
            )],
            known(&["prod"]),
            "75s",
        ),
        (
            &[(
                "application.yml",
                "server.tomcat.keep-alive-timeout: 10s\n---\nspring.config.activate.on-profile: prod\nserver.tomcat.keep-alive-timeout: 75s\n",
            )],
            known(&["dev"]),
            "10s",
        ),
        (
            &[(
                "application.yml",
                "server.tomcat.keep-alive-timeout: 10s\n---\nspring.config.activate.on-profile: '!dev & eu'\nserver.tomcat.keep-alive-timeout: 75s\n",
            )],
            known(&["eu"]),
            "75s",
        ),
        (
            &[(
                "application.yml",
                "server.tomcat.keep-alive-timeout: 10s\n---\nspring.config.activate.on-profile: prod\nserver.tomcat.keep-alive-timeout: 75s\n",
            )],
            Profiles::Unknown,
            "? several*",
        ),
        (
            &[
                ("application-prod.properties", "server.tomcat.keep-alive-timeout=90s"),
                ("application.yml", "spring.profiles.active: prod\nserver.tomcat.keep-alive-timeout: 10s\n"),
            ],
            Profiles::Unknown,
            "90s",
        ),
        (
            &[
                ("application.properties", "server.tomcat.keep-alive-timeout=90s"),
                ("application.yml", "server.tomcat.keep-alive-timeout: 10s\n"),
            ],
            known(&[]),
            "90s",
        ),
        (&[("application.properties", "server.netty.idle-timeout=80s")], known(&[]), "80s"),
        (&[("application.properties", "quarkus.http.idle-timeout=80")], known(&[]), "80s"),
        (&[("application.yml", "server: [")], known(&[]), "? the text*"),
        (
            &[(
                "application.properties",
                "server.tomcat.keep-alive-timeout=10s\n#---\nspring.config.activate.on-profile=a\nserver.tomcat.keep-alive-timeout=70s",
            )],
            known(&["a"]),
            "70s",
        ),
    ];
    for (all, profiles, expected) in cases {
        let docs: Vec<Doc> = all.iter().map(|(name, text)| Doc::new(*name, *text)).collect();
        let got = short(&read(&docs, profiles).idle);
        assert!(
            got == *expected || (expected.ends_with('*') && got.starts_with(expected.trim_end_matches('*'))),
            "{all:?}: {got}"
        );
    }
}

#[test]
fn python_programs() {
    let cases: &[(&str, &str)] = &[
        ("import uvicorn\nuvicorn.run(app, timeout_keep_alive=75)", "75s"),
        ("import uvicorn\nuvicorn.run(app)", "5s"),
        ("import uvicorn\nuvicorn.run(app, **options)", "? code*"),
        ("import uvicorn\n# uvicorn.run(app, timeout_keep_alive=75)", "none"),
        ("import uvicorn\n'''uvicorn.run(app, timeout_keep_alive=75)'''", "none"),
        ("import uvicorn\nuvicorn.run(app, timeout_keep_alive=int(os.environ['X']))", "? code*"),
        ("from waitress import serve\nserve(app, channel_timeout=90)", "90s"),
        ("from aiohttp import web\nweb.run_app(app, keepalive_timeout=90.5)", "90500ms"),
        ("serve(app)", "none"),
        ("import uvicorn\nuvicorn.run(app, log=dict(timeout_keep_alive=1), timeout_keep_alive=75)", "75s"),
    ];
    table(cases, plangate::server::python::program);
}

#[test]
fn other_formats() {
    let cases: &[(&str, &str)] = &[
        ("persistent_timeout 75", "75s"),
        ("persistent_timeout(75)", "75s"),
        ("# persistent_timeout 75", "-"),
        ("=begin\npersistent_timeout 75\n=end\n", "-"),
        ("persistent_timeout ENV.fetch('X', 75)", "? code*"),
        ("enable_keep_alives false\npersistent_timeout 75", "closes"),
        ("persistent_timeout 75\npersistent_timeout 5", "? several*"),
    ];
    table(cases, |doc| Some(plangate::server::puma::read(doc)));
    let tomcat: &[(&str, &str)] = &[
        ("<Server><Service><Connector port='8080' keepAliveTimeout='75000'/></Service></Server>", "75s"),
        ("<Server><Connector port='8080' connectionTimeout='20000'/></Server>", "20s"),
        ("<Server><Connector keepAliveTimeout='75000' connectionTimeout='20000'/></Server>", "75s"),
        ("<Server><Connector keepAliveTimeout='-1'/></Server>", "infinite"),
        ("<Server><!-- <Connector keepAliveTimeout='1'/> --><Connector keepAliveTimeout='75000'/></Server>", "75s"),
        (
            "<Server><Connector protocol='AJP/1.3' keepAliveTimeout='1'/><Connector keepAliveTimeout='75000'/></Server>",
            "75s",
        ),
        ("<Server><Connector keepAliveTimeout='${ka}'/></Server>", "? it is filled in*"),
        ("<Server><Connector/></Server>", "60s"),
        ("<Server>", "? the text*"),
    ];
    table(tomcat, |doc| Some(plangate::server::tomcat::read(doc, None)));
    let haproxy: &[(&str, &str)] = &[
        ("defaults\n timeout client 50s\n timeout http-keep-alive 75s\nfrontend a\n bind :80\n", "50s"),
        ("defaults\n timeout client 100s\n timeout http-keep-alive 75s\nfrontend a\n bind :80\n", "75s"),
        ("defaults\n timeout client \"50s\" # x\nfrontend a\n bind :80\n", "50s"),
        ("defaults\n timeout client 50000\nfrontend a\n bind :80\n", "50s"),
        ("defaults\n timeout client 50\nfrontend a\n bind :80\n", "50ms"),
        ("defaults\n timeout client 100s\n timeout http-request 10s\nfrontend a\n bind :80\n", "10s"),
        ("defaults\n # timeout client 50s\nfrontend a\n bind :80\n", "-"),
        ("defaults\n timeout client 50s\nfrontend a\n bind :80\n timeout client 70s\n", "70s"),
        ("defaults\n timeout client 50s\nbackend b\n timeout client 1s\nfrontend a\n bind :80\n", "50s"),
        ("defaults\n timeout client 50s\nfrontend a\n option httpclose\n", "closes"),
        ("defaults\n timeout client \"$KA\"\nfrontend a\n", "?*"),
    ];
    table(haproxy, |doc| Some(plangate::server::haproxy::read(doc, None)));
    let caddy: &[(&str, &str)] = &[
        ("{\n servers {\n  timeouts {\n   idle 75s\n  }\n }\n}\nexample.com {\n respond ok\n}\n", "75s"),
        ("example.com {\n servers {\n  timeouts {\n   idle 75s\n  }\n }\n}\n", "-"),
        ("{\n servers {\n  timeouts {\n   # idle 75s\n  }\n }\n}\n", "-"),
        ("{\n servers {\n  timeouts {\n   idle {$KA}\n  }\n }\n}\n", "? it is filled in*"),
        ("{\n servers :80 {\n  timeouts {\n   read_body 1s\n   idle 2m\n  }\n }\n}\n", "120s"),
    ];
    table(caddy, |doc| Some(plangate::server::caddy::read(doc)));
    let traefik: &[(&str, &str)] = &[
        (
            "entryPoints:\n  web:\n    address: ':80'\n    transport:\n      respondingTimeouts:\n        idleTimeout: 75\n",
            "75s",
        ),
        ("entryPoints:\n  web:\n    transport:\n      respondingTimeouts:\n        idleTimeout: 2m\n", "120s"),
        ("serversTransport:\n  forwardingTimeouts:\n    idleConnTimeout: 9s\n", "-"),
    ];
    table(traefik, |doc| Some(plangate::server::traefik::read(doc)));
    let toml = Doc::new("traefik.toml", "[entryPoints.web.transport.respondingTimeouts]\nidleTimeout = 75\n");
    assert_eq!(short(&plangate::server::traefik::read(&toml).idle), "75s");
    let hypercorn: &[(&str, &str)] = &[
        ("keep_alive_timeout = 75", "75s"),
        ("# keep_alive_timeout = 75", "-"),
        ("[other]\nkeep_alive_timeout = 75", "-"),
        ("keep_alive_timeout = ", "? the text*"),
    ];
    table(hypercorn, |doc| Some(plangate::server::python::hypercorn(doc)));
    let kestrel: &[(&str, &str)] = &[
        (r#"{ "Kestrel": { "Limits": { "KeepAliveTimeout": "00:02:10" } } }"#, "130s"),
        ("{ // x\n \"kestrel\": { \"limits\": { \"keepAliveTimeout\": \"00:00:30\", } } }", "30s"),
        (r#"{ "Other": { "Limits": { "KeepAliveTimeout": "00:02:10" } } }"#, "-"),
        ("{", "? the text*"),
    ];
    table(kestrel, |doc| Some(plangate::server::kestrel::read(doc)));
    let elixir: &[(&str, &str)] = &[
        ("config :a, A.Endpoint, http: [thousand_island_options: [read_timeout: 75_000]]", "75s"),
        ("http: [protocol_options: [request_timeout: 70_000, idle_timeout: 1]]", "70s"),
        ("# thousand_island_options: [read_timeout: 75_000]", "none"),
    ];
    table(elixir, plangate::server::elixir::read);
    let envoy: &[(&str, &str)] = &[
        (
            "static_resources:\n  listeners:\n  - filter_chains:\n    - filters:\n      - typed_config:\n          common_http_protocol_options:\n            idle_timeout: 75s\n",
            "75s",
        ),
        ("static_resources:\n  clusters:\n  - common_http_protocol_options:\n      idle_timeout: 75s\n", "-"),
    ];
    table(envoy, |doc| Some(plangate::server::envoy::read(doc)));
}

#[test]
fn the_version_of_puma_decides_its_default() {
    let locked = |version: &str| {
        let doc = Doc::new("Gemfile.lock", format!("GEM\n  specs:\n    puma ({version})\n      nio4r\n"));
        short(&plangate::server::puma::locked(&doc).unwrap().idle)
    };
    assert_eq!(locked("6.4.2"), "20s");
    assert_eq!(locked("7.0.1"), "65s");
}
