//! The answer is what it was.

#[test]
fn answer() {
    let answer = hostward_probe::testing::collect::<NAME::Files>(r#"{"directory":"testdata"}"#).unwrap();
    assert_eq!(answer, include_str!("../expected.prom"));
}
