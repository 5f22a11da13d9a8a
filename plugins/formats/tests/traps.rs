//! What real plugins were caught at, one test each: the run must not be taken for more than it is.

use hostward_formats::{Exit, Format, Limits, Output, Report, Service, State, failure, munin};

fn output<'a>(stdout: &'a str, stderr: &'a str, code: i32) -> Output<'a> {
    let (stdout, stderr) = (stdout.as_bytes(), stderr.as_bytes());
    Output { name: "trap", stdout, stderr, exit: Exit::Code(code), declared: b"" }
}

fn read(format: Format, stdout: &str, stderr: &str, code: i32) -> Report {
    format.read(&output(stdout, stderr, code), &Limits::default())
}

/// The only service of a check.
fn check(stdout: &str, stderr: &str, code: i32) -> (Report, Service) {
    let mut report = read(Format::Nagios, stdout, stderr, code);
    assert_eq!(report.services.len(), 1);
    let service = report.services.remove(0);
    (report, service)
}

/// The samples as `name{labels} value` lines.
fn samples(report: &Report) -> Vec<String> {
    let text =
        hostward_formats::exposition::write(&report.families, hostward_formats::exposition::Format::Text);
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Unknown, with this reason and without samples.
#[track_caller]
fn is_unknown(report: &Report, reason: &str) {
    assert_eq!(report.unknown.as_deref(), Some(reason));
    assert_eq!(samples(report), Vec::<String>::new());
    assert!(report.services.iter().all(|service| service.state == State::Unknown));
}

const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"x\", line 1\nKeyError: 'y'\n";

#[test]
fn a_python_traceback_with_exit_1_is_no_warning() {
    let (report, service) = check("", TRACEBACK, 1);
    is_unknown(&report, "it died of an error: KeyError: 'y'");
    assert_eq!(service.state, State::Unknown);
    // Some send it to the standard output, where it looks like the status text.
    is_unknown(&check(TRACEBACK, "", 1).0, "it died of an error: KeyError: 'y'");
    // And some die after they have said that all is well.
    is_unknown(&check("DISK OK|a=1\n", TRACEBACK, 0).0, "it died of an error: KeyError: 'y'");
}

#[test]
fn a_missing_perl_module_with_exit_2_is_not_critical() {
    let stderr = "Can't locate Readonly.pm in @INC at check line 26.\nBEGIN failed--compilation aborted.\n";
    is_unknown(
        &check("", stderr, 2).0,
        "it died of an error: Can't locate Readonly.pm in @INC at check line 26.",
    );
}

#[test]
fn a_missing_interpreter_is_unknown() {
    let stderr = "env: 'python4': No such file or directory\n";
    let reason = format!("a program was not found (exit code 127): {}", stderr.trim());
    is_unknown(&check("", stderr, 127).0, &reason);
    let stderr = "sh: 1: check: Permission denied\n";
    is_unknown(
        &check("", stderr, 126).0,
        &format!("it cannot be executed (exit code 126): {}", stderr.trim()),
    );
}

#[test]
fn an_empty_output_is_unknown_in_every_format() {
    for format in Format::ALL {
        is_unknown(&read(format, " \n", "", 0), "it printed nothing");
    }
}

#[test]
fn a_signal_and_a_timeout_are_unknown_in_every_format() {
    for format in Format::ALL {
        for (exit, reason) in [
            (Exit::Signal(11), "ended by signal 11 (segmentation fault): a 1"),
            (Exit::Signal(9), "ended by signal 9 (kill): a 1"),
            (Exit::TimedOut, "it took too long and was ended"),
        ] {
            let output = Output { exit, ..output("a 1\n", "", 0) };
            is_unknown(&format.read(&output, &Limits::default()), reason);
        }
    }
}

#[test]
fn an_exit_code_above_3_is_unknown() {
    is_unknown(&check("DISK OK - fine|a=1\n", "", 4).0, "exit code 4: DISK OK - fine|a=1");
    is_unknown(&check("DISK OK - fine|a=1\n", "", -1).0, "exit code -1: DISK OK - fine|a=1");
}

#[test]
fn an_exit_code_that_contradicts_the_text_is_unknown() {
    let reason = "exit code 0 means OK, but the text says CRITICAL: DISK CRITICAL - full";
    is_unknown(&check("DISK CRITICAL - full|a=1\n", "", 0).0, reason);
    let (report, service) = check("CPU CRITICAL: 1 crit, 0 warn, 80 OK\n", "", 2);
    assert_eq!((report.unknown, service.state), (None, State::Critical));
}

#[test]
fn host_between_pipes_is_no_performance_data() {
    let (report, service) = check("ERROR: No multipath binary found. |Host: vm|\n", "", 3);
    assert_eq!(service.text, "ERROR: No multipath binary found. |Host: vm|");
    assert_eq!((report.rejected_count, samples(&report).len()), (0, 0));
}

#[test]
fn a_pipe_in_the_text_is_text() {
    let (report, service) = check("WARNING: text with | pipe\n", "", 1);
    assert_eq!((service.text.as_str(), report.rejected_count), ("WARNING: text with | pipe", 0));
}

#[test]
fn performance_data_may_be_on_line_2() {
    let (report, service) = check("UNKNOWN - \n| failed=0;1;1;0;\n", "", 3);
    assert_eq!(service.text, "UNKNOWN -");
    assert_eq!(samples(&report), ["trap{perfdata=\"failed\"} 0"]);
}

#[test]
fn a_blank_before_the_unit_is_forgiven() {
    let (report, _) = check("WARNING: little|entropy=256 bytes\n", "", 1);
    assert_eq!(samples(&report), ["trap_bytes{perfdata=\"entropy\"} 256"]);
}

#[test]
fn empty_levels_are_no_levels() {
    let (report, _) = check("OK|load1=1.750;;;0; free=3;;;;\n", "", 0);
    assert_eq!(samples(&report), ["trap{perfdata=\"load1\"} 1.75", "trap{perfdata=\"free\"} 3"]);
    assert_eq!((report.levels.len(), report.levels[0].min, report.levels[0].warning), (1, Some(0.0), None));
}

#[test]
fn long_text_after_performance_data_is_text() {
    let (report, service) = check("LOAD OK|load1=1\n 5.0  root  top\n 1.0  www  php\n", "", 0);
    assert_eq!((service.detail.as_str(), report.rejected_count), ("5.0  root  top\n1.0  www  php", 0));
    assert_eq!(samples(&report), ["trap{perfdata=\"load1\"} 1"]);
}

#[test]
fn a_label_may_hold_a_slash() {
    let (report, _) = check("cswch OK|cswch/s=2803\n", "", 0);
    assert_eq!(samples(&report), ["trap{perfdata=\"cswch/s\"} 2803"]);
}

#[test]
fn a_nonsense_value_with_ok_is_what_the_plugin_says() {
    let (report, service) = check("CHRONY OK|clock_delta=1795224151\n", "", 0);
    assert_eq!(service.state, State::Ok);
    assert_eq!(samples(&report), ["trap{perfdata=\"clock_delta\"} 1795224151"]);
}

#[test]
fn a_usage_message_with_exit_3_is_unknown() {
    let (_, service) = check("Warning threshold must be float!\n\nUsage:\ncheck_load -w X\n", "", 3);
    assert_eq!((service.state, service.detail.as_str()), (State::Unknown, "Usage:\ncheck_load -w X"));
}

#[test]
fn no_value_is_absent() {
    let (report, _) = check("OK|a=U b=1\n", "", 0);
    assert_eq!((samples(&report), report.rejected_count), (vec!["trap{perfdata=\"b\"} 1".to_owned()], 0));
}

#[test]
fn zero_updates_of_a_package_manager_that_is_not_there_are_not_zero() {
    let stdout = "yum_upgrades_pending{origin=\"\"} 0\n";
    let stderr = "yum.sh: line 23: /usr/bin/yum: No such file or directory\n";
    let reason = format!("a program or file that it needs is missing: {}", stderr.trim());
    is_unknown(&read(Format::Textfile, stdout, stderr, 0), &reason);
}

#[test]
fn shells_tell_in_several_ways_that_a_program_is_missing() {
    let lines = [
        "x.sh: line 3: bc: command not found",
        "/x/plugin: 54: ntpq: not found",
        "./x.sh: line 3: foo: not found",
        "sh: foo: not found",
        "env: 'perl6': No such file or directory",
        "x.sh: line 9: /root/key: Permission denied",
        "bash: ./x: /bin/foo: bad interpreter: No such file or directory",
    ];
    for line in lines {
        let report = read(Format::Textfile, "a 0\n", line, 0);
        is_unknown(&report, &format!("a program or file that it needs is missing: {line}"));
    }
    // What a plugin says about the world is no such thing.
    for line in
        ["ping: www.example.org: Name or service not known", "snmp: host web1: not found", "warning: x"]
    {
        assert_eq!(read(Format::Textfile, "a 0\n", line, 0).unknown, None, "{line}");
    }
}

#[test]
fn an_empty_version_of_a_program_that_is_not_there_is_not_told() {
    let stdout = "smartmon_smartctl_version{version=\"\"} 1\n";
    let stderr = "smartmon.sh: line 168: /usr/sbin/smartctl: No such file or directory\n";
    let reason = format!("a program or file that it needs is missing: {}", stderr.trim());
    is_unknown(&read(Format::Textfile, stdout, stderr, 0), &reason);
}

#[test]
fn a_right_that_is_missing_is_unknown() {
    let stderr = "Failed to open file: /proc/1/maps\n";
    is_unknown(&read(Format::Textfile, "", stderr, 1), "exit code 1: Failed to open file: /proc/1/maps");
}

#[test]
fn a_timestamp_refuses_a_text_file() {
    let report = read(Format::Textfile, "a 1\nold 1 1441205977284\n", "", 0);
    is_unknown(&report, "old has a timestamp of its own; leave it out");
    assert_eq!(report.rejected_count, 1);
}

#[test]
fn families_without_samples_are_no_failure() {
    let report = read(Format::Textfile, "# HELP a A.\n# TYPE a gauge\n", "", 0);
    assert_eq!((report.unknown, report.families.len()), (None, 1));
}

#[test]
fn a_division_by_zero_of_a_plugin_that_was_called_twice_is_unknown() {
    let stderr = "Illegal division by zero at diskstats line 223.\n";
    is_unknown(
        &read(Format::Munin, "", stderr, 25),
        "exit code 25: Illegal division by zero at diskstats line 223.",
    );
}

#[test]
fn u_on_the_first_run_is_absent() {
    let report = read(Format::Munin, "r.value U\nw.value 0.5\n", "", 0);
    assert_eq!(samples(&report), ["trap{field=\"w\"} 0.5"]);
    let report = read(Format::Munin, "r.value U\n", "", 0);
    is_unknown(&report, "each of its values is U, which says that it has none");
}

#[test]
fn an_empty_munin_value_is_rejected() {
    let report = read(Format::Munin, "a.value \nb.value 1\n", "", 0);
    assert_eq!(samples(&report), ["trap{field=\"b\"} 1"]);
    assert_eq!(report.rejected[0].reason, "the value of a is no number: \"\"");
}

#[test]
fn a_munin_plugin_that_autoconf_warned_of_dies() {
    let no = munin::autoconf(&output("no (no /proc/net/rpc/nfsd)\n", "", 0));
    assert_eq!(no, Err("no /proc/net/rpc/nfsd".to_owned()));
    let stderr = "awk: cannot open /proc/net/rpc/nfsd (No such file or directory)\n";
    is_unknown(&read(Format::Munin, "", stderr, 2), &format!("exit code 2: {}", stderr.trim()));
}

#[test]
fn a_category_has_one_spelling() {
    let report = read(Format::Munin, "graph_category NFS\na.value 1\n", "", 0);
    assert_eq!(samples(&report), ["trap{category=\"nfs\",field=\"a\"} 1"]);
}

#[test]
fn values_without_configuration_and_the_reverse_are_both_there() {
    let declared = b"gone.label Gone\ngone.type DERIVE\n";
    let output = Output { declared, ..output("new.value 1\n", "", 0) };
    let report = Format::Munin.read(&output, &Limits::default());
    assert_eq!(samples(&report), ["trap{field=\"new\"} 1"]);
}

#[test]
fn a_suggestion_that_is_a_value_is_refused() {
    let limits = Limits::default();
    assert!(munin::suggest(&output("count.value 0\n", "", 0), &limits).is_err());
    assert_eq!(munin::suggest(&output("eth0\nlo\n", "", 0), &limits), Ok(vec!["eth0".into(), "lo".into()]));
    assert_eq!(munin::suggest(&output("", "", 0), &limits), Ok(vec![]));
}

#[test]
fn functions_among_the_readings_are_passed_over() {
    let stdout =
        "CHART a.b '' t u\nDIMENSION x\nFUNCTION \"processes\" 10 \"help\"\nBEGIN a.b\nSET x = 1\nEND\n";
    let report = read(Format::Netdata, stdout, "", 0);
    assert_eq!((samples(&report).len(), report.rejected_count), (1, 0));
}

#[test]
fn what_was_declared_holds_for_the_next_batch() {
    let first = read(Format::Netdata, "CHART a.b '' t KiB\nDIMENSION x '' incremental\n", "", 0);
    let output = Output { declared: &first.declared, ..output("BEGIN a.b\nSET x = 1\nEND\n", "", 0) };
    let second = Format::Netdata.read(&output, &Limits::default());
    assert_eq!(samples(&second), ["trap_a_b_bytes_total{dimension=\"x\"} 1024"]);
    assert_eq!(second.declared, first.declared);
}

#[test]
fn disable_is_not_started_again() {
    let report = read(Format::Netdata, "DISABLE\n", "perf INFO: no charts enabled\n", 1);
    assert!(report.disabled);
    is_unknown(&report, "it disabled itself: perf INFO: no charts enabled");
}

#[test]
fn one_value_for_a_type_of_two_is_rejected() {
    let report = read(Format::Collectd, "PUTVAL h/p/if_octets N:1\n", "", 0);
    assert_eq!(report.rejected[0].reason, "if_octets has 2 values, found 1");
    assert_eq!(samples(&report), Vec::<String>::new());
}

/// Found by a fuzzer: written as milliseconds, such a time is no whole number any more.
#[test]
fn a_time_beyond_all_reason_is_rejected() {
    let report = read(Format::Collectd, "PUTVAL h/p/gauge 4444444444444444444444441700000000:1\n", "", 0);
    assert_eq!(report.rejected[0].reason, "the time of trap is out of range");
    assert_eq!(samples(&report), Vec::<String>::new());
}

#[test]
fn a_bad_local_check_costs_its_own_line() {
    let report = read(Format::Checkmk, "NOK Service -\n0 Other - fine\n", "", 0);
    let states: Vec<_> =
        report.services.iter().map(|service| (service.name.as_str(), service.state)).collect();
    assert_eq!(states, [("Service", State::Unknown), ("Other", State::Ok)]);
    assert_eq!(report.rejected_count, 1);
}

#[test]
fn what_a_running_plugin_logs_is_no_failure() {
    let output = Output { exit: Exit::Running, ..output("", TRACEBACK, 0) };
    assert_eq!(failure(&output, 0), None);
}

#[test]
fn a_program_that_perl_cannot_start_is_missing() {
    let stderr =
        "Can't exec \"snmpget\": No such file or directory at /usr/lib/nagios/plugins/check_wave line 53.\n";
    let report = check("Signal Strength at:   0%,  SNR at 0%\n", stderr, 2).0;
    is_unknown(
        &report,
        "a program or file that it needs is missing: Can't exec \"snmpget\": No such file or directory at \
         /usr/lib/nagios/plugins/check_wave line 53.",
    );
    let stderr = "Can't exec \"/usr/sbin/logtail\": No such file or directory at mailscanner line 9.\n";
    assert!(read(Format::Munin, "clean.value 0\nviruses.value 0\n", stderr, 0).unknown.is_some());
}

#[test]
fn zeros_of_a_file_that_could_not_be_read_are_none() {
    let stderr = "grep: /var/spool/qmailscan/quarantine.log: No such file or directory\n";
    is_unknown(
        &read(Format::Munin, "virus.value 0\n", stderr, 0),
        "all that it counts is 0, and what it counts could not be read: \
         grep: /var/spool/qmailscan/quarantine.log: No such file or directory",
    );
    let denied = "/bin/cat: /var/log/app.log: Permission denied\n";
    let report = check("LOG OK - 0 errors | errors=0;1;5\n", denied, 0).0;
    assert!(report.unknown.unwrap().starts_with("all that it counts is 0"));
    // What was counted all the same counts.
    assert_eq!(read(Format::Munin, "virus.value 0\nspam.value 4\n", stderr, 0).unknown, None);
    assert_eq!(read(Format::Munin, "virus.value 0\n", "", 0).unknown, None);
    assert_eq!(read(Format::Munin, "virus.value 0\n", "nothing new\n", 0).unknown, None);
}

#[test]
fn values_that_are_all_empty_are_unknown() {
    is_unknown(
        &read(Format::Munin, "alerts.value \n", "", 0),
        "none of its values is a number: line 1: the value of alerts is no number: \"\"",
    );
    // A zero that was reckoned from nothing.
    is_unknown(
        &read(Format::Munin, "battery_charge.value \nbattery_runtime.value 0\n", "", 0),
        "its only numbers are 0: line 1: the value of battery_charge is no number: \"\"",
    );
}

#[test]
fn an_output_of_which_nothing_is_understood_is_unknown() {
    is_unknown(
        &read(Format::Influx, "{\"fields\":{\"a\":1}}\n", "", 0),
        "line 1: fields must follow the measurement and its tags",
    );
}

#[test]
fn a_right_that_sudo_does_not_give_is_unknown() {
    let report = check("OK - 0 disks failed\n", "sudo: a password is required\n", 0).0;
    is_unknown(&report, "a program or file that it needs is missing: sudo: a password is required");
    let warned =
        check("OK - 4 disks\n", "sudo: unable to resolve host web: Name or service not known\n", 0).0;
    assert_eq!(warned.unknown, None);
}

#[test]
fn how_a_check_is_called_is_no_state() {
    for code in [0, 1, 2] {
        let report = check("usage: check_raid [-h] -d DEVICE\n", "", code).0;
        is_unknown(&report, "it was called wrongly: usage: check_raid [-h] -d DEVICE");
    }
}

#[test]
fn programs_die_in_many_languages() {
    for stderr in [
        "thread 'main' (4711) panicked at src/main.rs:2:5:",
        "/opt/check.rb:3:in `<main>': undefined local variable or method `x' for main:Object (NameError)",
        "PHP Parse error:  syntax error, unexpected end of file in /opt/check.php on line 9",
        "Error: Cannot find module 'pg'",
        "terminate called after throwing an instance of 'std::out_of_range'",
        "/opt/check.sh: line 3:  4711 Killed                  du -s /home",
        "Can't call method \"prepare\" on an undefined value at check_db line 12.",
        "fatal error: all goroutines are asleep - deadlock!",
    ] {
        let report = check("OK - 5 rows | rows=5\n", &format!("{stderr}\n"), 0).0;
        is_unknown(&report, &format!("it died of an error: {stderr}"));
    }
}

#[test]
fn what_a_shell_says_of_a_missing_program_may_stand_in_the_output() {
    let stdout = "/opt/check.sh: line 4: bc: command not found\nOK - load is | load=\n";
    let report = check(stdout, "", 0).0;
    assert!(report.unknown.unwrap().starts_with("a program or file that it needs is missing: "));
    // What a check says of a file of its own is its finding.
    let said = check("CRITICAL: /etc/app.conf: line 4: No such file or directory\n", "", 2).0;
    assert_eq!(said.unknown, None);
}
