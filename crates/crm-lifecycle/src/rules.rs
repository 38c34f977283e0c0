use std::fmt;

use crate::Stage;
use crate::error::Error;
use crate::standing::{StageFinding, StageReason, Standing};
use crm_numbers::{RangeError, check};

mod p_alive;

/// A threshold of the stage rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StageThreshold {
    /// Idle time over the customer's own mean gap; above it the relationship declines. Default 3.
    Overdue,
    /// Recent mean gap over earlier mean gap; above it the relationship declines. Default 2.
    Slowdown,
    /// Number of purchases; up to it the relationship is in exploration. Default 2.
    Purchases,
    /// Time since the first purchase; up to it the relationship is in formation. Default 180.
    Tenure,
    /// Earlier mean gap over recent mean gap; above it the relationship is still in formation,
    /// because it grows. Default 1.5.
    Speedup,
    /// One minus P(alive), for standings from P(alive); above it the relationship declines. Always
    /// 0.5, above which decline is the most likely stage.
    Gone,
}

crm_numbers::names! {
    StageThreshold, "threshold" {
        Overdue = "overdue",
        Slowdown = "slowdown",
        Purchases = "purchases",
        Tenure = "tenure",
        Speedup = "speedup",
        Gone = "gone",
    }
}

impl StageThreshold {
    /// Returns the quantity that is compared with the threshold, in words.
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::Overdue => "idle time in own gaps",
            Self::Slowdown => "gap lately over gap before",
            Self::Purchases => "number of purchases",
            Self::Tenure => "time since the first purchase",
            Self::Speedup => "gap before over gap lately",
            Self::Gone => "1 - P(alive)",
        }
    }
}

/// Rules that assign a customer to a stage, with thresholds that a manager can read and change.
///
/// The rules apply in this order:
///
/// 1. **Decline**: the idle time is more than 3 of the customer's own gaps, or the customer
///    recently buys less than half as often as before.
/// 2. **Exploration**: up to 2 purchases.
/// 3. **Formation**: the first purchase is less than 180 days ago, or the customer recently buys
///    1.5 times as often as before.
/// 4. **Stability**: all others.
///
/// Every number is a [`StageThreshold`].
///
/// The customer's own gap is the mean time between purchases; customers with a single purchase get
/// the usual gap (60 by default). *Recent* gaps are the later half of the gaps, if there are at
/// least four. Time is in any unit, the same everywhere; the defaults are meant for days.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::{StageRules, Stage};
///
/// // Days since the first purchase, and today. Gaps of 30 days; idle for 50 of them are 1.7 gaps.
/// let days: Vec<f64> = (0..10).map(|n| 30.0 * f64::from(n)).collect();
/// let rules = StageRules::default();
/// let stable = rules.standing(&days, 320.0)?;
/// assert_eq!(stable.stage, Stage::Stability);
/// // After three gaps of silence, from day 270 + 90 on, the same customer declines.
/// let gone = rules.standing(&days, 400.0)?;
/// assert_eq!((gone.stage, gone.since), (Stage::Decline, Some(40.0)));
/// assert_eq!(gone.reasons[0].to_string(), "idle time in own gaps 4.33 is above 3.00");
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct StageRules {
    overdue: f64,
    slowdown: f64,
    purchases: f64,
    tenure: f64,
    speedup: f64,
    usual_gap: f64,
}

crm_numbers::gate!(StageRules, StageRules::checked);

/// Probability above which one stage is likelier than all others together.
const EVEN: f64 = 0.5;

/// Quantities that the rules compare with their thresholds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Facts {
    purchases: usize,
    tenure: f64,
    overdue: f64,
    /// Recent mean gap over earlier mean gap.
    slowdown: Option<f64>,
}

impl Default for StageRules {
    fn default() -> Self {
        Self { overdue: 3.0, slowdown: 2.0, purchases: 2.0, tenure: 180.0, speedup: 1.5, usual_gap: 60.0 }
    }
}

