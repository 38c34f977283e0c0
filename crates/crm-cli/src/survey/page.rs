//! `satisfaction.html`: a self-contained page.

use crm_analytics::numbers::Interval;
use crm_analytics::satisfaction::csv::RefusedAnswer;
use crm_analytics::satisfaction::drivers::{Contrast, DriverAction, FactorClass};
use crm_analytics::satisfaction::feedback::{CaseGroup, CaseKey, CaseKind};
use crm_analytics::satisfaction::index::{GapBands, GroupIndex, IndexBands};
use crm_analytics::satisfaction::kano::KanoCategory;
use maud::{Markup, html};

use super::analysis::{ALPHA, Analysis, IndexPart, PathPart};
use super::pictures;
use crate::html::{figure, page, table, tile};

pub(super) fn html(analysis: &Analysis) -> String {
    let file = &analysis.input.file;
    let content = html! {
        h1 { "Customer satisfaction" }
        p.soft { (file.survey.len()) " respondents, intervals at 95 %" }
        (tiles(analysis))
        @if !analysis.doubts.is_empty() {
            div.doubt { @for doubt in &analysis.doubts { p { "Take care: " (doubt) "." } } }
        }
        @if let Some(index) = &analysis.index { (expectations(index, analysis)) }
        (recommendation(analysis))
        (drivers(analysis))
        (extremes(analysis))
        (kano(analysis))
        @if let Some(part) = &analysis.paths { (paths(part)) }
        (complaints(analysis))
        (what_was_read(analysis))
        footer { "Every number of this page is in the JSON file that was written with it." }
    };
    page(&format!("Customer satisfaction, {} respondents", file.survey.len()), &content)
}

