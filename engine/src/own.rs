//! The names under which hostward speaks of itself: probes that no host has.

/// The shell's own numbers. They are kept and rules may speak of them, but they get no baseline: how long a probe took is noise,
/// and what is wrong with hostward has rules of its own.
pub const OWN: &str = "hostward";

/// How plugins fare and what they judge. It gets no baseline either: there are rules for it.
pub const PLUGINS: &str = "plugins";

/// What audits found. Verdicts have no baseline: one that changes has changed.
pub const AUDIT: &str = "audit";

/// Shares of unusual series. They get a baseline like any other: on one host a share is usual that is alarming on another.
pub const JUDGED: &str = "anomaly";

/// All else that the engine says of its own judgement. It gets none.
pub const KNOWN: &str = "baseline";

/// Whether series of a probe get a baseline: those about hostward itself, its plugins and audits do not.
pub fn is_judged(probe: &str) -> bool {
    ![OWN, KNOWN, PLUGINS, AUDIT].contains(&probe)
}

/// Whether a probe's series are about hostward rather than the host.
pub fn is_own(probe: &str) -> bool {
    [OWN, JUDGED, KNOWN].contains(&probe)
}
