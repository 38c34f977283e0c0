//! Survey files as people export them: encodings, delimiters, line ends, quotation marks.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use crm_satisfaction::csv::{AnswerRefusal, CsvFeedback, CsvSurvey, Encoding, SurveyFile, TableOptions};
use crm_satisfaction::scores::Nps;
use crm_satisfaction::{Error, Scale};
use crm_tables::Error as TableError;

fn refused(text: &str) -> Vec<(u64, AnswerRefusal)> {
    let file = CsvFeedback::new().read(text.as_bytes()).unwrap();
    file.refused.into_iter().map(|row| (row.line, row.reason)).collect()
}

#[test]
fn line_numbers_are_those_of_an_editor() {
    let lines = [
        "customer_id,opened,cause",
        "",
        ",2025-03-01,x",
        "ada,2025-03-01,\"two",
        "",
        "three\"",
        ",2025-03-01,x",
        "bob,2025-03-01,",
    ];
    for end in ["\n", "\r\n", "\r"] {
        for mark in ["", "\u{feff}"] {
            let text = mark.to_owned() + &lines.join(end);
            assert_eq!(
                refused(&text),
                [(3, AnswerRefusal::MissingId), (7, AnswerRefusal::MissingId)],
                "{end:?}"
            );
        }
    }
}

#[test]
fn stray_quotes_far_apart_refuse_the_lines_between_by_name() {
    let rows = "bob,2025-03-01,x\n".repeat(400);
    let text =
        format!("customer_id,opened,cause\nada,2025-03-01,\"x\n{rows}eve,2025-03-01,x\"\nbob,2025-03-01,x\n");
    assert_eq!(refused(&text), [(2, AnswerRefusal::Lines { last: 403 })]);
}

fn score(file: &SurveyFile, question: &str) -> f64 {
    Nps::from_tally(&file.survey.column(question).unwrap().tally()).unwrap().score()
}

/// `cases/survey_latin1.csv`: comments in Latin-1 beside plain numbers. The 43 rows with plain
/// comments alone would give 69.8.
#[test]
fn comments_in_latin_1_lose_no_respondent() {
    let bytes = include_bytes!("cases/survey_latin1.csv");
    for encoding in [None, Some(Encoding::UTF_8)] {
        let options = encoding.map_or(TableOptions::new(), |it| TableOptions::new().with_encoding(it));
        let reader = CsvSurvey::new().with_question("recommend", Scale::zero_to_ten());
        let file = reader.with_table_options(options).read_wide(bytes.as_slice()).unwrap();
        assert_eq!((file.rows, file.refused.len()), (60, 0));
        assert!((score(&file, "recommend") - 30.0).abs() < 1e-12);
    }
    let usual = CsvSurvey::new()
        .with_question("recommend", Scale::zero_to_ten())
        .with_usual_scales()
        .read_wide(bytes.as_slice())
        .unwrap();
    assert_eq!((usual.encoding, usual.survey.respondents().len()), (Encoding::WINDOWS_1252, 60));
}

/// `cases/survey_code_99.csv`: questions on 1 to 5 where 99 means "no answer".
#[test]
fn codes_are_named_or_missing() {
    let bytes = include_bytes!("cases/survey_code_99.csv");
    let reader = CsvSurvey::new().with_question("recommend", Scale::zero_to_ten()).with_usual_scales();
    let file = reader.clone().read_wide(bytes.as_slice()).unwrap();
    assert!(file.far_off.iter().all(|far_off| far_off.values == [99]) && !file.far_off.is_empty());
    let file = reader.with_missing_code(99).read_wide(bytes.as_slice()).unwrap();
    let told = |name: &str| {
        let tally = file.survey.column(name).unwrap().tally();
        (tally.answered(), (tally.mean().unwrap() * 1e6).round() / 1e6)
    };
    assert_eq!(told("satisfaction"), (38, 3.789_474));
    assert_eq!(told("speed"), (37, 3.702_703));
    assert_eq!(told("price"), (40, 3.5));
    assert!((score(&file, "recommend") + 5.0).abs() < 1e-12);
}

/// One survey in the shapes in which spreadsheets save it.
#[test]
fn one_survey_in_any_shape_is_one_survey() {
    let text = "id,city,q,comment\na,Köln,5,\"zwei\nZeilen, \"\"gut\"\"\"\nb,Zürich,3,ok\n,Bonn,4,x\n";
    let reader = |options| {
        CsvSurvey::new()
            .with_question("q", Scale::new(1, 5).unwrap())
            .with_groups("city")
            .with_table_options(options)
    };
    let plain = reader(TableOptions::new()).read_wide(text.as_bytes()).unwrap();
    assert_eq!(plain.survey.respondents(), ["a", "b"]);
    assert_eq!(plain.refused[0].to_string(), "line 5: id is missing: \"\"");
    let semicolons = text.replace("Zeilen, ", "Zeilen; ").replace(',', ";");
    let latin = |text: &str| text.chars().map(|letter| letter as u8).collect::<Vec<u8>>();
    let utf_16 = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let shapes: [(Vec<u8>, &str); 6] = [
        (text.replace('\n', "\r\n").into_bytes(), "utf-8"),
        (text.replace('\n', "\r").into_bytes(), "utf-8"),
        (semicolons.replace('\n', "\r\n").into_bytes(), "utf-8"),
        (latin(&semicolons), "windows-1252"),
        (utf_16, "utf-16le"),
        (format!("\u{feff}{text}").into_bytes(), "utf-8"),
    ];
    for (bytes, encoding) in shapes {
        let file = reader(TableOptions::new()).read_wide(bytes.as_slice()).unwrap();
        assert_eq!(file.encoding.name(), encoding);
        assert_eq!((&file.survey, &file.refused), (&plain.survey, &plain.refused), "{encoding}");
    }
}

#[test]
fn gbk_is_read() {
    // 北京 and 上海.
    let bytes = b"id,q,city\nr1,5,\xb1\xb1\xbe\xa9\nr2,3,\xc9\xcf\xba\xa3\n";
    let options = TableOptions::new().with_encoding(Encoding::GBK);
    let reader = CsvSurvey::new().with_question("q", Scale::new(1, 5).unwrap()).with_groups("city");
    let file = reader.with_table_options(options).read_wide(bytes.as_slice()).unwrap();
    assert_eq!(file.survey.groups("city").unwrap().labels(), ["上海", "北京"]);
}

#[test]
fn a_file_that_is_no_table_is_refused_by_the_reader_of_tables() {
    let refused = CsvSurvey::new().read_wide("id,q,x\na,\"1,2\nb,2,3\n".as_bytes()).unwrap_err();
    let Error::Table(error) = refused else { panic!("an open quotation mark") };
    assert_eq!(error, TableError::OpenQuote { line: 2, last: 3 });
}
