//! What a request filter refuses: attacks of the usual kinds, and requests that mean no harm. Before it refuses anything it
//! looks at requests of the same site by somebody who is known to be good; those that are counted are others.

use super::machine::{ADDRESSES, Machine, OUTSIDE};
use super::plan::hostward;
use super::serve::{Answer, answered};
use crate::Outcome;
use crate::boot::laid::Laid;
use crate::boot::program::good;
use crate::boot::root;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What has to be installed, and the packages of Debian that have it.
pub const NEEDS: [(&str, &str); 2] = [
    ("usr/lib/apache2/modules/mod_security2.so", "libapache2-mod-security2"),
    ("usr/share/modsecurity-crs/owasp-crs.load", "modsecurity-crs"),
];
const ATTACKS: &str = include_str!("attacks.toml");
const BENIGN: &str = include_str!("benign.toml");
const GOOD: &str = include_str!("good.toml");
const LOG: &str = "var/log/apache2/modsec_audit.log";
const BROWSER: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
/// Attacks that may pass, of those that are counted.
const MISSED_MAX: usize = 2;
/// Answers of a site that has no such page, or does not take such a method of it.
const WELL: [&str; 3] = ["200", "404", "405"];

/// What the audit log says after a time of looking only.
pub fn learnt(stock: &Path, binary: &Path) -> Outcome<String> {
    let laid = Laid::new(stock)?;
    root::prepare(&laid)?;
    let tree = laid.scratch().join("tree");
    let out = tree.display().to_string();
    hostward(binary, laid.root(), "basic", &["harden", "render", "modsecurity", "--out", &out])?;
    root::deploy(&tree, laid.root())?;
    let machine = Machine::boot(laid.root())?;
    for request in requests(GOOD)? {
        answered(|| sent(&request))?;
    }
    drop(machine);
    fs::read_to_string(laid.root().join(LOG)).map_err(|error| format!("{LOG}: {error}"))
}

/// Puts it where it was.
pub fn remember(root: &Path, learnt: &str) -> Outcome<()> {
    fs::write(root.join(LOG), learnt).map_err(|error| format!("{LOG}: {error}"))
}

/// How an administrator says who is known to be good.
pub fn known_good() -> String {
    format!("modsecurity.known_good={OUTSIDE}")
}

/// Counts both, and names those that are on the wrong side.
pub fn answers(machine: &Machine) -> Outcome<Vec<Answer>> {
    machine.said(&["systemctl", "is-active", "apache2"])?;
    let refuses =
        machine.said(&["grep", "-qx", "SecRuleEngine On", "/etc/modsecurity/zz-hostward.conf"]).is_ok();
    let (attacks, missed) = counted(ATTACKS, |code| code == "403")?;
    let (benign, lost) = counted(BENIGN, |code| WELL.contains(&code))?;
    if refuses {
        missed.iter().for_each(|name| println!("not refused: {name}"));
    }
    lost.iter().for_each(|name| println!("lost: {name}"));
    if refuses && (missed.len() > MISSED_MAX || !lost.is_empty()) {
        return Err(format!(
            "{} attacks are not refused, and {} good requests are",
            missed.len(),
            lost.len()
        ));
    }
    Ok(vec![
        ("apache: attacks refused".to_owned(), format!("{} of {attacks}", attacks - missed.len())),
        ("apache: good requests lost".to_owned(), format!("{} of {benign}", lost.len())),
    ])
}

/// How many requests there are, and the names of those whose answer is not as it should be.
fn counted(text: &str, right: impl Fn(&str) -> bool) -> Outcome<(usize, Vec<String>)> {
    let all = requests(text)?;
    let mut wrong = Vec::new();
    for request in &all {
        let code = answered(|| sent(request))?;
        if !right(&code) {
            wrong.push(format!("{} ({code})", request.name));
        }
    }
    Ok((all.len(), wrong))
}

struct Request {
    name: String,
    method: String,
    path: String,
    headers: Vec<String>,
    body: Option<String>,
}

fn requests(text: &str) -> Outcome<Vec<Request>> {
    let whole: Value = toml::from_str(text).map_err(|error| format!("requests: {error}"))?;
    let all = whole["request"].as_array().map_or(&[][..], Vec::as_slice);
    Ok(all.iter().map(request).collect())
}

fn request(own: &Value) -> Request {
    let text = |key: &str| own[key].as_str().map(str::to_owned);
    let body = text("body");
    let method = text("method").unwrap_or(if body.is_some() { "POST" } else { "GET" }.to_owned());
    let given = own["headers"].as_array().map_or(&[][..], Vec::as_slice);
    let mut headers: Vec<String> = given.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if !headers.iter().any(|own| own.starts_with("User-Agent:")) {
        headers.push(BROWSER.to_owned());
    }
    headers.extend(text("type").map(|own| format!("Content-Type: {own}")));
    let word = |key: &str| text(key).unwrap_or_default();
    Request { name: word("name"), method, path: word("path"), headers, body }
}

/// The code of the answer.
fn sent(request: &Request) -> Outcome<String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "5"]);
    command.args(["--path-as-is", "--globoff", "--request", &request.method, "--header", "Host: a.example"]);
    command.args(request.headers.iter().flat_map(|own| ["--header", own]));
    command.args(request.body.iter().flat_map(|own| ["--data-binary", own]));
    good(command.arg(format!("http://{}:8080{}", ADDRESSES[0], request.path)))
}
