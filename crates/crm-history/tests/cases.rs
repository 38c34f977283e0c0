//! Shapes that files of real shops have: small files whose right answers are known, or a warning
//! that names the column.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;

use crm_history::{CsvOrders, Decimal, DecimalMark, Error, Ledger, Observation, TableOptions};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

fn read(orders: &CsvOrders, name: &str) -> Ledger<String, Decimal> {
    orders.read_path(path(name)).unwrap()
}

fn warnings(ledger: &Ledger<String, Decimal>) -> Vec<String> {
    ledger.quality().warnings.iter().map(ToString::to_string).collect()
}

/// Spend in cents and purchases of a customer.
fn told(ledger: &Ledger<String, Decimal>, id: &str) -> (Decimal, u32) {
    let summaries = ledger.summarize(&Observation::until(ledger.last_day().unwrap())).unwrap();
    summaries.find(id).map(|summary| (summary.spend, summary.purchases)).unwrap()
}

fn money(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

#[test]
fn carriage_returns_do_not_move_line_numbers() {
    let ledger = read(&CsvOrders::new(), "crlf_lines.csv");
    let refused: Vec<_> = ledger.refused().iter().map(|row| (row.line, row.value.as_str())).collect();
    assert_eq!(refused, [(3, "soon"), (5, "nine")]);
    let quality = ledger.quality();
    assert_eq!((quality.duplicates.count, quality.duplicates.first_line), (1, Some(7)));
    assert_eq!((told(&ledger, "k1").0, told(&ledger, "k2").0), (money(2_150), money(1_450)));
    assert_eq!(warnings(&ledger), [""; 0]);
}

#[test]
fn a_date_that_stands_for_no_date_is_named_with_its_line() {
    let ledger = read(&CsvOrders::new(), "date_1970.csv");
    assert_eq!(
        warnings(&ledger),
        ["1 date is not after 1970-01-01, the first is 1970-01-01 in line 5; it may stand for \"no date\""]
    );
    assert!(ledger.quality().to_string().ends_with(&format!("\n   warning  {}", warnings(&ledger)[0])));
}

#[test]
fn the_hint_of_a_spreadsheet_is_no_header() {
    for orders in
        [CsvOrders::new(), CsvOrders::new().with_table_options(TableOptions::new().with_delimiter(b';'))]
    {
        let ledger = read(&orders, "sep_line.csv");
        assert_eq!((told(&ledger, "k1").0, told(&ledger, "k2").0), (money(10_900), money(500)));
    }
}

#[test]
fn points_between_thousands_are_no_decimal_points() {
    let orders = CsvOrders::new().with_table_options(TableOptions::new().with_delimiter(b';'));
    let ledger = read(&orders.clone().with_decimal_mark(DecimalMark::Comma), "decimal_comma.csv");
    assert_eq!(ledger.quality().refused(), 0);
    let spend = ["k1", "k2", "k3"].map(|id| told(&ledger, id).0);
    assert_eq!(spend, [money(133_350), money(103_000), money(3_250)]);
    let error = orders.read_path::<Decimal>(path("decimal_comma.csv")).unwrap_err();
    assert!(matches!(&error, Error::DecimalComma { comma_line: 2, grouped_line: 4, .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "column \"amount\" seems to hold decimal commas: \"1.234,50\" in line 2, so that \"1.000\" in line 4 may be a number \
         of thousands; declare the decimal comma"
    );
}

#[test]
fn an_id_that_never_comes_twice_numbers_orders() {
    let ledger = read(&CsvOrders::new(), "order_id_only.csv");
    assert_eq!(
        warnings(&ledger),
        [
            "no value of column \"id\" comes twice in 5 rows, so that no customer has come back; it may number orders, not \
          customers"
        ]
    );
    let ledger = read(&CsvOrders::new().with_id_column("email"), "order_id_only.csv");
    assert_eq!(told(&ledger, "ann@post.example"), (money(10_900), 2));
    assert_eq!(told(&ledger, "bob@post.example"), (money(9_000), 3));
    assert_eq!(warnings(&ledger), [""; 0]);
}

#[test]
fn spellings_of_one_address_are_told() {
    let ledger = read(&CsvOrders::new(), "email_case.csv");
    assert_eq!(
        warnings(&ledger),
        [
            "5 ids of column \"customer_id\" fall into 2 groups that differ in case only, such as \"ann@post.example\" and \
          \"Ann@Post.Example\"; each spelling counts as a customer"
        ]
    );
}

#[test]
fn an_id_for_everybody_without_an_account_stands_out() {
    let ledger = read(&CsvOrders::new(), "guests_zero.csv");
    assert_eq!(
        warnings(&ledger),
        [
            "id \"0\" of column \"customer_id\" has 30 of 117 rows (26 %); it may stand for everybody without an account"
        ]
    );
    let ledger = read(&CsvOrders::new().with_id_column("email"), "guests_zero.csv");
    assert_eq!((ledger.customers(), warnings(&ledger)), (70, Vec::new()));
}

#[test]
fn a_second_currency_is_told() {
    let ledger = read(&CsvOrders::new(), "two_currencies.csv");
    assert_eq!(
        warnings(&ledger),
        ["column \"currency\" has 2 values (USD, JPY); amounts are added up as if they were in one currency"]
    );
    assert_eq!(warnings(&read(&CsvOrders::new().without_amounts(), "two_currencies.csv")), [""; 0]);
}

#[test]
fn a_status_is_told_with_its_values() {
    let ledger = read(&CsvOrders::new(), "order_status.csv");
    assert_eq!(
        warnings(&ledger),
        [
            "column \"status\" has 5 values (completed, cancelled, pending, refunded, failed); every order counts, whatever its \
          status"
        ]
    );
}

#[test]
fn a_unit_price_beside_a_quantity_is_no_amount() {
    let ledger = read(&CsvOrders::new().with_date_column("InvoiceDate"), "retail_lines.csv");
    assert_eq!(ledger.refused().iter().map(|row| row.line).collect::<Vec<_>>(), [5]);
    assert_eq!(
        warnings(&ledger),
        [
            "the amount is column \"Price\", and there is a column \"Quantity\"; a price per unit is not the amount of a row"
        ]
    );
}

#[test]
fn warnings_of_several_files_are_told_once_and_survive_a_merge() {
    let mut builder = Ledger::<String, Decimal>::builder();
    let text = std::fs::read(path("order_status.csv")).unwrap();
    for _ in 0..2 {
        CsvOrders::new().read(text.as_slice(), &mut builder).unwrap();
    }
    let twice = builder.build();
    assert_eq!(twice.quality().warnings.len(), 1);
    let other = read(&CsvOrders::new(), "email_case.csv");
    let merged = twice.merge(&other).unwrap();
    assert_eq!(merged.quality().warnings.len(), 2);
    #[cfg(feature = "serde")]
    {
        let text = serde_json::to_string(&merged).unwrap();
        let back: Ledger<String, Decimal> = serde_json::from_str(&text).unwrap();
        assert!(back == merged);
    }
}
