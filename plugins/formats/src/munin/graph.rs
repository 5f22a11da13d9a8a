//! What a Munin plugin declares: graphs with fields.

use crate::exposition::Type;
use crate::{Levels, Range};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a line says that is not kept with the graphs.
pub enum Line<'a> {
    Value { field: &'a str, text: &'a str },
    Nothing,
}

/// All graphs of a plugin, and the one that is spoken of.
pub struct Graphs {
    graphs: Vec<Graph>,
    places: HashMap<String, usize>,
    current: usize,
}

/// A graph; a plugin without `multigraph` has one without a name.
#[derive(Default)]
pub struct Graph {
    pub name: String,
    pub title: Option<String>,
    pub vlabel: Option<String>,
    pub category: Option<String>,
    /// Whether some field is drawn by a formula.
    cdef: bool,
    pub fields: HashMap<String, Field>,
}

/// A field of a graph.
pub struct Field {
    pub kind: Type,
    pub label: Option<String>,
    pub levels: Levels,
    /// The graph shows what a formula makes of the value, and its levels are about that.
    pub formula: bool,
}

impl Default for Field {
    fn default() -> Self {
        Field { kind: Type::Gauge, label: None, levels: Levels::default(), formula: false }
    }
}

impl Field {
    /// Whether there are levels, and about the value itself.
    pub fn has_levels(&self) -> bool {
        !self.formula && !self.levels.is_empty()
    }

    fn set(&mut self, attribute: &str, value: &str) -> Result<(), String> {
        let range = || Range::munin(value).map(Some).ok_or_else(|| format!("{value:?} is no range"));
        match attribute {
            "label" => self.label = Some(value.to_owned()),
            "cdef" => self.formula = true,
            "warning" => self.levels.warning = range()?,
            "critical" => self.levels.critical = range()?,
            "type" => {
                self.kind = match value {
                    "GAUGE" => Type::Gauge,
                    "COUNTER" | "DERIVE" => Type::Counter,
                    // How many there were since somebody asked last. Drawn per second.
                    "ABSOLUTE" => {
                        self.formula = true;
                        Type::Gauge
                    }
                    _ => return Err(format!("{value:?} is no type of Munin")),
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Graph {
    /// The part of the name before the first dot.
    pub fn top(&self) -> &str {
        self.name.split('.').next().unwrap_or("")
    }

    /// The part of the name behind the first dot.
    pub fn nested(&self) -> Option<&str> {
        self.name.split_once('.').map(|(_, nested)| nested)
    }

    /// The title, and the axis if values are drawn as they are: not as a rate, nor by a formula.
    pub fn help(&self, plugin: &str, kind: Type) -> String {
        let Some(title) = self.title.as_deref().filter(|title| !title.is_empty()) else {
            return format!("Values of the Munin plugin {plugin}.");
        };
        let axis = self.vlabel.as_deref().filter(|_| kind == Type::Gauge && !self.cdef).unwrap_or("");
        match axis.is_empty() || axis.eq_ignore_ascii_case(title) {
            true => title.to_owned(),
            false => format!("{title} ({axis})"),
        }
    }
}

impl Graphs {
    pub fn new() -> Self {
        Graphs { graphs: vec![Graph::default()], places: HashMap::from([(String::new(), 0)]), current: 0 }
    }

    /// Another output begins.
    pub fn begin_again(&mut self) {
        self.current = 0;
    }

    pub fn current(&self) -> usize {
        self.current
    }

    /// A graph, and a field of it as it was declared or as it is if nothing was.
    pub fn field(&self, at: usize, name: &str) -> (&Graph, &Field) {
        static UNSAID: LazyLock<Field> = LazyLock::new(Field::default);
        let graph = &self.graphs[at];
        (graph, graph.fields.get(name).unwrap_or(&UNSAID))
    }

    /// Takes the next line.
    pub fn take<'a>(&mut self, line: &'a str) -> Result<Line<'a>, String> {
        let line = line.trim();
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let value = value.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(Line::Nothing);
        }
        match key.split_once('.') {
            Some((field, "value")) => named(field).map(|field| Line::Value { field, text: value }),
            Some((field, attribute)) => {
                let graph = &mut self.graphs[self.current];
                graph.cdef |= attribute == "cdef";
                let field = graph.fields.entry(named(field)?.to_owned()).or_default();
                field.set(attribute, value).map_err(|why| format!("{key}: {why}")).map(|()| Line::Nothing)
            }
            None => self.about_graph(key, value).map(|()| Line::Nothing),
        }
    }

    fn about_graph(&mut self, key: &str, value: &str) -> Result<(), String> {
        let graph = &mut self.graphs[self.current];
        let slot = match key {
            "multigraph" => return self.turn_to(value),
            "graph_title" => &mut graph.title,
            "graph_vlabel" | "graph_vtitle" => &mut graph.vlabel,
            "graph_category" => &mut graph.category,
            "graph" | "host_name" | "update_rate" | "create_args" => return Ok(()),
            key if key.starts_with("graph_") => return Ok(()),
            key => return Err(format!("{key:?} is no word of Munin")),
        };
        *slot = Some(value.to_owned());
        Ok(())
    }

    fn turn_to(&mut self, name: &str) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(format!("multigraph must be followed by a name, found {name:?}"));
        }
        let next = self.graphs.len();
        self.current = *self.places.entry(name.to_owned()).or_insert(next);
        if self.current == next {
            self.graphs.push(Graph { name: name.to_owned(), ..Graph::default() });
        }
        Ok(())
    }
}

fn named(field: &str) -> Result<&str, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match !field.is_empty() && field.chars().all(plain) {
        true => Ok(field),
        false => Err(format!("{field:?} is no name of a field")),
    }
}
