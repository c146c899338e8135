//! Which target groups' ARNs leave the plan, by a root output or by a resource that may hand them to a controller or a
//! script: something outside can then register targets that no plan shows.

use super::expressions::Written;
use super::inventory::{InstanceAt, Inventory};
use super::references::{Mentions, Resolver, Scope};
use crate::catalog::names;
use crate::graph::{Mode, Text};

/// The instances whose id leaves the plan, with what takes it.
pub(super) fn handed_on<'a>(resolver: &Resolver<'_, 'a>, written: &Written<'a>) -> Vec<(InstanceAt, Text)> {
    let inventory = resolver.inventory;
    let mut found = Vec::new();
    let root = Scope { module: 0, key: None, for_each: None, for_each_module: 0 };
    for (name, output) in inventory.modules[0].config.iter().flat_map(|config| &config.outputs) {
        let mentions = resolver.mentions(&output.expression, &root);
        note(inventory, &mentions, &format!("output.{}", name.as_ref()), &mut found);
    }
    for instance in inventory.instances.iter().filter(|instance| instance.spec.is_none()) {
        if let Some(expressions) = written.expressions(instance).filter(|_| instance.mode == Mode::Managed) {
            let mentions = resolver.mentions(&expressions, &Scope::of(instance));
            note(inventory, &mentions, instance.address, &mut found);
        }
    }
    found.sort();
    found
}

fn note(inventory: &Inventory<'_>, mentions: &Mentions<'_>, to: &str, found: &mut Vec<(InstanceAt, Text)>) {
    for mention in &mentions.instances {
        let group = inventory.instances[mention.instance].spec.is_some_and(|spec| spec.kind == names::TARGET_GROUP);
        // With the suffix one can watch a group, not register in it.
        let names_it = matches!(mention.attribute, None | Some("arn" | "id" | "name"));
        if group && names_it {
            found.push((mention.instance, to.into()));
        }
    }
}
