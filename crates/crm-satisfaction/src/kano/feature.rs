use super::{Category, Continuous, Reply};
use crate::Error;

/// How many respondents put a feature into each category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Counts {
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

impl Counts {
    /// The count of a category.
    #[must_use]
    pub fn get(&self, category: Category) -> u64 {
        match category {
            Category::MustBe => self.must_be,
            Category::OneDimensional => self.one_dimensional,
            Category::Attractive => self.attractive,
            Category::Indifferent => self.indifferent,
            Category::Reverse => self.reverse,
            Category::Questionable => self.questionable,
        }
    }

    fn slot(&mut self, category: Category) -> &mut u64 {
        match category {
            Category::MustBe => &mut self.must_be,
            Category::OneDimensional => &mut self.one_dimensional,
            Category::Attractive => &mut self.attractive,
            Category::Indifferent => &mut self.indifferent,
            Category::Reverse => &mut self.reverse,
            Category::Questionable => &mut self.questionable,
        }
    }

    /// How many replied.
    #[must_use]
    pub fn respondents(&self) -> u64 {
        // Counts are open to anybody; a feature takes no more than it can count.
        Category::ALL.iter().fold(0, |sum: u64, &category| sum.saturating_add(self.get(category)))
    }

    /// The categories from the most to the least frequent; ties as in [`Category::ALL`].
    #[must_use]
    pub fn ranked(&self) -> [(Category, u64); 6] {
        let mut ranked = Category::ALL.map(|category| (category, self.get(category)));
        // Stable, so that ties keep their order.
        ranked.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        ranked
    }
}

/// One feature, and what respondents said about it.
///
/// See the [module](crate::kano) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    name: String,
    counts: Counts,
    /// Sums of the continuous scores, where replies and not only counts are known.
    continuous: Option<Continuous>,
}

/// How clear a category is, after Lee and Newcomb.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LeeNewcomb {
    /// Share of all respondents to whom the feature matters: (M + O + A) / n.
    pub total_strength: f64,
    /// Share of the most frequent category minus that of the second.
    pub category_strength: f64,
    /// Below 6 % of category strength two categories compete: the feature is a mix of both.
    pub mixed: bool,
}

/// Whether the two most frequent categories differ by more than chance, after Fong.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FongTest {
    /// The two most frequent categories.
    pub categories: [Category; 2],
    /// Their counts differ by so much.
    pub difference: u64,
    /// What the difference must reach to be more than chance.
    pub critical: f64,
    /// Whether it does not: then the category by mode is not to be trusted.
    pub mixed: bool,
}

impl Feature {
    /// A feature with the replies of all respondents: (with it, without it).
    ///
    /// # Errors
    /// [`Error::Empty`] without a reply.
    pub fn new(name: impl Into<String>, replies: &[(Reply, Reply)]) -> Result<Self, Error> {
        let mut counts = Counts::default();
        for &(functional, dysfunctional) in replies {
            *counts.slot(Category::of(functional, dysfunctional)) += 1;
        }
        let feature = Self::from_counts(name, counts)?;
        Ok(Self { continuous: Some(Continuous::of(replies)), ..feature })
    }

