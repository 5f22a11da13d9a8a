//! Disciplines of a captured host: `/qdisc/results.json`, in which a number that is zero is left out.

use super::Discipline;
use crate::{Fault, Host};
use serde_json::Value;

pub const PATH: &str = "/qdisc/results.json";

pub fn disciplines(host: &mut Host) -> Result<Vec<Discipline>, Fault> {
    parse(host.read(PATH)?)
}

fn parse(text: &str) -> Result<Vec<Discipline>, Fault> {
    let all: Vec<Value> = serde_json::from_str(text)
        .map_err(|error| Fault::malformed(PATH, error.line(), "", "a list of disciplines in JSON"))?;
    Ok(all.iter().filter(|one| number(one, "Parent") == 0).map(discipline).collect())
}

fn discipline(one: &Value) -> Discipline {
    let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    Discipline {
        device: text("IfaceName"),
        kind: text("Kind"),
        bytes: number(one, "Bytes"),
        packets: number(one, "Packets"),
        drops: number(one, "Drops"),
        requeues: number(one, "Requeues"),
        overlimits: number(one, "Overlimits"),
        packets_queued: number(one, "Qlen"),
        bytes_queued: number(one, "Backlog"),
    }
}

fn number(one: &Value, key: &str) -> u64 {
    one.get(key).and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_at_the_root() {
        let text = r#"[{"IfaceName":"eth0","Kind":"fq","Bytes":83},{"IfaceName":"eth0","Parent":1}]"#;
        let expected =
            Discipline { device: "eth0".into(), kind: "fq".into(), bytes: 83, ..Discipline::default() };
        assert_eq!(parse(text), Ok(vec![expected]));
    }

    #[test]
    fn nonsense_is_named() {
        let fault = parse("[\n{").unwrap_err().to_string();
        assert_eq!(fault, "/qdisc/results.json:2: expected a list of disciplines in JSON, found \"\"");
    }
}
