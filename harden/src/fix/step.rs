//! The steps that a fix can be made of: name, arguments, and what each does. The runtimes have a function for each.

use super::reach::Need;
use super::reach::Touch::{self, Below, File, Parser, Replace, Right};
use crate::render::Type;

/// One step that fixes can use.
#[derive(Debug)]
pub struct Step {
    /// The word in a fix, and the function in each runtime.
    pub name: &'static str,
    /// What it takes, in order.
    pub takes: &'static [Takes],
    /// What it does, in words.
    pub about: &'static str,
    /// False for a step that only tells a person something.
    pub changes: bool,
    /// What it touches.
    pub touches: &'static [Touch],
}

/// One argument.
#[derive(Debug)]
pub struct Takes {
    /// Its key in a fix.
    pub name: &'static str,
    /// What it has to be.
    pub kind: Type,
    /// How often.
    pub how: How,
}

/// Whether an argument can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It must be there.
    Once,
    /// The empty text stands for none.
    Perhaps,
    /// One or more, as the last.
    Many,
}

const fn one(name: &'static str, kind: Type) -> Takes {
    Takes { name, kind, how: How::Once }
}

const fn perhaps(name: &'static str, kind: Type) -> Takes {
    Takes { name, kind, how: How::Perhaps }
}

const fn many(name: &'static str, kind: Type) -> Takes {
    Takes { name, kind, how: How::Many }
}

const fn step(
    name: &'static str,
    takes: &'static [Takes],
    touches: &'static [Touch],
    about: &'static str,
) -> Step {
    Step { name, takes, about, changes: true, touches }
}

const fn talk(name: &'static str, takes: &'static [Takes], about: &'static str) -> Step {
    Step { name, takes, about, changes: false, touches: &[] }
}

/// Every step.
pub static STEPS: &[Step] = &[
    step(
        "set_key",
        &[
            one("path", Type::Path),
            one("style", Type::Word),
            one("key", Type::Word),
            one("value", Type::Text),
            perhaps("section", Type::Word),
            perhaps("parser", Type::Word),
        ],
        &[Replace(0), Parser(5)],
        "sets a key in a configuration file; other lines of the key go",
    ),
    step(
        "write_file",
        &[one("path", Type::Path), perhaps("parser", Type::Word), many("lines", Type::Text)],
        &[Replace(0), Parser(1)],
        "writes a file of our own, such as a drop-in",
    ),
    step(
        "block_module",
        &[one("module", Type::Word)],
        &[Below("/etc/modprobe.d")],
        "keeps a kernel module from being loaded",
    ),
    step(
        "file_mode",
        &[
            one("path", Type::Path),
            one("mode", Type::Integer),
            perhaps("owner", Type::Word),
            perhaps("group", Type::Word),
        ],
        &[File(0), Right(Need::SetUserId)],
        "sets mode, owner and group of one file or directory",
    ),
    step(
        "drop_bits",
        &[one("path", Type::Path), one("bits", Type::Integer)],
        &[File(0), Right(Need::SetUserId)],
        "takes bits away from a mode",
    ),
    step(
        "sysctl_switch",
        &[one("key", Type::Word), one("value", Type::Text)],
        &[Below("/etc/sysctl.d"), Right(Need::Kernel)],
        "sets a switch of the kernel, for now and for later",
    ),
    step(
        "reload",
        &[one("unit", Type::Unit), perhaps("parser", Type::Word)],
        &[Parser(1)],
        "reloads a service once its parser accepts",
    ),
    step(
        "unit_off",
        &[one("unit", Type::Unit)],
        &[Below("/etc/systemd/system")],
        "masks a unit that does not run",
    ),
    step("unit_on", &[one("unit", Type::Unit)], &[Below("/etc")], "enables and starts a unit"),
    step(
        "unit_restart",
        &[one("unit", Type::Unit), one("unless", Type::Word)],
        &[Right(Need::Bus)],
        "restarts a unit that needs it",
    ),
    step(
        "update_packages",
        &[perhaps("package", Type::Word)],
        &[Right(Need::All)],
        "updates one package, or all with a security update",
    ),
    step(
        "lock_account",
        &[one("user", Type::User)],
        &[Below("/etc"), Right(Need::Processes)],
        "locks an account, and deletes nothing",
    ),
    step(
        "clean_packages",
        &[],
        &[Below("/var/cache/apt/archives")],
        "removes archives of installed packages",
    ),
    step("vacuum_journal", &[one("mib", Type::Integer)], &[Below("/var/log/journal")], "shrinks the journal"),
    step(
        "calm_process",
        &[one("pid", Type::Integer), one("name", Type::Text), one("nice", Type::Integer)],
        &[Right(Need::Processes)],
        "lowers the priority of a process",
    ),
    step(
        "end_process",
        &[one("pid", Type::Integer), one("name", Type::Text)],
        &[Right(Need::Processes)],
        "asks a process to end",
    ),
    step(
        "ban_address",
        &[one("address", Type::Host), one("seconds", Type::Integer)],
        &[Right(Need::Network)],
        "drops what an address sends, for a while",
    ),
    talk("person", &[one("text", Type::Text)], "says what a person has to decide"),
    talk(
        "show_finding",
        &[
            one("package", Type::Text),
            perhaps("version", Type::Text),
            perhaps("fixed", Type::Text),
            perhaps("path", Type::Text),
        ],
        "shows which package is meant",
    ),
    talk(
        "show_lines",
        &[one("path", Type::Path), perhaps("line", Type::Integer)],
        "shows the lines around a place",
    ),
    talk(
        "show_certificate",
        &[one("path", Type::Path)],
        "shows whose a certificate is and how long it holds",
    ),
    talk("show_large", &[one("path", Type::Path)], "shows the largest directories of a file system"),
    talk("show_text", &[many("lines", Type::Text)], "shows text to read or to copy"),
];

/// The step of that name.
pub fn find(name: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.name == name)
}
