//! What a summary keeps of one customer: enough to answer, and to be added to another span of the
//! same customer.

use std::sync::LazyLock;

use crm_numbers::Total;

use crate::{Amount, Day, Refunds, SamePeriod, SummaryRules, TimeUnit};

/// The sums over one customer's lines.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        deny_unknown_fields,
        bound(serialize = "A: serde::Serialize", deserialize = "A: serde::Deserialize<'de>")
    )
)]
pub(crate) struct Account<A: Amount> {
    pub(crate) orders: u32,
    pub(crate) refunds: u32,
    pub(crate) purchases: u32,
    /// Pairs of purchases that follow each other at no distance.
    pub(crate) at_once: u32,
    pub(crate) first_day: i32,
    pub(crate) last_day: i32,
    pub(crate) first_spend: Total<A>,
    pub(crate) repeat_spend: Total<A>,
    /// Refunds before the first purchase; they belong to a purchase of an earlier span, if any.
    pub(crate) before_first: Total<A>,
    /// Sum of the logarithms of the gaps in periods, in steps of 2^-58: integers add up alike in
    /// any order.
    pub(crate) ln_gaps: i128,
}

/// The name of a sum that its type cannot hold.
pub(crate) type Overflow = &'static str;

impl<A: Amount> Default for Account<A> {
    fn default() -> Self {
        Self {
            orders: 0,
            refunds: 0,
            purchases: 0,
            at_once: 0,
            first_day: 0,
            last_day: 0,
            first_spend: Total::default(),
            repeat_spend: Total::default(),
            before_first: Total::default(),
            ln_gaps: 0,
        }
    }
}

impl<A: Amount> Account<A> {
    /// The account of lines in order of days.
    pub(crate) fn of(days: &[i32], amounts: &[A], rules: &SummaryRules) -> Result<Self, Overflow> {
        let mut account = Account::default();
        let period = rules.period();
        walk(days, amounts, rules, |event| {
            account.orders += event.orders;
            account.refunds += event.refunds;
            match event.days {
                Some((first_day, last_day)) => account.purchase(first_day, last_day, &event.spend, period),
                None => account.settle(&event.spend),
            }
        })?;
        account.total().map(|_| account)
    }

    /// The account of this span and of a later one.
    pub(crate) fn followed_by(&self, later: &Account<A>, period: TimeUnit) -> Result<Self, Overflow> {
        let mut both = self.clone();
        both.orders = self.orders.checked_add(later.orders).ok_or("number of orders")?;
        both.refunds = self.refunds.checked_add(later.refunds).ok_or("number of refunds")?;
        both.settle(&later.before_first)?;
        if later.purchases > 0 {
            // The first purchase links the spans; the others keep their distances.
            let last_day = later.last_day;
            both.purchase(later.first_day, last_day, &later.first_spend, period)?;
            both.purchases += later.purchases - 1;
            both.at_once += later.at_once;
            both.ln_gaps += later.ln_gaps;
            if self.purchases == 0 {
                both.repeat_spend = later.repeat_spend.clone();
            } else {
                merge(&mut both.repeat_spend, &later.repeat_spend)?;
            }
        }
        both.total().map(|_| both)
    }

    /// Everything spent, less what was refunded.
    pub(crate) fn total(&self) -> Result<Total<A>, Overflow> {
        let mut total = self.first_spend.clone();
        merge(&mut total, &self.repeat_spend)?;
        merge(&mut total, &self.before_first)?;
        Ok(total)
    }

    /// Whether some order lines between two days have these sums.
    #[cfg(feature = "serde")]
    pub(crate) fn is_consistent(&self, start: i32, end: i32) -> bool {
        let none = Total::default();
        let bought = match self.purchases {
            0 => {
                let days = (self.first_day, self.last_day, self.at_once, self.ln_gaps) == (0, 0, 0, 0);
                days && self.orders == 0 && self.first_spend == none && self.repeat_spend == none
            }
            1 => self.at_once == 0 && self.ln_gaps == 0 && self.repeat_spend == none,
            purchases => self.at_once < purchases && self.ln_gaps >= 0,
        };
        let days = self.first_day <= self.last_day && start <= self.first_day && self.last_day <= end;
        let lines = self.refunds > 0 || self.before_first == none;
        bought
            && lines
            && self.purchases <= self.orders
            && (self.purchases == 0 || days)
            && self.total().is_ok()
    }

    /// Number of lines that were looked at.
    pub(crate) fn lines(&self) -> u64 {
        u64::from(self.orders) + u64::from(self.refunds)
    }

