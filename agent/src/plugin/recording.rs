//! What a plugin printed, kept in a file: to be understood again later, somewhere else.
//!
//! One file holds a run: `exit code 0`, then sections that begin with `--- declared`, `--- stdout` and `--- stderr`, each with a line
//! feed behind it that is not the plugin's. Loose files are taken, too: `NAME.stdout` (or `.out`, `.txt`) with `NAME.stderr` (`.err`),
//! and the exit code in `NAME.exit` or as `exit_code` in `NAME.meta.json`; of a Munin plugin `NAME.fetch.stdout` with
//! `NAME.config.stdout`.

use super::capture::{Captured, Cost};
use super::reading::Raw;
use hostward_formats::Exit;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Files that are replayed at once.
const FILES_MAX: usize = 10_000;
/// Endings of loose files, each with that of the standard error beside it.
const LOOSE: [(&str, &str); 3] = [("stdout", "stderr"), ("out", "err"), ("txt", "")];

/// A run that was kept.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The plugin's name.
    pub name: String,
    /// What it was asked for, if that is not its values: `autoconf` and the like.
    pub asked: String,
    /// Where it is kept.
    pub path: PathBuf,
    /// What it printed.
    pub raw: Raw,
}

/// All recordings that a file or directory holds, in the order of their paths.
pub fn recordings(path: &Path) -> io::Result<Vec<Recording>> {
    let mut paths = Vec::new();
    walk(path, &mut paths)?;
    paths.sort();
    let is_named = path.is_file();
    let all = paths.iter().filter_map(|path| read(path, is_named).transpose());
    all.collect::<io::Result<Vec<_>>>()
}

fn walk(path: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        paths.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if paths.len() < FILES_MAX {
            walk(&path, paths)?;
        }
    }
    Ok(())
}

/// A recording; nothing if the file is a part of another one, or none. One that somebody names is taken for standard output if it
/// is nothing else.
fn read(path: &Path, is_named: bool) -> io::Result<Option<Recording>> {
    let failed = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (name, asked) = stem.split_once('.').unwrap_or((&stem, ""));
    let raw = if ending == "sample" {
        let bytes = fs::read(path).map_err(failed)?;
        parse(&bytes).ok_or_else(|| {
            let message = format!("{}: the first line is none such as \"exit code 0\"", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?
    } else if let Some((_, errors)) = LOOSE.iter().find(|(own, _)| *own == ending) {
        if asked == "config" && beside(path, &format!("{name}.fetch"), ending).exists() {
            return Ok(None);
        }
        loose(path, &stem, name, asked, ending, errors).map_err(failed)?
    } else if is_named {
        Raw::text(fs::read(path).map_err(failed)?)
    } else {
        return Ok(None);
    };
    let asked = if asked == "fetch" || asked == "dirtyconfig" { "" } else { asked };
    let is_question = ["autoconf", "suggest", "config"].contains(&asked);
    let (name, asked) =
        if is_question { (name, asked) } else { (if asked.is_empty() { name } else { &stem }, "") };
    Ok(Some(Recording { name: name.to_owned(), asked: asked.to_owned(), path: path.to_owned(), raw }))
}

fn beside(path: &Path, stem: &str, ending: &str) -> PathBuf {
    path.with_file_name(format!("{stem}.{ending}"))
}

fn loose(path: &Path, stem: &str, name: &str, asked: &str, ending: &str, errors: &str) -> io::Result<Raw> {
    let optional = |path: PathBuf| fs::read(path).unwrap_or_default();
    let mut raw = Raw::text(fs::read(path)?);
    raw.captured.stderr = if errors.is_empty() { Vec::new() } else { optional(beside(path, stem, errors)) };
    raw.captured.exit = exit_beside(path, stem);
    if asked == "fetch" {
        raw.declared = optional(beside(path, &format!("{name}.config"), ending));
    }
    Ok(raw)
}

fn exit_beside(path: &Path, stem: &str) -> Exit {
    let text = |ending| fs::read_to_string(beside(path, stem, ending)).ok();
    let plain = text("exit").map(|text| {
        let text = text.trim().to_owned();
        exit(&text).or_else(|| text.parse().ok().map(Exit::Code))
    });
    let meta = || {
        let meta: serde_json::Value = serde_json::from_str(&text("meta.json")?).ok()?;
        let code = meta.get("exit_code")?.as_i64()?;
        Some(if code < 0 { Exit::Signal(-code as i32) } else { Exit::Code(code as i32) })
    };
    plain.flatten().or_else(meta).unwrap_or(Exit::Code(0))
}

fn exit(line: &str) -> Option<Exit> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["exit", "running"] => Some(Exit::Running),
        ["exit", "timeout"] => Some(Exit::TimedOut),
        ["exit", "code", code] => code.parse().ok().map(Exit::Code),
        ["exit", "signal", signal] => signal.parse().ok().map(Exit::Signal),
        _ => None,
    }
}

/// Reads one file with a whole run.
fn parse(bytes: &[u8]) -> Option<Raw> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let exit = exit(std::str::from_utf8(&bytes[..end]).ok()?)?;
    let (mut declared, mut stdout, mut stderr, mut before) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut section = &mut before;
    for line in bytes[end + 1..].split_inclusive(|byte| *byte == b'\n') {
        match line {
            b"--- declared\n" => section = &mut declared,
            b"--- stdout\n" => section = &mut stdout,
            b"--- stderr\n" => section = &mut stderr,
            line => section.extend_from_slice(line),
        }
    }
    for section in [&mut declared, &mut stdout, &mut stderr] {
        if section.last() == Some(&b'\n') {
            section.pop();
        }
    }
    let captured =
        Captured { stdout, stderr, sandbox: Vec::new(), exit, trouble: None, cost: Cost::default() };
    Some(Raw { declared, captured })
}

