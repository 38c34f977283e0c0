//! `segments.csv`: one row for everybody in the ledger.

use std::io::{self, Write};

use crm_analytics::segmentation::Assignments;
use crm_analytics::segmentation::rfm::RfmPlace;

use super::Analysis;

const HEADER: [&str; 10] = [
    "customer_id",
    "rfm_cell",
    "rfm_usual_group",
    "rfm_shop_group",
    "abc_class",
    "xyz_class",
    "loyalty_level",
    "state",
    "next_contact",
    "reasons",
];

pub(super) fn write(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let groups = &analysis.groups;
    let mut table = csv::Writer::from_writer(file);
    table.write_record(HEADER)?;
    let name = |groups: &Assignments, person| groups.name(person).unwrap_or_default().to_owned();
    for (person, id) in groups.ids.iter().enumerate() {
        let cell = match groups.scores.place(person) {
            Some(RfmPlace::Cell(cell)) => cell.to_string(),
            _ => String::new(),
        };
        let next = groups.loyalty.due.next().get(person).copied().flatten();
        let mut reasons = Vec::new();
        let named = [
            ("RFM", Some(&groups.usual)),
            ("ABC", Some(&groups.abc)),
            ("XYZ", groups.xyz.as_ref()),
            ("loyalty", Some(&groups.loyalty.levels)),
            ("state", Some(&groups.loyalty.states)),
            ("contact", Some(groups.loyalty.due.status())),
        ];
        for (scheme, groups) in named {
            if let Some(reason) = groups.and_then(|groups| groups.reason(person)) {
                reasons.push(format!("{scheme}: {reason}"));
            }
        }
        table.write_record([
            id.clone(),
            cell,
            name(&groups.usual, person),
            name(&groups.shop, person),
            name(&groups.abc, person),
            groups.xyz.as_ref().map_or_else(String::new, |xyz| name(xyz, person)),
            name(&groups.loyalty.levels, person),
            name(&groups.loyalty.states, person),
            next.map_or_else(String::new, |day| day.to_string()),
            reasons.join("; "),
        ])?;
    }
    table.flush()
}
