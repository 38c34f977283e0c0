//! Output for the terminal: fits, holdout measures of models and naive rules, and their
//! interpretation.

use std::fmt::Write as _;

use crm_analytics::btyd::validation::{Accuracy, Bin, RankingCriterion};

use super::{Analysis, LEVEL, Line};
use crate::{Error, input};

pub(super) fn of(analysis: &Analysis, lines: &[Line<'_>]) -> Result<String, Error> {
    let mut text = format!("{}\n", analysis.input.ledger.quality());
    let (split, holdout) = (&analysis.split, &analysis.holdout);
    if let Some(rows) = input::left_out(split.holdout(), &analysis.choice.options) {
        let _ = writeln!(text, "{rows}");
    }
    let unit = analysis.choice.options.unit;
    let _ = writeln!(
        text,
        "\n{} customers up to {}, judged by the {:.2} {unit}s up to {}; {} came later and are left out\n",
        holdout.customers().len(),
        analysis.choice.calibration_end,
        holdout.horizon().get(),
        split.holdout().observation().end(),
        split.born_in_holdout()
    );
    for line in lines {
        match &line.result {
            Ok(fit) => {
                let _ = writeln!(text, "{}\n", fit.report);
            }
            Err(why) => {
                let _ = writeln!(text, "{} could not be fitted: {why}\n", line.name);
            }
        }
    }
    figures(&mut text, analysis, lines);
    deciles(&mut text, analysis)?;
    if let Some(regularity) = &analysis.regularity {
        let _ = writeln!(text, "\n{regularity}");
    }
    for &criterion in RankingCriterion::ALL {
        let mark = if criterion == analysis.choice.criterion { "* " } else { "  " };
        let _ = write!(text, "\n{mark}{}", analysis.comparison.ranked(criterion).verdict());
    }
    let files: Vec<String> = analysis.files().iter().map(|path| path.display().to_string()).collect();
    if !files.is_empty() {
        let _ = write!(text, "\n\nwrote {}", files.join(" and "));
    }
    Ok(text)
}

/// Writes all models and rules in the order of the criterion.
fn figures(text: &mut String, analysis: &Analysis, lines: &[Line<'_>]) {
    let actual = analysis.comparison.trials().first().map_or(0, |trial| trial.accuracy.actual_total);
    let _ = writeln!(
        text,
        "Holdout, {actual} purchases, best {} first; \"within\" is the share inside the {:.0} % predictive interval\n",
        analysis.choice.criterion.label(),
        100.0 * LEVEL
    );
    let _ = writeln!(
        text,
        "{:<16} {:>9} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>9}",
        "forecast", "total", "bias", "MAE", "RMSE", "MSLE", "AUC", "top 10%", "within", "seconds"
    );
    let ranking = analysis.comparison.ranked(analysis.choice.criterion);
    let ranked = ranking.places().iter().map(|place| (place.name.as_str(), place.naive));
    let rest = ranking.unranked().iter().map(|name| (name.as_str(), false));
    for (name, naive) in ranked.chain(rest) {
        let trials = analysis.comparison.trials();
        let Some(trial) = trials.iter().find(|trial| trial.name == name) else { continue };
        let Accuracy { predicted_total, bias, mae, rmse, msle, auc, top_decile, .. } = trial.accuracy;
        let optional = |value: Option<f64>, percent: bool| match value {
            Some(value) if percent => format!("{:.1}%", 100.0 * value),
            Some(value) => format!("{value:.4}"),
            None => "-".to_owned(),
        };
        let fit = lines.iter().find(|line| line.name == name).and_then(|line| line.result.as_ref().ok());
        let within = fit.and_then(|fit| fit.coverage.share());
        let seconds =
            fit.map_or_else(|| "-".to_owned(), |fit| format!("{:.4}", fit.trial.time.as_secs_f64()));
        let shown = if naive { format!("({})", name.replace('_', " ")) } else { name.to_owned() };
        let _ = writeln!(
            text,
            "{shown:<16} {predicted_total:>9.1} {:>7.1}% {mae:>8.4} {rmse:>8.4} {msle:>8.4} {:>7} {:>7} {:>7} {seconds:>9}",
            100.0 * bias,
            optional(auc, false),
            optional(top_decile, true),
            optional(within, true),
        );
    }
}

/// Writes the tenths of the customers as ranked by the best model.
fn deciles(text: &mut String, analysis: &Analysis) -> Result<(), Error> {
    let ranking = analysis.comparison.ranked(analysis.choice.criterion);
    let best = ranking.places().iter().find(|place| !place.naive);
    let trials = analysis.comparison.trials();
    let trial = best.and_then(|best| trials.iter().find(|trial| trial.name == best.name));
    let Some(trial) = trial else { return Ok(()) };
    let bins = Bin::cut(&trial.predicted, analysis.holdout.actual(), 10).map_err(Error::refused)?;
    let _ = writeln!(text, "\nTenths of the customers, those predicted most by {} first\n", trial.name);
    let _ =
        writeln!(text, "{:<5} {:>10} {:>8} {:>6} {:>9}", "tenth", "predicted", "actual", "lift", "captured");
    for bin in bins {
        let _ = writeln!(
            text,
            "{:<5} {:>10.3} {:>8.3} {:>6.2} {:>8.1}%",
            bin.bin,
            bin.predicted,
            bin.actual,
            bin.lift,
            100.0 * bin.captured
        );
    }
    Ok(())
}
