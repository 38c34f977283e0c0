//! The example from its flags to its files: good input, every kind of bad input, and nothing half-written.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;

use support::Program;

const PROGRAM: Program = Program { run: |args| crm_cli::run_command("satisfaction", args), flag: "--survey" };

fn json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Forty respondents with two attributes and a recommendation.
fn small() -> String {
    let mut text =
        String::from("respondent_id,region,got_speed,got_price,hoped_speed,hoped_price,recommend\n");
    for n in 0..40 {
        let region = ["north", "south"][n % 2];
        let speed = if n % 2 == 0 { 4 } else { 2 };
        text.push_str(&format!("r{n},{region},{speed},{},5,{},{}\n", 1 + n % 5, 1 + n % 4, n % 11));
    }
    text
}

const FLAGS: [&str; 8] =
    ["--perceived", "got_", "--expected", "hoped_", "--groups", "region", "--nps", "recommend"];

#[test]
fn index_by_group_and_recommendation() {
    let (result, folder, _) = PROGRAM.run_on(small(), &FLAGS);
    assert!(result.unwrap().contains("40 rows read, 40 accepted, 0 refused"));
    let out = folder.path().join("out");
    let numbers = json(&out.join("satisfaction.json"));
    assert_eq!(numbers["respondents"], 40);
    let speed = &numbers["index"]["attributes"][0];
    // 20 times 4 and 20 times 2 of 5: a mean of 3, and 0.6.
    assert_eq!(
        (&speed["perceived"], &speed["expected"], &speed["ratio"]),
        (&3.0.into(), &5.0.into(), &0.6.into())
    );
    assert_eq!(numbers["index"]["groups"][1]["label"], "south");
    assert_eq!(numbers["index"]["groups"][1]["enough"], false);
    // 0 to 10 thrice and 0 to 6 once more: 6 promoters, 28 detractors of 40.
    assert_eq!((&numbers["nps"]["promoters"], &numbers["nps"]["score"]), (&6.into(), &(-55.0).into()));
    let page = fs::read_to_string(out.join("satisfaction.html")).unwrap();
    assert!(page.contains("Did they get what they expected?") && page.contains("too few to say"));
    assert!(!page.contains("NaN") && !page.contains("<script"));
}

#[test]
fn json_alone_goes_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, file) = (folder.path().join("s.csv"), folder.path().join("deep/numbers.json"));
    fs::write(&survey, small()).unwrap();
    PROGRAM.run(&["--survey", survey.to_str().unwrap(), "--json", file.to_str().unwrap()]).unwrap();
    assert_eq!(json(&file)["index"], Value::Null);
    assert_eq!(fs::read_dir(folder.path().join("deep")).unwrap().count(), 1);
}

