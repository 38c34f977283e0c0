//! The program as its users meet it: good files, bad files, and what is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test says that it skips")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

fn run(args: &[&str]) -> Result<String, String> {
    crm_cli::run_command("forecast", args.iter().map(OsString::from)).map_err(|error| error.to_string())
}

/// Runs on a file with that content; gives the result and the folder, with the answers in `fits.json` and `customers.csv`.
fn run_on(content: impl AsRef<[u8]>, more: &[&str]) -> (Result<String, String>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (orders, json, predictions) = (path("orders.csv"), path("out/fits.json"), path("out/customers.csv"));
    fs::write(&orders, content).unwrap();
    let mut args = vec!["--orders", &orders, "--json", &json, "--predictions", &predictions];
    args.extend(more);
    let result = run(&args).map_err(|error| error.replace(&orders, "FILE"));
    (result, folder)
}

/// The error on such a file; nothing may have been written.
fn refusal(content: impl AsRef<[u8]>, more: &[&str]) -> String {
    let (result, folder) = run_on(content, more);
    let message = result.unwrap_err();
    assert!(!folder.path().join("out").exists(), "something was written: {message}");
    message
}

fn fits(folder: &Path) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(folder.join("out/fits.json")).unwrap()).unwrap()
}

fn customers(folder: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join("out/customers.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Sixty customers of whom some come back, before and after the first of August; and one who comes only then.
fn small_shop() -> String {
    let mut text = String::from("customer,date,amount\n");
    for n in 0..60 {
        text.push_str(&format!("c{n},2024-0{}-03,{}.50\n", 1 + n % 4, 10 + n));
        for visit in 0..n % 5 {
            let month = 2 + n % 4 + 2 * visit;
            text.push_str(&format!("c{n},2024-{month:02}-{:02},{}.25\n", 5 + n % 20, 8 + n));
        }
    }
    text.push_str("late,2024-09-30,4.00\n");
    text
}

const CUT: [&str; 4] = ["--calibration-end", "2024-07-31", "--end", "2024-12-31"];
const MODELS: [&str; 7] =
    ["BG/NBD", "MBG/NBD", "BG/CNBD-2", "MBG/CNBD-2", "Pareto/NBD", "GGompertz/NBD", "NBD"];

#[test]
fn the_promised_files_and_figures() {
    let (result, folder) = run_on(small_shop(), &CUT);
    let said = result.unwrap();
    for part in [
        "60 customers up to 2024-07-31, judged by the 21.86 weeks up to 2024-12-31; 1 came later and are left out",
        "MBG/NBD fitted to 60 customers, time in weeks",
        "doubtful: only 60 customers, where at least 100 are needed",
        "(nothing)",
        "* by RMSE, ",
        "Tenths of the customers",
        "regularity k = ",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let fits = fits(folder.path());
    let names: Vec<&str> = fits.iter().map(|fit| fit["model"].as_str().unwrap()).collect();
    assert_eq!(names, MODELS);
    for fit in &fits {
        let mut keys: Vec<&str> = fit.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let promised = [
            "aic",
            "bic",
            "diagnosis",
            "holdout",
            "log_likelihood",
            "model",
            "parameters",
            "seconds",
            "standard_errors",
        ];
        assert_eq!(keys, promised);
        let parameters = fit["parameters"].as_object().unwrap();
        assert_eq!(parameters.len(), fit["standard_errors"].as_object().unwrap().len());
        let (k, ln) = (parameters.len() as f64, fit["log_likelihood"].as_f64().unwrap());
        assert!((fit["aic"].as_f64().unwrap() - (2.0 * k - 2.0 * ln)).abs() < 1e-9);
        assert!((fit["bic"].as_f64().unwrap() - (k * 60_f64.ln() - 2.0 * ln)).abs() < 1e-9);
        assert!(fit["seconds"].as_f64().unwrap() > 0.0 && fit["diagnosis"].is_array());
        let holdout = &fit["holdout"];
        assert_eq!(holdout["customers"], 60);
        for figure in ["predicted_total", "mae", "rmse", "msle", "auc"] {
            assert!(holdout[figure].as_f64().unwrap() >= 0.0, "{figure}");
        }
    }
    let rows = customers(folder.path());
    assert_eq!(rows.len(), 60);
    let header = fs::read_to_string(folder.path().join("out/customers.csv")).unwrap();
    assert!(
        header.starts_with(
            "customer_id,frequency,recency,age,bg_nbd_p_alive,bg_nbd_expected,bg_nbd_lower,bg_nbd_upper,mbg_nbd_p_alive,"
        ),
        "{header}"
    );
    // c3 came on 3 April, 8 May and 8 July; 45 and 64 days of those up to the end of July.
    let c3 = rows.iter().find(|row| row["customer_id"] == "c3").unwrap();
    let weeks = |column: &str| c3[column].parse::<f64>().unwrap() * 7.0;
    assert_eq!(c3["frequency"], "2");
    assert!((weeks("recency") - 96.0).abs() < 1e-9 && (weeks("age") - 119.0).abs() < 1e-9);
    for (name, fit) in MODELS.map(|name| name.to_lowercase().replace(['/', '-'], "_")).iter().zip(&fits) {
        let number = |row: &HashMap<String, String>, figure: &str| {
            row[&format!("{name}_{figure}")].parse::<f64>().unwrap()
        };
        let mut total = 0.0;
        for row in &rows {
            assert!((0.0..=1.0).contains(&number(row, "p_alive")));
            assert!(number(row, "lower") <= number(row, "upper"));
            total += number(row, "expected");
        }
        assert!((total - fit["holdout"]["predicted_total"].as_f64().unwrap()).abs() < 1e-4, "{name}");
    }
}

#[test]
fn models_are_chosen_by_name_and_ranked_by_what_is_asked() {
    let more =
        [&CUT[..], &["--models", "nbd,mbg-nbd", "--criterion", "top-decile", "--unit", "days"]].concat();
    let (result, folder) = run_on(small_shop(), &more);
    let said = result.unwrap();
    assert!(said.contains("* by top decile, ") && said.contains("time in days"), "{said}");
    let names: Vec<Value> = fits(folder.path()).iter().map(|fit| fit["model"].clone()).collect();
    assert_eq!(names, ["NBD", "MBG/NBD"]);
    let rows = customers(folder.path());
    assert!(rows[0].contains_key("nbd_upper") && !rows[0].contains_key("bg_nbd_upper"));
    // Without files it only speaks.
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    fs::write(&orders, small_shop()).unwrap();
    let said = run(&[&["--orders", orders.to_str().unwrap()], &CUT[..]].concat()).unwrap();
    assert!(!said.contains("wrote ") && fs::read_dir(folder.path()).unwrap().count() == 1);
}

#[test]
fn a_slip_in_a_date_does_not_lengthen_the_holdout() {
    let slip = small_shop() + "late,2205-06-20,1.00\n";
    let (result, _folder) = run_on(slip, &["--calibration-end", "2024-07-31", "--models", "nbd"]);
    let said = result.unwrap();
    assert!(said.contains("was left out: they are dated in the future; give --end to keep them"), "{said}");
    assert!(!said.contains("up to 2205"), "{said}");
}

#[test]
fn where_nobody_comes_back_a_naive_rule_wins_and_the_text_says_so() {
    let (result, folder) = run_on(small_shop(), &["--calibration-end", "2024-12-30", "--end", "2025-06-30"]);
    let said = result.unwrap();
    assert!(said.contains("by RMSE, the naive rule \"nothing\" does best with 0.0000"), "{said}");
    assert!(said.contains("no model is worth its trouble here"), "{said}");
    assert!(said.contains("by AUC, nothing can be ranked"), "{said}");
    assert_eq!(fits(folder.path())[0]["holdout"]["auc"], Value::Null);
}

#[test]
fn the_sample_company_needs_no_flag() {
    let said = run(&["--models", "MBG/NBD,NBD"]).unwrap();
    assert!(
        said.contains("1461 customers up to 2025-06-30, judged by the 26.29 weeks up to 2025-12-31"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_and_nothing_is_written() {
    assert_eq!(
        refusal(small_shop(), &[]),
        "say with --calibration-end up to which day the models may look; see --help"
    );
    assert_eq!(refusal("", &CUT), "FILE: the file is empty");
    assert_eq!(refusal("id,date,amount\n", &CUT), "FILE: there is no order below the header");
    assert!(refusal("who,when\nada,2024-01-05\n", &CUT).starts_with("FILE: no customer id column"));
    assert_eq!(
        refusal("id,date\nada,05/01/2024\n", &CUT),
        "FILE: all 1 rows were refused; line 2: date does not read as YYYY-MM-DD: \"05/01/2024\" \
         (say how dates are written with --date-format)"
    );
    assert_eq!(
        refusal(small_shop(), &["--calibration-end", "2024-12-31"]),
        r#"--calibration-end "2024-12-31": calibration ends on 2024-12-31, not before the end of the observation 2024-11-24"#
    );
    assert_eq!(
        refusal(small_shop(), &["--calibration-end", "2023-06-30"]),
        "--calibration-end \"2023-06-30\": the first order, 2024-01-03, comes after it"
    );
    assert_eq!(
        refusal("id,date,amount\nada,2024-01-05,-10\nada,2024-09-05,10\n", &CUT),
        "--calibration-end \"2024-07-31\": there are refunds up to it, but no order"
    );
    let with = |more: &[&str]| refusal(small_shop(), &[&CUT[..], more].concat());
    assert_eq!(
        with(&["--models", "bg-nbd,tarot"]),
        "--models \"bg-nbd,tarot\": there is no \"tarot\"; the models are BG/NBD, MBG/NBD, \
         BG/CNBD-2, MBG/CNBD-2, Pareto/NBD, GGompertz/NBD, NBD"
    );
    assert_eq!(with(&["--models", "nbd,NBD"]), "--models \"nbd,NBD\": NBD is named twice");
    assert_eq!(
        with(&["--criterion", "beauty"]),
        r#"--criterion "beauty": unknown criterion "beauty"; expected one of bias, mae, rmse, msle, auc, top_decile"#
    );
    assert_eq!(
        with(&["--end", "2023-01-01"]),
        "FILE: the first order, 2024-01-03, comes after --end 2023-01-01"
    );
    assert!(with(&["--horizon", "3"]).contains("unexpected argument '--horizon' found"));
    assert!(run(&["--orders", "no/such.csv", CUT[0], CUT[1]]).unwrap_err().starts_with("no/such.csv: "));
    assert!(run(&["--help"]).unwrap().contains("--predictions <FILE>"));
}

#[test]
fn a_place_that_takes_no_file_is_named_and_neither_file_appears() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    fs::write(path("orders.csv"), small_shop()).unwrap();
    fs::create_dir(path("taken")).unwrap();
    let (orders, json, taken) = (path("orders.csv"), path("fits.json"), path("taken"));
    let go = |json: &Path, predictions: &Path| {
        let mut args = vec!["--orders", orders.to_str().unwrap(), "--json", json.to_str().unwrap()];
        args.extend(["--predictions", predictions.to_str().unwrap()]);
        args.extend(CUT);
        run(&args).unwrap_err()
    };
    assert_eq!(go(&json, &json), "--json and --predictions name the same file; see --help");
    let error = go(&taken, &path("customers.csv"));
    assert_eq!(error, format!("cannot write {}: there is a folder of that name", taken.display()));
    let error = go(&path("orders.csv/fits.json"), &path("customers.csv"));
    assert!(error.starts_with(&format!("cannot write {}", path("orders.csv").display())), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
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
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, predictions) = (path("out/fits.json"), path("out/customers.csv"));
    let args = ["--orders", orders.to_str().unwrap(), "--unit", "weeks", "--calibration-end", "1997-09-30"];
    let said = run(&[&args[..], &["--json", &json, "--predictions", &predictions]].concat()).unwrap();
    // The GGompertz/NBD has become the Pareto/NBD here, and comes after it.
    assert!(
        said.contains("Pareto/NBD does best with 1.6028; the best naive rule, \"same again\", has 1.9710"),
        "{said}"
    );
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() / expected - 1.0).abs() < 5e-5;
    let published = [
        ("log_likelihood", [-9582.4292, -9582.1357, -9855.33, -9853.25, -9594.9762, -9594.9762, -9763.66]),
        ("predicted_total", [1653.4, 1576.7, 1466.1, 1350.1, 1665.5, 1665.5, 2929.8]),
        ("rmse", [1.6080, 1.6072, 1.6347, 1.6371, 1.6028, 1.6028, 1.8595]),
    ];
    for (n, fit) in fits(folder.path()).iter().enumerate() {
        for (figure, values) in published {
            let value = if fit[figure].is_null() { &fit["holdout"][figure] } else { &fit[figure] };
            assert!(near(value, values[n]), "{figure} of {}: {value}", MODELS[n]);
        }
        assert_eq!(fit["holdout"]["actual_total"], 1_882);
        let doubts = fit["diagnosis"].as_array().unwrap();
        // Nobody ages here, and nobody keeps time.
        let simpler = match MODELS[n] {
            "GGompertz/NBD" => Some("the simpler Pareto/NBD"),
            "BG/CNBD-2" => Some("the simpler BG/NBD"),
            "MBG/CNBD-2" => Some("the simpler MBG/NBD"),
            _ => None,
        };
        match simpler {
            Some(simpler) => {
                assert!(doubts.iter().any(|doubt| doubt.as_str().unwrap().contains(simpler)), "{doubts:?}");
            }
            None => assert!(doubts.is_empty(), "{doubts:?}"),
        }
    }
    let rows = customers(folder.path());
    assert_eq!(rows.len(), 2_357);
}
