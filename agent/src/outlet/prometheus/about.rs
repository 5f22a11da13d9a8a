//! `status/buildinfo` and `metadata`.

use super::told::Reply;
use crate::outlet::Outlets;
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::Problem;
use serde_json::{Map, Value, json};

/// What answers here.
pub fn build(outlets: &Outlets) -> Value {
    json!({
        "version": outlets.about.version,
        "revision": option_env!("HOSTWARD_REVISION").unwrap_or(""),
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
        "application": "hostward",
    })
}

/// Type and help of each metric that is there now.
pub fn metadata(outlets: &Outlets, parameters: &Parameters) -> Reply {
    let limit = match parameters.get("limit") {
        None => usize::MAX,
        Some(text) => {
            let bad = |_| Problem::bad(format!("\"limit\" must be a number of metrics, {text:?} is not"));
            text.parse::<usize>().map_err(bad)?
        }
    };
    let view = outlets.published.view().unwrap_or_default();
    let heads =
        view.catalog.families.iter().filter_map(|family| read(&view.catalog.text[family.head.clone()]));
    let wanted = heads.filter(|(name, _)| parameters.get("metric").is_none_or(|wanted| wanted == name));
    Ok(Value::Object(wanted.take(limit).collect::<Map<_, _>>()).into())
}

/// `# HELP name text` and `# TYPE name type`.
fn read(head: &str) -> Option<(String, Value)> {
    let line = |word: &str| head.lines().find_map(|line| line.strip_prefix(word)?.split_once(' '));
    let (name, kind) = line("# TYPE ")?;
    let help = line("# HELP ").map_or("", |(_, help)| help);
    let help = help.replace("\\n", "\n").replace("\\\\", "\\");
    let kind = if kind == "untyped" { "unknown" } else { kind };
    let name = name.trim_matches('"').to_owned();
    Some((name, json!([{ "type": kind, "help": help, "unit": "" }])))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_head_is_read() {
        let (name, value) = read("# HELP up Whether\\nit is up.\n# TYPE up gauge\n").unwrap();
        assert_eq!(name, "up");
        assert_eq!(value.to_string(), r#"[{"help":"Whether\nit is up.","type":"gauge","unit":""}]"#);
        assert!(read("").is_none());
    }
}
