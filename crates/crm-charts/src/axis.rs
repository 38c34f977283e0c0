//! Axes: ruled lines, labels that never overlap, and the names of what is measured.

use svg::Node;

use crate::mark::{Anchor, Area, label, line, text, with_tooltip};
use crate::number::coordinate;
use crate::picture::{INNER, LINE, PAD, Picture, WIDTH};
use crate::scale::Scale;
use crate::text::{BODY, fitted, width};

/// The least space between two labels in a row.
const GAP: f64 = 8.0;
/// The least space between a label and the side of the picture.
const EDGE: f64 = 3.0;
/// The longest label of a row or a column.
const LONGEST: f64 = 130.0;
/// The sine of 45 degrees.
const DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// The room for a plot of this height, right of labels as wide as the widest of these.
pub(crate) fn plot<'a>(picture: &Picture, labels: impl Iterator<Item = &'a str>, height: f64) -> Area {
    let widest = labels.map(|label| width(label, BODY)).fold(0.0, f64::max).min(LONGEST);
    let x = PAD + widest + 8.0;
    Area { x, y: picture.top, width: WIDTH - PAD - x, height }
}

/// Labels left of the plot, each at a height, and ruled lines across it.
pub(crate) fn vertical(
    picture: &mut Picture,
    ticks: &[(f64, String)],
    scale: Scale,
    area: Area,
    ruled: bool,
) {
    for (value, content) in ticks {
        let y = scale.at(*value);
        if ruled {
            picture.add(line("crm-grid", (area.x, y), (area.right(), y)));
        }
        let at = (area.x - 8.0, y + 0.36 * BODY);
        picture.add(label("crm-muted", at, Anchor::End, content, BODY, LONGEST));
    }
}

/// The base line of a plot.
pub(crate) fn base(picture: &mut Picture, area: Area) {
    picture.add(line("crm-axis", (area.x, area.bottom()), (area.right(), area.bottom())));
}

/// Labels below the plot, with a short line up to it, each at its place. Where they would overlap,
/// every second, third and so on is drawn.
pub(crate) fn horizontal(picture: &mut Picture, ticks: &[(f64, String)], area: Area) {
    let ticks: Vec<(f64, String)> =
        ticks.iter().map(|(x, label)| (*x, fitted(label, BODY, LONGEST))).collect();
    for (x, content) in ticks.iter().step_by(stride(&ticks)) {
        picture.add(line("crm-axis", (*x, area.bottom()), (*x, area.bottom() + 4.0)));
        let at = (center(*x, content), area.bottom() + 6.0 + BODY);
        picture.add(text("crm-muted", at, Anchor::Middle, content));
    }
    picture.top = area.bottom() + 8.0 + LINE;
}

/// Labels below equal bands of the plot. They stand upright if they fit beside each other, else at
/// 45 degrees if the bands are as wide as a line is high, else only every second, third and so on
/// is drawn.
pub(crate) fn bands(picture: &mut Picture, labels: &[String], area: Area) {
    let band = area.width / labels.len().max(1) as f64;
    let places = || (0..labels.len()).map(|index| area.x + (index as f64 + 0.5) * band);
    let upright: Vec<(f64, String)> =
        places().zip(labels).map(|(x, label)| (x, fitted(label, BODY, LONGEST))).collect();
    let top = area.bottom() + 6.0;
    if stride(&upright) > 1 && band >= BODY {
        let deepest = places().zip(labels).map(|(x, label)| sloping(picture, (x, top), label));
        picture.top = top + deepest.fold(0.0, f64::max);
        return;
    }
    for ((x, shown), whole) in upright.iter().zip(labels).step_by(stride(&upright)) {
        let element = text("crm-muted", (center(*x, shown), top + BODY), Anchor::Middle, shown);
        picture.add(if shown == whole { element } else { with_tooltip(element, whole) });
    }
    picture.top = top + LINE;
}

/// A label that rises to its place from the lower left; answers how deep it reaches.
fn sloping(picture: &mut Picture, (x, top): (f64, f64), content: &str) -> f64 {
    let at = (x + 0.3 * BODY, top + 0.7 * BODY);
    let limit = LONGEST.min((at.0 - EDGE) / DIAGONAL);
    let mut element = label("crm-muted", at, Anchor::End, content, BODY, limit);
    element.assign("transform", format!("rotate(-45 {} {})", coordinate(at.0), coordinate(at.1)));
    picture.add(element);
    0.7 * BODY + DIAGONAL * (width(content, BODY).min(limit) + 0.3 * BODY)
}

