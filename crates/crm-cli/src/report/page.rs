//! `report.html`: a self-contained page.

use crm_analytics::btyd::History;
use crm_analytics::charts::Quantity;
use crm_analytics::history::{Amount, DataFinding, Decimal};
use crm_analytics::segmentation::Group;
use maud::{Markup, html};

use super::costs::Profits;
use super::forecast::Trial;
use super::models::FitFacts;
use super::{Analysis, lifecycle, pictures, standing};
use crate::html::{figure, page, table, tile};
use crate::input;
use crate::words::{about, cents, count, counted, money, number, percent, plain};

pub(super) fn html(analysis: &Analysis) -> String {
    let content = html! {
        h1 { "Customer report" }
        p.soft { (analysis.start) " to " (analysis.end) ", " (counted(analysis.buyers(), "customer", "customers")) }
        (tiles(analysis))
        (what_was_read(analysis))
        (who_they_are(analysis))
        (standing::how_far_they_have_come(analysis))
        (lifecycle::where_they_stand(analysis))
        @if let Some(answers) = &analysis.answers { (standing::how_satisfied_they_are(analysis, answers)) }
        (what_they_will_do(analysis))
        @if analysis.input.has_amounts() { (what_they_are_worth(analysis)) }
        @if let Some(profits) = &analysis.profits { (what_is_left(analysis, profits)) }
        @if let Some(trial) = &analysis.trial { (did_it_come_true(trial)) }
        (assumptions(analysis))
        footer { "Every customer is in customers.csv, the totals, fits, segments and forecasts in summary.json." }
    };
    page(&format!("Customer report, {} to {}", analysis.start, analysis.end), &content)
}

fn tiles(analysis: &Analysis) -> Markup {
    let forecast = &analysis.forecast;
    let alive: f64 = forecast.p_alive.iter().sum();
    let expected: f64 = forecast.expected.iter().sum();
    let clv: Option<f64> = forecast.clv.iter().copied().sum();
    let one = |n: u64, one: &'static str, many: &'static str| if n == 1 { one } else { many };
    html! {
        div.tiles {
            (tile(&count(analysis.buyers()), one(analysis.buyers(), "customer with an order", "customers with an order")))
            @if analysis.is_forecast() { (tile(&number(alive, 0), "of them probably still customers")) }
            @if analysis.prospects() > 0 { (tile(&count(analysis.prospects()), one(analysis.prospects(), "person known without an order", "people known without an order"))) }
            @if let Some(spend) = analysis.spend { (tile(&money(spend), "spent, refunds taken off")) }
            @if analysis.is_forecast() && analysis.options.horizon > 0.0 {
                (tile(&number(expected, 0), &format!("purchases expected in {}", ahead(analysis))))
                @if let Some(clv) = clv { (tile(&about(clv), "value of the customer base over that time")) }
            }
        }
    }
}

/// Returns a phrase such as "the next 52 weeks".
fn ahead(analysis: &Analysis) -> String {
    let (horizon, unit) = (analysis.options.horizon, analysis.options.unit);
    format!("the next {} {}s", plain(horizon), unit.name())
}

fn doubts(texts: &[String]) -> Markup {
    html! {
        @if !texts.is_empty() {
            div.doubt { @for text in texts { p { "Take care: " (text) "." } } }
        }
    }
}

