//! Fewer rows for a search: each stands for several customers with about the same history.

/// About so many rows are left.
const CELLS: f64 = 60.0;
/// With fewer distinct rows than this nothing is gained.
pub(crate) const FEW: usize = 150;
/// Number of rows that may be sorted.
const MANY: usize = 2_000;
/// Frequencies up to this stay apart; above it those within some 40 % of each other go together.
const EXACT: f64 = 5.0;

/// A history with the number of customers that it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CoarseRow {
    pub(crate) x: f64,
    pub(crate) recency: f64,
    pub(crate) age: f64,
    pub(crate) customers: f64,
    /// Customers of one class are merged with each other only.
    class: u32,
}

impl CoarseRow {
    pub(crate) fn new(x: f64, recency: f64, age: f64, customers: f64) -> Self {
        let class = if x <= EXACT { x } else { EXACT + (x / EXACT).ln() / 0.35 + 1.0 } as u32;
        CoarseRow { x, recency, age, customers, class }
    }

    fn silence(&self) -> f64 {
        self.age - self.recency
    }

    /// The mean history of several rows.
    fn mean(rows: &[Self]) -> Self {
        let customers: f64 = rows.iter().map(|row| row.customers).sum();
        let of = |value: fn(&Self) -> f64| {
            rows.iter().map(|row| row.customers * value(row)).sum::<f64>() / customers
        };
        let age = of(|row| row.age);
        CoarseRow::new(of(|row| row.x), of(|row| row.recency).min(age), age, customers)
    }
}

/// Mean histories of about [`CELLS`] cells of customers with about the same frequency, silence and
/// age.
///
/// Each class of frequencies, all with the mean frequency of the class, gets a number of cells in
/// proportion to the square root of its customers; within it the cells hold about as many customers
/// each. Rows come in the order of their frequencies.
pub(crate) fn coarse(rows: Vec<CoarseRow>) -> Vec<CoarseRow> {
    // Of very many rows, neighbors go together beforehand.
    let neighbors = (rows.len() / MANY).max(1);
    let same = |a: &CoarseRow, b: &CoarseRow| a.x.to_bits() == b.x.to_bits();
    let chunks = rows.chunk_by(same).flat_map(|rows| rows.chunks(neighbors));
    let mut rows: Vec<CoarseRow> = chunks.map(CoarseRow::mean).collect();
    let root = |rows: &[CoarseRow]| rows.iter().map(|row| row.customers).sum::<f64>().sqrt();
    let same = |a: &CoarseRow, b: &CoarseRow| a.class == b.class;
    let roots: f64 = rows.chunk_by(same).map(root).sum();
    let mut merged = Vec::new();
    for class in rows.chunk_by_mut(|a, b| a.class == b.class) {
        let cells = (CELLS * root(class) / roots).max(1.0);
        let x = CoarseRow::mean(class).x;
        // The bits of positive doubles are in their order.
        class.sort_unstable_by_key(|row| row.silence().to_bits());
        // Customers without a repeat purchase have a silence of their age.
        let by_age = if class.iter().all(|row| row.recency <= 0.0) { 1.0 } else { (cells / 3.0).sqrt() };
        for slice in pieces(class, (cells / by_age).round()) {
            slice.sort_unstable_by_key(|row| row.age.to_bits());
            let cells = pieces(slice, by_age.round()).into_iter();
            merged.extend(cells.map(|cell| CoarseRow { x, ..CoarseRow::mean(cell) }));
        }
    }
    merged
}

/// At most so many pieces with about as many customers each, in order.
fn pieces(mut rows: &mut [CoarseRow], most: f64) -> Vec<&mut [CoarseRow]> {
    let share = rows.iter().map(|row| row.customers).sum::<f64>() / most.max(1.0);
    let mut pieces = Vec::new();
    while !rows.is_empty() {
        let mut customers = 0.0;
        let end = rows.iter().position(|row| {
            customers += row.customers;
            customers >= share * (1.0 - 1e-9)
        });
        let (piece, rest) = rows.split_at_mut(end.map_or(rows.len(), |end| end + 1));
        pieces.push(piece);
        rows = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_few_and_keep_customers_and_means() {
        let mut rows: Vec<CoarseRow> = (0..5_000_u32)
            .map(|n| {
                let x = f64::from(n % 40 / (1 + n % 3));
                let age = 30.0 + f64::from(n % 71);
                let recency = if x > 0.0 { age * f64::from(1 + n % 97) / 97.0 } else { 0.0 };
                CoarseRow::new(x, recency, age, f64::from(1 + n % 4))
            })
            .collect();
        rows.sort_by(|a, b| a.x.total_cmp(&b.x));
        let cells = coarse(rows.clone());
        assert!((40..120).contains(&cells.len()), "{}", cells.len());
        let values: [fn(&CoarseRow) -> f64; 4] = [
            |row| row.customers,
            |row| row.x * row.customers,
            |row| row.age * row.customers,
            |row| row.recency * row.customers,
        ];
        for value in values {
            let sum = |rows: &[CoarseRow]| rows.iter().map(value).sum::<f64>();
            assert!((sum(&cells) / sum(&rows) - 1.0).abs() < 1e-12);
        }
        assert!(cells.iter().all(|row| row.recency <= row.age && (row.x > 0.0) == (row.recency > 0.0)));
    }
}
