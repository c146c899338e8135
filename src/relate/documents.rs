//! Which documents of Systems Manager run on a machine, and the shell texts they run. What these texts do to the machine
//! is `server`'s business.

use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{
    Certainty, Data, Graph, HOLE, Lookup, Mode, Place, Resource, ResourceId, Target, Text, Truth, Value, lookup,
};

/// Documents of AWS that change no server: they look, or they update packages and agents.
const HARMLESS: [&str; 7] = [
    "AWS-GatherSoftwareInventory",
    "AWS-UpdateSSMAgent",
    "AWS-RunPatchBaseline",
    "AWS-RunPatchBaselineAssociation",
    "AWS-PatchInstanceWithRollback",
    "AWS-RefreshAssociation",
    "AmazonCloudWatch-ManageAgent",
];

/// The document of AWS that runs what its parameter says.
const RUN_SHELL_SCRIPT: &str = "AWS-RunShellScript";

/// Steps that change no server on Linux.
const HARMLESS_STEPS: [&str; 9] = [
    "aws:applications",
    "aws:cloudWatch",
    "aws:configureDocker",
    "aws:domainJoin",
    "aws:psModule",
    "aws:refreshAssociation",
    "aws:runPowerShellScript",
    "aws:softwareInventory",
    "aws:updateSsmAgent",
];

/// What one association does to a machine.
pub(super) struct Order {
    /// Whether it is for this machine; never false.
    pub(super) sure: bool,
    /// Shell texts in the order they run, each with what it is called; or why they cannot be read.
    pub(super) scripts: Result<Vec<(Text, String)>, String>,
    /// Where they are written.
    pub(super) place: Place,
}

/// What is run on the machines of `owner`, an instance or an Auto Scaling group that starts them from `source`.
pub(super) fn orders(graph: &Graph, owner: ResourceId, source: &Resource) -> Vec<Order> {
    let associations = graph.of_kind(names::SSM_ASSOCIATION).iter();
    associations
        .filter_map(|&id| {
            let association = Association { graph, id, resource: graph.resource(id) };
            let sure = match association.is_for(owner, source) {
                Truth::False => return None,
                truth => truth == Truth::True && association.resource.uncertain.is_none(),
            };
            let (scripts, place) = association.scripts();
            let silent = scripts.as_ref().is_ok_and(Vec::is_empty);
            (!silent).then_some(Order { sure, scripts, place })
        })
        .collect()
}

struct Association<'g> {
    graph: &'g Graph,
    id: ResourceId,
    resource: &'g Resource,
}

