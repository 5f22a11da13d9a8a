//! The same expression with another number in its first comparison.

use super::Expr;
use super::condition::{fixed, is_comparison};
use super::syntax;
use promql_parser::parser::{Expr as Tree, NumberLiteral, token};

impl Expr {
    /// The expression with another number in the first of its [`Expr::conditions`]; nothing when it has none.
    pub fn with_threshold(&self, threshold: f64) -> Option<Expr> {
        let (mut tree, _) = syntax::parse(self.text()).ok()?;
        replace(&mut tree, threshold).then(|| Expr::parse(&tree.to_string()).ok()).flatten()
    }
}

fn replace(tree: &mut Tree, threshold: f64) -> bool {
    match tree {
        Tree::Paren(paren) => replace(&mut paren.expr, threshold),
        Tree::Binary(binary) => match binary.op.id() {
            token::T_LAND | token::T_LOR | token::T_LUNLESS => {
                replace(&mut binary.lhs, threshold) || replace(&mut binary.rhs, threshold)
            }
            op if is_comparison(op) => {
                let side = match (fixed(&binary.lhs), fixed(&binary.rhs)) {
                    (None, Some(_)) => &mut binary.rhs,
                    (Some(_), None) => &mut binary.lhs,
                    _ => return false,
                };
                **side = Tree::NumberLiteral(NumberLiteral { val: threshold });
                true
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_comparison_gets_another_number() {
        let other =
            |text: &str| Expr::parse(text).unwrap().with_threshold(0.5).map(|own| own.text().to_owned());
        let cases = [
            ("node_load1 > 4", Some("node_load1 > 0.5")),
            ("10 * 2 < rate(a[5m])", Some("0.5 < rate(a[5m])")),
            ("(a > -1) and b == 2", Some("(a > 0.5) and b == 2")),
            ("a + b", None),
            ("a > b", None),
            ("up and (x or y)", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(other(text).as_deref(), wanted, "{text}");
        }
    }
}
