use super::Holdout;

/// Forecast that needs no model.
///
/// A model that does not beat these on the figure that matters to you is not worth its trouble;
/// Wübben and von Wangenheim (2008), "Instant customer base analysis: managerial heuristics often
/// get it right", Journal of Marketing 72, found that to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NaiveRule {
    /// Nobody buys again: 0 for everyone.
    Nothing,
    /// All are alike: the repeat purchases of all by the time of all, times the length of the
    /// holdout.
    Mean,
    /// Everyone repeats the number of repeat purchases of before, however long that took.
    SameAgain,
    /// Everyone goes on at the own rate: x / T times the length of the holdout.
    SameRate,
    /// Who bought in the later half of the own history goes on at the own rate; the others are
    /// gone.
    RecentOnly,
}

crm_numbers::names! {
    NaiveRule, "naive rule" {
        Nothing = "nothing",
        Mean = "mean",
        SameAgain = "same_again" | "same again",
        SameRate = "same_rate" | "same rate",
        RecentOnly = "recent_only" | "recent only",
    }
}

/// No count is larger.
const MOST: f64 = 1e12;

impl NaiveRule {
    /// The forecast for every customer of a holdout.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{History, Horizon, validation::{Holdout, NaiveRule}};
    ///
    /// // Two repeat purchases in 40 weeks, the last in week 10; what will 20 weeks bring?
    /// let holdout = Holdout::new([(History::new(2, 10.0, 40.0)?, 0)], Horizon::new(20.0)?)?;
    /// assert_eq!(NaiveRule::SameAgain.predict(&holdout), [2.0]);
    /// assert_eq!(NaiveRule::SameRate.predict(&holdout), [1.0]);
    /// assert_eq!(NaiveRule::RecentOnly.predict(&holdout), [0.0]); // nothing in the last 20 of 40 weeks
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn predict(self, holdout: &Holdout) -> Vec<f64> {
        let horizon = holdout.horizon().get();
        let customers = holdout.customers();
        let at_rate = |purchases: f64, time: f64| {
            if purchases > 0.0 { (purchases / time * horizon).min(MOST) } else { 0.0 }
        };
        let mean = || {
            let purchases = customers.iter().map(|history| f64::from(history.frequency())).sum();
            at_rate(purchases, customers.iter().map(crate::History::age).sum())
        };
        let everyone = if self == NaiveRule::Mean { mean() } else { 0.0 };
        customers
            .iter()
            .map(|history| {
                let frequency = f64::from(history.frequency());
                match self {
                    NaiveRule::Nothing => 0.0,
                    NaiveRule::Mean => everyone,
                    NaiveRule::SameAgain => frequency,
                    NaiveRule::RecentOnly if 2.0 * history.recency() < history.age() => 0.0,
                    NaiveRule::SameRate | NaiveRule::RecentOnly => at_rate(frequency, history.age()),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{History, Horizon};

    #[test]
    fn forecasts_are_counts_whatever_the_history() {
        let history = |x, t, age| History::new(x, t, age).unwrap();
        let rows = [
            (history(0, 0.0, 0.0), 0),
            (history(u32::MAX, 1e-300, 1e-300), 0),
            (history(3, 1e9, 1e9), 0),
            (history(1, 2.0, 4.0), 0),
        ];
        let holdout = Holdout::new(rows, Horizon::new(1e9).unwrap()).unwrap();
        for &rule in NaiveRule::ALL {
            let forecast = rule.predict(&holdout);
            assert!(forecast.iter().all(|n| (0.0..=MOST).contains(n)), "{rule} {forecast:?}");
        }
        // A purchase exactly half-way is recent.
        assert!(NaiveRule::RecentOnly.predict(&holdout)[3] > 0.0);
    }
}
