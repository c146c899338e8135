//! Environments of Elastic Beanstalk: whether one gets an Application Load Balancer, and what answers on its instances.
//! Elastic Beanstalk makes the load balancer, the target group and the instances itself, so none of them is a resource
//! here, and no path leads to them.

use super::backends::{Behind, given};
use crate::catalog::names::role;
use crate::catalog::{path_of, place_of};
use crate::graph::{Graph, Lookup, Resource, ResourceId, Unknown, Value, lookup};
use crate::server::beanstalk::Instances;
use crate::server::{Answer, Backend, Beside, Evidence, Stated};

/// Whether an environment has an Application Load Balancer, or why that cannot be told. One whose settings start from a
/// template of the input is not asked for what that template says: the template itself is.
///
/// # Errors
/// What it hangs on.
pub fn has_application_load_balancer(graph: &Graph, id: ResourceId) -> Result<bool, Unknown> {
    let environment = graph.resource(id);
    let unwritten = environment.get("load_balancer_type").unknown().is_some_and(|unknown| unknown.hangs_on.is_none());
    if unwritten && graph.links_as(id, role::SETTINGS_OF).any(|link| link.certain().is_some()) {
        return Ok(false);
    }
    let wanted: [Wanted; 3] = [
        ("load_balancer_type", |text| text.eq_ignore_ascii_case("application")),
        ("environment_type", |text| !text.eq_ignore_ascii_case("SingleInstance")),
        ("tier", |text| !text.eq_ignore_ascii_case("Worker")),
    ];
    all(environment, &wanted)
}

/// Whether the load balancer is its own, so that its settings are.
///
/// # Errors
/// What it hangs on.
pub fn owns_load_balancer(graph: &Graph, id: ResourceId) -> Result<bool, Unknown> {
    all(graph.resource(id), &[("load_balancer_is_shared", |text| !text.eq_ignore_ascii_case("true"))])
}

/// An attribute, and whether a text is what it has to be.
type Wanted = (&'static str, fn(&str) -> bool);

/// Whether every one of these attributes is as it has to be: false as soon as one surely is not.
fn all(environment: &Resource, wanted: &[Wanted]) -> Result<bool, Unknown> {
    let mut open = None;
    for (name, holds) in wanted {
        match environment.get(name) {
            Lookup::Unknown(unknown) => {
                let here = || Unknown { hangs_on: Some(place_of(environment, name)), ..unknown.clone() };
                open = open.or_else(|| Some(unknown.hangs_on.as_ref().map_or_else(here, |_| unknown.clone())));
            }
            value if value.str().is_some_and(holds) => {}
            _ => return Ok(false),
        }
    }
    open.map_or(Ok(true), Err)
}

/// What answers on the instances of an environment.
#[must_use]
pub fn behind(graph: &Graph, beside: &Beside, id: ResourceId) -> Behind {
    let environment = graph.resource(id);
    let about = |stated: &&Stated| stated.is_about(environment.address.as_str());
    if let Some(stated) = beside.stated.iter().find(about) {
        return Behind::stated(stated, environment.place(""));
    }
    if let Some(said) = Behind::said_by_tag(environment, "the environment") {
        return said;
    }
    let variable = |entry: &Value| Some((lookup(entry, "name").str()?.into(), given(entry.get("value")?)));
    let variables = environment.get("variables").list().unwrap_or_default();
    let port = environment.get("port").int().and_then(|port| u16::try_from(port).ok());
    // What nobody writes the bundle may say.
    let proxy = environment.get("proxy").to_value().filter(|proxy| proxy.marks.default.is_none());
    let place = environment.place(&proxy.as_ref().map(|_| path_of(environment, "proxy")).unwrap_or_default());
    let instances = Instances {
        proxy: proxy.as_ref().map(given),
        variables: variables.iter().filter_map(variable).collect(),
        bundle: beside.bundle.clone(),
        port,
    };
    let evidence =
        Evidence { beside: beside.files.clone(), beside_belongs: beside.belongs, port, ..Evidence::default() };
    let backend = instances.backend(evidence);
    let what = file_of(&backend).map_or_else(|| "its instances".to_owned(), |file| format!("file {file}"));
    Behind { backend, place, what, hops: Vec::new() }
}

/// The file of the bundle that says it, from the folder that makes it one of the bundle on.
fn file_of(backend: &Backend) -> Option<&str> {
    let Answer::Known(known) = &backend.keep_alive else { return None };
    let path: &str = &known.from.passage.as_ref()?.text;
    path.find(".platform/").map(|at| &path[at..])
}
