//! How unequally value is spread over customers.

use crate::axis;
use crate::caption::{Caption, axis_labels, chart};
use crate::legend::{self, Swatch};
use crate::mark::{Anchor, Area, circle, line, path, polyline, text};
use crate::number::{count, percent};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::text::{BODY, width};
use crate::{Error, check};

/// The height of the plot.
const HEIGHT: f64 = 300.0;
/// A point of the curve is left out if it is nearer than this part of the axes to the one before
/// it.
const RESOLUTION: f64 = 1.0 / 300.0;
/// Most classes that are told apart.
const MOST_CLASSES: usize = 6;

/// In which order customers stand along the horizontal axis of a [`ConcentrationCurve`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Smallest value first: the Lorenz curve, below the diagonal of equal shares, with the Gini
    /// coefficient.
    Lorenz,
    /// Largest value first: the Pareto curve, above the diagonal, with the share that the top
    /// customers hold.
    Pareto,
}

/// Shows how much of the value comes from how few customers: the cumulative share of value against
/// the cumulative share of customers.
///
/// With the values sorted in the [`Order`] asked for, straight lines join the points (i / n, sᵢ /
/// sₙ) for i from 0 to n, where sᵢ is the sum of the first i values, as Lorenz (1905, Publications
/// of the American Statistical Association 9, 209–219) drew it. The Gini coefficient is twice the
/// area between the curve and the diagonal, without a small-sample correction: 0 where all are
/// equal, 1 − 1/n where one holds all.
///
/// ```
/// use crm_charts::{ConcentrationCurve, Order};
///
/// let curve = ConcentrationCurve::new(&[6.0, 1.0, 2.0, 1.0], Order::Pareto)?.with_top(0.25)?;
/// // The best of four customers holds 6 of 10.
/// assert!(curve.to_svg().contains("Top 25 % hold 60 %"));
/// // Twice the area between the diagonal and the curve through (1/4, 0.1), (2/4, 0.2), (3/4, 0.4).
/// assert!((curve.gini() - 0.4).abs() < 1e-12);
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConcentrationCurve {
    order: Order,
    /// The cumulative share of value after 0, 1, …, n customers.
    cumulative: Vec<f64>,
    top: f64,
    classes: Vec<(String, f64)>,
    caption: Caption,
    x_label: String,
    y_label: String,
}

impl ConcentrationCurve {
    /// Creates the curve from one value per customer, in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without values, [`Error::NotFinite`] and [`Error::OutOfRange`] for a value
    /// that is negative, not finite or beyond 1e300, and for a total of zero, of which there are no
    /// shares.
    ///
    /// ```
    /// use crm_charts::{ConcentrationCurve, Order};
    ///
    /// let refused = ConcentrationCurve::new(&[0.0, 0.0], Order::Lorenz);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()),
    ///     Err("the total of values must be positive, got 0.0".to_owned()),
    /// );
    /// ```
    pub fn new(values: &[f64], order: Order) -> Result<Self, Error> {
        check::not_empty("values", values.len())?;
        check::amounts("values", values)?;
        let largest = values.iter().copied().fold(0.0, f64::max);
        if largest <= 0.0 {
            let (field, requirement) = ("the total of values".to_owned(), "positive".to_owned());
            return Err(Error::OutOfRange { field, requirement, value: 0.0 });
        }
        // Parts of the largest value: the total of any number of them is finite and at least one.
        let mut parts: Vec<f64> = values.iter().map(|value| value / largest).collect();
        parts.sort_unstable_by(|one, other| match order {
            Order::Lorenz => one.total_cmp(other),
            Order::Pareto => other.total_cmp(one),
        });
        let total: f64 = parts.iter().sum();
        let mut sum = 0.0;
        let shares = parts.iter().map(|part| {
            sum += part;
            sum / total
        });
        Ok(Self {
            order,
            cumulative: std::iter::once(0.0).chain(shares).collect(),
            top: 0.2,
            classes: Vec::new(),
            caption: Caption::new(match order {
                Order::Lorenz => "How evenly value is spread",
                Order::Pareto => "How much the best customers bring",
            }),
            x_label: match order {
                Order::Lorenz => "Share of customers, smallest value first".to_owned(),
                Order::Pareto => "Share of customers, largest value first".to_owned(),
            },
            y_label: "Share of value".to_owned(),
        })
    }

