//! Tables of random ledgers: every column is the answer of its topic, sums add up, and what is not
//! known stays missing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test fails by panicking; the bits are the same"
)]

use std::collections::BTreeMap;

use crm_btyd::{ClvOptions, Discount, GammaGamma, History, Horizon, MbgNbd, Repeat, TimeUnit};
#[cfg(feature = "csv")]
use crm_customers::CsvOptions;
use crm_customers::{Cell, Changes, CustomerTable, Error, RescuePlan};
use crm_history::{Day, Ledger, Observation, SummaryRules};
use crm_lifecycle::StageRules;
use crm_lifecycle::rescue::RescueEffect;
use crm_numbers::{Decimal, Margin, Share};
use crm_segmentation::abc::AbcScheme;
use crm_segmentation::contact::Cadence;
use crm_segmentation::loyalty::{LoyaltyPyramid, States};
use crm_segmentation::rfm::{RfmScheme, RuleSet};
use crm_segmentation::{Assignments, Columns};
use proptest::prelude::*;

type Table<'l> = CustomerTable<'l, String, Decimal>;

fn day(n: i32) -> Day {
    Day::new(20_000 + n).unwrap()
}

/// Orders and refunds of up to 40 customers within 400 days, and people without an order.
fn ledgers() -> impl Strategy<Value = Ledger<String, Decimal>> {
    let amount = prop_oneof![8 => 1..50_000_i64, 1 => -20_000..0_i64, 1 => Just(0)];
    let orders = prop::collection::vec((0..40_u32, 0..400_i32, amount), 1..120);
    let prospects = prop::collection::vec((0..50_u32, prop::option::of(0..400_i32)), 0..6);
    (orders, prospects).prop_map(|(orders, prospects)| {
        let mut builder = Ledger::builder();
        for (id, n, cents) in orders {
            builder.push(format!("c{id}"), day(n), Decimal::new(cents, 2)).unwrap();
        }
        for (id, contact) in prospects {
            builder.add_prospect(format!("c{id}"), contact.map(day));
        }
        builder.build()
    })
}

fn weeks(end: i32) -> Observation {
    Observation::until(day(end)).with_rules(SummaryRules::default().with_unit(TimeUnit::Week))
}

fn models() -> (MbgNbd, GammaGamma, ClvOptions) {
    let year = Horizon::new(52.0).unwrap();
    let clv = ClvOptions::new(year, Discount::per_year(0.1, TimeUnit::Week).unwrap());
    (
        MbgNbd::new(0.525, 6.183, 0.891, 1.614).unwrap(),
        GammaGamma::new(6.25, 3.74, 15.44).unwrap(),
        clv.with_margin(0.3).unwrap(),
    )
}

