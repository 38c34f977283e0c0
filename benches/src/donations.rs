use std::path::PathBuf;

use crm_btyd::opportunities::DiscreteHistory;

/// Donors of Fader, Hardie and Shang (2010) with their number, from the folder that `CRM_DATA` names; `None` without one.
///
/// # Panics
///
/// Where the folder lacks the file, and where `CRM_DATA_REQUIRED` is set but `CRM_DATA` is not.
#[must_use]
pub fn donations() -> Option<Vec<(DiscreteHistory, u32)>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        return None;
    };
    let text = std::fs::read_to_string(folder.join("donations_bgbb_summary.csv")).unwrap();
    let row = |line: &str| {
        let numbers: Vec<u32> = line.split(',').map(|field| field.trim().parse().unwrap()).collect();
        match numbers.as_slice() {
            [x, t, n, donors, ..] => (DiscreteHistory::new(*x, *t, *n).unwrap(), *donors),
            _ => unreachable!("a row of donors has at least four numbers"),
        }
    };
    Some(text.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect())
}
