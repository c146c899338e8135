//! The macros `all`, `exists`, `exists_one`, `map` and `filter`, folded with Kleene's three values: an unknown
//! element decides nothing, but does not keep another from deciding.

use std::borrow::Cow;
use std::sync::Arc;

use super::ast::{Expr, Fold, FoldKind};
use super::evaluate::{Evaluator, secretly};
use super::outcome::{Eval, Stop, Stops};
use super::path::{Local, Origin};
use crate::graph::{Data, Text, Unknown, Value};

/// One element to fold over.
struct Element<'a> {
    value: Cow<'a, Value>,
    origin: Option<Origin<'a>>,
    /// A key of a map whose value is unknown: it may turn out not to be set.
    maybe: Option<Arc<Unknown>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn fold(&mut self, fold: &'a Fold) -> Eval {
        let (elements, sensitive) = self.elements(&fold.over)?;
        let value = match fold.how {
            FoldKind::All => self.quantify(fold, elements, false),
            FoldKind::Exists => self.quantify(fold, elements, true),
            FoldKind::ExistsOne => self.exactly_one(fold, elements),
            FoldKind::Map | FoldKind::Filter => self.gather(fold, elements),
        };
        value.map(|mut value| {
            value.marks.sensitive |= sensitive;
            value
        })
    }

    fn elements(&mut self, over: &'a Expr) -> Result<(Vec<Element<'a>>, bool), Stop> {
        let spot = self.spot(over);
        self.note(&spot);
        let origin = spot.origin.clone();
        let below = |key: &str| origin.clone().map(|origin| origin.below(key));
        let value = spot.found?;
        let sensitive = value.marks.sensitive;
        let element = |at: usize, value| Element { value, origin: below(&at.to_string()), maybe: None };
        let key = |(key, value): (&Text, &Value)| Element {
            value: Cow::Owned(Value::new(Data::String(Text::clone(key)))),
            origin: None,
            maybe: value.as_unknown().cloned(),
        };
        let mut elements: Vec<Element<'a>> = match value {
            Cow::Borrowed(Value { data: Data::List(items), .. }) => {
                items.iter().enumerate().map(|(at, item)| element(at, Cow::Borrowed(item))).collect()
            }
            Cow::Owned(Value { data: Data::List(items), .. }) => {
                items.into_iter().enumerate().map(|(at, item)| element(at, Cow::Owned(item))).collect()
            }
            Cow::Borrowed(Value { data: Data::Map(map), .. }) => map.iter().map(key).collect(),
            Cow::Owned(Value { data: Data::Map(map), .. }) => map.iter().map(key).collect(),
            other => {
                let value = self.settle(Ok(other))?;
                return Err(self.wrong(&value, over, "a list or a map"));
            }
        };
        self.budget.spend(elements.len())?;
        if sensitive {
            elements.iter_mut().for_each(|element| element.value.to_mut().marks.sensitive = true);
        }
        Ok((elements, sensitive))
    }

    /// Evaluates `expr` with the element bound.
    fn with(&mut self, fold: &Fold, element: &Element<'a>, expr: &'a Expr) -> Eval {
        let (value, origin) = (element.value.clone(), element.origin.clone());
        self.locals.push(Local { name: fold.name.clone(), value, origin });
        let value = self.eval(expr);
        self.locals.pop();
        value
    }

    /// Whether the element satisfies `expr`, and whether that is secret.
    fn holds(&mut self, fold: &Fold, element: &Element<'a>, expr: &'a Expr) -> Result<(bool, bool), Stop> {
        let value = self.with(fold, element, expr)?;
        Ok((self.truth(&value, expr)?, value.marks.sensitive))
    }

    /// `exists` (`decisive` is true) and `all` (false).
    fn quantify(&mut self, fold: &'a Fold, elements: Vec<Element<'a>>, decisive: bool) -> Eval {
        let mut stops = Stops::default();
        let mut sensitive = false;
        for element in elements {
            match (self.holds(fold, &element, &fold.body), element.maybe) {
                (Ok((truth, secret)), None) if truth == decisive => return Ok(secretly(decisive, sensitive | secret)),
                (Ok((truth, _)), Some(unknown)) if truth == decisive => stops.unknown(&unknown),
                (Ok((_, secret)), _) => sensitive |= secret,
                (Err(stop), _) => stops.add(stop),
            }
        }
        stops.finish()?;
        Ok(secretly(!decisive, sensitive))
    }

    fn exactly_one(&mut self, fold: &'a Fold, elements: Vec<Element<'a>>) -> Eval {
        let mut stops = Stops::default();
        let (mut sensitive, mut count) = (false, 0);
        for element in elements {
            match (self.holds(fold, &element, &fold.body), element.maybe) {
                (Ok((true, _)), Some(unknown)) => stops.unknown(&unknown),
                (Ok((truth, secret)), _) => {
                    sensitive |= secret;
                    count += usize::from(truth);
                }
                (Err(stop), _) => stops.add(stop),
            }
        }
        if count < 2 || stops.has_error() {
            stops.finish()?;
        }
        Ok(secretly(count == 1, sensitive))
    }

    /// `map` and `filter`. A list whose length is not known is unknown as a whole.
    fn gather(&mut self, fold: &'a Fold, elements: Vec<Element<'a>>) -> Eval {
        let only = if fold.how == FoldKind::Filter { Some(&fold.body) } else { fold.only.as_ref() };
        let mut stops = Stops::default();
        let mut gathered = Vec::new();
        let mut sensitive = false;
        let mut inside = Vec::new();
        for element in elements {
            let kept = match only {
                Some(only) => self.holds(fold, &element, only),
                None => Ok((true, false)),
            };
            match (kept, &element.maybe) {
                (Ok((true, secret)), None) => {
                    sensitive |= secret;
                    let value = match fold.how {
                        FoldKind::Filter => Ok(element.value.into_owned()),
                        _ => self.with(fold, &element, &fold.body),
                    };
                    match value {
                        Err(Stop::Unknown(unknowns)) => {
                            gathered.push(self.embed(&unknowns));
                            inside.push(unknowns);
                        }
                        value => gathered.extend(stops.note(value)),
                    }
                }
                (Ok((true, _)), Some(unknown)) => stops.unknown(unknown),
                (Ok((false, secret)), _) => sensitive |= secret,
                (Err(stop), _) => stops.add(stop),
            }
        }
        if stops.has_error() {
            inside.into_iter().for_each(|unknowns| stops.add(Stop::Unknown(unknowns)));
        }
        stops.finish()?;
        let mut list = Value::from(gathered);
        list.marks.sensitive = sensitive;
        Ok(list)
    }
}