/// A table with every group of columns.
fn whole(ledger: &Ledger<String, Decimal>, end: i32) -> Result<Table<'_>, Error> {
    let (purchases, spends, clv) = models();
    let ids: Vec<String> = ledger.ids().to_vec();
    let every = |n: usize| ids.iter().cloned().enumerate().filter(move |(i, _)| i % n == 0);
    CustomerTable::new(ledger, &weeks(end))?
        .with_rfm(RfmScheme::default(), &RuleSet::usual())?
        .with_abc(AbcScheme::default())?
        .with_share_of_wallet(every(2).map(|(i, id)| (id, Share::from_f64((i % 10) as f64 / 10.0).unwrap())))?
        .with_referrals(every(3).map(|(i, id)| (id, (i % 4) as u32)))?
        .with_loyalty(LoyaltyPyramid::default(), States::default())?
        .with_contacts(&Cadence::default())?
        .with_stages(&StageRules::default())?
        .with_forecast(&purchases, Some(&spends), &clv)?
        .with_rescue(&RescuePlan::new(RescueEffect::success(0.2).unwrap(), Decimal::ONE))?
        .with_costs(
            every(1).map(|(i, id)| (id, Decimal::from(i as u64))),
            Margin::new(Decimal::new(3, 1)).unwrap(),
        )?
        .with_satisfaction(every(4).map(|(i, id)| (id, (i % 101) as f64)))?
        .with_attribute("branch", every(2).map(|(i, id)| (id, if i % 4 == 0 { "Lyon" } else { "Metz" })))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_column_is_the_answer_of_its_topic(ledger in ledgers(), end in 0..450_i32) {
        let Ok(table) = whole(&ledger, end) else {
            // Nobody is known by then, or nobody has bought.
            let table = CustomerTable::new(&ledger, &weeks(end)).unwrap();
            prop_assert!(table.is_empty() || table.summaries().buyers().next().is_none());
            return Ok(());
        };
        let header: Vec<String> = table.header().into_iter().map(str::to_owned).collect();
        let summaries = ledger.summarize(&weeks(end)).unwrap();
        prop_assert_eq!(table.len(), summaries.customers());
        let columns = Columns::from_summaries(&summaries);
        let classes = AbcScheme::default().fit(&columns.monetary).unwrap().assign(&columns.monetary).unwrap();
        let (purchases, spends, clv) = models();
        for ((index, row), (customer, id, summary)) in table.rows().enumerate().zip(summaries.everyone()) {
            prop_assert_eq!((row.index(), row.id(), row.summary()), (index, id, summary));
            prop_assert_eq!(row.spend(), summaries.spend(customer));
            let cells: BTreeMap<&str, Cell<'_, Decimal>> =
                header.iter().map(String::as_str).zip(row.cells()).collect();
            prop_assert_eq!((cells.len(), row.cells().len()), (header.len(), header.len()));
            prop_assert_eq!(row.group("abc_class"), classes.name(index));
            prop_assert_eq!(&cells["customer_id"], &Cell::Text(id.as_str().into()));
            match summary {
                None => {
                    for column in ["recency", "rfm_cell", "stage", "p_alive", "clv", "spend"] {
                        prop_assert_eq!(&cells[column], &Cell::Missing, "{}", column);
                    }
                    prop_assert_eq!((row.stage(), row.forecast(), row.rfm_cell()), (None, None, None));
                    prop_assert_eq!(&cells["orders"], &Cell::Count(0));
                }
                Some(summary) => {
                    let history = History::from_summary(&summary).unwrap();
                    let forecast = row.forecast().unwrap();
                    prop_assert_eq!(forecast.p_alive, purchases.p_alive(&history));
                    prop_assert_eq!(&cells["p_alive"], &Cell::Number(forecast.p_alive));
                    let rule = summaries.observation().rules().first_purchase;
                    let seen = crm_btyd::Spend::from_summary(&summary, rule, crm_btyd::RefundRule::Net).unwrap();
                    prop_assert_eq!(forecast.clv, Some(clv.clv(&purchases, &spends, &history, seen.as_ref()).unwrap()));
                    prop_assert_eq!(row.group("stage"), Some(row.stage().unwrap().stage.name()));
                    prop_assert!(forecast.next_purchase.is_none_or(|next| next >= table.end()));
                    prop_assert!(row.rescue().is_none_or(|rescue| rescue.value_at_risk >= Decimal::ZERO));
                    // The last purchase and the rule of the ABC class say when the next contact is.
                    let due = table.contacts().unwrap().next()[index];
                    let days = match row.group("abc_class") { Some("A") => 7, Some("B") => 15, Some("C") => 30, _ => 0 };
                    prop_assert_eq!(due, (days > 0).then(|| summary.last_purchase.saturating_add(days)));
                }
            }
            let profit = row.profit().unwrap();
            prop_assert_eq!(profit.profit, row.spend() * Decimal::new(3, 1) - profit.relationship_cost);
        }
    }

    #[test]
    fn groups_add_up_to_the_table(ledger in ledgers()) {
        let Ok(table) = whole(&ledger, 400) else { return Ok(()) };
        let total: Decimal = table.rows().map(|row| row.spend()).sum();
        prop_assert_eq!(
            table.groupings(),
            ["rfm_segment", "loyalty_level", "state", "stage", "abc_class", "branch"]
        );
        for column in table.groupings() {
            let groups = table.group_by(column).unwrap();
            let customers: u64 = groups.groups().iter().map(|group| group.customers).sum();
            let value: Decimal = groups.groups().iter().map(|group| group.value).sum();
            prop_assert_eq!((customers, value), (table.len() as u64, total), "{}", column);
            prop_assert_eq!(
                groups.mean_names(),
                ["purchases", "idle_days", "p_alive", "expected_purchases", "clv", "satisfaction"]
            );
        }
        for column in ["branch", "satisfaction", "share_of_wallet", "referrals", "relationship_cost"] {
            let joined = table.joined(column).unwrap();
            prop_assert_eq!(joined.customers + joined.missing, table.len() as u64);
            prop_assert_eq!(joined.customers + joined.strangers, match column {
                "branch" | "share_of_wallet" => ledger.customers().div_ceil(2),
                "satisfaction" => ledger.customers().div_ceil(4),
                "referrals" => ledger.customers().div_ceil(3),
                _ => ledger.customers(),
            } as u64);
        }
    }

    #[test]
    fn changes_are_those_of_the_two_tables(ledger in ledgers(), earlier in 0..399_i32) {
        let (Ok(before), Ok(after)) = (whole(&ledger, earlier), whole(&ledger, 400)) else { return Ok(()) };
        let changes = Changes::between(&before, &after).unwrap();
        prop_assert_eq!(changes.days(), (day(earlier), day(400)));
        prop_assert_eq!(changes.left(), 0);
        prop_assert_eq!(changes.entered(), (after.len() - before.len()) as u64);
        for column in ["rfm_segment", "abc_class", "stage", "branch"] {
            let migration = changes.migration(column).unwrap();
            let moved: u64 = migration
                .flows()
                .filter(|flow| flow.from != flow.to && flow.from != "(entrants)" && flow.to != "(leavers)")
                .map(|flow| flow.customers)
                .sum();
            let movers: Vec<_> = changes.movers(column).unwrap().collect();
            prop_assert_eq!(moved, movers.len() as u64, "{}", column);
            for mover in movers {
                prop_assert_eq!(mover.earlier.id(), mover.later.id());
                prop_assert_eq!((mover.earlier.group(column), mover.later.group(column)), (mover.from, mover.to));
            }
        }
        let refused = Changes::between(&after, &before).unwrap_err();
        let ends_later = matches!(refused, Error::Order { earlier, .. } if earlier == day(400));
        prop_assert!(ends_later);
    }

    /// Whatever the ids are, a file gives back every cell as it was.
    #[cfg(feature = "csv")]
    #[test]
    fn a_file_holds_the_cells(ids in prop::collection::btree_set("\\PC{1,12}|[=+@-][0-9A-Z]{1,5}", 1..8), comma in any::<bool>()) {
        let rows = ids.iter().enumerate().map(|(n, id)| (id.clone(), day(n as i32).date(), Decimal::new(n as i64 * 125, 2)));
        let ledger = Ledger::from_rows(rows).unwrap();
        let table = CustomerTable::new(&ledger, &weeks(30)).unwrap().with_stages(&StageRules::default()).unwrap();
        let options = if comma { CsvOptions::default().with_decimal_comma() } else { CsvOptions::default() };
        let mut file = Vec::new();
        table.write_csv(&mut file, &options).unwrap();
        let delimiter = if comma { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file.as_slice());
        prop_assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), table.header());
        let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(records.len(), table.len());
        for (record, row) in records.iter().zip(table.rows()) {
            let id = row.id().as_str();
            let guarded = id.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            let written = if guarded { format!("'{id}") } else { id.to_owned() };
            prop_assert_eq!(&record[0], written);
            let spend: Decimal = record[9].replace(',', ".").parse().unwrap();
            prop_assert_eq!(spend, row.spend());
            prop_assert_eq!(&record[11], row.group("stage").unwrap());
        }
    }
}

