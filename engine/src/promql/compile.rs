//! From the parser's tree to nodes that can be evaluated, or a reason why not.

mod operators;
mod place;
mod select;

use super::error::ExprError;
use super::function;
use super::node::{Aggregate, Binary, Call, Fold, Kind, Node, Operator, Subquery};
use place::Places;
use promql_parser::parser::{self, AggregateExpr, BinaryExpr, Expr, SubqueryExpr, VectorMatchCardinality};

/// The tree may be so deep; `a + b + c` counts one for each operator.
const DEPTH_MAX: usize = 250;
/// Between the steps of a subquery that names none: Prometheus' default for `evaluation_interval`.
const STEP_MS: i64 = 60_000;

/// Compiles a tree; gives the number of slots too. `plain` is its text as `syntax` looks through it.
pub fn compile(tree: &Expr, plain: &[u8]) -> Result<(Node, usize), ExprError> {
    let mut compiler = Compiler { places: Places::new(plain), slots: 0 };
    let node = compiler.node(tree, DEPTH_MAX)?;
    Ok((node, compiler.slots))
}

struct Compiler<'a> {
    places: Places<'a>,
    slots: usize,
}

impl Compiler<'_> {
    fn node(&mut self, tree: &Expr, depth: usize) -> Result<Node, ExprError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(ExprError::new(format!("the expression nests deeper than {DEPTH_MAX}")));
        };
        match tree {
            Expr::NumberLiteral(number) => Ok(Node::Number(number.val)),
            Expr::StringLiteral(text) => Ok(Node::Text(text.val.clone())),
            Expr::Paren(paren) => self.node(&paren.expr, depth),
            Expr::Unary(unary) => negate(self.node(&unary.expr, depth)?),
            Expr::VectorSelector(vector) => select::select(vector, self.slot()).map(Node::Instant),
            Expr::MatrixSelector(matrix) => {
                Ok(Node::Range(select::select(&matrix.vs, self.slot())?, select::ms(&matrix.range)))
            }
            Expr::Binary(expr) => self.binary(expr, depth),
            Expr::Aggregate(expr) => self.aggregate(expr, depth),
            Expr::Call(expr) => self.call(expr, depth),
            Expr::Subquery(expr) => self.subquery(expr, depth),
            Expr::Extension(_) => {
                Err(ExprError::new("the expression holds a node that PromQL does not have"))
            }
        }
    }

    fn slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    fn subquery(&mut self, expr: &SubqueryExpr, depth: usize) -> Result<Node, ExprError> {
        let of = self.node(&expr.expr, depth)?;
        expect("a subquery", &of, &[Kind::Vector])?;
        let step_ms = expr.step.as_ref().map_or(STEP_MS, select::ms);
        let range_ms = select::ms(&expr.range);
        if step_ms < 1 || range_ms < 1 {
            return Err(ExprError::new("range and step of a subquery are 1ms or longer"));
        }
        let shift = select::shift(expr.at.as_ref(), expr.offset.as_ref());
        Ok(Node::Subquery(Box::new(Subquery { of, range_ms, step_ms, shift, slot: self.slot() })))
    }

    fn binary(&mut self, expr: &BinaryExpr, depth: usize) -> Result<Node, ExprError> {
        let operator = operators::operator(expr.op)?;
        let (left, right) = (self.node(&expr.lhs, depth)?, self.node(&expr.rhs, depth)?);
        let place = format!("`{}`", expr.op);
        let kinds: &[Kind] = if matches!(operator, Operator::Set(_)) {
            &[Kind::Vector]
        } else {
            &[Kind::Scalar, Kind::Vector]
        };
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

    fn aggregate(&mut self, expr: &AggregateExpr, depth: usize) -> Result<Node, ExprError> {
        let fold = operators::fold(expr.op)?;
        let place = format!("`{}`", expr.op);
        let (_, places) = self.places.call(&expr.op.to_string());
        let parameter = expr.param.as_ref().map(|parameter| self.node(parameter, depth)).transpose()?;
        let of = self.node(&expr.expr, depth)?;
        expect(&place, &of, &[Kind::Vector])?;
        if let Some(parameter) = &parameter {
            let kind = if fold == Fold::CountValues { Kind::Text } else { Kind::Scalar };
            expect(&format!("the first argument of {place}"), parameter, &[kind])?;
            operators::check_label_argument(fold, parameter)?;
        }
        operators::check_arguments(fold, parameter.is_some(), &place)?;
        let names = operators::names(expr.modifier.as_ref(), true);
        let place = places.first().copied().unwrap_or_default();
        Ok(Node::Aggregate(Box::new(Aggregate { fold, names, parameter, of, place })))
    }

    fn call(&mut self, expr: &parser::Call, depth: usize) -> Result<Node, ExprError> {
        let function = function::find(expr.func.name)?;
        let (place, places) = self.places.call(function.name);
        let mut arguments = expr
            .args
            .args
            .iter()
            .map(|argument| self.node(argument, depth))
            .collect::<Result<Vec<_>, _>>()?;
        let name = function.name;
        let (min, max) = (function.takes.len() - function.optional, function.takes.len());
        if arguments.len() < min || (arguments.len() > max && !function.repeats) {
            let wanted = if min == max { max.to_string() } else { format!("{min} to {max}") };
            return Err(ExprError::new(format!(
                "`{name}` takes {wanted} arguments, not {}",
                arguments.len()
            )));
        }
        for (index, argument) in arguments.iter().enumerate() {
            let Some(kind) = function.takes.get(index).or(function.takes.last()) else { continue };
            expect(&format!("argument {} of `{name}`", index + 1), argument, &[*kind])?;
        }
        function::settle(function, &mut arguments)?;
        Ok(Node::Call(Box::new(Call { function, arguments, place, places })))
    }
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

fn is_matching(modifier: &parser::BinModifier) -> bool {
    let grouped =
        matches!(modifier.card, VectorMatchCardinality::ManyToOne(_) | VectorMatchCardinality::OneToMany(_));
    grouped || modifier.matching.is_some()
}
