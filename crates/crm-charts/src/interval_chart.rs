//! Estimates with their intervals, one row per name.

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::legend::dots;
use crate::mark::{Anchor, Area, label, line, with_tooltip};
use crate::number::{value, with_unit};
use crate::picture::{INNER, PAD, Picture};
use crate::scale::Scale;
use crate::text::{BODY, width};
use crate::ticks::Ticks;
use crate::{Error, check};

/// Most rows that a reader can compare.
const MOST: usize = 40;
const ROW: f64 = 26.0;
/// The share of the picture that names may take.
const NAMES: f64 = 0.42;
const DOT: f64 = 8.0;
/// Half the height of the end of an interval.
const END: f64 = 4.0;

/// Compares estimates and how far each can be trusted, such as satisfaction by region: a dot with
/// the line of its interval in each row, in the order given, and a line where something is to be
/// compared with.
///
/// Where two intervals stay clear of each other the groups differ; where they overlap, they may or
/// may not.
///
/// ```
/// use crm_charts::IntervalChart;
///
/// let chart = IntervalChart::new(&["North", "South"], &[(0.91, 0.95, 0.99), (0.8, 0.84, 0.88)])?
///     .with_reference(1.0, "as expected")?
///     .with_value("Perceived over expected", "");
/// assert!(chart.to_svg().contains("<title>South: 0.84 (0.8 to 0.88)</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalChart {
    labels: Vec<String>,
    /// Lower limit, estimate, upper limit.
    rows: Vec<(f64, f64, f64)>,
    reference: Option<(f64, String)>,
    caption: Caption,
    value: Measure,
}

impl IntervalChart {
    /// Creates a chart with one row per label: lower limit, estimate, upper limit.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without labels, [`Error::TooMany`] for more than 40, [`Error::Length`] if
    /// there is not one row per label, [`Error::NotFinite`] and [`Error::OutOfRange`] for a number
    /// that is not finite or beyond ±1e300, [`Error::Decreasing`] for limits that leave the
    /// estimate out.
    ///
    /// ```
    /// use crm_charts::IntervalChart;
    ///
    /// assert_eq!(
    ///     IntervalChart::new(&["North"], &[(2.0, 1.0, 3.0)]).map_err(|error| error.to_string()),
    ///     Err("rows[0][1] must be at least the number before it, 2.0, got 1.0".to_owned()),
    /// );
    /// ```
    pub fn new(labels: &[impl AsRef<str>], rows: &[(f64, f64, f64)]) -> Result<Self, Error> {
        check::not_empty("labels", labels.len())?;
        check::at_most("labels", MOST, labels.len())?;
        check::length("rows", labels.len(), rows.len())?;
        for (index, &(low, estimate, high)) in rows.iter().enumerate() {
            let field = format!("rows[{index}]");
            check::each_within(&field, &[low, estimate, high], -check::LARGEST, check::LARGEST)?;
            check::ascending(&field, &[low, estimate, high], false)?;
        }
        Ok(Self {
            labels: labels.iter().map(|label| label.as_ref().to_owned()).collect(),
            rows: rows.to_vec(),
            reference: None,
            caption: Caption::new("Estimates with their intervals"),
            value: Measure::new("", ""),
        })
    }

    /// Adds a reference line with its label.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] for a number that is not finite or beyond
    /// ±1e300.
    ///
    /// ```
    /// use crm_charts::IntervalChart;
    ///
    /// let chart = IntervalChart::new(&["North"], &[(1.0, 2.0, 3.0)])?.with_reference(0.0, "no change")?;
    /// assert!(chart.to_svg().contains(">no change</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_reference(mut self, at: f64, what: &str) -> Result<Self, Error> {
        check::number("reference", at)?;
        self.reference = Some((at, what.to_owned()));
        Ok(self)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let ends = self.rows.iter().flat_map(|&(low, _, high)| [low, high]);
        let ends = ends.chain(self.reference.iter().map(|(at, _)| *at));
        let (low, high) = ends.fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end)));
        let ticks = Ticks::covering(low, high, 5);
        let names = self.labels.iter().map(|label| width(label, BODY)).fold(0.0, f64::max).min(NAMES * INNER);
        let x = PAD + names + 14.0;
        picture.top += if self.reference.is_some() { 18.0 } else { 2.0 };
        let height = self.rows.len() as f64 * ROW;
        let area = Area { x, y: picture.top, width: PAD + INNER - 12.0 - x, height };
        let scale = Scale::linear(ticks.low(), ticks.high(), area.x, area.right());
        let labeled: Vec<(f64, String)> =
            ticks.labeled().into_iter().map(|(value, label)| (scale.at(value), label)).collect();
        for (at, _) in &labeled {
            picture.add(line("crm-grid", (*at, area.y), (*at, area.bottom())));
        }
        if let Some((at, what)) = &self.reference {
            let at = scale.at(*at);
            picture.add(line("crm-mark", (at, area.y), (at, area.bottom())));
            let center = axis::center(at, what);
            picture.add(label("crm-muted", (center, area.y - 6.0), Anchor::Middle, what, BODY, INNER));
        }
        for (index, (name, &(low, estimate, high))) in self.labels.iter().zip(&self.rows).enumerate() {
            let y = area.y + (index as f64 + 0.5) * ROW;
            picture.add(label("crm-text", (x - 10.0, y + 0.36 * BODY), Anchor::End, name, BODY, names));
            let number = |number: f64| with_unit(&value(number), &self.value.unit);
            let tooltip = format!("{name}: {} ({} to {})", number(estimate), number(low), number(high));
            let (from, to) = (scale.at(low), scale.at(high));
            let class = "crm-line crm-series-1";
            picture.add(with_tooltip(line(class, (from, y), (to, y)), &tooltip));
            for end in [from, to] {
                picture.add(line(class, (end, y - END), (end, y + END)));
            }
            dots(picture, &[(scale.at(estimate), y)], DOT);
        }
        axis::base(picture, area);
        axis::horizontal(picture, &labeled, area);
        axis::heading(picture, &self.value.heading(), area);
        let each = self.labels.iter().zip(&self.rows).take(12).map(|(name, &(low, estimate, high))| {
            format!("{name} {} ({} to {})", value(estimate), value(low), value(high))
        });
        let list = each.collect::<Vec<_>>().join(", ");
        let more = if self.rows.len() > 12 { ", and more" } else { "" };
        let heading = self.value.heading();
        let what = if heading.is_empty() { String::new() } else { format!(", {heading}") };
        format!("Estimates with intervals{what}: {list}{more}.")
    }
}

chart!(
    IntervalChart,
    "IntervalChart::new(&[\"North\"], &[(1.0, 2.0, 3.0)])?",
    with_value(value) "what is estimated",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_estimate_without_width_is_drawn() {
        let svg = IntervalChart::new(&["all"], &[(0.0, 0.0, 0.0)]).expect("valid").to_svg();
        assert!(svg.contains("<title>all: 0 (0 to 0)</title>"));
    }

    #[test]
    fn more_rows_than_can_be_compared_are_refused() {
        let error = IntervalChart::new(&vec!["a"; 41], &vec![(0.0, 1.0, 2.0); 41]).expect_err("refused");
        assert_eq!(error.to_string(), "expected at most 40 items in labels, got 41");
    }
}
