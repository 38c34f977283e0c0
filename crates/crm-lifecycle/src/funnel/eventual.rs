use crm_numbers::{Interval, Level};
use crm_statistics::{Proportion, ProportionMethod};

use super::Journeys;
use super::journeys::{ADVANCED, Tally};
use crate::error::Error;

/// The share of candidates of a stage that eventually advances, up to the longest observed time to
/// a decision.
///
/// The share among decided candidates is too high if losing takes longer than winning and if many
/// candidates have been open for longer than any decision ever took: these have not advanced in a
/// time in which all others had. Here they count for as long as they were observed: the share is
/// `F(t)`, the estimate of Aalen and Johansen at the longest time to a decision. The share
/// [`undecided`](Self::undecided) at that time remains unobserved.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Eventual {
    /// Stage before the step.
    pub from: String,
    /// Stage after the step.
    pub to: String,
    /// Share of candidates who advance within [`longest`](Self::longest), with limits; if no times
    /// are known, the share of the decided candidates with Wilson's limits.
    pub share: Interval,
    /// Share of candidates neither won nor lost by then: the share that advances could be higher by
    /// as much, if all of these did.
    pub undecided: f64,
    /// Longest time in the stage until a decision; `None` if no times are known.
    pub longest: Option<f64>,
    /// Number of candidates who are still open.
    pub open: u64,
    /// Number of open candidates who have been in the stage for longer than that.
    pub overdue: u64,
    /// Expected number of open candidates who advance, each given the time spent in the stage so
    /// far; overdue candidates count as 0.
    pub expected: f64,
    /// Number of decided candidates who are left out because their time of entry or exit is not
    /// known.
    pub untimed: u64,
}

impl Journeys {
    /// Returns the share of candidates of a stage that eventually advances; `None` for the last
    /// stage, and for a stage without decided candidates.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the stages.
    ///
    /// # References
    ///
    /// Aalen, O. O. and Johansen, S. (1978), "An Empirical Transition Matrix for Non-Homogeneous
    /// Markov Chains Based on Censored Observations", Scandinavian Journal of Statistics 5,
    /// 141-150.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::funnel::{Journeys, JourneyOutcome};
    /// use crm_numbers::Level;
    ///
    /// // Two talks won after 10 and 20 days, one lost after 20; two open for 5 days, five for 90.
    /// let mut journeys = Journeys::new(["talks", "deal"], 100.0)?;
    /// journeys.push(&[Some(0.0), Some(10.0)], JourneyOutcome::Open)?;
    /// journeys.push(&[Some(0.0), Some(20.0)], JourneyOutcome::Open)?;
    /// journeys.push(&[Some(0.0)], JourneyOutcome::Lost { at: Some(20.0) })?;
    /// for started in [95.0, 95.0, 10.0, 10.0, 10.0, 10.0, 10.0] {
    ///     journeys.push(&[Some(started)], JourneyOutcome::Open)?;
    /// }
    /// assert_eq!(journeys.passages(Level::default())[0].decided.unwrap().estimate, 2.0 / 3.0);
    /// let talks = journeys.eventual(0, Level::default())?.unwrap();
    /// // 1/8 at day 10, then 1/7 of the 7/8 left: five of eight have outlasted every decision.
    /// assert!((talks.share.estimate - 0.25).abs() < 1e-12 && (talks.undecided - 0.625).abs() < 1e-12);
    /// assert_eq!((talks.open, talks.overdue, talks.longest), (7, 5, Some(20.0)));
    /// assert!((talks.expected - 0.5).abs() < 1e-12); // a quarter of each of the two young ones
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn eventual(&self, stage: usize, level: Level) -> Result<Option<Eventual>, Error> {
        let Some(outcomes) = self.outcomes_of(stage)? else { return self.by_counts(stage, level) };
        let Some(longest) = outcomes.times().last() else { return self.by_counts(stage, level) };
        let tally = self.tally(stage)?;
        let share = outcomes.interval(ADVANCED, longest, level)?;
        let (decided, won) = (ended(tally, |_| true), ended(tally, |cause| cause == ADVANCED));
        let censored = tally.ends.iter().any(Option::is_none);
        // Without censoring the limits of counts are the better ones; at 0 and 1 the others do not
        // exist.
        let counted =
            Proportion::new(won, decided).map(|share| share.interval(ProportionMethod::Wilson, level));
        let share = match counted {
            Ok(counted) if !censored || share.estimate <= 0.0 || share.estimate >= 1.0 => {
                Interval::new(counted.lower, share.estimate, counted.upper, level)
            }
            _ => share,
        };
        let (entered, advanced, lost) = self.counts(stage);
        let open = entered - advanced - lost;
        let (mut expected, mut overdue, mut timed) = (0.0, 0, 0);
        for (&waited, _) in tally.times.iter().zip(&tally.ends).filter(|(_, end)| end.is_none()) {
            timed += 1;
            overdue += u64::from(waited > longest);
            let (stays, gone) = (outcomes.stays(waited), outcomes.share(ADVANCED, waited)?);
            if stays > 0.0 {
                expected += ((share.estimate - gone) / stays).clamp(0.0, 1.0);
            }
        }
        // Nothing is known about candidates without a time: they get the share of all.
        expected += open.saturating_sub(timed) as f64 * share.estimate;
        let (from, to) = self.names_of(stage);
        Ok(Some(Eventual {
            from,
            to,
            share,
            undecided: outcomes.stays(longest),
            longest: Some(longest),
            open,
            overdue,
            expected,
            untimed: (advanced + lost).saturating_sub(decided),
        }))
    }

