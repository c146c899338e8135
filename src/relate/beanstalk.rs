//! Environments of Elastic Beanstalk: which settings hold for one, whether it gets an Application Load Balancer, and what
//! answers on its instances. Elastic Beanstalk makes the load balancer, the target group and the instances itself, so none
//! of them is a resource here, and no path leads to them.

use rustc_hash::FxHashMap;

use super::backends::{Behind, given};
use crate::catalog::names::{self, role};
use crate::catalog::{Read, kind_named, place_of, set};
use crate::graph::{Graph, Lookup, Map, Place, Reason, Resource, ResourceId, Unknown, Value, lookup};
use crate::server::beanstalk::{Instances, VARIABLES};
use crate::server::{Answer, Backend, Beside, Evidence, Extensions, Given, Set, Stated};

/// The settings that hold for every environment of a graph.
///
/// What an environment says itself comes first, then the configuration template it starts from, then `.ebextensions` of
/// the bundle, then what AWS takes.
pub struct Environments<'g> {
    graph: &'g Graph,
    all: FxHashMap<ResourceId, Settings>,
    /// Why any template may be one that some environment starts from.
    any_template: Option<Unknown>,
}

/// The settings that hold for one environment.
pub struct Settings {
    /// Its attributes.
    pub attributes: Value,
    /// Attributes that others than itself say: the place that says it, and the value.
    pub elsewhere: Vec<(&'static str, Place, Value)>,
}

impl Settings {
    fn get(&self, path: &str) -> Lookup<'_> {
        lookup(&self.attributes, path)
    }

    /// Where an attribute is said.
    fn place(&self, environment: &Resource, path: &str) -> Place {
        let said = self.elsewhere.iter().find(|(attribute, ..)| *attribute == path);
        said.map_or_else(|| place_of(environment, path), |(_, place, _)| place.clone())
    }

    fn put(&mut self, path: &'static str, place: Place, value: Value) {
        set(&mut self.attributes, path, value.clone());
        self.elsewhere.push((path, place, value));
    }
}

