//! The functions: one file for each family, all in one list.

mod absent;
mod convert;
mod date;
mod histogram;
mod label;
mod math;
mod over_time;
mod query;
mod rate;
mod sort;
mod trend;

pub use date::civil;

use super::error::{EvalError, ExprError};
use super::eval::{Context, unexpected};
use super::fetch::Line;
use super::node::{Call, Kind, Node};
use super::source::Point;
use super::value::{Element, Vector};

/// A function as it is called.
#[derive(Debug)]
pub struct Function {
    /// Its name in PromQL.
    pub name: &'static str,
    /// What its arguments are.
    pub takes: &'static [Kind],
    /// How many of the last arguments may be left out.
    pub optional: usize,
    /// The last argument may be repeated.
    pub repeats: bool,
    /// What it gives.
    pub gives: Kind,
    run: Run,
}

/// What is made of the samples of one series, with scalars.
type OfSpan = fn(&Span<'_>, &[f64]) -> Option<f64>;
/// A look at the scalars before anything is computed.
type Check = fn(&Context<'_>, &Call, &[f64]) -> Result<(), EvalError>;
/// A look at each series.
type Note = fn(&Context<'_>, &Call, &Line<'_>);

/// How a function is evaluated.
#[derive(Debug)]
enum Run {
    /// Gives a scalar.
    Scalar(fn(&Context<'_>, &Call) -> Result<f64, EvalError>),
    /// Gives an instant vector.
    Vector(fn(&Context<'_>, &Call) -> Result<Vector, EvalError>),
    /// Each value of the first argument by itself; the name goes.
    Each(fn(f64) -> f64),
    /// Each value of the first argument, with scalars; the name goes.
    With(fn(f64, &[f64]) -> Option<f64>),
    /// The samples of each series of the range argument, with scalars; the name goes.
    Over(OfSpan),
    /// The same, but the name stays.
    Named(OfSpan),
    /// As `Over`, after a check.
    Checked(Check, OfSpan),
    /// As `Over`, with a look at each series.
    Noted(Note, OfSpan),
}

/// The samples of one series in a range.
struct Span<'a> {
    /// Never empty.
    points: &'a [Point],
    /// Begin of the range; a sample at it is outside.
    from_ms: i64,
    /// End of the range.
    to_ms: i64,
    /// When the expression is evaluated.
    at_ms: i64,
}

impl Span<'_> {
    fn values(&self) -> impl DoubleEndedIterator<Item = f64> + Clone {
        self.points.iter().map(|point| point.value)
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.windows(2).map(|pair| (pair[0].value, pair[1].value))
    }
}

const FAMILIES: &[&[Function]] = &[
    absent::FUNCTIONS,
    convert::FUNCTIONS,
    date::FUNCTIONS,
    histogram::FUNCTIONS,
    label::FUNCTIONS,
    math::FUNCTIONS,
    over_time::FUNCTIONS,
    query::FUNCTIONS,
    rate::FUNCTIONS,
    sort::FUNCTIONS,
    trend::FUNCTIONS,
];

const VECTOR: &[Kind] = &[Kind::Vector];
const RANGE: &[Kind] = &[Kind::Range];

impl Function {
    const fn new(name: &'static str, takes: &'static [Kind], gives: Kind, run: Run) -> Self {
        Function { name, takes, optional: 0, repeats: false, gives, run }
    }

    const fn vector(name: &'static str, takes: &'static [Kind], run: Run) -> Self {
        Function::new(name, takes, Kind::Vector, run)
    }

    const fn each(name: &'static str, each: fn(f64) -> f64) -> Self {
        Function::vector(name, VECTOR, Run::Each(each))
    }

    const fn over(name: &'static str, over: OfSpan) -> Self {
        Function::vector(name, RANGE, Run::Over(over))
    }

    const fn with_optional(mut self, optional: usize) -> Self {
        self.optional = optional;
        self
    }
}

/// The function with a name.
pub fn find(name: &str) -> Result<&'static Function, ExprError> {
    let found = FAMILIES.iter().flat_map(|family| family.iter()).find(|function| function.name == name);
    found.ok_or_else(|| ExprError::new(format!("the function `{name}` is {}", reason(name))))
}

fn reason(name: &str) -> &'static str {
    match name {
        "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar" | "histogram_sum" => {
            "for native histograms, which hostward does not have"
        }
        _ => "experimental in Prometheus and not evaluated here",
    }
}

/// What a function asks of its arguments beyond their kind, and what can be prepared of them once and for all.
pub fn settle(function: &Function, arguments: &mut [Node]) -> Result<(), ExprError> {
    match function.name {
        "label_replace" => label::settle_replace(arguments),
        "label_join" => label::check_join(arguments),
        _ => Ok(()),
    }
}

/// The value of a function that gives a scalar.
pub fn scalar(context: &Context<'_>, call: &Call) -> Result<f64, EvalError> {
    match call.function.run {
        Run::Scalar(run) => run(context, call),
        _ => Err(EvalError::Parameter(format!("{} gives no scalar", call.function.name))),
    }
}

/// The value of a function that gives an instant vector.
pub fn vector(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    match call.function.run {
        Run::Vector(run) => run(context, call),
        Run::Each(run) => each(context, &call.arguments, |value, _| Some(run(value))),
        Run::With(run) => each(context, &call.arguments, run),
        Run::Over(run) => over(context, call, false, &scalars(context, &call.arguments)?, |_| (), run),
        Run::Named(run) => over(context, call, true, &scalars(context, &call.arguments)?, |_| (), run),
        Run::Noted(note, run) => {
            let scalars = scalars(context, &call.arguments)?;
            over(context, call, false, &scalars, |line| note(context, call, line), run)
        }
        Run::Checked(check, run) => {
            let scalars = scalars(context, &call.arguments)?;
            check(context, call, &scalars)?;
            over(context, call, false, &scalars, |_| (), run)
        }
        Run::Scalar(_) => Err(EvalError::Parameter(format!("{} gives no vector", call.function.name))),
    }
}

fn each(
    context: &Context<'_>,
    arguments: &[Node],
    run: impl Fn(f64, &[f64]) -> Option<f64>,
) -> Result<Vector, EvalError> {
    let Some(first) = arguments.first() else { return Ok(Vector::new()) };
    let vector = context.vector(first)?;
    let scalars = scalars(context, arguments)?;
    let one = |element: Element| {
        let value = run(element.value, &scalars)?;
        Some(element.computed(value))
    };
    Ok(vector.into_iter().filter_map(one).collect())
}

/// Gives a value for each series of the range argument.
fn over(
    context: &Context<'_>,
    call: &Call,
    named: bool,
    scalars: &[f64],
    note: impl Fn(&Line<'_>),
    run: OfSpan,
) -> Result<Vector, EvalError> {
    let range = call.arguments.iter().find(|argument| argument.kind() == Kind::Range);
    let Some(range) = range else { return unexpected(Kind::Range, &call.arguments[0]) };
    let (from_ms, to_ms) = context.span(range)?;
    let mut vector = Vector::new();
    context.each_line(range, |line| {
        note(&line);
        let span = Span { points: &line.points, from_ms, to_ms, at_ms: context.at_ms };
        let value = if line.points.is_empty() { None } else { run(&span, scalars) };
        vector.extend(value.map(|value| Element {
            labels: line.labels,
            value,
            drops_name: line.drops_name || !named,
        }));
    })?;
    Ok(vector)
}

fn scalars(context: &Context<'_>, arguments: &[Node]) -> Result<Vec<f64>, EvalError> {
    let scalars = arguments.iter().filter(|argument| argument.kind() == Kind::Scalar);
    scalars.map(|argument| context.scalar(argument)).collect()
}
