//! Tables made by other software: see `golden/make.py` and `golden/every_customer.py`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crm_history::{CsvOrders, CsvRoster, LedgerBuilder, NaiveDate, Observation};
use crm_segmentation::abc::{self, Crossing};
use crm_segmentation::cuts::Tiers;
use crm_segmentation::rfm::{self, RuleSet};
use crm_segmentation::{Assignments, Columns, Cuts, xyz};
use rust_decimal::Decimal;

/// The rows of a table, field by field, without the head.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn golden(table: &str) -> Vec<Vec<String>> {
    rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(table))
}

/// The folder of data that is not ours to ship, or `None` after saying so.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CRM_DATA").map(PathBuf::from);
    if folder.is_none() {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the order files");
    }
    folder
}

/// Columns of customers.
#[derive(Default)]
struct Shop {
    idle: Vec<i32>,
    frequency: Vec<u32>,
    cents: Vec<i64>,
}

impl Shop {
    /// The four groupings that both tables hold.
    fn groups(&self) -> [(&'static str, Assignments); 4] {
        let Self { idle, frequency, cents } = self;
        let scores = rfm::RfmScheme::default()
            .fit(idle, frequency, cents)
            .unwrap()
            .score(idle, frequency, cents)
            .unwrap();
        let abc = |crossing| {
            let scheme = abc::AbcScheme::default().with_crossing(crossing);
            scheme.fit(cents).unwrap().assign(cents).unwrap()
        };
        [
            ("usual", RuleSet::usual().assign(&scores).unwrap()),
            ("shop", RuleSet::shop_platform().assign(&scores).unwrap()),
            ("abc_better", abc(Crossing::Better)),
            ("abc_worse", abc(Crossing::Worse)),
        ]
    }
}

fn made_up() -> (Shop, Vec<Vec<String>>) {
    let table = golden("customers.csv");
    assert_eq!(table.len(), 400);
    let mut shop = Shop::default();
    for row in &table {
        shop.idle.push(row[1].parse().unwrap());
        shop.frequency.push(row[2].parse().unwrap());
        shop.cents.push(row[3].parse().unwrap());
    }
    (shop, table)
}

#[test]
fn scores_and_groups_of_a_made_up_shop() {
    let (shop, table) = made_up();
    let Shop { idle, frequency, cents } = &shop;
    let scores =
        rfm::RfmScheme::default().fit(idle, frequency, cents).unwrap().score(idle, frequency, cents).unwrap();
    for (person, row) in table.iter().enumerate() {
        let found = [scores.recency()[person], scores.frequency()[person], scores.monetary()[person]];
        assert_eq!(found.map(|score| score.to_string()), row[10..13], "customer {person}");
    }
    for ((scheme, groups), column) in shop.groups().iter().zip(13..) {
        for (person, row) in table.iter().enumerate() {
            assert_eq!(groups.name(person), Some(row[column].as_str()), "{scheme} of customer {person}");
        }
    }
}

/// Cents, money as decimals and money as floats give the same classes.
#[test]
fn the_type_of_money_does_not_matter() {
    let (shop, _) = made_up();
    let decimals: Vec<Decimal> = shop.cents.iter().map(|&cents| Decimal::new(cents, 2)).collect();
    // Quarters of a cent are exact as floats.
    let floats: Vec<f64> = shop.cents.iter().map(|&cents| cents as f64 / 4.0).collect();
    for crossing in [Crossing::Better, Crossing::Worse] {
        let scheme = abc::AbcScheme::default().with_crossing(crossing);
        let classes = scheme.fit(&shop.cents).unwrap().assign(&shop.cents).unwrap();
        assert_eq!(scheme.fit(&decimals).unwrap().assign(&decimals).unwrap().codes(), classes.codes());
        assert_eq!(scheme.fit(&floats).unwrap().assign(&floats).unwrap().codes(), classes.codes());
    }
    let scheme = rfm::RfmScheme::default();
    let cents = scheme.fit(&shop.idle, &shop.frequency, &shop.cents).unwrap();
    let money = scheme.fit(&shop.idle, &shop.frequency, &decimals).unwrap();
    assert_eq!(
        cents.score(&shop.idle, &shop.frequency, &shop.cents).unwrap(),
        money.score(&shop.idle, &shop.frequency, &decimals).unwrap()
    );
}

#[test]
fn steadiness_in_a_made_up_shop() {
    let (shop, table) = made_up();
    let demand: Vec<i64> =
        table.iter().flat_map(|row| row[4..10].iter().map(|cell| cell.parse().unwrap())).collect();
    let classes = xyz::XyzScheme::default().assign(&demand, 6).unwrap();
    for (person, row) in table.iter().enumerate() {
        assert_eq!(classes.name(person), Some(row[17].as_str()), "customer {person}");
    }
    let [.., (_, abc), _] = shop.groups();
    let crossed = abc.cross_table(&classes, &shop.cents).unwrap();
    for class in abc.names() {
        let counted = table.iter().filter(|row| row[15] == *class && row[17] == "X").count() as u64;
        assert_eq!(crossed.get(class, "X").unwrap().customers, counted);
    }
}

/// Days since the epoch of a date as YYYY-MM-DD (Fliegel and Van Flandern 1968).
fn day(date: &str) -> i32 {
    let parts: Vec<i32> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let (year, month, day) = (parts[0], parts[1], parts[2]);
    let early = (month - 14) / 12;
    1461 * (year + 4800 + early) / 4 + 367 * (month - 2 - 12 * early) / 12
        - 3 * ((year + 4900 + early) / 100) / 4
        + day
}

/// Orders by customer: the last day, the days with an order, cents.
fn public(file: &Path, [customer, date, amount]: [usize; 3], end: &str) -> Shop {
    let mut customers: BTreeMap<String, (Vec<i32>, Decimal)> = BTreeMap::new();
    for row in rows(file) {
        let (days, spend) = customers.entry(row[customer].clone()).or_default();
        days.push(day(&row[date]));
        *spend += row[amount].parse::<Decimal>().unwrap();
    }
    let mut shop = Shop::default();
    for (days, spend) in customers.values_mut() {
        days.sort_unstable();
        days.dedup();
        shop.idle.push(day(end) - days.last().unwrap());
        shop.frequency.push(days.len() as u32);
        shop.cents.push((*spend * Decimal::ONE_HUNDRED).try_into().unwrap());
    }
    shop
}

/// Amounts of 1 to 29 digits: the sum of all of them is beyond 96 bits, and one digit in the 28th
/// place decides.
#[test]
fn classes_of_amounts_of_any_size() {
    let table = golden("wide.csv");
    assert_eq!(table.len(), 275);
    let amounts: Vec<Decimal> = table.iter().map(|row| row[0].parse().unwrap()).collect();
    let abc = |crossing| {
        abc::AbcScheme::default().with_crossing(crossing).fit(&amounts).unwrap().assign(&amounts).unwrap()
    };
    let half = crm_segmentation::Share::percent(50).unwrap();
    let fifth = crm_segmentation::Share::percent(20).unwrap();
    let columns = [
        abc(Crossing::Better),
        abc(Crossing::Worse),
        Cuts::quantile(&amounts, 5).unwrap().assign(&amounts).unwrap(),
        Tiers::new(fifth, half).unwrap().assign(&amounts).unwrap(),
    ];
    for (customer, row) in table.iter().enumerate() {
        let found = columns.each_ref().map(|groups| groups.name(customer).unwrap());
        assert_eq!(found, row[1..5], "{}", row[0]);
    }
}

#[test]
fn groups_of_public_data() {
    let Some(folder) = data() else { return };
    let shops = [
        ("cdnow", public(&folder.join("cdnow_sample.csv"), [1, 2, 4], "1998-06-30")),
        ("rfm_example", public(&folder.join("rfm_orders_example.csv"), [0, 1, 2], "2006-12-31")),
    ];
    let expected = golden("public_groups.csv");
    let mut seen = 0;
    for (data, shop) in shops {
        for (scheme, groups) in shop.groups() {
            let table = rfm::table(&groups, &shop.idle, &shop.frequency, &shop.cents).unwrap();
            for group in table.groups().iter().filter(|group| group.customers > 0) {
                let wanted =
                    expected.iter().find(|row| row[..3] == [data, scheme, group.name.as_str()]).unwrap();
                assert_eq!(group.customers.to_string(), wanted[3], "{wanted:?}");
                assert_eq!(group.value.to_string(), wanted[4], "{wanted:?}");
                let sums = group
                    .means
                    .iter()
                    .map(|mean| (mean.unwrap() * group.customers as f64).round().to_string());
                assert_eq!(sums.collect::<Vec<_>>(), wanted[5..7], "{wanted:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, expected.len());
}

/// A line a customer, and the 64-bit FNV-1a of them all, as `golden/every_customer.py` makes them.
fn every_customer(orders: &Path, roster: Option<&Path>, end: (i32, u32, u32)) -> (usize, String) {
    let open = |path: &Path| std::fs::File::open(path).unwrap();
    let mut builder = LedgerBuilder::<String, Decimal>::new();
    CsvOrders::new().read(open(orders), &mut builder).unwrap();
    if let Some(roster) = roster {
        CsvRoster::new().read(open(roster), &mut builder).unwrap();
    }
    let end = NaiveDate::from_ymd_opt(end.0, end.1, end.2).unwrap();
    let summaries = builder.build().summarize(&Observation::until(end)).unwrap();
    let columns = Columns::from_summaries(&summaries);
    let (idle, frequency, money) = (&columns.idle_days, &columns.frequency, &columns.monetary);
    let scores =
        rfm::RfmScheme::default().fit(idle, frequency, money).unwrap().score(idle, frequency, money).unwrap();
    let usual = RuleSet::usual().assign(&scores).unwrap();
    let shop = RuleSet::shop_platform().assign(&scores).unwrap();
    let abc = abc::AbcScheme::default().fit(money).unwrap().assign(money).unwrap();
    let line = |(person, id): (usize, &&String)| {
        let cell = match scores.place(person).unwrap() {
            rfm::RfmPlace::Cell(cell) => cell.to_string(),
            rfm::RfmPlace::NoOrder => String::new(),
        };
        let names = [&usual, &shop, &abc].map(|groups| groups.name(person).unwrap());
        format!("{id},{cell},{}\n", names.join(","))
    };
    let mut lines: Vec<String> = columns.ids.iter().enumerate().map(line).collect();
    lines.sort();
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in lines.concat().bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (lines.len(), format!("{state:016x}"))
}

#[test]
fn every_customer_of_the_sample_shop() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    let found =
        every_customer(&examples.join("orders.csv"), Some(&examples.join("roster.csv")), (2025, 12, 31));
    let wanted = &golden("every_customer.csv")[0];
    assert_eq!([found.0.to_string(), found.1], wanted[1..], "see golden/every_customer.py --list");
}

#[test]
fn every_customer_of_cdnow() {
    let Some(folder) = data() else { return };
    let found = every_customer(&folder.join("cdnow_master.csv.gz"), None, (1998, 6, 30));
    let wanted = &golden("every_customer.csv")[1];
    assert_eq!([found.0.to_string(), found.1], wanted[1..], "see golden/every_customer.py --list");
}
