//! A process that takes more than its share, and an alert that says so: its priority is told by a plugin.

use super::support::{Daemon, Scratch, hostward};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};

/// Lives as long as the value.
pub struct Process(Child);

impl Process {
    pub fn start() -> Self {
        Process(Command::new("sleep").arg("600").spawn().unwrap())
    }

    /// What the scheduler gives it.
    pub fn nice(&self) -> i32 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        stat.rsplit(") ").next().unwrap().split(' ').nth(16).unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Alerts with their expressions, of which a fix is known for `CpuBusy` and `CpuSaturated`.
pub fn prepare(scratch: &Scratch, process: &Process, alerts: &[(&str, &str)]) {
    let pid = process.0.id();
    let rule = |(name, expr): &(&str, &str)| {
        format!(
            "  - alert: {name}\n    expr: {expr}\n    annotations: {{summary: 'It takes all.', playbook: cpu}}\n"
        )
    };
    let rules: String = alerts.iter().map(rule).collect();
    let rules = format!("groups:\n- name: cpu\n  interval: 1s\n  rules:\n{rules}");
    let rules = scratch.write("rules/cpu.yml", &rules);
    let plugin = format!(
        "#!/bin/sh\nset -- $(cat /proc/{pid}/stat)\necho \"calm_nice{{pid=\\\"{pid}\\\",name=\\\"sleep\\\"}} ${{19}}\"\n"
    );
    let plugin = scratch.write("plugins.d/nice.sh", &plugin);
    fs::set_permissions(&plugin, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(plugin.parent().unwrap(), Permissions::from_mode(0o755)).unwrap();
    let config = format!(
        "[rules]\ndirs = [{:?}]\nevaluation = \"1s\"\n[plugins]\ndirectories = [{:?}]\ninterval = \"1s\"\n",
        rules.parent().unwrap(),
        plugin.parent().unwrap(),
    );
    scratch.write("etc/hostward.toml", &config);
}

/// A daemon that sees it.
pub fn daemon(scratch: &Scratch) -> Daemon {
    let daemon = Daemon::start_by(hostward(scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"]));
    daemon.await_metrics("the plugin", |text| text.contains("calm_nice{"));
    daemon
}
