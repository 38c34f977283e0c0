//! Spellings of ids, and ids that stand for nobody.

use std::borrow::Cow;

/// A difference in the spelling of an id that makes no other customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdFold {
    /// Upper and lower case: `Ann@Post.Example` is `ann@post.example`.
    Case,
    /// Blanks within the id: `A  17` and `A17` are one.
    Blanks,
    /// A decimal point and zeros behind digits, as spreadsheets write numbers: `17850.0` is `17850`.
    DecimalZero,
    /// Zeros before digits: `000123` is `123`.
    LeadingZeros,
}

crm_numbers::names! {
    IdFold, "folding of ids" {
        Case = "case",
        Blanks = "blanks",
        DecimalZero = "decimal_zero",
        LeadingZeros = "leading_zeros",
    }
}

impl IdFold {
    /// Returns the spelling that stands for all spellings of the id.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::IdFold;
    ///
    /// assert_eq!(IdFold::Case.fold("Ann@Post.Example".into()), "ann@post.example");
    /// assert_eq!(IdFold::DecimalZero.fold("17850.0".into()), "17850");
    /// assert_eq!(IdFold::DecimalZero.fold("1.50".into()), "1.50");
    /// assert_eq!(IdFold::LeadingZeros.fold("000".into()), "0");
    /// ```
    #[must_use]
    pub fn fold(self, id: Cow<'_, str>) -> Cow<'_, str> {
        match self {
            Self::Case if id.chars().any(char::is_uppercase) => Cow::Owned(id.to_lowercase()),
            Self::Blanks if id.contains(char::is_whitespace) => {
                Cow::Owned(id.split_whitespace().collect::<Vec<_>>().concat())
            }
            Self::DecimalZero => match id.split_once('.') {
                Some((whole, decimals))
                    if is_digits(whole) && !decimals.is_empty() && decimals.bytes().all(|b| b == b'0') =>
                {
                    Cow::Owned(whole.to_owned())
                }
                _ => id,
            },
            Self::LeadingZeros if id.len() > 1 && id.starts_with('0') && is_digits(&id) => {
                let kept = id.trim_start_matches('0');
                Cow::Owned(if kept.is_empty() { "0".to_owned() } else { kept.to_owned() })
            }
            _ => id,
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How the ids of a file become those of customers.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ids {
    pub(super) folds: Vec<IdFold>,
    /// Folded ids that stand for nobody, in lower case.
    pub(super) nobody: Vec<String>,
}

impl Ids {
    pub(super) fn fold<'i>(&self, id: Cow<'i, str>) -> Cow<'i, str> {
        self.folds.iter().fold(id, |id, fold| fold.fold(id))
    }

    /// Whether an id, folded, stands for nobody.
    pub(super) fn is_nobody(&self, id: &str) -> bool {
        !self.nobody.is_empty() && self.nobody.contains(&id.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Folding twice is folding once, whatever the order of the folds.
        #[test]
        fn folded_ids_stay_as_they_are(id in "\\PC{0,8}|[0-9]{0,6}(\\.0{0,3})?|[ a-zA-Z0.]{0,8}") {
            for folds in [
                vec![IdFold::Case],
                vec![IdFold::Blanks],
                vec![IdFold::DecimalZero],
                vec![IdFold::LeadingZeros],
                vec![IdFold::Blanks, IdFold::DecimalZero, IdFold::LeadingZeros],
            ] {
                let ids = Ids { folds, nobody: Vec::new() };
                let once = ids.fold(Cow::Borrowed(&id)).into_owned();
                let again = ids.fold(Cow::Borrowed(&once)).into_owned();
                prop_assert_eq!(again, once);
            }
        }
    }
}
