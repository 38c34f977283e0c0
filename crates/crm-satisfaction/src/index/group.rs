use crm_numbers::{Interval, Level};

use super::Pairs;
use super::pairs::Sums;
use crate::Groups;

/// Default for the smallest sample of a group that is worth comparing.
///
/// The normal approximation behind the intervals is poor for fewer than 30 pairs, and the mean of
/// ten respondents moves by a tenth of a point when one of them changes by one.
pub const MINIMUM_SAMPLE: usize = 30;

/// Index and gap of one group of respondents.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupIndex {
    /// Label of the group.
    pub label: String,
    /// Number of respondents who answered both questions.
    pub respondents: usize,
    /// Mean perception.
    pub perceived: Option<f64>,
    /// Mean expectation.
    pub expected: Option<f64>,
    /// C = mean(perceived) / mean(expected).
    pub ratio: Option<f64>,
    /// C with its interval by the delta method; for two respondents or more.
    pub ratio_interval: Option<Interval>,
    /// Mean(perceived) - mean(expected).
    pub gap: Option<f64>,
    /// Gap with its interval; for two respondents or more.
    pub gap_interval: Option<Interval>,
    /// Whether the effective number of respondents reaches the minimum sample.
    pub enough: bool,
}

impl Pairs {
    /// Returns index and gap of all respondents as one group with the given label.
    #[must_use]
    pub fn summary(&self, label: &str, minimum: usize, level: Level) -> GroupIndex {
        let Sums { n, weight, perceived, expected } = self.sums();
        let mean = |sum: f64| (weight > 0.0).then(|| sum / weight);
        GroupIndex {
            label: label.to_owned(),
            respondents: n,
            perceived: mean(perceived),
            expected: mean(expected),
            ratio: self.ratio_of_means(),
            ratio_interval: self.ratio_interval(level),
            gap: self.gap(),
            gap_interval: self.gap_interval(level),
            // Effective numbers of equal weights may miss a whole number by rounding.
            enough: self.effective() + 1e-9 >= minimum as f64,
        }
    }

    /// Returns index and gap of each group, in the order of the labels; one pass over the pairs.
    ///
    /// A group below the `minimum` sample ([`MINIMUM_SAMPLE`]) is marked by `enough`; a group
    /// without a pair has no figures. Respondents beyond the end of the groups belong to none.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::index::{MINIMUM_SAMPLE, Pairs};
    /// use crm_satisfaction::{Groups, Level};
    ///
    /// let pairs = Pairs::new(&[8.0, 6.0, 9.0], &[8.0, 10.0, 6.0])?;
    /// let groups = Groups::new("region", ["north", "north", "south"]);
    /// let regions = pairs.by_group(&groups, MINIMUM_SAMPLE, Level::default());
    /// assert_eq!((regions[0].ratio, regions[1].ratio), (Some(14.0 / 18.0), Some(1.5)));
    /// assert!(!regions[0].enough);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "codes are indices of labels")]
    pub fn by_group(&self, groups: &Groups, minimum: usize, level: Level) -> Vec<GroupIndex> {
        let mut indices = vec![Vec::new(); groups.labels().len()];
        for (index, respondent) in self.respondents().iter().enumerate() {
            if let Some(&code) = groups.codes().get(*respondent) {
                indices[code as usize].push(index);
            }
        }
        let summary =
            |(label, indices): (&String, Vec<usize>)| self.at(&indices).summary(label, minimum, level);
        groups.labels().iter().zip(indices).map(summary).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_nobody_has_no_figures_and_one_of_few_says_so() {
        let groups = Groups::new("region", ["b", "a", "a"]);
        // The respondent of group b was left out of the pairs.
        let pairs = Pairs::new(&[1.0, 2.0, 3.0], &[2.0, 2.0, 2.0]).unwrap().at(&[1, 2]);
        let found = pairs.by_group(&groups, 2, Level::default());
        assert_eq!((found[0].respondents, found[0].ratio, found[0].enough), (2, Some(1.25), true));
        assert_eq!(
            (found[1].respondents, found[1].ratio, found[1].gap, found[1].enough),
            (0, None, None, false)
        );
        assert_eq!(found[1].ratio_interval, None);
    }
}
