//! What a step can do. The names are the agent's to fulfil; here is what each takes and what it gives.

/// A verb.
#[derive(Debug)]
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static [Takes],
    /// Names of what later steps can use.
    pub gives: &'static [&'static str],
    /// What it does, in one line.
    pub about: &'static str,
}

/// Something that a verb takes; always text.
#[derive(Debug)]
pub struct Takes {
    /// Its name.
    pub name: &'static str,
    /// Whether it can be left out.
    pub optional: bool,
}

const fn must(name: &'static str) -> Takes {
    Takes { name, optional: false }
}

const fn may(name: &'static str) -> Takes {
    Takes { name, optional: true }
}

const fn verb(
    name: &'static str,
    takes: &'static [Takes],
    gives: &'static [&'static str],
    about: &'static str,
) -> Verb {
    Verb { name, takes, gives, about }
}

/// Every verb.
pub static VERBS: &[Verb] = &[
    verb(
        "audit",
        &[may("root"), may("level"), may("framework"), may("check"), may("beyond")],
        &["passed", "failed", "score"],
        "judges how hardened the host is; with beyond, waits until more checks pass than that",
    ),
    verb(
        "import",
        &[must("file")],
        &["finding", "open", "closed"],
        "takes in what a scanner wrote, and names the worst finding of it",
    ),
    verb(
        "await-gone",
        &[must("file"), must("finding")],
        &["open"],
        "takes the file in again, each time it is written, until the finding is not in it",
    ),
    verb(
        "propose",
        &[must("what"), may("base")],
        &["artifact", "fix"],
        "has a script written for a finding, a check, an alert or a fix; set gives the fix its values, and base is where \
         files lie that a scanner names relative to its start",
    ),
    verb("await-approval", &[must("artifact")], &["by"], "waits until a person has approved a script"),
    verb("apply", &[must("artifact")], &[], "waits until root has applied a script"),
    verb("confirm", &[must("artifact")], &[], "waits until what was applied stands"),
    verb(
        "verify",
        &[must("artifact"), may("expr"), may("check"), may("root")],
        &["saw"],
        "looks afresh whether a script helped: by an expression, a check, or what the script answers",
    ),
    verb("withdraw", &[must("artifact")], &[], "rejects a script that nobody has applied"),
    verb(
        "await-alert",
        &[must("alert"), must("state")],
        &["id", "value"],
        "waits until an alert of that name is firing, or none is (resolved)",
    ),
    verb(
        "await-anomaly",
        &[must("series"), must("confidence")],
        &["confidence", "value"],
        "waits until a series, named by a part of it, is unusual with at least that confidence",
    ),
    verb("await-metric", &[must("expr")], &["value"], "waits until an expression has a value"),
    verb(
        "diagnose",
        &[must("alert")],
        &["artifact", "code", "said"],
        "runs the script of an alert that only looks",
    ),
    verb("notify", &[must("text")], &[], "says something in the journal"),
];

/// The verb of that name.
pub fn find(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}
