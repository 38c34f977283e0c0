//! Charts of the page. Charts without data are omitted.

use crm_analytics::charts::{BarChart, IntervalChart, PathDiagram, Quadrants};
use crm_analytics::satisfaction::feedback::CaseKind;
use crm_analytics::satisfaction::index::GroupIndex;

use super::analysis::{Analysis, PathPart};

/// Maximum number of rows in an interval chart.
const MOST: usize = 40;

/// Draws the ratio by group or by attribute.
pub(crate) fn ratios(rows: &[GroupIndex], title: &str) -> Option<String> {
    let drawn: Vec<(&str, (f64, f64, f64))> = rows
        .iter()
        .filter_map(|row| Some((row.label.as_str(), row.ratio_interval?)))
        .map(|(label, interval)| (label, (interval.lower, interval.estimate, interval.upper)))
        .take(MOST)
        .collect();
    let (labels, rows): (Vec<&str>, Vec<_>) = drawn.into_iter().unzip();
    let chart = IntervalChart::new(&labels, &rows).ok()?.with_reference(1.0, "as expected").ok()?;
    Some(chart.with_title(title).with_value("Perceived over expected", "").to_svg())
}

pub(super) fn nps(analysis: &Analysis) -> Option<String> {
    let nps = analysis.nps.as_ref()?;
    let all = std::iter::once(("all", nps.interval));
    let groups = nps.groups.iter().map(|(label, _, interval)| (label.as_str(), *interval));
    let (labels, rows): (Vec<&str>, Vec<_>) = all
        .chain(groups)
        .map(|(label, interval)| (label, (interval.lower, interval.estimate, interval.upper)))
        .take(MOST)
        .unzip();
    let chart = IntervalChart::new(&labels, &rows).ok()?.with_reference(nps.interval.estimate, "all").ok()?;
    Some(chart.with_title("Would they recommend us?").with_value("Net promoter score", "").to_svg())
}

pub(super) fn drivers(analysis: &Analysis) -> Option<String> {
    let matrix = &analysis.drivers.as_ref()?.matrix;
    let points = matrix.points();
    let labels: Vec<&str> = points.iter().map(|point| short(analysis, &point.name)).collect();
    let x: Vec<f64> = points.iter().map(|point| point.performance).collect();
    let y: Vec<f64> = points.iter().map(|point| 100.0 * point.importance).collect();
    let cuts = (matrix.performance_cut(), 100.0 * matrix.importance_cut());
    let chart = Quadrants::new(&x, &y, cuts).ok()?.with_labels(&labels).ok()?;
    let chart = chart
        .with_regions(["concentrate here", "keep it up"], ["low priority", "possible overkill"])
        .with_title("Where effort is missing, where it is wasted")
        .with_x_axis("Performance: mean answer", "")
        .with_y_axis("Importance: share of what is explained", "%");
    Some(chart.to_svg())
}

/// Returns the name of a driver without the prefix common to all.
pub(super) fn short<'a>(analysis: &Analysis, name: &'a str) -> &'a str {
    let prefix = analysis.options.perceived.as_deref().unwrap_or("");
    name.strip_prefix(prefix).unwrap_or(name)
}

pub(super) fn kano(analysis: &Analysis) -> Option<String> {
    let features = &analysis.input.kano.as_ref()?.features;
    let placed: Vec<(&str, (f64, f64))> =
        features.iter().filter_map(|feature| Some((feature.name(), feature.timko()?))).collect();
    let labels: Vec<&str> = placed.iter().map(|(label, _)| *label).collect();
    let x: Vec<f64> = placed.iter().map(|(_, (worse, _))| *worse).collect();
    let y: Vec<f64> = placed.iter().map(|(_, (_, better))| *better).collect();
    let chart = Quadrants::new(&x, &y, (0.5, 0.5)).ok()?.with_labels(&labels).ok()?;
    let chart = chart.with_ranges((0.0, 1.0), (0.0, 1.0)).ok()?;
    let chart = chart
        .with_regions(["attractive", "one-dimensional"], ["indifferent", "must-be"])
        .with_title("What features do to customers")
        .with_x_axis("Share unhappy without it", "")
        .with_y_axis("Share happier with it", "");
    Some(chart.to_svg())
}

pub(super) fn paths(part: &PathPart) -> Option<String> {
    let latents = part.fitted.latents();
    let place = |name: &str| latents.iter().position(|latent| latent.name == name);
    let edges: Vec<(usize, usize, f64)> = part
        .fitted
        .paths()
        .iter()
        .filter_map(|path| Some((place(&path.from)?, place(&path.to)?, path.value)))
        .collect();
    // From top to bottom, starting with the variables that no path leads to.
    let mut order: Vec<usize> = Vec::new();
    while order.len() < latents.len() {
        let ready = |at: &usize| {
            !order.contains(at) && edges.iter().all(|(from, to, _)| to != at || order.contains(from))
        };
        let next = (0..latents.len()).find(ready)?;
        order.push(next);
    }
    let rank = |at: usize| order.iter().position(|&other| other == at).unwrap_or(0);
    let names: Vec<&str> =
        order.iter().filter_map(|&at| latents.get(at).map(|latent| latent.name.as_str())).collect();
    let notes: Vec<String> = order
        .iter()
        .filter_map(|&at| latents.get(at))
        .map(|latent| {
            latent
                .r_squared
                .map_or_else(String::new, |explained| format!("{:.0} % explained", 100.0 * explained))
        })
        .collect();
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    let edges: Vec<(usize, usize, f64)> =
        edges.iter().map(|&(from, to, value)| (rank(from), rank(to), rounded(value))).collect();
    let chart = PathDiagram::new(&names, &edges).ok()?.with_notes(&notes).ok()?;
    Some(chart.with_title("What leads to what").to_svg())
}

pub(super) fn causes(analysis: &Analysis) -> Option<String> {
    let causes = analysis.input.feedback.as_ref()?.cases.of_kind(CaseKind::Complaint).pareto();
    let labels: Vec<&str> = causes.iter().map(|cause| cause.label.as_str()).collect();
    let counts: Vec<f64> = causes.iter().map(|cause| cause.cases as f64).collect();
    let shares: Vec<String> =
        causes.iter().map(|cause| format!("{:.0} %", 100.0 * cause.cumulative)).collect();
    let chart = BarChart::new(&labels, &counts).ok()?.with_shares(&shares).ok()?;
    Some(chart.with_title("What they complain about").with_value("Complaints, and share so far", "").to_svg())
}
