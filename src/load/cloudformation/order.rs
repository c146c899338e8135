//! After which listeners and rules an ECS service is made: by `DependsOn` and by what its properties mention, through
//! nested stacks too. A nested stack waits as a whole for what its resource in the outer template mentions.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::stacks::Source;
use crate::graph::{Kind, Link, Reason, ResourceId, Unknown};
use crate::load::waits::{asks, is_forwarder, link, reached};

/// The templates of an input by the prefix of their resources' addresses: nothing, or `Edge/`.
pub(super) type Templates = BTreeMap<String, Rc<Source>>;

/// A logical id in the template with this prefix.
type Node = (String, String);

/// The links of all services to what they wait for. `resources` are the addresses of the graph, in order.
pub(super) fn links(templates: &Templates, resources: &[(&str, Option<Kind>)]) -> Vec<Link> {
    let of_kind = |wanted: fn(Option<Kind>) -> bool| {
        let numbered = resources.iter().enumerate().filter(move |(_, (_, kind))| wanted(*kind));
        numbered.map(|(at, (address, _))| (parts(address), ResourceId(at as u32)))
    };
    let forwarders: BTreeMap<Node, ResourceId> = of_kind(is_forwarder).collect();
    let deployed: BTreeSet<String> = forwarders.keys().map(|(prefix, _)| outermost(templates, prefix)).collect();
    let found = of_kind(asks).map(|(service, from)| {
        let own = outermost(templates, &service.0);
        let elsewhere = deployed.iter().any(|one| *one != own);
        let (nodes, open) = reached(service, |node, found| next(templates, node, found));
        let to = nodes.iter().filter_map(|node| forwarders.get(node)).copied().collect();
        // Which of two stacks is deployed first is not for their templates to say.
        let other = || elsewhere.then(|| Unknown::because(Reason::OutsideInput("the order of the stacks".into())));
        link(from, "DependsOn", to, open.or_else(other))
    });
    found.collect()
}

fn next(templates: &Templates, (prefix, id): &Node, found: &mut Vec<Node>) -> Result<(), Unknown> {
    let source = templates.get(prefix).ok_or_else(unread)?;
    found.extend(source.template.mentioned_by(id)?.into_iter().map(|name| (prefix.clone(), name.to_owned())));
    let nested = format!("{prefix}{id}/");
    if let Some(source) = templates.get(&nested) {
        found.extend(source.template.ids().map(|id| (nested.clone(), id.to_owned())));
    }
    let mut inner = prefix.clone();
    while let Some((outer, id)) = around(templates, &inner) {
        let source = templates.get(&outer).ok_or_else(unread)?;
        found.extend(source.template.mentioned_by(&id)?.into_iter().map(|name| (outer.clone(), name.to_owned())));
        inner = outer;
    }
    Ok(())
}

/// The template that nests the one with this prefix, and the resource by which it does.
fn around(templates: &Templates, prefix: &str) -> Option<Node> {
    let (outer, id) = parts(prefix.strip_suffix('/')?);
    templates.get(&outer).is_some_and(|source| source.template.declares(&id)).then_some((outer, id))
}

/// The prefix of the stack that is deployed by itself.
fn outermost(templates: &Templates, prefix: &str) -> String {
    let mut here = prefix.to_owned();
    while let Some((outer, _)) = around(templates, &here) {
        here = outer;
    }
    here
}

/// Prefix and logical id.
fn parts(address: &str) -> Node {
    let at = address.rfind('/').map_or(0, |at| at + 1);
    (address[..at].to_owned(), address[at..].to_owned())
}

fn unread() -> Unknown {
    Unknown::because(Reason::OutsideInput("the template".into()))
}
