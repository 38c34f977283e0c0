/// One answer to one question.
///
/// Keeps apart three things that an empty cell of a table mixes up: a value, no answer, and a
/// question that did not apply ("I never called the hotline"). Only values count in an index. The
/// other two are counted separately: many missing answers are a warning about the question, many
/// that do not apply are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Answer {
    /// A value of the scale.
    Value(i32),
    /// No answer.
    Missing,
    /// A question that does not apply to the respondent.
    DoesNotApply,
}

impl Answer {
    /// Returns the value, if there is one.
    #[must_use]
    #[inline]
    pub fn value(self) -> Option<i32> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::DoesNotApply => None,
        }
    }
}

/// Takes `None` for a missing answer.
impl From<Option<i32>> for Answer {
    fn from(value: Option<i32>) -> Self {
        value.map_or(Self::Missing, Self::Value)
    }
}
