//! `cargo xtask oscap`: OpenSCAP with Debian's content beside our own checks, on a stock Debian 12 and on a hardened one. Its
//! score before and after, and where both judge the same thing: whether they agree, and if not, who is right and why. It takes
//! root's rights; mounts and the network are its own and end with it.

use super::machine::Machine;
use super::plan::{self, hostward};
use crate::boot::laid::Laid;
use crate::boot::root;
use crate::boot::{alone, over};
use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, table};
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What has to be installed, and the packages of Debian that have it.
const NEEDS: [(&str, &str); 2] = [("usr/bin/oscap", "openscap-scanner"), (CONTENT, "ssg-debian")];
/// Debian 12 has content for Debian 11 and no later; its rules hold for both.
const CONTENT: &str = "usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml";
/// What keeps it from another release.
const PLATFORM: &str = r#"<xccdf-1.2:platform idref="cpe:/o:debian:debian_linux:11"/>"#;
const RULE: &str = "xccdf_org.ssgproject.content_rule_";
/// Which rule of theirs asks what a check of ours asks, and who is right where they disagree.
const PAIRS: &str = include_str!("agree/oscap.tsv");
/// At which our checks judge.
const LEVEL: &str = "strict";

/// Verdicts by name.
type Verdicts = BTreeMap<String, String>;

/// What both say of a root.
struct Looked {
    name: &'static str,
    score: f64,
    theirs: Verdicts,
    ours: Verdicts,
}

/// A rule of theirs, a check of ours, who is right where they disagree, and why.
struct Pair<'t> {
    rule: &'t str,
    check: &'t str,
    right: &'t str,
    why: &'t str,
}

/// Runs it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let stock = root::stock(options.text("root"))?;
    let layers = PathBuf::from(over(&stock, "oscap", &NEEDS)?);
    let words = ["--root", &stock.display().to_string(), "--binary", &binary.display().to_string()];
    alone(&words, || all(&layers, &binary))
}

fn all(layers: &Path, binary: &Path) -> Outcome<()> {
    let looks = [looked("stock", layers, binary)?, looked("hardened", layers, binary)?];
    println!("{}", scores(&looks));
    let pairs = pairs()?;
    println!("{}", agreement(&looks, &pairs));
    println!(
        "no check of ours asks, and it fails on the hardened root: {}",
        alone_in_failing(&looks[1], &pairs)
    );
    let open: Vec<String> = looks.iter().flat_map(|look| unexplained(look, &pairs)).collect();
    if open.is_empty() { Ok(()) } else { Err(format!("nobody has said who is right: {}", open.join(", "))) }
}

fn looked(name: &'static str, layers: &Path, binary: &Path) -> Outcome<Looked> {
    let laid = Laid::new(layers)?;
    root::prepare(&laid)?;
    if name != "stock" {
        plan::tried(&laid, binary, LEVEL)?.accepted()?;
    }
    let ours = audited(binary, laid.root())?;
    content(laid.root())?;
    let machine = Machine::boot(laid.root())?;
    // It ends with 2 when a rule fails.
    let said =
        machine.ran(&["oscap", "xccdf", "eval", "--results", "/root/results.xml", "/root/content.xml"])?;
    let results = machine.said(&["cat", "/root/results.xml"])?;
    let score = Regex::new("<score[^>]*>([0-9.]+)<").map_err(|error| error.to_string())?;
    let score = score.captures(&results).and_then(|own| own[1].parse().ok());
    let score = score.ok_or_else(|| format!("oscap gives no score: {}", said.complaint))?;
    Ok(Looked { name, score, theirs: theirs(&said.text), ours })
}

/// A copy in which every rule is asked, and no release is asked for.
fn content(root: &Path) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{CONTENT}: {error}");
    let text = fs::read_to_string(root.join(CONTENT)).map_err(said)?;
    if !text.contains(PLATFORM) {
        return Err(format!("{CONTENT} is for another release than Debian 11"));
    }
    let text = text
        .replace(PLATFORM, "")
        .replace("<xccdf-1.2:Rule selected=\"false\"", "<xccdf-1.2:Rule selected=\"true\"");
    fs::write(root.join("root/content.xml"), text).map_err(said)
}

fn theirs(text: &str) -> Verdicts {
    let (mut verdicts, mut rule) = (Verdicts::new(), "");
    // It writes a carriage return before each tab.
    for (key, value) in text.lines().filter_map(|line| line.split_once('\t')) {
        match key.trim_end() {
            "Rule" => rule = value.strip_prefix(RULE).unwrap_or(value),
            "Result" => drop(verdicts.insert(rule.to_owned(), value.to_owned())),
            _ => {}
        }
    }
    verdicts
}

