use crm_numbers::check;
use crm_numbers::{Interval, Level};
use crm_statistics::survival::{Curve, Incidence, Lifetimes};

use super::Funnel;
use super::counts::interval;
use crate::error::Error;

/// How a journey stands.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum JourneyOutcome {
    /// Still under way, or arrived at the last stage.
    Open,
    /// Lost at the last stage that was reached, at a time if it is known.
    Lost {
        /// When.
        at: Option<f64>,
    },
}

/// When each candidate reached which stage, who was lost on the way, and who is still open.
///
/// Candidates who are still open have not failed: their conversion so far is too low, and the times
/// of those who went on are too short, because the slow ones have not arrived. Shares are therefore
/// given among those whose step is decided, too, and times by survival curves that count the open
/// ones for as long as they have been waiting. Where candidates stay open for longer than any
/// decision ever took, the share of the decided is too high: see [`eventual`](Self::eventual).
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
    /// How each of these times ended; `None` for those who still wait.
    pub(super) ends: Vec<Option<usize>>,
}

/// Where the cause "went on" stands.
pub(super) const ADVANCED: usize = 0;
/// And the cause "was lost".
const LOST: usize = 1;

/// The way out of one stage.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Passage {
    /// The stage left.
    pub from: String,
    /// The stage after it.
    pub to: String,
    /// How many reached the first one.
    pub entered: u64,
    /// How many of them went on.
    pub advanced: u64,
    /// How many were lost in it.
    pub lost: u64,
    /// How many are still in it.
    pub open: u64,
    /// Those who went on as a share of all who entered, with Wilson's limits: it can only grow.
    pub so_far: Option<Interval>,
    /// Those who went on as a share of those whose step is decided; too high where open ones
    /// outlast the decided ones, see [`Journeys::eventual`].
    pub decided: Option<Interval>,
}

impl Journeys {
    /// No journeys yet through named stages, seen until `now`.
    ///
    /// # Errors
    /// [`Error::Input`] for less than two stages, or a time that is not finite.
    pub fn new<N: Into<String>>(stages: impl IntoIterator<Item = N>, now: f64) -> Result<Self, Error> {
        let names: Vec<String> = stages.into_iter().map(Into::into).collect();
        check::range("number of stages", names.len(), 2..)?;
        check::range("now", now, TIMES)?;
        let stages = vec![Tally::default(); names.len()];
        Ok(Self { now, names, stages })
    }

    /// Adds a candidate: when he reached the stages he has reached, from the first one on, `None` where that is not known;
    /// and how the journey stands.
    ///
    /// # Errors
    /// [`Error::Input`] without a stage, [`Error::Input`] for more stages than there are, for times that are not
    /// finite, do not ascend or lie after now, and for somebody who is lost although he has arrived. Nothing is added then.
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

    /// How many reached each stage so far.
    ///
    /// # Errors
    /// None for journeys that were accepted.
    pub fn funnel(&self) -> Result<Funnel, Error> {
        Funnel::new(self.names.iter().cloned().zip(self.stages.iter().map(|tally| tally.entered)))
    }

    /// The way out of each stage but the last.
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

    /// The share of candidates who are still in a stage after some time: Kaplan and Meier's curve of the time until they
    /// leave it either way, with those who are still open censored now. `None` where no time is known, and for the last
    /// stage, which nobody leaves.
    ///
    /// # Errors
    /// [`Error::Input`] for a number that is no stage.
    pub fn time_in(&self, stage: usize) -> Result<Option<Curve>, Error> {
        let tally = self.tally(stage)?;
        let left: Vec<bool> = tally.ends.iter().map(Option::is_some).collect();
        let times = Lifetimes::new(&tally.times, &left).ok();
        Ok(times.filter(|_| stage + 1 < self.names.len()).map(|times| times.kaplan_meier()))
    }

    /// What share of candidates has gone on (cause 0) or was lost (cause 1) by some time in a stage, with those who are
    /// still open counted for as long as they were seen (Aalen and Johansen). `None` as for [`time_in`](Self::time_in).
    ///
    /// # Errors
    /// [`Error::Input`] for a number that is no stage.
    pub fn outcomes_of(&self, stage: usize) -> Result<Option<Incidence>, Error> {
        let tally = self.tally(stage)?;
        let outcomes = Incidence::new(&tally.times, &tally.ends, 2).ok();
        Ok(outcomes.filter(|_| stage + 1 < self.names.len()))
    }

    /// How many entered a stage, went on and were lost.
    pub(super) fn counts(&self, stage: usize) -> (u64, u64, u64) {
        let entered = |stage: usize| self.stages.get(stage).map_or(0, |tally| tally.entered);
        (entered(stage), entered(stage + 1), self.stages.get(stage).map_or(0, |tally| tally.lost))
    }

    /// The names of a stage and of the one after it.
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

/// Times that are accepted: their differences do not overflow.
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