impl Association<'_> {
    /// Whether it runs on the machines of `owner`.
    fn is_for(&self, owner: ResourceId, source: &Resource) -> Truth {
        let alone = match self.resource.get("instance_id") {
            Lookup::Absent => Truth::False,
            value => value.to_value().map_or(Truth::Unknown, |value| self.names(owner, None, By::Id, &value)),
        };
        let targets = match self.resource.get("targets") {
            Lookup::Absent => return alone,
            Lookup::Unknown(_) => return alone.or(Truth::Unknown),
            Lookup::Known(targets) => targets.as_list().unwrap_or_default(),
        };
        let each: Vec<Truth> =
            targets.iter().enumerate().map(|(at, target)| self.target(at, target, owner, source)).collect();
        // Whether several targets narrow each other down depends on their keys.
        let all = match each.split_first() {
            None => Truth::False,
            Some((first, rest)) if rest.iter().all(|one| one == first) => *first,
            Some(_) => Truth::Unknown,
        };
        alone.or(all)
    }

    fn target(&self, at: usize, target: &Value, owner: ResourceId, source: &Resource) -> Truth {
        let resource = self.graph.resource(owner);
        let Lookup::Known(values) = lookup(target, "values") else { return Truth::Unknown };
        let values = values.as_list().unwrap_or_default();
        match lookup(target, "key").str() {
            Some("InstanceIds") => any(values, |value| self.names(owner, Some(at), By::Id, value)),
            Some("tag:aws:autoscaling:groupName") if resource.kind == Some(names::INSTANCE) => Truth::False,
            Some("tag:aws:autoscaling:groupName") => {
                any(values, |value| self.names(owner, Some(at), By::GroupName, value))
            }
            Some("tag-key") => any(values, |key| match key.as_str().map(|key| tag(key, resource, source)) {
                Some(Tag::Is(_)) => Truth::True,
                Some(Tag::None) => Truth::False,
                Some(Tag::Unknown) | None => Truth::Unknown,
            }),
            Some(key) => match key.strip_prefix("tag:").filter(|key| !key.starts_with("aws:")) {
                Some(key) => match tag(key, resource, source) {
                    Tag::Is(own) => {
                        any(values, |value| value.as_str().map_or(Truth::Unknown, |one| (*one == *own).into()))
                    }
                    Tag::None => Truth::False,
                    Tag::Unknown => Truth::Unknown,
                },
                None => Truth::Unknown,
            },
            None => Truth::Unknown,
        }
    }

    /// Whether a value names `owner`: an instance by its id, an Auto Scaling group by its name. `at` is the target it
    /// stands in.
    fn names(&self, owner: ResourceId, at: Option<usize>, by: By, value: &Value) -> Truth {
        if value.as_str() == Some("*") {
            return Truth::True;
        }
        let here = self.graph.links_as(self.id, role::RUNS_ON).filter(|link| match at {
            Some(at) => link.at.first().is_none_or(|found| usize::try_from(*found) == Ok(at)),
            None => link.at.is_empty(),
        });
        let (mut found, mut told) = (Truth::False, false);
        for link in here {
            told = true;
            for end in &link.ends {
                found = found.or(match (&end.to, end.certainty) {
                    (Target::Resource(id), Certainty::Certain) if *id == owner && link.placed => Truth::True,
                    (Target::Resource(id), _) if *id == owner => Truth::Unknown,
                    // What is looked up may be what is made here.
                    (Target::Resource(id), _) if self.graph.resource(*id).mode == Mode::Data => Truth::Unknown,
                    (Target::Resource(_), _) => Truth::False,
                    (Target::Outside(id), _) => self.may_be_called(owner, by, id),
                });
            }
            if link.rest.is_some() {
                found = found.or(Truth::Unknown);
            }
        }
        match (told, value.as_str()) {
            (false, Some(id)) => self.may_be_called(owner, by, id),
            (false, None) => Truth::Unknown,
            (true, _) => found,
        }
    }

    /// Whether an id or a name that belongs to no resource of the input is this one's, whose own may not be known.
    fn may_be_called(&self, owner: ResourceId, by: By, called: &str) -> Truth {
        let resource = self.graph.resource(owner);
        let own = match (by, resource.kind == Some(names::INSTANCE)) {
            (By::Id, true) => resource.get("id"),
            (By::GroupName, false) => resource.get("name"),
            // The instances of a group have ids that nobody sees.
            (By::Id, false) => return Truth::Unknown,
            (By::GroupName, true) => return Truth::False,
        };
        own.str().map_or(Truth::Unknown, |own| (own == called).into())
    }

    /// The shell texts it runs, and where they are written.
    fn scripts(&self) -> (Result<Vec<(Text, String)>, String>, Place) {
        let links: Vec<_> = self.graph.links_as(self.id, role::DOCUMENT_OF).collect();
        let here = place_of(self.resource, "name");
        if let Some(document) = links.iter().find_map(|link| link.certain()) {
            let document = self.graph.resource(document);
            let place = place_of(document, "content");
            if self.resource.get("document_version").to_value().is_some_and(|version| !is_current(&version)) {
                let why = format!(
                    "the version of {} that {} runs is not the one in the input",
                    document.address, self.resource.address
                );
                return (Err(why), place);
            }
            let name: Text = place.to_string().as_str().into();
            return (self.steps(document, &name), place);
        }
        match self.resource.get("name").known().filter(|name| !name.marks.sensitive).and_then(Value::as_str) {
            Some(name) if HARMLESS.contains(&name) => (Ok(Vec::new()), here),
            Some(RUN_SHELL_SCRIPT) => {
                let place = place_of(self.resource, "parameters");
                let name: Text = place.to_string().as_str().into();
                let commands = lookup(self.resource.get("parameters").known().unwrap_or(&Value::null()), "commands")
                    .to_value()
                    .and_then(|commands| lines(&commands));
                let unread = || format!("what {} runs is not known", self.resource.address);
                (commands.map(|text| vec![(name, text)]).ok_or_else(unread), place)
            }
            Some(name) => {
                (Err(format!("{} runs the document {name}, which is not in the input", self.resource.address)), here)
            }
            None => (Err(format!("which document {} runs is not known", self.resource.address)), here),
        }
    }

    fn steps(&self, document: &Resource, name: &Text) -> Result<Vec<(Text, String)>, String> {
        let unread = |what: &str| format!("{what} of {} cannot be read", document.address);
        let content = match document.get("content") {
            Lookup::Known(content) if !content.marks.sensitive => content,
            Lookup::Unknown(unknown) => return Err(format!("{}: {unknown}", unread("the content"))),
            _ => return Err(unread("the content")),
        };
        let mut scripts = Vec::new();
        let mut take = |step: &Value, action: &str, inputs: &Value| {
            match action {
                "aws:runShellScript" => {}
                action if HARMLESS_STEPS.contains(&action) => return Ok(()),
                _ => return Err(unread(&format!("a step `{}`", action.escape_debug()))),
            }
            if lookup(step, "precondition") != Lookup::Absent && !is_for_linux(step) {
                return Err(unread("the precondition of a step"));
            }
            let commands = lookup(inputs, "runCommand").to_value().and_then(|commands| lines(&commands));
            let commands = commands.ok_or_else(|| unread("a step"))?;
            scripts.push((name.clone(), self.filled_in(&commands, content)));
            Ok(())
        };
        match (lookup(content, "mainSteps"), lookup(content, "runtimeConfig")) {
            (Lookup::Known(steps), _) => {
                for step in steps.as_list().unwrap_or_default() {
                    let action = lookup(step, "action").known().filter(|action| !action.marks.sensitive);
                    let action = action.and_then(Value::as_str).unwrap_or_default();
                    take(step, action, lookup(step, "inputs").known().unwrap_or(&Value::null()))?;
                }
            }
            // The older form: one or several sets of inputs by plugin.
            (_, Lookup::Known(config)) => {
                for (action, plugin) in config.as_map().ok_or_else(|| unread("the content"))?.iter() {
                    match lookup(plugin, "properties") {
                        Lookup::Known(Value { data: Data::List(sets), .. }) => {
                            sets.iter().try_for_each(|inputs| take(plugin, action, inputs))?;
                        }
                        Lookup::Known(inputs) => take(plugin, action, inputs)?,
                        _ => return Err(unread("a step")),
                    }
                }
            }
            _ => return Err(unread("the content")),
        }
        Ok(scripts)
    }

    /// A text with the values of its parameters, `{{ name }}`, as far as they are known.
    fn filled_in(&self, text: &str, content: &Value) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, after)) = behind.split_once("}}") else {
                filled.push_str("{{");
                rest = behind;
                continue;
            };
            match self.parameter(name.trim(), content) {
                Some(value) => filled.push_str(&value),
                None => filled.push(HOLE),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn parameter(&self, name: &str, content: &Value) -> Option<String> {
        let given = match self.resource.get("parameters") {
            Lookup::Known(given) => lookup(given, name),
            unknown @ Lookup::Unknown(_) => unknown,
            Lookup::Absent => Lookup::Absent,
        };
        let default = || {
            let parameter = lookup(content, "parameters").known()?.get(name)?;
            lookup(parameter, "default").to_value()
        };
        match given {
            Lookup::Absent => lines(&default()?),
            Lookup::Known(value) => lines(value),
            Lookup::Unknown(_) => None,
        }
    }
}

