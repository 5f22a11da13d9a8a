//! Functions of one value, of time, and between kinds.

use super::series::drawn;
use super::{MINUTE, check};
use expect_test::expect;

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
