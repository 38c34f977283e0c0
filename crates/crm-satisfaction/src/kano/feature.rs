use crm_numbers::{EmptyError, InputError};

use super::{ContinuousScores, KanoCategory, KanoReply};
use crate::Error;
use crate::tally::check_total;

/// The number of respondents in each category of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct KanoCounts {
    /// M.
    pub must_be: u64,
    /// O.
    pub one_dimensional: u64,
    /// A.
    pub attractive: u64,
    /// I.
    pub indifferent: u64,
    /// R.
    pub reverse: u64,
    /// Q.
    pub questionable: u64,
}

impl KanoCounts {
    /// Returns the count of a category.
    #[must_use]
    pub fn get(&self, category: KanoCategory) -> u64 {
        match category {
            KanoCategory::MustBe => self.must_be,
            KanoCategory::OneDimensional => self.one_dimensional,
            KanoCategory::Attractive => self.attractive,
            KanoCategory::Indifferent => self.indifferent,
            KanoCategory::Reverse => self.reverse,
            KanoCategory::Questionable => self.questionable,
        }
    }

    fn get_mut(&mut self, category: KanoCategory) -> &mut u64 {
        match category {
            KanoCategory::MustBe => &mut self.must_be,
            KanoCategory::OneDimensional => &mut self.one_dimensional,
            KanoCategory::Attractive => &mut self.attractive,
            KanoCategory::Indifferent => &mut self.indifferent,
            KanoCategory::Reverse => &mut self.reverse,
            KanoCategory::Questionable => &mut self.questionable,
        }
    }

    /// Returns the number of respondents, at most `u64::MAX`.
    #[must_use]
    pub fn respondents(&self) -> u64 {
        // The fields are public; a feature refuses sums beyond 2^53.
        self.ranked().iter().fold(0, |sum: u64, &(_, count)| sum.saturating_add(count))
    }

    /// Returns the categories from the most to the least frequent; ties in the order of
    /// [`KanoCategory`].
    #[must_use]
    pub fn ranked(&self) -> [(KanoCategory, u64); 6] {
        use KanoCategory::{Attractive, Indifferent, MustBe, OneDimensional, Questionable, Reverse};
        let all = [MustBe, OneDimensional, Attractive, Indifferent, Reverse, Questionable];
        let mut ranked = all.map(|category| (category, self.get(category)));
        // Stable, so that ties keep their order.
        ranked.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        ranked
    }
}

/// A feature with the replies of all respondents.
///
/// See the [module](crate::kano) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct KanoFeature {
    name: String,
    counts: KanoCounts,
    /// Known for replies, unknown for counts.
    continuous: Option<ContinuousScores>,
}

/// The clarity of a category, after Lee and Newcomb.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LeeNewcomb {
    /// Share of all respondents to whom the feature matters: (M + O + A) / n.
    pub total_strength: f64,
    /// Share of the most frequent category minus that of the second.
    pub category_strength: f64,
    /// Whether the category strength is less than 6 %, so that the feature is a mix of both
    /// categories.
    pub mixed: bool,
}

/// The test of a difference between the two most frequent categories, after Fong.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FongTest {
    /// The two most frequent categories.
    pub categories: [KanoCategory; 2],
    /// Difference of their counts.
    pub difference: u64,
    /// Smallest significant difference.
    pub critical: f64,
    /// Whether the difference is not significant, so that the feature is a mix of both categories.
    pub mixed: bool,
}

impl KanoFeature {
    /// Creates a feature from one pair of replies per respondent: (with the feature, without it).
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without replies.
    pub fn new(name: impl Into<String>, replies: &[(KanoReply, KanoReply)]) -> Result<Self, Error> {
        let mut counts = KanoCounts::default();
        for &(functional, dysfunctional) in replies {
            *counts.get_mut(KanoCategory::from_replies(functional, dysfunctional)) += 1;
        }
        let feature = Self::from_counts(name, counts)?;
        Ok(Self { continuous: Some(ContinuousScores::from_replies(replies)), ..feature })
    }

    /// Creates a feature from its counts alone, such as published ones, without continuous scores.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] if all counts are 0, [`InputError::Range`] for more than 2^53 replies.
    pub fn from_counts(name: impl Into<String>, counts: KanoCounts) -> Result<Self, Error> {
        let name = name.into();
        check_total(format!("replies about {name}"), counts.ranked().map(|(_, count)| count))?;
        if counts.respondents() == 0 {
            return Err(InputError::from(EmptyError::new(format!("replies about {name}"))).into());
        }
        Ok(Self { name, counts, continuous: None })
    }

