//! What a machine comes to: user data in all its forms, the initialisation of CloudFormation, Elastic Beanstalk.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use plangate::server::beanstalk::Instances;
use plangate::server::{
    Answer, Backend, Evidence, Extensions, Files, Given, Init, InitCommand, InitFile, Machine, backend, user_data,
};

use crate::server_backend::{fits, short};
use crate::server_said::files;

fn of_user_data(text: &str) -> Backend {
    let machine = user_data::machine(&"user_data".into(), text);
    backend(&Evidence { machine: Some(machine), ..Evidence::default() })
}

const NGINX: &str = "#!/bin/bash\nyum install -y nginx\ncat > /etc/nginx/nginx.conf <<'EOF'\nhttp {\n  keepalive_timeout 15s;\n  server { location / { proxy_set_header Host $host; } }\n}\nEOF\nsystemctl restart nginx\n";

#[test]
fn scripts() {
    let cases: &[(&str, &str)] = &[
        (NGINX, "nginx 15s stated"),
        (
            "#!/bin/bash\ndnf -y install nginx\nsed -i 's/keepalive_timeout .*/keepalive_timeout 75;/' /etc/nginx/nginx.conf\nsystemctl enable --now nginx\n",
            "nginx 75s stated",
        ),
        (
            "#!/bin/bash\nyum install -y httpd\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 75/' /etc/httpd/conf/httpd.conf\n",
            "apache 75s stated",
        ),
        // The later one changes what the earlier one wrote, once more, or not for sure.
        (
            "#!/bin/bash\nyum install -y httpd\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 20/' /etc/httpd/conf/httpd.conf\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 90/' /etc/httpd/conf/httpd.conf\n",
            "apache 90s stated",
        ),
        (
            "#!/bin/bash\nyum install -y httpd\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 75/' /etc/httpd/conf/httpd.conf\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 75/' /etc/httpd/conf/httpd.conf\n",
            "apache 75s stated",
        ),
        (
            "#!/bin/bash\nyum install -y httpd\nsed -i 's/^KeepAliveTimeout .*/KeepAliveTimeout 20/' /etc/httpd/conf/httpd.conf\nsed -i 's/KeepAliveTimeout 5/KeepAliveTimeout 90/' /etc/httpd/conf/httpd.conf\n",
            "? *",
        ),
        ("#!/bin/bash\nsed -i 's/\\(keepalive_timeout\\) *65/\\1 80/; s/a/b/' /etc/nginx/nginx.conf\n", "*"),
        ("#!/bin/bash\nyum install -y httpd\nsystemctl start httpd\n", "apache 5s shipped"),
        ("#!/bin/bash\napt-get install -y nginx\n", "? does anything* | nginx 65s"),
        ("#!/bin/bash\necho 'KeepAliveTimeout 75' >> /etc/httpd/conf/httpd.conf\n", "apache 75s stated"),
        (
            "#!/bin/bash\necho \"keepalive_timeout 75;\" | sudo tee /etc/nginx/conf.d/ka.conf > /dev/null\nservice nginx restart\n",
            "nginx 75s stated",
        ),
        ("#!/bin/bash\ncat <<EOF | tee /etc/nginx/conf.d/ka.conf\nkeepalive_timeout 75;\nEOF\n", "nginx 75s stated"),
        ("#!/bin/bash\ntee /etc/nginx/conf.d/ka.conf <<-EOF\n\tkeepalive_timeout 75;\n\tEOF\n", "nginx 75s stated"),
        (
            "#!/bin/bash\nKA=75\ncat > /etc/nginx/conf.d/ka.conf <<EOF\nkeepalive_timeout $KA;\nEOF\n",
            "nginx 75s stated",
        ),
        ("#!/bin/bash\ncat > /etc/nginx/conf.d/ka.conf <<EOF\nkeepalive_timeout $KA;\nEOF\n", "? what does directive*"),
        (
            "#!/bin/bash\nKA=$(aws ssm get-parameter)\ncat > /etc/nginx/conf.d/ka.conf <<EOF\nkeepalive_timeout ${KA}s;\nEOF\n",
            "? what does directive*",
        ),
        (
            "#!/bin/bash\nif [ -f x ]; then\ncat > /etc/nginx/conf.d/ka.conf <<EOF\nkeepalive_timeout 75;\nEOF\nfi\n",
            "? what does directive*only under a condition)",
        ),
        (
            "#!/bin/bash\n# echo 'keepalive_timeout 5;' > /etc/nginx/conf.d/ka.conf\nyum install nginx\n",
            "? does anything* | nginx 65s",
        ),
        (
            "#!/bin/bash\necho 'keepalive_timeout 5;' > /etc/nginx/conf.d/ka.conf\necho 'keepalive_timeout 75;' > /etc/nginx/conf.d/ka.conf\n",
            "nginx 75s stated",
        ),
        (
            "#!/bin/bash\necho 'keepalive_timeout 5;' > /etc/nginx/conf.d/ka.conf\nrm -f /etc/nginx/conf.d/ka.conf\nsystemctl start nginx\n",
            "? does anything* | nginx 65s",
        ),
        (
            "#!/bin/bash\necho 'keepalive_timeout 5;' > /tmp/a.conf\nmv /tmp/a.conf /etc/nginx/conf.d/a.conf\n",
            "nginx 5s stated",
        ),
        (
            "#!/bin/bash\ncat > /etc/nginx/conf.d/a.conf <<EOF\nkeepalive_timeout 65;\nEOF\nsed -i 's/65/90/' /etc/nginx/conf.d/a.conf\n",
            "nginx 90s stated",
        ),
        (
            "#!/bin/bash\ncat > /etc/nginx/conf.d/a.conf <<EOF\nkeepalive_timeout 65;\nEOF\nsed -i -E 's/timeout ([0-9]+)/timeout 1\\1/' /etc/nginx/conf.d/a.conf\n",
            "nginx 165s stated",
        ),
        ("#!/bin/bash\nnohup busybox httpd -f -p 8080 &\n", "? does anything make busybox httpd keep connections*"),
        ("#!/bin/bash\ncd /opt/app\nnohup uvicorn app:app --timeout-keep-alive 75 &\n", "uvicorn 75s stated"),
        (
            "#!/bin/bash\naws s3 cp s3://b/nginx.conf /etc/nginx/nginx.conf\nsystemctl restart nginx\n",
            "? what does file*fetched by the machine)",
        ),
        (
            "#!/bin/bash\ndocker run -d -p 80:8000 --name web shop/a:1 uvicorn a:b --timeout-keep-alive 75\n",
            "uvicorn 75s stated",
        ),
        ("#!/bin/bash\ndocker run -d -p 80:80 nginx:1.27\n", "nginx 65s shipped"),
        (
            "#!/bin/bash\ncat > /etc/systemd/system/app.service <<'EOF'\n[Service]\nExecStart=/usr/bin/gunicorn --keep-alive 75 a:b\nEOF\n",
            "gunicorn 75s stated",
        ),
        (
            "#!/bin/bash\ncat > /etc/systemd/system/app.service <<'EOF'\n[Service]\nExecStart=/usr/bin/gunicorn --keep-alive 75 a:b\nEOF\nyum install -y nginx\n",
            "? does anything* | nginx 65s",
        ),
        (
            "#!/bin/bash\nyum install -y nginx httpd\n",
            "? which server answers, and for how long does it keep an idle connection open? (several*",
        ),
        ("#!/usr/bin/python3\nprint(1)\n", "? which server*code calculates it)"),
        ("<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>", "? which server*Windows)"),
        ("", "? which server*"),
        (
            "#cloud-config\nwrite_files:\n- path: /etc/nginx/conf.d/ka.conf\n  content: |\n    keepalive_timeout 75;\nruncmd:\n- systemctl restart nginx\n",
            "nginx 75s stated",
        ),
        (
            "#cloud-config\nwrite_files:\n- path: /etc/nginx/conf.d/ka.conf\n  encoding: b64\n  content: a2VlcGFsaXZlX3RpbWVvdXQgNzU7\n",
            "nginx 75s stated",
        ),
        (
            "#cloud-config\nwrite_files:\n- {path: /etc/httpd/conf.d/a.conf, append: true, content: KeepAliveTimeout 65}\npackages: [httpd]\n",
            "apache 65s stated",
        ),
        (
            "#cloud-config\npackages:\n- httpd\nruncmd:\n- [sh, -c, \"echo 'KeepAliveTimeout 65' >> /etc/httpd/conf/httpd.conf\"]\n",
            "apache 65s stated",
        ),
        ("#cloud-config\npackages: [httpd]\n", "apache 5s shipped"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let got = short(&of_user_data(text));
        if !fits(&got, expected) {
            wrong.push(format!("{text}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn scripts_as_they_are_written() {
    let cases = [
        (
            "#!/bin/bash\nset -eux\ndnf install -y nginx\ncat > /etc/nginx/conf.d/shop.conf <<'CONF'\nserver {\n    listen 80 default_server;\n    keepalive_timeout 15s;\n    location = /healthz { return 200 \"ok\\n\"; }\n}\nCONF\nsystemctl enable --now nginx\n",
            "nginx 15s stated",
        ),
        (
            "#cloud-config\npackages: [apache2]\nwrite_files:\n  - path: /etc/apache2/conf-enabled/keepalive.conf\n    content: |\n      KeepAlive On\n      KeepAliveTimeout 65\n      MaxKeepAliveRequests 0\n",
            "apache 65s stated",
        ),
        (
            "#!/bin/bash\nyum -y install httpd mod_ssl\ncat >> /etc/httpd/conf.d/00-keepalive.conf <<'CONF'\nListen 8443 https\nKeepAlive On\nKeepAliveTimeout 5\nCONF\nsystemctl start httpd\n",
            "apache 5s stated",
        ),
        (
            "#!/bin/bash\napt-get update && apt-get install -y nginx\necho \"<h1>blue</h1>\" > /var/www/html/index.html\nsed -i 's/keepalive_timeout 65;/keepalive_timeout 75;/' /etc/nginx/nginx.conf\nsystemctl restart nginx\n",
            "nginx 75s stated",
        ),
        (
            "#!/bin/bash\napt-get -y install apache2\necho 'KeepAliveTimeout 15' > /etc/apache2/conf-enabled/ka.conf\nservice apache2 restart",
            "apache 15s stated",
        ),
        ("#!/bin/bash\necho ECS_CLUSTER=x >> /etc/ecs/ecs.config\n", "? which server*"),
        (
            "#!/bin/bash\nyum -y install nginx\nsed -i 's/keepalive_timeout .*/keepalive_timeout \u{fffc};/' /etc/nginx/nginx.conf\n",
            "? what does directive*",
        ),
    ];
    for (text, expected) in cases {
        let got = short(&of_user_data(text));
        assert!(fits(&got, expected), "{text}\n{got}");
    }
}

#[test]
fn files_are_as_a_shell_leaves_them() {
    let cases = [
        ("echo 'a b'  c > f; echo -n x >> f; echo -e 'p\\tq' >> f", "a b c\nxp\tq\n"),
        ("K=75; echo \"k $K;\" > f; echo 'k $K' >> f", "k 75;\nk $K\n"),
        ("cat > f <<E\\OF\n$x\nEOF\n", "$x\n"),
        ("cat > f <<A; cat > g <<B\none\nA\ntwo\nB\n", "one\n"),
        ("mkdir d; cd d; echo x > f; cd ..; mv d/f ./f", "x\n"),
        ("tee f <<< 'here'", "here\n"),
        ("printf 'a 1\\nb 2\\n' > f; sed -i -E 's/^(a) ([0-9]+)$/\\1 \\29/;/b/c\\c 3' f", "a 19\nc 3\n"),
        (
            "printf 'KeepAlive Off\\n#KeepAliveTimeout 5\\n' > f; sed -i 's/^#\\?KeepAliveTimeout .*/KeepAliveTimeout 75/' f",
            "KeepAlive Off\nKeepAliveTimeout 75\n",
        ),
        ("printf 'path /x/y\\n' > f; sed -i 's|/x/y|/z|; s#z#w&w#' f", "path /wzw\n"),
    ];
    for (script, expected) in cases {
        let machine = user_data::machine(&"user_data".into(), &format!("#!/bin/bash\n{script}"));
        let file = machine.files.find("f").unwrap_or_else(|| panic!("{script}"));
        assert_eq!(file.content, Given::from(expected), "{script}");
        assert!(!file.conditional, "{script}");
    }
}

#[test]
fn a_file_beside_a_machine_only_suggests() {
    let machine = user_data::machine(&"user_data".into(), "#!/bin/bash\n./install.sh\n");
    let beside = files(&[("nginx.conf", "http { keepalive_timeout 75; }")]);
    let got = short(&backend(&Evidence { machine: Some(machine), beside, ..Evidence::default() }));
    assert!(fits(&got, "? what does directive*not visible) | nginx 75s"), "{got}");
}

#[test]
fn lines_of_a_document_are_followed() {
    let mut machine = Machine::default();
    machine.follow(&"document".into(), "yum install -y httpd\necho 'KeepAliveTimeout 70' > /etc/httpd/conf.d/ka.conf");
    assert_eq!(short(&backend(&Evidence { machine: Some(machine), ..Evidence::default() })), "apache 70s stated");
}

#[test]
fn wrappings() {
    let mime = format!(
        "Content-Type: multipart/mixed; boundary=\"B\"\nMIME-Version: 1.0\n\n--B\nContent-Type: text/cloud-config; charset=\"us-ascii\"\n\n#cloud-config\npackages: [git]\n--B\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n{}\n--B--\n",
        base64(NGINX.as_bytes())
    );
    let packed = base64(&gzip(NGINX.as_bytes()));
    for text in [base64(NGINX.as_bytes()), packed, mime.clone(), base64(&gzip(mime.as_bytes()))] {
        assert_eq!(short(&of_user_data(&text)), "nginx 15s stated", "{text}");
    }
}

#[test]
fn a_place_is_that_of_the_directive() {
    let machine = user_data::machine(&"main.tf".into(), NGINX);
    let backend = backend(&Evidence { machine: Some(machine), ..Evidence::default() });
    let Answer::Known(known) = backend.keep_alive else { panic!("{backend:?}") };
    let Some(passage) = known.from.passage else { panic!("{:?}", known.from) };
    assert_eq!(passage.text.as_str(), "main.tf");
    assert_eq!(&NGINX[passage.range], "keepalive_timeout 15s;");
}

#[test]
fn bombs_end() {
    let zeros = vec![b'\n'; 40 << 20];
    let got = short(&of_user_data(&base64(&gzip(&zeros))));
    assert!(got.contains("too large"), "{got}");
    let mut nested = gzip(NGINX.as_bytes());
    for _ in 0..8 {
        nested = gzip(base64(&nested).as_bytes());
    }
    let got = short(&of_user_data(&base64(&nested)));
    assert!(got.contains("too large") || got.contains("which server") || got.contains("cannot be read"), "{got}");
    let yaml = format!("#cloud-config\nwrite_files: {}", "[".repeat(100_000));
    assert!(short(&of_user_data(&yaml)).starts_with('?'));
    let alias = format!(
        "#cloud-config\na: &a [x,x,x,x,x,x,x,x,x,x]\n{}",
        (0..12)
            .map(|i| format!(
                "{}: &{} [{}]\n",
                char::from(b'b' + i),
                char::from(b'b' + i),
                format!("*{},", char::from(b'a' + i)).repeat(10)
            ))
            .collect::<String>()
    );
    assert!(short(&of_user_data(&alias)).starts_with('?'));
    let doubling =
        "#!/bin/sh\nA=xxxxxxxxxxxxxxxx\n".to_owned() + &"A=$A$A\n".repeat(200) + "echo $A > /etc/nginx/conf.d/a.conf\n";
    assert!(short(&of_user_data(&doubling)).contains('?'));
    let deep = format!("http {{ {} }}", "server { ".repeat(100_000));
    let reading = plangate::server::nginx::read(&plangate::server::Doc::new("n", deep), &Files::new(), None);
    assert!(matches!(reading.idle, plangate::server::Said::Hidden(..)));
    let xml = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
    let _ = plangate::server::tomcat::read(&plangate::server::Doc::new("server.xml", xml), None);
    let toml = format!("a = {}", "[".repeat(100_000));
    let _ = plangate::server::python::hypercorn(&plangate::server::Doc::new("hypercorn.toml", toml));
    let sum = format!("server.keepAliveTimeout = {}1", "(".repeat(100_000));
    let _ = plangate::server::node::read(&plangate::server::Doc::new("a.js", sum));
}

#[test]
fn cloudformation_init() {
    let mut machine = Machine::default();
    let init = Init {
        packages: vec!["httpd".into()],
        files: vec![InitFile {
            path: "/etc/httpd/conf.d/ka.conf".into(),
            content: Given::from("KeepAliveTimeout 10"),
            base64: false,
        }],
        commands: BTreeMap::from([
            ("02_b".into(), InitCommand::Shell(Given::from("sed -i 's/20/75/' /etc/httpd/conf.d/ka.conf"))),
            (
                "01_a".into(),
                InitCommand::Words(vec![
                    "sed".into(),
                    "-i".into(),
                    "s/10/20/".into(),
                    "/etc/httpd/conf.d/ka.conf".into(),
                ]),
            ),
        ]),
        services: vec!["httpd".into()],
    };
    machine.initialise(&"template.yaml".into(), &init);
    let got = short(&backend(&Evidence { machine: Some(machine), ..Evidence::default() }));
    assert_eq!(got, "apache 75s stated");
}

#[test]
fn elastic_beanstalk() {
    let nginx = |inside: &str| format!("http {{ server {{ listen 80; {inside} }} }}");
    let own = nginx("keepalive_timeout 75;");
    let silent = nginx("");
    let extension = "option_settings:\n  aws:elasticbeanstalk:environment:proxy:\n    ProxyServer: apache\n";
    let listed = "option_settings:\n  - namespace: aws:elasticbeanstalk:environment:proxy\n    option_name: ProxyServer\n    value: none\n";
    let written = "files:\n  \"/etc/nginx/conf.d/a.conf\":\n    content: |\n      keepalive_timeout 80;\n";
    let part = ".platform/nginx/conf.d/a.conf";
    type Case<'c> = (Option<&'c str>, &'c [(&'c str, &'c str)], &'c str);
    let cases: [Case<'_>; 14] = [
        (None, &[], "? does anything* | nginx 60s"),
        (None, &[("app/.platform/nginx/nginx.conf", &own)], "nginx 75s stated"),
        (None, &[(".platform/nginx/nginx.conf", &own), (part, "keepalive_timeout 9;")], "nginx 75s stated"),
        (None, &[(".platform/nginx/nginx.conf", &silent)], "? does anything* | nginx 75s"),
        (
            None,
            &[("a/.platform/nginx/nginx.conf", &own), ("b/.platform/nginx/nginx.conf", &own)],
            "? what is the idle timeout of nginx? (several*",
        ),
        (None, &[(part, "keepalive_timeout 75;")], "? what does directive `keepalive_timeout` set* | nginx 60s"),
        (None, &[(".ebextensions/a.config", written)], "? what does file .ebextensions/a.config* | nginx 60s"),
        (Some("apache"), &[], "? does anything* | apache 5s"),
        (Some("apache"), &[(".platform/httpd/conf.d/k.conf", "KeepAliveTimeout 75")], "apache 75s stated"),
        (Some("apache"), &[(".platform/httpd/conf/httpd.conf", "KeepAliveTimeout 65")], "apache 65s stated"),
        (None, &[(".ebextensions/a.config", extension)], "? does anything* | apache 5s"),
        (None, &[(".ebextensions/a.config", listed)], "? which server*"),
        (Some("nginx"), &[(".ebextensions/a.config", extension)], "? does anything* | nginx 60s"),
        (Some("other"), &[], "? which server*"),
    ];
    for (proxy, bundle, expected) in cases {
        let extensions = Extensions::of(&files(bundle));
        let of_bundle = || extensions.option("aws:elasticbeanstalk:environment:proxy/ProxyServer");
        let proxy = proxy.map(Given::from).or_else(|| of_bundle().map(|set| set.value.clone()));
        let instances = Instances { proxy, bundle: files(bundle), port: Some(80), ..Instances::default() };
        let got = short(&instances.backend(Evidence::default()));
        assert!(fits(&got, expected), "{bundle:?}: {got}");
    }
}
