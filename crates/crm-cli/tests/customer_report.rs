//! The main job as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test says that it skips")]

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("report", args), flag: "--orders" };

fn json(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("summary.json")).unwrap()).unwrap()
}

/// Lines of `customers.csv` as maps from column to field.
fn customers(folder: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("customers.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

const COLUMNS: &str = "customer_id,first_purchase,last_purchase,orders,purchase_days,frequency,recency,age,idle_days,spend,\
    mean_repeat_spend,r_score,f_score,m_score,rfm_cell,rfm_segment,abc_class,p_alive,expected_purchases,expected_spend,clv,\
    loyalty_level,state,next_contact,\
    stage,stage_since,stage_reasons";

/// Forty customers of whom some come back; refunds and two orders on a day among them.
fn small_shop() -> String {
    let mut text = String::from("customer,date,amount\n");
    for n in 0..40 {
        let month = 1 + n % 6;
        text.push_str(&format!("c{n},2024-0{month}-03,{}.50\n", 10 + n));
        for visit in 0..n % 4 {
            text.push_str(&format!("c{n},2024-{:02}-{:02},{}.25\n", month + 1 + visit, 5 + n % 20, 8 + n));
        }
    }
    text.push_str("c3,2024-12-30,-4.00\nc2,2024-03-03,1.00\n");
    text
}

#[test]
fn three_files_with_the_promised_contents() {
    let (result, folder, _) =
        PROGRAM.run_on(small_shop(), &["--calibration-end", "2024-08-31", "--unit", "days"]);
    let said = result.unwrap();
    assert!(
        said.contains("102 rows read, 102 accepted, 0 refused") && said.contains("40 customers"),
        "{said}"
    );
    let out = folder.path().join("out");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["customers.csv", "report.html", "summary.json"]);

    let table = fs::read_to_string(out.join("customers.csv")).unwrap();
    assert_eq!(table.lines().next().unwrap(), COLUMNS);
    let customers = customers(&out);
    assert_eq!(customers.len(), 40);
    let c3 = &customers[3];
    let expected = [
        ("customer_id", "c3"),
        ("first_purchase", "2024-04-03"),
        ("last_purchase", "2024-07-08"),
        ("orders", "4"),
        ("purchase_days", "4"),
        ("frequency", "3"),
        ("recency", "96"),
        ("age", "271"),
        ("idle_days", "175"),
        ("spend", "43.25"),
        ("mean_repeat_spend", "9.916667"),
    ];
    for (column, value) in expected {
        assert_eq!(c3[column], value, "{column}");
    }

    let summary = json(&out);
    assert_eq!(summary["totals"]["customers"], 40);
    assert_eq!(summary["data_quality"]["refunds"]["count"], 1);
    assert_eq!(summary["period"]["end"], "2024-12-30");
    let fits: Vec<(&str, &str)> = summary["fits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fit| (fit["name"].as_str().unwrap(), fit["period"].as_str().unwrap()))
        .collect();
    assert_eq!(
        fits,
        [
            ("MBG/NBD", "all"),
            ("Gamma-Gamma", "all"),
            ("BG/NBD", "calibration"),
            ("MBG/NBD", "calibration"),
            ("Gamma-Gamma", "calibration")
        ]
    );
    // Forty customers are too few, and the report says so and goes on.
    let doubts = summary["fits"][0]["diagnosis"].to_string();
    assert!(doubts.contains("only 40 customers, where at least 100 are needed"), "{doubts}");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Take care: only 40 customers") && page.contains("Did such forecasts come true?"));
    assert!(
        !page.contains("NaN") && !page.contains("http://www.w3.org/1999/xlink") && !page.contains("<script")
    );
    let holdout = summary["holdout"].as_array().unwrap();
    assert_eq!(
        holdout.iter().map(|row| row["model"].as_str().unwrap()).collect::<Vec<_>>(),
        ["BG/NBD", "MBG/NBD"]
    );
    for row in holdout {
        for figure in ["customers", "predicted_total", "actual_total", "mae", "rmse", "auc"] {
            assert!(row[figure].is_number(), "{figure} in {row}");
        }
    }
}

#[test]
fn without_amounts_the_money_columns_are_empty() {
    let without: String = small_shop()
        .lines()
        .filter(|line| !line.contains('-') || !line.ends_with("-4.00"))
        .map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n")
        .collect();
    let (result, folder, _) = PROGRAM.run_on(without, &[]);
    result.unwrap();
    let out = folder.path().join("out");
    for customer in customers(&out) {
        for column in ["spend", "mean_repeat_spend", "m_score", "abc_class", "expected_spend", "clv"] {
            assert_eq!(customer[column], "", "{column}");
        }
        assert!(!customer["rfm_segment"].is_empty() && !customer["p_alive"].is_empty());
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("there is no amount") && !page.contains("What they are worth"));
    assert_eq!(json(&out)["totals"]["spend"], Value::Null);
}

#[test]
fn a_roster_brings_people_without_an_order() {
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,first_contact\nc1,2024-01-01\nnew,2024-05-05\nnobody,\n,2024-01-01\n").unwrap();
    let (result, answers, _) = PROGRAM.run_on(small_shop(), &["--roster", roster.to_str().unwrap()]);
    result.unwrap();
    let out = answers.path().join("out");
    let customers = customers(&out);
    let prospects: Vec<_> = customers.iter().filter(|row| row["rfm_segment"] == "No Order Yet").collect();
    assert_eq!(prospects.len(), 2);
    assert_eq!((prospects[0]["customer_id"].as_str(), prospects[0]["orders"].as_str()), ("new", "0"));
    assert_eq!((prospects[0]["p_alive"].as_str(), prospects[0]["frequency"].as_str()), ("", ""));
    let summary = json(&out);
    assert_eq!((&summary["totals"]["prospects"], &summary["totals"]["customers"]), (&2.into(), &40.into()));
    assert_eq!(summary["data_quality"]["refused_roster_rows"], 1);
}

#[test]
fn one_customer_and_one_time_buyers_are_reported_with_a_warning() {
    let (result, folder, _) = PROGRAM.run_on("id,date,amount\nada,2024-01-05,10\n", &[]);
    assert!(result.unwrap().contains("1 customer from 2024-01-05 to 2024-01-05"));
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("only 1 customer, where at least 100 are needed"), "{page}");

    let mut text = String::from("id,date,amount\n");
    (0..300).for_each(|n| text.push_str(&format!("c{n},2024-0{}-1{},12.00\n", 1 + n % 9, n % 7)));
    let (result, folder, _) = PROGRAM.run_on(text, &[]);
    result.unwrap();
    let out = folder.path().join("out");
    let summary = json(&out);
    assert_eq!(summary["totals"]["one_time_buyers"], 300);
    assert!(
        summary["fits"][0]["diagnosis"]
            .to_string()
            .contains("nobody bought again: whether anybody is still a customer cannot be known")
    );
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains(
        "Nothing can be said about the value of purchases to come: nobody has bought again for money."
    ));
    for customer in customers(&out) {
        let p: f64 = customer["p_alive"].parse().unwrap();
        assert!((0.0..=1.0).contains(&p) && customer["clv"].is_empty());
    }
}

