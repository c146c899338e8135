//! References to attributes of resources, written as the text around them writes references: a path in Terraform, `Ref`,
//! `Fn::GetAtt` and `Fn::Sub` in templates, short and long. What they should lead to is told elsewhere.

use std::ops::Range;

use super::style::Insertion;
use super::template::Style;
use crate::load::cloudformation::node::{Content, Node};

/// The module prefix of an address, and the rest.
pub(super) fn split(address: &str) -> (&str, &str) {
    let mut at = 0;
    while let Some(rest) = address[at..].strip_prefix("module.") {
        let mut inside = false;
        let end = rest.find(|c: char| {
            inside = (inside || c == '[') && c != ']';
            c == '.' && !inside
        });
        let Some(end) = end else { break };
        at += "module.".len() + end + 1;
    }
    address.split_at(at)
}

/// `aws_lb.web.arn`, as the module of another resource can write it.
///
/// # Errors
/// They are in different modules.
pub(super) fn in_terraform(from: &str, to: &str, attribute: &str) -> Result<String, String> {
    let ((own, _), (other, name)) = (split(from), split(to));
    match own == other {
        true => Ok(format!("{name}.{attribute}")),
        false => Err(format!("{from} and {to} are in different modules")),
    }
}

/// The bytes of the attribute that a reference ends with, within the reference.
pub(super) fn last_attribute(written: &str) -> Option<Range<usize>> {
    let bare = written.trim_end_matches(['"', '}', ')', ' ', '\t', '\r', '\n']);
    let name = bare.len() - bare.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let path = bare[..name].strip_suffix('.')?;
    (name < bare.len() && path.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '-' | ']')))
        .then_some(name..bare.len())
}

/// Another attribute of the resource `id` in the place of a reference to it.
pub(super) fn in_template(style: &Style<'_>, node: &Node, id: &str, attribute: &str) -> Option<Insertion> {
    let Content::Call { function, argument } = &node.content else { return None };
    match (&**function, argument.text(), argument.items()) {
        ("Ref", Some(name), _) if name == id => style.attribute_in_place(&node.span, id, attribute),
        ("Fn::GetAtt", _, Some([name, last])) if name.text() == Some(id) => {
            if name.span == last.span {
                return style.attribute_in_place(&node.span, id, attribute);
            }
            let text = super::template::in_place_of(style.written(&last.span)?, &attribute.into(), style.is_json())?;
            Some(Insertion { bytes: last.span.clone(), text })
        }
        ("Fn::Sub", Some(template), _) => {
            let holes = [format!("${{{id}}}"), format!("${{{id}.")];
            let [plain, dotted] = holes;
            let written = style.written(&argument.span)?;
            let found = written.find(&plain).map(|at| (at, plain.len())).or_else(|| {
                let at = written.find(&dotted)?;
                Some((at, written.get(at..)?.find('}')? + 1))
            });
            // A text around it would stay, and the end of an ARN has none.
            let (at, length) = found.filter(|(_, length)| template.trim().len() == *length)?;
            let start = argument.span.start + at;
            Some(Insertion { bytes: start..start + length, text: format!("${{{id}.{attribute}}}") })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::last_attribute;

    #[test]
    fn the_last_attribute_of_a_reference() {
        for (written, name) in [
            ("aws_lb.web.arn", Some("arn")),
            ("aws_lb.web[each.key].arn", Some("arn")),
            ("\"${aws_lb.web.arn}\"", Some("arn")),
            ("\"${ aws_lb.web.id }\"", Some("id")),
            ("(aws_lb.web.dns_name)", Some("dns_name")),
            ("aws_lb", None),
            ("\"web\"", None),
            ("f(x.y).", None),
        ] {
            assert_eq!(last_attribute(written).map(|bytes| &written[bytes]), name, "{written}");
        }
    }
}
