//! Readers of server software against text that nobody would write: whatever comes, an answer comes.

use plangate::server::spring::Profiles;
use plangate::server::{Container, Doc, Evidence, File, Files, Given, backend, user_data};
use plangate::server::{
    apache, caddy, dockerfile, elixir, envoy, haproxy, kestrel, nginx, node, puma, python, spring, tomcat, traefik,
};
use proptest::prelude::*;

/// Text of the signs that these formats are made of, more likely to reach deep than any text.
fn signs() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        "\n",
        " ",
        "\t",
        "'",
        "\"",
        "`",
        "\\",
        "$",
        "${",
        "$(",
        "#",
        "//",
        "/*",
        "*/",
        "/",
        "<",
        ">",
        "<<EOF\n",
        "EOF\n",
        "<<-'E'\n",
        "=",
        ":",
        "-",
        "|",
        "&&",
        "||",
        "é",
        "\u{feff}",
        "\r\n",
        "0",
        "75",
        "s",
        "keepalive_timeout",
        "server",
        "http",
        "location",
        "include",
        "KeepAliveTimeout",
        "<VirtualHost *:80>",
        "</VirtualHost>",
        "keepAliveTimeout",
        "server.keepAliveTimeout = ",
        "65 * 1000",
        "sed -i ",
        "s/a/b/",
        "cat > /etc/nginx/nginx.conf ",
        "tee -a x ",
        "if ",
        "fi",
        "case x in",
        "esac",
        "f() {",
        "timeout client ",
        "frontend a",
        "idle ",
        "&a",
        "*a",
        "- ",
        "? ",
        "\"\"\"",
        "'''",
        "FROM a",
        "ENV A=",
        "CMD [",
        "=begin",
        "<Connector keepAliveTimeout='",
        "#cloud-config\n",
        "write_files:\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        "--b--",
        "uvicorn.run(",
        "import uvicorn\n",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

fn read_everything(text: &str) {
    let doc = Doc::new("file", text);
    let none = Files::new();
    let _ = nginx::read(&doc, &none, Some(80));
    let _ = nginx::global(&doc);
    let _ = apache::read(&doc, &none, Some(80));
    let _ = node::read(&doc);
    let _ = python::program(&doc);
    let _ = python::hypercorn(&doc);
    let _ = puma::read(&doc);
    let _ = puma::locked(&doc);
    let _ = elixir::read(&doc);
    let _ = haproxy::read(&doc, Some(80));
    let _ = caddy::read(&doc);
    let _ = traefik::read(&doc);
    let _ = envoy::read(&doc);
    let _ = kestrel::read(&doc);
    let _ = tomcat::read(&doc, Some(80));
    let _ = dockerfile::read(&doc);
    let _ = spring::read(&[doc, Doc::new("application.properties", text)], &Profiles::Unknown);
    for lead in ["", "#!/bin/sh\n", "#cloud-config\n"] {
        let machine = user_data::machine(&"x".into(), &format!("{lead}{text}"));
        let _ = backend(&Evidence { machine: Some(machine), ..Evidence::default() });
    }
    let container = Container {
        image: Given::from(text),
        command: Some(vec!["sh".into(), "-c".into(), Given::from(text)]),
        env: vec![("GUNICORN_CMD_ARGS".into(), Given::from(text)), ("JAVA_OPTS".into(), Given::from(text))],
        ..Container::default()
    };
    let names = ["Dockerfile", "nginx.conf", "server.js", "application.yml", "Procfile", "package.json", "a.service"];
    let beside: Files = names.iter().map(|name| File::new(*name, Given::from(text))).collect();
    let _ = backend(&Evidence { container: Some(container), beside, ..Evidence::default() });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,200}") {
        read_everything(&text);
    }

    #[test]
    fn texts_of_signs_get_an_answer(text in signs()) {
        read_everything(&text);
    }
}

#[test]
fn much_of_one_sign_is_answered_soon() {
    for sign in [
        "(", "{", "[", "<a>", "'", "\"", "`", "$(", "\\", "<<A\n", "- ", "&a ", "/", "${", "a:\n ", "#", "=begin\n",
        "if ",
    ] {
        read_everything(&sign.repeat(4_000));
    }
}

#[test]
fn a_value_never_shows() {
    let container = Container {
        image: "shop/a:1".into(),
        command: Some(vec!["uvicorn".into(), "--timeout-keep-alive".into(), "hunter2".into()]),
        ..Container::default()
    };
    let answer = backend(&Evidence { container: Some(container), ..Evidence::default() });
    assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
    let doc = Doc::new("nginx.conf", "http { keepalive_timeout hunter2; }");
    assert!(!format!("{:?}", nginx::read(&doc, &Files::new(), None)).contains("hunter2"));
}
