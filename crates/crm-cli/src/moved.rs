//! ABC classes, and moves between them from an earlier day to the end.

use std::fmt;

use crm_analytics::charts::{ConcentrationCurve, Flows, Order};
use crm_analytics::history::{Day, Decimal, Observation, Summaries};
use crm_analytics::segmentation::migration::{Migration, Snapshot};
use crm_analytics::segmentation::{Amount, Assignments, Columns, Group, GroupTable, abc};

use crate::input::Input;
use crate::{Error, options};

/// ABC classes on two days.
pub(crate) struct Moved {
    pub(crate) cut: Day,
    end: Day,
    pub(crate) migration: Migration<Decimal>,
}

impl Moved {
    /// Classes of the customers with a purchase by each of the two days.
    pub(crate) fn of(
        input: &Input,
        summaries: &Summaries<String, Decimal>,
        (start, end): (Day, Day),
        cut: Day,
    ) -> Result<Self, Error> {
        if cut < start || cut >= end {
            let why = format!("must lie between the first order, {start}, and the end, {end}");
            return Err(options::refused("--previous-end", cut.to_string(), why));
        }
        let observation = Observation::until(cut).with_rules(*summaries.observation().rules());
        let earlier = input.ledger.summarize(&observation).map_err(Error::refused)?;
        let [before, after] = [&earlier, summaries].map(|summaries| side(summaries, input.has_amounts()));
        let (before, after) = (before?, after?);
        let before = Snapshot::new(&before.0, &before.1, &before.2).map_err(Error::refused)?;
        let after = Snapshot::new(&after.0, &after.1, &after.2).map_err(Error::refused)?;
        let migration = Migration::between(before, after).map_err(Error::refused)?;
        Ok(Moved { cut, end, migration })
    }

    pub(crate) fn picture(&self) -> Result<String, Error> {
        let filled = |table: &GroupTable<Decimal>| {
            let groups = table.groups().iter().filter(|group| group.customers > 0);
            groups.map(|group| group.name.clone()).collect::<Vec<_>>()
        };
        let (from, to) = (filled(self.migration.rows()), filled(self.migration.columns()));
        let value = |from: &String, to: &String| {
            self.migration.flow(from, to).map_or(0.0, |flow| flow.customers as f64)
        };
        let values: Vec<Vec<f64>> =
            from.iter().map(|from| to.iter().map(|to| value(from, to)).collect()).collect();
        Ok(Flows::new(&from, &to, &values)
            .map_err(Error::refused)?
            .with_title("Who moved between classes")
            .with_sides(&self.cut.to_string(), &self.end.to_string())
            .with_value("Customers", "")
            .to_svg())
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cut, end, moves) = (self.cut, self.end, self.migration.moves());
        writeln!(f, "ABC classes on {cut} (rows) and on {end} (columns)\n\n{}", self.migration)?;
        write!(
            f,
            "{} stayed, {} rose, {} fell, {} came, {} went",
            moves.stayed, moves.up, moves.down, moves.entered, moves.left
        )
    }
}

/// Returns the spend, or the orders if there are no amounts.
pub(crate) fn values(columns: &Columns<'_, String, Decimal>, has_amounts: bool) -> Vec<Decimal> {
    if has_amounts {
        columns.monetary.clone()
    } else {
        columns.frequency.iter().copied().map(Decimal::from).collect()
    }
}

/// Returns the usual ABC classes of the values.
pub(crate) fn classes(value: &[Decimal]) -> Result<Assignments, Error> {
    abc::AbcScheme::default().fit(value).and_then(|fitted| fitted.assign(value)).map_err(Error::refused)
}

/// Draws the concentration of value over customers, with the classes that are not empty; `None` if
/// there is no value.
pub(crate) fn spread(
    (title, what): (&str, &str),
    value: impl Iterator<Item = Decimal>,
    classes: &GroupTable<Decimal>,
) -> Option<String> {
    let values: Vec<f64> = value.filter(|value| *value > Decimal::ZERO).map(Amount::to_f64).collect();
    // The class without value has a longer name.
    let classes = classes.groups().iter().filter(|class| class.name.len() == 1 && class.customers > 0);
    let mut end = 0;
    let end_of = |class: &Group<Decimal>| {
        end += class.customers;
        (class.name.clone(), (end as f64 / values.len() as f64).min(1.0))
    };
    let ends: Vec<(String, f64)> = classes.map(end_of).collect();
    let curve = ConcentrationCurve::new(&values, Order::Pareto).ok()?.with_classes(&ends).ok()?;
    Some(
        curve
            .with_title(title)
            .with_x_label("Share of customers, best first")
            .with_y_label(&format!("Share of {what}"))
            .to_svg(),
    )
}

type Side = (Vec<String>, Assignments, Vec<Decimal>);

fn side(summaries: &Summaries<String, Decimal>, has_amounts: bool) -> Result<Side, Error> {
    let columns = Columns::from_summaries(summaries);
    let value = values(&columns, has_amounts);
    let rows = columns.ids.iter().zip(&columns.frequency).zip(value);
    let bought = rows.filter(|((_, orders), _)| **orders > 0);
    let (ids, value): (Vec<String>, Vec<Decimal>) =
        bought.map(|((id, _), value)| ((*id).clone(), value)).unzip();
    let classes = classes(&value)?;
    Ok((ids, classes, value))
}
