//! Heat maps of labeled rows and columns.

use svg::Node;

use crate::axis;
use crate::caption::{Caption, Measure, chart};
use crate::color::{level, text_class};
use crate::legend;
use crate::mark::{Anchor, Area, rectangle, text, with_tooltip};
use crate::number::{value, with_unit};
use crate::picture::Picture;
use crate::scale::Scale;
use crate::text::{BODY, SMALL, width};
use crate::ticks::Ticks;
use crate::{Error, check};

/// Most rows and most columns: below this size of cell a reader cannot tell them apart.
const MOST: usize = 60;
/// Up to this many cells, each says its value while the pointer rests on it.
const WITH_TOOLTIP: usize = 400;

/// Shows which combinations of two attributes are worth most: one colored cell per row and column,
/// such as the mean spend of each recency score by frequency score.
///
/// The color scale starts at zero if the smallest value is positive and less than half the largest,
/// else at the round number below the smallest; it ends at the round number above the largest. A
/// `None` is drawn as an empty, dashed cell. The first row is drawn at the top. A cell has room for
/// a text of its own, such as its number of customers: if the widest text does not fit its cell,
/// even in small print, no cell shows its text. In grids of up to 400 cells each cell names its
/// row, column, value and text while the pointer rests on it.
///
/// ```
/// use crm_charts::HeatMap;
///
/// let map = HeatMap::new(
///     &["frequent", "rare"],
///     &["long ago", "lately"],
///     &[[Some(80.0), Some(200.0)], [None, Some(40.0)]],
/// )?
/// .with_title("Mean spend")
/// .with_value("Mean spend", "£")
/// .with_cell_text(&[["3", "12"], ["", "30"]])?;
///
/// let svg = map.to_svg();
/// assert!(svg.contains("<title>frequent, lately: £200; 12</title>"));
/// assert_eq!(svg.matches("<rect class=\"crm-empty\"").count(), 2, "one empty cell and one in the legend");
/// # Ok::<(), crm_charts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    rows: Vec<String>,
    columns: Vec<String>,
    values: Vec<Vec<Option<f64>>>,
    cell_text: Vec<Vec<String>>,
    caption: Caption,
    x: Measure,
    y: Measure,
    value: Measure,
}

impl HeatMap {
    /// Creates a map from one value, or none, per row and column.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without rows or columns, [`Error::TooMany`] beyond 60 of either,
    /// [`Error::Length`] if there is not one row of values per row label and one value per column
    /// label, [`Error::NotFinite`] and [`Error::OutOfRange`] for a value that is not finite or
    /// beyond ±1e300.
    ///
    /// ```
    /// use crm_charts::HeatMap;
    ///
    /// let narrow = HeatMap::new(&["5", "4"], &["1", "2"], &[vec![Some(1.0), None], vec![None]]);
    /// assert_eq!(
    ///     narrow.map_err(|error| error.to_string()),
    ///     Err("expected 2 items in values[1], got 1".to_owned()),
    /// );
    /// ```
    pub fn new<R: AsRef<[Option<f64>]>>(
        rows: &[impl AsRef<str>],
        columns: &[impl AsRef<str>],
        values: &[R],
    ) -> Result<Self, Error> {
        for (field, got) in [("rows", rows.len()), ("columns", columns.len())] {
            check::not_empty(field, got)?;
            check::at_most(field, MOST, got)?;
        }
        check::length("values", rows.len(), values.len())?;
        for (index, row) in values.iter().enumerate() {
            let field = format!("values[{index}]");
            check::length(&field, columns.len(), row.as_ref().len())?;
            for (column, value) in row.as_ref().iter().enumerate() {
                value.map_or(Ok(()), |value| check::number(&format!("{field}[{column}]"), value))?;
            }
        }
        Ok(Self {
            rows: rows.iter().map(|label| label.as_ref().to_owned()).collect(),
            columns: columns.iter().map(|label| label.as_ref().to_owned()).collect(),
            values: values.iter().map(|row| row.as_ref().to_vec()).collect(),
            cell_text: Vec::new(),
            caption: Caption::new("Heat map"),
            x: Measure::new("", ""),
            y: Measure::new("", ""),
            value: Measure::new("Value", ""),
        })
    }

