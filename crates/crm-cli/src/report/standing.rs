//! Page section about loyalty and satisfaction.

use maud::{Markup, html};

use super::answers::Answers;
use super::{Analysis, pictures};
use crate::html::{figure, table};
use crate::survey;
use crate::words::{count, counted, money, number, percent};

/// Maximum number of rows in a list of people.
const MOST: usize = 10;

pub(super) fn how_far_they_have_come(analysis: &Analysis) -> Markup {
    let loyalty = &analysis.loyalty;
    let steps = loyalty.climb.steps();
    let weakest = steps
        .iter()
        // A level without customers may be one that cannot be seen from orders.
        .filter(|step| step.reached > 0)
        .filter_map(|step| Some((step.name.as_str(), step.conversion?)))
        .min_by(|one, other| one.1.estimate.total_cmp(&other.1.estimate));
    let pyramid = html! {
        "Everybody counts on each level that they have reached. "
        @if let Some((name, share)) = weakest {
            "Most are lost on the way to " b { (name) } ": " (percent(share.estimate)) " of those one level below get there ("
            (percent(share.lower)) " to " (percent(share.upper)) ")."
        }
    };
    let moved = html! {
        @if let Some(moved) = &analysis.moved {
            @let moves = moved.migration.moves();
            "From " (moved.cut) " to " (analysis.end) " " (counted(moves.up, "customer rose", "customers rose")) " and "
            (counted(moves.down, "fell", "fell")) "; " (count(moves.entered)) " are new. A class is a place in the ranking: whoever keeps still is overtaken."
        }
    };
    let states = loyalty.states.names().iter().zip(loyalty.states.counts());
    let states: Vec<String> =
        states.filter(|(_, n)| *n > 0).map(|(name, n)| format!("{} {name}", count(n))).collect();
    html! {
        h2 { "How far they have come, and whom to contact" }
        p { "By state: " (states.join(", ")) "." }
        div.pair {
            (figure(loyalty.pyramid().ok(), &pyramid))
            @if let Some(moved_picture) = analysis.moved.as_ref().and_then(|moved| moved.picture().ok()) { (figure(Some(moved_picture), &moved)) }
        }
        (contacts(analysis))
    }
}

/// Lists the customers to contact first, by class and, within a class, by expected value.
fn contacts(analysis: &Analysis) -> Markup {
    let due = &analysis.loyalty.due;
    let mut list: Vec<usize> = due.list();
    let everyone: Vec<_> = analysis.summaries.everyone().collect();
    let buyers = everyone.iter().enumerate().filter(|(_, (.., summary))| summary.is_some());
    let forecast = &analysis.forecast;
    // Sorted by value if available, else by expected purchases; people without an order have
    // neither.
    let mut worth = vec![-1.0; everyone.len()];
    for ((person, _), (clv, expected)) in buyers.zip(forecast.clv.iter().zip(&forecast.expected)) {
        if let Some(slot) = worth.get_mut(person) {
            *slot = clv.unwrap_or(*expected);
        }
    }
    let class = |person: usize| analysis.segments.classes.codes().get(person).copied();
    let worth_of = |person: usize| worth.get(person).copied().unwrap_or(-1.0);
    list.sort_by(|&one, &other| {
        class(one).cmp(&class(other)).then(worth_of(other).total_cmp(&worth_of(one)))
    });
    let rows = list.iter().take(MOST).filter_map(|&person| {
        let (_, id, summary) = everyone.get(person)?;
        let late = due.overdue().get(person).copied().unwrap_or(0);
        let mut row = vec![
            (*id).clone(),
            analysis.segments.classes.name(person).unwrap_or_default().to_owned(),
            analysis.segments.groups.name(person).unwrap_or_default().to_owned(),
            summary.as_ref().map_or_else(String::new, |summary| summary.last_purchase.to_string()),
            due.next().get(person).copied().flatten().map_or_else(String::new, |day| day.to_string()),
            count(u64::from(late)),
        ];
        if analysis.input.has_amounts() {
            row.insert(3, summary.as_ref().map_or_else(String::new, |summary| money(summary.spend)));
        }
        Some(row)
    });
    let mut head = vec!["<Customer", "<Class", "<Segment", "Last order", "Next contact", "Days late"];
    if analysis.input.has_amounts() {
        head.insert(3, "Spent");
    }
    html! {
        h3 { "Whom to contact next" }
        p {
            "With a contact a week for class A, one every 15 days for B and one every 30 for C, counted from the last order, "
            (counted(list.len() as u64, "person is", "people are")) " overdue or due: the best class first, and in it whoever is worth most from now on."
        }
        @if !list.is_empty() { (table(&head, rows)) }
    }
}

