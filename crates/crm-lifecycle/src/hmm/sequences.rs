use crm_history::{Amount, Ledger, Observation};

use crate::error::Error;

/// What customers did, period by period: the input of a hidden Markov model. Customers may have been seen for different
/// numbers of periods, and periods may be missing.
///
/// ```
/// use crm_lifecycle::hmm::Sequences;
///
/// let mut seen = Sequences::default();
/// seen.push(&[Some(2), Some(0), None, Some(1)])?; // nobody knows about the third month
/// seen.push(&[Some(1)])?;
/// assert_eq!((seen.customers(), seen.periods()), (2, 5));
/// assert_eq!(seen.get(0).unwrap().counts().collect::<Vec<_>>(), [Some(2), Some(0), None, Some(1)]);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sequences {
    /// Where each customer begins, and the end of the last.
    bounds: Vec<usize>,
    /// By period: the place in `distinct`, or [`MISSING`].
    codes: Vec<u32>,
    /// The counts that occur, in order of appearance.
    distinct: Vec<u32>,
    /// Where the small counts stand in `distinct`.
    small: Vec<u32>,
    /// By period, where any customer has spend: what was spent, and its logarithm; NaN where it is not known.
    spend: Vec<Spend>,
}

/// What was spent in a period, if it is known.
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

/// The code of a period of which nothing is known.
pub(super) const MISSING: u32 = u32::MAX;

/// Counts below this are found without a search.
const SMALL: usize = 256;

impl Default for Sequences {
    fn default() -> Self {
        let (codes, distinct, spend) = (Vec::new(), Vec::new(), Vec::new());
        Self { bounds: vec![0], codes, distinct, small: vec![MISSING; SMALL], spend }
    }
}

impl Sequences {
    /// Customers whose periods are all known.
    ///
    /// # Errors
    /// [`Error::Empty`] for a customer without a period, [`Error::OutOfRange`] for a count above a million.
    pub fn from_counts<C: AsRef<[u32]>>(customers: impl IntoIterator<Item = C>) -> Result<Self, Error> {
        let mut sequences = Self::default();
        for customer in customers {
            let counts: Vec<Option<u32>> = customer.as_ref().iter().copied().map(Some).collect();
            sequences.push(&counts)?;
        }
        Ok(sequences)
    }

    /// The buyers of a ledger with their orders by period, and what they spent in it; with the ledger's number of each.
    ///
    /// Periods of `days` days end with the observation. A customer's first period is the one of the first order; the day
    /// of that order itself is left out, because without it the customer would not be looked at. Orders of one day are one
    /// purchase; an amount below zero is a refund, which reduces the spend of its period. Spend that is not above zero
    /// after that is taken as unknown.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for periods of no length, [`Error::Empty`] without buyers.
    pub fn of_ledger<K, A: Amount>(
        ledger: &Ledger<K, A>,
        observation: &Observation,
        days: u32,
    ) -> Result<(Self, Vec<usize>), Error>
    where
        K: std::fmt::Debug + Sync + Send,
    {
        if days == 0 {
            return Err(Error::range("days", "be at least 1", days));
        }
        let summaries = ledger
            .summarize(observation)
            .map_err(|error| Error::range("ledger", "be one that can be summarized", error))?;
        let end = observation.end().since_epoch();
        let mut sequences = Self::default();
        let mut numbers = Vec::new();
        for (customer, _, summary) in summaries.buyers() {
            let ago = |day: i32| ((end - day) as u32 / days) as usize;
            let first = summary.first_purchase.since_epoch();
            let mut counts = vec![Some(0_u32); ago(first) + 1];
            let mut spend = vec![0.0; counts.len()];
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
            let spend: Vec<Option<f64>> =
                spend.into_iter().map(|spend| (spend > 0.0 && spend.is_finite()).then_some(spend)).collect();
            sequences.push_with_spend(&counts, &spend)?;
            numbers.push(customer.index());
        }
        if numbers.is_empty() {
            return Err(Error::Empty { field: "buyers" });
        }
        Ok((sequences, numbers))
    }

