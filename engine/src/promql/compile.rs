//! From the parser's tree to nodes that can be evaluated, or a reason why not.

mod operators;
mod select;

use super::call;
use super::error::ExprError;
use super::node::{Aggregate, Binary, Fold, Kind, Node, Operator};
use promql_parser::parser::{AggregateExpr, BinaryExpr, Call, Expr, SubqueryExpr, VectorMatchCardinality};

/// The tree may be so deep; `a + b + c` counts one for each operator.
const DEPTH_MAX: usize = 250;

/// Compiles a tree.
pub fn compile(tree: &Expr) -> Result<Node, ExprError> {
    node(tree, DEPTH_MAX)
}

fn node(tree: &Expr, depth: usize) -> Result<Node, ExprError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(ExprError::new(format!("the expression nests deeper than {DEPTH_MAX}")));
    };
    match tree {
        Expr::NumberLiteral(number) => Ok(Node::Number(number.val)),
        Expr::StringLiteral(text) => Ok(Node::Text(text.val.clone())),
        Expr::Paren(paren) => node(&paren.expr, depth),
        Expr::Unary(unary) => negate(node(&unary.expr, depth)?),
        Expr::VectorSelector(vector) => select::select(vector).map(Node::Instant),
        Expr::MatrixSelector(matrix) => {
            let range_ms = i64::try_from(matrix.range.as_millis()).unwrap_or(i64::MAX);
            Ok(Node::Range(select::select(&matrix.vs)?, range_ms))
        }
        Expr::Binary(expr) => binary(expr, depth),
        Expr::Aggregate(expr) => aggregate(expr, depth),
        Expr::Call(expr) => function_call(expr, depth),
        Expr::Subquery(expr) => Err(subquery(expr)),
        Expr::Extension(_) => Err(ExprError::new("the expression holds a node that PromQL does not have")),
    }
}

fn subquery(expr: &SubqueryExpr) -> ExprError {
    let range = expr.range.as_secs_f64();
    ExprError::new(format!(
        "subqueries such as [{range}s:] are not evaluated yet: give a range to a plain selector"
    ))
}

fn negate(of: Node) -> Result<Node, ExprError> {
    expect("unary minus", &of, &[Kind::Scalar, Kind::Vector])?;
    Ok(match of {
        Node::Number(number) => Node::Number(-number),
        of => Node::Negate(Box::new(of)),
    })
}

fn expect(place: &str, node: &Node, kinds: &[Kind]) -> Result<(), ExprError> {
    let kind = node.kind();
    if kinds.contains(&kind) {
        return Ok(());
    }
    let wanted: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    Err(ExprError::new(format!("{place} takes {}, not {}", wanted.join(" or "), kind.as_str())))
}

fn binary(expr: &BinaryExpr, depth: usize) -> Result<Node, ExprError> {
    let operator = operators::operator(expr.op)?;
    let (left, right) = (node(&expr.lhs, depth)?, node(&expr.rhs, depth)?);
    let place = format!("`{}`", expr.op);
    let kinds: &[Kind] =
        if matches!(operator, Operator::Set(_)) { &[Kind::Vector] } else { &[Kind::Scalar, Kind::Vector] };
    expect(&place, &left, kinds)?;
    expect(&place, &right, kinds)?;
    let bool = expr.return_bool();
    let comparison = matches!(operator, Operator::Comparison(_));
    if bool && !comparison {
        return Err(ExprError::new(format!("`bool` is for comparisons, not for {place}")));
    }
    let vectors = [&left, &right].map(|side| side.kind() == Kind::Vector);
    if comparison && !bool && vectors == [false, false] {
        return Err(ExprError::new(format!("{place} between two scalars needs `bool`")));
    }
    if vectors != [true, true] && expr.modifier.as_ref().is_some_and(is_matching) {
        return Err(ExprError::new(format!("{place} matches labels only between two instant vectors")));
    }
    let matching = operators::matching(expr.modifier.as_ref())?;
    Ok(Node::Binary(Box::new(Binary { operator, bool, matching, left, right })))
}

fn is_matching(modifier: &promql_parser::parser::BinModifier) -> bool {
    let grouped =
        matches!(modifier.card, VectorMatchCardinality::ManyToOne(_) | VectorMatchCardinality::OneToMany(_));
    grouped || modifier.matching.is_some()
}

fn aggregate(expr: &AggregateExpr, depth: usize) -> Result<Node, ExprError> {
    let fold = operators::fold(expr.op)?;
    let place = format!("`{}`", expr.op);
    let of = node(&expr.expr, depth)?;
    expect(&place, &of, &[Kind::Vector])?;
    let parameter = expr.param.as_ref().map(|parameter| node(parameter, depth)).transpose()?;
    if let Some(parameter) = &parameter {
        let kind = if fold == Fold::CountValues { Kind::Text } else { Kind::Scalar };
        expect(&format!("the first argument of {place}"), parameter, &[kind])?;
        operators::check_label_argument(fold, parameter)?;
    }
    let names = operators::names(expr.modifier.as_ref(), true);
    Ok(Node::Aggregate(Box::new(Aggregate { fold, names, parameter, of })))
}

fn function_call(expr: &Call, depth: usize) -> Result<Node, ExprError> {
    let function = call::find(expr.func.name)?;
    let arguments =
        expr.args.args.iter().map(|argument| node(argument, depth)).collect::<Result<Vec<_>, _>>()?;
    let name = function.name;
    let (min, max) = (function.takes.len() - function.optional, function.takes.len());
    if arguments.len() < min || (arguments.len() > max && !function.repeats) {
        let wanted = if min == max { max.to_string() } else { format!("{min} to {max}") };
        return Err(ExprError::new(format!("`{name}` takes {wanted} arguments, not {}", arguments.len())));
    }
    for (index, argument) in arguments.iter().enumerate() {
        let Some(kind) = function.takes.get(index).or(function.takes.last()) else { continue };
        expect(&format!("argument {} of `{name}`", index + 1), argument, &[*kind])?;
    }
    call::check(function, &arguments)?;
    Ok(Node::Call(function, arguments))
}
