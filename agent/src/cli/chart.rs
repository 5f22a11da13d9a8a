//! Values beside their band, drawn with characters.

use hostward_model::number;

/// Rows of a chart.
const HEIGHT: usize = 8;
/// Columns that the scale at the left takes.
const SCALE: usize = 12;
/// Bounds of a chart's width.
const WIDTH_MIN: usize = 40;
const WIDTH_MAX: usize = 160;

/// One place on the time axis: lowest and highest value there, and the band.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Column {
    value: Option<(f64, f64)>,
    band: Option<(f64, f64)>,
}

/// The characters of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pen {
    inside: char,
    outside: char,
    band: char,
    axis: char,
}

impl Pen {
    /// With characters beyond ASCII.
    pub const UNICODE: Pen = Pen { inside: '•', outside: '█', band: '░', axis: '│' };
    /// Without.
    pub const ASCII: Pen = Pen { inside: '*', outside: '#', band: '.', axis: '|' };

    /// What the terminal can show, by its locale.
    pub fn of_locale() -> Self {
        let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os);
        let locale = set.map(|value| value.to_string_lossy().to_uppercase()).find(|value| !value.is_empty());
        let is_utf8 = locale.is_some_and(|value| value.contains("UTF-8") || value.contains("UTF8"));
        if is_utf8 { Pen::UNICODE } else { Pen::ASCII }
    }

    /// What its characters mean.
    pub fn key(&self) -> String {
        self.key_of("usual")
    }

    /// The same where the band is something else.
    pub fn key_of(&self, band: &str) -> String {
        format!("{} value   {} value outside   {} {band}", self.inside, self.outside, self.band)
    }
}

/// Columns that fit a terminal; what is not a terminal gets 80.
pub fn width() -> usize {
    let columns = terminal_size::terminal_size().map_or(80, |(columns, _)| usize::from(columns.0));
    columns.clamp(WIDTH_MIN, WIDTH_MAX) - SCALE - 2
}

/// Time, value, and what is usual then.
pub type Point = (f64, Option<f64>, Option<(f64, f64)>);

/// Puts points into so many columns of equal length.
pub fn columns(points: &[Point], width: usize) -> Vec<Column> {
    let mut columns = vec![Column::default(); width];
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let span = (last.0 - first.0).max(f64::MIN_POSITIVE);
    for (at, value, band) in points {
        let place = ((at - first.0) / span * (width - 1) as f64).round() as usize;
        let column = &mut columns[place.min(width - 1)];
        let value = value.filter(|value| value.is_finite()).map(|value| (value, value));
        column.value = join(column.value, value);
        column.band = join(column.band, band.filter(|(low, high)| low.is_finite() && high.is_finite()));
    }
    bridge(&mut columns);
    columns
}

fn join(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> Option<(f64, f64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// A band lasts until it is known again: points may be further apart than columns.
fn bridge(columns: &mut [Column]) {
    let mut last = None;
    for column in columns {
        column.band = column.band.or(last);
        last = column.band;
    }
}

/// Draws columns from the top down; nothing when there is nothing to draw.
pub fn draw(columns: &[Column], pen: Pen) -> String {
    let all = columns.iter().flat_map(|column| [column.value, column.band]).flatten();
    let Some((low, high)) = all.fold(None, |seen, own| join(seen, Some(own))) else { return String::new() };
    let step = ((high - low) / (HEIGHT - 1) as f64).max(f64::MIN_POSITIVE);
    let row = |value: f64| (((value - low) / step).round() as usize).min(HEIGHT - 1);
    let is_in = |row_: usize, range: Option<(f64, f64)>| {
        range.is_some_and(|(low, high)| (row(low)..=row(high)).contains(&row_))
    };
    let cell = |column: &Column, row_: usize| match (is_in(row_, column.value), is_in(row_, column.band)) {
        (true, false) if column.band.is_some() => pen.outside,
        (true, _) => pen.inside,
        (false, true) => pen.band,
        (false, false) => ' ',
    };
    let line = |row_: usize| {
        let scale = match row_ {
            0 => number::brief(low),
            row_ if row_ == HEIGHT - 1 => number::brief(high),
            _ => String::new(),
        };
        let cells: String = columns.iter().map(|column| cell(column, row_)).collect();
        format!("{scale:>SCALE$} {}{}\n", pen.axis, cells.trim_end())
    };
    (0..HEIGHT).rev().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    fn drawn(pen: Pen) -> String {
        let point = |at: u32| {
            let value = if at == 30 { 9.0 } else { f64::from(at % 5) };
            (f64::from(at), Some(value), Some((0.0, 4.0)))
        };
        draw(&columns(&(0..40).map(point).collect::<Vec<_>>(), 40), pen)
    }

    #[test]
    fn a_value_outside_of_its_band_stands_out() {
        expect![[r#"
              9 |                              #
                |
                |
                |
                |....*....*....*....*....*....*....*....*
                |..**...**...**...**...**...**...**...**.
                |.*....*....*....*....*....*....*....*...
              0 |*....*....*....*....*....*.........*....
        "#]]
        .assert_eq(
            &drawn(Pen::ASCII).lines().map(|line| line[SCALE - 1..].to_owned() + "\n").collect::<String>(),
        );
        assert_eq!(drawn(Pen::UNICODE).matches('█').count(), 1);
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        assert_eq!(draw(&columns(&[], 40), Pen::ASCII), "");
        assert_eq!(draw(&columns(&[(0.0, None, None)], 40), Pen::ASCII), "");
    }

    proptest! {
        #[test]
        fn any_numbers_are_drawn_within_the_width(
            points in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..50)
        ) {
            let points: Vec<_> = points
                .iter()
                .zip(0..)
                .map(|((value, low, high), at)| (f64::from(at), Some(*value), Some((*low, *high))))
                .collect();
            let text = draw(&columns(&points, 40), Pen::ASCII);
            prop_assert!(text.lines().all(|line| line.chars().count() <= 40 + 40 + SCALE));
        }
    }
}
