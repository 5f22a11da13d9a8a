//! The scripts that score, and what they say.

use super::corpus::{Corpus, Scorer};
use crate::Outcome;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The scores of a corpus in words.
pub fn score(corpus: &Corpus, dir: &Path, results: &Path, data: &Path) -> Outcome<String> {
    let labels = corpus.labels.map_or_else(|| data.to_owned(), |labels| dir.join(labels));
    let script = dir.join(corpus.scorer.script());
    let output = Command::new("python3").arg(&script).arg(results).arg(labels).output();
    let output = output.map_err(|error| format!("python3: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr).trim()));
    }
    let said = serde_json::from_slice(&output.stdout);
    let said: Value = said.map_err(|error| format!("{}: {error}", script.display()))?;
    let words = match corpus.scorer {
        Scorer::Nab => nab(&said),
        Scorer::Events => events(&said),
    };
    words.ok_or_else(|| format!("{}: not the answer that was expected: {said}", script.display()))
}

fn nab(said: &Value) -> Option<String> {
    let profile = |name: &str| said[name]["score"].as_f64();
    let [standard, few_false, few_missed] =
        [profile("standard")?, profile("reward_low_FP_rate")?, profile("reward_low_FN_rate")?];
    Some(format!("standard {standard:.1}, low FP {few_false:.1}, low FN {few_missed:.1}"))
}

fn events(said: &Value) -> Option<String> {
    let number = |name: &str| said[name].as_f64();
    let [f1, few, some, many] =
        [number("F1")?, number("recall@0.03")?, number("recall@0.1")?, number("recall@0.3")?];
    Some(format!("F1 {f1:.3}, recall {few:.2} at 0.03, {some:.2} at 0.1, {many:.2} at 0.3"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_put_into_words() {
        let score = |value: f64| json!({ "score": value });
        let said = json!({ "standard": score(70.14), "reward_low_FP_rate": score(60.0), "reward_low_FN_rate": score(75.5) });
        assert_eq!(nab(&said).unwrap(), "standard 70.1, low FP 60.0, low FN 75.5");
        let said = json!({ "F1": 0.6124, "recall@0.03": 0.3, "recall@0.1": 0.6, "recall@0.3": 0.8 });
        assert_eq!(events(&said).unwrap(), "F1 0.612, recall 0.30 at 0.03, 0.60 at 0.1, 0.80 at 0.3");
        assert_eq!((nab(&said), events(&json!({}))), (None, None));
    }
}
