//! Histograms of values over customers.

use crate::axis;
use crate::bins::{self, Spacing};
use crate::caption::{Caption, Measure, chart};
use crate::mark::{Anchor, Area, label, line, rectangle, with_tooltip};
use crate::number::{count, edge, value, with_unit};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::text::{BODY, width};
use crate::ticks::Ticks;
use crate::{Error, check};

/// Most bins that a caller may give: a bar is then about two units wide.
const MOST: usize = 200;
/// The height of the plot.
const HEIGHT: f64 = 230.0;

/// Shows how a value is distributed: how many customers are worth how much, with marks at the mean
/// and the median.
///
/// From the values themselves, bins follow the rule of Freedman and Diaconis (1981), 2 · (q₃ − q₁)
/// / ∛n, with the width rounded up to 1, 2 or 5 times a power of ten and at most about 40 bins; if
/// both quartiles are equal, a tenth of the range is taken. With [`Spacing::Logarithmic`] the same
/// rule is applied to the decimal logarithms. A value on an edge counts in the bin above it.
///
/// The height of a bar is the count in its bin, also where given bins differ in width.
///
/// ```
/// use crm_charts::{Histogram, Spacing};
///
/// // Quartiles 2.25 and 4.75, so a width of 2 · 2.5 / ∛6 = 2.75, rounded up to 5.
/// let chart = Histogram::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 9.0], Spacing::Linear)?.with_x_axis("Value", "£");
/// assert!(chart.to_svg().contains("<title>£0 to £5: 4</title>"));
/// assert!(chart.to_svg().contains(">mean £4</text>"));
/// assert!(chart.to_svg().contains(">median £3.5</text>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    spacing: Spacing,
    edges: Vec<f64>,
    counts: Vec<u64>,
    mean: Option<f64>,
    median: Option<f64>,
    caption: Caption,
    x: Measure,
    y: Measure,
}

impl Histogram {
    /// Creates the histogram of values, with computed bins and marks for mean and median.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without values, [`Error::NotFinite`] and [`Error::OutOfRange`] for a value
    /// that is not finite or beyond ±1e300, or below 1e-300 where the spacing is logarithmic.
    ///
    /// ```
    /// use crm_charts::{Histogram, Spacing};
    ///
    /// let refused = Histogram::new(&[10.0, 0.0], Spacing::Logarithmic);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()),
    ///     Err("values[1] must be at least 1e-300, got 0.0".to_owned()),
    /// );
    /// ```
    pub fn new(values: &[f64], spacing: Spacing) -> Result<Self, Error> {
        check::not_empty("values", values.len())?;
        check::each_within("values", values, least(spacing), check::LARGEST)?;
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let edges = bins::edges(&sorted, spacing);
        let counts = bins::counts(&sorted, &edges);
        let (low, high) = (bins::quantile(&sorted, 0.0), bins::quantile(&sorted, 1.0));
        // Each part is divided first, because the sum of large values may not be finite.
        let mean = sorted.iter().map(|value| value / sorted.len() as f64).sum::<f64>().clamp(low, high);
        let median = bins::quantile(&sorted, 0.5);
        Ok(Self { mean: Some(mean), median: Some(median), ..Self::unmarked(edges, counts, spacing) })
    }

    /// Creates the histogram of counted bins: one more edge than counts, in ascending order. It has
    /// no marks until [`Histogram::with_mean`] and [`Histogram::with_median`] set them.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without counts, [`Error::TooMany`] beyond 200, [`Error::Length`] if there
    /// is not one edge more than there are counts, [`Error::NotFinite`], [`Error::OutOfRange`] and
    /// [`Error::Decreasing`] for an edge that is not finite, beyond ±1e300 (below 1e-300 where the
    /// spacing is logarithmic) or not above the edge before it.
    ///
    /// ```
    /// use crm_charts::{Histogram, Spacing};
    ///
    /// let chart = Histogram::from_bins(&[0.0, 10.0, 50.0], &[7, 2], Spacing::Linear)?;
    /// assert!(chart.to_svg().contains("<title>10 to 50: 2</title>"));
    /// assert!(Histogram::from_bins(&[0.0, 10.0], &[7, 2], Spacing::Linear).is_err());
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn from_bins(edges: &[f64], counts: &[u64], spacing: Spacing) -> Result<Self, Error> {
        check::not_empty("counts", counts.len())?;
        check::at_most("counts", MOST, counts.len())?;
        check::length("edges", counts.len() + 1, edges.len())?;
        check::each_within("edges", edges, least(spacing), check::LARGEST)?;
        check::ascending("edges", edges, true)?;
        Ok(Self::unmarked(edges.to_vec(), counts.to_vec(), spacing))
    }

    fn unmarked(edges: Vec<f64>, counts: Vec<u64>, spacing: Spacing) -> Self {
        Self {
            spacing,
            edges,
            counts,
            mean: None,
            median: None,
            caption: Caption::new("Distribution of values"),
            x: Measure::new("Value", ""),
            y: Measure::new("Customers", ""),
        }
    }

