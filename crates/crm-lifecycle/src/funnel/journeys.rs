use crm_numbers::check;
use crm_numbers::{Interval, Level};
use crm_statistics::survival::{Curve, Incidence, Lifetimes};

use super::Funnel;
use super::counts::interval;
use crate::error::Error;

/// The outcome of a journey.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum JourneyOutcome {
    /// Still in progress, or at the last stage.
    Open,
    /// Lost at the last stage that was reached, with the time if it is known.
    Lost {
        /// Time of the loss; `None` if it is not known.
        at: Option<f64>,
    },
}

/// The times at which each candidate reached each stage, with the outcome of each journey.
///
/// Candidates who are still open have not failed: their conversion so far is too low, and the times
/// of those who advanced are too short, because the slow ones are still missing. Therefore shares
/// are also given among decided candidates, and times by survival curves in which open candidates
/// count for as long as they have been waiting. If candidates stay open for longer than any
/// decision ever took, the share among decided ones is too high: see [`eventual`](Self::eventual).
///
/// # Examples
///
/// ```
/// use crm_lifecycle::funnel::{Journeys, JourneyOutcome};
/// use crm_numbers::Level;
///
/// // Days on which each candidate was met, was in talks and bought; today is day 40.
/// let mut journeys = Journeys::new(["met", "talks", "deal"], 40.0)?;
/// journeys.push(&[Some(0.0), Some(10.0), Some(30.0)], JourneyOutcome::Open)?;
/// journeys.push(&[Some(5.0), Some(25.0)], JourneyOutcome::Lost { at: Some(35.0) })?;
/// journeys.push(&[Some(8.0), Some(30.0)], JourneyOutcome::Open)?; // in talks for ten days
/// journeys.push(&[None], JourneyOutcome::Lost { at: None })?; // nobody wrote down when
/// assert_eq!(journeys.funnel()?.counts(), [4, 3, 1]);
///
/// let talks = &journeys.passages(Level::default())[1];
/// assert_eq!((talks.entered, talks.advanced, talks.lost, talks.open), (3, 1, 1, 1));
/// assert_eq!(talks.decided.unwrap().estimate, 0.5);
/// // One left the talks after 10 days, two are longer in sight than that; at 20 the second one left.
/// assert_eq!(journeys.time_in(1)?.unwrap().median(), Some(20.0));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Journeys {
    now: f64,
    names: Vec<String>,
    stages: Vec<Tally>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tally {
    entered: u64,
    lost: u64,
    pub(super) times: Vec<f64>,
    /// Cause that ended each of these times; `None` for candidates who still wait.
    pub(super) ends: Vec<Option<usize>>,
}

/// Index of the cause "advanced".
pub(super) const ADVANCED: usize = 0;
/// Index of the cause "lost".
const LOST: usize = 1;

/// The outcomes of the candidates of one stage.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Passage {
    /// Stage before the step.
    pub from: String,
    /// Stage after the step.
    pub to: String,
    /// Number of candidates who reached the first stage.
    pub entered: u64,
    /// Number of them who advanced.
    pub advanced: u64,
    /// Number of candidates lost in the stage.
    pub lost: u64,
    /// Number of candidates still in the stage.
    pub open: u64,
    /// Share of all candidates of the stage who advanced so far, with Wilson's limits: it can only
    /// grow.
    pub so_far: Option<Interval>,
    /// Share of decided candidates who advanced; too high if open candidates outlast the decided
    /// ones, see [`Journeys::eventual`].
    pub decided: Option<Interval>,
}

impl Journeys {
    /// Creates an empty collection of journeys through the named stages, observed until `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than two stages, or a time that is not finite.
    pub fn new<N: Into<String>>(stages: impl IntoIterator<Item = N>, now: f64) -> Result<Self, Error> {
        let names: Vec<String> = stages.into_iter().map(Into::into).collect();
        check::range("number of stages", names.len(), 2..)?;
        check::range("now", now, TIMES)?;
        let stages = vec![Tally::default(); names.len()];
        Ok(Self { now, names, stages })
    }

