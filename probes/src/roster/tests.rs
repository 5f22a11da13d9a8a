//! Names, shares and sums.

use super::*;
use expect_test::expect;
use proptest::prelude::*;

static BY_CPU: [Measure; 2] = [Measure::Increase(&[0]), Measure::Level(0)];

fn run(roster: &mut Roster<1, 1>, sources: &[(u64, &str, u64, u64)]) -> String {
    roster.begin();
    for (id, name, cpu, memory) in sources {
        roster.add((*id, 0), name, [Some(*cpu)], [Some(*memory)]);
    }
    roster.finish();
    let value = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    let row = |row: Row<'_, 1, 1>| {
        format!(
            "{} x{} cpu {} memory {}\n",
            row.name,
            row.count,
            value(row.counters[0]),
            value(row.gauges[0])
        )
    };
    roster.rows().map(row).collect()
}

#[test]
fn sources_of_one_name_add_up_and_go_on_after_a_restart() {
    let mut roster = Roster::new(9, &BY_CPU);
    expect![[r#"
        s x2 cpu 30 memory 3
        web x1 cpu 100 memory 7
    "#]]
    .assert_eq(&run(&mut roster, &[(1, "web", 100, 7), (2, "s", 10, 1), (3, "s", 20, 2)]));
    // A session ended, and the server was started anew: its control group is another one.
    expect![[r#"
        s x1 cpu 31 memory 2
        web x1 cpu 105 memory 6
    "#]]
    .assert_eq(&run(&mut roster, &[(4, "web", 5, 6), (3, "s", 21, 2)]));
    expect![[r#"
        s x1 cpu 31 memory 2
    "#]]
    .assert_eq(&run(&mut roster, &[(3, "s", 21, 2)]));
    // It comes back and goes on.
    expect![[r#"
        s x1 cpu 31 memory 2
        web x1 cpu 106 memory 6
    "#]]
    .assert_eq(&run(&mut roster, &[(5, "web", 1, 6), (3, "s", 21, 2)]));
}

#[test]
fn a_counter_of_the_same_source_that_falls_is_no_increase() {
    let mut roster = Roster::new(9, &BY_CPU);
    run(&mut roster, &[(1, "web", 100, 7)]);
    assert_eq!(run(&mut roster, &[(1, "web", 40, 7)]), "web x1 cpu 100 memory 7\n");
    assert_eq!(run(&mut roster, &[(1, "web", 45, 7)]), "web x1 cpu 105 memory 7\n");
}

#[test]
fn the_largest_are_named_and_a_slightly_larger_one_does_not_move_them() {
    let mut roster = Roster::new(2, &BY_CPU);
    let first = [(1, "a", 100, 999), (2, "b", 50, 5), (3, "c", 40, 4), (4, "d", 1, 1), (5, "other", 2, 2)];
    expect![[r#"
        a x1 cpu 100 memory 999
        b x1 cpu 50 memory 5
        other x3 cpu 43 memory 7
    "#]]
    .assert_eq(&run(&mut roster, &first));
    let mut shown = String::new();
    for step in 1..60 {
        let still = [(1, "a", 100, 999), (2, "b", 50 + step * 5, 5), (3, "c", 40 + step * 6, 5)];
        shown = run(&mut roster, &still);
    }
    expect![[r#"
        a x1 cpu 100 memory 999
        b x1 cpu 345 memory 5
        other x1 cpu 397 memory 5
    "#]]
    .assert_eq(&shown);
    // Now one that is clearly larger takes the place of the smallest, and `other` keeps what it had.
    for step in 1..30 {
        let now = [(1, "a", 100, 999), (2, "b", 345, 5), (3, "c", 394 + step * 900, 5)];
        shown = run(&mut roster, &now);
    }
    expect![[r#"
        a x1 cpu 100 memory 999
        c x1 cpu 26100 memory 5
        other x1 cpu 397 memory 5
    "#]]
    .assert_eq(&shown);
}

#[test]
fn names_beyond_the_bound_are_part_of_the_rest() {
    let mut roster = Roster::<1, 1>::new(u64::MAX, &BY_CPU);
    roster.begin();
    for id in 0..NAMES_MAX as u64 + 5 {
        roster.add((id, 0), &format!("n{id}"), [Some(1)], [Some(1)]);
    }
    roster.finish();
    let last = roster.rows().last().unwrap();
    assert_eq!((last.name, last.counters[0], roster.rows().count()), (OTHER, Some(5), NAMES_MAX + 1));
}

proptest! {
    /// Sources come, grow, and go: no series ever falls, and the series add up to what all sources did.
    #[test]
    fn nothing_is_lost_and_nothing_goes_backwards(
        steps in prop::collection::vec((0u64..12, 0u64..1000, any::<bool>()), 1..200),
        top in 0u64..6,
    ) {
        let mut roster = Roster::<1, 0>::new(top, &[Measure::Increase(&[0])]);
        let mut alive: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        let (mut done, mut next, mut seen) = (0, 0, BTreeMap::<String, u64>::new());
        for (which, grown, ends) in steps {
            let source = alive.entry(which).or_insert_with(|| { next += 1; (next, 0) });
            source.1 += grown;
            done += grown;
            roster.begin();
            alive.iter().for_each(|(name, (id, did))| roster.add((*id, 0), &format!("n{name}"), [Some(*did)], []));
            roster.finish();
            for row in roster.rows() {
                let value = row.counters[0].unwrap_or(0);
                let before = seen.insert(row.name.to_owned(), value).unwrap_or(0);
                prop_assert!(value >= before, "{} fell from {before} to {value}", row.name);
            }
            prop_assert_eq!(seen.values().sum::<u64>(), done);
            if ends {
                alive.remove(&which);
            }
        }
    }
}
