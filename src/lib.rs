//! plangate answers one question before anything is deployed: will this change make the AWS Application Load Balancer
//! answer 502, 503 or 504? This page is its architecture; the README is for users.
//!
//! # How data flows
//!
//! ```text
//! bytes ─▶ load ─▶ graph ─▶ relate ─▶ judge ─▶ report
//!           ▲                 ▲         ▲
//!        catalog           catalog    policy
//! ```
//!
//! [`load`] reads an input, whatever its form, into one [`graph`]: resources with attributes in the vocabulary of
//! [`catalog`], and links between them, each with its certainty. [`relate`] works out what takes several resources to
//! tell: request paths, who is registered where, whether packets get through security groups. [`policy`] holds the
//! rules as data: YAML with conditions in a three-valued expression language. [`judge`] holds every policy against
//! everything it is about and puts the outcome into words; [`report`] writes these down. [`fix`] goes the other way: from
//! what would cure a finding to bytes of a text, and back through loading and judging to prove it.
//!
//! # Floors
//!
//! A module may use only modules on floors below its own. A test reads this table and holds it.
//!
//! | floor | module | what it is |
//! |---|---|---|
//! | 6 | `cli` | commands, flags, exit codes; puts the floors together |
//! | 5 | `config` | what a repository says once: plangate.yaml, the baseline |
//! | 5 | `fix` | what cures findings, as edits of texts, each proven |
//! | 5 | `report` | one file a format; decides nothing, filters nothing |
//! | 4 | `judge` | policies against a graph; findings in words |
//! | 3 | `load` | inputs, one folder a format |
//! | 3 | `policy` | policy files and their expression language |
//! | 3 | `relate` | derived facts, one relation a file |
//! | 2 | `catalog` | our vocabulary: kinds, attributes, defaults, edges |
//! | 2 | `server` | server software: what a command, an image or a configuration text says about keep-alive |
//! | 1 | `forge` | where pull requests are discussed: comments on GitHub and GitLab; knows nothing of findings |
//! | 1 | `graph` | values, unknowns, truth, resources, links |
//! | 0 | `source` | texts, problems, the only door to the disk |
//!
//! # Invariants
//!
//! 1. Nothing unknown is ever read as false, absent, empty or default. [`graph::Truth`] has no conversion to bool.
//! 2. A plan's `references` are mentions, not equality. A link is certain only where it cannot be otherwise; else it is
//!    possible, and a verdict that rests on it is undecided.
//! 3. Loading gives a result and problems, and does not stop at the first fault. After loading nothing can fail:
//!    [`judge::judge`] returns no `Result`.
//! 4. No secret is printed: a sensitive [`graph::Value`] hides itself in `Display` and `Debug`.
//! 5. Same input, same bytes out.
//! 6. A finding has a place and says three things: what is wrong with the numbers seen, why that breaks requests, what
//!    to change.
//! 7. Reports neither filter nor sort nor choose the exit code.
//! 8. Hostile input ends in a clear problem, never in a crash, a hang or swallowed memory.
//!
//! # Faults of the world
//!
//! What is written is whole: a temporary file, then a rename, so that a full disk or a kill leaves the old file. A pipe
//! that is closed changes no exit code; what cannot be written anywhere else is exit code 2. Folders are searched without
//! following links to folders, and pipes and devices in them are not opened.
//!
//! One thing the system does not let us survive: a plan of 32 MiB or more is mapped, and whoever cuts that file off while
//! it is read ends the program (SIGBUS). To read it instead would cost everybody as much memory as the plan has bytes. Who
//! cannot wait for the writer gives the plan to standard input, which is read. And when memory runs out while the values
//! of a plan are kept, the program ends with what Rust says then.
//!
//! # Where things go
//!
//! | to add | touch |
//! |---|---|
//! | an AWS kind | one file in `src/catalog/kinds/`, its line in `KINDS` |
//! | a policy | one file in `policies/<area>/` |
//! | a fact that takes several resources | one file in `src/relate/`, its words in `src/catalog/subject.rs` |
//! | a server | its entry in `src/server/servers.yaml`; a reader beside it when its configuration has a format of its own |
//! | an input format | one folder in `src/load/` |
//! | a report format | one file in `src/report/` |
//! | a forge | one file in `src/forge/`, its variables in `src/forge/environment.rs` |
//! | a command | one file in `src/cli/` |
//! | a key of plangate.yaml | `src/config/`, its entry in `src/cli/schemas/config.json` |
//! | a cure | `edit:` in the policy; a new kind of step in `src/policy/remedy.rs` and `src/fix/` |
//!
//! # Values of a plan
//!
//! `after` is overlaid with `after_unknown` and `after_sensitive`. An attribute that is unknown and that nobody wrote is
//! what AWS or the provider fills in: the catalog says what, and the value is marked as a default. Nobody wrote it when
//! the configuration section has no expression for it, or when everything its expression mentions is known (then it was
//! null). An attribute in a dynamic block leaves no expression behind; there an unknown stays unknown.
//!
//! A whole block that is unknown and not in the configuration (`health_check`) counts as not written. A dynamic block
//! with a `for_each` that is known only after apply would look the same; nobody has been seen to write one.
//!
//! # Two dialects
//!
//! A kind's table says for each attribute where Terraform and where CloudFormation has it, and what stands for it when
//! nobody wrote it: in CloudFormation only what AWS fills in. Lists of objects come out in one shape. [`relate`] and
//! [`policy`] see these attributes and never a raw form, so they know no dialect; words do: a place is called as its own
//! language calls it ([`catalog::place_of`]), and a fix is written in the language of what it mends.
//!
//! # What a service makes by itself
//!
//! Elastic Beanstalk makes a load balancer, a target group and instances of an environment's settings. They are no
//! resources here: the environment is a kind of its own, with AWS's defaults for settings, and has policies of its own
//! (`policies/beanstalk/`). Implied resources would get every policy on load balancers, target groups and connections, of
//! which most (listeners, security groups, subnets, zones, alarms, logs) ask for what the environment's author can
//! neither see nor write, and the words and edits of the others are those of other resources. What answers on the
//! instances is found by the same readers (`server/beanstalk.rs`, `relate/beanstalk.rs`) and told in the same words.
//!
//! # Links of a plan
//!
//! An unknown value must come from something unknown. When exactly one resource among what an expression mentions is
//! unknown, the link is certain. Where the trail ends (a local, a dynamic block), everything that can come that way is
//! considered: what the module itself holds and what its inputs mention. If that is one resource, the link is certain
//! all the same; if several, each is possible.
//!
//! A list that mentions a resource with several instances as a whole, and nothing else, is taken for all of them: that is
//! what `[for s in aws_subnet.main : s.id]` leaves in a plan. An index that a function makes of constants alone,
//! `aws_subnet.main[lower("A")].id`, leaves the same and is misread; only the configuration tells the two apart
//! (`testdata/computed-index`).
//!
//! # A configuration, and a plan with it
//!
//! [`load::hcl`] evaluates Terraform's language with unknowns: an attribute that will be known after apply is an unknown
//! that *is* that attribute ([`graph::Reason::Reference`]). It stays one through locals, variables, module outputs and
//! decided conditionals, and is a certain link where it arrives; what a function makes of it is only *derived* and gives
//! possible links. A text of which parts are known keeps its pieces ([`graph::Outline`]): of user data and of the JSON of
//! containers the known parts are read.
//!
//! Of a block of which it is not known how many it makes, absence proves nothing; of other kinds it does
//! ([`graph::Unseen`]). A module that is not installed may hold anything.
//!
//! With a plan, the configuration decides nothing the plan knows. It takes the place of links and reasons that end in a
//! local or a dynamic block, and of members that one mention stands for, says which part of an unknown text is known, and
//! adds lines. It has to have the same resources with the same values as the plan, else it is used for nothing
//! (`load/with_source.rs`).
//!
//! # A template
//!
//! `load/cloudformation` goes in four steps: `read` makes nodes of a text, `resolve` works out what they mean in one
//! stack, `stacks` puts nested stacks together, `resources` makes the graph. Values are those of [`load::hcl`], so an
//! attribute of a resource that the deployment makes is an unknown that *is* that attribute, here as there, and gives a
//! certain link. What stands beside it in a text makes it *derived*; the text keeps its pieces, so that user data that
//! say `ECS_CLUSTER=${Cluster}` still tell the cluster.
//!
//! A condition on a parameter that nobody gave a value is not left open. Each way such conditions can turn out is a
//! *world* with a graph of its own ([`load::Loaded::others`]) and what it supposes ([`graph::Assumption`]). The judge
//! judges every world: what holds in all of them holds; a verdict that differs is undecided and hangs on the parameter
//! that alone makes it differ. Only worlds that make a difference to what the catalog reads are told apart, and there is
//! a limit to their number; beyond it a condition stays undecided, and what hangs on it is possible.
//!
//! Unknown stays what only AWS or somebody else can tell: parameters without a value, imports, dynamic references, what a
//! macro writes, and templates that are not there. Where resources may be among it, absence proves nothing
//! ([`graph::Graph::unseen`]).
//!
//! # A change set, and what was before it
//!
//! A change set says what is done to each resource; what will be there stands in its template alone. What was there is
//! the same template with the former values put in at the paths that change. A former value holds AWS's ids where the
//! template refers to resources: they are learnt from where both say the same (`load/cloudformation/before.rs`). What the
//! change set does not tell is unknown before, and a finding that nobody could tell before counts as introduced.

pub mod catalog;
pub mod cli;
pub mod config;
pub mod fix;
pub mod forge;
pub mod graph;
pub mod judge;
pub mod load;
pub mod policy;
pub mod relate;
pub mod report;
pub mod server;
pub mod source;
