//! The two output files.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Analysis, Line};

/// Writes one object per model.
pub(super) fn write_json(lines: &[Line<'_>], file: &mut dyn Write) -> io::Result<()> {
    let all: Vec<Value> = lines.iter().map(object).collect();
    serde_json::to_writer_pretty(&mut *file, &all)?;
    writeln!(file)
}

fn object(line: &Line<'_>) -> Value {
    let fit = match &line.result {
        Ok(fit) => fit,
        Err(why) => {
            return json!({
                "model": line.name, "parameters": {}, "standard_errors": {}, "log_likelihood": null,
                "aic": null, "bic": null, "diagnosis": [why], "seconds": null, "holdout": null,
            });
        }
    };
    let (report, accuracy) = (&fit.report, &fit.trial.accuracy);
    let by_name = |values: Vec<Value>| -> Map<String, Value> {
        report.parameters.iter().map(|parameter| parameter.name.to_string()).zip(values).collect()
    };
    let parameters = report.parameters.iter();
    json!({
        "model": line.name,
        "parameters": by_name(parameters.clone().map(|parameter| json!(parameter.value)).collect()),
        "standard_errors": by_name(parameters.map(|parameter| json!(parameter.standard_error)).collect()),
        "log_likelihood": report.ln_likelihood,
        "aic": report.aic,
        "bic": report.bic,
        "diagnosis": report.diagnosis.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "seconds": fit.trial.time.as_secs_f64(),
        "holdout": {
            "customers": accuracy.customers,
            "predicted_total": accuracy.predicted_total,
            "actual_total": accuracy.actual_total,
            "mae": accuracy.mae,
            "rmse": accuracy.rmse,
            "msle": accuracy.msle,
            "auc": accuracy.auc,
        },
    })
}

/// Writes one row per customer.
pub(super) fn write_predictions(
    analysis: &Analysis,
    lines: &[Line<'_>],
    file: &mut dyn Write,
) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    let mut header = ["customer_id", "frequency", "recency", "age"].map(str::to_owned).to_vec();
    for line in lines {
        let prefix = column(&line.name);
        header.extend(["p_alive", "expected", "lower", "upper"].map(|figure| format!("{prefix}_{figure}")));
    }
    table.write_record(&header)?;
    for (n, (outcome, history)) in analysis.split.outcomes().zip(analysis.holdout.customers()).enumerate() {
        let mut record = vec![
            outcome.id.clone(),
            history.frequency().to_string(),
            history.recency().to_string(),
            history.age().to_string(),
        ];
        for line in lines {
            let fit = line.result.as_ref().ok();
            let figure = |values: Option<&[f64]>| {
                values
                    .and_then(|values| values.get(n))
                    .map_or_else(String::new, |value| format!("{value:.6}"))
            };
            let interval = fit.and_then(|fit| fit.intervals.get(n).copied().flatten());
            let bound = |bound: Option<u32>| bound.map_or_else(String::new, |bound| bound.to_string());
            record.push(figure(fit.map(|fit| fit.p_alive.as_slice())));
            record.push(figure(fit.map(|fit| fit.trial.predicted.as_slice())));
            record.push(bound(interval.map(|interval| interval.lower)));
            record.push(bound(interval.map(|interval| interval.upper)));
        }
        table.write_record(&record)?;
    }
    table.flush()
}

/// Returns the name of a model as used in columns, such as `bg_nbd`.
fn column(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
