//! Our side of a comparison with a peer: `peers_time TASK RUNS` does a task once to warm up and then so many times, and prints
//! the seconds of each and the answer as JSON. `peers_time` alone lists the tasks.
#![allow(clippy::unwrap_used, reason = "made-up input that is refused is a mistake in this crate")]

use std::cell::RefCell;
use std::error::Error;
use std::io::Write as _;

use crm_benches::{Orders, Shop, TRUTH, Totals, Year, cdnow, churn, customers, relationships, stays, timed};
use crm_btyd::{
    BgNbd, Histories, History, Horizon, ParetoNbd, PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, fit,
};
use crm_lifecycle::{hmm, logistic};
use crm_segmentation::Assignments;
use crm_segmentation::migration::Migration;
use crm_statistics::survival::Lifetimes;
use serde_json::{Map, Value, json};

type Task = fn(u32) -> Result<Timed, Box<dyn Error>>;

const TASKS: [(&str, Task); 19] = [
    ("columns_to_summary/1000000", |runs| columns_to_summary(1_000_000, runs)),
    ("columns_to_summary/10000000", |runs| columns_to_summary(10_000_000, runs)),
    ("rfm_and_abc/1000000", |runs| rfm_and_abc(1_000_000, runs)),
    ("rfm_and_abc/5000000", |runs| rfm_and_abc(5_000_000, runs)),
    ("migration/1000000", migration),
    ("fit_bg_nbd/cdnow", |runs| fit_model::<BgNbd>(&of_cdnow()?, runs)),
    ("fit_bg_nbd/100000", |runs| fit_model::<BgNbd>(&Histories::new(customers(100_000)), runs)),
    ("fit_bg_nbd/1000000", |runs| fit_model::<BgNbd>(&Histories::new(customers(1_000_000)), runs)),
    ("collapse_and_fit_bg_nbd/1000000", collapse_and_fit_bg_nbd),
    ("fit_pareto_nbd/cdnow", |runs| fit_model::<ParetoNbd>(&of_cdnow()?, runs)),
    ("fit_pareto_nbd/100000", |runs| fit_model::<ParetoNbd>(&Histories::new(customers(100_000)), runs)),
    ("p_alive/1000000", |runs| p_alive(&bg_nbd()?, runs)),
    ("expected_purchases/1000000", |runs| expected_purchases(&bg_nbd()?, runs)),
    ("p_alive_pareto_nbd/1000000", |runs| p_alive(&pareto_nbd()?, runs)),
    ("expected_purchases_pareto_nbd/1000000", |runs| expected_purchases(&pareto_nbd()?, runs)),
    ("logistic/100000x20", logistic_regression),
    ("kaplan_meier/distinct_1000000", |runs| kaplan_meier(runs, |time| time)),
    ("kaplan_meier/days_1000000", |runs| kaplan_meier(runs, f64::ceil)),
    ("baum_welch_20/2000x104", baum_welch),
];

/// The seconds of every run, and the answer of them all.
#[derive(Debug)]
struct Timed {
    seconds: Vec<f64>,
    answer: Value,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut stdout = std::io::stdout();
    let Some(name) = arguments.next() else {
        let names: Vec<&str> = TASKS.iter().map(|task| task.0).collect();
        return Ok(writeln!(stdout, "{}", names.join("\n"))?);
    };
    let runs = arguments.next().ok_or("usage: peers_time TASK RUNS")?.parse()?;
    let (_, task) = TASKS.iter().find(|task| task.0 == name).ok_or("no such task")?;
    let Timed { seconds, answer } = task(runs)?;
    Ok(writeln!(stdout, "{}", json!({ "seconds": seconds, "answer": answer }))?)
}

/// Works once to warm up, then so many times by the clock.
fn runs<T>(runs: u32, work: impl Fn() -> T, answer: impl Fn(&T) -> Value) -> Timed {
    let answers = RefCell::new(Vec::new());
    let run = |_| timed(&work, |output| answers.borrow_mut().push(answer(output))).as_secs_f64();
    let seconds = (0..=runs).map(run).skip(1).collect();
    let answers = answers.into_inner();
    assert!(answers.windows(2).all(|pair| matches!(pair, [a, b] if a == b)), "answers differ: {answers:?}");
    Timed { seconds, answer: answers.into_iter().next().unwrap_or_default() }
}

fn columns_to_summary(rows: usize, times: u32) -> Result<Timed, Box<dyn Error>> {
    let orders = Orders::shuffled(rows);
    let answer = |totals: Totals| {
        json!({
            "customers": totals.customers,
            "purchases": totals.purchases,
            "recency": totals.recency,
            "age": totals.age,
            "spend": totals.spend,
            "first_spend": totals.first_spend,
        })
    };
    Ok(runs(times, || orders.summarized(&orders.ids), |(_, summaries)| answer(Totals::of(summaries))))
}

