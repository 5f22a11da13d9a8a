//! An answer, and what is to be said beside it.

use crate::outlet::problem::Problem;
use serde_json::{Value, json};

/// An answer: JSON, and what is to be said beside it.
#[derive(Debug, Default)]
pub struct Told {
    /// JSON.
    pub data: String,
    /// What is doubtful.
    pub warnings: Vec<String>,
    /// What is remarkable.
    pub infos: Vec<String>,
}

/// What a question gives.
pub type Reply = Result<Told, Problem>;

impl From<Value> for Told {
    fn from(value: Value) -> Self {
        Told { data: value.to_string(), ..Told::default() }
    }
}

impl Told {
    /// In Prometheus' envelope.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.data.len() + 64);
        text += "{\"status\":\"success\",\"data\":";
        text += &self.data;
        for (name, notes) in [("warnings", &self.warnings), ("infos", &self.infos)] {
            if !notes.is_empty() {
                text += &format!(",\"{name}\":{}", json!(notes));
            }
        }
        text + "}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_stand_beside_the_data() {
        let told = Told { data: "[]".to_owned(), warnings: vec!["a \"b\"".to_owned()], infos: Vec::new() };
        assert_eq!(told.text(), "{\"status\":\"success\",\"data\":[],\"warnings\":[\"a \\\"b\\\"\"]}");
    }
}