/// The name of the horizontal axis, below its labels.
pub(crate) fn heading(picture: &mut Picture, content: &str, area: Area) {
    if content.is_empty() {
        return;
    }
    let shown = fitted(content, BODY, INNER);
    let middle = center(area.x + area.width / 2.0, &shown);
    picture.add(label("crm-muted", (middle, picture.top + BODY), Anchor::Middle, content, BODY, INNER));
    picture.top += LINE;
}

/// The place nearest to `x` at which a centered label does not leave the picture.
pub(crate) fn center(x: f64, content: &str) -> f64 {
    let half = width(content, BODY) / 2.0 + EDGE;
    x.min(WIDTH - half).max(half)
}

/// The smallest number such that each so-many-th label stands clear of the one before it.
pub(crate) fn stride(ticks: &[(f64, String)]) -> usize {
    let span = |(x, label): &(f64, String)| {
        let (center, half) = (center(*x, label), width(label, BODY) / 2.0);
        (center - half, center + half)
    };
    let spans: Vec<(f64, f64)> = ticks.iter().map(span).collect();
    let clear = |stride: &usize| {
        let kept = || spans.iter().step_by(*stride);
        kept().zip(kept().skip(1)).all(|((_, end), (start, _))| start - end >= GAP)
    };
    (1..spans.len()).find(clear).unwrap_or(spans.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caption::Caption;

    const AREA: Area = Area { x: 60.0, y: 40.0, width: 400.0, height: 100.0 };

    fn evenly(count: usize, label: &str) -> Vec<(f64, String)> {
        let step = AREA.width / count as f64;
        (0..count).map(|index| (AREA.x + index as f64 * step, label.to_owned())).collect()
    }

    fn drawn(draw: impl Fn(&mut Picture)) -> String {
        let mut picture = Picture::new(&Caption::new(""));
        draw(&mut picture);
        picture.finish(&Caption::new(""), "test")
    }

    #[test]
    fn labels_are_dropped_only_when_they_would_overlap() {
        assert_eq!(stride(&[]), 1);
        assert_eq!(stride(&evenly(1, "a label that is much too long for anything")), 1);
        assert_eq!(stride(&evenly(5, "2026")), 1);
        // Four digits are about 32 wide and need 40 with the gap; 20 ticks are 20 apart.
        assert_eq!(stride(&evenly(20, "2026")), 2 + usize::from(width("2026", BODY) + GAP > 40.0));
        assert_eq!(stride(&evenly(3, &"wide ".repeat(40))), 3);
    }

    #[test]
    fn kept_labels_never_overlap() {
        for count in 1..200 {
            let ticks = evenly(count, "12 Jan");
            let kept: Vec<f64> =
                ticks.iter().step_by(stride(&ticks)).map(|(x, label)| center(*x, label)).collect();
            assert!(kept.windows(2).all(|pair| pair[1] - pair[0] >= width("12 Jan", BODY) + GAP), "{count}");
        }
    }

    #[test]
    fn bands_first_stand_upright_then_slope_then_drop() {
        let names = |count: usize| (0..count).map(|index| format!("segment {index}")).collect::<Vec<_>>();
        let svg = |count| drawn(|picture| bands(picture, &names(count), AREA));
        let shown = |svg: &str| svg.matches("<text").count();
        let (few, many, crowd) = (svg(4), svg(20), svg(100));
        assert!(!few.contains("rotate") && shown(&few) == 4, "{few}");
        assert!(many.matches("rotate(-45").count() == 20 && shown(&many) == 20, "{many}");
        assert!(!crowd.contains("rotate") && (2..10).contains(&shown(&crowd)), "{crowd}");
    }

    #[test]
    fn a_sloping_label_is_cut_before_it_leaves_the_picture() {
        let label = "0123456789".repeat(6);
        let svg = drawn(|picture| {
            sloping(picture, (40.0, 50.0), &label);
        });
        let shown = svg.split("</title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("");
        let left = 40.0 + 0.3 * BODY - DIAGONAL * width(shown, BODY);
        assert!(shown.ends_with('…') && (0.0..20.0).contains(&left), "{shown} reaches {left}");
    }

    #[test]
    fn a_label_at_the_side_is_moved_inside() {
        let label = "a rather long label";
        let half = width(label, BODY) / 2.0;
        assert!(center(0.0, label) - half >= EDGE - 1e-9);
        assert!(center(WIDTH, label) + half <= WIDTH - EDGE + 1e-9);
    }
}
