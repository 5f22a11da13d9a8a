//! Kernel, machine and name of the host.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static INFO: Metric = Metric::gauge(
    "node_uname_info",
    "Labeled system information as provided by the uname system call.",
    &["domainname", "machine", "nodename", "release", "sysname", "version"],
);

/// In the order of the labels.
const PATHS: [&str; 6] = [
    "/proc/sys/kernel/domainname",
    "/proc/sys/kernel/arch",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/ostype",
    "/proc/sys/kernel/version",
];
/// Since Linux 6.1 only.
const ARCH: &str = PATHS[1];

pub static SPEC: Spec = Spec {
    name: "uname",
    about: "kernel, machine and name of the host",
    doc: "uname(2)",
    reads: &PATHS,
    metrics: &[&INFO],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    if host.is_live() { ask(out) } else { read(host, out) }
}

fn ask(out: &mut Batch) -> Result<(), Fault> {
    let said = nix::sys::utsname::uname().map_err(|error| Fault::io("uname(2)", &error.into()))?;
    let words =
        [said.domainname(), said.machine(), said.nodename(), said.release(), said.sysname(), said.version()];
    let words = words.map(|word| word.to_string_lossy());
    out.push(&INFO, &words.each_ref().map(|word| word.as_ref()), 1.0);
    Ok(())
}

/// A captured host: the kernel shows the same words as files. Without `arch` the machine is not known.
fn read(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let mut words = [const { String::new() }; PATHS.len()];
    for (word, path) in words.iter_mut().zip(PATHS) {
        match host.read(path) {
            Ok(text) => word.push_str(text.trim_end()),
            Err(Fault::Missing { .. }) if path == ARCH => {}
            Err(fault) => return Err(fault),
        }
    }
    out.push(&INFO, &words.each_ref().map(|word| word.as_str()), 1.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::exposition;

    #[test]
    fn the_system_call_and_the_files_agree() {
        let (mut asked, mut read_from) = (Batch::new(), Batch::new());
        ask(&mut asked).unwrap();
        read(&mut Host::new("/"), &mut read_from).unwrap();
        let without_machine = |batch: &Batch| {
            let shown = exposition(batch);
            let (head, tail) = shown.split_once("machine=").unwrap();
            head.to_owned() + tail.split_once("nodename").unwrap().1
        };
        assert_eq!(without_machine(&asked), without_machine(&read_from));
    }
}
