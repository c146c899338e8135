//! Tomcat's `server.xml`: what the HTTP connectors set. AJP connectors speak another protocol and do not count.

use super::doc::Doc;
use super::keep_alive::{Hidden, Reading, Said};
use super::table::{Server, Within};

/// What `server.xml` says. `port` is the one the target listens on, when it is known.
#[must_use]
pub fn read(doc: &Doc, port: Option<u16>) -> Reading {
    let server = Server::of("tomcat");
    let reading = Reading::of(server);
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 100_000, ..Default::default() };
    let Ok(tree) = roxmltree::Document::parse_with_options(&doc.text, options) else {
        return reading.saying(Said::Hidden(Hidden::Malformed, doc.source("server.xml", 0..0)));
    };
    let is_http = |node: &roxmltree::Node<'_, '_>| {
        node.has_tag_name("Connector")
            && !node.attribute("protocol").is_some_and(|protocol| protocol.to_ascii_uppercase().contains("AJP"))
    };
    let connectors: Vec<_> = tree.descendants().filter(is_http).collect();
    let on_port = |node: &&roxmltree::Node<'_, '_>| {
        let of_node = node.attribute("port").and_then(|of_node| of_node.parse::<u16>().ok());
        port.is_none() || of_node == port
    };
    let mut chosen: Vec<_> = connectors.iter().filter(on_port).collect();
    if chosen.is_empty() {
        chosen = connectors.iter().collect();
    }
    let mut said = Said::Nothing;
    for node in chosen {
        let set = server.settings(Within::Tomcat).find_map(|setting| {
            let attribute = node.attribute_node(setting.name.as_str())?;
            let from = doc.source(format!("`{}` of the Connector", setting.name), attribute.range());
            Some(setting.say(attribute.value(), from))
        });
        let by_default = || {
            // Without an attribute the connector itself waits 60 s; only the shipped file says 20 s.
            let from = doc.source("Connector without a timeout", node.range());
            Said::Stated(super::keep_alive::Idle::Millis(60_000), from)
        };
        said = said.and(set.unwrap_or_else(by_default));
    }
    reading.saying(said)
}

/// What an edit writes into a `server.xml` that is not visible: attributes with their quotes.
#[must_use]
pub fn fragment(doc: &Doc) -> Option<Reading> {
    let server = Server::of("tomcat");
    let found = server.settings(Within::Tomcat).find_map(|setting| {
        let open = format!("{}=\"", setting.name);
        let at = doc.text.find(&open)? + open.len();
        let value = doc.text.get(at..)?.split('"').next()?;
        let from = doc.source(format!("`{}` of the Connector", setting.name), at..at + value.len());
        Some(setting.say(value, from))
    })?;
    Some(Reading::of(server).saying(found))
}
