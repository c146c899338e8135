//! Floor 2: server software. What a command, an image, an environment or a configuration text says about which server
//! answers and how long it keeps an idle connection. Takes texts and gives back what they say; knows nothing of AWS,
//! of resources or of the disk.
//!
//! The caller gathers [`Evidence`] and asks [`backend()`]: a [`Container`], or a [`Machine`] that [`user_data`], an
//! [`Init`] or a script gave, and [`Files`] that lie beside the definition. A part of a text that is not known is a
//! [`HOLE`]; a value that must not be seen is a [`Given::Hidden`], and no value of the input ever shows in an answer but
//! numbers that were read, names and addresses.
//!
//! What decides and what does not: a number is [`Strength::Stated`] by a flag, a directive or a setting with a known
//! unit; [`Strength::Shipped`] when a known server runs as it is shipped and nothing visible replaces that; otherwise
//! [`Strength::Presumed`], which is only shown with the question that stays open ([`Unread`]).
//!
//! `servers.yaml` is the one place to add a server: how to recognise it, its default, what sets its timeout and in which
//! unit. A configuration format of its own takes a reader here and its line in `folder.rs`.

pub mod apache;
mod backend;
pub mod beanstalk;
pub mod caddy;
mod code;
mod command;
mod container;
mod doc;
pub mod dockerfile;
mod duration;
pub mod elixir;
pub mod envoy;
mod extensions;
pub mod folder;
pub mod haproxy;
pub mod image;
mod image_names;
mod keep_alive;
pub mod kestrel;
mod machine;
pub mod nginx;
pub mod node;
mod of_machine;
pub mod procfile;
pub mod puma;
pub mod python;
mod script;
mod sed;
mod settings;
mod shell;
pub mod spring;
mod stated;
mod table;
pub mod tomcat;
pub mod traefik;
pub mod user_data;

pub use backend::{Answer, Backend, Beside, Evidence, Unread, Why, backend};
pub use container::Container;
pub use doc::{Doc, File, Files, HOLE, LARGEST};
pub use duration::{Length, Unit};
pub use extensions::{Extensions, Set};
pub use keep_alive::{
    Defect, Effect, Given, Hidden, Idle, KeepAlive, Onward, Passage, Reading, RequestLimit, Said, Seconds, Source,
    Strength,
};
pub use machine::{Init, InitCommand, InitFile, Machine, Run};
pub use of_machine::application;
pub use stated::Stated;
pub use table::{Limit, Server, Setting, Within};
