//! Memory of the kernel itself, by kind of object.

use crate::settings::Filter;
use crate::words::{Line, lines};
use crate::{Fault, Host, Preset, Setting, Spec};
use hostward_model::{Batch, Metric};

const SLAB: &[&str] = &["slab"];

static ACTIVE: Metric = Metric::gauge("node_slabinfo_active_objects", "Objects that are in use.", SLAB);
static OBJECTS: Metric =
    Metric::gauge("node_slabinfo_objects", "Objects that there is room for, in use or not.", SLAB);
static SIZE: Metric = Metric::gauge("node_slabinfo_object_size_bytes", "Bytes of one object.", SLAB);
static PER_SLAB: Metric = Metric::gauge("node_slabinfo_objects_per_slab", "Objects in one slab.", SLAB);
static PAGES: Metric = Metric::gauge("node_slabinfo_pages_per_slab", "Pages of one slab.", SLAB);

const PATH: &str = "/proc/slabinfo";
const GRANT: &str = "echo 'z /proc/slabinfo 0440 root hostward' >/etc/tmpfiles.d/hostward-slabinfo.conf && \
                     systemd-tmpfiles --create";

pub static SPEC: Spec = Spec {
    name: "slabinfo",
    about: "memory of the kernel by kind of object, where an administrator lets hostward read it",
    doc: "slabinfo(5)",
    reads: &[PATH],
    metrics: &[&ACTIVE, &OBJECTS, &SIZE, &PER_SLAB, &PAGES],
    every_ms: 10_000,
    enabled: false,
    settings: &[
        Setting {
            name: "slabs_include",
            about: "Which kinds of objects are told; all when empty.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "slabs_exclude",
            about: "Which kinds of objects are not told.",
            default: Preset::Pattern(""),
        },
    ],
    start: |settings| {
        let slabs = settings.filter("slabs_include", "slabs_exclude");
        Box::new(move |host: &mut Host, out: &mut Batch| {
            parse(host.read(PATH).map_err(|fault| fault.with_grant(GRANT))?, &slabs, out)
        })
    },
    // The kernel holds a lock that every new kind of object needs, while it counts.
    ..Spec::ASIDE
};

fn parse(text: &str, slabs: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let mut kinds = lines(PATH, text);
    let version = kinds.next().and_then(|mut line| line.word());
    if version != Some("slabinfo") {
        return Err(Fault::malformed(PATH, 1, version.unwrap_or(""), "slabinfo - version"));
    }
    kinds.try_for_each(|mut line| parse_kind(&mut line, slabs, out))
}

/// `kmalloc-8192   132   148   8192   4   8 : tunables …`: in use, all, bytes, in a slab, pages of a slab.
fn parse_kind(line: &mut Line<'_>, slabs: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let Some(name) = line.word().filter(|name| *name != "#" && slabs.takes(name)) else { return Ok(()) };
    for metric in [&ACTIVE, &OBJECTS, &SIZE, &PER_SLAB, &PAGES] {
        out.push(metric, &[name], line.count()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check_host;
    use expect_test::expect;

    const TEXT: &str = "slabinfo - version: 2.1\n# name <active_objs> <num_objs>\n\
                        tw_sock_TCP          704    864    256   32    2 : tunables    0    0    0 : slabdata\n\
                        kmalloc-8192         132    148   8192    4    8 : tunables    0    0    0 : slabdata\n";

    #[test]
    fn kinds_of_objects() {
        check_host(
            &SPEC,
            &[],
            &[(PATH, TEXT)],
            expect![[r#"
            node_slabinfo_active_objects{slab="tw_sock_TCP"} 704
            node_slabinfo_objects{slab="tw_sock_TCP"} 864
            node_slabinfo_object_size_bytes{slab="tw_sock_TCP"} 256
            node_slabinfo_objects_per_slab{slab="tw_sock_TCP"} 32
            node_slabinfo_pages_per_slab{slab="tw_sock_TCP"} 2
            node_slabinfo_active_objects{slab="kmalloc-8192"} 132
            node_slabinfo_objects{slab="kmalloc-8192"} 148
            node_slabinfo_object_size_bytes{slab="kmalloc-8192"} 8192
            node_slabinfo_objects_per_slab{slab="kmalloc-8192"} 4
            node_slabinfo_pages_per_slab{slab="kmalloc-8192"} 8
        "#]],
        );
        let set = [("slabs_include", Value::Text("kmalloc-.*".to_owned()))];
        check_host(
            &SPEC,
            &set,
            &[(PATH, TEXT)],
            expect![[r#"
            node_slabinfo_active_objects{slab="kmalloc-8192"} 132
            node_slabinfo_objects{slab="kmalloc-8192"} 148
            node_slabinfo_object_size_bytes{slab="kmalloc-8192"} 8192
            node_slabinfo_objects_per_slab{slab="kmalloc-8192"} 4
            node_slabinfo_pages_per_slab{slab="kmalloc-8192"} 8
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check_host(
            &SPEC,
            &[],
            &[(PATH, "slabinfo - version: 2.1\nkmalloc-8 1 2 eight\n")],
            expect![[r#"
            node_slabinfo_active_objects{slab="kmalloc-8"} 1
            node_slabinfo_objects{slab="kmalloc-8"} 2
            fault malformed: /proc/slabinfo:2: expected a whole number, found "eight"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[(PATH, "kmalloc-8 1 2 8 4 8\n")],
            expect![[r#"
            fault malformed: /proc/slabinfo:1: expected slabinfo - version, found "kmalloc-8"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[(PATH, "")],
            expect![[r#"
            fault malformed: /proc/slabinfo:1: expected slabinfo - version, found ""
        "#]],
        );
    }
}