    /// Returns the name of the feature.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the counts by category.
    #[must_use]
    pub fn counts(&self) -> &KanoCounts {
        &self.counts
    }

    /// Returns the most frequent category; ties go to M, then O, then A, then I, so that features
    /// whose lack annoys come first.
    #[must_use]
    pub fn category(&self) -> KanoCategory {
        let [(category, _), ..] = self.counts.ranked();
        category
    }

    /// Returns total and category strength.
    ///
    /// # References
    ///
    /// Lee, M. C. and Newcomb, J. F. (1997), "Applying the Kano Methodology to Meet Customer
    /// Requirements: NASA's Microgravity Science Program", Quality Management Journal 4 (3),
    /// 95-106.
    #[must_use]
    pub fn lee_newcomb(&self) -> LeeNewcomb {
        /// Threshold of the source.
        const LEAST_STRENGTH: f64 = 0.06;
        let n = self.counts.respondents() as f64;
        let [(_, first), (_, second), ..] = self.counts.ranked();
        let matters = self.counts.must_be + self.counts.one_dimensional + self.counts.attractive;
        let category_strength = (first - second) as f64 / n;
        LeeNewcomb {
            total_strength: matters as f64 / n,
            category_strength,
            mixed: category_strength < LEAST_STRENGTH,
        }
    }

    /// Tests whether the two most frequent categories differ, at the 90 % level.
    ///
    /// # Formula
    ///
    /// With counts `a` and `b` of `n`, the feature is a mix if
    /// `abs(a - b) < 1.65 sqrt((a + b)(2 n - a - b) / (2 n))`.
    ///
    /// # References
    ///
    /// Fong, D. (1996), "Using the Self-Stated Importance Questionnaire to Interpret Kano
    /// Questionnaire Results", Center for Quality of Management Journal 5 (3), 21-23.
    #[must_use]
    pub fn fong_test(&self) -> FongTest {
        const Z: f64 = 1.65;
        let n = self.counts.respondents() as f64;
        let [(one, a), (other, b), ..] = self.counts.ranked();
        let both = (a + b) as f64;
        let critical = Z * (both * (2.0 * n - both) / (2.0 * n)).sqrt();
        let difference = a - b;
        FongTest { categories: [one, other], difference, critical, mixed: (difference as f64) < critical }
    }

    /// Returns Berger's coefficient "better": the share of the respondents concerned whom the
    /// feature satisfies, from 0 to 1; `None` if all replies are reverse or questionable.
    ///
    /// # Formula
    ///
    /// `better = (A + O) / (A + O + M + I)`
    ///
    /// # References
    ///
    /// Berger, C. and others (1993), Center for Quality Management Journal 2 (4), 3-36.
    #[must_use]
    pub fn better(&self) -> Option<f64> {
        let KanoCounts { attractive, one_dimensional, .. } = self.counts;
        self.share_of_concerned(attractive + one_dimensional)
    }

    /// Returns Berger's coefficient "worse": minus the share of the respondents concerned whom the
    /// lack of the feature dissatisfies, from -1 to 0; `None` if all replies are reverse or
    /// questionable.
    ///
    /// # Formula
    ///
    /// `worse = -(O + M) / (A + O + M + I)`
    ///
    /// # References
    ///
    /// Berger, C. and others (1993), Center for Quality Management Journal 2 (4), 3-36.
    #[must_use]
    pub fn worse(&self) -> Option<f64> {
        let KanoCounts { must_be, one_dimensional, .. } = self.counts;
        // 0 rather than -0.
        self.share_of_concerned(must_be + one_dimensional).map(|share| 0.0 - share)
    }

    /// Returns the coordinates in Timko's diagram: (-worse, better), both from 0 to 1.
    ///
    /// Features above 0.5 in both are one-dimensional, in the first alone must-be, in the second
    /// alone attractive, else indifferent.
    ///
    /// # References
    ///
    /// Timko, M. (1993), "An Experiment in Continuous Analysis", Center for Quality Management
    /// Journal 2 (4), 17-20.
    #[must_use]
    pub fn timko(&self) -> Option<(f64, f64)> {
        Some((0.0 - self.worse()?, self.better()?))
    }

    /// Returns `DuMouchel`'s continuous scores; `None` for a feature made from counts.
    #[must_use]
    pub fn continuous(&self) -> Option<ContinuousScores> {
        self.continuous
    }

