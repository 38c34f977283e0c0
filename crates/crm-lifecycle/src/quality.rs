//! Relationship quality: behaviour and feeling (关系 = 行为 + 感觉). Customers who buy and feel well have
//! a sound relationship; one of the two alone makes a deficient one (欠缺的关系); customers who buy and
//! feel badly are captive (无奈的关系) and leave as soon as they can.
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::quality::{Feelings, Interaction, RelationshipKind, Views};
//!
//! // A complaint half a year ago, praise twenty days ago; today is day 200.
//! let talks = [Interaction::new(20.0, -0.8)?, Interaction::new(180.0, 0.6)?];
//! let feeling = Feelings::default().index(&talks, 200.0)?.unwrap(); // nobody asked, nothing known: `None`
//! assert!((feeling - 0.149).abs() < 0.001); // (0.86 x 0.6 - 0.25 x 0.8) / (1 + 0.86 + 0.25)
//!
//! // He still buys as he used to.
//! let views = Views::default();
//! assert_eq!(views.judge(0.9, feeling)?.kind, RelationshipKind::Unfelt); // behaviour without much feeling
//! assert_eq!(views.judge(0.9, -0.5)?.kind, RelationshipKind::Captive);
//! assert_eq!(views.judge(0.9, 0.5)?.to_string(), "sound: behaviour 0.90 is not below 0.50, feeling 0.50 is not below 0.25");
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

use std::fmt;

use crm_numbers::check;

use crate::error::Error;

/// A scored contact with a customer: a visit, a call, a complaint or a survey.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Interaction {
    time: f64,
    score: f64,
    weight: f64,
}

crm_numbers::gate!(Interaction, Interaction::checked);

impl Interaction {
    /// Creates a contact at a time, with a score from -1 (worst) to 1 (best).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a score outside -1..=1, or a time that is not finite.
    pub fn new(time: f64, score: f64) -> Result<Self, Error> {
        Self { time, score, weight: 1.0 }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("score", self.score, -1.0..=1.0)?;
        check::range("time", self.time, TIMES)?;
        check::range("weight", self.weight, 0.0..=1e6)?;
        Ok(self)
    }

    /// Returns the contact with another weight: a weight of 3 counts as much as three contacts.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the weight lies in 0..=1e6.
    pub fn with_weight(self, weight: f64) -> Result<Self, Error> {
        Self { weight, ..self }.checked()
    }

    /// Returns the time of the contact.
    #[must_use]
    pub fn time(self) -> f64 {
        self.time
    }

    /// Returns the score, from -1 (worst) to 1 (best).
    #[must_use]
    pub fn score(self) -> f64 {
        self.score
    }

    /// Returns the weight.
    #[must_use]
    pub fn weight(self) -> f64 {
        self.weight
    }
}

/// Settings of the index of feeling, in which contacts lose weight with age and few contacts count
/// as weak evidence.
///
/// # Formula
///
/// `index = sum w s / (c + sum w)` with `w = weight x 2^(-age / half life)`.
///
/// `s` is the score of each contact, in -1..=1; `age` is the time since the contact, in the unit of
/// the half-life; `c` is the caution, as a number of indifferent contacts now. The index lies
/// between -1 and 1, and near 0 for customers without a recent contact.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Feelings {
    half_life: f64,
    caution: f64,
}

crm_numbers::gate!(Feelings, Feelings::checked);

impl Default for Feelings {
    /// Returns the default settings: a contact counts half after 90 (days), and the caution is one
    /// indifferent contact.
    fn default() -> Self {
        Self { half_life: 90.0, caution: 1.0 }
    }
}

impl Feelings {
    /// Returns the settings with another half-life: the time after which a contact counts half.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the half-life is above 0 and at most 1e100.
    pub fn with_half_life(self, half_life: f64) -> Result<Self, Error> {
        Self { half_life, ..self }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("half life", self.half_life, check::above_to(0.0, 1e100))?;
        check::range("caution", self.caution, 1e-9..=1e9)?;
        Ok(self)
    }

    /// Returns the settings with another caution: the number of indifferent contacts that are
    /// added.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the caution lies in 1e-9..=1e9.
    pub fn with_caution(self, caution: f64) -> Result<Self, Error> {
        Self { caution, ..self }.checked()
    }

