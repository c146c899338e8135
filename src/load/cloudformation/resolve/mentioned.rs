//! What a resource mentions of others, in the arms of conditions that are not chosen too: CloudFormation waits for all of
//! it, and for what stands in `DependsOn`.

use super::Template;
use super::loops::entries_of;
use super::text::{Piece, pieces};
use crate::graph::{Reason, Unknown};
use crate::load::cloudformation::node::{Content, Node};

impl Template {
    /// The logical ids that a resource waits for directly.
    ///
    /// # Errors
    /// Loops or macros write some of it.
    pub(in crate::load::cloudformation) fn mentioned_by(&self, id: &str) -> Result<Vec<&str>, Unknown> {
        if let Some(unknown) = &self.open {
            return Err(unknown.clone());
        }
        let undecidable = |why: &str| Unknown::because(Reason::Undecidable(why.into()));
        if self.has_loops {
            return Err(undecidable("loops write some of the template"));
        }
        let mut names = Vec::new();
        let written = self.root.get("Resources").and_then(Node::entries).unwrap_or_default();
        if let Some(resource) = self.resources.get(id).and_then(|at| Some(&written.get(*at)?.value)) {
            mentions(resource, &mut names);
            if names.contains(&MACRO) {
                return Err(undecidable("a macro writes some of it"));
            }
            if let Some(depends_on) = resource.get("DependsOn") {
                let several = depends_on.items().unwrap_or(std::slice::from_ref(depends_on));
                names.extend(several.iter().filter_map(Node::text));
            }
        }
        names.retain(|name| self.declares(name));
        Ok(names)
    }

    /// The logical ids of all its resources.
    pub(in crate::load::cloudformation) fn ids(&self) -> impl Iterator<Item = &str> {
        self.resources.keys().map(|id| &**id)
    }
}

const MACRO: &str = "Fn::Transform";

fn mentions<'n>(node: &'n Node, names: &mut Vec<&'n str>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| mentions(item, names)),
        Content::Map(_) => {
            for (key, _, value) in entries_of(node) {
                names.extend((&**key == MACRO).then_some(MACRO));
                mentions(value, names);
            }
        }
        Content::Call { function, argument } => {
            let first = argument.items().and_then(|items| items.first());
            let text = argument.text().or_else(|| first?.text()).unwrap_or_default();
            match &**function {
                MACRO => names.push(MACRO),
                "Ref" => names.push(text),
                "Fn::GetAtt" => names.push(text.split('.').next().unwrap_or(text)),
                "Fn::Sub" => names.extend(pieces(text).into_iter().filter_map(|piece| match piece {
                    Piece::Variable(name) => name.split('.').next(),
                    _ => None,
                })),
                _ => {}
            }
            mentions(argument, names);
        }
        _ => {}
    }
}
