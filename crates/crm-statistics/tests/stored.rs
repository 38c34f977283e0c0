//! Whatever is stored is read back, and whatever a constructor refuses, reading refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crm_statistics::survival::{Lifetimes, Limits, log_rank};
use crm_statistics::{
    Concentration, Direction, Negatives, Proportion, ProportionMethod, QuantileMethod, RankingQuality, Ties,
};
use crm_testing::assert_stored;

#[test]
fn settings_are_stored_by_their_names() {
    Negatives::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Ties::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Direction::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    QuantileMethod::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    ProportionMethod::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Limits::ALL.iter().for_each(|value| assert_stored(value, |_| true));
}

#[test]
fn a_proportion_passes_its_gate() {
    let accepts = |read: &Proportion| Proportion::new(read.successes(), read.trials()).is_ok();
    assert_stored(&Proportion::new(81, 263).unwrap(), accepts);
}

#[test]
fn results_are_stored_as_they_are() {
    let spread = Concentration::new(&[3_i64, 1], Negatives::Refuse).unwrap();
    assert_stored(&spread.top(1).unwrap(), |_| true);
    spread.lorenz().for_each(|point| assert_stored(&point, |_| true));
    let quality = RankingQuality::new(&[4, 3, 2, 1], &[true, true, false, true]).unwrap();
    quality.gains(2).unwrap().iter().for_each(|gain| assert_stored(gain, |_| true));
    let lifetimes = Lifetimes::new(&[1, 2, 3, 4], &[true, false, true, false]).unwrap();
    lifetimes.kaplan_meier().steps().iter().for_each(|step| assert_stored(step, |_| true));
    lifetimes.nelson_aalen().steps().iter().for_each(|step| assert_stored(step, |_| true));
    assert_stored(&log_rank(&[lifetimes.clone(), lifetimes]).unwrap(), |_| true);
}
