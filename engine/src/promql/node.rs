//! The compiled expression: every node has been checked and can be evaluated.

use super::call::Function;
use super::source::Selector;

/// A node of the expression.
#[derive(Clone, Debug)]
pub enum Node {
    /// A number.
    Number(f64),
    /// Text, as an argument.
    Text(String),
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
    Call(&'static Function, Vec<Node>),
}

/// Which series, and how long ago.
#[derive(Clone, Debug)]
pub struct Select {
    /// The series.
    pub selector: Selector,
    /// `offset`, positive into the past.
    pub offset_ms: i64,
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
}

impl Node {
    /// What kind of value it gives.
    pub fn kind(&self) -> Kind {
        match self {
            Node::Number(_) => Kind::Scalar,
            Node::Text(_) => Kind::Text,
            Node::Instant(_) | Node::Aggregate(_) => Kind::Vector,
            Node::Range(..) => Kind::Range,
            Node::Negate(of) => of.kind(),
            Node::Binary(binary) => match (binary.left.kind(), binary.right.kind()) {
                (Kind::Scalar, Kind::Scalar) => Kind::Scalar,
                _ => Kind::Vector,
            },
            Node::Call(function, _) => function.gives,
        }
    }

    /// Calls `see` with each selection and how far it reaches back.
    pub fn visit_selects(&self, see: &mut impl FnMut(&Select, i64)) {
        match self {
            Node::Number(_) | Node::Text(_) => {}
            Node::Instant(select) => see(select, super::LOOKBACK_MS),
            Node::Range(select, range_ms) => see(select, *range_ms),
            Node::Negate(of) => of.visit_selects(see),
            Node::Binary(binary) => {
                [&binary.left, &binary.right].into_iter().for_each(|n| n.visit_selects(see))
            }
            Node::Aggregate(aggregate) => {
                aggregate.parameter.iter().chain([&aggregate.of]).for_each(|node| node.visit_selects(see));
            }
            Node::Call(_, arguments) => arguments.iter().for_each(|node| node.visit_selects(see)),
        }
    }
}
