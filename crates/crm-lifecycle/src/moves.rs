use std::fmt;

use crm_numbers::{Interval, Level, OverflowError, check};
use crm_statistics::{Proportion, ProportionMethod};

use crate::error::{Error, check_sum};

/// Numbers of customers who moved from each group to each other group between two dates: a
/// transition matrix with its counts.
///
/// The groups may be the four stages, or any others that cover every customer at both dates.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::Moves;
/// use crm_numbers::Level;
///
/// // Stages of five customers in January and in July.
/// let mut moves = Moves::new(["new", "regular", "lost"])?;
/// moves.count(&[0, 0, 1, 1, 1], &[1, 2, 1, 1, 2])?;
/// assert_eq!(moves.between(1, 2)?, 1);
/// // One of three regulars was lost; with three of them that says little.
/// let lost = moves.share(1, 2, Level::default())?.unwrap();
/// assert_eq!(lost.to_string(), "0.3333 (0.0615 to 0.7923, 95 %)");
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Moves {
    names: Vec<String>,
    /// Counts by group before the move, then by group after it.
    counts: Vec<u64>,
}

crm_numbers::gate!(Moves, Moves::checked);

/// Maximum number of groups: every pair of groups has a count.
const MOST_GROUPS: usize = 4_096;
/// Maximum number of periods: a chain is followed period by period.
const MOST_PERIODS: u32 = 1_000_000;

impl Moves {
    /// Creates a matrix without moves between the named groups.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without groups and for more than 4096 of them.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self, Error> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let counts = vec![0; names.len().saturating_mul(names.len()).min(MOST_GROUPS * MOST_GROUPS)];
        Self { names, counts }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("number of groups", self.groups(), 1..=MOST_GROUPS)?;
        check::length("counts", self.counts.len(), self.groups() * self.groups())?;
        check_total(self.counts.iter().copied())?;
        Ok(self)
    }

    /// Counts the moves of customers whose groups are given at one date and at the next, in the
    /// same order. For more than two dates, call it for each pair of successive dates.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different lengths, an index that is out of range for the
    /// groups, or more moves than can be counted; then nothing is counted.
    pub fn count(&mut self, before: &[usize], after: &[usize]) -> Result<(), Error> {
        check::length("groups after", after.len(), before.len())?;
        before.iter().chain(after).try_for_each(|&group| self.check(group))?;
        check_total(self.counts.iter().copied().chain([before.len() as u64]))?;
        let size = self.groups();
        for (from, to) in before.iter().zip(after) {
            if let Some(count) = self.counts.get_mut(from * size + to) {
                *count += 1;
            }
        }
        Ok(())
    }

    /// Returns the number of groups.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.names.len()
    }

    /// Returns the names of the groups.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of customers who moved from one group to another.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the groups.
    pub fn between(&self, from: usize, to: usize) -> Result<u64, Error> {
        self.check(from)?;
        self.check(to)?;
        Ok(self.counts.get(from * self.groups() + to).copied().unwrap_or(0))
    }

    /// Returns the share of a group that moved to another group, with Wilson's limits; `None` for a
    /// group without customers.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the groups.
    pub fn share(&self, from: usize, to: usize, level: Level) -> Result<Option<Interval>, Error> {
        let moved = self.between(from, to)?;
        let all: u64 = self.counts.chunks(self.groups()).nth(from).map_or(0, |row| row.iter().sum());
        let share = Proportion::new(moved, all).ok();
        Ok(share.map(|share| share.interval(ProportionMethod::Wilson, level)))
    }

    /// Returns the shares as a chain for forecasts and values.
    ///
    /// Nothing is known about the moves out of a group without customers; the chain keeps everyone
    /// there who enters it.
    #[must_use]
    pub fn chain(&self) -> Chain {
        let size = self.groups();
        let mut steps = Vec::with_capacity(size * size);
        for (from, row) in self.counts.chunks(size).enumerate() {
            let all: u64 = row.iter().sum();
            steps.extend(row.iter().enumerate().map(|(to, &count)| match all {
                0 => f64::from(u8::from(from == to)),
                _ => count as f64 / all as f64,
            }));
        }
        Chain { groups: size, steps }
    }

    fn check(&self, value: usize) -> Result<(), Error> {
        check::index("groups", value, self.groups())?;
        Ok(())
    }
}

