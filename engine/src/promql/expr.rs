//! An expression, ready to be evaluated.

use super::compile;
use super::error::{EvalError, ExprError};
use super::eval::{Context, SAMPLES_MAX};
use super::node::{Kind, Node};
use super::source::{Point, Selector, Source};
use super::syntax;
use super::value::{RangeSeries, Value};
use crate::labels::Labels;
use std::cell::Cell;
use std::collections::BTreeMap;

/// A range query may have so many steps.
pub const STEPS_MAX: usize = 11_000;

/// A compiled expression and the text that it came from.
#[derive(Clone, Debug)]
pub struct Expr {
    text: String,
    node: Node,
    selectors: Vec<Selector>,
    window_ms: i64,
}

/// Two expressions are the same when their text is.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Expr {
    /// Compiles an expression, or says why it cannot be evaluated here.
    pub fn parse(text: &str) -> Result<Expr, ExprError> {
        let text = text.trim();
        let tree = syntax::parse(text)?;
        let node = compile::compile(&tree).map_err(|error| error.located(text))?;
        let mut selectors = Vec::new();
        let mut window_ms = 0;
        node.visit_selects(&mut |select, back_ms| {
            selectors.push(select.selector.clone());
            window_ms = window_ms.max(back_ms.saturating_add(select.offset_ms));
        });
        Ok(Expr { text: text.to_owned(), node, selectors, window_ms })
    }

    /// What is wrong with it as a rule's condition, which must give an instant vector or a number.
    pub fn unfit_for_rule(&self) -> Option<String> {
        match self.node.kind() {
            Kind::Scalar | Kind::Vector => None,
            kind => Some(format!("a rule needs an instant vector or a scalar; this is a {}", kind.as_str())),
        }
    }

    /// The text, without space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All selectors in it, in the order in which they are written.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.selectors.iter()
    }

    /// How far back it looks at most, look-back and `offset` included.
    pub fn window_ms(&self) -> i64 {
        self.window_ms
    }

    /// The value at one time.
    pub fn eval(&self, source: &dyn Source, at_ms: i64) -> Result<Value, EvalError> {
        self.eval_within(source, at_ms, &Cell::new(SAMPLES_MAX))
    }

    /// The value at one time, within what is left of a budget of samples.
    fn eval_within(
        &self,
        source: &dyn Source,
        at_ms: i64,
        samples: &Cell<usize>,
    ) -> Result<Value, EvalError> {
        let context = Context::new(source, at_ms, samples);
        match self.node.kind() {
            Kind::Scalar => context.scalar(&self.node).map(Value::Scalar),
            Kind::Text => context.text(&self.node).map(|text| Value::String(text.to_owned())),
            Kind::Range => {
                let window = context.window(&self.node)?;
                let series =
                    window.series.into_iter().map(|(labels, points)| RangeSeries::new(labels, points));
                Ok(Value::Matrix(series.collect()))
            }
            Kind::Vector => {
                let vector = context.vector(&self.node)?;
                let owned = vector
                    .into_iter()
                    .map(|(labels, value)| (std::sync::Arc::unwrap_or_clone(labels), value));
                Ok(Value::Vector(owned.collect()))
            }
        }
    }

    /// The values at `from_ms`, `from_ms + step_ms` and so on up to `to_ms`, series in the order of their labels.
    pub fn eval_range(
        &self,
        source: &dyn Source,
        from_ms: i64,
        to_ms: i64,
        step_ms: i64,
    ) -> Result<Vec<RangeSeries>, EvalError> {
        if step_ms <= 0 {
            return Err(EvalError::Parameter("the step must be longer than 0".to_owned()));
        }
        if to_ms.saturating_sub(from_ms) / step_ms >= STEPS_MAX as i64 {
            return Err(EvalError::TooManySteps { steps_max: STEPS_MAX });
        }
        let samples = Cell::new(SAMPLES_MAX);
        let mut series: BTreeMap<Labels, Vec<Point>> = BTreeMap::new();
        for at_ms in (from_ms..=to_ms).step_by(usize::try_from(step_ms).unwrap_or(usize::MAX)) {
            for (labels, value) in flat(self.eval_within(source, at_ms, &samples)?)? {
                series.entry(labels).or_default().push(Point { at_ms, value });
            }
        }
        Ok(series.into_iter().map(|(labels, points)| RangeSeries { labels, points }).collect())
    }
}

fn flat(value: Value) -> Result<Vec<(Labels, f64)>, EvalError> {
    match value {
        Value::Scalar(value) => Ok(vec![(Labels::default(), value)]),
        Value::Vector(vector) => Ok(vector),
        Value::Matrix(_) | Value::String(_) => {
            let reason = "a range query needs an expression that gives a scalar or an instant vector";
            Err(EvalError::Parameter(reason.to_owned()))
        }
    }
}
