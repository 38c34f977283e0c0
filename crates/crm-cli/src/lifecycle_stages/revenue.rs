//! Churn and retention of customers and revenue from quarter to quarter.

use crm_analytics::history::{Day, Decimal, Period, TimeUnit};
use crm_analytics::lifecycle::retention::Statement;

use super::buyers::Buyer;
use crate::Error;

pub(super) struct Quarters {
    /// Each quarter with the changes since the previous one.
    pub(super) rows: Vec<(Period, Statement)>,
    /// Number of customer quarters with more refunds than payments, which count as zero.
    pub(super) negative: u64,
}

impl Quarters {
    /// Rates over the quarters observed completely; `None` if there are fewer than two.
    pub(super) fn of(buyers: &[Buyer], (start, end): (Day, Day)) -> Result<Option<Self>, Error> {
        let mut quarter = start.period(TimeUnit::Quarter);
        if quarter.first_day() < start {
            quarter = quarter.next();
        }
        let mut quarters = Vec::new();
        while quarter.last_day() <= end && quarter.last_day() < Day::MAX {
            quarters.push(quarter);
            quarter = quarter.next();
        }
        let Some(first) = quarters.first().map(|quarter| quarter.index()).filter(|_| quarters.len() > 1)
        else {
            return Ok(None);
        };
        let mut paid = vec![Decimal::ZERO; buyers.len() * quarters.len()];
        for (buyer, row) in buyers.iter().zip(paid.chunks_exact_mut(quarters.len())) {
            for line in &buyer.lines {
                let at = usize::try_from(line.day.period(TimeUnit::Quarter).index() - first).ok();
                if let Some(slot) = at.and_then(|at| row.get_mut(at)) {
                    *slot = slot.saturating_add(line.amount);
                }
            }
        }
        let mut negative = 0;
        for amount in paid.iter_mut().filter(|amount| **amount < Decimal::ZERO) {
            negative += 1;
            *amount = Decimal::ZERO;
        }
        let statements = Statement::by_period(&paid, quarters.len()).map_err(Error::refused)?;
        Ok(Some(Quarters { rows: quarters.into_iter().skip(1).zip(statements).collect(), negative }))
    }
}
