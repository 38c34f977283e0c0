//! How wide text is, and what to do when it is too wide. Nobody knows which font will draw it: the
//! widths are those of the common sans-serif faces, a little on the generous side.

/// Font sizes in units of the view box.
pub(crate) const HEADING: f64 = 17.0;
pub(crate) const BODY: f64 = 13.0;
pub(crate) const SMALL: f64 = 11.0;

/// The estimated width of a text in units of the view box.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The advance of one character in parts of the font size.
fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.26,
        ' ' | '!' | ',' | '.' | '/' | ':' | ';' | 'I' | '[' | ']' | 'f' | 't' | '\\' | '\u{a0}' | '·' => 0.3,
        '(' | ')' | '-' | 'r' | '`' | '{' | '}' | '"' | '*' => 0.38,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | '^' => 0.52,
        'm' | 'M' => 0.87,
        'w' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' => 0.75,
        'G' | 'O' | 'Q' => 0.81,
        'W' | '%' | '@' | '…' => 1.0,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.7,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 1.05,
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => 1.05,
        '\u{1f000}'.. => 1.3,
        _ => 0.61,
    }
}

/// Text that an XML document may hold, on one line: line breaks and tabs become spaces, what XML
/// forbids becomes `�`.
pub(crate) fn clean(text: &str) -> String {
    let allowed = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    };
    text.chars().map(allowed).collect::<String>().trim().to_owned()
}

/// The text cut to a width, with an ellipsis where something is missing.
pub(crate) fn fitted(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let room = limit - width("…", size);
    let mut used = 0.0;
    let fits = |character: &char| {
        used += advance(*character) * size;
        used <= room
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The text broken at spaces into at most `lines` lines; the last one is cut if it has to be.
pub(crate) fn wrapped(text: &str, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer, size) <= limit || done.len() + 1 >= lines {
            line = longer;
        } else {
            done.push(fitted(&line, size, limit));
            line = word.to_owned();
        }
    }
    if !line.is_empty() {
        done.push(fitted(&line, size, limit));
    }
    done
}

/// As [`wrapped`], in the narrowest shape that needs no more lines: a heading should not end in a
/// lone word.
pub(crate) fn balanced(text: &str, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let mut best = wrapped(text, size, limit, lines);
    for twentieth in (10..20).rev() {
        let narrower = wrapped(text, size, limit * f64::from(twentieth) / 20.0, lines);
        let cut = narrower.iter().any(|line| line.ends_with('…'));
        if cut || narrower.len() > best.len() {
            break;
        }
        best = narrower;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_grows_with_size_and_letters() {
        assert!(width("WWW", BODY) > width("iii", BODY));
        assert!(width("客户", BODY) > width("ab", BODY));
        assert!((width("abc", 26.0) - 2.0 * width("abc", 13.0)).abs() < 1e-9);
        assert!(width("e\u{301}", BODY) <= width("e", BODY));
    }

    #[test]
    fn a_text_is_cut_only_when_it_is_too_wide() {
        assert_eq!(fitted("loyal", BODY, 100.0), "loyal");
        let cut = fitted("customers who bought once and never came back", BODY, 100.0);
        assert!(cut.ends_with('…') && cut.starts_with("customers w"), "{cut}");
        assert!(width(&cut, BODY) <= 100.0);
        assert_eq!(fitted("abc", BODY, 0.0), "…");
    }

    #[test]
    fn a_heading_wraps_at_spaces() {
        assert_eq!(wrapped("one two three", BODY, 55.0, 2), ["one two", "three"]);
        assert_eq!(wrapped("", BODY, 55.0, 2), Vec::<String>::new());
        let lines = wrapped("one two three four five six", BODY, 55.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| width(line, BODY) <= 55.0), "{lines:?}");
        assert_eq!(wrapped("unbreakableunbreakable", BODY, 55.0, 2).len(), 1);
    }

    #[test]
    fn a_balanced_heading_has_lines_of_like_length() {
        let text = "a fifth of the customers bring most of the revenue";
        assert_eq!(wrapped(text, BODY, 300.0, 2), ["a fifth of the customers bring most of the", "revenue"]);
        assert_eq!(balanced(text, BODY, 300.0, 2), ["a fifth of the customers", "bring most of the revenue"]);
        assert_eq!(balanced("one line", BODY, 300.0, 2), ["one line"]);
        let endless = "word ".repeat(40);
        assert_eq!(balanced(&endless, BODY, 100.0, 2), wrapped(&endless, BODY, 100.0, 2));
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        assert_eq!(clean(" a\nb\0c\u{ffff} "), "a b\u{fffd}c\u{fffd}");
        assert_eq!(clean("<&>\"'"), "<&>\"'");
    }
}
