//! Things that lead to one another, with how strongly.

use crate::caption::{Caption, chart};
use crate::mark::{Anchor, Area, label, path, rectangle, text, with_tooltip};
use crate::number::{coordinate, value};
use crate::picture::{INNER, LINE, PAD, Picture};
use crate::text::{BODY, SMALL, width};
use crate::{Error, check};

/// Most nodes and arrows that a reader can follow.
const MOST_NODES: usize = 12;
const MOST_PATHS: usize = 40;
/// From one node to the next, and the size of a node.
const STEP: f64 = 68.0;
const NODE: (f64, f64) = (132.0, 36.0);
/// The widest and the narrowest line.
const WIDEST: f64 = 7.0;
const NARROWEST: f64 = 0.8;

/// Shows what leads to what and how strongly, such as image, quality, satisfaction and loyalty in a
/// path model: nodes from top to bottom in the order given, arrows between neighbors straight down,
/// longer ones in arcs beside them; the wider an arrow, the larger its number. A negative one is
/// dashed.
///
/// ```
/// use crm_charts::PathDiagram;
///
/// let chart = PathDiagram::new(&["Quality", "Satisfaction", "Loyalty"], &[(0, 1, 0.7), (1, 2, 0.5), (0, 2, 0.1)])?
///     .with_notes(&["", "49 % explained", "33 % explained"])?;
/// assert!(chart.to_svg().contains("<title>Quality to Loyalty: 0.1</title>"));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PathDiagram {
    nodes: Vec<String>,
    notes: Vec<String>,
    /// (from, to, strength).
    paths: Vec<(usize, usize, f64)>,
    caption: Caption,
}

impl PathDiagram {
    /// Nodes from top to bottom, and paths as (from, to, strength) with nodes by number, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without nodes, [`Error::TooMany`] for more than 12 nodes or 40 paths,
    /// [`Error::OutOfRange`] for a path that does not lead from one node down to a later one, and
    /// for a strength beyond ±1e300, [`Error::NotFinite`], [`Error::Duplicate`] for a path that is
    /// given twice.
    ///
    /// ```
    /// use crm_charts::PathDiagram;
    ///
    /// assert_eq!(
    ///     PathDiagram::new(&["a", "b"], &[(1, 0, 0.5)]).map_err(|error| error.to_string()),
    ///     Err("paths[0] must be a way down to node 2 or later, got 0.0".to_owned()),
    /// );
    /// ```
    pub fn new(nodes: &[impl AsRef<str>], paths: &[(usize, usize, f64)]) -> Result<Self, Error> {
        check::not_empty("nodes", nodes.len())?;
        check::at_most("nodes", MOST_NODES, nodes.len())?;
        check::at_most("paths", MOST_PATHS, paths.len())?;
        for (index, &(from, to, strength)) in paths.iter().enumerate() {
            let field = format!("paths[{index}]");
            check::number(&field, strength)?;
            if paths.iter().take(index).any(|earlier| (earlier.0, earlier.1) == (from, to)) {
                return Err(Error::Duplicate { field, value: format!("{from} to {to}") });
            }
            if to <= from || to >= nodes.len() {
                let requirement = format!("a way down to node {} or later", from.saturating_add(1));
                return Err(Error::OutOfRange { field, requirement, value: to as f64 });
            }
        }
        Ok(Self {
            nodes: nodes.iter().map(|node| node.as_ref().to_owned()).collect(),
            notes: Vec::new(),
            paths: paths.to_vec(),
            caption: Caption::new("What leads to what"),
        })
    }

