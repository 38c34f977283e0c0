//! Relationship quality: behaviour and feeling (关系 = 行为 + 感觉). Somebody who buys and feels well has a sound
//! relationship; one of the two alone is a deficient one (欠缺的关系); somebody who buys and feels badly is held captive
//! (无奈的关系) and leaves when he can.
//!
//! ```
//! use crm_lifecycle::quality::{Feelings, Interaction, Kind, Views};
//!
//! // A complaint half a year ago, praise twenty days ago; today is day 200.
//! let talks = [Interaction::new(20.0, -0.8)?, Interaction::new(180.0, 0.6)?];
//! let feeling = Feelings::default().index(&talks, 200.0)?.unwrap(); // nobody asked, nothing known: `None`
//! assert!((feeling - 0.149).abs() < 0.001); // (0.86 x 0.6 - 0.25 x 0.8) / (1 + 0.86 + 0.25)
//!
//! // He still buys as he used to.
//! let views = Views::default();
//! assert_eq!(views.judge(0.9, feeling)?.kind, Kind::Unfelt); // behaviour without much feeling
//! assert_eq!(views.judge(0.9, -0.5)?.kind, Kind::Captive);
//! assert_eq!(views.judge(0.9, 0.5)?.to_string(), "sound: behaviour 0.90 is not below 0.50, feeling 0.50 is not below 0.25");
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

use std::fmt;

use crate::error::{Error, check_probability};

/// A contact and how it went: a visit, a call, a complaint, a survey.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredInteraction", into = "StoredInteraction"))]
pub struct Interaction {
    time: f64,
    score: f64,
    weight: f64,
}

impl Interaction {
    /// A contact at a time, scored from -1 (as bad as can be) to 1 (as good as can be).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a score outside -1..=1, or a time that is not finite.
    pub fn new(time: f64, score: f64) -> Result<Self, Error> {
        if !(-1.0..=1.0).contains(&score) {
            return Err(Error::range("score", "lie in -1..=1", score));
        }
        check_time("time", time)?;
        Ok(Self { time, score, weight: 1.0 })
    }

    /// The same with another weight: 3 counts as much as three contacts.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the weight lies in 0..=1e6.
    pub fn with_weight(self, weight: f64) -> Result<Self, Error> {
        if (0.0..=1e6).contains(&weight) {
            Ok(Self { weight, ..self })
        } else {
            Err(Error::range("weight", "lie in 0..=1e6", weight))
        }
    }

    /// When it was.
    #[must_use]
    pub fn time(self) -> f64 {
        self.time
    }

    /// How it went.
    #[must_use]
    pub fn score(self) -> f64 {
        self.score
    }

    /// How much it counts.
    #[must_use]
    pub fn weight(self) -> f64 {
        self.weight
    }
}

/// How an index of feeling is made of contacts: they fade, and few of them say little.
///
/// `index = sum w s / (c + sum w)` with `w = weight x 2^(-age / half life)` and s the score of each
/// contact: between -1 and 1, and near 0 where nothing has been heard for long. The caution c is as
/// if there had been so many indifferent contacts lately.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredFeelings", into = "StoredFeelings"))]
pub struct Feelings {
    half_life: f64,
    caution: f64,
}

impl Default for Feelings {
    /// Contacts count half after 90 (days), and one indifferent contact is added.
    fn default() -> Self {
        Self { half_life: 90.0, caution: 1.0 }
    }
}

impl Feelings {
    /// The same with another time after which a contact counts half.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it is above 0 and at most 1e100.
    pub fn with_half_life(self, half_life: f64) -> Result<Self, Error> {
        if half_life > 0.0 && half_life <= 1e100 {
            Ok(Self { half_life, ..self })
        } else {
            Err(Error::range("half life", "be above 0 and at most 1e100", half_life))
        }
    }

    /// The same with so many indifferent contacts added.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies in 1e-9..=1e9.
    pub fn with_caution(self, caution: f64) -> Result<Self, Error> {
        if (1e-9..=1e9).contains(&caution) {
            Ok(Self { caution, ..self })
        } else {
            Err(Error::range("caution", "lie in 1e-9..=1e9", caution))
        }
    }