    fn purchase(
        &mut self,
        first_day: i32,
        last_day: i32,
        spend: &Total<A>,
        period: TimeUnit,
    ) -> Result<(), Overflow> {
        if self.purchases == 0 {
            self.first_day = first_day;
            self.first_spend = spend.clone();
        } else {
            match periods_between(self.last_day, first_day, period) {
                0 => self.at_once += 1,
                gap => self.ln_gaps += i128::from(ln_steps(gap)),
            }
            merge(&mut self.repeat_spend, spend)?;
        }
        self.last_day = last_day;
        self.purchases += 1;
        Ok(())
    }

    /// Adds refunds to the spend of the latest purchase.
    fn settle(&mut self, refunds: &Total<A>) -> Result<(), Overflow> {
        let spend = match self.purchases {
            0 => &mut self.before_first,
            1 => &mut self.first_spend,
            _ => &mut self.repeat_spend,
        };
        merge(spend, refunds)
    }
}

/// One purchase, or refunds that fall in no period of a purchase.
pub(crate) struct Event<A: Amount> {
    /// Days of the first and the last order of the purchase; `None` for refunds alone.
    pub(crate) days: Option<(i32, i32)>,
    orders: u32,
    refunds: u32,
    spend: Total<A>,
}

impl<A: Amount> Event<A> {
    fn new() -> Self {
        Event { days: None, orders: 0, refunds: 0, spend: Total::default() }
    }
}

/// Tells the purchases and refunds in lines that come in order of days, as the rules see them.
#[inline]
pub(crate) fn walk<A: Amount>(
    days: &[i32],
    amounts: &[A],
    rules: &SummaryRules,
    mut tell: impl FnMut(Event<A>) -> Result<(), Overflow>,
) -> Result<(), Overflow> {
    let period = rules.period();
    let mut lines = days.iter().copied().zip(amounts.iter().copied()).peekable();
    while let Some(&(day, _)) = lines.peek() {
        let last_of_period = last_day_of_period(day, period);
        let mut event = Event::new();
        while let Some((day, amount)) = lines.next_if(|&(day, _)| day <= last_of_period) {
            if amount < A::ZERO && rules.refunds != Refunds::CountedAsPurchases {
                event.refunds += 1;
                if rules.refunds == Refunds::Netted {
                    add(amount, &mut event.spend)?;
                }
            } else if rules.same_period == SamePeriod::Separate {
                let mut single = Event { days: Some((day, day)), orders: 1, ..Event::new() };
                add(amount, &mut single.spend)?;
                tell(single)?;
            } else {
                event.orders += 1;
                event.days = Some((event.days.map_or(day, |(first, _)| first), day));
                add(amount, &mut event.spend)?;
            }
        }
        if event.orders + event.refunds > 0 {
            tell(event)?;
        }
    }
    Ok(())
}

fn add<A: Amount>(amount: A, total: &mut Total<A>) -> Result<(), Overflow> {
    total.add(amount).ok_or("spend")
}

fn merge<A: Amount>(total: &mut Total<A>, other: &Total<A>) -> Result<(), Overflow> {
    total.merge(other).ok_or("spend")
}

/// Whole periods from one day to a later one.
pub(crate) fn periods_between(earlier: i32, later: i32, period: TimeUnit) -> i32 {
    match period {
        TimeUnit::Day => later - earlier,
        _ => {
            Day::saturating_new(later).period(period).index()
                - Day::saturating_new(earlier).period(period).index()
        }
    }
}

fn last_day_of_period(day: i32, period: TimeUnit) -> i32 {
    match period {
        TimeUnit::Day => day,
        _ => Day::saturating_new(day).period(period).last_day().since_epoch(),
    }
}

/// Steps of the logarithms: 2^58, so that the logarithm of any number of days fits 63 bits.
const LN_STEPS: f64 = (1_u64 << 58) as f64;

/// Gaps up to which logarithms are looked up.
const TABLED: usize = 4096;

static LN_TABLE: LazyLock<Vec<i64>> =
    LazyLock::new(|| (0..TABLED).map(|gap| (f64::ln(gap.max(1) as f64) * LN_STEPS) as i64).collect());

fn ln_steps(gap: i32) -> i64 {
    let tabled = usize::try_from(gap).ok().and_then(|gap| LN_TABLE.get(gap));
    tabled.copied().unwrap_or_else(|| (f64::from(gap).ln() * LN_STEPS) as i64)
}

/// The sum of logarithms as a double.
pub(crate) fn ln_value(steps: i128) -> f64 {
    steps as f64 / LN_STEPS
}
