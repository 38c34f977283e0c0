//! `stages.html`: a self-contained page.

use crm_analytics::lifecycle::retention::Statement;
use crm_analytics::lifecycle::{CyclePhase, Stage};
use crm_analytics::numbers::Interval;
use maud::{Markup, html};

use super::values::Measured;
use super::{Analysis, Method, pictures};
use crate::html::{figure, page, table, tile};
use crate::lifecycle;
use crate::words::{number, percent};

pub(super) fn html(analysis: &Analysis) -> String {
    let content = html! {
        h1 { "Stages of relationships" }
        p.soft { (analysis.start) " to " (analysis.end) ", " (how_many(analysis.buyers.len())) ", by " (method(analysis)) }
        (tiles(analysis))
        (where_they_stand(analysis))
        (who_moves(analysis))
        (what_they_bring(analysis))
        (how_long(analysis))
        (cohorts(analysis))
        (quarters(analysis))
        (assumptions(analysis))
        footer { "Every customer is in stages.csv; the tables are transitions.csv, stage_values.csv, cohorts.csv and survival.csv." }
    };
    page(&format!("Stages of relationships, {} to {}", analysis.start, analysis.end), &content)
}

fn how_many(customers: usize) -> String {
    format!("{} customer{}", number(customers as f64, 0), if customers == 1 { "" } else { "s" })
}

fn method(analysis: &Analysis) -> &'static str {
    match analysis.own.method {
        Method::Rules => "rules",
        Method::Hmm => "a hidden Markov model",
        Method::PAlive => "P(alive)",
    }
}

fn share(analysis: &Analysis, stage: Stage) -> f64 {
    analysis.in_stage(stage) as f64 / analysis.buyers.len() as f64
}

fn tiles(analysis: &Analysis) -> Markup {
    let in_stage = |stage: Stage| number(analysis.in_stage(stage) as f64, 0);
    html! {
        div.tiles {
            (tile(&number(analysis.buyers.len() as f64, 0), "with an order"))
            (tile(&in_stage(Stage::Exploration), "try the shop: exploration"))
            (tile(&in_stage(Stage::Formation), "growing: formation"))
            (tile(&in_stage(Stage::Stability), "regular: stability"))
            (tile(&in_stage(Stage::Decline), "fading or gone: decline"))
        }
    }
}

fn where_they_stand(analysis: &Analysis) -> Markup {
    let to_do = |stage: Stage| match stage {
        Stage::Exploration => "make the next order easy; spend little, learn much",
        Stage::Formation => "widen what is bought; keep every promise",
        Stage::Stability => "keep service up and its cost down; ask for referrals",
        Stage::Decline => "find out why; save those worth saving, let the others go",
    };
    let rows = Stage::EACH.into_iter().map(|stage| {
        let all = analysis.buyers.iter().zip(&analysis.placed.standings);
        let of_stage: Vec<usize> =
            all.filter(|(_, standing)| standing.stage == stage).map(|(buyer, _)| buyer.purchases()).collect();
        let mean = of_stage.iter().sum::<usize>() as f64 / of_stage.len().max(1) as f64;
        vec![
            stage.to_string(),
            CyclePhase::for_stage(Some(stage)).name().to_owned(),
            number(of_stage.len() as f64, 0),
            percent(share(analysis, stage)),
            if of_stage.is_empty() { String::new() } else { number(mean, 1) },
        ]
    });
    let caption = html! {
        "A relationship is explored, it forms, it is stable, it declines. "
        (percent(share(analysis, Stage::Decline))) " of the customers are in decline, "
        (percent(share(analysis, Stage::Stability))) " are stable."
    };
    let lines: Vec<&str> = analysis.placed.portrait.lines().filter(|line| !line.is_empty()).collect();
    html! {
        h2 { "Where they stand" }
        div.pair {
            (figure(lifecycle::stages("Where the relationships stand", |stage| analysis.in_stage(stage)), &caption))
            div {
                h3 { "How this is told" }
                p { (explained(analysis)) }
                ul { @for line in lines { li { (line) } } }
            }
        }
        (table(&["Stage", "<In the management cycle", "Customers", "Share", "Mean purchases"], rows))
        h3 { "What to do" }
        ul { @for stage in Stage::EACH { li { b { (stage) } ": " (to_do(stage)) "." } } }
    }
}

