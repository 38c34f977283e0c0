//! Horizontal bars, one per name.

use crate::caption::{Caption, Measure, chart};
use crate::mark::{Anchor, Area, label, line, rectangle, with_tooltip};
use crate::number::{value, with_unit};
use crate::picture::{INNER, PAD, Picture};
use crate::scale::Scale;
use crate::text::{BODY, width};
use crate::{Error, check};

/// Most bars in one picture. What is beyond goes into one last bar.
const MOST: usize = 30;
/// From one bar to the next, and the height of a bar.
const ROW: f64 = 26.0;
const BAR: f64 = 17.0;
/// The share of the picture that names may take.
const NAMES: f64 = 0.42;

/// Compares one amount between named groups, such as the customers in each segment: one horizontal
/// bar each, in the order given, from zero.
///
/// At most 30 bars are drawn: of more, the first 29 and a last one, `471 others`, which holds the
/// sum of the rest.
///
/// ```
/// use crm_charts::BarChart;
///
/// let chart = BarChart::new(&["Loyal", "New", "Lost"], &[1200.0, 300.0, 4500.0])?
///     .with_title("Customers by segment")
///     .with_shares(&["20 %", "5 %", "75 %"])?;
/// assert!(chart.to_svg().contains(">1,200</text>"));
///
/// let many = BarChart::new(&["name"; 500], &[2.0; 500])?;
/// assert!(many.to_svg().contains("<title>471 others: 942</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BarChart {
    labels: Vec<String>,
    values: Vec<f64>,
    shares: Vec<String>,
    caption: Caption,
    value: Measure,
}

/// One bar as it is drawn.
struct Bar {
    label: String,
    value: f64,
    share: String,
}

