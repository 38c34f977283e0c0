//! Standings from the probability that a customer is active.

use super::{StageRules, StageThreshold, check, gaps};
use crate::Stage;
use crate::error::Error;
use crate::standing::Standing;

impl StageRules {
    /// Returns the standing of a customer, given the probability that they are still active (from
    /// any model) and their purchases.
    ///
    /// Decline has the probability `1 - P(alive)`; the rest belongs to the stage that the rules
    /// give without their thresholds for decline. P(alive) takes the place of idle time and
    /// slowdown. The stage is the more likely of the two.
    ///
    /// A single probability does not show when P(alive) fell: `since` is `None` for decline, and
    /// for the other stages it takes no account of a decline in between.
    /// [`standing_from_p_alive_over_time`](Self::standing_from_p_alive_over_time) gives both.
    ///
    /// # Errors
    ///
    /// Fails like [`standing`](Self::standing), and with [`Error::Input`] for a P(alive) outside
    /// 0..=1.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::{StageRules, Stage};
    ///
    /// let rules = StageRules::default();
    /// let standing = rules.standing_from_p_alive(0.3, &[0.0, 20.0, 45.0], 200.0)?;
    /// assert_eq!(standing.stage, Stage::Decline);
    /// assert!((standing.probability(Stage::Stability) - 0.3).abs() < 1e-15);
    /// assert_eq!(standing.reasons[0].to_string(), "1 - P(alive) 0.70 is above 0.50");
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn standing_from_p_alive(&self, p_alive: f64, times: &[f64], now: f64) -> Result<Standing, Error> {
        crm_numbers::check::range("P(alive)", p_alive, 0.0..=1.0)?;
        check(times, now)?;
        let facts = self.facts(times, now);
        let gone = 1.0 - p_alive;
        let decide = |flipped: &[StageThreshold]| {
            let declines = (gone > p_alive) != flipped.contains(&StageThreshold::Gone);
            if declines { Stage::Decline } else { self.alive_stage(&facts, flipped) }
        };
        let alive = self.alive_stage(&facts, &[]);
        let mut probabilities = [0.0; 4];
        for (of, p) in [(Stage::Decline, gone), (alive, p_alive)] {
            if let Some(slot) = probabilities.get_mut(of.index()) {
                *slot = p;
            }
        }
        let value = |cut| if cut == StageThreshold::Gone { Some(gone) } else { facts.value(cut) };
        let reasons = self.flips(
            decide,
            value,
            &[
                StageThreshold::Gone,
                StageThreshold::Purchases,
                StageThreshold::Tenure,
                StageThreshold::Speedup,
            ],
        );
        let since =
            (gone <= p_alive).then(|| self.since(times, now, |facts| self.alive_stage(facts, &[]) == alive));
        Ok(Standing::of(probabilities, since, reasons))
    }

    /// Returns the standing of a customer and its duration, given P(alive) as a function of time.
    ///
    /// `p_alive` takes the purchases up to a time and that time, and returns P(alive) then. Between
    /// two purchases it must not rise; in models with permanent drop-out, silence never raises it.
    /// The customer has been in decline since P(alive) last fell below one half; in another stage
    /// since that stage began by the rules, or since the purchase that ended a decline, whichever
    /// is later. The time of the fall is exact to a billionth of the stretch between the two
    /// purchases around it.
    ///
    /// # Errors
    ///
    /// Fails like [`standing_from_p_alive`](Self::standing_from_p_alive).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::{StageRules, Stage};
    ///
    /// // P(alive) halves with every 40 days of silence.
    /// let p_alive = |seen: &[f64], now: f64| 0.5_f64.powf((now - seen[seen.len() - 1]) / 40.0);
    /// let days = [0.0, 20.0, 45.0];
    /// let standing = StageRules::default().standing_from_p_alive_over_time(p_alive, &days, 100.0)?;
    /// assert_eq!(standing.stage, Stage::Decline);
    /// // One half is passed on day 85, 15 days ago.
    /// assert!((standing.since.unwrap() - 15.0).abs() < 1e-6);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn standing_from_p_alive_over_time(
        &self,
        p_alive: impl Fn(&[f64], f64) -> f64,
        times: &[f64],
        now: f64,
    ) -> Result<Standing, Error> {
        check(times, now)?;
        let standing = self.standing_from_p_alive(p_alive(times, now), times, now)?;
        let mut entered = now;
        if standing.stage == Stage::Decline {
            for (_, seen, start, end) in gaps(times, now).rev() {
                if !gone(&p_alive, seen, end)? {
                    break;
                }
                let fell = fall(&p_alive, seen, start, end)?;
                entered = fell;
                if fell > start {
                    break;
                }
            }
            return Ok(Standing { since: Some(now - entered), ..standing });
        }
        for (_, seen, start, end) in gaps(times, now).rev() {
            if gone(&p_alive, seen, end)? {
                break;
            }
            entered = start;
        }
        Ok(Standing { since: standing.since.map(|since| since.min(now - entered)), ..standing })
    }

    /// Returns the time at which P(alive) first fell below one half, that is, at which the
    /// relationship entered decline for the first time; `None` if it never did.
    ///
    /// `p_alive` is that of
    /// [`standing_from_p_alive_over_time`](Self::standing_from_p_alive_over_time). A customer who
    /// was given up and came back has declined; see [`first_decline`](Self::first_decline) for the
    /// rules.
    ///
    /// # Errors
    ///
    /// Fails like [`standing_from_p_alive`](Self::standing_from_p_alive).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::StageRules;
    ///
    /// let p_alive = |seen: &[f64], now: f64| 0.5_f64.powf((now - seen[seen.len() - 1]) / 40.0);
    /// // Silent from day 20 to day 90: P(alive) passes one half on day 60.
    /// let first = StageRules::default().first_decline_from_p_alive(p_alive, &[0.0, 20.0, 90.0], 100.0)?;
    /// assert!((first.unwrap() - 60.0).abs() < 1e-6);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn first_decline_from_p_alive(
        &self,
        p_alive: impl Fn(&[f64], f64) -> f64,
        times: &[f64],
        now: f64,
    ) -> Result<Option<f64>, Error> {
        check(times, now)?;
        for (_, seen, start, end) in gaps(times, now) {
            if gone(&p_alive, seen, end)? {
                return fall(&p_alive, seen, start, end).map(Some);
            }
        }
        Ok(None)
    }
}

