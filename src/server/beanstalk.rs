//! Elastic Beanstalk: which proxy stands in front of the application on its instances, and what the application's bundle
//! (`.platform/`, what `.ebextensions/` writes) makes of that proxy. The platform's own configuration is in no input; what it is
//! usually is only presumed. Takes texts; which settings an environment has is the caller's business.

use super::backend::{Answer, Backend, Evidence, Unread, Why, backend, by_default, default_of};
use super::container::Container;
use super::doc::{Doc, File, Files};
use super::keep_alive::{Given, Hidden, Idle, KeepAlive, Reading, Said, Source, Strength};
use super::table::Server;
use super::{apache, nginx};
use crate::graph::Text;

/// The namespace of the settings that are environment variables of the application.
pub const VARIABLES: &str = "aws:elasticbeanstalk:application:environment";

/// `nginx.conf` of the platforms has this in its `server` block, all but Docker's.
const NGINX_OF_THE_PLATFORM: Idle = Idle::Millis(60_000);

/// What is visible of the instances of an environment.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    /// What the settings say of the proxy: `nginx`, `apache` or `none`; none when nobody says it.
    pub proxy: Option<Given>,
    /// The environment variables of the application.
    pub variables: Vec<(Text, Given)>,
    /// The files of `.platform` and `.ebextensions`.
    pub bundle: Files,
    /// The port that gets the requests.
    pub port: Option<u16>,
}

impl Instances {
    /// What they do. `beside` are files that may be the application's, for an application without a proxy.
    #[must_use]
    pub fn backend(&self, beside: Evidence) -> Backend {
        let chosen = match self.proxy.clone() {
            None => "nginx".to_owned(),
            Some(Given::Text(name)) => name.to_ascii_lowercase(),
            Some(Given::Hidden(why)) => return unread(Server::unknown(), why, None, None),
        };
        match chosen.as_str() {
            "nginx" => self.nginx(),
            "apache" => self.apache(),
            "none" => {
                let container = Container { env: self.variables.clone(), ..Container::default() };
                backend(&Evidence { container: Some(container), ..beside })
            }
            other => {
                let why = format!("Elastic Beanstalk has no proxy called {other}");
                unread(Server::unknown(), Hidden::NotGiven(why.as_str().into()), None, None)
            }
        }
    }

    fn nginx(&self) -> Backend {
        let server = Server::of("nginx");
        let inside = self.inside("nginx");
        match one(&inside, ".platform/nginx/nginx.conf") {
            Err(why) => unread(server, why, None, None),
            Ok(Some(doc)) => {
                let presumed = server.idle().map(|idle| (idle, Strength::Presumed));
                Backend::of(nginx::read(&doc, &inside, self.port), |server| {
                    by_default(server, presumed, default_of(server))
                })
            }
            // Beside the platform's `nginx.conf` a file of the bundle holds only where that says nothing itself.
            Ok(None) => {
                let presumed = presumed(server, NGINX_OF_THE_PLATFORM);
                let files = inside.iter().filter_map(|file| file.doc().ok());
                let setting = files.map(|doc| nginx::read(&doc, &Files::new(), None)).find_map(said);
                let edited = || self.edited("keepalive_timeout");
                match setting.or_else(edited) {
                    Some(from) => unread(server, over_it("nginx.conf"), Some(from), Some(presumed)),
                    None => Backend::unread(server, Why::Settings, None, Some(presumed)),
                }
            }
        }
    }

    fn apache(&self) -> Backend {
        let server = Server::of("apache");
        let inside = self.inside("httpd");
        let idle = server.idle().map(|idle| (idle, Strength::Presumed));
        let settled = |reading| Backend::of(reading, |server| by_default(server, idle, default_of(server)));
        match one(&inside, ".platform/httpd/conf/httpd.conf") {
            Err(why) => unread(server, why, None, None),
            Ok(Some(doc)) => settled(apache::read(&doc, &inside, self.port)),
            // Apache reads the bundle's files after the platform's: the last directive holds.
            Ok(None) => {
                let docs = inside.iter().filter_map(|file| file.doc().ok());
                let read = docs.map(|doc| apache::read(&doc, &Files::new(), self.port));
                let last = read.filter(|reading| reading.idle != Said::Nothing).last();
                match (last, self.edited("KeepAlive")) {
                    (Some(reading), _) => settled(reading),
                    (None, Some(from)) => {
                        let presumed = idle.map(|(idle, _)| presumed(server, idle));
                        unread(server, over_it("httpd.conf"), Some(from), presumed)
                    }
                    (None, None) => settled(Reading::of(server)),
                }
            }
        }
    }

    /// The files of the bundle for one proxy.
    fn inside(&self, folder: &str) -> Files {
        let folder = format!(".platform/{folder}/");
        self.bundle.iter().filter(|file| within(&file.path, &folder)).cloned().collect()
    }

    /// A file of `.ebextensions` that has to do with a directive. What such files write to an instance the platform may
    /// write over.
    fn edited(&self, directive: &str) -> Option<Source> {
        let mentions = |file: &&File| file.content.text().is_some_and(|text| text.contains(directive));
        let mut extensions = self.bundle.iter().filter(|file| within(&file.path, ".ebextensions/"));
        extensions.find(mentions).map(|file| Source::named(format!("file {}", file.path)))
    }
}

/// What to write so that a proxy of Elastic Beanstalk keeps idle connections for `seconds`.
#[must_use]
pub fn fix(server: Server, seconds: u64) -> String {
    match server.id() {
        "nginx" => format!("`keepalive_timeout {seconds}s;` in the bundle's own `.platform/nginx/nginx.conf`"),
        "apache" => format!("`KeepAliveTimeout {seconds}` in the bundle's `.platform/httpd/conf.d/keepalive.conf`"),
        _ => server.fix(seconds),
    }
}

fn within(path: &str, folder: &str) -> bool {
    path.starts_with(folder) || path.contains(&format!("/{folder}"))
}

/// The only file with this end.
fn one(files: &Files, end: &str) -> Result<Option<Doc>, Hidden> {
    let found: Vec<&File> = files.ending(end).collect();
    match found.as_slice() {
        [] => Ok(None),
        [only] => only.doc().map(Some),
        _ => Err(Hidden::Several),
    }
}

fn said(reading: Reading) -> Option<Source> {
    match reading.idle {
        Said::Stated(_, from) | Said::Hidden(_, from) => Some(from),
        Said::Nothing => None,
    }
}

fn over_it(file: &str) -> Hidden {
    let why = format!("the {file} of the platform may set it over that: most platforms' does");
    Hidden::NotGiven(why.as_str().into())
}

fn presumed(server: Server, idle: Idle) -> KeepAlive {
    KeepAlive { idle, server, strength: Strength::Presumed, from: Source::named("configuration of the platform") }
}

fn unread(server: Server, why: Hidden, from: Option<Source>, presumed: Option<KeepAlive>) -> Backend {
    Backend {
        keep_alive: Answer::Unknown(Unread { server, why: Why::Hidden(why), from, presumed }),
        ..Backend::unknown()
    }
}
