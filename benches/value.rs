//! A million customers: value components, discounted value, cost pools, referrals.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::Criterion;
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup};
use crm_benches::checked;
use crm_value::{
    Allocation, ComponentValue, Components, CostPool, Decimal, FirstMargin, Margin, MoneyUnit, NonNegative,
    Probability, Rate, Referral, ReferralNetwork, ReferralRule, ReferralTerms, Share, Terms, TimeUnit,
    Timing, discounted_values, lifetime_values, purchase_values, referral_values,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const CUSTOMERS: usize = 1_000_000;

/// Columns of a million customers.
struct Base {
    capacity: Vec<NonNegative>,
    wallet: Vec<Share>,
    margin: Vec<Margin>,
    influence: Vec<Probability>,
    reach: Vec<NonNegative>,
    influenced: Vec<Decimal>,
    others: Vec<[Decimal; 3]>,
    profit: Vec<Decimal>,
    stay: Vec<Probability>,
    drivers: Vec<Vec<NonNegative>>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut column = |low: i64, high: i64, scale| -> Vec<Decimal> {
        (0..CUSTOMERS).map(|_| Decimal::new(rng.random_range(low..=high), scale)).collect()
    };
    fn of<T: TryFrom<Decimal, Error = crm_value::InputError>>(column: Vec<Decimal>) -> Vec<T> {
        column.into_iter().map(|number| T::try_from(number).unwrap()).collect()
    }
    Base {
        capacity: of(column(0, 5_000_000, 2)),
        wallet: of(column(0, 100, 2)),
        margin: of(column(-10, 50, 2)),
        influence: of(column(0, 100, 3)),
        reach: of(column(0, 500, 0)),
        influenced: column(0, 200_000, 2),
        others: column(0, 50_000, 2).into_iter().map(|value| [value, value, value]).collect(),
        profit: column(-50_000, 500_000, 2),
        stay: of(column(0, 950, 3)),
        drivers: (0..10).map(|_| of(column(0, 40, 0))).collect(),
    }
});

fn yearly() -> Terms {
    Terms::new(Rate::percent(TimeUnit::Year, 10).unwrap(), FirstMargin::Certain, Timing::StartOfPeriod)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("value");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    components(&mut group);
    discounted(&mut group);
    allocation(&mut group);
    referrals(&mut group);
    group.finish();
    criterion.final_summary();
}

/// CPV and PPV from six columns, and CLV of the five components; beside the bare operations.
fn components(group: &mut BenchmarkGroup<'_, WallTime>) {
    let base = &*BASE;
    let library = || {
        let cpv = purchase_values(&base.capacity, &base.wallet, &base.margin).unwrap();
        let ppv = referral_values(&base.influence, &base.reach, &base.influenced).unwrap();
        let others = &base.others;
        let all: Vec<Components> = cpv
            .into_iter()
            .zip(ppv)
            .zip(others)
            .map(|((cpv, ppv), [civ, ckv, ctv])| Components {
                cpv: Some(cpv),
                ppv: Some(ppv),
                civ: Some(*civ),
                ckv: Some(*ckv),
                ctv: Some(*ctv),
            })
            .collect();
        lifetime_values(&all).unwrap()
    };
    let bare = || -> Vec<Decimal> {
        let left = base.capacity.iter().zip(&base.wallet).zip(&base.margin);
        let right = base.influence.iter().zip(&base.reach).zip(&base.influenced);
        left.zip(right)
            .zip(&base.others)
            .map(|((((capacity, wallet), margin), ((influence, reach), influenced)), [civ, ckv, ctv])| {
                let cpv = capacity.get() * wallet.get() * margin.get();
                let ppv = influence.get() * reach.get() * influenced;
                cpv + ppv + civ + ckv + ctv
            })
            .collect()
    };
    let total = |values: &[ComponentValue]| values.iter().filter_map(ComponentValue::clv).sum::<Decimal>();
    let expected = bare().into_iter().sum::<Decimal>();
    reference(&expected, COMPONENTS);
    group.bench_function("components_and_clv/1000000", |bencher| {
        checked(bencher, library, |values| assert_eq!(total(values), expected));
    });
    group.bench_function("components_and_clv_bare/1000000", |bencher| {
        checked(bencher, bare, |values| assert_eq!(values.iter().sum::<Decimal>(), expected));
    });
}

