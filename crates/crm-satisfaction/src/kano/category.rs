#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use crate::Error;

/// A reply to the functional or the dysfunctional question about a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KanoReply {
    /// 1: I like it that way.
    Like,
    /// 2: It must be that way.
    MustBe,
    /// 3: I am neutral.
    Neutral,
    /// 4: I can live with it that way.
    LiveWith,
    /// 5: I dislike it that way.
    Dislike,
}

crm_numbers::names! {
    KanoReply, "reply" {
        Like = "like",
        MustBe = "must_be" | "must be" | "must-be",
        Neutral = "neutral",
        LiveWith = "live_with" | "live with",
        Dislike = "dislike",
    }
}

impl KanoReply {
    /// Returns the reply with a number of the questionnaire, 1 to 5.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for another number.
    pub fn from_number(number: i32) -> Result<Self, Error> {
        Ok(match check::range("reply", number, 1..=5)? {
            1 => Self::Like,
            2 => Self::MustBe,
            3 => Self::Neutral,
            4 => Self::LiveWith,
            _ => Self::Dislike,
        })
    }

    /// Returns the number in the questionnaire, 1 to 5.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32 + 1
    }
}

/// The category of a feature, in the order in which ties are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KanoCategory {
    /// M, taken for granted.
    MustBe,
    /// O, the more the better.
    OneDimensional,
    /// A, delights.
    Attractive,
    /// I, has no effect.
    Indifferent,
    /// R, its presence annoys.
    Reverse,
    /// Q, a contradiction.
    Questionable,
}

crm_numbers::names! {
    KanoCategory, "category" {
        MustBe = "must_be" | "must-be" | "M",
        OneDimensional = "one_dimensional" | "one-dimensional" | "O",
        Attractive = "attractive" | "A",
        Indifferent = "indifferent" | "I",
        Reverse = "reverse" | "R",
        Questionable = "questionable" | "Q",
    }
}

impl KanoCategory {
    /// Returns the category of a pair of replies, by the evaluation table: rows are the replies
    /// with the feature, columns those without it.
    ///
    /// | with / without | like | must be | neutral | live with | dislike |
    /// |---|---|---|---|---|---|
    /// | like | Q | A | A | A | O |
    /// | must be | R | I | I | I | M |
    /// | neutral | R | I | I | I | M |
    /// | live with | R | I | I | I | M |
    /// | dislike | R | R | R | R | Q |
    ///
    /// # References
    ///
    /// Berger, C. and others (1993), "Kano's Methods for Understanding Customer-Defined Quality",
    /// Center for Quality Management Journal 2 (4), 3-36.
    #[must_use]
    pub fn from_replies(functional: KanoReply, dysfunctional: KanoReply) -> Self {
        use KanoReply::{Dislike, Like};
        match (functional, dysfunctional) {
            (Like, Like) | (Dislike, Dislike) => Self::Questionable,
            (Like, Dislike) => Self::OneDimensional,
            (Like, _) => Self::Attractive,
            (Dislike, _) | (_, Like) => Self::Reverse,
            (_, Dislike) => Self::MustBe,
            _ => Self::Indifferent,
        }
    }

    /// Returns the letter of the category: M, O, A, I, R or Q.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::MustBe => 'M',
            Self::OneDimensional => 'O',
            Self::Attractive => 'A',
            Self::Indifferent => 'I',
            Self::Reverse => 'R',
            Self::Questionable => 'Q',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_25_cells() {
        // Berger and others (1993), row by row.
        let table = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"];
        for (functional, row) in KanoReply::ALL.iter().copied().zip(table) {
            for (dysfunctional, letter) in KanoReply::ALL.iter().copied().zip(row.chars()) {
                assert_eq!(
                    KanoCategory::from_replies(functional, dysfunctional).letter(),
                    letter,
                    "{functional:?} {dysfunctional:?}"
                );
            }
        }
    }

    #[test]
    fn replies_go_by_number() {
        for &reply in KanoReply::ALL {
            assert_eq!(KanoReply::from_number(reply.number()), Ok(reply));
        }
        for number in [0, 6, -1] {
            let text = KanoReply::from_number(number).unwrap_err().to_string();
            assert_eq!(text, format!("reply must be between 1 and 5, got {number}"));
        }
    }
}
