//! Units on hosts of each kind.

use super::*;
use crate::testing::{Tree, exposition};
use expect_test::expect;

const V2: &str = "
/sys/fs/cgroup/cgroup.controllers cpu io memory pids|
/sys/fs/cgroup/cpu.stat usage_usec 1|
/sys/fs/cgroup/init.scope/cpu.stat usage_usec 3000000|user_usec 1000000|system_usec 2000000|nr_periods 0|nr_throttled 0|throttled_usec 0|
/sys/fs/cgroup/init.scope/memory.current 8192|
/sys/fs/cgroup/system.slice/cpu.stat usage_usec 1|
/sys/fs/cgroup/system.slice/nginx.service/cpu.stat usage_usec 90|user_usec 2500000|system_usec 500000|nr_periods 10|nr_throttled 2|throttled_usec 1500|
/sys/fs/cgroup/system.slice/nginx.service/memory.current 1048576|
/sys/fs/cgroup/system.slice/nginx.service/memory.peak 2097152|
/sys/fs/cgroup/system.slice/nginx.service/memory.max 4194304|
/sys/fs/cgroup/system.slice/nginx.service/memory.swap.current 0|
/sys/fs/cgroup/system.slice/nginx.service/memory.stat anon 600000|file 400000|kernel 48576|sock 0|
/sys/fs/cgroup/system.slice/nginx.service/memory.events low 0|high 0|max 3|oom 1|oom_kill 1|
/sys/fs/cgroup/system.slice/nginx.service/io.stat 8:0 rbytes=90112 wbytes=4096 rios=3 wios=1 dbytes=0 dios=0|
/sys/fs/cgroup/system.slice/nginx.service/pids.current 5|
/sys/fs/cgroup/system.slice/nginx.service/cpu.pressure some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000|full avg10=0.00 avg60=0.00 avg300=0.00 total=0|
/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/memory.current 100|
/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/memory.max max|
/sys/fs/cgroup/user.slice/user-1000.slice/session-4.scope/memory.current 23|
/sys/fs/cgroup/user.slice/user-1000.slice/session-4.scope/memory.peak 50|
/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/pids.current 2|
/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/x.service/pids.current 1|
";

#[test]
fn version_2() {
    expect![[r#"
        hostward_unit_cpu_seconds_total{unit="init.scope",mode="user"} 1
        hostward_unit_cpu_seconds_total{unit="init.scope",mode="system"} 2
        hostward_unit_memory_bytes{unit="init.scope"} 8192
        hostward_unit_cgroups{unit="init.scope"} 1
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="user"} 2.5
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="system"} 0.5
        hostward_unit_cpu_throttled_seconds_total{unit="nginx.service"} 0.0015
        hostward_unit_cpu_throttled_periods_total{unit="nginx.service"} 2
        hostward_unit_memory_bytes{unit="nginx.service"} 1048576
        hostward_unit_memory_kind_bytes{unit="nginx.service",kind="anon"} 600000
        hostward_unit_memory_kind_bytes{unit="nginx.service",kind="file"} 400000
        hostward_unit_memory_kind_bytes{unit="nginx.service",kind="kernel"} 48576
        hostward_unit_memory_peak_bytes{unit="nginx.service"} 2097152
        hostward_unit_memory_limit_bytes{unit="nginx.service"} 4194304
        hostward_unit_memory_swap_bytes{unit="nginx.service"} 0
        hostward_unit_oom_kills_total{unit="nginx.service"} 1
        hostward_unit_io_read_bytes_total{unit="nginx.service"} 90112
        hostward_unit_io_written_bytes_total{unit="nginx.service"} 4096
        hostward_unit_io_reads_total{unit="nginx.service"} 3
        hostward_unit_io_writes_total{unit="nginx.service"} 1
        hostward_unit_pressure_seconds_total{unit="nginx.service",resource="cpu",kind="some"} 2
        hostward_unit_pressure_seconds_total{unit="nginx.service",resource="cpu",kind="full"} 0
        hostward_unit_tasks{unit="nginx.service"} 5
        hostward_unit_cgroups{unit="nginx.service"} 1
        hostward_unit_memory_bytes{unit="session-*.scope"} 123
        hostward_unit_cgroups{unit="session-*.scope"} 2
        hostward_unit_tasks{unit="user@*.service"} 2
        hostward_unit_cgroups{unit="user@*.service"} 1
    "#]]
    .assert_eq(&Tree::of_lines(V2).shown(&SPEC));
}

