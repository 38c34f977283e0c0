//! `satisfaction.json`: all figures of the page.

use std::collections::BTreeMap;

use crm_analytics::numbers::Interval;
use crm_analytics::satisfaction::feedback::{CaseKey, CaseKind};
use crm_analytics::satisfaction::kano::{KanoCategory, KanoFeature};
use serde_json::{Value, json};

use super::analysis::{Analysis, PathPart};

pub(super) fn of(analysis: &Analysis) -> Value {
    let file = &analysis.input.file;
    let questions: Vec<Value> = analysis
        .questions
        .iter()
        .map(|question| {
            let tally = &question.tally;
            let scale = tally.scale();
            let best = scale.best();
            json!({
                "name": question.name,
                "scale": { "min": scale.min(), "max": scale.max(), "best": best },
                "answers": tally.answered(),
                "missing": tally.missing(),
                "does_not_apply": tally.does_not_apply(),
                "mean": question.mean,
                "interval": question.interval,
                "effective_answers": question.effective,
            })
        })
        .collect();
    json!({
        "respondents": file.survey.len(),
        "rows": file.rows,
        "refused": file.refused,
        "questions": questions,
        "index": analysis.index.as_ref().map(|index| json!({
            "all": index.all,
            "mean_of_ratios": index.mean_of_ratios,
            "attributes": index.attributes,
            "groups": index.groups,
        })),
        "nps": analysis.nps.as_ref().map(|nps| json!({
            "column": nps.column,
            "score": nps.interval.estimate,
            "unweighted_score": nps.score.score(),
            "effective_answers": nps.effective,
            "promoters": nps.score.promoters(),
            "passives": nps.score.passives(),
            "detractors": nps.score.detractors(),
            "interval": nps.interval,
            "groups": nps.groups.iter().map(|(label, score, interval)| json!({
                "label": label, "score": interval.estimate, "answers": score.answers(), "interval": interval,
            })).collect::<Vec<_>>(),
        })),
        "drivers": analysis.drivers.as_ref().map(|part| json!({
            "outcome": part.outcome,
            "respondents": part.respondents,
            "r_squared": part.r_squared,
            "importance_by": part.way,
            "shares": part.shares,
            "correlation": part.correlation,
            "regression": part.regression,
            "matrix": part.matrix,
            "factors": part.factors.as_ref().map(|(staying, factors)| json!({
                "staying": staying, "alpha": super::analysis::ALPHA, "attributes": factors,
            })),
        })),
        "extremes": analysis.extremes.as_ref().map(|part| json!({
            "question": part.question,
            "worst_up_to": part.extremes.cuts().0,
            "best_from": part.extremes.cuts().1,
            "size": part.extremes.size(),
            "worst": part.extremes.worst(),
            "best": part.extremes.best(),
            "groups": part.groups,
            "distinctions": part.distinctions,
        })),
        "kano": analysis.input.kano.as_ref().map(|file| json!({
            "rows": file.rows,
            "refused": file.refused,
            "features": file.features.iter().map(feature).collect::<Vec<_>>(),
        })),
        "path_model": analysis.paths.as_ref().map(path_model),
        "complaints": analysis.input.feedback.as_ref().map(|file| {
            let complaints = file.cases.of_kind(CaseKind::Complaint);
            json!({
                "as_of": file.cases.as_of().to_string(),
                "rows": file.rows,
                "refused": file.refused,
                "kinds": file.cases.by(CaseKey::Kind),
                "causes": complaints.by(CaseKey::Cause),
                "pareto": complaints.pareto(),
                "products": complaints.by(CaseKey::Product),
                "regions": complaints.by(CaseKey::Region),
                "agents": complaints.by(CaseKey::Agent),
                "months": complaints.by(CaseKey::Month),
                "repeats": complaints.repeats(),
                "enquiries": file.cases.of_kind(CaseKind::Inquiry).by(CaseKey::Department),
                "suggestions": file.cases.of_kind(CaseKind::Suggestion).outcomes(),
            })
        }),
        "take_care": analysis.doubts,
    })
}

fn feature(feature: &KanoFeature) -> Value {
    let counts: BTreeMap<String, u64> = KanoCategory::ALL
        .iter()
        .map(|&category| (category.letter().to_string(), feature.counts().get(category)))
        .collect();
    json!({
        "feature_id": feature.name(),
        "respondents": feature.counts().respondents(),
        "counts": counts,
        "category": feature.category().letter().to_string(),
        "category_name": feature.category(),
        "better": feature.better(),
        "worse": feature.worse(),
        "lee_newcomb": feature.lee_newcomb(),
        "fong_test": feature.fong_test(),
        "continuous": feature.continuous(),
    })
}

fn path_model(part: &PathPart) -> Value {
    let fitted = &part.fitted;
    let interval = |pick: &dyn Fn() -> Option<Interval>| {
        let interval = pick();
        (interval.map(|interval| interval.lower), interval.map(|interval| interval.upper))
    };
    let paths: Vec<Value> = fitted
        .paths()
        .iter()
        .enumerate()
        .map(|(at, path)| {
            let (lower, upper) = interval(&|| part.bootstrap.as_ref()?.paths.get(at).copied());
            json!({ "from": path.from, "to": path.to, "value": path.value, "lower": lower, "upper": upper })
        })
        .collect();
    let by_item =
        |value: fn(&crm_analytics::satisfaction::path_model::Loading) -> f64| -> BTreeMap<&str, f64> {
            fitted.loadings().iter().map(|loading| (loading.item.as_str(), value(loading))).collect()
        };
    let latents = || fitted.latents().iter();
    let index: BTreeMap<&str, Option<f64>> =
        latents().zip(&part.indices).map(|(latent, index)| (latent.name.as_str(), *index)).collect();
    let loadings: Vec<Value> = fitted
        .loadings()
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let (lower, upper) = interval(&|| part.bootstrap.as_ref()?.loadings.get(at).copied());
            json!({ "item": row.item, "value": row.loading, "lower": lower, "upper": upper })
        })
        .collect();
    json!({
        "scheme": fitted.model().weighting(),
        "metric": fitted.model().metric(),
        "respondents": fitted.respondents(),
        "left_out": part.left_out,
        "path_coefficients": paths,
        "loadings": by_item(|loading| loading.loading),
        "loading_intervals": loadings,
        "against": fitted.loadings().iter().filter(|row| row.against).map(|row| row.item.as_str()).collect::<Vec<_>>(),
        "cross_loadings": fitted.loadings().iter().zip(fitted.cross_loadings())
            .map(|(row, with)| (row.item.as_str(), latents().map(|latent| latent.name.as_str()).zip(with).collect()))
            .collect::<BTreeMap<_, BTreeMap<_, f64>>>(),
        "heterotrait_monotrait": fitted.heterotrait_monotrait(),
        "alpha": latents().map(|latent| (latent.name.as_str(), latent.alpha)).collect::<BTreeMap<_, _>>(),
        "weights": by_item(|loading| loading.weight),
        "r_squared": latents()
            .filter_map(|latent| Some((latent.name.as_str(), latent.r_squared?)))
            .collect::<BTreeMap<_, _>>(),
        "ave": latents().map(|latent| (latent.name.as_str(), latent.ave)).collect::<BTreeMap<_, _>>(),
        "composite_reliability": latents()
            .map(|latent| (latent.name.as_str(), latent.composite_reliability))
            .collect::<BTreeMap<_, _>>(),
        "index": index,
        "bootstrap": part.bootstrap.as_ref().map(|drawn| json!({
            "resamples": drawn.resamples, "failed": drawn.failed,
        })),
    })
}
