use super::*;
use crate::testing::Tree;

#[test]
fn numbers_of_sysfs() {
    let cases = [
        ("1500", Some(1500.0)),
        ("0x20", Some(32.0)),
        ("-1", Some(-1.0)),
        ("18446744073709551615", Some(18_446_744_073_709_551_615.0)),
        ("", None),
        ("0xg", None),
        ("1 2", None),
    ];
    for (word, value) in cases {
        assert_eq!(number(word), value, "{word}");
    }
}

#[test]
fn directories_leave_out_what_is_none() {
    let tree = Tree::new(&[("/sys/0", "")]);
    ["/sys/b", "/sys/a", "/sys/c"].iter().for_each(|directory| tree.directory(directory));
    let found = tree.host().directories("/sys", 9).unwrap();
    let bounded = tree.host().directories("/sys", 2).unwrap().len();
    assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(found[0].1 != found[1].1 && bounded == 2);
}

#[test]
fn a_file_that_comes_later_is_found_in_time() {
    let tree = Tree::new(&[]);
    let mut host = tree.host();
    assert_eq!(host.read_if_there("/late").unwrap(), None);
    tree.write("/late", "here\n");
    let seen: Vec<bool> = (0..=ABSENT_TICKS)
        .map(|_| {
            let there = host.read_if_there("/late").unwrap().is_some();
            host.begin_tick();
            there
        })
        .collect();
    assert!(!seen[0] && seen[ABSENT_TICKS as usize]);
}

#[test]
fn an_attribute_is_read_anew_and_may_be_absent() {
    let tree = Tree::new(&[]);
    let mut host = tree.host();
    for text in ["one\n", "22\n"] {
        tree.write("/sys/a", text);
        assert_eq!(host.attribute(format_args!("/sys/{}", "a")).unwrap(), Some(text.trim_end()));
    }
    assert_eq!(host.number(format_args!("/sys/a")).unwrap(), Some(22.0));
    assert_eq!(host.attribute(format_args!("/sys/b")).unwrap(), None);
}
