//! Operators, and the labels that matching and grouping look at.

use crate::promql::error::ExprError;
use crate::promql::experimental::REFUSAL;
use crate::promql::node::{Arithmetic, Comparison, Fold, Many, Matching, Names, Node, Operator, Set};
use promql_parser::parser::token::{self, TokenType};
use promql_parser::parser::{BinModifier, LabelModifier, VectorMatchCardinality};

/// The operator of a binary expression.
pub fn operator(op: TokenType) -> Result<Operator, ExprError> {
    Ok(match op.id() {
        token::T_ADD => Operator::Arithmetic(Arithmetic::Add),
        token::T_SUB => Operator::Arithmetic(Arithmetic::Subtract),
        token::T_MUL => Operator::Arithmetic(Arithmetic::Multiply),
        token::T_DIV => Operator::Arithmetic(Arithmetic::Divide),
        token::T_MOD => Operator::Arithmetic(Arithmetic::Modulo),
        token::T_POW => Operator::Arithmetic(Arithmetic::Power),
        token::T_ATAN2 => Operator::Arithmetic(Arithmetic::Atan2),
        token::T_EQLC => Operator::Comparison(Comparison::Equal),
        token::T_NEQ => Operator::Comparison(Comparison::NotEqual),
        token::T_LSS => Operator::Comparison(Comparison::Less),
        token::T_LTE => Operator::Comparison(Comparison::LessOrEqual),
        token::T_GTR => Operator::Comparison(Comparison::Greater),
        token::T_GTE => Operator::Comparison(Comparison::GreaterOrEqual),
        token::T_LAND => Operator::Set(Set::And),
        token::T_LOR => Operator::Set(Set::Or),
        token::T_LUNLESS => Operator::Set(Set::Unless),
        _ => return Err(ExprError::new(format!("the operator `{op}` is not evaluated"))),
    })
}

/// The operator of an aggregation.
pub fn fold(op: TokenType) -> Result<Fold, ExprError> {
    Ok(match op.id() {
        token::T_SUM => Fold::Sum,
        token::T_AVG => Fold::Avg,
        token::T_MIN => Fold::Min,
        token::T_MAX => Fold::Max,
        token::T_COUNT => Fold::Count,
        token::T_GROUP => Fold::Group,
        token::T_STDDEV => Fold::Stddev,
        token::T_STDVAR => Fold::Stdvar,
        token::T_QUANTILE => Fold::Quantile,
        token::T_TOPK => Fold::Topk,
        token::T_BOTTOMK => Fold::Bottomk,
        token::T_COUNT_VALUES => Fold::CountValues,
        token::T_LIMITK => Fold::Limitk,
        token::T_LIMIT_RATIO => Fold::LimitRatio,
        _ => return Err(ExprError::new(format!("the aggregation `{op}` is not evaluated"))),
    })
}

/// Which series belong together.
pub fn matching(modifier: Option<&BinModifier>) -> Result<Matching, ExprError> {
    let Some(modifier) = modifier else {
        return Ok(Matching { names: names(None, false), many: Many::None, include: Vec::new() });
    };
    if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
        return Err(ExprError::new(format!("`fill` is {REFUSAL}")));
    }
    let (many, include) = match &modifier.card {
        VectorMatchCardinality::ManyToOne(labels) => (Many::Left, labels.labels.clone()),
        VectorMatchCardinality::OneToMany(labels) => (Many::Right, labels.labels.clone()),
        _ => (Many::None, Vec::new()),
    };
    Ok(Matching { names: names(modifier.matching.as_ref(), false), many, include })
}

/// The labels of a modifier; without one an aggregation looks at none, and a matching at all.
pub fn names(modifier: Option<&LabelModifier>, aggregation: bool) -> Names {
    match modifier {
        Some(LabelModifier::Include(labels)) => Names::Only(labels.labels.clone()),
        Some(LabelModifier::Exclude(labels)) => Names::AllBut(labels.labels.clone()),
        None if aggregation => Names::Only(Vec::new()),
        None => Names::AllBut(Vec::new()),
    }
}

/// The parser lets some aggregations be called without the argument that they need, or with one that they do not.
pub fn check_arguments(fold: Fold, has_parameter: bool, place: &str) -> Result<(), ExprError> {
    let needs = matches!(
        fold,
        Fold::Quantile | Fold::Topk | Fold::Bottomk | Fold::CountValues | Fold::Limitk | Fold::LimitRatio
    );
    if needs == has_parameter {
        return Ok(());
    }
    let wanted = if needs { "an argument before the series" } else { "nothing but the series" };
    Err(ExprError::new(format!("{place} takes {wanted}")))
}

/// `count_values` writes its argument as a label name.
pub fn check_label_argument(fold: Fold, parameter: &Node) -> Result<(), ExprError> {
    match parameter {
        Node::Text(name) if fold == Fold::CountValues && name.is_empty() => {
            Err(ExprError::new("invalid label name \"\": a label name is not empty"))
        }
        _ => Ok(()),
    }
}
