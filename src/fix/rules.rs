//! Missing security-group rules, written in the style a text already has: inside the group where the group writes its
//! rules itself, else as resources of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::reference::{in_terraform, split};
use super::resolve::Resolver;
use super::rules_json;
use super::style::{Insertion, indentation, line_end, newline};
use super::template::{New, Style};
use super::terraform::{self, Content};
use crate::catalog::Dialect;
use crate::graph::{Graph, Mode, Resource, ResourceId};
use crate::judge::{MissingRule, RulePeer};

/// Writes rules.
pub(super) struct Rules<'r, 'b> {
    pub(super) resolver: &'r Resolver<'b>,
}

const RULES: [&str; 2] = ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"];
const OLD_RULE: &str = "aws_security_group_rule";

/// Where a rule goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Among the resources of a template.
    Template,
    /// Into its group.
    Group,
    /// Beside its group, as a resource of its own.
    Beside,
}

/// A resource to add, its attributes as expressions.
pub(super) struct NewResource {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) attributes: Vec<(&'static str, String)>,
}

impl Rules<'_, '_> {
    fn graph(&self) -> &Graph {
        self.resolver.graph
    }

    fn find(&self, address: &str) -> Result<(ResourceId, &Resource), String> {
        let id = self.graph().find(address).ok_or_else(|| format!("{address} is not in the texts"))?;
        Ok((id, self.graph().resource(id)))
    }

    /// The files and what is put into them.
    pub(super) fn written(&self, rules: &[&MissingRule]) -> Result<Vec<(String, Insertion)>, String> {
        // Rules that go to the same place go in together.
        let mut places: BTreeMap<(Place, String), Vec<&MissingRule>> = BTreeMap::new();
        for rule in rules {
            let (_, group) = self.find(&rule.group)?;
            let place = match Dialect::of(&group.type_name) {
                Dialect::CloudFormation => {
                    let stack = rule.group.rsplit_once('/').map(|(stack, _)| stack.to_owned());
                    (Place::Template, stack.unwrap_or_default())
                }
                Dialect::Terraform if rule.inline => (Place::Group, rule.group.clone()),
                Dialect::Terraform => {
                    let (file, _) = self.block(&rule.group)?;
                    let json = file.ends_with(".json");
                    (Place::Beside, if json { file } else { rule.group.clone() })
                }
            };
            places.entry(place).or_default().push(rule);
        }
        let mut all = Vec::new();
        for ((place, _), own) in &places {
            match place {
                Place::Template => all.extend(self.in_template(own)?),
                Place::Group => all.extend(self.inline(own)?),
                Place::Beside => all.extend(self.separate(own)?),
            }
        }
        Ok(all)
    }

    /// The file and the bytes of a group that may be written to.
    fn block(&self, address: &str) -> Result<(String, Range<usize>), String> {
        let (_, group) = self.find(address)?;
        let spot = group.spots.get("").ok_or_else(|| format!("where {address} is written is not known"))?;
        if spot.file.split('/').any(|step| step == ".terraform") {
            return Err(format!("{} belongs to a module that is installed from elsewhere", spot.file));
        }
        Ok((spot.file.to_string(), spot.start..spot.end))
    }

    /// The peer as Terraform refers to it from beside a group.
    fn reference(&self, rule: &MissingRule) -> Result<String, String> {
        match &rule.peer {
            RulePeer::Group(peer) => in_terraform(&rule.group, peer, "id"),
            RulePeer::Outside(id) => Ok(format!("\"{id}\"")),
            RulePeer::V4(range) | RulePeer::V6(range) => Ok(format!("\"{range}\"")),
        }
    }

    fn inline(&self, rules: &[&MissingRule]) -> Result<Vec<(String, Insertion)>, String> {
        let Some(first) = rules.first() else { return Ok(Vec::new()) };
        let (_, group) = self.find(&first.group)?;
        let (file, bytes) = self.block(&first.group)?;
        let (_, text) = self.resolver.text(&file).ok_or_else(|| format!("{file} cannot be read"))?;
        let mut blocks: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
        for rule in rules {
            blocks.push((if rule.egress { "egress" } else { "ingress" }, self.inline_attributes(rule)?));
        }
        let written = if file.ends_with(".json") {
            rules_json::inside(&file, &text, &bytes, &blocks)
        } else {
            let mut content = Content::default();
            for (name, attributes) in blocks {
                if group.spots.contains_key(name) {
                    return Err(format!("{} writes its rules as a list", first.group));
                }
                content.add_block(name, attributes);
            }
            terraform::insert(&text, &bytes, &content)
        };
        let written = written.ok_or_else(|| format!("{file} is written in a way plangate does not add to"))?;
        Ok(written.into_iter().map(|one| (file.clone(), one)).collect())
    }

