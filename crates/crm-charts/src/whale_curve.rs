//! Who earns the profit, and who eats it up.

use crate::axis;
use crate::caption::{Caption, axis_labels, chart};
use crate::mark::{Anchor, Area, circle, line, path, polyline, text};
use crate::number::{count, percent, value};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::ticks::Ticks;
use crate::{Error, check};

/// The height of the plot.
const HEIGHT: f64 = 300.0;
/// A point of the curve is left out if it is nearer than this part of the axes to the one before
/// it.
const RESOLUTION: f64 = 1.0 / 300.0;

/// Shows how far customers who earn lift the profit above what is left after those who lose:
/// cumulative profit as a share of the total, most profitable customer first.
///
/// Straight lines join the points (i / n, sᵢ / sₙ), where sᵢ is the sum of the i largest profits.
/// The curve rises above 100 %, stays flat over customers who earn nothing and falls back to 100 %
/// over loss-makers: the back of a whale. Source: Cooper and Kaplan (1991, Harvard Business Review
/// 69(3), 130–135).
///
/// ```
/// use crm_charts::WhaleCurve;
///
/// let curve = WhaleCurve::new(&[-40.0, 100.0, 60.0, -20.0])?;
/// // 100, 160, 140, 100: two of four customers have earned 160 % of the profit.
/// assert!((curve.peak() - 1.6).abs() < 1e-12);
/// assert!(curve.to_svg().contains("Peak 160 %"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WhaleCurve {
    /// The cumulative share of profit after 0, 1, …, n customers.
    cumulative: Vec<f64>,
    earners: usize,
    losers: usize,
    caption: Caption,
    x_label: String,
    y_label: String,
}

impl WhaleCurve {
    /// Creates the curve from one profit per customer, in any order; a loss is negative.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without profits, [`Error::NotFinite`] and [`Error::OutOfRange`] for a
    /// profit that is not finite or beyond 1e300, and for a total that is not positive, of which
    /// there are no shares.
    ///
    /// ```
    /// use crm_charts::WhaleCurve;
    ///
    /// let refused = WhaleCurve::new(&[5.0, -5.0]);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()),
    ///     Err("the total of profits must be positive, got 0.0".to_owned()),
    /// );
    /// ```
    pub fn new(profits: &[f64]) -> Result<Self, Error> {
        check::not_empty("profits", profits.len())?;
        check::each_within("profits", profits, -check::LARGEST, check::LARGEST)?;
        let largest = profits.iter().map(|profit| profit.abs()).fold(0.0, f64::max);
        let largest = if largest > 0.0 { largest } else { 1.0 };
        // Parts of the largest: sums of any number of them are finite.
        let mut parts: Vec<f64> = profits.iter().map(|profit| profit / largest).collect();
        parts.sort_unstable_by(|one, other| other.total_cmp(one));
        let total: f64 = parts.iter().sum();
        // Less than rounding can tell from nothing is nothing.
        if total <= parts.len() as f64 * f64::EPSILON {
            let (field, requirement) = ("the total of profits".to_owned(), "positive".to_owned());
            return Err(Error::OutOfRange { field, requirement, value: total * largest });
        }
        let mut sum = 0.0;
        let shares = parts.iter().map(|part| {
            sum += part;
            sum / total
        });
        Ok(Self {
            cumulative: std::iter::once(0.0).chain(shares).collect(),
            earners: parts.iter().filter(|part| **part > 0.0).count(),
            losers: parts.iter().filter(|part| **part < 0.0).count(),
            caption: Caption::new("Who earns the profit, and who eats it up"),
            x_label: "Share of customers, most profitable first".to_owned(),
            y_label: "Cumulative share of profit".to_owned(),
        })
    }

