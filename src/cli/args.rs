//! What can be said on the command line. What is done about it stands in a file of its own for each subcommand.

use std::rc::Rc;

use clap::builder::{BoolishValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args as ClapArgs, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::args_ci::{CommentArgs, InitArgs};
use super::choose::{Choice, ParamFlag};
use super::output::{CheckFormat, Format, Output, PageFormat, PathsFormat, names};
use crate::catalog::Severity;
use crate::config::Config;
use crate::load;
use crate::source::Problem;

/// Will this Terraform plan or CloudFormation template make your AWS load balancer answer 502, 503 or 504?
#[derive(Debug, Parser)]
#[command(
    name = "plangate",
    version,
    about,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  terraform show -json plan.bin | plangate check -
  plangate check template.yaml --parameters prod.json
  plangate paths plan.json

Exit codes:
  0  nothing failed at or above the threshold
  1  something did
  2  what was asked could not be judged: bad flag, unreadable input, broken policy"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 90)]
    pub(crate) color: clap::ColorChoice,

    /// The configuration; without it the nearest plangate.yaml, in the current directory or above
    #[arg(long, global = true, value_name = "FILE", display_order = 89)]
    pub(crate) config: Option<String>,

    /// Never show that it is still at work; shown only on a terminal, and after a second
    #[arg(long, global = true, display_order = 91)]
    pub(crate) no_progress: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(CheckArgs),
    Paths(PathsArgs),
    Explain(ExplainArgs),
    Comment(CommentArgs),
    Init(InitArgs),
    Fix(FixArgs),
    Policies(PoliciesArgs),
    Schema(SchemaArgs),
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether a configuration says anything to it.
    pub(crate) fn is_configured(&self) -> bool {
        !matches!(self, Command::Comment(_) | Command::Init(_) | Command::Schema(_) | Command::Completions(_))
    }

    /// Takes along what a configuration adds to the flags.
    pub(crate) fn configure(&mut self, config: &Rc<Config>) {
        match self {
            Command::Check(args) => {
                args.inputs.config = Rc::clone(config);
                args.choice.configure(config);
            }
            Command::Paths(args) => {
                args.inputs.config = Rc::clone(config);
                args.choice.configure(config);
            }
            Command::Fix(args) => {
                args.inputs.config = Rc::clone(config);
                args.choice.configure(config);
            }
            Command::Explain(args) => args.policies.configure(config),
            Command::Policies(args) => {
                args.list.policies.configure(config);
                if let Some(PoliciesCommand::List(list)) = &mut args.command {
                    list.policies.configure(config);
                }
            }
            Command::Comment(_) | Command::Init(_) | Command::Schema(_) | Command::Completions(_) => {}
        }
    }
}

/// Judge every request path and say which will break
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  terraform show -json plan.bin | plangate check -
  plangate check plan.json --fail-on high -o text -o json=report.json
  plangate check . --var-file prod.tfvars
  plangate check template.yaml --parameters prod.json --region eu-central-1
  plangate check cdk.out
  plangate check change-set.json --new-only
  plangate check . --watch")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) inputs: Inputs,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    /// Exit with 1 when something of this severity or worse fails
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = FailOn::parser())]
    pub(crate) fail_on: FailOn,

    /// Checks that cannot be decided before apply: report them, fail as if they had failed, or hide all but their count
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Undecided::Report)]
    pub(crate) undecided: Undecided,

    /// Let only what this change introduces decide the exit code: what failed before it is shown, and does not count
    #[arg(
        long,
        value_name = "WHETHER",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true,
        value_parser = BoolishValueParser::new(),
    )]
    pub(crate) new_only: bool,

    /// Write what fails now to a file that `--baseline` reads; the run then does not fail for it
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<String>,

    #[command(flatten)]
    pub(crate) outputs: Outputs<CheckFormat>,

    /// Judge again whenever an input, or what it was made from, changes; print when the report is another one. Ctrl-C ends it
    #[arg(long, conflicts_with = "write_baseline")]
    pub(crate) watch: bool,

    /// Print only what failed and the closing line
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print everything: all undecided checks, all values, the paths without a failed check
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Show every request path with its timeouts, health check and reachability, and what every hop is judged
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  terraform show -json plan.bin | plangate paths -
  plangate paths template.yaml
  plangate paths plan.json -o svg=paths.svg
  plangate paths plan.json -o mermaid")]
pub(crate) struct PathsArgs {
    #[command(flatten)]
    pub(crate) inputs: Inputs,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    #[command(flatten)]
    pub(crate) outputs: Outputs<PathsFormat>,
}

/// Show a policy's page: what it wants, why, how to fix it, examples
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate explain health-check-timeout-below-interval
  plangate explain our-own-rule --policy ./policies")]
pub(crate) struct ExplainArgs {
    /// The policy's id, as `plangate policies` lists it
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) policies: PolicyPaths,

    #[command(flatten)]
    pub(crate) outputs: Outputs<PageFormat>,
}

