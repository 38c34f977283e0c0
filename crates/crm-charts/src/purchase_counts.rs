//! How many customers bought how often, and how many a model expects to.

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::legend::{self, Swatch};
use crate::mark::{Area, rectangle, with_tooltip};
use crate::number::{count, value};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::ticks::Ticks;
use crate::{Error, check};

/// Most groups of bars: on a phone there is room for no more.
const MOST: usize = 12;
/// The height of the plot.
const HEIGHT: f64 = 240.0;
/// The part of the room of a group that its two bars take.
const FILLED: f64 = 0.76;

/// Shows whether a model gets the purchase counts right: for each number of purchases, how many
/// customers made so many, and how many the model expects to.
///
/// Fader, Hardie and Lee (2005), Marketing Science 24(2), 275–284, judge the BG/NBD model by this
/// chart.
///
/// At most 12 groups are drawn: of more, 0 to 10 and a last one, `11+`, with the sums of the rest.
///
/// ```
/// use crm_charts::PurchaseCounts;
///
/// // 60 customers bought nothing, 30 once, 10 twice or more.
/// let chart = PurchaseCounts::new(&[60, 30, 10], &[58.5, 32.0, 9.5])?.with_open_end();
/// assert!(chart.to_svg().contains("<title>2+: actual 10, expected 9.5</title>"));
///
/// let many = PurchaseCounts::new(&[1; 40], &[0.5; 40])?;
/// assert!(many.to_svg().contains("<title>11+: actual 29, expected 14.5</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PurchaseCounts {
    actual: Vec<u64>,
    expected: Vec<f64>,
    open: bool,
    caption: Caption,
    x: Measure,
    y: Measure,
}

impl PurchaseCounts {
    /// Creates the chart from the numbers of customers with 0, 1, 2, … purchases, counted and
    /// expected.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without counts, [`Error::Length`] if there is not one expectation per
    /// count, [`Error::NotFinite`] and [`Error::OutOfRange`] for an expectation that is not between
    /// 0 and 1e300.
    ///
    /// ```
    /// use crm_charts::PurchaseCounts;
    ///
    /// assert_eq!(
    ///     PurchaseCounts::new(&[60, 30], &[61.0, -0.5]).map_err(|error| error.to_string()),
    ///     Err("expected[1] must be at least 0, got -0.5".to_owned()),
    /// );
    /// ```
    pub fn new(actual: &[u64], expected: &[f64]) -> Result<Self, Error> {
        check::not_empty("actual", actual.len())?;
        check::length("expected", actual.len(), expected.len())?;
        check::amounts("expected", expected)?;
        Ok(Self {
            actual: actual.to_vec(),
            expected: expected.to_vec(),
            open: false,
            caption: Caption::new("Actual and expected purchases"),
            x: Measure::new("Purchases", ""),
            y: Measure::new("Customers", ""),
        })
    }

    /// Says that the last number counts all who bought that often or more, and labels it so: `7+`.
    ///
    /// ```
    /// use crm_charts::PurchaseCounts;
    ///
    /// let chart = PurchaseCounts::new(&[60, 40], &[58.0, 42.0])?;
    /// assert!(!chart.to_svg().contains(">1+</text>"));
    /// assert!(chart.with_open_end().to_svg().contains(">1+</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn with_open_end(mut self) -> Self {
        self.open = true;
        self
    }

    /// Label, actual and expected number of each group, the last one with all that there is no room
    /// for.
    fn groups(&self) -> Vec<(String, u64, f64)> {
        let shown = if self.actual.len() > MOST { MOST - 1 } else { self.actual.len() };
        let pairs = || self.actual.iter().copied().zip(self.expected.iter().copied());
        let mut groups: Vec<(String, u64, f64)> = pairs()
            .take(shown)
            .enumerate()
            .map(|(purchases, (actual, expected))| (purchases.to_string(), actual, expected))
            .collect();
        if shown < self.actual.len() {
            let rest = pairs().skip(shown);
            let (actual, expected) = rest.fold((0_u64, 0.0), |(actual, expected), (one, other)| {
                (actual.saturating_add(one), expected + other)
            });
            groups.push((format!("{shown}+"), actual, expected));
        } else if let Some((label, ..)) = groups.last_mut().filter(|_| self.open) {
            label.push('+');
        }
        groups
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let groups = self.groups();
        let key = [(Swatch::Fill(1), "actual".to_owned()), (Swatch::Fill(2), "expected".to_owned())];
        legend::rows(picture, &key);
        picture.note(&self.y.heading());
        picture.top += 9.0;

        let largest =
            groups.iter().map(|(_, actual, expected)| expected.max(*actual as f64)).fold(0.0, f64::max);
        let ticks = Ticks::covering_whole(0.0, largest, 5);
        let up = ticks.labeled();
        let area = axis::plot(picture, up.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let y = Scale::linear(ticks.low(), ticks.high(), area.bottom(), area.y);
        axis::vertical(picture, &up, y, area, true);
        let group = area.width / groups.len() as f64;
        let bar = (group * FILLED / 2.0).min(36.0);
        for (index, (label, actual, expected)) in groups.iter().enumerate() {
            let middle = area.x + (index as f64 + 0.5) * group;
            let tooltip = format!("{label}: actual {}, expected {}", count(*actual), value(*expected));
            for (series, x, height) in [(1, middle - bar, *actual as f64), (2, middle, *expected)] {
                let top = y.at(height);
                let bar = Area { x, y: top, width: bar - 0.5, height: area.bottom() - top };
                picture.add(with_tooltip(rectangle(&format!("crm-fill-{series}"), bar), &tooltip));
            }
        }
        axis::base(picture, area);
        let labels: Vec<String> = groups.iter().map(|(label, ..)| label.clone()).collect();
        axis::bands(picture, &labels, area);
        axis::heading(picture, &self.x.heading(), area);

        let list = groups
            .iter()
            .map(|(label, actual, expected)| format!("{label}: {} and {}", count(*actual), value(*expected)));
        let list = list.collect::<Vec<_>>().join("; ");
        format!("{} by number of purchases, actual and expected. {list}.", self.y.label)
    }
}

chart!(
    PurchaseCounts,
    "PurchaseCounts::new(&[3, 1], &[2.5, 1.5])?",
    with_x_axis(x) "what was counted",
    with_y_axis(y) "who was counted",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(count: usize, open: bool) -> Vec<(String, u64, f64)> {
        let chart = PurchaseCounts::new(&vec![2; count], &vec![1.5; count]).expect("valid");
        if open { chart.with_open_end().groups() } else { chart.groups() }
    }

    #[test]
    fn the_tail_is_summed_beyond_twelve_groups() {
        assert_eq!(groups(12, false).last().map(|group| group.0.as_str()), Some("11"));
        assert_eq!(groups(12, true).last().map(|group| group.0.as_str()), Some("11+"));
        let many = groups(500, true);
        assert_eq!(many.len(), 12);
        assert_eq!(many.last(), Some(&("11+".to_owned(), 978, 733.5)));
    }

    #[test]
    fn zero_everywhere_and_the_largest_counts_draw() {
        for (actual, expected) in [(0, 0.0), (u64::MAX, 1e300), (1, 1e-300)] {
            let svg = PurchaseCounts::new(&[actual; 20], &[expected; 20]).expect("valid").to_svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
