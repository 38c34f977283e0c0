//! Numbers as text by fixed rules: the same number gives the same bytes on every machine.

/// `digits` times ten to the `exponent`: what a tick is before rounding to binary, so that its
/// label is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exact {
    pub(crate) digits: i64,
    pub(crate) exponent: i32,
}

impl Exact {
    /// The nearest `f64`. Reading decimal text rounds correctly everywhere, which a product of
    /// powers does not.
    pub(crate) fn value(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(0.0)
    }

    /// The power of ten of the leading digit.
    fn magnitude(self) -> i32 {
        let mut rest = self.digits.unsigned_abs();
        let mut magnitude = self.exponent;
        while rest >= 10 {
            rest /= 10;
            magnitude += 1;
        }
        magnitude
    }

    /// Without trailing zeros after the decimal point.
    fn trimmed(mut self) -> Self {
        while self.exponent < 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }

    /// In plain notation after division by ten to the `shift`, with thousands separators.
    fn fixed(self, shift: i32) -> String {
        if self.digits == 0 {
            return "0".to_owned();
        }
        let decimals = usize::try_from(shift - self.exponent).unwrap_or(0);
        let zeros = usize::try_from(self.exponent - shift).unwrap_or(0);
        let mut text = self.digits.unsigned_abs().to_string() + &"0".repeat(zeros);
        if text.len() <= decimals {
            text.insert_str(0, &"0".repeat(decimals + 1 - text.len()));
        }
        let (whole, fraction) = text.split_at(text.len() - decimals);
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{}{}{point}{fraction}", self.sign(), grouped(whole))
    }

    /// As `1.5e-7`.
    fn scientific(self) -> String {
        let digits = self.digits.unsigned_abs().to_string();
        let digits = digits.trim_end_matches('0');
        let (first, rest) = digits.split_at(digits.len().min(1));
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{first}{point}{rest}e{}", self.sign(), self.magnitude())
    }

    fn sign(self) -> &'static str {
        if self.digits < 0 { "−" } else { "" }
    }
}

/// The SI prefix for a power of ten that is a multiple of three from 3 to 18.
fn prefix(power: i32) -> &'static str {
    match power {
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        _ => "E",
    }
}

/// Digits with a comma before each group of three.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The labels of one axis: one notation and one number of decimals for all of them.
///
/// Below 100 000 all digits are written, with thousands separators. From there an SI prefix (k, M,
/// G, T, P, E) is taken if two decimals then suffice. Below 0.0001 and from 1e21 the notation is
/// `2e-7`.
pub(crate) fn axis_labels(ticks: &[Exact]) -> Vec<String> {
    let magnitude =
        ticks.iter().filter(|tick| tick.digits != 0).map(|tick| tick.magnitude()).max().unwrap_or(0);
    let power = magnitude.div_euclid(3) * 3;
    let label = |tick: &Exact| match magnitude {
        _ if tick.digits == 0 => "0".to_owned(),
        5..=20 if power - tick.exponent <= 2 => format!("{}{}", tick.fixed(power), prefix(power)),
        -4..=20 => tick.fixed(0),
        _ => tick.scientific(),
    };
    ticks.iter().map(label).collect()
}

/// One number in running text: three significant digits, all digits of a whole part below 100 000,
/// then as on an axis.
pub(crate) fn value(number: f64) -> String {
    let rounded = significant(number, 3);
    let magnitude = rounded.magnitude();
    let power = magnitude.div_euclid(3) * 3;
    match magnitude {
        _ if rounded.digits == 0 => "0".to_owned(),
        3..=4 => whole(number).fixed(0),
        -4..=4 => rounded.trimmed().fixed(0),
        5..=20 => format!("{}{}", shortened(rounded, power), prefix(power)),
        _ => rounded.scientific(),
    }
}

/// The edge of a bin, which must differ from its neighbors: six significant digits and no SI
/// prefix.
pub(crate) fn edge(number: f64) -> String {
    let rounded = significant(number, 6);
    match rounded.magnitude() {
        _ if rounded.digits == 0 => "0".to_owned(),
        -4..=14 => rounded.trimmed().fixed(0),
        _ => rounded.scientific(),
    }
}

/// A count of things: all digits up to a million, then as any number.
pub(crate) fn count(number: u64) -> String {
    if number < 1_000_000 { grouped(&number.to_string()) } else { value(number as f64) }
}

/// A share of one as a percentage: whole percents, with one decimal near the ends, with more below
/// one percent.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let one = format!("{percent:.1}");
    match one.strip_suffix(".0") {
        _ if percent < 1.0 => format!("{} %", value(percent)),
        Some(whole) => format!("{whole} %"),
        None if (10.0..99.0).contains(&percent) => format!("{percent:.0} %"),
        None => format!("{one} %"),
    }
}

