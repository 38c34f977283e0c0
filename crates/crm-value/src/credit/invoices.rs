use crm_numbers::{Decimal, RangeError, TimeUnit, check, text};

use crate::exact::{Expr, exact, share_of};
use crate::{DayCount, Error, Rate};

/// An invoice, open or paid.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Invoice {
    /// Amount owed; below 0 for a credit note.
    pub amount: Decimal,
    /// Days from the invoice until now, or until its payment.
    pub days_outstanding: u32,
    /// Days allowed for payment.
    pub days_allowed: u32,
}

crm_numbers::debug!(Invoice { amount, days_outstanding, days_allowed });

impl Invoice {
    /// Returns the number of days beyond those allowed.
    #[must_use]
    pub fn days_overdue(&self) -> u32 {
        self.days_outstanding.saturating_sub(self.days_allowed)
    }

    /// Returns the cost of waiting, `amount x days outstanding x yearly rate / days of the year`.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless the rate is yearly, [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{DayCount, Decimal, Invoice, TimeUnit, Rate};
    ///
    /// let invoice = Invoice { amount: Decimal::from(12_000), days_outstanding: 75, days_allowed: 30 };
    /// let cost = invoice.opportunity_cost(Rate::percent(TimeUnit::Year, 6)?, DayCount::Days360)?;
    /// assert_eq!(cost, Decimal::from(150)); // 12 000 x 75 x 0.06 / 360
    /// assert_eq!(invoice.days_overdue(), 45);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn opportunity_cost(&self, capital_rate: Rate, day_count: DayCount) -> Result<Decimal, Error> {
        let rate = capital_rate.expect("capital rate", TimeUnit::Year)?;
        let tied = exact(self.amount) * self.days_outstanding;
        (tied * rate / day_count.days()).value("opportunity cost of an invoice")
    }
}

/// The invoices of one age.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AgeBand {
    /// Least number of days overdue; 0 for invoices that are not due.
    pub first_day: u32,
    /// Largest number of days overdue; `None` for the last band.
    pub last_day: Option<u32>,
    /// Number of invoices.
    pub invoices: usize,
    /// Sum of the invoices.
    pub amount: Decimal,
    /// amount / amount of all bands; `None` where that is not above 0.
    pub share: Option<Decimal>,
}

crm_numbers::debug!(AgeBand { first_day, last_day, invoices, amount, share });

impl AgeBand {
    /// Returns the band in words: `not due`, `1-30`, `31-60`, `over 60`.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.first_day, self.last_day) {
            (0, _) => "not due".to_owned(),
            (1, None) => "overdue".to_owned(),
            (first, None) => format!("over {}", first - 1),
            (first, Some(last)) => format!("{first}-{last}"),
        }
    }
}

/// Term of the shares of bands in errors.
const SHARE: &str = "share of an age band";

/// An aging table: open invoices by days overdue.
///
/// # Examples
///
/// ```
/// use crm_value::{Aging, Decimal, Invoice};
///
/// let invoice = |amount: i64, days_outstanding| Invoice { amount: Decimal::from(amount), days_outstanding, days_allowed: 30 };
/// let open = [invoice(700, 12), invoice(200, 60), invoice(100, 95)];
/// let table = Aging::new(&open, &[30, 60])?;
/// let bands: Vec<_> = table.bands().iter().map(|band| (band.name(), band.amount)).collect();
/// let amounts = [700, 200, 0, 100].map(Decimal::from);
/// let names = ["not due", "1-30", "31-60", "over 60"].map(str::to_owned);
/// assert_eq!(bands, names.into_iter().zip(amounts).collect::<Vec<_>>());
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Aging {
    bands: Vec<AgeBand>,
    total: Decimal,
}

crm_numbers::debug!(Aging { bands, total });
crm_numbers::gate!(Aging, Aging::checked);

