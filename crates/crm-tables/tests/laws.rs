//! Laws of tables: the line told is an editor's, and any bytes are read or refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_tables::{Error, Table, TableOptions};
use proptest::prelude::*;

/// A record, as its cells, or blank lines.
#[derive(Debug, Clone)]
enum Piece {
    Record(Vec<String>),
    Blank,
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let cell = prop_oneof![3 => "[a-z]{0,4}", 1 => "[a-z]{0,2}(\n[a-z\"]{0,2}){1,3}", 1 => "[a-z;\"]{1,3}"];
    let record = prop::collection::vec(cell, 2).prop_map(Piece::Record);
    prop::collection::vec(prop_oneof![3 => record, 1 => Just(Piece::Blank)], 0..12)
}

/// What an editor shows: a text split at LF, CR LF and CR.
fn editor_lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
}

proptest! {
    /// Draws records with quoted line breaks, delimiters and quotation marks, and blank lines, each
    /// with one of three ends of line. The line of each record is the one of its marker in the text
    /// as an editor splits it, and its last line is the one on which it ends.
    #[test]
    fn the_line_told_is_an_editors(
        pieces in pieces(),
        ends in prop::collection::vec(0..3_usize, 64),
        ends_with_break: bool,
        has_hint: bool,
    ) {
        let mut ends = ends.into_iter().map(|end| ["\n", "\r\n", "\r"][end]).cycle();
        let mut text = String::new();
        if has_hint {
            text.push_str("sep=;");
            text.push_str(ends.next().unwrap());
        }
        text.push_str("id;x;y");
        let mut last_of = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            text.push_str(ends.next().unwrap());
            if let Piece::Record(cells) = piece {
                text.push_str(&format!("#{number}"));
                for cell in cells {
                    let quoted = cell.replace('"', "\"\"");
                    // Each break within the quotation marks has an end of its own.
                    let parts: Vec<&str> = quoted.split('\n').collect();
                    text.push_str(";\"");
                    for (at, part) in parts.iter().enumerate() {
                        if at > 0 {
                            text.push_str(ends.next().unwrap());
                        }
                        text.push_str(part);
                    }
                    text.push('"');
                }
                last_of.push(editor_lines(&text).len() as u64);
            }
        }
        if ends_with_break {
            text.push_str(ends.next().unwrap());
        }
        let lines = editor_lines(&text);
        let mut table = Table::new(text.as_bytes(), &TableOptions::new().with_delimiter(b';')).unwrap();
        let id = table.column("id", Some("id"), &[]).unwrap();
        let mut seen = 0;
        while let Some(row) = table.next_row().unwrap() {
            let marker = row.text(id).unwrap().into_owned() + ";";
            let line = lines.iter().position(|line| line.starts_with(&marker)).unwrap() as u64 + 1;
            prop_assert_eq!((row.line(), row.last_line()), (line, last_of[seen]), "{:?}", &text);
            seen += 1;
        }
        prop_assert_eq!(seen, last_of.len());
    }
}

/// Bytes of tables, and of files that are none, as seeds.
const SEEDS: [&[u8]; 8] = [
    b"id,total\r\nann,\"1,5\"\r\n\r\nbob,2\r\n",
    b"sep=;\nid;total\nann;1.234,50\n\"b\nob\";2\n",
    b"\xff\xfei\0d\0,\0x\0\n\x001\0,\x002\0\n\0",
    b"\xfe\xff\0i\0d\0,\0x\0\n\x001\0,\x002\0\n",
    b"id,city\nann,K\xf6ln\nbob,Z\xfcrich\n",
    b"\xbf\xcd\xbb\xa7,\xb3\xc7\xca\xd0\n1,\xb1\xb1\xbe\xa9\n",
    b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xcbL\xd1\xa9\xe0J\xcc\xcb\xd31\xe4\x02\0\xd1\xe6\xf1\x0f\x0d\0\0\0",
    b"id\tx\rann\t\"\"\"\"\rbob\t|;,\r",
];
/// Bytes on which readers of tables trip.
const TRAPS: [u8; 14] = *b"\"\"\",;\t\r\n\n\0\xff\xfe\x1f=";

/// Any mutation of a table is read to its end or refused: no panic, and no more rows than bytes.
#[test]
fn mutated_bytes_are_read_or_refused() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let options = TableOptions::new().with_record_limit(256).unwrap().with_line_limit(4).unwrap();
    let (mut read, mut refused) = (0_u32, 0_u32);
    for _ in 0..10_000 {
        let mut bytes = SEEDS[draw(SEEDS.len())].to_vec();
        for _ in 0..=draw(6) {
            let at = draw(bytes.len() + 1);
            match draw(5) {
                0 => bytes.insert(at, TRAPS[draw(TRAPS.len())]),
                1 => bytes.insert(at, draw(256) as u8),
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let again = bytes[at / 2..at].to_vec();
                    bytes.extend(again);
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << draw(8);
                    }
                }
            }
        }
        match rows(&bytes, &options) {
            Ok(rows) => {
                assert!(rows <= bytes.len(), "{rows} rows in {bytes:?}");
                read += 1;
            }
            Err(error) => {
                assert!(error.to_string().len() < 4_000, "{error}");
                refused += 1;
            }
        }
    }
    assert!(read > 2_000 && refused > 500, "{read} read, {refused} refused");
}

/// Reads all cells of a table and returns the number of its rows.
fn rows(bytes: &[u8], options: &TableOptions) -> Result<usize, Error> {
    let mut table = Table::new(bytes, options)?;
    let columns: Vec<_> = table.columns().collect();
    let (mut rows, mut last) = (0, 0);
    while let Some(row) = table.next_row()? {
        assert!(row.line() <= row.last_line() && last <= row.line(), "lines go up in {bytes:?}");
        last = row.last_line();
        for &column in &columns {
            let _ = row.text(column).map_err(|error| error.to_string());
            let _ = row.id(column);
        }
        rows += 1;
    }
    Ok(rows)
}
