//! An expression, ready to be evaluated.

use super::annotation::Annotations;
use super::compile;
use super::error::{EvalError, ExprError};
use super::eval::{Context, Evaluation, SAMPLES_MAX, Times};
use super::node::{Kind, Node};
use super::source::{Point, Selector, Source};
use super::syntax;
use super::value::{Element, RangeSeries, Value, Vector};
use crate::labels::{Labels, is_metadata};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A range query may have so many steps.
pub const STEPS_MAX: usize = 11_000;

/// A compiled expression and the text that it came from.
#[derive(Clone, Debug)]
pub struct Expr {
    text: String,
    node: Node,
    slots: usize,
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
        let (tree, plain) = syntax::parse(text)?;
        let (node, slots) = compile::compile(&tree, &plain).map_err(|error| error.located(text))?;
        Ok(Expr { text: text.to_owned(), node, slots })
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

    /// The series that it asks for, when it is nothing but a selector of them.
    pub fn as_selector(&self) -> Option<&Selector> {
        match &self.node {
            Node::Instant(select) => Some(&select.selector),
            _ => None,
        }
    }

    /// All selectors in it, in the order in which they are written.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.node.selectors().into_iter()
    }

    /// How far back it looks at most, look-back and `offset` included.
    pub fn window_ms(&self) -> i64 {
        self.node.window_ms(super::LOOKBACK_MS)
    }

    /// The longest of its ranges, `offset` included and look-back not.
    pub fn range_ms(&self) -> i64 {
        self.node.window_ms(0)
    }

    /// The value at one time.
    pub fn eval(&self, source: &dyn Source, at_ms: i64) -> Result<Value, EvalError> {
        self.answer(source, at_ms).map(|(value, _)| value)
    }

    /// The value at one time, with what is to be said beside it.
    pub fn answer(&self, source: &dyn Source, at_ms: i64) -> Result<(Value, Annotations), EvalError> {
        let query = self.evaluation(source, at_ms, at_ms, 0, SAMPLES_MAX);
        let value = self.at(&query, at_ms)?;
        Ok((value, query.annotations.into_inner()))
    }

    /// The value at one time, unless that takes more samples than there are left; what it takes is taken off.
    pub fn eval_within(
        &self,
        source: &dyn Source,
        at_ms: i64,
        samples_left: &mut usize,
    ) -> Result<Value, EvalError> {
        let query = self.evaluation(source, at_ms, at_ms, 0, *samples_left);
        let value = self.at(&query, at_ms);
        *samples_left = query.left();
        value
    }

    fn evaluation<'a>(
        &self,
        source: &'a dyn Source,
        first_ms: i64,
        last_ms: i64,
        step_ms: i64,
        samples_max: usize,
    ) -> Evaluation<'a> {
        Evaluation::new(source, Times { first_ms, last_ms }, step_ms, self.slots, samples_max)
    }

    fn at(&self, query: &Evaluation<'_>, at_ms: i64) -> Result<Value, EvalError> {
        let context = Context::new(query, at_ms);
        match self.node.kind() {
            Kind::Scalar => context.scalar(&self.node).map(Value::Scalar),
            Kind::Text => context.text(&self.node).map(|text| Value::String(text.to_owned())),
            Kind::Range => matrix(&context, &self.node),
            Kind::Vector => {
                let named = named(context.vector(&self.node)?)?.into_iter();
                Ok(Value::Vector(
                    named.map(|element| (Arc::unwrap_or_clone(element.labels), element.value)).collect(),
                ))
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
        self.answer_range(source, from_ms, to_ms, step_ms).map(|(series, _)| series)
    }

    /// The same, with what is to be said beside it.
    pub fn answer_range(
        &self,
        source: &dyn Source,
        from_ms: i64,
        to_ms: i64,
        step_ms: i64,
    ) -> Result<(Vec<RangeSeries>, Annotations), EvalError> {
        if step_ms <= 0 {
            return Err(EvalError::Parameter("the step must be longer than 0".to_owned()));
        }
        if to_ms.saturating_sub(from_ms) / step_ms >= STEPS_MAX as i64 {
            return Err(EvalError::TooManySteps { steps_max: STEPS_MAX });
        }
        let query = self.evaluation(source, from_ms, to_ms, step_ms, SAMPLES_MAX);
        let mut found = Found::default();
        for at_ms in (from_ms..=to_ms).step_by(usize::try_from(step_ms).unwrap_or(usize::MAX)) {
            let context = Context::new(&query, at_ms);
            match self.node.kind() {
                Kind::Scalar => found.add(at_ms, scalar_element(context.scalar(&self.node)?)),
                Kind::Vector => {
                    let named = named(context.vector(&self.node)?)?;
                    named.into_iter().for_each(|element| found.add(at_ms, element));
                }
                Kind::Range | Kind::Text => {
                    let reason = "a range query needs an expression that gives a scalar or an instant vector";
                    return Err(EvalError::Parameter(reason.to_owned()));
                }
            }
        }
        Ok((found.series(), query.annotations.into_inner()))
    }
}

fn scalar_element(value: f64) -> Element {
    Element::new(Arc::default(), value)
}

fn matrix(context: &Context<'_>, node: &Node) -> Result<Value, EvalError> {
    let window = context.window(node)?;
    let elements = window.iter().map(|line| Element {
        labels: line.labels.clone(),
        value: 0.0,
        drops_name: line.drops_name,
    });
    let labels = named(elements.collect())?.into_iter().map(|element| Arc::unwrap_or_clone(element.labels));
    let points = window.into_iter().map(|line| line.points.into_owned());
    Ok(Value::Matrix(labels.zip(points).map(|(labels, points)| RangeSeries { labels, points }).collect()))
}

/// Takes the metric names away that no longer fit, types and units with them; each label set is there once then.
pub fn named(mut vector: Vector) -> Result<Vector, EvalError> {
    for element in vector.iter_mut().filter(|element| element.drops_name) {
        if element.labels.iter().any(|(name, _)| is_metadata(name)) {
            element.labels = Arc::new(element.labels.filtered(|name| !is_metadata(name)));
        }
    }
    distinct(&vector)?;
    Ok(vector)
}

/// An error when two elements have the same labels.
pub fn distinct(vector: &Vector) -> Result<(), EvalError> {
    if vector.len() < 2 {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(vector.len());
    match vector.iter().find(|element| !seen.insert(element.labels.as_ref())) {
        Some(element) => Err(EvalError::SameLabels(element.labels.to_string())),
        None => Ok(()),
    }
}

/// The series of a range query as they grow.
#[derive(Default)]
struct Found {
    places: HashMap<Arc<Labels>, usize>,
    series: Vec<(Arc<Labels>, Vec<Point>)>,
}

impl Found {
    fn add(&mut self, at_ms: i64, element: Element) {
        let place = match self.places.get(&element.labels) {
            Some(place) => *place,
            None => {
                self.places.insert(element.labels.clone(), self.series.len());
                self.series.push((element.labels, Vec::new()));
                self.series.len() - 1
            }
        };
        self.series[place].1.push(Point { at_ms, value: element.value });
    }

    fn series(mut self) -> Vec<RangeSeries> {
        drop(self.places);
        self.series.sort_by(|(a, _), (b, _)| a.cmp(b));
        let series = self.series.into_iter();
        series.map(|(labels, points)| RangeSeries { labels: Arc::unwrap_or_clone(labels), points }).collect()
    }
}
