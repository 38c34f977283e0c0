//! Files as people have them, good and bad.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read, Write};

use crm_history::{
    CsvOrders, CsvRoster, Decimal, DecimalMark, Encoding, Error, Ledger, LedgerBuilder, RefusalReason,
    TableOptions,
};
use flate2::Compression;
use flate2::write::GzEncoder;

fn read(orders: &CsvOrders, text: impl AsRef<[u8]>) -> Result<Ledger<String, Decimal>, Error> {
    let mut builder = LedgerBuilder::new();
    orders.read(text.as_ref(), &mut builder)?;
    Ok(builder.build())
}

fn message(orders: &CsvOrders, text: impl AsRef<[u8]>) -> String {
    read(orders, text).unwrap_err().to_string()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

const GOOD: &str = "customer_id,date,amount\nada,2024-01-05,19.99\nbob,2024-01-06,7.5\n";

#[test]
fn a_plain_file_a_compressed_one_and_one_in_two_members_read_alike() {
    let orders = CsvOrders::new();
    let plain = read(&orders, GOOD).unwrap();
    assert_eq!(plain.rows(), 2);
    assert_eq!(read(&orders, gzip(GOOD.as_bytes())).unwrap(), plain);
    let (head, tail) = GOOD.split_at(30);
    let members = [gzip(head.as_bytes()), gzip(tail.as_bytes())].concat();
    assert_eq!(read(&orders, members).unwrap(), plain);
}

#[test]
fn marks_carriage_returns_quotes_and_blanks_do_no_harm() {
    let text = "\u{feff}Customer ID , Order-Date,Total\r\n\"ada, a.\", 2024-01-05 ,\"19.99\"\r\n\r\nbob,2024-01-06T10:00:00Z,1\r\n";
    let ledger = read(&CsvOrders::new(), text).unwrap();
    assert_eq!(ledger.ids(), ["ada, a.", "bob"]);
    assert_eq!(ledger.quality().rows, 2);
}

#[test]
fn columns_are_found_by_name_by_number_and_not_by_guess() {
    let text = "1,when,what,id\nx,2024-01-05,4,ada\n";
    let orders = CsvOrders::new().with_date_column("WHEN").with_amount_column("3");
    assert_eq!(read(&orders, text).unwrap().ids(), ["ada"]);
    assert_eq!(
        read(&orders.clone().with_id_column("1"), text).unwrap().ids(),
        ["x"],
        "a header wins over a number"
    );
    assert_eq!(
        message(&CsvOrders::new(), text),
        "no date column (order_date, purchase_date, transaction_date, invoice_date, date, day, timestamp); \
         the columns are 1, when, what, id"
    );
    assert_eq!(
        message(&orders.with_id_column("5"), text),
        r#"no customer id column "5"; the columns are 1, when, what, id"#
    );
}

#[test]
fn the_amount_may_be_missing_or_unwanted() {
    let ledger = read(&CsvOrders::new(), "id,date\nada,2024-01-05\n").unwrap();
    assert_eq!(ledger.lines(ledger.find("ada").unwrap()).next().unwrap().amount, Decimal::ZERO);
    let ledger = read(&CsvOrders::new().without_amounts(), GOOD).unwrap();
    assert_eq!(ledger.quality().zero_amounts.count, 0, "what nobody stated is not zero");
    let error = message(&CsvOrders::new().with_amount_column("price"), GOOD);
    assert_eq!(error, r#"no amount column "price"; the columns are customer_id, date, amount"#);
}

#[test]
fn bad_rows_are_refused_with_line_reason_and_value_and_the_rest_goes_on() {
    let mut text = b"customer_id,date,amount,note\n\
        ada,2024-01-05,10,ok\n\
        ,2024-01-05,10,nobody\n\
        bob,05/01/2024,10,\n\
        bob,2024-01-06,ten,\n\
        bob,2024-01-06,NaN,\n\
        bob,2024-01-06,10\n\
        eve,2024-01-07,5,\"two\nlines\"\n"
        .to_vec();
    text.extend_from_slice(b"m\xfcller,2024-01-08,5,\neve,2024-01-08,5,caf\xe9\nada,2024-01-05,10,again\n");
    let utf_8 = CsvOrders::new().with_table_options(TableOptions::new().with_encoding(Encoding::UTF_8));
    let ledger = read(&utf_8, text.clone()).unwrap();
    let refused: Vec<String> = ledger.refused().iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "line 3: customer id is missing: \"\"",
            "line 4: date does not read as YYYY-MM-DD: \"05/01/2024\"",
            "line 5: amount is not a number: \"ten\"",
            "line 6: amount is not finite, too large, or has too many digits: \"NaN\"",
            "line 7: row has 3 fields, the header has 4: \"bob,2024-01-06,10\"",
            "line 10: row is not UTF-8 text: \"m\u{fffd}ller\"",
        ]
    );
    let quality = ledger.quality();
    assert_eq!((quality.rows, quality.accepted, quality.refused()), (10, 4, 6));
    assert_eq!(quality.missing_ids.first_line, Some(3));
    assert_eq!(quality.unreadable_dates.first_line, Some(4));
    assert_eq!((quality.unreadable_amounts.count, quality.unreadable_amounts.first_line), (2, Some(5)));
    assert_eq!((quality.malformed_rows.count, quality.malformed_rows.first_line), (2, Some(7)));
    assert_eq!((quality.duplicates.count, quality.duplicates.first_line), (1, Some(12)), "lines, not rows");
    assert_eq!(ledger.ids(), ["ada", "eve"]);
}