#[test]
fn the_sample_survey_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let said = PROGRAM.run(&["--out", folder.path().to_str().unwrap()]).unwrap();
    assert!(said.contains("600 rows read, 597 accepted, 3 refused"), "{said}");
    let numbers = json(&folder.path().join("satisfaction.json"));
    let class = |name: &str| {
        let attributes = numbers["drivers"]["factors"]["attributes"].as_array().unwrap();
        let found = attributes.iter().find(|row| row["name"] == format!("perceived_{name}")).unwrap();
        found["class"].as_str().unwrap().to_owned()
    };
    // As the sample was made.
    assert_eq!(
        ["delivery", "advice", "website", "packaging"].map(class),
        ["basic", "value_adding", "dissatisfying", "unimportant"]
    );
    let features = numbers["kano"]["features"].as_array().unwrap();
    let tracking = features.iter().find(|row| row["feature_id"] == "order_tracking").unwrap();
    assert_eq!(tracking["category"], "M");
    let count = |letter: &str| tracking["counts"][letter].as_f64().unwrap();
    let concerned = count("A") + count("O") + count("M") + count("I");
    let better = tracking["better"].as_f64().unwrap();
    assert!((better - (count("A") + count("O")) / concerned).abs() < 1e-12);
    assert!(numbers["path_model"]["r_squared"]["Loyalty"].as_f64().unwrap() > 0.1);
    assert_eq!(numbers["path_model"]["bootstrap"]["resamples"], 1_000);
    assert_eq!(numbers["complaints"]["refused"].as_array().unwrap().len(), 2);
    let page = fs::read_to_string(folder.path().join("satisfaction.html")).unwrap();
    for part in
        ["What drives satisfaction?", "Which features matter?", "What leads to what?", "complain about?"]
    {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn files_that_leave_nothing_are_refused_and_nothing_is_written() {
    assert_eq!(PROGRAM.refusal("", &[]), "FILE: the file is empty");
    assert_eq!(PROGRAM.refusal("respondent_id,q\n", &[]), "FILE: there is no answer below the header");
    assert_eq!(
        PROGRAM.refusal("who,q\na,1\n", &[]),
        "FILE: no respondent id column (respondent_id, respondent, customer_id, id); the columns are who, q"
    );
    assert_eq!(
        PROGRAM.refusal("id,q\na,1\n", &["--groups", "region"]),
        "FILE: no group column \"region\"; the columns are id, q"
    );
    assert_eq!(
        PROGRAM.refusal("id,q\na,1\n", &["--nps", "recommend"]),
        "FILE: no question column \"recommend\"; the columns are id, q"
    );
    assert_eq!(
        PROGRAM.refusal("id,q\na,eleven\n", &["--nps", "q"]),
        "FILE: all 1 rows were refused; line 2: q is not a whole number: \"eleven\""
    );
    assert_eq!(
        PROGRAM.refusal("id,q\na,1\n", &["--perceived", "got_", "--expected", "hoped_"]),
        "--perceived \"got_\": no question begins with it; there are q"
    );
    assert_eq!(
        PROGRAM.refusal(b"PK\x03\x04\x14\x00", &[]),
        "FILE: the file is not text: the signature of a spreadsheet (.xlsx, .ods) or archive at byte 0"
    );
    let error = PROGRAM.run(&["--survey", "no/such/file.csv", "--json", "x.json"]).unwrap_err();
    assert!(error.starts_with("no/such/file.csv: "), "{error}");
    assert_eq!(PROGRAM.run(&["--survey", "/"]).unwrap_err(), "/: this is a folder, not a file");
}

#[test]
fn bad_rows_are_named_and_the_others_are_reported() {
    let text = small()
        + "r40,north,9,1,5,5,3\nr41,north,x,1,5,5,3\n,north,1,1,5,5,3\nr1,north,1,1,1,1,1\nr42,north\nr43,north,1,1,1,1,11\n";
    let (result, folder, _) = PROGRAM.run_on(text, &FLAGS[4..]);
    let said = result.unwrap();
    for line in [
        "line 43: got_speed is not a whole number: \"x\"",
        "line 44: id is missing: \"\"",
        "line 45: id had a row before: \"r1\"",
        "line 46: row has 2 fields, the header has 7: \"r42,north\"",
        "line 47: recommend is not on its scale, 0 to 10: \"11\"",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    let numbers = json(&folder.path().join("out/satisfaction.json"));
    assert_eq!(numbers["refused"].as_array().unwrap().len(), 5);
}

#[test]
fn a_path_model_that_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.toml");
    let refused = |text: &str| {
        fs::write(&model, text).unwrap();
        PROGRAM
            .refusal(small(), &["--path-model", model.to_str().unwrap()])
            .replace(model.to_str().unwrap(), "MODEL")
    };
    assert_eq!(
        refused("paths = [[\"A\", \"B\"]]\n[latent]\nA = [\"got_speed\"]\n"),
        "MODEL: unknown latent variable \"B\"; expected one of A"
    );
    let two = "[latent]\nA = [\"got_speed\"]\nB = [\"smell\"]\n";
    let message = refused(&format!("paths = [[\"A\", \"B\"]]\n{two}"));
    assert!(
        message.starts_with("MODEL: unknown question \"smell\"; expected one of got_speed, got_price"),
        "{message}"
    );
    assert_eq!(
        refused(&format!("scheme = \"pca\"\npaths = [[\"A\", \"B\"]]\n{two}")),
        "MODEL: unknown weighting scheme \"pca\"; expected one of centroid, factorial, path"
    );
    assert_eq!(
        refused(&format!("paths = [[\"A\", \"B\"], [\"B\", \"A\"]]\n{two}")).split(", got").next().unwrap(),
        "MODEL: paths must not form a circle"
    );
    assert!(refused("paths = [").starts_with("MODEL: TOML parse error"));
}

#[test]
fn a_folder_that_takes_no_files_is_named_and_old_answers_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, blocked) = (folder.path().join("survey.csv"), folder.path().join("file"));
    fs::write(&survey, small()).unwrap();
    fs::write(&blocked, "I am a file").unwrap();
    let error =
        PROGRAM.run(&["--survey", survey.to_str().unwrap(), "--out", blocked.to_str().unwrap()]).unwrap_err();
    assert!(error.starts_with(&format!("cannot write {}: ", blocked.display())), "{error}");
    assert_eq!(fs::read_to_string(&blocked).unwrap(), "I am a file");
}

fn case(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)).unwrap()
}

