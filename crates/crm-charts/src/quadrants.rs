//! Points over two axes, each cut in two: four regions with names.

use svg::Node;

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::mark::{Anchor, Area, circle, label, line, text, with_tooltip};
use crate::number::{count, percent, value, with_unit};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::text::{BODY, SMALL, fitted, width};
use crate::ticks::{Ticks, differ};
use crate::{Error, check};

/// The height of the plot.
const HEIGHT: f64 = 330.0;
/// Up to this many points, each says what it is while the pointer rests on it and may have its name
/// beside it.
const WITH_LABEL: usize = 400;
/// Beyond that, points that are nearer than this are one dot.
const CELL: f64 = 6.0;
/// The longest name beside a point.
const LONGEST: f64 = 120.0;
/// The least width of a region in which its name is written.
const NARROWEST: f64 = 30.0;
/// From a region's name to its number.
const LEADING: f64 = 16.0;
/// The radius of a dot, and of the dot with the largest count.
const RADIUS: f64 = 4.5;
const LARGEST: f64 = 16.0;

/// Points on two scales that are each cut in two, such as satisfaction by loyalty, value by risk,
/// importance by performance, or the better and worse coefficients of Kano's method: four regions
/// with names, and the number of points in each.
///
/// **A point on a cut line belongs to the lower side**, as an amount equal to a cut point falls
/// below it wherever this workspace cuts amounts. Points may have names, drawn where they do not
/// hide each other, and counts: a point that stands for many is drawn with an area in proportion.
/// Of more than 400 points, those that nearly coincide are drawn as one dot.
///
/// ```
/// use crm_charts::Quadrants;
///
/// let chart = Quadrants::new(&[20.0, 90.0, 80.0], &[30.0, 80.0, 75.0], (60.0, 50.0))?
///     .with_labels(&["Ann", "Bo", "Chi"])?
///     .with_regions(["hostage", "loyal"], ["lost", "mercenary"])
///     .with_x_axis("Satisfaction", "%")
///     .with_y_axis("Loyalty", "%");
/// assert_eq!(chart.counts(), [[0, 2], [1, 0]]);
/// assert!(chart.to_svg().contains("<title>Bo: 90 %, 80 %</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Quadrants {
    points: Vec<(f64, f64)>,
    cuts: (f64, f64),
    labels: Vec<String>,
    counts: Vec<u64>,
    /// The upper and the lower two, left one first.
    regions: [[String; 2]; 2],
    x_range: Option<(f64, f64)>,
    y_range: Option<(f64, f64)>,
    caption: Caption,
    x: Measure,
    y: Measure,
}

/// A dot as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Dot {
    x: f64,
    y: f64,
    radius: f64,
}