    /// Returns the feeling of a customer now, from -1 to 1. The order of the contacts does not
    /// matter.
    ///
    /// `None` without contacts (or with weights of 0 alone): customers who were never asked are not
    /// indifferent, and their relationship cannot be judged.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a contact after `now`.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::quality::{Feelings, Interaction};
    ///
    /// // Praised today: 1 / (1 + 1). After one half life: 0.5 / (1 + 0.5).
    /// let praise = [Interaction::new(0.0, 1.0)?];
    /// assert_eq!(Feelings::default().index(&praise, 0.0)?, Some(0.5));
    /// assert!((Feelings::default().index(&praise, 90.0)?.unwrap() - 1.0 / 3.0).abs() < 1e-15);
    /// assert_eq!(Feelings::default().index(&[], 90.0)?, None);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn index(&self, contacts: &[Interaction], now: f64) -> Result<Option<f64>, Error> {
        check::range("now", now, TIMES)?;
        let (mut scores, mut weights) = (0.0, self.caution);
        for contact in contacts {
            let age = now - check::range("time of a contact", contact.time, ..=now)?;
            let weight = contact.weight * libm::exp2(-age / self.half_life);
            scores += weight * contact.score;
            weights += weight;
        }
        let heard = contacts.iter().any(|contact| contact.weight > 0.0);
        Ok(heard.then(|| (scores / weights).clamp(-1.0, 1.0)))
    }
}

/// A kind of relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationshipKind {
    /// The customer buys and feels well.
    Sound,
    /// The customer buys, with no feeling either way: deficient (欠缺的关系); a better offer takes them
    /// away.
    Unfelt,
    /// The customer feels well and does not buy: deficient (欠缺的关系); find the obstacle.
    Unlived,
    /// The customer buys and feels badly (无奈的关系): they stay because they must.
    Captive,
    /// The customer neither buys nor feels well.
    None,
}

crm_numbers::names! {
    RelationshipKind, "kind of relationship" {
        Sound = "sound",
        Unfelt = "unfelt",
        Unlived = "unlived",
        Captive = "captive",
        None = "none",
    }
}

impl RelationshipKind {
    /// Returns the kind in words, such as `deficient, no feeling`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Unfelt => "deficient, no feeling",
            Self::Unlived => "deficient, no purchases",
            Self::Captive => "captive",
            Self::None => "no relationship",
        }
    }

    /// Returns whether the relationship has one of behaviour and feeling without the other.
    #[must_use]
    pub fn is_deficient(self) -> bool {
        matches!(self, Self::Unfelt | Self::Unlived)
    }
}

/// Thresholds of behaviour and feeling from which a customer counts as buying, feeling well and
/// feeling badly.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Views {
    buys: f64,
    well: f64,
    badly: f64,
}

crm_numbers::gate!(Views, Views::checked);

/// A kind of relationship with the values and thresholds behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Judgement {
    /// Kind of relationship.
    pub kind: RelationshipKind,
    /// Behaviour, in 0..=1.
    pub behaviour: f64,
    /// Feeling, in -1..=1.
    pub feeling: f64,
    /// Thresholds that were applied.
    pub views: Views,
}

impl Default for Views {
    /// Returns the default thresholds: buying from 0.5, feeling well from 0.25, feeling badly below
    /// -0.25.
    fn default() -> Self {
        Self { buys: 0.5, well: 0.25, badly: -0.25 }
    }
}

impl Views {
    /// Creates thresholds: behaviour from `buys` on, good feeling from `well` on, bad feeling below
    /// `badly`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `0 <= buys <= 1` and `-1 <= badly <= well <= 1`.
    pub fn new(buys: f64, well: f64, badly: f64) -> Result<Self, Error> {
        Self { buys, well, badly }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("threshold of behavior", self.buys, 0.0..=1.0)?;
        check::range("threshold of good feeling", self.well, -1.0..=1.0)?;
        check::range("threshold of bad feeling", self.badly, -1.0..=self.well)?;
        Ok(self)
    }

    /// Returns the kind of a relationship with a behaviour, from 0 to 1 (the probability that the
    /// customer is active, or of stability, or their share of wallet), and a feeling, from -1 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for numbers outside these ranges.
    pub fn judge(&self, behaviour: f64, feeling: f64) -> Result<Judgement, Error> {
        check::range("behavior", behaviour, 0.0..=1.0)?;
        check::range("feeling", feeling, -1.0..=1.0)?;
        let kind = match (behaviour >= self.buys, feeling >= self.well, feeling < self.badly) {
            (true, true, _) => RelationshipKind::Sound,
            (true, false, true) => RelationshipKind::Captive,
            (true, false, false) => RelationshipKind::Unfelt,
            (false, true, _) => RelationshipKind::Unlived,
            (false, false, _) => RelationshipKind::None,
        };
        Ok(Judgement { kind, behaviour, feeling, views: *self })
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |value: f64, cut: f64| {
            let side = if value < cut { "below" } else { "not below" };
            format!("{value:.2} is {side} {cut:.2}")
        };
        let cut = if self.feeling < self.views.badly { self.views.badly } else { self.views.well };
        let (behaviour, feeling) = (held(self.behaviour, self.views.buys), held(self.feeling, cut));
        write!(f, "{}: behaviour {behaviour}, feeling {feeling}", self.kind.words())
    }
}

