use super::*;
use crate::hmm::sequences::Seen;

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs().max(1.0)
}

#[test]
fn probabilities_add_up_and_have_their_mean() {
    let laws = [
        CountLaw::poisson(3.2).unwrap(),
        CountLaw::negative_binomial(3.2, 0.7).unwrap(),
        CountLaw::negative_binomial(0.01, 40.0).unwrap(),
    ];
    for law in laws {
        let p = |n| law.ln_probability(n).exp();
        assert!(near((0..400).map(p).sum(), 1.0, 1e-10), "{law}");
        assert!(near((0..400).map(|n| p(n) * f64::from(n)).sum(), law.mean(), 1e-9), "{law}");
    }
}

#[test]
fn a_large_shape_is_a_poisson_law() {
    let (law, limit) = (CountLaw::negative_binomial(2.0, 1e9).unwrap(), CountLaw::poisson(2.0).unwrap());
    for n in [0, 1, 5, 31, 32, 40] {
        assert!(near(law.ln_probability(n), limit.ln_probability(n), 1e-6), "{n}");
    }
}

/// Compares derivatives with differences of the function.
#[test]
fn scores_are_derivatives() {
    let step = 1e-6;
    let law = |m: f64, r: f64| CountLaw::negative_binomial(m.exp(), r.exp()).unwrap();
    let (m, r) = (1.3_f64.ln(), 2.1_f64.ln());
    for n in [0, 1, 7, 45] {
        let at = |m, r| law(m, r).ln_probability(n);
        let (by_mean, by_shape) = law(m, r).score(whole(n));
        assert!(near(by_mean, (at(m + step, r) - at(m - step, r)) / (2.0 * step), 1e-6));
        assert!(near(by_shape, (at(m, r + step) - at(m, r - step)) / (2.0 * step), 1e-6));
    }
    let law = |m: f64, a: f64| SpendLaw::gamma(m.exp(), a.exp()).unwrap();
    let (m, a, total) = (30.0_f64.ln(), 1.7_f64.ln(), 71.0_f64);
    let at = |m, a| law(m, a).ln_front(3) + law(m, a).ln_rest(3.0, total, total.ln());
    let (by_mean, by_shape) = law(m, a).score(3, total, total.ln());
    assert!(near(by_mean, (at(m + step, a) - at(m - step, a)) / (2.0 * step), 1e-6));
    assert!(near(by_shape, (at(m, a + step) - at(m, a - step)) / (2.0 * step), 1e-6));
}

fn whole(count: u32) -> Seen {
    Seen { count, exposure: 1.0 }
}

#[test]
fn learnt_laws_have_no_slope_left() {
    let weighted = [(0, 30.0), (1, 12.0), (2, 6.5), (5, 3.0), (40, 0.5)];
    let parts = [(0, 0.5, 11.0), (1, 0.25, 2.5), (7, 0.75, 0.4)];
    let seen = weighted.iter().map(|&(n, weight)| (whole(n), weight));
    let parts = parts.map(|(count, exposure, weight)| (Seen { count, exposure }, weight));
    let start = CountLaw::negative_binomial(1.0, 1.0).unwrap();
    for seen in [seen.clone().collect(), seen.chain(parts).collect::<Vec<_>>()] {
        for shift in [(0.0, 0.0), (-6.0, 0.0), (9.0, -2.0), (0.0, 4.5)] {
            let shift = Shift { silent: shift.0, purchases: shift.1 };
            let law = start.learnt(&Tally::new(seen.iter().copied()), shift);
            let slope = |by: fn((f64, f64)) -> f64| {
                let sum: f64 = seen.iter().map(|(seen, weight)| weight * by(law.score(*seen))).sum();
                sum + shift.silent * by(law.score(whole(0)))
            };
            let by_mean = slope(|score| score.0) + shift.purchases;
            let by_shape = slope(|score| score.1);
            assert!(by_mean.abs() < 1e-7 && by_shape.abs() < 1e-7, "{law}: {by_mean}, {by_shape}");
        }
    }
    // Fewer large counts than by chance: the shape grows without bound and stops at the limit.
    let learnt = |law: CountLaw, n, weight| {
        law.learnt(&Tally::new(std::iter::once((whole(n), weight))), Shift::default())
    };
    assert!(near(learnt(start, 1, 10.0).shape().unwrap(), LARGEST_SHAPE, 1e-9));
    assert!(near(learnt(CountLaw::poisson(2.0).unwrap(), 0, 5.0).mean(), SMALLEST, 1e-9));
}

#[test]
fn a_part_of_a_period_brings_its_part() {
    let seen = [(0, 0.25, 3.0), (1, 0.5, 1.0), (2, 1.0, 2.0)];
    let seen = seen.map(|(count, exposure, weight)| (Seen { count, exposure }, weight));
    let learnt = CountLaw::poisson(7.0).unwrap().learnt(&Tally::new(seen.into_iter()), Shift::default());
    assert!(near(learnt.mean(), 5.0 / (0.75 + 0.5 + 2.0), 1e-12));
    let (law, half) =
        (CountLaw::negative_binomial(3.0, 1.5).unwrap(), CountLaw::negative_binomial(1.5, 1.5).unwrap());
    for count in [0, 1, 9, 60] {
        let part = law.ln_probability_of(Seen { count, exposure: 0.5 });
        assert!(near(part, half.ln_probability(count), 1e-13));
    }
}

#[test]
fn errors_name_field_and_value() {
    assert_eq!(
        CountLaw::poisson(f64::NAN).unwrap_err().to_string(),
        "rate must be between 1e-9 and 1000000000, got NaN"
    );
    let refused = CountLaw::negative_binomial(1.0, 0.0).unwrap_err();
    assert_eq!(refused.to_string(), "shape must be between 1e-9 and 1000000000, got 0");
    let refused = SpendLaw::gamma(0.0, 1.0).unwrap_err();
    assert_eq!(refused.to_string(), "mean spend must be between 1e-9 and 1000000000, got 0");
}
