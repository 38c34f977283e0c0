use std::collections::HashMap;

use crm_history::{Ledger, Observation};
use crm_numbers::Amount;
use crm_numbers::{RangeError, check};

use crate::error::Error;

/// Purchases of customers by period: the input of a hidden Markov model.
///
/// Customers may have been observed for different numbers of periods, periods may be missing, and a
/// period may have been observed in part (its exposure).
///
/// # Examples
///
/// ```
/// use crm_lifecycle::hmm::Sequences;
///
/// let mut seen = Sequences::default();
/// seen.push(&[Some(2), Some(0), None, Some(1)])?; // nobody knows about the third month
/// seen.push(&[Some(1)])?;
/// // A customer won on the tenth day of a month of thirty.
/// seen.push_with_exposure(&[Some(1), Some(3)], &[None, None], &[20.0 / 30.0, 1.0])?;
/// assert_eq!((seen.customers(), seen.periods()), (3, 7));
/// assert_eq!(seen.get(0).unwrap().counts().collect::<Vec<_>>(), [Some(2), Some(0), None, Some(1)]);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sequences {
    /// Start of each customer's periods, and the end of the last one.
    bounds: Vec<usize>,
    /// Index in `distinct` by period, or [`MISSING`].
    codes: Vec<u32>,
    /// Distinct pairs of count and exposure, in order of appearance.
    distinct: Vec<Seen>,
    /// Indices in `distinct` of the small counts of a whole period.
    small: Vec<u32>,
    /// Indices in `distinct` of all others, by count and bits of the exposure.
    others: HashMap<(u32, u64), u32>,
    /// Spend and its logarithm by period, NaN if unknown; empty if no customer has spend.
    spend: Vec<Spend>,
    /// Number of customers that a sequence represents; empty for one each.
    weights: Vec<f64>,
}

/// Purchases in a period, and the part of the period that was observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) count: u32,
    pub(super) exposure: f64,
}

/// Spend of a period, if it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spend {
    pub(super) amount: f64,
    pub(super) ln: f64,
}

impl PartialEq for Spend {
    fn eq(&self, other: &Self) -> bool {
        self.amount.to_bits() == other.amount.to_bits()
    }
}

impl Spend {
    const UNKNOWN: Self = Self { amount: f64::NAN, ln: f64::NAN };

    pub(super) fn known(self) -> bool {
        !self.amount.is_nan()
    }
}

/// Code of a missing period.
pub(super) const MISSING: u32 = u32::MAX;

/// Bound of the counts that are found without a search.
const SMALL: usize = 256;

/// Maximum count of a period.
const MOST: u32 = 1_000_000;

/// Minimum exposure: a thousandth of a day in a period of a thousand days.
const LEAST_EXPOSURE: f64 = 1e-6;

impl Default for Sequences {
    fn default() -> Self {
        Self {
            bounds: vec![0],
            codes: Vec::new(),
            distinct: Vec::new(),
            small: vec![MISSING; SMALL],
            others: HashMap::new(),
            spend: Vec::new(),
            weights: Vec::new(),
        }
    }
}

impl Sequences {
    /// Creates sequences of customers whose periods are all known and whole.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a customer without a period, or for a count above a million.
    pub fn from_counts<C: AsRef<[u32]>>(customers: impl IntoIterator<Item = C>) -> Result<Self, Error> {
        let mut sequences = Self::default();
        for customer in customers {
            let counts: Vec<Option<u32>> = customer.as_ref().iter().copied().map(Some).collect();
            sequences.push(&counts)?;
        }
        Ok(sequences)
    }

