//! Churn warning from customer features: predictors of loss, customers at risk, and reasons.

mod analysis;
mod encode;
mod files;
mod input;
mod options;

use std::fmt;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;
use crm_analytics::numbers::{Interval, Level};

use self::analysis::{Analysis, Part};
use crate::Error;
use crate::output::Files;

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let options = options::parse(matches)?;
    let input = input::read(&options)?;
    let analysis = Analysis::of(options, input)?;
    let mut tables = vec![
        ("warnings.csv", files::warnings(&analysis)?),
        ("coefficients.csv", files::coefficients(&analysis)),
        ("calibration.csv", files::calibration(&analysis)),
        ("lift.csv", files::lift(&analysis)),
    ];
    tables.extend(files::rescue(&analysis).map(|table| ("rescue.csv", table)));
    let json = format!("{:#}\n", files::json(&analysis));
    let said = analysis.to_string();
    let options = &analysis.options;
    // Both folders are ready before either gets a file.
    let mut files = Files::in_folder(&options.out)?;
    for (name, text) in &tables {
        files.add(name, self::files::put(text))?;
    }
    if let Some(path) = &options.json {
        Files::of(path, self::files::put(&json))?.publish()?;
    }
    files.publish()?;
    let names: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    Ok(format!("{said}\nwrote {} to {}", names.join(", "), options.out.display()))
}

/// Output for the terminal.
impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (customers, lost) = self.fitted.customers();
        writeln!(
            f,
            "learnt from {customers} customers, {lost} of them lost; judged on {} others; {} still open\n",
            self.judged.customers,
            self.count(Part::Open)
        )?;
        self.input.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        if !self.input.notes.is_empty() {
            writeln!(f)?;
        }
        self.odds(f)?;
        let judged = &self.judged;
        writeln!(
            f,
            "\nOn the holdout: AUC {:.4}, Brier {:.4}, log loss {:.4}",
            judged.auc, judged.brier, judged.log_loss
        )?;
        if let Some(skill) = judged.brier_skill {
            writeln!(f, "  {:.1} % of the Brier score of the overall rate is saved", 100.0 * skill)?;
        }
        writeln!(f, "\nForecast and observed shares, by tenths of the holdout\n")?;
        for bin in &judged.calibration {
            let Interval { estimate, lower, upper, .. } = bin.observed;
            writeln!(
                f,
                "  {:>5} customers  forecast {:.3}  observed {estimate:.3} ({lower:.3} to {upper:.3})",
                bin.customers, bin.forecast
            )?;
        }
        if let Some(line) = &judged.line {
            writeln!(
                f,
                "  line: slope {:.2} (standard error {:.2}; 1 is right), intercept {:.2} ({:.2}; 0 is right)",
                line.slope, line.slope_error, line.intercept, line.intercept_error
            )?;
        }
        writeln!(f, "\nLift by tenths, most likely to be lost first\n")?;
        for gain in &judged.gains {
            writeln!(
                f,
                "  {:>2}  lost {:>5.1} %  lift {:.2}  {:>5.1} % of the lost so far",
                gain.bin,
                100.0 * gain.rate,
                gain.lift,
                100.0 * gain.captured
            )?;
        }
        let cut = &self.cut;
        writeln!(
            f,
            "\nWarn from a probability of {:.3} on: a false alarm costs {}, a miss {}.\n  On the holdout: {} warned of in \
             time, {} false alarms, {} missed, {} left in peace; cost {:.2}",
            cut.threshold,
            self.costs.false_alarm(),
            self.costs.miss(),
            cut.hits,
            cut.false_alarms,
            cut.misses,
            cut.quiet,
            cut.cost
        )?;
        let best = &self.hindsight;
        writeln!(f, "  In hindsight the best threshold was {:.3}, cost {:.2}", best.threshold, best.cost)?;
        self.first(f)?;
        if let Some((places, list)) = &self.rescue {
            writeln!(f, "\nRescue list over {} customers: {list}", places.len())?;
        }
        Ok(())
    }
}

impl Analysis {
    fn odds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "What one standard deviation more multiplies the odds of a loss with\n")?;
        let mut rows = self.fitted.coefficients(Level::default());
        rows.sort_by(|a, b| b.coefficient.abs().total_cmp(&a.coefficient.abs()));
        let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        for row in &rows {
            let Interval { estimate, lower, upper, .. } = row.odds_ratio;
            writeln!(
                f,
                "  {:<width$}  {estimate:>6.3} ({lower:.3} to {upper:.3})  p {:.4}",
                row.name, row.p_value
            )?;
        }
        for (name, why) in self.fitted.left_out() {
            use crm_analytics::lifecycle::logistic::OmittedColumn;
            let why = match why {
                OmittedColumn::Constant => "it is the same for everybody",
                OmittedColumn::Follows => "it follows from the features before it",
            };
            writeln!(f, "  {name} was left out: {why}")?;
        }
        if self.fitted.separated() {
            writeln!(
                f,
                "  Take care: the features tell all losses without a mistake; was one of them known only afterwards?"
            )?;
        }
        Ok(())
    }

    /// Writes the customers at the highest risk among those with an open outcome or, if there are
    /// none, in the holdout.
    fn first(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = if self.count(Part::Open) > 0 { Part::Open } else { Part::Holdout };
        let own =
            self.parts.iter().zip(&self.probabilities).enumerate().filter(|(_, (own, _))| **own == part);
        let mut ranked: Vec<(usize, f64)> = own.map(|(place, (_, p))| (place, *p)).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        writeln!(f, "\nMost likely to be lost\n")?;
        for (place, p) in ranked.into_iter().take(5) {
            let reasons = self.reasons(place).unwrap_or_default();
            let id = self.input.ids.get(place).map_or("", String::as_str);
            writeln!(f, "  {id}: {:.0} %", 100.0 * p)?;
            for reason in reasons.iter().take(3) {
                writeln!(f, "    {reason}")?;
            }
        }
        Ok(())
    }
}
