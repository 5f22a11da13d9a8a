//! Changes that lock everybody out, as approved scripts in the outbox of a host.

use crate::Outcome;
use hostward_harden::fix::{Cause, Fix, Language};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A way to close the door.
pub struct Door {
    pub name: &'static str,
    fix: Fix,
    values: BTreeMap<String, String>,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const SSH: &str = include_str!("../../../content/fixes/ssh-setting.toml");
/// It goes on answering on this host itself.
const FIREWALL: &str = r#"
name = "drop"
title = "Drop what comes from outside"
risk = "high"
reversible = true
can_lock_out = true
changes = "/etc/nftables.conf"

[[step]]
do = "write_file"
path = "/etc/nftables.conf"
lines = [
    "flush ruleset",
    "table inet drill {",
    "    chain input {",
    "        type filter hook input priority 0; policy drop;",
    "        LOOPBACK",
    "    }",
    "}",
]
why = "to see whether it is undone"

[[step]]
do = "reload"
unit = "nftables.service"
why = "to see whether it is undone"
"#;
const PAM: &str = r#"
name = "deny"
title = "Deny all"
risk = "high"
reversible = true
can_lock_out = true
changes = "/etc/pam.d/common-account"

[[step]]
do = "write_file"
path = "/etc/pam.d/common-account"
lines = ["account requisite pam_deny.so"]
why = "to see whether it is undone"
"#;

/// All of them.
pub fn doors() -> Vec<Door> {
    let door = |name, file: &str, text: &str, values: &[(&str, &str)]| {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Door { name, fix: Fix::parse(file, text).expect("the drill's own fixes are well formed"), values }
    };
    vec![
        door("sshd lets nobody in", "ssh-setting.toml", SSH, &[("key", "AllowUsers"), ("value", "nobody")]),
        door(
            "a firewall drops all from outside",
            "drop.toml",
            &FIREWALL.replace("LOOPBACK", "iif lo accept"),
            &[],
        ),
        door("a firewall drops all", "drop.toml", &FIREWALL.replace("LOOPBACK", "counter"), &[]),
        door("PAM denies all", "deny.toml", PAM, &[]),
    ]
}

impl Door {
    /// Puts it into the outbox below `state`, approved.
    pub fn approved(&self, state: &Path, id: &str) -> Outcome<()> {
        let cause = Cause { id: id.to_owned(), version: "drill".to_owned(), lines: Vec::new() };
        let script =
            self.fix.script(Language::Bash, &cause, &self.values).map_err(|error| error.to_string())?;
        let said = |error: std::io::Error| format!("{}: {error}", state.display());
        let outbox = state.join("outbox");
        fs::create_dir_all(&outbox).map_err(said)?;
        let file = outbox.join(format!("{id}.sh"));
        fs::write(&file, &script).map_err(said)?;
        let sha256 = sum(&file)?;
        let approved =
            json!({ "stage": "approved", "at_ms": 0, "by": "drill", "comment": "", "sha256": sha256 });
        let artifact = json!({
            "id": id, "kind": "fix", "playbook": self.fix.name, "alert": "", "alert_name": "", "fired_ms": 0,
            "created_ms": 0, "created": "", "sha256": sha256, "state": "approved", "confirm": self.fix.can_lock_out,
            "steps": [approved], "inputs": {}, "evidence": null, "host": "", "version": "",
        });
        fs::write(outbox.join(format!("{id}.json")), artifact.to_string()).map_err(said)
    }
}

fn sum(file: &Path) -> Outcome<String> {
    let said = crate::boot::program::good(Command::new("sha256sum").arg(file))?;
    Ok(said.split(' ').next().unwrap_or_default().to_owned())
}
