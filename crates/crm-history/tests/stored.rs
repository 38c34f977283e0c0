//! Whatever is stored is read back, and whatever a constructor refuses, reading refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crm_history::{
    DataQuality, Day, Decimal, Distinct, FirstPurchase, Ledger, Observation, QualityWarning, Refunds,
    RefusalReason, SamePeriod, Summaries, SummaryRules,
};
use crm_numbers::{ReadAmountError, TimeUnit};
use crm_testing::{assert_stored, assert_stored_with_maps};

fn day(since_epoch: i32) -> Day {
    Day::new(since_epoch).unwrap()
}

fn rules() -> [SummaryRules; 2] {
    let merged = SummaryRules::default().with_unit(TimeUnit::Week);
    let separate = merged
        .with_same_period(SamePeriod::Separate)
        .with_refunds(Refunds::CountedAsPurchases)
        .with_first_purchase(FirstPurchase::Included);
    [merged, separate]
}

#[test]
fn rules_are_stored_by_their_names() {
    Refunds::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    FirstPurchase::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    rules().iter().for_each(|rules| assert_stored(rules, |_| true));
    assert_eq!(
        serde_json::to_string(&rules()[1]).unwrap(),
        r#"{"unit":"week","same_period":"separate","refunds":"counted_as_purchases","first_purchase":"included"}"#
    );
    let refused = serde_json::from_str::<SummaryRules>(r#"{"units": "week"}"#).unwrap_err().to_string();
    assert!(refused.starts_with("unknown field `units`"), "{refused}");
}

#[test]
fn an_observation_passes_its_gate() {
    let observation = Observation::until(day(30)).with_start(day(3)).unwrap();
    assert_stored(&observation, |read| match read.start() {
        Some(start) => Observation::until(read.end()).with_start(start).is_ok(),
        None => true,
    });
    assert_stored(&day(30), |day| Day::new(day.since_epoch()).is_ok());
    assert_stored(&day(30).period(TimeUnit::Month), |_| true);
}

#[test]
fn a_report_on_the_data_does_not_contradict_itself() {
    let rows = [("ada", day(3), -1_i64), ("ada", day(3), -1), ("bob", day(900), 0)];
    let mut builder = Ledger::builder();
    rows.iter().for_each(|&(id, day, amount)| builder.push(id, day, amount).unwrap());
    let quality = builder.with_today(day(10)).build().quality().clone();
    assert_stored(&quality, |read: &DataQuality| {
        let kept =
            [read.duplicates, read.refunds, read.zero_amounts, read.future_dates, read.ambiguous_dates];
        read.accepted <= read.rows && kept.iter().all(|finding| finding.count <= read.accepted)
    });
    let reasons = [
        RefusalReason::MissingId,
        RefusalReason::Date { format: "%d.%m.%Y".to_owned() },
        RefusalReason::Amount(ReadAmountError::TooFine { decimals: 2 }),
        RefusalReason::Fields { expected: 3, got: 2 },
        RefusalReason::Lines { last: 7 },
        RefusalReason::NotText,
    ];
    reasons.iter().for_each(|reason| assert_stored(reason, |_| true));
    let warning = QualityWarning::UnrepeatedIds { column: "id".to_owned(), rows: 5 };
    assert_stored(&warning, |_| true);
}

fn ledger() -> Ledger<String, Decimal> {
    let mut builder = Ledger::builder();
    let rows = [("ada", 3, 1_999), ("ada", 9, 500), ("bob", 4, -250), ("bob", 8, 1_000), ("ada", 40, 1)];
    rows.iter()
        .for_each(|&(id, at, cents)| builder.push(id.to_owned(), day(at), Decimal::new(cents, 2)).unwrap());
    builder.add_prospect("eve".to_owned(), Some(day(5)));
    builder.build()
}

#[test]
fn a_ledger_and_its_summaries_come_back() {
    let ledger = ledger();
    assert_stored(&ledger, |read: &Ledger<String, Decimal>| {
        let ids = read.ids();
        ids.iter().enumerate().all(|(index, id)| read.find(id).unwrap().index() == index)
    });
    for rules in rules() {
        let observation = Observation::until(day(30)).with_rules(rules);
        let summaries = ledger.summarize(&observation).unwrap();
        let sound = |read: &Summaries<String, Decimal>| {
            read.buyers()
                .all(|(_, _, one)| one.frequency + 1 == one.purchases && one.recency >= 0.0 && one.age >= 0.0)
        };
        assert_stored_with_maps(&summaries, &[], sound);
        let text = serde_json::to_string(&summaries).unwrap();
        let back: Summaries<String, Decimal> = serde_json::from_str(&text).unwrap();
        let later = Observation::until(day(60)).with_rules(rules).with_start(day(31)).unwrap();
        let later = ledger.summarize(&later).unwrap();
        assert_eq!(back.merge(&later).unwrap(), summaries.merge(&later).unwrap());
        for (_, _, summary) in summaries.buyers() {
            assert_stored(&summary, |_| true);
        }
        summaries.distinct().iter().for_each(|row: &Distinct| assert_stored(row, |_| true));
    }
}
