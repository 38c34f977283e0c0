//! Sales opportunities, read strictly: an invalid cell stops the program with its line.

use crm_analytics::history::{Day, Decimal};

use super::options::Options;
use crate::Error;
use crate::options::iso_date;
use crate::sheet::{self, Line};

/// Stage that an opportunity has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Prospecting,
    Engaging,
    Won,
    Lost,
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opportunity {
    pub(super) stage: Stage,
    pub(super) engaged: Option<Day>,
    /// Day of the decision or, for an open opportunity, the day on which it is expected to close.
    pub(super) closed: Option<Day>,
    pub(super) value: Option<Decimal>,
    pub(super) group: String,
}

const COLUMNS: [&str; 5] = ["opportunity_id", "deal_stage", "engage_date", "close_date", "close_value"];

pub(super) fn read(options: &Options) -> Result<Vec<Opportunity>, Error> {
    let mut columns = COLUMNS.to_vec();
    columns.extend(options.group.as_deref());
    let lines = sheet::read_of("opportunity", &options.events, &columns)?;
    let refuse =
        |line: &Line, why: String| Error::in_file(&options.events, format!("line {}: {why}", line.number));
    lines.iter().map(|line| opportunity(line).map_err(|why| refuse(line, why))).collect()
}

fn opportunity(line: &Line) -> Result<Opportunity, String> {
    let cell = |at: usize| line.cells.get(at).map_or("", String::as_str);
    let stage = match cell(1) {
        "Prospecting" => Stage::Prospecting,
        "Engaging" => Stage::Engaging,
        "Won" => Stage::Won,
        "Lost" => Stage::Lost,
        other => {
            return Err(format!("deal_stage must be Prospecting, Engaging, Won or Lost, got {other:?}"));
        }
    };
    let date = |at: usize, name: &str| match cell(at) {
        "" => Ok(None),
        text => match iso_date(text) {
            Some(date) => Ok(Some(Day::from(date))),
            None => Err(format!("{name} must be a date, YYYY-MM-DD, got {text:?}")),
        },
    };
    let (engaged, closed) = (date(2, "engage_date")?, date(3, "close_date")?);
    let decided = matches!(stage, Stage::Won | Stage::Lost);
    if let Some((engaged, closed)) =
        engaged.zip(closed).filter(|(engaged, closed)| decided && closed < engaged)
    {
        return Err(format!("close_date {closed} is before engage_date {engaged}"));
    }
    let value = match cell(4) {
        "" => None,
        text => {
            let value = Decimal::from_str_exact(text).ok().filter(|value| *value >= Decimal::ZERO);
            Some(value.ok_or_else(|| format!("close_value must be an amount of at least 0, got {text:?}"))?)
        }
    };
    Ok(Opportunity { stage, engaged, closed, value, group: cell(5).to_owned() })
}
