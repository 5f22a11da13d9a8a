//! What is written in a language's own canonical form reads back as what was meant.

use super::*;

/// What a reader finds in one file: scope, key and value of everything that somebody wrote.
fn read(area: &str, path: &str, text: &str) -> Vec<(String, String, String)> {
    let tree = Tree::new(&[(path, text)]);
    let look = collect(&tree.host(), &only(reader(area))).areas.remove(area);
    let Some(Look::Seen(facts)) = look else { panic!("{area} of {text:?}: {look:?}") };
    let written =
        facts.into_iter().filter(|fact| matches!(fact.origin, hostward_model::Origin::File(_, 1..)));
    written.map(|fact| (fact.scope, fact.key, fact.value)).collect()
}

/// A fact of a scope, as [`read`] has it.
fn own(scope: &str, key: &str, value: &str) -> (String, String, String) {
    (scope.to_owned(), key.to_owned(), value.to_owned())
}

/// Text in double quotes, with a backslash before what would end it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn keys(prefix: &'static str) -> impl Strategy<Value = Vec<(String, String)>> {
    let key = "[a-z]{2,6}".prop_map(move |word| format!("{prefix}{word}"));
    // A name for a variable would be filled in.
    prop::collection::btree_map(key, "[ -#%-~é]{0,12}", 0..8).prop_map(|all| all.into_iter().collect())
}

/// Words that mean nothing else in any of the languages.
fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z][a-z0-9./]{0,8}", 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn of_sshd_the_first_of_a_block(values in prop::collection::vec(("x[a-c]", "[a-z0-9]{1,5}", any::<bool>()), 0..12)) {
        let (general, block): (Vec<_>, Vec<_>) = values.into_iter().partition(|(.., general)| *general);
        let mut text = String::new();
        let mut meant = Vec::new();
        for (scope, head, all) in [("", "", &general), ("Match User u", "Match User u\n", &block)] {
            text += head;
            for (key, value, _) in all {
                text += &format!("{key} {value}\n");
                if !meant.iter().any(|(own, name, _)| own == scope && name == key) {
                    meant.push(own(scope, key, value));
                }
            }
        }
        prop_assert_eq!(read("sshd", "/etc/ssh/sshd_config", &text), meant);
    }

    #[test]
    fn of_sysctl_the_last(values in prop::collection::vec(("net\\.[a-d]", "[a-z0-9 ]{0,3}[a-z0-9]"), 0..12)) {
        let text: String = values.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        let last: BTreeMap<_, _> = values.iter().cloned().collect();
        let meant: Vec<_> = last.iter().map(|(key, value)| own("", key, value.trim())).collect();
        prop_assert_eq!(read("sysctl", "/etc/sysctl.d/own.conf", &text), meant);
    }

    #[test]
    fn of_nginx_all_that_a_server_says(values in keys("x_")) {
        let text: String = values.iter().map(|(key, value)| format!("{key} {};\n", quoted(value))).collect();
        let text = format!("http {{ server {{ server_name n; {text} }} }}");
        let mut meant = vec![own("server n (80)", "server_name", "n")];
        meant.extend(values.iter().map(|(key, value)| own("server n (80)", key, value)));
        prop_assert_eq!(read("nginx", "/etc/nginx/nginx.conf", &text), meant);
    }

    #[test]
    fn of_apache_all_that_a_section_says(values in keys("x")) {
        let text: String = values.iter().map(|(key, value)| format!("  {key} {}\n", quoted(value))).collect();
        let text = format!("<Directory \"/a b\">\n{text}</Directory>\n");
        let meant: Vec<_> = values.iter().map(|(key, value)| own("Directory /a b", key, value)).collect();
        prop_assert_eq!(read("apache", "/etc/apache2/apache2.conf", &text), meant);
    }

    #[test]
    fn of_sudoers_lists_rules_and_defaults(users in words(), commands in words(), free in any::<bool>(), text in "[ !#-\\[\\]-~é]{1,12}") {
        let tag = if free { "NOPASSWD: " } else { "" };
        let commands = commands.iter().map(|own| format!("/{own}")).collect::<Vec<_>>().join(", ");
        let written = format!("Defaults:{} x=\"{text}\"\n{} ALL = {tag}{commands}\n", users[0], users.join(" , "));
        let who = users.join(",");
        let mut meant = vec![own(&format!(":{}", users[0]), "x", &text), own(&who, "rule", &format!("ALL = {tag}{commands}"))];
        if free {
            meant.push(own(&who, "tag", "NOPASSWD"));
        }
        // Blanks between words are one in what is shown.
        let read = read("sudoers", "/etc/sudoers", &written);
        let one = |(scope, key, value): &(String, String, String)| (scope.clone(), key.clone(), value.split_whitespace().collect::<Vec<_>>().join(" "));
        prop_assert_eq!(read.iter().map(one).collect::<Vec<_>>(), meant.iter().map(one).collect::<Vec<_>>());
    }

    #[test]
    fn of_pam_each_line(lines in prop::collection::vec((prop::sample::select(&["auth", "account", "password", "session"][..]), words()), 0..8)) {
        let text: String = lines.iter().map(|(kind, words)| format!("{kind}\toptional {} # why\n", words.join(" \\\n  "))).collect();
        let meant: Vec<_> = lines.iter().map(|(kind, words)| own("x", kind, &format!("optional {}", words.join(" ")))).collect();
        prop_assert_eq!(read("pam", "/etc/pam.d/x", &text), meant);
    }

    #[test]
    fn of_nftables_policies_and_ports(drops in any::<bool>(), ports in prop::collection::btree_set(1..65_536_u32, 1..6)) {
        let policy = if drops { "drop" } else { "accept" };
        let set = ports.iter().map(u32::to_string).collect::<Vec<_>>();
        let text = format!("table inet t {{ chain c {{ type filter hook input priority 0; policy {policy}; tcp dport {{ {} }} accept }} }}", set.join(", "));
        let mut meant = vec![own("nftables", "input.policy", policy)];
        meant.extend(set.iter().map(|port| own("nftables", "input.accept", &format!("tcp/{port}"))));
        prop_assert_eq!(read("firewall", "/etc/nftables.conf", &text), meant);
    }
}
