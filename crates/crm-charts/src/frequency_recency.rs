//! What a model says of every combination of frequency and recency.

use svg::Node;
use svg::node::element::Element;

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::cells::{Run, merged};
use crate::color::{LEVELS, level};
use crate::legend::{self, Swatch};
use crate::mark::{Area, path};
use crate::number::{coordinate, count, value};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::ticks::Ticks;
use crate::{Error, check};

/// The height of the plot.
const HEIGHT: f64 = 260.0;
/// Most frequencies and most recencies: a cell is then about a pixel.
const MOST_ROWS: usize = 250;
const MOST_COLUMNS: usize = 400;
/// Dots for 1, 2 to 9, 10 to 99, and 100 or more customers in one cell.
const DOTS: [(u64, f64, &str); 4] = [(1, 3.0, "1"), (2, 4.5, "2–9"), (10, 6.5, "10–99"), (100, 9.0, "100+")];

/// The quantity in the cells of a [`FrequencyRecencyMatrix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Probability that the customer is still active, P(alive), 0 to 1.
    ProbabilityAlive,
    /// Expected number of purchases in a period ahead, at least 0.
    ExpectedPurchases,
}

/// Shows which customers a buy-till-you-die model believes in: a value for each combination of
/// frequency (how often a customer came back, upwards) and recency (when, since the first purchase,
/// the customer was last seen, rightwards).
///
/// P(alive) is colored from 0 to 1, expected purchases from 0 to the round number above the
/// largest. Cells of one color are merged, so that a smooth matrix of thousands of cells stays
/// small. Actual customers can be laid over it as dots.
///
/// ```
/// use crm_charts::{FrequencyRecencyMatrix, Quantity};
///
/// // Frequencies 0 and 1, recencies 0, 1 and 2 weeks.
/// let matrix = FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &[[1.0, 1.0, 1.0], [0.1, 0.5, 0.9]])?
///     .with_x_axis("Recency", "weeks")
///     .with_customers(&[1.0, 1.0, 0.0], &[2.0, 2.0, 0.0])?;
/// let svg = matrix.to_svg();
/// // The bottom row is one merged run of three cells in the darkest color.
/// assert!(svg.contains(r#"<path class="crm-level-23" d="M0 1h3v1h-3z"/>"#));
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FrequencyRecencyMatrix {
    quantity: Quantity,
    /// One row per frequency, from 0.
    rows: Vec<Vec<f64>>,
    step: f64,
    /// Frequency and recency of each customer.
    customers: Vec<(f64, f64)>,
    caption: Caption,
    x: Measure,
    y: Measure,
    value: Measure,
}

impl FrequencyRecencyMatrix {
    /// Creates a matrix from one row per frequency 0, 1, 2, …, each with one value per recency 0,
    /// 1, 2, ….
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without rows or columns, [`Error::TooMany`] beyond 250 rows or 400 columns,
    /// [`Error::Length`] for a row that is not as long as the first, [`Error::NotFinite`] and
    /// [`Error::OutOfRange`] for a probability that is not between 0 and 1 or an expectation that
    /// is not between 0 and 1e300.
    ///
    /// ```
    /// use crm_charts::{FrequencyRecencyMatrix, Quantity};
    ///
    /// let refused = FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &[[1.0, 1.2]]);
    /// assert_eq!(
    ///     refused.map_err(|error| error.to_string()),
    ///     Err("rows[0][1] must be between 0 and 1, got 1.2".to_owned()),
    /// );
    /// ```
    pub fn new(quantity: Quantity, rows: &[impl AsRef<[f64]>]) -> Result<Self, Error> {
        check::not_empty("rows", rows.len())?;
        check::at_most("rows", MOST_ROWS, rows.len())?;
        let columns = rows.first().map_or(0, |row| row.as_ref().len());
        check::not_empty("rows[0]", columns)?;
        check::at_most("rows[0]", MOST_COLUMNS, columns)?;
        let most = match quantity {
            Quantity::ProbabilityAlive => 1.0,
            Quantity::ExpectedPurchases => check::LARGEST,
        };
        for (index, row) in rows.iter().enumerate() {
            let field = format!("rows[{index}]");
            check::length(&field, columns, row.as_ref().len())?;
            check::each_within(&field, row.as_ref(), 0.0, most)?;
        }
        let (title, label) = match quantity {
            Quantity::ProbabilityAlive => ("Who is still a customer", "P(alive)"),
            Quantity::ExpectedPurchases => ("Who will buy again", "Expected purchases"),
        };
        Ok(Self {
            quantity,
            rows: rows.iter().map(|row| row.as_ref().to_vec()).collect(),
            step: 1.0,
            customers: Vec::new(),
            caption: Caption::new(title),
            x: Measure::new("Recency", ""),
            y: Measure::new("Frequency", ""),
            value: Measure::new(label, ""),
        })
    }