/// Returns whether decline is the most likely stage at a time.
fn gone(p_alive: &impl Fn(&[f64], f64) -> f64, seen: &[f64], time: f64) -> Result<bool, Error> {
    let p_alive = p_alive(seen, time);
    crm_numbers::check::range("P(alive)", p_alive, 0.0..=1.0)?;
    Ok(1.0 - p_alive > p_alive)
}

/// Returns the time at which P(alive) passes one half, between `start` and `end`, where the
/// customer is in decline.
fn fall(p_alive: &impl Fn(&[f64], f64) -> f64, seen: &[f64], start: f64, end: f64) -> Result<f64, Error> {
    const EXACT: f64 = 1e-9;
    if gone(p_alive, seen, start)? {
        return Ok(start);
    }
    let (mut low, mut high) = (start, end);
    while high - low > EXACT * (end - start) {
        let middle = low + (high - low) / 2.0;
        // Neighbouring doubles.
        if middle <= low || middle >= high {
            break;
        }
        if gone(p_alive, seen, middle)? { high = middle } else { low = middle }
    }
    Ok(high)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    /// A customer who is active for 10 days after a purchase, then gone.
    fn ten_days(seen: &[f64], now: f64) -> f64 {
        if now - seen[seen.len() - 1] <= 10.0 { 0.9 } else { 0.1 }
    }

    #[test]
    fn the_most_likely_stage_is_returned() {
        let rules = StageRules::default();
        let stage = |p_alive| rules.standing_from_p_alive(p_alive, &[0.0, 20.0, 45.0], 200.0).unwrap().stage;
        assert_eq!([0.2, 0.499, 0.5, 0.8].map(stage)[..2], [Stage::Decline; 2]);
        assert_eq!([0.5, 0.8].map(stage), [Stage::Stability; 2]);
    }

    #[test]
    fn since_when_p_alive_knows() {
        let rules = StageRules::default();
        let standing =
            |times: &[f64], now| rules.standing_from_p_alive_over_time(ten_days, times, now).unwrap();
        let gone = standing(&[0.0, 5.0, 9.0], 50.0);
        assert_eq!(gone.stage, Stage::Decline);
        assert!((gone.since.unwrap() - 31.0).abs() < 1e-6);
        // Exploring for one day: the purchase of day 40 ended a decline.
        let back = standing(&[0.0, 40.0], 41.0);
        assert_eq!((back.stage, back.since), (Stage::Exploration, Some(1.0)));
        // Never gone: the stage began with the third purchase.
        let forming = standing(&[0.0, 5.0, 9.0], 12.0);
        assert_eq!((forming.stage, forming.since), (Stage::Formation, Some(3.0)));
        // Given up from the first purchase on.
        let never = rules.standing_from_p_alive_over_time(|_, _| 0.1, &[2.0, 3.0, 3.0], 7.0).unwrap();
        assert_eq!((never.stage, never.since), (Stage::Decline, Some(5.0)));
    }

    #[test]
    fn the_first_fall_counts_whatever_comes_later() {
        let first = |times: &[f64], now| {
            StageRules::default().first_decline_from_p_alive(ten_days, times, now).unwrap()
        };
        assert!((first(&[0.0, 40.0, 45.0], 46.0).unwrap() - 10.0).abs() < 1e-6);
        assert_eq!(first(&[0.0, 8.0, 16.0], 20.0), None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let rules = StageRules::default();
        let refused = rules.standing_from_p_alive(1.5, &[0.0], 1.0).unwrap_err();
        assert_eq!(refused.to_string(), "P(alive) must be between 0 and 1, got 1.5");
        let refused = rules.first_decline_from_p_alive(|_, _| f64::NAN, &[0.0], 1.0).unwrap_err();
        assert_eq!(refused.to_string(), "P(alive) must be between 0 and 1, got NaN");
        let refused = rules.standing_from_p_alive_over_time(|_, _| 0.5, &[], 1.0).unwrap_err();
        assert_eq!(refused.to_string(), "times of purchases must not be empty");
    }
}
