//! What answers behind a connection, as policies and reports see it. How it is found out is `relate`'s business.

use super::assessment::{KeepAliveView, SecondsView};
use super::model::{Connection, Model};
use super::variable::{Ground, Later, Rest, Variable, derived};
use crate::graph::{Map, Reason, ResourceId, Unknown, Value, lookup};
use crate::relate::backends::Behind;
use crate::relate::onward::Hop;
use crate::server::beanstalk as beanstalk_proxy;
use crate::server::{Answer, Defect, Effect, Idle, KeepAlive, RequestLimit, Said, Seconds, Server, Unread};

/// How much longer than the load balancer a backend should keep its connections, in seconds: for the fix a finding
/// names. What is too close is for the policy to say.
const MARGIN: u64 = 5;

/// The variable `backend` of a connection.
pub(super) fn variable<'m>(model: &'m Model<'_>, connection: &Connection) -> Variable<'m> {
    let mut facts = Map::default();
    let Some(behind) = model.backends.of(connection.registration) else { return derived("backend", facts) };
    keep_alive(behind, &mut facts);
    limits_and_defects(behind, &mut facts);
    let load_balancer = connection.load_balancer;
    derived("backend", facts).with(Later::In(WORDS), move || {
        let mut words = words(behind, wanted(model, load_balancer));
        for (_, name, millis, limit) in limits(behind) {
            let written = if limit.stated { "" } else { " (its default)" };
            let of = match limit.server == Server::unknown() {
                true => format!("({})", behind.what),
                false => format!("of {}", limit.server),
            };
            words.set(name, format!("`{}` {of} is {}{written}", limit.key, Seconds(millis)).as_str().into());
        }
        Rest { facts: words, evidence: vec![shown(behind)] }
    })
}

/// What is found of a backend when somebody asks for it.
const WORDS: &[&str] = &["because", "fix", "server", "request_limit_because", "killed_because"];

/// The variable `backend` of an environment of Elastic Beanstalk.
pub(super) fn of_environment<'m>(model: &'m Model<'_>, id: ResourceId) -> Variable<'m> {
    let behind = model.environments.behind(model.beside, id);
    let mut facts = Map::default();
    keep_alive(&behind, &mut facts);
    derived("backend", facts).with(Later::In(WORDS), move || {
        let wanted = wanted(model, id);
        let mut words = words(&behind, wanted);
        words.set("fix", beanstalk_proxy::fix(server(&behind), wanted).as_str().into());
        Rest { facts: words, evidence: vec![shown(&behind)] }
    })
}

/// For how long a backend should keep idle connections, in seconds, going by the idle timeout of a resource.
fn wanted(model: &Model<'_>, load_balancer: ResourceId) -> u64 {
    let idle_timeout = lookup(model.attributes(load_balancer), "idle_timeout").int();
    idle_timeout.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(60) + MARGIN
}

/// The evidence for a keep-alive.
fn shown(behind: &Behind) -> Ground {
    let value = match &behind.backend.keep_alive {
        Answer::Known(known) => format!("{} ({})", known.idle, known.from.what).as_str().into(),
        Answer::Unknown(unread) => Value::unknown(unknown(behind, unread)),
    };
    ("", behind.place.clone(), value)
}

/// The variable `application` of a connection: what the backend hands requests on to. Of several, the one that says most
/// against it.
pub(super) fn application<'m>(model: &'m Model<'_>, connection: &Connection) -> Variable<'m> {
    let mut facts = Map::default();
    let behind = model.backends.of(connection.registration);
    let hops = behind.into_iter().flat_map(|behind| behind.hops.iter().map(move |hop| (behind, hop)));
    let judged = hops.map(|(behind, hop)| (behind, hop, kept(behind, hop)));
    let worst = judged.min_by_key(|(_, _, kept)| kept.as_ref().map_or(1, |kept| i32::from(*kept) * 2));
    let Some((behind, hop, kept)) = worst else { return derived("application", facts) };
    facts.set("kept", kept.map_or_else(Value::unknown, Value::from));
    derived("application", facts).with(Later::Gaps { depth: 1 }, move || {
        let because: Value = format!("{}, and {}", hands_on(behind, hop), answers(hop)).as_str().into();
        let mut facts = Map::with_room(2);
        facts.set("because", because.clone());
        facts.set("fix", fix(behind, hop).as_str().into());
        Rest { facts, evidence: vec![("", behind.place.clone(), because)] }
    })
}

