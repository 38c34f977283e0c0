use std::fmt;

use crm_numbers::{Interval, Level};
use crm_statistics::{QuantileMethod, quantiles};

use crate::change::{Change, normal_p_value};
use crate::error::out_of_range;
use crate::random::Random;
use crate::{Error, Good, Tally, permutation};

/// How the limits of a net promoter score are found.
///
/// With p and d the shares of promoters and detractors among n answers, x = p - d:
///
/// | method | limits |
/// |---|---|
/// | Wald | `x -+ z sqrt((p + d - x^2) / n)` |
/// | Wilson | the roots of `abs(x - t) = z sqrt(v(t) / n)`, v(t) the variance of the shares that fit best among those with p - d = t |
///
/// The second asks, as Wilson does for one share, which true scores could have given what was seen; its limits stay in
/// -100 to 100 and are sound for a few dozen answers and for scores near the ends.
///
/// Sources: Rocks, B. (2016), "Interval Estimation for the 'Net Promoter Score'", The American Statistician 70, 365-372;
/// for the second, Tango, T. (1998), "Equivalence test and confidence interval for the difference in proportions for the
/// paired-sample design", Statistics in Medicine 17, 891-908: promoters and detractors are his discordant pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum NpsMethod {
    /// The textbook interval: without width where all answered alike.
    Wald,
    /// The score interval. The default.
    #[default]
    Wilson,
}

/// Would they recommend us? Promoters (9 and 10) minus detractors (0 to 6), in points from -100 to 100.
///
/// `NPS = 100 (promoters - detractors) / answers`, exact from counts; its sampling variance is
/// `100^2 (p + d - (p - d)^2) / n`.
///
/// Source: Reichheld, F. F. (2003), "The One Number You Need to Grow", Harvard Business Review 81 (12), 46-54.
///
/// ```
/// use crm_satisfaction::scores::Nps;
///
/// let nps = Nps::new(6, 1, 3)?;
/// assert_eq!((nps.score(), nps.answers()), (30.0, 10));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "[u64; 3]", into = "[u64; 3]"))]
pub struct Nps {
    promoters: u64,
    passives: u64,
    detractors: u64,
}

/// A bootstrap of more draws than this takes minutes and says what the score interval says at once.
const MOST_DRAWS: u128 = 10_000_000_000;

impl Nps {
    /// A score from counts.
    ///
    /// # Errors
    /// [`Error::Empty`] without an answer, [`Error::OutOfRange`] beyond 2^53 answers.
    pub fn new(promoters: u64, passives: u64, detractors: u64) -> Result<Self, Error> {
        const MOST: u64 = 1 << 53;
        let total = promoters.checked_add(passives).and_then(|sum| sum.checked_add(detractors));
        match total {
            Some(0) => Err(Error::Empty { field: "answers to the recommendation question".to_owned() }),
            Some(total) if total <= MOST => Ok(Self { promoters, passives, detractors }),
            _ => Err(out_of_range(
                "answers",
                format!("be at most {MOST}"),
                promoters.max(passives).max(detractors),
            )),
        }
    }

    /// The score of a question asked on 0 to 10, or on 1 to 10 as some do.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another scale, [`Error::Empty`] where nobody answered.
    pub fn of(tally: &Tally) -> Result<Self, Error> {
        let scale = tally.scale();
        if scale.max() != 10 || !(0..=1).contains(&scale.min()) || scale.good() != Good::High {
            return Err(out_of_range("scale", "be 0 to 10 or 1 to 10 with 10 the best", scale));
        }
        Self::new(tally.between(9, 10), tally.between(7, 8), tally.between(0, 6))
    }

    /// How many answered 9 or 10.
    #[must_use]
    pub fn promoters(self) -> u64 {
        self.promoters
    }

    /// How many answered 7 or 8.
    #[must_use]
    pub fn passives(self) -> u64 {
        self.passives
    }

    /// How many answered 6 or less.
    #[must_use]
    pub fn detractors(self) -> u64 {
        self.detractors
    }