    /// Adds a candidate: the times at which they reached each stage so far, from the first one on
    /// (`None` for unknown times), and the outcome of the journey.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a stage, for more stages than there are, or for times that are not
    /// finite, do not ascend or lie after `now`; [`Error::LostDeal`] for a candidate who is lost
    /// although they reached the last stage. Nothing is added then.
    pub fn push(&mut self, reached: &[Option<f64>], outcome: JourneyOutcome) -> Result<(), Error> {
        check::not_empty("stages reached", reached)?;
        check::range("number of stages reached", reached.len(), ..=self.names.len())?;
        let lost = matches!(outcome, JourneyOutcome::Lost { .. });
        if lost && reached.len() == self.names.len() {
            return Err(Error::LostDeal);
        }
        let end = if let JourneyOutcome::Lost { at } = outcome { at } else { Some(self.now) };
        let mut before = *TIMES.start();
        for &time in reached.iter().chain([&end]).flatten() {
            check::range("time", time, TIMES)?;
            check::range("time", time, before..=self.now)?;
            before = time;
        }
        let last = reached.len() - 1;
        let nexts = reached.iter().skip(1).chain([&end]);
        for (at, ((tally, &start), &next)) in self.stages.iter_mut().zip(reached).zip(nexts).enumerate() {
            tally.entered += 1;
            let cause = match at < last {
                true => Some(ADVANCED),
                false => lost.then_some(LOST),
            };
            tally.lost += u64::from(cause == Some(LOST));
            if let Some((start, next)) = start.zip(next) {
                tally.times.push(next - start);
                tally.ends.push(cause);
            }
        }
        Ok(())
    }

    /// Returns the number of candidates who reached each stage so far.
    ///
    /// # Errors
    ///
    /// None for accepted journeys.
    pub fn funnel(&self) -> Result<Funnel, Error> {
        Funnel::new(self.names.iter().cloned().zip(self.stages.iter().map(|tally| tally.entered)))
    }

    /// Returns the outcomes of each stage but the last.
    #[must_use]
    pub fn passages(&self, level: Level) -> Vec<Passage> {
        let names = self.names.iter().zip(self.names.iter().skip(1));
        let tallies = self.stages.iter().zip(self.stages.iter().skip(1));
        let passage = |((from, to), (tally, next)): ((&String, &String), (&Tally, &Tally))| {
            let (entered, advanced, lost) = (tally.entered, next.entered, tally.lost);
            Passage {
                from: from.clone(),
                to: to.clone(),
                entered,
                advanced,
                lost,
                open: entered - advanced - lost,
                so_far: interval(advanced, entered, level),
                decided: interval(advanced, advanced + lost, level),
            }
        };
        names.zip(tallies).map(passage).collect()
    }

    /// Returns the share of candidates who are still in a stage as a function of time: the
    /// Kaplan-Meier curve of the time until they advance or are lost, with open candidates censored
    /// at `now`. `None` if no time is known, and for the last stage, which nobody leaves.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the stages.
    pub fn time_in(&self, stage: usize) -> Result<Option<Curve>, Error> {
        let tally = self.tally(stage)?;
        let left: Vec<bool> = tally.ends.iter().map(Option::is_some).collect();
        let times = Lifetimes::new(&tally.times, &left).ok();
        Ok(times.filter(|_| stage + 1 < self.names.len()).map(|times| times.kaplan_meier()))
    }

    /// Returns the share of candidates who advanced (cause 0) or were lost (cause 1) as a function
    /// of the time in a stage, with open candidates counted for as long as they were observed
    /// (Aalen and Johansen). `None` under the conditions of [`time_in`](Self::time_in).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the stages.
    pub fn outcomes_of(&self, stage: usize) -> Result<Option<Incidence>, Error> {
        let tally = self.tally(stage)?;
        let outcomes = Incidence::new(&tally.times, &tally.ends, 2).ok();
        Ok(outcomes.filter(|_| stage + 1 < self.names.len()))
    }