fn what_was_read(analysis: &Analysis) -> Markup {
    let ledger = &analysis.input.ledger;
    let quality = ledger.quality();
    let columns = &analysis.input.columns;
    let findings: [(&str, DataFinding, &str); 9] = [
        ("No customer id", quality.missing_ids, "refused"),
        ("Date does not read", quality.unreadable_dates, "refused"),
        ("Amount does not read", quality.unreadable_amounts, "refused"),
        ("Wrong number of fields, too many lines, or not text", quality.malformed_rows, "refused"),
        (
            "Same customer, day and amount as an earlier row",
            quality.duplicates,
            "kept: two equal orders on a day happen",
        ),
        ("Refunds (amount below zero)", quality.refunds, "taken off the spend, not counted as purchases"),
        (
            "Amount of zero",
            quality.zero_amounts,
            if columns.amount.is_some() { "counted as orders" } else { "no amount column" },
        ),
        (
            "Dates in the future",
            quality.future_dates,
            match analysis.summaries.rows_after() {
                0 => "kept; give --end to leave them out",
                _ => "left out where they come after the end; give --end to keep them",
            },
        ),
        ("Day and month could be swapped", quality.ambiguous_dates, "read as the date format says"),
    ];
    let place =
        |finding: DataFinding| finding.first_line.map_or_else(String::new, |line| format!("line {line}"));
    let rows = findings.into_iter().filter(|(_, finding, _)| finding.count > 0);
    let rows: Vec<_> = rows
        .map(|(what, finding, treated)| {
            vec![what.to_owned(), count(finding.count), place(finding), treated.to_owned()]
        })
        .collect();
    html! {
        h2 { "What was read" }
        p {
            (count(quality.accepted)) " of " (counted(quality.rows, "order row", "order rows")) " were read, from the columns "
            (columns.id) ", " (columns.date.as_deref().unwrap_or("-"))
            @match &columns.amount { Some(amount) => { " and " (amount) "." } None => { "; there is no amount, so that nothing is said about money." } }
            @if quality.refused() > 0 { " " (counted(quality.refused(), "row was", "rows were")) " refused and " (if quality.refused() == 1 { "is" } else { "are" }) " in no number below." }
            @if let Some(rows) = input::left_out(&analysis.summaries, &analysis.options) { " " (rows) "." }
            @if analysis.summaries.later_customers() > 0 { " " (counted(analysis.summaries.later_customers() as u64, "customer who came later is", "customers who came later are")) " in no number below." }
            @if let Some(returned) = analysis.refunds_without_order.filter(|sum| !sum.is_zero()) { " Refunds of " (money(-returned)) " belong to people of whom there is no order; they are not taken off." }
            @if let Some(first) = analysis.input.refused_from_roster.first() { " Of the roster, " (counted(analysis.input.refused_from_roster.len() as u64, "row was", "rows were")) " refused; " (first) "." }
        }
        (doubts(&quality.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()))
        @if quality.refused() * 10 > quality.rows { (doubts(&["more than a tenth of the rows is missing from everything below".to_owned()])) }
        @if quality.duplicates.count * 10 > quality.rows { (doubts(&["more than a tenth of the rows repeats an earlier one: if the file was exported twice, all money below is too much".to_owned()])) }
        @if !rows.is_empty() { (table(&["<Found", "Rows", "First in", "<What was done"], rows)) }
        @if !ledger.refused().is_empty() {
            h3 { "Refused rows" }
            ul { @for row in ledger.refused().iter().take(10) { li { "line " (row.line) ": " (row.reason) @if !row.value.is_empty() { " (" (row.value) ")" } } } }
            @if ledger.refused().len() > 10 { p.soft { "The first ten; more are in summary.json." } }
        }
    }
}