/// Whether an application keeps idle connections longer than the proxy in front of it uses them.
fn kept(behind: &Behind, hop: &Hop) -> Result<bool, Unknown> {
    let reuse = match &hop.onward.reuse {
        Said::Stated(idle, _) => *idle,
        Said::Hidden(why, from) => {
            let question =
                format!("how long does the proxy keep connections to {}? ({}: {why})", hop.onward.to, from.what);
            return Err(Unknown::at(Reason::Undecidable(question.as_str().into()), behind.place.clone()));
        }
        Said::Nothing => return Ok(true),
    };
    match (reuse, &hop.application.keep_alive) {
        (Idle::ClosesEach, _) => Ok(true),
        (_, Answer::Unknown(unread)) => Err(unknown(behind, unread)),
        (Idle::Millis(reuse), Answer::Known(KeepAlive { idle: Idle::Millis(kept), .. })) => Ok(*kept > reuse),
        (Idle::Infinite, Answer::Known(KeepAlive { idle: Idle::Millis(_), .. })) => Ok(false),
        (_, Answer::Known(_)) => Ok(true),
    }
}

/// `nginx keeps idle connections to 127.0.0.1:3000 for 60 s (directive `keepalive`, container "web")`.
fn hands_on(behind: &Behind, hop: &Hop) -> String {
    let proxy = proxy(behind);
    let to = &hop.onward.to;
    match &hop.onward.reuse {
        Said::Stated(Idle::ClosesEach, _) => {
            format!("{proxy} opens a connection to {to} for each request ({})", behind.what)
        }
        Said::Stated(Idle::Infinite, from) => {
            format!("{proxy} keeps idle connections to {to} without limit ({}, {})", from.what, behind.what)
        }
        Said::Stated(idle, from) => {
            format!("{proxy} keeps idle connections to {to} for {idle} ({}, {})", from.what, behind.what)
        }
        Said::Hidden(_, from) => format!("{proxy} may keep idle connections to {to} ({}, {})", from.what, behind.what),
        Said::Nothing => format!("{proxy} hands on to {to} ({})", behind.what),
    }
}

fn answers(hop: &Hop) -> String {
    match &hop.application.keep_alive {
        Answer::Known(known) => said(&hop.what, known),
        Answer::Unknown(unread) => {
            format!("of the application behind it ({}) it is open: {}", hop.what, unread.question())
        }
    }
}

fn proxy(behind: &Behind) -> &'static str {
    server(behind).name()
}

fn server(behind: &Behind) -> Server {
    match &behind.backend.keep_alive {
        Answer::Known(known) => known.server,
        Answer::Unknown(unread) => unread.server,
    }
}

/// The line to change on either side.
fn fix(behind: &Behind, hop: &Hop) -> String {
    let server = match &hop.application.keep_alive {
        Answer::Known(known) => known.server,
        Answer::Unknown(unread) => unread.server,
    };
    let reuse = match hop.onward.reuse {
        Said::Stated(Idle::Millis(millis), _) => millis / 1000,
        _ => 60,
    };
    let own = format!("{} for the application ({})", server.fix(reuse + MARGIN), hop.what);
    let shorter = match &hop.application.keep_alive {
        Answer::Known(KeepAlive { idle: Idle::Millis(kept), .. }) => (kept / 1000).saturating_sub(1).max(1),
        _ => 4,
    };
    match proxy(behind) {
        "nginx" => format!("set {own}, or `keepalive_timeout {shorter}s;` in the `upstream` block of nginx"),
        "Caddy" => format!("set {own}, or `keepalive {shorter}s` in the `transport http` block of `reverse_proxy`"),
        "Apache httpd" => format!("set {own}, or add `ttl={shorter}` to its `ProxyPass`"),
        "HAProxy" => format!("set {own}, or `option http-server-close` in the backend of HAProxy"),
        "Envoy" => format!(
            "set {own}, or `common_http_protocol_options: {{ idle_timeout: {shorter}s }}` for the cluster of Envoy"
        ),
        other => format!("set {own}, or let {other} drop idle connections to it after {shorter} s"),
    }
}

