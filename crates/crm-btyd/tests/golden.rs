//! Every row of the reference tables within the tolerances that `docs/guide/btyd.md` states.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../src/golden.rs"]
mod golden;

use crm_btyd::{
    BgNbd, Discount, GammaGamma, GompertzNbd, History, Horizon, Nbd, ParetoNbd, Repeat, Spend,
    models::{BetaGeometric, CondensedBetaGeometric},
};
use golden::{LOG, Row, VALUE, rows};

fn law<const TOSSED: bool>(row: &Row, names: [&str; 4]) -> BetaGeometric<TOSSED> {
    let [r, alpha, a, b] = names.map(|name| row.number(name));
    BetaGeometric::new(r, alpha, a, b).unwrap()
}

const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

fn history(row: &Row) -> History {
    History::new(row.count("frequency"), row.number("recency"), row.number("age")).unwrap()
}

fn horizon(row: &Row, name: &str) -> Horizon {
    Horizon::new(row.number(name)).unwrap()
}

fn check<const TOSSED: bool>(file: &str) {
    let rows = rows(file);
    assert_eq!(rows.len(), 200);
    for row in &rows {
        let (model, history, horizon) = (law::<TOSSED>(row, NAMES), history(row), horizon(row, "horizon"));
        LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
        VALUE.check(model.p_alive(&history), row.number("p_alive"), row);
        VALUE.check(model.expected_purchases(&history, horizon), row.number("expected_purchases"), row);
        VALUE.check(model.expected_purchases_new(horizon), row.number("expected_purchases_new"), row);
    }
}

#[test]
fn bg_nbd() {
    check::<false>("bg_nbd.csv");
}

#[test]
fn mbg_nbd() {
    check::<true>("mbg_nbd.csv");
}

fn condensed<const TOSSED: bool>(k: u32, row: &Row, names: [&str; 4]) -> CondensedBetaGeometric<TOSSED> {
    let [r, alpha, a, b] = names.map(|name| row.number(name));
    CondensedBetaGeometric::new(k, r, alpha, a, b).unwrap()
}

/// Without the gaps between purchases.
fn condensed_row<const TOSSED: bool>(k: u32, row: &Row) {
    let (model, history) = (condensed::<TOSSED>(k, row, NAMES), history(row));
    LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
    VALUE.check(model.p_alive(&history), row.number("p_alive"), row);
}

#[test]
fn bg_cnbd_k() {
    let rows = rows("bg_cnbd_k.csv");
    assert_eq!(rows.len(), 200);
    for row in &rows {
        match (row.count("dropout_at_zero"), row.count("k")) {
            (0, 1) => condensed_row::<false>(1, row),
            (0, 2) => condensed_row::<false>(2, row),
            (0, 3) => condensed_row::<false>(3, row),
            (0, 4) => condensed_row::<false>(4, row),
            (1, 1) => condensed_row::<true>(1, row),
            (1, 2) => condensed_row::<true>(2, row),
            (1, 3) => condensed_row::<true>(3, row),
            (1, 4) => condensed_row::<true>(4, row),
            other => panic!("{other:?} is no law of this table"),
        }
    }
}

fn pareto(row: &Row, names: [&str; 4]) -> ParetoNbd {
    let [r, alpha, s, beta] = names.map(|name| row.number(name));
    ParetoNbd::new(r, alpha, s, beta).unwrap()
}

#[test]
fn pareto_nbd() {
    let rows = rows("pareto_nbd.csv");
    assert_eq!(rows.len(), 200);
    for row in &rows {
        let (model, history) = (pareto(row, ["r", "alpha", "s", "beta"]), history(row));
        let horizon = horizon(row, "horizon");
        let discount = Discount::continuous(row.number("discount_rate")).unwrap();
        LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
        VALUE.check(model.p_alive(&history), row.number("p_alive"), row);
        VALUE.check(model.expected_purchases(&history, horizon), row.number("expected_purchases"), row);
        VALUE.check(model.expected_purchases_new(horizon), row.number("expected_purchases_new"), row);
        VALUE.check(model.dert(&history, discount).unwrap(), row.number("dert"), row);
    }
}

fn gompertz(row: &Row, names: [&str; 5]) -> GompertzNbd {
    let [r, alpha, s, beta, b] = names.map(|name| row.number(name));
    GompertzNbd::new(r, alpha, s, beta, b).unwrap()
}

/// By `tests/golden/ggompertz_nbd.py`.
#[test]
fn ggompertz_nbd() {
    let rows = rows("ggompertz_nbd.csv");
    assert_eq!(rows.len(), 100);
    for row in &rows {
        let (model, history) = (gompertz(row, ["r", "alpha", "s", "beta", "b"]), history(row));
        LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
        VALUE.check(model.p_alive(&history), row.number("p_alive"), row);
    }
}

/// By `tests/golden/nbd.py`.
#[test]
fn nbd() {
    let rows = rows("nbd.csv");
    assert_eq!(rows.len(), 8);
    for row in &rows {
        let (model, history) = (Nbd::new(row.number("r"), row.number("alpha")).unwrap(), history(row));
        let t = horizon(row, "horizon");
        LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
        VALUE.check(model.expected_purchases(&history, t), row.number("expected_purchases"), row);
        VALUE.check(model.pmf(&history, t, row.count("n")), row.number("probability"), row);
    }
}