fn who_they_are(analysis: &Analysis) -> Markup {
    let segments = &analysis.segments;
    let buyers = analysis.buyers().max(1);
    let groups = segments.group_table.groups();
    let named = |names: &[&str]| {
        let found = groups.iter().filter(|group| names.contains(&group.name.as_str()));
        found.fold((0, 0.0), |(n, share), group| {
            (n + group.customers, share + group.share_of_value.unwrap_or(0.0))
        })
    };
    let (leaving, at_stake) = named(&["At Risk", "Cannot Lose Them"]);
    let mean_of = |name: &str, at: usize| {
        let group = groups.iter().find(|group| group.name == name && group.customers > 0)?;
        group.means.get(at).copied().flatten()
    };
    // Segment names follow from the cells alone, and may not match the behavior of the customers in
    // them.
    let all_idle: f64 = groups
        .iter()
        .filter_map(|group| Some(group.means.first().copied().flatten()? * group.customers as f64))
        .sum::<f64>()
        / buyers as f64;
    let long_idle = mean_of("New Customers", 0).filter(|idle| *idle > all_idle);
    let once_only = mean_of("Cannot Lose Them", 1).filter(|purchases| *purchases < 1.5);
    let (champions, theirs) = named(&["Champions"]);
    let largest =
        groups.iter().filter(|group| group.name != "No Order Yet").max_by_key(|group| group.customers);
    let once = analysis.forecast.histories.iter().filter(|history| history.frequency() == 0).count() as u64;
    let ratio = segments.class_table.as_ref().and_then(|table| {
        let mean = |groups: Vec<&Group<Decimal>>| {
            let customers: u64 = groups.iter().map(|group| group.customers).sum();
            let spend: f64 = groups.iter().map(|group| group.value.to_f64()).sum();
            (customers > 0 && spend > 0.0).then(|| spend / customers as f64)
        };
        let (best, others) = table.groups().iter().partition(|group| group.name == "A");
        Some(mean(best)? / mean(others)?)
    });
    let abc = html! {
        @if let Some(table) = &segments.class_table {
            @if let Some(a) = table.get("A") {
                "Class A, " (counted(a.customers, "customer", "customers")) " or " (percent(a.customers as f64 / buyers as f64))
                " of all, brings " (percent(a.share_of_value.unwrap_or(0.0))) " of the spend."
                @if let Some(ratio) = ratio { " One of them spends as much as " (number(ratio, 0)) " of the others." }
            }
        }
    };
    let spend = html! {
        (percent(once as f64 / buyers as f64)) " of the customers have bought once. The scale is logarithmic: each step to the right is several times as much."
    };
    let cells = html! {
        "Each field holds the customers of one recency and one frequency score; its color is what they spent on average. Look at the upper left: good customers who have not been seen for long."
    };
    let bars = html! {
        @if let Some(largest) = largest { "The largest segment is " (largest.name) " with " (percent(largest.customers as f64 / buyers as f64)) " of the customers. " }
        @if champions > 0 && analysis.input.has_amounts() { "The " (counted(champions, "champion", "champions")) " bring " (percent(theirs)) " of the spend. " }
        @if leaving > 0 {
            "The first to call are the " (count(leaving)) " in At Risk and Cannot Lose Them"
            @if analysis.input.has_amounts() { ": they brought " (percent(at_stake)) " of the spend and are slipping away" } "."
        }
        @if let Some(idle) = long_idle { " The name New Customers misleads here: these customers have been idle for " (number(idle, 0)) " days on average." }
        @if once_only.is_some() { " Most of those in Cannot Lose Them have bought once: large buyers, not regular ones." }
    };
    html! {
        h2 { "Who the customers are" }
        @if analysis.input.has_amounts() {
            div.pair { (figure(pictures::pareto(analysis), &abc)) (figure(pictures::spend_histogram(analysis), &spend)) }
            (class_table(analysis))
        }
        div.pair { (figure(pictures::rfm(analysis), &cells)) (figure(pictures::segments(analysis), &bars)) }
        (segment_table(analysis))
    }
}

fn class_table(analysis: &Analysis) -> Markup {
    let Some(classes) = &analysis.segments.class_table else { return html! {} };
    let rows = classes.groups().iter().filter(|group| group.customers > 0).map(|group| {
        vec![
            if group.name.len() == 1 {
                format!("Class {}", group.name)
            } else {
                "Nothing or less".to_owned()
            },
            count(group.customers),
            percent(group.share_of_customers),
            money(group.value),
            group.share_of_value.map_or_else(String::new, percent),
            group.mean_value.map_or_else(String::new, |mean| number(mean, 2)),
        ]
    });
    table(&["ABC", "Customers", "Share", "Spend", "Share of spend", "Mean spend"], rows)
}

fn segment_table(analysis: &Analysis) -> Markup {
    let has_amounts = analysis.input.has_amounts();
    let mut head = vec!["RFM segment", "Customers", "Share", "Mean idle days", "Mean purchases"];
    if has_amounts {
        head.extend(["Spend", "Share of spend", "Mean spend"]);
    }
    let buyers = analysis.buyers().max(1) as f64;
    let rows =
        analysis.segments.group_table.groups().iter().filter(|group| group.customers > 0).map(|group| {
            let no_order = group.name == "No Order Yet";
            let mean = |at: usize, decimals| {
                let value = group.means.get(at).copied().flatten();
                value.map_or_else(String::new, |value| number(value, decimals))
            };
            let share = if no_order { String::new() } else { percent(group.customers as f64 / buyers) };
            let mut row = vec![group.name.clone(), count(group.customers), share, mean(0, 0), mean(1, 1)];
            if has_amounts && no_order {
                row.extend([String::new(), String::new(), String::new()]);
            } else if has_amounts {
                row.push(money(group.value));
                row.push(group.share_of_value.map_or_else(String::new, percent));
                row.push(group.mean_value.map_or_else(String::new, |mean| number(mean, 2)));
            }
            row
        });
    table(&head, rows)
}