/// What a target calls machines by.
#[derive(Clone, Copy)]
enum By {
    Id,
    GroupName,
}

fn any(values: &[Value], is: impl Fn(&Value) -> Truth) -> Truth {
    values.iter().map(is).fold(Truth::False, Truth::or)
}

/// Whether a document's version is the one that is there now.
fn is_current(version: &Value) -> bool {
    version.as_str().is_some_and(|version| version.starts_with('$'))
}

fn is_for_linux(step: &Value) -> bool {
    let words = lookup(step, "precondition.StringEquals").list().unwrap_or_default();
    matches!(words, [what, is] if what.as_str() == Some("platformType") && is.as_str() == Some("Linux"))
}

/// A text, or a list of them as lines; a [`HOLE`] for what is not known, nothing where not even the number of lines is.
fn lines(value: &Value) -> Option<String> {
    let line = |value: &Value| match (&value.data, value.marks.sensitive) {
        (_, true) => Some(HOLE.to_string()),
        (Data::String(text), _) => Some(text.to_string()),
        (Data::Bool(_) | Data::Int(_) | Data::Float(_), _) => Some(value.to_string()),
        (Data::Unknown(unknown), _) => {
            Some(unknown.outline.as_ref().map_or_else(|| HOLE.to_string(), |outline| outline.text.to_string()))
        }
        _ => None,
    };
    match (&value.data, value.marks.sensitive) {
        (Data::List(items), false) => items.iter().map(line).collect::<Option<Vec<_>>>().map(|lines| lines.join("\n")),
        (Data::Unknown(unknown), false) if unknown.outline.is_none() => None,
        (_, true) => None,
        _ => line(value),
    }
}

enum Tag {
    Is(Text),
    None,
    Unknown,
}

/// A tag of the machines that `owner` is or starts.
fn tag(key: &str, owner: &Resource, source: &Resource) -> Tag {
    // What the provider plans for an instance holds the tags it puts on everything.
    let all = owner.get("all_tags").known().filter(|all| !all.marks.sensitive);
    for tags in [all, owner.get("tags").known(), source.get("tags").known()].into_iter().flatten() {
        match tags.get(key).map(|value| (value, value.as_str())) {
            Some((value, Some(text))) if !value.marks.sensitive => return Tag::Is(text.into()),
            Some(_) => return Tag::Unknown,
            None => {}
        }
    }
    // Elsewhere the provider's default tags and those of the stack are not visible.
    if all.is_some() && owner.address == source.address { Tag::None } else { Tag::Unknown }
}
