//! Evidence bundles: what the host looked like when an alert fired, which is gone an hour later.

use crate::durable;
use hostward_model::time;
use hostward_probes::evidence::Section;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Bound of a bundle; each section has an equal share and says how many lines it had to leave out.
const BUNDLE_BYTES_MAX: usize = 256 << 10;
/// Bundles that are kept; the oldest go.
const BUNDLES_MAX: usize = 200;
/// What a section keeps back for its title and its last line.
const FRAME_BYTES: usize = 200;

/// Removes what an interrupted [`write()`] left behind; for the start, when nothing is being written.
pub fn sweep(state_dir: &Path) -> io::Result<()> {
    let dir = state_dir.join("evidence");
    durable::private_dir(&dir)?;
    durable::sweep(&dir)
}

/// Writes a bundle below the state directory and returns its path. One at a time: see [`crate::run`].
pub fn write(state_dir: &Path, alert: &str, at_ms: i64, sections: &[Section]) -> io::Result<PathBuf> {
    let dir = state_dir.join("evidence");
    durable::private_dir(&dir)?;
    let path = dir.join(format!("{}-{}.txt", time::stamp(at_ms), short(alert)));
    durable::write(&path, bundle(at_ms, sections).as_bytes())?;
    trim(&dir)?;
    Ok(path)
}

/// The newest bundle of an alert with its path, if there is one.
pub fn newest(state_dir: &Path, alert: &str) -> io::Result<Option<(PathBuf, String)>> {
    let files = durable::files(&state_dir.join("evidence"), &format!("-{}.txt", short(alert)))?;
    let Some(path) = files.into_iter().next_back() else { return Ok(None) };
    let text = fs::read_to_string(&path)?;
    Ok(Some((path, text)))
}

/// An alert in the name of a file.
fn short(alert: &str) -> String {
    alert.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

/// The names begin with the time, so their order is that of age.
fn trim(dir: &Path) -> io::Result<()> {
    let files = durable::files(dir, ".txt")?;
    let surplus = files.len().saturating_sub(BUNDLES_MAX);
    files[..surplus].iter().try_for_each(|file| durable::gone(fs::remove_file(file)))
}

fn bundle(at_ms: i64, sections: &[Section]) -> String {
    let share = BUNDLE_BYTES_MAX / (sections.len() + 1);
    let mut out = format!("evidence of {}\n", time::rfc3339(at_ms));
    sections.iter().for_each(|section| push(&mut out, section, share));
    out
}

fn push(out: &mut String, section: &Section, share: usize) {
    out.push_str(&format!("\n== {} ==\n", section.title));
    if let Some(gap) = &section.gap {
        out.push_str(&format!("(not seen: {})\n", shortened(gap, share / 4)));
    }
    let end = out.len() + (share - share / 4).saturating_sub(FRAME_BYTES);
    let fitting = section.lines.iter().take_while(|line| {
        let fits = out.len() + line.len() < end;
        if fits {
            out.extend([line.as_str(), "\n"]);
        }
        fits
    });
    let left_out = section.lines.len() - fitting.count();
    if left_out > 0 {
        out.push_str(&format!("({left_out} lines left out)\n"));
    }
}

fn shortened(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use expect_test::expect;

    fn section(lines: &[&str], gap: Option<&str>) -> Section {
        Section {
            title: "kernel",
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            gap: gap.map(str::to_owned),
        }
    }

    #[test]
    fn sections_and_gaps_are_shown() {
        let scratch = Scratch::new("evidence");
        let sections = [section(&["oom", "disk"], None), section(&[], Some("journal: permission denied"))];
        let path = write(scratch.path(), "00ff/../x", 1_795_234_567_891, &sections).unwrap();
        assert!(path.ends_with("evidence/20261121T041607Z-00ffx.txt"));
        expect![[r#"
            evidence of 2026-11-21T04:16:07Z

            == kernel ==
            oom
            disk

            == kernel ==
            (not seen: journal: permission denied)
        "#]]
        .assert_eq(&fs::read_to_string(&path).unwrap());
        let later = write(scratch.path(), "00ff/../x", 1_795_234_999_000, &sections).unwrap();
        assert_eq!(newest(scratch.path(), "00ffx").unwrap().unwrap().0, later);
        assert_eq!(newest(scratch.path(), "00").unwrap(), None);
    }

    #[test]
    fn a_bundle_is_bounded_and_says_so() {
        let line = "é".repeat(300);
        let (many, gap) = (vec![line.as_str(); 10_000], "é".repeat(300_000));
        let sections: Vec<Section> = (0..7).map(|_| section(&many, Some(&gap))).collect();
        let text = bundle(0, &sections);
        assert!(text.len() <= BUNDLE_BYTES_MAX, "{}", text.len());
        assert!(text.len() > BUNDLE_BYTES_MAX / 2, "{}", text.len());
        assert_eq!(text.matches("lines left out)").count(), 7);
    }

    #[test]
    fn what_an_interruption_left_goes_at_the_start_and_what_is_being_written_stays() {
        let scratch = Scratch::new("swept");
        let unfinished = scratch.path().join("evidence/b.txt.unfinished");
        sweep(scratch.path()).unwrap();
        fs::write(&unfinished, "half").unwrap();
        write(scratch.path(), "a", 0, &[]).unwrap();
        assert!(unfinished.exists());
        sweep(scratch.path()).unwrap();
        assert!(!unfinished.exists());
    }

    #[test]
    fn the_oldest_bundles_go() {
        let scratch = Scratch::new("bundles");
        for second in 0..BUNDLES_MAX as i64 + 3 {
            write(scratch.path(), "a", second * 1000, &[]).unwrap();
        }
        let left = durable::files(&scratch.path().join("evidence"), ".txt").unwrap();
        assert_eq!(left.len(), BUNDLES_MAX);
        assert!(left[0].ends_with("19700101T000003Z-a.txt"), "{}", left[0].display());
    }
}