impl StageRules {
    /// Returns the rules with another value of one threshold.
    ///
    /// [`StageThreshold::Gone`] is fixed: a standing names the most likely stage, and that is
    /// decline if `1 - P(alive)` is above one half. If a warning pays from another probability on,
    /// compare [`Standing::probability`] of decline with
    /// [`Costs::threshold`](crate::warning::Costs::threshold).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the value is at least 0 and finite, and for [`StageThreshold::Gone`]
    /// unless it is 0.5.
    pub fn with_threshold(mut self, cut: StageThreshold, at: f64) -> Result<Self, Error> {
        *match cut {
            StageThreshold::Overdue => &mut self.overdue,
            StageThreshold::Slowdown => &mut self.slowdown,
            StageThreshold::Purchases => &mut self.purchases,
            StageThreshold::Tenure => &mut self.tenure,
            StageThreshold::Speedup => &mut self.speedup,
            StageThreshold::Gone => {
                check::range(cut.fact(), at, EVEN..=EVEN)?;
                return Ok(self);
            }
        } = at;
        self.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        for &cut in StageThreshold::ALL {
            check::range(cut.fact(), self.threshold(cut), 0.0..)?;
        }
        check::range("usual gap", self.usual_gap, check::above(0.0))?;
        Ok(self)
    }

    /// Returns the rules with another gap for customers without a gap of their own.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the gap is above 0 and finite.
    pub fn with_usual_gap(self, usual_gap: f64) -> Result<Self, Error> {
        Self { usual_gap, ..self }.checked()
    }

    /// Returns the value of a threshold.
    #[must_use]
    pub fn threshold(&self, cut: StageThreshold) -> f64 {
        match cut {
            StageThreshold::Overdue => self.overdue,
            StageThreshold::Slowdown => self.slowdown,
            StageThreshold::Purchases => self.purchases,
            StageThreshold::Tenure => self.tenure,
            StageThreshold::Speedup => self.speedup,
            StageThreshold::Gone => EVEN,
        }
    }

    /// Returns the gap for customers without a gap of their own.
    #[must_use]
    pub fn usual_gap(&self) -> f64 {
        self.usual_gap
    }

    /// Returns the standing of a customer, given the times of their purchases and the time now.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a purchase, or for times that are not finite, do not ascend or lie
    /// after `now`.
    pub fn standing(&self, times: &[f64], now: f64) -> Result<Standing, Error> {
        check(times, now)?;
        let facts = self.facts(times, now);
        let decide = |flipped: &[StageThreshold]| self.stage(&facts, flipped);
        let stage = decide(&[]);
        let probabilities = std::array::from_fn(|index| f64::from(u8::from(index == stage.index())));
        let reasons = self.reasons(&facts, decide);
        let since = self.since(times, now, |facts| self.stage(facts, &[]) == stage);
        Ok(Standing::of(probabilities, Some(since), reasons))
    }

