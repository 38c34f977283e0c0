use crate::{Assignments, Error};
use crm_numbers::{RangeError, check};

/// The kinds of loyalty, from the one that is ours least to the one that is ours most.
const KINDS: [(&str, &str); 5] = [
    ("monopoly", "there is no other supplier"),
    ("switching cost", "leaving costs too much"),
    ("incentive", "a reward or a price keeps them"),
    ("habit", "it is what they always do"),
    ("emotion", "they like us"),
];

/// The bond that keeps a customer, out of five: monopoly 垄断, switching cost 转换成本, incentive 激励,
/// habit 惯性, emotion 情感.
///
/// Each bond is stated as a strength from 0 to 1; the strongest one names the kind, if it reaches
/// the threshold. Of equal bonds the earlier in this list counts, because what only looks like
/// affection goes when the monopoly or the reward does.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::Bonds;
///
/// let kinds = Bonds::default().assign(&[[1.0, 0.2, 0.0, 0.1, 0.6], [0.0, 0.1, 0.7, 0.2, 0.7], [0.1; 5]])?;
/// assert_eq!((0..3).map(|i| kinds.name(i).unwrap()).collect::<Vec<_>>(), ["monopoly", "incentive", "none"]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Bonds {
    threshold: f64,
}

impl Bonds {
    /// Creates the rule from the strength at which a bond counts.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless it is above 0 and at most 1.
    pub fn new(threshold: f64) -> Result<Self, Error> {
        Ok(Self { threshold: check::range("threshold", threshold, check::above_to(0.0, 1.0))? })
    }

    /// Assigns every customer to a kind, from the strengths of monopoly, switching cost, incentive,
    /// habit and emotion.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a strength outside 0 to 1.
    pub fn assign(&self, strengths: &[[f64; 5]]) -> Result<Assignments, Error> {
        let mut codes = Vec::with_capacity(strengths.len());
        for (row, bonds) in strengths.iter().enumerate() {
            let mut strongest = (5_u8, 0.0);
            for (kind, &strength) in (0_u8..).zip(bonds) {
                if !(0.0..=1.0).contains(&strength) {
                    let error = RangeError::new("strengths", strength, 0.0..=1.0).at(row);
                    return Err(error.into());
                }
                if strength >= self.threshold && strength > strongest.1 {
                    strongest = (kind, strength);
                }
            }
            codes.push(strongest.0);
        }
        let names = KINDS.iter().map(|(name, _)| *name).chain(["none"]);
        let weak = format!("no bond of at least {}", self.threshold);
        let reasons = KINDS.iter().map(|(_, reason)| (*reason).to_owned()).chain([weak]);
        Ok(Assignments::trusted(names, codes).because(reasons))
    }
}

/// A bond counts from one half.
impl Default for Bonds {
    fn default() -> Self {
        Self { threshold: 0.5 }
    }
}

impl TryFrom<f64> for Bonds {
    type Error = Error;

    fn try_from(threshold: f64) -> Result<Self, Error> {
        Self::new(threshold)
    }
}

impl From<Bonds> for f64 {
    fn from(bonds: Bonds) -> Self {
        bonds.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_shares() {
        let text = |result: Result<Assignments, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(Bonds::default().assign(&[[0.0; 5], [0.0, 0.0, 1.1, 0.0, 0.0]])),
            "strengths[1] must be between 0 and 1, got 1.1"
        );
        assert_eq!(
            Bonds::new(0.0).unwrap_err().to_string(),
            "threshold must be greater than 0 and at most 1, got 0"
        );
        let same = Bonds::new(1.0).unwrap().assign(&[[0.99, 0.0, 0.0, 0.0, 1.0]]).unwrap();
        assert_eq!((same.name(0), same.reason(0)), (Some("emotion"), Some("they like us")));
    }
}
