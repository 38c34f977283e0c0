//! Satisfaction of customers compared with their loyalty.

use std::collections::HashMap;

use crm_analytics::charts::Quadrants;
use crm_analytics::history::{Decimal, Summaries};
use crm_analytics::segmentation::Assignments;
use crm_analytics::segmentation::matrix::Matrix;
use crm_analytics::segmentation::rfm::{RfmPlace, Scores};

use crate::Error;

/// Answers of people with an order, and their position in the matrix of satisfaction and loyalty.
pub(crate) struct Attitude {
    ends: (f64, f64),
    matrix: Matrix,
    cuts: (f64, f64),
    /// Their indices in the ledger and in the answers.
    pub(crate) people: Vec<(usize, usize)>,
    pub(crate) satisfaction: Vec<f64>,
    /// Mean of recency and frequency score, from 0 to 100.
    loyalty: Vec<f64>,
    pub(crate) regions: Assignments,
    /// Number of answers by people without an order.
    pub(crate) unknown: usize,
}

impl Attitude {
    /// Places answers per customer on a scale with the given ends; the midpoints of both scales
    /// divide the regions.
    pub(crate) fn of(
        answers: &[(String, f64)],
        ends: (f64, f64),
        summaries: &Summaries<String, Decimal>,
        scores: &Scores,
    ) -> Result<Self, Error> {
        let places: HashMap<&str, usize> =
            summaries.everyone().enumerate().map(|(place, (_, id, _))| (id.as_str(), place)).collect();
        let bins = f64::from(scores.scheme().bins());
        let (mut people, mut satisfaction, mut loyalty, mut unknown) =
            (Vec::new(), Vec::new(), Vec::new(), 0);
        for (at, (id, answer)) in answers.iter().enumerate() {
            let place = places.get(id.as_str()).copied();
            let scored = place.and_then(|place| Some((place, scores.place(place)?)));
            if let Some((place, RfmPlace::Cell(cell))) = scored {
                let mean = f64::from(cell.recency() + cell.frequency()) / 2.0;
                people.push((place, at));
                satisfaction.push(*answer);
                loyalty.push(100.0 * (mean - 1.0) / (bins - 1.0));
            } else {
                unknown += 1;
            }
        }
        let cuts = ((ends.0 + ends.1) / 2.0, 50.0);
        let matrix = Matrix::satisfaction_loyalty(cuts.0, cuts.1).map_err(Error::refused)?;
        let regions = matrix.assign(&satisfaction, &loyalty).map_err(Error::refused)?;
        Ok(Attitude { ends, matrix, cuts, people, satisfaction, loyalty, regions, unknown })
    }

    /// Returns `None` if no respondent has an order.
    pub(crate) fn picture(&self) -> Result<Option<String>, Error> {
        if self.satisfaction.is_empty() {
            return Ok(None);
        }
        let [defector, mercenary, hostage, apostle] = self.matrix.regions() else { return Ok(None) };
        let chart = Quadrants::new(&self.satisfaction, &self.loyalty, self.cuts)
            .and_then(|chart| chart.with_ranges(self.ends, (0.0, 100.0)));
        Ok(Some(
            chart
                .map_err(Error::refused)?
                .with_regions([hostage, apostle], [defector, mercenary])
                .with_title("Who is satisfied, and who stays")
                .with_x_axis("Satisfaction", "")
                .with_y_axis("Loyalty: mean of recency and frequency score, 0 to 100", "")
                .to_svg(),
        ))
    }
}
