//! Files whose meaning the caller declares: filters, quantity and price, refunds, ids that are
//! spelled in several ways or stand for nobody.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write;

use crm_history::{
    CsvOrders, DataQuality, Decimal, Error, IdFold, Ledger, LedgerBuilder, NaiveDate, Observation,
    QualityWarning, RefusalReason,
};
use crm_numbers::ReadAmountError;
use proptest::prelude::*;

fn read(orders: &CsvOrders, text: &str) -> Result<Ledger<String, Decimal>, Error> {
    let mut builder = LedgerBuilder::new();
    orders.read(text.as_bytes(), &mut builder)?;
    Ok(builder.build())
}

/// Spend and purchase days of every customer with a purchase.
fn buyers(ledger: &Ledger<String, Decimal>) -> Vec<(&str, String, u32)> {
    let end = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let summaries = ledger.summarize(&Observation::until(end)).unwrap();
    let mut buyers: Vec<_> = summaries
        .buyers()
        .map(|(customer, _, summary)| (customer, summary.spend.to_string(), summary.purchases))
        .map(|(customer, spend, purchases)| (ledger.id(customer).unwrap().as_str(), spend, purchases))
        .collect();
    buyers.sort_unstable();
    buyers
}

fn expected<'a>(rows: &[(&'a str, &str, u32)]) -> Vec<(&'a str, String, u32)> {
    rows.iter().map(|(id, spend, purchases)| (*id, (*spend).to_owned(), *purchases)).collect()
}

#[test]
fn only_completed_orders_count() {
    let text = include_str!("cases/order_status.csv");
    let completed = read(&CsvOrders::new().with_only("status", ["Completed "]), text).unwrap();
    assert_eq!(buyers(&completed), expected(&[("k1", "85.00", 2), ("k2", "55.00", 2), ("k4", "20.00", 1)]));
    let quality = completed.quality();
    assert_eq!((quality.rows, quality.accepted, quality.filtered.count, quality.refused()), (10, 5, 5, 0));
    assert_eq!((quality.filtered.first_line, quality.warnings.len()), (Some(4), 0));
    assert!(quality.to_string().contains("5  left out by a filter, first in line 4"));

    let earned = CsvOrders::new().with_not("status", ["cancelled", "refunded", "failed"]);
    let earned = read(&earned, text).unwrap();
    assert_eq!(
        earned.summarize(&Observation::until(NaiveDate::MAX)).unwrap().total_spend().unwrap().to_string(),
        "215.00"
    );
}

#[test]
fn one_currency_of_two_is_added_up() {
    let text = include_str!("cases/two_currencies.csv");
    let dollars = read(&CsvOrders::new().with_only("currency", ["usd"]), text).unwrap();
    assert_eq!(buyers(&dollars), expected(&[("k1", "220.00", 2), ("k3", "80.00", 1)]));
    assert_eq!(dollars.quality().warnings, []);
    let yen = read(&CsvOrders::new().with_only("currency", ["JPY"]), text).unwrap();
    assert_eq!(buyers(&yen), expected(&[("k2", "31000", 2), ("k3", "14000", 1)]));
}

#[test]
fn a_quantity_times_a_price_is_the_amount() {
    let text = include_str!("cases/retail_lines.csv");
    let orders = CsvOrders::new()
        .with_date_column("InvoiceDate")
        .with_quantity_and_price("Quantity", "Price")
        .with_id_folds([IdFold::DecimalZero]);
    let ledger = read(&orders, text).unwrap();
    assert_eq!(buyers(&ledger), expected(&[("13001", "28.50", 1), ("13002", "50.85", 2)]));
    let quality = ledger.quality();
    assert_eq!((quality.missing_ids.first_line, quality.refunds.first_line), (Some(5), Some(4)));
    assert_eq!(quality.warnings, []);
    let mut builder = LedgerBuilder::<String, Decimal>::new();
    let columns = orders.read(text.as_bytes(), &mut builder).unwrap();
    assert_eq!(columns.amount.as_deref(), Some("Quantity x Price"));
}

#[test]
fn spellings_of_one_address_are_one_person() {
    let text = include_str!("cases/email_case.csv");
    let ledger = read(&CsvOrders::new().with_id_folds([IdFold::Case]), text).unwrap();
    assert_eq!(
        buyers(&ledger),
        expected(&[
            ("ann@post.example", "60.00", 3),
            ("bob@post.example", "5.00", 1),
            ("cay@post.example", "16.00", 2)
        ])
    );
    assert_eq!(ledger.quality().warnings, []);
}

#[test]
fn guests_are_nobody() {
    let text = include_str!("cases/guests_zero.csv");
    let ledger = read(&CsvOrders::new().with_amount_column("total").with_nobody(["0"]), text).unwrap();
    let total: Decimal = buyers(&ledger).iter().map(|(_, spend, _)| spend.parse::<Decimal>().unwrap()).sum();
    assert_eq!((ledger.customers(), total.to_string().as_str()), (40, "3248.60"));
    assert_eq!(ledger.quality().nobody.count, 30);
    assert!(
        !ledger.quality().warnings.iter().any(|warning| matches!(warning, QualityWarning::FrequentId { .. }))
    );
}

