//! CSV tables, and the measures as JSON.

use std::io::{Result, Write};

use crm_analytics::numbers::Level;
use serde_json::{Map, Value, json};

use super::analysis::{Analysis, Part};
use crate::Error;

/// Returns the warning about every customer, with reasons.
pub(super) fn warnings(analysis: &Analysis) -> std::result::Result<String, Error> {
    let mut rows = vec![row(&["customer_id", "part", "probability", "warned", "lost", "reasons"])];
    let people = analysis.input.ids.iter().zip(&analysis.parts).zip(&analysis.probabilities);
    for (place, ((id, part), probability)) in people.enumerate() {
        let part = match part {
            Part::Learnt => "learnt",
            Part::Holdout => "holdout",
            Part::Open => "open",
        };
        let lost = match analysis.input.lost.get(place) {
            Some(Some(true)) => "yes",
            Some(Some(false)) => "no",
            _ => "",
        };
        let warned = if analysis.warned(place) { "yes" } else { "no" };
        let reasons = analysis.reasons(place)?;
        let first: Vec<&str> = reasons.iter().take(3).map(String::as_str).collect();
        let probability = format!("{probability:.6}");
        rows.push(row(&[id.as_str(), part, &probability, warned, lost, &first.join(" | ")]));
    }
    Ok(rows.concat())
}

/// Returns the coefficients as odds ratios.
pub(super) fn coefficients(analysis: &Analysis) -> String {
    let mut rows = vec![row(&[
        "feature",
        "coefficient",
        "standard_error",
        "odds_ratio",
        "lower",
        "upper",
        "odds_ratio_per_unit",
        "p_value",
    ])];
    for found in analysis.fitted.coefficients(Level::default()) {
        let odds = found.odds_ratio;
        let numbers = [
            found.coefficient,
            found.standard_error,
            odds.estimate,
            odds.lower,
            odds.upper,
            found.odds_ratio_per_unit.estimate,
            found.p_value,
        ];
        let cells: Vec<String> =
            std::iter::once(found.name).chain(numbers.map(|number| number.to_string())).collect();
        rows.push(row(&cells));
    }
    rows.concat()
}

/// Returns predicted and observed shares on the holdout.
pub(super) fn calibration(analysis: &Analysis) -> String {
    let mut rows =
        vec![row(&["customers", "lowest", "highest", "forecast", "lost", "observed", "lower", "upper"])];
    for bin in &analysis.judged.calibration {
        let cells = [
            bin.customers.to_string(),
            bin.lowest.to_string(),
            bin.highest.to_string(),
            bin.forecast.to_string(),
            bin.positives.to_string(),
            bin.observed.estimate.to_string(),
            bin.observed.lower.to_string(),
            bin.observed.upper.to_string(),
        ];
        rows.push(row(&cells));
    }
    rows.concat()
}

/// Returns the holdout by tenths, the highest risk first.
pub(super) fn lift(analysis: &Analysis) -> String {
    let mut rows = vec![row(&["decile", "rate", "lift", "captured", "cumulative_lift"])];
    for gain in &analysis.judged.gains {
        let numbers = [gain.rate, gain.lift, gain.captured, gain.cumulative_lift];
        let cells: Vec<String> =
            std::iter::once(gain.bin.to_string()).chain(numbers.map(|number| number.to_string())).collect();
        rows.push(row(&cells));
    }
    rows.concat()
}

/// Returns the rescue list, in order.
pub(super) fn rescue(analysis: &Analysis) -> Option<String> {
    let (places, list) = analysis.rescue.as_ref()?;
    let mut rows =
        vec![row(&["customer_id", "probability", "value_at_risk", "cost", "expected_gain", "spent"])];
    for rescue in list.places() {
        let place = *places.get(rescue.customer)?;
        let probability = format!("{:.6}", analysis.probabilities.get(place)?);
        let money = [rescue.at_risk, rescue.cost, rescue.gain, rescue.spent];
        let cells: Vec<String> = [analysis.input.ids.get(place)?.clone(), probability]
            .into_iter()
            .chain(money.map(|amount| format!("{amount:.2}")))
            .collect();
        rows.push(row(&cells));
    }
    Some(rows.concat())
}

/// Returns the measures and coefficients.
pub(super) fn json(analysis: &Analysis) -> Value {
    let (judged, fitted) = (&analysis.judged, &analysis.fitted);
    let found = fitted.coefficients(Level::default());
    let coefficients: Map<String, Value> =
        found.iter().map(|found| (found.name.clone(), found.coefficient.into())).collect();
    let odds_ratios: Map<String, Value> =
        found.iter().map(|found| (found.name.clone(), json!(found.odds_ratio))).collect();
    let cut = |cut: &crm_analytics::lifecycle::warning::WarningCutoff| {
        json!({
            // Above every probability if there are no warnings.
            "threshold": cut.threshold.is_finite().then_some(cut.threshold),
            "cost": cut.cost,
            "hits": cut.hits,
            "false_alarms": cut.false_alarms,
            "misses": cut.misses,
            "quiet": cut.quiet,
        })
    };
    json!({
        "auc": judged.auc,
        "brier": judged.brier,
        "log_loss": judged.log_loss,
        "n_train": analysis.count(Part::Learnt),
        "n_test": judged.customers,
        "intercept": fitted.model().intercept(),
        "coefficients": coefficients,
        "odds_ratios": odds_ratios,
        "left_out": fitted.left_out().map(|(name, why)| (name.to_owned(), json!(why))).collect::<Map<_, _>>(),
        "separated": fitted.separated(),
        "calibration": judged.calibration,
        "calibration_line": judged.line,
        "lift": judged.gains,
        "cost_chosen": cut(&analysis.cut),
        "best_in_hindsight": cut(&analysis.hindsight),
    })
}

/// Formats one row of CSV.
fn row(cells: &[impl AsRef<[u8]>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and text cells stay text.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Writes a complete text.
pub(super) fn put(text: &str) -> impl FnOnce(&mut dyn Write) -> Result<()> {
    move |file| file.write_all(text.as_bytes())
}