pub(super) fn how_satisfied_they_are(analysis: &Analysis, answers: &Answers) -> Markup {
    let survey = &answers.survey;
    let file = &survey.input.file;
    let customers = answers.attitude.people.len();
    let regions = &answers.attitude.regions;
    let share = |name: &str| {
        let found = regions.names().iter().zip(regions.counts()).find(|(known, _)| *known == name);
        found.map_or(0, |(_, n)| n)
    };
    let matrix = html! {
        "Each dot is a customer who answered. Satisfied and loyal: " (count(share("apostle"))) " apostles. Loyal though not satisfied: "
        (count(share("hostage"))) " hostages, who leave as soon as they can."
    };
    let by_segment = html! { "Segments whose lines stay clear of each other differ; where lines overlap, it may be chance." };
    let by_attribute = html! {
        "Perceived over expected: left of the line customers got less than they expected."
    };
    html! {
        h2 { "How satisfied they are" }
        p {
            (counted(customers as u64, "customer has", "customers have")) " answered the question \u{201c}" (answers.question) "\u{201d}; on a scale from 0 to 100 their mean is "
            b { (number(answers.mean.estimate, 1)) } " (" (number(answers.mean.lower, 1)) " to " (number(answers.mean.upper, 1)) ")."
            @if let Some(nps) = &survey.nps { " Net promoter score " (format!("{:+.0}", nps.score.score())) " (" (survey::range(Some(nps.interval), 0)) ")." }
            @if let Some(ratio) = survey.index.as_ref().and_then(|index| index.all.ratio_interval) {
                " They got " (number(ratio.estimate, 2)) " of what they expected (" (survey::range(Some(ratio), 2)) ")."
            }
            @if !file.refused.is_empty() { " " (counted(file.refused.len() as u64, "row of the survey was", "rows of the survey were")) " refused; see summary.json." }
            @if answers.attitude.unknown > 0 { " " (counted(answers.attitude.unknown as u64, "answer comes", "answers come")) " from people without an order." }
        }
        div.pair {
            (figure(answers.attitude.picture().ok().flatten(), &matrix))
            (figure(pictures::satisfaction(answers), &by_segment))
        }
        @if let Some(index) = &survey.index { (figure(survey::ratios(&index.attributes, "Did they get what they expected?"), &by_attribute)) }
        (unhappy(analysis, answers))
    }
}

/// Lists the dissatisfied customers with the highest spend.
fn unhappy(analysis: &Analysis, answers: &Answers) -> Markup {
    let everyone: Vec<_> = analysis.summaries.everyone().collect();
    let mut people: Vec<_> = answers
        .unhappy()
        .into_iter()
        .filter_map(|person| {
            let (_, id, summary) = everyone.get(person)?;
            Some((person, *id, summary.as_ref()?))
        })
        .collect();
    let has_amounts = analysis.input.has_amounts();
    people.sort_by(|one, other| {
        let by_spend = other.2.spend.cmp(&one.2.spend);
        if has_amounts { by_spend } else { other.2.purchases.cmp(&one.2.purchases) }
    });
    let rows = people.iter().take(MOST).filter_map(|(person, id, summary)| {
        let (answer, region) = answers.by_person.get(person)?;
        let mut row = vec![
            (*id).clone(),
            analysis.segments.groups.name(*person).unwrap_or_default().to_owned(),
            count(u64::from(summary.purchases)),
            number(*answer, 0),
            region.clone(),
        ];
        if has_amounts {
            row.insert(2, money(summary.spend));
        }
        Some(row)
    });
    let mut head = vec!["<Customer", "<Segment", "Purchase days", "Satisfaction", "<Kind"];
    if has_amounts {
        head.insert(2, "Spent");
    }
    html! {
        @if !people.is_empty() {
            h3 { "Whom to ask what went wrong" }
            p { (counted(people.len() as u64, "customer is", "customers are")) " not satisfied (below 50). First those who brought most." }
            (table(&head, rows))
        }
    }
}
