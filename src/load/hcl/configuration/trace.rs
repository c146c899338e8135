//! From an attribute of a resource instance to the constant that decides it: through variables, module calls, locals and
//! `each`, as far as each step is a plain name. What is worked out from several things is told and not followed.

use std::rc::Rc;

use hcl_edit::expr::{Expression, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;

use super::expansion::{Children, Each, Expansion, Key};
use super::inputs::Raw;
use super::modules::data_folder;
use super::places::span_of;
use super::tree::{Here, Instance, Whole, tidied};
use crate::graph::Text;
use crate::load::Setting;
use crate::load::file::File;
use crate::load::hcl::Content;

/// How many names one value may go through.
const LONGEST: usize = 64;

/// Where each of these attributes is decided; each is an address and a dotted path in Terraform's words.
pub(super) fn settings(whole: &Whole, wanted: &[(String, String)]) -> Vec<Setting> {
    let top = whole.top();
    let installed = tidied(&data_folder(&whole.root));
    let setting = |(address, path): &(String, String)| {
        let found = find(whole, &top, address);
        let setting = found.map_or_else(
            || elsewhere(format!("{address} is not written in this configuration")),
            |found| found.setting(path),
        );
        match &setting {
            Setting::Written { file, .. } | Setting::Referred { file, .. } | Setting::Unwritten { file, .. }
                if !whole.lenient && is_below(file, &installed) =>
            {
                elsewhere(format!("{file} belongs to a module that is installed from elsewhere"))
            }
            _ => setting,
        }
    };
    wanted.iter().map(setting).collect()
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn elsewhere(why: impl Into<String>) -> Setting {
    Setting::Elsewhere(why.into())
}

/// A resource instance and where its expressions are evaluated.
struct Found<'w> {
    here: Here<'w>,
    at: usize,
}

fn find<'w>(whole: &'w Whole, instance: &Rc<Instance>, address: &str) -> Option<Found<'w>> {
    let here = Here::of(whole, instance);
    if !address.starts_with(&instance.prefix) {
        return None;
    }
    for (at, resource) in instance.module.resources.iter().enumerate() {
        let is = |key: Option<&Key>| here.address(resource, key) == address;
        match &*here.expansion(at) {
            Expansion::Single if is(None) => return Some(Found { here, at }),
            Expansion::Keyed(keyed) => {
                if let Some((_, each)) = keyed.iter().find(|(key, _)| is(Some(key))) {
                    return Some(Found { here: here.with(each), at });
                }
            }
            _ => {}
        }
    }
    instance.module.calls.keys().find_map(|name| match &*here.children(name)? {
        Children::One(child) => find(whole, child, address),
        Children::Keyed(keyed) => keyed.iter().find_map(|(_, child)| find(whole, child, address)),
        Children::Unknown(_) => None,
    })
}

impl Found<'_> {
    fn setting(&self, path: &str) -> Setting {
        let resource = &self.here.instance.module.resources[self.at];
        let steps: Vec<&str> = path.split('.').collect();
        let Some(first) = steps.first() else { return elsewhere("nothing is named") };
        let mut file: &File = resource.file_of(first);
        let own = resource.spot.as_ref().map(|spot| spot.start..spot.end);
        let (mut body, mut within) = (&resource.body, own);
        for (at, step) in steps.iter().enumerate() {
            if let Some(attribute) = body.get_attribute(step) {
                let trail = Trail {
                    steps: steps[at + 1..].iter().map(|step| (*step).to_owned()).collect(),
                    through: None,
                    left: LONGEST,
                };
                let each = Some((&resource.body, &**resource.file_of("for_each")));
                return follow(&self.here, &attribute.value, file, each, trail);
            }
            let blocks: Vec<_> = body.get_blocks(step).collect();
            match blocks.as_slice() {
                [only] => {
                    (body, within) = (&only.body, span_of(*only));
                }
                [] if at + 1 < steps.len() && makes(body, step) => {
                    return elsewhere(format!("`{step}` is written in a dynamic block"));
                }
                [] if at > 0 || resource.spot.is_some() => {
                    if at == 0 {
                        file = &resource.file;
                    }
                    let Some(within) = within else { return elsewhere("it is not written") };
                    let steps = steps[at..].iter().map(|step| (*step).to_owned()).collect();
                    return Setting::Unwritten { file: Text::clone(&file.name), within, steps };
                }
                [] => return elsewhere("it is not written"),
                _ => return elsewhere(format!("there are several `{step}` blocks")),
            }
        }
        elsewhere("it is a block")
    }
}

