//! NBD-Dirichlet: reference table, published figures, laws and the story it tells.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../src/golden.rs"]
mod golden;

use crm_btyd::brands::NbdDirichlet;
use golden::{VALUE, rows};
use proptest::prelude::*;

/// By `tests/golden/nbd_dirichlet.py`.
#[test]
fn reference_values() {
    let rows = rows("nbd_dirichlet.csv");
    assert_eq!(rows.len(), 60);
    for row in &rows {
        let [mean, exponent, diversity, share, other] =
            ["mean", "exponent", "diversity", "share", "other"].map(|name| row.number(name));
        let market = NbdDirichlet::new(mean, exponent, diversity, &[share, other]).unwrap();
        let brand = market.brand(0).unwrap();
        VALUE.check(brand.penetration(), row.number("penetration"), row);
        VALUE.check(brand.purchases_per_buyer(), row.number("purchases_per_buyer"), row);
        VALUE.check(brand.share_of_requirements(), row.number("share_of_requirements"), row);
        VALUE.check(brand.sole_buyers(), row.number("sole_buyers"), row);
        VALUE.check(brand.purchases_per_sole_buyer(), row.number("purchases_per_sole_buyer"), row);
        VALUE.check(market.duplication(0, 1).unwrap(), row.number("duplication"), row);
        VALUE.check(brand.pmf(row.count("count")), row.number("probability"), row);
    }
}

/// Toothpaste in the UK in 1973: shares and penetrations of eight brands in a quarter.
const TOOTHPASTE: [(f64, f64); 8] = [
    (0.25, 0.20),
    (0.19, 0.17),
    (0.10, 0.09),
    (0.10, 0.08),
    (0.09, 0.08),
    (0.08, 0.07),
    (0.03, 0.03),
    (0.02, 0.02),
];

#[test]
fn a_category_of_known_figures() {
    let market = NbdDirichlet::from_figures(0.56, 2.6, &TOOTHPASTE).unwrap();
    assert!((market.mean() - 1.456).abs() < 5e-4 && (market.exponent() - 0.7788).abs() < 5e-5);
    assert!((market.penetration() - 0.56).abs() < 1e-12);
    assert!((market.purchases_per_buyer() - 2.6).abs() < 1e-11);
    // Buyers of a brand are near what was seen of each, and all brands follow one rule.
    for (brand, (share, seen)) in TOOTHPASTE.iter().enumerate() {
        let buyers = market.brand(brand).unwrap();
        assert!((buyers.penetration() - seen).abs() < 0.02, "{brand} {}", buyers.penetration());
        assert!((buyers.share() - share).abs() < 1e-15);
    }
}

#[test]
fn figures_come_back() {
    let truth = NbdDirichlet::new(1.456, 0.7788, 1.55, &[0.25, 0.19, 0.1, 0.02]).unwrap();
    let figures: Vec<(f64, f64)> = (0..4)
        .map(|brand| truth.brand(brand).unwrap())
        .map(|buyers| (buyers.share(), buyers.penetration()))
        .collect();
    let market =
        NbdDirichlet::from_figures(truth.penetration(), truth.purchases_per_buyer(), &figures).unwrap();
    assert!((market.mean() / truth.mean() - 1.0).abs() < 1e-12);
    assert!((market.exponent() / truth.exponent() - 1.0).abs() < 1e-9);
    assert!((market.diversity() / truth.diversity() - 1.0).abs() < 1e-9);
}

fn refused(penetration: f64, per_buyer: f64, brands: &[(f64, f64)]) -> String {
    NbdDirichlet::from_figures(penetration, per_buyer, brands).unwrap_err().to_string()
}

