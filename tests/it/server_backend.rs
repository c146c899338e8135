//! What a container or a folder comes to: all evidence weighed. Tables in a short form: `server idle strength`, or
//! `? question` with the presumed number behind it.

use plangate::server::image::Image;
use plangate::server::{Answer, Backend, Container, Defect, Evidence, Given, Hidden, backend};

use crate::server_said::{files, idle_text};

pub(crate) fn short(backend: &Backend) -> String {
    match &backend.keep_alive {
        Answer::Known(known) => {
            format!("{} {} {}", known.server.id(), idle_text(known.idle), known.strength.as_str())
        }
        Answer::Unknown(unread) => {
            let presumed = unread.presumed.as_ref();
            let presumed =
                presumed.map_or(String::new(), |one| format!(" | {} {}", one.server.id(), idle_text(one.idle)));
            format!("? {}{presumed}", unread.question())
        }
    }
}

pub(crate) fn fits(got: &str, expected: &str) -> bool {
    match expected.split_once('*') {
        Some((head, tail)) => got.starts_with(head) && got.ends_with(tail) && got.len() >= head.len() + tail.len(),
        None => got == expected,
    }
}

fn container(image: &str, command: &[&str], env: &[(&str, &str)]) -> Container {
    let words: Vec<Given> = command.iter().map(|word| Given::from(*word)).collect();
    Container {
        image: Given::from(image),
        command: (!words.is_empty()).then_some(words),
        env: env.iter().map(|(name, value)| ((*name).into(), Given::from(*value))).collect(),
        ..Container::default()
    }
}

type Case<'c> = (&'c str, &'c [&'c str], &'c [(&'c str, &'c str)], &'c str);

