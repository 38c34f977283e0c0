use std::fmt;

use crm_numbers::{EmptyError, InputError, Interval, Level, check};

use crate::change::{Change, normal_p_value};
use crate::error::check_resamples;
use crate::percentile::percentile_interval;
use crate::random;
use crate::tally::check_total;
use crate::{Error, GoodEnd, Tally, permutation};

/// The method of the interval of a net promoter score.
///
/// With `p` and `d` the shares of promoters and detractors among `n` answers, `x = p - d`:
///
/// | method | limits |
/// |---|---|
/// | Wald | `x -+ z sqrt((p + d - x^2) / n)` |
/// | Wilson | the roots of `abs(x - t) = z sqrt(v(t) / n)`, `v(t)` the variance of the most likely shares with p - d = t |
///
/// The second is, as Wilson's for one share, the set of true scores that the test does not reject;
/// its limits stay in -100 to 100 and are sound for a few dozen answers and for scores near the
/// ends.
///
/// # References
///
/// Rocks, B. (2016), "Interval Estimation for the 'Net Promoter Score'", The American Statistician
/// 70, 365-372; for the second, Tango, T. (1998), "Equivalence test and confidence interval for the
/// difference in proportions for the paired-sample design", Statistics in Medicine 17, 891-908,
/// whose discordant pairs are the promoters and detractors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NpsMethod {
    /// The textbook interval, without width if all answers are alike.
    Wald,
    /// The score interval. The default.
    #[default]
    Wilson,
}

crm_numbers::names! {
    NpsMethod, "interval method" {
        Wald = "wald",
        Wilson = "wilson",
    }
}

/// The net promoter score: promoters (9 and 10) minus detractors (0 to 6), in points from -100 to
/// 100.
///
/// # Formula
///
/// `NPS = 100 (promoters - detractors) / answers`, exact from counts; its sampling variance is
/// `100^2 (p + d - (p - d)^2) / n`.
///
/// # References
///
/// Reichheld, F. F. (2003), "The One Number You Need to Grow", Harvard Business Review 81 (12),
/// 46-54.
///
/// # Examples
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
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Nps {
    promoters: u64,
    passives: u64,
    detractors: u64,
}

crm_numbers::gate!(Nps, Nps::checked);

impl Nps {
    /// Creates a score from counts.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without answers, [`InputError::Range`] for more than 2^53 answers.
    pub fn new(promoters: u64, passives: u64, detractors: u64) -> Result<Self, Error> {
        Ok(Self { promoters, passives, detractors }.checked()?)
    }

    /// Computes the score of a question on 0 to 10 or on 1 to 10.
    ///
    /// # Errors
    ///
    /// [`Error::NpsScale`] for another scale, [`InputError::Empty`] without answers.
    pub fn from_tally(tally: &Tally) -> Result<Self, Error> {
        let scale = tally.scale();
        if scale.max() != 10 || !(0..=1).contains(&scale.min()) || scale.good_end() != GoodEnd::High {
            return Err(Error::NpsScale { scale: Box::new(scale.clone()) });
        }
        Self::new(tally.between(9, 10), tally.between(7, 8), tally.between(0, 6))
    }

    fn checked(self) -> Result<Self, InputError> {
        check_total("answers", [self.promoters, self.passives, self.detractors])?;
        if self.answers() == 0 { Err(EmptyError::new("answers").into()) } else { Ok(self) }
    }

    /// Returns the number of answers of 9 or 10.
    #[must_use]
    pub fn promoters(self) -> u64 {
        self.promoters
    }

    /// Returns the number of answers of 7 or 8.
    #[must_use]
    pub fn passives(self) -> u64 {
        self.passives
    }

    /// Returns the number of answers of 6 or less.
    #[must_use]
    pub fn detractors(self) -> u64 {
        self.detractors
    }

