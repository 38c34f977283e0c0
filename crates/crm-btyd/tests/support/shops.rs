//! Customers that no model of this crate has made up: mixtures, buyers who buy once, and lives of one length.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use crm_btyd::{
    Histories, History, Spend, Spends,
    contractual::Renewals,
    opportunities::{DiscreteHistories, DiscreteHistory},
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

pub(crate) fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Kinds of shops.
pub(crate) const SHOPS: u64 = 10;

fn exponential(random: &mut ChaCha8Rng) -> f64 {
    Exp1.sample(random)
}

fn gamma(shape: f64, random: &mut ChaCha8Rng) -> f64 {
    Gamma::new(shape, 1.0).unwrap().sample(random)
}

fn within(low: f64, high: f64, random: &mut ChaCha8Rng) -> f64 {
    low + (high - low) * random.random::<f64>()
}

/// The history of purchases on whole days until `life` or the end of the observation, with gaps drawn by `gap`.
fn history(life: f64, age: f64, mut gap: impl FnMut() -> f64) -> History {
    let (mut x, mut last, mut now) = (0, 0.0_f64, 0.0);
    loop {
        now += gap();
        if now > life.min(age) || x > 400 {
            break;
        }
        let day = now.ceil().min(age);
        if day > last {
            (x, last) = (x + 1, day);
        }
    }
    History::new(x, last, age).unwrap()
}

/// A shop by its number: its kind is the number modulo [`SHOPS`].
pub(crate) fn shop(number: u64, most: f64) -> Histories {
    let mut random = random(number);
    let r = &mut random;
    let customers = within(0.15, 1.0, r) * most;
    let once = within(0.2, 0.8, r);
    let (mean_gap, one_age) = ((within(0.5, 4.5, r)).exp(), r.random::<f64>() < 0.5);
    let (shape, hazard, regular) = (within(-1.5, 2.0, r).exp(), within(0.02, 0.7, r), within(1.0, 20.0, r));
    let kind = number % SHOPS;
    if kind == 0 {
        // A few histories, many customers each.
        let rows = 3 + r.random_range(0..5_u32);
        let many = (0..rows).map(|_| {
            let x = r.random_range(1..40_u32);
            let recency = within(0.05, 0.99, r) * 100.0;
            (History::new(x, recency.ceil(), 100.0).unwrap(), r.random_range(5..150_u32))
        });
        let many: Vec<_> = many.collect();
        let bought = many.iter().map(|row| f64::from(row.1)).sum::<f64>();
        let once = (History::new(0, 0.0, 100.0).unwrap(), (bought * once / (1.0 - once)) as u32);
        return Histories::weighted(many.into_iter().chain([once]));
    }
    let customer = |_: u32| {
        let age = if one_age { 100.0 } else { within(40.0, 160.0, r).ceil() };
        let wait = mean_gap / (gamma(shape, r) / shape).max(1e-3);
        let one_time = r.random::<f64>() < once;
        match kind {
            // Buy once, or stay for ever.
            1 => history(if one_time { 0.0 } else { 1e9 }, age, || wait * exponential(r)),
            // The same, at one rate.
            2 => history(if one_time { 0.0 } else { 1e9 }, age, || mean_gap * exponential(r)),
            // One probability to drop out after each purchase.
            3 => {
                let purchases = (exponential(r) / -(-hazard).ln_1p()).floor();
                let mut left = purchases;
                history(1e9, age, || {
                    left -= 1.0;
                    if left < 0.0 { 1e9 } else { wait * exponential(r) }
                })
            }
            // One rate of death.
            4 => {
                let life = exponential(r) * 60.0 / hazard.max(0.1);
                history(life, age, || wait * exponential(r))
            }
            // Heavy buyers who leave soon, and light ones who stay.
            5 => {
                let (life, wait) =
                    if one_time { (20.0 * exponential(r), 2.0) } else { (1e9, 4.0 * mean_gap) };
                history(life, age, || wait * exponential(r))
            }
            // By the calendar, with lives of any length up to the age.
            6 => {
                let life = if one_time { 0.0 } else { age * r.random::<f64>() * 1.5 };
                history(life, age, || mean_gap * gamma(regular, r) / regular)
            }
            // Nobody leaves before a certain age, and then all do.
            7 => {
                let life = 60.0 + 5.0 * within(-1.0, 1.0, r);
                history(life, age, || wait * exponential(r))
            }
            // Nobody leaves.
            8 => history(1e9, age, || wait * exponential(r)),
            // Old customers leave the sooner, and one in some never comes back.
            _ => {
                let life = 20.0 * (exponential(r) / 0.02).ln_1p();
                let life = if one_time && hazard > 0.35 { 0.0 } else { life };
                history(life, age, || wait * exponential(r))
            }
        }
    };
    Histories::new((0..customers as u32).map(customer))
}

