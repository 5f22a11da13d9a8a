//! What becomes of a series over a window.

use super::series::drawn;
use super::{MINUTE, check};
use expect_test::expect;

#[test]
fn counters_are_extrapolated_and_survive_resets() {
    let source = drawn(
        MINUTE,
        "steady 0+60x60\nreset 0+60x5 0+60x54\nyoung _x55 0+60x5\nold 1000+60x2\nonce _x60 5\ngauge 10-1x60",
    );
    check(
        &source,
        60 * MINUTE,
        r#"
        rate(steady[10m])
        increase(steady[10m])
        increase(reset[1h])
        resets(reset[1h])
        increase(young[10m])
        rate(once[10m])
        irate(steady[10m])
        irate(reset[5m])
        delta(gauge[10m])
        idelta(gauge[10m])
        rate(steady[90s])
        rate(steady[1m])
        increase(old[5m] offset 58m)
        "#,
        expect![[r#"
            rate(steady[10m])
                {} 1
            increase(steady[10m])
                {} 600
            increase(reset[1h])
                {} 3538.9830508474574
            resets(reset[1h])
                {} 1
            increase(young[10m])
                {} 300
            rate(once[10m])
            irate(steady[10m])
                {} 1
            irate(reset[5m])
                {} 1
            delta(gauge[10m])
                {} -10
            idelta(gauge[10m])
                {} -1
            rate(steady[90s])
                {} 1
            rate(steady[1m])
            increase(old[5m] offset 58m)
                {} 150
        "#]],
    );
}

#[test]
fn trends() {
    let source = drawn(MINUTE, "falling 1000-10x60\nflat 7x60\nendless Infx60\nbent 0+1x30 30-1x29");
    check(
        &source,
        60 * MINUTE,
        r#"
        deriv(falling[10m])
        predict_linear(falling[10m], 3600)
        predict_linear(falling[10m] offset 10m, 0)
        predict_linear(flat[10m], 3600)
        deriv(endless[10m])
        deriv(bent[30m])
        deriv(falling[1m])
        "#,
        expect![[r#"
            deriv(falling[10m])
                {} -0.16666666666666666
            predict_linear(falling[10m], 3600)
                {} -200
            predict_linear(falling[10m] offset 10m, 0)
                {} 400
            predict_linear(flat[10m], 3600)
                {} 7
            deriv(endless[10m])
                {} NaN
            deriv(bent[30m])
                {} -0.016666666666666666
            deriv(falling[1m])
        "#]],
    );
}

#[test]
fn over_time() {
    let source =
        drawn(MINUTE, "m{a=\"1\"} 1 2 3 NaN 3 3 8\nhuge 1e308 1e308 1e308\nn{a=\"1\"} 0 1e100 1 -1e100");
    check(
        &source,
        6 * MINUTE,
        r#"
        avg_over_time(m[2m])
        min_over_time(m[10m])
        max_over_time(m[10m])
        sum_over_time(m[3m])
        sum_over_time(n[10m])
        avg_over_time(huge[10m])
        count_over_time(m[10m])
        present_over_time(m[10m])
        last_over_time(m[10m])
        stddev_over_time(m[3m])
        stdvar_over_time(m[3m])
        quantile_over_time(0.5, m[3m])
        changes(m[10m])
        sum_over_time({__name__=~"m|n"}[3m])
        "#,
        expect![[r#"
            avg_over_time(m[2m])
                {a="1"} 5.5
            min_over_time(m[10m])
                {a="1"} 1
            max_over_time(m[10m])
                {a="1"} 8
            sum_over_time(m[3m])
                {a="1"} 14
            sum_over_time(n[10m])
                {a="1"} 1
            avg_over_time(huge[10m])
                {} 1e308
            count_over_time(m[10m])
                {a="1"} 7
            present_over_time(m[10m])
                {a="1"} 1
            last_over_time(m[10m])
                m{a="1"} 8
            stddev_over_time(m[3m])
                {a="1"} 2.357022603955158
            stdvar_over_time(m[3m])
                {a="1"} 5.5555555555555545
            quantile_over_time(0.5, m[3m])
                {a="1"} 3
            changes(m[10m])
                {a="1"} 5
            sum_over_time({__name__=~"m|n"}[3m])
                {a="1"} 14
        "#]],
    );
}