/// A Markov chain over groups of customers, for forecasts of group sizes and customer values.
///
/// The group is all that the chain knows of a customer. If customers of one group differ (most
/// stages hold regular buyers who pause beside customers who have dropped out), the chain mixes
/// them, and its value of a group is far from the spend of the group;
/// [`StageValues`](crate::StageValues) measures that, with a back-test. The difference between the
/// values of two groups is not the gain from moving a customer from one to the other either:
/// customers who moved on their own differ from customers who are moved by a campaign.
///
/// # References
///
/// Pfeifer, P. E. and Carraway, R. L. (2000), "Modeling Customer Relationships as Markov Chains",
/// Journal of Interactive Marketing 14 (2), 43-55.
///
/// # Examples
///
/// The example is that of Pfeifer and Carraway: after a purchase, customers receive a mailing in
/// each of four periods; they buy again with probabilities 0.3, 0.2, 0.15 and 0.05, and are given
/// up after that. A purchase brings 40, a mailing costs 4:
///
/// ```
/// use crm_lifecycle::{Chain, ChainTerm};
///
/// let steps = [
///     0.30, 0.70, 0.0, 0.0, 0.0, //
///     0.20, 0.0, 0.80, 0.0, 0.0, //
///     0.15, 0.0, 0.0, 0.85, 0.0, //
///     0.05, 0.0, 0.0, 0.0, 0.95, //
///     0.0, 0.0, 0.0, 0.0, 1.0,
/// ];
/// let chain = Chain::new(5, &steps)?;
/// let values = chain.values(&[36.0, -4.0, -4.0, -4.0, 0.0], 0.2, ChainTerm::Periods(4))?;
/// assert!((values[0] - 50.115).abs() < 5e-4);
/// let values = chain.values(&[36.0, -4.0, -4.0, -4.0, 0.0], 0.2, ChainTerm::Forever)?;
/// assert!((values[0] - 52.320).abs() < 5e-4);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Chain {
    groups: usize,
    /// Transition probabilities by group before the transition, then by group after it.
    steps: Vec<f64>,
}

crm_numbers::gate!(Chain, Chain::checked);

/// Horizon of a chain value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum ChainTerm {
    /// Now and n future periods: n + 1 rewards, the first of them not discounted. For n rewards
    /// that are earned in the course of their periods, use `Periods(n - 1)`.
    Periods(u32),
    /// Now and all future periods.
    Forever,
}