/// Donors: some never give, some for ever, some until they tire.
pub(crate) fn donors(number: u64, most: f64) -> DiscreteHistories {
    let mut random = random(number);
    let r = &mut random;
    let customers = (within(0.15, 1.0, r) * most) as u32;
    let n = r.random_range(3..13_u32);
    let (never, share, tires) = (within(0.2, 0.8, r), within(0.1, 0.95, r), within(0.02, 0.6, r));
    let kind = number % 5;
    let donor = |_: u32| {
        let gives = match kind {
            0 => {
                if r.random::<f64>() < never {
                    0.0
                } else {
                    share
                }
            }
            1 => {
                if r.random::<f64>() < never {
                    0.0
                } else {
                    within(0.2, 1.0, r)
                }
            }
            2 => share,
            3 => {
                if r.random::<f64>() < never {
                    0.1 * share
                } else {
                    0.95
                }
            }
            _ => within(0.0, 1.0, r),
        };
        let (mut alive, mut flags) = (!(kind == 4 && r.random::<f64>() < never), Vec::new());
        for _ in 0..n {
            alive &= kind == 1 && number.is_multiple_of(2) || r.random::<f64>() >= tires;
            flags.push(alive && r.random::<f64>() < gives);
        }
        DiscreteHistory::from_flags(&flags).unwrap()
    };
    DiscreteHistories::new((0..customers).map(donor))
}

/// Spends with heavy tails, of two kinds of customers, or all but equal.
pub(crate) fn spends(number: u64, most: f64) -> Spends {
    let mut random = random(number);
    let r = &mut random;
    let customers = (within(0.05, 1.0, r) * most) as u32;
    let (tail, spread, wild) = (within(0.5, 3.0, r), within(0.02, 1.5, r), within(0.05, 1.5, r));
    let money = within(-4.0, 8.0, r).exp();
    let kind = number % 6;
    let spend = |_: u32| {
        let x = 1 + (exponential(r) * 3.0) as u32;
        let normal: f64 = StandardNormal.sample(r);
        let own = match kind {
            // Pareto tails, with and without a mean.
            0 => r.random::<f64>().powf(-1.0 / tail),
            1 => [1.0, 20.0][usize::from(r.random::<f64>() < 0.3)],
            2 => (spread * normal).exp(),
            3 => 1.0 + 0.01 * spread * normal.clamp(-3.0, 3.0),
            4 => {
                if r.random::<f64>() < 0.05 {
                    1e3
                } else {
                    (spread * normal).exp()
                }
            }
            _ => 1.0,
        };
        let total: f64 = (0..x)
            .map(|_| {
                let normal: f64 = StandardNormal.sample(r);
                (wild * normal).exp()
            })
            .sum();
        Spend::new(x, money * own * total / f64::from(x)).unwrap()
    };
    Spends::new((0..customers.max(5)).map(spend))
}

/// Cohorts under contract: two kinds of customers, one rate, or leaving at one age.
pub(crate) fn cohort(number: u64, most: f64) -> Renewals {
    let mut random = random(number);
    let r = &mut random;
    let customers = (within(0.05, 1.0, r) * most) as u32 + 10;
    let periods = r.random_range(2..12_usize);
    let (fast, slow, share, shape) =
        (within(0.3, 0.95, r), within(0.005, 0.3, r), within(0.1, 0.9, r), within(0.3, 4.0, r));
    let kind = number % 5;
    let mut counts = vec![0; periods + 1];
    for _ in 0..customers {
        let leaves = if r.random::<f64>() < share { fast } else { slow };
        let life = match kind {
            0 => exponential(r) / -(-leaves).ln_1p(),
            1 => exponential(r) / -(-slow).ln_1p(),
            2 => 4.0 * exponential(r).powf(1.0 / shape),
            3 => {
                if r.random::<f64>() < share {
                    0.0
                } else {
                    1e9
                }
            }
            _ => 3.0 + 2.0 * r.random::<f64>(),
        };
        for (period, count) in counts.iter_mut().enumerate() {
            *count += u32::from(life >= period as f64);
        }
    }
    Renewals::from_cohorts(&[&counts]).unwrap()
}