impl Quadrants {
    /// Creates the chart from points and their cut lines: the first cut on the horizontal axis, the
    /// second on the vertical one.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without points, [`Error::Length`] if there is not one `y` per `x`,
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] for a number that is not finite or beyond
    /// ±1e300.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// let refused = Quadrants::new(&[1.0, 2.0], &[1.0], (0.5, 0.5));
    /// assert_eq!(refused.map_err(|error| error.to_string()), Err("expected 2 items in y, got 1".to_owned()));
    /// ```
    pub fn new(x: &[f64], y: &[f64], cuts: (f64, f64)) -> Result<Self, Error> {
        check::not_empty("x", x.len())?;
        check::length("y", x.len(), y.len())?;
        check::each_within("x", x, -check::LARGEST, check::LARGEST)?;
        check::each_within("y", y, -check::LARGEST, check::LARGEST)?;
        check::number("the cut of x", cuts.0)?;
        check::number("the cut of y", cuts.1)?;
        Ok(Self {
            points: x.iter().copied().zip(y.iter().copied()).collect(),
            cuts,
            labels: Vec::new(),
            counts: Vec::new(),
            regions: Default::default(),
            x_range: None,
            y_range: None,
            caption: Caption::new("Where they stand on two scales"),
            x: Measure::new("", ""),
            y: Measure::new("", ""),
        })
    }

    /// Names the points. A name is drawn where it hides no other and stays in the plot.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one name per point.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// let chart = Quadrants::new(&[1.0], &[2.0], (0.0, 0.0))?.with_labels(&["delivery"])?;
    /// assert!(chart.to_svg().contains(">delivery</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_labels(mut self, labels: &[impl AsRef<str>]) -> Result<Self, Error> {
        check::length("labels", self.points.len(), labels.len())?;
        self.labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
        Ok(self)
    }

    /// Says how many each point stands for, such as the customers with these two scores.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one count per point.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// let chart = Quadrants::new(&[1.0, 5.0], &[1.0, 5.0], (3.0, 3.0))?.with_counts(&[40, 2])?;
    /// assert_eq!(chart.counts(), [[0, 2], [40, 0]]);
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_counts(mut self, counts: &[u64]) -> Result<Self, Error> {
        check::length("counts", self.points.len(), counts.len())?;
        self.counts = counts.to_vec();
        Ok(self)
    }

    /// Names the regions: the upper left and right ones, then the lower left and right ones.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// let chart = Quadrants::new(&[1.0], &[2.0], (0.0, 0.0))?;
    /// let chart = chart.with_regions(["concentrate here", "keep it up"], ["low priority", "overkill"]);
    /// assert!(chart.to_svg().contains(">keep it up</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn with_regions(mut self, upper: [&str; 2], lower: [&str; 2]) -> Self {
        self.regions = [upper.map(str::to_owned), lower.map(str::to_owned)];
        self
    }

    /// Fixes the ends of both axes, such as 0 to 100; without it they follow from points and cuts.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], [`Error::OutOfRange`] for a point or a cut outside, and for ends that
    /// do not ascend.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// let chart = Quadrants::new(&[20.0], &[70.0], (60.0, 50.0))?.with_ranges((0.0, 100.0), (0.0, 100.0))?;
    /// assert!(chart.to_svg().contains(">100</text>"));
    /// assert!(chart.with_ranges((0.0, 10.0), (0.0, 100.0)).is_err());
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_ranges(mut self, x: (f64, f64), y: (f64, f64)) -> Result<Self, Error> {
        for (field, (low, high)) in [("range of x", x), ("range of y", y)] {
            check::number(field, low)?;
            check::number(field, high)?;
            if !differ(low, high) {
                let requirement = format!("an end above {low:?}");
                return Err(Error::OutOfRange { field: field.to_owned(), requirement, value: high });
            }
        }
        check::within("the cut of x", self.cuts.0, x.0, x.1)?;
        check::within("the cut of y", self.cuts.1, y.0, y.1)?;
        for (index, point) in self.points.iter().enumerate() {
            check::within(&format!("x[{index}]"), point.0, x.0, x.1)?;
            check::within(&format!("y[{index}]"), point.1, y.0, y.1)?;
        }
        (self.x_range, self.y_range) = (Some(x), Some(y));
        Ok(self)
    }

    /// Counts the points in each region: the upper left and right ones, then the lower left and
    /// right ones.
    ///
    /// ```
    /// use crm_charts::Quadrants;
    ///
    /// // A point on both cut lines is in the lower left region.
    /// assert_eq!(Quadrants::new(&[3.0, 4.0], &[3.0, 3.0], (3.0, 3.0))?.counts(), [[0, 0], [1, 1]]);
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    #[must_use]
    pub fn counts(&self) -> [[u64; 2]; 2] {
        let mut counts = [[0_u64; 2]; 2];
        for (index, &(x, y)) in self.points.iter().enumerate() {
            let [upper, lower] = &mut counts;
            let [left, right] = if y > self.cuts.1 { upper } else { lower };
            let region = if x > self.cuts.0 { right } else { left };
            *region = region.saturating_add(self.count(index));
        }
        counts
    }

    fn count(&self, index: usize) -> u64 {
        self.counts.get(index).copied().unwrap_or(1)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        picture.note(&self.y.heading());
        picture.top += 6.0;
        let (low, high) = self.ends(|point| point.1, self.cuts.1, self.y_range);
        let ticks = Ticks::inside(low, high, 5).labeled();
        let area = axis::plot(picture, ticks.iter().map(|(_, label)| label.as_str()), HEIGHT);
        let y = Scale::linear(low, high, area.bottom(), area.y);
        axis::vertical(picture, &ticks, y, area, true);
        let (low, high) = self.ends(|point| point.0, self.cuts.0, self.x_range);
        let x = Scale::linear(low, high, area.x, area.right());
        let (across, up) = (x.at(self.cuts.0), y.at(self.cuts.1));
        picture.add(line("crm-mark", (across, area.y), (across, area.bottom())));
        picture.add(line("crm-mark", (area.x, up), (area.right(), up)));

        let dots = self.dots(area, x, y);
        self.draw_dots(picture, &dots);
        let names = self.draw_regions(picture, area, (across, up));
        if self.points.len() <= WITH_LABEL {
            draw_labels(picture, &self.labels, &dots, names, area);
        }
        axis::base(picture, area);
        let below: Vec<(f64, String)> =
            Ticks::inside(low, high, 6).labeled().into_iter().map(|(at, label)| (x.at(at), label)).collect();
        axis::horizontal(picture, &below, area);
        axis::heading(picture, &self.x.heading(), area);
        self.in_words()
    }

    /// The ends of an axis: beyond every point, and a quarter of their span beyond the cut on both
    /// sides.
    fn ends(&self, of: impl Fn(&(f64, f64)) -> f64, cut: f64, fixed: Option<(f64, f64)>) -> (f64, f64) {
        if let Some(ends) = fixed {
            return ends;
        }
        let numbers = self.points.iter().map(of);
        let (low, high) = numbers.fold((cut, cut), |(low, high), one| (low.min(one), high.max(one)));
        if !differ(low, high) {
            let half = (cut.abs() / 2.0).max(1.0);
            return (cut - half, cut + half);
        }
        let span = high - low;
        // The names of the regions stand in the corners.
        let room = if self.counts.is_empty() { 0.14 * span } else { 0.25 * span };
        ((low - room).min(cut - 0.25 * span), (high + room).max(cut + 0.25 * span))
    }

    /// One dot a point; one a small cell of the plot where there are many points. Dots never leave
    /// the plot.
    fn dots(&self, area: Area, x: Scale, y: Scale) -> Vec<Dot> {
        let places = self.points.iter().map(|point| (x.at(point.0), y.at(point.1)));
        let counted = places.enumerate().map(|(index, place)| (place, self.count(index)));
        let merged: Vec<((f64, f64), u64)> = if self.points.len() <= WITH_LABEL {
            counted.collect()
        } else {
            let mut cells = std::collections::BTreeMap::new();
            for ((x, y), count) in counted {
                let cell = ((y / CELL).floor() as i64, (x / CELL).floor() as i64);
                let sum: &mut u64 = cells.entry(cell).or_default();
                *sum = sum.saturating_add(count);
            }
            let center = |cell: i64| (cell as f64 + 0.5) * CELL;
            cells.into_iter().map(|((y, x), count)| ((center(x), center(y)), count)).collect()
        };
        let largest = merged.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1) as f64;
        let (least, most) = if self.points.len() <= WITH_LABEL { (2.0, LARGEST) } else { (1.0, CELL) };
        let radius = |count: u64| {
            if largest <= 1.0 { RADIUS } else { (most * (count as f64 / largest).sqrt()).max(least) }
        };
        let inside = |at: f64, radius: f64, from: f64, to: f64| at.max(from + radius).min(to - radius);
        let dot = |((x, y), count): ((f64, f64), u64)| {
            let radius = radius(count);
            let x = inside(x, radius, area.x, area.right());
            Dot { x, y: inside(y, radius, area.y, area.bottom()), radius }
        };
        merged.into_iter().map(dot).collect()
    }

    fn draw_dots(&self, picture: &mut Picture, dots: &[Dot]) {
        for (index, dot) in dots.iter().enumerate() {
            let mut element = circle("crm-fill-1", (dot.x, dot.y), dot.radius);
            element.assign("fill-opacity", ".75");
            let named = self.points.len() <= WITH_LABEL;
            picture.add(if named { with_tooltip(element, &self.tooltip(index)) } else { element });
        }
    }

    fn tooltip(&self, index: usize) -> String {
        let (x, y) = self.points.get(index).copied().unwrap_or_default();
        let place = format!("{}, {}", with_unit(&value(x), &self.x.unit), with_unit(&value(y), &self.y.unit));
        let many = self.counts.get(index).map_or(String::new(), |number| format!("; {}", count(*number)));
        match self.labels.get(index) {
            Some(label) => format!("{label}: {place}{many}"),
            None => format!("{place}{many}"),
        }
    }

    /// The name of each region and how many are in it, in its outer corner; answers where names
    /// stand.
    fn draw_regions(&self, picture: &mut Picture, area: Area, (across, up): (f64, f64)) -> Vec<Area> {
        let mut taken = Vec::new();
        let counts = self.counts();
        let total = counts.iter().flatten().fold(0_u64, |sum, one| sum.saturating_add(*one)).max(1) as f64;
        for (row, (names, counts)) in self.regions.iter().zip(counts).enumerate() {
            let tall = if row == 0 { up - area.y } else { area.bottom() - up };
            for (side, (name, number)) in names.iter().zip(counts).enumerate() {
                let (room, at, anchor) = if side == 0 {
                    (across - area.x - 12.0, area.x + 6.0, Anchor::Start)
                } else {
                    (area.right() - across - 12.0, area.right() - 6.0, Anchor::End)
                };
                if room < NARROWEST || tall < 40.0 {
                    continue;
                }
                let top = if row == 0 { area.y + 5.0 } else { area.bottom() - 5.0 - 2.0 * LEADING };
                let many = format!("{} ({})", count(number), percent(number as f64 / total));
                // The name comes last: the halo of the number must not cut into it.
                let lines =
                    [(1.0, "crm-muted crm-halo", many.as_str()), (0.0, "crm-strong crm-halo", name.as_str())];
                let mut widest = 0.0_f64;
                for (index, class, content) in lines {
                    let base = (at, top + index * LEADING + 0.85 * BODY);
                    if !content.trim().is_empty() {
                        picture.add(label(class, base, anchor, content, BODY, room));
                        widest = widest.max(width(content, BODY).min(room));
                    }
                }
                let x = if side == 0 { at } else { at - widest };
                taken.push(Area { x, y: top, width: widest, height: 2.0 * LEADING });
            }
        }
        taken
    }

    fn in_words(&self) -> String {
        let [[upper_left, upper_right], [lower_left, lower_right]] = self.counts();
        let [[a, b], [c, d]] = &self.regions;
        let region = |name: &str, place: &str, number: u64| {
            let name = if name.trim().is_empty() { place.to_owned() } else { format!("{name} ({place})") };
            format!("{name} {}", count(number))
        };
        let list = [
            region(a, "upper left", upper_left),
            region(b, "upper right", upper_right),
            region(c, "lower left", lower_left),
            region(d, "lower right", lower_right),
        ];
        let name = |measure: &Measure, other: &str| {
            if measure.label.trim().is_empty() { other.to_owned() } else { measure.label.clone() }
        };
        let cut = |cut: f64, unit: &str| with_unit(&value(cut), unit);
        format!(
            "{} against {}, cut at {} and {}: {}.",
            name(&self.y, "Vertical"),
            name(&self.x, "horizontal"),
            cut(self.cuts.1, &self.y.unit),
            cut(self.cuts.0, &self.x.unit),
            list.join(", ")
        )
    }
}

