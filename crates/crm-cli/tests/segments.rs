//! The example as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("segments", args), flag: "--orders" };

fn rows(folder: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("segments.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

const HEADER: &str = "customer_id,rfm_cell,rfm_usual_group,rfm_shop_group,abc_class,xyz_class,loyalty_level,state,\
    next_contact,reasons";

const SHOP: &str = "customer,date,amount\n\
    ann,2024-01-05,500.00\nann,2024-02-05,500.00\nann,2024-03-05,500.00\nann,2024-06-20,500.00\n\
    bo,2024-02-10,300.00\ncy,2024-05-01,40.00\ncy,2024-06-25,60.00\n";

#[test]
fn the_promised_columns_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("answers.csv");
    fs::write(&answers, "customer_id,satisfaction\nann,5\nbo,2\nzoe,3\n").unwrap();
    let answers = answers.to_str().unwrap();
    let more = [
        "--previous-end",
        "2024-04-30",
        "--satisfaction",
        answers,
        "--satisfaction-scale",
        "1..5",
        "--end",
        "2024-06-30",
    ];
    let (result, folder, _) = PROGRAM.run_on(SHOP, &more);
    let said = result.unwrap();
    assert!(said.contains("3 customers from 2024-01-05 to 2024-06-30"), "{said}");
    assert!(said.contains("2 stayed, 0 rose, 0 fell, 1 came, 0 went"), "{said}");
    assert!(said.contains("1 answers of people who have not ordered were left out"), "{said}");
    let out = folder.path().join("out");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        ["migration.svg", "pareto.svg", "pyramid.svg", "rfm.svg", "satisfaction.svg", "segments.csv"]
    );
    assert_eq!(fs::read_to_string(out.join("segments.csv")).unwrap().lines().next().unwrap(), HEADER);
    let rows = rows(&out);
    assert_eq!(rows.len(), 3);
    let ann = &rows[0];
    // 2000 of 2400 brings 80 %: class A, due a week after the last order.
    for (column, value) in [
        ("customer_id", "ann"),
        ("abc_class", "A"),
        ("xyz_class", "Y"),
        ("loyalty_level", "client"),
        ("state", "loyal"),
        ("next_contact", "2024-06-27"),
    ] {
        assert_eq!(ann[column], value, "{column}");
    }
    assert!(ann["reasons"].contains("ABC: at least 2000") && ann["reasons"].contains("next contact is past"));
    // Bo is B, every 15 days from the 10th of February.
    assert_eq!((rows[1]["abc_class"].as_str(), rows[1]["next_contact"].as_str()), ("B", "2024-02-25"));
    for name in names.iter().filter(|name| name.to_string_lossy().ends_with(".svg")) {
        let svg = fs::read_to_string(out.join(name)).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && !svg.contains("NaN"), "{name:?}");
    }
    assert!(fs::read_to_string(out.join("migration.svg")).unwrap().contains("(entrants) to C"));
}

#[test]
fn without_amounts_orders_stand_in() {
    let (result, folder, _) =
        PROGRAM.run_on("customer,date\na,2024-01-01\na,2024-02-01\nb,2024-02-02\n", &[]);
    assert!(result.unwrap().contains("ABC classes of orders"));
    assert_eq!(rows(&folder.path().join("out"))[0]["rfm_cell"].len(), 3);
}

#[test]
fn a_slip_in_a_date_does_not_move_the_end() {
    let (result, slip, _) = PROGRAM.run_on(SHOP.to_owned() + "zoe,2205-06-20,5.00\n", &[]);
    let said = result.unwrap();
    let (_, rest) = said.split_once("3 customers from 2024-01-05 to ").unwrap_or_else(|| panic!("{said}"));
    let today = rest.lines().next().unwrap();
    let left_out = "was left out: they are dated in the future; give --end to keep them";
    assert!(said.contains(&format!("1 row after {today} {left_out}")), "{said}");
    // As if it had been said that today is the end.
    let (result, told, _) = PROGRAM.run_on(SHOP, &["--end", today]);
    result.unwrap();
    assert_eq!(rows(&slip.path().join("out")), rows(&told.path().join("out")));
    // Whoever means it says so.
    let (result, kept, _) =
        PROGRAM.run_on(SHOP.to_owned() + "zoe,2205-06-20,5.00\n", &["--end", "2205-06-20"]);
    assert!(result.unwrap().contains("4 customers from 2024-01-05 to 2205-06-20"));
    assert_eq!(rows(&kept.path().join("out")).len(), 4);
}