    /// How many answered.
    #[must_use]
    pub fn answers(self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// Promoters minus detractors, a count.
    #[must_use]
    pub fn net(self) -> i64 {
        // At most 2^53 answers, by the constructor.
        self.promoters as i64 - self.detractors as i64
    }

    /// The score, from -100 to 100.
    #[must_use]
    pub fn score(self) -> f64 {
        100.0 * self.net() as f64 / self.answers() as f64
    }

    /// The standard error of the score, in points: `100 sqrt((p + d - (p - d)^2) / n)`.
    #[must_use]
    pub fn standard_error(self) -> f64 {
        let n = self.answers() as f64;
        let decided = (self.promoters + self.detractors) as f64 / n;
        let net = self.net() as f64 / n;
        100.0 * ((decided - net * net).max(0.0) / n).sqrt()
    }

    /// The range in which the true score lies, in points.
    #[must_use]
    pub fn interval(self, method: NpsMethod, level: Level) -> Interval {
        let (score, z) = (self.score(), level.z());
        match method {
            NpsMethod::Wald => {
                let half = z * self.standard_error();
                Interval::new((score - half).max(-100.0), score, (score + half).min(100.0), level)
            }
            NpsMethod::Wilson => {
                let n = self.answers() as f64;
                let (lower, upper) =
                    score_limits(self.promoters as f64 / n, self.detractors as f64 / n, n, z);
                Interval::new(lower, score, upper, level)
            }
        }
    }

    /// The range that the score keeps in when the survey is drawn again from its own answers (percentile bootstrap).
    ///
    /// The same seed gives the same bits. Costs answers x resamples; from a few thousand answers on it agrees with
    /// [`interval`](Self::interval), which costs nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for fewer than 100 resamples, and for more than 10^10 draws in all.
    pub fn bootstrap(self, resamples: usize, seed: u64, level: Level) -> Result<Interval, Error> {
        if resamples < 100 {
            return Err(out_of_range("resamples", "be at least 100", resamples));
        }
        let n = self.answers();
        if u128::from(n) * resamples as u128 > MOST_DRAWS {
            return Err(out_of_range(
                "answers x resamples",
                format!("be at most {MOST_DRAWS}"),
                u128::from(n) * resamples as u128,
            ));
        }
        let mut scores: Vec<f64> = (0..resamples as u64)
            .map(|number| {
                let mut random = Random::stream(seed, number);
                let net: i64 = (0..n)
                    .map(|_| match random.below(n) {
                        drawn if drawn < self.promoters => 1,
                        drawn if drawn < self.promoters + self.detractors => -1,
                        _ => 0,
                    })
                    .sum();
                100.0 * net as f64 / n as f64
            })
            .collect();
        scores.sort_by(f64::total_cmp);
        let tail = (1.0 - level.get()) / 2.0;
        let limits = quantiles(&scores, &[tail, 1.0 - tail], QuantileMethod::Linear).unwrap_or_default();
        let score = self.score();
        let (lower, upper) = match limits.as_slice() {
            [lower, upper] => (*lower, *upper),
            _ => (score, score),
        };
        Ok(Interval::new(lower, score, upper, level))
    }

    /// Returns by how many points this score exceeds that of other respondents, such as an earlier wave's, with a test.
    ///
    /// The interval joins the score intervals of both waves ([`Interval::minus`]) and is extended to 0 where the test
    /// finds no difference at its level.
    ///
    /// | answers of the smaller wave | test |
    /// |---|---|
    /// | up to 50 | exact: the studentized difference under all divisions of the answers into two waves |
    /// | more | normal, with the larger of the standard errors with and without pooling the waves |
    ///
    /// # References
    /// Janssen, A. (1997), Statistics and Probability Letters 36, 9-21, for the exact test; Zou, G. Y. and Donner, A.
    /// (2008), Statistics in Medicine 27, 1693-1702, for the interval.
    ///
    /// # Examples
    /// ```
    /// use crm_satisfaction::scores::Nps;
    /// use crm_numbers::Level;
    ///
    /// let (now, before) = (Nps::new(50, 30, 20)?, Nps::new(40, 30, 30)?);
    /// let change = now.change(before, Level::default());
    /// // 20 points more, and yet within what chance gives 100 people a wave: p = 0.08.
    /// assert_eq!(change.to_string(), "20.0000 (-2.5287 to 41.7864, 95 %), p = 0.0817");
    /// // A promoter today and a detractor yesterday say nothing at all.
    /// let change = Nps::new(1, 0, 0)?.change(Nps::new(0, 0, 1)?, Level::default());
    /// assert_eq!(change.p_value, 1.0);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn change(self, before: Self, level: Level) -> Change {
        let difference =
            self.interval(NpsMethod::Wilson, level).minus(before.interval(NpsMethod::Wilson, level));
        let counts = |nps: Self| [nps.promoters, nps.passives, nps.detractors];
        let p_value = permutation::two_sided(counts(self), counts(before)).unwrap_or_else(|| {
            let apart = self.standard_error().hypot(before.standard_error());
            normal_p_value(difference.estimate, apart.max(self.pooled_error(before)))
        });
        Change::of(difference, p_value)
    }

