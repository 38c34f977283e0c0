use super::*;

#[test]
fn every_refusal_has_its_line_and_reason() {
    let text = "id,w,q\na,1,4.0\n,1,4\na,1,5\nb,-1,5\nc,1,four\nd,1,4.5\ne,1\nf,2,does not apply\n";
    let file = CsvSurvey::new()
        .with_weight_column("w")
        .with_question("q", Scale::new(1, 5).unwrap())
        .read_wide(text.as_bytes())
        .unwrap();
    let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 3: id is missing: \"\"",
            "line 4: id had a row before: \"a\"",
            "line 5: weight is not a number of at least 0: \"-1\"",
            "line 6: q is not a whole number: \"four\"",
            "line 7: q is not a whole number: \"4.5\"",
            "line 8: row has 2 fields, the header has 3: \"e,1\"",
        ]
    );
    assert_eq!((file.rows, file.survey.respondents()), (8, ["a".to_owned(), "f".to_owned()].as_slice()));
    assert_eq!(file.survey.weights(), Some([1.0, 2.0].as_slice()));
    let answers = [Answer::Value(4), Answer::DoesNotApply];
    assert_eq!(file.survey.column("q").unwrap().answers(), answers);
}

#[test]
fn usual_scales_leave_words_and_large_numbers_alone() {
    let text =
        "respondent_id;region;q1;q2;city;postcode\n1;n;1;0;X;10115\n2;s;5;10;Y;80331\n3;n;oops;;Z;20095\n";
    let file = CsvSurvey::new()
        .with_table_options(TableOptions::new().with_delimiter(b';'))
        .with_groups("region")
        .with_usual_scales()
        .read_wide(text.as_bytes())
        .unwrap();
    let scales: Vec<String> =
        file.survey.columns().iter().map(|column| format!("{} {}", column.name(), column.scale())).collect();
    assert_eq!(scales, ["q1 1 to 5, 5 is best", "q2 0 to 10, 10 is best"]);
    assert_eq!(file.refused[0].to_string(), "line 4: q1 is not a whole number: \"oops\"");
    assert_eq!(file.survey.groups("region").unwrap().labels(), ["n", "s"]);
}

/// Text in Latin-1 is read; where UTF-8 is declared, only cells that are read have to be UTF-8.
#[test]
fn bytes_that_are_no_text_matter_where_they_are_read() {
    let text = b"id,q,region,comment\na,5,north,tr\xe8s bien\nb,4,Z\xfcrich,ok\nc,\xb2,south,ok\n";
    let reader = CsvSurvey::new().with_question("q", Scale::new(1, 5).unwrap());
    let file = reader.clone().with_groups("region").read_wide(text.as_slice()).unwrap();
    assert_eq!((file.encoding, file.survey.respondents().len()), (Encoding::WINDOWS_1252, 2));
    assert_eq!(file.survey.groups("region").unwrap().labels(), ["Zürich", "north"]);
    assert_eq!(file.refused[0].to_string(), "line 4: q is not a whole number: \"²\"");
    let reader = reader.with_table_options(TableOptions::new().with_encoding(Encoding::UTF_8));
    let file = reader.clone().read_wide(text.as_slice()).unwrap();
    assert_eq!(file.survey.respondents(), ["a", "b"]);
    let file = reader.with_groups("region").read_wide(text.as_slice()).unwrap();
    assert_eq!(file.survey.respondents(), ["a"]);
    let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 3: cell is not text in the encoding of the file: \"Z\u{fffd}rich\"",
            "line 4: cell is not text in the encoding of the file: \"\u{fffd}\""
        ]
    );
}

#[test]
fn codes_are_missing_answers_or_far_off() {
    let mut text = String::from("id,speed,price,percent\n");
    for n in 0..20 {
        let (speed, price) = (if n % 7 == 3 { 99 } else { 1 + n % 5 }, if n == 4 { -1 } else { 1 + n % 4 });
        text.push_str(&format!("r{n},{speed},{price},{}\n", 5 * n));
    }
    let reader = CsvSurvey::new().with_usual_scales();
    let file = reader.clone().read_wide(text.as_bytes()).unwrap();
    let told: Vec<String> = file.far_off.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "speed: 3 answers of 99 lie far off the others, 1 to 5",
            "price: 1 answer of -1 lies far off the others, 1 to 4",
        ]
    );
    assert_eq!((file.far_off[0].is_repeated(), file.far_off[1].is_repeated()), (true, false));
    assert_eq!(file.refused[0].to_string(), "line 5: speed is not on its scale, 1 to 5: \"99\"");
    let file =
        reader.with_missing_code(99).with_missing_code_of("price", -1).read_wide(text.as_bytes()).unwrap();
    let tally = file.survey.column("speed").unwrap().tally();
    assert_eq!((tally.answered(), tally.missing(), tally.scale().max()), (17, 3, 5));
    assert_eq!((file.refused.len(), file.far_off.len(), file.survey.columns().len()), (0, 0, 3));
    assert_eq!(file.survey.column("percent").unwrap().scale().max(), 100);
}

#[test]
fn long_files_are_turned() {
    let text = "respondent,question,answer\nb,speed,3\na,speed,9\na,smell,1\na,price,na\n";
    let five = Scale::new(1, 5).unwrap();
    let file = CsvSurvey::new()
        .with_question("speed", five.clone())
        .with_question("price", five)
        .read_long(text.as_bytes())
        .unwrap();
    let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["line 3: speed is not on its scale, 1 to 5: \"9\"", "line 4: question was not declared: \"smell\""]
    );
    assert_eq!(file.survey.respondents(), ["b", "a"]);
    assert_eq!(file.survey.column("price").unwrap().answers(), [Answer::Missing, Answer::DoesNotApply]);
}

#[test]
fn files_that_are_none_are_refused() {
    let text = |bytes: &[u8]| CsvSurvey::new().with_groups("shop").read_wide(bytes).unwrap_err().to_string();
    let told_comma = |bytes: &[u8]| {
        let options = TableOptions::new().with_delimiter(b',');
        let reader = CsvSurvey::new().with_groups("shop").with_table_options(options);
        reader.read_wide(bytes).unwrap_err().to_string()
    };
    assert_eq!(text(b""), "the file is empty");
    assert_eq!(
        text(b"PK\x03\x04\x00"),
        "the file is not text: the signature of a spreadsheet (.xlsx, .ods) or archive at byte 0"
    );
    assert_eq!(
        text(b"who,q\n"),
        "no respondent id column (respondent_id, respondent, customer_id, id); the columns are who, q"
    );
    assert_eq!(text(b"id,q\n"), "no group column \"shop\"; the columns are id, q");
    let endless = format!("id,shop\n\"{}", "x".repeat(3 << 20));
    assert!(text(endless.as_bytes()).contains("is longer than 1048576 bytes"));
    assert_eq!(
        text(b"id,shop,q\na,x,1\nb,\"y,2\nc,x,3\n"),
        "the record that starts in line 3 runs to the end of the file in line 4: a quotation mark is opened and \
         not closed"
    );
    assert!(told_comma(b"id;shop\na;x\n").ends_with("\"id;shop\" (one column: is ';' the delimiter?)"));
    let empty = CsvSurvey::new().read_wide("id,q\n".as_bytes()).unwrap();
    assert!(empty.survey.is_empty() && empty.rows == 0);
}
