//! Which series an expression looks at, and how far back.

use super::series::drawn;
use super::{MINUTE, check, requests};
use expect_test::expect;
use hostward_engine::promql::Expr;

#[test]
fn selectors() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        requests{job="api"}
        requests{job!="api",instance=~"1|2"}
        requests{instance!~"0"}
        requests{instance=~".+"} offset 10m
        {__name__="limit"}
        {__name__=~"lim.*",job="app"}
        requests{job=~"ap"}
        requests{missing=""}
        requests{job="api",instance="0"}[11m]
        requests{instance="0"} offset -5m
        "#,
        expect![[r#"
            requests{job="api"}
                requests{instance="0",job="api"} 100
                requests{instance="1",job="api"} 200
            requests{job!="api",instance=~"1|2"}
                requests{instance="1",job="app"} 400
            requests{instance!~"0"}
                requests{instance="1",job="api"} 200
                requests{instance="1",job="app"} 400
            requests{instance=~".+"} offset 10m
                requests{instance="0",job="api"} 80
                requests{instance="0",job="app"} 240
                requests{instance="1",job="api"} 160
                requests{instance="1",job="app"} 320
            {__name__="limit"}
                limit{job="api"} 150
                limit{job="app"} 350
            {__name__=~"lim.*",job="app"}
                limit{job="app"} 350
            requests{job=~"ap"}
            requests{missing=""}
                requests{instance="0",job="api"} 100
                requests{instance="0",job="app"} 300
                requests{instance="1",job="api"} 200
                requests{instance="1",job="app"} 400
            requests{job="api",instance="0"}[11m]
                requests{instance="0",job="api"} 80@2400 90@2700 100@3000
            requests{instance="0"} offset -5m
        "#]],
    );
}

#[test]
fn look_back_is_five_minutes_and_open_at_its_begin() {
    let source = drawn(MINUTE, "up 1 2 3\nended 1 2 stale");
    check(
        &source,
        2 * MINUTE,
        "up\nended\nlast_over_time(ended[2m])",
        expect![[r#"
        up
            up 3
        ended
        last_over_time(ended[2m])
            ended 2
    "#]],
    );
    check(
        &source,
        7 * MINUTE - 1,
        "up",
        expect![[r#"
        up
            up 3
    "#]],
    );
    check(
        &source,
        7 * MINUTE,
        "up",
        expect![[r#"
        up
    "#]],
    );
}

#[test]
fn an_expression_knows_what_it_looks_at() {
    let expr = Expr::parse("  rate(a{x=\"1\"}[10m] offset 1h) / on(y) (b > scalar(c)) \n").unwrap();
    assert_eq!(expr.text(), "rate(a{x=\"1\"}[10m] offset 1h) / on(y) (b > scalar(c))");
    assert_eq!(expr.window_ms(), 70 * MINUTE);
    let names: Vec<_> = expr.selectors().map(|selector| selector.name.clone().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(Expr::parse("1").unwrap().window_ms(), 0);
}