    /// Sets a second line in each node, such as its explained share.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one note per node.
    ///
    /// ```
    /// use crm_charts::PathDiagram;
    ///
    /// let chart = PathDiagram::new(&["a", "b"], &[(0, 1, 0.5)])?.with_notes(&["", "25 %"])?;
    /// assert!(chart.to_svg().contains(">25 %</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_notes(mut self, notes: &[impl AsRef<str>]) -> Result<Self, Error> {
        check::length("notes", self.nodes.len(), notes.len())?;
        self.notes = notes.iter().map(|note| note.as_ref().to_owned()).collect();
        Ok(self)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let top = picture.top + 4.0;
        let middle = |node: usize| top + node as f64 * STEP + NODE.1 / 2.0;
        let largest = self.paths.iter().map(|(.., strength)| strength.abs()).fold(0.0, f64::max);
        let widest_span = self.paths.iter().map(|&(from, to, _)| to - from).max().unwrap_or(1).max(2);
        // Arcs take what the nodes leave, the longest path the outermost one.
        let x = PAD;
        let right = x + NODE.0;
        let lane = (INNER - NODE.0 - 40.0) / (widest_span - 1) as f64;
        let mut labels = Vec::new();
        for &(from, to, strength) in &self.paths {
            let part = if largest > 0.0 { strength.abs() / largest } else { 0.0 };
            let series = if strength < 0.0 { 2 } else { 1 };
            let thick = NARROWEST + (WIDEST - NARROWEST) * part;
            let number = value(strength);
            let name = |node: usize| self.nodes.get(node).map_or("", String::as_str);
            let tooltip = format!("{} to {}: {number}", name(from), name(to));
            let (start, end, line, at) = if to - from == 1 {
                let center = x + NODE.0 / 2.0;
                let (start, end) = (middle(from) + NODE.1 / 2.0, middle(to) - NODE.1 / 2.0);
                let line = crate::mark::polyline(&[(center, start), (center, end - 7.0)]);
                (center, end, line, (center + 9.0, f64::midpoint(start, end) + 0.36 * BODY))
            } else {
                let reach = right + 26.0 + lane * (to - from - 1) as f64;
                // Arrows that leave or reach the same node do not lie on each other.
                let shift = |span: usize| (span as f64 - 1.0) / widest_span as f64 * NODE.1 * 0.4;
                let (start, end) = (middle(from) - shift(to - from), middle(to) + shift(to - from));
                let control = right + (reach - right) * 4.0 / 3.0;
                let line = format!(
                    "M{} {}C{} {} {} {} {} {}",
                    coordinate(right),
                    coordinate(start),
                    coordinate(control),
                    coordinate(start),
                    coordinate(control),
                    coordinate(end),
                    coordinate(right + 7.0),
                    coordinate(end)
                );
                (right, end, line, (reach, f64::midpoint(start, end) + 0.36 * BODY))
            };
            let mut drawn = path(&format!("crm-line crm-series-{series}"), &line);
            svg::Node::assign(&mut drawn, "style", format!("stroke-width:{}", coordinate(thick)));
            picture.add(with_tooltip(drawn, &tooltip));
            let head = if to - from == 1 {
                [(start - 6.0, end - 9.0), (start + 6.0, end - 9.0), (start, end)]
            } else {
                [(start + 10.0, end - 5.5), (start + 10.0, end + 5.5), (start, end)]
            };
            picture.add(path(&format!("crm-fill-{series}"), &(crate::mark::polyline(&head) + "Z")));
            labels.push((at, number, to - from == 1));
        }
        for (node, name) in self.nodes.iter().enumerate() {
            let area = Area { x, y: middle(node) - NODE.1 / 2.0, width: NODE.0, height: NODE.1 };
            picture.add(rectangle("crm-ground", area));
            picture.add(rectangle("crm-axis crm-grid", area));
            let note = self.notes.get(node).map_or("", String::as_str);
            let center = x + NODE.0 / 2.0;
            let base = middle(node) + if note.is_empty() { 0.36 * BODY } else { -2.0 };
            picture.add(label("crm-strong", (center, base), Anchor::Middle, name, BODY, NODE.0 - 12.0));
            if !note.is_empty() {
                let at = (center, middle(node) + 12.0);
                picture.add(label("crm-muted crm-small", at, Anchor::Middle, note, SMALL, NODE.0 - 12.0));
            }
        }
        let bottom = middle(self.nodes.len() - 1) + NODE.1 / 2.0;
        // The left and right end and the base line of every label beside the nodes.
        let mut taken: Vec<(f64, f64, f64)> = Vec::new();
        for (at, number, beside) in labels {
            if beside {
                picture.add(text("crm-text crm-halo", at, Anchor::Start, &number));
                continue;
            }
            let half = width(&number, BODY) / 2.0;
            let x = at.0.max(right + half + 4.0).min(PAD + INNER - half);
            let apart = |&(left, right, height): &(f64, f64, f64), y: f64| {
                (height - y).abs() >= BODY || left > x + half || right < x - half
            };
            let y = free_height(at.1, (top + BODY, bottom), |y| taken.iter().all(|label| apart(label, y)));
            taken.push((x - half, x + half, y));
            picture.add(text("crm-text crm-halo", (x, y), Anchor::Middle, &number));
        }
        picture.top = bottom + LINE / 2.0;
        let each = self.paths.iter().map(|&(from, to, strength)| {
            let name = |node: usize| self.nodes.get(node).map_or("", String::as_str);
            format!("{} to {} {}", name(from), name(to), value(strength))
        });
        format!("Path diagram: {}.", each.collect::<Vec<_>>().join(", "))
    }
}

/// The height nearest to the wanted one, between two bounds, at which a label has room.
fn free_height(wanted: f64, (low, high): (f64, f64), has_room: impl Fn(f64) -> bool) -> f64 {
    let mut heights = (0..2 * MOST_PATHS).flat_map(|step| {
        let shift = step as f64 * BODY / 2.0;
        [wanted - shift, wanted + shift]
    });
    heights.find(|&height| (low..=high).contains(&height) && has_room(height)).unwrap_or(wanted)
}

chart!(PathDiagram, "PathDiagram::new(&[\"a\", \"b\"], &[(0, 1, 0.5)])?",);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_leads_anywhere_is_still_a_picture() {
        let svg = PathDiagram::new(&["alone"], &[]).expect("valid").to_svg();
        assert!(svg.contains(">alone</text>"));
    }

    #[test]
    fn a_path_given_twice_is_refused() {
        let refused = PathDiagram::new(&["a", "b"], &[(0, 1, 0.5), (0, 1, 0.4)]).expect_err("refused");
        assert_eq!(refused.to_string(), "paths[1] must occur once, got 0 to 1 a second time");
    }

    #[test]
    fn a_stronger_path_is_wider_and_a_negative_one_dashed() {
        let svg = PathDiagram::new(&["a", "b", "c"], &[(0, 1, 0.8), (1, 2, -0.4)]).expect("valid").to_svg();
        assert!(svg.contains("stroke-width:7\"") && svg.contains("crm-line crm-series-2"), "{svg}");
    }
}