#[test]
fn files_that_leave_nothing_to_report_on_are_refused_and_nothing_is_written() {
    assert_eq!(PROGRAM.refusal("", &[]), "FILE: the file is empty");
    assert_eq!(PROGRAM.refusal("id,date,amount\n", &[]), "FILE: there is no order below the header");
    assert_eq!(
        PROGRAM.refusal("who,when,what\nada,2024-01-05,10\n", &[]),
        "FILE: no customer id column (customer_id, customerid, client_id, user_id, account_id, customer, client, id); \
         the columns are who, when, what"
    );
    assert_eq!(
        PROGRAM.refusal("id,date\nada,2024-01-05\n", &["--amount-column", "price"]),
        "FILE: no amount column \"price\"; the columns are id, date"
    );
    assert_eq!(
        PROGRAM.refusal("id,date\nada,05/01/2024\nbob,06/01/2024\n", &[]),
        "FILE: all 2 rows were refused; line 2: date does not read as YYYY-MM-DD: \"05/01/2024\" \
         (say how dates are written with --date-format)"
    );
    assert_eq!(
        PROGRAM.refusal("id,date,amount\nada,2024-01-05,NaN\n", &[]),
        "FILE: all 1 rows were refused; line 2: amount is not finite, too large, or has too many digits: \"NaN\""
    );
    assert_eq!(
        PROGRAM.refusal(b"PK\x03\x04\x14\x00\x00\x00", &[]),
        "FILE: the file is not text: the signature of a spreadsheet (.xlsx, .ods) or archive at byte 0"
    );
    assert_eq!(
        PROGRAM.refusal("id,date\nada,2024-01-05\n", &["--end", "2023-12-31"]),
        "FILE: the first order, 2024-01-05, comes after --end 2023-12-31"
    );
    assert_eq!(
        PROGRAM.refusal("id,date,amount\nada,2024-01-05,-10\n", &[]),
        "FILE: there are refunds up to 2024-01-05, but no order"
    );
    assert_eq!(
        PROGRAM.refusal(small_shop(), &["--calibration-end", "2025-06-30"]),
        r#"--calibration-end "2025-06-30": calibration ends on 2025-06-30, not before the end of the observation 2024-12-30"#
    );
    assert_eq!(
        PROGRAM.refusal(small_shop(), &["--calibration-end", "2023-06-30"]),
        "--calibration-end \"2023-06-30\": the first order, 2024-01-03, comes after it"
    );
    let error = PROGRAM.run(&["--orders", "no/such/file.csv"]).unwrap_err();
    assert!(error.starts_with("no/such/file.csv: "), "{error}");
    let error = PROGRAM.run(&["--orders", "/"]).unwrap_err();
    assert_eq!(error, "/: this is a folder, not a file");
}

