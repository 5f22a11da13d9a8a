//! How much of a plugin is listened to.

use crate::exposition::Labels;

/// Bounds of one report. What happens at each is said beside it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest standard output. Of a longer one the whole lines within are read and the rest is counted in
    /// [`crate::Dropped::bytes`]; a text that is only whole as a whole (an exposition) is refused.
    pub output_bytes_max: usize,
    /// Most series. The first ones count; the others are counted in [`crate::Dropped::series`].
    pub series_max: usize,
    /// Most services. The first ones count; the others are counted in [`crate::Dropped::services`].
    pub services_max: usize,
    /// Most labels of a series. A line with more is rejected.
    pub labels_max: usize,
    /// Longest name of a metric or label. A line with a longer one is rejected.
    pub name_bytes_max: usize,
    /// Longest value of a label. A line with a longer one is rejected: cut, two could become the same.
    pub label_bytes_max: usize,
    /// Longest text of a service, help text and reason; the rest is cut.
    pub text_bytes_max: usize,
    /// Most rejected lines that are told one by one; all are counted.
    pub rejected_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            output_bytes_max: 4 << 20,
            series_max: 500,
            services_max: 100,
            labels_max: 30,
            name_bytes_max: 200,
            label_bytes_max: 1024,
            text_bytes_max: 4096,
            rejected_max: 20,
        }
    }
}

impl Limits {
    /// Why a series with this name and these labels is rejected, if it is.
    pub(crate) fn fit(&self, name: &str, labels: &Labels) -> Result<(), String> {
        let Limits { labels_max, name_bytes_max, label_bytes_max, .. } = *self;
        if labels.len() > labels_max {
            return Err(format!("{name} has more than {labels_max} labels"));
        }
        if labels
            .iter()
            .map(|(label, _)| label.as_str())
            .chain([name])
            .any(|name| name.len() > name_bytes_max)
        {
            return Err(format!("a name is longer than {name_bytes_max} bytes"));
        }
        match labels.iter().find(|(_, value)| value.len() > label_bytes_max) {
            Some((label, _)) => {
                Err(format!("the value of the label {label} is longer than {label_bytes_max} bytes"))
            }
            None => Ok(()),
        }
    }
}