    /// Marks the mean, where only bins are known.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] if the mean is not within the bins.
    ///
    /// ```
    /// use crm_charts::{Histogram, Spacing};
    ///
    /// let chart = Histogram::from_bins(&[0.0, 10.0], &[7], Spacing::Linear)?;
    /// assert!(chart.clone().with_mean(4.5)?.to_svg().contains(">mean 4.5</text>"));
    /// assert!(chart.with_mean(11.0).is_err());
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_mean(mut self, mean: f64) -> Result<Self, Error> {
        let (low, high) = self.ends();
        check::within("mean", mean, low, high)?;
        self.mean = Some(mean);
        Ok(self)
    }

    /// Marks the median, where only bins are known.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] if the median is not within the bins.
    ///
    /// ```
    /// use crm_charts::{Histogram, Spacing};
    ///
    /// let chart = Histogram::from_bins(&[0.0, 10.0], &[7], Spacing::Linear)?.with_median(3.0)?;
    /// assert!(chart.to_svg().contains(">median 3</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_median(mut self, median: f64) -> Result<Self, Error> {
        let (low, high) = self.ends();
        check::within("median", median, low, high)?;
        self.median = Some(median);
        Ok(self)
    }

    fn ends(&self) -> (f64, f64) {
        (self.edges.first().copied().unwrap_or(0.0), self.edges.last().copied().unwrap_or(1.0))
    }

    fn draw(&self, picture: &mut Picture) -> String {
        picture.note(&self.y.heading());
        picture.top += 4.0;
        let marks = [("median", self.median), ("mean", self.mean)];
        let marks: Vec<(&str, f64)> =
            marks.into_iter().filter_map(|(name, mark)| Some((name, mark?))).collect();
        let above = picture.top;
        picture.top += marks.len() as f64 * (BODY + 4.0);

        let largest = self.counts.iter().copied().max().unwrap_or(0);
        let ticks = Ticks::covering_whole(0.0, largest as f64, 5);
        let up = ticks.labeled();
        let area = axis::plot(picture, up.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let y = Scale::linear(ticks.low(), ticks.high(), area.bottom(), area.y);
        let (low, high) = self.ends();
        let x = match self.spacing {
            Spacing::Linear => Scale::linear(low, high, area.x, area.right()),
            Spacing::Logarithmic => Scale::logarithmic(low, high, area.x, area.right()),
        };
        axis::vertical(picture, &up, y, area, true);
        let pairs = self.edges.iter().zip(self.edges.iter().skip(1));
        for ((&from, &to), &number) in pairs.zip(&self.counts) {
            let (left, right, top) = (x.at(from), x.at(to), y.at(number as f64));
            let gap = (0.12 * (right - left)).min(1.0);
            let bar = Area { x: left, y: top, width: right - left - gap, height: area.bottom() - top };
            let ends = [from, to].map(|end| with_unit(&edge(end), &self.x.unit)).join(" to ");
            let tooltip = format!("{ends}: {}", count(number));
            picture.add(with_tooltip(rectangle("crm-fill-1", bar), &tooltip));
        }
        axis::base(picture, area);
        for (row, &(name, mark)) in marks.iter().enumerate() {
            let top = above + row as f64 * (BODY + 4.0);
            let place = x.at(mark);
            let content = format!("{name} {}", self.with_unit(mark));
            let (left, right) = (place - 5.0 - area.x, area.right() - place - 5.0);
            let fits = right >= width(&content, BODY).min(left);
            let (anchor, shift, room) =
                if fits { (Anchor::Start, 5.0, right) } else { (Anchor::End, -5.0, left) };
            let (head, foot) = ((place, top + 1.0), (place, area.bottom()));
            picture.add(line("crm-ring crm-under", head, foot));
            picture.add(line("crm-mark", head, foot));
            picture.add(label("crm-text", (place + shift, top + BODY - 1.0), anchor, &content, BODY, room));
        }
        axis::horizontal(picture, &self.ticks(x), area);
        axis::heading(picture, &self.x.heading(), area);
        self.in_words()
    }

    fn with_unit(&self, number: f64) -> String {
        with_unit(&value(number), &self.x.unit)
    }

    /// The places and numbers along the horizontal axis. An axis too short for two round numbers
    /// shows its ends.
    fn ticks(&self, x: Scale) -> Vec<(f64, String)> {
        let (low, high) = self.ends();
        let placed = |ticks: Vec<(f64, String)>| {
            ticks.into_iter().map(|(value, label)| (x.at(value), label)).collect::<Vec<_>>()
        };
        let ticks = match self.spacing {
            Spacing::Linear => placed(Ticks::inside(low, high, 6).labeled()),
            Spacing::Logarithmic => {
                let fine = placed(logarithmic_ticks(low, high, &[1, 2, 5]));
                if axis::stride(&fine) == 1 { fine } else { placed(logarithmic_ticks(low, high, &[1])) }
            }
        };
        if ticks.len() > 1 { ticks } else { placed([low, high].map(|end| (end, value(end))).to_vec()) }
    }

    fn in_words(&self) -> String {
        let (low, high) = self.ends();
        let total = self.counts.iter().fold(0_u64, |total, &count| total.saturating_add(count));
        let mark = |name: &str, mark: Option<f64>| {
            mark.map_or(String::new(), |mark| format!(" The {name} is {}.", self.with_unit(mark)))
        };
        format!(
            "Histogram of {} {} in {} bins from {} to {}.{}{}",
            count(total),
            self.y.label.to_lowercase(),
            self.counts.len(),
            self.with_unit(low),
            self.with_unit(high),
            mark("median", self.median),
            mark("mean", self.mean),
        )
    }
}