    /// Returns the height of the curve: the profit of the profitable customers over the total
    /// profit. 1 without losses.
    ///
    /// ```
    /// use crm_charts::WhaleCurve;
    ///
    /// assert!((WhaleCurve::new(&[3.0, 0.0, 1.0])?.peak() - 1.0).abs() < 1e-12);
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.cumulative.get(self.earners).copied().unwrap_or(1.0)
    }

    fn customers(&self) -> f64 {
        (self.cumulative.len() - 1) as f64
    }

    /// The points of the curve that are far enough apart to be seen; the peak and the end are
    /// always among them.
    fn points(&self) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = vec![(0.0, 0.0)];
        let mut kept = (0.0, 0.0);
        let (apart, last) = (RESOLUTION * self.peak(), self.cumulative.len() - 1);
        for (index, &y) in self.cumulative.iter().enumerate().skip(1) {
            let x = index as f64 / self.customers();
            let far = x - kept.0 >= RESOLUTION || (y - kept.1).abs() >= apart;
            if far || index == self.earners || index == last {
                kept = (x, y);
                points.push(kept);
            }
        }
        points
    }

    fn draw(&self, picture: &mut Picture) -> String {
        picture.note(&self.y_label);
        picture.top += 9.0;
        let steps = Ticks::covering(0.0, 100.0 * self.peak().max(1.0), 5);
        let ticks: Vec<(f64, String)> =
            steps.labeled().into_iter().map(|(value, label)| (value / 100.0, format!("{label} %"))).collect();
        let area = axis::plot(picture, ticks.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let x = Scale::linear(0.0, 1.0, area.x, area.right());
        let y = Scale::linear(0.0, steps.high() / 100.0, area.bottom(), area.y);
        axis::vertical(picture, &ticks, y, area, true);

        let curve: Vec<(f64, f64)> =
            self.points().iter().map(|&(customers, profit)| (x.at(customers), y.at(profit))).collect();
        let ground = format!("{}L{} {}Z", polyline(&curve), area.right(), area.bottom());
        picture.add(path("crm-area crm-fill-1", &ground));
        // What is left in the end.
        picture.add(line("crm-mark", (area.x, y.at(1.0)), (area.right(), y.at(1.0))));
        picture.add(path("crm-line crm-series-1", &polyline(&curve)));
        let top = (x.at(self.earners as f64 / self.customers()), y.at(self.peak()));
        picture.add(circle("crm-fill-1", top, 4.5));
        self.annotate(picture, area);
        axis::base(picture, area);
        let below: Vec<(f64, String)> = (0..=5)
            .map(|fifth| f64::from(fifth) / 5.0)
            .map(|customers| (x.at(customers), percent(customers)))
            .collect();
        axis::horizontal(picture, &below, area);
        axis::heading(picture, &self.x_label, area);
        let customers = count(self.cumulative.len() as u64 - 1);
        format!(
            "{} of {customers} customers against {}. {}.",
            self.y_label,
            self.x_label.to_lowercase(),
            self.in_words().join("; ").to_lowercase()
        )
    }

    /// Below the diagonal, where the curve never is: it bends down only.
    fn annotate(&self, picture: &mut Picture, area: Area) {
        for (row, content) in self.in_words().iter().enumerate() {
            let at = (area.right() - 12.0, area.bottom() - 60.0 + row as f64 * 22.0);
            let class = if row == 0 { "crm-heading crm-halo" } else { "crm-muted crm-halo" };
            picture.add(text(class, at, Anchor::End, content));
        }
    }

    fn in_words(&self) -> [String; 3] {
        [
            format!("Peak {}", height(self.peak())),
            format!("{} of customers earn", percent(self.earners as f64 / self.customers())),
            format!(
                "{} lose {} of the profit",
                count(self.losers as u64),
                height((self.peak() - 1.0).max(0.0))
            ),
        ]
    }
}

/// A share that may be many times the whole.
fn height(share: f64) -> String {
    if share < 10.0 { percent(share) } else { format!("{} %", value(share * 100.0)) }
}

chart!(WhaleCurve, "WhaleCurve::new(&[60.0, 30.0, 0.0, -15.0])?");
axis_labels!(WhaleCurve, "WhaleCurve::new(&[60.0, 30.0, 0.0, -15.0])?");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_ends_at_the_whole_and_never_dips_below_nothing() {
        let profits: Vec<f64> = (0..50_000).map(|n| f64::from(n % 97) - 20.0).collect();
        let curve = WhaleCurve::new(&profits).expect("valid");
        let points = curve.points();
        assert!(points.len() <= 902, "{}", points.len());
        assert!(points.iter().all(|&(_, y)| y >= 0.0 && y <= curve.peak() + 1e-12));
        assert!(points.last().is_some_and(|&(x, y)| (x - 1.0).abs() < 1e-12 && (y - 1.0).abs() < 1e-9));
        let highest = points.iter().map(|&(_, y)| y).fold(0.0, f64::max);
        assert!((highest - curve.peak()).abs() < 1e-12);
    }

    #[test]
    fn who_is_no_number_and_what_is_no_profit_is_refused() {
        let text = |profits: &[f64]| WhaleCurve::new(profits).expect_err("refused").to_string();
        assert_eq!(text(&[-1.0, 0.5]), "the total of profits must be positive, got -0.5");
        assert!(text(&[f64::NAN]).contains("profits[0]"));
        assert!(WhaleCurve::new(&[]).is_err());
    }

    #[test]
    fn profits_near_the_limits_have_shares() {
        for profits in [&[1e300, 1e300, -1e300][..], &[1e-300, -5e-301], &[5e-324]] {
            let peak = WhaleCurve::new(profits).expect("valid").peak();
            assert!((1.0..10.0).contains(&peak), "{profits:?} {peak}");
        }
    }
}
