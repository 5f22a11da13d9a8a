//! Who is logged in at the moment: how many, how, and, only where that is wanted, under which names.
//!
//! logind keeps a file for each session; hosts without it have utmp.

use crate::systemctl::BOOTED;
use crate::{Fault, Host, Preset, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static SESSIONS: Metric = Metric::gauge(
    "hostward_sessions",
    "Sessions of users by type (tty, x11, wayland, …) and state (active, online, closing); utmp knows no state but online.",
    &["type", "state"],
);
static OF_USERS: Metric = Metric::gauge(
    "hostward_user_sessions",
    "Sessions by user name, where the setting users of the probe is on.",
    &["user"],
);

const LOGIND: &str = "/run/systemd/sessions";
/// Logged in; utmp does not know who sits in front.
const ONLINE: &str = "online";
const UTMP: [&str; 2] = ["/run/utmp", "/var/run/utmp"];

/// Sessions looked at.
const SESSIONS_MAX: usize = 4096;
/// Users that are told by name; the sessions of the rest are summed.
const USERS_MAX: usize = 50;

pub static SPEC: Spec = Spec {
    name: "sessions",
    about: "sessions of users that are logged in, from logind or utmp",
    doc: "sd-login(3), utmp(5)",
    reads: &[LOGIND, UTMP[0], UTMP[1]],
    metrics: &[&SESSIONS, &OF_USERS],
    every_ms: 10_000,
    settings: &[Setting {
        name: "users",
        about: "Whether sessions are told by user name, too.",
        default: Preset::Flag(false),
    }],
    start: |settings: &Settings| {
        let users = settings.flag("users");
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, users, out))
    },
    ..Spec::INLINE
};

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Session {
    kind: String,
    state: String,
    user: String,
}

fn collect(host: &mut Host, users: bool, out: &mut Batch) -> Result<(), Fault> {
    if host.path(LOGIND).exists() && host.path(BOOTED).exists() {
        push(&logind(host, out)?, "active", users, out);
    } else {
        push(&utmp(host)?, ONLINE, users, out);
    }
    Ok(())
}

fn logind(host: &mut Host, out: &mut Batch) -> Result<Vec<Session>, Fault> {
    let names = host.names(LOGIND, SESSIONS_MAX)?;
    if names.len() == SESSIONS_MAX {
        out.push_gap(LOGIND, "more sessions than are looked at", "");
    }
    let mut sessions = Vec::new();
    // Beside each session lies a FIFO, `3.ref`, and opening that would wait for its writer.
    for name in names.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        let text = host.attribute(format_args!("{LOGIND}/{name}"))?;
        sessions.extend(text.and_then(session));
    }
    Ok(sessions)
}

/// `TYPE=tty` and the like among other lines; sessions of greeters and managers are nobody's.
fn session(text: &str) -> Option<Session> {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let is_user = value("CLASS").is_none_or(|class| class.starts_with("user"));
    let field = |key: &str| value(key).unwrap_or("unspecified").to_owned();
    (is_user && !text.is_empty()).then(|| Session {
        kind: field("TYPE"),
        state: field("STATE"),
        user: field("USER"),
    })
}

fn utmp(host: &Host) -> Result<Vec<Session>, Fault> {
    let path = UTMP.into_iter().find(|path| host.path(path).exists());
    let path = path.ok_or_else(|| Fault::Missing { what: format!("{LOGIND}, {}", UTMP[0]) })?;
    let bytes = host.bytes(path)?;
    if !bytes.len().is_multiple_of(RECORD_BYTES) {
        return Err(Fault::malformed(path, 1, &format!("{} bytes", bytes.len()), "records of 384 bytes"));
    }
    let records = bytes.chunks_exact(RECORD_BYTES).take(SESSIONS_MAX).filter_map(record);
    // Whoever was cut off stays in the file.
    let is_there = |pid: i32| !host.is_live() || host.path(&format!("/proc/{pid}")).exists();
    Ok(records.filter(|(pid, _)| is_there(*pid)).map(|(_, session)| session).collect())
}

const RECORD_BYTES: usize = 384;
const USER_PROCESS: i16 = 7;

/// A login on a terminal: type and process come first, then the terminal, and behind its number the user.
fn record(bytes: &[u8]) -> Option<(i32, Session)> {
    let kind = i16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let pid = i32::from_ne_bytes(bytes.get(4..8)?.try_into().ok()?);
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    let (line, user) = (text(bytes.get(8..40)?), text(bytes.get(44..76)?));
    let session_type = if line.starts_with(':') { "x11" } else { "tty" };
    let session = Session { kind: session_type.to_owned(), state: ONLINE.to_owned(), user };
    (kind == USER_PROCESS).then_some((pid, session))
}

