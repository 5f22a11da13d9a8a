//! What expressions come to. Expected values are those of Prometheus 3.

#![allow(clippy::unwrap_used)]

mod series;

use expect_test::{Expect, expect};
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::promql::{Expr, Value};
use hostward_model::number;
use series::drawn;

const MINUTE: i64 = 60_000;

fn show(value: &Value) -> String {
    match value {
        Value::Scalar(value) => number::to_string(*value),
        Value::String(text) => format!("{text:?}"),
        Value::Vector(vector) => {
            vector.iter().map(|(labels, value)| format!("{labels} {}\n", number::to_string(*value))).collect()
        }
        Value::Matrix(matrix) => {
            let points = |series: &hostward_engine::promql::RangeSeries| -> String {
                series
                    .points
                    .iter()
                    .map(|p| format!(" {}@{}", number::to_string(p.value), p.at_ms / 1000))
                    .collect()
            };
            matrix.iter().map(|series| format!("{}{}\n", series.labels, points(series))).collect()
        }
    }
}

/// Each line an expression; the answer stands under it.
fn answers(source: &Drawn, at_ms: i64, expressions: &str) -> String {
    let mut out = String::new();
    for text in expressions.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let answer = match Expr::parse(text) {
            Err(error) => format!("refused: {error}"),
            Ok(expr) => {
                expr.eval(source, at_ms).map_or_else(|error| format!("failed: {error}"), |value| show(&value))
            }
        };
        out.push_str(text);
        for line in answer.lines() {
            out.push_str("\n    ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn check(source: &Drawn, at_ms: i64, expressions: &str, expect: Expect) {
    expect.assert_eq(&answers(source, at_ms, expressions));
}

fn requests() -> Drawn {
    drawn(
        5 * MINUTE,
        r#"
        requests{job="api",instance="0"} 0+10x10
        requests{job="api",instance="1"} 0+20x10
        requests{job="app",instance="0"} 0+30x10
        requests{job="app",instance="1"} 0+40x10
        limit{job="api"} 150x10
        limit{job="app"} 350x10
        "#,
    )
}

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
fn arithmetic() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        1 + 2 * 3 ^ 2 ^ 0.5
        -2 ^ 2
        7 % 3 - -7 % 3
        1 / 0
        -1 / 0
        0 / 0
        5m
        0x10
        -requests{job="api"}
        2 * requests{instance="0"} - 1
        requests{instance="0"} atan2 0
        "hello"
        "#,
        expect![[r#"
            1 + 2 * 3 ^ 2 ^ 0.5
                10.457608775674831
            -2 ^ 2
                -4
            7 % 3 - -7 % 3
                2
            1 / 0
                +Inf
            -1 / 0
                -Inf
            0 / 0
                NaN
            5m
                300
            0x10
                16
            -requests{job="api"}
                {instance="0",job="api"} -100
                {instance="1",job="api"} -200
            2 * requests{instance="0"} - 1
                {instance="0",job="api"} 199
                {instance="0",job="app"} 599
            requests{instance="0"} atan2 0
                {instance="0",job="api"} 1.5707963267948966
                {instance="0",job="app"} 1.5707963267948966
            "hello"
                "hello"
        "#]],
    );
}

#[test]
fn comparisons_filter_or_give_bool() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        requests > 200
        200 < requests
        requests > bool 200
        1 == bool 1
        requests == NaN
        sum(requests) > 5000
        limit < on(job) sum by (job) (requests)
        limit < bool on(job) sum by (job) (requests)
        "#,
        expect![[r#"
            requests > 200
                requests{instance="0",job="app"} 300
                requests{instance="1",job="app"} 400
            200 < requests
                requests{instance="0",job="app"} 300
                requests{instance="1",job="app"} 400
            requests > bool 200
                {instance="0",job="api"} 0
                {instance="0",job="app"} 1
                {instance="1",job="api"} 0
                {instance="1",job="app"} 1
            1 == bool 1
                1
            requests == NaN
            sum(requests) > 5000
            limit < on(job) sum by (job) (requests)
                {job="api"} 150
                {job="app"} 350
            limit < bool on(job) sum by (job) (requests)
                {job="api"} 1
                {job="app"} 1
        "#]],
    );
}

#[test]
fn matching() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        requests{instance="0"} / on(job) limit
        requests{instance="0"} / ignoring(instance) limit
        requests / on(job) group_left limit
        limit - on(job) group_right requests
        requests * on(job) group_left(team) limit
        requests / on(job) limit
        limit / on(job) requests
        requests{instance="0"} / limit
        requests * on(instance) group_left requests
        "#,
        expect![[r#"
            requests{instance="0"} / on(job) limit
                {job="api"} 0.6666666666666666
                {job="app"} 0.8571428571428571
            requests{instance="0"} / ignoring(instance) limit
                {job="api"} 0.6666666666666666
                {job="app"} 0.8571428571428571
            requests / on(job) group_left limit
                {instance="0",job="api"} 0.6666666666666666
                {instance="0",job="app"} 0.8571428571428571
                {instance="1",job="api"} 1.3333333333333333
                {instance="1",job="app"} 1.1428571428571428
            limit - on(job) group_right requests
                {instance="0",job="api"} 50
                {instance="0",job="app"} 50
                {instance="1",job="api"} -50
                {instance="1",job="app"} -50
            requests * on(job) group_left(team) limit
                {instance="0",job="api"} 15000
                {instance="0",job="app"} 105000
                {instance="1",job="api"} 30000
                {instance="1",job="app"} 140000
            requests / on(job) limit
                failed: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right): {job="api"}
            limit / on(job) requests
                failed: found duplicate series for the match group {job="api"} on the right hand-side of the operation: [requests{instance="1",job="api"}, requests{instance="0",job="api"}]; many-to-many matching not allowed: matching labels must be unique on one side
            requests{instance="0"} / limit
            requests * on(instance) group_left requests
                failed: found duplicate series for the match group {instance="0"} on the right hand-side of the operation: [requests{instance="0",job="app"}, requests{instance="0",job="api"}]; many-to-many matching not allowed: matching labels must be unique on one side
        "#]],
    );
}

#[test]
fn sets() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        requests and on(job) limit > 200
        requests unless on(job) limit{job="app"}
        limit or requests{instance="0"}
        limit or on(job) requests
        requests and ignoring(instance, job) vector(1)
        "#,
        expect![[r#"
            requests and on(job) limit > 200
                requests{instance="0",job="app"} 300
                requests{instance="1",job="app"} 400
            requests unless on(job) limit{job="app"}
                requests{instance="0",job="api"} 100
                requests{instance="1",job="api"} 200
            limit or requests{instance="0"}
                limit{job="api"} 150
                limit{job="app"} 350
                requests{instance="0",job="api"} 100
                requests{instance="0",job="app"} 300
            limit or on(job) requests
                limit{job="api"} 150
                limit{job="app"} 350
            requests and ignoring(instance, job) vector(1)
                requests{instance="0",job="api"} 100
                requests{instance="0",job="app"} 300
                requests{instance="1",job="api"} 200
                requests{instance="1",job="app"} 400
        "#]],
    );
}

#[test]
fn aggregations() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        sum(requests)
        sum by (job) (requests)
        avg without (instance) (requests)
        count by (__name__) (requests)
        min(requests) + max(requests)
        group by (job) (requests)
        stddev(requests)
        stdvar by (job) (requests)
        quantile(0.25, requests)
        quantile(2, requests)
        topk(2, requests)
        bottomk by (job) (1, requests)
        topk(0, requests)
        topk(NaN, requests)
        count_values("value", limit)
        sum(nothing)
        "#,
        expect![[r#"
            sum(requests)
                {} 1000
            sum by (job) (requests)
                {job="api"} 300
                {job="app"} 700
            avg without (instance) (requests)
                {job="api"} 150
                {job="app"} 350
            count by (__name__) (requests)
                requests 4
            min(requests) + max(requests)
                {} 500
            group by (job) (requests)
                {job="api"} 1
                {job="app"} 1
            stddev(requests)
                {} 111.80339887498948
            stdvar by (job) (requests)
                {job="api"} 2500
                {job="app"} 2500
            quantile(0.25, requests)
                {} 175
            quantile(2, requests)
                {} +Inf
            topk(2, requests)
                requests{instance="1",job="app"} 400
                requests{instance="0",job="app"} 300
            bottomk by (job) (1, requests)
                requests{instance="0",job="api"} 100
                requests{instance="0",job="app"} 300
            topk(0, requests)
            topk(NaN, requests)
                failed: Parameter value is NaN
            count_values("value", limit)
                {value="150"} 1
                {value="350"} 1
            sum(nothing)
        "#]],
    );
}

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

#[test]
fn absence() {
    check(
        &requests(),
        50 * MINUTE,
        r#"
        absent(requests)
        absent(nothing{job="a",instance=~"b",x!="y"})
        absent(nothing{job="a",job="b"})
        absent(sum(nothing{job="a"}))
        absent_over_time(nothing{job="a"}[5m])
        absent_over_time(requests[5m])
        "#,
        expect![[r#"
            absent(requests)
            absent(nothing{job="a",instance=~"b",x!="y"})
                {job="a"} 1
            absent(nothing{job="a",job="b"})
                {} 1
            absent(sum(nothing{job="a"}))
                {} 1
            absent_over_time(nothing{job="a"}[5m])
                {job="a"} 1
            absent_over_time(requests[5m])
        "#]],
    );
}

#[test]
fn functions_of_one_value() {
    let source = drawn(MINUTE, "m{a=\"1\"} -2.5\nm{a=\"2\"} 0\nm{a=\"3\"} 2.5\nm{a=\"4\"} NaN");
    check(
        &source,
        0,
        r#"
        abs(m)
        ceil(m)
        floor(m)
        round(m)
        round(m, 2)
        sgn(m)
        sqrt(m)
        exp(m)
        ln(m)
        log2(m) + log10(m)
        clamp(m, -1, 1)
        clamp(m, 1, -1)
        clamp_min(m, 0)
        clamp_max(m, 0)
        clamp_max(m, NaN)
        sort_desc(m)
        sort(m)
        deg(rad(m{a="3"}))
        "#,
        expect![[r#"
            abs(m)
                {a="1"} 2.5
                {a="2"} 0
                {a="3"} 2.5
                {a="4"} NaN
            ceil(m)
                {a="1"} -2
                {a="2"} 0
                {a="3"} 3
                {a="4"} NaN
            floor(m)
                {a="1"} -3
                {a="2"} 0
                {a="3"} 2
                {a="4"} NaN
            round(m)
                {a="1"} -2
                {a="2"} 0
                {a="3"} 3
                {a="4"} NaN
            round(m, 2)
                {a="1"} -2
                {a="2"} 0
                {a="3"} 2
                {a="4"} NaN
            sgn(m)
                {a="1"} -1
                {a="2"} 0
                {a="3"} 1
                {a="4"} NaN
            sqrt(m)
                {a="1"} NaN
                {a="2"} 0
                {a="3"} 1.5811388300841898
                {a="4"} NaN
            exp(m)
                {a="1"} 0.0820849986238988
                {a="2"} 1
                {a="3"} 12.182493960703473
                {a="4"} NaN
            ln(m)
                {a="1"} NaN
                {a="2"} -Inf
                {a="3"} 0.9162907318741551
                {a="4"} NaN
            log2(m) + log10(m)
                {a="1"} NaN
                {a="2"} -Inf
                {a="3"} 1.7198681035594001
                {a="4"} NaN
            clamp(m, -1, 1)
                {a="1"} -1
                {a="2"} 0
                {a="3"} 1
                {a="4"} NaN
            clamp(m, 1, -1)
            clamp_min(m, 0)
                {a="1"} 0
                {a="2"} 0
                {a="3"} 2.5
                {a="4"} NaN
            clamp_max(m, 0)
                {a="1"} -2.5
                {a="2"} 0
                {a="3"} 0
                {a="4"} NaN
            clamp_max(m, NaN)
                {a="1"} NaN
                {a="2"} NaN
                {a="3"} NaN
                {a="4"} NaN
            sort_desc(m)
                m{a="3"} 2.5
                m{a="2"} 0
                m{a="1"} -2.5
                m{a="4"} NaN
            sort(m)
                m{a="1"} -2.5
                m{a="2"} 0
                m{a="3"} 2.5
                m{a="4"} NaN
            deg(rad(m{a="3"}))
                {a="3"} 2.5
        "#]],
    );
}

#[test]
fn time_and_conversions() {
    let source = drawn(MINUTE, "m 1 2 3");
    check(
        &source,
        3 * MINUTE,
        r#"
        time()
        timestamp(m)
        timestamp(m + 1)
        timestamp(m offset 2m)
        vector(7)
        scalar(m)
        scalar(nothing)
        hour() + minute()
        day_of_week(vector(1700000000))
        year(vector(1700000000)) * 10000 + month(vector(1700000000)) * 100 + day_of_month(vector(1700000000))
        day_of_year(vector(1709164800)) + days_in_month(vector(1709164800))
        label_replace(m, "to", "x-$1", "__name__", "(.*)")
        label_replace(m, "to", "x", "__name__", "n")
        label_join(label_replace(m, "b", "2", "", ""), "to", "/", "__name__", "b")
        "#,
        expect![[r#"
            time()
                180
            timestamp(m)
                {} 120
            timestamp(m + 1)
                {} 180
            timestamp(m offset 2m)
                {} 60
            vector(7)
                {} 7
            scalar(m)
                3
            scalar(nothing)
                NaN
            hour() + minute()
                {} 3
            day_of_week(vector(1700000000))
                {} 2
            year(vector(1700000000)) * 10000 + month(vector(1700000000)) * 100 + day_of_month(vector(1700000000))
                {} 20231114
            day_of_year(vector(1709164800)) + days_in_month(vector(1709164800))
                {} 89
            label_replace(m, "to", "x-$1", "__name__", "(.*)")
                m{to="x-m"} 3
            label_replace(m, "to", "x", "__name__", "n")
                m 3
            label_join(label_replace(m, "b", "2", "", ""), "to", "/", "__name__", "b")
                m{b="2",to="m/2"} 3
        "#]],
    );
}

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
                refused: `fill` is experimental and not evaluated (column 5)
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
fn a_range_query_is_a_loop_of_instants() {
    let expr = Expr::parse(r#"sum by (job) (requests) > 300"#).unwrap();
    let series = expr.eval_range(&requests(), 0, 60 * MINUTE, 10 * MINUTE).unwrap();
    expect![[r#"
        {job="app"} 420@1800 560@2400 700@3000
    "#]]
    .assert_eq(&show(&Value::Matrix(series)));
    assert!(expr.eval_range(&requests(), 0, i64::MAX, 1).is_err());
    assert!(expr.eval_range(&requests(), 0, 1, 0).is_err());
    assert!(Expr::parse("m[5m]").unwrap().eval_range(&requests(), 0, 1, 1).is_err());
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