    /// Returns the number of answers, at most 2^53.
    #[must_use]
    pub fn answers(self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// Returns the number of promoters minus that of detractors.
    #[must_use]
    pub fn net(self) -> i64 {
        // At most 2^53 answers, by the constructor.
        self.promoters as i64 - self.detractors as i64
    }

    /// Returns the score, from -100 to 100.
    #[must_use]
    pub fn score(self) -> f64 {
        100.0 * self.net() as f64 / self.answers() as f64
    }

    /// Returns the standard error of the score, in points: `100 sqrt((p + d - (p - d)^2) / n)`.
    #[must_use]
    pub fn standard_error(self) -> f64 {
        let n = self.answers() as f64;
        let decided = (self.promoters + self.detractors) as f64 / n;
        let net = self.net() as f64 / n;
        100.0 * ((decided - net * net).max(0.0) / n).sqrt()
    }

    /// Returns the interval of the score, in points.
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

    /// Returns the percentile bootstrap interval of the score.
    ///
    /// Equal seeds give equal bits. The cost is answers x resamples; from a few thousand answers on
    /// the result agrees with that of [`interval`](Self::interval), which takes constant time.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for fewer than 100 resamples and for more than 10^10 draws in all.
    pub fn bootstrap(self, resamples: usize, seed: u64, level: Level) -> Result<Interval, Error> {
        /// More draws take minutes, for what the score interval gives at once.
        const MOST_DRAWS: f64 = 1e10;
        check_resamples(resamples)?;
        let n = self.answers();
        check::range("answers x resamples", n as f64 * resamples as f64, ..=MOST_DRAWS)?;
        let scores: Vec<f64> = (0..resamples as u64)
            .map(|number| {
                let mut random = random::stream(seed, number);
                let net: i64 = (0..n)
                    .map(|_| match random.below_u64(n) {
                        drawn if drawn < self.promoters => 1,
                        drawn if drawn < self.promoters + self.detractors => -1,
                        _ => 0,
                    })
                    .sum();
                100.0 * net as f64 / n as f64
            })
            .collect();
        let score = self.score();
        let interval = percentile_interval(scores, score, level);
        Ok(interval.unwrap_or_else(|| Interval::new(score, score, score, level)))
    }

    /// Returns the excess of this score over that of other respondents, such as an earlier wave, in
    /// points, with a test.
    ///
    /// The interval joins the score intervals of both waves ([`Interval::minus`]) and is extended
    /// to 0 unless the test rejects at its level.
    ///
    /// | answers of the smaller wave | test |
    /// |---|---|
    /// | up to 50 | exact: the studentized difference under all divisions of the answers into two waves |
    /// | more | normal, with the larger of the standard errors with and without pooling the waves |
    ///
    /// # References
    ///
    /// Janssen, A. (1997), Statistics and Probability Letters 36, 9-21, for the exact test; Zou, G.
    /// Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702, for the interval.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::Level;
    /// use crm_satisfaction::scores::Nps;
    ///
    /// let (now, before) = (Nps::new(50, 30, 20)?, Nps::new(40, 30, 30)?);
    /// let change = now.change(before, Level::default());
    /// // 20 points more are not significant with 100 respondents per wave: p = 0.08.
    /// assert_eq!(change.to_string(), "20.0000 (-2.5287 to 41.7864, 95 %), p = 0.0817");
    /// // A promoter today and a detractor yesterday show nothing.
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
            let separate = self.standard_error().hypot(before.standard_error());
            normal_p_value(difference.estimate, separate.max(self.pooled_error(before)))
        });
        Change::new(difference, p_value)
    }

    /// Returns the standard error of the difference if both waves have one distribution.
    fn pooled_error(self, before: Self) -> f64 {
        let (n1, n2) = (self.answers() as f64, before.answers() as f64);
        let up = self.promoters as f64 + before.promoters as f64;
        let down = self.detractors as f64 + before.detractors as f64;
        let (decided, net) = ((up + down) / (n1 + n2), (up - down) / (n1 + n2));
        100.0 * ((decided - net * net).max(0.0) * (1.0 / n1 + 1.0 / n2)).sqrt()
    }
}

/// Returns the score limits, in points, of shares `p` and `d` of promoters and detractors among `n`
/// effective answers.
pub(super) fn score_limits(p: f64, d: f64, n: f64, z: f64) -> (f64, f64) {
    let (below, above) = (upper_score_limit(d, p, n, z), upper_score_limit(p, d, n, z));
    ((-100.0 * below).max(-100.0), (100.0 * above).min(100.0))
}

/// Returns the largest difference of shares that the test does not reject, by bisection.
fn upper_score_limit(p: f64, d: f64, n: f64, z: f64) -> f64 {
    /// Halves an interval of at most 2 to below the spacing of `f64`.
    const ITERATIONS: usize = 80;
    // Distance of the score below t, in standard errors under t; it increases with t.
    let distance = |t: f64| {
        // The most likely share of detractors given p - d = t: a root of 2 q^2 - b q - c = 0.
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
    for _ in 0..ITERATIONS {
        let middle = f64::midpoint(low, high);
        if distance(middle) < z {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
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
        let nps = Nps::from_tally(&tally).unwrap();
        assert_eq!((nps.promoters(), nps.passives(), nps.detractors()), (13, 9, 6));
        assert_eq!((nps.net(), nps.score()), (7, 25.0));
        assert_eq!(nps.to_string(), "+25.0 (13 promoters, 9 passives, 6 detractors)");
        let five = Tally::new(&Scale::new(1, 5).unwrap(), &[1; 5]).unwrap();
        assert_eq!(
            Nps::from_tally(&five).unwrap_err().to_string(),
            "a net promoter score needs a scale of 0 to 10 or 1 to 10 with 10 as the best, got 1 to 5, 5 is best"
        );
        assert_eq!(Nps::new(0, 0, 0).unwrap_err().to_string(), "answers must not be empty");
        assert!(Nps::new(u64::MAX, 1, 0).is_err());
    }

    /// The airway data of 21 children, 1 and 7 discordant pairs, of Fagerland, Lydersen and Laake
    /// (2014), table VI: Tango's interval is -0.517 to -0.026 and Wald's -0.520 to -0.052.
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

    /// Without passives the score is twice a proportion less one, so that both intervals are those
    /// of the proportion: Newcombe (1998), table I, 81/263.
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
