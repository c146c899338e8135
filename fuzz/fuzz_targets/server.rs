//! Configuration and code of servers; the first byte says whose.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::server::spring::Profiles;
use plangate::server::{
    Container, Doc, Evidence, File, Files, Given, apache, backend, caddy, dockerfile, elixir, envoy, haproxy, kestrel,
    nginx, node, procfile, puma, python, spring, tomcat, traefik,
};
use plangate_fuzz::{reading_within, source_within};

/// Files that are found by their name in the folder of an application.
const BESIDE: [&str; 12] = [
    "Dockerfile",
    "nginx.conf",
    "server.js",
    "application.yml",
    "Procfile",
    "package.json",
    "a.service",
    "httpd.conf",
    "haproxy.cfg",
    "Caddyfile",
    "puma.rb",
    "gunicorn.conf.py",
];

fuzz_target!(|data: (u8, &str)| {
    let (choice, text) = data;
    let name = match choice {
        b'r' => "application.properties",
        b's' => "application.yml",
        _ => "file",
    };
    let doc = Doc::new(name, text);
    let none = Files::new();
    let readings: Vec<_> = match choice {
        b'n' => vec![nginx::read(&doc, &none, Some(80)), nginx::global(&doc)],
        b'a' => vec![apache::read(&doc, &none, Some(80))],
        b'j' => node::read(&doc).into_iter().collect(),
        b'p' => python::program(&doc).into_iter().collect(),
        b'y' => vec![python::hypercorn(&doc)],
        b'u' => vec![puma::read(&doc)],
        b'l' => puma::locked(&doc).into_iter().collect(),
        b'e' => elixir::read(&doc).into_iter().collect(),
        b'h' => vec![haproxy::read(&doc, Some(80))],
        b'c' => vec![caddy::read(&doc)],
        b't' => vec![traefik::read(&doc)],
        b'v' => vec![envoy::read(&doc)],
        b'k' => vec![kestrel::read(&doc)],
        b'm' => vec![tomcat::read(&doc, Some(80))],
        b'f' => tomcat::fragment(&doc).into_iter().collect(),
        b'd' => {
            let _ = dockerfile::read(&doc);
            vec![]
        }
        b'o' => {
            let _ = procfile::web(&doc);
            vec![]
        }
        b'r' | b's' => vec![spring::read(&[doc], &Profiles::Unknown)],
        other => {
            let container = Container { image: "shop/app:1".into(), ..Container::default() };
            let at = usize::from(other) % BESIDE.len();
            let beside: Files = [File::new(BESIDE[at], Given::from(text))].into_iter().collect();
            let evidence = Evidence { container: Some(container), beside, beside_belongs: true, ..Evidence::default() };
            let (one, other) = (backend(&evidence), backend(&evidence));
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
            one.limits.iter().for_each(|limit| source_within(BESIDE[at], text, &limit.from));
            vec![]
        }
    };
    for reading in &readings {
        reading_within(name, text, reading);
    }
});