#[test]
fn an_account_statement_is_debit_less_credit() {
    let text = "id,date,debit,credit\nada,2025-01-01,100.50,\nada,2025-01-02,,20.25\nbob,2025-01-03,,\nbob,2025-01-04,5,5\n";
    let ledger = read(&CsvOrders::new().with_debit_and_credit("debit", "credit"), text).unwrap();
    assert_eq!(buyers(&ledger), expected(&[("ada", "80.25", 1), ("bob", "0", 1)]));
    let [refused] = ledger.refused() else { panic!("one row is refused") };
    assert_eq!((refused.line, &refused.reason), (4, &RefusalReason::Amount(ReadAmountError::NotANumber)));
    assert_eq!(ledger.quality().refunds.count, 1);
}

#[test]
fn money_paid_back_is_a_refund_whatever_its_sign() {
    let text = "id,date,total,refunded\nada,2025-01-01,100,30.5\nbob,2025-01-02,80,-80\ncleo,2025-01-03,5,\n";
    let ledger =
        read(&CsvOrders::new().with_amount_column("total").with_refund_column("refunded"), text).unwrap();
    assert_eq!(buyers(&ledger), expected(&[("ada", "69.5", 1), ("bob", "0", 1), ("cleo", "5", 1)]));
    let quality = ledger.quality();
    assert_eq!((quality.rows, quality.accepted, quality.refunds.count, ledger.rows()), (3, 3, 2, 5));
}

#[test]
fn a_declared_column_that_is_missing_is_named() {
    let why = |orders: CsvOrders| read(&orders, "id,date,total\nada,2025-01-01,1\n").unwrap_err().to_string();
    assert_eq!(
        why(CsvOrders::new().with_only("status", ["paid"])),
        "no filter column \"status\"; the columns are id, date, total"
    );
    assert!(
        why(CsvOrders::new().with_quantity_and_price("qty", "total"))
            .starts_with("no quantity column \"qty\"")
    );
    assert!(why(CsvOrders::new().with_refund_column("back")).starts_with("no refund column \"back\""));
    assert!(why(CsvOrders::new().with_quantity_and_price("total", "total")).contains("total"));
}

#[test]
fn a_decimal_comma_is_found_in_each_column_of_numbers() {
    let text = "id;date;qty;price\nada;2025-01-01;1;1,50\nada;2025-01-02;2;2,50\nbob;2025-01-03;1;1.000\n";
    let options = crm_history::TableOptions::new().with_delimiter(b';');
    let orders = CsvOrders::new().with_quantity_and_price("qty", "price").with_table_options(options);
    assert!(
        matches!(read(&orders, text).unwrap_err(), Error::DecimalComma { column, .. } if column == "price")
    );
    let comma = orders.with_decimal_mark(crm_history::DecimalMark::Comma);
    assert_eq!(buyers(&read(&comma, text).unwrap()), expected(&[("ada", "6.50", 2), ("bob", "1000", 1)]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Draws rows of eight customers in four spellings, five states, quantities and prices of either
    /// sign and refunds; the ledger is what a loop over the kept rows adds up.
    #[test]
    fn the_ledger_is_the_sum_of_the_kept_rows(
        rows in prop::collection::vec((0..8_u32, 0..4_u32, 0..5_usize, -3..40_i64, 0..5_000_i64, 0..300_i64), 1..60),
        keeps in any::<bool>(),
        states in prop::collection::btree_set(0..5_usize, 0..4),
    ) {
        const STATES: [&str; 5] = ["paid", "Paid ", "cancelled", "open", ""];
        let chosen: Vec<&str> = states.iter().map(|&state| STATES[state].trim()).collect();
        let mut text = "id,date,state,qty,price,refund\n".to_owned();
        let mut sums: BTreeMap<String, (Decimal, u64)> = BTreeMap::new();
        let (mut filtered, mut nobody) = (0, 0);
        for (id, spelling, state, quantity, cents, back) in rows {
            let (price, refund) = (Decimal::new(cents, 2), Decimal::new(back, 1));
            let spelled = [format!("k{id}"), format!("K{id}"), format!("k {id}"), format!("guest{id}")][spelling as usize].clone();
            writeln!(text, "{spelled},2025-03-01,{},{quantity},{price},{refund}", STATES[state]).unwrap();
            let matches = chosen.iter().any(|value| value.eq_ignore_ascii_case(STATES[state].trim()));
            if matches != keeps {
                filtered += 1;
            } else if spelling == 3 {
                nobody += 1;
            } else {
                let sum = sums.entry(format!("k{id}")).or_default();
                sum.0 += Decimal::from(quantity) * price - refund;
                sum.1 += 1 + u64::from(!refund.is_zero());
            }
        }
        let guests: Vec<String> = (0..8).map(|id| format!("GUEST{id}")).collect();
        let orders = CsvOrders::new()
            .with_quantity_and_price("qty", "price")
            .with_refund_column("refund")
            .with_id_folds([IdFold::Case, IdFold::Blanks])
            .with_nobody(guests);
        let orders = if keeps { orders.with_only("state", &chosen) } else { orders.with_not("state", &chosen) };
        let ledger = read(&orders, &text).unwrap();
        let quality: &DataQuality = ledger.quality();
        prop_assert_eq!((quality.filtered.count, quality.nobody.count, quality.refused()), (filtered, nobody, 0));
        prop_assert_eq!(ledger.customers(), sums.len());
        for (id, (sum, lines)) in sums {
            let customer = ledger.find(id.as_str()).unwrap();
            let spend: Decimal = ledger.lines(customer).map(|line| line.amount).sum();
            prop_assert_eq!((spend, ledger.lines(customer).len() as u64), (sum, lines), "{}", id);
        }
    }
}
