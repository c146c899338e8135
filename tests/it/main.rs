//! All tests in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed"
)]

mod agreement;
mod applied;
mod backends;
mod backends_beanstalk;
mod backends_documents;
mod backends_onward;
mod change;
mod ci_files;
mod ci_scripts;
mod cli_arguments;
mod cli_check;
mod cli_comment;
mod cli_init;
mod cli_watch;
mod cloudformation_secrets;
mod cloudformation_stand_in;
mod cloudformation_templates;
mod cloudformation_twins;
mod cloudformation_wholes;
mod cloudformation_words;
mod config_file;
mod configuration_certainty;
mod configuration_files;
mod configuration_inputs;
mod configuration_json;
mod configuration_kinds;
mod configuration_texts;
mod exemptions;
mod exemptions_change;
mod faults;
mod fix_examples;
mod fix_forms;
mod fix_forms_texts;
mod fix_json;
mod fix_places;
mod fix_references;
mod fix_texts;
mod fix_together;
mod fix_writing;
mod forge_environment;
mod forge_github;
mod forge_gitlab;
mod forge_server;
mod hcl_functions;
mod hcl_limits;
mod hcl_unknown;
mod hostile;
#[cfg(unix)]
mod hostile_world;
mod internet;
mod loader_damaged;
mod loader_links;
mod loader_plan;
mod loader_values;
mod plan_with_source;
mod policy_examples;
mod policy_files;
mod policy_language;
mod policy_truth;
mod program;
mod reach_cidr;
mod reach_cloudformation;
mod reach_connection;
mod reach_graph;
mod reach_members;
mod reach_model;
mod reach_nacl;
mod reach_nacl_model;
mod readme;
mod report_browser;
mod report_formats;
mod report_html;
mod report_json;
mod report_markdown;
mod report_pictures;
mod report_policies;
mod report_sample;
mod report_text;

mod schemas;
mod secrets;
mod server_backend;
mod server_hostile;
mod server_machine;
mod server_said;
mod stacks;
mod step_counts;
mod tidy;
mod twins;
mod twins_callers;
mod twins_entries;
mod twins_settings;
mod unknown_plans;
mod yaml_scalars;
mod zones_elements;
