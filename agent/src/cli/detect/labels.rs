//! Labels that lie beside the data: for each file the windows of time in which something was wrong.

use crate::dataset::{self, Input, Need, Rows};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The largest JSON file of windows.
const JSON_BYTES_MAX: u64 = 64 << 20;
/// Windows of one file; more are no labels.
const WINDOWS_MAX: usize = 100_000;

/// First and last millisecond.
pub type Window = (i64, i64);

/// Where labels come from.
pub enum Labels {
    /// The file itself has a column of them.
    Column,
    /// One file of labels, whatever it is called.
    File(PathBuf),
    /// A directory of files with the names of the data.
    Dir(PathBuf),
    /// Windows by the name of the file, as in NAB's `combined_windows.json`.
    Json(BTreeMap<String, Vec<Window>>),
}

impl Labels {
    /// Finds out what was named on the command line.
    pub fn of(path: Option<&Path>) -> Result<Labels, String> {
        let Some(path) = path else { return Ok(Labels::Column) };
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        match () {
            () if path.is_dir() => Ok(Labels::Dir(path.to_owned())),
            () if is_json => json(path).map(Labels::Json).map_err(|why| format!("{}: {why}", path.display())),
            () => Ok(Labels::File(path.to_owned())),
        }
    }

    /// The windows of a file; none when the file has its own column.
    pub fn windows(&self, input: &Input) -> Result<Option<Vec<Window>>, String> {
        match self {
            Labels::Column => Ok(None),
            Labels::File(path) => labelled(path).map(Some),
            Labels::Dir(dir) => labelled(&same_name(dir, &input.name)).map(Some),
            Labels::Json(all) => of_name(all, &input.name).map(|windows| Some(windows.to_vec())),
        }
    }
}

/// `NAME`, or the same with or without `.gz`.
fn same_name(dir: &Path, name: &Path) -> PathBuf {
    let plain = if name.extension().is_some_and(|extension| extension == "gz") {
        name.with_extension("")
    } else {
        name.to_owned()
    };
    let mut packed = plain.clone().into_os_string();
    packed.push(".gz");
    let named = [name.to_owned(), plain.clone(), packed.into()].map(|name| dir.join(name));
    named.into_iter().find(|path| path.is_file()).unwrap_or_else(|| dir.join(plain))
}

/// The entry with this name, or the only one that ends in it.
fn of_name<'a>(all: &'a BTreeMap<String, Vec<Window>>, name: &Path) -> Result<&'a [Window], String> {
    let name = name.display().to_string();
    if let Some(windows) = all.get(&name) {
        return Ok(windows);
    }
    let ends = |key: &str| Path::new(key).ends_with(&name) || Path::new(&name).ends_with(key);
    let mut found = all.iter().filter(|(key, _)| ends(key));
    match (found.next(), found.next()) {
        (Some((_, windows)), None) => Ok(windows),
        (None, _) => Err(format!("the labels have no entry {name:?}")),
        (Some(_), Some(_)) => Err(format!(
            "several entries of the labels end in {name:?}; name the directory of the files instead"
        )),
    }
}

/// Runs of rows that are labelled, from a file with the columns timestamp and label.
fn labelled(path: &Path) -> Result<Vec<Window>, String> {
    let told = |why: String| format!("{}: {why}", path.display());
    let opened = dataset::open(path).map_err(told)?;
    let mut rows = Rows::new(opened, Need::Labels).map_err(told)?;
    let (mut windows, mut is_open) = (Vec::<Window>::new(), false);
    while let Some(row) = rows.read().map_err(|error| told(error.to_string()))? {
        let line = row.line;
        let reading = row.reading.map_err(|fault| format!("{}:{line}: {fault}", path.display()))?;
        match windows.last_mut() {
            Some(window) if reading.label && is_open => window.1 = window.1.max(reading.at_ms),
            _ if reading.label => windows.push((reading.at_ms, reading.at_ms)),
            _ => {}
        }
        is_open = reading.label;
        bounded(windows.len()).map_err(told)?;
    }
    Ok(windows)
}

fn bounded(windows: usize) -> Result<(), String> {
    if windows > WINDOWS_MAX { Err(format!("over {WINDOWS_MAX} events; are these labels?")) } else { Ok(()) }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Json(BTreeMap<String, Vec<(String, String)>>);

fn json(path: &Path) -> Result<BTreeMap<String, Vec<Window>>, String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(JSON_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let Json(all) =
        serde_json::from_str(&text).map_err(|error| format!("no windows by file name: {error}"))?;
    let instant = |text: &String| dataset::instant(text).ok_or_else(|| format!("{text:?} is not a time"));
    let window = |(from, to): &(String, String)| Ok((instant(from)?, instant(to)?));
    let windows = |(name, windows): (String, Vec<(String, String)>)| {
        bounded(windows.len())?;
        Ok((name, windows.iter().map(window).collect::<Result<Vec<_>, String>>()?))
    };
    all.into_iter().map(windows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    fn input(name: &str) -> Input {
        Input { path: name.into(), name: name.into() }
    }

    #[test]
    fn windows_come_by_the_name_of_the_file() {
        let scratch = Scratch::new("labels");
        let path = scratch.path().join("windows.json");
        std::fs::write(
            &path,
            r#"{"a/x.csv": [["1970-01-01 00:00:10.000000", "1970-01-01 00:00:20"]], "b/y.csv": []}"#,
        )
        .unwrap();
        let labels = Labels::of(Some(&path)).unwrap();
        assert_eq!(labels.windows(&input("a/x.csv")), Ok(Some(vec![(10_000, 20_000)])));
        assert_eq!(labels.windows(&input("y.csv")), Ok(Some(vec![])));
        assert!(labels.windows(&input("z.csv")).unwrap_err().contains("z.csv"));
        std::fs::write(&path, r#"{"a": [["noon", "1"]]}"#).unwrap();
        assert!(Labels::of(Some(&path)).err().unwrap().contains("noon"));
    }

    #[test]
    fn windows_are_runs_of_labels() {
        let scratch = Scratch::new("label-file");
        std::fs::write(scratch.path().join("x.csv"), "timestamp,label\n1,0\n2,1\n3,true\n4,0\n5,1\n")
            .unwrap();
        let windows = Some(vec![(2000, 3000), (5000, 5000)]);
        assert_eq!(
            Labels::of(Some(scratch.path())).unwrap().windows(&input("x.csv.gz")),
            Ok(windows.clone())
        );
        let file = scratch.path().join("x.csv");
        assert_eq!(Labels::of(Some(&file)).unwrap().windows(&input("other.csv")), Ok(windows));
        assert!(
            Labels::of(Some(scratch.path())).unwrap().windows(&input("y.csv")).unwrap_err().contains("y.csv")
        );
    }
}