fn fit_table(facts: &[&FitFacts]) -> Markup {
    let rows = facts.iter().flat_map(|fit| {
        fit.parameters.iter().enumerate().map(|(at, (name, value, error))| {
            let first = |text: String| if at == 0 { text } else { String::new() };
            vec![
                first(fit.name.to_owned()),
                (*name).to_owned(),
                number(*value, 4),
                error.map_or_else(|| "not known".to_owned(), |error| number(error, 4)),
                first(count(fit.customers)),
                first(number(fit.ln_likelihood, 2)),
            ]
        })
    });
    table(&["<Model", "<Parameter", "Estimate", "Standard error", "Customers", "Log-likelihood"], rows)
}

fn what_they_will_do(analysis: &Analysis) -> Markup {
    let forecast = &analysis.forecast;
    let facts = forecast.purchases.facts();
    let expected: f64 = forecast.expected.iter().sum();
    let alive: f64 = forecast.p_alive.iter().sum();
    let buyers = analysis.buyers().max(1) as f64;
    let mut ranked = forecast.expected.clone();
    ranked.sort_by(|a, b| b.total_cmp(a));
    let tenth: f64 = ranked.iter().take(ranked.len().div_ceil(10)).sum();
    let (actual, modelled) = &forecast.counts;
    let off =
        actual.iter().zip(modelled).map(|(&actual, modelled)| (actual as f64 - modelled).abs()).sum::<f64>()
            / 2.0;
    let course = &analysis.course;
    let last = course.actual.last().copied().unwrap_or(0.0);
    let gaps: Vec<String> = course
        .expected
        .iter()
        .filter_map(|(name, values)| {
            let gap = values.last()? / last.max(1.0) - 1.0;
            let word = if gap >= 0.0 { "more" } else { "fewer" };
            Some(format!("{name} has {} {word}", percent(gap.abs())))
        })
        .collect();
    let oldest = forecast.histories.iter().map(History::age).fold(0.0, f64::max);
    let p_alive = html! {
        "The color bar says how likely somebody with that past is still a customer. Read upwards where the last purchase is long ago: there, whoever bought more often is the more likely gone, because so long a silence is less like them. The fields are for customers first seen "
        (number(oldest, 0)) " " (analysis.options.unit.name()) "s ago; the dots are customers about as old."
    };
    let matrix = html! {
        "The purchases to come are made in the upper right: often, and lately."
        @if expected > 0.0 { " The tenth of customers with the best prospects is expected to make " (percent(tenth / expected)) " of all purchases." }
    };
    let counts = html! {
        "If the bars of each pair were equally high, the model would describe the data perfectly. Here "
        (percent(off / buyers)) " of the customers would have to change places."
    };
    let tracked = html! {
        "The line of what happened ends at " (number(last, 0)) " repeat purchases; " (gaps.join(", ")) "."
        @if analysis.trial.is_some() { " The models saw nothing to the right of the mark." }
    };
    html! {
        h2 { "What they will do" }
        @if !analysis.is_forecast() { p { "Nobody has bought twice, so that nothing can be said about who comes back. The numbers in customers.csv are guesses." } }
        @else { p {
            "Nobody tells a shop that they will not come back. The " (facts.name) " model infers it from each customer's own rhythm: of "
            (counted(analysis.buyers(), "customer", "customers")) ", about " (number(alive, 0)) " (" (percent(alive / buyers)) ") are probably still customers. In "
            (ahead(analysis)) " they are expected to make about " (number(expected, 0)) " purchases"
            @if let Some((low, high)) = forecast.bounds { " (between " (number(low, 0)) " and " (number(high, 0)) ", as far as the parameters are uncertain)" } "."
        } }
        (doubts(&facts.doubts))
        div.pair {
            (figure(pictures::matrix(analysis, Quantity::ProbabilityAlive), &p_alive))
            (figure(pictures::matrix(analysis, Quantity::ExpectedPurchases), &matrix))
        }
        div.pair { (figure(pictures::purchase_counts(analysis), &counts)) (figure(pictures::course(analysis), &tracked)) }
        h3 { "The fits" }
        (fit_table(&std::iter::once(&facts).chain(&forecast.spend_facts).collect::<Vec<_>>()))
    }
}

