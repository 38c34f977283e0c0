//! Flows between groups: two stacks with bands between them.

use svg::Node;

use crate::caption::{Caption, Measure, chart};
use crate::legend::{self, Swatch};
use crate::mark::{Anchor, Area, label, path, rectangle, text, with_tooltip};
use crate::number::{coordinate, value, with_unit};
use crate::picture::{INNER, LINE, PAD, Picture};
use crate::text::{BODY, width};
use crate::{Error, check};

/// Most groups on a side.
const MOST: usize = 20;
/// The height that all values share, the least room of a group, and the gap below it.
const HEIGHT: f64 = 250.0;
const LEAST: f64 = 16.0;
const GAP: f64 = 3.0;
/// The width of a stack, and the share of the picture that names on one side may take.
const STACK: f64 = 9.0;
const NAMES: f64 = 0.3;
/// Pieces that a band is drawn in.
const PIECES: u32 = 12;

/// Flows between the groups of two dates: a stack of groups on each side, and bands in proportion
/// to the flow, such as customers between ABC classes, or their revenue.
///
/// A band to the group of the same name has one color, all other bands another one.
///
/// ```
/// use crm_charts::Flows;
///
/// let chart = Flows::new(&["A", "B"], &["A", "B"], &[[30.0, 10.0], [5.0, 55.0]])?
///     .with_sides("2024", "2025")
///     .with_value("Customers", "");
/// assert!(chart.to_svg().contains("<title>A to B: 10</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    from: Vec<String>,
    to: Vec<String>,
    values: Vec<Vec<f64>>,
    sides: (String, String),
    caption: Caption,
    value: Measure,
}

/// A group in its stack.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    y: f64,
    height: f64,
    /// Start of the next band.
    next: f64,
}