#[test]
fn bad_rows_are_named_and_the_others_are_reported() {
    let mut text = small_shop();
    text.push_str("c9,2024-02-30,5\n,2024-05-05,5\nc9,2024-05-05,free\nc9\nc0,2024-01-03,10.50\n");
    let (result, folder, _) = PROGRAM.run_on(text, &["--end", "2024-12-01"]);
    let said = result.unwrap();
    for line in [
        "line 104: date does not read as YYYY-MM-DD: \"2024-02-30\"",
        "line 105: customer id is missing: \"\"",
        "line 106: amount is not a number: \"free\"",
        "line 107: row has 1 fields, the header has 3: \"c9\"",
        "1  same customer, day and amount as an earlier row, first in line 108",
        "1 row after 2024-12-01 was left out",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    let summary = json(&folder.path().join("out"));
    assert_eq!(summary["data_quality"]["refused"], 4);
    assert_eq!(summary["data_quality"]["refused_rows"][0]["line"], 104);
    assert_eq!(summary["data_quality"]["after_end"], 1);
}

#[test]
fn a_slip_in_a_date_neither_moves_the_end_nor_takes_for_ever() {
    let (result, plain, _) = PROGRAM.run_on(small_shop(), &[]);
    result.unwrap();
    let (result, slip, _) = PROGRAM.run_on(small_shop() + "late,2924-06-01,5.00\n", &[]);
    let said = result.unwrap();
    assert!(said.contains("dates in the future, first in line 104"), "{said}");
    assert!(said.contains("was left out: they are dated in the future; give --end to keep them"), "{said}");
    let (summary, out) = (json(&slip.path().join("out")), slip.path().join("out"));
    assert_eq!(summary["totals"]["later_customers"], 1);
    assert!(customers(&out).iter().all(|row| row["customer_id"] != "late"));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("give --end to keep them") && !page.contains("give --end to leave them out"));
    // The end is today now, and not the last order: as if it had been said.
    let today = summary["period"]["end"].as_str().unwrap();
    let (result, told, _) = PROGRAM.run_on(small_shop(), &["--end", today]);
    result.unwrap();
    let read =
        |folder: &tempfile::TempDir| fs::read_to_string(folder.path().join("out/customers.csv")).unwrap();
    assert_eq!(read(&slip), read(&told));
    assert!(read(&plain) != read(&told));

    let (result, early, _) =
        PROGRAM.run_on(small_shop() + "ancient,0001-01-01,5.00\n", &["--end", "2024-12-30"]);
    result.unwrap();
    assert!(
        !fs::read_to_string(early.path().join("out/report.html"))
            .unwrap()
            .contains("Repeat purchases over time")
    );
}

