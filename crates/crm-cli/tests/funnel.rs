//! The example as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("funnel", args), flag: "--events" };

fn rows(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("out").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

const HEADER: &str = "opportunity_id,product,deal_stage,engage_date,close_date,close_value\n";

/// Seven opportunities: three won, one lost, two engaged, one prospecting.
fn events() -> String {
    HEADER.to_owned()
        + "a,kit,Won,2024-01-01,2024-01-11,100.00\n\
           b,kit,Won,2024-01-05,2024-01-25,200.00\n\
           c,line,Won,2024-02-01,2024-03-02,600.00\n\
           d,line,Lost,2024-02-01,2024-02-11,0\n\
           e,line,Engaging,2024-02-20,,\n\
           f,kit,Engaging,2024-03-31,,\n\
           g,kit,Prospecting,,,\n"
}

#[test]
fn the_promised_files_and_numbers() {
    let (result, folder, _) = PROGRAM.run_on(events(), &["--group", "product", "--deals", "3"]);
    let said = result.unwrap();
    assert!(said.starts_with("7 opportunities as of 2024-03-31"), "{said}");
    // Of six engaged ones 3/5 are won in the end (at 30 days, see the table below); all are engaged
    // in the end.
    assert!(said.contains("3 deals take 5 opportunities on average; 7 for a certainty of 90.0 %"), "{said}");
    // One of two open ones is 40 days old, more than any decision took; the other one has a chance
    // of 3/5.
    assert!(said.contains("older than that count as not won: 1 of 2."), "{said}");
    assert!(
        said.contains("Won deals brought 900.00, 300.00 each; the open ones may bring about 180."),
        "{said}"
    );
    let out = folder.path().join("out");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["funnel.csv", "funnel.json", "funnel.svg", "groups.csv", "time.csv"]);
    let steps = rows(folder.path(), "funnel.csv");
    let counts: Vec<[&str; 4]> = steps
        .iter()
        .map(|row| ["entered", "went_on", "lost", "open"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(counts, [["7", "6", "0", "1"], ["6", "3", "1", "2"]]);
    assert_eq!((steps[1]["so_far"].as_str(), steps[1]["decided"].as_str()), ("0.500000", "0.750000"));
    // Wilson's limits of 3 of 4.
    assert_eq!(
        (steps[1]["decided_lower"].as_str(), steps[1]["decided_upper"].as_str()),
        ("0.300642", "0.954413")
    );

    // At 10 days two of five (one has been open for none) are decided, one of them lost; then at 20 and 30.
    let time = rows(folder.path(), "time.csv");
    let told: Vec<[&str; 6]> = time
        .iter()
        .map(|row| {
            ["days", "at_risk", "decided", "still_open", "won", "lost"].map(|column| row[column].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ["10", "5", "2", "0.600000", "0.200000", "0.200000"],
            ["20", "3", "1", "0.400000", "0.400000", "0.200000"],
            ["30", "2", "1", "0.200000", "0.600000", "0.200000"]
        ]
    );
    let groups = rows(folder.path(), "groups.csv");
    let told: Vec<[&str; 4]> = groups
        .iter()
        .map(|row| ["group", "decided", "won", "difference"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(told, [["kit", "2", "2", "0.500000"], ["line", "2", "1", "-0.500000"]]);
    let svg = fs::read_to_string(out.join("funnel.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && !svg.contains("NaN"));
}

#[test]
fn a_day_before_the_end_knows_nothing_of_later() {
    let (result, folder, _) = PROGRAM.run_on(events(), &["--end", "2024-02-10"]);
    let said = result.unwrap();
    assert!(said.starts_with("7 opportunities as of 2024-02-10"), "{said}");
    let steps = rows(folder.path(), "funnel.csv");
    let counts = ["entered", "went_on", "lost", "open"].map(|column| steps[1][column].as_str());
    // Four are engaged by then, two of them won; nothing was lost yet.
    assert_eq!(counts, ["4", "2", "0", "2"]);
}

#[test]
fn json_alone_writes_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (events_file, json) = (folder.path().join("events.csv"), folder.path().join("numbers.json"));
    fs::write(&events_file, events()).unwrap();
    let args = ["--events", events_file.to_str().unwrap(), "--json", json.to_str().unwrap()];
    PROGRAM.run(&args).unwrap();
    let numbers: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(numbers["opportunities"].as_u64(), Some(7));
    assert_eq!(numbers["needed"].as_u64(), Some(17)); // 10 / 0.6, rounded up
    assert_eq!(numbers["won_value"], "900.00");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn nothing_won_promises_nothing() {
    let text = HEADER.to_owned() + "a,kit,Lost,2024-01-01,2024-01-11,0\nb,kit,Engaging,2024-01-01,,\n";
    let (result, folder, _) = PROGRAM.run_on(text, &["--group", "product"]);
    let said = result.unwrap();
    assert!(!said.contains("deals take") && !said.contains("Won deals"), "{said}");
    assert_eq!(rows(folder.path(), "groups.csv")[0]["difference"], "");
}

#[test]
fn bad_files_are_named_with_their_line_and_nothing_is_written() {
    let row = |row: &str| PROGRAM.refusal(HEADER.to_owned() + row, &[]);
    assert_eq!(PROGRAM.refusal("", &[]), "FILE: the file is empty");
    assert_eq!(row(""), "FILE: there is no opportunity below the header");
    assert_eq!(
        PROGRAM.refusal("opportunity_id,deal_stage\na,Won\n", &[]),
        "FILE: no column \"engage_date\"; the columns are opportunity_id, deal_stage"
    );
    assert_eq!(
        row("a,kit,Sold,2024-01-01,,\n"),
        "FILE: line 2: deal_stage must be Prospecting, Engaging, Won or Lost, got \"Sold\""
    );
    assert_eq!(
        row("a,kit,Won,01/02/2024,,\n"),
        "FILE: line 2: engage_date must be a date, YYYY-MM-DD, got \"01/02/2024\""
    );
    assert_eq!(
        row("a,kit,Won,2024-02-01,2024-01-31,5\n"),
        "FILE: line 2: close_date 2024-01-31 is before engage_date 2024-02-01"
    );
    assert_eq!(
        row("a,kit,Won,2024-02-01,2024-03-31,-5\n"),
        "FILE: line 2: close_value must be an amount of at least 0, got \"-5\""
    );
    assert_eq!(
        row("a,kit,Prospecting,,,\na,kit,Prospecting,,,\n"),
        "FILE: line 3: opportunity a is already on line 2"
    );
    assert_eq!(row("a,kit,Prospecting,,,\n"), "FILE: there is no date; say with --end what day it is");
    assert!(PROGRAM.refusal(events(), &["--group", "region"]).starts_with("FILE: no column \"region\""));
    let missing = PROGRAM.run(&["--events", "/nowhere/events.csv"]).unwrap_err();
    assert!(missing.starts_with("/nowhere/events.csv: "), "{missing}");
}

#[test]
fn bad_flags_say_what_they_should_be() {
    assert_eq!(
        PROGRAM.refusal(events(), &["--deals", "0"]),
        "--deals \"0\": must be a whole number from 1 to 1000000"
    );
    assert_eq!(
        PROGRAM.refusal(events(), &["--certainty", "1"]),
        "--certainty \"1\": must be a number between 0 and 1"
    );
    assert_eq!(PROGRAM.refusal(events(), &["--end", "soon"]), "--end \"soon\": a date is written YYYY-MM-DD");
    assert_eq!(
        PROGRAM.refusal(events(), &["--sales", "x"]),
        "unexpected argument '--sales' found; see --help"
    );
    assert!(PROGRAM.run(&["--help"]).unwrap().starts_with("Report conversion and time per step"));
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.csv");
    fs::write(&file, events()).unwrap();
    let name = file.to_str().unwrap();
    let message = PROGRAM.run(&["--events", name, "--out", name]).unwrap_err();
    assert!(message.starts_with(&format!("cannot write {name}: ")), "{message}");
    assert_eq!(fs::read_to_string(&file).unwrap(), events());
}

/// The figures of the whole file, counted by hand in the README of the data.
#[test]
fn a_published_pipeline() {
    let Some(data) = std::env::var_os("CRM_DATA") else {
        assert!(std::env::var("CRM_DATA_REQUIRED").as_deref() != Ok("1"), "CRM_DATA is required");
        println!("skipped: CRM_DATA is not set");
        return;
    };
    let file = PathBuf::from(data).join("crm_opportunities.csv");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let args = ["--events", file.to_str().unwrap(), "--group", "sales_agent", "--out", out.to_str().unwrap()];
    let said = PROGRAM.run(&args).unwrap();
    assert!(said.starts_with("8800 opportunities as of 2017-12-31"), "{said}");
    let steps = rows(folder.path(), "funnel.csv");
    let counts: Vec<[&str; 4]> = steps
        .iter()
        .map(|row| ["entered", "went_on", "lost", "open"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(counts, [["8800", "8300", "0", "500"], ["8300", "4238", "2473", "1589"]]);
    assert_eq!(rows(folder.path(), "groups.csv").len(), 30);
    // Of the decided 63.2 % are won; 1 291 of 1 589 open ones have outlasted every decision.
    assert!(said.contains("Of those that are decided, 63.2 %"), "{said}");
    assert!(said.contains("Of those that are engaged, 51.9 %") && said.contains("within 138 days"), "{said}");
    assert!(said.contains("older than that count as not won: 1291 of 1589."), "{said}");
    // At 51.9 % twenty bring ten deals in 65 % of all cases.
    assert!(
        said.contains("10 deals take 20 opportunities on average; 25 for a certainty of 90.0 %"),
        "{said}"
    );
}

/// Open deals carry the day on which they are expected to close; the last thing that happened was
/// on 10 March.
#[test]
fn a_day_on_which_a_deal_is_expected_to_close_is_no_event() {
    let text = "opportunity_id,deal_stage,engage_date,close_date,close_value\n\
        1,Won,2025-01-01,2025-01-31,1000\n2,Won,2025-01-01,2025-02-20,1000\n3,Lost,2025-01-10,2025-02-09,0\n\
        4,Engaging,2025-03-01,2025-12-31,5000\n5,Engaging,2025-03-10,2031-06-30,5000\n\
        6,Engaging,2025-02-01,2025-01-15,5000\n7,Prospecting,,2025-04-15,\n";
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    let said = result.unwrap();
    assert!(said.starts_with("7 opportunities as of 2025-03-10"), "{said}");
    assert!(said.contains("decided within 30 days"), "{said}");
    let time = rows(folder.path(), "time.csv");
    let told: Vec<[&str; 4]> = time
        .iter()
        .map(|row| ["days", "at_risk", "decided", "still_open"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(told, [["30", "4", "2", "0.500000"], ["50", "1", "1", "0.000000"]]);
    // An earlier day is one of that day: deal 2 was open, and nobody knew when it would close.
    let (result, ..) = PROGRAM.run_on(text, &["--end", "2025-02-09"]);
    assert!(result.unwrap().starts_with("7 opportunities as of 2025-02-09"));
}