fn explained(analysis: &Analysis) -> &'static str {
    match analysis.own.method {
        Method::Rules => {
            "Rules that can be read and argued with, in days; the customer's own rhythm counts. Each customer's reasons in stages.csv name the cuts that would lead to another stage."
        }
        Method::Hmm => {
            "A hidden Markov model has learned the stages of this shop from the orders of each period: stable customers buy most, and silence leads to decline. It uses as many stages as can be learned from the orders. Where customers differ for good rather than change, these are kinds of customers: look at the lines below before using the names."
        }
        Method::PAlive => {
            "A model of purchases says how likely each customer is still one; the rest is rules. Decline means that 1 - P(alive) is above its cut."
        }
    }
}

fn who_moves(analysis: &Analysis) -> Markup {
    let values = &analysis.values;
    let Some(dates) = values.dates() else {
        return html! {
            h2 { "Who moves" }
            p { "The orders do not go back far enough for moves over " (analysis.placed.step_days) " days." }
        };
    };
    let names = Stage::EACH.map(Stage::name);
    let cell = |from: usize, to: usize| {
        values.share(from, to).map_or_else(String::new, |share| {
            format!("{} ({} to {})", percent(share.estimate), percent(share.lower), percent(share.upper))
        })
    };
    let rows = Stage::EACH.into_iter().enumerate().map(|(from, stage)| {
        let left: u64 = (0..names.len()).map(|to| values.count(from, to)).sum();
        let mut row = vec![stage.to_string(), number(left as f64, 0)];
        row.extend((0..names.len()).map(|to| cell(from, to)));
        row
    });
    let kept = values.share(Stage::Stability.index(), Stage::Stability.index());
    let caption = html! {
        "The last " (analysis.placed.step_days) " days. "
        @if let Some(kept) = kept { "Over all dates, " (percent(kept.estimate)) " of the stable customers were still stable a step later." }
    };
    html! {
        h2 { "Who moves" }
        (figure(pictures::moves(analysis), &caption))
        h3 { "Shares that moved within " (analysis.placed.step_days) " days" }
        (table(&["From", "Customers", names[0], names[1], names[2], names[3]], rows))
        p.soft { "Counted between " (dates + 1) " dates, each customer as often as he was seen; in brackets the limits at 95 %." }
    }
}

fn what_they_bring(analysis: &Analysis) -> Markup {
    let Some(measured) = &analysis.values.measured else {
        return html! {
            h2 { "What customers of a stage bring" }
            p { "The orders do not go back far enough to see what customers of a stage brought afterwards." }
        };
    };
    let Measured { known_on, days, values, tested_on, test } = measured;
    let what = if analysis.input.has_amounts() { "Margin" } else { "Purchases" };
    let told = |value: Option<f64>| value.map_or_else(String::new, |value| number(value, 2));
    let between = |interval: Option<Interval>| {
        let limits =
            |interval: Interval| format!("{} to {}", number(interval.lower, 2), number(interval.upper, 2));
        interval.map_or_else(String::new, limits)
    };
    let rows = Stage::EACH.into_iter().map(|stage| {
        let (value, test) = (values.of(stage), test.of(stage));
        let verdict = match test.agrees() {
            Some(true) => "within the limits",
            Some(false) => "outside",
            None => "",
        };
        vec![
            stage.to_string(),
            number(value.customers as f64, 0),
            told(value.per_year),
            between(value.interval),
            told(test.predicted),
            between(test.difference),
            verdict.to_owned(),
        ]
    });
    let caption = html! {
        (what) " per customer and year, from the " (days) " days after " (known_on) ", by the stage that was known on that day"
        @if analysis.input.has_amounts() { ", discounted to it at " (percent(analysis.options.discount_rate)) " a year" }
        "; the lines are the limits at 95 %. A stage holds different customers: bringing somebody into another stage does not make them bring what those in it brought."
    };
    html! {
        h2 { "What customers of a stage bring" }
        div.pair {
            (figure(pictures::values(analysis), &caption))
            div {
                (table(&["Stage", "Customers", "Per year", "Limits", "Predicted", "Difference", "<Back-test"], rows))
                p.soft {
                    "The prediction is what customers known to be in the stage on " (tested_on) " brought in the " (days) " days after it; the difference is what came less that, with its limits."
                    @if let Some((predicted, actual)) = test.predicted.zip(test.actual) { " Over all customers " (number(predicted, 2)) " per year was predicted, " (number(actual, 2)) " came." }
                }
            }
        }
    }
}