    /// Returns the time at which the relationship entered decline for the first time; `None` if it
    /// never did.
    ///
    /// The relationship is followed from the first purchase to `now`, at each time with the
    /// purchases up to then: a customer who declined and came back has declined. Between two
    /// purchases only the idle time changes, so that decline begins either at a purchase after
    /// which the customer is slower than [`StageThreshold::Slowdown`] allows, or when the idle time
    /// passes [`StageThreshold::Overdue`]. Counted from the first purchase, this time is the event
    /// time of a survival curve; relationships without a decline are censored at `now`.
    ///
    /// # Errors
    ///
    /// Fails like [`standing`](Self::standing).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::{StageRules, Stage};
    ///
    /// // Purchases on days 0, 30 and 60, a pause, a return on day 200.
    /// let (days, rules) = ([0.0, 30.0, 60.0, 200.0], StageRules::default());
    /// assert_eq!(rules.standing(&days, 210.0)?.stage, Stage::Stability);
    /// // On day 60 the mean gap is 30 days; three of them have passed on day 150.
    /// assert_eq!(rules.first_decline(&days, 210.0)?, Some(150.0));
    /// assert_eq!(rules.first_decline(&days[..3], 140.0)?, None);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn first_decline(&self, times: &[f64], now: f64) -> Result<Option<f64>, Error> {
        check(times, now)?;
        let declines = |seen: &[f64], time: f64| self.stage(&self.facts(seen, time), &[]) == Stage::Decline;
        for (place, seen, start, end) in gaps(times, now) {
            if declines(seen, start) {
                return Ok(Some(start));
            }
            if declines(seen, end) {
                let overdue = start + self.threshold(StageThreshold::Overdue) * self.gap(times, place);
                return Ok(Some(overdue.clamp(start, end)));
            }
        }
        Ok(None)
    }

    fn facts(&self, times: &[f64], now: f64) -> Facts {
        let (first, last) = (times.first().copied().unwrap_or(now), times.last().copied().unwrap_or(now));
        let gaps = times.len().saturating_sub(1);
        let gap = self.gap(times, gaps);
        let middle = times.get(gaps / 2).copied().filter(|_| gaps >= 4);
        let slowdown = middle.and_then(|middle| {
            let before = (middle - first) / (gaps / 2) as f64;
            let lately = (last - middle) / (gaps - gaps / 2) as f64;
            // Gaps of length zero, or too short to be divided, are no evidence of a rhythm.
            (before > 0.0 && lately > 0.0)
                .then_some(lately / before)
                .filter(|ratio| (1e-300..=1e300).contains(ratio))
        });
        let overdue = ((now - last) / gap).min(f64::MAX);
        Facts { purchases: times.len(), tenure: now - first, overdue, slowdown }
    }

    /// Returns the stage, with the comparisons in `flipped` reversed as if their thresholds had
    /// been moved past the facts.
    fn stage(&self, facts: &Facts, flipped: &[StageThreshold]) -> Stage {
        let declines = self.above(facts, StageThreshold::Overdue, flipped)
            || self.above(facts, StageThreshold::Slowdown, flipped);
        if declines { Stage::Decline } else { self.alive_stage(facts, flipped) }
    }

    fn alive_stage(&self, facts: &Facts, flipped: &[StageThreshold]) -> Stage {
        if !self.above(facts, StageThreshold::Purchases, flipped) {
            Stage::Exploration
        } else if !self.above(facts, StageThreshold::Tenure, flipped)
            || self.above(facts, StageThreshold::Speedup, flipped)
        {
            Stage::Formation
        } else {
            Stage::Stability
        }
    }

    /// Returns whether a fact lies above its threshold; an unknown fact never does.
    fn above(&self, facts: &Facts, cut: StageThreshold, flipped: &[StageThreshold]) -> bool {
        facts.value(cut).is_some_and(|value| (value > self.threshold(cut)) != flipped.contains(&cut))
    }

    fn reasons(&self, facts: &Facts, decide: impl Fn(&[StageThreshold]) -> Stage) -> Vec<StageReason> {
        let cuts = [
            StageThreshold::Overdue,
            StageThreshold::Slowdown,
            StageThreshold::Purchases,
            StageThreshold::Tenure,
            StageThreshold::Speedup,
        ];
        self.flips(decide, |cut| facts.value(cut), &cuts)
    }

    /// Returns the thresholds that change the stage when they are moved: each one that does so
    /// alone, and pairs of the others.
    fn flips(
        &self,
        decide: impl Fn(&[StageThreshold]) -> Stage,
        value: impl Fn(StageThreshold) -> Option<f64>,
        cuts: &[StageThreshold],
    ) -> Vec<StageReason> {
        let stage = decide(&[]);
        let finding =
            |&cut: &StageThreshold| Some(StageFinding { cut, at: self.threshold(cut), value: value(cut)? });
        let reason = |flipped: &[StageThreshold]| {
            let findings: Option<Vec<StageFinding>> = flipped.iter().map(finding).collect();
            findings.filter(|_| decide(flipped) != stage).map(StageReason::Cuts)
        };
        let (alone, others): (Vec<StageThreshold>, Vec<StageThreshold>) =
            cuts.iter().partition(|&&cut| decide(&[cut]) != stage);
        let single = alone.iter().filter_map(|&cut| reason(&[cut]));
        let pairs = others.iter().enumerate();
        let pairs = pairs.flat_map(|(at, &a)| others.iter().skip(at + 1).map(move |&b| [a, b]));
        single.chain(pairs.filter_map(|pair| reason(&pair))).collect()
    }

    /// Returns for how long the facts have satisfied `holds`. The stage can change only at a
    /// purchase or when the idle time or the tenure passes its threshold; between these times it is
    /// evaluated once.
    fn since(&self, times: &[f64], now: f64, holds: impl Fn(&Facts) -> bool) -> f64 {
        let first = times.first().copied().unwrap_or(now);
        let mut changes = vec![first + self.threshold(StageThreshold::Tenure)];
        for (place, &time) in times.iter().enumerate() {
            changes.extend([time, time + self.threshold(StageThreshold::Overdue) * self.gap(times, place)]);
        }
        changes.retain(|change| (first..now).contains(change));
        changes.sort_unstable_by(|a, b| b.total_cmp(a));
        let mut start = now;
        for change in changes {
            let between = change + (start - change) / 2.0;
            let seen = times.partition_point(|time| *time <= between);
            let as_asked = times.get(..seen).is_some_and(|seen| holds(&self.facts(seen, between)));
            if start > change && !as_asked {
                break;
            }
            start = change;
        }
        now - start
    }

    fn gap(&self, times: &[f64], last: usize) -> f64 {
        let span = times.get(last).zip(times.first()).map_or(0.0, |(last, first)| last - first);
        if last > 0 && span > 0.0 { span / last as f64 } else { self.usual_gap }
    }
}

