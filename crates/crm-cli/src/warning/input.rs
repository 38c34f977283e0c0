//! The feature table, read strictly: all named columns are present, and no customer occurs twice.

use std::collections::{BTreeMap, HashMap};

use crm_analytics::lifecycle::rescue::Decimal;

use super::options::Options;
use crate::Error;
use crate::sheet::Sheet;

/// One row per customer.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) ids: Vec<String>,
    /// Line of the file.
    pub(super) lines: Vec<u64>,
    /// Whether the customer was lost; `None` if not known yet.
    pub(super) lost: Vec<Option<bool>>,
    /// Value of the customer, if a rescue list was requested.
    pub(super) values: Vec<Decimal>,
    /// Columns allowed as features.
    pub(super) columns: Vec<Column>,
    /// Notes on cells that were reinterpreted, as sentences.
    pub(super) notes: Vec<String>,
}

/// Notations of missing values in files.
const UNKNOWN: [&str; 7] = ["N/A", "#N/A", "NA", "n/a", "NaN", "NULL", "null"];

/// Returns whether a cell is empty or holds a notation of a missing value.
pub(super) fn unknown(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || UNKNOWN.contains(&cell)
}

/// A column as written; an empty cell is missing.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

pub(super) fn read(options: &Options) -> Result<Input, Error> {
    let path = &options.features;
    let refuse = |why: String| Error::in_file(path, why);
    let mut sheet = Sheet::open(path)?;
    let header = sheet.header().to_vec();
    if let Some(twice) =
        header.iter().enumerate().find_map(|(n, name)| header.get(..n)?.contains(name).then_some(name))
    {
        return Err(refuse(format!("there is more than one column {twice:?}")));
    }
    let place = |name: &String| {
        let by_name = header.iter().position(|column| column == name);
        let by_number =
            || name.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < header.len());
        let found = by_name.or_else(by_number);
        found.ok_or_else(|| refuse(format!("no column {name:?}; the columns are {}", header.join(", "))))
    };
    let id = options.id_column.as_ref().map(place).transpose()?;
    let label = place(&options.label_column)?;
    let value = options.rescue.as_ref().map(|rescue| place(&rescue.value_column)).transpose()?;
    let mut taken: Vec<usize> = options.leave_out.iter().map(place).collect::<Result<_, _>>()?;
    taken.extend(id.into_iter().chain(value).chain([label]));

    let mut cells: Vec<Vec<String>> = vec![Vec::new(); header.len()];
    let mut lines = Vec::new();
    while let Some((line, record)) = sheet.next().map_err(refuse)? {
        lines.push(line);
        cells.iter_mut().zip(&record).for_each(|(column, cell)| column.push(cell.to_owned()));
    }
    if lines.is_empty() {
        return Err(Error::nothing_in(path, "there is no customer below the header"));
    }
    let column = |place: usize| cells.get(place).map(Vec::as_slice).unwrap_or_default();
    let ids = match id {
        None => lines.iter().map(ToString::to_string).collect(),
        Some(place) => column(place).to_vec(),
    };
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for (id, &line) in ids.iter().zip(&lines) {
        if id.is_empty() {
            return Err(refuse(format!("line {line}: the id is missing")));
        }
        if let Some(first) = seen.insert(id, line) {
            return Err(refuse(format!("line {line}: customer {id} is already on line {first}")));
        }
    }
    // Different spellings of one outcome count as one, so that a capital letter does not turn a
    // lost customer into a retained one.
    let folded = |cell: &str| cell.trim().to_lowercase();
    let positive = folded(&options.positive);
    let outcome = |cell: &String| (!unknown(cell)).then(|| folded(cell) == positive);
    let lost: Vec<Option<bool>> = column(label).iter().map(outcome).collect();
    let mut spellings: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in column(label).iter().filter(|cell| **cell != options.positive && outcome(cell) == Some(true))
    {
        *spellings.entry(cell).or_default() += 1;
    }
    let mut notes: Vec<String> = Vec::new();
    if !spellings.is_empty() {
        let others: Vec<String> = spellings.iter().map(|(cell, count)| format!("{count} {cell:?}")).collect();
        let (name, positive) = (&options.label_column, &options.positive);
        notes.push(format!("in {name} {} count as {positive:?}", others.join(" and ")));
    }
    for (wanted, what) in [(true, "has"), (false, "has another value than")] {
        if !lost.contains(&Some(wanted)) {
            let (name, positive) = (&options.label_column, &options.positive);
            return Err(Error::nothing_in(path, format!("nobody {what} {positive:?} in column {name:?}")));
        }
    }
    let worth = |(cell, line): (&String, &u64)| {
        cell.parse::<Decimal>()
            .map_err(|_| refuse(format!("line {line}: the value must be an amount, got {cell:?}")))
    };
    let values = value.map(|place| column(place).iter().zip(&lines).map(worth).collect());
    let values = values.transpose()?.unwrap_or_default();
    let columns = header.into_iter().zip(&cells).enumerate().filter(|(place, _)| !taken.contains(place));
    let columns: Vec<Column> =
        columns.map(|(_, (name, cells))| Column { name, cells: cells.clone() }).collect();
    if columns.is_empty() {
        return Err(Error::nothing_in(path, "there is no column to learn from"));
    }
    Ok(Input { ids, lines, lost, values, columns, notes })
}
