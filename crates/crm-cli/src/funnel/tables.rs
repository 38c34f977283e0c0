//! CSV tables.

use std::io::{self, Write};

use crm_analytics::numbers::{Interval, Level};
use crm_analytics::statistics::survival::Limits;

use super::analysis::Analysis;

fn limits(share: Option<Interval>) -> [String; 3] {
    let text = |share: f64| format!("{share:.6}");
    share.map_or_else(Default::default, |share| [share.estimate, share.lower, share.upper].map(text))
}

/// Writes one row per step.
pub(super) fn steps(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record([
        "from",
        "to",
        "entered",
        "went_on",
        "lost",
        "open",
        "so_far",
        "so_far_lower",
        "so_far_upper",
        "decided",
        "decided_lower",
        "decided_upper",
    ])?;
    for step in &analysis.passages {
        let counts = [step.entered, step.advanced, step.lost, step.open].map(|count| count.to_string());
        let mut record = vec![step.from.clone(), step.to.clone()];
        record.extend(counts.into_iter().chain(limits(step.so_far)).chain(limits(step.decided)));
        table.write_record(&record)?;
    }
    table.flush()
}

/// Writes one row per number of days after which an engaged opportunity was decided.
pub(super) fn time(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record(["days", "at_risk", "decided", "still_open", "lower", "upper", "won", "lost"])?;
    for step in analysis.time.iter().flat_map(|time| time.curve.steps()) {
        let Some(time) = &analysis.time else { break };
        let open = limits(Some(time.curve.interval(step.time, Limits::LogLog, Level::default())));
        let share = |cause| time.outcomes.share(cause, step.time).map(|share| format!("{share:.6}"));
        let mut record = vec![format!("{:.0}", step.time), step.at_risk.to_string(), step.losses.to_string()];
        record.extend(open);
        record.extend([share(0), share(1)].map(Result::unwrap_or_default));
        table.write_record(&record)?;
    }
    table.flush()
}

/// Writes one row per group.
pub(super) fn groups(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record([
        "group",
        "decided",
        "won",
        "share",
        "lower",
        "upper",
        "difference",
        "difference_lower",
        "difference_upper",
        "p_value",
    ])?;
    for group in &analysis.groups {
        let mut record = vec![group.name.clone(), group.decided.to_string(), group.won.to_string()];
        record.extend(limits(group.share).into_iter().chain(limits(group.difference)));
        record.push(group.p_value.map_or_else(String::new, |p| format!("{p:.6}")));
        table.write_record(&record)?;
    }
    table.flush()
}
