//! Charts of the report. Charts without data are omitted.

use crm_analytics::btyd::History;
use crm_analytics::charts::{
    BarChart, FrequencyRecencyMatrix, HeatMap, Histogram, IntervalChart, PurchaseCounts, Quantity, Spacing,
    Tracking, View, WhaleCurve,
};

use crm_analytics::history::{Amount, Decimal};
use crm_analytics::segmentation::Group;
use crm_analytics::statistics::{QuantileMethod, quantile};

use super::Analysis;
use super::answers::Answers;
use super::costs::Profits;
use crate::{moved, words};

/// Frequency and recency at which a matrix is cut off, so that its cells stay legible.
const MOST_ROWS: usize = 30;
const MOST_COLUMNS: usize = 120;

pub(super) fn pareto(analysis: &Analysis) -> Option<String> {
    let spends = analysis.summaries.buyers().map(|(.., buyer)| buyer.spend);
    let classes = analysis.segments.class_table.as_ref()?;
    moved::spread(("How revenue is spread", "spend"), spends, classes)
}

pub(super) fn spend_histogram(analysis: &Analysis) -> Option<String> {
    let spends = analysis.summaries.buyers().map(|(.., buyer)| buyer.spend.to_f64());
    let spends: Vec<f64> = spends.filter(|spend| *spend > 0.0).collect();
    histogram(&spends, "What customers have spent", "Spend of a customer")
}

/// Draws customers by value, in bins of geometrically increasing width, with mean and median.
fn histogram(values: &[f64], title: &str, label: &str) -> Option<String> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let median = quantile(values, 0.5, QuantileMethod::default()).ok()?;
    let histogram =
        Histogram::new(values, Spacing::Logarithmic).ok()?.with_mean(mean).ok()?.with_median(median).ok()?;
    Some(histogram.with_title(title).with_x_axis(label, "").with_y_axis("Customers", "").to_svg())
}

pub(super) fn rfm(analysis: &Analysis) -> Option<String> {
    let cells = &analysis.segments.cells;
    let has_amounts = analysis.input.has_amounts();
    let values: Vec<Vec<Option<f64>>> = cells
        .iter()
        .map(|row| {
            row.iter()
                .map(|&(n, mean)| if has_amounts { mean } else { (n > 0).then_some(n as f64) })
                .collect()
        })
        .collect();
    let texts: Vec<Vec<String>> = cells
        .iter()
        .map(|row| row.iter().map(|&(n, _)| if n > 0 { words::count(n) } else { String::new() }).collect())
        .collect();
    let rows = ["5", "4", "3", "2", "1"];
    let columns = ["1", "2", "3", "4", "5"];
    let (title, value) = match has_amounts {
        true => ("Who spends what, by recency and frequency", "Mean spend"),
        false => ("How many, by recency and frequency", "Customers"),
    };
    let map = HeatMap::new(&rows, &columns, &values).ok()?.with_cell_text(&texts).ok()?;
    let map =
        map.with_title(title).with_value(value, "").with_x_axis("Recency score (5 = bought lately)", "");
    Some(map.with_y_axis("Frequency score; numbers are customers", "").to_svg())
}

pub(super) fn segments(analysis: &Analysis) -> Option<String> {
    let groups = analysis.segments.group_table.groups();
    let shown: Vec<_> = groups.iter().filter(|group| group.customers > 0).collect();
    let labels: Vec<&str> = shown.iter().map(|group| group.name.as_str()).collect();
    let customers: Vec<f64> = shown.iter().map(|group| group.customers as f64).collect();
    let chart = BarChart::new(&labels, &customers).ok()?;
    let chart = match analysis.input.has_amounts() {
        true => {
            let share = |group: &Group<Decimal>| match group.name.as_str() {
                "No Order Yet" => String::new(),
                _ => group.share_of_value.map_or_else(String::new, words::percent),
            };
            chart.with_shares(&shown.iter().map(|group| share(group)).collect::<Vec<_>>()).ok()?
        }
        false => chart,
    };
    let value = if analysis.input.has_amounts() { "Customers; share of spend" } else { "Customers" };
    Some(chart.with_title("RFM segments").with_value(value, "").to_svg())
}

pub(super) fn purchase_counts(analysis: &Analysis) -> Option<String> {
    let (actual, expected) = &analysis.forecast.counts;
    let chart = PurchaseCounts::new(actual, expected).ok()?.with_open_end();
    Some(
        chart
            .with_title("Does the model know how often people buy?")
            .with_x_axis("Repeat purchases", "")
            .with_y_axis("Customers", "")
            .to_svg(),
    )
}

pub(super) fn course(analysis: &Analysis) -> Option<String> {
    let course = &analysis.course;
    let models: Vec<(&str, &[f64])> =
        course.expected.iter().map(|(name, values)| (*name, values.as_slice())).collect();
    let mut chart = Tracking::new(View::Cumulative, &course.actual, &models).ok()?;
    if let Some(calibration) =
        course.calibration.filter(|&calibration| calibration > 0 && calibration < course.actual.len())
    {
        chart = chart.with_calibration_end(calibration).ok()?;
    }
    let unit = if course.days_per_step == 7 { "weeks" } else { "steps of 28 days" };
    Some(
        chart
            .with_title("Repeat purchases over time")
            .with_x_axis("Time since the first order", unit)
            .with_y_axis("Repeat purchases so far", "")
            .to_svg(),
    )
}

