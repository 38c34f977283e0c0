//! Expected purchases of the customers, their value, and the validation of such forecasts.

use crm_analytics::btyd::{
    Discount, Histories, History, Horizon, RefundRule, Spend, Spends,
    validation::{Accuracy, Holdout, NaiveRule},
};
use crm_analytics::history::{Day, Decimal, Ledger, Observation, Summaries, TimeUnit};

use super::models::{FitFacts, Purchases, fit_purchases, fit_spends};
use crate::Error;
use crate::input::Input;
use crate::options::{ModelName, Options};

/// Predictions for all customers with a purchase, in the order of customer indices.
pub(crate) struct Forecast {
    pub(crate) histories: Vec<History>,
    pub(crate) collapsed: Histories,
    pub(crate) purchases: Box<dyn Purchases>,
    /// Fit of the spend, or the reason why there is none.
    pub(crate) spend_facts: Result<FitFacts, String>,
    pub(crate) spends_left_out: u64,
    pub(crate) horizon: Horizon,
    pub(crate) p_alive: Vec<f64>,
    pub(crate) expected: Vec<f64>,
    /// Bounds of the 95 % interval of the expected purchases of all customers together.
    pub(crate) bounds: Option<(f64, f64)>,
    /// Number of customers with 0, 1, 2, ... repeat purchases, actual and expected; the last count
    /// is open-ended.
    pub(crate) counts: (Vec<u64>, Vec<f64>),
    /// Expected value of one purchase.
    pub(crate) spend: Vec<Option<f64>>,
    pub(crate) clv: Vec<Option<f64>>,
}

impl Forecast {
    pub(crate) fn of(
        summaries: &Summaries<String, Decimal>,
        options: &Options,
        has_amounts: bool,
    ) -> Result<Self, Error> {
        let collapsed = Histories::from_summaries(summaries).map_err(Error::refused)?;
        let purchases = fit_purchases(options.model, &collapsed)?;
        let histories = summaries.buyers().map(|(.., buyer)| History::from_summary(&buyer));
        let histories = histories.collect::<Result<Vec<_>, _>>().map_err(Error::refused)?;
        let horizon = Horizon::new(options.horizon).map_err(Error::refused)?;
        let discount = Discount::per_year(options.discount_rate, options.unit).map_err(Error::refused)?;
        let discounted = purchases.discounted(&histories, horizon, discount)?;

        let rule = summaries.observation().rules().first_purchase;
        let spends = Spends::from_summaries(summaries);
        let fitted = if has_amounts { fit_spends(&spends) } else { Err(String::new()) };
        let spend: Vec<Option<f64>> = summaries
            .buyers()
            .map(|(.., buyer)| {
                let model = fitted.as_ref().ok()?.model();
                // Refunds are deducted from purchases: customers without net spend are expected to
                // spend little.
                match Spend::from_summary(&buyer, rule, RefundRule::Net).ok()? {
                    Some(seen) => model.expected_spend(&seen).ok(),
                    None => model.mean_spend().ok(),
                }
            })
            .collect();
        let clv = discounted
            .iter()
            .zip(&spend)
            .map(|(purchases, spend)| Some(options.margin * purchases * (*spend)?))
            .collect();
        Ok(Forecast {
            p_alive: purchases.p_alive(&histories)?,
            expected: purchases.expected(&histories, horizon)?,
            bounds: purchases.total_bounds(&histories, horizon),
            counts: counts(&collapsed, purchases.as_ref()),
            spend_facts: fitted.as_ref().map(FitFacts::of).map_err(String::clone),
            spends_left_out: if has_amounts { spends.left_out() } else { 0 },
            histories,
            collapsed,
            purchases,
            horizon,
            spend,
            clv,
        })
    }
}

fn counts(collapsed: &Histories, purchases: &dyn Purchases) -> (Vec<u64>, Vec<f64>) {
    /// Number of counts shown individually.
    const SHOWN: usize = 7;
    let mut actual = vec![0; SHOWN + 1];
    let mut expected = vec![0.0; SHOWN + 1];
    let mut ages: Vec<(f64, u64)> = Vec::new();
    for (history, customers) in collapsed.iter() {
        if let Some(slot) = actual.get_mut((history.frequency() as usize).min(SHOWN)) {
            *slot += customers;
        }
        ages.push((history.age(), customers));
    }
    ages.sort_by(|a, b| a.0.total_cmp(&b.0));
    for same in ages.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let customers: u64 = same.iter().map(|row| row.1).sum();
        let Some(age) = same.first().and_then(|row| Horizon::new(row.0).ok()) else { continue };
        let mut rest = 1.0;
        for (count, slot) in (0..).zip(expected.iter_mut()) {
            let p = if count == SHOWN as u32 { rest } else { purchases.pmf_new(age, count) };
            *slot += customers as f64 * p.max(0.0);
            rest -= p;
        }
    }
    (actual, expected)
}

