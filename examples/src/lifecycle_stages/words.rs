//! Numbers as people write them.

/// `12,345.6`, with so many decimal places.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let whole = text.find('.').unwrap_or(text.len());
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    let mut out = String::from(if value < 0.0 && !zero { "-" } else { "" });
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `23 %`; one decimal place below ten.
pub(super) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    format!("{} %", number(value, if value.abs() < 9.95 { 1 } else { 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((number(1_234_567.0, 0), number(-1_234.5, 1)), ("1,234,567".into(), "-1,234.5".into()));
        assert_eq!((number(-0.001, 2), number(999.0, 0)), ("0.00".into(), "999".into()));
        assert_eq!((percent(0.083), percent(0.4)), ("8.3 %".into(), "40 %".into()));
    }
}