impl Chain {
    /// Creates a chain of `groups` groups from its transition probabilities, row by row: one row
    /// per group before the transition.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without groups, for a number of probabilities other than the square of the
    /// number of groups, or for a probability outside 0..=1; [`Error::Probabilities`] for rows that
    /// do not sum to 1.
    pub fn new(groups: usize, steps: &[f64]) -> Result<Self, Error> {
        Self { groups, steps: steps.to_vec() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("number of groups", self.groups, 1..)?;
        check::length("probabilities of steps", self.steps.len(), self.groups.saturating_mul(self.groups))?;
        check::range_of_all("probabilities of steps", &self.steps, 0.0..=1.0)?;
        for (from, row) in self.steps.chunks(self.groups).enumerate() {
            check_sum(|| format!("probabilities of the steps from group {from}"), row)?;
        }
        Ok(self)
    }

    /// Returns the transition probabilities, row by row.
    #[must_use]
    pub fn steps(&self) -> &[f64] {
        &self.steps
    }

    /// Returns the expected number (or share) of customers in each group after `periods` periods.
    ///
    /// # Formula
    ///
    /// `n(t) = n(0) P^t`, where `n(0)` are the numbers (or shares) of customers per group now, `P`
    /// is the matrix of transition probabilities per period and `t` is the number of periods.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the length of `now` is not the number of groups, for a number that is
    /// negative, not finite or above 1e300, and for more than a million periods.
    pub fn forecast(&self, now: &[f64], periods: u32) -> Result<Vec<f64>, Error> {
        check::length("groups of customers now", now.len(), self.groups)?;
        check::range("number of periods", periods, ..=MOST_PERIODS)?;
        check::range_of_all("customers now", now, 0.0..=1e300)?;
        let mut now = now.to_vec();
        for _ in 0..periods {
            let mut next = vec![0.0; self.groups];
            for (count, row) in now.iter().zip(self.steps.chunks(self.groups)) {
                for (next, p) in next.iter_mut().zip(row) {
                    *next += count * p;
                }
            }
            now = next;
        }
        Ok(now)
    }

    /// Returns the value today of a customer of each group: the expected rewards of the groups that
    /// the customer is in, now and in every future period, discounted.
    ///
    /// The value holds if moves continue at the same rates and customers of one group are alike;
    /// see [`Chain`].
    ///
    /// # Formula
    ///
    /// `V = sum over t from 0 to n of (P / (1 + d))^t R` over n future periods, with n + 1 rewards.
    ///
    /// `V = (I - P / (1 + d))^-1 R` forever.
    ///
    /// `R` are the rewards per period by group, in currency units; `P` is the matrix of transition
    /// probabilities; `d` is the discount rate per period; `n` is the number of future periods.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there is not one reward per group, for rewards that are not finite or
    /// above 1e100 in size, for a rate that is negative, above 1e6, or below 1e-9 with
    /// [`ChainTerm::Forever`], and for more than a million periods.
    pub fn values(&self, rewards: &[f64], rate: f64, term: ChainTerm) -> Result<Vec<f64>, Error> {
        check::length("rewards", rewards.len(), self.groups)?;
        check::range_of_all("rewards", rewards, -1e100..=1e100)?;
        let least = if term == ChainTerm::Forever { 1e-9 } else { 0.0 };
        check::range("discount rate", rate, least..=1e6)?;
        let discount = 1.0 / (1.0 + rate);
        match term {
            ChainTerm::Forever => Ok(self.solve(rewards, discount)),
            ChainTerm::Periods(periods) => {
                check::range("number of periods", periods, ..=MOST_PERIODS)?;
                let mut values = rewards.to_vec();
                for _ in 0..periods {
                    let mean = |row: &[f64]| row.iter().zip(&values).map(|(p, value)| p * value).sum::<f64>();
                    let rows = self.steps.chunks(self.groups).zip(rewards);
                    values = rows.map(|(row, reward)| reward + discount * mean(row)).collect();
                }
                Ok(values)
            }
        }
    }

    /// Solves `(I - discount P) V = R` by elimination; the matrix is diagonally dominant, so that
    /// no pivot vanishes.
    fn solve(&self, rewards: &[f64], discount: f64) -> Vec<f64> {
        let mut rows: Vec<(Vec<f64>, f64)> = self
            .steps
            .chunks(self.groups)
            .zip(rewards)
            .enumerate()
            .map(|(from, (row, reward))| {
                let cell = |(to, p): (usize, &f64)| f64::from(u8::from(from == to)) - discount * p;
                (row.iter().enumerate().map(cell).collect(), *reward)
            })
            .collect();
        for k in 0..self.groups {
            let Some((pivot_row, pivot_value)) = rows.get(k).cloned() else { continue };
            let pivot = pivot_row.get(k).copied().unwrap_or(1.0);
            for (at, (row, value)) in rows.iter_mut().enumerate() {
                let factor = row.get(k).copied().unwrap_or(0.0) / pivot;
                if at != k {
                    for (cell, other) in row.iter_mut().zip(&pivot_row) {
                        *cell -= factor * other;
                    }
                    *value -= factor * pivot_value;
                }
            }
        }
        let solved = rows.iter().enumerate();
        solved.map(|(k, (row, value))| value / row.get(k).copied().unwrap_or(1.0)).collect()
    }
}

/// Checks that the sum of the counts can be counted as well.
fn check_total(mut counts: impl Iterator<Item = u64>) -> Result<(), Error> {
    let add = |total: u64, count: u64| {
        total
            .checked_add(count)
            .ok_or_else(|| OverflowError::new("number of moves", total as f64 + count as f64))
    };
    counts.try_fold(0, add)?;
    Ok(())
}

impl fmt::Display for Moves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for (name, row) in self.names.iter().zip(self.counts.chunks(self.groups())) {
            write!(f, "{name:<width$}")?;
            for count in row {
                write!(f, "  {count:>8}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_nobody_was_in_has_no_share_and_keeps_whoever_enters() {
        let mut moves = Moves::new(["a", "b"]).unwrap();
        moves.count(&[0, 0], &[0, 1]).unwrap();
        assert_eq!(moves.share(1, 0, Level::default()).unwrap(), None);
        assert_eq!(moves.chain().steps(), [0.5, 0.5, 0.0, 1.0]);
        assert_eq!(moves.to_string(), "a         1         1\nb         0         0\n");
    }

    #[test]
    fn one_reward_now_and_one_in_each_period_to_come() {
        let chain = Chain::new(1, &[1.0]).unwrap();
        let value = |term| chain.values(&[10.0], 0.0, term).unwrap()[0];
        assert!((value(ChainTerm::Periods(0)) - 10.0).abs() < 1e-12);
        assert!((value(ChainTerm::Periods(12)) - 130.0).abs() < 1e-12);
    }

    #[test]
    fn errors_name_field_and_value() {
        let mut moves = Moves::new(["a", "b"]).unwrap();
        assert_eq!(moves.count(&[0], &[2]).unwrap_err().to_string(), "index 2 is out of range for 2 groups");
        assert_eq!(moves.count(&[0], &[]).unwrap_err().to_string(), "expected 1 groups after, got 0");
        let text = |steps: &[f64]| Chain::new(2, steps).unwrap_err().to_string();
        assert_eq!(text(&[1.0]), "expected 4 probabilities of steps, got 1");
        assert_eq!(
            text(&[0.5, 0.4, 0.0, 1.0]),
            "probabilities of the steps from group 0 must sum to 1, got 0.9"
        );
        let chain = Chain::new(1, &[1.0]).unwrap();
        let text = |reward, rate, term| chain.values(&[reward], rate, term).unwrap_err().to_string();
        assert_eq!(
            text(1.0, 0.0, ChainTerm::Forever),
            "discount rate must be between 1e-9 and 1000000, got 0"
        );
        assert_eq!(
            text(f64::NAN, 0.1, ChainTerm::Periods(1)),
            "rewards[0] must be between -1e100 and 1e100, got NaN"
        );
        assert_eq!(
            chain.forecast(&[-1.0], 1).unwrap_err().to_string(),
            "customers now[0] must be between 0 and 1e300, got -1"
        );
    }
}
