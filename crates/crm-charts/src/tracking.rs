//! Purchases over time, as they happened and as models expected them.

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::color::SERIES;
use crate::legend::{self, Swatch};
use crate::mark::{Anchor, Area, circle, line, path, polyline, text};
use crate::number::value;
use crate::picture::Picture;
use crate::scale::Scale;
use crate::text::{BODY, width};
use crate::ticks::Ticks;
use crate::{Error, check};

/// The height of the plot.
const HEIGHT: f64 = 250.0;
/// Most models: as many colors and line patterns can be told apart.
const MOST_MODELS: usize = SERIES - 1;
/// A line is drawn through at most two points for each of so many columns.
const COLUMNS: usize = 450;

/// The meaning of the numbers in a [`Tracking`] chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Purchases since the start, up to each period: a number is never below the one before it.
    Cumulative,
    /// Purchases within each period.
    Incremental,
}

/// Shows whether a model keeps up with what customers did after it was fitted: actual purchases
/// over time against those of one or more models, with a mark where calibration ends and the
/// forecast begins.
///
/// Fader, Hardie and Lee (2005), Marketing Science 24(2), 275–284, judge the BG/NBD model by both
/// views.
///
/// The numbers are drawn as they are given, one per period; [`View`] says whether they are running
/// totals or the purchases of each period. The actual line may end before those of the models,
/// where the future begins. Each line has its own color and its own pattern. A line of more than
/// 900 points keeps the lowest and the highest of each stretch.
///
/// ```
/// use crm_charts::{Tracking, View};
///
/// let model = ("BG/NBD", [9.0, 17.5, 25.5, 32.5]);
/// let chart = Tracking::new(View::Cumulative, &[10.0, 18.0, 25.0, 31.0], &[model])?
///     .with_x_axis("Week", "")
///     .with_calibration_end(2)?;
/// assert!(chart.to_svg().contains(">calibration ends</text>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tracking {
    view: View,
    /// The actual numbers and then those of each model, with their names.
    series: Vec<(String, Vec<f64>)>,
    periods: usize,
    labels: Vec<String>,
    calibration_end: Option<usize>,
    caption: Caption,
    x: Measure,
    y: Measure,
}

impl Tracking {
    /// Creates the chart from the actual numbers of the periods 1, 2, … and those of each model
    /// under its name.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without actual numbers or models, [`Error::TooMany`] beyond four models or
    /// if there are more actual numbers than the models have, [`Error::Length`] if a model has not
    /// as many numbers as the first, [`Error::NotFinite`] and [`Error::OutOfRange`] for a number
    /// that is not between 0 and 1e300, [`Error::Decreasing`] for a running total that falls.
    ///
    /// ```
    /// use crm_charts::{Tracking, View};
    ///
    /// let refused = Tracking::new(View::Cumulative, &[10.0, 8.0], &[("BG/NBD", &[9.0, 17.5])]);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()),
    ///     Err("actual[1] must be at least the number before it, 10.0, got 8.0".to_owned()),
    /// );
    /// ```
    pub fn new(
        view: View,
        actual: &[f64],
        models: &[(impl AsRef<str>, impl AsRef<[f64]>)],
    ) -> Result<Self, Error> {
        check::not_empty("actual", actual.len())?;
        check::not_empty("models", models.len())?;
        check::at_most("models", MOST_MODELS, models.len())?;
        let periods = models.first().map_or(0, |(_, numbers)| numbers.as_ref().len());
        check::at_most("actual", periods, actual.len())?;
        let mut series = vec![("actual".to_owned(), actual.to_vec())];
        for (index, (name, numbers)) in models.iter().enumerate() {
            check::length(&format!("models[{index}]"), periods, numbers.as_ref().len())?;
            series.push((name.as_ref().to_owned(), numbers.as_ref().to_vec()));
        }
        for (index, (_, numbers)) in series.iter().enumerate() {
            let field = index.checked_sub(1).map_or("actual".to_owned(), |model| format!("models[{model}]"));
            check::amounts(&field, numbers)?;
            if view == View::Cumulative {
                check::ascending(&field, numbers, false)?;
            }
        }
        let (title, label) = match view {
            View::Cumulative => ("Purchases up to each period", "Cumulative purchases"),
            View::Incremental => ("Purchases in each period", "Purchases per period"),
        };
        Ok(Self {
            view,
            series,
            periods,
            labels: Vec::new(),
            calibration_end: None,
            caption: Caption::new(title),
            x: Measure::new("Period", ""),
            y: Measure::new(label, ""),
        })
    }

