//! The program as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("value", args), flag: "--customers" };

const HEADER: &str = "customer_id,spending_capacity,share_of_wallet,unit_margin,influence,reach,influenced_purchase_value,\
    information_value,knowledge_value,transaction_value,marketing_cost,sales_cost,service_cost,revenue";

fn values(folder: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("out/values.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Three accounts: whole, dear to serve, and hardly known.
fn three() -> String {
    format!(
        "{HEADER}\n\
         ada,12000,0.35,0.20,0.08,150,600,51,420,339,120,80,45.50,4200\n\
         bob,20000,0.5,0.1,,10,5,,,10.10,300,600,400,10000\n\
         cyd,,,0.3,,,,,,,1,2,,\n"
    )
}

#[test]
fn every_figure_is_exact_and_what_is_missing_stays_empty() {
    let (result, folder, _) = PROGRAM.run_on(three(), &[]);
    // The widths of columns are not what is tested here.
    let said = result.unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = fs::read_to_string(folder.path().join("out/values.csv")).unwrap();
    assert_eq!(
        text,
        "customer_id,cpv,ppv,civ,ckv,ctv,clv,relationship_cost,profit,rank,cumulative_profit_share\n\
         ada,840,7200,51,420,339,8850,245.5,594.5,1,2.0189473684210526315789473684\n\
         bob,1000,,,,10.1,1010.1,1300,-300,2,1\n\
         cyd,,,,,,,,,,\n"
            .replace("2.0189473684210526315789473684", &share("594.5", "294.5"))
    );
    for part in [
        "input.csv: 3 customers",
        "CLV 9860.10 4930.05 2 1",
        "profit 294.50 147.25 2 1",
        "1 of 2 customers earn 594.50; 1 lose 300.00 of it. What is left is 294.50.",
        "At its peak the whale curve stands at 201.9 % of the profit.",
        "Loss-makers, worst first: bob ",
        "bob 10000.00 1 -300.00 2 ",
        "Missing (not zero), customers by column: spending_capacity 1, share_of_wallet 1, influence 2, reach 1",
        "CLV is the sum of only some components: 1 (bob)",
        "No component is known, CLV is empty: 1 (cyd)",
        "Without profit and rank: 1 (cyd)",
        "Amounts above are rounded to 2 decimals, half_even; values.csv is exact: ",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
}

/// A quotient as a decimal writes it: 28 digits.
fn share(part: &str, whole: &str) -> String {
    let [part, whole] = [part, whole].map(|text| text.parse::<rust_decimal::Decimal>().unwrap());
    (part / whole).normalize().to_string()
}

#[test]
fn decimals_are_rounded_by_the_named_strategy_only_where_asked() {
    let (result, folder, _) = PROGRAM.run_on(three(), &["--decimals", "0", "--rounding", "half_up"]);
    assert!(result.unwrap().contains("rounded to 0 decimals, half_up, as in values.csv"));
    let rows = values(folder.path());
    assert_eq!((rows[0]["relationship_cost"].as_str(), rows[0]["profit"].as_str()), ("246", "595"));
    assert_eq!(rows[0]["cumulative_profit_share"], "2");
    let (result, folder, _) = PROGRAM.run_on(three(), &["--decimals", "3"]);
    result.unwrap();
    let rows = values(folder.path());
    assert_eq!((rows[0]["clv"].as_str(), rows[0]["cumulative_profit_share"].as_str()), ("8850.000", "2.019"));
    assert_eq!(rows[2]["clv"], "");
}

#[test]
fn a_zero_is_not_missing() {
    let text = format!("{HEADER}\nada,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    let said = result.unwrap();
    assert!(said.contains("Nothing is missing.") && !said.contains("NaN"), "{said}");
    let rows = values(folder.path());
    for column in ["cpv", "ppv", "civ", "ckv", "ctv", "clv", "relationship_cost", "profit"] {
        assert_eq!(rows[0][column], "0", "{column}");
    }
    // Of a total of nothing there is no share.
    assert_eq!((rows[0]["rank"].as_str(), rows[0]["cumulative_profit_share"].as_str()), ("1", ""));
}

#[test]
fn equal_profits_share_a_rank_and_columns_may_stand_in_any_order() {
    let text = "revenue,customer_id,unit_margin,marketing_cost,sales_cost,service_cost,spending_capacity,share_of_wallet,influence,\
        reach,influenced_purchase_value,information_value,knowledge_value,transaction_value,colour\n\
        10,a,1,0,0,0,,,,,,,,,red\n20,b,1,0,0,0,,,,,,,,,red\n10,c,1,0,0,0,,,,,,,,,red\n5,d,1,0,0,0,,,,,,,,,red\n";
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    result.unwrap();
    let ranks: Vec<String> = values(folder.path()).into_iter().map(|row| row["rank"].clone()).collect();
    assert_eq!(ranks, ["2", "1", "2", "4"]);
}

#[test]
fn a_spreadsheets_mark_and_line_ends_do_not_matter() {
    let text = format!("\u{feff}{}", three().replace('\n', "\r\n"));
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    result.unwrap();
    assert_eq!(values(folder.path())[0]["clv"], "8850");
}

#[test]
fn files_that_leave_nothing_are_refused_and_nothing_is_written() {
    assert_eq!(PROGRAM.refusal("", &[]), "FILE: the file is empty");
    assert_eq!(PROGRAM.refusal(format!("{HEADER}\n"), &[]), "FILE: there is no customer below the header");
    assert_eq!(
        PROGRAM.refusal("customer_id,revenue\nada,5\n", &[]),
        "FILE: no column \"spending_capacity\"; the columns are customer_id, revenue"
    );
    assert_eq!(
        PROGRAM.refusal(format!("{HEADER},revenue\n"), &[]),
        "FILE: there is more than one column \"revenue\""
    );
    let message = PROGRAM.run(&["--customers", "no such file.csv"]).unwrap_err();
    assert!(message.starts_with("no such file.csv: "), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let message = PROGRAM.run(&["--customers", folder.path().to_str().unwrap()]).unwrap_err();
    assert!(message.ends_with(": this is a folder, not a file"), "{message}");
}

#[test]
fn a_cell_that_does_not_read_is_named_with_its_line() {
    let with =
        |line: &str| PROGRAM.refusal(format!("{HEADER}\nada,1,1,1,1,1,1,1,1,1,1,1,1,1\n{line}\n"), &[]);
    assert_eq!(
        with("bob,1,1,1,1,many,1,1,1,1,1,1,1,1"),
        "FILE: line 3: reach does not read as a decimal number: \"many\""
    );
    assert_eq!(
        with("bob,1,1.2,1,1,1,1,1,1,1,1,1,1,1"),
        "FILE: line 3: share_of_wallet: share must be between 0 and 1, got 1.2; write 0.3 for 30 %"
    );
    assert_eq!(
        with("bob,1,1,1,1,1,1,1,1,1,-5,1,1,1"),
        "FILE: line 3: marketing_cost: amount must be at least 0, got -5"
    );
    assert_eq!(
        with("bob,1,1,1,1,1,1,1,1,1,1,1,1,NaN"),
        "FILE: line 3: revenue does not read as a decimal number: \"NaN\""
    );
    assert_eq!(with("ada,1,1,1,1,1,1,1,1,1,1,1,1,1"), "FILE: line 3: customer ada is already on line 2");
    assert_eq!(with(",1,1,1,1,1,1,1,1,1,1,1,1,1"), "FILE: line 3: customer_id is missing");
    let message = with("bob,1,1");
    assert!(message.starts_with("FILE: ") && message.contains("14"), "{message}");
    let largest = "79228162514264337593543950335";
    let message = with(&format!("bob,1,1,1,1,{largest},{largest},1,1,1,1,1,1,1"));
    assert!(message.starts_with("customer bob: referral value exceeds 7.9e28: "), "{message}");
}

#[test]
fn a_folder_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    fs::write(&file, "mine").unwrap();
    let message = PROGRAM.run(&["--out", file.to_str().unwrap()]).unwrap_err();
    assert!(message.starts_with(&format!("cannot write {}: ", file.display())), "{message}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn the_sample_shows_what_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let said = PROGRAM.run(&["--out", folder.path().join("out").to_str().unwrap()]).unwrap();
    let rows = values(folder.path());
    assert_eq!(rows.len(), 400);
    assert!(
        said.contains("Large and poor after cost: ") && said.contains("Without profit and rank: "),
        "{said}"
    );
    // The whale comes back to 1 with the last customer.
    let last = rows
        .iter()
        .filter(|row| !row["rank"].is_empty())
        .max_by_key(|row| row["rank"].parse::<u32>().unwrap());
    assert_eq!(last.unwrap()["cumulative_profit_share"], "1");
    assert!(rows.iter().any(|row| row["cumulative_profit_share"].starts_with("1.")));
}

#[test]
fn help_is_no_error() {
    assert!(PROGRAM.run(&["--help"]).unwrap().contains("Usage: value"));
}