#[test]
fn every_refusal_is_counted_even_where_few_are_kept() {
    let mut text = String::from("id,date\n");
    (0..50).for_each(|n| text.push_str(&format!("{n},never\n")));
    let mut builder = LedgerBuilder::<String, f64>::new().with_kept_refusals(3);
    CsvOrders::new().read(text.as_bytes(), &mut builder).unwrap();
    let ledger = builder.build();
    assert_eq!((ledger.refused().len(), ledger.quality().unreadable_dates.count), (3, 50));
}

#[test]
fn swapped_days_and_months_are_counted_where_they_could_be() {
    let text = "id,date,amount\na,08/03/2014,1\na,13/03/2014,1\na,04/04/2014,1\na,03/14/2014,1\n";
    let ledger = read(&CsvOrders::new().with_date_format("%d/%m/%Y"), text).unwrap();
    let quality = ledger.quality();
    assert_eq!((quality.ambiguous_dates.count, quality.ambiguous_dates.first_line), (1, Some(2)));
    assert_eq!((quality.unreadable_dates.count, quality.unreadable_dates.first_line), (1, Some(5)));
}

#[test]
fn text_of_any_usual_encoding_reads_and_a_doubt_is_told() {
    let id = |text: Vec<u8>| {
        let ledger = read(&CsvOrders::new(), text).unwrap();
        assert_eq!(ledger.rows(), 1, "{:?}", ledger.refused());
        (ledger.ids()[0].clone(), ledger.quality().warnings.clone())
    };
    let text = "id,date\nmüller,2024-01-05\n";
    let muller = ("müller".to_owned(), Vec::new());
    assert_eq!(id(text.as_bytes().to_vec()), muller);
    assert_eq!(id(text.encode_utf16().flat_map(u16::to_le_bytes).collect()), muller);
    assert_eq!(
        id([0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()),
        muller
    );
    assert_eq!(id(b"id,date\nm\xfcller,2024-01-05\n".to_vec()), muller);
    // A file that begins as UTF-8 and goes on as something else.
    let late = format!("id,date,note\n{}", "x,never,\n".repeat(20_000)).into_bytes();
    let late = [late, b"m\xfcller,2024-01-05,\n".to_vec()].concat();
    let (name, warnings) = id(late);
    assert_eq!(name, "müller");
    assert_eq!(
        warnings[0].to_string(),
        "1 cell is not UTF-8, the first in line 20002, and read as windows-1252; declare the encoding of the file"
    );
}

#[test]
fn files_that_are_none_are_told_apart() {
    let orders = CsvOrders::new();
    assert_eq!(message(&orders, ""), "the file is empty");
    assert_eq!(message(&orders, gzip(b"")), "the file is empty");
    assert_eq!(message(&orders, "\n\n"), "the file is empty");
    assert_eq!(
        message(&orders, b"\x7fELF\x02\x01\x01\x00\x00"),
        "the file is not text: a zero byte at byte 7"
    );
    assert_eq!(
        message(&orders, b"PK\x03\x04"),
        "the file is not text: the signature of a spreadsheet (.xlsx, .ods) or archive at byte 0"
    );
    assert_eq!(
        read(&orders, "customer_id,date,amount\n").unwrap().rows(),
        0,
        "a header alone is a file without orders"
    );
    let cut = gzip(GOOD.as_bytes());
    let error = message(&orders, &cut[..cut.len() / 2]);
    assert!(error.starts_with("reading failed after line"), "{error}");
    let error = orders.read_path::<f64>("no/such/file.csv").unwrap_err().to_string();
    assert!(error.starts_with("cannot open no/such/file.csv: "), "{error}");
    let error = message(&orders.with_date_format("%H"), GOOD);
    assert!(error.contains(r#"got "%H""#), "{error}");
}

/// A file that never ends: if it were kept in memory, this test would not end either.
struct Endless;

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(b'x');
        Ok(buffer.len())
    }
}

#[test]
fn an_endless_line_and_an_open_quote_stop_at_the_limit() {
    for start in ["id,date\nada,2024-01-05\n", "id,date\nada,2024-01-05\n\""] {
        let source = start.as_bytes().chain(Endless);
        let error = CsvOrders::new()
            .with_table_options(TableOptions::new().with_record_limit(100_000).unwrap())
            .read(source, &mut LedgerBuilder::<String, f64>::new())
            .unwrap_err();
        assert_eq!(error, crm_tables::Error::RecordTooLong { line: 3, limit: 100_000 }.into());
    }
}

#[test]
fn a_record_within_the_limit_reads_however_many_there_are() {
    let mut text = String::from("id,date,amount,note\n");
    for n in 0..3_000 {
        text.push_str(&format!("{n},2024-01-05,1,{}\n", "y".repeat(90)));
    }
    let ledger =
        read(&CsvOrders::new().with_table_options(TableOptions::new().with_record_limit(200).unwrap()), text)
            .unwrap();
    assert_eq!(ledger.rows(), 3_000);
}

#[test]
fn minor_units_keep_their_scale_or_refuse() {
    let mut builder = LedgerBuilder::<String, i64>::new();
    let text = "id;date;amount\na;2024-01-05;12.3\na;2024-01-06;0.001\n";
    CsvOrders::new()
        .with_table_options(TableOptions::new().with_delimiter(b';'))
        .read(text.as_bytes(), &mut builder)
        .unwrap();
    let ledger = builder.build();
    assert_eq!(ledger.lines(ledger.find("a").unwrap()).next().unwrap().amount, 1_230);
    assert_eq!(
        ledger.refused()[0].reason,
        RefusalReason::Amount(crm_numbers::ReadAmountError::TooFine { decimals: 2 })
    );
}

#[test]
fn a_roster_brings_people_without_orders_and_refuses_bad_rows() {
    let mut builder = LedgerBuilder::<String, Decimal>::new();
    CsvOrders::new().read(GOOD.as_bytes(), &mut builder).unwrap();
    let roster = "customer_id,first_contact\nbob,2023-12-01\neve,\nmax,soon\n,2024-01-01\n";
    let refused = CsvRoster::new().read(roster.as_bytes(), &mut builder).unwrap();
    let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        ["line 4: date does not read as YYYY-MM-DD: \"soon\"", "line 5: customer id is missing: \"\""]
    );
    let ledger = builder.build();
    assert_eq!(ledger.ids(), ["ada", "bob", "eve"]);
    assert_eq!(ledger.first_contact(ledger.find("bob").unwrap()).unwrap().to_string(), "2023-12-01");
    assert_eq!(ledger.quality().rows, 2, "a roster's rows are no order rows");
}