fn question<'a>(numbers: &'a Value, name: &str) -> &'a Value {
    numbers["questions"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

fn assert_near(got: &Value, wanted: f64, tolerance: f64) {
    let got = got.as_f64().unwrap();
    assert!((got - wanted).abs() <= tolerance, "{got}, not {wanted}");
}

/// Questions on 1 to 5 where 99 means "no answer": told, it is left out; not told, the program asks.
#[test]
fn codes_for_no_answer_are_told_or_asked_for() {
    let flags = ["--nps", "recommend"];
    let message = PROGRAM.refusal(case("survey_code_99.csv"), &flags);
    assert_eq!(
        message,
        "FILE: satisfaction: 2 answers of 99 lie far off the others, 1 to 5; tell what they mean: --missing-code 99 if they \
         stand for no answer, --scale satisfaction=0..100 if they are answers"
    );
    let (result, folder, _) =
        PROGRAM.run_on(case("survey_code_99.csv"), &[&flags[..], &["--missing-code", "99"]].concat());
    result.unwrap();
    let numbers = json(&folder.path().join("out/satisfaction.json"));
    for (name, answers, mean) in
        [("satisfaction", 38, 144.0 / 38.0), ("speed", 37, 137.0 / 37.0), ("price", 40, 3.5)]
    {
        let row = question(&numbers, name);
        assert_eq!(
            (&row["answers"], &row["scale"]["max"], &row["missing"]),
            (&answers.into(), &5.into(), &(40 - answers).into())
        );
        assert_near(&row["mean"], mean, 1e-9);
    }
    assert_near(&numbers["nps"]["score"], -5.0, 1e-9);
}

/// Comments in Latin-1 beside plain numbers: no row is lost for what nobody asks.
#[test]
fn comments_in_another_encoding_lose_no_row() {
    let (result, folder, _) = PROGRAM.run_on(case("survey_latin1.csv"), &["--nps", "recommend"]);
    assert!(result.unwrap().contains("60 rows read, 60 accepted, 0 refused"));
    let nps = &json(&folder.path().join("out/satisfaction.json"))["nps"];
    assert_eq!(
        (&nps["promoters"], &nps["passives"], &nps["detractors"]),
        (&32.into(), &14.into(), &14.into())
    );
    assert_near(&nps["score"], 30.0, 1e-9);
}

#[test]
fn items_worded_the_other_way_round_are_told() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/reverse_worded.toml");
    let flags = ["--path-model", model.to_str().unwrap()];
    let (result, folder, _) = PROGRAM.run_on(case("reverse_worded.csv"), &flags);
    let said = result.unwrap();
    assert!(said.contains("take care: slow, awkward load against the other items of their block"), "{said}");
    let found = &json(&folder.path().join("out/satisfaction.json"))["path_model"];
    let path = &found["path_coefficients"][0];
    assert_near(&path["value"], 0.4576, 5.1e-5);
    assert_near(&path["lower"], 0.35, 0.015);
    assert_near(&path["upper"], 0.57, 0.015);
    assert_near(&found["composite_reliability"]["Ease"], 0.9171, 5.1e-5);
    assert_near(&found["heterotrait_monotrait"][0]["ratio"], 0.5249, 5.1e-5);
    assert_near(&found["index"]["Ease"], 50.4, 0.05);
    assert_eq!(found["against"], serde_json::json!(["slow", "awkward"]));
}

/// School marks from 1 (best) to 6: good ones for what was got are no delight if better ones were expected.
#[test]
fn school_marks_are_declared() {
    let mut text = String::from("id,got_speed,hoped_speed,overall\n");
    for n in 0..40 {
        text.push_str(&format!("r{n},{},1,{}\n", 2 + n % 2, 1 + n % 3));
    }
    let pairs = ["--perceived", "got_", "--expected", "hoped_"];
    let marks = [
        "--scale",
        "got_*=1..6",
        "--scale",
        "hoped_speed=1..6",
        "--low-is-good",
        "*_speed",
        "--low-is-good",
        "got_*",
        "--low-is-good",
        "hoped_*",
    ];
    // A pattern is the beginning of a name.
    let message = PROGRAM.refusal(&text, &[&pairs[..], &marks[..6]].concat());
    assert!(
        message.starts_with("--low-is-good \"*_speed\": no question has that name; there are"),
        "{message}"
    );
    let marks = [&marks[..4], &marks[6..]].concat();
    let (result, folder, _) = PROGRAM.run_on(&text, &[&pairs[..], &marks[..]].concat());
    result.unwrap();
    let numbers = json(&folder.path().join("out/satisfaction.json"));
    // Turned round: 4.5 of 6. As if 6 were the best it would be 2.5 of 1.
    assert_near(&numbers["index"]["all"]["ratio"], 0.75, 1e-12);
    assert_eq!(
        question(&numbers, "got_speed")["scale"],
        serde_json::json!({ "min": 1, "max": 6, "best": 1 })
    );
    assert!(
        fs::read_to_string(folder.path().join("out/satisfaction.html"))
            .unwrap()
            .contains("1 to 6, 1 is best")
    );
}