/// Writes what [`recordings`] reads.
pub fn text(raw: &Raw) -> Vec<u8> {
    let Captured { stdout, stderr, exit, .. } = &raw.captured;
    let first = match exit {
        Exit::Running => "exit running".to_owned(),
        Exit::TimedOut => "exit timeout".to_owned(),
        Exit::Code(code) => format!("exit code {code}"),
        Exit::Signal(signal) => format!("exit signal {signal}"),
    };
    let mut out = format!("{first}\n").into_bytes();
    for (name, section) in [("declared", &raw.declared), ("stdout", stdout), ("stderr", stderr)] {
        if !section.is_empty() {
            out.extend_from_slice(format!("--- {name}\n").as_bytes());
            out.extend_from_slice(section);
            out.push(b'\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn what_is_written_is_read_again() {
        for (exit, stdout) in
            [(Exit::Code(2), &b"a\n\nb"[..]), (Exit::Running, b"x\n"), (Exit::Signal(11), b"")]
        {
            let mut raw = Raw::text(stdout.to_vec());
            (raw.declared, raw.captured.stderr, raw.captured.exit) =
                (b"d\n".to_vec(), b"\xff e".to_vec(), exit);
            let back = parse(&text(&raw)).unwrap();
            assert_eq!((back.declared, back.captured.stdout), (raw.declared, raw.captured.stdout));
            assert_eq!((back.captured.stderr, back.captured.exit), (raw.captured.stderr, exit));
        }
        assert!(parse(b"exit well\n--- stdout\n").is_none());
    }

    #[test]
    fn loose_files_belong_together() {
        let scratch = Scratch::new("recordings");
        let put = |name: &str, text: &str| fs::write(scratch.path().join(name), text).unwrap();
        put("check_a.stdout", "A OK\n");
        put("check_a.stderr", "hm\n");
        put("check_a.meta.json", "{\"exit_code\": 2}");
        put("cpu.config.stdout", "graph_title c\n");
        put("cpu.fetch.stdout", "a.value 1\n");
        put("cpu.autoconf.stdout", "yes\n");
        put("apps.plugin.out", "CHART\n");
        let all = recordings(scratch.path()).unwrap();
        let told: Vec<_> = all.iter().map(|own| (own.name.as_str(), own.asked.as_str())).collect();
        assert_eq!(told, [("apps.plugin", ""), ("check_a", ""), ("cpu", "autoconf"), ("cpu", "")]);
        assert_eq!(all[1].raw.captured.exit, Exit::Code(2));
        assert_eq!(all[1].raw.captured.stderr, b"hm\n");
        assert_eq!(all[3].raw.declared, b"graph_title c\n");
    }
}
