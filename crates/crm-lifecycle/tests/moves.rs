//! Moves between groups and the chains made of them, against numbers found by hand in fractions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]

use crm_lifecycle::{Chain, ChainTerm, Moves};
use crm_numbers::Level;

const STEPS: [f64; 9] = [0.5, 0.3, 0.2, 0.1, 0.6, 0.3, 0.0, 0.25, 0.75];
const REWARDS: [f64; 3] = [10.0, 20.0, -4.0];

fn near(got: &[f64], wanted: [f64; 3]) {
    let close = |(got, wanted): (&f64, &f64)| (got - wanted).abs() <= 1e-12 * wanted.abs();
    assert!(got.len() == 3 && got.iter().zip(&wanted).all(close), "{got:?}, not {wanted:?}");
}

#[test]
fn moves_are_counted_by_group_left_and_group_entered() {
    let mut moves = Moves::new(["new", "regular", "lost"]).unwrap();
    moves.count(&[0, 0, 0, 0, 1, 1, 2, 2], &[0, 1, 1, 2, 1, 2, 2, 2]).unwrap();
    moves.count(&[1, 1], &[0, 0]).unwrap();
    let counts: Vec<u64> = (0..9).map(|step| moves.between(step / 3, step % 3).unwrap()).collect();
    assert_eq!(counts, [1, 2, 1, 2, 1, 1, 0, 0, 2]);
    assert_eq!((moves.groups(), moves.names()), (3, ["new", "regular", "lost"].map(String::from).as_slice()));
    let share = |from, to| moves.share(from, to, Level::default()).unwrap().unwrap().estimate;
    assert_eq!([share(0, 1), share(1, 0), share(1, 2), share(2, 2)], [0.5, 0.5, 0.25, 1.0]);
    near(&moves.chain().steps()[3..6], [0.5, 0.25, 0.25]);
    assert_eq!(
        moves.to_string(),
        "new             1         2         1\n\
         regular         2         1         1\n\
         lost            0         0         2\n"
    );
    let text = |from, to| moves.between(from, to).unwrap_err().to_string();
    assert_eq!([text(3, 0), text(0, 3)], ["index 3 is out of range for 3 groups"; 2]);
    assert!(moves.share(3, 0, Level::default()).is_err());
}

#[test]
fn more_groups_than_pairs_can_be_kept_are_refused() {
    let names = |groups: usize| (0..groups).map(|group| group.to_string());
    assert_eq!(Moves::new(names(4_096)).unwrap().groups(), 4_096);
    assert_eq!(
        Moves::new(names(4_097)).unwrap_err().to_string(),
        "number of groups must be between 1 and 4096, got 4097"
    );
    assert_eq!(
        Moves::new(names(0)).unwrap_err().to_string(),
        "number of groups must be between 1 and 4096, got 0"
    );
    assert_eq!(Chain::new(0, &[]).unwrap_err().to_string(), "number of groups must be at least 1, got 0");
}

#[test]
fn a_forecast_follows_the_steps() {
    let chain = Chain::new(3, &STEPS).unwrap();
    assert_eq!(chain.steps(), STEPS);
    let now = [100.0, 40.0, 10.0];
    near(&chain.forecast(&now, 0).unwrap(), now);
    near(&chain.forecast(&now, 1).unwrap(), [54.0, 56.5, 39.5]);
    near(&chain.forecast(&now, 2).unwrap(), [32.65, 59.975, 57.375]);
    let text = |now: &[f64], periods| chain.forecast(now, periods).unwrap_err().to_string();
    assert_eq!(text(&now[..2], 1), "expected 3 groups of customers now, got 2");
    assert_eq!(text(&now, 1_000_001), "number of periods must be at most 1000000, got 1000001");
    assert!(chain.forecast(&now, 1_000_000).is_ok());
    assert_eq!(text(&[1.0, 1.0, 2e300], 1), "customers now[2] must be between 0 and 1e300, got 2e300");
}

#[test]
fn values_of_a_chain_are_those_in_fractions() {
    let chain = Chain::new(3, &STEPS).unwrap();
    let values = |term| chain.values(&REWARDS, 0.1, term).unwrap();
    near(&values(ChainTerm::Periods(0)), REWARDS);
    near(&values(ChainTerm::Periods(2)), [3236.0, 4588.0, 181.0].map(|parts| parts / 121.0));
    near(&values(ChainTerm::Forever), [7348.0, 8250.0, 4774.0].map(|parts| parts / 89.0));
    let text = |rewards: &[f64], rate, term| chain.values(rewards, rate, term).unwrap_err().to_string();
    assert_eq!(text(&REWARDS[..2], 0.1, ChainTerm::Forever), "expected 3 rewards, got 2");
    let periods = ChainTerm::Periods(1_000_001);
    assert_eq!(text(&REWARDS, 0.1, periods), "number of periods must be at most 1000000, got 1000001");
    assert!(chain.values(&REWARDS, 0.1, ChainTerm::Periods(1_000_000)).is_ok());
    // The ends of the ranges belong to them.
    near(&chain.values(&[1e100, -1e100, 0.0], 0.0, ChainTerm::Periods(0)).unwrap(), [1e100, -1e100, 0.0]);
    let above = 1e100_f64.next_up();
    assert!(
        text(&[0.0, -above, 0.0], 0.0, ChainTerm::Periods(0))
            .starts_with("rewards[1] must be between -1e100 and 1e100")
    );
    assert!(chain.values(&REWARDS, 1e6, ChainTerm::Forever).is_ok());
    assert!(chain.values(&REWARDS, 1e-9, ChainTerm::Forever).is_ok());
    assert!(
        text(&REWARDS, 1e6_f64.next_up(), ChainTerm::Forever)
            .starts_with("discount rate must be between 1e-9 and 1000000")
    );
}

#[cfg(feature = "serde")]
#[test]
fn what_is_stored_comes_back_with_its_counts() {
    let mut moves = Moves::new(["new", "regular", "lost"]).unwrap();
    moves.count(&[0, 0, 1, 2], &[1, 2, 1, 2]).unwrap();
    let text = serde_json::to_string(&moves).unwrap();
    assert_eq!(serde_json::from_str::<Moves>(&text).unwrap(), moves);
    let short = r#"{"names":["a","b"],"counts":[1,2,3]}"#;
    let refused = serde_json::from_str::<Moves>(short).unwrap_err().to_string();
    assert!(refused.starts_with("expected 4 counts, got 3"), "{refused}");
    let chain = Chain::new(3, &STEPS).unwrap();
    let text = serde_json::to_string(&chain).unwrap();
    assert_eq!(serde_json::from_str::<Chain>(&text).unwrap(), chain);
    assert!(serde_json::from_str::<Chain>(r#"{"groups":1,"steps":[0.5]}"#).is_err());
}
