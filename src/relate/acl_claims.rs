//! Which network ACL governs a subnet: the one that lists it or is associated with it, else the default ACL of its VPC.

use rustc_hash::FxHashMap;

use super::acl_rules::Acl;
use super::addresses::{named, only_end, same};
use crate::catalog::names::{self, role};
use crate::catalog::{is_adopted, place_of_edge};
use crate::graph::{Action, Certainty, Graph, Kind, Place, Reason, Resource, ResourceId, Target, Truth, Unknown};

/// Who says that a subnet is under an ACL.
#[derive(Debug)]
struct Claim {
    acl: Acl,
    certainty: Certainty,
    /// This change makes or alters it, so it takes the subnet from one that stays as it is.
    changes: bool,
    /// It is a default ACL: whoever else claims a subnet takes it away.
    default: bool,
    place: Place,
}

/// The ACLs a subnet may be under: one of these.
#[derive(Clone, Debug, Default)]
pub(super) struct Governing {
    pub(super) options: Vec<Acl>,
    /// Why it is not told which.
    pub(super) unknown: Option<Unknown>,
    /// Where it is said.
    pub(super) place: Option<Place>,
}

/// Finds out who governs.
#[derive(Debug)]
pub(super) struct Claims<'g> {
    graph: &'g Graph,
    by_subnet: FxHashMap<Target, Vec<Claim>>,
    /// ACLs that may have subnets which are not told.
    open: Vec<(Acl, Unknown)>,
    /// The default ACLs of the input, by VPC.
    defaults: FxHashMap<Target, ResourceId>,
    /// Default ACLs whose VPC is not told.
    homeless: Vec<ResourceId>,
}

/// What says which network ACL governs a subnet.
const CLAIMING: [Kind; 2] = [names::NETWORK_ACL, names::NETWORK_ACL_ASSOCIATION];

