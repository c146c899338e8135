//! The page of a policy (`explain`) and the list of all (`policies`), in text and JSON. They take plain data of their
//! own, because reports stand beside the policy language, not on it.

use std::fmt;

use serde::Serialize;

use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE};
use super::json::pretty;
use super::sheet::{Look, Sheet, count};
use crate::catalog::Severity;

/// Everything there is to say about one policy.
#[derive(Clone, Debug)]
pub struct PolicyPage {
    /// Its id.
    pub id: String,
    /// What holds when it passes, in a line.
    pub title: String,
    /// How bad a fail is.
    pub severity: Severity,
    /// What it is about, as policy files name it.
    pub subject: String,
    /// The folder it lives in.
    pub area: String,
    /// Why a fail breaks requests.
    pub why: String,
    /// What to change, in words.
    pub fix_summary: String,
    /// What to change, in Terraform.
    pub fix_terraform: Option<String>,
    /// What to change, in CloudFormation.
    pub fix_cloudformation: Option<String>,
    /// Where it says so.
    pub references: Vec<PolicyReference>,
    /// What can be set from outside.
    pub params: Vec<PolicyParam>,
    /// Inputs with the verdict they get.
    pub examples: Vec<PolicyExample>,
}

impl PolicyPage {
    /// What to change, in words for whoever has no finding before them.
    pub(super) fn fix_words(&self) -> &str {
        let summary = self.fix_summary.trim();
        let value = summary.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let shown = self.fix_terraform.is_some() || self.fix_cloudformation.is_some();
        if shown && value.is_some_and(|name| !name.contains('{')) {
            return "A finding says what to write; for instance:";
        }
        summary
    }

    /// The first reference that is an address on the web; a policy may refer to a book.
    pub(super) fn address(&self) -> Option<&str> {
        let is_address = |url: &&str| {
            (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(|c| c.is_ascii_graphic())
        };
        self.references.iter().map(|reference| reference.url.as_str()).find(is_address)
    }
}

/// Where to read on.
#[derive(Clone, Debug)]
pub struct PolicyReference {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub url: String,
}

impl fmt::Display for PolicyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.url)
    }
}

/// One parameter of a policy.
#[derive(Clone, Debug)]
pub struct PolicyParam {
    /// Its name.
    pub name: String,
    /// Its type in words.
    pub ty: String,
    /// Its value when nothing is said.
    pub default: String,
    /// What it means.
    pub meaning: String,
}

/// One example of a policy.
#[derive(Clone, Debug)]
pub struct PolicyExample {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// `terraform`, `cloudformation` …
    pub form: String,
    /// `pass`, `fail` or `undecided`.
    pub verdict: String,
    /// The input.
    pub text: String,
}

/// The page.
#[must_use]
pub fn policy_text(page: &PolicyPage, look: Look) -> String {
    let mut sheet = Sheet::new(look);
    sheet.flow(0, 0, |line| _ = line.word(STRONG, &page.id));
    sheet.prose(0, PLAIN, &page.title);
    sheet.gap();
    for (name, value) in [("severity", page.severity.name()), ("area", &page.area), ("judges", &page.subject)] {
        let shown = if name == "judges" { format!("every {}", value.replace('_', " ")) } else { value.to_owned() };
        sheet.labelled(2, (DIM, name), 10, PLAIN, &shown);
    }
    chapter(&mut sheet, "why");
    sheet.prose(2, PLAIN, &page.why);
    chapter(&mut sheet, "fix");
    sheet.prose(2, PLAIN, page.fix_words());
    for (form, code) in [("Terraform", &page.fix_terraform), ("CloudFormation", &page.fix_cloudformation)] {
        if let Some(code) = code {
            sheet.gap();
            sheet.prose(2, DIM, &format!("{form}:"));
            sheet.verbatim(4, PLAIN, code);
        }
    }
    if !page.params.is_empty() {
        chapter(&mut sheet, "parameters");
    }
    for param in &page.params {
        let flag = format!("--param {}.{}=VALUE", page.id, param.name);
        let values = format!("({}, {} when not given)", param.ty, param.default);
        sheet.flow(2, 4, |line| _ = line.word(STRONG, &flag).word(DIM, &values));
        sheet.prose(4, PLAIN, &param.meaning);
    }
    if !page.examples.is_empty() {
        chapter(&mut sheet, "examples");
    }
    for (at, example) in page.examples.iter().enumerate() {
        if at > 0 {
            sheet.gap();
        }
        write_example(&mut sheet, example);
    }
    if !page.references.is_empty() {
        chapter(&mut sheet, "references");
    }
    for reference in &page.references {
        sheet.prose(2, PLAIN, &reference.to_string());
    }
    sheet.finish()
}

/// Characters a title has beside the ids; with fewer it stands below.
const LEAST_TITLE: usize = 30;