impl Facts {
    fn value(&self, cut: StageThreshold) -> Option<f64> {
        match cut {
            StageThreshold::Overdue => Some(self.overdue),
            StageThreshold::Slowdown => self.slowdown,
            StageThreshold::Purchases => Some(self.purchases as f64),
            StageThreshold::Tenure => Some(self.tenure),
            StageThreshold::Speedup => self.slowdown.map(|slowdown| 1.0 / slowdown),
            StageThreshold::Gone => None,
        }
    }
}

/// Returns the stretches between purchases and from the last one to `now`: the index of the
/// purchase before it, the purchases up to then, start and end. Purchases at the same time are one
/// stretch.
fn gaps(times: &[f64], now: f64) -> impl DoubleEndedIterator<Item = (usize, &[f64], f64, f64)> {
    (0..times.len()).filter_map(move |place| {
        let start = *times.get(place)?;
        let (next, seen) = (times.get(place + 1).copied(), times.get(..=place)?);
        next.is_none_or(|next| next > start).then_some((place, seen, start, next.unwrap_or(now)))
    })
}

fn check(times: &[f64], now: f64) -> Result<(), Error> {
    /// Limit of times: centuries in nanoseconds, far below where differences overflow.
    const LIMIT: f64 = 1e100;
    check::not_empty("times of purchases", times)?;
    check::range("now", now, -LIMIT..=LIMIT)?;
    let mut earlier = -LIMIT;
    for (at, &time) in times.iter().enumerate() {
        if !(earlier..=now).contains(&time) {
            return Err(RangeError::new("times of purchases", time, earlier..=now).at(at).into());
        }
        earlier = time;
    }
    Ok(())
}

