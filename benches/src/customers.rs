use crm_btyd::{BgNbd, History, Horizon, Simulate, Spend};
use crm_history::{Day, NaiveDate};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Gamma};

use crate::Orders;

/// r, alpha, a and b of the simulated customers, in weeks: those of CDNOW.
pub const TRUTH: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
/// p, q and gamma of their spends.
pub const SPEND: [f64; 3] = [6.25, 3.74, 15.44];

/// First purchases fall on the first 91 days, and day 273 is the last one seen: 39 weeks, as in CDNOW.
const BIRTHS: u32 = 91;
const LAST_DAY: u32 = 273;

/// Lives of customers who behave as BG/NBD says, one by one: the day of the first purchase, from 1, and how many days later
/// each repeat purchase came.
///
/// Purchases are dated by whole days and those of one day are one, so that histories repeat as those from real order
/// lines do.
fn for_each_life(customers: usize, mut tell: impl FnMut(u32, &[u32])) {
    let [r, alpha, a, b] = TRUTH;
    let truth = BgNbd::new(r, alpha, a, b).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut days = Vec::new();
    for _ in 0..customers {
        let born = rng.random_range(1..=BIRTHS);
        let age = LAST_DAY - born;
        // The part of the first day that had passed at the first purchase.
        let hour: f64 = rng.random();
        let exposure = Horizon::new((f64::from(age + 1) - hour) / 7.0).unwrap();
        let times = truth.simulate(exposure, &mut rng);
        days.clear();
        days.extend(times.iter().map(|weeks| ((hour + 7.0 * weeks) as u32).min(age)).filter(|day| *day > 0));
        days.dedup();
        tell(born, &days);
    }
}

/// What is known of so many simulated customers, in weeks.
#[must_use]
pub fn customers(customers: usize) -> Vec<History> {
    let mut histories = Vec::with_capacity(customers);
    for_each_life(customers, |born, days| {
        let weeks = |days: u32| f64::from(days) / 7.0;
        let last = days.last().copied().unwrap_or(0);
        histories.push(History::new(days.len() as u32, weeks(last), weeks(LAST_DAY - born)).unwrap());
    });
    histories
}

/// The orders behind the histories of [`customers`], customer by customer, and the last day seen.
#[must_use]
pub fn orders_of_customers(customers: usize) -> (Orders, Day) {
    let eve = Day::from(NaiveDate::from_ymd_opt(2023, 12, 31).unwrap());
    let date = |number: u32| eve.saturating_add(number as i32);
    let mut orders = Orders::with_capacity(3 * customers);
    let mut id = 0;
    for_each_life(customers, |born, days| {
        id += 1;
        for day in std::iter::once(&0).chain(days) {
            orders.ids.push(id);
            orders.days.push(date(born + day));
            orders.cents.push(3_500);
        }
    });
    (orders, date(LAST_DAY))
}

/// What customers who bought again spent on average, as Gamma-Gamma says.
#[must_use]
pub fn spends(histories: &[History]) -> Vec<Option<Spend>> {
    let [p, q, gamma] = SPEND;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let rates = Gamma::new(q, 1.0 / gamma).unwrap();
    let mut spend = |purchases: u32| {
        let rate: f64 = rates.sample(&mut rng);
        let total = Gamma::new(p * f64::from(purchases), 1.0 / rate).unwrap().sample(&mut rng);
        Spend::new(purchases, total / f64::from(purchases)).unwrap()
    };
    histories.iter().map(|history| (history.frequency() > 0).then(|| spend(history.frequency()))).collect()
}

#[cfg(test)]
mod tests {
    use crm_btyd::Histories;
    use crm_history::{Ledger, Observation, SummaryRules};
    use crm_numbers::TimeUnit;

    use super::*;

    #[test]
    fn histories_and_orders_tell_the_same_lives() {
        let (orders, end) = orders_of_customers(2_000);
        let weeks = Observation::until(end).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
        let ledger = Ledger::from_columns(&orders.ids, &orders.days, &orders.cents).unwrap();
        let from_orders = Histories::from_summaries(&ledger.summarize(&weeks).unwrap()).unwrap();
        let direct = Histories::new(customers(2_000));
        assert!(direct.distinct() < 1_500 && direct.repeaters() > 500);
        assert!(direct.iter().eq(from_orders.iter()));
    }

    #[test]
    fn more_customers_are_the_same_customers_and_others() {
        assert_eq!(customers(500), customers(1_000)[..500]);
    }
}