fn how_long(analysis: &Analysis) -> Markup {
    let curve = &analysis.survival;
    let rows = pictures::survival_rows(analysis).into_iter().map(|(days, interval)| {
        vec![
            number(f64::from(days), 0),
            percent(interval.estimate),
            percent(interval.lower),
            percent(interval.upper),
        ]
    });
    let caption = html! {
        @match curve.median() {
            Some(median) => { "Half of the relationships decline for the first time within " (number(median, 0)) " days of the first purchase." }
            None => { "More than half of the relationships never declined in the time that was seen." }
        }
        " What counts is the first decline, whether the customer came back or not. Customers who have never declined count for as long as they were seen (Kaplan and Meier)."
    };
    html! {
        h2 { "How long relationships last" }
        div.pair {
            (figure(pictures::survival(analysis), &caption))
            (table(&["Days since the first purchase", "Never declined", "at least", "at most"], rows))
        }
    }
}

fn cohorts(analysis: &Analysis) -> Markup {
    let triangle = &analysis.cohorts;
    let unit = analysis.own.cohorts.name();
    let next = triangle.retention_at(1);
    let caption = html! {
        "Each line holds the customers whose first purchase fell into one " (unit) ". "
        @if let Some(next) = next { (percent(next.estimate())) " of all customers order in the " (unit) " after their first." }
        @if !triangle.last_is_whole() { " The last field of each line is of a " (unit) " that is not over." }
    };
    let value = html! {
        "Mean over all customers of cohorts that have reached the age, whether they came back or not; ages that less than a quarter of the customers have reached are left out."
    };
    html! {
        h2 { "How cohorts fare" }
        div.pair {
            (figure(lifecycle::retention(triangle, analysis.own.cohorts), &caption))
            (figure(pictures::value_by_age(analysis), &value))
        }
    }
}

fn quarters(analysis: &Analysis) -> Markup {
    let Some(quarters) = &analysis.quarters else { return html! {} };
    let rows = quarters.rows.iter().map(|(quarter, statement)| {
        let Statement { customers, revenue, .. } = statement;
        let moved = revenue.movements();
        let rate = |rate: Option<crm_analytics::history::Decimal>| {
            let rate = rate.and_then(|rate| rate.to_string().parse().ok());
            rate.map_or_else(String::new, percent)
        };
        let money = |amount: crm_analytics::history::Decimal| {
            number(crm_analytics::history::Amount::to_f64(amount), 0)
        };
        vec![
            quarter.to_string(),
            number(customers.opening() as f64, 0),
            customers.churn().map_or_else(String::new, |churn| percent(churn.estimate())),
            number(customers.new_customers() as f64, 0),
            number(customers.returned() as f64, 0),
            money(moved.opening),
            money(moved.expansion),
            money(moved.contraction),
            money(moved.loss),
            money(moved.new),
            money(moved.returned),
            money(revenue.closing()),
            rate(revenue.gross_retention()),
            rate(revenue.net_retention()),
        ]
    });
    let head = [
        "Quarter",
        "Before",
        "Not back",
        "New",
        "Back",
        "Revenue before",
        "Expansion",
        "Contraction",
        "Loss",
        "New revenue",
        "Back again",
        "Revenue",
        "GRR",
        "NRR",
    ];
    html! {
        h2 { "Who stayed, and how much revenue" }
        p {
            "Each quarter against the one before: customers who did not order again, and what moved the revenue; somebody who paused for a quarter and came back is not new. GRR is the revenue kept without growth, NRR with it. "
            "A shop without contracts loses sight of many customers who are only slow; compare quarters with each other, not with a subscription."
            @if quarters.negative > 0 { " In " (quarters.negative) " cases a customer was given back more than he paid in a quarter; these count as nothing." }
        }
        (table(&head, rows))
    }
}

fn assumptions(analysis: &Analysis) -> Markup {
    html! {
        h2 { "What all this assumes" }
        ul {
            li { "A stage is told from orders alone. A customer who is unhappy and still buys is stable here; a season that is over looks like decline." }
            li { "Orders of one day are one purchase; amounts below zero are refunds, taken off the revenue." }
            li { "What a stage brings is what its customers brought, not what a customer gains by moving there; only a test with customers who are left alone tells that." }
            @if analysis.own.method == Method::Rules { li { "Somebody who bought once has no rhythm of his own: he is judged by the usual gap, so that many such customers are said to decline on the same day after their purchase." } }
            @if analysis.own.method == Method::PAlive { li { "A customer declines on the day on which P(alive) falls below one half, by the model of today; what a stage brings is told by a model of that day." } }
            @if analysis.input.has_amounts() { li { "One currency; margin " (percent(analysis.options.margin)) "." } }
            li { "Decline need not be the end: the moves show how many came back." }
        }
    }
}
