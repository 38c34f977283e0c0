use rust_decimal::Decimal;

use crate::exact::Sum;
use crate::{DayCount, Error, Period, Rate, exact, text};

/// An invoice that is, or was, waiting for its money.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Invoice {
    /// What is owed; below 0 for a credit note.
    pub amount: Decimal,
    /// Days since it was sent, or until it was paid.
    pub days_outstanding: u32,
    /// Days that the customer may take.
    pub days_allowed: u32,
}

crate::text::debug!(Invoice { amount, days_outstanding, days_allowed });

impl Invoice {
    /// Days beyond those allowed.
    #[must_use]
    pub fn days_overdue(&self) -> u32 {
        self.days_outstanding.saturating_sub(self.days_allowed)
    }

    /// What waiting for it costs: `amount x days outstanding x yearly rate / days of the year`.
    ///
    /// ```
    /// use crm_value::{DayCount, Decimal, Invoice, Period, Rate};
    ///
    /// let invoice = Invoice { amount: Decimal::from(12_000), days_outstanding: 75, days_allowed: 30 };
    /// let cost = invoice.opportunity_cost(Rate::percent(Period::Year, 6)?, DayCount::Days360)?;
    /// assert_eq!(cost, Decimal::from(150)); // 12 000 x 75 x 0.06 / 360
    /// assert_eq!(invoice.days_overdue(), 45);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Period`] unless the rate is yearly, [`Error::Overflow`].
    pub fn opportunity_cost(&self, capital_rate: Rate, day_count: DayCount) -> Result<Decimal, Error> {
        const TERM: &str = "opportunity cost of an invoice";
        let rate = capital_rate.expect("capital rate", Period::Year)?;
        let tied = exact::product(TERM, &[self.amount, rate.get(), self.days_outstanding.into()])?;
        exact::div(TERM, tied, day_count.days())
    }
}

/// The invoices of one age.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AgeBand {
    /// `not due`, `1-30`, `31-60`, `over 60`: days overdue.
    pub name: String,
    /// How many invoices.
    pub invoices: usize,
    /// What they add up to.
    pub amount: Decimal,
    /// amount / amount of all; `None` where that is not above 0.
    pub share: Option<Decimal>,
}

crate::text::debug!(AgeBand { name, invoices, amount, share });

/// How old unpaid invoices are: an ageing table by days overdue.
///
/// ```
/// use crm_value::{Ageing, Decimal, Invoice};
///
/// let invoice = |amount: i64, days_outstanding| Invoice { amount: Decimal::from(amount), days_outstanding, days_allowed: 30 };
/// let open = [invoice(700, 12), invoice(200, 60), invoice(100, 95)];
/// let table = Ageing::of(&open, &[30, 60])?;
/// let bands: Vec<_> = table.bands().iter().map(|band| (band.name.as_str(), band.amount)).collect();
/// let amounts = [700, 200, 0, 100].map(Decimal::from);
/// assert_eq!(bands, ["not due", "1-30", "31-60", "over 60"].into_iter().zip(amounts).collect::<Vec<_>>());
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ageing {
    bands: Vec<AgeBand>,
    total: Decimal,
}

crate::text::debug!(Ageing { bands, total });

impl Ageing {
    /// Sorts invoices into bands that end at so many days overdue; usual ends are 30, 60 and 90.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for ends that do not ascend from 1 on, [`Error::Overflow`].
    pub fn of(invoices: &[Invoice], ends: &[u32]) -> Result<Self, Error> {
        let mut names = vec!["not due".to_owned()];
        let mut start = 0;
        for &end in ends {
            if end <= start {
                return Err(Error::out_of_range("ends of age bands", "ascend from 1 on", end));
            }
            names.push(format!("{}-{end}", start + 1));
            start = end;
        }
        names.push(if ends.is_empty() { "overdue".to_owned() } else { format!("over {start}") });
        let empty = |name| AgeBand { name, invoices: 0, amount: Decimal::ZERO, share: None };
        let mut bands: Vec<AgeBand> = names.into_iter().map(empty).collect();
        let mut sums = vec![Sum::ZERO; bands.len()];
        for invoice in invoices {
            let band = match invoice.days_overdue() {
                0 => 0,
                days => 1 + ends.partition_point(|end| *end < days),
            };
            if let (Some(band), Some(sum)) = (bands.get_mut(band), sums.get_mut(band)) {
                band.invoices += 1;
                sum.add(invoice.amount);
            }
        }
        for (band, sum) in bands.iter_mut().zip(sums) {
            band.amount = sum.total("amount of an age band")?;
        }
        let total = exact::sum("open invoices", invoices.iter().map(|invoice| invoice.amount))?;
        if total > Decimal::ZERO {
            for band in &mut bands {
                band.share = Some(exact::div("share of an age band", band.amount, total)?);
            }
        }
        Ok(Self { bands, total })
    }

    /// The bands, youngest first.
    #[must_use]
    pub fn bands(&self) -> &[AgeBand] {
        &self.bands
    }

    /// What all invoices add up to.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }
}

impl std::fmt::Display for Ageing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<10} {:>8} {:>14}", "overdue", "invoices", "amount")?;
        for band in &self.bands {
            let amount = text::text(band.amount, Some(2));
            write!(f, "\n{:<10} {:>8} {amount:>14}", band.name, band.invoices)?;
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
            Ageing::of(&[invoice(1, 10), invoice(2, 11), invoice(4, 40), invoice(8, 41)], &[30]).unwrap();
        let amounts: Vec<_> = table.bands().iter().map(|band| band.amount).collect();
        assert_eq!(amounts, [1, 6, 8].map(Decimal::from));
        assert_eq!(table.total(), Decimal::from(15));
        assert!(table.to_string().contains("over 30           1           8.00"), "{table}");
    }

    #[test]
    fn ends_must_ascend() {
        for ends in [&[0][..], &[30, 30], &[60, 30]] {
            let text = Ageing::of(&[], ends).unwrap_err().to_string();
            assert!(text.starts_with("ends of age bands must ascend from 1 on, got "), "{text}");
        }
        let nothing = Ageing::of(&[], &[]).unwrap();
        assert_eq!((nothing.bands().len(), nothing.bands()[0].share), (2, None));
        let note = Ageing::of(&[invoice(-5, 20)], &[]).unwrap();
        assert_eq!((note.bands()[1].amount, note.bands()[1].share), (Decimal::from(-5), None));
    }
}
