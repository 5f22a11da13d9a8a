//! Many series to one, and none at all.

use super::{MINUTE, check, requests};
use expect_test::expect;

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