    /// Chooses which top share of customers a Pareto curve points out: 0.2 unless set. A Lorenz
    /// curve has no such mark.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] if the share is not between 0 and 1.
    ///
    /// ```
    /// use crm_charts::{ConcentrationCurve, Order};
    ///
    /// let curve = ConcentrationCurve::new(&[3.0, 1.0], Order::Pareto)?.with_top(0.5)?;
    /// assert!(curve.to_svg().contains("Top 50 % hold 75 %"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_top(mut self, share: f64) -> Result<Self, Error> {
        check::within("share", share, 0.0, 1.0)?;
        self.top = share;
        Ok(self)
    }

    /// Cuts the customers into classes, such as A, B and C: each class ends at a cumulative share
    /// of customers, counted in the order of the curve. The key names each class with its shares of
    /// customers and of value.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without classes, [`Error::TooMany`] beyond six, [`Error::NotFinite`],
    /// [`Error::OutOfRange`] and [`Error::Decreasing`] if an end is not between 0 and 1 or smaller
    /// than the end before it.
    ///
    /// ```
    /// use crm_charts::{ConcentrationCurve, Order};
    ///
    /// let curve = ConcentrationCurve::new(&[6.0, 2.0, 1.0, 1.0], Order::Pareto)?
    ///     .with_classes(&[("A", 0.25), ("B", 0.5), ("C", 1.0)])?;
    /// assert!(curve.to_svg().contains("25 % of customers, 60 % of value"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_classes(mut self, classes: &[(impl AsRef<str>, f64)]) -> Result<Self, Error> {
        check::not_empty("classes", classes.len())?;
        check::at_most("classes", MOST_CLASSES, classes.len())?;
        let ends: Vec<f64> = classes.iter().map(|(_, end)| *end).collect();
        check::each_within("classes", &ends, 0.0, 1.0)?;
        check::ascending("classes", &ends, false)?;
        self.classes = classes.iter().map(|(label, end)| (label.as_ref().to_owned(), *end)).collect();
        Ok(self)
    }

    /// Returns the Gini coefficient, between 0 (all equal) and 1 − 1/n (one customer holds all).
    ///
    /// ```
    /// use crm_charts::{ConcentrationCurve, Order};
    ///
    /// assert!(ConcentrationCurve::new(&[5.0; 8], Order::Lorenz)?.gini().abs() < 1e-12);
    /// assert!((ConcentrationCurve::new(&[0.0, 0.0, 0.0, 9.0], Order::Lorenz)?.gini() - 0.75).abs() < 1e-12);
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn gini(&self) -> f64 {
        let pairs = self.cumulative.iter().zip(self.cumulative.iter().skip(1));
        let area = pairs.map(|(one, next)| (one + next) / 2.0).sum::<f64>() / self.customers();
        (2.0 * area - 1.0).abs()
    }

    fn customers(&self) -> f64 {
        (self.cumulative.len() - 1) as f64
    }

    /// The share of value at a share of customers: on the curve, between its points on the straight
    /// line.
    fn value_at(&self, share: f64) -> f64 {
        let place = share * self.customers();
        let before = place.floor();
        let point = |index: f64| self.cumulative.get(index as usize).copied().unwrap_or(1.0);
        point(before) + (place - before) * (point(before + 1.0) - point(before))
    }

    /// The points of the curve that are far enough apart to be seen.
    fn points(&self) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = vec![(0.0, 0.0)];
        let mut kept = (0.0, 0.0);
        for (index, &y) in self.cumulative.iter().enumerate().skip(1) {
            let x = index as f64 / self.customers();
            if x - kept.0 >= RESOLUTION || y - kept.1 >= RESOLUTION || index + 1 == self.cumulative.len() {
                kept = (x, y);
                points.push(kept);
            }
        }
        points
    }

    fn draw(&self, picture: &mut Picture) -> String {
        self.key(picture);
        picture.note(&self.y_label);
        picture.top += if self.classes.is_empty() { 9.0 } else { 6.0 + BODY };
        let ticks: Vec<(f64, String)> =
            (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|share| (share, percent(share))).collect();
        let area = axis::plot(picture, ticks.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let x = Scale::linear(0.0, 1.0, area.x, area.right());
        let y = Scale::linear(0.0, 1.0, area.bottom(), area.y);
        axis::vertical(picture, &ticks, y, area, true);

        let curve: Vec<(f64, f64)> =
            self.points().iter().map(|&(share, value)| (x.at(share), y.at(value))).collect();
        picture.add(path("crm-area crm-fill-1", &(polyline(&curve) + "Z")));
        picture.add(line("crm-mark", (area.x, area.bottom()), (area.right(), area.y)));
        self.cuts(picture, area, x);
        picture.add(path("crm-line crm-series-1", &polyline(&curve)));
        match self.order {
            Order::Lorenz => self.annotate_gini(picture, area),
            Order::Pareto => {
                self.annotate_top(picture, area, (x.at(self.top), y.at(self.value_at(self.top))))
            }
        }
        axis::base(picture, area);
        let below: Vec<(f64, String)> =
            ticks.iter().map(|(share, label)| (x.at(*share), label.clone())).collect();
        axis::horizontal(picture, &below, area);
        axis::heading(picture, &self.x_label, area);
        self.in_words()
    }

    /// Each class with what it holds, one below the other.
    fn key(&self, picture: &mut Picture) {
        let mut before = 0.0;
        for (class, end) in &self.classes {
            let customers = percent(end - before);
            let value = percent((self.value_at(*end) - self.value_at(before)).max(0.0));
            let entry = format!("{class}: {customers} of customers, {value} of value");
            legend::rows(picture, &[(Swatch::Words, entry)]);
            picture.top -= 6.0;
            before = *end;
        }
        if !self.classes.is_empty() {
            picture.top += 8.0;
        }
    }

    /// A line at the end of each class but the last, and the name of each class above the plot if
    /// there is room.
    fn cuts(&self, picture: &mut Picture, area: Area, x: Scale) {
        let mut before = area.x;
        let mut free = area.x - 4.0;
        for (class, end) in &self.classes {
            let end = x.at(*end);
            if end < area.right() - 0.5 {
                picture.add(line("crm-mark", (end, area.y - 4.0 - BODY), (end, area.bottom())));
            }
            let (middle, half) = ((before + end) / 2.0, width(class, BODY) / 2.0);
            if middle - half >= free && end - before >= 2.0 * half {
                picture.add(text("crm-strong", (middle, area.y - 6.0), Anchor::Middle, class));
                free = middle + half + 4.0;
            }
            before = end;
        }
    }

    /// Above the diagonal, where a Lorenz curve never is.
    fn annotate_gini(&self, picture: &mut Picture, area: Area) {
        let at = |row: f64| (area.x + 12.0, area.y + 26.0 + row * 18.0);
        picture.add(text(
            "crm-heading crm-halo",
            at(0.0),
            Anchor::Start,
            &format!("Gini {:.2}", self.gini()),
        ));
        picture.add(text("crm-muted crm-halo", at(1.0), Anchor::Start, "0: all hold the same"));
        picture.add(text("crm-muted crm-halo", at(2.0), Anchor::Start, "1: one holds everything"));
    }

    /// Below the diagonal, where a Pareto curve never is; lines lead from the mark to both axes.
    fn annotate_top(&self, picture: &mut Picture, area: Area, (x, y): (f64, f64)) {
        let corner = [(area.x, y), (x, y), (x, area.bottom())];
        picture.add(path("crm-axis", &polyline(&corner)));
        picture.add(circle("crm-fill-1", (x, y), 4.5));
        let lines =
            [format!("Top {}", percent(self.top)), format!("hold {}", percent(self.value_at(self.top)))];
        for (row, content) in lines.iter().enumerate() {
            let at = (area.right() - 12.0, area.bottom() - 40.0 + row as f64 * 22.0);
            picture.add(text("crm-heading crm-halo", at, Anchor::End, content));
        }
    }

    fn top_in_words(&self) -> String {
        format!("Top {} hold {}", percent(self.top), percent(self.value_at(self.top)))
    }

    fn in_words(&self) -> String {
        let customers = count(self.cumulative.len() as u64 - 1);
        let axes =
            format!("{} of {customers} customers against {}", self.y_label, self.x_label.to_lowercase());
        match self.order {
            Order::Lorenz => format!("{axes}. The Gini coefficient is {:.2}.", self.gini()),
            Order::Pareto => format!("{axes}. {}.", self.top_in_words()),
        }
    }
}

