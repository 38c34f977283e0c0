//! Fits to CDNOW against the published figures.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

use crm_btyd::{
    BgNbd, FitOptions, Fitted, GammaGamma, Histories, History, Horizon, MbgNbd, Model, Repeat, Spends, fit,
};
use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, Rules, Split, TimeUnit};

/// CDNOW's sample, cut after 39 weeks; `None` after saying that the data are not here.
fn sample() -> Option<Split<String, Decimal>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(std::path::PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the CDNOW files");
        return None;
    };
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let ledger: Ledger<String, Decimal> =
        CsvOrders::new().with_amount_column("spend_usd").read_path(folder.join("cdnow_sample.csv")).unwrap();
    let weeks = Rules::default().with_unit(TimeUnit::Week);
    let observation = Observation::until(date(1998, 6, 30)).with_rules(weeks);
    Some(ledger.split(&observation, date(1997, 9, 30)).unwrap())
}

/// Published digits: the value lies within half a unit of the last one.
fn assert_published(value: f64, published: &str, what: &str) {
    let decimals = published.split('.').nth(1).map_or(0, str::len) as i32;
    let expected: f64 = published.parse().unwrap();
    assert!(
        (value - expected).abs() <= 0.500_001 * 10f64.powi(-decimals),
        "{what}: {value} instead of {published}"
    );
}

fn fitted<M: Model<Data = Histories>>(split: &Split<String, Decimal>) -> Fitted<M> {
    let histories = Histories::from_summaries(split.calibration()).unwrap();
    assert_eq!(histories.customers(), 2_357);
    fit::<M>(&histories, &FitOptions::default()).unwrap()
}

fn check<M: Model>(fitted: &Fitted<M>, parameters: &[&str], errors: &[&str], ln_likelihood: &str) {
    assert_published(fitted.ln_likelihood(), ln_likelihood, "ln L");
    assert_eq!(fitted.diagnosis(), []);
    for (((name, theta, error), published), published_error) in
        fitted.parameters().zip(parameters).zip(errors)
    {
        assert_published(theta, published, name);
        assert_published(error.unwrap(), published_error, name);
    }
}

/// Expected purchases in the holdout, summed over customers.
fn holdout_total<M: Repeat>(split: &Split<String, Decimal>, model: &M) -> f64 {
    let horizon = Horizon::new(split.holdout_length()).unwrap();
    let expected = |history: &History| model.expected_purchases(history, horizon);
    split.outcomes().map(|outcome| expected(&History::from_summary(&outcome.calibration).unwrap())).sum()
}

#[test]
fn bg_nbd() {
    let Some(split) = sample() else { return };
    let fitted = fitted::<BgNbd>(&split);
    // The published b, 2.42589, is where another optimiser stopped; the top is a little further on.
    let published = BgNbd::new(0.2425945, 4.4136019, 0.7929199, 2.4258881).unwrap();
    let histories = Histories::from_summaries(split.calibration()).unwrap();
    let slope = |model: &BgNbd| {
        let derivatives = model.derivatives(&histories);
        derivatives
            .gradient
            .iter()
            .zip(model.theta())
            .map(|(slope, theta)| (slope * theta).abs())
            .fold(0.0, f64::max)
    };
    assert!(fitted.ln_likelihood() > published.ln_likelihood(&histories));
    assert!(
        slope(fitted.model()) < 1e-7 && slope(&published) > 1e-4,
        "{} {}",
        slope(fitted.model()),
        slope(&published)
    );
    check(
        &fitted,
        &["0.24259", "4.4136", "0.7929", "2.4259"],
        &["0.01256", "0.3782", "0.1857", "0.7054"],
        "-9582.4292",
    );
    assert_published(holdout_total(&split, fitted.model()), "1653.4", "holdout");
}

#[test]
fn mbg_nbd() {
    let Some(split) = sample() else { return };
    let fitted = fitted::<MbgNbd>(&split);
    check(
        &fitted,
        &["0.5248", "6.1831", "0.8914", "1.6140"],
        &["0.0833", "0.6956", "0.1548", "0.5375"],
        "-9582.1357",
    );
    assert_published(holdout_total(&split, fitted.model()), "1576.7", "holdout");
}

#[test]
fn gamma_gamma() {
    let Some(split) = sample() else { return };
    let spends = Spends::from_summaries(split.calibration());
    let fitted = fit::<GammaGamma>(&spends, &FitOptions::default()).unwrap();
    assert_eq!(fitted.customers(), 946);
    eprintln!("{fitted}");
    let [p, q, gamma] = fitted.model().theta();
    assert_published(p, "6.25", "p");
    assert_published(q, "3.74", "q");
    assert_published(gamma, "15.4", "gamma");
    assert_published(fitted.ln_likelihood(), "-4055.92", "ln L");
}