/// The keep-alive of the backend as a path shows it; none where nothing is connected to.
pub(super) fn view(behind: &Behind) -> KeepAliveView {
    let shown = |known: &KeepAlive| KeepAliveView::Known {
        seconds: match known.idle {
            Idle::Millis(millis) => SecondsView::Millis(millis),
            Idle::Infinite => SecondsView::Infinite,
            Idle::ClosesEach => SecondsView::None,
        },
        server: known.server.to_string(),
        strength: known.strength.as_str(),
        from: format!("{} {} {}", behind.place.address, behind.what, known.from.what),
    };
    match &behind.backend.keep_alive {
        Answer::Known(known) => shown(known),
        Answer::Unknown(Unread { presumed: Some(presumed), .. }) => shown(presumed),
        Answer::Unknown(unread) => KeepAliveView::Unknown(format!("{} ({})", unread.question(), behind.place.address)),
    }
}

fn seconds(millis: u64) -> Value {
    i64::try_from(millis / 1000).unwrap_or(i64::MAX).into()
}

/// How long it keeps idle connections.
fn keep_alive(behind: &Behind, facts: &mut Map) {
    let mut put = |name: &str, value: Value| facts.set(name, value);
    match &behind.backend.keep_alive {
        Answer::Known(known) => {
            put("unlimited", (!matches!(known.idle, Idle::Millis(_))).into());
            put("strength", known.strength.as_str().into());
            if let Idle::Millis(millis) = known.idle {
                put("keep_alive", seconds(millis));
            }
        }
        Answer::Unknown(unread) => {
            let unknown = Value::unknown(unknown(behind, unread));
            put("unlimited", unknown.clone());
            put("keep_alive", unknown);
            if let Some(presumed) = &unread.presumed {
                put("strength", presumed.strength.as_str().into());
                if let Idle::Millis(millis) = presumed.idle {
                    put("presumed", seconds(millis));
                }
            }
        }
    }
}

/// What there is to say of that; `wanted` are the seconds it should keep them.
fn words(behind: &Behind, wanted: u64) -> Map {
    let mut words = Map::default();
    let mut put = |name: &str, text: &str| words.set(name, text.into());
    match &behind.backend.keep_alive {
        Answer::Known(known) => {
            put("server", known.server.name());
            put("because", &said(&behind.what, known));
            put("fix", &known.server.fix(wanted));
        }
        Answer::Unknown(unread) => {
            let because = match &unread.presumed {
                Some(presumed) => format!("presumably {}", said(&behind.what, presumed)),
                None if unread.server == Server::unknown() => {
                    "how long the backend keeps an idle connection is not known".to_owned()
                }
                None => format!("how long {} keeps an idle connection is not known", unread.server),
            };
            if let Some(presumed) = &unread.presumed {
                put("server", presumed.server.name());
            }
            put("because", &because);
            put("fix", &unread.server.fix(wanted));
        }
    }
    words
}

/// The limits that tell: the names of their facts and of the reasons, and how long they are.
fn limits(behind: &Behind) -> impl Iterator<Item = (&'static str, &'static str, u64, &RequestLimit)> {
    let effects = [
        (Effect::Answers, "request_limit", "request_limit_because"),
        (Effect::Kills, "killed_after", "killed_because"),
    ];
    effects.into_iter().filter_map(|(effect, name, because)| {
        let (millis, limit) = longest(&behind.backend.limits, effect)?;
        Some((name, because, millis, limit))
    })
}