    /// Adds a customer: purchases by period, `None` where a period is missing.
    ///
    /// # Errors
    /// [`Error::Empty`] without a period, [`Error::OutOfRange`] for a count above a million.
    pub fn push(&mut self, counts: &[Option<u32>]) -> Result<(), Error> {
        const MOST: u32 = 1_000_000;
        if counts.is_empty() {
            return Err(Error::Empty { field: "periods of a customer" });
        }
        if let Some(count) = counts.iter().flatten().find(|count| **count > MOST) {
            return Err(Error::range("count", format!("be at most {MOST}"), count));
        }
        for &count in counts {
            let code = count.map_or(MISSING, |count| self.code(count));
            self.codes.push(code);
        }
        if !self.spend.is_empty() {
            self.spend.resize(self.codes.len(), Spend::UNKNOWN);
        }
        self.bounds.push(self.codes.len());
        Ok(())
    }

    /// Adds a customer with what was spent by period, in total; `None` where that is not known. Spend of a period
    /// without a purchase is left aside.
    ///
    /// # Errors
    /// As [`push`](Self::push); [`Error::Length`], and [`Error::OutOfRange`] for spend that is not above 0.
    pub fn push_with_spend(&mut self, counts: &[Option<u32>], spend: &[Option<f64>]) -> Result<(), Error> {
        if spend.len() != counts.len() {
            let (expected, got) = (counts.len(), spend.len());
            return Err(Error::Length { field: "spend", other: "counts", expected, got });
        }
        if let Some(amount) = spend.iter().flatten().find(|amount| !(1e-150..=1e150).contains(*amount)) {
            return Err(Error::range("spend", "lie in 1e-150..=1e150", amount));
        }
        let before = self.codes.len();
        self.push(counts)?;
        self.spend.resize(before, Spend::UNKNOWN);
        self.spend.extend(counts.iter().zip(spend).map(|(count, amount)| match (count, amount) {
            (Some(1..), Some(amount)) => Spend { amount: *amount, ln: amount.ln() },
            _ => Spend::UNKNOWN,
        }));
        Ok(())
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.bounds.len() - 1
    }

    /// How many periods there are, over all customers, missing ones too.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.codes.len()
    }

    /// One customer; `None` for a number that is none.
    #[must_use]
    pub fn get(&self, customer: usize) -> Option<Sequence<'_>> {
        let (&from, &to) = (self.bounds.get(customer)?, self.bounds.get(customer + 1)?);
        let spend = if self.spend.is_empty() { &[] } else { self.spend.get(from..to)? };
        Some(Sequence { codes: self.codes.get(from..to)?, spend, distinct: &self.distinct })
    }

    /// All customers.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Sequence<'_>> + '_ {
        (0..self.customers()).map(|customer| {
            self.get(customer).unwrap_or(Sequence { codes: &[], spend: &[], distinct: &self.distinct })
        })
    }

    /// The counts that occur.
    pub(super) fn distinct(&self) -> &[u32] {
        &self.distinct
    }

    /// Whether any spend is known.
    pub(super) fn has_spend(&self) -> bool {
        self.spend.iter().any(|spend| spend.known())
    }

    fn code(&mut self, count: u32) -> u32 {
        let small = self.small.get(count as usize).copied();
        let known = match small {
            Some(MISSING) => None,
            Some(code) => Some(code),
            None => self.distinct.iter().position(|other| *other == count).map(|code| code as u32),
        };
        known.unwrap_or_else(|| {
            let code = self.distinct.len() as u32;
            self.distinct.push(count);
            if let Some(small) = self.small.get_mut(count as usize) {
                *small = code;
            }
            code
        })
    }
}

/// The periods of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence<'a> {
    pub(super) codes: &'a [u32],
    /// Empty where nobody's spend is known.
    pub(super) spend: &'a [Spend],
    distinct: &'a [u32],
}

impl<'a> Sequence<'a> {
    /// How many periods the customer was followed.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.codes.len()
    }

    /// Purchases by period, `None` where a period is missing.
    #[must_use]
    pub fn counts(&self) -> impl ExactSizeIterator<Item = Option<u32>> + DoubleEndedIterator + 'a {
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
        assert_eq!(seen.distinct(), [3, 0, 1_000]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |counts: &[Option<u32>]| Sequences::default().push(counts).unwrap_err().to_string();
        assert_eq!(text(&[]), "periods of a customer must hold at least one value, got 0");
        assert_eq!(text(&[Some(2_000_000)]), "count must be at most 1000000, got 2000000");
        let text = |spend: &[Option<f64>]| {
            Sequences::default().push_with_spend(&[Some(1)], spend).unwrap_err().to_string()
        };
        assert_eq!(text(&[Some(-3.0)]), "spend must lie in 1e-150..=1e150, got -3");
        assert_eq!(text(&[]), "spend must be as many as counts (1), got 0");
    }
}