#[test]
fn who_comes_after_the_end_is_no_prospect() {
    let (result, folder, _) = PROGRAM.run_on(small_shop(), &["--end", "2024-03-31"]);
    assert!(result.unwrap().contains("19 customers known only later left out"));
    let summary = json(&folder.path().join("out"));
    assert_eq!((&summary["totals"]["customers"], &summary["totals"]["prospects"]), (&21.into(), &0.into()));
    assert_eq!(customers(&folder.path().join("out")).len(), 21);
}

#[test]
fn refunds_without_an_order_are_told_apart_and_everything_adds_up() {
    let (result, folder, _) = PROGRAM.run_on(small_shop() + "stranger,2024-05-05,-30.00\n", &[]);
    result.unwrap();
    let out = folder.path().join("out");
    let totals = &json(&out)["totals"];
    assert_eq!(totals["refunds_without_order"].to_string(), "-30");
    let cents = |text: &str| (text.parse::<f64>().unwrap() * 100.0).round();
    let sum: f64 =
        customers(&out).iter().filter(|row| !row["spend"].is_empty()).map(|row| cents(&row["spend"])).sum();
    assert!((sum - cents(&totals["spend"].to_string())).abs() < 0.5);
}

#[test]
fn everybody_has_a_level_a_state_and_a_next_contact() {
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,first_contact\nc1,2024-01-01\nnew,2024-05-05\n").unwrap();
    let (result, answers, _) = PROGRAM.run_on(
        small_shop(),
        &["--roster", roster.to_str().unwrap(), "--end", "2024-12-30", "--previous-end", "2024-04-10"],
    );
    let said = result.unwrap();
    // Bought by April: c0 to c3 and so on, one in six a month; the rest came later.
    assert!(said.contains("ABC classes on 2024-04-10 (rows) and on 2024-12-30 (columns)"), "{said}");
    let out = answers.path().join("out");
    let rows = customers(&out);
    let found = |id: &str| {
        let row = rows.iter().find(|row| row["customer_id"] == id).unwrap();
        ["loyalty_level", "state", "abc_class", "next_contact"].map(|column| row[column].clone())
    };
    // One order, long ago; class C is contacted 30 days after it.
    assert_eq!(found("c0"), ["first-time", "first-time", "C", "2024-02-02"]);
    assert_eq!(found("new"), ["prospect", "prospect", "", ""]);
    let summary = json(&out);
    let loyalty = &summary["loyalty"];
    let reached: Vec<u64> = loyalty["levels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| level["reached"].as_u64().unwrap())
        .collect();
    // Forty-one people, forty with an order, thirty with two purchases or more.
    assert_eq!(reached[..3], [41, 40, 30]);
    let total = |value: &Value| value.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!((total(&loyalty["states"]), total(&loyalty["contacts"])), (41, 41));
    let moves = &summary["migration"];
    let count = |name: &str| moves[name].as_u64().unwrap();
    assert_eq!(["stayed", "up", "down", "entered", "left"].map(count).iter().sum::<u64>(), 40);
    let flows = moves["flows"].as_array().unwrap();
    let spent = |column: &str| -> f64 {
        flows.iter().map(|flow| flow[column].to_string().parse::<f64>().unwrap()).sum()
    };
    assert!(
        (spent("value_after") - summary["totals"]["spend"].to_string().parse::<f64>().unwrap()).abs() < 1e-6
    );
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    for part in ["How far people have come", "Whom to contact next", "Who moved between classes"] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(
        PROGRAM.refusal(small_shop(), &["--previous-end", "2025-01-31"]),
        "--previous-end \"2025-01-31\": must lie between the first order, 2024-01-03, and the end, 2024-12-30"
    );
}

#[test]
fn a_survey_stands_beside_what_customers_do() {
    let folder = tempfile::tempdir().unwrap();
    let survey = folder.path().join("survey.csv");
    let with_survey = |text: &str| {
        fs::write(&survey, text).unwrap();
        PROGRAM.run_on(small_shop(), &["--survey", survey.to_str().unwrap()])
    };
    let text = "customer_id,expected_speed,perceived_speed,satisfaction,recommend\n\
        c0,5,4,1,0\nc1,4,4,5,10\nc2,4,2,3,9\nc7,5,5,4,9\nstranger,3,3,4,8\nc9,3,3,,7\n";
    let (result, answers, _) = with_survey(text);
    // c0, c1, c2 and c7 on a scale from 1 to 5: 0, 100, 50 and 75.
    let said = result.unwrap();
    assert!(said.contains("satisfaction of 4 customers who answered: 56.2 of 100"), "{said}");
    let out = answers.path().join("out");
    let rows = customers(&out);
    let found = |id: &str| rows.iter().find(|row| row["customer_id"] == id).unwrap()["satisfaction"].clone();
    assert_eq!(["c0", "c1", "c2", "c7", "c9", "c3"].map(found), ["0.0", "100.0", "50.0", "75.0", "", ""]);
    assert!(rows.iter().all(|row| row["satisfaction"].is_empty() == row["satisfaction_region"].is_empty()));
    let summary = &json(&out)["satisfaction"];
    assert_eq!((&summary["customers"], &summary["strangers"]), (&4.into(), &1.into()));
    assert!((summary["mean"]["estimate"].as_f64().unwrap() - 56.25).abs() < 1e-12);
    assert_eq!(summary["regions"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 4);
    // Perceived 21 over expected 24, of six who answered both.
    assert!((summary["index"]["all"]["ratio"].as_f64().unwrap() - 21.0 / 24.0).abs() < 1e-12);
    assert!((summary["nps"]["score"].as_f64().unwrap() - 100.0 * 2.0 / 6.0).abs() < 1e-9);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("How satisfied they are") && page.contains("Whom to ask what went wrong"));
    assert!(!page.contains("NaN"));

    let refused = |text: &str| {
        let (result, answers, _) = with_survey(text);
        assert!(!answers.path().join("out").exists());
        result.unwrap_err().replace(survey.to_str().unwrap(), "SURVEY")
    };
    assert_eq!(refused(""), "SURVEY: the file is empty");
    assert!(
        refused("customer_id,speed\nc0,4\nc1,5\n").starts_with("SURVEY: no question asks for satisfaction")
    );
    assert_eq!(
        refused("customer_id,satisfaction\nx,4\ny,5\n"),
        "SURVEY: fewer than two of its respondents are customers with an order"
    );
    assert!(refused("who,satisfaction\nc0,4\n").starts_with("SURVEY: "));
}

#[test]
fn stages_and_cohorts_add_up_and_a_budget_is_kept() {
    let (result, folder, _) = PROGRAM.run_on(small_shop(), &[]);
    result.unwrap();
    let out = folder.path().join("out");
    let summary = json(&out);
    let stages = summary["stages"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["exploration", "formation", "stability", "decline"]);
    assert_eq!(stages.iter().map(|stage| stage["customers"].as_u64().unwrap()).sum::<u64>(), 40);
    let rows = customers(&out);
    for name in names {
        let of_stage = rows.iter().filter(|row| row["stage"] == name).count();
        assert_eq!(stages.iter().find(|stage| stage["name"] == name).unwrap()["customers"], of_stage);
    }
    assert!(rows.iter().all(|row| !row["stage_reasons"].is_empty()));
    // The cells hold all customers, and all money of the file.
    let cohorts = summary["cohorts"]["cohorts"].as_array().unwrap();
    assert_eq!(cohorts.iter().map(|cohort| cohort["size"].as_u64().unwrap()).sum::<u64>(), 40);
    let cells = || cohorts.iter().flat_map(|cohort| cohort["ages"].as_array().unwrap());
    let revenue: f64 = cells().map(|cell| cell["revenue"].to_string().parse::<f64>().unwrap()).sum();
    assert!((revenue - summary["totals"]["spend"].to_string().parse::<f64>().unwrap()).abs() < 1e-6);
    assert!(summary["rescue"]["at_risk"].as_f64().unwrap() > 0.0 && summary["rescue"]["list"].is_null());

    let flags = ["--rescue-cost", "0.25", "--rescue-success", "0.5", "--rescue-budget", "1.10"];
    let (result, folder, _) = PROGRAM.run_on(small_shop(), &flags);
    assert!(result.unwrap().contains("whom to save: 4 of "));
    let list = &json(&folder.path().join("out"))["rescue"]["list"];
    assert_eq!((list["spent"].to_string(), list["customers"].as_array().unwrap().len()), ("1".into(), 4));
    // Value at risk x 0.5 - 0.25, for each, the best first.
    let of = |place: &Value, field: &str| place[field].to_string().parse::<f64>().unwrap();
    let gains: Vec<f64> =
        list["customers"].as_array().unwrap().iter().map(|place| of(place, "expected_gain")).collect();
    assert!(gains.is_sorted_by(|one, next| one >= next), "{gains:?}");
    for place in list["customers"].as_array().unwrap() {
        assert!((of(place, "at_risk") * 0.5 - 0.25 - of(place, "expected_gain")).abs() < 1e-6);
    }
    let refused = |flags: &[&str]| PROGRAM.refusal(small_shop(), flags);
    assert_eq!(
        refused(&["--rescue-cost", "2"]),
        "--rescue-cost and --rescue-success are given together; see --help"
    );
    assert_eq!(
        refused(&["--rescue-cost", "-2", "--rescue-success", "0.5"]),
        "--rescue-cost \"-2\": must be an amount, at least 0"
    );
    assert_eq!(refused(&["--rescue-success", "2"]), "--rescue-success \"2\": must be a number from 0 to 1");
    // Without amounts there is no value to be at risk.
    let (result, folder, _) =
        PROGRAM.run_on("id,date\nada,2024-01-05\nada,2024-02-05\nbob,2024-01-07\n", &[]);
    result.unwrap();
    assert!(json(&folder.path().join("out"))["rescue"].is_null());
}

#[test]
fn costs_turn_spend_into_profit() {
    let folder = tempfile::tempdir().unwrap();
    let costs = folder.path().join("costs.csv");
    let with_costs = |text: &str, more: &[&str]| {
        fs::write(&costs, text).unwrap();
        PROGRAM.run_on(small_shop(), &[&["--costs", costs.to_str().unwrap()], more].concat())
    };
    let head = "customer_id,marketing_cost,sales_cost,service_cost\n";
    let text = format!("{head}c0,1.00,0,1.50\nc1,5,5,500.25\nc2,1,,1\nnobody,1,1,1\n");
    let (result, answers, _) = with_costs(&text, &["--margin", "0.5"]);
    // c0 spent 10.50: 5.25 - 2.50. c1 spent 11.50 and 9.25: 10.375 - 510.25.
    assert!(result.unwrap().contains("after cost, 1 customer of 2 earn 2.75; 1 lose 499.88"));
    let out = answers.path().join("out");
    let rows = customers(&out);
    let found = |id: &str| {
        let row = rows.iter().find(|row| row["customer_id"] == id).unwrap();
        ["relationship_cost", "profit", "profit_rank"].map(|column| row[column].clone())
    };
    assert_eq!(found("c0"), ["2.5", "2.75", "1"]);
    assert_eq!(found("c1"), ["510.25", "-499.875", "2"]);
    assert_eq!(found("c2"), ["", "", ""], "a missing cost is not zero");
    let profit = &json(&out)["profit"];
    assert_eq!(
        (&profit["customers"], &profit["without_cost"], &profit["strangers"]),
        (&2.into(), &38.into(), &1.into())
    );
    assert_eq!(profit["total"].to_string(), "-497.125");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("What is left after the cost to serve") && page.contains("The ten who lose most"));

    let refused = |text: &str, more: &[&str]| {
        let (result, answers, _) = with_costs(text, more);
        assert!(!answers.path().join("out").exists());
        result.unwrap_err().replace(costs.to_str().unwrap(), "COSTS")
    };
    assert_eq!(refused("", &[]), "COSTS: the file is empty");
    assert_eq!(
        refused("customer_id,marketing_cost\nc0,1\n", &[]),
        r#"COSTS: no column "sales_cost"; the columns are customer_id, marketing_cost"#
    );
    assert_eq!(
        refused(&format!("{head}c0,1,1,much\n"), &[]),
        r#"COSTS: line 2: service_cost does not read as a decimal number: "much""#
    );
    assert!(refused(&format!("{head}c0,1,1,-1\n"), &[]).starts_with("COSTS: line 2: service_cost: "));
    assert_eq!(
        refused(&format!("{head}c0,1,1,1\nc0,1,1,1\n"), &[]),
        "COSTS: line 3: customer c0 is already on line 2"
    );
    assert_eq!(
        refused(&format!("{head}nobody,1,1,1\n"), &[]),
        "COSTS: it has all costs of none of the customers"
    );
}

