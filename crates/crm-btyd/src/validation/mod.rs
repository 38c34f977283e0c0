//! Did the predictions come true, and were they better than what anybody could have said without a
//! model?

mod accuracy;
mod bins;
mod candidate;
mod compare;
mod holdout;
mod naive;
mod ranked;
mod ranking;
mod regularity;

pub use self::accuracy::Accuracy;
pub use self::bins::{Bin, FrequencyGroup};
pub use self::candidate::{Forecaster, ModelCandidate};
pub use self::compare::{ModelComparison, ModelTrial, compare};
pub use self::holdout::{Coverage, Holdout};
pub use self::naive::NaiveRule;
pub use self::ranking::{Ranking, RankingCriterion, RankingPlace};
pub use self::regularity::{Gaps, Regularity};