#[test]
fn containers() {
    let cases: &[Case<'_>] = &[
        ("shop/web:1", &["gunicorn", "-w", "4", "--keep-alive=65", "app:app"], &[], "gunicorn 65s stated"),
        ("shop/web:1", &["gunicorn", "--keep-alive", "65", "app:app"], &[], "gunicorn 65s stated"),
        ("shop/web:1", &["gunicorn", "-k", "sync", "--keep-alive", "65", "a:b"], &[], "gunicorn closes stated"),
        ("shop/web:1", &["gunicorn", "-k", "gevent", "a:b"], &[], "? does anything* | gunicorn 2s"),
        ("shop/web:1", &["gunicorn", "--threads", "4", "a:b"], &[], "? does anything* | gunicorn 2s"),
        ("shop/web:1", &["gunicorn", "a:b"], &[], "? does anything* | gunicorn closes"),
        ("shop/web:1", &[], &[("GUNICORN_CMD_ARGS", "--bind=0.0.0.0:8002 --keep-alive=2")], "gunicorn 2s stated"),
        (
            "shop/web:1",
            &["gunicorn", "--keep-alive", "70", "a:b"],
            &[("GUNICORN_CMD_ARGS", "--keep-alive=2")],
            "gunicorn 70s stated",
        ),
        (
            "shop/web:1",
            &["gunicorn", "a:b"],
            &[("GUNICORN_CMD_ARGS", "--keep-alive 70 -k gthread")],
            "gunicorn 70s stated",
        ),
        (
            "shop/api:7",
            &["sh", "-c", "exec uvicorn api:app --port 8003 --timeout-keep-alive 120"],
            &[],
            "uvicorn 120s stated",
        ),
        (
            "shop/api:7",
            &["sh", "-c", "alembic upgrade head && uvicorn a:b --timeout-keep-alive=20"],
            &[],
            "uvicorn 20s stated",
        ),
        (
            "shop/api:7",
            &["sh", "-c", "uvicorn a:b --timeout-keep-alive $KA"],
            &[],
            "? what does flag `--timeout-keep-alive`* | uvicorn 5s",
        ),
        ("shop/api:7", &["uvicorn", "a:b"], &[], "uvicorn 5s shipped"),
        ("shop/api:7", &["uvicorn", "a:b"], &[("UVICORN_TIMEOUT_KEEP_ALIVE", "75")], "uvicorn 75s stated"),
        (
            "shop/api:7",
            &["uvicorn", "a:b", "--timeout-keep-alive", "80"],
            &[("UVICORN_TIMEOUT_KEEP_ALIVE", "75")],
            "uvicorn 80s stated",
        ),
        (
            "python:3.12",
            &["python", "-u", "-m", "uvicorn", "a:b", "--timeout-keep-alive", "80"],
            &[],
            "uvicorn 80s stated",
        ),
        ("python:3.12", &["python3.12", "-m", "uvicorn", "a:b"], &[], "uvicorn 5s shipped"),
        ("python:3.12", &["poetry", "run", "uvicorn", "a:b"], &[], "uvicorn 5s shipped"),
        ("python:3.12", &["tini", "--", "ddtrace-run", "uvicorn", "a:b"], &[], "uvicorn 5s shipped"),
        ("python:3.12", &["python", "app.py"], &[], "? which server*"),
        ("python:3.12", &[], &[], "? which server*"),
        ("shop/api:7", &["--timeout-keep-alive", "80"], &[], "uvicorn 80s stated"),
        ("shop/api:7", &["--keep-alive", "80"], &[], "gunicorn 80s stated"),
        ("shop/x:1", &["hypercorn", "--keep-alive", "75", "a:b"], &[], "hypercorn 75s stated"),
        ("shop/x:1", &["hypercorn", "-c", "h.toml", "a:b"], &[], "? does anything* | hypercorn 5s"),
        ("shop/x:1", &["granian", "--http1-header-read-timeout", "60000", "a:b"], &[], "granian 60s stated"),
        (
            "shop/x:1",
            &["waitress-serve", "--port=8011", "--channel-timeout=90", "app:main"],
            &[],
            "waitress 90s stated",
        ),
        ("shop/x:1", &["daphne", "a:b"], &[], "daphne 60s shipped"),
        ("shop/x:1", &["bundle", "exec", "puma", "-C", "config/puma.rb"], &[], "? does anything* | puma 20s"),
        ("shop/x:1", &["bin/rails", "server", "-b", "0.0.0.0"], &[], "? does anything* | puma 20s"),
        ("shop/x:1", &[], &[("PUMA_PERSISTENT_TIMEOUT", "95")], "puma 95s stated"),
        ("shop/x:1", &["unicorn"], &[], "unicorn closes shipped"),
        ("nginx:1.27", &[], &[], "nginx 65s shipped"),
        ("public.ecr.aws/nginx/nginx:1.27", &[], &[], "nginx 65s shipped"),
        ("public.ecr.aws/docker/library/nginx@sha256:00", &[], &[], "nginx 65s shipped"),
        ("docker.io/library/nginx", &[], &[], "nginx 65s shipped"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/nginx:7", &[], &[], "? does anything* | nginx 65s"),
        ("acme/nginx:7", &[], &[], "? does anything* | nginx 65s"),
        ("acme/my-nginx-thing:7", &[], &[], "? which server*"),
        ("nginx:1.27", &["nginx", "-g", "daemon off; keepalive_timeout 300s;"], &[], "nginx 300s stated"),
        ("nginx:1.27", &["nginx", "-g", "daemon off;"], &[], "nginx 65s shipped"),
        (
            "nginx:1.27",
            &[
                "sh",
                "-c",
                "printf 'server { keepalive_timeout 90; }' > /etc/nginx/conf.d/a.conf && nginx -g 'daemon off;'",
            ],
            &[],
            "nginx 90s stated",
        ),
        (
            "nginx:1.27",
            &["sh", "-c", "envsubst < /t > /etc/nginx/conf.d/a.conf && nginx -g 'daemon off;'"],
            &[],
            "? what does file /etc/nginx/conf.d/a.conf*",
        ),
        ("httpd:2.4", &[], &[], "apache 5s shipped"),
        ("php:8.3-apache", &[], &[], "apache 5s shipped"),
        ("php:8.3-fpm", &[], &[], "? what is the idle timeout of php-fpm*"),
        ("wordpress:6-fpm", &[], &[], "? what is the idle timeout of php-fpm*"),
        ("tomcat:10", &[], &[], "tomcat 20s shipped"),
        ("tomcat:10", &["java", "-jar", "a.jar"], &[], "? does anything* | tomcat 20s"),
        ("tomcat:10", &["catalina.sh", "run"], &[], "tomcat 20s shipped"),
        ("caddy:2", &[], &[], "caddy 300s shipped"),
        ("traefik:v3", &[], &[], "traefik 180s shipped"),
        ("traefik:v3", &["--entryPoints.web.transport.respondingTimeouts.idleTimeout=75"], &[], "traefik 75s stated"),
        (
            "traefik:v3",
            &[],
            &[("TRAEFIK_ENTRYPOINTS_WEB_TRANSPORT_RESPONDINGTIMEOUTS_IDLETIMEOUT", "75s")],
            "traefik 75s stated",
        ),
        ("envoyproxy/envoy:v1.30.1", &[], &[], "? does anything* | envoy 3600s"),
        ("haproxy:2.9", &[], &[], "? what is the idle timeout of HAProxy, which has no default?"),
        ("node:20-alpine", &["node", "dist/server.js"], &[], "? does anything* | nodejs 5s"),
        ("node:20-alpine", &[], &[], "? does anything* | nodejs 5s"),
        ("shop/bff:2", &["npm", "start"], &[], "? does anything* | nodejs 5s"),
        ("shop/bff:2", &[], &[("KEEP_ALIVE_TIMEOUT", "65000")], "? does anything* | nodejs 65s"),
        ("shop/bff:2", &["node", "server.js"], &[("KEEP_ALIVE_TIMEOUT", "65000")], "? does anything* | nodejs 65s"),
        ("shop/bff:2", &["npx", "next", "start", "--keepAliveTimeout", "70000"], &[], "nextjs 70s stated"),
        ("shop/bff:2", &["node", "node_modules/.bin/next", "start"], &[], "nextjs 5s shipped"),
        ("shop/erp:3", &[], &[("SERVER_TOMCAT_KEEPALIVETIMEOUT", "20000")], "tomcat-embedded 20s stated"),
        ("shop/erp:3", &[], &[("SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT", "75s")], "tomcat-embedded 75s stated"),
        ("shop/erp:3", &[], &[("SERVER_TOMCAT_CONNECTION_TIMEOUT", "20s")], "tomcat-embedded 20s stated"),
        (
            "shop/erp:3",
            &["java", "-Dserver.tomcat.keep-alive-timeout=70s", "-jar", "a.jar"],
            &[("SERVER_TOMCAT_KEEPALIVETIMEOUT", "20000")],
            "tomcat-embedded 70s stated",
        ),
        (
            "shop/erp:3",
            &[
                "java",
                "-Dserver.tomcat.keep-alive-timeout=70s",
                "-jar",
                "a.jar",
                "--server.tomcat.keep-alive-timeout=80s",
            ],
            &[],
            "tomcat-embedded 80s stated",
        ),
        (
            "shop/erp:3",
            &[],
            &[("SPRING_APPLICATION_JSON", r#"{"server":{"tomcat":{"keep-alive-timeout":"75s"}}}"#)],
            "tomcat-embedded 75s stated",
        ),
        ("shop/jetty:9", &[], &[("JAVA_TOOL_OPTIONS", "-Xmx512m -Djetty.http.idleTimeout=30000")], "jetty 30s stated"),
        ("shop/erp:3", &["java", "-jar", "a.jar"], &[], "? which server*"),
        ("shop/net:5", &[], &[("Kestrel__Limits__KeepAliveTimeout", "00:02:10")], "kestrel 130s stated"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", &[], &[], "? does anything* | kestrel 130s"),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", &[], &[("KEEP_ALIVE", "75")], "gunicorn-tiangolo 75s stated"),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", &[], &[], "gunicorn-tiangolo 5s shipped"),
        ("shop/x:1", &[], &[("KEEP_ALIVE", "75")], "? which server*"),
        ("shop/go:1", &[], &[], "? which server*"),
        ("nginx:1.27", &[], &[("UVICORN_TIMEOUT_KEEP_ALIVE", "5")], "nginx 65s shipped"),
        ("busybox", &["httpd", "-f"], &[], "*"),
    ];
    let mut wrong = Vec::new();
    for (image, command, env, expected) in cases {
        let evidence = Evidence { container: Some(container(image, command, env)), ..Evidence::default() };
        let got = short(&backend(&evidence));
        if !fits(&got, expected) {
            wrong.push(format!("{image} {command:?} {env:?}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_that_nothing_ties_to_a_container_do_not_decide() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("web/server.js", "s.keepAliveTimeout = 5000")], "? what does `keepAliveTimeout`*not visible) | nodejs 5s"),
        (&[("Dockerfile", "FROM x\n"), ("server.js", "s.keepAliveTimeout = 65000")], "nodejs 65s stated"),
    ];
    for (beside, expected) in cases {
        let evidence = Evidence {
            container: Some(container("shop/go:1", &[], &[])),
            beside: files(beside),
            ..Evidence::default()
        };
        let got = short(&backend(&evidence));
        assert!(fits(&got, expected), "{beside:?}: {got}");
    }
}

#[test]
fn request_limits() {
    type Limits<'c> =
        (&'c [&'c str], &'c [(&'c str, &'c str)], &'c [(&'c str, &'c str)], &'c [(&'c str, Option<u64>, bool)]);
    let cases: &[Limits<'_>] = &[
        (&["gunicorn", "a:b"], &[], &[], &[("--timeout", Some(30), false)]),
        (&["gunicorn", "-t", "90", "a:b"], &[], &[], &[("--timeout", Some(90), true)]),
        (&["gunicorn", "-t90", "a:b"], &[], &[], &[("--timeout", Some(90), true)]),
        (&["gunicorn", "--timeout=0", "a:b"], &[], &[], &[("--timeout", None, true)]),
        (&["gunicorn", "--timeout", "$T", "a:b"], &[], &[], &[]),
        (&["gunicorn", "a:b"], &[("GUNICORN_CMD_ARGS", "--timeout 60")], &[], &[("--timeout", Some(60), true)]),
        (&["gunicorn", "a:b"], &[], &[("gunicorn.conf.py", "timeout = 2 * 60\n")], &[("timeout", Some(120), true)]),
        (&["uvicorn", "a:b"], &[], &[], &[]),
        (
            &["nginx"],
            &[],
            &[
                ("Dockerfile", "FROM nginx:1\nCOPY nginx.conf /etc/nginx/"),
                ("nginx.conf", "http { server { location / { proxy_pass http://a; } } }"),
            ],
            &[("proxy_read_timeout", Some(60), false)],
        ),
    ];
    for (command, env, beside, expected) in cases {
        let evidence = Evidence {
            container: Some(container("shop/a:1", command, env)),
            beside: files(beside),
            ..Evidence::default()
        };
        let got = backend(&evidence).limits;
        let got: Vec<_> =
            got.iter().map(|one| (one.key.as_ref(), one.millis.map(|millis| millis / 1000), one.stated)).collect();
        assert_eq!(got, *expected, "{command:?} {env:?} {beside:?}");
    }
}

#[test]
fn nginx_refuses_the_directive_outside_of_http() {
    let evidence = Evidence {
        container: Some(container("nginx:1.27", &["nginx", "-g", "daemon off; keepalive_timeout 300s;"], &[])),
        ..Evidence::default()
    };
    assert!(matches!(backend(&evidence).defects.as_slice(), [Defect::Misplaced { .. }]));
}

#[test]
fn secrets_and_unknown_words_hide() {
    let secret = Container {
        env: vec![("UVICORN_TIMEOUT_KEEP_ALIVE".into(), Given::Hidden(Hidden::Secret))],
        ..container("shop/a:1", &["uvicorn", "a:b"], &[])
    };
    let got = short(&backend(&Evidence { container: Some(secret), ..Evidence::default() }));
    assert!(
        fits(&got, "? what does environment variable*a secret)* | uvicorn 5s")
            || got.contains("it comes from a secret"),
        "{got}"
    );
    let spring = Container {
        env: vec![("SERVER_TOMCAT_KEEPALIVETIMEOUT".into(), Given::Hidden(Hidden::Secret))],
        ..container("shop/a:1", &[], &[])
    };
    let got = short(&backend(&Evidence { container: Some(spring), ..Evidence::default() }));
    assert!(got.contains("it comes from a secret"), "{got}");
    let unknown = Container {
        command: Some(vec![
            "uvicorn".into(),
            "--timeout-keep-alive".into(),
            Given::Hidden(Hidden::NotGiven("known after apply".into())),
        ]),
        ..container("shop/a:1", &[], &[])
    };
    let got = short(&backend(&Evidence { container: Some(unknown), ..Evidence::default() }));
    assert!(got.starts_with("? what does flag `--timeout-keep-alive` set"), "{got}");
    let more = Container { more_env: true, ..container("shop/a:1", &["uvicorn", "a:b"], &[]) };
    let got = short(&backend(&Evidence { container: Some(more), ..Evidence::default() }));
    assert!(fits(&got, "? does anything* | uvicorn 5s"), "{got}");
    let mounted = Container { mounts: vec!["/etc/nginx/conf.d".into()], ..container("nginx:1", &[], &[]) };
    let got = short(&backend(&Evidence { container: Some(mounted), ..Evidence::default() }));
    assert!(fits(&got, "? what does mount at* | nginx 65s"), "{got}");
}

#[test]
fn files_beside_an_image_of_ones_own() {
    type Beside<'c> = (&'c str, &'c [&'c str], &'c [(&'c str, &'c str)], &'c str);
    let cases: &[Beside<'_>] = &[
        (
            "shop/a:1",
            &[],
            &[("Dockerfile", "FROM python:3\nCMD [\"uvicorn\", \"a:b\", \"--timeout-keep-alive\", \"75\"]\n")],
            "uvicorn 75s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[("Dockerfile", "FROM python:3\nENV UVICORN_TIMEOUT_KEEP_ALIVE=75\nCMD uvicorn a:b\n")],
            "uvicorn 75s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[(
                "Dockerfile",
                "ARG KA=75\nFROM python:3 AS base\nCMD [\"x\"]\nFROM base\nARG KA=75\nENV UVICORN_TIMEOUT_KEEP_ALIVE=$KA\n# CMD [\"gunicorn\"]\nCMD [\"uvicorn\", \\\n \"a:b\"]\n",
            )],
            "uvicorn 75s stated",
        ),
        (
            "shop/a:1",
            &["uvicorn", "a:b"],
            &[("Dockerfile", "FROM python:3\nCMD [\"gunicorn\", \"--keep-alive\", \"9\", \"a:b\"]\n")],
            "uvicorn 5s shipped",
        ),
        (
            "shop/a:1",
            &[],
            &[
                ("Dockerfile", "FROM nginx:1\nCOPY nginx.conf /etc/nginx/nginx.conf\n"),
                ("nginx.conf", "http { keepalive_timeout 90; }"),
            ],
            "nginx 90s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[
                ("Dockerfile", "FROM nginx:1\nCOPY html /usr/share/nginx/html\n"),
                ("nginx.conf", "http { keepalive_timeout 90; }"),
            ],
            "? what does directive* | nginx 65s",
        ),
        ("shop/a:1", &[], &[("Dockerfile", "FROM nginx:1\nCOPY html /usr/share/nginx/html\n")], "nginx 65s shipped"),
        (
            "shop/a:1",
            &[],
            &[("Dockerfile", "FROM nginx:1\nRUN sed -i s/65/5/ /etc/nginx/nginx.conf\n")],
            "? does anything* | nginx 65s",
        ),
        ("nginx:1", &[], &[("nginx.conf", "http { keepalive_timeout 90; }")], "nginx 65s shipped"),
        (
            "shop/a:1",
            &["node", "server.js"],
            &[("server.js", "app.listen(1).keepAliveTimeout = 65000")],
            "nodejs 65s stated",
        ),
        (
            "shop/a:1",
            &["npm", "start"],
            &[("package.json", r#"{"scripts":{"start":"next start --keepAliveTimeout 70000"}}"#)],
            "nextjs 70s stated",
        ),
        (
            "shop/a:1",
            &["node", "server.js"],
            &[("server.js", "const f = require('fastify')(); f.listen()")],
            "*fastify 72s",
        ),
        (
            "shop/a:1",
            &["gunicorn", "a:b"],
            &[("gunicorn.conf.py", "worker_class = 'gthread'\nkeepalive = 75\n")],
            "gunicorn 75s stated",
        ),
        (
            "shop/a:1",
            &["gunicorn", "a:b"],
            &[("gunicorn.conf.py", "worker_class = 'sync'\nkeepalive = 75\n")],
            "gunicorn closes stated",
        ),
        (
            "shop/a:1",
            &["gunicorn", "--keep-alive", "3", "a:b"],
            &[("gunicorn.conf.py", "keepalive = 75\n")],
            "gunicorn 3s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[("src/main/resources/application.yml", "server.tomcat.keep-alive-timeout: 75s\n")],
            "tomcat-embedded 75s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[("src/main/resources/application.yml", "logging: x\n")],
            "? does anything* | tomcat-embedded 60s",
        ),
        ("shop/a:1", &["puma"], &[("config/puma.rb", "persistent_timeout 75\n")], "puma 75s stated"),
        (
            "shop/a:1",
            &["puma"],
            &[("config/puma.rb", "workers 2\n"), ("Gemfile.lock", "    puma (7.1.0)\n")],
            "puma 65s stated",
        ),
        (
            "shop/api:1",
            &[],
            &[("web/Dockerfile", "FROM nginx:1\n"), ("api/Dockerfile", "FROM x\nCMD [\"uvicorn\",\"a:b\"]\n")],
            "uvicorn 5s shipped",
        ),
        (
            "shop/a:1",
            &[],
            &[
                ("Procfile", "worker: x\nweb: bundle exec puma -C config/puma.rb\n"),
                ("config/puma.rb", "persistent_timeout 80"),
            ],
            "puma 80s stated",
        ),
        (
            "shop/a:1",
            &["./entrypoint.sh"],
            &[("entrypoint.sh", "#!/bin/sh\nset -e\nexec uvicorn a:b --timeout-keep-alive 66\n")],
            "uvicorn 66s stated",
        ),
        (
            "shop/a:1",
            &[],
            &[("web/server.js", "s.keepAliveTimeout = 1"), ("api/gunicorn.conf.py", "keepalive = 7")],
            "? which server*",
        ),
    ];
    let mut wrong = Vec::new();
    for (image, command, beside, expected) in cases {
        let evidence = Evidence {
            container: Some(container(image, command, &[])),
            beside: files(beside),
            beside_belongs: true,
            ..Evidence::default()
        };
        let got = short(&backend(&evidence));
        if !fits(&got, expected) {
            wrong.push(format!("{image} {command:?} {beside:?}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn folders() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("nginx/nginx.conf", "http { include conf.d/*.conf; }"),
                ("nginx/conf.d/a.conf", "keepalive_timeout 75;"),
            ],
            "nginx 75s stated",
        ),
        (&[("haproxy.cfg", "defaults\n timeout client 75s\n")], "haproxy 75s stated"),
        (&[("Caddyfile", "a {\n}\n")], "? does anything* | caddy 300s"),
        (&[("appsettings.json", "{}")], "? does anything* | kestrel 130s"),
        (&[("main.tf", "keepalive_timeout 5;")], "? which server*"),
        (&[("node_modules/x/server.js", "s.keepAliveTimeout = 1")], "? which server*"),
        (
            &[("nginx.conf", "http { keepalive_timeout 75; }"), ("server.js", "s.keepAliveTimeout = 1")],
            "nginx 75s stated",
        ),
    ];
    for (all, expected) in cases {
        let got = short(&backend(&Evidence { beside: files(all), ..Evidence::default() }));
        assert!(fits(&got, expected), "{all:?}: {got}");
    }
}

#[test]
fn image_references() {
    let cases = [
        ("nginx", (None, "nginx", None, None)),
        ("nginx:1.27-alpine", (None, "nginx", Some("1.27-alpine"), None)),
        ("docker.io/library/nginx@sha256:ab", (None, "nginx", None, Some("sha256:ab"))),
        ("localhost:5000/a/b:c", (Some("localhost:5000"), "a/b", Some("c"), None)),
        ("public.ecr.aws/docker/library/node:20", (None, "node", Some("20"), None)),
    ];
    for (text, (registry, repository, tag, digest)) in cases {
        let image = Image::parse(text).unwrap();
        let shown =
            (image.registry.as_deref(), image.repository.as_ref(), image.tag.as_deref(), image.digest.as_deref());
        assert_eq!(shown, (registry, repository, tag, digest), "{text}");
    }
    assert_eq!(Image::parse(""), None);
    assert_eq!(Image::parse("a b"), None);
}
