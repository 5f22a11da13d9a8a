//! What is refused, and where evaluation ends.

use super::check;
use expect_test::expect;
use hostward_engine::promql::Expr;
use hostward_engine::promql::drawn::Drawn;

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let mut long = "(".repeat(101);
    long.push_str("1\n");
    let text = format!(
        r#"
        sum(
        rate(m)
        rate(m[5m]
        m[5m]) + 1
        m + + +
        sum by (job)
        nosuch(m)
        histogram_sum(m)
        histogram_quantile(0.9, m)
        mad_over_time(m[5m])
        limitk(2, m)
        rate(m[5m:1m])
        m @ 5
        m[1e30]
        m offset 1e30
        m[0]
        {{job=~".*"}}
        m{{a=~"("}}
        m{{a="b" or c="d"}}
        m{{a="b}}
        1 > 2
        m and 1
        1 + on(a) m
        "a" + 1
        rate(5)
        abs(1)
        exp(Inf)
        clamp(m, 1)
        round(m, 1, 2)
        topk("a", m)
        count_values("1a", m)
        label_replace(m, "1", "", "", "")
        m + bool 1
        -"a"
        m + fill(0) n
        info(m)
        m[2m * 3]
        rate(m{{a="[1+1]"}}[step()])
        m offset -(1m)
        m offset Min(step(), 1s)
        rate(m[5m] Anchored)
        m{{a="smoothed"}} m
        {long}"#
    );
    check(
        &Drawn::default(),
        0,
        &text,
        expect![[r#"
            sum(
                refused: `(` is never closed (column 4)
            rate(m)
                refused: expected type matrix in call to function 'rate', got vector (column 1)
            rate(m[5m]
                refused: `(` is never closed (column 5)
            m[5m]) + 1
                refused: `)` closes nothing (column 6)
            m + + +
                refused: this is not PromQL: an operator, operand or word is out of place
            sum by (job)
                refused: this is not PromQL: an operator, operand or word is out of place
            nosuch(m)
                refused: unknown function with name 'nosuch' (column 1)
            histogram_sum(m)
                refused: the function `histogram_sum` is for native histograms, which hostward does not have (column 1)
            histogram_quantile(0.9, m)
            mad_over_time(m[5m])
            limitk(2, m)
            rate(m[5m:1m])
            m @ 5
            m[1e30]
                refused: `1e30` is not a length of time (column 3)
            m offset 1e30
                refused: `1e30` is not a length of time (column 3)
            m[0]
                refused: `0` is not a length of time (column 3)
            {job=~".*"}
                refused: vector selector must contain at least one non-empty matcher
            m{a=~"("}
                refused: illegal regex for (
            m{a="b" or c="d"}
                refused: `or` between label matchers is not PromQL: use a regular expression (column 9)
            m{a="b}
                refused: the string is never closed (column 5)
            1 > 2
                refused: comparisons between scalars must use BOOL modifier
            m and 1
                refused: set operator 'and' not allowed in binary scalar expression (column 3)
            1 + on(a) m
                refused: vector matching only allowed between vectors
            "a" + 1
                refused: binary expression must contain only scalar and instant vector types
            rate(5)
                refused: expected type matrix in call to function 'rate', got scalar (column 1)
            abs(1)
                refused: expected type vector in call to function 'abs', got scalar (column 1)
            exp(Inf)
                refused: argument 1 of `exp` takes instant vector, not scalar (column 1)
            clamp(m, 1)
                refused: expected 3 argument(s) in call to 'clamp', got 2 (column 1)
            round(m, 1, 2)
                refused: expected at most 2 argument(s) in call to 'round', got 3 (column 1)
            topk("a", m)
                refused: expected type scalar in aggregation expression, got string
            count_values("1a", m)
            label_replace(m, "1", "", "", "")
            m + bool 1
                refused: bool modifier can only be used on comparison operators
            -"a"
                refused: unary expression only allowed on expressions of type scalar or vector, got: string
            m + fill(0) n
                refused: `fill` is experimental in Prometheus and not evaluated here (column 5)
            info(m)
                refused: the function `info` is experimental in Prometheus and not evaluated here (column 1)
            m[2m * 3]
                refused: a computed duration is experimental in Prometheus and not evaluated here (column 3)
            rate(m{a="[1+1]"}[step()])
                refused: a computed duration is experimental in Prometheus and not evaluated here (column 19)
            m offset -(1m)
                refused: a computed duration is experimental in Prometheus and not evaluated here (column 9)
            m offset Min(step(), 1s)
                refused: a computed duration is experimental in Prometheus and not evaluated here (column 9)
            rate(m[5m] Anchored)
                refused: `anchored` is experimental in Prometheus and not evaluated here
            m{a="smoothed"} m
                refused: this is not PromQL: an operator, operand or word is out of place
            (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1
                refused: brackets nest deeper than 100 (column 101)
        "#]],
    );
    assert_eq!(Expr::parse(" ").unwrap_err().reason, "the expression is empty");
    assert!(Expr::parse(&"1+".repeat(9000)).unwrap_err().reason.contains("longer than"));
    assert!(Expr::parse(&format!("{}m", "-".repeat(5000))).is_err());
    assert!(Expr::parse(&format!("m{}", "+m".repeat(5000))).unwrap_err().reason.contains("nests deeper"));
}

#[test]
fn an_evaluation_has_a_bound() {
    struct Endless;
    impl hostward_engine::promql::source::Source for Endless {
        fn range(
            &self,
            _: &hostward_engine::promql::source::Selector,
            _: i64,
            _: i64,
        ) -> Vec<(std::sync::Arc<hostward_engine::Labels>, Vec<hostward_engine::promql::source::Point>)>
        {
            let labels = std::sync::Arc::new(hostward_engine::Labels::default());
            let point = hostward_engine::promql::source::Point { at_ms: 0, value: 0.0 };
            vec![(labels, vec![point]); hostward_engine::promql::SAMPLES_MAX / 2 + 1]
        }
    }
    assert!(Expr::parse("count(m)").unwrap().eval(&Endless, 0).is_ok());
    let error = Expr::parse("count(m) + count(m)").unwrap().eval(&Endless, 0).unwrap_err();
    assert!(error.to_string().starts_with("more than 5000000 samples"), "{error}");
}