/// Forecasts of a holdout by models fitted to the calibration period only.
pub(crate) struct Trial {
    pub(crate) calibration_end: Day,
    pub(crate) holdout_length: f64,
    pub(crate) born_in_holdout: usize,
    pub(crate) models: Vec<(Box<dyn Purchases>, Accuracy)>,
    pub(crate) spend_facts: Option<FitFacts>,
    pub(crate) naive: Vec<(&'static str, Accuracy)>,
}

impl Trial {
    pub(crate) fn of(input: &Input, observation: &Observation, calibration_end: Day) -> Result<Self, Error> {
        let split = input.split(observation, calibration_end)?;
        let holdout = Holdout::from_split(&split).map_err(Error::refused)?;
        let judge = |predicted: Vec<f64>| Accuracy::new(&predicted, holdout.actual()).map_err(Error::refused);
        let mut models = Vec::new();
        for name in [ModelName::BgNbd, ModelName::MbgNbd] {
            let model = fit_purchases(name, holdout.calibration())?;
            let accuracy = judge(model.expected(holdout.customers(), holdout.horizon())?)?;
            models.push((model, accuracy));
        }
        // Naive rules may win.
        let naive = vec![
            ("nobody buys again", judge(NaiveRule::Nothing.predict(&holdout))?),
            ("everybody goes on at the rate so far", judge(NaiveRule::SameRate.predict(&holdout))?),
        ];
        let spends = input
            .has_amounts()
            .then(|| fit_spends(&Spends::from_summaries(split.calibration())).ok())
            .flatten();
        Ok(Trial {
            calibration_end,
            holdout_length: split.holdout_length(),
            born_in_holdout: split.born_in_holdout(),
            models,
            spend_facts: spends.as_ref().map(FitFacts::of),
            naive,
        })
    }
}

/// Cumulative repeat purchases, actual and expected, per week (or per longer step over many years).
pub(crate) struct Course {
    pub(crate) days_per_step: u32,
    pub(crate) actual: Vec<f64>,
    pub(crate) expected: Vec<(&'static str, Vec<f64>)>,
    /// Number of steps up to the end of the calibration period.
    pub(crate) calibration: Option<usize>,
}

impl Course {
    /// Computes the tracking of purchases. Customers are counted from their first order on, both in
    /// the actual numbers and in the models.
    pub(crate) fn of(
        ledger: &Ledger<String, Decimal>,
        summaries: &Summaries<String, Decimal>,
        models: &[&dyn Purchases],
        calibration_end: Option<Day>,
    ) -> Result<Self, Error> {
        let observation = summaries.observation();
        let unit: TimeUnit = observation.rules().unit;
        let Some(first) = ledger.first_day() else {
            return Err(Error::Refused("there is no order".to_owned()));
        };
        /// A century of steps is illegible in a chart and indicates a mistyped date.
        const LONGEST: usize = 36_525;
        let days = observation.end().days_since(first).max(0) as usize;
        if days > LONGEST {
            return Ok(Course {
                days_per_step: 28,
                actual: Vec::new(),
                expected: Vec::new(),
                calibration: None,
            });
        }
        let days_per_step = if days > 6 * 366 { 28 } else { 7 };
        let steps = ledger.purchases_over_time(observation, days_per_step).map_err(Error::refused)?;
        // An incomplete last step would look like a drop.
        let whole = |end: Day| (end.days_since(first) + 1) % days_per_step as i32 == 0;
        let ends: Vec<Day> = steps.iter().map(|step| step.end).filter(|&end| whole(end)).collect();
        let mut sum = 0.0;
        let actual = steps.iter().take(ends.len()).map(|step| {
            sum += step.repeat_purchases as f64;
            sum
        });
        let actual = actual.collect();
        let mut births = vec![0.0; days + 1];
        for (.., buyer) in summaries.buyers() {
            if let Some(slot) = births.get_mut(buyer.first_purchase.days_since(first).max(0) as usize) {
                *slot += 1.0;
            }
        }
        let expected = models.iter().map(|model| {
            let by_day: Vec<f64> = (0..=days)
                .map(|day| {
                    Horizon::new(day as f64 / unit.length_in_days())
                        .map_or(0.0, |age| model.expected_new(age))
                })
                .collect();
            let cumulative = ends.iter().map(|end| {
                let today = end.days_since(first).max(0) as usize;
                births
                    .iter()
                    .take(today + 1)
                    .zip(by_day.iter().take(today + 1).rev())
                    .map(|(n, e)| n * e)
                    .sum()
            });
            (model.facts().name, cumulative.collect())
        });
        let expected = expected.collect();
        let calibration = calibration_end.map(|cut| ends.iter().filter(|&&end| end <= cut).count());
        Ok(Course { days_per_step, actual, expected, calibration })
    }
}
