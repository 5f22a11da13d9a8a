//! Arithmetic, comparisons, sets, and which series meet.

use super::series::drawn;
use super::{MINUTE, check, requests};
use expect_test::expect;

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
fn what_is_computed_has_neither_name_nor_type_nor_unit() {
    let source = drawn(
        MINUTE,
        "free{__type__=\"gauge\",__unit__=\"bytes\",disk=\"a\"} 40\nsize{__type__=\"counter\",disk=\"a\"} 100",
    );
    check(
        &source,
        0,
        r#"
        free
        -free
        abs(free)
        free > 10
        free > bool 10
        (size - free) / size
        size - on(disk, __type__, __unit__) free
        size and free
        sum by (__unit__) (free)
        {__unit__="bytes"}
        "#,
        expect![[r#"
            free
                free{__type__="gauge",__unit__="bytes",disk="a"} 40
            -free
                {disk="a"} -40
            abs(free)
                {disk="a"} 40
            free > 10
                free{__type__="gauge",__unit__="bytes",disk="a"} 40
            free > bool 10
                {disk="a"} 1
            (size - free) / size
                {disk="a"} 0.6
            size - on(disk, __type__, __unit__) free
            size and free
                size{__type__="counter",disk="a"} 100
            sum by (__unit__) (free)
                {__unit__="bytes"} 40
            {__unit__="bytes"}
                free{__type__="gauge",__unit__="bytes",disk="a"} 40
        "#]],
    );
}
