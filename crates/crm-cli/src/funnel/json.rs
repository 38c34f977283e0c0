//! `funnel.json`: all figures.

use crm_analytics::numbers::Level;
use serde_json::{Value, json};

use super::analysis::Analysis;

pub(super) fn of(analysis: &Analysis) -> Value {
    let groups: Vec<Value> = analysis
        .groups
        .iter()
        .map(|group| {
            json!({
                "group": group.name,
                "decided": group.decided,
                "won": group.won,
                "share": group.share,
                "difference": group.difference,
                "p_value": group.p_value,
            })
        })
        .collect();
    json!({
        "opportunities": analysis.opportunities,
        "end": analysis.end.to_string(),
        "stages": analysis.funnel,
        "steps": analysis.passages,
        "decided": analysis.decided,
        "won_of_decided": analysis.decided.overall(Level::default()),
        "won_of_engaged": analysis.engaged,
        "won_eventually": analysis.eventually,
        "deals": analysis.options.deals,
        "needed": analysis.needed,
        "certainty": analysis.options.certainty,
        "surely_needed": analysis.surely,
        "surely_needed_at_lower_limit": analysis.surely_at_lower,
        "won_value": analysis.won_value.to_string(),
        "mean_value": analysis.mean_value,
        "open_value": analysis.open_value,
        "days_until_decided": analysis.time.as_ref().map(|time| time.median),
        "groups": groups,
    })
}