#[test]
fn errors_name_the_group_or_the_column() {
    let ledger = Ledger::from_rows([("ada", day(1).date(), Decimal::ONE)]).unwrap();
    let table = || CustomerTable::new(&ledger, &weeks(30)).unwrap();
    let text = |error: Error| error.to_string();
    assert_eq!(
        text(table().with_contacts(&Cadence::default()).unwrap_err()),
        "contacts needs ABC classes; call `with_abc` first"
    );
    let plan = RescuePlan::new(RescueEffect::success(0.2).unwrap(), Decimal::ONE);
    let unvalued = table().with_forecast(&models().0, None, &models().2).unwrap();
    assert_eq!(unvalued.header().last(), Some(&"next_purchase"));
    assert_eq!(
        text(unvalued.with_rescue(&plan).unwrap_err()),
        "rescue needs lifetime values; call `with_forecast` first"
    );
    let classes = || Assignments::new(["all"], [0]).unwrap();
    for name in ["spend", "tier", "stage"] {
        let table =
            table().with_stages(&StageRules::default()).unwrap().with_groups("tier", classes()).unwrap();
        let refused = table.with_groups(name, classes()).unwrap_err();
        assert!(matches!(&refused, Error::ColumnTaken { column } if column == name));
        assert_eq!(text(refused), format!("column {name:?} is already in the table"));
    }
    assert_eq!(
        text(table().with_groups("tier", Assignments::new(["all"], [0, 0]).unwrap()).unwrap_err()),
        "expected 1 assigned customers, got 2"
    );
    assert_eq!(
        text(table().with_attribute("branch", [("ada", "Lyon"), ("ada", "Metz")]).unwrap_err()),
        r#"ids of "branch"[1] repeats "\"ada\"""#
    );
    assert_eq!(
        text(table().with_satisfaction([("ada", 101.0)]).unwrap_err()),
        "satisfaction must be between 0 and 100, got 101"
    );
    assert_eq!(
        text(table().with_groups("tier", classes()).unwrap().group_by("spend").unwrap_err()),
        r#"unknown column of groups "spend"; expected one of tier"#
    );
}

#[cfg(feature = "serde")]
#[test]
fn a_row_is_a_map_by_column() {
    let ledger = Ledger::from_rows([("ada", day(1).date(), Decimal::new(1050, 2))]).unwrap();
    let table = CustomerTable::new(&ledger, &weeks(8)).unwrap().with_referrals([]).unwrap();
    let row = serde_json::to_value(table.find("ada").unwrap()).unwrap();
    let expected = serde_json::json!({
        "customer_id": "ada", "first_purchase": day(1).to_string(), "last_purchase": day(1).to_string(), "orders": 1,
        "purchase_days": 1, "frequency": 0, "recency": 0.0, "age": 1.0, "idle_days": 7, "spend": "10.50",
        "mean_repeat_spend": null, "referrals": null
    });
    assert_eq!(row, expected);
}
