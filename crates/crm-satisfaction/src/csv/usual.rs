//! The scale of a question that nobody declared, guessed from its answers.

use std::collections::BTreeMap;
use std::fmt;

use crate::Scale;

/// A few answers to a question that are far off all others: most likely codes, such as 99 for "no answer".
///
/// They are at most a fifth of the answers, at most two different ones, below 0 or above 10 where all others lie in 0 to 10. The
/// scale is guessed from the others, so that rows with the far ones are refused, until the reader is told what they mean:
/// by [`CsvSurvey::with_missing_code`](super::CsvSurvey::with_missing_code), or by declaring the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FarOff {
    /// The question.
    pub question: String,
    /// The answers far off, from the smallest to the largest.
    pub values: Vec<i32>,
    /// How often they were given.
    pub answers: u64,
    /// The smallest of the other answers.
    pub lowest: i32,
    /// The largest of the other answers.
    pub highest: i32,
}

impl FarOff {
    /// Returns whether an answer far off was given more than once, as a code is; a slip of the hand is not.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.answers > self.values.len() as u64
    }
}

impl fmt::Display for FarOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { question, values, answers, lowest, highest } = self;
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        let values = values.join(" and ");
        let said = if *answers == 1 { "answer of" } else { "answers of" };
        let lie = if *answers == 1 { "lies" } else { "lie" };
        write!(f, "{question}: {answers} {said} {values} {lie} far off the others, {lowest} to {highest}")
    }
}

pub(super) fn does_not_apply(text: &str) -> bool {
    ["n/a", "na", "does not apply", "not applicable"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A whole number, also where a spreadsheet wrote it as `4.0`.
pub(super) fn whole(text: &str) -> Option<i32> {
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    digits.parse().ok()
}

/// What stands in a column that may be a question.
pub(super) struct Answers {
    cells: u64,
    /// How often every whole number was answered.
    numbers: BTreeMap<i32, u64>,
}

impl Answers {
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>, missing: impl Fn(i32) -> bool) -> Self {
        let mut answers = Self { cells: 0, numbers: BTreeMap::new() };
        for cell in cells.filter(|cell| !cell.is_empty() && !does_not_apply(cell)) {
            match whole(cell) {
                Some(value) if missing(value) => {}
                Some(value) => {
                    answers.cells += 1;
                    *answers.numbers.entry(value).or_default() += 1;
                }
                None => answers.cells += 1,
            }
        }
        answers
    }

    fn count(&self, wanted: impl Fn(i32) -> bool) -> u64 {
        self.numbers.iter().filter(|(value, _)| wanted(**value)).map(|(_, count)| count).sum()
    }

    /// The few answers that lie outside 0 to 10, where the others lie inside.
    pub(super) fn far_off(&self, question: &str) -> Option<FarOff> {
        /// More answers of one kind are no exception.
        const LARGEST_SHARE: u64 = 5;
        /// More different ones are no codes.
        const MOST_VALUES: usize = 2;
        let near = |value: i32| (0..=10).contains(&value);
        let values: Vec<i32> = self.numbers.keys().copied().filter(|value| !near(*value)).collect();
        let answers = self.count(|value| !near(value));
        let mut others = self.numbers.keys().copied().filter(|value| near(*value));
        let lowest = others.next()?;
        let highest = others.next_back().unwrap_or(lowest);
        let few = answers * LARGEST_SHARE <= self.count(|_| true) && values.len() <= MOST_VALUES;
        (answers > 0 && few).then(|| FarOff {
            question: question.to_owned(),
            values,
            answers,
            lowest,
            highest,
        })
    }

    /// The usual scale of a column of which more than half are whole numbers.
    pub(super) fn usual_scale(&self, far_off: Option<&FarOff>) -> Option<Scale> {
        let (lowest, highest) = match far_off {
            Some(far_off) => (far_off.lowest, far_off.highest),
            None => (*self.numbers.keys().next()?, *self.numbers.keys().next_back()?),
        };
        (self.count(|_| true) * 2 > self.cells).then(|| Scale::usual(lowest, highest)).flatten()
    }
}