impl Flows {
    /// Creates the chart from one value, at least 0, per group of the first date (rows) and group
    /// of the second (columns).
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without groups, [`Error::TooMany`] beyond 20 on a side, [`Error::Length`]
    /// if there is not one row of values per group with one value per group of the second date,
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] for a value that is negative, not finite or
    /// beyond 1e300.
    ///
    /// ```
    /// use crm_charts::Flows;
    ///
    /// let refused = Flows::new(&["A"], &["A", "B"], &[[1.0]]);
    /// assert_eq!(refused.map_err(|error| error.to_string()), Err("expected 2 items in values[0], got 1".to_owned()));
    /// ```
    pub fn new<R: AsRef<[f64]>>(
        from: &[impl AsRef<str>],
        to: &[impl AsRef<str>],
        values: &[R],
    ) -> Result<Self, Error> {
        for (field, got) in [("from", from.len()), ("to", to.len())] {
            check::not_empty(field, got)?;
            check::at_most(field, MOST, got)?;
        }
        check::length("values", from.len(), values.len())?;
        for (index, row) in values.iter().enumerate() {
            let field = format!("values[{index}]");
            check::length(&field, to.len(), row.as_ref().len())?;
            check::amounts(&field, row.as_ref())?;
        }
        Ok(Self {
            from: from.iter().map(|label| label.as_ref().to_owned()).collect(),
            to: to.iter().map(|label| label.as_ref().to_owned()).collect(),
            values: values.iter().map(|row| row.as_ref().to_vec()).collect(),
            sides: (String::new(), String::new()),
            caption: Caption::new("Who went where"),
            value: Measure::new("", ""),
        })
    }

    /// Names the two dates above their stacks.
    ///
    /// ```
    /// use crm_charts::Flows;
    ///
    /// let chart = Flows::new(&["A"], &["A"], &[[1.0]])?.with_sides("last year", "this year");
    /// assert!(chart.to_svg().contains(">last year</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn with_sides(mut self, from: &str, to: &str) -> Self {
        self.sides = (from.to_owned(), to.to_owned());
        self
    }

    /// Values as parts of the largest one, so that sums stay finite.
    fn parts(&self) -> Vec<Vec<f64>> {
        let largest = self.values.iter().flatten().copied().fold(0.0, f64::max);
        let part = |number: &f64| if largest > 0.0 { number / largest } else { 0.0 };
        self.values.iter().map(|row| row.iter().map(part).collect()).collect()
    }

    fn draw(&self, picture: &mut Picture) -> String {
        picture.note(&self.value.heading());
        picture.top += 2.0;
        let entries = [(1, "same group on both dates"), (2, "another group")];
        legend::rows(picture, &entries.map(|(series, words)| (Swatch::Fill(series), words.to_owned())));
        let widest = |names: &[String]| {
            names.iter().map(|name| width(name, BODY)).fold(0.0, f64::max).min(NAMES * INNER)
        };
        let (left_names, right_names) = (widest(&self.from), widest(&self.to));
        let left = PAD + left_names + 8.0;
        let right = PAD + INNER - right_names - 8.0 - STACK;
        if !(self.sides.0.trim().is_empty() && self.sides.1.trim().is_empty()) {
            let base = picture.top + BODY;
            picture.add(label("crm-strong", (PAD, base), Anchor::Start, &self.sides.0, BODY, 0.48 * INNER));
            picture.add(label(
                "crm-strong",
                (PAD + INNER, base),
                Anchor::End,
                &self.sides.1,
                BODY,
                0.48 * INNER,
            ));
            picture.top += LINE + 4.0;
        }
        let parts = self.parts();
        let total: f64 = parts.iter().flatten().sum();
        let scale = if total > 0.0 { HEIGHT / total } else { 0.0 };
        let mut starts = stack(picture.top, parts.iter().map(|row| row.iter().sum::<f64>() * scale));
        let column = |index: usize| parts.iter().filter_map(move |row| row.get(index)).sum::<f64>() * scale;
        let mut ends = stack(picture.top, (0..self.to.len()).map(column));
        for ((row, parts), (name, start)) in
            self.values.iter().zip(&parts).zip(self.from.iter().zip(&mut starts))
        {
            for ((&number, part), (other, end)) in row.iter().zip(parts).zip(self.to.iter().zip(&mut ends)) {
                let thick = part * scale;
                if number > 0.0 {
                    let data = band((left + STACK, start.next), (right, end.next), thick);
                    let mut element = path(if name == other { "crm-fill-1" } else { "crm-fill-2" }, &data);
                    element.assign("fill-opacity", ".45");
                    let shown = with_unit(&value(number), &self.value.unit);
                    picture.add(with_tooltip(element, &format!("{name} to {other}: {shown}")));
                }
                start.next += thick;
                end.next += thick;
            }
        }
        let bottom =
            starts.iter().chain(&ends).map(|place| place.y + place.height.max(LEAST)).fold(0.0, f64::max);
        for (name, place) in self.from.iter().zip(&starts) {
            draw_group(picture, name, *place, left, (left - 8.0, Anchor::End), left_names);
        }
        for (name, place) in self.to.iter().zip(&ends) {
            draw_group(picture, name, *place, right, (right + STACK + 8.0, Anchor::Start), right_names);
        }
        picture.top = bottom;
        self.in_words()
    }

    fn in_words(&self) -> String {
        let mut flows: Vec<(f64, String)> = Vec::new();
        for (name, row) in self.from.iter().zip(&self.values) {
            for (other, &number) in self.to.iter().zip(row) {
                if number > 0.0 {
                    let shown = with_unit(&value(number), &self.value.unit);
                    flows.push((number, format!("{name} to {other} {shown}")));
                }
            }
        }
        flows.sort_by(|one, other| other.0.total_cmp(&one.0));
        let list: Vec<&str> = flows.iter().take(12).map(|(_, words)| words.as_str()).collect();
        let more = if flows.len() > 12 { ", and smaller ones" } else { "" };
        let what = if self.value.heading().is_empty() { "Flows".to_owned() } else { self.value.heading() };
        let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        format!("{what} between groups, the largest first: {list}{more}.")
    }
}