#[test]
fn an_open_quote_does_not_swallow_the_rest_of_a_file() {
    let rest: String = (0..40).map(|n| format!("ada,2024-02-{:02},1\n", 1 + n % 28)).collect();
    let open = "the record that starts in line 3 runs to the end of the file in line 43: \
        a quotation mark is opened and not closed";
    assert_eq!(
        message(&CsvOrders::new(), format!("id,date,amount\nada,2024-01-05,1\n\"ada,2024-01-06,1\n{rest}")),
        open
    );
    assert_eq!(
        message(&CsvOrders::new(), format!("id,date,amount\nada,2024-01-05,1\nada,2024-01-06,\"1\n{rest}")),
        open
    );
    // A note of two lines in the last record is none.
    let text = "id,date,amount,note\nada,2024-01-05,1,\"two\nlines\"\n";
    assert_eq!(read(&CsvOrders::new(), text).unwrap().rows(), 1);
}

#[test]
fn a_decimal_comma_is_read_where_it_is_announced() {
    let text = "id;date;amount\nada;2024-01-05;1234,50\nada;2024-01-06;1.234,50\nada;2024-01-07;12.34\n";
    let orders = CsvOrders::new()
        .with_table_options(TableOptions::new().with_delimiter(b';'))
        .with_decimal_mark(DecimalMark::Comma);
    let ledger = read(&orders, text).unwrap();
    let amounts: Vec<_> = ledger.lines(ledger.find("ada").unwrap()).map(|line| line.amount).collect();
    assert_eq!(amounts, [Decimal::new(123_450, 2); 2]);
    assert_eq!(ledger.refused()[0].to_string(), "line 4: amount is not a number: \"12.34\"");
}

