//! The example as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("churn", args), flag: "--features" };
const LABEL: [&str; 4] = ["--label-column", "lost", "--positive", "yes"];

fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Sixty customers: complaints are followed by losses, not always; the plan matters a little; some cells are empty.
fn file() -> String {
    let mut text = "id,complaints,plan,idle,lost\n".to_owned();
    for n in 0..60 {
        let complaints = n % 4;
        let lost = if (n * 7 + 3 * complaints) % 10 < 2 * complaints + 1 { "yes" } else { "no" };
        let plan = if n % 3 == 0 { "basic" } else { "plus" };
        let idle = if n % 9 == 4 { String::new() } else { (n * 13 % 31).to_string() };
        writeln!(text, "c{n},{complaints},{plan},{idle},{lost}").unwrap();
    }
    text
}

#[test]
fn the_promised_tables_and_measures() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("answers.json");
    let more = [&LABEL[..], &["--id-column", "id", "--json", json.to_str().unwrap()]].concat();
    let (result, folder, _) = PROGRAM.run_on(file(), &more);
    let said = result.unwrap();
    assert!(said.contains("Warn from a probability of 0.167 on"), "{said}");
    assert!(said.contains("What one standard deviation more multiplies the odds of a loss with"), "{said}");
    let out = folder.path().join("out");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["calibration.csv", "coefficients.csv", "lift.csv", "warnings.csv"]);
    let answers: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    for measure in ["auc", "brier", "log_loss"] {
        assert!(answers[measure].as_f64().unwrap() > 0.0, "{measure}");
    }
    let count = |key: &str| answers[key].as_u64().unwrap();
    assert_eq!((count("n_train") + count("n_test"), count("n_test")), (60, 18));
    let coefficients = answers["coefficients"].as_object().unwrap();
    let names: Vec<&str> = coefficients.keys().map(String::as_str).collect();
    assert_eq!(names, ["complaints", "idle", "idle is missing", "plan = basic"]);
    assert!(coefficients["complaints"].as_f64().unwrap() > 0.5);
    // The measures are those of the probabilities in the table.
    let warnings = rows(&out.join("warnings.csv"));
    assert_eq!(warnings.len(), 60);
    let held = || warnings.iter().filter(|row| row["part"] == "holdout");
    assert_eq!(held().count(), 18);
    let brier: f64 = held()
        .map(|row| {
            (row["probability"].parse::<f64>().unwrap() - f64::from(u8::from(row["lost"] == "yes"))).powi(2)
        })
        .sum();
    assert!((brier / 18.0 - answers["brier"].as_f64().unwrap()).abs() < 1e-5);
    for row in &warnings {
        let warned = row["probability"].parse::<f64>().unwrap() >= 1.0 / 6.0;
        assert_eq!(row["warned"] == "yes", warned);
        let does = if warned { "adds" } else { "takes" };
        let usual = row["reasons"].starts_with("nothing unusual");
        assert!(usual || row["reasons"].split(" | ").all(|reason| reason.contains(does)), "{row:?}");
    }
    assert_eq!(rows(&out.join("lift.csv")).len(), 10);
}

#[test]
fn the_same_seed_draws_the_same_holdout_and_another_one_another() {
    let held = |seed: &str| {
        let (result, folder, _) =
            PROGRAM.run_on(file(), &[&LABEL[..], &["--id-column", "1", "--seed", seed]].concat());
        result.unwrap();
        fs::read_to_string(folder.path().join("out/warnings.csv")).unwrap()
    };
    assert_eq!(held("1"), held("1"));
    assert_ne!(held("1"), held("2"));
}

