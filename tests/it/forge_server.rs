//! A forge for tests: a server on this machine that answers as the real APIs do and keeps what it was asked, and a
//! clock that never waits. The shapes are those of the public API documentation of GitHub and GitLab.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plangate::forge::{Clock, Forge, Kind, Target, Token};
use serde_json::{Value, json};

/// The token that must be seen nowhere but in one header.
pub(crate) const TOKEN: &str = "ghp_verysecretverysecret";

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Asked {
    /// `GET /path?query`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Reply {
        Reply { status, headers: Vec::new(), body: body.to_string() }
    }

    pub(crate) fn text(status: u16, body: &str) -> Reply {
        Reply { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// Closes the connection without an answer.
    pub(crate) fn nothing() -> Reply {
        Reply::text(0, "")
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Reply {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// `answer` gets what is asked, and how many requests there were before.
    pub(crate) fn new(answer: impl Fn(&Asked, usize) -> Reply + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                let before = log.lock().unwrap().len();
                log.lock().unwrap().push(request.clone());
                write(&mut stream, &answer(&request, before));
            }
        });
        Server { address, asked }
    }

    /// Answers by what is asked, `METHOD /path`, each list one page.
    pub(crate) fn of(answers: &[(&str, Reply)]) -> Server {
        let answers: Vec<(String, Reply)> =
            answers.iter().map(|(line, reply)| ((*line).to_owned(), reply.clone())).collect();
        Server::new(move |asked, _| {
            let line = asked.line().replace("?per_page=100&page=1", "");
            let found = answers.iter().find(|(is, _)| *is == line);
            found.map_or_else(|| Reply::json(404, json!({ "message": "Not Found" })), |(_, reply)| reply.clone())
        })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What it was asked, as lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }

    /// The last thing it was asked.
    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().unwrap()
    }

    pub(crate) fn target(&self, kind: Kind) -> Target {
        let repository = match kind {
            Kind::GitHub => "shop/infra",
            Kind::GitLab => "shop/web/infra",
        };
        let token = Token::new(TOKEN).unwrap().unwrap();
        Target { kind, api: self.address.clone(), repository: repository.to_owned(), number: 7, token }
    }

    pub(crate) fn forge<'c>(&self, kind: Kind, clock: &'c Still) -> Forge<'c> {
        Forge::new(self.target(kind), clock, Duration::from_secs(120), false)
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(": ") {
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, size)| size.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(Asked { method, path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn write(stream: &mut TcpStream, reply: &Reply) {
    if reply.status == 0 {
        return;
    }
    let mut head =
        format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    reply.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    // Whoever asked may have gone.
    let _ = stream.write_all(format!("{head}\r\n{}", reply.body).as_bytes());
}

/// A clock that stands still while nobody sleeps, and lets sleepers sleep no time at all.
#[derive(Default)]
pub(crate) struct Still {
    now: Cell<Duration>,
    slept: RefCell<Vec<u64>>,
}

/// What the clock shows first: seconds since 1970.
pub(crate) const START: u64 = 1_800_000_000;

impl Still {
    pub(crate) fn new() -> Still {
        Still { now: Cell::new(Duration::from_secs(START)), slept: RefCell::default() }
    }

    /// How long was slept, each time, in seconds.
    pub(crate) fn slept(&self) -> Vec<u64> {
        self.slept.borrow().clone()
    }
}

impl Clock for Still {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.slept.borrow_mut().push(time.as_secs());
        self.now.set(self.now.get() + time);
    }
}
