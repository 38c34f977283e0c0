//! Line numbers as an editor shows them.

use std::collections::VecDeque;

/// Line breaks that a reader has buffered and not yet passed.
///
/// LF, CR LF and CR each end a line, inside quotes or outside, and blank lines count.
#[derive(Debug)]
pub(crate) struct LineBreaks {
    /// Offset of the next byte.
    offset: u64,
    /// Offset behind the last CR, to which a LF at this offset belongs.
    after_cr: u64,
    /// Offsets at which each break begins and ends.
    ahead: VecDeque<(u64, u64)>,
    /// Line of the last position asked for.
    line: u64,
}

impl LineBreaks {
    /// Starts before the first byte, which is on `line`.
    pub(crate) fn starting_at(line: u64) -> Self {
        Self { offset: 0, after_cr: u64::MAX, ahead: VecDeque::new(), line }
    }

    /// Takes note of the bytes that follow.
    pub(crate) fn note(&mut self, bytes: &[u8]) {
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let offset = self.offset + at as u64;
            let is_cr = bytes.get(at) == Some(&b'\r');
            if !is_cr && self.after_cr == offset {
                // The LF belongs to the CR before it, which may have been passed already.
                if let Some(cr) = self.ahead.back_mut() {
                    cr.1 += 1;
                }
            } else {
                self.ahead.push_back((offset, offset + 1));
            }
            if is_cr {
                self.after_cr = offset + 1;
            }
        }
        self.offset += bytes.len() as u64;
    }

    /// Returns the first and the last line of the record that was read from `start` on and ended
    /// before `end`. Breaks right at the start are blank lines before it.
    pub(crate) fn locate(&mut self, mut start: u64, end: u64) -> (u64, u64) {
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
}
