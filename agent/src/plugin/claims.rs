//! Which plugin a metric's name belongs to: the first that used it has it for as long as it is there.

use hostward_formats::exposition::Family;
use std::collections::HashMap;

/// Names and their owners.
#[derive(Debug, Default)]
pub struct Claims {
    owners: HashMap<String, &'static str>,
}

impl Claims {
    /// Takes the names of a family for a plugin, or says whose one of them is.
    pub fn take(&mut self, plugin: &'static str, family: &Family) -> Result<(), &'static str> {
        let names = || family.samples.iter().map(|sample| sample.name.as_str()).chain([family.name.as_str()]);
        if let Some(owner) = names().find_map(|name| self.owners.get(name).filter(|owner| **owner != plugin))
        {
            return Err(owner);
        }
        for name in names() {
            if !self.owners.contains_key(name) {
                self.owners.insert(name.to_owned(), plugin);
            }
        }
        Ok(())
    }

    /// The plugin is gone, and its names are free.
    pub fn release(&mut self, plugin: &str) {
        self.owners.retain(|_, owner| *owner != plugin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_formats::exposition::{Format, read};

    #[test]
    fn a_name_is_the_first_ones_until_it_goes() {
        let mut claims = Claims::default();
        let histogram = "# TYPE job_seconds histogram\njob_seconds_bucket{le=\"+Inf\"} 1\njob_seconds_sum 2\njob_seconds_count 1\n";
        let mut take = |plugin, text: &str| {
            let families = read(text, Format::Text).unwrap();
            families.iter().map(|family| claims.take(plugin, family)).collect::<Vec<_>>()
        };
        assert_eq!(take("a", histogram), [Ok(())]);
        assert_eq!(take("b", "job_seconds_count 5\n"), [Err("a")]);
        assert_eq!(take("b", "other 5\n"), [Ok(())]);
        claims.release("a");
        assert_eq!(claims.take("b", &read("job_seconds_count 5\n", Format::Text).unwrap()[0]), Ok(()));
    }
}
