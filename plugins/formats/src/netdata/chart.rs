//! One chart, and what becomes of its readings.

use crate::exposition::Labels;
use crate::number::decimal;
use crate::unit::Unit;
use std::collections::HashMap;

/// A chart.
pub struct Chart {
    pub id: String,
    pub title: String,
    pub units: String,
    pub context: String,
    pub host: String,
    pub host_name: String,
    /// Label and line.
    pub labels: Vec<(String, String, String)>,
    pub line: String,
    pub gone: bool,
    pub dimensions: Vec<Dimension>,
    places: HashMap<String, usize>,
}

/// A dimension.
pub struct Dimension {
    pub name: String,
    /// Whether its values only grow.
    pub counts: bool,
    pub multiplier: f64,
    pub divisor: f64,
    /// Netdata shows its share of the chart, not its value.
    pub share: bool,
    pub line: String,
}

impl Chart {
    /// A chart of which nothing is known but its id.
    pub fn new(id: String, host: String) -> Self {
        Chart {
            id,
            host,
            title: String::new(),
            units: String::new(),
            context: String::new(),
            host_name: String::new(),
            labels: Vec::new(),
            line: String::new(),
            gone: false,
            dimensions: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Adds a dimension, or puts it in the place of the one with its id. How many bytes more there are.
    pub fn add(&mut self, id: &str, dimension: Dimension) -> usize {
        let next = self.dimensions.len();
        let at = *self.places.entry(id.to_owned()).or_insert(next);
        let bytes = dimension.line.len();
        if at == next {
            self.dimensions.push(dimension);
            return bytes;
        }
        self.dimensions[at] = dimension;
        0
    }

    pub fn dimension(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Parts of the name, its unit, and a value that was told in that unit.
    pub fn naming(&self, dimension: &Dimension, told: f64) -> (Vec<&str>, &'static str, f64) {
        let context = if self.context.is_empty() { &self.id } else { &self.context };
        let value = told * dimension.multiplier / dimension.divisor;
        if dimension.share {
            return (vec![context], "", value);
        }
        let per_second = self.units.strip_suffix("/s").or_else(|| self.units.strip_suffix("/sec"));
        let unit = Unit::named(per_second.unwrap_or(&self.units)).unwrap_or(Unit::NONE);
        match per_second {
            Some(_) if !dimension.counts => (vec![context, unit.suffix, "per_second"], "", unit.base(value)),
            _ => (vec![context], unit.suffix, unit.base(value)),
        }
    }

    pub fn labels(&self, dimension: &Dimension) -> Labels {
        let mut labels = Labels::new();
        let mut add = |name: &str, value: &str| labels.push((name.to_owned(), value.to_owned()));
        if !self.host_name.is_empty() {
            add("host", &self.host_name);
        }
        if !self.context.is_empty() && self.context != self.id {
            add("chart", &self.id);
        }
        let kept = |name: &str| !matches!(name, "host" | "chart" | "dimension");
        self.labels.iter().filter(|(name, ..)| kept(name)).for_each(|(name, value, _)| add(name, value));
        add("dimension", &dimension.name);
        labels
    }
}

/// Multiplier and divisor; either is 1 when it is not said.
pub fn factors(multiplier: &str, divisor: &str) -> Option<(f64, f64)> {
    let number = |text: &str| if text.is_empty() { Some(1.0) } else { decimal(text) };
    let (multiplier, divisor) = (number(multiplier)?, number(divisor)?.abs());
    (divisor > 0.0).then_some((multiplier, divisor))
}