    /// Writes a text into each cell, such as its number of customers; an empty text writes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one text per row and column.
    ///
    /// ```
    /// use crm_charts::HeatMap;
    ///
    /// let map = HeatMap::new(&["5"], &["1", "2"], &[[Some(1.0), Some(2.0)]])?;
    /// assert!(map.clone().with_cell_text(&[["7", "8"]])?.to_svg().contains(">8</text>"));
    /// assert!(map.with_cell_text(&[["7"]]).is_err());
    /// # Ok::<(), crm_charts::Error>(())
    /// ```
    pub fn with_cell_text<R: AsRef<[T]>, T: AsRef<str>>(mut self, text: &[R]) -> Result<Self, Error> {
        check::length("text", self.rows.len(), text.len())?;
        for (index, row) in text.iter().enumerate() {
            check::length(&format!("text[{index}]"), self.columns.len(), row.as_ref().len())?;
        }
        let owned = |row: &R| row.as_ref().iter().map(|text| text.as_ref().to_owned()).collect();
        self.cell_text = text.iter().map(owned).collect();
        Ok(self)
    }

    /// The numbers at the ends of the color scale; none if every cell is empty.
    fn colors(&self) -> Option<Ticks> {
        let mut values = self.values.iter().flatten().flatten().copied();
        let first = values.next()?;
        let (low, high) = values.fold((first, first), |(low, high), value| (low.min(value), high.max(value)));
        let low = if low > 0.0 && low < high / 2.0 { 0.0 } else { low };
        Some(Ticks::covering(low, high, 5))
    }

    /// The font size in which every cell text fits, if there is one.
    fn text_size(&self, cell_width: f64, cell_height: f64) -> Option<f64> {
        let widest = |size| self.cell_text.iter().flatten().map(|text| width(text, size)).fold(0.0, f64::max);
        [BODY, SMALL].into_iter().find(|&size| widest(size) + 4.0 <= cell_width && size + 1.0 <= cell_height)
    }

    fn draw(&self, picture: &mut Picture) -> String {
        let colors = self.colors();
        if let Some(ticks) = colors {
            let with_empty = self.values.iter().flatten().any(Option::is_none);
            legend::color_bar(picture, &self.value.heading(), ticks, with_empty);
        }
        picture.note(&self.y.heading());
        picture.top += 4.0;
        let mut area = axis::plot(picture, self.rows.iter().map(String::as_str), 0.0);
        let band = area.width / self.columns.len() as f64;
        let height = (0.75 * band).clamp(15.0, 44.0);
        area.height = height * self.rows.len() as f64;
        let gap = (0.1 * band).min(2.0);
        let part = colors.map(|ticks| Scale::linear(ticks.low(), ticks.high(), 0.0, 1.0));
        let size = self.text_size(band - gap, height - gap);
        for (index, row) in self.values.iter().enumerate() {
            for (column, &number) in row.iter().enumerate() {
                let area = Area {
                    x: area.x + column as f64 * band + gap / 2.0,
                    y: area.y + index as f64 * height + gap / 2.0,
                    width: band - gap,
                    height: height - gap,
                };
                let level = number.zip(part).map(|(number, part)| level(part.at(number)));
                self.draw_cell(picture, (index, column), level, area);
                if let (Some(size), own) = (size, self.own_text(index, column)) {
                    draw_text(picture, own, level, size, area);
                }
            }
        }
        let scale = Scale::linear(0.0, self.rows.len() as f64, area.y, area.bottom());
        let ticks: Vec<(f64, String)> =
            self.rows.iter().enumerate().map(|(index, label)| (index as f64 + 0.5, label.clone())).collect();
        axis::vertical(picture, &ticks, scale, area, false);
        axis::bands(picture, &self.columns, area);
        axis::heading(picture, &self.x.heading(), area);
        self.in_words()
    }

    fn own_text(&self, row: usize, column: usize) -> &str {
        self.cell_text.get(row).and_then(|row| row.get(column)).map_or("", String::as_str)
    }

    fn draw_cell(&self, picture: &mut Picture, place: (usize, usize), level: Option<usize>, area: Area) {
        let class = level.map_or("crm-empty".to_owned(), |level| format!("crm-level-{level}"));
        let cell = rectangle(&class, area);
        let with_tooltips = self.rows.len() * self.columns.len() <= WITH_TOOLTIP;
        picture.add(if with_tooltips { with_tooltip(cell, &self.tooltip(place)) } else { cell });
    }

    fn tooltip(&self, (row, column): (usize, usize)) -> String {
        let name = |labels: &[String], index: usize| labels.get(index).cloned().unwrap_or_default();
        let number = self.values.get(row).and_then(|row| *row.get(column)?);
        let number = number.map_or("empty".to_owned(), |number| self.with_unit(number));
        let own = self.own_text(row, column);
        let own = if own.is_empty() { String::new() } else { format!("; {own}") };
        format!("{}, {}: {number}{own}", name(&self.rows, row), name(&self.columns, column))
    }