/// All policies, area by area.
#[must_use]
pub fn policies_text(pages: &[PolicyPage], look: Look) -> String {
    let mut sheet = Sheet::new(look);
    let mut area = None;
    let longest = pages.iter().map(|page| page.id.chars().count()).max().unwrap_or(0);
    let column = 2 + 9 + longest + 2;
    let is_narrow = column + LEAST_TITLE > look.width;
    for page in pages {
        if area != Some(&page.area) {
            sheet.gap();
            sheet.flow(0, 0, |line| _ = line.word(STRONG, &page.area));
            area = Some(&page.area);
        }
        let (style, severity) = (severity_style(page.severity), format!("{:8}", page.severity.name()));
        if is_narrow {
            sheet.flow(2, 4, |line| _ = line.word(style, &severity).word(PLAIN, &page.id));
            sheet.prose(4, DIM, &page.title);
            continue;
        }
        let id = format!("{:longest$}", page.id);
        sheet.flow(2, column, |line| {
            line.word(style, &severity).word(PLAIN, &id).word(PLAIN, "").words(DIM, &page.title);
        });
    }
    sheet.gap();
    let total = count(pages.len(), "policy", "policies");
    sheet.prose(0, PLAIN, &format!("{total}; `plangate explain ID` says more about one"));
    sheet.finish()
}

/// The page as JSON: `plangate/policy/1`.
#[must_use]
pub fn policy_json(page: &PolicyPage) -> String {
    pretty(&OneWire { schema: "plangate/policy/1", policy: PageWire::from(page) })
}

/// All pages as JSON: `plangate/policies/1`.
#[must_use]
pub fn policies_json(pages: &[PolicyPage]) -> String {
    pretty(&ListWire { schema: "plangate/policies/1", policies: pages.iter().map(PageWire::from).collect() })
}

fn chapter(sheet: &mut Sheet, name: &str) {
    sheet.gap();
    sheet.flow(0, 0, |line| _ = line.word(STRONG, name));
}

fn write_example(sheet: &mut Sheet, example: &PolicyExample) {
    let (style, verb) = match example.verdict.as_str() {
        "pass" => (GOOD, "passes"),
        "fail" => (BAD, "fails"),
        "undecided" => (UNSURE, "is undecided"),
        other => (PLAIN, other),
    };
    sheet.flow(2, 4, |line| {
        line.word(style, verb);
        if let Some(name) = &example.name {
            line.and(PLAIN, ":").words(PLAIN, name);
        }
        line.in_brackets(DIM, &example.form);
    });
    sheet.verbatim(4, DIM, &example.text);
}

fn severity_style(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Critical | Severity::High => BAD,
        Severity::Medium => UNSURE,
        Severity::Low | Severity::Info => DIM,
    }
}

#[derive(Serialize)]
struct OneWire<'a> {
    schema: &'static str,
    policy: PageWire<'a>,
}

#[derive(Serialize)]
struct ListWire<'a> {
    schema: &'static str,
    policies: Vec<PageWire<'a>>,
}

#[derive(Serialize)]
struct PageWire<'a> {
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    subject: &'a str,
    area: &'a str,
    why: &'a str,
    fix: FixWire<'a>,
    references: Vec<String>,
    params: Vec<ParamWire<'a>>,
    examples: Vec<ExampleWire<'a>>,
}

#[derive(Serialize)]
struct FixWire<'a> {
    summary: &'a str,
    terraform: Option<&'a str>,
    cloudformation: Option<&'a str>,
}

#[derive(Serialize)]
struct ParamWire<'a> {
    name: &'a str,
    r#type: &'a str,
    default: &'a str,
    meaning: &'a str,
}

#[derive(Serialize)]
struct ExampleWire<'a> {
    name: Option<&'a str>,
    form: &'a str,
    verdict: &'a str,
    text: &'a str,
}

impl<'a> From<&'a PolicyPage> for PageWire<'a> {
    fn from(page: &'a PolicyPage) -> PageWire<'a> {
        PageWire {
            id: &page.id,
            title: &page.title,
            severity: page.severity.name(),
            subject: &page.subject,
            area: &page.area,
            why: &page.why,
            fix: FixWire {
                summary: &page.fix_summary,
                terraform: page.fix_terraform.as_deref(),
                cloudformation: page.fix_cloudformation.as_deref(),
            },
            references: page.references.iter().map(ToString::to_string).collect(),
            params: page
                .params
                .iter()
                .map(|p| ParamWire { name: &p.name, r#type: &p.ty, default: &p.default, meaning: &p.meaning })
                .collect(),
            examples: page
                .examples
                .iter()
                .map(|e| ExampleWire { name: e.name.as_deref(), form: &e.form, verdict: &e.verdict, text: &e.text })
                .collect(),
        }
    }
}
