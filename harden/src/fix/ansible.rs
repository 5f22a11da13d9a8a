//! A fix as an Ansible playbook: Ansible takes the script to many hosts and says what changed; what is done and undone is the
//! same script as anywhere, under the same contract.
//!
//! The script goes in by standard input, so a rehearsal leaves nothing on a host, and as `!unsafe` text, so Ansible looks for
//! no expression in it.

use super::{Cause, Fix, FixError, Language};
use std::collections::BTreeMap;
use std::fmt::Write;

impl Fix {
    /// The playbook; a fix that changes nothing has none.
    pub fn playbook(&self, cause: &Cause, values: &BTreeMap<String, String>) -> Result<String, FixError> {
        let refuse = |message: &str| FixError { fix: self.name.clone(), message: message.to_owned() };
        if self.only_tells() {
            return Err(refuse("it changes nothing, and a playbook is for what changes"));
        }
        let script = self.script(Language::Bash, cause, values)?;
        // Printable ASCII has no line ends and no tokens but ours in a literal block of YAML.
        if !script.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
            return Err(refuse("its script is not plain text"));
        }
        let mut out = format!("---\n{}\n- name: {}\n{PLAY}", self.header(cause), quoted(&self.title));
        for line in script.lines() {
            let indent = if line.is_empty() { "" } else { "      " };
            let _ = writeln!(out, "{indent}{line}");
        }
        Ok(out + TASKS)
    }
}

/// In double quotes nothing of printable ASCII needs more than these escapes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

const PLAY: &str = "  hosts: \"{{ hostward_hosts | default('all') }}\"
  become: true
  gather_facts: false
  vars:
    # dry-run, apply, verify or rollback: -e hostward_mode=apply. With --check it is always dry-run.
    hostward_mode: dry-run
    # The script as it is; its lines are as long as they are.
    # yamllint disable rule:line-length
    hostward_script: !unsafe |
";

const TASKS: &str = "  # yamllint enable rule:line-length
  tasks:
    - name: Take only the four modes of the contract
      ansible.builtin.assert:
        that: hostward_mode in ['dry-run', 'apply', 'verify', 'rollback']
        quiet: true

    - name: Run the script
      ansible.builtin.command:
        argv:
          - /bin/bash
          - -s
          - --
          - \"--{{ 'dry-run' if ansible_check_mode else hostward_mode }}\"
          - --json
        stdin: \"{{ hostward_script }}\"
      register: hostward_ran
      check_mode: false
      changed_when: >-
        (hostward_ran.stdout | from_json).steps | selectattr('state', 'in', ['changed', 'restored']) | list | length > 0
      failed_when: hostward_ran.rc != 0

    - name: Say what it did
      ansible.builtin.debug:
        msg: \"{{ hostward_ran.stdout | from_json }}\"
";