#[test]
fn a_folder_that_takes_no_files_is_named_and_old_answers_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (orders, blocked) = (folder.path().join("orders.csv"), folder.path().join("file"));
    fs::write(&orders, small_shop()).unwrap();
    fs::write(&blocked, "I am a file").unwrap();
    let error =
        PROGRAM.run(&["--orders", orders.to_str().unwrap(), "--out", blocked.to_str().unwrap()]).unwrap_err();
    assert!(error.starts_with(&format!("cannot write {}: ", blocked.display())), "{error}");
    assert_eq!(fs::read_to_string(&blocked).unwrap(), "I am a file");
    // One name that is taken keeps all three from appearing.
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("report.html")).unwrap();
    let error =
        PROGRAM.run(&["--orders", orders.to_str().unwrap(), "--out", out.to_str().unwrap()]).unwrap_err();
    assert!(error.ends_with("report.html: there is a folder of that name"), "{error}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn a_compressed_file_with_other_columns_and_dates_reads_like_the_plain_one() {
    let (_, plain, _) = PROGRAM.run_on(small_shop(), &[]);
    let other: String = small_shop()
        .replace("customer,date,amount", "kunde;wann;betrag")
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split([',', ';']).collect();
            let date: Vec<&str> = fields[1].split('-').collect();
            match date[..] {
                [year, month, day] => format!("{};{day}/{month}/{year};{}\n", fields[0], fields[2]),
                _ => format!("{line}\n"),
            }
        })
        .collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(other.as_bytes()).unwrap();
    let flags = [
        "--delimiter",
        ";",
        "--id-column",
        "kunde",
        "--date-column",
        "2",
        "--amount-column",
        "betrag",
        "--date-format",
        "%d/%m/%Y",
    ];
    let (result, compressed, _) = PROGRAM.run_on(encoder.finish().unwrap(), &flags);
    result.unwrap();
    let read =
        |folder: &tempfile::TempDir| fs::read_to_string(folder.path().join("out/customers.csv")).unwrap();
    assert_eq!(read(&plain), read(&compressed));
    let summary = json(&compressed.path().join("out"));
    assert!(summary["data_quality"]["ambiguous_dates"]["count"].as_u64().unwrap() > 20);
}

