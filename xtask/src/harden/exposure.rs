//! How much each service could do beyond what it is for, as systemd itself counts it: 0 is nothing, 10 is everything.

use super::machine::Machine;
use super::serve::Answer;
use crate::Outcome;

const UNITS: [&str; 8] = [
    "ssh.service",
    "nginx.service",
    "apache2.service",
    "rsyslog.service",
    "cron.service",
    "mariadb.service",
    "postgresql@15-main.service",
    "redis-server.service",
];

/// The exposure of each service that is there.
pub fn answers(machine: &Machine) -> Outcome<Vec<Answer>> {
    let mut answers = Vec::new();
    for unit in UNITS {
        if machine.said(&["systemctl", "is-active", unit]).is_err() {
            continue;
        }
        let said = machine.ran(&["systemd-analyze", "security", "--no-pager", unit])?;
        let last = said.text.lines().rev().find(|line| line.contains("Overall exposure level")).unwrap_or("");
        let level = last.split(": ").nth(1).and_then(|rest| rest.split(' ').next());
        let level = level.ok_or_else(|| format!("systemd-analyze security {unit}: {}", said.complaint))?;
        answers.push((format!("exposure of {unit}"), level.to_owned()));
    }
    Ok(answers)
}