/// Names beside their dots, on whichever side they hide nothing; else where they hide a dot but no
/// other name; else not at all.
fn draw_labels(picture: &mut Picture, labels: &[String], dots: &[Dot], mut taken: Vec<Area>, plot: Area) {
    let within = |area: &Area| {
        area.x >= plot.x && area.right() <= plot.right() && area.y >= plot.y && area.bottom() <= plot.bottom()
    };
    let of_dot = |dot: &Dot| Area {
        x: dot.x - dot.radius,
        y: dot.y - dot.radius,
        width: 2.0 * dot.radius,
        height: 2.0 * dot.radius,
    };
    let meet =
        |a: &Area, b: &Area| a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
    for (index, (name, dot)) in labels.iter().zip(dots).enumerate() {
        let shown = fitted(&crate::text::clean(name), SMALL, LONGEST);
        let (wide, tall, away) = (width(&shown, SMALL) + 2.0, SMALL + 2.0, dot.radius + 2.0);
        let centered = dot.x - wide / 2.0;
        let places = [
            (dot.x + away, dot.y - tall / 2.0),
            (dot.x - away - wide, dot.y - tall / 2.0),
            (centered, dot.y - away - tall),
            (centered, dot.y + away),
            (dot.x + dot.radius - wide, dot.y - away - tall),
            (dot.x + dot.radius - wide, dot.y + away),
            (dot.x - dot.radius, dot.y - away - tall),
            (dot.x - dot.radius, dot.y + away),
        ];
        let boxes: Vec<Area> = places
            .into_iter()
            .map(|(x, y)| Area { x, y, width: wide, height: tall })
            .filter(|area| within(area) && !taken.iter().any(|other| meet(area, other)))
            .collect();
        let hides = |area: &&Area| {
            dots.iter().enumerate().any(|(other, dot)| other != index && meet(area, &of_dot(dot)))
        };
        let free = boxes.iter().find(|area| !hides(area)).or_else(|| boxes.first()).copied();
        if let (Some(area), false) = (free, shown.is_empty()) {
            let at = (area.x + 1.0, area.y + 0.5 * tall + 0.36 * SMALL);
            picture.add(text("crm-text crm-small crm-halo", at, Anchor::Start, &shown));
            taken.push(area);
        }
    }
}

chart!(
    Quadrants,
    "Quadrants::new(&[2.0], &[3.0], (1.0, 1.0))?",
    with_x_axis(x) "the horizontal axis",
    with_y_axis(y) "the vertical axis",
);

#[cfg(test)]
mod tests;