/// One heavy respondent pulls every score down, and twenty answers are worth eleven.
#[test]
fn weights_are_read() {
    let mut text = String::from("id,w,region,got_speed,hoped_speed,recommend\n");
    for n in 0..20 {
        let (weight, got, recommend) = if n == 0 { (6.0, 1, 0) } else { (1.0, 5, 10) };
        text.push_str(&format!("r{n},{weight},{},{got},5,{recommend}\n", ["north", "south"][n % 2]));
    }
    let flags = ["--perceived", "got_", "--expected", "hoped_", "--nps", "recommend", "--groups", "region"];
    let run = |more: &[&str]| {
        let (result, folder, _) = PROGRAM.run_on(&text, &[&flags[..], more].concat());
        result.unwrap();
        json(&folder.path().join("out/satisfaction.json"))
    };
    let plain = run(&[]);
    assert_near(&plain["nps"]["score"], 90.0, 1e-9);
    assert_near(&plain["index"]["all"]["ratio"], 0.96, 1e-12);
    let heavy = run(&["--weight-column", "w"]);
    // (19 - 6) / 25 promoters, (6 + 95) / 125 of what was expected.
    assert_near(&heavy["nps"]["score"], 52.0, 1e-9);
    assert_near(&heavy["nps"]["unweighted_score"], 90.0, 1e-9);
    assert_near(&heavy["nps"]["effective_answers"], 625.0 / 55.0, 1e-9);
    assert_near(&heavy["index"]["all"]["ratio"], 101.0 / 125.0, 1e-12);
    assert_near(&heavy["index"]["attributes"][0]["ratio"], 101.0 / 125.0, 1e-12);
    assert_near(&question(&heavy, "recommend")["mean"], 7.6, 1e-9);
    // The south has no heavy respondent.
    assert_near(&heavy["nps"]["groups"][1]["score"], 100.0, 1e-9);
    assert_near(&heavy["index"]["groups"][1]["ratio"], 1.0, 1e-12);
}

/// The published survey of mobile phone customers, through the program: paths of an independent package.
#[test]
fn mobile_phone_customers() {
    let Some(data) = std::env::var_os("CRM_DATA") else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the survey");
        return;
    };
    let survey = Path::new(&data).join("ecsi_mobi_satisfaction.csv");
    let folder = tempfile::tempdir().unwrap();
    let (model, file) = (folder.path().join("ecsi.toml"), folder.path().join("ecsi.json"));
    let items = |name: &str, count: usize| {
        (1..=count).map(|n| format!("\"{name}{n}\"")).collect::<Vec<_>>().join(", ")
    };
    let blocks = [("IMAG", 5), ("CUEX", 3), ("PERQ", 7), ("PERV", 2), ("CUSA", 3), ("CUSL", 3)];
    let latents: String =
        blocks.iter().map(|(name, count)| format!("{name} = [{}]\n", items(name, *count))).collect();
    let paths = "[[\"IMAG\",\"CUEX\"],[\"CUEX\",\"PERQ\"],[\"CUEX\",\"PERV\"],[\"PERQ\",\"PERV\"],[\"IMAG\",\"CUSA\"],\
        [\"CUEX\",\"CUSA\"],[\"PERQ\",\"CUSA\"],[\"PERV\",\"CUSA\"],[\"CUSA\",\"COMP\"],[\"IMAG\",\"CUSL\"],\
        [\"CUSA\",\"CUSL\"],[\"COMP\",\"CUSL\"]]";
    let text = format!("scheme = \"centroid\"\npaths = {paths}\n[latent]\n{latents}COMP = [\"CUSCO\"]\n");
    fs::write(&model, text).unwrap();
    let args = ["--survey", survey.to_str().unwrap(), "--path-model", model.to_str().unwrap()];
    PROGRAM.run(&[&args[..], &["--nps", "CUSL3", "--json", file.to_str().unwrap()]].concat()).unwrap();
    let numbers = json(&file);
    let found = &numbers["path_model"];
    let path = |from: &str, to: &str| {
        let paths = found["path_coefficients"].as_array().unwrap();
        paths.iter().find(|path| path["from"] == from && path["to"] == to).unwrap()["value"].as_f64().unwrap()
    };
    let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-6, "{got} {wanted}");
    near(path("IMAG", "CUEX"), 0.493_052_155_2);
    near(path("CUSA", "CUSL"), 0.465_496_477_7);
    near(found["loadings"]["CUSA3"].as_f64().unwrap(), 0.884_708_466_5);
    near(found["r_squared"]["CUSA"].as_f64().unwrap(), 0.671_745_731_0);
    near(found["ave"]["PERV"].as_f64().unwrap(), 0.849_509_305_6);
    assert_eq!(numbers["nps"]["column"], "CUSL3");
}