#[test]
fn open_customers_are_scored_and_listed_for_rescue() {
    let mut text = file().replace(",lost\n", ",lost,worth\n");
    text = text
        .lines()
        .enumerate()
        .map(|(n, line)| if n == 0 { format!("{line}\n") } else { format!("{line},100\n") })
        .collect();
    text.push_str("new1,3,basic,20,,1000.50\nnew2,0,plus,2,,40\nnew3,3,plus,9,,900\n");
    let more = [
        "--id-column",
        "id",
        "--value-column",
        "worth",
        "--action-cost",
        "10",
        "--budget",
        "25",
        "--success-rate",
        "0.5",
    ];
    let (result, folder, _) = PROGRAM.run_on(text, &[&LABEL[..], &more].concat());
    let said = result.unwrap();
    assert!(said.contains("; 3 still open"), "{said}");
    assert!(
        said.contains("Rescue list over 3 customers: 2 of 2 who are worth it, for 20.00 of 25.00"),
        "{said}"
    );
    let out = folder.path().join("out");
    let listed = rows(&out.join("rescue.csv"));
    let ids: Vec<&str> = listed.iter().map(|row| row["customer_id"].as_str()).collect();
    assert!(ids.contains(&"new1") && ids.contains(&"new3") && ids.len() == 2);
    assert_eq!((listed[0]["cost"].as_str(), listed[1]["spent"].as_str()), ("10.00", "20.00"));
    let open = rows(&out.join("warnings.csv"));
    assert!(open[60..].iter().all(|row| row["part"] == "open" && row["lost"].is_empty()));
}

#[test]
fn bad_files_are_named_and_nothing_is_written() {
    let refusal = |content: &str| PROGRAM.refusal(content, &[&LABEL[..], &["--id-column", "id"]].concat());
    assert_eq!(refusal(""), "FILE: the file is empty");
    assert_eq!(refusal("id,x,lost\n"), "FILE: there is no customer below the header");
    assert_eq!(refusal("id,x\n1,2\n"), "FILE: no column \"lost\"; the columns are id, x");
    assert_eq!(refusal("id,x,x,lost\n1,2,3,no\n"), "FILE: there is more than one column \"x\"");
    assert_eq!(refusal("id,x,lost\na,2,no\na,3,yes\n"), "FILE: line 3: customer a is already on line 2");
    assert_eq!(refusal("id,x,lost\n,2,no\n"), "FILE: line 2: the id is missing");
    assert_eq!(refusal("id,x,lost\na,2,no\n"), "FILE: nobody has \"yes\" in column \"lost\"");
    assert_eq!(
        refusal("id,x,lost\na,2,yes\n"),
        "FILE: nobody has another value than \"yes\" in column \"lost\""
    );
    assert_eq!(refusal("id,lost\na,yes\nb,no\n"), "FILE: there is no column to learn from");
    let typed = file().replace("c20,0,plus,", "c20,none,plus,");
    assert_eq!(refusal(&typed), "FILE: line 22: complaints must be a number, got \"none\"");
    assert_eq!(
        refusal("id,x,lost\na,1,yes\nb,2,no\n"),
        "FILE: the score cannot be judged on the holdout: probabilities must not be empty"
    );
    let missing = PROGRAM.run(&[&["--features", "/nowhere/x.csv"], &LABEL[..]].concat()).unwrap_err();
    assert!(missing.starts_with("/nowhere/x.csv: "), "{missing}");
    let worth = PROGRAM.refusal(file(), &[&LABEL[..], &["--value-column", "plan"]].concat());
    assert_eq!(worth, "FILE: line 2: the value must be an amount, got \"basic\"");
}

#[test]
fn bad_flags_say_what_they_should_be() {
    assert_eq!(
        PROGRAM.refusal(file(), &["--positive", "yes"]),
        "missing option '--label-column'; see --help"
    );
    let more = [&LABEL[..], &["--false-alarm-cost", "0", "--miss-cost", "0"]].concat();
    assert_eq!(PROGRAM.refusal(file(), &more), "at least one misclassification cost must be positive");
    assert!(PROGRAM.run(&["--help"]).unwrap().contains("How columns become features:"));
}

#[test]
fn what_was_known_only_afterwards_is_told() {
    let mut text = String::new();
    for (n, line) in file().lines().enumerate() {
        let said_goodbye = if line.ends_with("yes") { "1" } else { "0" };
        writeln!(text, "{line},{}", if n == 0 { "said_goodbye" } else { said_goodbye }).unwrap();
    }
    let given = [&LABEL[..], &["--id-column", "id"]].concat();
    let (result, _folder, _) = PROGRAM.run_on(&text, &given);
    assert!(result.unwrap().contains("Take care: the features tell all losses without a mistake"));
    // Without a ridge there is no answer, and the column is named.
    let refused = PROGRAM.refusal(&text, &[&given[..], &["--ridge", "0"]].concat());
    assert!(refused.contains("perfectly separated by column \"said_goodbye\""), "{refused}");
    let (result, _folder, _) =
        PROGRAM.run_on(&text, &[&given[..], &["--leave-out", "said_goodbye"]].concat());
    assert!(!result.unwrap().contains("Take care"));
}