    /// Creates the sequences of a ledger's buyers, with the index of each buyer in the ledger.
    ///
    /// The last period of `days` days ends with the observation. The first period of a customer is
    /// that of the first order. The day of that order itself is left out, because without it the
    /// customer would not be observed; the period starts on the day after and is therefore observed
    /// in part: its exposure is the share of its days that are left. For a customer acquired on the
    /// last day of a period none are left, so that the period is missing.
    ///
    /// Orders of one day are one purchase; a negative amount is a refund, which reduces the spend
    /// of its period. Spend that is not positive after that is taken as unknown.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for periods of zero length, or without buyers.
    pub fn from_ledger<K, A: Amount>(
        ledger: &Ledger<K, A>,
        observation: &Observation,
        days: u32,
    ) -> Result<(Self, Vec<usize>), Error>
    where
        K: std::fmt::Debug + Sync + Send,
    {
        check::range("days", days, 1..)?;
        let summaries = ledger.summarize(observation)?;
        let end = observation.end().since_epoch();
        let mut sequences = Self::default();
        let mut numbers = Vec::new();
        for (customer, _, summary) in summaries.buyers() {
            let ago = |day: i32| ((end - day) as u32 / days) as usize;
            let first = summary.first_purchase.since_epoch();
            let mut counts = vec![Some(0_u32); ago(first) + 1];
            let mut spend = vec![0.0; counts.len()];
            let mut exposure = vec![1.0; counts.len()];
            let left = (end - first) as u32 % days;
            if let (Some(count), Some(exposure)) = (counts.first_mut(), exposure.first_mut()) {
                if left == 0 {
                    *count = None;
                } else {
                    *exposure = (f64::from(left) / f64::from(days)).max(LEAST_EXPOSURE);
                }
            }
            let mut last = first;
            for line in ledger.lines(customer) {
                let day = line.day.since_epoch();
                if day <= first || day > end {
                    continue;
                }
                let at = counts.len() - 1 - ago(day);
                if let (Some(Some(count)), Some(spend)) = (counts.get_mut(at), spend.get_mut(at)) {
                    if line.amount >= A::ZERO && day > last {
                        *count += 1;
                        last = day;
                    }
                    *spend += line.amount.to_f64();
                }
            }
            let known = |spend: f64| (1e-150..=1e150).contains(&spend).then_some(spend);
            let spend: Vec<Option<f64>> = spend.into_iter().map(known).collect();
            sequences.push_with_exposure(&counts, &spend, &exposure)?;
            numbers.push(customer.index());
        }
        check::not_empty("buyers", &numbers)?;
        Ok((sequences, numbers))
    }

    /// Adds a customer with the purchases of each period, `None` for a missing period.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a period, or for a count above a million.
    pub fn push(&mut self, counts: &[Option<u32>]) -> Result<(), Error> {
        self.push_periods(counts, None)
    }

    /// Adds a customer with the purchases and the total spend of each period, `None` for unknown
    /// spend.
    ///
    /// Spend of a period without a purchase is ignored.
    ///
    /// # Errors
    ///
    /// Fails like [`push`](Self::push), and with [`Error::Input`] for columns of different lengths
    /// or spend outside 1e-150..=1e150.
    pub fn push_with_spend(&mut self, counts: &[Option<u32>], spend: &[Option<f64>]) -> Result<(), Error> {
        check_spend(counts, spend)?;
        self.push_periods(counts, None)?;
        self.add_spend(counts, spend);
        Ok(())
    }

    /// Adds a customer with the purchases, the spend and the exposure of each period.
    ///
    /// The exposure is the part of a period that was observed: 0.25 for a customer acquired when a
    /// quarter of the period was left. In a stage with a rate of m purchases per period, the
    /// expected number of purchases is m times the exposure. The exposure of a missing period is
    /// ignored.
    ///
    /// # Errors
    ///
    /// Fails like [`push_with_spend`](Self::push_with_spend), and with [`Error::Input`] for an
    /// exposure outside 1e-6..=1.
    pub fn push_with_exposure(
        &mut self,
        counts: &[Option<u32>],
        spend: &[Option<f64>],
        exposure: &[f64],
    ) -> Result<(), Error> {
        check_spend(counts, spend)?;
        check::length("exposures", exposure.len(), counts.len())?;
        check::range_of_all("exposures", exposure, LEAST_EXPOSURE..=1.0)?;
        self.push_periods(counts, Some(exposure))?;
        if spend.iter().any(Option::is_some) || !self.spend.is_empty() {
            self.add_spend(counts, spend);
        }
        Ok(())
    }