/// Show the changes that would cure what fails, as a diff, or write them
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate fix .
  plangate fix . | git apply
  plangate fix template.yaml --parameters prod.json --write
  plangate fix plan.json --source . --only idle-timeout-in-range

A change is offered only when judging the changed text does not find the fault any more and finds nothing new. \
What is not offered is listed below the diff, with what to change and why plangate does not.

Exit codes: as `check` would end on the files as they are afterwards. Without --write they stay as they are.")]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) inputs: Inputs,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    /// Write the changes: all files, or none when one of them cannot be written or was changed meanwhile
    #[arg(long)]
    pub(crate) write: bool,

    /// Exit with 1 when something of this severity or worse is left
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = FailOn::parser())]
    pub(crate) fail_on: FailOn,
}

/// List every policy, or test policies against their own examples
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  plangate policies
  plangate policies test ./policies"
)]
pub(crate) struct PoliciesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<PoliciesCommand>,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PoliciesCommand {
    List(ListArgs),
    Test(TestArgs),
}

/// List every policy with its severity and subject (the default)
#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) policies: PolicyPaths,

    #[command(flatten)]
    pub(crate) outputs: Outputs<PageFormat>,
}

/// Run the examples of policies and hold them against the verdicts they claim
#[derive(Debug, ClapArgs)]
pub(crate) struct TestArgs {
    /// Policy files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<String>,
}

/// Print a JSON Schema: of plangate.yaml, of policy files, of what `check` and `paths` write
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate schema config > plangate.schema.json
  plangate schema policy > policy.schema.json

An editor completes a file that begins with:
  # yaml-language-server: $schema=plangate.schema.json")]
pub(crate) struct SchemaArgs {
    /// What of
    #[arg(value_name = "NAME", value_enum)]
    pub(crate) name: SchemaName,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    // Doc comments here would make clap print every value on a line of its own.
    Config,
    Policy,
    Check,
    Paths,
}

/// Print a completion script for a shell, or the manual page
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plangate completions bash > /etc/bash_completion.d/plangate
  plangate completions zsh > \"${fpath[1]}/_plangate\"
  plangate completions man > /usr/local/share/man/man1/plangate.1")]
pub(crate) struct CompletionsArgs {
    /// The shell, or `man` for the manual page
    #[arg(value_name = "SHELL", value_parser = Completed::parser())]
    pub(crate) shell: Completed,
}

/// What `completions` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completed {
    Shell(clap_complete::Shell),
    Man,
}

impl Completed {
    fn parser() -> impl TypedValueParser<Value = Completed> {
        let shells = clap_complete::Shell::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        // Every name but one is a shell's.
        PossibleValuesParser::new(shells.chain([PossibleValue::new("man")]))
            .map(|name| clap_complete::Shell::from_str(&name, false).map_or(Completed::Man, Completed::Shell))
    }
}

/// What to look at.
#[derive(Debug, ClapArgs)]
pub(crate) struct Inputs {
    /// Plan or state JSON (`terraform show -json`), a directory of Terraform configuration (or a file of it: its
    /// directory is judged), a CloudFormation template, a CDK output folder (`cdk.out`), or a change set (`aws
    /// cloudformation describe-change-set`, with its template in the same folder); `-` for standard input, the current
    /// directory when nothing is given
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,

    /// The configuration a plan was made from: finds what the plan leaves out, and the lines. Found by itself when
    /// the plan lies in its directory
    #[arg(long, value_name = "DIR")]
    source: Option<String>,

    #[command(flatten)]
    values: Values,

    /// The workspace (`terraform.workspace`)
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,

    /// Where configuration and code of the servers behind the load balancer lie, to read their keep-alive from; the
    /// folder of the input when not given
    #[arg(long, value_name = "DIR")]
    backend: Option<String>,

    #[command(flatten)]
    template: TemplateValues,

    /// What the configuration adds.
    #[arg(skip)]
    config: Rc<Config>,
}

/// What a CloudFormation template gets.
#[derive(Debug, ClapArgs)]
struct TemplateValues {
    /// Set a parameter of the template, or read parameters from a file in any form of the AWS tools; can be repeated
    #[arg(long, value_name = "NAME=VALUE|FILE", value_parser = load::GivenParameter::parse)]
    parameters: Vec<load::GivenParameter>,

    /// The region the template goes to (`AWS::Region`)
    #[arg(long, value_name = "REGION", value_parser = load::is_region)]
    region: Option<String>,

    /// The account the template goes to (`AWS::AccountId`)
    #[arg(long, value_name = "ID", value_parser = load::is_account)]
    account: Option<String>,
}

/// `--var` and `--var-file` in the order they were given in: the later one wins. Two fields would lose it.
#[derive(Debug)]
struct Values(Vec<load::Given>);

impl clap::Args for Values {
    fn augment_args(command: clap::Command) -> clap::Command {
        let var = Arg::new("var").long("var").value_name("NAME=VALUE").value_parser(name_and_value);
        let file = Arg::new("var-file").long("var-file").value_name("FILE");
        command.arg(var.action(ArgAction::Append).help("Set a variable of the configuration; can be repeated")).arg(
            file.action(ArgAction::Append).help("Read variables of the configuration from a file; can be repeated"),
        )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Values::augment_args(command)
    }
}

