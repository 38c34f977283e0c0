//! Numbers formatted for readers.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;

/// Formats a count as `12,345`.
pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// Formats a count with its noun: `1 customer`, `12,345 customers`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Formats a number as `12,345.68` with a given number of decimals; zero has no minus sign.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
    grouped(if zero { text.trim_start_matches('-') } else { &text })
}

/// Formats a number with as few decimals as needed, at most six: `12.5`, `52`, `0.04`.
pub(crate) fn plain(value: f64) -> String {
    let text = number(value, 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Formats a share as `23.4 %`; whole percentages from ten on.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    format!("{} %", number(value, if value.abs() < 9.95 { 1 } else { 0 }))
}

/// Formats an amount as `12,345.68`: two decimals, or more if it has more.
pub(crate) fn money(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    grouped(&amount.to_string())
}

/// Formats a computed amount, rounded to the cent.
pub(crate) fn cents(amount: Decimal) -> String {
    money(amount.round_dp_with_strategy(2, MidpointAwayFromZero))
}

/// Formats an estimated amount with at most two decimals.
pub(crate) fn about(amount: f64) -> String {
    if amount.abs() >= 1e3 { number(amount, 0) } else { number(amount, 2) }
}

/// Formats a quotient of amounts with at most six decimals.
pub(crate) fn mean(total: Decimal, n: u32) -> Option<Decimal> {
    let mean = total.checked_div(Decimal::from(n))?;
    Some(mean.round_dp_with_strategy(6, MidpointAwayFromZero).normalize())
}

/// Inserts thousands separators.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((count(0), count(999), count(1_234_567)), ("0".into(), "999".into(), "1,234,567".into()));
        assert_eq!(counted(1, "customer", "customers"), "1 customer");
        assert_eq!((number(-1234.567, 1), number(-0.01, 1)), ("-1,234.6".into(), "0.0".into()));
        assert_eq!(
            (percent(0.0832), percent(0.4), percent(0.0996)),
            ("8.3 %".into(), "40 %".into(), "10 %".into())
        );
        assert_eq!(
            (plain(52.0), plain(0.04), plain(1_200.5)),
            ("52".into(), "0.04".into(), "1,200.5".into())
        );
        assert_eq!(money(Decimal::new(123_450, 2)), "1,234.50");
        assert_eq!(money(Decimal::new(-5, 3)), "-0.005");
        assert_eq!(cents(Decimal::new(91_738_365, 3)), "91,738.37");
        assert_eq!((about(12.345), about(12_345.6)), ("12.35".into(), "12,346".into()));
        assert_eq!(mean(Decimal::new(4_469, 2), 2).unwrap().to_string(), "22.345");
        assert_eq!(mean(Decimal::ONE, 3).unwrap().to_string(), "0.333333");
    }
}