    fn push_periods(&mut self, counts: &[Option<u32>], exposure: Option<&[f64]>) -> Result<(), Error> {
        check::not_empty("periods of a customer", counts)?;
        for (at, &count) in counts.iter().enumerate() {
            if let Some(count) = count.filter(|count| *count > MOST) {
                return Err(RangeError::new("counts", count, ..=MOST).at(at).into());
            }
        }
        for (at, &count) in counts.iter().enumerate() {
            let exposure = exposure.and_then(|exposure| exposure.get(at)).copied().unwrap_or(1.0);
            let code = count.map_or(MISSING, |count| self.code(Seen { count, exposure }));
            self.codes.push(code);
        }
        if !self.spend.is_empty() {
            self.spend.resize(self.codes.len(), Spend::UNKNOWN);
        }
        self.bounds.push(self.codes.len());
        Ok(())
    }

    /// Adds the spend of the customer that was added last.
    fn add_spend(&mut self, counts: &[Option<u32>], spend: &[Option<f64>]) {
        self.spend.resize(self.codes.len() - counts.len(), Spend::UNKNOWN);
        self.spend.extend(counts.iter().zip(spend).map(|(count, amount)| match (count, amount) {
            (Some(1..), Some(amount)) => Spend { amount: *amount, ln: amount.ln() },
            _ => Spend::UNKNOWN,
        }));
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Returns the number of periods of all customers, including missing ones.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.codes.len()
    }

    /// Returns the periods of one customer; `None` for an index that is out of range.
    #[must_use]
    pub fn get(&self, customer: usize) -> Option<Sequence<'_>> {
        let (&from, &to) = (self.bounds.get(customer)?, self.bounds.get(customer + 1)?);
        let spend = if self.spend.is_empty() { &[] } else { self.spend.get(from..to)? };
        Some(Sequence { codes: self.codes.get(from..to)?, spend, distinct: &self.distinct })
    }

    /// Iterates over the periods of all customers, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Sequence<'_>> + '_ {
        (0..self.customers()).map(|customer| {
            self.get(customer).unwrap_or(Sequence { codes: &[], spend: &[], distinct: &self.distinct })
        })
    }

    /// Returns the distinct pairs of count and exposure.
    pub(super) fn distinct(&self) -> &[Seen] {
        &self.distinct
    }

    /// Returns whether any spend is known.
    pub(super) fn has_spend(&self) -> bool {
        self.spend.iter().any(|spend| spend.known())
    }

    /// Returns the number of customers that a sequence represents.
    pub(super) fn weight(&self, sequence: usize) -> f64 {
        self.weights.get(sequence).copied().unwrap_or(1.0)
    }

    /// Returns the customers with one sequence for all whose periods are equal, with spend only if
    /// `with_spend` is set.
    pub(super) fn collapsed(&self, with_spend: bool) -> Self {
        let with_spend = with_spend && self.has_spend();
        let mut places: HashMap<(&[u32], Vec<u64>), usize> = HashMap::with_capacity(self.customers());
        let mut collapsed = Self {
            distinct: self.distinct.clone(),
            small: self.small.clone(),
            others: self.others.clone(),
            ..Self::default()
        };
        for (customer, sequence) in self.iter().enumerate() {
            let spend = if with_spend { sequence.spend } else { &[] };
            let bits = spend.iter().map(|spend| spend.amount.to_bits()).collect();
            let next = collapsed.weights.len();
            let place = *places.entry((sequence.codes, bits)).or_insert(next);
            if place == next {
                collapsed.codes.extend_from_slice(sequence.codes);
                collapsed.spend.extend_from_slice(spend);
                collapsed.bounds.push(collapsed.codes.len());
                collapsed.weights.push(0.0);
            }
            if let Some(weight) = collapsed.weights.get_mut(place) {
                *weight += self.weight(customer);
            }
        }
        collapsed
    }

    fn code(&mut self, seen: Seen) -> u32 {
        let next = self.distinct.len() as u32;
        let whole = seen.exposure >= 1.0;
        let code = match self.small.get_mut(seen.count as usize).filter(|_| whole) {
            Some(code) if *code != MISSING => *code,
            Some(code) => {
                *code = next;
                next
            }
            None => *self.others.entry((seen.count, seen.exposure.to_bits())).or_insert(next),
        };
        if code == next {
            self.distinct.push(seen);
        }
        code
    }
}

