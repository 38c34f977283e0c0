//! Draws every chart from made-up numbers into a folder: `cargo run -p crm-charts --example gallery -- out`.
//!
//! The folder gets one SVG file per chart and a page, `index.html`, with all of them inline.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crm_charts::{
    BarChart, ConcentrationCurve, Flows, FrequencyRecencyMatrix, HeatMap, Histogram, Order, PurchaseCounts,
    Pyramid, Quadrants, Quantity, Spacing, Tracking, View, WhaleCurve,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    fs::create_dir_all(&folder)?;
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Gallery</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <style>:root{color-scheme:light dark}body{margin:8px}svg{display:block;margin:0 auto 24px}</style>\n",
    );
    for (name, svg) in charts()? {
        fs::write(folder.join(format!("{name}.svg")), &svg)?;
        writeln!(page, "{svg}")?;
    }
    fs::write(folder.join("index.html"), page)?;
    Ok(())
}

fn charts() -> Result<Vec<(&'static str, String)>, crm_charts::Error> {
    let spend = customer_values();
    Ok(vec![
        ("rfm", rfm()?.to_svg()),
        ("retention", retention()?.to_svg()),
        ("lorenz", lorenz(&spend)?.to_svg()),
        ("pareto", pareto(&spend)?.to_svg()),
        ("p_alive", p_alive()?.to_svg()),
        ("expected_purchases", expected_purchases()?.to_svg()),
        ("purchase_counts", purchase_counts()?.to_svg()),
        ("tracking_cumulative", tracking_cumulative()?.to_svg()),
        ("tracking_incremental", tracking_incremental()?.to_svg()),
        ("histogram", histogram(&spend)?.to_svg()),
        ("histogram_logarithmic", histogram_logarithmic(&spend)?.to_svg()),
        ("segments", segments()?.to_svg()),
        ("whale", whale()?.to_svg()),
        ("pyramid", pyramid()?.to_svg()),
        ("flows", flows()?.to_svg()),
        ("quadrants", quadrants()?.to_svg()),
        ("quadrants_counts", quadrants_counts()?.to_svg()),
    ])
}

/// Profit after cost of accounts, of which the large ones are dear to serve.
fn whale() -> Result<WhaleCurve, crm_charts::Error> {
    let profit = |n: u32| f64::from(n * n % 977) - if n.is_multiple_of(5) { 1_300.0 } else { 60.0 };
    let profits: Vec<f64> = (1..400).map(profit).collect();
    Ok(WhaleCurve::new(&profits)?.with_title("A quarter of the accounts eats half of what the others earn"))
}

/// Mean spend and number of customers by score.
fn rfm() -> Result<HeatMap, crm_charts::Error> {
    let spend =
        |recency: u32, frequency: u32| f64::from(18 * frequency * frequency + 14 * recency * frequency + 22);
    let customers = |recency: u32, frequency: u32| 1_640 / (1 + recency.abs_diff(frequency).pow(2) * 2);
    let empty = |recency: u32, frequency: u32| (recency, frequency) == (1, 5);
    let scores = [1, 2, 3, 4, 5];
    let rows = || scores.iter().rev().copied();
    let values: Vec<Vec<Option<f64>>> = rows()
        .map(|frequency| {
            let cell = |&recency| (!empty(recency, frequency)).then(|| spend(recency, frequency));
            scores.iter().map(cell).collect()
        })
        .collect();
    let texts: Vec<Vec<String>> = rows()
        .map(|frequency| {
            let cell = |&recency: &u32| {
                if empty(recency, frequency) {
                    String::new()
                } else {
                    thousands(customers(recency, frequency))
                }
            };
            scores.iter().map(cell).collect()
        })
        .collect();
    HeatMap::new(&["5", "4", "3", "2", "1"], &["1", "2", "3", "4", "5"], &values)?
        .with_title("Frequent recent buyers spend ten times as much")
        .with_x_axis("Recency score: 5 bought last", "")
        .with_y_axis("Frequency score; numbers are customers", "")
        .with_value("Mean spend a year", "£")
        .with_cell_text(&texts)
}

/// The share of each month's new customers who bought again, month by month.
fn retention() -> Result<HeatMap, crm_charts::Error> {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let rows: Vec<String> = months.iter().map(|month| format!("{month} 2025")).collect();
    let columns: Vec<String> = (1..=12).map(|month| format!("month {month}")).collect();
    let share = |row: usize, column: usize| {
        let age = column as f64 + 1.0;
        (row + column < 12).then(|| (46.0 / age.sqrt() + (row * 7 % 5) as f64).round())
    };
    let values: Vec<Vec<Option<f64>>> =
        (0..12).map(|row| (0..12).map(|column| share(row, column)).collect()).collect();
    let text = |cell: &Option<f64>| cell.map_or(String::new(), |share| format!("{share}"));
    let texts: Vec<Vec<String>> = values.iter().map(|row| row.iter().map(text).collect()).collect();
    HeatMap::new(&rows, &columns, &values)?
        .with_title("Half of all new customers return in the first month, an eighth a year later")
        .with_y_axis("First purchase", "")
        .with_value("Bought again", "%")
        .with_cell_text(&texts)
}