/// The published figures of CDNOW, through the program.
#[test]
fn cdnow() {
    let Some(data) = std::env::var_os("CRM_DATA") else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the CDNOW files");
        return;
    };
    let orders = Path::new(&data).join("cdnow_sample.csv");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    PROGRAM
        .run(&["--orders", orders.to_str().unwrap(), "--calibration-end", "1997-09-30", "--out", out])
        .unwrap();
    let summary = json(folder.path());
    assert_eq!(summary["data_quality"]["rows"], 6_919);
    assert_eq!(summary["totals"]["spend"], 244_091.94);
    let fit = |name: &str| {
        let fits = summary["fits"].as_array().unwrap();
        fits.iter().find(|fit| fit["name"] == name && fit["period"] == "calibration").unwrap()
    };
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() / expected - 1.0).abs() < 2e-5;
    assert!(near(&fit("BG/NBD")["parameters"]["alpha"], 4.4136), "{}", fit("BG/NBD"));
    assert!(near(&fit("BG/NBD")["log_likelihood"], -9582.4292));
    assert!(near(&fit("MBG/NBD")["log_likelihood"], -9582.1357));
    assert!(near(&fit("Gamma-Gamma")["log_likelihood"], -4055.9177));
    assert!(
        near(&summary["holdout"][0]["predicted_total"], 1_653.4)
            && near(&summary["holdout"][1]["predicted_total"], 1_576.7)
    );
    assert_eq!(summary["holdout"][0]["actual_total"], 1_882);
    assert_eq!(customers(folder.path()).len(), 2_357);
}

