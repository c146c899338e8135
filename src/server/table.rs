//! `servers.yaml` as typed data, read once: which server software there is, how it is recognised, what it does by
//! default, what sets its timeouts and in which unit. Looks nothing up in any text itself.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use super::doc::has_hole;
use super::duration::{Length, Unit};
use super::keep_alive::{Effect, Hidden, Idle, RequestLimit, Said, Source, Strength};

/// One kind of server software. Cheap to copy; compares by its id.
#[derive(Clone, Copy)]
pub struct Server(&'static Entry);

impl Server {
    /// The server with this id; [`Server::unknown`] when there is none.
    #[must_use]
    pub fn of(id: &str) -> Server {
        Server::find(id).unwrap_or_else(Server::unknown)
    }

    /// The server with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<Server> {
        Server::all().find(|server| server.id() == id)
    }

    /// No server in particular.
    #[must_use]
    pub fn unknown() -> Server {
        Server(&UNKNOWN)
    }

    /// All servers, as they stand in the file.
    pub fn all() -> impl Iterator<Item = Server> {
        TABLE.iter().map(Server)
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'static str {
        &self.0.id
    }

    /// Its name in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// What it does when nobody says otherwise; nothing when that varies.
    #[must_use]
    pub fn idle(self) -> Option<Idle> {
        self.0.idle.0
    }

    /// The number to presume when nothing is known of its settings.
    #[must_use]
    pub fn presumed(self) -> Option<Idle> {
        self.idle().or(self.0.presume.map(|seconds| Idle::Millis(seconds * 1000)))
    }

    /// What it does by default in this major version.
    #[must_use]
    pub fn idle_in(self, major: u32) -> Option<Idle> {
        let version = self.0.versions.iter().find(|version| version.from <= major)?;
        Some(Idle::Millis(version.idle * 1000))
    }

    /// What to write so that it keeps idle connections for `seconds`.
    #[must_use]
    pub fn fix(self, seconds: u64) -> String {
        let millis = seconds.saturating_mul(1000);
        self.0.fix.replace("{s}", &seconds.to_string()).replace("{ms}", &millis.to_string())
    }

    /// Whether it is `other`, or `other` is what it is built on.
    #[must_use]
    pub fn is_a(self, other: Server) -> bool {
        self == other || self.0.based_on.as_deref() == Some(other.id())
    }

    /// What sets its idle timeout in texts of this kind, its own settings first, then those of what it is built on.
    pub fn settings(self, within: Within) -> impl Iterator<Item = &'static Setting> {
        let base = self.0.based_on.as_deref().and_then(Server::find);
        let all = self.0.settings.iter().chain(base.map_or(&[] as &[Setting], |base| &base.0.settings));
        all.filter(move |setting| setting.within == within)
    }

    /// What limits how long a request takes in texts of this kind.
    pub fn limits(self, within: Within) -> impl Iterator<Item = &'static Limit> {
        let base = self.0.based_on.as_deref().and_then(Server::find);
        let all = self.0.limits.iter().chain(base.map_or(&[] as &[Limit], |base| &base.0.limits));
        all.filter(move |limit| limit.setting.within == within)
    }

    pub(super) fn commands(self) -> &'static [String] {
        &self.0.commands
    }

    pub(super) fn command_proves(self) -> Option<Strength> {
        self.0.command.map(Proves::strength)
    }

    pub(super) fn packages(self) -> &'static [String] {
        &self.0.packages
    }

    pub(super) fn package(self) -> Option<(Idle, Strength)> {
        self.0.package.as_ref().map(Shipped::pair)
    }

    pub(super) fn image(self) -> Option<(Idle, Strength)> {
        self.0.image.as_ref().map(Shipped::pair)
    }

    pub(super) fn official(self) -> &'static [String] {
        &self.0.official
    }

    pub(super) fn places(self) -> &'static [String] {
        &self.0.places
    }

    pub(super) fn not_http(self) -> bool {
        self.0.not_http
    }

    /// Regular expressions over image references that name it.
    pub(super) fn images(self) -> &'static [String] {
        &self.0.images
    }

    /// What stands in no reference that names it.
    pub(super) fn images_except(self) -> Option<&'static str> {
        self.0.images_except.as_deref()
    }
}

