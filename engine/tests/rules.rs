//! Rule files: what is loaded, what is refused and how it is said, and how texts are filled.

#![allow(clippy::unwrap_used)]

use expect_test::expect;
use hostward_engine::Labels;
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::promql::source::Point;
use hostward_engine::rules::{Around, RuleSet, Template};

fn load(text: &str) -> (RuleSet, Vec<String>) {
    let (set, errors) = RuleSet::parse(&[("test.yml".to_owned(), text.to_owned())]);
    (set, errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_rule_is_read_whole() {
    let (set, errors) = load(
        r#"
groups:
  - name: disks
    interval: 30s
    rules:
      - alert: Full
        expr: |
          avail / size < 0.1
        for: 1h30m
        keep_firing_for: 90s
        labels:
          severity: warning
          tier: 1
        annotations:
          summary: "{{ $labels.mountpoint }} is full"
          description: '{{ $value | humanizePercentage }} is left'
      - alert: Plain
        expr: vector(1)
  - name: empty
"#,
    );
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(set.groups.len(), 2);
    let group = &set.groups[0];
    assert_eq!(
        (group.name.as_str(), group.file.as_str(), group.interval_ms),
        ("disks", "test.yml", Some(30_000))
    );
    let rule = &group.rules[0];
    assert_eq!((rule.name.as_str(), rule.expr.text(), rule.line), ("Full", "avail / size < 0.1", 6));
    assert_eq!((rule.for_ms, rule.keep_firing_for_ms), (5_400_000, 90_000));
    let result = Labels::new([("mountpoint", "/srv"), ("severity", "none")]);
    expect![[r#"{alertname="Full",mountpoint="/srv",severity="warning",tier="1"}"#]]
        .assert_eq(&rule.labels_for(&result, 0.05, Around::default()).to_string());
    expect![[r#"{description="5% is left",summary="/srv is full"}"#]]
        .assert_eq(&rule.annotations_for(&result, 0.05, Around::default()).to_string());
    assert_eq!(set.rules().count(), 2);
}

#[test]
fn a_bad_rule_is_refused_and_the_others_load() {
    let text = r#"
groups:
  - name: some
    rules:
      - alert: Unknown
        expr: nosuch(m)
      - alert: Good
        expr: m > 1
      - alert: Open
        expr: sum(m
      - alert: Typo
        exprs: m
      - alert: BadFor
        expr: m
        for: 5 minutes
      - alert: BadLabel
        expr: m
        labels:
          a-b: c
      - alert: BadText
        expr: m
        annotations:
          summary: fine
          description: "{{ $value | humanise }}"
      - alert: Own
        expr: m
        labels: {__name__: other}
      - record: r
        expr: m
        for: 5m
      - expr: m
      - alert: Good
        record: both
        expr: m > 2
      - alert: NoText
        expr: [m]
      - just text
      - alert: Empty
        expr: ""
"#;
    let (set, errors) = load(text);
    assert_eq!(set.rules().map(|rule| rule.expr.text()).collect::<Vec<_>>(), ["m > 1"]);
    expect![[r#"
        test.yml:6: group some: rule Unknown: expr: unknown function with name 'nosuch' (column 1)
        test.yml:10: group some: rule Open: expr: `(` is never closed (column 4)
        test.yml:12: group some: rule Typo: a rule has no key `exprs`: did you mean `expr`?
        test.yml:15: group some: rule BadFor: for: `5 minutes` is not a duration: write numbers with y, w, d, h, m, s or ms, the largest first, as in 1h30m
        test.yml:19: group some: rule BadLabel: `a-b` is not a label name: use letters, digits and _
        test.yml:24: group some: rule BadText: annotations.description: templates have no function `humanise`: did you mean `humanize`?
        test.yml:27: group some: rule Own: `__name__` is not a label name: use letters, digits and _
        test.yml:28: group some: rule r: `for` is for alerts, not for a recorded series
        test.yml:31: group some: a rule needs `alert`
        test.yml:32: group some: rule Good: a rule has `alert` or `record`, not both
        test.yml:36: group some: rule NoText: `expr` must be a text, not a list
        test.yml:37: group some: a rule must be a mapping, not a text
        test.yml:39: group some: rule Empty: `expr` is empty"#]].assert_eq(&errors.join("\n"));
}

#[test]
fn a_bad_group_or_file_is_refused() {
    let files = [
        "groups:\n- name: a\n  intervall: 5s\n  rules: []\n",
        "groups:\n- name: a\n  interval: 5x\n",
        "groups:\n- name: a\n  limit: 5\n",
        "groups:\n- name: a\n- name: a\n",
        "groups:\n- rules: []\n",
        "groups:\n- name: a\n  rules: {}\n",
        "group:\n- name: a\n",
        "- a\n",
        "groups: [\n",
        "groups:\n- name: a\n  name: b\n",
        "groups:\n\t- name: a\n",
    ];
    let errors = files.map(|text| load(text).1.join("\n") + "\n");
    expect![[r#"
        test.yml:3: group a: a group has no key `intervall`: did you mean `interval`?
        test.yml:3: group a: interval: `5x` is not a duration: write numbers with y, w, d, h, m, s or ms, the largest first, as in 1h30m

        test.yml:3: group a: the file has another group `a`: choose another name
        test.yml:2: a group needs `name`
        test.yml:3: group a: `rules` must be a list, not a mapping
        test.yml:1: a rule file has no key `group`: did you mean `groups`?
        test.yml:1: a rule file must be a mapping, not a list
        test.yml:1: unclosed bracket '['
        test.yml:3: duplicate mapping key: name
        test.yml:2: tabs disallowed within this context (block indentation)
    "#]].assert_eq(&errors.concat());
    assert!(load("").1.is_empty());
    assert!(load("groups:\n").1.is_empty());
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let (set, errors) = load(&text);
    assert!(set.groups.is_empty());
    assert_eq!(errors.len(), 1);
}

/// Every template over each of the values; Prometheus gives the same texts.
fn filled(template: &str, values: &[f64]) -> String {
    let template = Template::parse(template).unwrap();
    let labels = Labels::new([("v", "ab cd")]);
    values.iter().map(|value| template.render(&labels, *value, Around::default()).unwrap() + "\n").collect()
}

const VALUES: [f64; 9] =
    [1e6, 123_456_789.5, 0.000_012_3, -1234.5678, 0.0, 0.5, 93_784.25, f64::INFINITY, f64::NAN];

#[test]
fn numbers_are_written_as_by_prometheus() {
    let template = concat!(
        r#"{{ $value }}|{{ printf "%g" $value }}|{{ printf "%.3g" $value }}|"#,
        r#"{{ printf "%8.2f|%-8.1f|%08.1f|%+.1f|%e" $value $value $value $value $value }}|{{ humanize $value }}|"#,
        r#"{{ $value | humanize1024 }}|{{ humanizeDuration $value }}|{{ humanizePercentage $value }}|"#,
        r#"{{ humanizeTimestamp $value }}"#
    );
    expect![[r#"
        1e+06|1e+06|1e+06|1000000.00|1000000.0|1000000.0|+1000000.0|1.000000e+06|1M|976.6ki|11d 13h 46m 40s|1e+08%|1970-01-12 13:46:40 +0000 UTC
        1.234567895e+08|1.234567895e+08|1.23e+08|123456789.50|123456789.5|123456789.5|+123456789.5|1.234568e+08|123.5M|117.7Mi|1428d 21h 33m 9s|1.235e+10%|1973-11-29 21:33:09.5 +0000 UTC
        1.23e-05|1.23e-05|1.23e-05|    0.00|0.0     |000000.0|+0.0|1.230000e-05|12.3u|1.23e-05|12.3us|0.00123%|1970-01-01 00:00:00 +0000 UTC
        -1234.5678|-1234.5678|-1.23e+03|-1234.57|-1234.6 |-01234.6|-1234.6|-1.234568e+03|-1.235k|-1.206ki|-20m 34s|-1.235e+05%|1969-12-31 23:39:25.433 +0000 UTC
        0|0|0|    0.00|0.0     |000000.0|+0.0|0.000000e+00|0|0|0s|0%|1970-01-01 00:00:00 +0000 UTC
        0.5|0.5|0.5|    0.50|0.5     |000000.5|+0.5|5.000000e-01|500m|0.5|500ms|50%|1970-01-01 00:00:00.5 +0000 UTC
        93784.25|93784.25|9.38e+04|93784.25|93784.2 |093784.2|+93784.2|9.378425e+04|93.78k|91.59ki|1d 2h 3m 4s|9.378e+06%|1970-01-02 02:03:04.25 +0000 UTC
        +Inf|+Inf|+Inf|    +Inf|+Inf    |    +Inf|+Inf|+Inf|+Inf|+Inf|+Inf|+Inf%|+Inf
        NaN|NaN|NaN|     NaN|NaN     |     NaN|+NaN|NaN|NaN|NaN|NaN|NaN%|NaN
    "#]]
    .assert_eq(&filled(template, &VALUES));
}

#[test]
fn texts_are_written_as_by_prometheus() {
    let cases = [
        (r#"{{ $labels }} {{ $labels.v | title }}"#, "map[v:ab cd] Ab Cd"),
        (r#"{{ printf "%s %q" $labels.v $labels.v }} {{- " x" }}"#, "ab cd \"ab cd\" x"),
        (r#"{{ reReplaceAll "(.)b" "$1-" $labels.v }}"#, "a- cd"),
        (r#"[{{ $labels.missing }}{{ $externalLabels.x }}]"#, "[]"),
        (r#"{{ toUpper .Labels.v }} {{ .Value | printf "%.1f" }}"#, "AB CD 7.0"),
        ("a {{- /* nothing */ -}} b {{ `raw }}` }} {{ (humanize (printf \"%.0f\" $value)) }}", "ab raw }} 7"),
        (
            r#"100% of {{ printf "%5.1f%%|%-6s|%6s|%.2s" 12.34 "ab" "cd" "xyz" }}"#,
            "100% of  12.3%|ab    |    cd|xy",
        ),
    ];
    let labels = Labels::new([("v", "ab cd")]);
    for (template, text) in cases {
        assert_eq!(
            Template::parse(template).unwrap().render(&labels, 7.0, Around::default()).unwrap(),
            text,
            "{template}"
        );
    }
}

#[test]
fn a_label_never_becomes_a_template() {
    let labels = Labels::new([("v", "{{ $value }}")]);
    assert_eq!(
        Template::parse("{{ $labels.v }}").unwrap().render(&labels, 7.0, Around::default()).unwrap(),
        "{{ $value }}"
    );
    let long = Labels::new([("v", "é".repeat(20_000))]);
    assert_eq!(
        Template::parse("x{{ $labels.v }}").unwrap().render(&long, 7.0, Around::default()).unwrap().len(),
        (16 << 10) - 1
    );
}

#[test]
fn a_bad_template_is_refused() {
    let bad = [
        "{{ $value",
        "{{ }}",
        "{{ nosuch $value }}",
        "{{ $value | }}",
        "{{ $value | 5 }}",
        "{{ $values }}",
        "{{ if $value }}x",
        "{{ end }}",
        "{{ if $value }}{{ else }}{{ else }}{{ end }}",
        "{{ break }}",
        "{{ $x = 1 }}",
        "{{ range $a, $b, $c := . }}{{ end }}",
        "{{ define \"a\" }}{{ $value }}{{ end }}",
        "{{ .a..b }}",
        "{{ ($value }}",
        "{{ $value ) }}",
        "{{ \"open }}",
    ];
    let reasons = bad.map(|text| format!("{text}\n    {}\n", Template::parse(text).unwrap_err()));
    expect![[r#"
        {{ $value
            `{{` is never closed by `}}`
        {{ }}
            an operand is missing
        {{ nosuch $value }}
            templates have no function `nosuch`
        {{ $value | }}
            after `|` there must be a function
        {{ $value | 5 }}
            after `|` there must be a function
        {{ $values }}
            undefined variable "$values"
        {{ if $value }}x
            `if`, `with` and `range` are closed by end
        {{ end }}
            `end` is out of place: nothing is open
        {{ if $value }}{{ else }}{{ else }}{{ end }}
            `else` is out of place in `else`
        {{ break }}
            `break` stands in no range
        {{ $x = 1 }}
            undefined variable "$x"
        {{ range $a, $b, $c := . }}{{ end }}
            undefined variable "$a"
        {{ define "a" }}{{ $value }}{{ end }}
            undefined variable "$value"
        {{ .a..b }}
            `.a..b` is not a path
        {{ ($value }}
            `(` is never closed
        {{ $value ) }}
            `)` is out of place
        {{ "open }}
            `{{` is never closed by `}}`
    "#]]
    .assert_eq(&reasons.concat());
    let nested = format!("{{{{ {}1{} }}}}", "(".repeat(40), ")".repeat(40));
    assert!(Template::parse(&nested).unwrap_err().to_string().contains("nest deeper"));
}

#[test]
fn templates_branch_and_loop_as_in_go() {
    let mut up = Drawn::default();
    for instance in ["b", "a"] {
        let labels = Labels::new([("__name__", "up"), ("instance", instance)]);
        up.push(labels, Point { at_ms: 0, value: 0.0 });
    }
    let external = Labels::new([("site", "north")]);
    let around = Around { external_labels: Some(&external), source: Some(&up), at_ms: 0 };
    let labels = Labels::new([("v", "ab")]);
    let cases = [
        ("{{ if gt $value 5.0 }}much{{ else }}little{{ end }}", "much"),
        ("{{ if eq $labels.v \"x\" }}1{{ else if eq $labels.v \"y\" \"ab\" }}2{{ end }}", "2"),
        ("{{ if and $labels.v (not $labels.w) }}only v{{ end }}", "only v"),
        ("{{ or $labels.w \"none\" }} {{ len $labels.v }} {{ index $labels \"v\" }}", "none 2 ab"),
        ("{{ with $labels.w }}{{ . }}{{ else }}nothing{{ end }}", "nothing"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ range $name, $value := $labels }}{{ $name }}={{ $value }}{{ end }} {{ $value }}", "v=ab 7"),
        (
            "{{ range query \"up\" | sortByLabel \"instance\" }}{{ .Labels.instance }}={{ .Value }} {{ end }}",
            "a=0 b=0 ",
        ),
        (
            "{{ range $i, $s := query \"up\" }}{{ if $i }}{{ break }}{{ end }}{{ $s.Labels.instance }}{{ end }}",
            "a",
        ),
        ("{{ range query \"down\" }}x{{ else }}none{{ end }}", "none"),
        (
            "{{ (query \"up\" | first).Labels.instance }} {{ query \"up\" | first | label \"instance\" }}",
            "a a",
        ),
        ("{{ define \"t\" }}<{{ .arg0 }}>{{ end }}{{ template \"t\" (args $value) }}", "<7>"),
        ("{{ $externalLabels.site }} {{ .ExternalLabels.site | toUpper }}", "north NORTH"),
        ("{{ print 1 2 }}{{ print \"a\" 1 }} {{ printf \"%d %v %t\" 3 1.5 true }}", "1 2a1 3 1.5 true"),
        (
            "{{ printf \"%d\" $value }} {{ printf \"%s\" }} {{ printf \"x\" 1 }}",
            "%!d(float64=7) %!s(MISSING) x%!(EXTRA int=1)",
        ),
        (
            "{{ stripPort \"a.b:80\" }} {{ stripDomain \"a.b:80\" }} {{ match \"a.c\" \"xabcx\" }}",
            "a.b a:80 true",
        ),
        ("{{ urlquery \"a b&\" }} {{ html \"<a>\" }} {{ slice \"abcd\" 1 3 }}", "a+b%26 &lt;a&gt; bc"),
    ];
    for (template, text) in cases {
        let filled = Template::parse(template).unwrap().render(&labels, 7.0, around);
        assert_eq!(filled.unwrap(), text, "{template}");
    }
    for (template, reason) in [
        ("{{ if gt $value 5 }}x{{ end }}", "write 5.0"),
        ("{{ query \"nosuch(\" }}", "never closed"),
        ("{{ query \"down\" | first | value }}", "no elements"),
        ("{{ humanize $value 5 }}", "takes 1 argument"),
        ("{{ .Nosuch }}", "no field"),
        ("{{ template \"t\" }}", "no template"),
        ("{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}", "deeper than"),
    ] {
        let error = Template::parse(template).unwrap().render(&labels, 7.0, around).unwrap_err().to_string();
        assert!(error.contains(reason), "{template}: {error}");
    }
}

#[test]
fn recording_rules_and_groups_are_read_whole() {
    let (set, errors) = load(
        "groups:\n- name: a\n  limit: 5\n  query_offset: 1m\n  labels: {team: x, tier: y}\n  rules:\n  - record: a:b\n    \
         expr: up\n    labels: {tier: '{{ 1 }}'}\n  - alert: A\n    expr: up\n  - alert: A\n    expr: up > 1\n",
    );
    assert!(errors.is_empty(), "{errors:?}");
    let group = &set.groups[0];
    assert_eq!((group.limit, group.query_offset_ms), (5, 60_000));
    let labels = group.rules[0].recorded_labels(&Labels::new([("__name__", "up"), ("i", "1")]));
    assert_eq!(labels.to_string(), r#"a:b{i="1",team="x",tier="{{ 1 }}"}"#);
    assert_eq!(set.rules().map(|rule| rule.has_twin).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn what_cannot_be_filled_says_so_in_the_text() {
    let text =
        "groups: [{name: g, rules: [{alert: A, expr: m, annotations: {t: '{{ humanize $labels.v }}'}}]}]";
    let (set, errors) = load(text);
    assert!(errors.is_empty(), "{errors:?}");
    let annotations =
        set.groups[0].rules[0].annotations_for(&Labels::new([("v", "x")]), 1.0, Around::default());
    assert_eq!(annotations.get("t"), "<error expanding template: `x` is not a number>");
}

#[test]
fn a_condition_is_a_vector_or_a_number() {
    for (expr, kind) in [("'m[5m]'", "range vector"), ("'\"abc\"'", "string")] {
        let (set, errors) = load(&format!("groups: [{{name: g, rules: [{{alert: A, expr: {expr}}}]}}]"));
        assert!(set.rules().next().is_none());
        assert!(errors[0].to_string().contains(&format!("this is a {kind}")), "{errors:?}");
    }
}