#[test]
fn two_stray_quotes_far_apart_refuse_the_lines_between_by_name() {
    let order = |n: usize| format!("c{},2024-02-{:02},1\n", n % 50, 1 + n % 28);
    let mut text = String::from("id,date,amount\n");
    for n in 2..600 {
        match n {
            100 => text.push_str("ada,2024-01-06,\"1\n"),
            500 => text.push_str("bob,2024-01-06,1\"\n"),
            _ => text.push_str(&order(n)),
        }
    }
    let ledger = read(&CsvOrders::new(), &text).unwrap();
    let [refused] = ledger.refused() else { panic!("{:?}", ledger.refused()) };
    assert_eq!((refused.line, &refused.reason), (100, &RefusalReason::Lines { last: 500 }));
    assert!(
        refused
            .to_string()
            .starts_with("line 100: row runs on to line 500; a quotation mark may be out of place: \"ada,"),
        "{refused}"
    );
    assert_eq!((ledger.rows(), ledger.quality().malformed_rows.count), (598 - 401, 1));
    // In the header there is no telling what the columns are.
    let quoted = format!("id,date,amount,\"note\n{}\"\n{}", "line\n".repeat(30), order(1));
    assert_eq!(
        message(&CsvOrders::new(), quoted),
        "the header runs from line 1 to line 32, over more than 20 lines; a quotation mark may be out of place"
    );
}

#[test]
fn a_record_of_twenty_lines_reads_and_of_more_only_where_it_is_allowed() {
    let note = |lines: usize| {
        format!(
            "id,date,amount,note\nada,2024-01-05,1,\"{}\"\nbob,2024-01-05,1,\n",
            vec!["x"; lines].join("\n")
        )
    };
    assert_eq!(read(&CsvOrders::new(), note(20)).unwrap().rows(), 2);
    assert_eq!(read(&CsvOrders::new(), note(21)).unwrap().rows(), 1);
    assert_eq!(
        read(
            &CsvOrders::new().with_table_options(TableOptions::new().with_line_limit(21).unwrap()),
            note(21)
        )
        .unwrap()
        .rows(),
        2
    );
    assert_eq!(
        read(&CsvOrders::new().with_table_options(TableOptions::new().with_line_limit(1).unwrap()), note(2))
            .unwrap()
            .rows(),
        1
    );
    // An id is never longer than a line.
    let text = "id,date,amount\n\"ada,2024-01-05,1\nbob\",2024-01-05,1\nada,2024-01-05,1\n";
    let ledger = read(&CsvOrders::new(), text).unwrap();
    assert_eq!(ledger.ids(), ["ada"]);
    assert_eq!(
        (ledger.refused()[0].line, &ledger.refused()[0].reason),
        (2, &RefusalReason::Lines { last: 3 })
    );
}

#[test]
fn a_first_line_may_name_the_delimiter() {
    let rows = "id;date;amount\nada;2024-01-05;1\nada;soon;1\n";
    for hint in ["sep=;\n", "\u{feff}sep=;\r\n", "\"sep=;\"\r", "SEP=;\n"] {
        let ledger = read(&CsvOrders::new(), format!("{hint}{rows}")).unwrap();
        assert_eq!((ledger.rows(), ledger.refused()[0].line), (1, 4), "{hint:?}");
        let told = read(
            &CsvOrders::new().with_table_options(TableOptions::new().with_delimiter(b';')),
            format!("{hint}{rows}"),
        )
        .unwrap();
        assert_eq!(told, ledger);
    }
    assert_eq!(message(&CsvOrders::new(), "sep=;\n"), "the file is empty");
    let error = message(
        &CsvOrders::new().with_table_options(TableOptions::new().with_delimiter(b',')),
        format!("sep=;\n{rows}"),
    );
    assert!(error.contains("is ';' the delimiter?"), "what the caller says wins: {error}");
    let mut builder = LedgerBuilder::<String, Decimal>::new();
    let refused =
        CsvRoster::new().read("sep=\t\nid\tfirst_contact\neve\tsoon\n".as_bytes(), &mut builder).unwrap();
    assert_eq!(refused[0].line, 3);
}

#[test]
fn one_column_is_not_two_things_and_another_delimiter_is_suggested() {
    let twice = CsvOrders::new().with_id_column("date");
    assert_eq!(message(&twice, GOOD), r#"column "date" cannot be both the customer id and the date"#);
    let commas = TableOptions::new().with_delimiter(b',');
    assert_eq!(
        message(&CsvOrders::new().with_id_column("id").with_table_options(commas), GOOD.replace(',', ";")),
        "no customer id column \"id\"; the columns are \"customer_id;date;amount\" (one column: is ';' the delimiter?)"
    );
}