impl fmt::Display for StageRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &cut in StageThreshold::ALL {
            writeln!(f, "{}: {}", cut.fact(), self.threshold(cut))?;
        }
        writeln!(f, "usual gap: {}", self.usual_gap)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    fn stage(times: &[f64], now: f64) -> Stage {
        StageRules::default().standing(times, now).unwrap().stage
    }

    #[test]
    fn a_relationship_goes_through_its_stages() {
        let days: Vec<f64> = (0..12).map(|n| 25.0 * f64::from(n)).collect();
        assert_eq!(stage(&days[..1], 10.0), Stage::Exploration);
        assert_eq!(stage(&days[..4], 80.0), Stage::Formation);
        assert_eq!(stage(&days, 280.0), Stage::Stability);
        assert_eq!(stage(&days, 360.0), Stage::Decline);
        // A single purchase is judged by the usual gap of 60 days.
        assert_eq!(stage(&days[..1], 180.0), Stage::Exploration);
        assert_eq!(stage(&days[..1], 181.0), Stage::Decline);
    }

    #[test]
    fn since_when() {
        let rules = StageRules::default();
        let days: Vec<f64> = (0..12).map(|n| 25.0 * f64::from(n)).collect();
        let since = |times: &[f64], now| rules.standing(times, now).unwrap().since;
        // Stable from day 180 on, when the relationship is old enough.
        assert_eq!(since(&days, 280.0), Some(100.0));
        // Forming from the third purchase on.
        assert_eq!(since(&days[..4], 80.0), Some(30.0));
        // In decline from three gaps after the last purchase.
        assert_eq!(since(&days, 375.0), Some(25.0));
        assert_eq!(since(&[5.0], 9.0), Some(4.0));
    }

    #[test]
    fn two_causes_of_decline_are_named_together() {
        // Gaps of 10 days, then of 40: slower by a factor of 4; and overdue.
        let days = [0.0, 10.0, 20.0, 30.0, 70.0, 110.0, 150.0];
        let standing = StageRules::default().standing(&days, 400.0).unwrap();
        assert_eq!(standing.stage, Stage::Decline);
        assert_eq!(
            standing.reasons[0].to_string(),
            "idle time in own gaps 10.00 is above 3.00, and gap lately over gap before 4.00 is above 2.00"
        );
        assert_eq!(standing.reasons.len(), 1);
    }

    #[test]
    fn a_decline_that_was_left_again_has_been_one() {
        let rules = StageRules::default();
        let first = |times: &[f64], now| rules.first_decline(times, now).unwrap();
        // A single purchase is overdue after three usual gaps of 60 days, whatever comes later.
        assert_eq!(first(&[0.0, 181.0, 190.0], 195.0), Some(180.0));
        assert_eq!((first(&[0.0], 180.0), first(&[0.0], 180.5)), (None, Some(180.0)));
        // Gaps of 10 days, then of 40: in decline with the fifth purchase, before any silence.
        let slower = [0.0, 10.0, 20.0, 40.0, 80.0];
        assert_eq!((first(&slower, 80.0), first(&slower[..4], 60.0)), (Some(80.0), None));
        // Purchases at the same time are one: there is no silence between them.
        assert_eq!(first(&[0.0, 0.0, 0.0], 0.0), None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |times: &[f64], now| StageRules::default().standing(times, now).unwrap_err().to_string();
        assert_eq!(text(&[], 1.0), "times of purchases must not be empty");
        assert_eq!(text(&[2.0, 1.0], 3.0), "times of purchases[1] must be between 2 and 3, got 1");
        assert_eq!(text(&[2.0], 1.0), "times of purchases[0] must be between -1e100 and 1, got 2");
        assert_eq!(text(&[f64::NAN], 1.0), "times of purchases[0] must be between -1e100 and 1, got NaN");
        let refused = StageRules::default().with_threshold(StageThreshold::Overdue, -1.0).unwrap_err();
        assert_eq!(refused.to_string(), "idle time in own gaps must be at least 0, got -1");
        let refused = StageRules::default().with_usual_gap(0.0).unwrap_err();
        assert_eq!(refused.to_string(), "usual gap must be greater than 0, got 0");
        let refused = StageRules::default().with_threshold(StageThreshold::Gone, 0.9).unwrap_err();
        assert_eq!(refused.to_string(), "1 - P(alive) must be 0.5, got 0.9");
    }
}