    fn share_of_concerned(&self, some: u64) -> Option<f64> {
        let KanoCounts { must_be, one_dimensional, attractive, indifferent, .. } = self.counts;
        let all = must_be + one_dimensional + attractive + indifferent;
        (all > 0).then(|| some as f64 / all as f64)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    /// A, O, M, I, R, Q as papers print them.
    fn feature(
        [attractive, one_dimensional, must_be, indifferent, reverse, questionable]: [u64; 6],
    ) -> KanoFeature {
        let counts = KanoCounts { must_be, one_dimensional, attractive, indifferent, reverse, questionable };
        KanoFeature::from_counts("ski", counts).unwrap()
    }

    /// Sauerwein, Bailom, Matzler and Hinterhuber (1996), "The Kano Model: How to Delight Your
    /// Customers", shares of 1 500 skiers in tenths of a per cent: edge grip M 0.40 -0.83, ease of
    /// turn O 0.57 -0.78, service A, where the paper prints 0.89 -0.25, and its own shares give 854
    /// / 968 = 0.88.
    #[test]
    fn the_published_ski() {
        /// Half of the last digit printed.
        const PRINTED: f64 = 0.005;
        let cases = [
            ([70, 323, 493, 95, 3, 15], 'M', 0.40, -0.83),
            ([104, 451, 305, 115, 12, 12], 'O', 0.57, -0.78),
            ([638, 216, 29, 85, 7, 25], 'A', 0.88, -0.25),
        ];
        for (counts, letter, better, worse) in cases {
            let ski = feature(counts);
            assert_eq!(ski.category().letter(), letter);
            assert!((ski.better().unwrap() - better).abs() <= PRINTED, "{ski:?}");
            assert!((ski.worse().unwrap() - worse).abs() <= PRINTED, "{ski:?}");
            assert!(!ski.fong_test().mixed);
        }
    }

    #[test]
    fn more_replies_than_can_be_counted_are_refused() {
        let counts = KanoCounts { must_be: u64::MAX, reverse: 1, ..KanoCounts::default() };
        assert_eq!(counts.respondents(), u64::MAX);
        let text = KanoFeature::from_counts("lock", counts).unwrap_err().to_string();
        assert_eq!(text, "replies about lock must be at most 9007199254740992, got 18446744073709551616");
    }

    #[test]
    fn ties_go_to_what_annoys_when_missed() {
        assert_eq!(feature([5, 5, 5, 5, 5, 5]).category(), KanoCategory::MustBe);
        assert_eq!(feature([5, 5, 0, 5, 5, 5]).category(), KanoCategory::OneDimensional);
        assert_eq!(feature([5, 0, 0, 5, 5, 5]).category(), KanoCategory::Attractive);
        assert_eq!(feature([0, 0, 0, 5, 5, 5]).category(), KanoCategory::Indifferent);
        assert_eq!(feature([0, 0, 0, 0, 5, 5]).category(), KanoCategory::Reverse);
    }

    /// By hand: n = 100, a = 40, b = 30: 1.65 sqrt(70 x 130 / 200) = 11.13 > 10, mixed; with b =
    /// 25, 10.97 < 15.
    #[test]
    fn the_test_of_two_categories_by_hand() {
        let test = feature([40, 30, 20, 10, 0, 0]).fong_test();
        assert_eq!(
            (test.categories, test.difference),
            ([KanoCategory::Attractive, KanoCategory::OneDimensional], 10)
        );
        assert!((test.critical - 11.129_9).abs() < 1e-4 && test.mixed, "{test:?}");
        let test = feature([40, 25, 25, 10, 0, 0]).fong_test();
        assert!(
            (test.critical - 1.65 * (65.0 * 135.0 / 200.0_f64).sqrt()).abs() < 1e-12 && !test.mixed,
            "{test:?}"
        );
        // Equal counts of two categories are always a mix.
        assert!(feature([10, 10, 0, 0, 0, 0]).fong_test().mixed);
    }

    #[test]
    fn strengths_by_hand() {
        let strength = feature([40, 30, 20, 10, 0, 0]).lee_newcomb();
        assert_eq!((strength.total_strength, strength.category_strength, strength.mixed), (0.9, 0.1, false));
        assert!(feature([35, 30, 20, 15, 0, 0]).lee_newcomb().mixed);
    }

    #[test]
    fn where_nobody_is_concerned_there_is_no_coefficient() {
        let odd = feature([0, 0, 0, 0, 3, 2]);
        assert_eq!((odd.better(), odd.worse(), odd.timko()), (None, None, None));
        assert_eq!(feature([0, 0, 0, 3, 0, 0]).worse().unwrap().to_string(), "0");
        assert_eq!(feature([1, 1, 1, 1, 9, 9]).timko(), Some((0.5, 0.5)));
        assert_eq!(
            KanoFeature::new("lock", &[]).unwrap_err().to_string(),
            "replies about lock must not be empty"
        );
    }
}