chart!(ConcentrationCurve, "ConcentrationCurve::new(&[6.0, 2.0, 1.0, 1.0], Order::Pareto)?");
axis_labels!(ConcentrationCurve, "ConcentrationCurve::new(&[6.0, 2.0, 1.0, 1.0], Order::Pareto)?");

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f64], order: Order) -> ConcentrationCurve {
        ConcentrationCurve::new(values, order).expect("valid")
    }

    #[test]
    fn both_orders_have_the_gini_of_the_mean_absolute_difference() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let differences: f64 =
            values.iter().flat_map(|one| values.iter().map(move |other| f64::abs(one - other))).sum();
        let total: f64 = values.iter().sum();
        let expected = differences / (2.0 * values.len() as f64 * total);
        for order in [Order::Lorenz, Order::Pareto] {
            assert!((curve(&values, order).gini() - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn the_share_between_two_customers_lies_on_the_line() {
        let curve = curve(&[6.0, 2.0, 1.0, 1.0], Order::Pareto);
        for (share, value) in [(0.0, 0.0), (0.125, 0.3), (0.25, 0.6), (0.5, 0.8), (1.0, 1.0)] {
            assert!((curve.value_at(share) - value).abs() < 1e-12, "{share}");
        }
    }

    #[test]
    fn thinning_keeps_both_ends_and_few_points() {
        let values: Vec<f64> = (1..=100_000).map(|rank| 1.0 / f64::from(rank)).collect();
        let points = curve(&values, Order::Pareto).points();
        assert!(points.len() <= 602, "{}", points.len());
        assert_eq!(points.first(), Some(&(0.0, 0.0)));
        assert!(points.last().is_some_and(|&(x, y)| (x - 1.0).abs() < 1e-12 && (y - 1.0).abs() < 1e-12));
    }

    #[test]
    fn classes_must_ascend() {
        let classes = |ends: &[(&str, f64)]| {
            curve(&[1.0], Order::Pareto).with_classes(ends).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(
            classes(&[("A", 0.5), ("B", 0.2)]),
            Err("classes[1] must be at least the number before it, 0.5, got 0.2".to_owned())
        );
        assert_eq!(classes(&[("A", 1.5)]), Err("classes[0] must be between 0 and 1, got 1.5".to_owned()));
    }

    #[test]
    fn values_near_the_limits_have_shares() {
        for values in [[1e300, 1e300, 5e299], [1e-300, 2e-300, 1e-300], [5e-324, 5e-324, 0.0]] {
            let gini = curve(&values, Order::Lorenz).gini();
            assert!((0.0..1.0).contains(&gini), "{values:?} {gini}");
        }
    }
}