    /// Writes names, such as dates, at the periods instead of their numbers; as many as there is
    /// room for.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one label per period of the models.
    ///
    /// ```
    /// use crm_charts::{Tracking, View};
    ///
    /// let chart = Tracking::new(View::Incremental, &[3.0], &[("BG/NBD", &[2.5, 2.0])])?;
    /// assert!(chart.with_labels(&["Jan 2026", "Feb 2026"])?.to_svg().contains(">Jan 2026</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_labels(mut self, labels: &[impl AsRef<str>]) -> Result<Self, Error> {
        check::length("labels", self.periods, labels.len())?;
        self.labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
        Ok(self)
    }

    /// Marks the last period that the models were fitted to.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if the period is not between 1 and the number of periods.
    ///
    /// ```
    /// use crm_charts::{Tracking, View};
    ///
    /// let chart = Tracking::new(View::Incremental, &[3.0, 2.0], &[("BG/NBD", &[2.5, 2.0])])?;
    /// assert_eq!(
    ///     chart.with_calibration_end(3).map_err(|error| error.to_string()),
    ///     Err("period must be between 1 and 2, got 3.0".to_owned()),
    /// );
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_calibration_end(mut self, period: usize) -> Result<Self, Error> {
        check::within("period", period as f64, 1.0, self.periods as f64)?;
        self.calibration_end = Some(period);
        Ok(self)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let swatch = |(index, (name, _)): (usize, &(String, Vec<f64>))| (Swatch::Line(index), name.clone());
        let entries: Vec<(Swatch, String)> = self.series.iter().enumerate().map(swatch).collect();
        legend::rows(picture, &entries);
        picture.note(&self.y.heading());
        picture.top += if self.calibration_end.is_some() { 6.0 + BODY } else { 9.0 };

        let largest = self.series.iter().flat_map(|(_, numbers)| numbers).copied().fold(0.0, f64::max);
        let ticks = Ticks::covering(0.0, largest, 5);
        let up = ticks.labeled();
        let area = axis::plot(picture, up.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let y = Scale::linear(ticks.low(), ticks.high(), area.bottom(), area.y);
        let x = Scale::linear(1.0, self.periods as f64, area.x + 3.0, area.right() - 3.0);
        axis::vertical(picture, &up, y, area, true);
        axis::base(picture, area);
        self.mark_calibration(picture, area, x);
        // The actual line lies on top.
        for (index, (_, numbers)) in self.series.iter().enumerate().rev() {
            let points: Vec<(f64, f64)> = numbers
                .iter()
                .enumerate()
                .map(|(period, &number)| (x.at(period as f64 + 1.0), y.at(number)))
                .collect();
            match points.as_slice() {
                [point] => picture.add(circle(&format!("crm-fill-{index}"), *point, 4.0)),
                _ => {
                    let data = polyline(&thinned(&points));
                    picture.add(path(&format!("crm-line crm-series-{index}"), &data));
                }
            }
        }
        axis::horizontal(picture, &self.places(x), area);
        axis::heading(picture, &self.x.heading(), area);
        self.in_words()
    }

    fn places(&self, x: Scale) -> Vec<(f64, String)> {
        if self.labels.is_empty() {
            let ticks = Ticks::inside_whole(1.0, self.periods as f64, 8).labeled();
            return ticks.into_iter().map(|(period, label)| (x.at(period), label)).collect();
        }
        let place = |(index, label): (usize, &String)| (x.at(index as f64 + 1.0), label.clone());
        self.labels.iter().enumerate().map(place).collect()
    }

    fn mark_calibration(&self, picture: &mut Picture, area: Area, x: Scale) {
        let Some(period) = self.calibration_end else {
            return;
        };
        let place = x.at(period as f64);
        let content = "calibration ends";
        picture.add(line("crm-mark", (place, area.y - 4.0 - BODY), (place, area.bottom())));
        let fits_left = place - width(content, BODY) - 6.0 >= area.x;
        let (anchor, shift) = if fits_left { (Anchor::End, -5.0) } else { (Anchor::Start, 5.0) };
        picture.add(text("crm-text", (place + shift, area.y - 7.0), anchor, content));
    }

    fn in_words(&self) -> String {
        let name = |index: usize| self.labels.get(index).cloned().unwrap_or_else(|| (index + 1).to_string());
        let last = |(label, numbers): &(String, Vec<f64>)| {
            let number = numbers.last().map_or(String::new(), |&number| value(number));
            format!("{label} {number} in {}", name(numbers.len().saturating_sub(1)))
        };
        let last = self.series.iter().map(last).collect::<Vec<_>>().join(", ");
        let calibration = self.calibration_end.map_or(String::new(), |period| {
            format!(" Calibration ends with {}.", name(period.saturating_sub(1)))
        });
        let what = match self.view {
            View::Cumulative => "Lines of running totals",
            View::Incremental => "Lines of numbers per period",
        };
        format!("{what}, {} to {}. Last: {last}.{calibration}", name(0), name(self.periods.saturating_sub(1)))
    }
}

