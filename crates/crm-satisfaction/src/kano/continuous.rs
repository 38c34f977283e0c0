use super::KanoReply;

/// Mean scores of a feature: the satisfaction it causes, and the dissatisfaction its lack causes.
///
/// | reply | with the feature | without it |
/// |---|---|---|
/// | like | 4 | -2 |
/// | must be | 2 | -1 |
/// | neutral | 0 | 0 |
/// | live with | -1 | 2 |
/// | dislike | -2 | 4 |
///
/// The scale is asymmetric because must-be and one-dimensional replies are stronger evidence than
/// reverse and questionable ones.
///
/// # References
///
/// `DuMouchel`, W. (1993), "Thoughts on Graphical and Continuous Analysis", in Berger, C. and
/// others, Center for Quality Management Journal 2 (4), 20-22.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::kano::{KanoFeature, KanoQuadrant, KanoReply};
///
/// let replies = [(KanoReply::Like, KanoReply::LiveWith), (KanoReply::Like, KanoReply::Neutral)];
/// let scores = KanoFeature::new("radio", &replies)?.continuous().unwrap();
/// assert_eq!((scores.functional, scores.dysfunctional), (4.0, 1.0));
/// assert_eq!(scores.quadrant(), KanoQuadrant::Attractive);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ContinuousScores {
    /// Mean score with the feature, from -2 to 4: the vertical axis of the diagram.
    pub functional: f64,
    /// Mean score without it, from -2 to 4: the horizontal axis of the diagram.
    pub dysfunctional: f64,
    /// Sample standard deviation of the scores with the feature; for two respondents or more.
    pub functional_deviation: Option<f64>,
    /// Sample standard deviation of the scores without it; for two respondents or more.
    pub dysfunctional_deviation: Option<f64>,
}

/// The quadrant of the diagram of continuous scores, with both cuts at 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KanoQuadrant {
    /// Both scores are less than 2.
    Indifferent,
    /// The feature satisfies, and its lack does not annoy.
    Attractive,
    /// The feature satisfies, and its lack annoys.
    Performance,
    /// The feature does not satisfy, and its lack annoys.
    MustBe,
}

crm_numbers::names! {
    KanoQuadrant, "quadrant" {
        Indifferent = "indifferent",
        Attractive = "attractive",
        Performance = "performance",
        MustBe = "must_be",
    }
}

impl ContinuousScores {
    pub(super) fn from_replies(replies: &[(KanoReply, KanoReply)]) -> Self {
        let (functional, functional_deviation) = mean(replies.iter().map(|(reply, _)| score(*reply)));
        let (dysfunctional, dysfunctional_deviation) =
            mean(replies.iter().map(|(_, reply)| score(mirrored(*reply))));
        Self { functional, dysfunctional, functional_deviation, dysfunctional_deviation }
    }

    /// Returns the quadrant of the scores; 2 counts as above the cut.
    #[must_use]
    pub fn quadrant(&self) -> KanoQuadrant {
        match (self.functional >= 2.0, self.dysfunctional >= 2.0) {
            (false, false) => KanoQuadrant::Indifferent,
            (true, false) => KanoQuadrant::Attractive,
            (true, true) => KanoQuadrant::Performance,
            (false, true) => KanoQuadrant::MustBe,
        }
    }
}

fn score(reply: KanoReply) -> i64 {
    match reply {
        KanoReply::Like => 4,
        KanoReply::MustBe => 2,
        KanoReply::Neutral => 0,
        KanoReply::LiveWith => -1,
        KanoReply::Dislike => -2,
    }
}

/// Returns the reply with the feature that corresponds to a reply without it.
fn mirrored(reply: KanoReply) -> KanoReply {
    match reply {
        KanoReply::Like => KanoReply::Dislike,
        KanoReply::MustBe => KanoReply::LiveWith,
        KanoReply::Neutral => KanoReply::Neutral,
        KanoReply::LiveWith => KanoReply::MustBe,
        KanoReply::Dislike => KanoReply::Like,
    }
}

/// Returns mean and sample standard deviation.
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
            let scores = ContinuousScores::from_replies(&[(functional, dysfunctional)]);
            (scores.functional, scores.dysfunctional, scores.functional_deviation)
        };
        assert_eq!(of(KanoReply::Like, KanoReply::Dislike), (4.0, 4.0, None));
        assert_eq!(of(KanoReply::MustBe, KanoReply::LiveWith), (2.0, 2.0, None));
        assert_eq!(of(KanoReply::Neutral, KanoReply::Neutral), (0.0, 0.0, None));
        assert_eq!(of(KanoReply::LiveWith, KanoReply::MustBe), (-1.0, -1.0, None));
        assert_eq!(of(KanoReply::Dislike, KanoReply::Like), (-2.0, -2.0, None));
    }

    #[test]
    fn deviations_and_quadrants() {
        let scores = ContinuousScores::from_replies(&[
            (KanoReply::Like, KanoReply::Dislike),
            (KanoReply::Neutral, KanoReply::Dislike),
        ]);
        assert_eq!((scores.functional, scores.functional_deviation), (2.0, Some(8.0_f64.sqrt())));
        assert_eq!(scores.quadrant(), KanoQuadrant::Performance);
        assert_eq!(
            ContinuousScores::from_replies(&[(KanoReply::Neutral, KanoReply::Dislike)]).quadrant(),
            KanoQuadrant::MustBe
        );
        assert_eq!(
            ContinuousScores::from_replies(&[(KanoReply::Neutral, KanoReply::Neutral)]).quadrant(),
            KanoQuadrant::Indifferent
        );
    }
}