/// A small file with a known answer, run with its text changed; the measures and what was said.
fn case(name: &str, change: impl Fn(String) -> String) -> (String, Value) {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("answers.json");
    let columns = ["--id-column", "customer_id", "--label-column", "churn", "--positive", "Yes"];
    let more = [&columns[..], &["--seed", "1", "--json", json.to_str().unwrap()]].concat();
    let (result, ..) = PROGRAM.run_on(change(text), &more);
    (result.unwrap(), serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap())
}

/// 92 `Yes`, 59 `yes` and 11 `YES` are 162 who left; 70 of them were learnt from as if they had
/// stayed.
#[test]
fn an_outcome_in_several_spellings_is_one() {
    let (said, got) = case("churn_labels.csv", |text| text);
    let plain = |text: String| text.replace(",yes\n", ",Yes\n").replace(",YES\n", ",Yes\n");
    let (_, wanted) = case("churn_labels.csv", |text| {
        let text = plain(text);
        assert_eq!(text.matches(",Yes\n").count(), 162);
        text
    });
    assert_eq!(got, wanted);
    assert!(said.contains("in churn 11 \"YES\" and 59 \"yes\" count as \"Yes\""), "{said}");
}

/// `N/A` in a column of numbers is a number that is missing, and no reason to take the column for
/// words. The odds ratios are those of a Newton fit of the same customers elsewhere.
#[test]
fn a_number_that_is_not_available_is_missing() {
    let (said, got) = case("churn_na.csv", |text| text);
    assert!(said.contains("in calls 50 cells count as missing, such as \"N/A\""), "{said}");
    let (_, wanted) = case("churn_na.csv", |text| text.replace("N/A", ""));
    assert_eq!(got, wanted);
    let coefficients = got["coefficients"].as_object().unwrap();
    let odds: Vec<(&str, f64)> =
        coefficients.iter().map(|(name, value)| (name.as_str(), value.as_f64().unwrap().exp())).collect();
    let right = [
        ("tenure", 0.3160),
        ("monthly", 0.9115),
        ("total", 1.0311),
        ("total is missing", 0.8615),
        ("calls", 2.1500),
        ("calls is missing", 0.7844),
    ];
    assert_eq!(odds.len(), right.len());
    for (name, ratio) in right {
        let found = odds.iter().find(|row| row.0 == name).unwrap().1;
        assert!((found - ratio).abs() < 5e-5, "{name}: {found}, not {ratio}");
    }
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("features.csv");
    fs::write(&path, file()).unwrap();
    let path = path.to_str().unwrap();
    let message = PROGRAM.run(&[&["--features", path, "--out", path], &LABEL[..]].concat()).unwrap_err();
    assert!(message.starts_with(&format!("cannot write {path}: ")), "{message}");
    assert_eq!(fs::read_to_string(path).unwrap(), file());
}

/// Contacts of a bank: the score is learnt without the length of the call, which is known only after it.
#[test]
fn contacts_of_a_bank() {
    let Some(data) = std::env::var_os("CRM_DATA").map(PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA must be set");
        eprintln!("skipped: set CRM_DATA to the folder with the contacts");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (out, json) = (folder.path().join("out"), folder.path().join("bank.json"));
    let file = data.join("bank_marketing_contacts.csv");
    let given = [
        "--features",
        file.to_str().unwrap(),
        "--label-column",
        "y",
        "--positive",
        "yes",
        "--leave-out",
        "duration",
        "--out",
        out.to_str().unwrap(),
        "--json",
        json.to_str().unwrap(),
    ];
    let said = PROGRAM.run(&given).unwrap();
    let answers: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let number = |key: &str| answers[key].as_f64().unwrap();
    assert_eq!((number("n_train"), number("n_test")), (3_165.0, 1_356.0));
    assert!((0.65..0.85).contains(&number("auc")), "{said}");
    assert!(number("brier") < 521.0 / 4_521.0 * (1.0 - 521.0 / 4_521.0), "{said}");
    assert_eq!(rows(&out.join("warnings.csv")).len(), 4_521);
}