    /// Returns the share of candidates that eventually reaches the last stage: the product of the
    /// shares of all steps; `None` if one of them has no decided candidates.
    ///
    /// # Formula
    ///
    /// The limits treat the steps as independent: `ln L = sum ln p - sqrt(sum (ln p - ln l)^2)`,
    /// and the upper limit likewise, where `p` is the share of each step, in 0..=1, `l` is its
    /// lower limit and `L` is the lower limit of the product.
    ///
    /// # Errors
    ///
    /// None for accepted journeys.
    ///
    /// # References
    ///
    /// Zou, G. Y. and Donner, A. (2008), "Construction of Confidence Limits about Effect Measures",
    /// Statistics in Medicine 27, 1693-1702.
    pub fn eventually(&self, level: Level) -> Result<Option<Interval>, Error> {
        let (mut estimate, mut lower, mut upper) = (0.0, 0.0, 0.0);
        for stage in 0..self.last_stage() {
            let Some(Eventual { share, .. }) = self.eventual(stage, level)? else { return Ok(None) };
            if share.estimate <= 0.0 {
                return Ok(Some(Interval::new(0.0, 0.0, share.upper, level)));
            }
            estimate += share.estimate.ln();
            lower += (share.estimate / share.lower).ln().powi(2);
            upper += (share.upper / share.estimate).ln().powi(2);
        }
        let (estimate, lower, upper): (f64, f64, f64) =
            (estimate.exp(), (estimate - lower.sqrt()).exp(), (estimate + upper.sqrt()).exp().min(1.0));
        Ok(Some(Interval::new(lower, estimate, upper, level)))
    }

    /// Returns the share from the decided candidates alone.
    fn by_counts(&self, stage: usize, level: Level) -> Result<Option<Eventual>, Error> {
        if stage >= self.last_stage() {
            return Ok(None);
        }
        let (entered, advanced, lost) = self.counts(stage);
        let Ok(share) = Proportion::new(advanced, advanced + lost) else { return Ok(None) };
        let share = share.interval(ProportionMethod::Wilson, level);
        let open = entered - advanced - lost;
        let (from, to) = self.names_of(stage);
        let expected = open as f64 * share.estimate;
        let (undecided, longest, overdue, untimed) = (0.0, None, 0, 0);
        Ok(Some(Eventual { from, to, share, undecided, longest, open, overdue, expected, untimed }))
    }
}

/// Returns the number of timed candidates who left the stage in the given way.
fn ended(tally: &Tally, holds: impl Fn(usize) -> bool) -> u64 {
    tally.ends.iter().flatten().filter(|cause| holds(**cause)).count() as u64
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::funnel::JourneyOutcome;

    fn journeys(rows: &[(&[Option<f64>], JourneyOutcome)]) -> Journeys {
        let mut journeys = Journeys::new(["a", "b", "c"], 100.0).unwrap();
        rows.iter().for_each(|(reached, outcome)| journeys.push(reached, *outcome).unwrap());
        journeys
    }

    #[test]
    fn without_times_the_decided_ones_count() {
        let lost = JourneyOutcome::Lost { at: None };
        let journeys = journeys(&[
            (&[None, None, None], JourneyOutcome::Open),
            (&[None, None], lost),
            (&[None, None], JourneyOutcome::Open),
            (&[None], lost),
        ]);
        let first = journeys.eventual(0, Level::default()).unwrap().unwrap();
        assert_eq!((first.share.estimate, first.longest, first.open), (0.75, None, 0));
        let second = journeys.eventual(1, Level::default()).unwrap().unwrap();
        assert_eq!((second.share.estimate, second.open, second.expected), (0.5, 1, 0.5));
        let all = journeys.eventually(Level::default()).unwrap().unwrap();
        assert!((all.estimate - 0.375).abs() < 1e-12 && all.lower < 0.12 && all.upper > 0.6, "{all}");
        assert!(journeys.eventual(2, Level::default()).unwrap().is_none());
        assert!(journeys.eventual(3, Level::default()).is_err());
    }

    /// Without open candidates the result is that of the counts, limits included.
    #[test]
    fn where_everybody_is_decided_nothing_changes() {
        let journeys = journeys(&[
            (&[Some(1.0), Some(2.0), Some(3.0)], JourneyOutcome::Open),
            (&[Some(1.0), Some(5.0), Some(9.0)], JourneyOutcome::Open),
            (&[Some(1.0), Some(5.0)], JourneyOutcome::Lost { at: Some(7.0) }),
        ]);
        let share = journeys.eventual(1, Level::default()).unwrap().unwrap().share;
        let decided = journeys.passages(Level::default())[1].decided.unwrap();
        assert!((share.estimate - decided.estimate).abs() < 1e-12);
        assert_eq!((share.lower, share.upper), (decided.lower, decided.upper));
        // All three advanced: that does not make it certain.
        let first = journeys.eventual(0, Level::default()).unwrap().unwrap().share;
        assert!((first.estimate - 1.0).abs() < 1e-12 && first.lower < 0.5);
    }

    #[test]
    fn nobody_decided_promises_nothing() {
        let journeys = journeys(&[(&[Some(1.0), Some(2.0)], JourneyOutcome::Open)]);
        assert!(journeys.eventual(1, Level::default()).unwrap().is_none());
        assert!(journeys.eventually(Level::default()).unwrap().is_none());
        // Lost without a date: left out of the times, and counted as untimed.
        let mut journeys = journeys;
        journeys.push(&[Some(1.0), Some(2.0)], JourneyOutcome::Lost { at: None }).unwrap();
        journeys.push(&[Some(1.0), Some(2.0), Some(3.0)], JourneyOutcome::Open).unwrap();
        let second = journeys.eventual(1, Level::default()).unwrap().unwrap();
        assert_eq!((second.untimed, second.share.estimate), (1, 0.5));
    }
}
