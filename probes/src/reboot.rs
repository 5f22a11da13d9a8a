//! Whether the host waits for a restart: a package has asked for one, or a newer kernel lies installed.

use crate::packages::version;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static REQUIRED: Metric = Metric::gauge(
    "hostward_reboot_required",
    "1 when the host should be restarted because a package asked for it, or to run a newer kernel that is installed.",
    &["reason"],
);
static KERNEL: Metric = Metric::gauge(
    "hostward_kernel_info",
    "The kernel that runs and the newest of its kind that is installed; the value is always 1.",
    &["running", "newest_installed"],
);

/// Packages of Debian and its kin leave this behind when they need a restart.
const ASKED: &str = "/run/reboot-required";
/// Where nothing writes that file, its absence says nothing.
const DPKG: &str = "/var/lib/dpkg/status";
const RELEASE: &str = "/proc/sys/kernel/osrelease";
/// Images lie in the one as `vmlinuz-RELEASE`, in the other as `RELEASE/vmlinuz`.
const BOOT: &str = "/boot";
const MODULES: &str = "/usr/lib/modules";
const NAMES_MAX: usize = 1000;

pub static SPEC: Spec = Spec {
    name: "reboot",
    about: "whether a restart is due, and the newest kernel that is installed",
    doc: "uname(2), installkernel(8), kernel-install(8)",
    reads: &[ASKED, RELEASE, BOOT, MODULES],
    metrics: &[&REQUIRED, &KERNEL],
    every_ms: 60_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    if host.path(DPKG).exists() {
        push(out, "package", host.path(ASKED).exists());
    }
    let running = host.read(RELEASE)?.trim().to_owned();
    if let Some(newest) = newest(&running, &installed(host)?) {
        push(out, "kernel", version::compare(newest, &running).is_gt());
        out.push(&KERNEL, &[&running, newest], 1.0);
    }
    if out.is_empty() { Err(Fault::Missing { what: format!("{BOOT}/vmlinuz-*") }) } else { Ok(()) }
}

fn push(out: &mut Batch, reason: &str, required: bool) {
    out.push(&REQUIRED, &[reason], f64::from(required));
}

/// Releases of which there is an image; one of the directories may be absent.
fn installed(host: &Host) -> Result<Vec<String>, Fault> {
    let names = |path| match host.names(path, NAMES_MAX) {
        Err(Fault::Missing { .. }) => Ok(Vec::new()),
        other => other,
    };
    let has_image = |release: &String| host.path(&format!("{MODULES}/{release}/vmlinuz")).exists();
    let mut releases: Vec<_> = names(MODULES)?.into_iter().filter(has_image).collect();
    let images = names(BOOT)?;
    let release = |name: &String| {
        ["vmlinuz-", "vmlinux-"].iter().find_map(|head| name.strip_prefix(head).map(str::to_owned))
    };
    releases.extend(images.iter().filter_map(release));
    Ok(releases)
}

/// The newest of the same kind: a `cloud` kernel is no successor of a `generic` one. Nothing when none of its kind is
/// installed, as in a virtual machine whose kernel lies outside.
fn newest<'a>(running: &str, installed: &'a [String]) -> Option<&'a str> {
    let same =
        installed.iter().filter(|release| kind(release) == kind(running) && !release.contains("rescue"));
    same.map(String::as_str).max_by(|a, b| version::compare(a, b))
}

/// The first word behind the numbers: `6.1.0-18-cloud-amd64` is `cloud`, `5.14.0-362.el9.x86_64` has none.
fn kind(release: &str) -> &str {
    let word = release.split('-').skip(1).find(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()));
    word.map_or("", |word| word.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_host;
    use expect_test::{Expect, expect};

    /// What is said of a host with these files.
    fn check(running: &str, files: &[&str], expect: Expect) {
        let files: Vec<_> = files.iter().copied().chain([RELEASE]).map(|file| (file, running)).collect();
        check_host(&SPEC, &[], &files, expect);
    }

    #[test]
    fn debian_with_a_newer_kernel() {
        check(
            "6.1.0-9-amd64",
            &[
                DPKG,
                ASKED,
                "/boot/vmlinuz-6.1.0-9-amd64",
                "/boot/vmlinuz-6.1.0-10-amd64",
                "/boot/vmlinuz-6.1.0-30-cloud-amd64",
                "/boot/initrd.img-6.1.0-40-amd64",
            ],
            expect![[r#"
                hostward_reboot_required{reason="package"} 1
                hostward_reboot_required{reason="kernel"} 1
                hostward_kernel_info{running="6.1.0-9-amd64",newest_installed="6.1.0-10-amd64"} 1
            "#]],
        );
    }

    #[test]
    fn red_hat_with_the_newest() {
        check(
            "5.14.0-362.8.1.el9_3.x86_64",
            &[
                "/boot/vmlinuz-0-rescue-1f2e3d",
                "/boot/vmlinuz-5.14.0-70.el9.x86_64",
                "/usr/lib/modules/5.14.0-362.8.1.el9_3.x86_64/vmlinuz",
                "/usr/lib/modules/5.14.0-999.el9_3.x86_64/modules.dep",
            ],
            expect![[r#"
                hostward_reboot_required{reason="kernel"} 0
                hostward_kernel_info{running="5.14.0-362.8.1.el9_3.x86_64",newest_installed="5.14.0-362.8.1.el9_3.x86_64"} 1
            "#]],
        );
    }

    /// A virtual machine whose kernel lies outside, and a container: nothing is known of kernels.
    #[test]
    fn without_a_kernel_of_its_kind() {
        check(
            "6.18.44-fc-v657",
            &[DPKG, "/boot/vmlinuz-6.1.0-9-amd64"],
            expect![[r#"
                hostward_reboot_required{reason="package"} 0
            "#]],
        );
        check(
            "6.1.0",
            &[],
            expect![[r#"
            fault missing: /boot/vmlinuz-*: not on this host
        "#]],
        );
    }

    #[test]
    fn kinds_of_kernels() {
        for (release, expected) in [
            ("6.1.0-18-cloud-amd64", "cloud"),
            ("5.15.0-91-generic", "generic"),
            ("6.9.1-arch1-2", "arch"),
            ("6.1.0-0.deb11.13-amd64", "amd"),
            ("5.14.0-362.el9.x86_64", ""),
            ("", ""),
        ] {
            assert_eq!(kind(release), expected, "{release}");
        }
    }
}