impl BarChart {
    /// Creates a chart with one bar per label, from values of at least 0.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without labels, [`Error::Length`] if there is not one value per label,
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] for a value that is negative, not finite or
    /// beyond 1e300.
    ///
    /// ```
    /// use crm_charts::BarChart;
    ///
    /// assert_eq!(
    ///     BarChart::new(&["Loyal"], &[f64::NAN]).map_err(|error| error.to_string()),
    ///     Err("values[0] must be finite, got NaN".to_owned()),
    /// );
    /// ```
    pub fn new(labels: &[impl AsRef<str>], values: &[f64]) -> Result<Self, Error> {
        check::not_empty("labels", labels.len())?;
        check::length("values", labels.len(), values.len())?;
        check::amounts("values", values)?;
        Ok(Self {
            labels: labels.iter().map(|label| label.as_ref().to_owned()).collect(),
            values: values.to_vec(),
            shares: Vec::new(),
            caption: Caption::new("Bar chart"),
            value: Measure::new("", ""),
        })
    }

    /// Writes a text after each value, such as its share of the whole.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one text per bar.
    ///
    /// ```
    /// use crm_charts::BarChart;
    ///
    /// let chart = BarChart::new(&["Loyal"], &[3.0])?.with_shares(&["100 %"])?;
    /// assert!(chart.to_svg().contains(">100 %</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_shares(mut self, shares: &[impl AsRef<str>]) -> Result<Self, Error> {
        check::length("shares", self.labels.len(), shares.len())?;
        self.shares = shares.iter().map(|share| share.as_ref().to_owned()).collect();
        Ok(self)
    }

    /// The bars, the last one with all that there is no room for.
    fn bars(&self) -> Vec<Bar> {
        let drawn = if self.labels.len() > MOST { MOST - 1 } else { self.labels.len() };
        let shares = self.shares.iter().map(String::as_str).chain(std::iter::repeat(""));
        let each = self.labels.iter().zip(&self.values).zip(shares).take(drawn);
        let mut bars: Vec<Bar> = each
            .map(|((label, &value), share)| Bar { label: label.clone(), value, share: share.to_owned() })
            .collect();
        let others = self.labels.len() - drawn;
        if others > 0 {
            let value = self.values.iter().skip(drawn).sum();
            bars.push(Bar { label: format!("{others} others"), value, share: String::new() });
        }
        bars
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let bars = self.bars();
        let heading = self.value.heading();
        picture.note(&heading);
        picture.top += 2.0;

        let number = |bar: &Bar| with_unit(&value(bar.value), &self.value.unit);
        let widest = |texts: &dyn Fn(&Bar) -> String| {
            bars.iter().map(|bar| width(&texts(bar), BODY)).fold(0.0, f64::max)
        };
        let names = widest(&|bar| bar.label.clone()).min(NAMES * INNER);
        let shares = widest(&|bar| bar.share.clone()).min(0.2 * INNER);
        let share_room = if shares > 0.0 { shares + 10.0 } else { 0.0 };
        let numbers = widest(&number).min(0.25 * INNER);
        let start = PAD + names + 8.0;
        let end = (PAD + INNER - share_room - numbers - 8.0).max(start);
        let largest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let scale = Scale::linear(0.0, if largest > 0.0 { largest } else { 1.0 }, start, end);

        for (index, bar) in bars.iter().enumerate() {
            let y = picture.top + index as f64 * ROW;
            let base = y + ROW / 2.0 + 0.36 * BODY;
            let number = number(bar);
            let length = scale.at(bar.value) - start;
            let area = Area { x: start, y: y + (ROW - BAR) / 2.0, width: length, height: BAR };
            let share = if bar.share.is_empty() { String::new() } else { format!(" ({})", bar.share) };
            let tooltip = format!("{}: {number}{share}", bar.label);
            picture.add(label("crm-text", (PAD + names, base), Anchor::End, &bar.label, BODY, names));
            picture.add(with_tooltip(rectangle("crm-fill-1", area), &tooltip));
            picture.add(label(
                "crm-text",
                (start + length + 6.0, base),
                Anchor::Start,
                &number,
                BODY,
                numbers,
            ));
            if !bar.share.is_empty() {
                let at = (PAD + INNER, base);
                picture.add(label("crm-muted", at, Anchor::End, &bar.share, BODY, shares));
            }
        }
        let bottom = picture.top + bars.len() as f64 * ROW;
        picture.add(line("crm-axis", (start, picture.top), (start, bottom)));
        picture.top = bottom;

        let first = bars.iter().take(12).map(|bar| format!("{} {}", bar.label, number(bar)));
        let list = first.collect::<Vec<_>>().join(", ");
        let more = if bars.len() > 12 { ", and more" } else { "" };
        let what = if heading.is_empty() { "Bar chart".to_owned() } else { format!("Bar chart, {heading}") };
        format!("{what}: {list}{more}.")
    }
}

chart!(
    BarChart,
    "BarChart::new(&[\"Loyal\"], &[3.0])?",
    with_value(value) "what the bars measure",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(svg: &str) -> Vec<f64> {
        let bars = svg.split("<rect class=\"crm-fill-1\"").skip(1);
        let width = |bar: &str| bar.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
        bars.filter_map(width).collect()
    }

    #[test]
    fn a_bar_is_as_long_as_its_value() {
        let lengths = lengths(&BarChart::new(&["a", "b", "c"], &[10.0, 5.0, 0.0]).expect("valid").to_svg());
        assert!((lengths[0] - 2.0 * lengths[1]).abs() < 0.02 && lengths[2].abs() < 1e-9, "{lengths:?}");
    }

    #[test]
    fn zero_everywhere_draws_no_length() {
        assert_eq!(lengths(&BarChart::new(&["a", "b"], &[0.0, 0.0]).expect("valid").to_svg()), [0.0, 0.0]);
    }

    #[test]
    fn beyond_thirty_the_rest_is_one_bar() {
        let bars = |count: usize| BarChart::new(&vec!["a"; count], &vec![1.0; count]).expect("valid").bars();
        assert_eq!(bars(30).len(), 30);
        let many = bars(31);
        assert_eq!(many.len(), 30);
        let last = many.last().map(|bar| (bar.label.as_str(), bar.value));
        assert_eq!(last, Some(("2 others", 2.0)));
    }
}
