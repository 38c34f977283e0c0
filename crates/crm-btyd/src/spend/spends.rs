use crm_history::{FirstPurchase, Summaries, Summary};
use crm_numbers::{Amount, TimeUnit, check};
use crm_statistics::{Direction, Ties, ranks};

use crate::{Error, FitDiagnosis, models::Sample};

/// Spend of one customer: the number of purchases and their mean value.
///
/// # Examples
///
/// ```
/// use crm_btyd::Spend;
///
/// assert_eq!(Spend::new(2, 22.5)?.total(), 45.0);
/// assert_eq!(Spend::new(0, 22.5).unwrap_err().to_string(), "number of purchases must be at least 1, got 0");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Spend {
    purchases: u32,
    mean: f64,
}

/// Treatment of a customer whose refunds leave no positive mean spend, which the model
/// has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RefundRule {
    /// Returns [`Error::Input`] with the customer's mean.
    Refuse,
    /// Leaves the spend out: the customer counts as one of whom no spend is known.
    #[default]
    LeaveOut,
    /// Nets refunds against purchases: a customer who is left with nothing or less has the smallest
    /// mean that the model knows, 1e-30, so that little is expected of the next purchase, and the
    /// less the longer that has been so.
    Net,
}

crm_numbers::names! {
    RefundRule, "rule for refunds" {
        Refuse = "refuse",
        LeaveOut = "leave_out",
        Net = "net",
    }
}

/// Range of a mean spend.
const SMALLEST: f64 = 1e-30;
const LARGEST: f64 = 1e30;

impl Spend {
    /// Purchases (repeat purchases, as a rule) and their mean value.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a purchase, and unless the mean lies in 1e-30 ..= 1e30: the model
    /// knows positive spend only.
    pub fn new(purchases: u32, mean: f64) -> Result<Self, Error> {
        Spend { purchases, mean }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("number of purchases", self.purchases, 1..)?;
        check::range("mean spend", self.mean, SMALLEST..=LARGEST)?;
        Ok(self)
    }

    /// Returns the spend in a summary, over the purchases that the summary's rules count; `None`
    /// without such a purchase, and for a customer whom the rule for refunds leaves out.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a mean spend that is not positive, under [`RefundRule::Refuse`]; for
    /// one between 0 and 1e-30 or above 1e30, under any rule.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{GammaGamma, RefundRule, Spend};
    /// use crm_history::{FirstPurchase, Ledger, NaiveDate, Observation};
    ///
    /// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
    /// let ledger = Ledger::from_rows([("ada", day(1), 20.0), ("ada", day(5), 10.0), ("ada", day(6), -10.0)])?;
    /// let summaries = ledger.summarize(&Observation::until(day(31)))?;
    /// let ada = summaries.find("ada").unwrap();
    /// let spend = |rule| Spend::from_summary(&ada, FirstPurchase::Excluded, rule);
    /// let error = spend(RefundRule::Refuse).unwrap_err().to_string();
    /// assert!(error.starts_with("mean spend must be between 1e-30 and "), "{error}");
    /// assert_eq!(spend(RefundRule::LeaveOut)?, None);
    /// // p gamma / (p + q - 1) instead of the p gamma / (q - 1) of somebody unknown.
    /// let model = GammaGamma::new(6.0, 3.0, 16.0)?;
    /// assert!((model.expected_spend(&spend(RefundRule::Net)?.unwrap())? - 12.0).abs() < 1e-12);
    /// assert!((model.mean_spend()? - 48.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_summary<A: Amount>(
        summary: &Summary<A>,
        first_purchase: FirstPurchase,
        refunds: RefundRule,
    ) -> Result<Option<Self>, Error> {
        let purchases = match first_purchase {
            FirstPurchase::Excluded => summary.frequency,
            FirstPurchase::Included => summary.purchases,
        };
        let Some(mean) = summary.mean_spend.filter(|_| purchases > 0) else { return Ok(None) };
        match refunds {
            RefundRule::LeaveOut if mean <= 0.0 => Ok(None),
            RefundRule::Net if mean <= 0.0 => Spend::new(purchases, SMALLEST).map(Some),
            _ => Spend::new(purchases, mean).map(Some),
        }
    }

    /// Number of purchases, `x`.
    #[must_use]
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Their mean value, `m`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their sum, `x m`.
    #[must_use]
    pub fn total(&self) -> f64 {
        f64::from(self.purchases) * self.mean
    }
}

crm_numbers::gate!(Spend, Spend::checked);

/// Many customers' spends, ordered for fitting by the number of purchases.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spends {
    groups: Vec<Group>,
    left_out: u64,
    /// Number of customers that each row of a coarse sample stands for; 0 for one each.
    every: usize,
}

/// Customers with the same number of purchases.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) purchases: u32,
    /// Total spend of each.
    pub(crate) totals: Vec<f64>,
    /// Sum of the logarithms of their mean spends.
    pub(crate) ln_means: f64,
}

