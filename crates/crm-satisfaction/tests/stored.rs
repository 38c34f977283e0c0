//! The law of stored types, for every type of this crate that is read back.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crm_satisfaction::drivers::{DriverAction, FactorClass, PenaltyReward, RedundantMark};
use crm_satisfaction::feedback::{Case, CaseKey, CaseKind, CaseOutcome, CustomerContact};
use crm_satisfaction::index::{Band, GapBand, GapBands, Index, IndexBands, MiddleBand, Origin};
use crm_satisfaction::kano::{KanoCategory, KanoCounts, KanoQuadrant, KanoReply};
use crm_satisfaction::path_model::{Metric, Weighting};
use crm_satisfaction::scores::{Nps, NpsMethod};
use crm_satisfaction::{Answer, GoodEnd, NaiveDate, Scale, Tally};
use crm_testing::assert_stored;
use serde_json::json;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 3, day).unwrap()
}

/// Whether the public constructors accept the parts of a scale.
fn is_scale(scale: &Scale) -> bool {
    let labels: Vec<&str> =
        (scale.min()..=scale.max()).take(2_000).map_while(|value| scale.label(value)).collect();
    let plain = Scale::new(scale.min(), scale.max());
    plain.is_ok_and(|plain| labels.is_empty() || plain.with_labels(labels).is_ok())
}

#[test]
fn scales_answers_and_tallies() {
    let labeled = Scale::new(1, 3).unwrap().with_labels(["bad", "so so", "good"]).unwrap();
    for scale in [Scale::zero_to_ten(), labeled, Scale::new(1, 6).unwrap().with_good_end(GoodEnd::Low)] {
        assert_stored(&scale, is_scale);
    }
    for answer in [Answer::Value(4), Answer::Missing, Answer::DoesNotApply] {
        assert_stored(&answer, |_| true);
    }
    let tally = Tally::new(&Scale::new(1, 3).unwrap(), &[2, 0, 4]).unwrap();
    assert_stored(&tally, |tally| {
        is_scale(tally.scale()) && Tally::new(tally.scale(), tally.counts()).is_ok()
    });
}

#[test]
fn indices_and_scores() {
    assert_stored(&Index::new(6.0, 8.0).unwrap(), |index| {
        Index::new(index.perceived(), index.expected()).is_ok()
    });
    assert_stored(&IndexBands::default(), |bands| IndexBands::new(bands.tolerance(), bands.middle()).is_ok());
    assert_stored(&GapBands::new(0.25).unwrap(), |bands| GapBands::new(bands.tolerance()).is_ok());
    assert_stored(&Nps::new(6, 1, 3).unwrap(), |nps| {
        Nps::new(nps.promoters(), nps.passives(), nps.detractors()).is_ok()
    });
    assert_stored(&PenaltyReward::new(2.0, 4.0, 0.05).unwrap(), |analysis| {
        let again = PenaltyReward::new(analysis.low(), analysis.high(), analysis.alpha());
        again.and_then(|again| again.with_minimum(analysis.minimum())).is_ok()
    });
}

#[test]
fn counts_cases_and_contacts() {
    assert_stored(&KanoCounts::default(), |_| true);
    let case = Case::new(CaseKind::Complaint, "ada", day(1)).with_cause("late");
    assert_stored(&case.clone().closed(day(2), Some(CaseOutcome::Rejected)), |_| true);
    assert_stored(&case, |_| true);
    let contact = CustomerContact { customer: "ada".to_owned(), unit: "sales".to_owned(), day: day(1) };
    assert_stored(&contact, |_| true);
}

#[test]
fn names_of_every_enum() {
    GoodEnd::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Origin::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    MiddleBand::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Band::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    GapBand::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    NpsMethod::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    KanoReply::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    KanoCategory::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    KanoQuadrant::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    DriverAction::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    FactorClass::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    RedundantMark::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Weighting::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Metric::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    CaseKind::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    CaseOutcome::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    CaseKey::ALL.iter().for_each(|value| assert_stored(value, |_| true));
}

/// Objects with names in `snake_case`, and the spelling of other sources.
#[test]
fn stored_texts_read_as_people_write_them() {
    assert_eq!(json!(Index::new(6.0, 8.0).unwrap()), json!({"perceived": 6.0, "expected": 8.0}));
    assert_eq!(json!(Nps::new(6, 1, 3).unwrap()), json!({"promoters": 6, "passives": 1, "detractors": 3}));
    assert_eq!(json!(IndexBands::default()), json!({"tolerance": 0.05, "middle": "about_satisfied"}));
    assert_eq!(json!([Answer::Value(4), Answer::DoesNotApply]), json!([{"value": 4}, "does_not_apply"]));
    assert_eq!("standardised".parse(), Ok(Metric::Standardized));
    assert_eq!(("enquiry".parse(), "m".parse()), (Ok(CaseKind::Inquiry), Ok(KanoCategory::MustBe)));
    let text = "pca".parse::<Weighting>().unwrap_err().to_string();
    assert_eq!(text, "unknown weighting scheme \"pca\"; expected one of centroid, factorial, path");
}
