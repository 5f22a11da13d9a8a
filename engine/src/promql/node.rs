//! The compiled expression: every node has been checked and can be evaluated.

use super::function::Function;
use super::source::{Pattern, Selector};

/// A node of the expression.
#[derive(Clone, Debug)]
pub enum Node {
    /// A number.
    Number(f64),
    /// Text, as an argument.
    Text(String),
    /// Text that is a pattern, as an argument.
    Pattern(Pattern),
    /// Series at an instant.
    Instant(Select),
    /// Series over a range that ends at the instant.
    Range(Select, i64),
    /// `-x`
    Negate(Box<Node>),
    /// Two operands.
    Binary(Box<Binary>),
    /// Many series to fewer.
    Aggregate(Box<Aggregate>),
    /// A function and its arguments.
    Call(Box<Call>),
    /// An expression at many instants.
    Subquery(Box<Subquery>),
}

/// Which series, and when.
#[derive(Clone, Debug)]
pub struct Select {
    /// The series.
    pub selector: Selector,
    /// Moved from the time of evaluation.
    pub shift: Shift,
    /// What it gave in this evaluation is remembered under this number.
    pub slot: usize,
}

/// `@` and `offset`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shift {
    /// The time of evaluation, when it is given.
    pub at: Option<At>,
    /// How far back from there.
    pub offset_ms: i64,
}

/// A time that does not move with the steps of a range query.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// Of the query.
    Start,
    /// Of the query.
    End,
    /// Milliseconds since the epoch.
    Ms(i64),
}

/// `expression[range:step]`
#[derive(Clone, Debug)]
pub struct Subquery {
    /// Gives an instant vector at each step.
    pub of: Node,
    /// How far back the steps go.
    pub range_ms: i64,
    /// Between two steps, which are multiples of it.
    pub step_ms: i64,
    /// Moved from the time of evaluation.
    pub shift: Shift,
    /// What it gave in this evaluation is remembered under this number.
    pub slot: usize,
}

/// A function as it is called.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which.
    pub function: &'static Function,
    /// What it is given.
    pub arguments: Vec<Node>,
    /// Where its name stands.
    pub place: Place,
    /// Where each argument begins.
    pub places: Vec<Place>,
}

/// A place in the text of an expression; both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Character in it.
    pub column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What kind of value a node gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One number.
    Scalar,
    /// Series at an instant.
    Vector,
    /// Series over a range.
    Range,
    /// Text.
    Text,
}

impl Kind {
    /// The word in messages, as Prometheus' documentation has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Scalar => "scalar",
            Kind::Vector => "instant vector",
            Kind::Range => "range vector",
            Kind::Text => "string",
        }
    }
}

/// An operator between two operands.
#[derive(Clone, Debug)]
pub struct Binary {
    /// What to compute.
    pub operator: Operator,
    /// A comparison gives 0 or 1 and filters nothing.
    pub bool: bool,
    /// Which series belong together.
    pub matching: Matching,
    /// Left operand.
    pub left: Node,
    /// Right operand.
    pub right: Node,
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Gives a new number.
    Arithmetic(Arithmetic),
    /// Filters, or gives 0 or 1.
    Comparison(Comparison),
    /// Works on whole sets of series.
    Set(Set),
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say what they are")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Atan2,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say what they are")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say what they are")]
pub enum Set {
    And,
    Or,
    Unless,
}

/// Labels that a grouping or matching looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// `by` and `on`: only these.
    Only(Vec<String>),
    /// `without` and `ignoring`: all but these and the metric name.
    AllBut(Vec<String>),
}

/// Which series of two vectors belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// The labels that must agree.
    pub names: Names,
    /// How many of one side may meet one of the other.
    pub many: Many,
    /// Labels that the side with many takes over from the other.
    pub include: Vec<String>,
}

/// Which side may have many series in one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Neither.
    None,
    /// `group_left`
    Left,
    /// `group_right`
    Right,
}

/// Many series to fewer.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// How.
    pub fold: Fold,
    /// Which labels the groups are made by.
    pub names: Names,
    /// The operator's own argument.
    pub parameter: Option<Node>,
    /// The series.
    pub of: Node,
    /// Where the operator's own argument begins, or the series.
    pub place: Place,
}

/// Aggregation operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say what they are")]
pub enum Fold {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    Group,
    Stddev,
    Stdvar,
    Quantile,
    Topk,
    Bottomk,
    CountValues,
    Limitk,
    LimitRatio,
}

impl Node {
    /// What kind of value it gives.
    pub fn kind(&self) -> Kind {
        match self {
            Node::Number(_) => Kind::Scalar,
            Node::Text(_) | Node::Pattern(_) => Kind::Text,
            Node::Instant(_) | Node::Aggregate(_) => Kind::Vector,
            Node::Range(..) => Kind::Range,
            Node::Negate(of) => of.kind(),
            Node::Binary(binary) => match (binary.left.kind(), binary.right.kind()) {
                (Kind::Scalar, Kind::Scalar) => Kind::Scalar,
                _ => Kind::Vector,
            },
            Node::Call(call) => call.function.gives,
            Node::Subquery(_) => Kind::Range,
        }
    }

    /// The nodes that it is made of.
    fn parts(&self) -> Vec<&Node> {
        match self {
            Node::Number(_) | Node::Text(_) | Node::Pattern(_) | Node::Instant(_) | Node::Range(..) => {
                Vec::new()
            }
            Node::Negate(of) => vec![of],
            Node::Binary(binary) => vec![&binary.left, &binary.right],
            Node::Aggregate(aggregate) => aggregate.parameter.iter().chain([&aggregate.of]).collect(),
            Node::Call(call) => call.arguments.iter().collect(),
            Node::Subquery(subquery) => vec![&subquery.of],
        }
    }

    /// All selectors, in the order in which they are written.
    pub fn selectors(&self) -> Vec<&Selector> {
        match self {
            Node::Instant(select) | Node::Range(select, _) => vec![&select.selector],
            _ => self.parts().into_iter().flat_map(Node::selectors).collect(),
        }
    }

    /// How far back from the time of evaluation it looks, plain selectors so far; what `@` fixes does not count.
    pub fn window_ms(&self, lookback_ms: i64) -> i64 {
        let (shift, own_ms) = match self {
            Node::Instant(select) => (select.shift, lookback_ms),
            Node::Range(select, range_ms) => (select.shift, *range_ms),
            Node::Subquery(subquery) => (subquery.shift, subquery.range_ms),
            _ => (Shift::default(), 0),
        };
        if shift.at.is_some() {
            return 0;
        }
        let parts = self.parts().into_iter().map(|part| part.window_ms(lookback_ms)).max().unwrap_or(0);
        parts.saturating_add(own_ms).saturating_add(shift.offset_ms)
    }
}