fn check_spend(counts: &[Option<u32>], spend: &[Option<f64>]) -> Result<(), Error> {
    check::length("amounts of spend", spend.len(), counts.len())?;
    for (at, amount) in spend.iter().enumerate() {
        if let Some(amount) = amount.filter(|amount| !(1e-150..=1e150).contains(amount)) {
            return Err(RangeError::new("spend", amount, 1e-150..=1e150).at(at).into());
        }
    }
    Ok(())
}

/// The periods of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence<'a> {
    pub(super) codes: &'a [u32],
    /// Spend by period; empty if no customer's spend is known.
    pub(super) spend: &'a [Spend],
    distinct: &'a [Seen],
}

impl<'a> Sequence<'a> {
    /// Returns the number of periods of the customer.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.codes.len()
    }

    /// Returns the purchases by period, `None` for a missing period.
    #[must_use]
    pub fn counts(&self) -> impl ExactSizeIterator<Item = Option<u32>> + DoubleEndedIterator + 'a {
        self.seen().map(|seen| seen.map(|seen| seen.count))
    }

    /// Returns the part of each period that was observed: 1 for a whole one, 0 for a missing one.
    #[must_use]
    pub fn exposures(&self) -> impl ExactSizeIterator<Item = f64> + DoubleEndedIterator + 'a {
        self.seen().map(|seen| seen.map_or(0.0, |seen| seen.exposure))
    }

    fn seen(&self) -> impl ExactSizeIterator<Item = Option<Seen>> + DoubleEndedIterator + 'a {
        let distinct = self.distinct;
        self.codes.iter().map(move |&code| distinct.get(code as usize).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spend_may_come_late() {
        let mut seen = Sequences::default();
        seen.push(&[Some(3)]).unwrap();
        assert!(!seen.has_spend());
        seen.push_with_spend(&[Some(0), Some(1_000)], &[Some(5.0), Some(7.0)]).unwrap();
        seen.push(&[Some(1_000), None]).unwrap();
        let known: Vec<bool> = seen.iter().flat_map(|one| one.spend).map(|spend| spend.known()).collect();
        assert_eq!(known, [false, false, true, false, false]);
        assert_eq!(seen.distinct().iter().map(|seen| seen.count).collect::<Vec<u32>>(), [3, 0, 1_000]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |counts: &[Option<u32>]| Sequences::default().push(counts).unwrap_err().to_string();
        assert_eq!(text(&[]), "periods of a customer must not be empty");
        assert_eq!(text(&[Some(2_000_000)]), "counts[0] must be at most 1000000, got 2000000");
        let text = |spend: &[Option<f64>]| {
            Sequences::default().push_with_spend(&[Some(1)], spend).unwrap_err().to_string()
        };
        assert_eq!(text(&[Some(-3.0)]), "spend[0] must be between 1e-150 and 1e150, got -3");
        assert_eq!(text(&[]), "expected 1 amounts of spend, got 0");
    }
}