    fn inline_attributes(&self, rule: &MissingRule) -> Result<Vec<(&'static str, String)>, String> {
        let (id, _) = self.find(&rule.group)?;
        let peer = match &rule.peer {
            RulePeer::Group(peer) if *peer == rule.group => ("self", "true".to_owned()),
            RulePeer::Group(peer) => {
                let (peer, _) = self.find(peer)?;
                if self.leads(peer, id) {
                    return Err("the two groups would refer to each other, which Terraform refuses; write the rules \
                                of one of them as resources of their own"
                        .to_owned());
                }
                ("security_groups", format!("[{}]", self.reference(rule)?))
            }
            RulePeer::Outside(_) => ("security_groups", format!("[{}]", self.reference(rule)?)),
            RulePeer::V4(_) => ("cidr_blocks", format!("[{}]", self.reference(rule)?)),
            RulePeer::V6(_) => ("ipv6_cidr_blocks", format!("[{}]", self.reference(rule)?)),
        };
        Ok(vec![
            ("from_port", rule.ports.0.to_string()),
            ("to_port", rule.ports.1.to_string()),
            ("protocol", "\"tcp\"".to_owned()),
            peer,
        ])
    }

    /// Whether one resource refers to another, directly or by way of others.
    fn leads(&self, from: ResourceId, to: ResourceId) -> bool {
        let mut seen = BTreeSet::new();
        let mut left = vec![from];
        while let Some(id) = left.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                left.extend(self.graph().links(id).iter().flat_map(|link| link.resources().map(|(next, _)| next)));
            }
        }
        false
    }

    fn separate(&self, rules: &[&MissingRule]) -> Result<Vec<(String, Insertion)>, String> {
        let Some(first) = rules.first() else { return Err("there is no rule".to_owned()) };
        let (file, mut bytes) = self.block(&first.group)?;
        let (module, _) = split(&first.group);
        let beside = |resource: &Resource, types: &[&str]| {
            let is = resource.mode == Mode::Managed && types.contains(&&*resource.type_name);
            is && split(resource.address.as_str()).0 == module
        };
        let has = |types: &[&str]| self.graph().resources().any(|(_, resource)| beside(resource, types));
        let old = has(&[OLD_RULE]) && !has(&RULES);
        for (_, resource) in self.graph().resources() {
            let spot = resource.spots.get("").filter(|spot| *spot.file == *file && spot.start > bytes.start);
            let rule = beside(resource, if old { &[OLD_RULE] } else { &RULES });
            if let Some(spot) = spot.filter(|_| rule) {
                bytes = spot.start..spot.end.max(bytes.end);
            }
        }
        let (_, text) = self.resolver.text(&file).ok_or_else(|| format!("{file} cannot be read"))?;
        let cannot = || format!("{file} is written in a way plangate does not add to");
        let mut resources: Vec<NewResource> = Vec::new();
        for rule in rules {
            let kind = if rule.egress { RULES[1] } else { RULES[0] };
            let kind = if old { OLD_RULE } else { kind };
            let free = |name: &str| {
                let address = format!("{module}{kind}.{name}");
                self.graph().find(&address).is_none() && resources.iter().all(|known| known.name != name)
            };
            let name = unused(&words(rule, "_"), "_", free);
            resources.push(NewResource { kind, name, attributes: self.attributes(rule, old)? });
        }
        if file.ends_with(".json") {
            let written = rules_json::beside(&file, &text, &bytes, &resources).ok_or_else(cannot)?;
            return Ok(written.into_iter().map(|one| (file.clone(), one)).collect());
        }
        let (nl, unit) = (newline(&text), terraform::unit(&text));
        let mut blocks: Vec<String> = Vec::new();
        for NewResource { kind, name, attributes } in resources {
            let mut content = Content::default();
            attributes.into_iter().for_each(|(name, value)| content.add(&[name.to_owned()], value));
            let lines = terraform::block(&format!("resource \"{kind}\" \"{name}\""), &content, "", unit);
            blocks.push(lines.iter().map(|line| format!("{nl}{line}")).collect());
        }
        let at = line_end(&text, bytes.end.saturating_sub(1));
        if !indentation(&text, bytes.start).is_empty() {
            return Err(cannot());
        }
        Ok(vec![(file, Insertion { bytes: at..at, text: format!("{nl}{}", blocks.join(nl)) })])
    }

    /// What a rule of its own says, as expressions.
    fn attributes(&self, rule: &MissingRule, old: bool) -> Result<Vec<(&'static str, String)>, String> {
        let (reference, (_, group)) = (self.reference(rule)?, split(&rule.group));
        let mut attributes = Vec::new();
        if old {
            attributes.push(("type", format!("\"{}\"", if rule.egress { "egress" } else { "ingress" })));
        }
        attributes.push(("security_group_id", format!("{group}.id")));
        attributes.push(match (&rule.peer, old) {
            (RulePeer::Group(_) | RulePeer::Outside(_), true) => ("source_security_group_id", reference),
            (RulePeer::Group(_) | RulePeer::Outside(_), false) => ("referenced_security_group_id", reference),
            (RulePeer::V4(_), true) => ("cidr_blocks", format!("[{reference}]")),
            (RulePeer::V4(_), false) => ("cidr_ipv4", reference),
            (RulePeer::V6(_), true) => ("ipv6_cidr_blocks", format!("[{reference}]")),
            (RulePeer::V6(_), false) => ("cidr_ipv6", reference),
        });
        attributes.push((if old { "protocol" } else { "ip_protocol" }, "\"tcp\"".to_owned()));
        attributes.push(("from_port", rule.ports.0.to_string()));
        attributes.push(("to_port", rule.ports.1.to_string()));
        Ok(attributes)
    }

    fn in_template(&self, rules: &[&MissingRule]) -> Result<Vec<(String, Insertion)>, String> {
        let Some(first) = rules.first() else { return Err("there is no rule".to_owned()) };
        let placed = self.resolver.templates(|templates| templates.find(&first.group));
        let placed = placed.ok_or_else(|| format!("{} is in no template", first.group))?;
        let stack = first.group.rsplit_once('/').map_or("", |(stack, _)| stack);
        let mut entries: Vec<(String, New)> = Vec::new();
        for rule in rules {
            let group = rule.group.rsplit('/').next().unwrap_or(&rule.group);
            let (kind, side) = match rule.egress {
                true => ("AWS::EC2::SecurityGroupEgress", "Destination"),
                false => ("AWS::EC2::SecurityGroupIngress", "Source"),
            };
            let id = |id: &str| New::Attribute(id.to_owned(), "GroupId".to_owned());
            let plain = |text: &str| New::Plain(text.into());
            let (name, peer) = match &rule.peer {
                RulePeer::Group(peer) => {
                    let (theirs, logical) = peer.rsplit_once('/').unwrap_or(("", peer));
                    if theirs != stack {
                        return Err(format!("{} and {peer} are in different stacks", rule.group));
                    }
                    (format!("{side}SecurityGroupId"), id(logical))
                }
                RulePeer::Outside(peer) => (format!("{side}SecurityGroupId"), plain(peer)),
                RulePeer::V4(range) => ("CidrIp".to_owned(), plain(range)),
                RulePeer::V6(range) => ("CidrIpv6".to_owned(), plain(range)),
            };
            let properties = vec![
                ("GroupId".to_owned(), id(group)),
                (name, peer),
                ("IpProtocol".to_owned(), plain("tcp")),
                ("FromPort".to_owned(), New::Plain(rule.ports.0.into())),
                ("ToPort".to_owned(), New::Plain(rule.ports.1.into())),
            ];
            let mut resource = vec![("Type".to_owned(), plain(kind))];
            let condition = placed.resources().get(group).and_then(|group| group.get("Condition"));
            resource.extend(condition.and_then(|node| node.text()).map(|name| ("Condition".to_owned(), plain(name))));
            resource.push(("Properties".to_owned(), New::Map(properties)));
            let free =
                |name: &str| placed.resources().get(name).is_none() && entries.iter().all(|(one, _)| one != name);
            let name = unused(&camel(&words(rule, "_")), "", free);
            entries.push((name, New::Map(resource)));
        }
        let (_, text) = self.resolver.text(&placed.file).ok_or_else(|| format!("{} cannot be read", placed.file))?;
        let style = Style::of(&text);
        let resources = placed.resources();
        let written = style.add_entries(resources, &entries, style.is_spaced(resources));
        let written = written.ok_or_else(|| format!("{} is written in a way plangate does not add to", placed.file))?;
        Ok(written.into_iter().map(|one| (placed.file.clone(), one)).collect())
    }
}

