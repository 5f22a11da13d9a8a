//! Files that come, change and go.

use super::*;
use crate::Value;
use crate::testing::{Tree, exposition};
use expect_test::expect;

fn watching(files: &[&str]) -> Integrity {
    let mut settings = Settings::new(SPEC.settings);
    settings.set("files", Value::List(files.iter().map(|&file| file.to_owned()).collect())).unwrap();
    Integrity::new(&settings)
}

fn seen(probe: &mut Integrity, tree: &Tree) -> String {
    let mut batch = Batch::new();
    let result = probe.collect(&mut tree.host(), &mut batch);
    exposition(&batch) + &result.err().map(|fault| format!("fault {fault}\n")).unwrap_or_default()
}

fn changed(probe: &Integrity) -> Vec<&str> {
    probe.watch.seen().filter(|(_, seen)| seen.changed.is_some()).map(|(path, _)| path).collect()
}

#[test]
fn digests_of_files_and_of_those_in_a_directory() {
    let tree = Tree::new(&[("/etc/passwd", "root\n"), ("/etc/cron.d/a", ""), ("/etc/cron.d/deep/b", "")]);
    let mut probe = watching(&["/etc/passwd", "/etc/cron.d/", "/etc/none"]);
    expect![[r#"
        hostward_file_integrity_digest{path="/etc/cron.d/a"} 250348346448124
        hostward_file_integrity_digest{path="/etc/passwd"} 91359789450532
    "#]]
    .assert_eq(&seen(&mut probe, &tree));
    expect![[r#"
        fault every file of the setting files: not on this host
    "#]]
    .assert_eq(&seen(&mut watching(&["/etc/none"]), &tree));
}

#[test]
fn a_change_is_seen_though_size_and_time_are_the_same() {
    let tree = Tree::new(&[("/etc/passwd", "root\n"), ("/etc/group", "root\n")]);
    let mut probe = watching(&["/etc/passwd", "/etc/group"]);
    let host = tree.host();
    let before = host.path("/etc/passwd").metadata().unwrap().modified().unwrap();
    seen(&mut probe, &tree);
    tree.write("/etc/passwd", "toor\n");
    let file = std::fs::File::options().write(true).open(host.path("/etc/passwd")).unwrap();
    file.set_modified(before).unwrap();
    seen(&mut probe, &tree);
    assert_eq!(changed(&probe), ["/etc/passwd"]);
}

/// A time in the future as well: after the clock was set back nothing is taken for fresh.
#[test]
fn an_old_look_is_not_trusted() {
    let tree = Tree::new(&[("/a", "one")]);
    let (host, mut watch) = (tree.host(), Watch::default());
    for (now, reads) in [(0.0, 0.0), (3599.0, 0.0), (3600.0, 3600.0), (10.0, 10.0)] {
        watch.look(&host, "/a", now).unwrap();
        let shown = format!("{:?}", watch.seen().next());
        assert!(shown.contains(&format!("read: {reads:?}")), "{now}: {shown}");
    }
}

#[test]
fn coming_and_going_are_changes_and_survive_a_restart() {
    let tree = Tree::new(&[("/a", "one"), ("/b", "two"), ("/c", "same")]);
    let mut probe = watching(&["/a", "/b", "/c", "/d"]);
    seen(&mut probe, &tree);
    assert!(changed(&probe).is_empty());
    std::fs::remove_file(tree.host().path("/a")).unwrap();
    tree.write("/d", "new");
    seen(&mut probe, &tree);
    assert_eq!(changed(&probe), ["/a", "/d"]);

    let memory = probe.memory();
    tree.write("/b", "changed while nobody looked");
    let mut probe = watching(&["/a", "/b", "/c", "/d"]);
    probe.remember(&memory);
    seen(&mut probe, &tree);
    assert_eq!(changed(&probe), ["/a", "/b", "/d"]);
    probe.remember("nonsense\nzz - /c\n- x /c\n12\n\n");
    assert_eq!(changed(&probe), ["/a", "/b", "/d"]);
}

#[test]
fn what_is_no_file_and_what_is_too_large_are_gaps() {
    let tree = Tree::new(&[("/a", "one")]);
    let root = tree.host();
    nix::unistd::mkfifo(&root.path("/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::fs::File::create(root.path("/large")).unwrap().set_len(digest::FILE_BYTES_MAX + 1).unwrap();
    let mut probe = watching(&["/a", "/large", "/pipe", "/dev/null/x"]);
    expect![[r#"
        hostward_file_integrity_digest{path="/a"} 130372720211264
        gap /large: larger than 16777216 bytes ()
        gap /pipe: is no regular file ()
    "#]]
    .assert_eq(&seen(&mut probe, &tree));
}

#[test]
fn a_file_that_comes_to_a_directory_or_leaves_it_is_a_change() {
    let tree = Tree::new(&[("/etc/cron.d/a", "one"), ("/etc/cron.d/b", "two")]);
    let mut probe = watching(&["/etc/cron.d"]);
    seen(&mut probe, &tree);
    tree.write("/etc/cron.d/c", "three");
    std::fs::remove_file(tree.host().path("/etc/cron.d/a")).unwrap();
    seen(&mut probe, &tree);
    assert_eq!(changed(&probe), ["/etc/cron.d/a", "/etc/cron.d/c"]);
}

/// A file that could not be read before is seen for the first time, which is no change.
#[test]
fn what_becomes_readable_has_not_changed() {
    let tree = Tree::new(&[("/etc/a", "one")]);
    std::fs::File::create(tree.host().path("/etc/b")).unwrap().set_len(digest::FILE_BYTES_MAX + 1).unwrap();
    let mut probe = watching(&["/etc/a", "/etc/b"]);
    seen(&mut probe, &tree);
    tree.write("/etc/b", "small");
    seen(&mut probe, &tree);
    assert!(changed(&probe).is_empty() && probe.watch.seen().count() == 2);
}

#[test]
fn names_that_come_and_go_do_not_fill_the_memory() {
    let (tree, mut watch) = (Tree::new(&[("/a", "one")]), Watch::default());
    watch.look(&tree.host(), "/a", 0.0).unwrap();
    (0..FILES_MAX).for_each(|number| watch.look(&tree.host(), &format!("/gone/{number}"), 0.0).unwrap());
    watch.finish(Vec::new());
    assert_eq!(watch.seen().map(|(path, _)| path).collect::<Vec<_>>(), ["/a"]);
}