fn what_they_are_worth(analysis: &Analysis) -> Markup {
    let forecast = &analysis.forecast;
    let spend = match &forecast.spend_facts {
        Ok(spend) => spend,
        Err(why) => {
            return html! {
                h2 { "What they are worth" }
                p { "Nothing can be said about the value of purchases to come: " (why) "." }
            };
        }
    };
    let total: Option<f64> = forecast.clv.iter().copied().sum();
    let mut best: Vec<(f64, usize)> =
        forecast.clv.iter().enumerate().filter_map(|(at, clv)| Some(((*clv)?, at))).collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    let tenth: f64 = best.iter().take(best.len().div_ceil(10)).map(|row| row.0).sum();
    let caption = html! {
        @if let Some(total) = total {
            "The tenth of customers that is worth most holds " (percent(tenth / total.max(f64::MIN_POSITIVE)))
            " of the value. Each value is an expectation: single customers will be worth far more or nothing."
        }
    };
    let by_segment = html! {
        "Where the value to come sits. A segment that has brought much and holds little is one that has been lost."
    };
    let ids: Vec<(&String, Decimal)> =
        analysis.summaries.buyers().map(|(_, id, buyer)| (id, buyer.spend)).collect();
    let rows = best.iter().take(10).filter_map(|&(clv, at)| {
        let (id, spend) = ids.get(at)?;
        Some(vec![
            (*id).clone(),
            money(*spend),
            percent(*forecast.p_alive.get(at)?),
            number(*forecast.expected.get(at)?, 1),
            forecast.spend.get(at)?.map_or_else(String::new, |value| number(value, 2)),
            number(clv, 2),
        ])
    });
    let margin = analysis.options.margin;
    html! {
        h2 { "What they are worth" }
        p {
            @match total {
                Some(total) => {
                    "Purchases of " (ahead(analysis)) " are worth " (about(total)) " today: expected purchases times the expected value of each, discounted at "
                    (percent(analysis.options.discount_rate)) " a year, "
                    @if margin < 1.0 { "of which " (percent(margin)) " is earned." } @else { "at a margin of 100 %, so that this is revenue." }
                }
                None => { "The value of a purchase has no mean in this data, so that no customer value is given; see below." }
            }
        }
        (doubts(&spend.doubts))
        @if forecast.spends_left_out > 0 {
            p { (counted(forecast.spends_left_out, "customer", "customers")) " whose repeat purchases came to nothing or less were left out when the value of a purchase was learnt; their own is that of the smallest spend." }
        }
        div.pair {
            (figure(pictures::clv_histogram(analysis), &caption))
            (figure(pictures::clv_by_segment(analysis), &by_segment))
        }
        @if best.first().is_some_and(|best| best.0 > 0.0) {
            h3 { "The ten who are worth most" }
            (table(&["<Customer", "Spent so far", "Still a customer", "Purchases to come", "Each", "Value"], rows))
        }
    }
}

fn what_is_left(analysis: &Analysis, profits: &Profits) -> Markup {
    let ranking = &profits.ranking;
    let losers = ranking.loss_makers().count() as u64;
    let everyone = analysis.summaries.everyone().enumerate();
    let buyers: Vec<_> =
        everyone.filter_map(|(person, (_, id, summary))| Some((person, id, summary?.spend))).collect();
    let rows = ranking.loss_makers().take(10).filter_map(|row| {
        let place = *profits.ranked.get(row.customer)?;
        let (person, id, spend) = buyers.get(place)?;
        let class = analysis.segments.classes.name(*person);
        let cost = profits.costs.get(place).copied().flatten()?;
        Some(vec![
            (*id).clone(),
            class.unwrap_or_default().to_owned(),
            money(*spend),
            money(cost),
            cents(row.profit),
        ])
    });
    let caption = html! {
        "The curve adds up the customers' profits, the best first. It climbs to " (cents(profits.earned())) " over "
        (counted(ranking.earners() as u64, "customer", "customers")) "; the others bring it down to " (cents(ranking.total())) "."
    };
    html! {
        h2 { "What is left after the cost to serve" }
        p {
            "Of a margin of " (percent(analysis.options.margin)) " on what was spent, the cost of the relationship is taken off. "
            (counted(ranking.earners() as u64, "customer earns", "customers earn")) " " (cents(profits.earned())) "; " (counted(losers, "customer loses", "customers lose")) " " (cents(ranking.lost().get()))
            " of it. What is left is " (cents(ranking.total())) "."
            @if profits.without() > 0 { " Of " (counted(profits.without(), "customer", "customers")) " the costs are not known: they are in none of these numbers." }
            @if profits.strangers > 0 { " " (counted(profits.strangers, "line", "lines")) " of the cost file belong to people without an order." }
        }
        div.pair { (figure(pictures::whale(profits), &caption)) }
        @if losers > 0 {
            h3 { "The ten who lose most" }
            (table(&["<Customer", "<Class by spend", "Spent", "Cost", "Profit"], rows))
        }
    }
}