impl PartialEq for Server {
    fn eq(&self, other: &Server) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Server {}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of text a setting stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is the name of a format")]
pub enum Within {
    Flag,
    Env,
    JavaProperty,
    Nginx,
    Apache,
    Javascript,
    Spring,
    Python,
    Hypercorn,
    Puma,
    Tomcat,
    Haproxy,
    Caddy,
    Traefik,
    Envoy,
    Dotnet,
    Elixir,
}

/// Something that sets a timeout.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Where it stands.
    #[serde(rename = "in")]
    pub within: Within,
    /// Its name; a `*` stands for any one word.
    pub name: String,
    /// How its value is written.
    pub unit: Unit,
    #[serde(default)]
    zero: Meaning,
    #[serde(default)]
    negative: Meaning,
    /// The name only suggests it.
    #[serde(default)]
    pub hint: bool,
    /// It counts only where no other setting is there.
    #[serde(default)]
    pub fallback: bool,
    /// It says something only when the server is known by other means.
    #[serde(default)]
    pub needs_server: bool,
}

impl Setting {
    /// What writing `value` into it says. A part that is filled in elsewhere hides the value.
    #[must_use]
    pub fn say(&self, value: &str, from: Source) -> Said {
        if has_hole(value) {
            return Said::Hidden(Hidden::Variable, from);
        }
        match self.read(value) {
            Ok(idle) => Said::Stated(idle, from),
            Err(why) => Said::Hidden(why, from),
        }
    }

    /// What a value of it means.
    ///
    /// # Errors
    /// [`Hidden`] when the value is no duration in its unit, or one the server does not take.
    pub fn read(&self, value: &str) -> Result<Idle, Hidden> {
        let meaning = match self.unit.read(value) {
            Some(Length::Millis(millis)) => return Ok(Idle::Millis(millis)),
            Some(Length::Zero) => self.zero,
            Some(Length::Negative) => self.negative,
            None => Meaning::Invalid,
        };
        match meaning {
            Meaning::ClosesEach => Ok(Idle::ClosesEach),
            Meaning::Infinite => Ok(Idle::Infinite),
            Meaning::Invalid => Err(Hidden::Unit),
        }
    }
}

impl Limit {
    /// A limit as a request limit of `server`; nothing when the value cannot be read.
    #[must_use]
    pub fn say(&self, server: Server, value: &str, from: Source) -> Option<RequestLimit> {
        let millis = match self.setting.read(value).ok()? {
            Idle::Millis(millis) => Some(millis),
            Idle::Infinite | Idle::ClosesEach => None,
        };
        Some(self.limit(server, millis, true, from))
    }

    /// Its default, where it has one.
    #[must_use]
    pub fn by_default(&self, server: Server) -> Option<RequestLimit> {
        let from = Source::named(format!("default of `{}`", self.setting.name));
        Some(self.limit(server, Some(self.default? * 1000), false, from))
    }

    fn limit(&self, server: Server, millis: Option<u64>, stated: bool, from: Source) -> RequestLimit {
        RequestLimit { server, key: self.setting.name.as_str().into(), millis, effect: self.effect, stated, from }
    }
}

/// Something that limits how long a request takes.
#[derive(Debug, Deserialize)]
#[serde(from = "RawLimit")]
pub struct Limit {
    /// What sets it.
    pub setting: Setting,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Seconds when nobody sets it.
    pub default: Option<u64>,
    /// What happens when it is over.
    pub effect: Effect,
}

/// What a number that is no length of time means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Meaning {
    ClosesEach,
    Infinite,
    #[default]
    Invalid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    #[serde(rename = "in")]
    within: Within,
    name: String,
    unit: Unit,
    #[serde(default)]
    zero: Meaning,
    #[serde(default)]
    aliases: Vec<String>,
    default: Option<u64>,
    effect: Effect,
}