/// Whether a dynamic block makes blocks of this name.
fn makes(body: &Body, name: &str) -> bool {
    let dynamic = |structure: &Structure| {
        structure
            .as_block()
            .is_some_and(|block| block.ident.as_str() == "dynamic" && super::source::made(block) == name)
    };
    body.iter().any(dynamic)
}

/// What is still to be followed.
#[derive(Clone)]
struct Trail {
    /// Keys to go into, the next one first.
    steps: Vec<String>,
    through: Option<String>,
    left: usize,
}

/// Goes on to the constant behind an expression. `each` is the body whose `for_each` tells what `each` is
/// there, and the file of that.
fn follow(
    here: &Here<'_>,
    expression: &Expression,
    file: &File,
    each: Option<(&Body, &File)>,
    mut trail: Trail,
) -> Setting {
    let Some(left) = trail.left.checked_sub(1) else { return elsewhere("it goes through too many names") };
    trail.left = left;
    let place = || match file.spot(span_of(expression)) {
        Some(spot) => format!(" ({}:{})", spot.file, spot.line),
        None => String::new(),
    };
    match expression {
        Expression::Parenthesis(inner) => follow(here, inner.inner(), file, each, trail),
        Expression::Object(object) if !trail.steps.is_empty() => match entry(object, &trail.steps[0]) {
            Some(value) => {
                trail.steps.remove(0);
                follow(here, value, file, each, trail)
            }
            None => match span_of(expression) {
                Some(within) => Setting::Unwritten { file: Text::clone(&file.name), within, steps: trail.steps },
                None => elsewhere(format!("`{}` is not written where it would be set{}", trail.steps[0], place())),
            },
        },
        Expression::Array(items) if trail.steps.first().is_some_and(|step| step.parse::<usize>().is_ok()) => {
            let nth = trail.steps.remove(0).parse::<usize>().ok();
            match nth.and_then(|nth| items.get(nth)) {
                Some(item) => follow(here, item, file, each, trail),
                None => elsewhere(format!("there is no such element{}", place())),
            }
        }
        // A block of JSON may stand in a list.
        Expression::Array(items) if !trail.steps.is_empty() && file.name.ends_with(".json") => {
            match items.iter().collect::<Vec<_>>().as_slice() {
                [only] => follow(here, only, file, each, trail),
                _ => elsewhere(format!("there are several `{}`{}", trail.steps[0], place())),
            }
        }
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::UnaryOp(_)
            if trail.steps.is_empty() =>
        {
            match span_of(expression) {
                Some(span) => Setting::Written { file: Text::clone(&file.name), span, through: trail.through },
                None => elsewhere("its place is not known"),
            }
        }
        Expression::StringTemplate(template) => match template.iter().collect::<Vec<_>>().as_slice() {
            // `"${x}"` is x itself.
            [Element::Interpolation(only)] => follow(here, &only.expr, file, each, trail),
            _ => elsewhere(format!("an expression decides it{}", place())),
        },
        Expression::Traversal(traversal) => match named(here, traversal, file) {
            Some(names) => match (through(here, &names, each, trail.clone()), span_of(expression)) {
                (Some(setting), _) => setting,
                (None, span) => {
                    let why = format!("it comes from {}{}", names.join("."), place());
                    let whole = span.filter(|_| trail.steps.is_empty() && names.len() > 2);
                    match whole {
                        Some(span) => Setting::Referred { file: Text::clone(&file.name), span, why },
                        None => elsewhere(why),
                    }
                }
            },
            None => elsewhere(format!("an expression decides it{}", place())),
        },
        _ => elsewhere(format!("an expression decides it{}", place())),
    }
}