/// The points, or the lowest and the highest of each of many stretches in their order: no peak is
/// lost.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= 2 * COLUMNS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(COLUMNS);
    let ends = points.chunks(stretch).flat_map(|chunk| {
        let by_height = |one: &&(f64, f64), other: &&(f64, f64)| one.1.total_cmp(&other.1);
        let (low, high) = (chunk.iter().min_by(by_height), chunk.iter().max_by(by_height));
        let (Some(&low), Some(&high)) = (low, high) else {
            return Vec::new();
        };
        if low.0 <= high.0 { vec![low, high] } else { vec![high, low] }
    });
    ends.collect()
}

chart!(
    Tracking,
    "Tracking::new(View::Incremental, &[3.0], &[(\"BG/NBD\", &[2.5, 2.0])])?",
    with_x_axis(x) "the periods",
    with_y_axis(y) "what is counted",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_peak() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|index| (f64::from(index), 100.0)).collect();
        points[4321].1 = 3.0;
        points[8765].1 = 250.0;
        let thin = thinned(&points);
        assert!(thin.len() <= 2 * COLUMNS);
        assert!(thin.contains(&points[4321]) && thin.contains(&points[8765]));
        assert!(thin.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert_eq!(thinned(&points[..900]), &points[..900]);
    }

    #[test]
    fn refusals_name_the_series() {
        let error = |actual: &[f64], models: &[(&str, &[f64])]| {
            Tracking::new(View::Cumulative, actual, models).expect_err("refused").to_string()
        };
        assert_eq!(error(&[], &[("m", &[1.0])]), "actual must not be empty");
        assert_eq!(error(&[1.0], &[]), "models must not be empty");
        assert_eq!(error(&[1.0, 2.0], &[("m", &[1.0])]), "expected at most 1 items in actual, got 2");
        assert_eq!(
            error(&[1.0], &[("m", &[1.0]), ("n", &[1.0, 2.0])]),
            "expected 1 items in models[1], got 2"
        );
        assert_eq!(error(&[1.0], &[("m", &[f64::INFINITY])]), "models[0][0] must be finite, got inf");
        let five: [(&str, &[f64]); 5] = [("m", &[1.0]); 5];
        assert_eq!(error(&[1.0], &five), "expected at most 4 items in models, got 5");
    }

    #[test]
    fn the_mark_is_labeled_on_the_side_with_room() {
        let svg = |period: usize| {
            let chart = Tracking::new(View::Incremental, &[1.0; 9], &[("m", &[1.0; 9])]).expect("valid");
            chart.with_calibration_end(period).expect("valid").to_svg()
        };
        let label =
            |svg: &str| svg.lines().find(|line| line.contains("calibration ends</text>")).map(str::to_owned);
        assert!(label(&svg(8)).is_some_and(|label| label.contains("text-anchor=\"end\"")));
        assert!(label(&svg(1)).is_some_and(|label| !label.contains("text-anchor")));
    }

    #[test]
    fn a_single_period_is_a_dot() {
        let svg = Tracking::new(View::Cumulative, &[0.0], &[("m", &[0.0])]).expect("valid").to_svg();
        assert_eq!(svg.matches("<circle").count(), 2, "{svg}");
    }
}