    /// Returns the numbers of candidates who entered a stage, advanced and were lost.
    pub(super) fn counts(&self, stage: usize) -> (u64, u64, u64) {
        let entered = |stage: usize| self.stages.get(stage).map_or(0, |tally| tally.entered);
        (entered(stage), entered(stage + 1), self.stages.get(stage).map_or(0, |tally| tally.lost))
    }

    /// Returns the names of a stage and of the next one.
    pub(super) fn names_of(&self, stage: usize) -> (String, String) {
        let name = |stage: usize| self.names.get(stage).cloned().unwrap_or_default();
        (name(stage), name(stage + 1))
    }

    pub(super) fn last_stage(&self) -> usize {
        self.names.len() - 1
    }

    #[allow(clippy::indexing_slicing, reason = "the index is checked")]
    pub(super) fn tally(&self, stage: usize) -> Result<&Tally, Error> {
        let stage = check::index("stages", stage, self.stages.len())?;
        Ok(&self.stages[stage])
    }
}

/// Accepted times: their differences do not overflow.
const TIMES: std::ops::RangeInclusive<f64> = -1e100..=1e100;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn open_candidates_count_for_as_long_as_they_wait() {
        let mut journeys = Journeys::new(["a", "b"], 10.0).unwrap();
        for reached in [&[Some(0.0), Some(2.0)][..], &[Some(0.0), Some(4.0)], &[Some(7.0)], &[Some(1.0)]] {
            journeys.push(reached, JourneyOutcome::Open).unwrap();
        }
        // Of 4 one leaves at 2; of the 2 in sight at 4 (one waits for 3 days only) another one.
        let curve = journeys.time_in(0).unwrap().unwrap();
        assert_eq!([1.0, 2.0, 4.0, 9.0].map(|time| curve.at(time)), [1.0, 0.75, 0.375, 0.375]);
        let outcomes = journeys.outcomes_of(0).unwrap().unwrap();
        assert_eq!((outcomes.share(0, 9.0).unwrap(), outcomes.share(1, 9.0).unwrap()), (0.625, 0.0));
        assert!(journeys.time_in(1).unwrap().is_none() && journeys.outcomes_of(1).unwrap().is_none());
        let passage = &journeys.passages(Level::default())[0];
        assert_eq!((passage.open, passage.so_far.unwrap().estimate), (2, 0.5));
        assert_eq!(passage.decided.unwrap().estimate, 1.0);
    }

    #[test]
    fn errors_name_field_and_value() {
        let mut journeys = Journeys::new(["a", "b"], 10.0).unwrap();
        let mut text =
            |reached: &[Option<f64>], outcome| journeys.push(reached, outcome).unwrap_err().to_string();
        assert_eq!(text(&[], JourneyOutcome::Open), "stages reached must not be empty");
        assert_eq!(
            text(&[None; 3], JourneyOutcome::Open),
            "number of stages reached must be at most 2, got 3"
        );
        assert_eq!(
            text(&[Some(5.0), Some(4.0)], JourneyOutcome::Open),
            "time must be between 5 and 10, got 4"
        );
        assert_eq!(text(&[Some(11.0)], JourneyOutcome::Open), "time must be between -1e100 and 10, got 11");
        assert_eq!(
            text(&[Some(1.0)], JourneyOutcome::Lost { at: Some(12.0) }),
            "time must be between 1 and 10, got 12"
        );
        assert_eq!(
            text(&[Some(f64::NAN)], JourneyOutcome::Open),
            "time must be between -1e100 and 1e100, got NaN"
        );
        assert_eq!(
            text(&[None; 2], JourneyOutcome::Lost { at: None }),
            "a deal that reached the last stage cannot be lost"
        );
        assert_eq!(journeys.funnel().unwrap().counts(), [0, 0]);
        assert_eq!(journeys.time_in(2).unwrap_err().to_string(), "index 2 is out of range for 2 stages");
        assert_eq!(
            Journeys::new(["a"], 0.0).unwrap_err().to_string(),
            "number of stages must be at least 2, got 1"
        );
        assert_eq!(
            Journeys::new(["a", "b"], f64::INFINITY).unwrap_err().to_string(),
            "now must be between -1e100 and 1e100, got inf"
        );
    }
}