impl Aging {
    /// Sorts invoices into bands that end at given numbers of days overdue; usual ends are 30, 60
    /// and 90.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) for ends that do not ascend from 1 on,
    /// [`Error::Overflow`].
    pub fn new(invoices: &[Invoice], ends: &[u32]) -> Result<Self, Error> {
        let mut before = 0;
        for (index, &end) in ends.iter().enumerate() {
            if end <= before {
                let refused = RangeError::new("ends of age bands", end, check::above(before));
                return Err(Error::Input(refused.at(index).into()));
            }
            before = end;
        }
        let mut sums = vec![(0, exact(Decimal::ZERO)); ends.len() + 2];
        for invoice in invoices {
            let band = match invoice.days_overdue() {
                0 => 0,
                days => 1 + ends.partition_point(|end| *end < days),
            };
            debug_assert!(band < sums.len(), "one band more than ends, and one for what is not due");
            #[allow(clippy::indexing_slicing, reason = "there are two bands more than ends")]
            let (invoices, sum) = &mut sums[band];
            *invoices += 1;
            *sum += invoice.amount;
        }
        let mut bands = Vec::with_capacity(sums.len());
        let mut first_day = 0;
        let last_days = [0].iter().chain(ends).copied().map(Some).chain([None]);
        for ((invoices, sum), last_day) in sums.into_iter().zip(last_days) {
            let amount = sum.value("amount of an age band")?;
            bands.push(AgeBand { first_day, last_day, invoices, amount, share: None });
            first_day = last_day.unwrap_or_default().saturating_add(1);
        }
        let total = Self::total_of(&bands)?;
        for band in &mut bands {
            band.share = share_of(SHARE, band.amount, total)?;
        }
        Ok(Self { bands, total })
    }

    fn total_of(bands: &[AgeBand]) -> Result<Decimal, Error> {
        bands.iter().map(|band| band.amount).sum::<Expr>().value("open invoices")
    }

    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, Error> {
        use crate::exact::follows;
        check::range("number of age bands", self.bands.len(), 2..)?;
        follows("total", self.total, Self::total_of(&self.bands)?)?;
        let mut first_day = 0;
        for (index, band) in self.bands.iter().enumerate() {
            let last = index + 1 == self.bands.len();
            check::range("first day", band.first_day, first_day..=first_day)?;
            let last_day = match (index, last) {
                (0, _) => Some(0),
                (_, true) => None,
                _ => Some(band.last_day.unwrap_or_default().max(first_day)),
            };
            follows("last day", band.last_day.map(Decimal::from), last_day.map(Decimal::from))?;
            follows("share", band.share, share_of(SHARE, band.amount, self.total)?)?;
            first_day = band.last_day.unwrap_or_default().saturating_add(1);
        }
        Ok(self)
    }

    /// Returns the bands, the youngest first.
    #[must_use]
    pub fn bands(&self) -> &[AgeBand] {
        &self.bands
    }

    /// Returns the sum of all bands.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }
}

impl std::fmt::Display for Aging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<10} {:>8} {:>14}", "overdue", "invoices", "amount")?;
        for band in &self.bands {
            let amount = text::decimal(band.amount, Some(2));
            write!(f, "\n{:<10} {:>8} {amount:>14}", band.name(), band.invoices)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(amount: i64, days_outstanding: u32) -> Invoice {
        Invoice { amount: Decimal::from(amount), days_outstanding, days_allowed: 10 }
    }

    #[test]
    fn a_band_includes_its_end() {
        let table =
            Aging::new(&[invoice(1, 10), invoice(2, 11), invoice(4, 40), invoice(8, 41)], &[30]).unwrap();
        let amounts: Vec<_> = table.bands().iter().map(|band| band.amount).collect();
        assert_eq!(amounts, [1, 6, 8].map(Decimal::from));
        assert_eq!(table.total(), Decimal::from(15));
        assert!(table.to_string().contains("over 30           1           8.00"), "{table}");
    }

    #[test]
    fn ends_must_ascend() {
        for ends in [&[0][..], &[30, 30], &[60, 30]] {
            let text = Aging::new(&[], ends).unwrap_err().to_string();
            assert!(text.starts_with("ends of age bands["), "{text}");
        }
        let nothing = Aging::new(&[], &[]).unwrap();
        assert_eq!((nothing.bands().len(), nothing.bands()[0].share), (2, None));
        let note = Aging::new(&[invoice(-5, 20)], &[]).unwrap();
        assert_eq!((note.bands()[1].amount, note.bands()[1].share), (Decimal::from(-5), None));
    }
}