    /// Says how far apart the columns are: with a step of 10, they are the recencies 0, 10, 20, ….
    /// 1 unless set.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] and [`Error::OutOfRange`] if the step is not between 1e-9 and 1e9.
    ///
    /// ```
    /// use crm_charts::{FrequencyRecencyMatrix, Quantity};
    ///
    /// let matrix = FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, &[[0.5; 11]])?;
    /// assert!(matrix.with_recency_step(10.0)?.to_svg().contains(">100</text>"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_recency_step(mut self, step: f64) -> Result<Self, Error> {
        check::within("step", step, 1e-9, 1e9)?;
        self.step = step;
        Ok(self)
    }

    /// Lays the actual customers over the matrix, each with a frequency and a recency. A dot stands
    /// for all customers in one cell and grows with their number; those beyond the last row or
    /// column are counted in the key.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one recency per frequency, [`Error::NotFinite`] and
    /// [`Error::OutOfRange`] for a number that is not between 0 and 1e300.
    ///
    /// ```
    /// use crm_charts::{FrequencyRecencyMatrix, Quantity};
    ///
    /// let matrix = FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, &[[0.5, 1.5]])?;
    /// let dotted = matrix.with_customers(&[0.0, 7.0], &[1.0, 1.0])?;
    /// assert!(dotted.to_svg().contains("1 customer outside the grid"));
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_customers(mut self, frequency: &[f64], recency: &[f64]) -> Result<Self, Error> {
        check::length("recency", frequency.len(), recency.len())?;
        check::each_within("frequency", frequency, 0.0, check::LARGEST)?;
        check::each_within("recency", recency, 0.0, check::LARGEST)?;
        self.customers = frequency.iter().copied().zip(recency.iter().copied()).collect();
        Ok(self)
    }

    fn columns(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    fn colors(&self) -> Ticks {
        match self.quantity {
            Quantity::ProbabilityAlive => Ticks::covering(0.0, 1.0, 5),
            Quantity::ExpectedPurchases => Ticks::covering(0.0, self.extremes().1, 5),
        }
    }

    fn extremes(&self) -> (f64, f64) {
        let values = self.rows.iter().flatten();
        values.fold((f64::MAX, 0.0), |(low, high), &value| (low.min(value), value.max(high)))
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let colors = self.colors();
        legend::color_bar(picture, &self.value.heading(), colors, false);
        let (cells, outside) = self.occupied();
        self.dot_key(picture, &cells, outside);
        picture.note(&self.y.heading());
        picture.top += 4.0;

        let (rows, columns) = (self.rows.len() as f64, self.columns() as f64);
        let up = Ticks::inside_whole(0.0, rows - 1.0, 6).labeled();
        let area = axis::plot(picture, up.iter().map(|(_, label)| label.as_str()), HEIGHT);
        picture.add(self.matrix(area, colors));
        let y = Scale::linear(-0.5, rows - 0.5, area.bottom(), area.y);
        let x = Scale::linear(-0.5 * self.step, (columns - 0.5) * self.step, area.x, area.right());
        for (least, size, _) in DOTS {
            let places: Vec<(f64, f64)> = cells
                .iter()
                .filter(|cell| dot(cell.2).0 == least)
                .map(|&(row, column, _)| (x.at(column as f64 * self.step), y.at(row as f64)))
                .collect();
            if !places.is_empty() {
                legend::dots(picture, &places, size);
            }
        }
        axis::vertical(picture, &up, y, area, false);
        // Numbers stand below the middle of columns, whatever the step.
        let right: Vec<(f64, String)> = Ticks::inside_whole(0.0, columns - 1.0, 8)
            .values()
            .map(|column| (x.at(column * self.step), value(column * self.step)))
            .collect();
        axis::horizontal(picture, &right, area);
        axis::heading(picture, &self.x.heading(), area);

        let (low, high) = self.extremes();
        format!(
            "{} by frequency 0 to {} and recency 0 to {}: from {} to {}.",
            self.value.label,
            value(rows - 1.0),
            value((columns - 1.0) * self.step),
            value(low),
            value(high),
        )
    }

    /// The cells in their own view box, a unit wide and high, as one path per color.
    fn matrix(&self, area: Area, colors: Ticks) -> Element {
        let mut matrix = Element::new("svg");
        matrix.assign("class", "crm-cells");
        for (name, position) in [("x", area.x), ("y", area.y), ("width", area.width), ("height", area.height)]
        {
            matrix.assign(name, coordinate(position));
        }
        matrix.assign("viewBox", format!("0 0 {} {}", self.columns(), self.rows.len()));
        matrix.assign("preserveAspectRatio", "none");
        let part = Scale::linear(colors.low(), colors.high(), 0.0, 1.0);
        // The first row is frequency 0, at the bottom.
        let levels =
            self.rows.iter().rev().map(|row| row.iter().map(|&value| level(part.at(value))).collect());
        let mut data = vec![String::new(); LEVELS];
        for Run { level, x, y, width, height } in merged(levels) {
            if let Some(data) = data.get_mut(level) {
                *data += &format!("M{x} {y}h{width}v{height}h-{width}z");
            }
        }
        for (level, data) in data.iter().enumerate().filter(|(_, data)| !data.is_empty()) {
            matrix.append(path(&format!("crm-level-{level}"), data));
        }
        matrix
    }

    /// Row, column and number of customers of each cell that has some, and how many customers are
    /// in no cell.
    fn occupied(&self) -> (Vec<(usize, usize, u64)>, u64) {
        let mut counts = vec![0_u64; self.rows.len() * self.columns()];
        let mut outside = 0;
        for &(frequency, recency) in &self.customers {
            // Casts saturate: a number beyond every grid stays beyond it.
            let (row, column) = (frequency.round() as usize, (recency / self.step).round() as usize);
            let inside = row < self.rows.len() && column < self.columns();
            let index = if inside { row * self.columns() + column } else { usize::MAX };
            match counts.get_mut(index) {
                Some(count) => *count += 1,
                None => outside += 1,
            }
        }
        let columns = self.columns();
        let cells = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        (cells.map(|(index, &count)| (index / columns, index % columns, count)).collect(), outside)
    }

    fn dot_key(&self, picture: &mut Picture, cells: &[(usize, usize, u64)], outside: u64) {
        let mut entries: Vec<(Swatch, String)> = DOTS
            .iter()
            .filter(|(least, ..)| cells.iter().any(|cell| dot(cell.2).0 == *least))
            .map(|(_, size, label)| (Swatch::Dot(*size), (*label).to_owned()))
            .collect();
        if let Some((_, last)) = entries.last_mut() {
            *last += if last == "1" { " customer" } else { " customers" };
        }
        if outside > 0 {
            let noun = if outside == 1 { "customer" } else { "customers" };
            entries.push((Swatch::Words, format!("{} {noun} outside the grid", count(outside))));
        }
        legend::rows(picture, &entries);
    }
}