/// Groups one below the other, each with room for its name.
fn stack(top: f64, heights: impl Iterator<Item = f64>) -> Vec<Place> {
    let mut y = top;
    heights
        .map(|height| {
            let place = Place { y, height, next: y };
            y += height.max(LEAST) + GAP;
            place
        })
        .collect()
}

fn draw_group(
    picture: &mut Picture,
    name: &str,
    place: Place,
    x: f64,
    (at, anchor): (f64, Anchor),
    room: f64,
) {
    if place.height > 0.0 {
        let area = Area { x, y: place.y, width: STACK, height: place.height };
        picture.add(rectangle("crm-fill-0", area));
    }
    let base = place.y + place.height.max(LEAST).min(place.height + LEAST) / 2.0;
    let shown = crate::text::fitted(&crate::text::clean(name), BODY, room);
    let element = text("crm-text", (at, base + 0.36 * BODY), anchor, &shown);
    picture.add(if shown == crate::text::clean(name) { element } else { with_tooltip(element, name) });
}

/// A band that leaves and arrives level.
fn band((from_x, from_y): (f64, f64), (to_x, to_y): (f64, f64), thick: f64) -> String {
    let point = |step: u32| {
        let part = f64::from(step) / f64::from(PIECES);
        let eased = part * part * (3.0 - 2.0 * part);
        (from_x + part * (to_x - from_x), from_y + eased * (to_y - from_y))
    };
    let above = (0..=PIECES).map(point);
    let below = (0..=PIECES).rev().map(point).map(|(x, y)| (x, y + thick));
    let mut data = String::new();
    for (index, (x, y)) in above.chain(below).enumerate() {
        data += &format!("{}{} {}", if index == 0 { "M" } else { "L" }, coordinate(x), coordinate(y));
    }
    data + "Z"
}

chart!(
    Flows,
    "Flows::new(&[\"A\"], &[\"A\"], &[[2.0]])?",
    with_value(value) "what flows",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_as_thick_as_their_values() {
        let svg = Flows::new(&["A", "B"], &["A", "B"], &[[30.0, 10.0], [0.0, 60.0]]).expect("valid").to_svg();
        let thick = |name: &str| -> f64 {
            let data =
                svg.split("<path ").find(|path| path.contains(&format!("<title>{name}:"))).unwrap_or("");
            let data = data.split(" d=\"M").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
            let y = |point: &str| {
                point.split(' ').nth(1).and_then(|y| y.trim_end_matches('Z').parse::<f64>().ok())
            };
            let points: Vec<&str> = data.split('L').collect();
            points.last().and_then(|last| y(last)).unwrap_or(0.0)
                - points.first().and_then(|first| y(first)).unwrap_or(0.0)
        };
        assert!((thick("A to A") - 0.3 * HEIGHT).abs() < 0.05, "{}", thick("A to A"));
        assert!((thick("A to B") - 0.1 * HEIGHT).abs() < 0.05 && !svg.contains("B to A:"));
    }

    #[test]
    fn nothing_flows_and_that_is_said() {
        let svg = Flows::new(&["A"], &["B"], &[[0.0]]).expect("valid").to_svg();
        assert!(svg.contains("the largest first: none."), "{svg}");
    }

    #[test]
    fn refusals_name_the_cell() {
        let text = |values: &[[f64; 1]]| Flows::new(&["A"], &["B"], values).expect_err("refused").to_string();
        assert_eq!(text(&[[-1.0]]), "values[0][0] must be at least 0, got -1.0");
        assert_eq!(text(&[]), "expected 1 items in values, got 0");
        let many = Flows::new(&["A"; 21], &["B"], &[[1.0]; 21]).expect_err("refused").to_string();
        assert_eq!(many, "expected at most 20 items in from, got 21");
    }
}