    /// A feature of which only the counts are known, such as one from a paper; it has no continuous score.
    ///
    /// # Errors
    /// [`Error::Empty`] where all counts are 0, [`Error::OutOfRange`] beyond 2^53 replies.
    pub fn from_counts(name: impl Into<String>, counts: Counts) -> Result<Self, Error> {
        const MOST: u64 = 1 << 53;
        let name = name.into();
        if counts.respondents() > MOST {
            let allowed = format!("be at most {MOST}");
            return Err(crate::error::out_of_range(
                format!("replies about {name}"),
                allowed,
                counts.respondents(),
            ));
        }
        if counts.respondents() == 0 {
            return Err(Error::Empty { field: format!("replies about {name}") });
        }
        Ok(Self { name, counts, continuous: None })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The counts by category.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The category that most respondents put it in; ties go to M, then O, then A, then I, because what annoys when it is
    /// missed comes first.
    #[must_use]
    pub fn category(&self) -> Category {
        let [(category, _), ..] = self.counts.ranked();
        category
    }

    /// Total and category strength.
    ///
    /// Source: Lee, M. C. and Newcomb, J. F. (1997), "Applying the Kano Methodology to Meet Customer Requirements: NASA's
    /// Microgravity Science Program", Quality Management Journal 4 (3), 95-106.
    #[must_use]
    pub fn lee_newcomb(&self) -> LeeNewcomb {
        /// Where the source draws the line.
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

    /// The test of the two most frequent categories, with counts a and b of n:
    /// `abs(a - b) < 1.65 sqrt((a + b)(2 n - a - b) / (2 n))` is a mix (90 % level).
    ///
    /// Source: Fong, D. (1996), "Using the Self-Stated Importance Questionnaire to Interpret Kano Questionnaire Results",
    /// Center for Quality of Management Journal 5 (3), 21-23.
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

    /// Berger's coefficient "better": the share of those concerned whom the feature makes happier, from 0 to 1.
    ///
    /// `better = (A + O) / (A + O + M + I)`; `None` where all replies were reverse or questionable.
    ///
    /// Source: Berger, C. and others (1993), Center for Quality Management Journal 2 (4), 3-36.
    #[must_use]
    pub fn better(&self) -> Option<f64> {
        let Counts { attractive, one_dimensional, .. } = self.counts;
        self.of_concerned(attractive + one_dimensional)
    }

    /// Berger's coefficient "worse": the share of those concerned whom its lack makes unhappy, from -1 to 0.
    ///
    /// `worse = -(O + M) / (A + O + M + I)`; `None` as for [`better`](Self::better).
    #[must_use]
    pub fn worse(&self) -> Option<f64> {
        let Counts { must_be, one_dimensional, .. } = self.counts;
        // Not -0 where nobody is.
        self.of_concerned(must_be + one_dimensional).map(|share| 0.0 - share)
    }

    /// The place in Timko's diagram: (-worse, better), both from 0 to 1.
    ///
    /// Above 0.5 in both is one-dimensional, only to the right must-be, only above attractive, else indifferent.
    ///
    /// Source: Timko, M. (1993), "An Experiment in Continuous Analysis", Center for Quality Management Journal 2 (4), 17-20.
    #[must_use]
    pub fn timko(&self) -> Option<(f64, f64)> {
        Some((0.0 - self.worse()?, self.better()?))
    }

    /// `DuMouchel`'s continuous scores; `None` for a feature known by its counts alone.
    #[must_use]
    pub fn continuous(&self) -> Option<Continuous> {
        self.continuous
    }

    fn of_concerned(&self, some: u64) -> Option<f64> {
        let Counts { must_be, one_dimensional, attractive, indifferent, .. } = self.counts;
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
    ) -> Feature {
        let counts = Counts { must_be, one_dimensional, attractive, indifferent, reverse, questionable };
        Feature::from_counts("ski", counts).unwrap()
    }

    /// Sauerwein, Bailom, Matzler and Hinterhuber (1996), "The Kano Model: How to Delight Your Customers", shares of 1 500
    /// skiers in tenths of a per cent: edge grip M 0.40 -0.83, ease of turn O 0.57 -0.78, service A, where the paper prints
    /// 0.89 -0.25, and its own shares give 854 / 968 = 0.88.
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
        let counts = Counts { must_be: u64::MAX, reverse: 1, ..Counts::default() };
        assert_eq!(counts.respondents(), u64::MAX);
        let text = Feature::from_counts("lock", counts).unwrap_err().to_string();
        assert_eq!(text, "replies about lock must be at most 9007199254740992, got 18446744073709551615");
    }

    #[test]
    fn ties_go_to_what_annoys_when_missed() {
        assert_eq!(feature([5, 5, 5, 5, 5, 5]).category(), Category::MustBe);
        assert_eq!(feature([5, 5, 0, 5, 5, 5]).category(), Category::OneDimensional);
        assert_eq!(feature([5, 0, 0, 5, 5, 5]).category(), Category::Attractive);
        assert_eq!(feature([0, 0, 0, 5, 5, 5]).category(), Category::Indifferent);
        assert_eq!(feature([0, 0, 0, 0, 5, 5]).category(), Category::Reverse);
    }

    /// By hand: n = 100, a = 40, b = 30: 1.65 sqrt(70 x 130 / 200) = 11.13 > 10, mixed; with b = 25, 10.97 < 15.
    #[test]
    fn the_test_of_two_categories_by_hand() {
        let test = feature([40, 30, 20, 10, 0, 0]).fong_test();
        assert_eq!(
            (test.categories, test.difference),
            ([Category::Attractive, Category::OneDimensional], 10)
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
            Feature::new("lock", &[]).unwrap_err().to_string(),
            "replies about lock must hold at least one value, got 0"
        );
    }
}
