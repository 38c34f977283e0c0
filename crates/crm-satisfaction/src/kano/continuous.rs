use std::fmt;

use super::Reply;

/// Mean scores of a feature instead of one category: how much it pleases, how much its lack annoys.
///
/// | reply | with the feature | without it |
/// |---|---|---|
/// | like | 4 | -2 |
/// | must be | 2 | -1 |
/// | neutral | 0 | 0 |
/// | live with | -1 | 2 |
/// | dislike | -2 | 4 |
///
/// The scale leans to the positive side because must-be and one-dimensional replies are stronger evidence than reverse
/// and questionable ones.
///
/// Source: `DuMouchel`, W. (1993), "Thoughts on Graphical and Continuous Analysis", in Berger, C. and others, Center for
/// Quality Management Journal 2 (4), 20-22.
///
/// ```
/// use crm_satisfaction::kano::{Feature, Quadrant, Reply};
///
/// let radio = Feature::new("radio", &[(Reply::Like, Reply::LiveWith), (Reply::Like, Reply::Neutral)])?;
/// let scores = radio.continuous().unwrap();
/// assert_eq!((scores.functional, scores.dysfunctional), (4.0, 1.0));
/// assert_eq!(scores.quadrant(), Quadrant::Attractive);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Continuous {
    /// Mean score with the feature, from -2 to 4: up in the diagram.
    pub functional: f64,
    /// Mean score without it, from -2 to 4: to the right in the diagram.
    pub dysfunctional: f64,
    /// Standard deviation of the scores with the feature, over n - 1; for two respondents or more.
    pub functional_deviation: Option<f64>,
    /// Standard deviation of the scores without it.
    pub dysfunctional_deviation: Option<f64>,
}

/// The quarter of the diagram that a feature's scores fall into, cut at 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Quadrant {
    /// Both below 2.
    Indifferent,
    /// Pleases, and is not missed.
    Attractive,
    /// Pleases, and is missed.
    Performance,
    /// Missed, and does not please.
    MustBe,
}

impl Continuous {
    pub(super) fn of(replies: &[(Reply, Reply)]) -> Self {
        let (functional, functional_deviation) = mean(replies.iter().map(|(reply, _)| score(*reply)));
        let (dysfunctional, dysfunctional_deviation) =
            mean(replies.iter().map(|(_, reply)| score(turned(*reply))));
        Self { functional, dysfunctional, functional_deviation, dysfunctional_deviation }
    }

    /// Where the scores fall; 2 itself counts as above.
    #[must_use]
    pub fn quadrant(&self) -> Quadrant {
        match (self.functional >= 2.0, self.dysfunctional >= 2.0) {
            (false, false) => Quadrant::Indifferent,
            (true, false) => Quadrant::Attractive,
            (true, true) => Quadrant::Performance,
            (false, true) => Quadrant::MustBe,
        }
    }
}

impl fmt::Display for Quadrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Indifferent => "indifferent",
            Self::Attractive => "attractive",
            Self::Performance => "performance",
            Self::MustBe => "must-be",
        })
    }
}

fn score(reply: Reply) -> i64 {
    match reply {
        Reply::Like => 4,
        Reply::MustBe => 2,
        Reply::Neutral => 0,
        Reply::LiveWith => -1,
        Reply::Dislike => -2,
    }
}

/// Without the feature, disliking is what liking is with it.
fn turned(reply: Reply) -> Reply {
    match reply {
        Reply::Like => Reply::Dislike,
        Reply::MustBe => Reply::LiveWith,
        Reply::Neutral => Reply::Neutral,
        Reply::LiveWith => Reply::MustBe,
        Reply::Dislike => Reply::Like,
    }
}

fn mean(scores: impl Iterator<Item = i64>) -> (f64, Option<f64>) {
    let (n, sum, squares) =
        scores.fold((0, 0, 0), |(n, sum, squares), score| (n + 1, sum + score, squares + score * score));
    let variance = (n * squares - sum * sum) as f64 / (n * (n - 1)).max(1) as f64;
    (sum as f64 / n.max(1) as f64, (n > 1).then(|| variance.sqrt()))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn every_reply_has_its_score_on_both_sides() {
        let of = |functional, dysfunctional| {
            let scores = Continuous::of(&[(functional, dysfunctional)]);
            (scores.functional, scores.dysfunctional, scores.functional_deviation)
        };
        assert_eq!(of(Reply::Like, Reply::Dislike), (4.0, 4.0, None));
        assert_eq!(of(Reply::MustBe, Reply::LiveWith), (2.0, 2.0, None));
        assert_eq!(of(Reply::Neutral, Reply::Neutral), (0.0, 0.0, None));
        assert_eq!(of(Reply::LiveWith, Reply::MustBe), (-1.0, -1.0, None));
        assert_eq!(of(Reply::Dislike, Reply::Like), (-2.0, -2.0, None));
    }

    #[test]
    fn deviations_and_quadrants() {
        let scores = Continuous::of(&[(Reply::Like, Reply::Dislike), (Reply::Neutral, Reply::Dislike)]);
        assert_eq!((scores.functional, scores.functional_deviation), (2.0, Some(8.0_f64.sqrt())));
        assert_eq!(scores.quadrant(), Quadrant::Performance);
        assert_eq!(Continuous::of(&[(Reply::Neutral, Reply::Dislike)]).quadrant(), Quadrant::MustBe);
        assert_eq!(Continuous::of(&[(Reply::Neutral, Reply::Neutral)]).quadrant(), Quadrant::Indifferent);
    }
}