    /// Returns how a customer feels now, from -1 to 1. The order of the contacts does not matter.
    ///
    /// `None` without contacts (or with weights of 0 alone): a customer who was never asked is not
    /// indifferent, and has no kind of relationship to be judged.
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
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a contact after now.
    pub fn index(&self, contacts: &[Interaction], now: f64) -> Result<Option<f64>, Error> {
        check_time("now", now)?;
        let (mut scores, mut weights) = (0.0, self.caution);
        for contact in contacts {
            let age = now - contact.time;
            if age < 0.0 {
                return Err(Error::range("time of a contact", format!("not be after {now}"), contact.time));
            }
            let weight = contact.weight * libm::exp2(-age / self.half_life);
            scores += weight * contact.score;
            weights += weight;
        }
        let heard = contacts.iter().any(|contact| contact.weight > 0.0);
        Ok(heard.then(|| (scores / weights).clamp(-1.0, 1.0)))
    }
}

/// What kind of relationship it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// Buys and feels well.
    Sound,
    /// Buys, with no feeling either way: deficient (欠缺的关系); a better offer takes him away.
    Unfelt,
    /// Feels well and does not buy: deficient (欠缺的关系); find out what keeps him from it.
    Unlived,
    /// Buys and feels badly (无奈的关系): stays because he must.
    Captive,
    /// Neither buys nor feels well.
    None,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Sound, Self::Unfelt, Self::Unlived, Self::Captive, Self::None];

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Unfelt => "deficient, no feeling",
            Self::Unlived => "deficient, no purchases",
            Self::Captive => "captive",
            Self::None => "no relationship",
        }
    }

    /// Whether it has one of behaviour and feeling without the other.
    #[must_use]
    pub fn is_deficient(self) -> bool {
        matches!(self, Self::Unfelt | Self::Unlived)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// From where on somebody is said to buy, to feel well, and to feel badly.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredViews", into = "StoredViews"))]
pub struct Views {
    buys: f64,
    well: f64,
    badly: f64,
}

/// A kind of relationship and why it is said to be that.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Judgement {
    /// The kind.
    pub kind: Kind,
    /// The behaviour looked at.
    pub behaviour: f64,
    /// The feeling looked at.
    pub feeling: f64,
    /// What they were held against.
    pub views: Views,
}

impl Default for Views {
    /// Buys from 0.5 on, feels well from 0.25 on, feels badly below -0.25.
    fn default() -> Self {
        Self { buys: 0.5, well: 0.25, badly: -0.25 }
    }
}

impl Views {
    /// Cuts of one's own: behaviour from `buys` on, good feeling from `well` on, bad feeling below `badly`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `0 <= buys <= 1` and `-1 <= badly <= well <= 1`.
    pub fn new(buys: f64, well: f64, badly: f64) -> Result<Self, Error> {
        check_probability("cut of behaviour", buys)?;
        if !(-1.0..=1.0).contains(&well) {
            return Err(Error::range("cut of good feeling", "lie in -1..=1", well));
        }
        if !(-1.0..=well).contains(&badly) {
            return Err(Error::range("cut of bad feeling", format!("lie in -1..={well}"), badly));
        }
        Ok(Self { buys, well, badly })
    }

    /// The kind of a relationship with some behaviour, from 0 to 1 (the probability that the customer is alive, or of
    /// stability, or his share of wallet), and some feeling, from -1 to 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for numbers outside these ranges.
    pub fn judge(&self, behaviour: f64, feeling: f64) -> Result<Judgement, Error> {
        check_probability("behaviour", behaviour)?;
        if !(-1.0..=1.0).contains(&feeling) {
            return Err(Error::range("feeling", "lie in -1..=1", feeling));
        }
        let kind = match (behaviour >= self.buys, feeling >= self.well, feeling < self.badly) {
            (true, true, _) => Kind::Sound,
            (true, false, true) => Kind::Captive,
            (true, false, false) => Kind::Unfelt,
            (false, true, _) => Kind::Unlived,
            (false, false, _) => Kind::None,
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
        write!(f, "{}: behaviour {behaviour}, feeling {feeling}", self.kind)
    }
}

fn check_time(field: &'static str, time: f64) -> Result<(), Error> {
    const LARGEST: f64 = 1e100;
    if time.abs() <= LARGEST { Ok(()) } else { Err(Error::range(field, "lie in -1e100..=1e100", time)) }
}

#[cfg(feature = "serde")]
mod stored {
    use super::{Error, Feelings, Interaction, Views};

