//! Line numbers as an editor shows them.

use std::collections::VecDeque;

/// Line breaks that a reader has buffered and not yet passed.
///
/// LF, CR LF and CR each end a line, inside quotes or outside, and blank lines count.
#[derive(Debug)]
pub(super) struct LineBreaks {
    /// Offset of the next byte.
    offset: u64,
    /// Whether the byte before is a CR, so that a LF belongs to it.
    after_cr: bool,
    /// Where each break begins and ends.
    ahead: VecDeque<(u64, u64)>,
    /// The line of the last position asked for.
    line: u64,
}

impl LineBreaks {
    /// Nothing read; the first byte is on `line`.
    pub(super) fn starting_at(line: u64) -> Self {
        LineBreaks { offset: 0, after_cr: false, ahead: VecDeque::new(), line }
    }

    /// Takes note of the bytes that follow.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            if may_hold_break(*word) {
                self.note_each(word);
            } else {
                self.offset += 8;
                self.after_cr = false;
            }
        }
        self.note_each(rest);
    }

    fn note_each(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                // The LF belongs to the CR before it.
                b'\n' if self.after_cr => {
                    if let Some(cr) = self.ahead.back_mut() {
                        cr.1 += 1;
                    }
                }
                b'\n' | b'\r' => self.ahead.push_back((self.offset, self.offset + 1)),
                _ => {}
            }
            self.after_cr = byte == b'\r';
            self.offset += 1;
        }
    }

    /// The first and the last line of the record that was read from `start` on and ended before
    /// `end`. Breaks right at the start are blank lines before it.
    pub(super) fn locate(&mut self, mut start: u64, end: u64) -> (u64, u64) {
        while let Some(&(from, to)) = self.ahead.front() {
            if from > start && to > start {
                break;
            }
            start = start.max(to);
            self.pass();
        }
        let first = self.line;
        while self.ahead.front().is_some_and(|&(_, to)| to < end) {
            self.pass();
        }
        (first, self.line)
    }

    fn pass(&mut self) {
        self.ahead.pop_front();
        self.line += 1;
    }
}

/// Whether a byte may be LF, CR or another of the smallest: in its place of the difference, a smaller
/// byte borrows and sets the highest bit (a look at eight bytes at once; it may be wrong about a
/// larger byte behind a small one, never about a small one).
fn may_hold_break(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let word = u64::from_le_bytes(word);
    word.wrapping_sub(ONES * (b'\r' as u64 + 1)) & !word & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_cut_in_two_by_the_buffer_is_one_break() {
        for cut in 0..9 {
            let (head, tail) = b"ab\r\ncd\r\nef".split_at(cut);
            let mut breaks = LineBreaks::starting_at(1);
            breaks.note(head);
            breaks.note(tail);
            // A reader stops behind the CR and begins the next record with the LF.
            assert_eq!(breaks.locate(0, 3), (1, 1), "{cut}");
            assert_eq!(breaks.locate(3, 7), (2, 2), "{cut}");
            assert_eq!(breaks.locate(7, 10), (3, 3), "{cut}");
        }
    }

    #[test]
    fn blank_lines_before_a_record_count_and_breaks_within_it_tell_its_last_line() {
        let mut breaks = LineBreaks::starting_at(1);
        breaks.note(b"a\n\r\n\r\r\n\"x\ny\rz\"\r\nb");
        assert_eq!(breaks.locate(0, 2), (1, 1));
        assert_eq!(breaks.locate(2, 15), (5, 7));
        assert_eq!(breaks.locate(15, 17), (8, 8));
    }

    #[test]
    fn every_break_among_any_bytes_is_seen() {
        for at in 0..8 {
            for around in [0, b'\t', b'\r' + 1, b'a', 0x7f, 0x80, 0xff] {
                for byte in [b'\n', b'\r'] {
                    let mut word = [around; 8];
                    word[at] = byte;
                    assert!(may_hold_break(word), "{word:?}");
                }
            }
        }
        assert!(!may_hold_break(*b"a,\x0e\xff\x80 \x7f1"));
    }
}