fn rfm_and_abc(customers: usize, times: u32) -> Result<Timed, Box<dyn Error>> {
    let shop = Shop::new(customers, 4);
    let answer = |groups: &Assignments| -> Value {
        let named = groups.names().iter().cloned().zip(groups.counts());
        named
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name, count.into()))
            .collect::<Map<_, _>>()
            .into()
    };
    Ok(runs(
        times,
        || shop.segmented(),
        |(groups, classes)| json!({ "groups": answer(groups), "classes": answer(classes) }),
    ))
}

/// Who went from which group to which, by the places of the groups; who is on one side alone has `-` on the other.
fn migration(times: u32) -> Result<Timed, Box<dyn Error>> {
    let [then, now] = Year::two(1_000_000);
    let answer = |moved: &Migration<i128>| -> Value {
        let place = |name: &str| match then.groups.names().iter().position(|known| known == name) {
            None => "-".to_owned(),
            Some(place) => place.to_string(),
        };
        let flows = moved.flows().filter(|flow| flow.customers > 0);
        let cells = flows.map(|flow| {
            let (before, after) = (flow.value_before as i64, flow.value_after as i64);
            let cell = json!({ "customers": flow.customers, "before": before, "after": after });
            (format!("{} to {}", place(&flow.from), place(&flow.to)), cell)
        });
        cells.collect::<Map<_, _>>().into()
    };
    Ok(runs(times, || then.migration(&now), answer))
}

fn of_cdnow() -> Result<Histories, Box<dyn Error>> {
    let summaries = cdnow().ok_or("set CRM_DATA to the folder with the files of CDNOW")?;
    Ok(Histories::from_summaries(&summaries)?)
}

fn fit_model<M: PurchaseModel<Data = Histories>>(
    histories: &Histories,
    times: u32,
) -> Result<Timed, Box<dyn Error>> {
    Ok(runs(times, || fit::<M>(histories, &PurchaseOptions::default()).unwrap(), fitted))
}

fn collapse_and_fit_bg_nbd(times: u32) -> Result<Timed, Box<dyn Error>> {
    let customers = customers(1_000_000);
    let work = || {
        let histories = Histories::new(customers.iter().copied());
        fit::<BgNbd>(&histories, &PurchaseOptions::default()).unwrap()
    };
    Ok(runs(times, work, fitted))
}

fn fitted<M: PurchaseModel>(fitted: &PurchaseFit<M>) -> Value {
    let mut answer = Map::new();
    answer.insert("ln_likelihood".to_owned(), fitted.ln_likelihood().into());
    answer.extend(fitted.parameters().map(|(name, value, _)| (name.to_owned(), value.into())));
    answer.into()
}

fn bg_nbd() -> Result<BgNbd, Box<dyn Error>> {
    let [r, alpha, a, b] = TRUTH;
    Ok(BgNbd::new(r, alpha, a, b)?)
}

fn pareto_nbd() -> Result<ParetoNbd, Box<dyn Error>> {
    Ok(ParetoNbd::new(0.5533, 10.5777, 0.6062, 11.6687)?)
}

fn p_alive(model: &impl Repeat, times: u32) -> Result<Timed, Box<dyn Error>> {
    Ok(predictions(times, |all, into| model.p_alive_all(all, into).unwrap()))
}

fn expected_purchases(model: &impl Repeat, times: u32) -> Result<Timed, Box<dyn Error>> {
    let weeks = Horizon::new(39.0)?;
    Ok(predictions(times, |all, into| model.expected_purchases_all(all, weeks, into).unwrap()))
}

fn predictions(times: u32, predict: impl Fn(&[History], &mut [f64])) -> Timed {
    let customers = customers(1_000_000);
    let into = RefCell::new(vec![0.0; customers.len()]);
    let work = || predict(&customers, &mut into.borrow_mut());
    runs(times, work, |()| json!({ "sum": into.borrow().iter().sum::<f64>() }))
}

fn logistic_regression(times: u32) -> Result<Timed, Box<dyn Error>> {
    let (columns, lost) = churn(100_000, 20);
    let names = columns.iter().enumerate().map(|(place, column)| (place.to_string(), &column[..]));
    let features = logistic::Features::new(names)?;
    let options = logistic::LogisticOptions::default();
    let answer = |fitted: &logistic::LogisticFit| json!({ "ln_likelihood": fitted.ln_likelihood(), "intercept": fitted.model().intercept() });
    Ok(runs(times, || logistic::fit(&features, &lost, &options).unwrap(), answer))
}

fn kaplan_meier(times: u32, round: fn(f64) -> f64) -> Result<Timed, Box<dyn Error>> {
    let (seen, lost) = stays(1_000_000);
    let seen: Vec<f64> = seen.into_iter().map(round).collect();
    let work = || Lifetimes::new(&seen, &lost).unwrap().kaplan_meier();
    Ok(runs(times, work, |curve| json!({ "a_year": curve.at(365.0), "median": curve.median() })))
}

fn baum_welch(times: u32) -> Result<Timed, Box<dyn Error>> {
    let (start, data) = relationships(2_000, 104);
    let options = hmm::HmmOptions::default().with_max_iterations(20).with_tolerance(0.0);
    let work = || hmm::fit_from(&start, &data, &options).unwrap();
    Ok(runs(times, work, |fitted| json!({ "ln_likelihood": fitted.ln_likelihood() })))
}