/// `var.a.b` as its names, an index by what it comes to; none for anything with splats or with an index that is not known.
fn named(here: &Here<'_>, traversal: &Traversal, file: &File) -> Option<Vec<String>> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut names = vec![root.as_str().to_owned()];
    for operator in &traversal.operators {
        names.push(match &**operator {
            TraversalOperator::GetAttr(name) => name.as_str().to_owned(),
            TraversalOperator::Index(index) => {
                let value = here.value(index, &[], file);
                match value.content {
                    Content::String(key) if !value.sensitive => key.to_string(),
                    Content::Number(number) if !value.sensitive => number.to_i64()?.to_string(),
                    _ => return None,
                }
            }
            _ => return None,
        });
    }
    Some(names)
}

fn entry<'e>(object: &'e Object, key: &str) -> Option<&'e Expression> {
    let is = |own: &ObjectKey| match own {
        ObjectKey::Ident(name) => name.as_str() == key,
        ObjectKey::Expression(Expression::String(name)) => name.value() == key,
        ObjectKey::Expression(_) => false,
    };
    object.iter().find(|(own, _)| is(own)).map(|(_, value)| value.expr())
}

/// Goes on behind a name; none for names that end elsewhere.
fn through(here: &Here<'_>, names: &[String], each: Option<(&Body, &File)>, mut trail: Trail) -> Option<Setting> {
    let (root, name) = (names.first()?.as_str(), names.get(1)?.as_str());
    let deeper = names[2..].to_vec();
    let module = &here.instance.module;
    let plain = Here::of(here.whole, &here.instance);
    match root {
        "local" => {
            let written = module.locals.get(name)?;
            trail.steps.splice(0..0, deeper);
            trail.through = Some(format!("local.{name}"));
            Some(follow(&plain, &written.expression, &written.file, None, trail))
        }
        "var" => {
            trail.steps.splice(0..0, deeper);
            Some(variable(here, name, trail))
        }
        "each" if name == "value" => {
            let ((body, file), key) = (each?, key_of(&here.each)?);
            trail.steps.splice(0..0, std::iter::once(key).chain(deeper));
            let over = body.get_attribute("for_each")?;
            Some(follow(&plain, &over.value, file, None, trail))
        }
        _ => None,
    }
}

fn key_of(each: &Each) -> Option<String> {
    match &each.key.as_ref()?.content {
        Content::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn variable(here: &Here<'_>, name: &str, mut trail: Trail) -> Setting {
    let instance = &here.instance;
    let Some(variable) = instance.module.variables.get(name) else {
        return elsewhere(format!("there is no var.{name}"));
    };
    if variable.sensitive {
        return elsewhere(format!("var.{name} is sensitive"));
    }
    trail.through = Some(format!("{}var.{name}", instance.prefix));
    if let Some(above) = &instance.above {
        let call = above.instance.module.calls.get(&above.call);
        if let Some((call, attribute)) = call.and_then(|call| Some((call, call.body.get_attribute(name)?))) {
            let caller = Here { whole: here.whole, instance: Rc::clone(&above.instance), each: above.each.clone() };
            let each = Some((&call.body, &**call.file_of("for_each")));
            return follow(&caller, &attribute.value, call.file_of(name), each, trail);
        }
    } else {
        match here.whole.given.get(name) {
            Some(Raw::Written(written)) => {
                return follow(here, &written.expression, &written.file, None, trail);
            }
            Some(Raw::Flag(_)) => return elsewhere(format!("it is set by --var {name}")),
            Some(Raw::Environment(_)) => return elsewhere(format!("it is set by TF_VAR_{name}")),
            Some(Raw::Json(_)) => return elsewhere(format!("var.{name} is set by the plan")),
            None => {}
        }
    }
    match &variable.default {
        Some(default) => follow(here, &default.expression, &default.file, None, trail),
        None => elsewhere(format!("nobody gives var.{name} a value")),
    }
}
