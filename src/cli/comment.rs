//! `plangate comment`: carries reports that `check` wrote to the pull request. It judges nothing, so that what is
//! commented is what was judged, and so that the job with the token need not be the one that reads what somebody
//! proposes.

use std::fmt::Write;
use std::time::Duration;

use super::args_ci::CommentArgs;
use super::exit::Exit;
use super::remarks;
use super::terminal::Terminal;
use crate::forge::{Asked, Done, Forge, Remark, Reviewed, SystemClock, find};
use crate::source::{Level, Problem, disk};

/// Comments, and says what became of it.
pub(crate) fn run(args: &CommentArgs, terminal: &Terminal) -> Exit {
    let mut told = String::new();
    let problems = carry(args, &mut told).err().unwrap_or_default();
    // What was done before something went wrong was done.
    let exit = if told.is_empty() { Exit::Clean } else { terminal.print_or_complain(&told) };
    terminal.complain(&problems, Level::Note);
    exit.max(Exit::of_problems(&problems))
}

fn carry(args: &CommentArgs, told: &mut String) -> Result<(), Vec<Problem>> {
    let one = |problem| vec![problem];
    if args.body.as_deref() == Some("-") && args.review.as_deref() == Some("-") {
        return Err(one(Problem::error("`-` is given twice, but standard input can be read only once")));
    }
    let body = args.body.as_deref().map(body).transpose().map_err(one)?;
    let report = args.review.as_deref().map(remarks::read).transpose().map_err(one)?;
    let asked = Asked { forge: args.forge, repository: args.repo.clone(), number: args.pr, api: args.api_url.clone() };
    let target = find(&asked, &|name| std::env::var(name).ok())?;
    let forge = Forge::new(target, &SystemClock, Duration::from_secs(args.timeout), args.dry_run);
    if let Some(report) = report {
        let changed = forge.changed_lines().map_err(one)?;
        let (remarks, elsewhere) = remarks::place(&report, &changed);
        let reviewed = forge.review(&remarks, &changed).map_err(one)?;
        tell_review(told, &forge, &remarks, reviewed, elsewhere, args.dry_run);
    }
    if let Some(body) = body {
        let done = forge.comment(&args.tag, &body).map_err(one)?;
        tell_comment(told, &forge, &done, args.dry_run);
        if args.dry_run && !matches!(done, Done::Unchanged(_)) {
            let _ = writeln!(told, "\n{}", body.trim_end());
        }
    }
    Ok(())
}

fn body(file: &str) -> Result<String, Problem> {
    let text = disk::read_text(file)?;
    if text.trim().is_empty() {
        let help = "was `plangate check -o markdown=FILE` run, and did it write this file?";
        return Err(Problem::error("is empty: there is nothing to comment").in_file(disk::name_of(file)).help(help));
    }
    Ok(text)
}

fn tell_comment(told: &mut String, forge: &Forge<'_>, done: &Done, dry: bool) {
    let (url, what) = match (done, dry) {
        (Done::Created(url), false) => (url, "wrote the comment"),
        (Done::Created(url), true) => (url, "would write a comment"),
        (Done::Updated(url), false) => (url, "updated the comment"),
        (Done::Updated(url), true) => (url, "would update the comment"),
        (Done::Unchanged(url), _) => (url, "the comment says this already"),
    };
    let called = forge.called();
    let place = if *url == called { String::new() } else { format!(" ({url})") };
    let _ = writeln!(told, "{called}: {what}{place}");
}

fn tell_review(
    told: &mut String,
    forge: &Forge<'_>,
    remarks: &[Remark],
    reviewed: Reviewed,
    elsewhere: usize,
    dry: bool,
) {
    let mut parts = vec![match (reviewed.written, dry) {
        (0, _) => "no new comments on changed lines".to_owned(),
        (_, false) => format!("wrote {}", lines(reviewed.written)),
        (_, true) => format!("would write {}", lines(reviewed.written)),
    }];
    if reviewed.there > 0 {
        parts.push(format!("{} from a former run", reviewed.there));
    }
    if reviewed.left_out > 0 {
        parts.push(format!("{} more than one run writes", reviewed.left_out));
    }
    if elsewhere > 0 {
        let findings = if elsewhere == 1 { "1 finding is" } else { &format!("{elsewhere} findings are") };
        parts.push(format!("{findings} not on lines that this change writes"));
    }
    let _ = writeln!(told, "{}: {}", forge.called(), parts.join("; "));
    if dry {
        for remark in remarks {
            let _ = writeln!(told, "\n{}:{}\n{}", remark.path, remark.last, forge.body(remark));
        }
    }
}

fn lines(count: usize) -> String {
    if count == 1 { "1 comment on changed lines".to_owned() } else { format!("{count} comments on changed lines") }
}