impl<'g> Environments<'g> {
    /// Those of a graph, with the files of a bundle beside it.
    #[must_use]
    pub fn new(graph: &'g Graph, beside: &Beside) -> Environments<'g> {
        let all = graph.of_kind(names::BEANSTALK_ENVIRONMENT);
        let extensions = if all.is_empty() { Extensions::default() } else { Extensions::of(&beside.bundle) };
        let settings = |id: &ResourceId| (*id, settings_of(graph, &extensions, *id));
        let mut links = all.iter().flat_map(|id| graph.links_as(*id, role::SETTINGS_OF));
        let any_template = links.find_map(|link| link.rest());
        let any_template = any_template.or_else(|| graph.unseen(&[names::BEANSTALK_ENVIRONMENT])).cloned();
        Environments { graph, all: all.iter().map(settings).collect(), any_template }
    }

    /// The settings of an environment, when it is one.
    #[must_use]
    pub fn settings(&self, id: ResourceId) -> Option<&Settings> {
        self.all.get(&id)
    }

    /// Whether an environment has an Application Load Balancer, or why that cannot be told. A configuration template that
    /// an environment starts from has none: the environment is asked.
    ///
    /// # Errors
    /// What it hangs on.
    pub fn has_application_load_balancer(&self, id: ResourceId) -> Result<bool, Unknown> {
        let is_template = is_template(self.graph.resource(id));
        let mut open = self.any_template.clone().filter(|_| is_template);
        for link in self.graph.incoming_as(id, role::SETTINGS_OF).filter(|_| is_template) {
            if link.certain() == Some(id) {
                return Ok(false);
            }
            let place = self.graph.resource(link.from).place(&link.path);
            open.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place));
        }
        let wanted: [Wanted; 3] = [
            ("load_balancer_type", |text| text.eq_ignore_ascii_case("application")),
            ("environment_type", |text| !text.eq_ignore_ascii_case("SingleInstance")),
            ("tier", |text| !text.eq_ignore_ascii_case("Worker")),
        ];
        match (self.every(id, &wanted), open) {
            (Ok(true), Some(unknown)) => Err(unknown),
            (told, _) => told,
        }
    }

    /// Whether the load balancer is its own, so that its settings are.
    ///
    /// # Errors
    /// What it hangs on.
    pub fn owns_load_balancer(&self, id: ResourceId) -> Result<bool, Unknown> {
        self.every(id, &[("load_balancer_is_shared", |text| !text.eq_ignore_ascii_case("true"))])
    }

    /// Whether every one of these attributes is as it has to be: false as soon as one surely is not.
    fn every(&self, id: ResourceId, wanted: &[Wanted]) -> Result<bool, Unknown> {
        let environment = self.graph.resource(id);
        let settings = self.settings(id);
        let mut open = None;
        for (name, holds) in wanted {
            match settings.map_or(Lookup::Absent, |settings| settings.get(name)) {
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
    pub fn behind(&self, beside: &Beside, id: ResourceId) -> Behind {
        let environment = self.graph.resource(id);
        let about = |stated: &&Stated| stated.is_about(environment.address.as_str());
        if let Some(stated) = beside.stated.iter().find(about) {
            return Behind::stated(stated, environment.place(""));
        }
        if let Some(said) = Behind::said_by_tag(environment, "the environment") {
            return said;
        }
        let nothing = Settings { attributes: Value::null(), elsewhere: Vec::new() };
        let settings = self.settings(id).unwrap_or(&nothing);
        let variable = |entry: &Value| Some((lookup(entry, "name").str()?.into(), given(entry.get("value")?)));
        let variables = settings.get("variables").list().unwrap_or_default();
        let port = settings.get("port").int().and_then(|port| u16::try_from(port).ok());
        // What is nobody's choice is presumed, and not stated.
        let chosen = |proxy: &Value| proxy.marks.default.is_none() || proxy.as_unknown().is_some();
        let proxy = settings.get("proxy").to_value().filter(chosen);
        let place = proxy.as_ref().map_or_else(|| environment.place(""), |_| settings.place(environment, "proxy"));
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
}

/// An attribute, and whether a text is what it has to be.
type Wanted = (&'static str, fn(&str) -> bool);

/// Whether it is a configuration template, which environments start from.
fn is_template(resource: &Resource) -> bool {
    names::BEANSTALK_TEMPLATES.contains(&&*resource.type_name)
}

/// The configuration template of the input that an environment certainly starts from.
fn template_of(graph: &Graph, id: ResourceId) -> Option<&Resource> {
    let link = graph.links_as(id, role::SETTINGS_OF).next()?;
    link.certain().map(|id| graph.resource(id)).filter(|resource| is_template(resource))
}

fn settings_of(graph: &Graph, extensions: &Extensions, id: ResourceId) -> Settings {
    let environment = graph.resource(id);
    let mut settings = Settings { attributes: environment.attributes.clone(), elsewhere: Vec::new() };
    let template = template_of(graph, id);
    // Where it is not visible what it starts from, what comes after that is not known to hold.
    let complete = [Some(environment), template].into_iter().flatten().all(|one| {
        let from = |name: &str| one.get(name) != Lookup::Absent;
        !from("copied_from") && (!from("template") || template.is_some())
    });
    let attributes = kind_named(names::BEANSTALK_ENVIRONMENT.0).map_or(&[][..], |spec| spec.attributes);
    for attribute in attributes {
        let Read::Keyed { key, .. } = attribute.terraform else { continue };
        let written = |value: &Value| value.marks.default.is_none();
        if at(environment, attribute.path).is_some_and(written) {
            continue;
        }
        let of_template = template.and_then(|template| Some((template, at(template, attribute.path)?)));
        match (of_template, extensions.option(key).filter(|_| complete)) {
            (Some((template, value)), said) if written(value) || said.is_none() => {
                settings.put(attribute.path, place_of(template, attribute.path), value.clone());
            }
            (_, Some(said)) => {
                let place = environment.place(&format!("{}: {key}", said.from.what));
                let value = of_bundle(said, &place, |text| attribute.of_text(text));
                settings.put(attribute.path, place, value);
            }
            _ => {}
        }
    }
    let variables = variables(environment, template, extensions);
    if !variables.is_empty() {
        set(&mut settings.attributes, "variables", variables.into());
    }
    settings
}

/// An attribute with its marks, those of an unknown too.
fn at<'r>(resource: &'r Resource, path: &str) -> Option<&'r Value> {
    path.split('.').try_fold(&resource.attributes, |value, name| value.get(name))
}

/// The variables of the application, each as the first that says it does.
fn variables(environment: &Resource, template: Option<&Resource>, extensions: &Extensions) -> Vec<Value> {
    let mut variables: Vec<Value> = Vec::new();
    let set = extensions.within(VARIABLES).map(|(name, set)| {
        let place = environment.place(&format!("{}: {VARIABLES}/{name}", set.from.what));
        let entry = [("name".into(), name.into()), ("value".into(), of_bundle(set, &place, |text| text.into()))];
        Map::from_iter(entry).into()
    });
    let written = [Some(environment), template].into_iter().flatten();
    let written = written.flat_map(|one| one.get("variables").list().unwrap_or_default()).cloned();
    for entry in written.chain(set) {
        let name = lookup(&entry, "name").str();
        if name.is_none() || variables.iter().all(|known| lookup(known, "name").str() != name) {
            variables.push(entry);
        }
    }
    variables
}

/// What a bundle sets, as a value.
fn of_bundle(set: &Set, place: &Place, value: impl Fn(&str) -> Value) -> Value {
    match &set.value {
        Given::Text(text) => value(text),
        Given::Hidden(why) => Value::unknown(Unknown::at(Reason::Undecidable(why.to_string().into()), place.clone())),
    }
}

/// The file of the bundle that says it, from the folder that makes it one of the bundle on.
fn file_of(backend: &Backend) -> Option<&str> {
    let Answer::Known(known) = &backend.keep_alive else { return None };
    let path: &str = &known.from.passage.as_ref()?.text;
    path.find(".platform/").map(|at| &path[at..])
}