/// A small file with a known trap, and the columns it is read by.
fn case(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crm-history/tests/cases");
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn columns_that_mean_something_else_are_named_wherever_the_data_quality_is_told() {
    for (name, more, warning) in [
        ("order_status.csv", vec![], "column \"status\" has 5 values"),
        ("two_currencies.csv", vec![], "column \"currency\" has 2 values (USD, JPY)"),
        ("order_id_only.csv", vec![], "no value of column \"id\" comes twice in 5 rows"),
        (
            "email_case.csv",
            vec![],
            "5 ids of column \"customer_id\" fall into 2 groups that differ in case only",
        ),
        ("guests_zero.csv", vec![], "id \"0\" of column \"customer_id\" has 30 of 117 rows (26 %)"),
        ("date_1970.csv", vec![], "1 date is not after 1970-01-01, the first is 1970-01-01 in line 5"),
        ("retail_lines.csv", vec!["--date-column", "InvoiceDate"], "the amount is column \"Price\""),
    ] {
        let (result, folder, _) = PROGRAM.run_on(case(name), &more);
        let said = result.unwrap();
        assert!(said.contains(&format!("warning  {warning}")), "{name}: {said}");
        let out = folder.path().join("out");
        let warnings = json(&out)["data_quality"]["warnings"].clone();
        assert_eq!(warnings.as_array().unwrap().len(), 1, "{name}: {warnings}");
        assert!(warnings[0].as_str().unwrap().starts_with(warning), "{name}: {warnings}");
        let page = fs::read_to_string(out.join("report.html")).unwrap().replace("&quot;", "\"");
        assert!(page.contains(&format!("Take care: {warning}")), "{name}");
    }
}

#[test]
fn the_hint_at_a_delimiter_and_the_decimal_mark_are_understood() {
    let (result, folder, _) = PROGRAM.run_on(case("sep_line.csv"), &[]);
    result.unwrap();
    assert_eq!(json(&folder.path().join("out"))["totals"]["spend"], 114.0);
    let refusal = PROGRAM.refusal(case("decimal_comma.csv"), &["--delimiter", ";"]);
    assert!(
        refusal.contains("\"1.000\" in line 4") && refusal.ends_with("(--decimal-mark comma)"),
        "{refusal}"
    );
    let (result, folder, _) =
        PROGRAM.run_on(case("decimal_comma.csv"), &["--delimiter", ";", "--decimal-mark", "comma"]);
    result.unwrap();
    assert_eq!(json(&folder.path().join("out"))["totals"]["spend"], 2_396.0);
    let (result, folder, _) = PROGRAM.run_on(case("crlf_lines.csv"), &[]);
    result.unwrap();
    let quality = json(&folder.path().join("out"))["data_quality"].clone();
    assert_eq!(
        (quality["refused_rows"][0]["line"].clone(), quality["refused_rows"][1]["line"].clone()),
        (3.into(), 5.into())
    );
    assert_eq!(quality["duplicates"]["first_line"], 7);
}