    fn with_unit(&self, number: f64) -> String {
        with_unit(&value(number), &self.value.unit)
    }

    fn in_words(&self) -> String {
        let cells = self.rows.iter().zip(&self.values).flat_map(|(row, values)| {
            self.columns.iter().zip(values).filter_map(move |(column, cell)| Some((row, column, (*cell)?)))
        });
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let size = format!("Heat map of {rows} rows by {columns} columns");
        let largest = cells.clone().reduce(|best, cell| if cell.2 > best.2 { cell } else { best });
        let smallest = cells.clone().reduce(|best, cell| if cell.2 < best.2 { cell } else { best });
        let empty = rows * columns - cells.count();
        let Some((largest, smallest)) = largest.zip(smallest) else {
            return format!("{size}; every cell is empty.");
        };
        let place = |(row, column, number): (&String, &String, f64)| {
            format!("{} in row {row}, column {column}", self.with_unit(number))
        };
        let label = &self.value.label;
        let (high, low) = (place(largest), place(smallest));
        format!("{size}. {label}: highest {high}; lowest {low}. Empty cells: {empty}.")
    }
}

/// The text of a cell, dark or light as its background asks for.
fn draw_text(picture: &mut Picture, own: &str, level: Option<usize>, size: f64, area: Area) {
    if own.is_empty() {
        return;
    }
    let small = if size < BODY { " crm-small" } else { "" };
    let class = format!("{}{small}", level.map_or("crm-muted", text_class));
    let at = (area.x + area.width / 2.0, area.y + area.height / 2.0 + 0.36 * size);
    let mut element = text(&class, at, Anchor::Middle, own);
    // The pointer means the cell below, which has the tooltip.
    element.assign("pointer-events", "none");
    picture.add(element);
}

chart!(
    HeatMap,
    "HeatMap::new(&[\"5\"], &[\"1\"], &[[Some(2.0)]])?",
    with_x_axis(x) "what the columns are",
    with_y_axis(y) "what the rows are",
    with_value(value) "what the colors are",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: &[Option<f64>]) -> HeatMap {
        let columns: Vec<String> = (0..values.len()).map(|index| index.to_string()).collect();
        HeatMap::new(&["row"], &columns, &[values]).expect("valid")
    }

    fn ends(values: &[Option<f64>]) -> Option<(f64, f64)> {
        map(values).colors().map(|ticks| (ticks.low(), ticks.high()))
    }

    #[test]
    fn the_color_scale_starts_at_zero_only_where_that_tells_something() {
        assert_eq!(ends(&[Some(10.0), Some(95.0)]), Some((0.0, 100.0)));
        assert_eq!(ends(&[Some(81.0), Some(95.0)]), Some((80.0, 95.0)));
        assert_eq!(ends(&[Some(-20.0), Some(30.0)]), Some((-20.0, 30.0)));
        assert_eq!(ends(&[Some(0.0), None]), Some((0.0, 1.0)));
        assert_eq!(ends(&[None]), None);
    }

    #[test]
    fn cell_text_is_dropped_for_all_cells_or_for_none() {
        let text = |columns: usize, own: &str| {
            let map = map(&vec![Some(1.0); columns]);
            let row = vec![own; columns];
            map.with_cell_text(&[row]).expect("valid").to_svg().contains(&format!(">{own}</text>"))
        };
        assert!(text(5, "1,234"));
        assert!(!text(30, "1,234"));
    }

    #[test]
    fn every_cell_empty_has_no_color_bar() {
        let svg = map(&[None, None]).to_svg();
        assert!(!svg.contains("crm-level") && svg.contains("every cell is empty"), "{svg}");
    }

    #[test]
    fn refusals_name_the_cell() {
        let error = |values: &[[Option<f64>; 2]]| {
            HeatMap::new(&["a"], &["b", "c"], values).expect_err("refused").to_string()
        };
        assert_eq!(error(&[[None, Some(f64::NAN)]]), "values[0][1] must be finite, got NaN");
        assert_eq!(error(&[]), "expected 1 items in values, got 0");
        let none: [&str; 0] = [];
        let empty = HeatMap::new(&none, &["a"], &[[None]]).expect_err("refused");
        assert_eq!(empty.to_string(), "rows must not be empty");
        let many = vec!["a"; 61];
        let many = HeatMap::new(&many, &["a"], &vec![[None]; 61]).expect_err("refused");
        assert_eq!(many.to_string(), "expected at most 60 items in rows, got 61");
    }
}