fn lorenz(spend: &[f64]) -> Result<ConcentrationCurve, crm_charts::Error> {
    Ok(ConcentrationCurve::new(spend, Order::Lorenz)?
        .with_title("Spend is spread very unevenly")
        .with_y_label("Share of spend"))
}

fn pareto(spend: &[f64]) -> Result<ConcentrationCurve, crm_charts::Error> {
    ConcentrationCurve::new(spend, Order::Pareto)?
        .with_title("A fifth of the customers bring most of the revenue")
        .with_y_label("Share of revenue")
        .with_classes(&[("A", 0.267), ("B", 0.533), ("C", 1.0)])
}

fn p_alive() -> Result<FrequencyRecencyMatrix, crm_charts::Error> {
    let cell = |frequency: usize, recency: usize| {
        let silence = (77 - recency) as f64;
        let odds = 0.35 * frequency as f64 * silence / 18.0 - 1.5;
        if frequency == 0 { 0.93 } else { 1.0 / (1.0 + odds.exp()) }
    };
    let mut random = Random(7);
    let frequency: Vec<f64> = (0..400).map(|_| (-6.0 * random.next().ln()).floor()).collect();
    let recency: Vec<f64> = frequency
        .iter()
        .map(|&x| if x < 1.0 { 0.0 } else { (77.0 * random.next().powf(1.0 / x)).round() })
        .collect();
    FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &grid(30, 78, cell))?
        .with_title("The more often they bought, the sooner silence means good-bye")
        .with_x_axis("Recency: last purchase, after the first", "weeks")
        .with_y_axis("Frequency", "repeat purchases")
        .with_value("Probability of being alive", "")
        .with_customers(&frequency, &recency)
}

fn expected_purchases() -> Result<FrequencyRecencyMatrix, crm_charts::Error> {
    let cell = |frequency: usize, recency: usize| {
        let silence = (77 - recency) as f64;
        let odds = 0.35 * frequency as f64 * silence / 18.0 - 1.5;
        (0.3 + frequency as f64) * 0.32 / (1.0 + odds.exp())
    };
    Ok(FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, &grid(30, 78, cell))?
        .with_title("Who will buy in the next half-year")
        .with_x_axis("Recency: last purchase, after the first", "weeks")
        .with_y_axis("Frequency", "repeat purchases")
        .with_value("Expected purchases", "26 weeks"))
}

fn purchase_counts() -> Result<PurchaseCounts, crm_charts::Error> {
    let actual = [1411, 439, 214, 100, 62, 38, 29, 64];
    let expected = [1427.3, 420.6, 198.7, 108.9, 64.1, 39.4, 24.9, 73.1];
    Ok(PurchaseCounts::new(&actual, &expected)?
        .with_title("The model reproduces how often customers buy")
        .with_open_end()
        .with_x_axis("Repeat purchases in 39 weeks", ""))
}

/// Purchases a week: as they happened, and by two models.
fn weeks() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut random = Random(11);
    let trend = |week: u32| 92.0 * (-f64::from(week) / 60.0).exp() * (1.0 - (-f64::from(week) / 4.0).exp());
    let season = |week: u32| if week % 52 > 46 { 22.0 } else { 0.0 };
    let actual =
        (1..=78).map(|week| (trend(week) + season(week) + 26.0 * (random.next() - 0.5)).round()).collect();
    let good = (1..=78).map(trend).collect();
    let poor = (1..=78).map(|week| trend(week) * (1.0 + f64::from(week) / 160.0)).collect();
    (actual, good, poor)
}

fn tracking_cumulative() -> Result<Tracking, crm_charts::Error> {
    let (actual, good, poor) = weeks();
    let total = |numbers: &[f64]| {
        let mut sum = 0.0;
        numbers
            .iter()
            .map(|number| {
                sum += number;
                sum
            })
            .collect::<Vec<f64>>()
    };
    let models = [("BG/NBD", total(&good)), ("no drop-out", total(&poor))];
    Tracking::new(View::Cumulative, &total(&actual), &models)?
        .with_title("Without drop-out, a model promises too much")
        .with_x_axis("Week", "")
        .with_y_axis("Cumulative repeat purchases", "")
        .with_calibration_end(39)
}

fn tracking_incremental() -> Result<Tracking, crm_charts::Error> {
    let (actual, good, poor) = weeks();
    let labels: Vec<String> = (0..78).map(|week| format!("{} {}", month(week), 2025 + week / 52)).collect();
    Tracking::new(View::Incremental, &actual, &[("BG/NBD", good), ("no drop-out", poor)])?
        .with_title("Christmas is not in the model")
        .with_x_axis("", "")
        .with_y_axis("Repeat purchases a week", "")
        .with_labels(&labels)?
        .with_calibration_end(39)
}