/// The least value on an axis.
fn least(spacing: Spacing) -> f64 {
    match spacing {
        Spacing::Linear => -check::LARGEST,
        Spacing::Logarithmic => 1.0 / check::LARGEST,
    }
}

/// Multiples of powers of ten; within less than one power of ten, round numbers.
fn logarithmic_ticks(low: f64, high: f64, multiples: &[u32]) -> Vec<(f64, String)> {
    let (first, last) = (libm::log10(low), libm::log10(high));
    if last - first < 1.0 {
        return Ticks::inside(low, high, 5).labeled();
    }
    let powers = Ticks::inside_whole(first.floor(), last, 7).values();
    let all = powers.flat_map(|power| {
        multiples.iter().map(move |multiple| format!("{multiple}e{power:.0}").parse().unwrap_or(1.0))
    });
    let inside = all.filter(|tick: &f64| *tick >= low * (1.0 - 1e-9) && *tick <= high * (1.0 + 1e-9));
    inside.map(|tick| (tick, value(tick))).collect()
}

chart!(
    Histogram,
    "Histogram::new(&[1.0, 2.0, 4.0], Spacing::Linear)?",
    with_x_axis(x) "the value",
    with_y_axis(y) "what is counted",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_counts_in_powers_of_ten() {
        let labels = |low: f64, high: f64, multiples: &[u32]| {
            logarithmic_ticks(low, high, multiples).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(labels(0.1, 100_000.0, &[1]), ["0.1", "1", "10", "100", "1,000", "10,000", "100k"]);
        assert_eq!(labels(3.0, 300.0, &[1, 2, 5]), ["5", "10", "20", "50", "100", "200"]);
        assert_eq!(labels(10.0, 60.0, &[1]), ["10", "20", "30", "40", "50", "60"]);
        assert_eq!(
            labels(1e-300, 1e300, &[1]),
            ["1e-300", "1e-200", "1e-100", "1", "1e100", "1e200", "1e300"]
        );
    }

    #[test]
    fn multiples_of_powers_are_labeled_only_if_all_fit() {
        let ticks = |edges: &[f64]| {
            let counts = vec![1; edges.len() - 1];
            let chart = Histogram::from_bins(edges, &counts, Spacing::Logarithmic).expect("valid");
            let x = Scale::logarithmic(edges[0], edges[edges.len() - 1], 60.0, 424.0);
            chart.ticks(x).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(ticks(&[1.0, 10.0, 100.0]), ["1", "2", "5", "10", "20", "50", "100"]);
        assert_eq!(ticks(&[1.0, 1e3, 1e5]), ["1", "10", "100", "1,000", "10,000", "100k"]);
        assert_eq!(ticks(&[1e16, 1e16 + 2.0]), ["10P", "10P"]);
    }

    #[test]
    fn mean_and_median_are_those_of_the_values() {
        let chart = Histogram::new(&[1.0, 2.0, 9.0], Spacing::Linear).expect("valid");
        assert_eq!(chart.median, Some(2.0));
        assert!(chart.mean.is_some_and(|mean| (mean - 4.0).abs() < 1e-12));
        let alike = Histogram::new(&[0.1; 7], Spacing::Logarithmic).expect("valid");
        assert_eq!(alike.mean, Some(0.1));
    }

    #[test]
    fn refusals_name_the_field() {
        let error = |edges: &[f64], counts: &[u64]| {
            Histogram::from_bins(edges, counts, Spacing::Linear).expect_err("refused").to_string()
        };
        assert_eq!(error(&[0.0], &[]), "counts must not be empty");
        assert_eq!(error(&[0.0, 1.0], &[1, 2]), "expected 3 items in edges, got 2");
        assert_eq!(
            error(&[0.0, 1.0, 1.0], &[1, 2]),
            "edges[2] must be more than the number before it, 1.0, got 1.0"
        );
        assert_eq!(error(&[0.0, f64::INFINITY], &[1]), "edges[1] must be finite, got inf");
        assert_eq!(error(&vec![0.0; 202], &[1; 201]), "expected at most 200 items in counts, got 201");
        let mean = Histogram::from_bins(&[0.0, 1.0], &[1], Spacing::Linear).expect("valid").with_mean(1.5);
        assert_eq!(mean.expect_err("refused").to_string(), "mean must be between 0 and 1, got 1.5");
    }
}