/// How long requests may take, and what is wrong with it.
fn limits_and_defects(behind: &Behind, facts: &mut Map) {
    let mut put = |name: &str, value: Value| facts.set(name, value);
    limits(behind).for_each(|(name, _, millis, _)| put(name, seconds(millis)));
    let not_http = behind.backend.defects.iter().find_map(|defect| match defect {
        Defect::NotHttp { from } => Some(from),
        _ => None,
    });
    put("speaks_http", not_http.is_none().into());
    if let Some(from) = not_http {
        put("speaks_instead", format!("{} ({}) answers FastCGI, not HTTP", from.what, behind.what).as_str().into());
    }
    let only_new = behind.backend.defects.iter().find_map(|defect| match defect {
        Defect::OnlyTls13 { from } => Some(from),
        _ => None,
    });
    if let Some(from) = only_new {
        let text = format!("{} accepts TLS 1.3 only ({}, {})", server(behind), from.what, behind.what);
        put("tls13_only", text.as_str().into());
    }
    let refused = behind.backend.defects.iter().find_map(|defect| match defect {
        Defect::Misplaced { directive, from } => Some((directive, from)),
        _ => None,
    });
    put("starts", refused.is_none().into());
    if let Some((directive, from)) = refused {
        let text = format!(
            "`{directive}` ({}, {}) is not allowed there, and the server refuses to start",
            from.what, behind.what
        );
        put("starts_because", text.as_str().into());
    }
    let short = behind.backend.defects.iter().find_map(|defect| match defect {
        Defect::HeadersTimeout { headers, stated, keep_alive, .. } => Some((headers, stated, keep_alive)),
        _ => None,
    });
    put("headers_in_time", short.is_none().into());
    if let Some((headers, stated, keep_alive)) = short {
        let own = if *stated { "" } else { ", Node's own default," };
        let text = format!(
            "`headersTimeout` of {}{own} is not longer than `keepAliveTimeout` of {}",
            Seconds(*headers),
            Seconds(*keep_alive)
        );
        put("headers_because", text.as_str().into());
    }
}

/// `Apache httpd closes idle connections after 5 s (shipped: image httpd:2.4, container "web")`.
fn said(what: &str, known: &KeepAlive) -> String {
    let server = if known.server == Server::unknown() { "the backend" } else { known.server.name() };
    let does = match known.idle {
        Idle::Millis(millis) => format!("{server} closes idle connections after {}", Seconds(millis)),
        Idle::Infinite => format!("{server} never closes idle connections"),
        Idle::ClosesEach => format!("{server} closes the connection after each response"),
    };
    format!("{does} ({}: {}, {})", known.strength.as_str(), known.from.what, what)
}

/// The same text for every path to one backend, so that it is one question.
fn unknown(behind: &Behind, unread: &Unread) -> Unknown {
    let question = unread.question();
    let reason = match unread.presumed.as_ref().map(|known| known.idle) {
        Some(Idle::ClosesEach) => Reason::Presumed(format!("{question} (presumably it closes each)").into()),
        Some(idle) => Reason::Presumed(format!("{question} (presumably {idle})").into()),
        None => Reason::Undecidable(question.into()),
    };
    Unknown::at(reason, behind.place.clone())
}

fn longest(limits: &[RequestLimit], effect: Effect) -> Option<(u64, &RequestLimit)> {
    // A limit nobody wrote prepares for nothing; the default that kills a worker does so all the same.
    let fits = limits.iter().filter(|limit| limit.effect == effect && (limit.stated || effect == Effect::Kills));
    fits.filter_map(|limit| Some((limit.millis?, limit))).max_by_key(|(millis, _)| *millis)
}