fn did_it_come_true(trial: &Trial) -> Markup {
    let rows = trial
        .models
        .iter()
        .map(|(model, accuracy)| (model.facts().name, accuracy))
        .chain(trial.naive.iter().map(|(rule, accuracy)| (*rule, accuracy)))
        .map(|(name, accuracy)| {
            vec![
                name.to_owned(),
                number(accuracy.predicted_total, 1),
                count(accuracy.actual_total),
                number(accuracy.mae, 3),
                number(accuracy.rmse, 3),
                accuracy.auc.map_or_else(|| "none".to_owned(), |auc| number(auc, 3)),
                accuracy.top_decile.map_or_else(|| "none".to_owned(), percent),
            ]
        });
    let best = trial.models.iter().min_by(|a, b| a.1.rmse.total_cmp(&b.1.rmse));
    let naive = trial.naive.iter().min_by(|a, b| a.1.rmse.total_cmp(&b.1.rmse));
    let facts: Vec<FitFacts> =
        trial.models.iter().map(|(model, _)| model.facts()).chain(trial.spend_facts.clone()).collect();
    let all_doubts: Vec<String> = facts
        .iter()
        .flat_map(|fit| fit.doubts.iter().map(|doubt| format!("{}: {doubt}", fit.name)))
        .collect();
    html! {
        h2 { "Did such forecasts come true?" }
        p {
            "The models were fitted once more to the days up to " (trial.calibration_end) " and asked for the time after it; then the answer was compared with what happened."
            @if trial.born_in_holdout > 0 { " " (counted(trial.born_in_holdout as u64, "customer who came later is", "customers who came later are")) " in no forecast." }
            @if let (Some((model, accuracy)), Some((rule, naive))) = (best, naive) {
                " The best model, " (model.facts().name) ", "
                @if accuracy.rmse < naive.rmse { "beats the best rule of thumb (" (rule) ") by " (percent(1.0 - accuracy.rmse / naive.rmse)) " in the root of the mean squared error." }
                @else { "does not beat the rule of thumb \u{201c}" (rule) "\u{201d} here: use the rule." }
            }
        }
        (doubts(&all_doubts))
        (table(&["Forecast", "Predicted", "Happened", "Mean error", "Root of mean square", "AUC", "Best tenth holds"], rows))
        p.soft { "AUC: how often a customer who bought was put before one who did not; 0.5 is chance. Best tenth: share of all purchases made by the tenth that was predicted most." }
        h3 { "The fits to the calibration" }
        (fit_table(&facts.iter().collect::<Vec<_>>()))
    }
}

fn assumptions(analysis: &Analysis) -> Markup {
    let options = &analysis.options;
    html! {
        h2 { "What all this assumes" }
        ul {
            li { "Rules: " (analysis.summaries.observation().rules()) ". Observed up to " (analysis.end) "." }
            li { "RFM scores are fifths of the customers, 5 the best, from days since the last order, purchase days"
                @if analysis.input.has_amounts() { " and spend" } @else { "; without amounts the frequency stands in for the money, so that a cell reads R F F" }
                ". Scores are relative: they move when customers are added." }
            @if analysis.input.has_amounts() { li { "ABC: class A ends with the customer who brings the sum to 80 % of the spend, class B at 95 %." } }
            li { "While somebody is a customer, purchases come at a steady random rate of their own; after "
                @if analysis.forecast.purchases.facts().name == "BG/NBD" { "each repeat purchase" } @else { "each purchase" }
                " they may be gone for good. Seasons, campaigns and prices are not in the model." }
            @if analysis.input.has_amounts() { li { "The value of purchases does not depend on how often somebody buys; one currency; margin " (percent(options.margin)) ", discount " (percent(options.discount_rate)) " a year." } }
            li { "An expectation is right on average over many customers, not for each." }
        }
    }
}