fn histogram(spend: &[f64]) -> Result<Histogram, crm_charts::Error> {
    let usual: Vec<f64> = spend.iter().copied().filter(|spend| *spend < 400.0).collect();
    Ok(Histogram::new(&usual, Spacing::Linear)?
        .with_title("Most customers spend less than £100 a year")
        .with_x_axis("Spend a year, customers below £400", "£"))
}

fn histogram_logarithmic(spend: &[f64]) -> Result<Histogram, crm_charts::Error> {
    Ok(Histogram::new(spend, Spacing::Logarithmic)?
        .with_title("A few customers spend a hundred times the median")
        .with_x_axis("Spend a year", "£"))
}

fn segments() -> Result<BarChart, crm_charts::Error> {
    let labels = [
        "Champions",
        "Loyal customers",
        "New, with a large first basket",
        "At risk of leaving for a competitor",
        "Bought once, long ago",
        "Lost",
    ];
    let values = [1_204.0, 2_310.0, 874.0, 1_507.0, 6_420.0, 3_051.0];
    let shares = ["8 %", "15 %", "6 %", "10 %", "42 %", "20 %"];
    BarChart::new(&labels, &values)?
        .with_title("Two customers in five never came back")
        .with_value("Customers", "")
        .with_shares(&shares)
}

fn grid(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
}

/// Log-normal spend of three thousand customers.
fn customer_values() -> Vec<f64> {
    let mut random = Random(3);
    let mut normal = || (0..12).map(|_| random.next()).sum::<f64>() - 6.0;
    (0..3_000).map(|_| (4.0 + 1.25 * normal()).exp()).collect()
}

fn month(week: usize) -> &'static str {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    months.get(week % 52 * 12 / 52).copied().unwrap_or("Dec")
}

fn thousands(number: u32) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

fn pyramid() -> Result<Pyramid, crm_charts::Error> {
    let levels = ["prospect", "first-time", "repeat", "client", "advocate"];
    Ok(Pyramid::new(&levels, &[2_410.0, 1_340.0, 820.0, 390.0, 45.0])?
        .with_conversions(&[Some(0.518), Some(0.484), Some(0.347), Some(0.103)])?
        .with_title("One client in ten recommends us")
        .with_value("Customers", ""))
}

fn flows() -> Result<Flows, crm_charts::Error> {
    let moves = [
        [820.0, 130.0, 40.0, 25.0],
        [160.0, 900.0, 310.0, 140.0],
        [35.0, 280.0, 1_450.0, 520.0],
        [60.0, 190.0, 640.0, 0.0],
    ];
    Ok(Flows::new(&["A", "B", "C", "(entrants)"], &["A", "B", "C", "(leavers)"], &moves)?
        .with_sides("2024", "2025")
        .with_title("Most A customers stay, a third of C goes")
        .with_value("Customers", ""))
}

/// What customers find important, and how well it is done.
fn quadrants() -> Result<Quadrants, crm_charts::Error> {
    let attributes =
        ["delivery time", "price", "packaging", "returns", "advice", "web shop", "opening hours", "invoices"];
    let performance = [5.1, 4.4, 6.2, 4.0, 6.3, 5.9, 5.2, 6.4];
    let importance = [6.6, 6.1, 3.9, 5.9, 6.2, 5.6, 4.1, 4.4];
    Ok(Quadrants::new(&performance, &importance, (5.5, 5.3))?
        .with_labels(&attributes)?
        .with_regions(["concentrate here", "keep it up"], ["low priority", "possible overkill"])
        .with_title("Returns and prices matter, and are done badly")
        .with_x_axis("Performance", "1 to 7")
        .with_y_axis("Importance", "1 to 7"))
}

/// Customers by two scores of five steps.
fn quadrants_counts() -> Result<Quadrants, crm_charts::Error> {
    let cells = || (1..=5_u32).flat_map(|x| (1..=5_u32).map(move |y| (x, y)));
    let x: Vec<f64> = cells().map(|(x, _)| f64::from(x)).collect();
    let y: Vec<f64> = cells().map(|(_, y)| f64::from(y)).collect();
    let customers: Vec<u64> = cells().map(|(x, y)| u64::from(900 / (1 + x.abs_diff(y).pow(2) * 2))).collect();
    Ok(Quadrants::new(&x, &y, (3.0, 3.0))?
        .with_counts(&customers)?
        .with_regions(["hostages", "apostles"], ["defectors", "mercenaries"])
        .with_title("Who is satisfied, and who stays")
        .with_x_axis("Satisfaction score", "")
        .with_y_axis("Loyalty score", ""))
}

/// Numbers in 0..1 that look random and are the same in every run (the generator of Lewis, Goodman and
/// Miller, 1969).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0 * 16_807 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
}