/// `usual` is the state that is always told, so that the first login is a step and not a beginning.
fn push(sessions: &[Session], usual: &str, users: bool, out: &mut Batch) {
    let mut counts = BTreeMap::from([(("tty", usual), 0_u64)]);
    for session in sessions {
        *counts.entry((&session.kind, &session.state)).or_default() += 1;
    }
    for ((kind, state), count) in counts {
        out.push(&SESSIONS, &[kind, state], count as f64);
    }
    if users {
        push_users(sessions, out);
    }
}

fn push_users(sessions: &[Session], out: &mut Batch) {
    let mut counts = BTreeMap::<&str, u64>::new();
    sessions.iter().for_each(|session| *counts.entry(&session.user).or_default() += 1);
    let mut rest = counts.remove(crate::roster::OTHER).unwrap_or(0);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    rest += counts.iter().skip(USERS_MAX).map(|(_, count)| count).sum::<u64>();
    counts.truncate(USERS_MAX);
    counts.iter().for_each(|(user, count)| out.push(&OF_USERS, &[user], *count as f64));
    if rest > 0 {
        out.push(&OF_USERS, &[crate::roster::OTHER], rest as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tree, exposition};
    use crate::{Probe, Value};
    use expect_test::expect;

    const LOGIND_TREE: &str = "
/run/systemd/system/x
/run/systemd/sessions/3 # This is private data. Do not parse.|UID=1000|USER=bob|ACTIVE=1|STATE=active|REMOTE=1|TYPE=tty|CLASS=user|
/run/systemd/sessions/c2 UID=1000|USER=bob|STATE=online|TYPE=wayland|CLASS=user|
/run/systemd/sessions/4 UID=0|USER=root|STATE=active|TYPE=tty|CLASS=user|
/run/systemd/sessions/c1 UID=118|USER=gdm|STATE=closing|TYPE=wayland|CLASS=greeter|
/run/systemd/sessions/5
";

    fn with_users() -> Box<dyn Probe> {
        let mut settings = Settings::new(SPEC.settings);
        settings.set("users", Value::Flag(true)).unwrap();
        (SPEC.start)(&settings)
    }

    #[test]
    fn logind_tells_types_and_states_and_names_when_asked() {
        let tree = Tree::of_lines(LOGIND_TREE);
        // Reading it would wait for ever.
        nix::unistd::mkfifo(&tree.path("run/systemd/sessions/3.ref"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        expect![[r#"
            hostward_sessions{type="tty",state="active"} 2
            hostward_sessions{type="wayland",state="online"} 1
        "#]]
        .assert_eq(&tree.shown(&SPEC));
        let mut batch = Batch::new();
        with_users().collect(&mut tree.host(), &mut batch).unwrap();
        let shown = exposition(&batch);
        expect![[r#"
            _sessions{user="bob"} 2
            hostward_user_sessions{user="root"} 1
        "#]]
        .assert_eq(shown.split_once("hostward_user").unwrap().1);
    }

    fn utmp_record(kind: i16, line: &str, user: &str) -> Vec<u8> {
        let mut record = vec![0; RECORD_BYTES];
        record[..2].copy_from_slice(&kind.to_ne_bytes());
        record[8..8 + line.len()].copy_from_slice(line.as_bytes());
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        record
    }

    #[test]
    fn utmp_is_read_where_there_is_no_logind() {
        let tree = Tree::of_lines("/run/x");
        assert_eq!(tree.shown(&SPEC), "fault missing: /run/systemd/sessions, /run/utmp: not on this host\n");
        let records =
            [utmp_record(7, "pts/0", "bob"), utmp_record(8, "pts/1", "eve"), utmp_record(7, ":0", "bob")]
                .concat();
        std::fs::write(tree.path("run/utmp"), &records).unwrap();
        expect![[r#"
            hostward_sessions{type="tty",state="online"} 1
            hostward_sessions{type="x11",state="online"} 1
        "#]]
        .assert_eq(&tree.shown(&SPEC));
        std::fs::write(tree.path("run/utmp"), &records[1..]).unwrap();
        expect![[r#"
            fault malformed: /run/utmp:1: expected records of 384 bytes, found "1151 bytes"
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }

    #[test]
    fn nobody_is_logged_in() {
        let tree = Tree::of_lines("/run/systemd/system/x");
        std::fs::create_dir_all(tree.path("run/systemd/sessions")).unwrap();
        assert_eq!(tree.shown(&SPEC), "hostward_sessions{type=\"tty\",state=\"active\"} 0\n");
    }

    #[test]
    fn users_beyond_the_bound_are_summed() {
        let session =
            |n: usize| Session { kind: "tty".into(), state: "active".into(), user: format!("u{n}") };
        let sessions: Vec<_> = (0..USERS_MAX + 7).map(session).collect();
        let mut batch = Batch::new();
        push_users(&sessions, &mut batch);
        assert_eq!(batch.len(), USERS_MAX + 1);
        assert!(exposition(&batch).ends_with("hostward_user_sessions{user=\"other\"} 7\n"));
    }
}
