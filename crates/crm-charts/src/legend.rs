//! Keys to what colors and marks mean.

use svg::Node;

use crate::color::LEVELS;
use crate::mark::{Anchor, Area, label, line, path, polyline, rectangle, text};
use crate::number::coordinate;
use crate::picture::{INNER, LINE, PAD, Picture};
use crate::scale::Scale;
use crate::text::{BODY, fitted, width};
use crate::ticks::Ticks;

/// The width of the color bar.
const BAR: f64 = 288.0;
/// The height of a swatch and of the color bar.
const SWATCH: f64 = 11.0;
/// From the end of one entry to the next.
const APART: f64 = 18.0;

/// The sample of an entry in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Swatch {
    /// A filled square in the color of a series.
    Fill(usize),
    /// A piece of the line of a series.
    Line(usize),
    /// A dot of this diameter.
    Dot(f64),
    /// Nothing but the words.
    Words,
}

impl Swatch {
    fn width(self) -> f64 {
        match self {
            Self::Fill(_) => SWATCH + 6.0,
            Self::Line(_) => 32.0,
            Self::Dot(size) => size + 6.0,
            Self::Words => 0.0,
        }
    }

    fn draw(self, picture: &mut Picture, x: f64, middle: f64) {
        match self {
            Self::Fill(series) => {
                let area = Area { x, y: middle - SWATCH / 2.0, width: SWATCH, height: SWATCH };
                picture.add(rectangle(&format!("crm-fill-{series}"), area));
            }
            Self::Line(series) => {
                let data = polyline(&[(x + 1.0, middle), (x + 25.0, middle)]);
                picture.add(path(&format!("crm-line crm-series-{series}"), &data));
            }
            Self::Dot(size) => dots(picture, &[(x + size / 2.0, middle)], size),
            Self::Words => {}
        }
    }
}

/// Dots of one diameter with a ring around them that sets them off from any color.
pub(crate) fn dots(picture: &mut Picture, places: &[(f64, f64)], diameter: f64) {
    let data: String = places.iter().map(|&place| polyline(&[place])).collect();
    for (class, size) in [("crm-ring", diameter + 2.0), ("crm-dot", diameter)] {
        let mut element = path(class, &data);
        element.assign("stroke-width", coordinate(size));
        picture.add(element);
    }
}

/// Entries in rows, as many in a row as fit.
pub(crate) fn rows(picture: &mut Picture, entries: &[(Swatch, String)]) {
    let mut x = PAD;
    for (swatch, content) in entries {
        let limit = INNER - swatch.width();
        let end = x + swatch.width() + width(&fitted(content, BODY, limit), BODY);
        if x > PAD && end > PAD + INNER {
            x = PAD;
            picture.top += LINE;
        }
        swatch.draw(picture, x, picture.top + LINE / 2.0);
        let at = (x + swatch.width(), picture.top + LINE / 2.0 + 0.36 * BODY);
        picture.add(label("crm-text", at, Anchor::Start, content, BODY, limit));
        x += swatch.width() + width(&fitted(content, BODY, limit), BODY) + APART;
    }
    if !entries.is_empty() {
        picture.top += LINE + 6.0;
    }
}

/// The color ramp with its numbers, and the mark of an empty cell if there are any.
pub(crate) fn color_bar(picture: &mut Picture, heading: &str, ticks: Ticks, with_empty: bool) {
    picture.use_ramp();
    picture.note(heading);
    picture.top += 5.0;
    let step = BAR / LEVELS as f64;
    let cell = |level: usize| {
        let area = Area { x: PAD + level as f64 * step, y: picture.top, width: step, height: SWATCH };
        rectangle(&format!("crm-level-{level}"), area)
    };
    let cells = (0..LEVELS).map(cell).collect();
    picture.add_group("crm-cells", cells);
    if with_empty {
        let area = Area { x: PAD + BAR + APART + 4.0, y: picture.top, width: SWATCH + 6.0, height: SWATCH };
        picture.add(rectangle("crm-empty", area));
        let at = (area.right() + 6.0, picture.top + 0.85 * SWATCH);
        picture.add(text("crm-muted", at, Anchor::Start, "empty"));
    }
    let labels = bar_labels(ticks);
    let bottom = picture.top + SWATCH;
    for BarLabel { x, anchor, content, .. } in labels.iter().step_by(stride(&labels)) {
        picture.add(line("crm-axis", (*x, bottom), (*x, bottom + 3.0)));
        picture.add(text("crm-muted", (*x, bottom + 4.0 + BODY), *anchor, content));
    }
    picture.top = bottom + LINE + 10.0;
}

/// A number below the color bar, and the room that it takes.
struct BarLabel {
    x: f64,
    anchor: Anchor,
    content: String,
    start: f64,
    end: f64,
}

/// The numbers below the color bar; the outer ones end flush with it.
fn bar_labels(ticks: Ticks) -> Vec<BarLabel> {
    let scale = Scale::linear(ticks.low(), ticks.high(), PAD, PAD + BAR);
    let labeled = ticks.labeled();
    let last = labeled.len().saturating_sub(1);
    let label = |(index, (value, content)): (usize, (f64, String))| {
        let (x, room) = (scale.at(value), width(&content, BODY));
        let (anchor, before) = match index {
            0 => (Anchor::Start, 0.0),
            _ if index == last => (Anchor::End, 1.0),
            _ => (Anchor::Middle, 0.5),
        };
        BarLabel { x, anchor, content, start: x - before * room, end: x + (1.0 - before) * room }
    };
    labeled.into_iter().enumerate().map(label).collect()
}

/// The smallest number such that each so-many-th label stands clear of the one before it.
fn stride(labels: &[BarLabel]) -> usize {
    let clear = |stride: &usize| {
        let kept = || labels.iter().step_by(*stride);
        kept().zip(kept().skip(1)).all(|(one, next)| next.start - one.end >= 8.0)
    };
    (1..labels.len()).find(clear).unwrap_or(labels.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caption::Caption;

    fn drawn(draw: impl Fn(&mut Picture)) -> (String, f64) {
        let mut picture = Picture::new(&Caption::new(""));
        draw(&mut picture);
        let top = picture.top;
        (picture.finish(&Caption::new(""), "test"), top)
    }

    #[test]
    fn entries_wrap_into_rows() {
        let entry = |index: usize| (Swatch::Line(index), format!("model number {index}"));
        let (_, one) = drawn(|picture| rows(picture, &[entry(0), entry(1)]));
        let (svg, two) = drawn(|picture| rows(picture, &[entry(0), entry(1), entry(2), entry(3)]));
        assert!((two - one - LINE).abs() < 1e-9);
        assert_eq!(svg.matches("<text").count(), 4);
    }

    #[test]
    fn the_color_bar_has_every_level_and_labels_that_stand_clear() {
        let (svg, _) = drawn(|picture| color_bar(picture, "Spend (£)", Ticks::covering(0.0, 500.0, 5), true));
        assert_eq!(svg.matches("class=\"crm-level-").count(), LEVELS);
        assert!(svg.contains(">Spend (£)</text>") && svg.contains(">empty</text>"), "{svg}");
        for high in [0.9, 7.0, 99_999.0, 3e8] {
            let labels = bar_labels(Ticks::covering(0.0, high, 12));
            let kept: Vec<&BarLabel> = labels.iter().step_by(stride(&labels)).collect();
            assert!(kept.len() > 1 && kept.windows(2).all(|pair| pair[1].start > pair[0].end), "{high}");
        }
    }
}
