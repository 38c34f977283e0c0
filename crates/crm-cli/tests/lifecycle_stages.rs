//! The example as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("stages", args), flag: "--orders" };

fn rows(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("out").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Ann buys every month for a year, Bo did so until spring, Cy has come in December.
fn shop() -> String {
    let mut text = String::from("customer,date,amount\n");
    for month in 1..=12 {
        writeln!(text, "ann,2024-{month:02}-05,{}.50", 20 + month).unwrap();
    }
    for month in 1..=4 {
        writeln!(text, "bo,2024-{month:02}-10,10.00").unwrap();
    }
    text + "bo,2024-04-20,-2.00\ncy,2024-12-20,5.00\ncy,2024-12-20,1.00\n"
}

const FILES: [&str; 6] =
    ["cohorts.csv", "stage_values.csv", "stages.csv", "stages.html", "survival.csv", "transitions.csv"];

#[test]
fn the_promised_files_and_columns() {
    let (result, folder, _) = PROGRAM.run_on(shop(), &["--end", "2024-12-31"]);
    let said = result.unwrap();
    assert!(said.contains("3 customers from 2024-01-05 to 2024-12-31"), "{said}");
    let out = folder.path().join("out");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, FILES);
    let text = fs::read_to_string(out.join("stages.csv")).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "customer_id,stage,since,p_exploration,p_formation,p_stability,p_decline,reasons"
    );
    let stages = rows(folder.path(), "stages.csv");
    let told: Vec<[&str; 4]> = stages
        .iter()
        .map(|row| ["customer_id", "stage", "since", "p_decline"].map(|column| row[column].as_str()))
        .collect();
    // Ann is stable after 180 days, on 3 July; Bo declines after three gaps of 30.3 days; Cy has just come.
    assert_eq!(
        told,
        [
            ["ann", "stability", "2024-07-03", "0.000000"],
            ["bo", "decline", "2024-07-10", "1.000000"],
            ["cy", "exploration", "2024-12-20", "0.000000"]
        ]
    );
    assert!(stages[1]["reasons"].starts_with("idle time in own gaps"), "{}", stages[1]["reasons"]);
    assert_eq!(rows(folder.path(), "transitions.csv").len(), 16);
    assert_eq!(rows(folder.path(), "stage_values.csv").len(), 4);
}

#[test]
fn cohorts_hold_what_the_orders_say() {
    let (result, folder, _) = PROGRAM.run_on(shop(), &["--end", "2024-12-31"]);
    result.unwrap();
    let cohorts = rows(folder.path(), "cohorts.csv");
    // Twelve months: 12 + 11 + ... + 1 cells; nothing of the time to come.
    assert_eq!(cohorts.len(), 78);
    let cell = |cohort: &str, age: &str| {
        cohorts.iter().find(|row| row["cohort"] == cohort && row["age"] == age).unwrap()
    };
    let april = cell("2024-01", "3");
    for (column, value) in [
        ("size", "2"),
        ("customers", "2"),
        ("retention", "1.000000"),
        ("orders", "2"),
        ("revenue", "32.50"),
        // 21.50 + 22.50 + 23.50 + 24.50 of Ann; four times 10 less 2 of Bo; over two customers.
        ("cumulative_revenue", "130.00"),
        ("value_per_customer", "65.000000"),
    ] {
        assert_eq!(april[column], value, "{column}");
    }
    assert_eq!(cell("2024-01", "4")["retention"], "0.500000");
    assert_eq!(cell("2024-02", "0")["retention"], "");
    assert_eq!(cell("2024-12", "0")["orders"], "2");
}

#[test]
fn the_curve_says_when_relationships_declined() {
    let (result, folder, _) = PROGRAM.run_on(shop(), &["--end", "2024-12-31"]);
    assert!(result.unwrap().contains("Half of the relationships decline within 182 days for the first time"));
    let survival = rows(folder.path(), "survival.csv");
    // Bo: from 10 January to 10 July, 182 days; Cy has been seen for 11 days only.
    assert_eq!(survival.len(), 1);
    for (column, value) in [("days", "182"), ("at_risk", "2"), ("declined", "1"), ("survival", "0.500000")] {
        assert_eq!(survival[0][column], value, "{column}");
    }
}

