//! Pictures of an audit, as SVG that stands in the page. Each says in words what it shows.

use super::super::outside::escaped;
use std::fmt::Write;

/// A part of a whole: its class of colour, what it is, and how much.
pub type Part<'t> = (&'static str, &'t str, usize);

/// Around which the ring's length is 100.
const RADIUS: f64 = 15.915_494;
const BAR_WIDTH: f64 = 260.0;
const ROW_HEIGHT: usize = 22;

/// A ring of the shares of its parts, with a text in its middle.
pub fn ring(parts: &[Part<'_>], middle: &str, about: &str) -> String {
    let total: usize = parts.iter().map(|(.., count)| count).sum();
    let mut out = format!(
        "<svg width=\"150\" height=\"150\" viewBox=\"0 0 42 42\" role=\"img\" aria-label=\"{}\">",
        escaped(about)
    );
    let mut begun = 0.0;
    for (colour, name, count) in parts.iter().filter(|(.., count)| *count > 0) {
        let share = share(*count, total) * 100.0;
        // A ring begins on the right, and goes round as a clock does.
        let _ = write!(
            out,
            "<circle class=\"ring c-{colour}\" cx=\"21\" cy=\"21\" r=\"{RADIUS}\" stroke-width=\"6\" \
             stroke-dasharray=\"{share:.3} {:.3}\" stroke-dashoffset=\"{:.3}\"><title>{}: {count}</title></circle>",
            100.0 - share,
            25.0 - begun,
            escaped(name)
        );
        begun += share;
    }
    let _ = write!(
        out,
        "<text x=\"21\" y=\"23.5\" text-anchor=\"middle\" style=\"font-size:7px;font-weight:600\">{}</text></svg>",
        escaped(middle)
    );
    out
}

/// A bar of the shares of its parts.
pub fn bar(parts: &[Part<'_>], about: &str) -> String {
    let total: usize = parts.iter().map(|(.., count)| count).sum();
    let mut out = format!(
        "<svg width=\"{BAR_WIDTH}\" height=\"14\" viewBox=\"0 0 {BAR_WIDTH} 14\" role=\"img\" aria-label=\"{}\">",
        escaped(about)
    );
    let mut x = 0.0;
    for (colour, name, count) in parts.iter().filter(|(.., count)| *count > 0) {
        let width = share(*count, total) * BAR_WIDTH;
        let _ = write!(
            out,
            "<rect class=\"bar c-{colour}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"14\"><title>{}: {count}</title></rect>",
            escaped(name)
        );
        x += width;
    }
    out.push_str("</svg>");
    out
}

/// Rows of counts, each a bar as long as it is large.
pub fn rows(rows: &[(String, usize)], colour: &str, about: &str) -> String {
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let height = rows.len() * ROW_HEIGHT;
    let mut out = format!(
        "<svg width=\"100%\" viewBox=\"0 0 400 {height}\" style=\"max-width:26rem\" role=\"img\" aria-label=\"{}\">",
        escaped(about)
    );
    for (place, (name, count)) in rows.iter().enumerate() {
        let (y, width) = (place * ROW_HEIGHT, share(*count, most) * 260.0);
        let _ = write!(
            out,
            "<text x=\"80\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"bar c-{colour}\" x=\"88\" y=\"{}\" \
             width=\"{width:.1}\" height=\"14\" rx=\"2\"/><text x=\"{:.1}\" y=\"{}\">{count}</text>",
            y + 15,
            escaped(name),
            y + 4,
            94.0 + width,
            y + 15
        );
    }
    out.push_str("</svg>");
    out
}

/// A small square of a colour, for a legend.
pub fn swatch(colour: &str) -> String {
    format!(
        "<svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"bar c-{colour}\" width=\"12\" height=\"12\" rx=\"2\"/></svg>"
    )
}

fn share(count: usize, total: usize) -> f64 {
    if total == 0 { 0.0 } else { count as f64 / total as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_whole() {
        let parts = [("pass", "a", 1), ("fail", "<b>", 3), ("grey", "none", 0)];
        let bar = bar(&parts, "x");
        assert!(
            bar.contains("x=\"0.00\" y=\"0\" width=\"65.00\"")
                && bar.contains("x=\"65.00\" y=\"0\" width=\"195.00\"")
        );
        assert!(bar.contains("&lt;b&gt;: 3") && !bar.contains("none"));
        assert_eq!(ring(&parts, "25 %", "x").matches("<circle").count(), 2);
        assert!(!ring(&[], "", "").contains("NaN"));
    }

    #[test]
    fn rows_are_as_long_as_they_are_large() {
        let rows = rows(&[("ssh".to_owned(), 4), ("fw".to_owned(), 1)], "fail", "x");
        assert!(
            rows.contains("width=\"260.0\"")
                && rows.contains("width=\"65.0\"")
                && rows.contains("0 0 400 44")
        );
    }
}