    /// The standard error of the difference if both waves have one distribution.
    fn pooled_error(self, before: Self) -> f64 {
        let (n1, n2) = (self.answers() as f64, before.answers() as f64);
        let up = self.promoters as f64 + before.promoters as f64;
        let down = self.detractors as f64 + before.detractors as f64;
        let (decided, net) = ((up + down) / (n1 + n2), (up - down) / (n1 + n2));
        100.0 * ((decided - net * net).max(0.0) * (1.0 / n1 + 1.0 / n2)).sqrt()
    }
}

/// The score limits, in points, of shares p and d of promoters and detractors among n answers, or as many as they are
/// worth.
pub(super) fn score_limits(p: f64, d: f64, n: f64, z: f64) -> (f64, f64) {
    let (below, above) = (upper_score_limit(d, p, n, z), upper_score_limit(p, d, n, z));
    ((-100.0 * below).max(-100.0), (100.0 * above).min(100.0))
}

/// The largest difference of shares that the counts do not speak against, by bisection.
fn upper_score_limit(p: f64, d: f64, n: f64, z: f64) -> f64 {
    // How far the score lies below t, in standard errors under t; it grows with t.
    let far = |t: f64| {
        // The share of detractors that fits best where p - d must be t: a root of 2 q^2 - b q - c = 0.
        let (b, c) = (p + d - (2.0 - p + d) * t, d * t * (1.0 - t));
        let root = (b * b + 8.0 * c).max(0.0).sqrt();
        let detractors = ((b + root) / 4.0).max(0.0);
        let variance = (2.0 * detractors + t * (1.0 - t)).max(0.0);
        if variance > 0.0 { (t - (p - d)) / (variance / n).sqrt() } else { f64::INFINITY }
    };
    let (mut low, mut high) = (p - d, 1.0);
    if high - low <= 0.0 {
        return 1.0;
    }
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if far(middle) < z {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

impl TryFrom<[u64; 3]> for Nps {
    type Error = Error;

    fn try_from([promoters, passives, detractors]: [u64; 3]) -> Result<Self, Error> {
        Self::new(promoters, passives, detractors)
    }
}

impl From<Nps> for [u64; 3] {
    fn from(nps: Nps) -> Self {
        [nps.promoters, nps.passives, nps.detractors]
    }
}

impl fmt::Display for Nps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { promoters, passives, detractors } = self;
        write!(
            f,
            "{:+.1} ({promoters} promoters, {passives} passives, {detractors} detractors)",
            self.score()
        )
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::Scale;

    /// Published with four decimals.
    const PUBLISHED: f64 = 5e-5;

    #[test]
    fn nine_and_ten_promote_and_six_detracts() {
        let tally = Tally::new(&Scale::zero_to_ten(), &[1, 0, 0, 0, 0, 2, 3, 4, 5, 6, 7]).unwrap();
        let nps = Nps::of(&tally).unwrap();
        assert_eq!((nps.promoters(), nps.passives(), nps.detractors()), (13, 9, 6));
        assert_eq!((nps.net(), nps.score()), (7, 25.0));
        assert_eq!(nps.to_string(), "+25.0 (13 promoters, 9 passives, 6 detractors)");
        let five = Tally::new(&Scale::new(1, 5).unwrap(), &[1; 5]).unwrap();
        assert_eq!(
            Nps::of(&five).unwrap_err().to_string(),
            "scale must be 0 to 10 or 1 to 10 with 10 the best, got 1 to 5, 5 is best"
        );
        assert_eq!(
            Nps::new(0, 0, 0).unwrap_err().to_string(),
            "answers to the recommendation question must hold at least one value, got 0"
        );
        assert!(Nps::new(u64::MAX, 1, 0).is_err());
    }

    /// The airway data of 21 children, 1 and 7 discordant pairs, of Fagerland, Lydersen and Laake (2014), table VI:
    /// Tango's interval is -0.517 to -0.026 and Wald's -0.520 to -0.052.
    #[test]
    fn published_limits_of_a_difference_of_discordant_pairs() {
        const THREE_DECIMALS: f64 = 5.1e-4;
        let nps = Nps::new(1, 13, 7).unwrap();
        for (method, lower, upper) in [(NpsMethod::Wilson, -0.517, -0.026), (NpsMethod::Wald, -0.520, -0.052)]
        {
            let interval = nps.interval(method, Level::default());
            let near = |got: f64, wanted: f64| (got / 100.0 - wanted).abs() < THREE_DECIMALS;
            assert!(near(interval.lower, lower) && near(interval.upper, upper), "{method:?}: {interval}");
        }
    }

    /// Without passives the score is twice a proportion less one, so that both intervals are those of the proportion:
    /// Newcombe (1998), table I, 81/263.
    #[test]
    fn without_passives_the_limits_are_those_of_a_proportion() {
        let nps = Nps::new(81, 0, 182).unwrap();
        for (method, lower, upper) in [(NpsMethod::Wilson, 0.2553, 0.3662), (NpsMethod::Wald, 0.2522, 0.3638)]
        {
            let interval = nps.interval(method, Level::default());
            let near = |got: f64, wanted: f64| ((got / 100.0 + 1.0) / 2.0 - wanted).abs() < PUBLISHED;
            assert!(near(interval.lower, lower) && near(interval.upper, upper), "{method:?}: {interval}");
        }
    }

    #[test]
    fn everybody_alike_and_a_single_answer_have_limits() {
        let level = Level::default();
        let all = Nps::new(20, 0, 0).unwrap();
        assert_eq!(all.interval(NpsMethod::Wald, level).lower, 100.0);
        let wilson = all.interval(NpsMethod::Wilson, level);
        // No one but promoters: the proportion's Wilson limit for 20 of 20, 0.8389, as a score.
        assert!((wilson.lower - 67.78).abs() < 0.01 && wilson.upper == 100.0, "{wilson}");
        let passive = Nps::new(0, 20, 0).unwrap().interval(NpsMethod::Wilson, level);
        assert!((passive.lower + passive.upper).abs() < 1e-9 && passive.upper > 10.0, "{passive}");
        let one = Nps::new(0, 0, 1).unwrap();
        assert_eq!((one.score(), one.standard_error()), (-100.0, 0.0));
        assert_eq!(one.change(one, level).p_value, 1.0);
        // One detractor beside 20 promoters: one of 21 places is as far out.
        let change = one.change(all, level);
        assert!((change.p_value - 1.0 / 21.0).abs() < 1e-12, "{change}");
    }

    #[test]
    fn a_bootstrap_repeats_and_agrees() {
        let (nps, level) = (Nps::new(250, 150, 100).unwrap(), Level::default());
        let drawn = nps.bootstrap(2_000, 1, level).unwrap();
        assert_eq!(drawn, nps.bootstrap(2_000, 1, level).unwrap());
        let wald = nps.interval(NpsMethod::Wald, level);
        assert!(
            (drawn.lower - wald.lower).abs() < 1.0 && (drawn.upper - wald.upper).abs() < 1.0,
            "{drawn} {wald}"
        );
        assert_eq!(
            nps.bootstrap(99, 1, level).unwrap_err().to_string(),
            "resamples must be at least 100, got 99"
        );
    }
}