/// The dot for a number of customers.
fn dot(customers: u64) -> (u64, f64, &'static str) {
    let [smallest, ..] = DOTS;
    DOTS.into_iter().rev().find(|(least, ..)| customers >= *least).unwrap_or(smallest)
}

chart!(
    FrequencyRecencyMatrix,
    "FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &[[1.0, 0.5]])?",
    with_x_axis(x) "the recency",
    with_y_axis(y) "the frequency",
    with_value(value) "what the colors are",
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty frequencies by 78 weeks, as smooth as a model's answer.
    fn smooth() -> Vec<Vec<f64>> {
        let cell = |row: usize, column: usize| 1.0 / (1.0 + (row as f64 * 0.6 - column as f64 * 0.25).exp());
        (0..30).map(|row| (0..78).map(|column| cell(row, column)).collect()).collect()
    }

    #[test]
    fn thousands_of_cells_stay_small() {
        let svg = FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &smooth()).expect("valid").to_svg();
        assert!(svg.len() < 20_000, "{}", svg.len());
    }

    #[test]
    fn frequency_goes_up_and_recency_to_the_right() {
        // Two frequencies by three recencies; only frequency 1 with recency 2 is certain.
        let rows = [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
        let matrix = FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &rows).expect("valid");
        assert!(matrix.to_svg().contains(r#"<path class="crm-level-23" d="M2 0h1v1h-1z"/>"#), "top right");
    }

    #[test]
    fn customers_are_counted_by_cell() {
        let matrix = FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, &[[1.0, 2.0], [3.0, 4.0]])
            .and_then(|matrix| matrix.with_recency_step(7.0))
            .and_then(|matrix| {
                matrix.with_customers(&[1.0, 1.0, 0.0, 2.0, 1e300], &[6.5, 7.0, 0.0, 7.0, 1e300])
            })
            .expect("valid");
        assert_eq!(matrix.occupied(), (vec![(0, 0, 1), (1, 1, 2)], 2));
        assert_eq!([1, 2, 9, 10, 99, 100, 5000].map(|count| dot(count).0), [1, 2, 2, 10, 10, 100, 100]);
    }

    #[test]
    fn refusals_name_the_field() {
        let error = |rows: &[Vec<f64>]| {
            FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, rows).expect_err("refused").to_string()
        };
        assert_eq!(error(&[]), "rows must not be empty");
        assert_eq!(error(&[vec![]]), "rows[0] must not be empty");
        assert_eq!(error(&[vec![1.0], vec![1.0, 2.0]]), "expected 1 items in rows[1], got 2");
        assert_eq!(error(&[vec![-1.0]]), "rows[0][0] must be at least 0, got -1.0");
        let matrix = FrequencyRecencyMatrix::new(Quantity::ExpectedPurchases, &[[1.0]]).expect("valid");
        let unequal = matrix.with_customers(&[1.0], &[]).expect_err("refused");
        assert_eq!(unequal.to_string(), "expected 1 items in recency, got 0");
    }
}
