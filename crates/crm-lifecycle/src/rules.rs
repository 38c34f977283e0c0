use std::fmt;

use crate::Stage;
use crate::error::Error;
use crate::standing::{Finding, Reason, Standing};

mod p_alive;

/// A limit that a manager can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Cut {
    /// Idle time over the customer's own mean gap; above it the relationship declines. Default 3.
    Overdue,
    /// Mean gap lately over mean gap before; above it the relationship declines. Default 2.
    Slowdown,
    /// Purchases; up to it the relationship is still explored. Default 2.
    Purchases,
    /// Time since the first purchase; up to it the relationship forms. Default 180.
    Tenure,
    /// Mean gap before over mean gap lately; above it the relationship still forms, because it grows. Default 1.5.
    Speedup,
    /// One minus P(alive), for standings from P(alive); above it the relationship declines. Always
    /// 0.5, above which decline is the most likely stage.
    Gone,
}

impl Cut {
    /// Every cut.
    pub const ALL: [Self; 6] =
        [Self::Overdue, Self::Slowdown, Self::Purchases, Self::Tenure, Self::Speedup, Self::Gone];

    /// What it is held against, in words.
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

/// Rules for the stages that a manager can read, and argue with.
///
/// In this order: a customer whose idle time is more than 3 of his own gaps, or who buys less than half as often lately
/// as before, is in **decline**; one with up to 2 purchases in **exploration**; one who came less than 180 days ago, or
/// buys 1.5 times as often lately as before, in **formation**; all others in **stability**. Every number is a [`Cut`].
///
/// The own gap is the mean time between purchases; somebody with a single purchase has the usual gap (60 by default).
/// *Lately* is the later half of the gaps, from four gaps on. Time is in any unit, the same everywhere; the defaults are
/// meant for days.
///
/// ```
/// use crm_lifecycle::{Rules, Stage};
///
/// // Days since the first purchase, and today. Gaps of 30 days; idle for 50 of them are 1.7 gaps.
/// let days: Vec<f64> = (0..10).map(|n| 30.0 * f64::from(n)).collect();
/// let rules = Rules::default();
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
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Rules {
    cuts: [f64; 6],
    usual_gap: f64,
}

/// Above this probability one stage is likelier than all others together.
const EVEN: f64 = 0.5;

/// What the rules look at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Facts {
    purchases: usize,
    tenure: f64,
    overdue: f64,
    /// Gap lately over gap before.
    slowdown: Option<f64>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { cuts: [3.0, 2.0, 2.0, 180.0, 1.5, EVEN], usual_gap: 60.0 }
    }
}

impl Rules {
    /// Returns the rules with a cut moved.
    ///
    /// [`Cut::Gone`] cannot be moved: a standing names the most likely stage, and decline is that
    /// one where `1 - P(alive)` is above one half. Where a warning pays from another probability
    /// on, compare [`Standing::probability`] of decline with
    /// [`Costs::threshold`](crate::warning::Costs::threshold).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the cut is at least 0 and finite, and for [`Cut::Gone`] unless
    /// it is 0.5.
    pub fn with_cut(mut self, cut: Cut, at: f64) -> Result<Self, Error> {
        if !(0.0..=f64::MAX).contains(&at) {
            return Err(Error::range("cut", "be at least 0 and finite", at));
        }
        if cut == Cut::Gone && at.to_bits() != EVEN.to_bits() {
            return Err(Error::range("cut of 1 - P(alive)", "be 0.5", at));
        }
        if let Some(slot) = self.cuts.get_mut(cut as usize) {
            *slot = at;
        }
        Ok(self)
    }

    /// The same with another gap for customers who have none of their own.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the gap is above 0 and finite.
    pub fn with_usual_gap(self, usual_gap: f64) -> Result<Self, Error> {
        if usual_gap > 0.0 && usual_gap.is_finite() {
            Ok(Self { usual_gap, ..self })
        } else {
            Err(Error::range("usual gap", "be above 0 and finite", usual_gap))
        }
    }

    /// Where a cut lies.
    #[must_use]
    pub fn cut(&self, cut: Cut) -> f64 {
        self.cuts.get(cut as usize).copied().unwrap_or(f64::INFINITY)
    }

    /// The gap of customers who have none of their own.
    #[must_use]
    pub fn usual_gap(&self) -> f64 {
        self.usual_gap
    }

    /// Where a customer stands, by the times of his purchases and the time now.
    ///
    /// # Errors
    /// [`Error::Empty`] without a purchase, [`Error::OutOfRange`] for times that are not finite, do not ascend or lie
    /// after `now`.
    pub fn standing(&self, times: &[f64], now: f64) -> Result<Standing, Error> {
        check(times, now)?;
        let facts = self.facts(times, now);
        let decide = |flipped: &[Cut]| self.stage(&facts, flipped);
        let stage = decide(&[]);
        let mut probabilities = [0.0; 4];
        if let Some(p) = probabilities.get_mut(stage.index()) {
            *p = 1.0;
        }
        let reasons = self.reasons(&facts, decide);
        let since = self.since(times, now, |facts| self.stage(facts, &[]) == stage);
        Ok(Standing::of(probabilities, Some(since), reasons))
    }