fn tiles(analysis: &Analysis) -> Markup {
    let satisfied = analysis.paths.as_ref().and_then(|part| {
        let names = ["Satisfaction", "CUSA"];
        let both = part.fitted.latents().iter().zip(&part.indices);
        both.filter(|(latent, _)| names.contains(&latent.name.as_str())).find_map(|(_, index)| *index)
    });
    html! {
        div.tiles {
            (tile(&analysis.input.file.survey.len().to_string(), "respondents"))
            @if let Some(index) = &analysis.index {
                @if let Some(ratio) = index.all.ratio { (tile(&format!("{ratio:.2}"), "of what was expected was perceived (C)")) }
                @if let Some(gap) = index.all.gap { (tile(&format!("{gap:+.2}"), "points between perceived and expected")) }
            }
            @if let Some(nps) = &analysis.nps { (tile(&format!("{:+.0}", nps.interval.estimate), "net promoter score")) }
            @if let Some(index) = satisfied { (tile(&format!("{index:.0}"), "satisfaction index, 0 to 100")) }
            @if let Some(file) = &analysis.input.feedback {
                @if let Some(all) = file.cases.of_kind(CaseKind::Complaint).summary("all") {
                    (tile(&all.cases.to_string(), &format!("complaints, {} of them open", all.open)))
                }
            }
        }
    }
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

pub(crate) fn range(interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or_else(String::new, |Interval { lower, upper, .. }| {
        format!("{lower:.decimals$} to {upper:.decimals$}")
    })
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Formats a p-value for readers.
fn chance(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

fn expectations(index: &IndexPart, analysis: &Analysis) -> Markup {
    let worst = index
        .attributes
        .iter()
        .filter(|row| row.gap.is_some())
        .min_by(|one, other| one.gap.unwrap_or(0.0).total_cmp(&other.gap.unwrap_or(0.0)));
    let by_attribute = html! {
        "Left of the line customers got less than they expected. "
        @if let Some(worst) = worst { "The widest gap is that of " (worst.label) ", " (number(worst.gap, 2)) " points." }
    };
    let groups = analysis.options.groups.as_deref().unwrap_or("group");
    let by_group = html! {
        "Groups whose lines stay clear of each other differ; where lines overlap, it may be chance."
        @if index.groups.iter().any(|row| !row.enough) { " Groups of fewer than 30 say little." }
    };
    let band = index.all.ratio.map(|ratio| IndexBands::default().band(ratio));
    html! {
        h2 { "Did they get what they expected?" }
        p {
            "All in all they got " (number(index.all.ratio, 3)) " of what they expected"
            @if let Some(interval) = index.all.ratio_interval { " (" (range(Some(interval), 3)) ")" }
            @if let Some(band) = band { ": " b { (band.name().replace('_', " ")) } }
            ". The gap is " (number(index.all.gap, 2)) " points of a scale from " (index.scale.min()) " to " (index.scale.max())
            @if index.all.gap_interval.is_some() { " (" (range(index.all.gap_interval, 2)) ")" } "."
        }
        p.soft {
            "C divides the mean perception by the mean expectation of the answers as they are; the mean of everybody's own ratio"
            @if let Some(mean) = index.mean_of_ratios { " is " (number(Some(mean.value), 3)) }
            ", a different figure. Where the zero of the scale lies changes C and not the gap."
        }
        div.pair {
            (figure(pictures::ratios(&index.attributes, "By attribute"), &by_attribute))
            @if !index.groups.is_empty() { (figure(pictures::ratios(&index.groups, &format!("By {groups}")), &by_group)) }
        }
        (index_table("<Attribute", &index.attributes))
        @if !index.groups.is_empty() { (index_table(&format!("<{}", capital(groups)), &index.groups)) }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn index_table(head: &str, rows: &[GroupIndex]) -> Markup {
    let gaps = GapBands::new(0.25).ok();
    let rows = rows.iter().map(|row| {
        let word = match (gaps, row.gap) {
            _ if !row.enough => "too few to say".to_owned(),
            (Some(bands), Some(gap)) => bands.band(gap).name().replace('_', " "),
            _ => String::new(),
        };
        vec![
            row.label.clone(),
            row.respondents.to_string(),
            number(row.expected, 2),
            number(row.perceived, 2),
            number(row.ratio, 3),
            range(row.ratio_interval, 3),
            number(row.gap, 2),
            range(row.gap_interval, 2),
            word,
        ]
    });
    table(
        &[
            head,
            "Answers",
            "Expected",
            "Perceived",
            "C",
            "Interval of C",
            "Gap",
            "Interval of gap",
            "<Verdict",
        ],
        rows,
    )
}

fn recommendation(analysis: &Analysis) -> Markup {
    let Some(nps) = &analysis.nps else { return html! {} };
    let score = nps.score;
    let n = score.answers() as f64;
    // Differences between two such surveys are significant from here on.
    let apart = nps.interval.minus(nps.interval);
    let needed = f64::midpoint(apart.upper, -apart.lower);
    let caption = html! {
        "Nines and tens promote, zero to six detract. A later survey of as many people has to differ by about "
        (format!("{needed:.0}")) " points before the difference means anything."
    };
    html! {
        h2 { "Would they recommend us?" }
        p {
            "Of " (score.answers()) " answers " (percent(score.promoters() as f64 / n)) " promote, "
            (percent(score.passives() as f64 / n)) " are passive and " (percent(score.detractors() as f64 / n))
            " detract: a score of "
            @if let Some(effective) = nps.effective {
                (format!("{:+.1}", score.score())) ", and with weights " b { (format!("{:+.1}", nps.interval.estimate)) }
                " (" (range(Some(nps.interval), 1)) "), worth " (format!("{effective:.0}")) " answers of equal weight."
            } @else {
                b { (format!("{:+.1}", score.score())) } " (" (range(Some(nps.interval), 1)) ")."
            }
        }
        (figure(pictures::nps(analysis), &caption))
    }
}

fn drivers(analysis: &Analysis) -> Markup {
    let Some(part) = &analysis.drivers else { return html! {} };
    let first: Vec<&str> = part
        .matrix
        .points()
        .iter()
        .filter(|point| point.action == DriverAction::ConcentrateHere)
        .map(|point| pictures::short(analysis, &point.name))
        .collect();
    let caption = html! {
        "Importance is the share of what all drivers explain together that is due to each (" (part.way) "); the lines are the means."
        @if !first.is_empty() { " Important and below the others: " b { (first.join(", ")) } "." }
    };
    let rows = part.matrix.points().iter().zip(&part.correlation).zip(&part.regression).map(
        |((point, correlation), beta)| {
            vec![
                pictures::short(analysis, &point.name).to_owned(),
                format!("{:.2}", point.performance),
                format!("{:.1} %", 100.0 * point.importance),
                format!("{:.2}", correlation.value),
                format!("{:.2}", beta.value),
                beta.p_value.map_or_else(|| "exact".to_owned(), chance),
                point.action.name().replace('_', " "),
            ]
        },
    );
    let head = [
        "<Driver",
        "Mean",
        "Share of variance",
        "Correlation",
        "Regression",
        "p of regression",
        "<What follows",
    ];
    html! {
        h2 { "What drives " (part.outcome) "?" }
        p { "Together the drivers explain " (percent(part.r_squared)) " of the differences in " (part.outcome) " between " (part.respondents) " respondents who answered all of them." }
        (figure(pictures::drivers(analysis), &caption))
        (table(&head, rows))
        (factors(analysis))
    }
}

fn factors(analysis: &Analysis) -> Markup {
    let Some((staying, factors)) = analysis.drivers.as_ref().and_then(|part| part.factors.as_ref()) else {
        return html! {};
    };
    let cell = |contrast: Option<Contrast>| {
        contrast.map_or_else(
            || "cannot be told".to_owned(),
            |contrast| {
                let star = if contrast.is_significant(ALPHA) { "*" } else { "" };
                format!("{:+.2}{star}", contrast.value)
            },
        )
    };
    let rows = factors.iter().map(|factor| {
        vec![
            pictures::short(analysis, &factor.name).to_owned(),
            cell(factor.penalty_on_satisfaction),
            cell(factor.reward_on_satisfaction),
            cell(factor.penalty_on_staying),
            cell(factor.reward_on_staying),
            factor.class.name().replace('_', "-"),
        ]
    });
    let of = |class: FactorClass| {
        let those = factors.iter().filter(|factor| factor.class == class);
        those.map(|factor| pictures::short(analysis, &factor.name)).collect::<Vec<_>>().join(", ")
    };
    let (basic, adding, annoying) =
        (of(FactorClass::Basic), of(FactorClass::ValueAdding), of(FactorClass::Dissatisfying));
    html! {
        h3 { "What loses customers, what wins them" }
        p {
            "By how many points a bad or a good level moves satisfaction and the intention to stay (" (staying) "), all others being equal; a star marks what chance does not explain (p up to " (ALPHA) ")."
            @if !basic.is_empty() { " A bad level loses customers: " b { (basic) } "." }
            @if !adding.is_empty() { " A good level wins them: " b { (adding) } "." }
            @if !annoying.is_empty() { " Annoys, but nobody leaves for it: " b { (annoying) } "." }
        }
        (table(&["<Driver", "Bad: satisfaction", "Good: satisfaction", "Bad: stay", "Good: stay", "<Kind of factor"], rows))
    }
}

fn extremes(analysis: &Analysis) -> Markup {
    let Some(part) = &analysis.extremes else { return html! {} };
    let (worst_up_to, best_from) = part.extremes.cuts();
    let sides = part.distinctions.iter().take(8).map(|row| {
        vec![
            row.question.clone(),
            format!("{:.2}", row.worst),
            format!("{:.2}", row.best),
            range(Some(row.change.difference), 2),
            number(row.effect, 2),
        ]
    });
    let groups = part.groups.iter().map(|row| {
        let share = |share: Interval| {
            let members = share.estimate * row.respondents as f64;
            format!("{} ({members:.1} of {})", percent(share.estimate), row.respondents)
        };
        vec![
            row.label.clone(),
            share(row.worst),
            range(row.worst_excess, 2),
            share(row.best),
            range(row.best_excess, 2),
        ]
    });
    html! {
        h2 { "Who is happy, who is not?" }
        @if part.extremes.worst().is_empty() {
            p { "Answers to " (part.question) " differ too little to tell a best and a worst fifth." }
        } @else {
            p {
                "The worst fifth answered " (part.question) " with up to " (worst_up_to) ", the best with " (best_from)
                " or more. Each end is a fifth"
                @if analysis.input.file.survey.weights().is_none() { " (" (format!("{:.1}", part.extremes.size())) " respondents)" }
                ": where more gave the answer at the cut, each of them counts in part."
            }
            @if !part.groups.is_empty() {
                (table(&["<Group", "Among the worst", "Excess over the others", "Among the best", "Excess over the others"], groups))
            }
            h3 { "What sets them apart" }
            (table(&["<Question", "Mean of the worst", "Mean of the best", "Difference", "In standard deviations"], sides))
        }
    }
}

fn kano(analysis: &Analysis) -> Markup {
    let Some(file) = &analysis.input.kano else { return html! {} };
    let rows = file.features.iter().map(|feature| {
        let counts = feature.counts();
        let verdict = if feature.fong_test().mixed {
            let [one, other] = feature.fong_test().categories;
            format!("{} or {}", one.name(), other.name()).replace('_', "-")
        } else {
            feature.category().name().replace('_', "-")
        };
        let mut row = vec![feature.name().to_owned()];
        row.extend(KanoCategory::ALL.iter().map(|&category| counts.get(category).to_string()));
        row.extend([
            feature.category().to_string(),
            number(feature.better(), 2),
            number(feature.worse(), 2),
            verdict,
        ]);
        row
    });
    let caption = html! {
        "Up: how many are happier with it; to the right: how many are unhappy without it. Build what stands on the right first, then what stands at the top."
    };
    html! {
        h2 { "Which features matter?" }
        (figure(pictures::kano(analysis), &caption))
        (table(&["<Feature", "M", "O", "A", "I", "R", "Q", "Mode", "Better", "Worse", "<Verdict"], rows))
        p.soft { "M must-be, O one-dimensional, A attractive, I indifferent, R reverse, Q questionable. Two names where the counts of two categories differ by no more than chance (Fong's test)." }
        (refused("Kano replies", &file.refused))
    }
}

fn paths(part: &PathPart) -> Markup {
    let fitted = &part.fitted;
    let caption = html! {
        "Numbers are path coefficients: the change below, in standard deviations, for one standard deviation above. Wider is stronger."
    };
    let rows = fitted.paths().iter().enumerate().map(|(at, path)| {
        let interval = part.bootstrap.as_ref().and_then(|drawn| drawn.paths.get(at).copied());
        let sure = interval.is_some_and(|interval| interval.lower > 0.0 || interval.upper < 0.0);
        vec![
            format!("{} → {}", path.from, path.to),
            format!("{:.3}", path.value),
            range(interval, 3),
            if sure { "yes" } else { "no" }.to_owned(),
        ]
    });
    let latents = fitted.latents().iter().zip(&part.indices).map(|(latent, index)| {
        vec![
            latent.name.clone(),
            latent.items.to_string(),
            number(*index, 1),
            number(latent.r_squared, 3),
            format!("{:.3}", latent.ave),
            number(latent.composite_reliability, 3),
            number(latent.alpha, 3),
        ]
    });
    let apart = fitted.heterotrait_monotrait();
    let apart = apart.iter().filter(|pair| pair.ratio.is_some()).map(|pair| {
        let verdict =
            if pair.ratio.is_some_and(|ratio| ratio < 0.85) { "two things" } else { "hardly two things" };
        vec![format!("{} and {}", pair.one, pair.other), number(pair.ratio, 3), verdict.to_owned()]
    });
    let cross = fitted.loadings().iter().zip(fitted.cross_loadings()).map(|(row, with)| {
        let mut cells = vec![row.latent.clone(), row.item.clone()];
        cells.extend(with.iter().map(|loading| format!("{loading:.3}")));
        cells
    });
    let mut cross_head = vec!["<Latent variable", "<Item"];
    cross_head.extend(fitted.latents().iter().map(|latent| latent.name.as_str()));
    let loadings = fitted.loadings().iter().enumerate().map(|(at, loading)| {
        let interval = part.bootstrap.as_ref().and_then(|drawn| drawn.loadings.get(at).copied());
        vec![
            loading.latent.clone(),
            loading.item.clone(),
            format!("{:.3}", loading.weight),
            format!("{:.3}", loading.loading),
            range(interval, 3),
        ]
    });
    let weak: Vec<&str> =
        fitted.loadings().iter().filter(|row| row.loading.abs() < 0.5).map(|row| row.item.as_str()).collect();
    html! {
        h2 { "What leads to what?" }
        p {
            "PLS path model of " (fitted.respondents()) " respondents who answered all items (" (part.left_out) " did not), "
            (fitted.model().weighting()) " scheme, items " (fitted.model().metric().to_string().replace('_', " ")) "."
            @if let Some(drawn) = &part.bootstrap { " Intervals from " (drawn.resamples) " resamples." }
        }
        @if !weak.is_empty() { div.doubt { p { "Take care: " (weak.join(", ")) " shares less than a quarter of its variance with what it is to measure." } } }
        div.pair {
            (figure(pictures::paths(part), &caption))
            div { (table(&["<Path", "Coefficient", "Interval", "<Beyond chance"], rows)) }
        }
        (table(&["<Latent variable", "Items", "Index 0 to 100", "R²", "AVE", "Composite reliability", "Alpha"], latents))
        details { summary { "Do they measure different things? (heterotrait-monotrait ratio, below 0.85)" } (table(&["<Pair", "Ratio", "<Verdict"], apart)) }
        details { summary { "Loadings on every latent variable" } (table(&cross_head, cross)) }
        details { summary { "Weights and loadings" } (table(&["<Latent variable", "<Item", "Weight", "Loading", "Interval"], loadings)) }
    }
}

fn complaints(analysis: &Analysis) -> Markup {
    let Some(file) = &analysis.input.feedback else { return html! {} };
    let complaints = file.cases.of_kind(CaseKind::Complaint);
    let repeats = complaints.repeats();
    let rows = |groups: Vec<CaseGroup>| {
        groups.into_iter().map(|group| {
            vec![
                group.label,
                group.cases.to_string(),
                group.open.to_string(),
                percent(group.resolved.estimate),
                range(Some(group.resolved), 2),
                number(group.median_days, 0),
                number(group.ninety_percent_days, 0),
            ]
        })
    };
    let head = |what| [what, "Cases", "Open", "Resolved", "Interval", "Days, half", "Days, nine tenths"];
    let caption = html! { "The second column adds up: a few causes make most of the complaints." };
    html! {
        h2 { "What do they complain about?" }
        p {
            (complaints.cases().len()) " complaints up to " (file.cases.as_of()) " from " (repeats.customers) " customers; "
            (repeats.repeating) " complained more than once, and " (repeats.same_cause) " complaints came back with a cause that was there before. Open cases count as open so far, not as solved in no time."
        }
        (figure(pictures::causes(analysis), &caption))
        (table(&head("<Cause"), rows(complaints.by(CaseKey::Cause))))
        (table(&head("<Agent"), rows(complaints.by(CaseKey::Agent))))
        (table(&head("<Kind"), rows(file.cases.by(CaseKey::Kind))))
        (refused("cases", &file.refused))
    }
}

fn refused(what: &str, rows: &[RefusedAnswer]) -> Markup {
    html! {
        @if !rows.is_empty() {
            p { (rows.len()) " rows of " (what) " were refused:" }
            ul { @for row in rows.iter().take(10) { li { "line " (row.line) ": " (row.reason) @if !row.value.is_empty() { " (" (row.value) ")" } } } }
            @if rows.len() > 10 { p.soft { "The first ten; all are in the JSON file." } }
        }
    }
}

fn what_was_read(analysis: &Analysis) -> Markup {
    let file = &analysis.input.file;
    let rows = analysis.questions.iter().map(|question| {
        let tally = &question.tally;
        vec![
            question.name.clone(),
            tally.scale().to_string(),
            tally.answered().to_string(),
            tally.missing().to_string(),
            tally.does_not_apply().to_string(),
            number(question.mean, 2),
            range(question.interval, 2),
        ]
    });
    html! {
        h2 { "What was read" }
        p { (file.survey.len()) " of " (file.rows) " rows were read. Scales are the usual ones that the answers fit on, unless they were given." }
        (refused("the survey", &file.refused))
        (table(&["<Question", "Scale", "Answers", "Missing", "Does not apply", "Mean", "Interval"], rows))
    }
}