/// `app_from_alb_8080`.
fn words(rule: &MissingRule, between: &str) -> String {
    let name = |address: &str| {
        let last = address.rsplit(['.', '/']).next().unwrap_or(address);
        let bare = last.split('[').next().unwrap_or(last);
        bare.replace('-', between)
    };
    let peer = match &rule.peer {
        RulePeer::Group(peer) => name(peer),
        RulePeer::Outside(id) => id.replace('-', between),
        RulePeer::V4(range) | RulePeer::V6(range) if range == "0.0.0.0/0" => "anywhere".to_owned(),
        RulePeer::V4(range) | RulePeer::V6(range) => {
            range.split('/').next().unwrap_or_default().replace(['.', ':'], between)
        }
    };
    let way = if rule.egress { "to" } else { "from" };
    let (first, last) = rule.ports;
    let ports = if first == last { first.to_string() } else { format!("{first}{between}to{between}{last}") };
    [name(&rule.group), way.to_owned(), peer, ports].join(between)
}

fn camel(words: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    words.split('_').map(capital).collect::<String>().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn unused(words: &str, between: &str, free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..1000).map(|number| format!("{words}{between}{number}"));
    std::iter::once(words.to_owned()).chain(numbered).find(|name| free(name)).unwrap_or_else(|| words.to_owned())
}
