use std::fmt;

use crate::Error;
use crate::error::out_of_range;

/// How somebody would feel about a feature that is there, or that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reply {
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

impl Reply {
    /// All five, from [`Like`](Self::Like) to [`Dislike`](Self::Dislike).
    pub const ALL: [Self; 5] = [Self::Like, Self::MustBe, Self::Neutral, Self::LiveWith, Self::Dislike];

    /// The reply with a number of the questionnaire, 1 to 5.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another number.
    pub fn from_number(number: i32) -> Result<Self, Error> {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let reply = place.and_then(|place| Self::ALL.get(place).copied());
        reply.ok_or_else(|| out_of_range("reply", "lie in 1..=5", number))
    }

    /// The number in the questionnaire, 1 to 5.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32 + 1
    }
}

/// What a feature is to a customer.
///
/// Written as its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Category {
    /// M, taken for granted.
    MustBe,
    /// O, the more the better.
    OneDimensional,
    /// A, delights.
    Attractive,
    /// I, does not matter.
    Indifferent,
    /// R, its presence annoys.
    Reverse,
    /// Q, a contradiction.
    Questionable,
}

impl Category {
    /// All six, in the order in which ties are broken: M before O before A before I, then R and Q.
    pub const ALL: [Self; 6] = [
        Self::MustBe,
        Self::OneDimensional,
        Self::Attractive,
        Self::Indifferent,
        Self::Reverse,
        Self::Questionable,
    ];

    /// The evaluation table: rows are what is felt with the feature, columns what is felt without it.
    ///
    /// | with / without | like | must be | neutral | live with | dislike |
    /// |---|---|---|---|---|---|
    /// | like | Q | A | A | A | O |
    /// | must be | R | I | I | I | M |
    /// | neutral | R | I | I | I | M |
    /// | live with | R | I | I | I | M |
    /// | dislike | R | R | R | R | Q |
    ///
    /// Source: Berger, C. and others (1993), "Kano's Methods for Understanding Customer-Defined Quality", Center for Quality
    /// Management Journal 2 (4), 3-36.
    #[must_use]
    pub fn of(functional: Reply, dysfunctional: Reply) -> Self {
        use Reply::{Dislike, Like};
        match (functional, dysfunctional) {
            (Like, Like) | (Dislike, Dislike) => Self::Questionable,
            (Like, Dislike) => Self::OneDimensional,
            (Like, _) => Self::Attractive,
            (Dislike, _) | (_, Like) => Self::Reverse,
            (_, Dislike) => Self::MustBe,
            _ => Self::Indifferent,
        }
    }

    /// Its letter.
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

    /// Its name in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MustBe => "must-be",
            Self::OneDimensional => "one-dimensional",
            Self::Attractive => "attractive",
            Self::Indifferent => "indifferent",
            Self::Reverse => "reverse",
            Self::Questionable => "questionable",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_25_cells() {
        // Berger and others (1993), row by row.
        let table = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"];
        for (functional, row) in Reply::ALL.into_iter().zip(table) {
            for (dysfunctional, letter) in Reply::ALL.into_iter().zip(row.chars()) {
                assert_eq!(
                    Category::of(functional, dysfunctional).letter(),
                    letter,
                    "{functional:?} {dysfunctional:?}"
                );
            }
        }
    }

    #[test]
    fn replies_go_by_number() {
        for reply in Reply::ALL {
            assert_eq!(Reply::from_number(reply.number()), Ok(reply));
        }
        for number in [0, 6, -1] {
            let text = Reply::from_number(number).unwrap_err().to_string();
            assert_eq!(text, format!("reply must lie in 1..=5, got {number}"));
        }
    }
}
