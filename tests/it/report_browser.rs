//! The page in a real browser: a filter is clicked and the result looked at, as a picture too. Needs Chromium and
//! chromedriver on the PATH; without them it is skipped with a line that says so.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::program::{Folder, run, testdata};

const SHOWN: &str =
    "return [...document.querySelectorAll('[data-verdict]')].filter(e => e.offsetParent).map(e => e.dataset)";

#[test]
fn a_click_on_a_filter_leaves_what_was_asked_for() {
    let (Some(chromium), Some(chromedriver)) =
        (found(&["chromium", "google-chrome", "chrome"]), found(&["chromedriver"]))
    else {
        // Not `eprintln!`: the test harness would swallow it.
        let said =
            "\n!!! SKIPPED: no chromium or no chromedriver on the PATH; the page was not tried in a browser !!!\n";
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return;
    };
    let folder = Folder::new();
    let page = folder.path("report.html");
    run(&["check", &testdata("faulty-edge/plan.json"), "-o", &format!("html={page}")]);
    let browser = Browser::start(&chromium, &chromedriver, &folder.path("profile"));

    browser.go(&format!("file://{page}"));
    let all = browser.script(SHOWN);
    let number = |verdict: &str| all.as_array().unwrap().iter().filter(|one| one["verdict"] == verdict).count();
    let (broken, undecided) = (number("broken"), number("undecided"));
    assert!(broken > 3 && undecided > 1 && all.as_array().unwrap().len() > broken + undecided, "{all}");

    browser.click("input[value=undecided]");
    let left = browser.script(SHOWN);
    assert_eq!(left.as_array().unwrap().len(), undecided);
    assert!(left.as_array().unwrap().iter().all(|one| one["verdict"] == "undecided"), "{left}");
    let said = browser.script("return document.getElementById('shown').textContent");
    assert_eq!(said, format!("{undecided} of {} shown", all.as_array().unwrap().len()));
    assert_eq!(browser.script("return location.hash"), "#verdict=undecided");

    browser.click("#by-policy option[value=security-group-admits-clients]");
    let left = browser.script(SHOWN);
    assert!(left.as_array().unwrap().iter().all(|one| one["policy"] == "security-group-admits-clients"), "{left}");
    assert_eq!(left.as_array().unwrap().len(), 1);

    browser.click("button[type=reset]");
    // A form is reset after the click; the page follows a turn later.
    browser.wait_for(SHOWN, &all);

    // An address that somebody was sent opens on what its sender saw.
    browser.go("about:blank");
    browser.go(&format!("file://{page}#path=p1&verdict=broken"));
    let left = browser.script(SHOWN);
    assert!(!left.as_array().unwrap().is_empty());
    for one in left.as_array().unwrap() {
        assert!(one["verdict"] == "broken" && one["path"].as_str().unwrap().split(' ').any(|id| id == "p1"), "{one}");
    }

    let wide = browser.script("return document.documentElement.scrollWidth > window.innerWidth");
    assert_eq!(wide, false, "the page has to be scrolled sideways");
    let png = browser.picture();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 20_000, "a picture of {} bytes", png.len());
    // On paper text stands beside pictures, and the picture of many paths, too small to read, is left out.
    run(&["check", &testdata("faulty/plan.json"), "-o", &format!("html={page}")]);
    browser.go("about:blank");
    browser.go(&format!("file://{page}"));
    let paths = browser.script("return document.querySelectorAll('.tall > svg').length");
    let sheets = browser.sheets();
    assert!(sheets > 1 && sheets as u64 <= paths.as_u64().unwrap() * 3 / 2, "{sheets} sheets for {paths} paths");
    // Whatever the page's own policy had to stop would be told here.
    let errors = browser.ask("POST", "/se/log", &json!({ "type": "browser" }));
    assert_eq!(errors, json!([]));
}

/// The first of these programs there is.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// A browser and what drives it; both end with it.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    fn start(chromium: &std::path::Path, chromedriver: &std::path::Path, profile: &str) -> Browser {
        let mut driver = Command::new(chromedriver).arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut port = None;
        let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
        while port.is_none() {
            let line = said.next().expect("chromedriver says its port").unwrap();
            let number = line.strip_prefix("ChromeDriver was started successfully on port ");
            port = number.and_then(|number| number.trim_end_matches('.').parse().ok());
        }
        // It must not be stopped by a pipe that nobody empties.
        std::thread::spawn(move || said.for_each(drop));
        let mut browser = Browser { driver, port: port.unwrap(), session: String::new() };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1200,900",
            &format!("--user-data-dir={profile}"),
        ];
        let options = json!({ "binary": chromium, "args": arguments });
        let wanted = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let answer = browser.ask("POST", "", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = format!("/{}", answer["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}")));
        browser
    }

    fn go(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Clicks as a pointer does: what is hidden or covered cannot be clicked.
    fn click(&self, selector: &str) {
        let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let id =
            found.as_object().and_then(|found| found.values().next()?.as_str()).unwrap_or_else(|| panic!("{found}"));
        let answer = self.ask("POST", &format!("/element/{id}/click"), &json!({}));
        assert!(answer.is_null(), "{selector}: {answer}");
    }

    /// Asks until this is the answer.
    fn wait_for(&self, script: &str, wanted: &Value) {
        let start = Instant::now();
        loop {
            let answer = self.script(script);
            if answer == *wanted {
                return;
            }
            // Far more than it takes; only a fault reaches it.
            assert!(start.elapsed() < Duration::from_secs(60), "{script}: {answer}, not {wanted}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many sheets of paper the page takes.
    fn sheets(&self) -> usize {
        let answer = self.ask("POST", "/print", &json!({}));
        let pdf = base64::engine::general_purpose::STANDARD.decode(answer.as_str().unwrap()).unwrap();
        String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count()
    }

    fn script(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn picture(&self) -> Vec<u8> {
        let answer = self.ask("GET", "/screenshot", &Value::Null);
        base64::engine::general_purpose::STANDARD.decode(answer.as_str().unwrap()).unwrap()
    }

    /// One request of the W3C's WebDriver protocol.
    fn ask(&self, method: &str, what: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} /session{}{what} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.session,
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            let number =
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|number| number.trim().parse().unwrap());
            length = number.unwrap_or(length);
        }
        let mut text = vec![0; length];
        answer.read_exact(&mut text).unwrap();
        let answer: Value = serde_json::from_slice(&text).unwrap();
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends the browser.
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask("DELETE", "", &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