#[test]
fn figures_of_no_market_are_refused_with_those_that_there_are() {
    let brand = [(0.25, 0.2)];
    assert!(
        refused(1.2, 2.6, &brand).starts_with("penetration of the category must be between 1e-6 and 0.9999")
    );
    // -ln(1 - 0.56) / 0.56 is 1.466: fewer purchases than by chance.
    let few = refused(0.56, 1.3, &brand);
    assert!(
        few.starts_with("purchases per buyer must be between 1.466") && few.ends_with("got 1.3"),
        "{few}"
    );
    // A quarter of 0.56 if each buys one brand only; 1 - (1 + 0.364 / 0.7788)^-0.7788 if all buy alike.
    let loyal = refused(0.56, 2.6, &[(0.25, 0.13)]);
    assert!(loyal.starts_with("penetration of a brand must be between 0.14"), "{loyal}");
    let alike = refused(0.56, 2.6, &[(0.25, 0.3)]);
    assert!(alike.contains(" and 0.258"), "{alike}");
    assert_eq!(refused(0.56, 2.6, &[]), "brands must not be empty");
    assert!(
        refused(0.56, 2.6, &[(0.7, 0.5), (0.6, 0.4)]).starts_with("sum of shares must be between 0 and 1")
    );
    assert!(refused(0.56, 2.6, &[(f64::NAN, 0.5)]).starts_with("share of a brand must be between 0.0001"));
    let error = NbdDirichlet::new(1.0, 0.0, 1.0, &[0.5]).unwrap_err().to_string();
    assert_eq!(error, "NBD-Dirichlet: exponent must be between 1e-6 and 1000000, got 0");
    assert!(NbdDirichlet::new(1.0, 1.0, 1.0, &[0.5]).unwrap().brand(1).is_none());
    assert!(NbdDirichlet::new(1.0, 1.0, 1.0, &[0.5]).unwrap().duplication(0, 0).is_none());
    assert!(NbdDirichlet::new(1.0, 1.0, 1.0, &[0.5]).unwrap().over(f64::NAN).is_err());
}

fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn extremes_give_numbers(
        mean in log_uniform(1e-6, 1e6), exponent in log_uniform(1e-6, 1e6), diversity in log_uniform(1e-6, 1e6),
        share in log_uniform(1e-4, 0.5),
    ) {
        let market = NbdDirichlet::new(mean, exponent, diversity, &[share, 0.5]).unwrap();
        let brand = market.brand(0).unwrap();
        for p in [market.penetration(), brand.penetration(), brand.share_of_requirements(), brand.sole_buyers(), market.duplication(0, 1).unwrap(), brand.pmf(0), brand.pmf(3), brand.pmf(100_000)] {
            prop_assert!((0.0..=1.0).contains(&p), "{p} {market:?}");
        }
        // No digit of the buyers is lost, however few they are: their purchases are those of the brand, at least one each.
        let bought = brand.penetration() * brand.purchases_per_buyer();
        prop_assert!((bought / (mean * share) - 1.0).abs() < 1e-10, "{bought} {market:?}");
        let both = market.duplication(0, 1).unwrap() * brand.penetration();
        let other = market.duplication(1, 0).unwrap() * market.brand(1).unwrap().penetration();
        prop_assert!((both / other - 1.0).abs() < 1e-7, "{both} {other} {market:?}");
        for amount in [brand.purchases_per_buyer(), brand.category_purchases_per_buyer(), brand.purchases_per_sole_buyer()] {
            prop_assert!(amount.is_finite() && amount >= 1.0, "{amount} {market:?}");
        }
    }

    #[test]
    fn a_market_adds_up(
        mean in log_uniform(0.1, 5.0), exponent in log_uniform(0.3, 10.0), diversity in log_uniform(0.1, 30.0), share in 0.02..0.45_f64,
    ) {
        let market = NbdDirichlet::new(mean, exponent, diversity, &[share, 0.5]).unwrap();
        let (small, large) = (market.brand(0).unwrap(), market.brand(1).unwrap());
        // Double jeopardy: fewer buyers, who buy less often, of whom fewer buy nothing else.
        prop_assert!(small.penetration() < large.penetration());
        prop_assert!(small.purchases_per_buyer() < large.purchases_per_buyer());
        prop_assert!(small.share_of_requirements() < large.share_of_requirements());
        prop_assert!(small.sole_buyers() < large.sole_buyers());
        let (mut sum, mut purchases) = (0.0, 0.0);
        for count in 0..3_000 {
            let p = small.pmf(count);
            sum += p;
            purchases += p * f64::from(count);
            if count > 20 && p < 1e-15 {
                break;
            }
        }
        prop_assert!((sum - 1.0).abs() < 1e-10 && (purchases / (mean * share) - 1.0).abs() < 1e-8);
        // Who buys both is the same person, whichever brand is asked.
        let both = market.duplication(0, 1).unwrap() * small.penetration();
        prop_assert!((both / (market.duplication(1, 0).unwrap() * large.penetration()) - 1.0).abs() < 1e-8);
        // A longer time brings more buyers to a brand.
        prop_assert!(market.over(2.0).unwrap().brand(0).unwrap().penetration() > small.penetration());
    }
}

