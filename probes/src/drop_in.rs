//! The line that gives the service a right: a drop-in for its unit, to be pasted by root.

/// `drop_in!("name": "Key=value", …)`.
macro_rules! drop_in {
    ($name:literal: $($line:literal),+ $(,)?) => {
        concat!(
            "mkdir -p /etc/systemd/system/hostward.service.d && printf '[Service]\\n",
            $($line, "\\n",)+
            "' > /etc/systemd/system/hostward.service.d/", $name,
            ".conf && systemctl daemon-reload && systemctl restart hostward"
        )
    };
}

pub(crate) use drop_in;

/// Who has which files open, and what they read and write: the two rights only help together.
pub const OTHERS: &str = drop_in!(
    "others": "CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH",
    "AmbientCapabilities=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH"
);

#[cfg(test)]
mod tests {
    #[test]
    fn the_line_can_be_pasted() {
        assert_eq!(
            drop_in!("x": "A=b", "C=d"),
            "mkdir -p /etc/systemd/system/hostward.service.d && printf '[Service]\\nA=b\\nC=d\\n' > \
             /etc/systemd/system/hostward.service.d/x.conf && systemctl daemon-reload && systemctl restart hostward"
        );
    }
}