/// A number with its unit: a currency sign goes before it, anything else after a space.
pub(crate) fn with_unit(number: &str, unit: &str) -> String {
    let mut signs = unit.chars();
    match (signs.next(), signs.next()) {
        (None, _) => number.to_owned(),
        (Some('$' | '£' | '¥' | '\u{20a0}'..='\u{20cf}'), None) => match number.strip_prefix('−') {
            Some(positive) => format!("−{unit}{positive}"),
            None => format!("{unit}{number}"),
        },
        _ => format!("{number} {unit}"),
    }
}

/// A coordinate: at most two decimals, no trailing zeros, no minus zero.
pub(crate) fn coordinate(position: f64) -> String {
    let text = format!("{position:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// So many significant digits, from the standard library's correctly rounded decimal conversion.
fn significant(number: f64, digits: u8) -> Exact {
    let decimals = usize::from(digits - 1);
    let text = format!("{number:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or(("0", "0"));
    Exact {
        digits: mantissa.replace('.', "").parse().unwrap_or(0),
        exponent: exponent.parse::<i32>().unwrap_or(0) - i32::from(digits - 1),
    }
}

/// Rounded to a whole number.
fn whole(number: f64) -> Exact {
    Exact { digits: format!("{number:.0}").parse().unwrap_or(0), exponent: 0 }
}

/// In units of ten to the `power`, without trailing zeros.
fn shortened(exact: Exact, power: i32) -> String {
    Exact { exponent: exact.exponent - power, ..exact }.trimmed().fixed(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(digits: &[i64], exponent: i32) -> Vec<String> {
        let ticks: Vec<Exact> = digits.iter().map(|&digits| Exact { digits, exponent }).collect();
        axis_labels(&ticks)
    }

    #[test]
    fn an_axis_has_one_notation() {
        assert_eq!(labels(&[0, 5, 10], -1), ["0", "0.5", "1.0"]);
        assert_eq!(labels(&[0, 2, 4], 4), ["0", "20,000", "40,000"]);
        assert_eq!(labels(&[0, 5, 10, 15], 5), ["0", "0.5M", "1.0M", "1.5M"]);
        assert_eq!(labels(&[0, 1, 2], 5), ["0", "100k", "200k"]);
        assert_eq!(labels(&[-2, 0, 2], 9), ["−2G", "0", "2G"]);
        assert_eq!(labels(&[5, 10], -8), ["5e-8", "1e-7"]);
        assert_eq!(labels(&[0, 5], 299), ["0", "5e299"]);
        assert_eq!(labels(&[1_000_000_005, 1_000_000_010], -3), ["1,000,000.005", "1,000,000.010"]);
        assert_eq!(labels(&[0], 0), ["0"]);
    }

    #[test]
    fn a_single_value_keeps_what_a_reader_needs() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (0.25, "0.25"),
            (1.0, "1"),
            (12.345, "12.3"),
            (999.4, "999"),
            (999.6, "1,000"),
            (1234.5, "1,234"),
            (99_999.0, "100k"),
            (98_765.0, "98,765"),
            (123_456.0, "123k"),
            (1_000_000.0, "1M"),
            (2_550_000_000.0, "2.55G"),
            (-45.6, "−45.6"),
            (0.000_012_3, "1.23e-5"),
            (1e300, "1e300"),
            (-5e-324, "−4.94e-324"),
        ];
        for (number, text) in cases {
            assert_eq!(value(number), text, "{number:?}");
        }
    }

    #[test]
    fn edges_of_narrow_bins_differ() {
        let cases = [
            (0.0, "0"),
            (100_000.0, "100,000"),
            (100_200.0, "100,200"),
            (0.125, "0.125"),
            (-1_234_567.0, "−1,234,570"),
            (1e300, "1e300"),
        ];
        for (number, text) in cases {
            assert_eq!(edge(number), text, "{number:?}");
        }
    }

    #[test]
    fn counts_percentages_and_units() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999_999), "999,999");
        assert_eq!(count(12_345_678), "12.3M");
        assert_eq!(percent(0.2), "20 %");
        assert_eq!(percent(0.784), "78 %");
        assert_eq!(percent(0.0123), "1.2 %");
        assert_eq!(percent(0.0004), "0.04 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.996), "99.6 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(with_unit("12", ""), "12");
        assert_eq!(with_unit("12", "weeks"), "12 weeks");
        assert_eq!(with_unit("12", "€"), "€12");
        assert_eq!(with_unit("−12", "£"), "−£12");
        assert_eq!(with_unit("12", "kg"), "12 kg");
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(coordinate(12.0), "12");
        assert_eq!(coordinate(12.345_6), "12.35");
        assert_eq!(coordinate(-0.001), "0");
        assert_eq!(coordinate(100.0), "100");
    }

    #[test]
    fn the_value_of_an_exact_tick_is_the_nearest_float() {
        for (digits, exponent, expected) in [(3, -1, 0.3), (7, 299, 7e299), (0, 400, 0.0), (1, -300, 1e-300)]
        {
            assert_eq!(Exact { digits, exponent }.value().to_bits(), f64::to_bits(expected));
        }
    }
}