    /// Returns the time at which the relationship entered decline for the first time; `None` if it
    /// never did.
    ///
    /// The relationship is followed from the first purchase to `now`, at each time with the
    /// purchases up to then: a customer who declined and came back has declined. Between two
    /// purchases only the idle time changes, so that decline begins at a purchase after which
    /// customers are slower than [`Cut::Slowdown`] allows, or where the idle time passes
    /// [`Cut::Overdue`]. With the time since the first purchase it is the event time of a survival
    /// curve; relationships without a decline are censored at `now`.
    ///
    /// ```
    /// use crm_lifecycle::{Rules, Stage};
    ///
    /// // Purchases on days 0, 30 and 60, a pause, a return on day 200.
    /// let (days, rules) = ([0.0, 30.0, 60.0, 200.0], Rules::default());
    /// assert_eq!(rules.standing(&days, 210.0)?.stage, Stage::Stability);
    /// // On day 60 the mean gap is 30 days; three of them have passed on day 150.
    /// assert_eq!(rules.first_decline(&days, 210.0)?, Some(150.0));
    /// assert_eq!(rules.first_decline(&days[..3], 140.0)?, None);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`standing`](Self::standing).
    pub fn first_decline(&self, times: &[f64], now: f64) -> Result<Option<f64>, Error> {
        check(times, now)?;
        let declines = |seen: &[f64], time: f64| self.stage(&self.facts(seen, time), &[]) == Stage::Decline;
        for (place, seen, start, end) in gaps(times, now) {
            if declines(seen, start) {
                return Ok(Some(start));
            }
            if declines(seen, end) {
                let overdue = start + self.cut(Cut::Overdue) * self.gap(times, place);
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
            // Gaps of no length, or too short to be divided, say nothing about the rhythm.
            (before > 0.0 && lately > 0.0)
                .then_some(lately / before)
                .filter(|ratio| (1e-300..=1e300).contains(ratio))
        });
        let overdue = ((now - last) / gap).min(f64::MAX);
        Facts { purchases: times.len(), tenure: now - first, overdue, slowdown }
    }

    /// The stage, with some comparisons turned round as if their cuts had been moved past the facts.
    fn stage(&self, facts: &Facts, flipped: &[Cut]) -> Stage {
        let declines = self.above(facts, Cut::Overdue, flipped) || self.above(facts, Cut::Slowdown, flipped);
        if declines { Stage::Decline } else { self.alive_stage(facts, flipped) }
    }

    fn alive_stage(&self, facts: &Facts, flipped: &[Cut]) -> Stage {
        if !self.above(facts, Cut::Purchases, flipped) {
            Stage::Exploration
        } else if !self.above(facts, Cut::Tenure, flipped) || self.above(facts, Cut::Speedup, flipped) {
            Stage::Formation
        } else {
            Stage::Stability
        }
    }

    /// Whether a fact lies above its cut; a fact that is not known does not, wherever the cut is.
    fn above(&self, facts: &Facts, cut: Cut, flipped: &[Cut]) -> bool {
        facts.value(cut).is_some_and(|value| (value > self.cut(cut)) != flipped.contains(&cut))
    }

    fn reasons(&self, facts: &Facts, decide: impl Fn(&[Cut]) -> Stage) -> Vec<Reason> {
        let cuts = [Cut::Overdue, Cut::Slowdown, Cut::Purchases, Cut::Tenure, Cut::Speedup];
        self.flips(decide, |cut| facts.value(cut), &cuts)
    }

    /// The cuts that change the stage when they are moved: each one that does so alone, and pairs of the others.
    fn flips(
        &self,
        decide: impl Fn(&[Cut]) -> Stage,
        value: impl Fn(Cut) -> Option<f64>,
        cuts: &[Cut],
    ) -> Vec<Reason> {
        let stage = decide(&[]);
        let finding = |&cut: &Cut| Some(Finding { cut, at: self.cut(cut), value: value(cut)? });
        let reason = |flipped: &[Cut]| {
            let findings: Option<Vec<Finding>> = flipped.iter().map(finding).collect();
            findings.filter(|_| decide(flipped) != stage).map(Reason::Cuts)
        };
        let (alone, others): (Vec<Cut>, Vec<Cut>) = cuts.iter().partition(|&&cut| decide(&[cut]) != stage);
        let single = alone.iter().filter_map(|&cut| reason(&[cut]));
        let pairs = others.iter().enumerate();
        let pairs = pairs.flat_map(|(at, &a)| others.iter().skip(at + 1).map(move |&b| [a, b]));
        single.chain(pairs.filter_map(|pair| reason(&pair))).collect()
    }