    macro_rules! stored {
        ($stored:ident of $kind:ident { $($field:ident),* }, |$from:ident| $make:expr) => {
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $stored {
                $($field: f64),*
            }

            impl TryFrom<$stored> for $kind {
                type Error = Error;

                fn try_from($from: $stored) -> Result<Self, Error> {
                    $make
                }
            }

            impl From<$kind> for $stored {
                fn from(kind: $kind) -> Self {
                    Self { $($field: kind.$field),* }
                }
            }
        };
    }

    stored!(StoredInteraction of Interaction { time, score, weight }, |stored| {
        Interaction::new(stored.time, stored.score)?.with_weight(stored.weight)
    });
    stored!(StoredFeelings of Feelings { half_life, caution }, |stored| {
        Feelings::default().with_half_life(stored.half_life)?.with_caution(stored.caution)
    });
    stored!(StoredViews of Views { buys, well, badly }, |stored| {
        Views::new(stored.buys, stored.well, stored.badly)
    });
}

#[cfg(feature = "serde")]
use stored::{StoredFeelings, StoredInteraction, StoredViews};

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

    /// Nobody asked was an index of 0, and so "behaviour without feeling".
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
        assert_eq!(kind(0.5, 0.25), Kind::Sound);
        assert_eq!((kind(1.0, 0.0), kind(1.0, -0.25)), (Kind::Unfelt, Kind::Unfelt));
        assert_eq!((kind(0.49, 0.9), kind(1.0, -0.26)), (Kind::Unlived, Kind::Captive));
        assert_eq!((kind(0.0, 0.0), kind(0.0, -1.0)), (Kind::None, Kind::None));
        assert_eq!(Kind::ALL.map(Kind::is_deficient), [false, true, true, false, false]);
        let text = Views::default().judge(0.6, -0.5).unwrap().to_string();
        assert_eq!(text, "captive: behaviour 0.60 is not below 0.50, feeling -0.50 is below -0.25");
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<Interaction, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Interaction::new(0.0, 2.0)), "score must lie in -1..=1, got 2");
        assert_eq!(text(Interaction::new(f64::NAN, 0.0)), "time must lie in -1e100..=1e100, got NaN");
        let fine = Interaction::new(5.0, 0.0).unwrap();
        assert_eq!(text(fine.with_weight(-1.0)), "weight must lie in 0..=1e6, got -1");
        let early = Feelings::default().index(&[fine], 4.0).unwrap_err().to_string();
        assert_eq!(early, "time of a contact must not be after 4, got 5");
        let text = |result: Result<Feelings, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(Feelings::default().with_half_life(0.0)),
            "half life must be above 0 and at most 1e100, got 0"
        );
        assert_eq!(text(Feelings::default().with_caution(0.0)), "caution must lie in 1e-9..=1e9, got 0");
        let text = |result: Result<Views, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Views::new(1.5, 0.0, 0.0)), "cut of behaviour must lie in 0..=1, got 1.5");
        assert_eq!(text(Views::new(0.5, 2.0, 0.0)), "cut of good feeling must lie in -1..=1, got 2");
        assert_eq!(text(Views::new(0.5, 0.2, 0.3)), "cut of bad feeling must lie in -1..=0.2, got 0.3");
        let views = Views::default();
        assert_eq!(views.judge(0.5, 1.1).unwrap_err().to_string(), "feeling must lie in -1..=1, got 1.1");
        assert_eq!(views.judge(-0.1, 0.0).unwrap_err().to_string(), "behaviour must lie in 0..=1, got -0.1");
    }
}
