//! Encodings of text.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use crm_numbers::UnknownNameError;

/// An encoding of text, known by the labels of the web: `utf-8`, `windows-1252`, `gbk`, `utf-16le`.
///
/// # Examples
///
/// ```
/// use crm_tables::Encoding;
///
/// assert_eq!("latin1".parse(), Ok(Encoding::WINDOWS_1252));
/// assert_eq!(Encoding::WINDOWS_1252.to_string(), "windows-1252");
/// assert!("latin-nine".parse::<Encoding>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);
    /// Windows-1252, which includes Latin-1.
    pub const WINDOWS_1252: Self = Self(encoding_rs::WINDOWS_1252);
    /// GBK, the usual encoding of spreadsheets in Chinese.
    pub const GBK: Self = Self(encoding_rs::GBK);

    /// Returns the encoding that a byte-order mark names, and the length of the mark.
    pub(crate) fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(head).map(|(encoding, length)| (Self(encoding), length))
    }

    /// Returns the encoding of text without a byte-order mark, from its first bytes.
    ///
    /// Zero bytes at every other place are UTF-16; other zero bytes are no text.
    pub(crate) fn detect(head: &[u8], is_whole: bool) -> Result<Self, usize> {
        let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        if let Some(offset) = head.iter().position(|byte| *byte == 0) {
            // Text in Latin letters has a zero byte in at least four of ten UTF-16 units.
            let many = |zeros: usize| zeros * 5 >= head.len();
            // Other control characters before the tabulator stand in no text.
            let is_text = head.iter().all(|byte| *byte == 0 || *byte >= b'\t');
            return match (many(even), many(odd)) {
                (false, true) if even == 0 && is_text => Ok(Self(encoding_rs::UTF_16LE)),
                (true, false) if odd == 0 && is_text => Ok(Self(encoding_rs::UTF_16BE)),
                _ => Err(offset),
            };
        }
        match std::str::from_utf8(head) {
            Ok(_) => return Ok(Self::UTF_8),
            // The head may end within a character.
            Err(error) if error.error_len().is_none() && !is_whole => return Ok(Self::UTF_8),
            Err(_) => {}
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(head, is_whole);
        Ok(Self(detector.guess(None, Utf8Detection::Deny)))
    }

    /// Returns whether delimiters, quotes and line breaks are the bytes that they are in ASCII.
    pub(crate) fn keeps_ascii(self) -> bool {
        self.0.is_ascii_compatible() && self.0 != encoding_rs::ISO_2022_JP
    }

    pub(crate) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_without_bom_handling()
    }

    /// Returns the text of a cell, or `None` if its bytes are not text in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// Returns the text of a cell, with marks where it is not text in this encoding.
    pub(crate) fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    /// Returns the name of the encoding, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0.name() {
            "UTF-8" => "utf-8",
            "UTF-16LE" => "utf-16le",
            "UTF-16BE" => "utf-16be",
            "GBK" => "gbk",
            other => other,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads any label of the Encoding Standard, such as `latin1`, `cp1252` or `gb2312`.
impl FromStr for Encoding {
    type Err = UnknownNameError;

    fn from_str(text: &str) -> Result<Self, UnknownNameError> {
        const USUAL: [&str; 8] =
            ["utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1251", "gbk", "big5", "shift_jis"];
        let found = encoding_rs::Encoding::for_label(text.as_bytes());
        found.map(Self).ok_or_else(|| UnknownNameError::new("encoding", text, USUAL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_from_their_bytes() {
        let detect = |bytes: &[u8]| Encoding::detect(bytes, true).map(Encoding::name);
        assert_eq!(detect(b"id,total\n1,2\n"), Ok("utf-8"));
        assert_eq!(detect("id,Größe\n1,2\n".as_bytes()), Ok("utf-8"));
        assert_eq!(detect(b"id,Gr\xf6\xdfe\n1,f\xfcr alle\n"), Ok("windows-1252"));
        let (gbk, _, _) = encoding_rs::GBK.encode("客户编号,金额,日期\n甲公司,12.50,三月\n乙公司,3,四月\n");
        assert_eq!(detect(&gbk), Ok("gbk"));
        let utf16: Vec<u8> = "id,total\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(detect(&utf16), Ok("utf-16le"));
        assert_eq!(detect(b"PK\x03\x04\x14\x00\x06\x00"), Err(5), "a spreadsheet is no text");
    }

    #[test]
    fn a_character_cut_by_the_end_of_the_head_is_no_other_encoding() {
        let text = "Größe".as_bytes();
        let cut = &text[..3];
        assert_eq!(Encoding::detect(cut, false), Ok(Encoding::UTF_8));
        assert_ne!(Encoding::detect(cut, true), Ok(Encoding::UTF_8));
    }

    #[test]
    fn names_are_labels() {
        for encoding in [Encoding::UTF_8, Encoding::WINDOWS_1252, Encoding::GBK] {
            assert_eq!(encoding.to_string().parse(), Ok(encoding));
        }
        let error = "latin-nine".parse::<Encoding>().unwrap_err().to_string();
        assert!(error.starts_with("unknown encoding \"latin-nine\"; expected one of utf-8,"), "{error}");
    }
}
