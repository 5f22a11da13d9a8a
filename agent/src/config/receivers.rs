//! The sections about telling: `[alerts]`, `[receivers.NAME]` and `[inhibitions.NAME]`.

use super::Span;
use super::section::{KeyDoc, section};
use hostward_engine::telling::{Matchers, Severity};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

section! {
    /// What alerts carry when they leave this host.
    Alerts {
        /// Label instance of alerts that have none: what tells this host's alerts from those of others. Unless set,
        /// the host's name.
        instance: Option<String> = None,
        /// Where expressions can be looked at, usually Prometheus, as https://prometheus.example.org: alerts carry a
        /// link to their expression there. Unless set, http:// with the instance and hostward's port.
        external_url: Option<String> = None,
    }
}

section! {
    /// Receivers: who is told of alerts. Each has a name, as in [receivers.oncall], and says with type what it is. Secrets
    /// stand in files of their own, which others may neither read nor write.
    Receiver {
        /// What it is: alertmanager, webhook, email, slack, ntfy or exec.
        r#type: String = String::new(),
        /// Whether it is used.
        enabled: bool = true,
        /// Which alerts it is told: matchers that must all hold, as severity="critical" or alertname=~"Disk.*".
        r#match: Matchers = Matchers::default(),
        /// Alerts of less severity are not told: none, info, warning or critical. A severity with another name counts
        /// as critical.
        min_severity: Severity = Severity::None,
        /// Whether it is told that an alert has ended.
        send_resolved: bool = true,
        /// How long to wait for more before the first alert is told. Unless set, 5s for people and no time for programs.
        group_wait: Option<Span> = None,
        /// Alerts with the same values of these labels are told in one message.
        group_by: Vec<String> = vec!["alertname".to_owned()],
        /// After how long an alert that still fires is told again; unless set, never. For alertmanager, which repeats
        /// by itself, it is how often alerts are confirmed, and 1m unless set.
        repeat: Option<Span> = None,
        /// How often it is told that hostward lives and watches, by an alert named Watchdog that always fires: whoever
        /// does not hear it any more knows that something is wrong. Unless set, never.
        heartbeat: Option<Span> = None,
        /// How long it may take to answer.
        timeout: Span = Span::seconds(10),
        /// alertmanager: addresses of all its instances. webhook, slack, ntfy: the address, unless url_file is set.
        url: Vec<String> = Vec::new(),
        /// A file with the address, for one that is a secret in itself.
        url_file: Option<PathBuf> = None,
        /// Whether the address may lead to this host or a private network. For alertmanager it may always.
        allow_private: bool = false,
        /// Certificates of the authorities to be trusted, as PEM; unless set, those that the system trusts.
        ca_file: Option<PathBuf> = None,
        /// alertmanager, webhook, ntfy: a file with a bearer token.
        token_file: Option<PathBuf> = None,
        /// alertmanager, webhook, ntfy, email: who logs in, with password_file.
        username: Option<String> = None,
        /// alertmanager, webhook, ntfy, email: a file with the password.
        password_file: Option<PathBuf> = None,
        /// webhook: a file with the key by which bodies are signed: X-Hostward-Signature-256 is sha256= and the
        /// HMAC-SHA256 of the body in hex.
        secret_file: Option<PathBuf> = None,
        /// email: the server and its port, as mail.example.org:587.
        server: Option<String> = None,
        /// email: starttls, tls from the first byte on, or none, which is for a server on this host only.
        tls: String = "starttls".to_owned(),
        /// email: the sender.
        from: Option<String> = None,
        /// email: who gets it.
        to: Vec<String> = Vec::new(),
        /// exec: the program with its absolute path, and its arguments; there is no shell. It gets the alerts as JSON on
        /// its standard input. Exit status 0 is success, 75 asks for another try, anything else is final.
        command: Vec<String> = Vec::new(),
    }
}

section! {
    /// Inhibitions: which alerts hide others while they fire. Each has a name, as in [inhibitions.disk].
    InhibitionRule {
        /// Matchers of the alerts that hide others.
        source: Matchers = Matchers::default(),
        /// Matchers of the alerts that are hidden.
        target: Matchers = Matchers::default(),
        /// Labels that must have the same value on both sides.
        equal: Vec<String> = Vec::new(),
    }
}