impl From<RawLimit> for Limit {
    fn from(raw: RawLimit) -> Limit {
        let RawLimit { within, name, unit, zero, aliases, default, effect } = raw;
        let negative = Meaning::Invalid;
        let setting = Setting { within, name, unit, zero, negative, hint: false, fallback: false, needs_server: false };
        Limit { setting, aliases, default, effect }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    idle: BuiltIn,
    presume: Option<u64>,
    #[serde(default)]
    versions: Vec<Version>,
    based_on: Option<String>,
    command: Option<Proves>,
    #[serde(default)]
    commands: Vec<String>,
    #[serde(default)]
    images: Vec<String>,
    images_except: Option<String>,
    #[serde(default)]
    official: Vec<String>,
    image: Option<Shipped>,
    #[serde(default)]
    packages: Vec<String>,
    package: Option<Shipped>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    settings: Vec<Setting>,
    #[serde(default)]
    limits: Vec<Limit>,
    #[serde(default)]
    not_http: bool,
    fix: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    from: u32,
    idle: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    idle: u64,
    proves: Proves,
}

impl Shipped {
    fn pair(&self) -> (Idle, Strength) {
        (Idle::Millis(self.idle * 1000), self.proves.strength())
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Proves {
    Shipped,
    Presumed,
}

impl Proves {
    fn strength(self) -> Strength {
        match self {
            Proves::Shipped => Strength::Shipped,
            Proves::Presumed => Strength::Presumed,
        }
    }
}

#[derive(Debug)]
struct BuiltIn(Option<Idle>);

impl<'de> Deserialize<'de> for BuiltIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BuiltIn, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Said {
            Seconds(u64),
            Word(Word),
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Word {
            Varies,
            Infinite,
            ClosesEach,
        }
        Ok(BuiltIn(match Said::deserialize(deserializer)? {
            Said::Seconds(seconds) => Some(Idle::Millis(seconds * 1000)),
            Said::Word(Word::Varies) => None,
            Said::Word(Word::Infinite) => Some(Idle::Infinite),
            Said::Word(Word::ClosesEach) => Some(Idle::ClosesEach),
        }))
    }
}

/// The table. A test reads it, so that a fault in the file cannot go unseen; a program without it knows no server.
static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| parsed().unwrap_or_default());

static UNKNOWN: LazyLock<Entry> = LazyLock::new(|| Entry {
    id: "unknown".to_owned(),
    name: "an unknown server".to_owned(),
    idle: BuiltIn(None),
    presume: None,
    versions: Vec::new(),
    based_on: None,
    command: None,
    commands: Vec::new(),
    images: Vec::new(),
    images_except: None,
    official: Vec::new(),
    image: None,
    packages: Vec::new(),
    package: None,
    places: Vec::new(),
    settings: Vec::new(),
    limits: Vec::new(),
    not_http: false,
    fix: "an idle timeout of {s} seconds in the settings of the server".to_owned(),
});

/// The file, as `build.rs` has read it.
fn parsed() -> serde_json::Result<Vec<Entry>> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/servers.json")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::image_names::named_by;
    use crate::server::{Answer, Container, Evidence, Given, backend};
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_whole() {
        let table = parsed().unwrap();
        let ids: BTreeSet<&str> = table.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids.len(), table.len(), "an id stands twice");
        for entry in &table {
            let base = entry.based_on.as_deref();
            assert!(base.is_none_or(|base| ids.contains(base)), "{}: based on nothing", entry.id);
            assert!(entry.image.is_none() || !entry.images.is_empty(), "{}: an image without a name", entry.id);
            assert!(entry.package.is_none() || !entry.packages.is_empty(), "{}: package without a name", entry.id);
            assert!(entry.idle.0.is_none() || entry.presume.is_none(), "{}: presumes what it knows", entry.id);
            for limit in &entry.limits {
                assert!(limit.default.is_none_or(|seconds| seconds > 0), "{}: {}", entry.id, limit.setting.name);
            }
            for repository in &entry.official {
                let named =
                    |tag: &str| named_by(&format!("{repository}{tag}")).is_some_and(|server| server.id() == entry.id);
                assert!(named(":1") || named(":8-apache"), "{}: {repository} is not among its images", entry.id);
            }
        }
    }

    #[test]
    fn servers_that_the_code_names_are_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server");
        let mut seen = 0;
        for file in crate::source::disk::files_under(folder, &["rs"]).unwrap() {
            let text = crate::source::disk::read_text(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for id in code.split("Server::of(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                seen += 1;
                assert!(Server::find(id).is_some(), "{file}: {id}");
            }
        }
        assert!(seen > 5);
    }

    /// What a container of an image of one's own comes to.
    fn said(command: Vec<String>, env: Option<(&str, &str)>) -> Answer {
        let container = Container {
            image: "own/image:1".into(),
            command: (!command.is_empty()).then(|| command.iter().map(|word| Given::from(word.as_str())).collect()),
            env: env.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            ..Container::default()
        };
        backend(&Evidence { container: Some(container), ..Evidence::default() }).keep_alive
    }

    /// 37 seconds.
    fn value(unit: Unit) -> &'static str {
        match unit {
            Unit::Seconds | Unit::Nginx | Unit::Apache | Unit::Traefik => "37",
            Unit::Millis => "37000",
            Unit::Haproxy | Unit::Spring | Unit::Quarkus | Unit::Go | Unit::Protobuf => "37s",
            Unit::Dotnet => "00:00:37",
        }
    }

    fn words(command: &str) -> Vec<String> {
        command.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn every_command_starts_its_server() {
        for server in Server::all() {
            for command in server.commands() {
                let found = match said(words(command), None) {
                    Answer::Known(known) => known.server,
                    Answer::Unknown(unread) => unread.server,
                };
                assert_eq!(found, server, "{command}");
            }
        }
    }

    #[test]
    fn every_flag_variable_and_property_is_read() {
        let stated = |answer: Answer, server: Server, name: &str| match answer {
            Answer::Known(known) => {
                assert_eq!(known.idle, Idle::Millis(37_000), "{server} {name}");
                assert_eq!(known.strength, Strength::Stated, "{server} {name}");
                assert_eq!(known.server, server, "{name}");
            }
            Answer::Unknown(unread) => panic!("{server} {name}: {unread:?}"),
        };
        let mut seen = 0;
        for server in Server::all() {
            for setting in server.0.settings.iter().filter(|setting| !setting.hint && !setting.needs_server) {
                let name = setting.name.replace('*', "web");
                let value = value(setting.unit);
                seen += 1;
                match setting.within {
                    Within::Flag => {
                        let mut command = words(&server.commands()[0]);
                        command.push(format!("{name}={value}"));
                        stated(said(command, None), server, &name);
                    }
                    Within::Env => stated(said(Vec::new(), Some((&name, value))), server, &name),
                    Within::Spring | Within::JavaProperty => {
                        let command = vec!["java".to_owned(), format!("-D{name}={value}")];
                        stated(said(command, None), server, &name);
                    }
                    _ => seen -= 1,
                }
            }
        }
        assert!(seen >= 20, "only {seen}");
    }

    #[test]
    fn every_official_image_ships_its_default() {
        let mut seen = 0;
        for server in Server::all().filter(|server| server.image().is_some()) {
            for repository in server.official() {
                let tag = if ["php", "drupal", "wordpress"].contains(&repository.as_str()) { "8-apache" } else { "1" };
                let container =
                    Container { image: format!("{repository}:{tag}").as_str().into(), ..Container::default() };
                let answer = backend(&Evidence { container: Some(container), ..Evidence::default() }).keep_alive;
                let Answer::Known(known) = answer else { panic!("{repository}: {answer:?}") };
                assert_eq!((known.server, known.strength), (server, Strength::Shipped), "{repository}");
                assert_eq!(Some(known.idle), server.image().map(|(idle, _)| idle), "{repository}");
                seen += 1;
            }
        }
        assert!(seen >= 15, "only {seen}");
    }

    #[test]
    fn a_fix_holds_the_number() {
        assert_eq!(Server::of("uvicorn").fix(75), "`--timeout-keep-alive 75`");
        assert!(Server::of("nodejs").fix(75).contains("keepAliveTimeout = 75000"));
    }
}
