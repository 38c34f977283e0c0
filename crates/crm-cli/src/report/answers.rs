//! Satisfaction of customers in a survey, compared with their loyalty.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use crm_analytics::history::{Decimal, Summaries};
use crm_analytics::numbers::{Interval, Level};
use crm_analytics::satisfaction::scores::Mean;
use crm_analytics::satisfaction::{Scale, Tally};

use super::segments::Segments;
use crate::Error;
use crate::attitude::Attitude;
use crate::survey::{self, Analysis};
use crate::words;

/// A survey whose respondents are customers.
pub(crate) struct Answers {
    pub(crate) survey: Analysis,
    /// Question about overall satisfaction.
    pub(crate) question: String,
    /// Scale from 0 to 100.
    pub(crate) attitude: Attitude,
    /// Mean satisfaction of the customers who answered.
    pub(crate) mean: Interval,
    /// Mean satisfaction per RFM segment; the mean is missing where a single answer is not enough
    /// for an interval.
    pub(crate) segments: Vec<SegmentMean>,
    /// Satisfaction and region, by index of the person.
    pub(crate) by_person: HashMap<usize, (f64, String)>,
}

/// Answers of one segment.
pub(crate) struct SegmentMean {
    pub(crate) name: String,
    pub(crate) answers: u64,
    pub(crate) mean: Option<Interval>,
}

impl Answers {
    pub(crate) fn of(
        path: &Path,
        summaries: &Summaries<String, Decimal>,
        segments: &Segments,
    ) -> Result<Self, Error> {
        let nothing = |why: &str| Error::nothing_in(path, why);
        let survey = survey::of_customers(path)?;
        let Some(question) = survey.outcome.clone() else {
            return Err(nothing(
                "no question asks for satisfaction; it is looked for as satisfaction, \
                overall_satisfaction, overall, csat, recommend, nps",
            ));
        };
        let column = survey.input.file.survey.column(&question).map_err(Error::refused)?;
        let ids = survey.input.file.survey.respondents();
        let scale = column.scale().clone();
        let (kept, answers): (Vec<usize>, Vec<(String, f64)>) = column
            .oriented()
            .zip(ids)
            .enumerate()
            .filter_map(|(at, (answer, id))| Some((at, (id.clone(), per_cent(&scale, f64::from(answer?))))))
            .unzip();
        let attitude = Attitude::of(&answers, (0.0, 100.0), summaries, &segments.scores)?;
        // Respondents per segment, as indices into the survey.
        let mut members = vec![Vec::new(); segments.groups.names().len()];
        for (person, at) in &attitude.people {
            let group = segments.groups.codes().get(*person).map(|group| *group as usize);
            if let (Some(list), Some(respondent)) =
                (group.and_then(|group| members.get_mut(group)), kept.get(*at))
            {
                list.push(*respondent);
            }
        }
        let mean_of = |respondents: &[usize]| {
            let mean = Mean::from_tally(&Tally::from_members(column, respondents)).ok()?;
            let found = mean.interval(Level::default())?;
            let [lower, estimate, upper] =
                [found.lower, found.estimate, found.upper].map(|value| per_cent(&scale, value));
            Some(Interval::new(lower, estimate, upper, found.level))
        };
        let everybody: Vec<usize> = members.iter().flatten().copied().collect();
        let Some(mean) = mean_of(&everybody) else {
            return Err(nothing("fewer than two of its respondents are customers with an order"));
        };
        let segments = segments
            .groups
            .names()
            .iter()
            .zip(&members)
            .filter(|(_, respondents)| !respondents.is_empty())
            .map(|(name, respondents)| SegmentMean {
                name: name.clone(),
                answers: respondents.len() as u64,
                mean: mean_of(respondents),
            })
            .collect();
        let region = |row: usize| attitude.regions.name(row).unwrap_or_default().to_owned();
        let by_person = attitude
            .people
            .iter()
            .zip(&attitude.satisfaction)
            .enumerate()
            .map(|(row, ((person, _), answer))| (*person, (*answer, region(row))))
            .collect();
        Ok(Answers { question, mean, segments, by_person, attitude, survey })
    }

    /// Returns the customers with a low satisfaction, in the order of customer indices.
    pub(crate) fn unhappy(&self) -> Vec<usize> {
        let mut unhappy: Vec<usize> = self
            .by_person
            .iter()
            .filter(|(_, (answer, _))| *answer < 50.0)
            .map(|(person, _)| *person)
            .collect();
        unhappy.sort_unstable();
        unhappy
    }
}

/// Output for the terminal.
impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "satisfaction of {} who answered: {} of 100 ({} to {}); {}",
            words::counted(self.attitude.people.len() as u64, "customer", "customers"),
            words::number(self.mean.estimate, 1),
            words::number(self.mean.lower, 1),
            words::number(self.mean.upper, 1),
            self.attitude.regions,
        )
    }
}

/// Formats an answer, or a mean of answers, from 0 to 100.
fn per_cent(scale: &Scale, value: f64) -> f64 {
    let (min, max) = (f64::from(scale.min()), f64::from(scale.max()));
    100.0 * (value - min) / (max - min)
}