/// Accepted times: their differences do not overflow.
const TIMES: std::ops::RangeInclusive<f64> = -1e100..=1e100;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn feelings_fade_and_weigh() {
        let feelings = Feelings::default().with_half_life(10.0).unwrap().with_caution(2.0).unwrap();
        let contacts = [
            Interaction::new(0.0, 1.0).unwrap().with_weight(4.0).unwrap(),
            Interaction::new(20.0, -1.0).unwrap(),
        ];
        // 4/4 x 1 - 1 x 1 = 0; later both fade alike.
        assert_eq!(feelings.index(&contacts, 20.0).unwrap(), Some(0.0));
        // One contact with the weight of 4, now: 4 / (2 + 4).
        assert!((feelings.index(&contacts[..1], 0.0).unwrap().unwrap() - 4.0 / 6.0).abs() < 1e-15);
        assert_eq!(feelings.index(&contacts, 1e90).unwrap(), Some(0.0));
    }

    /// Without contacts, the index was once 0, and the kind "behaviour without feeling".
    #[test]
    fn nothing_heard_is_not_indifference() {
        let feelings = Feelings::default();
        assert_eq!(feelings.index(&[], 5.0).unwrap(), None);
        let unweighted = Interaction::new(1.0, 1.0).unwrap().with_weight(0.0).unwrap();
        assert_eq!(feelings.index(&[unweighted], 5.0).unwrap(), None);
    }

    #[test]
    fn kinds_of_all_corners() {
        let kind = |behaviour, feeling| Views::default().judge(behaviour, feeling).unwrap().kind;
        assert_eq!(kind(0.5, 0.25), RelationshipKind::Sound);
        assert_eq!((kind(1.0, 0.0), kind(1.0, -0.25)), (RelationshipKind::Unfelt, RelationshipKind::Unfelt));
        assert_eq!(
            (kind(0.49, 0.9), kind(1.0, -0.26)),
            (RelationshipKind::Unlived, RelationshipKind::Captive)
        );
        assert_eq!((kind(0.0, 0.0), kind(0.0, -1.0)), (RelationshipKind::None, RelationshipKind::None));
        assert_eq!(RelationshipKind::ALL.iter().filter(|kind| kind.is_deficient()).count(), 2);
        let text = Views::default().judge(0.6, -0.5).unwrap().to_string();
        assert_eq!(text, "captive: behaviour 0.60 is not below 0.50, feeling -0.50 is below -0.25");
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<Interaction, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Interaction::new(0.0, 2.0)), "score must be between -1 and 1, got 2");
        assert_eq!(text(Interaction::new(f64::NAN, 0.0)), "time must be between -1e100 and 1e100, got NaN");
        let fine = Interaction::new(5.0, 0.0).unwrap();
        assert_eq!(text(fine.with_weight(-1.0)), "weight must be between 0 and 1000000, got -1");
        let early = Feelings::default().index(&[fine], 4.0).unwrap_err().to_string();
        assert_eq!(early, "time of a contact must be at most 4, got 5");
        let text = |result: Result<Feelings, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(Feelings::default().with_half_life(0.0)),
            "half life must be greater than 0 and at most 1e100, got 0"
        );
        assert_eq!(
            text(Feelings::default().with_caution(0.0)),
            "caution must be between 1e-9 and 1000000000, got 0"
        );
        let text = |result: Result<Views, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Views::new(1.5, 0.0, 0.0)), "threshold of behavior must be between 0 and 1, got 1.5");
        assert_eq!(
            text(Views::new(0.5, 2.0, 0.0)),
            "threshold of good feeling must be between -1 and 1, got 2"
        );
        assert_eq!(
            text(Views::new(0.5, 0.2, 0.3)),
            "threshold of bad feeling must be between -1 and 0.2, got 0.3"
        );
        let views = Views::default();
        assert_eq!(
            views.judge(0.5, 1.1).unwrap_err().to_string(),
            "feeling must be between -1 and 1, got 1.1"
        );
        assert_eq!(
            views.judge(-0.1, 0.0).unwrap_err().to_string(),
            "behavior must be between 0 and 1, got -0.1"
        );
    }
}