/// Draws P(alive) or expected purchases for all combinations of frequency and recency, at the age
/// of the oldest customers.
pub(super) fn matrix(analysis: &Analysis, quantity: Quantity) -> Option<String> {
    let forecast = &analysis.forecast;
    let unit = analysis.options.unit;
    let age = forecast.histories.iter().map(History::age).fold(0.0, f64::max);
    // The probabilities of younger customers differ from those in the matrix.
    let old: Vec<&History> =
        forecast.histories.iter().filter(|history| history.age() >= 0.85 * age).collect();
    let frequencies: Vec<f64> = old.iter().map(|history| f64::from(history.frequency())).collect();
    let recencies: Vec<f64> = old.iter().map(|history| history.recency()).collect();
    // Covers nearly all customers.
    let rows = {
        let mut sorted = frequencies.clone();
        sorted.sort_by(f64::total_cmp);
        let most = sorted.get(sorted.len().saturating_sub(1 + sorted.len() / 200))?;
        (*most as usize + 2).clamp(6, MOST_ROWS)
    };
    let step = (age / MOST_COLUMNS as f64).ceil().max(1.0);
    let columns = (age / step).floor() as usize + 1;
    let mut histories = Vec::with_capacity(rows * columns);
    for frequency in 0..rows as u32 {
        for column in 0..columns {
            // Recency 0 occurs only with frequency 0; the other cells of that column show their
            // nearest neighbor.
            let recency =
                if frequency == 0 { 0.0 } else { (column as f64 * step).clamp(0.25 * step.min(age), age) };
            histories.push(History::new(frequency, recency, age).ok()?);
        }
    }
    let (values, title, label, measure) = match quantity {
        Quantity::ProbabilityAlive => (
            forecast.purchases.p_alive(&histories).ok()?,
            "Who is still a customer?",
            "Probability of being a customer",
            String::new(),
        ),
        Quantity::ExpectedPurchases => (
            forecast.purchases.expected(&histories, forecast.horizon).ok()?,
            "Who will buy, and how often?",
            "Expected purchases",
            format!("next {} {}s", words::plain(analysis.options.horizon), unit.name()),
        ),
    };
    let cells: Vec<&[f64]> = values.chunks(columns).collect();
    let matrix = FrequencyRecencyMatrix::new(quantity, &cells).ok()?;
    let matrix = matrix.with_recency_step(step).ok()?.with_customers(&frequencies, &recencies).ok()?;
    Some(
        matrix
            .with_title(title)
            .with_x_axis("Recency: last purchase, after the first", &format!("{}s", unit.name()))
            .with_y_axis("Frequency: repeat purchases", "")
            .with_value(label, &measure)
            .to_svg(),
    )
}

pub(super) fn clv_histogram(analysis: &Analysis) -> Option<String> {
    let values: Option<Vec<f64>> = analysis.forecast.clv.iter().copied().collect();
    let values: Vec<f64> = values?.into_iter().filter(|value| *value >= 0.01).collect();
    histogram(&values, "What customers are worth", "Lifetime value over the horizon, from one cent on")
}

/// Draws the cumulative profit; omitted if the customers together make a loss, of which there are
/// no shares.
pub(super) fn whale(profits: &Profits) -> Option<String> {
    let profits: Vec<f64> = profits.ranking.customers().iter().map(|row| row.profit.to_f64()).collect();
    let curve = WhaleCurve::new(&profits).ok()?;
    Some(
        curve
            .with_title("Who earns the profit, and who eats it up")
            .with_x_label("Share of customers, most profitable first")
            .with_y_label("Share of profit")
            .to_svg(),
    )
}

/// Draws the mean satisfaction per RFM segment.
pub(super) fn satisfaction(answers: &Answers) -> Option<String> {
    let drawn: Vec<(&str, (f64, f64, f64))> = answers
        .segments
        .iter()
        .filter_map(|segment| Some((segment.name.as_str(), segment.mean?)))
        .map(|(name, mean)| (name, (mean.lower, mean.estimate, mean.upper)))
        .collect();
    let (labels, rows): (Vec<&str>, Vec<_>) = drawn.into_iter().unzip();
    let chart = IntervalChart::new(&labels, &rows).ok()?;
    let chart = chart.with_reference(answers.mean.estimate, "all").ok()?;
    Some(chart.with_title("How satisfied each segment is").with_value("Satisfaction, 0 to 100", "").to_svg())
}

/// Draws the expected value per RFM segment.
pub(super) fn clv_by_segment(analysis: &Analysis) -> Option<String> {
    let groups = &analysis.segments.groups;
    let mut sums = vec![0.0; groups.names().len()];
    let mut values = analysis.forecast.clv.iter();
    for (person, (.., summary)) in analysis.summaries.everyone().enumerate() {
        let (Some(_), Some(group)) = (summary, groups.codes().get(person)) else { continue };
        if let (Some(sum), Some(Some(value))) = (sums.get_mut(*group as usize), values.next()) {
            *sum += value;
        }
    }
    let total: f64 = sums.iter().sum();
    let shown: Vec<(&String, f64)> = groups.names().iter().zip(sums).filter(|(_, sum)| *sum > 0.0).collect();
    let labels: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    let bars: Vec<f64> = shown.iter().map(|(_, sum)| *sum).collect();
    let shares: Vec<String> = bars.iter().map(|sum| words::percent(sum / total)).collect();
    let chart = BarChart::new(&labels, &bars).ok()?.with_shares(&shares).ok()?;
    Some(
        chart
            .with_title("Value to come, by segment")
            .with_value("Lifetime value over the horizon; share", "")
            .to_svg(),
    )
}
