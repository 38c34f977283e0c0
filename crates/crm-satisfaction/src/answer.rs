/// One answer to one question.
///
/// Three things that a blank cell of a table mixes up: what was answered, that nothing was answered, and that the
/// question did not apply ("I never called the hotline"). Only the first counts in an index; the other two are counted
/// apart, because many missing answers are a warning about the question, and many that do not apply are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Answer {
    /// A value of the scale.
    Value(i32),
    /// Nothing was answered.
    Missing,
    /// The question does not apply to the respondent.
    DoesNotApply,
}

impl Answer {
    /// The value, if there is one.
    #[must_use]
    #[inline]
    pub fn value(self) -> Option<i32> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::DoesNotApply => None,
        }
    }
}

impl From<Option<i32>> for Answer {
    /// `None` is a missing answer.
    fn from(value: Option<i32>) -> Self {
        value.map_or(Self::Missing, Self::Value)
    }
}
