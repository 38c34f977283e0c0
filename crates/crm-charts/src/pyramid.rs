//! Levels of a pyramid, one above the other.

use crate::caption::{Caption, Measure, chart};
use crate::mark::{Anchor, Area, label, rectangle, text, with_tooltip};
use crate::number::{percent, value, with_unit};
use crate::picture::{INNER, PAD, Picture};
use crate::text::{BODY, SMALL, width};
use crate::{Error, check};

/// Most levels.
const MOST: usize = 12;
/// The height of a level, and the room between two for the share that went on.
const BAR: f64 = 30.0;
const BETWEEN: f64 = 18.0;
/// The share of the picture that names may take.
const NAMES: f64 = 0.34;

/// Shows how many stand on each level, from the broad base to the top, such as a loyalty pyramid
/// from prospects to advocates, and which share goes on from level to level.
///
/// Levels are given from the lowest on and drawn from the bottom up, each as wide as its value.
///
/// ```
/// use crm_charts::Pyramid;
///
/// let chart = Pyramid::new(&["prospect", "first-time", "repeat"], &[240.0, 120.0, 30.0])?
///     .with_conversions(&[Some(0.38), Some(0.2)])?
///     .with_value("Customers", "");
/// assert!(chart.to_svg().contains(">38 % go on</text>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pyramid {
    labels: Vec<String>,
    values: Vec<f64>,
    conversions: Vec<Option<f64>>,
    caption: Caption,
    value: Measure,
}

impl Pyramid {
    /// Creates a pyramid with one level per label, the lowest first, from values of at least 0.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without levels, [`Error::TooMany`] beyond 12, [`Error::Length`] if there is
    /// not one value per label, [`Error::NotFinite`] and [`Error::OutOfRange`] for a value that is
    /// negative, not finite or beyond 1e300.
    ///
    /// ```
    /// use crm_charts::Pyramid;
    ///
    /// assert_eq!(
    ///     Pyramid::new(&["base"], &[-1.0]).map_err(|error| error.to_string()),
    ///     Err("values[0] must be at least 0, got -1.0".to_owned()),
    /// );
    /// ```
    pub fn new(labels: &[impl AsRef<str>], values: &[f64]) -> Result<Self, Error> {
        check::not_empty("labels", labels.len())?;
        check::at_most("labels", MOST, labels.len())?;
        check::length("values", labels.len(), values.len())?;
        check::amounts("values", values)?;
        Ok(Self {
            labels: labels.iter().map(|label| label.as_ref().to_owned()).collect(),
            values: values.to_vec(),
            conversions: Vec::new(),
            caption: Caption::new("Pyramid"),
            value: Measure::new("", ""),
        })
    }