#[test]
fn people_without_an_order_have_no_cell() {
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "customer_id,first_contact\nann,2024-01-01\npia,2024-02-01\n").unwrap();
    let (result, folder, _) = PROGRAM.run_on(SHOP, &["--roster", roster.to_str().unwrap()]);
    result.unwrap();
    let pia = rows(&folder.path().join("out")).into_iter().find(|row| row["customer_id"] == "pia").unwrap();
    assert_eq!((pia["rfm_cell"].as_str(), pia["rfm_usual_group"].as_str()), ("", "No Order Yet"));
    assert_eq!((pia["loyalty_level"].as_str(), pia["state"].as_str()), ("prospect", "prospect"));
}

#[test]
fn bad_files_are_named_and_nothing_is_written() {
    assert!(PROGRAM.refusal("", &[]).starts_with("FILE: "));
    assert_eq!(PROGRAM.refusal("customer,date,amount\n", &[]), "FILE: there is no order below the header");
    assert!(PROGRAM.refusal("a,b,c\n1,2,3\n", &[]).starts_with("FILE: "));
    let unreadable = PROGRAM.refusal("customer,date,amount\nx,31/12/2024,5\n", &[]);
    assert!(unreadable.starts_with("FILE: all 1 rows were refused; line 2"), "{unreadable}");
    assert!(PROGRAM.refusal("customer,date,amount\nx,2024-01-01,-5\n", &[]).contains("no order"));
    let missing = PROGRAM.run(&["--orders", "/nowhere/orders.csv"]).unwrap_err();
    assert!(missing.starts_with("/nowhere/orders.csv: "), "{missing}");
}

#[test]
fn bad_flags_say_what_they_should_be() {
    assert_eq!(
        PROGRAM.refusal(SHOP, &["--previous-end", "2024-06-25"]),
        "--previous-end \"2024-06-25\": must lie between the first order, 2024-01-05, and the end, 2024-06-25"
    );
    assert_eq!(
        PROGRAM.refusal(SHOP, &["--previous-end", "soon"]),
        "--previous-end \"soon\": a date is written YYYY-MM-DD"
    );
    assert_eq!(
        PROGRAM.refusal(SHOP, &["--satisfaction-scale", "5..1"]),
        "--satisfaction-scale \"5..1\": a scale is written LOWEST..HIGHEST, such as 1..5"
    );
    // A flag of the report that means nothing here.
    assert_eq!(
        PROGRAM.refusal(SHOP, &["--model", "BG/NBD"]),
        "unexpected argument '--model' found; see --help"
    );
    assert!(PROGRAM.run(&["--help"]).unwrap().starts_with("Assign customers to segments"));
}

#[test]
fn bad_answers_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    let name = path.to_str().unwrap();
    let message = |content: &str| {
        fs::write(&path, content).unwrap();
        PROGRAM.refusal(SHOP, &["--satisfaction", name]).replace(name, "ANSWERS")
    };
    assert_eq!(message("customer,satisfaction\na,1\n"), "ANSWERS: there is no column \"customer_id\"");
    assert_eq!(message("customer_id,satisfaction\n"), "ANSWERS: there is no answer below the header");
    assert_eq!(
        message("customer_id,satisfaction\nann,50\nbo,fine\n"),
        "ANSWERS: line 3: satisfaction must be a number from 0 to 100, got \"fine\""
    );
    assert_eq!(
        message("customer_id,satisfaction\nann,50\nbo,101\n"),
        "ANSWERS: line 3: satisfaction must be a number from 0 to 100, got \"101\""
    );
    assert_eq!(
        message("customer_id,satisfaction\nann,50\nann,60\n"),
        "ANSWERS: line 3: ann has answered on line 2 already"
    );
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    fs::write(&orders, SHOP).unwrap();
    let message =
        PROGRAM.run(&["--orders", orders.to_str().unwrap(), "--out", orders.to_str().unwrap()]).unwrap_err();
    assert!(message.starts_with(&format!("cannot write {}: ", orders.display())), "{message}");
    assert_eq!(fs::read_to_string(&orders).unwrap(), SHOP);
}
