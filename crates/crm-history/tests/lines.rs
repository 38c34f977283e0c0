//! A law of line numbers: those of an editor, whatever ends the lines.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read, Write};

use crm_history::{CsvOrders, Decimal, LedgerBuilder, RefusalReason};
use proptest::prelude::*;

const BREAKS: [&str; 3] = ["\n", "\r\n", "\r"];

/// A record: a note with breaks in quotes, the break behind it and the blank lines behind that.
#[derive(Debug, Clone)]
struct Piece {
    note: Vec<usize>,
    long: bool,
    blank_note_lines: bool,
    end: usize,
    blanks: Vec<usize>,
}

fn piece() -> impl Strategy<Value = Piece> {
    let breaks = |most| prop::collection::vec(0..BREAKS.len(), 0..most);
    let note = prop_oneof![4 => Just(Vec::new()), 3 => breaks(6), 1 => breaks(40)];
    (note, prop::bool::weighted(0.05), any::<bool>(), 0..BREAKS.len(), breaks(4)).prop_map(
        |(note, long, blank_note_lines, end, blanks)| Piece { note, long, blank_note_lines, end, blanks },
    )
}

/// The line on which that byte stands, as an editor counts.
fn line_of(text: &str, offset: usize) -> u64 {
    let before = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
    1 + before.matches('\n').count() as u64
}

/// Gives its bytes in small portions.
struct Portions<'t>(&'t [u8], usize);

impl Read for Portions<'_> {
    fn read(&mut self, mut buffer: &mut [u8]) -> std::io::Result<usize> {
        let portion = self.1.min(self.0.len());
        let written = buffer.write(&self.0[..portion])?;
        self.0 = &self.0[written..];
        Ok(written)
    }
}

proptest! {
    /// Draws files of records without an error but the date, each with a note over any number of
    /// lines in quotes, ended by any break and any number of blank lines of any breaks; with or
    /// without a byte-order mark and a line that names the delimiter; read in portions of any size,
    /// so that breaks are cut in two.
    #[test]
    fn every_record_is_refused_on_the_line_of_an_editor(
        head in prop::collection::vec(0..BREAKS.len(), 1..4),
        pieces in prop::collection::vec(piece(), 1..30),
        mark in any::<bool>(),
        hint in any::<bool>(),
        portion in 1..5_000_usize,
        is_cut in any::<bool>(),
    ) {
        let mut text = String::new();
        if hint {
            text.push_str("sep=,");
            text.push_str(BREAKS[head[0]]);
        }
        text.push_str("id,date,amount,note");
        head.iter().for_each(|&at| text.push_str(BREAKS[at]));
        let mut expected = Vec::new();
        for (n, piece) in pieces.iter().enumerate() {
            let first = line_of(&text, text.len());
            text.push_str(&format!("c{n},never{n},1,\""));
            for &at in &piece.note {
                text.push_str(if piece.blank_note_lines { "" } else { "note, or \"\"so" });
                text.push_str(BREAKS[at]);
            }
            // Longer than the part of a file that is looked at in advance.
            text.push_str(&"x".repeat(if piece.long { 9_000 } else { 1 }));
            text.push('"');
            let last = line_of(&text, text.len());
            text.push_str(BREAKS[piece.end]);
            piece.blanks.iter().for_each(|&at| text.push_str(BREAKS[at]));
            expected.push((first, last, n));
        }
        let first = line_of(&text, text.len());
        text.push_str("last,never,1,");
        expected.push((first, first, pieces.len()));
        let bytes = if mark { format!("\u{feff}{text}") } else { text.clone() };

        let mut builder = LedgerBuilder::<String, Decimal>::new();
        let portion = if is_cut { portion % 7 + 1 } else { portion };
        CsvOrders::new().read(Portions(bytes.as_bytes(), portion), &mut builder).unwrap();
        let ledger = builder.build();
        prop_assert_eq!(ledger.refused().len(), expected.len());
        for (refused, (first, last, n)) in ledger.refused().iter().zip(expected) {
            prop_assert_eq!(refused.line, first, "{:?}", text);
            match &refused.reason {
                RefusalReason::Lines { last: told } => {
                    prop_assert!(last - first >= 20);
                    prop_assert_eq!(*told, last);
                }
                reason => {
                    let is_date = matches!(reason, RefusalReason::Date { .. });
                    prop_assert!(last - first < 20 && is_date);
                    let date = if n == pieces.len() { "never".to_owned() } else { format!("never{n}") };
                    prop_assert_eq!(&refused.value, &date);
                }
            }
        }
    }
}