    /// Writes between two levels which share goes on from the lower one; `None` writes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] unless there is one for each step, one less than levels;
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] for a share that is not between 0 and 1.
    ///
    /// ```
    /// use crm_charts::Pyramid;
    ///
    /// let chart = Pyramid::new(&["bought", "bought again"], &[9.0, 3.0])?;
    /// assert!(chart.clone().with_conversions(&[Some(0.25)])?.to_svg().contains("25 % go on"));
    /// assert!(chart.with_conversions(&[]).is_err());
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_conversions(mut self, shares: &[Option<f64>]) -> Result<Self, Error> {
        check::length("shares", self.labels.len() - 1, shares.len())?;
        for (index, share) in shares.iter().enumerate() {
            share.map_or(Ok(()), |share| check::within(&format!("shares[{index}]"), share, 0.0, 1.0))?;
        }
        self.conversions = shares.to_vec();
        Ok(self)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        picture.note(&self.value.heading());
        picture.top += 4.0;
        let numbers: Vec<String> =
            self.values.iter().map(|&number| with_unit(&value(number), &self.value.unit)).collect();
        let widest = |texts: &[String]| texts.iter().map(|text| width(text, BODY)).fold(0.0, f64::max);
        let names = widest(&self.labels).min(NAMES * INNER);
        let room = widest(&numbers).min(0.25 * INNER);
        let plot = (PAD + names + 10.0, PAD + INNER - room - 10.0);
        let (middle, full) = ((plot.0 + plot.1) / 2.0, plot.1 - plot.0);
        let largest = self.values.iter().copied().fold(0.0, f64::max);
        let between = if self.conversions.is_empty() { 4.0 } else { BETWEEN };
        let levels = self.labels.iter().zip(&self.values).zip(&numbers).enumerate();
        for (row, (index, ((name, &number), shown))) in levels.rev().enumerate() {
            let y = picture.top + row as f64 * (BAR + between);
            let wide = if largest > 0.0 {
                (full * (number / largest)).max(if number > 0.0 { 1.0 } else { 0.0 })
            } else {
                0.0
            };
            let area = Area { x: middle - wide / 2.0, y, width: wide, height: BAR };
            picture.add(with_tooltip(rectangle("crm-fill-1", area), &format!("{name}: {shown}")));
            let base = y + BAR / 2.0 + 0.36 * BODY;
            picture.add(label("crm-text", (PAD + names, base), Anchor::End, name, BODY, names));
            picture.add(label("crm-text", (PAD + INNER, base), Anchor::End, shown, BODY, room));
            if let Some(share) =
                index.checked_sub(1).and_then(|below| self.conversions.get(below).copied().flatten())
            {
                let at = (middle, y + BAR + between / 2.0 + 0.36 * SMALL);
                let content = format!("{} go on", percent(share));
                picture.add(text("crm-muted crm-small", at, Anchor::Middle, &content));
            }
        }
        picture.top += self.labels.len() as f64 * (BAR + between) - between;
        self.in_words(&numbers)
    }

    fn in_words(&self, numbers: &[String]) -> String {
        let shares =
            std::iter::once(None).chain(self.conversions.iter().copied()).chain(std::iter::repeat(None));
        let level = |((name, number), share): ((&String, &String), Option<f64>)| match share {
            Some(share) => format!("{name} {number} ({} of those below go on)", percent(share)),
            None => format!("{name} {number}"),
        };
        let list: Vec<String> = self.labels.iter().zip(numbers).zip(shares).map(level).collect();
        let heading = self.value.heading();
        let what = if heading.is_empty() { "Pyramid".to_owned() } else { format!("Pyramid, {heading}") };
        format!("{what}, from the base: {}.", list.join(", "))
    }
}

chart!(
    Pyramid,
    "Pyramid::new(&[\"base\"], &[3.0])?",
    with_value(value) "what the levels measure",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_at_the_bottom_and_as_wide_as_it_is_large() {
        let svg = Pyramid::new(&["base", "top"], &[10.0, 5.0]).expect("valid").to_svg();
        let bars: Vec<&str> = svg.split("<rect class=\"crm-fill-1\"").skip(1).collect();
        let of = |bar: &str, name: &str| -> f64 {
            let rest = bar.split(&format!(" {name}=\"")).nth(1).unwrap_or("");
            rest.split('"').next().and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
        };
        assert!((of(bars[1], "width") - 2.0 * of(bars[0], "width")).abs() < 0.05, "{svg}");
        assert!(of(bars[1], "y") > of(bars[0], "y") && bars[1].contains("base: 10"));
        let middle = |bar| of(bar, "x") + of(bar, "width") / 2.0;
        assert!((middle(bars[0]) - middle(bars[1])).abs() < 0.05);
    }

    #[test]
    fn refusals_name_the_field() {
        let text = |result: Result<Pyramid, Error>| result.expect_err("refused").to_string();
        assert_eq!(text(Pyramid::new(&["a"; 13], &[1.0; 13])), "expected at most 12 items in labels, got 13");
        assert_eq!(text(Pyramid::new(&["a"], &[])), "expected 1 items in values, got 0");
        let two = Pyramid::new(&["a", "b"], &[1.0, 1.0]).expect("valid");
        assert_eq!(text(two.with_conversions(&[Some(1.5)])), "shares[0] must be between 0 and 1, got 1.5");
    }
}