#[test]
fn version_1() {
    let tree = Tree::of_lines("
/sys/fs/cgroup/systemd/system.slice/nginx.service/cgroup.procs 7|
/sys/fs/cgroup/systemd/system.slice/cron.service/cgroup.procs 8|
/sys/fs/cgroup/cpuacct/system.slice/nginx.service/cpuacct.stat user 900|system 100|
/sys/fs/cgroup/cpuacct/system.slice/nginx.service/cpuacct.usage_user 9001000000|
/sys/fs/cgroup/cpuacct/system.slice/nginx.service/cpuacct.usage_sys 1002000000|
/sys/fs/cgroup/cpuacct/system.slice/cron.service/cpuacct.stat user 50|system 1|
/sys/fs/cgroup/cpu/system.slice/nginx.service/cpu.stat nr_periods 5|nr_throttled 1|throttled_time 2000000|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.usage_in_bytes 5000|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.max_usage_in_bytes 6000|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.limit_in_bytes 9223372036854771712|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.stat cache 1|rss 2|total_cache 3000|total_rss 2000|total_swap 10|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.oom_control oom_kill_disable 0|under_oom 0|oom_kill 4|
/sys/fs/cgroup/blkio/system.slice/nginx.service/blkio.throttle.io_service_bytes 8:0 Read 4096|8:0 Write 512|8:0 Total 4608|Total 4608|
/sys/fs/cgroup/pids/system.slice/nginx.service/pids.current 3|
",
    );
    expect![[r#"
        hostward_unit_cpu_seconds_total{unit="cron.service",mode="user"} 0.5
        hostward_unit_cpu_seconds_total{unit="cron.service",mode="system"} 0.01
        hostward_unit_cgroups{unit="cron.service"} 1
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="user"} 9.001
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="system"} 1.002
        hostward_unit_cpu_throttled_seconds_total{unit="nginx.service"} 0.002
        hostward_unit_cpu_throttled_periods_total{unit="nginx.service"} 1
        hostward_unit_memory_bytes{unit="nginx.service"} 5000
        hostward_unit_memory_kind_bytes{unit="nginx.service",kind="anon"} 2000
        hostward_unit_memory_kind_bytes{unit="nginx.service",kind="file"} 3000
        hostward_unit_memory_peak_bytes{unit="nginx.service"} 6000
        hostward_unit_memory_swap_bytes{unit="nginx.service"} 10
        hostward_unit_oom_kills_total{unit="nginx.service"} 4
        hostward_unit_io_read_bytes_total{unit="nginx.service"} 4096
        hostward_unit_io_written_bytes_total{unit="nginx.service"} 512
        hostward_unit_tasks{unit="nginx.service"} 3
        hostward_unit_cgroups{unit="nginx.service"} 1
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn a_hybrid_layout_takes_processor_time_from_version_2_and_the_rest_from_version_1() {
    let tree = Tree::of_lines("
/sys/fs/cgroup/unified/cgroup.procs 1|
/sys/fs/cgroup/unified/system.slice/nginx.service/cpu.stat usage_usec 30|user_usec 1000000|system_usec 2000000|
/sys/fs/cgroup/systemd/system.slice/nginx.service/cgroup.procs 7|
/sys/fs/cgroup/cpuacct/system.slice/nginx.service/cpuacct.usage_user 9001000000|
/sys/fs/cgroup/memory/system.slice/nginx.service/memory.usage_in_bytes 5000|
/sys/fs/cgroup/pids/system.slice/nginx.service/pids.current 3|
",
    );
    expect![[r#"
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="user"} 1
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="system"} 2
        hostward_unit_memory_bytes{unit="nginx.service"} 5000
        hostward_unit_tasks{unit="nginx.service"} 3
        hostward_unit_cgroups{unit="nginx.service"} 1
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn a_file_that_makes_no_sense_is_named_and_hides_nothing_else() {
    let tree = Tree::of_lines(V2);
    tree.write("/sys/fs/cgroup/init.scope/memory.current", "lots\n");
    let shown = tree.shown(&SPEC);
    assert!(
        shown.contains("hostward_unit_cpu_seconds_total{unit=\"init.scope\",mode=\"user\"} 1\n"),
        "{shown}"
    );
    assert!(shown.contains("hostward_unit_memory_bytes{unit=\"nginx.service\"} 1048576\n"), "{shown}");
    expect![
        "fault malformed: /sys/fs/cgroup/init.scope/memory.current:1: expected a whole number, found \"lots\""
    ]
    .assert_eq(shown.lines().last().unwrap());
}

#[test]
fn beyond_the_largest_units_are_summed_and_a_restart_goes_on() {
    let tree = Tree::of_lines(V2);
    let mut settings = Settings::new(SPEC.settings);
    settings.set("top", crate::Value::Number(1)).unwrap();
    let (mut probe, mut host) = ((SPEC.start)(&settings), tree.host());
    let mut shown = || {
        let mut batch = Batch::new();
        probe.collect(&mut host, &mut batch).unwrap();
        let whole = exposition(&batch);
        let lines =
            whole.lines().filter(|line| line.contains("_cpu_seconds") || line.contains("_memory_bytes"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    expect![[r#"
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="user"} 2.5
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="system"} 0.5
        hostward_unit_memory_bytes{unit="nginx.service"} 1048576
        hostward_unit_cpu_seconds_total{unit="other",mode="user"} 1
        hostward_unit_cpu_seconds_total{unit="other",mode="system"} 2
        hostward_unit_memory_bytes{unit="other"} 8315
    "#]]
    .assert_eq(&shown());
    // nginx starts anew: its group is another one, and no number of a group is given twice.
    let before = tree.path("sys/fs/cgroup/system.slice/nginx.service");
    std::fs::rename(before, tree.path("sys/fs/nginx.before")).unwrap();
    tree.write("/sys/fs/cgroup/system.slice/cron.service/cpu.stat", "user_usec 7\nsystem_usec 5\n");
    tree.write(
        "/sys/fs/cgroup/system.slice/nginx.service/cpu.stat",
        "user_usec 1000000\nsystem_usec 4000000\n",
    );
    expect![[r#"
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="user"} 3.5
        hostward_unit_cpu_seconds_total{unit="nginx.service",mode="system"} 4.5
        hostward_unit_cpu_seconds_total{unit="other",mode="user"} 1.000007
        hostward_unit_cpu_seconds_total{unit="other",mode="system"} 2.000005
        hostward_unit_memory_bytes{unit="other"} 8315
    "#]]
    .assert_eq(&shown());
}

#[test]
fn a_host_without_units_says_so() {
    expect!["fault missing: /sys/fs/cgroup: not on this host\n"]
        .assert_eq(&Tree::of_lines("/proc/x").shown(&SPEC));
    expect!["fault missing: units of systemd below /sys/fs/cgroup/memory: not on this host\n"]
        .assert_eq(&Tree::of_lines("/sys/fs/cgroup/memory/app/memory.usage_in_bytes 1").shown(&SPEC));
}