impl FromArgMatches for Values {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Values, clap::Error> {
        let at = |id| matches.indices_of(id).into_iter().flatten();
        let vars = matches.get_many::<(String, String)>("var").into_iter().flatten();
        let vars = vars.map(|(name, value)| load::Given::Var(name.clone(), value.clone()));
        let files = matches.get_many::<String>("var-file").into_iter().flatten().cloned().map(load::Given::File);
        let mut given: Vec<(usize, load::Given)> = at("var").zip(vars).chain(at("var-file").zip(files)).collect();
        given.sort_by_key(|(at, _)| *at);
        Ok(Values(given.into_iter().map(|(_, given)| given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Values::from_arg_matches(matches)?;
        Ok(())
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Inputs {
    /// What was said about a configuration's variables and a template's parameters.
    pub(crate) fn configuration(&self) -> load::Inputs {
        // Not `vars`: it panics where any variable at all is not Unicode.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.to_str()?.strip_prefix("TF_VAR_")?.to_owned(), value.to_str()?.to_owned()))
        });
        let config = &self.config;
        load::Inputs {
            given: config.given.iter().chain(&self.values.0).cloned().collect(),
            environment: environment.collect(),
            source: self.source.clone(),
            exact: None,
            backend: self.backend.clone(),
            stated: config.backends.clone(),
            workspace: self
                .workspace
                .clone()
                .or_else(|| std::env::var("TF_WORKSPACE").ok())
                .or_else(|| config.workspace.clone()),
            template: load::TemplateInputs {
                parameters: config.parameters.iter().chain(&self.template.parameters).cloned().collect(),
                region: self.template.region.clone(),
                account: self.template.account.clone(),
            },
        }
    }

    /// The inputs, or the current directory; for files of Terraform configuration their directory, once.
    pub(crate) fn paths(&self) -> Result<Vec<String>, Problem> {
        if self.inputs.iter().filter(|path| *path == "-").count() > 1 {
            return Err(Problem::error("`-` is given twice, but standard input can be read only once"));
        }
        let mut paths = Vec::new();
        for given in &self.inputs {
            match load::hcl::configuration::module_of(given) {
                Some(module) if paths.contains(&module) => {}
                module => paths.push(module.unwrap_or_else(|| given.clone())),
            }
        }
        Ok(if paths.is_empty() { vec![".".to_owned()] } else { paths })
    }
}

/// Where more policies are.
#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyPaths {
    /// More policies: a file or a folder; can be repeated
    #[arg(long = "policy", value_name = "PATH")]
    files: Vec<String>,

    /// Those of the configuration.
    #[arg(skip)]
    configured: Vec<String>,
}

impl PolicyPaths {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<String> {
        self.configured.iter().chain(&self.files).cloned().collect()
    }

    fn configure(&mut self, config: &Config) {
        self.configured.clone_from(&config.policy_paths);
    }
}

/// Which policies, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct ChoiceArgs {
    #[command(flatten)]
    policies: PolicyPaths,

    /// Judge only this policy; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,

    /// Leave this policy out; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    skip: Vec<String>,

    /// Set a parameter of a policy; can be repeated
    #[arg(long = "param", value_name = "POLICY.NAME=VALUE", value_parser = ParamFlag::parse)]
    params: Vec<ParamFlag>,

    /// Findings that are known and do not count, as `--write-baseline` wrote them
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,

    /// What the configuration says of policies and exceptions.
    #[arg(skip)]
    config: Rc<Config>,
}

impl ChoiceArgs {
    fn configure(&mut self, config: &Rc<Config>) {
        self.policies.configure(config);
        self.config = Rc::clone(config);
    }

    /// What was chosen.
    pub(crate) fn choice(&self) -> Choice {
        Choice {
            policies: self.policies.all(),
            only: self.only.clone(),
            skip: self.skip.clone(),
            params: self.params.clone(),
            baseline: self.baseline.clone(),
            config: Rc::clone(&self.config),
        }
    }
}

/// Which reports.
#[derive(Debug, ClapArgs)]
pub(crate) struct Outputs<F: Format> {
    // The help is put together, because each command has formats of its own.
    #[arg(
        short = 'o',
        long = "output",
        value_name = "FORMAT[=FILE]",
        value_delimiter = ',',
        value_parser = Output::<F>::parse,
        help = format!("Report as one of {}, to a file when one is named; can be repeated", names::<F>()),
    )]
    pub(crate) all: Vec<Output<F>>,
}

/// The least severity whose fails make the run fail; none with `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailOn(pub(crate) Option<Severity>);

impl FailOn {
    fn parser() -> impl TypedValueParser<Value = FailOn> {
        let names = Severity::ALL.map(Severity::name).into_iter().chain(["never"]);
        PossibleValuesParser::new(names).map(|name| FailOn(name.parse().ok()))
    }
}

/// What to do with undecided checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Undecided {
    // Doc comments here would make clap print every value on a line of its own.
    Report,
    Fail,
    Hide,
}
