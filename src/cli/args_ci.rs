//! What can be said to the commands for CI, `comment` and `init`. All else that can be said stands in `args`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};

use crate::forge;

/// Create or update the pull-request comment (GitHub, GitLab)
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate check plan.json -o text -o markdown=plangate.md -o json=plangate.json
  plangate comment --body plangate.md --review plangate.json

The token comes from GITHUB_TOKEN (or GH_TOKEN) or GITLAB_TOKEN, never from a flag. In GitHub Actions and GitLab CI \
all else is found by itself.

GitHub: `permissions: { contents: read, pull-requests: write }`; GitLab: a project access token with the role Reporter and the scope `api`.")]
pub(crate) struct CommentArgs {
    /// What the comment says: a file that `plangate check -o markdown=FILE` wrote, or `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "review")]
    pub(crate) body: Option<String>,

    /// Comment on changed lines too, with suggestions to take over: the file that `plangate check -o json=FILE` wrote,
    /// in the same run and directory
    #[arg(long, value_name = "FILE")]
    pub(crate) review: Option<String>,

    /// Keeps several comments on one pull request apart: one for each tag
    #[arg(long, value_name = "TAG", default_value_t, value_parser = forge::Tag::parse)]
    pub(crate) tag: forge::Tag,

    /// Say what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// The forge; told by the CI's environment when not given
    #[arg(long, value_name = "NAME", value_parser = forge_kind())]
    pub(crate) forge: Option<forge::Kind>,

    /// The repository: OWNER/NAME, for GitLab GROUP/PROJECT or the project's number
    #[arg(long, value_name = "REPOSITORY")]
    pub(crate) repo: Option<String>,

    /// The number of the pull or merge request
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pr: Option<u64>,

    /// Where the API is, for servers of your own: https://HOST/api/v3 (GitHub Enterprise), https://HOST/api/v4 (GitLab)
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,

    /// How long all of it may take, with waiting for rate limits
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
}

/// Write plangate.yaml and a CI workflow for this repository
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate init --dry-run
  plangate init --ci gitlab

Finds Terraform configuration, CloudFormation and SAM templates and CDK apps. Files that are there already stay as they are.")]
pub(crate) struct InitArgs {
    /// The root of the repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) directory: String,

    /// The CI system; told by what the repository holds when not given
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) ci: Option<CiSystem>,

    /// Say what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A CI system a workflow can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiSystem {
    Github,
    Gitlab,
    Atlantis,
    None,
}

fn forge_kind() -> impl TypedValueParser<Value = forge::Kind> {
    PossibleValuesParser::new(["github", "gitlab"]).map(|name| match name.as_str() {
        "github" => forge::Kind::GitHub,
        _ => forge::Kind::GitLab,
    })
}