impl Spends {
    /// One spend a customer.
    #[must_use]
    pub fn new(spends: impl IntoIterator<Item = Spend>) -> Self {
        let mut spends: Vec<Spend> = spends.into_iter().collect();
        // Any order gives the same likelihood; one order gives the same bits.
        spends.sort_unstable_by(|a, b| a.purchases.cmp(&b.purchases).then(a.mean.total_cmp(&b.mean)));
        let groups = spends.chunk_by(|a, b| a.purchases == b.purchases).map(|same| Group {
            purchases: same.first().map_or(0, |spend| spend.purchases),
            totals: same.iter().map(Spend::total).collect(),
            ln_means: same.iter().map(|spend| spend.mean.ln()).sum(),
        });
        Spends { groups: groups.collect(), left_out: 0, every: 0 }
    }

    /// The spends in a summary: over repeat purchases, or over all, as its rules say.
    ///
    /// Customers whose mean is outside 1e-30 ..= 1e30 are left out and counted, those with gifts
    /// and refunds among them: the model has no place for them, and a fit must not learn from a
    /// stand-in. Of a program that wants no such customers, [`left_out`](Self::left_out) is 0.
    #[must_use]
    pub fn from_summaries<K, A: Amount>(summaries: &Summaries<K, A>) -> Self {
        let rule = summaries.observation().rules().first_purchase;
        let counted = || summaries.buyers().filter(|(.., buyer)| buyer.mean_spend.is_some());
        let known =
            |buyer: Summary<A>| Spend::from_summary(&buyer, rule, RefundRule::LeaveOut).ok().flatten();
        let spends = Spends::new(counted().filter_map(|(.., buyer)| known(buyer)));
        let left_out = counted().count() as u64 - spends.customers();
        Spends { left_out, ..spends }
    }

    /// Customers with purchases but without a positive mean spend.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Mean spend of a purchase; 0 without customers.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (total, purchases) = self.groups.iter().fold((0.0, 0.0), |(total, purchases), group| {
            let n = f64::from(group.purchases) * group.totals.len() as f64;
            (total + group.totals.iter().sum::<f64>(), purchases + n)
        });
        if purchases > 0.0 { total / purchases } else { 0.0 }
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Number of customers that each row stands for.
    pub(crate) fn weight(&self) -> f64 {
        self.every.max(1) as f64
    }

    /// The median of the customers' mean spends; 0 without customers.
    pub(crate) fn median_of_means(&self) -> f64 {
        let mut means: Vec<f64> =
            self.customers_and_totals().map(|(x, total)| total / f64::from(x)).collect();
        let middle = means.len() / 2;
        if middle >= means.len() {
            return 0.0;
        }
        *means.select_nth_unstable_by(middle, f64::total_cmp).1
    }

    fn customers_and_totals(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.groups.iter().flat_map(|group| group.totals.iter().map(|total| (group.purchases, *total)))
    }

    /// Spearman's rank correlation of purchases and mean spend, with mean ranks for ties; `None`
    /// where either does not vary.
    pub(crate) fn rank_correlation(&self) -> Option<f64> {
        let purchases: Vec<u32> = self.customers_and_totals().map(|(x, _)| x).collect();
        let means: Vec<f64> = self.customers_and_totals().map(|(x, total)| total / f64::from(x)).collect();
        let x = ranks(&purchases, Ties::Average, Direction::Ascending).ok()?;
        let m = ranks(&means, Ties::Average, Direction::Ascending).ok()?;
        let middle = 0.5 * (x.len() as f64 + 1.0);
        let product =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
        let spread = (product(&x, &x) * product(&m, &m)).sqrt();
        (spread > 0.0).then(|| product(&x, &m) / spread)
    }
}

/// Fewer customers make a fit of spend a sketch.
const ENOUGH: u64 = 100;

impl Sample for Spends {
    const WHAT: &'static str = "customers with spend";

    fn customers(&self) -> u64 {
        self.groups.iter().map(|group| group.totals.len() as u64).sum()
    }

    fn unit(&self) -> Option<TimeUnit> {
        None
    }

    fn diagnose(&self) -> Vec<FitDiagnosis> {
        let customers = self.customers();
        if customers < ENOUGH {
            vec![FitDiagnosis::FewCustomers { customers, wanted: ENOUGH }]
        } else {
            Vec::new()
        }
    }

    /// Every n-th customer in the order of purchases and spend.
    fn coarse(&self) -> Option<Self> {
        /// About so many rows are left, and with less than twice as many nothing is gained.
        const ROWS: usize = 150;
        let every = self.customers_and_totals().count() / ROWS;
        if every < 2 {
            return None;
        }
        let chosen = self.customers_and_totals().skip(every / 2).step_by(every);
        let spends = chosen.filter_map(|(x, total)| Spend::new(x, total / f64::from(x)).ok());
        Some(Spends { every, ..Spends::new(spends) })
    }
}
