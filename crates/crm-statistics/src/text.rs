//! Padding of texts that are already as long as their precision asks for.

use std::fmt::{self, Alignment, Write as _};

/// Writes a text with the width, fill and alignment of the formatter; unlike `Formatter::pad` it takes the precision for
/// decimal places, so that it never cuts the text.
pub(crate) fn pad(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let missing = f.width().unwrap_or(0).saturating_sub(text.chars().count());
    let before = match f.align() {
        None | Some(Alignment::Left) => 0,
        Some(Alignment::Center) => missing / 2,
        Some(Alignment::Right) => missing,
    };
    let fill = f.fill();
    (0..before).try_for_each(|_| f.write_char(fill))?;
    f.write_str(text)?;
    (before..missing).try_for_each(|_| f.write_char(fill))
}