impl<'g> Claims<'g> {
    pub(super) fn new(graph: &'g Graph) -> Claims<'g> {
        let (by_subnet, open, homeless) = (FxHashMap::default(), Vec::new(), Vec::new());
        let mut claims = Claims { graph, by_subnet, open, defaults: FxHashMap::default(), homeless };
        for &acl in graph.of_kind(names::NETWORK_ACL) {
            if is_adopted(graph.resource(acl)) {
                match claims.vpc_of(acl) {
                    Some(vpc) => {
                        claims.defaults.insert(vpc, acl);
                    }
                    None => claims.homeless.push(acl),
                }
            }
        }
        for &acl in graph.of_kind(names::NETWORK_ACL) {
            claims.add_listed(acl);
        }
        for &association in graph.of_kind(names::NETWORK_ACL_ASSOCIATION) {
            claims.add_association(association);
        }
        claims
    }

    /// The ACL a link points at; one that points at a VPC means the default ACL of it.
    pub(super) fn acl(&self, target: &Target) -> Acl {
        match target {
            Target::Resource(id) if self.graph.resource(*id).kind == Some(names::VPC) => {
                let vpc = named(self.graph, target.clone());
                match self.defaults.get(&vpc) {
                    Some(&acl) => Acl::Resource(acl),
                    None => Acl::DefaultOf(Some(vpc)),
                }
            }
            Target::Resource(id) => Acl::Resource(*id),
            Target::Outside(id) => Acl::Untold(Some(id.clone())),
        }
    }

    /// Who governs a subnet of a VPC.
    pub(super) fn governs(&self, subnet: &Target, vpc: Option<&Target>) -> Governing {
        let own = match subnet {
            Target::Resource(id) => only_end(self.graph, *id, role::VPC_OF),
            Target::Outside(_) => None,
        };
        let vpc = own.as_ref().or(vpc);
        let claims = self.by_subnet.get(subnet).map_or(&[][..], Vec::as_slice);
        let mut certain: Vec<&Claim> =
            claims.iter().filter(|claim| claim.certainty == Certainty::Certain && !claim.default).collect();
        if certain.iter().any(|claim| claim.changes) {
            certain.retain(|claim| claim.changes);
        }
        if let Some(first) = certain.first() {
            let options = distinct(certain.iter().map(|claim| claim.acl.clone()));
            let several =
                || Unknown::at(Reason::Undecidable("several network ACLs claim it".into()), first.place.clone());
            let unknown = (options.len() > 1).then(several);
            return Governing { options, unknown, place: Some(first.place.clone()) };
        }
        let default = || match claims.iter().find(|claim| claim.default && claim.certainty == Certainty::Certain) {
            Some(claim) => {
                Governing { options: vec![claim.acl.clone()], unknown: None, place: Some(claim.place.clone()) }
            }
            None => self.default_of(vpc),
        };
        let mut unknown = None;
        let mut options = Vec::new();
        for claim in claims.iter().filter(|claim| claim.certainty == Certainty::Possible) {
            options.push(claim.acl.clone());
            unknown.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, claim.place.clone()));
        }
        for (acl, why) in self.open.iter().filter(|(acl, _)| self.may_be_in(acl, vpc)) {
            options.push(acl.clone());
            unknown.get_or_insert_with(|| why.clone());
        }
        if let Some(partial) = self.graph.unseen(&CLAIMING) {
            options.push(Acl::Untold(None));
            unknown.get_or_insert_with(|| partial.clone());
        }
        let default = default();
        options.extend(default.options);
        Governing { options: distinct(options), unknown: unknown.or(default.unknown), place: default.place }
    }

    /// Who may govern a subnet that nothing tells.
    pub(super) fn any(&self, vpc: Option<&Target>, why: &Unknown) -> Governing {
        let listed = self.graph.of_kind(names::NETWORK_ACL).iter().map(|&acl| Acl::Resource(acl));
        let claimed = self.by_subnet.values().flatten().map(|claim| claim.acl.clone());
        let open = self.open.iter().map(|(acl, _)| acl.clone());
        let default = self.default_of(vpc).options;
        let absent = self.graph.unseen(&CLAIMING).map(|_| Acl::Untold(None));
        let known = listed.chain(claimed).chain(open).chain(absent).filter(|acl| self.may_be_in(acl, vpc));
        Governing { options: distinct(known.chain(default)), unknown: Some(why.clone()), place: None }
    }

    fn default_of(&self, vpc: Option<&Target>) -> Governing {
        let unmanaged = Acl::DefaultOf(vpc.cloned());
        if let Some(&acl) = vpc.and_then(|vpc| self.defaults.get(vpc)) {
            return Governing { options: vec![Acl::Resource(acl)], ..Governing::default() };
        }
        let may = |other: &Target| vpc.is_none_or(|vpc| same(self.graph, vpc, other) != Truth::False);
        let perhaps = self.defaults.iter().filter(|(vpc, _)| may(vpc)).map(|(_, acl)| *acl);
        let mut managed: Vec<ResourceId> = perhaps.chain(self.homeless.iter().copied()).collect();
        managed.sort_unstable();
        let unknown = managed.first().map(|&acl| {
            let place = place_of_edge(self.graph.resource(acl), role::DEFAULT_OF);
            Unknown::at(Reason::Undecidable("it is not told whether this is the default of its VPC".into()), place)
        });
        let options = std::iter::once(unmanaged).chain(managed.into_iter().map(Acl::Resource)).collect();
        Governing { options, unknown, place: None }
    }

    fn add_listed(&mut self, id: ResourceId) {
        let resource = self.graph.resource(id);
        for link in self.graph.links_as(id, role::SUBNETS) {
            let place = resource.place(&link.path);
            for end in &link.ends {
                let claim = Claim {
                    acl: Acl::Resource(id),
                    certainty: end.certainty,
                    changes: changes(resource),
                    default: is_adopted(resource),
                    place: place.clone(),
                };
                self.by_subnet.entry(named(self.graph, end.to.clone())).or_default().push(claim);
            }
            if let Some(rest) = link.rest() {
                self.open.push((Acl::Resource(id), rest.clone()));
            }
        }
    }

    fn add_association(&mut self, id: ResourceId) {
        let resource = self.graph.resource(id);
        let mut acls: Vec<(Acl, Certainty)> = Vec::new();
        for link in self.graph.links_as(id, role::NETWORK_ACL_OF) {
            acls.extend(link.ends.iter().map(|end| (self.acl(&end.to), end.certainty)));
            acls.extend(link.rest.iter().map(|_| (Acl::Untold(None), Certainty::Possible)));
        }
        if acls.is_empty() {
            acls.push((Acl::Untold(None), Certainty::Possible));
        }
        // One that surely belongs to this subnet keeps it from every other, whichever ACL it names.
        let one_of_several = acls.len() > 1;
        let mut told = false;
        for link in self.graph.links_as(id, role::SUBNET_OF) {
            let place = resource.place(&link.path);
            told |= link.rest.is_none() && !link.ends.is_empty();
            for end in &link.ends {
                for (acl, certainty) in &acls {
                    let certainty = if one_of_several { end.certainty } else { end.certainty.and(*certainty) };
                    let claim = Claim {
                        acl: acl.clone(),
                        certainty,
                        changes: changes(resource),
                        default: false,
                        place: place.clone(),
                    };
                    self.by_subnet.entry(named(self.graph, end.to.clone())).or_default().push(claim);
                }
            }
        }
        if !told {
            let why = Unknown::at(Reason::NotInConfiguration, place_of_edge(resource, role::SUBNET_OF));
            self.open.extend(acls.into_iter().map(|(acl, _)| (acl, why.clone())));
        }
    }

    /// An ACL governs subnets of its own VPC only.
    fn may_be_in(&self, acl: &Acl, vpc: Option<&Target>) -> bool {
        let own = match acl {
            Acl::Resource(id) => self.vpc_of(*id),
            Acl::DefaultOf(of) => of.clone(),
            Acl::Untold(_) => None,
        };
        match (own, vpc) {
            (Some(own), Some(vpc)) => same(self.graph, &own, vpc) != Truth::False,
            _ => true,
        }
    }

    fn vpc_of(&self, acl: ResourceId) -> Option<Target> {
        let adopted = || only_end(self.graph, acl, role::DEFAULT_OF);
        only_end(self.graph, acl, role::VPC_OF).or_else(|| adopted().filter(|vpc| !names_an_acl(vpc)))
    }
}

/// The id of a default ACL that belongs to no VPC of the input tells no VPC.
fn names_an_acl(target: &Target) -> bool {
    matches!(target, Target::Outside(id) if id.starts_with("acl-"))
}

fn changes(resource: &Resource) -> bool {
    resource.action != Action::NoOp
}

fn distinct(acls: impl IntoIterator<Item = Acl>) -> Vec<Acl> {
    let mut acls: Vec<Acl> = acls.into_iter().collect();
    acls.sort();
    acls.dedup();
    acls
}
