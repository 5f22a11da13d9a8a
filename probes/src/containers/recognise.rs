//! Which control group is a container, and whose.

use std::borrow::Cow;

/// Digits of the number that Docker and its successors give a container.
const NUMBER_DIGITS: usize = 64;

/// A container as its control group names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container<'a> {
    /// Value of the label `runtime`.
    pub runtime: &'static str,
    pub identity: Identity<'a>,
}

/// What the group says of who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity<'a> {
    /// 64 hexadecimal digits.
    Number(&'a str),
    Name(Cow<'a, str>),
}

/// Heads of the names that systemd's cgroup driver gives, and the runtime.
const HEADS: [(&str, &str); 6] = [
    ("docker", "docker"),
    ("libpod", "podman"),
    ("libpod-payload", "podman"),
    ("cri-containerd", "containerd"),
    ("nerdctl", "containerd"),
    ("crio", "crio"),
];
/// Where the other driver puts groups that have a bare number, innermost last.
const PLACES: [(&str, &str); 4] = [
    ("/docker", "docker"),
    ("/libpod_parent", "podman"),
    ("/kubepods", "kubernetes"),
    ("/containerd", "containerd"),
];

/// The container whose group is `name` in the group `above`, if it is one.
pub fn recognise<'a>(above: &str, name: &'a str) -> Option<Container<'a>> {
    if watches(name) {
        return None;
    }
    let stem = name.strip_suffix(".scope").or_else(|| name.strip_suffix(".service")).unwrap_or(name);
    numbered(above, stem).or_else(|| lxc(above, stem)).or_else(|| machine(stem))
}

/// Groups of the processes that watch over a container.
pub fn watches(name: &str) -> bool {
    ["libpod-conmon-", "crio-conmon-", "lxc.monitor"].iter().any(|head| name.starts_with(head))
}

/// `docker-3f4b….scope`, `kubepods-burstable-pod….slice:cri-containerd:3f4b…`, or the bare number.
fn numbered<'a>(above: &str, stem: &'a str) -> Option<Container<'a>> {
    let at = stem.len().checked_sub(NUMBER_DIGITS)?;
    let (head, number) = (stem.get(..at)?, stem.get(at..)?);
    if !number.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let identity = Identity::Number(number);
    if head.is_empty() {
        let place = PLACES.iter().find(|(place, _)| above.starts_with(place) || above.contains(&place[1..]));
        return Some(Container { runtime: place.map_or("unknown", |(_, runtime)| runtime), identity });
    }
    let head = head.strip_suffix(['-', ':', '_'])?;
    let head = head.rsplit_once(':').map_or(head, |(_, head)| head);
    let runtime = HEADS.iter().find(|(known, _)| *known == head).map_or("unknown", |(_, runtime)| runtime);
    Some(Container { runtime, identity })
}

/// `lxc.payload.NAME`, `lxc.payload/NAME`, and `lxc/NAME` of older releases.
fn lxc<'a>(above: &str, stem: &'a str) -> Option<Container<'a>> {
    let below = ["/lxc", "/lxc.payload"].iter().any(|place| above.ends_with(place));
    let name = stem.strip_prefix("lxc.payload.").or(below.then_some(stem))?;
    Some(Container { runtime: "lxc", identity: Identity::Name(name.into()) })
}

/// `systemd-nspawn@NAME.service`, `machine-NAME.scope`, and `machine-qemu\x2d3\x2dNAME.scope` of libvirt.
fn machine(stem: &str) -> Option<Container<'_>> {
    if let Some(name) = stem.strip_prefix("systemd-nspawn@") {
        return Some(Container { runtime: "nspawn", identity: Identity::Name(unescaped(name)) });
    }
    let name = unescaped(stem.strip_prefix("machine-")?);
    let (runtime, rest) = match name.split_once('-') {
        Some(("qemu", rest)) => ("qemu", rest),
        Some(("lxc", rest)) => ("lxc", rest),
        _ => return Some(Container { runtime: "nspawn", identity: Identity::Name(name) }),
    };
    // libvirt counts the starts.
    let name = rest.split_once('-').filter(|(count, _)| count.bytes().all(|b| b.is_ascii_digit()));
    let name = name.map_or(rest, |(_, name)| name).to_owned();
    Some(Container { runtime, identity: Identity::Name(name.into()) })
}

/// The one escape of systemd that is common in such names.
fn unescaped(name: &str) -> Cow<'_, str> {
    if name.contains("\\x2d") { name.replace("\\x2d", "-").into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(above: &str, name: &str) -> String {
        match recognise(above, name) {
            None => "none".to_owned(),
            Some(Container { runtime, identity: Identity::Number(number) }) => {
                format!("{runtime} #{}", &number[..4])
            }
            Some(Container { runtime, identity: Identity::Name(name) }) => format!("{runtime} {name}"),
        }
    }

    #[test]
    fn every_runtime_and_driver() {
        let number = "3f4b1f9de0f64bd2b7b0d8f0a3a1c6e23f4b1f9de0f64bd2b7b0d8f0a3a1c6e2";
        let burst = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f0e3dad_99f1.slice";
        let cases = [
            ("/system.slice", format!("docker-{number}.scope"), "docker #3f4b"),
            ("/docker", number.to_owned(), "docker #3f4b"),
            ("/machine.slice", format!("libpod-{number}.scope"), "podman #3f4b"),
            ("/machine.slice", format!("libpod-conmon-{number}.scope"), "none"),
            ("/system.slice/web.service", format!("libpod-payload-{number}"), "podman #3f4b"),
            ("/libpod_parent", format!("libpod-{number}"), "podman #3f4b"),
            (burst, format!("cri-containerd-{number}.scope"), "containerd #3f4b"),
            (burst, format!("crio-{number}.scope"), "crio #3f4b"),
            (burst, format!("crio-conmon-{number}.scope"), "none"),
            (
                "/kubepods/besteffort/pod1f0e3dad-99f1-4f2b-9c7a-0123456789ab",
                number.to_owned(),
                "kubernetes #3f4b",
            ),
            (
                "/system.slice/containerd.service",
                format!("kubepods-besteffort-pod1f.slice:cri-containerd:{number}"),
                "containerd #3f4b",
            ),
            ("/default", number.to_owned(), "unknown #3f4b"),
            ("/lxc", "web".to_owned(), "lxc web"),
            ("", "lxc.payload.web".to_owned(), "lxc web"),
            ("/lxc.payload", "web".to_owned(), "lxc web"),
            ("", "lxc.monitor.web".to_owned(), "none"),
            ("/machine.slice", "systemd-nspawn@web.service".to_owned(), "nspawn web"),
            ("/machine.slice", r"machine-my\x2dweb.scope".to_owned(), "nspawn my-web"),
            ("/machine.slice", r"machine-qemu\x2d3\x2dmy\x2dweb.scope".to_owned(), "qemu my-web"),
        ];
        for (above, name, expected) in cases {
            assert_eq!(told(above, &name), expected, "{above}/{name}");
        }
    }

    #[test]
    fn other_groups_are_none() {
        for name in [
            "nginx.service",
            "session-3.scope",
            "lxc",
            "user.slice",
            "kubepods",
            "lxc.payload",
            &"g".repeat(64),
            &"é".repeat(40),
        ] {
            assert_eq!(told("/system.slice", name), "none");
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_it(above in any::<String>(), name in any::<String>()) {
            let _ = recognise(&above, &name);
        }
    }
}