/// By `tests/golden/pareto_nbd_pmf.py`.
#[test]
fn pareto_nbd_pmf() {
    let rows = rows("pareto_nbd_pmf.csv");
    assert_eq!(rows.len(), 36);
    for row in &rows {
        let model = pareto(row, ["r", "alpha", "s", "beta"]);
        let p = model.pmf(&history(row), horizon(row, "horizon"), row.count("n"));
        VALUE.check(p, row.number("probability"), row);
    }
}

#[test]
fn purchases_of_a_new_customer() {
    let rows = rows("bg_nbd_pmf.csv");
    assert_eq!(rows.len(), 100);
    for row in &rows {
        let p = law::<false>(row, NAMES).pmf(&History::NEW, horizon(row, "duration"), row.count("n"));
        VALUE.check(p, row.number("probability"), row);
    }
}

#[test]
fn discounted_residual_purchases() {
    let rows = rows("bg_nbd_dert.csv");
    assert_eq!(rows.len(), 40);
    for row in &rows {
        let discount = Discount::continuous(row.number("discount_rate")).unwrap();
        let model: BgNbd = law(row, NAMES);
        // The table has twelve significant digits.
        VALUE.check(model.dert(&history(row), discount).unwrap(), row.number("dert"), row);
    }
}

/// By `tests/golden/discounted.py`: discounts from mild to far steeper than customers buy.
#[test]
fn discounted_purchases() {
    let rows = rows("discounted.csv");
    assert_eq!(rows.len(), 44);
    for row in &rows {
        match (row.count("tossed"), row.count("k")) {
            (0, 1) => {
                discounted(&law::<false>(row, NAMES), row);
                discounted(&condensed::<false>(1, row, NAMES), row);
            }
            (1, 1) => {
                discounted(&law::<true>(row, NAMES), row);
                discounted(&condensed::<true>(1, row, NAMES), row);
            }
            (0, 2) => discounted(&condensed::<false>(2, row, NAMES), row),
            (1, 12) => discounted(&condensed::<true>(12, row, NAMES), row),
            other => panic!("{other:?} is no law of this table"),
        }
    }
}

fn discounted(model: &impl Repeat, row: &Row) {
    /// Relative to small numbers too.
    const RELATIVE: f64 = 1e-9;
    let (history, discount) = (history(row), Discount::continuous(row.number("discount_rate")).unwrap());
    let near = |value: f64, expected: f64| {
        assert!((value / expected - 1.0).abs() < RELATIVE, "{value} instead of {expected} in {row:?}");
    };
    near(model.discounted_purchases(&history, horizon(row, "horizon"), discount), row.number("discounted"));
    if !row.text("dert").is_empty() {
        near(model.dert(&history, discount).unwrap(), row.number("dert"));
    }
}

#[test]
fn conditional_predictions() {
    let rows = rows("conditional.csv");
    assert_eq!(rows.len(), 368);
    for row in &rows {
        match row.text("model") {
            "bg_nbd" => conditional(&law::<false>(row, ["p1", "p2", "p3", "p4"]), row),
            "mbg_nbd" => conditional(&law::<true>(row, ["p1", "p2", "p3", "p4"]), row),
            "pareto_nbd" => {
                let model = pareto(row, ["p1", "p2", "p3", "p4"]);
                if row.text("quantity") == "log_likelihood" {
                    LOG.check(model.ln_likelihood_of(&history(row)), row.number("value"), row);
                } else {
                    conditional(&model, row);
                }
            }
            "bg_cnbd_k" => conditional_condensed::<false>(row),
            "mbg_cnbd_k" => conditional_condensed::<true>(row),
            "ggompertz_nbd" => conditional(&gompertz(row, ["p1", "p2", "p3", "p4", "p5"]), row),
            other => panic!("{other} is no model of this table"),
        }
    }
}

fn conditional_condensed<const TOSSED: bool>(row: &Row) {
    let names = ["p1", "p2", "p3", "p4"];
    match row.count("k") {
        1 => conditional(&condensed::<TOSSED>(1, row, names), row),
        2 => conditional(&condensed::<TOSSED>(2, row, names), row),
        3 => conditional(&condensed::<TOSSED>(3, row, names), row),
        4 => conditional(&condensed::<TOSSED>(4, row, names), row),
        other => panic!("there is no k = {other} in this table"),
    }
}

fn conditional(model: &impl Repeat, row: &Row) {
    if row.text("quantity") == "p_alive" {
        VALUE.check(model.p_alive(&history(row)), row.number("value"), row);
        return;
    }
    let horizon = horizon(row, "horizon");
    let answer = match row.text("quantity") {
        "expected_purchases" => model.expected_purchases(&history(row), horizon),
        "expected_purchases_new" => model.expected_purchases_new(horizon),
        "p_alive_later" => model.p_alive_later(&history(row), horizon),
        "pmf" => model.pmf(&history(row), horizon, row.count("n")),
        other => panic!("{other} is no quantity of this table"),
    };
    VALUE.check(answer, row.number("value"), row);
}

#[test]
fn gamma_gamma() {
    let rows = rows("gamma_gamma.csv");
    assert_eq!(rows.len(), 200);
    for row in &rows {
        let [p, q, gamma] = ["p", "q", "gamma"].map(|name| row.number(name));
        let model = GammaGamma::new(p, q, gamma).unwrap();
        let spend = Spend::new(row.count("frequency"), row.number("monetary")).unwrap();
        LOG.check(model.ln_likelihood_of(&spend), row.number("log_likelihood"), row);
        VALUE.check(model.expected_spend(&spend).unwrap(), row.number("expected_spend"), row);
    }
}