#[cfg(feature = "rand")]
#[test]
fn it_is_the_story_it_tells() {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    let market = NbdDirichlet::new(1.456, 0.7788, 1.55, &[0.25, 0.19, 0.1]).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let baskets: Vec<Vec<u32>> = (0..60_000).map(|_| market.simulate(&mut rng)).collect();
    let n = baskets.len() as f64;
    let check = |happened: &dyn Fn(&[u32]) -> f64, expected: f64, what: &str| {
        let values: Vec<f64> = baskets.iter().map(|basket| happened(basket)).collect();
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        assert!((mean - expected).abs() <= 4.0 * (variance / n).sqrt(), "{what}: {mean} {expected}");
    };
    let hit = |hit: bool| f64::from(u8::from(hit));
    let all = |basket: &[u32]| basket.iter().sum::<u32>();
    check(&|basket| f64::from(all(basket)), market.mean(), "purchases");
    check(&|basket| hit(all(basket) > 0), market.penetration(), "penetration");
    for brand in 0..3 {
        let buyers = market.brand(brand).unwrap();
        let p = buyers.penetration();
        check(&|basket| f64::from(basket[brand]), market.mean() * buyers.share(), "purchases of the brand");
        check(&|basket| hit(basket[brand] > 0), p, "buyers of the brand");
        let sole = |basket: &[u32]| basket[brand] > 0 && basket[brand] == all(basket);
        check(&|basket| hit(sole(basket)), p * buyers.sole_buyers(), "sole buyers");
        let category = |basket: &[u32]| hit(basket[brand] > 0) * f64::from(all(basket));
        check(&category, p * buyers.category_purchases_per_buyer(), "all that buyers of the brand buy");
        check(&|basket| hit(basket[brand] == 2), buyers.pmf(2), "two purchases");
        let other = (brand + 1) % 3;
        let both = p * market.duplication(brand, other).unwrap();
        check(&|basket| hit(basket[brand] > 0 && basket[other] > 0), both, "buyers of both");
    }
}

#[cfg(feature = "serde")]
#[test]
fn stored_parameters_know_their_model() {
    let market = NbdDirichlet::new(1.456, 0.7788, 1.55, &[0.25, 0.19]).unwrap();
    let text = serde_json::to_string(&market).unwrap();
    let expected = r#"{"mean":1.456,"exponent":0.7788,"diversity":1.55,"shares":[0.25,0.19]}"#;
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<NbdDirichlet>(&text).unwrap(), market);
    assert!(serde_json::from_str::<NbdDirichlet>(&text.replace("0.25", "0.95")).is_err());
    // A model of customers is no market.
    let other = r#"{"model":"BG/BB","alpha":1.204,"beta":0.75,"gamma":0.657,"delta":2.783}"#;
    let error = serde_json::from_str::<NbdDirichlet>(other).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `model`"), "{error}");
}
