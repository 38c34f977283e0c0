//! Writes the made-up customers of the benchmarks for other programs: `peers_data FOLDER` makes a folder for each data set,
//! with one file of little-endian numbers a column, and `rules.csv` with the group of every RFM cell.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crm_benches::{Orders, Shop, Year, cdnow, churn, customers, relationships, stays};
use crm_btyd::History;
use crm_segmentation::rfm::{RfmPlace, RuleSet};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).map(PathBuf::from).ok_or("usage: peers_data FOLDER")?;
    for rows in [1_000_000, 10_000_000] {
        let Orders { ids, days, cents } = Orders::shuffled(rows);
        let folder = folder.join(format!("orders_{rows}"));
        column(&folder, "id.u64", ids.iter().map(|id| id.to_le_bytes()))?;
        column(&folder, "day.i32", days.iter().map(|day| day.since_epoch().to_le_bytes()))?;
        column(&folder, "cents.i64", cents.iter().map(|cents| cents.to_le_bytes()))?;
    }
    for size in [1_000_000, 5_000_000] {
        let Shop { idle_days, frequency, monetary } = Shop::new(size, 4);
        let folder = folder.join(format!("shop_{size}"));
        column(&folder, "idle_days.i32", idle_days.iter().map(|days| days.to_le_bytes()))?;
        column(&folder, "frequency.u32", frequency.iter().map(|orders| orders.to_le_bytes()))?;
        column(&folder, "monetary.i64", monetary.iter().map(|cents| cents.to_le_bytes()))?;
    }
    for (name, year) in ["then", "now"].into_iter().zip(Year::two(1_000_000)) {
        let folder = folder.join("migration_1000000");
        let Year { ids, groups, monetary } = year;
        column(&folder, &format!("{name}_id.u32"), ids.iter().map(|id| id.to_le_bytes()))?;
        column(&folder, &format!("{name}_group.u8"), groups.codes().iter().map(|code| [*code as u8]))?;
        column(&folder, &format!("{name}_cents.i64"), monetary.iter().map(|cents| cents.to_le_bytes()))?;
    }
    for size in [100_000, 1_000_000] {
        write_customers(&folder.join(format!("customers_{size}")), &customers(size))?;
    }
    if let Some(summaries) = cdnow() {
        let histories: Result<Vec<_>, _> =
            summaries.buyers().map(|(.., buyer)| History::from_summary(&buyer)).collect();
        write_customers(&folder.join("customers_cdnow"), &histories?)?;
    }
    let (features, lost) = churn(100_000, 20);
    let of_churn = folder.join("churn_100000x20");
    for (place, feature) in features.iter().enumerate() {
        column(
            &of_churn,
            &format!("feature{place:02}.f64"),
            feature.iter().map(|value| value.to_le_bytes()),
        )?;
    }
    column(&of_churn, "lost.u32", lost.iter().map(|lost| u32::from(*lost).to_le_bytes()))?;
    let (times, lost) = stays(1_000_000);
    let of_stays = folder.join("stays_1000000");
    column(&of_stays, "time.f64", times.iter().map(|time| time.to_le_bytes()))?;
    column(&of_stays, "lost.u32", lost.iter().map(|lost| u32::from(*lost).to_le_bytes()))?;
    let (_, histories) = relationships(2_000, 104);
    // No period is missing: a count a period, customer by customer.
    let counts = histories.iter().flat_map(|history| history.counts().flatten().collect::<Vec<u32>>());
    column(&folder.join("relationships_2000x104"), "purchases.u32", counts.map(u32::to_le_bytes))?;
    let mut rules = BufWriter::new(File::create(folder.join("rules.csv"))?);
    writeln!(rules, "cell,group")?;
    for rule in RuleSet::usual().rules() {
        for cell in rule.places().iter().filter(|place| **place != RfmPlace::NoOrder) {
            writeln!(rules, "{cell},{}", rule.name())?;
        }
    }
    Ok(rules.flush()?)
}

fn write_customers(folder: &Path, customers: &[History]) -> io::Result<()> {
    column(folder, "frequency.u32", customers.iter().map(|customer| customer.frequency().to_le_bytes()))?;
    column(folder, "recency.f64", customers.iter().map(|customer| customer.recency().to_le_bytes()))?;
    column(folder, "age.f64", customers.iter().map(|customer| customer.age().to_le_bytes()))
}

fn column<const N: usize>(
    folder: &Path,
    name: &str,
    values: impl Iterator<Item = [u8; N]>,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = BufWriter::new(File::create(folder.join(name))?);
    for value in values {
        file.write_all(&value)?;
    }
    file.flush()
}