/// Without an end, and over 36 periods.
fn discounted(group: &mut BenchmarkGroup<'_, WallTime>) {
    let base = &*BASE;
    let bare = || -> Vec<Decimal> {
        let one = Decimal::ONE;
        let (discounted, grown) = (one + Decimal::new(10, 2), one);
        let customers = base.profit.iter().zip(&base.stay);
        customers.map(|(margin, stay)| margin * discounted / (discounted - stay.get() * grown)).collect()
    };
    let sum = |values: &Vec<Decimal>| values.iter().sum::<Decimal>().round_dp(6);
    let expected = sum(&bare());
    reference(&expected, DISCOUNTED);
    group.bench_function("discounted/1000000", |bencher| {
        let work = || discounted_values(&base.profit, &base.stay, &yearly()).unwrap();
        checked(bencher, work, |values| assert_eq!(sum(values), expected));
    });
    group.bench_function("discounted_bare/1000000", |bencher| {
        checked(bencher, bare, |values| assert_eq!(sum(values), expected));
    });
    group.bench_function("discounted_36_periods/1000000", |bencher| {
        let terms = yearly().with_horizon(36);
        let work = || discounted_values(&base.profit, &base.stay, &terms).unwrap();
        checked(bencher, work, |values| reference(&sum(values), DISCOUNTED_36));
    });
}

/// Ten pools to a million customers, to the cent; beside quotas that are only rounded.
fn allocation(group: &mut BenchmarkGroup<'_, WallTime>) {
    const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let base = &*BASE;
    let amount = Decimal::new(12_345_678_901, 2);
    group.bench_function("allocate_10_pools/1000000", |bencher| {
        let work = || {
            let pools: Vec<CostPool<'_>> = NAMES
                .iter()
                .zip(&base.drivers)
                .map(|(name, drivers)| CostPool { name, amount, drivers })
                .collect();
            Allocation::new(&pools, MoneyUnit::CENT).unwrap()
        };
        checked(bencher, work, |shared| {
            assert_eq!(shared.totals().iter().sum::<Decimal>(), amount * Decimal::TEN);
            reference(shared.totals().first().unwrap(), FIRST_SHARE);
        });
    });
    group.bench_function("allocate_10_pools_bare/1000000", |bencher| {
        let work = || -> Vec<Decimal> {
            let mut totals = vec![Decimal::ZERO; CUSTOMERS];
            for drivers in &base.drivers {
                let sum: Decimal = drivers.iter().map(|driver| driver.get()).sum();
                for (total, driver) in totals.iter_mut().zip(drivers) {
                    *total += (amount * driver.get() / sum).round_dp(2);
                }
            }
            totals
        };
        checked(bencher, work, |totals| assert_eq!(totals.len(), CUSTOMERS));
    });
}

/// A million referrals: the network with its check for circles, and the equity of everybody.
fn referrals(group: &mut BenchmarkGroup<'_, WallTime>) {
    let people = CUSTOMERS as u32 + 1;
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let edges: Vec<Referral<u32>> =
        (1..people).map(|person| Referral::new(rng.random_range(0..person), person)).collect();
    let cash = vec![Decimal::new(10_000, 2); people as usize];
    let terms = ReferralTerms {
        decay: Share::percent(30).unwrap(),
        depth: None,
        rule: ReferralRule::Transfer,
        unit: MoneyUnit::CENT,
    };
    group.bench_function("referral_network/1000000", |bencher| {
        bencher.iter_batched(
            || edges.clone(),
            |edges| {
                let network = ReferralNetwork::numbered(people, edges).unwrap();
                let equity = network.equity(&cash, &terms).unwrap();
                assert_eq!(equity.total(), Decimal::from(100_000_100));
                equity
            },
            BatchSize::LargeInput,
        );
    });
}

/// Stops unless an answer is what it was.
fn reference(got: &Decimal, expected: &str) {
    assert_eq!(got.to_string(), expected);
}

const COMPONENTS: &str = "15743570372.976346";
const DISCOUNTED: &str = "5203790374.479672";
const DISCOUNTED_36: &str = "5201732635.180550";
const FIRST_SHARE: &str = "1500.12";