#[test]
fn the_page_needs_nothing_else() {
    let (result, folder, _) = PROGRAM.run_on(shop(), &[]);
    result.unwrap();
    let page = fs::read_to_string(folder.path().join("out/stages.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.matches("<svg ").count() >= 4);
    assert!(!page.contains("NaN") && !page.contains("src=") && !page.contains("href="), "{page}");
    assert!(page.contains("Who stayed, and how much revenue"));
}

#[test]
fn every_method_gives_the_same_files() {
    let mut text = String::from("customer,date,amount\n");
    for customer in 0..40_u32 {
        for order in 0..=(customer % 9) {
            let day = 1 + (customer * 5 + order * 11) % 28;
            let month = 1 + (customer % 4 + order) % 12;
            writeln!(text, "c{customer},2024-{month:02}-{day:02},{}", 10 + order).unwrap();
        }
    }
    for method in ["rules", "hmm", "p-alive"] {
        let (result, folder, _) = PROGRAM.run_on(&text, &["--method", method, "--cohorts", "quarters"]);
        assert!(result.unwrap().contains("40 customers"), "{method}");
        let stages = rows(folder.path(), "stages.csv");
        assert_eq!(stages.len(), 40);
        for row in &stages {
            let sum: f64 = ["p_exploration", "p_formation", "p_stability", "p_decline"]
                .iter()
                .map(|column| row[*column].parse::<f64>().unwrap())
                .sum();
            assert!((sum - 1.0).abs() < 1e-5, "{method}: {row:?}");
            assert!(!row["reasons"].is_empty(), "{method}: {row:?}");
        }
        assert!(folder.path().join("out/stages.html").exists());
    }
}

/// Runs on the sample shop.
fn sample(method: &str) -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let said = PROGRAM.run(&["--method", method, "--out", out.to_str().unwrap()]).unwrap();
    (said, folder)
}

fn cell(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

/// The share that has not declined by a day.
fn survival_at(folder: &Path, day: f64) -> f64 {
    let rows = rows(folder, "survival.csv");
    rows.iter().rfind(|row| cell(row, "days") <= day).map_or(1.0, |row| cell(row, "survival"))
}

/// Stages of every day since the first purchase, looked at elsewhere: 6.3 % have never declined in
/// 540 days (21 % are not in decline today); customers known to be in decline brought 21.58 per
/// year, where a Markov chain said 248.
#[test]
fn the_sample_shop_by_rules() {
    let (said, folder) = sample("rules");
    assert!((survival_at(folder.path(), 540.0) - 0.0634).abs() < 0.002, "{said}");
    assert!((survival_at(folder.path(), 90.0) - 0.8708).abs() < 0.01, "{said}");
    let values = rows(folder.path(), "stage_values.csv");
    // Stage, customers known to be in it, what they brought, what those of half a year before had
    // brought.
    let right = [
        ("exploration", "449", 70.46, 89.50),
        ("formation", "65", 199.91, 777.65),
        ("stability", "153", 819.67, 1_092.78),
        ("decline", "803", 21.58, 25.12),
    ];
    for (row, (stage, customers, value, predicted)) in values.iter().zip(right) {
        assert_eq!((row["stage"].as_str(), row["known_on"].as_str()), (stage, "2025-07-02"));
        assert_eq!((row["tested_on"].as_str(), row["horizon_days"].as_str()), ("2025-01-01", "182"));
        assert_eq!(row["known_customers"], customers, "{row:?}");
        for (column, wanted) in [("value", value), ("predicted", predicted), ("actual", value)] {
            assert!((cell(row, column) - wanted).abs() < 0.006, "{column}: {row:?}");
        }
        assert!(cell(row, "value_lower") < value && value < cell(row, "value_upper"), "{row:?}");
    }
    assert!(
        said.contains("predicted 189.19 per customer, 127.46 came; stages outside their limits: none."),
        "{said}"
    );
    // Decline, the stage of most customers, is as predicted.
    assert!(cell(&values[3], "difference_lower") < 0.0 && cell(&values[3], "difference_upper") > 0.0);
}

/// With P(alive) half of the relationships declined "within 0 days", and nobody knew since when.
#[test]
fn the_sample_shop_by_p_alive() {
    let (said, folder) = sample("p-alive");
    let stages = rows(folder.path(), "stages.csv");
    assert!(stages.iter().all(|row| !row["since"].is_empty()));
    // Decline exactly where it is the most likely stage.
    assert!(stages.iter().all(|row| (row["stage"] == "decline") == (cell(row, "p_decline") > 0.5)));
    let gone = stages.iter().filter(|row| row["stage"] == "decline").count();
    assert!(gone > 0, "{said}");
    let survival = rows(folder.path(), "survival.csv");
    let declined: f64 = survival.iter().map(|row| cell(row, "declined")).sum();
    assert!(declined >= gone as f64);
    assert!(survival.iter().all(|row| cell(row, "days") > 0.0), "{:?}", survival.first());
    assert!(!said.contains("within 0 days"), "{said}");
}

#[test]
fn without_amounts_nothing_is_said_about_money() {
    let text: String =
        shop().lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    result.unwrap();
    assert_eq!(rows(folder.path(), "cohorts.csv")[0]["revenue"], "");
    let page = fs::read_to_string(folder.path().join("out/stages.html")).unwrap();
    assert!(!page.contains("how much revenue") && page.contains("Purchases per customer and year"));
}

#[test]
fn a_slip_in_a_date_does_not_move_the_end() {
    let (result, slip, _) = PROGRAM.run_on(shop() + "dot,2205-06-20,5.00\n", &[]);
    let said = result.unwrap();
    let (_, rest) = said.split_once("3 customers from 2024-01-05 to ").unwrap_or_else(|| panic!("{said}"));
    let today = rest.lines().next().unwrap();
    let left_out = "was left out: they are dated in the future; give --end to keep them";
    assert!(said.contains(&format!("1 row after {today} {left_out}")), "{said}");
    // As if it had been said that today is the end.
    let (result, told, _) = PROGRAM.run_on(shop(), &["--end", today]);
    result.unwrap();
    for name in FILES {
        let read = |folder: &Path| fs::read_to_string(folder.join("out").join(name)).unwrap();
        assert_eq!(read(slip.path()), read(told.path()), "{name}");
    }
}

#[test]
fn a_single_order_is_a_relationship() {
    let (result, folder, _) = PROGRAM.run_on("customer,date,amount\na,2024-05-05,1\n", &[]);
    result.unwrap();
    assert_eq!(rows(folder.path(), "stages.csv")[0]["stage"], "exploration");
    assert_eq!(rows(folder.path(), "transitions.csv")[0]["share"], "");
    assert_eq!(rows(folder.path(), "stage_values.csv")[0]["value"], "");
}

#[test]
fn bad_files_are_named_and_nothing_is_written() {
    assert!(PROGRAM.refusal("", &[]).starts_with("FILE: "));
    assert_eq!(PROGRAM.refusal("customer,date,amount\n", &[]), "FILE: there is no order below the header");
    assert!(PROGRAM.refusal("a,b,c\n1,2,3\n", &[]).starts_with("FILE: "));
    let unreadable = PROGRAM.refusal("customer,date,amount\nx,31/12/2024,5\n", &[]);
    assert!(unreadable.starts_with("FILE: all 1 rows were refused; line 2"), "{unreadable}");
    assert!(PROGRAM.refusal("customer,date,amount\nx,2024-01-01,-5\n", &[]).contains("no order"));
    assert!(PROGRAM.refusal(shop(), &["--end", "2023-01-01"]).contains("comes after --end 2023-01-01"));
    let missing = PROGRAM.run(&["--orders", "/nowhere/orders.csv"]).unwrap_err();
    assert!(missing.starts_with("/nowhere/orders.csv: "), "{missing}");
}

#[test]
fn bad_flags_say_what_they_should_be() {
    assert_eq!(
        PROGRAM.refusal(shop(), &["--method", "stars"]),
        "--method \"stars\": the methods are rules, hmm and p-alive"
    );
    assert_eq!(
        PROGRAM.refusal(shop(), &["--period-days", "0"]),
        "--period-days \"0\": must be a whole number from 1 to 366"
    );
    assert_eq!(
        PROGRAM.refusal(shop(), &["--cohorts", "days"]),
        "--cohorts \"days\": must be weeks, months, quarters or years"
    );
    // A flag of the report that means nothing here.
    assert_eq!(
        PROGRAM.refusal(shop(), &["--horizon", "5"]),
        "unexpected argument '--horizon' found; see --help"
    );
    assert!(PROGRAM.run(&["--help"]).unwrap().starts_with("Report the life-cycle stage of each customer"));
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    fs::write(&orders, shop()).unwrap();
    let name = orders.to_str().unwrap();
    let message = PROGRAM.run(&["--orders", name, "--out", name]).unwrap_err();
    assert!(message.starts_with(&format!("cannot write {name}: ")), "{message}");
    assert_eq!(fs::read_to_string(&orders).unwrap(), shop());
}
