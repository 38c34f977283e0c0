//! CDNOW's sample: who stays silent in the 39 weeks after the first 39?
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it found"
)]

use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, SummaryRules};
use crm_lifecycle::hmm::{Design, HmmOptions, Sequences, fit};
use crm_numbers::TimeUnit;
use crm_statistics::RankingQuality;

#[test]
fn silence_ranks_the_active() {
    let Some(folder) = std::env::var_os("CRM_DATA").map(std::path::PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the CDNOW files");
        return;
    };
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let ledger: Ledger<String, Decimal> =
        CsvOrders::new().with_amount_column("spend_usd").read_path(folder.join("cdnow_sample.csv")).unwrap();
    let weeks = SummaryRules::default().with_unit(TimeUnit::Week);
    let observation = Observation::until(date(1998, 6, 30)).with_rules(weeks);
    let split = ledger.split(&observation, date(1997, 9, 30)).unwrap();
    let active: Vec<bool> = split.outcomes().map(|outcome| outcome.purchases > 0).collect();
    assert_eq!(active.len(), 2_357);
    let (data, numbers) =
        Sequences::from_ledger(&ledger, &Observation::until(date(1997, 9, 30)), 14).unwrap();
    assert_eq!((data.customers(), numbers.len()), (2_357, 2_357));
    let fitted = fit(&Design::default(), &data, &HmmOptions::default()).unwrap();
    let standings = fitted.model().standings(&data).unwrap();
    // 39 weeks are 19.5 periods.
    let bought = |now| 1.0 - fitted.model().forecast(now, 20).unwrap().silent();
    let auc = |scores: &[f64]| RankingQuality::new(scores, &active).unwrap().auc();
    let by_stages = auc(&standings.periods().map(bought).collect::<Vec<f64>>());

    // P(alive) of MBG/NBD with the published parameters: Batislam, Denizel and Filiztekin (2007), equation 10.
    let (r, alpha, a, b) = (0.5248, 6.1831, 0.8914, 1.6140);
    let p_alive = |frequency: u32, recency: f64, age: f64| {
        let x = f64::from(frequency);
        1.0 / (1.0 + a / (b + x) * ((alpha + age) / (alpha + recency)).powf(r + x))
    };
    let alive = split.outcomes().map(|outcome| outcome.calibration);
    let by_p_alive = auc(&alive.map(|c| p_alive(c.frequency, c.recency, c.age)).collect::<Vec<f64>>());
    eprintln!("AUC of 1 - P(silent): {by_stages:.4}; of P(alive) by MBG/NBD: {by_p_alive:.4}\n{fitted}");
    assert!(by_stages >= 0.7525, "{by_stages}");
}