    /// How long the facts have been as asked for: the stage can change only at a purchase, when the idle time or the
    /// tenure passes its cut; between these times it is looked at once.
    fn since(&self, times: &[f64], now: f64, holds: impl Fn(&Facts) -> bool) -> f64 {
        let first = times.first().copied().unwrap_or(now);
        let mut changes = vec![first + self.cut(Cut::Tenure)];
        for (place, &time) in times.iter().enumerate() {
            changes.extend([time, time + self.cut(Cut::Overdue) * self.gap(times, place)]);
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
    fn value(&self, cut: Cut) -> Option<f64> {
        match cut {
            Cut::Overdue => Some(self.overdue),
            Cut::Slowdown => self.slowdown,
            Cut::Purchases => Some(self.purchases as f64),
            Cut::Tenure => Some(self.tenure),
            Cut::Speedup => self.slowdown.map(|slowdown| 1.0 / slowdown),
            Cut::Gone => None,
        }
    }
}

/// The stretches between purchases and from the last one to `now`: the index of the purchase before
/// it, the purchases up to then, start and end. Purchases at the same time are one stretch.
fn gaps(times: &[f64], now: f64) -> impl DoubleEndedIterator<Item = (usize, &[f64], f64, f64)> {
    (0..times.len()).filter_map(move |place| {
        let start = *times.get(place)?;
        let (next, seen) = (times.get(place + 1).copied(), times.get(..=place)?);
        next.is_none_or(|next| next > start).then_some((place, seen, start, next.unwrap_or(now)))
    })
}

fn check(times: &[f64], now: f64) -> Result<(), Error> {
    /// Centuries in nanoseconds; far below where differences overflow.
    const LIMIT: f64 = 1e100;
    if times.is_empty() {
        return Err(Error::Empty { field: "times of purchases" });
    }
    if let Some(time) = times.iter().chain([&now]).find(|time| time.is_nan() || time.abs() > LIMIT) {
        return Err(Error::range("time", "lie in -1e100..=1e100", time));
    }
    let pairs = times.windows(2).filter_map(|pair| pair.first().zip(pair.last()));
    let mut pairs = pairs.chain(times.last().map(|last| (last, &now)));
    match pairs.find(|(earlier, later)| earlier > later) {
        None => Ok(()),
        Some((earlier, later)) => Err(Error::range("time", format!("not be before {earlier}"), later)),
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for cut in Cut::ALL {
            writeln!(f, "{}: {}", cut.fact(), self.cut(cut))?;
        }
        writeln!(f, "usual gap: {}", self.usual_gap)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    cuts: Vec<(Cut, f64)>,
    usual_gap: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Rules {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let rules = Self::default().with_usual_gap(stored.usual_gap)?;
        stored.cuts.into_iter().try_fold(rules, |rules, (cut, at)| rules.with_cut(cut, at))
    }
}

#[cfg(feature = "serde")]
impl From<Rules> for Stored {
    fn from(rules: Rules) -> Self {
        Self { cuts: Cut::ALL.map(|cut| (cut, rules.cut(cut))).to_vec(), usual_gap: rules.usual_gap }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    fn stage(times: &[f64], now: f64) -> Stage {
        Rules::default().standing(times, now).unwrap().stage
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
        let rules = Rules::default();
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
        let standing = Rules::default().standing(&days, 400.0).unwrap();
        assert_eq!(standing.stage, Stage::Decline);
        assert_eq!(
            standing.reasons[0].to_string(),
            "idle time in own gaps 10.00 is above 3.00, and gap lately over gap before 4.00 is above 2.00"
        );
        assert_eq!(standing.reasons.len(), 1);
    }

    #[test]
    fn a_decline_that_was_left_again_has_been_one() {
        let rules = Rules::default();
        let first = |times: &[f64], now| rules.first_decline(times, now).unwrap();
        // A single purchase is overdue after three usual gaps of 60 days, whatever comes later.
        assert_eq!(first(&[0.0, 181.0, 190.0], 195.0), Some(180.0));
        assert_eq!((first(&[0.0], 180.0), first(&[0.0], 180.5)), (None, Some(180.0)));
        // Gaps of 10 days, then of 40: declared with the fifth purchase, before any silence.
        let slower = [0.0, 10.0, 20.0, 40.0, 80.0];
        assert_eq!((first(&slower, 80.0), first(&slower[..4], 60.0)), (Some(80.0), None));
        // Purchases at the same time are one: in between nothing is silent.
        assert_eq!(first(&[0.0, 0.0, 0.0], 0.0), None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |times: &[f64], now| Rules::default().standing(times, now).unwrap_err().to_string();
        assert_eq!(text(&[], 1.0), "times of purchases must hold at least one value, got 0");
        assert_eq!(text(&[2.0, 1.0], 3.0), "time must not be before 2, got 1");
        assert_eq!(text(&[2.0], 1.0), "time must not be before 2, got 1");
        assert_eq!(text(&[f64::NAN], 1.0), "time must lie in -1e100..=1e100, got NaN");
        let refused = Rules::default().with_cut(Cut::Overdue, -1.0).unwrap_err();
        assert_eq!(refused.to_string(), "cut must be at least 0 and finite, got -1");
        let refused = Rules::default().with_usual_gap(0.0).unwrap_err();
        assert_eq!(refused.to_string(), "usual gap must be above 0 and finite, got 0");
        let refused = Rules::default().with_cut(Cut::Gone, 0.9).unwrap_err();
        assert_eq!(refused.to_string(), "cut of 1 - P(alive) must be 0.5, got 0.9");
    }
}