fn audited(binary: &Path, root: &Path) -> Outcome<Verdicts> {
    let audit = hostward(binary, root, LEVEL, &["audit", "--declare", "web-server"])?;
    let checks = audit["checks"].as_array().map_or(&[][..], Vec::as_slice);
    let verdict =
        |own: &serde_json::Value| Some((own["id"].as_str()?.to_owned(), own["verdict"].as_str()?.to_owned()));
    Ok(checks.iter().filter_map(verdict).collect())
}

fn pairs() -> Outcome<Vec<Pair<'static>>> {
    let lines = PAIRS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>().as_slice() {
            [rule, check] => Ok(Pair { rule, check, right: "", why: "" }),
            [rule, check, right @ ("ours" | "theirs" | "both"), why] => Ok(Pair { rule, check, right, why }),
            _ => Err(format!("oscap.tsv: {line:?}: expected a rule, a check, ours, theirs or both, and why")),
        })
        .collect()
}

fn scores(looks: &[Looked]) -> String {
    let count = |look: &Looked, verdict: &str| look.theirs.values().filter(|own| *own == verdict).count();
    let row = |look: &Looked| {
        vec![
            look.name.to_owned(),
            format!("{:.1} %", look.score),
            count(look, "pass").to_string(),
            count(look, "fail").to_string(),
        ]
    };
    table::markdown(&["OpenSCAP", "score", "pass", "fail"], &looks.iter().map(row).collect::<Vec<_>>())
}

/// What both decide: whether each passes.
fn both(look: &Looked, pair: &Pair<'_>) -> Option<(bool, bool)> {
    let passes = |verdict: &String| match verdict.as_str() {
        "pass" => Some(true),
        "fail" => Some(false),
        _ => None,
    };
    Some((look.theirs.get(pair.rule).and_then(passes)?, look.ours.get(pair.check).and_then(passes)?))
}

fn agreement(looks: &[Looked], pairs: &[Pair<'_>]) -> String {
    let mut text = String::new();
    let mut rows = Vec::new();
    for look in looks {
        let decided: Vec<_> = pairs.iter().filter_map(|pair| Some((pair, both(look, pair)?))).collect();
        let agree = decided.iter().filter(|(_, (theirs, ours))| theirs == ours).count();
        text += &format!("{}: {agree} of {} rules that both decide agree\n", look.name, decided.len());
        let word = |passes: bool| if passes { "pass" } else { "fail" }.to_owned();
        for (pair, (theirs, ours)) in decided.into_iter().filter(|(_, (theirs, ours))| theirs != ours) {
            let words = [pair.rule, pair.check].map(str::to_owned);
            let [rule, check] = words;
            let right = pair.right.to_owned();
            rows.push(vec![
                look.name.to_owned(),
                rule,
                check,
                word(theirs),
                word(ours),
                right,
                pair.why.to_owned(),
            ]);
        }
    }
    text + "\n" + &table::markdown(&["root", "rule", "check", "OpenSCAP", "hostward", "right", "why"], &rows)
}

/// What they alone ask for.
fn alone_in_failing(look: &Looked, pairs: &[Pair<'_>]) -> String {
    let failing = look.theirs.iter().filter(|(_, verdict)| *verdict == "fail").map(|(rule, _)| rule.as_str());
    failing.filter(|rule| pairs.iter().all(|pair| pair.rule != *rule)).collect::<Vec<_>>().join(" ")
}

fn unexplained(look: &Looked, pairs: &[Pair<'_>]) -> Vec<String> {
    let differ = |pair: &&Pair<'_>| both(look, pair).is_some_and(|(theirs, ours)| theirs != ours);
    let open = pairs.iter().filter(differ).filter(|pair| pair.why.is_empty());
    open.map(|pair| format!("{} {} on {}", pair.rule, pair.check, look.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_can_be_read_and_names_a_check_once() {
        let pairs = pairs().unwrap();
        let rules: std::collections::BTreeSet<_> = pairs.iter().map(|own| own.rule).collect();
        assert_eq!(rules.len(), pairs.len());
        let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/checks");
        for pair in pairs {
            let path = checks.join(pair.check.replace('.', "/")).with_extension("toml");
            assert!(path.exists(), "{} is no check", pair.check);
        }
    }

    #[test]
    fn what_oscap_prints_is_read() {
        let text = format!(
            "Title\tX\nRule\t{RULE}sshd_a\nIdent\tCCE\nResult\tpass\n\nRule\t{RULE}b\nResult\tfail\n"
        );
        let pair = |rule: &str, verdict: &str| (rule.to_owned(), verdict.to_owned());
        assert_eq!(theirs(&text), [pair("b", "fail"), pair("sshd_a", "pass")].into());
    }
}
