//! Ranks, with a named rule for ties.

use crm_numbers::{Amount, check};

use crate::Error;

/// Ranks of equal values.
///
/// For 10, 20, 20, 30 in ascending order:
///
/// | rule | ranks |
/// |---|---|
/// | average | 1, 2.5, 2.5, 4 |
/// | min | 1, 2, 2, 4 |
/// | max | 1, 3, 3, 4 |
/// | dense | 1, 2, 2, 3 |
/// | ordinal | 1, 2, 3, 4 (in the order of the input) |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ties {
    /// Mean of the ranks that they take together, as rank statistics use it.
    #[default]
    Average,
    /// Lowest of the ranks that they take together, as in sports: 1, 2, 2, 4.
    Min,
    /// Highest of the ranks that they take together.
    Max,
    /// Number of distinct values up to theirs, without gaps.
    Dense,
    /// One rank each, in the order of the input: the only rule that depends on that order.
    Ordinal,
}

crm_numbers::names! {
    Ties, "rule for ties" {
        Average = "average",
        Min = "min",
        Max = "max",
        Dense = "dense",
        Ordinal = "ordinal",
    }
}

/// End of a ranking that has rank 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// The smallest value has rank 1.
    #[default]
    Ascending,
    /// The largest value has rank 1.
    Descending,
}

crm_numbers::names! {
    Direction, "direction" {
        Ascending = "ascending",
        Descending = "descending",
    }
}

/// Returns the rank of each value, from 1, in the order of the input.
///
/// # Errors
///
/// [`Error::Input`] for NaN or an infinity.
///
/// # Examples
///
/// ```
/// use crm_statistics::{Direction, Ties, ranks};
///
/// let revenue = [20, 10, 30, 20];
/// assert_eq!(ranks(&revenue, Ties::Average, Direction::Ascending)?, [2.5, 1.0, 4.0, 2.5]);
/// assert_eq!(ranks(&revenue, Ties::Min, Direction::Descending)?, [2.0, 4.0, 1.0, 2.0]);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn ranks<T: Amount>(values: &[T], ties: Ties, direction: Direction) -> Result<Vec<f64>, Error> {
    check::amounts("values", values)?;
    let mut order: Vec<(T, usize)> = values.iter().copied().zip(0..).collect();
    // Stable, so that ordinal ranks follow the input in both directions.
    match direction {
        Direction::Ascending => order.sort_by(|a, b| a.0.compare(&b.0)),
        Direction::Descending => order.sort_by(|a, b| b.0.compare(&a.0)),
    }
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for (group, tied) in order.chunk_by(|a, b| a.0 == b.0).enumerate() {
        for (place, &(_, item)) in tied.iter().enumerate() {
            let rank = match ties {
                Ties::Average => before as f64 + (tied.len() + 1) as f64 / 2.0,
                Ties::Min => (before + 1) as f64,
                Ties::Max => (before + tied.len()) as f64,
                Ties::Dense => (group + 1) as f64,
                Ties::Ordinal => (before + place + 1) as f64,
            };
            if let Some(slot) = ranks.get_mut(item) {
                *slot = rank;
            }
        }
        before += tied.len();
    }
    Ok(ranks)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crm_numbers::Decimal;

    const TIED: [f64; 7] = [3.0, 1.0, 3.0, 2.0, 3.0, 1.0, 9.0];

    #[test]
    fn every_rule_ascending() {
        let rank = |ties| ranks(&TIED, ties, Direction::Ascending).unwrap();
        assert_eq!(rank(Ties::Average), [5.0, 1.5, 5.0, 3.0, 5.0, 1.5, 7.0]);
        assert_eq!(rank(Ties::Min), [4.0, 1.0, 4.0, 3.0, 4.0, 1.0, 7.0]);
        assert_eq!(rank(Ties::Max), [6.0, 2.0, 6.0, 3.0, 6.0, 2.0, 7.0]);
        assert_eq!(rank(Ties::Dense), [3.0, 1.0, 3.0, 2.0, 3.0, 1.0, 4.0]);
        assert_eq!(rank(Ties::Ordinal), [4.0, 1.0, 5.0, 3.0, 6.0, 2.0, 7.0]);
    }

    #[test]
    fn every_rule_descending() {
        let rank = |ties| ranks(&TIED, ties, Direction::Descending).unwrap();
        assert_eq!(rank(Ties::Average), [3.0, 6.5, 3.0, 5.0, 3.0, 6.5, 1.0]);
        assert_eq!(rank(Ties::Min), [2.0, 6.0, 2.0, 5.0, 2.0, 6.0, 1.0]);
        assert_eq!(rank(Ties::Max), [4.0, 7.0, 4.0, 5.0, 4.0, 7.0, 1.0]);
        assert_eq!(rank(Ties::Dense), [2.0, 4.0, 2.0, 3.0, 2.0, 4.0, 1.0]);
        assert_eq!(rank(Ties::Ordinal), [2.0, 6.0, 3.0, 5.0, 4.0, 7.0, 1.0]);
    }

    #[test]
    fn equal_decimals_of_different_scale_tie() {
        let values = [Decimal::new(10, 1), Decimal::new(100, 2), Decimal::ZERO];
        assert_eq!(ranks(&values, Ties::Dense, Direction::Ascending).unwrap(), [2.0, 2.0, 1.0]);
    }

    #[test]
    fn nothing_has_no_rank_and_nan_is_refused() {
        assert_eq!(ranks::<i64>(&[], Ties::Average, Direction::Ascending).unwrap(), [0.0; 0]);
        let refused = ranks(&[1.0, f64::NAN], Ties::Average, Direction::Ascending).unwrap_err();
        assert_eq!(refused.to_string(), "values[1] must be finite, got NaN");
    }
}
