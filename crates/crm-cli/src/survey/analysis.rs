//! All computations, before any text is written.

use crm_analytics::numbers::{Interval, Level, Share};
use crm_analytics::satisfaction::drivers::{
    DriverCoefficient, Drivers, Factor, Importance, ImportancePerformance, PenaltyReward, QuadrantCut,
    RedundantMark,
};
use crm_analytics::satisfaction::extremes::{Distinction, Extremes, GroupShare};
use crm_analytics::satisfaction::index::{GroupIndex, MINIMUM_SAMPLE, MeanOfRatios, Origin, Pairs};
use crm_analytics::satisfaction::path_model::{Metric, PathModelBootstrap, PathModelFit};
use crm_analytics::satisfaction::scores::{Mean, Nps, NpsMethod, Weighted};
use crm_analytics::satisfaction::{Question, Scale, Survey, Tally};

use super::input::{Input, Model};
use super::options::Options;
use crate::Error;

const RESAMPLES: usize = 1_000;
const SEED: u64 = 1;
/// Above this number of drivers, shares of R2 come from relative weights instead of all subsets.
const MOST_FOR_SHAPLEY: usize = 12;
/// Significance level of every test on the page.
pub(super) const ALPHA: f64 = 0.05;

pub(crate) struct Analysis {
    pub(crate) input: Input,
    pub(super) options: Options,
    pub(super) questions: Vec<QuestionPart>,
    pub(crate) index: Option<IndexPart>,
    pub(crate) nps: Option<NpsPart>,
    /// Question about overall satisfaction, if there is one.
    pub(crate) outcome: Option<String>,
    pub(super) drivers: Option<DriverPart>,
    pub(super) extremes: Option<ExtremePart>,
    pub(super) paths: Option<PathPart>,
    /// Reasons why requested parts are missing, for the reader.
    pub(crate) doubts: Vec<String>,
}

pub(super) struct QuestionPart {
    pub(super) name: String,
    pub(super) tally: Tally,
    pub(super) mean: Option<f64>,
    pub(super) interval: Option<Interval>,
    /// Effective number of answers, if respondents have weights.
    pub(super) effective: Option<f64>,
}

pub(crate) struct IndexPart {
    pub(crate) all: GroupIndex,
    pub(crate) mean_of_ratios: Option<MeanOfRatios>,
    pub(crate) attributes: Vec<GroupIndex>,
    pub(crate) groups: Vec<GroupIndex>,
    pub(crate) scale: Scale,
}

pub(crate) struct NpsPart {
    pub(crate) column: String,
    /// Unweighted score.
    pub(crate) score: Nps,
    /// Weighted score, if respondents have weights.
    pub(crate) interval: Interval,
    pub(crate) effective: Option<f64>,
    pub(crate) groups: Vec<(String, Nps, Interval)>,
}

pub(super) struct DriverPart {
    pub(super) outcome: String,
    pub(super) respondents: usize,
    pub(super) r_squared: f64,
    pub(super) way: &'static str,
    pub(super) shares: Vec<Importance>,
    pub(super) correlation: Vec<Importance>,
    pub(super) regression: Vec<DriverCoefficient>,
    pub(super) matrix: ImportancePerformance,
    pub(super) factors: Option<(String, Vec<Factor>)>,
}

pub(super) struct ExtremePart {
    pub(super) question: String,
    pub(super) extremes: Extremes,
    pub(super) groups: Vec<GroupShare>,
    pub(super) distinctions: Vec<Distinction>,
}

pub(super) struct PathPart {
    pub(super) fitted: PathModelFit,
    pub(super) bootstrap: Option<PathModelBootstrap>,
    /// Score of every latent variable, from 0 to 100.
    pub(super) indices: Vec<Option<f64>>,
    pub(super) left_out: usize,
}

impl Analysis {
    pub(super) fn of(input: Input, options: Options) -> Result<Self, Error> {
        let survey = &input.file.survey;
        let mut doubts = Vec::new();
        let questions = survey.columns().iter().map(|column| question(survey, column)).collect();
        let index = index(&input, &options)?;
        let nps = options.nps.as_deref().map(|column| nps(survey, column, &options)).transpose()?;
        let outcome = outcome(survey, &options);
        let (drivers, extremes) = match &outcome {
            Some(outcome) => {
                let drivers = drivers(survey, outcome, &options, &input, &mut doubts);
                (drivers, extremes(survey, outcome, &options, &mut doubts))
            }
            None => (None, None),
        };
        let paths = input.model.as_ref().map(|model| paths(survey, model, &options)).transpose()?;
        for part in drivers.iter().filter_map(|part| part.factors.as_ref()) {
            doubts.extend(part.1.iter().filter_map(redundant));
        }
        doubts.extend(paths.as_ref().and_then(against));
        if survey.weights().is_some() && (drivers.is_some() || paths.is_some()) {
            doubts
                .push("drivers and path models count every respondent once, whatever the weight".to_owned());
        }
        Ok(Self { questions, index, nps, outcome, drivers, extremes, paths, doubts, input, options })
    }

    /// Returns a summary of a few lines, for the terminal.
    pub(super) fn in_words(&self) -> String {
        let file = &self.input.file;
        let mut lines = vec![format!(
            "{} rows read, {} accepted, {} refused",
            file.rows,
            file.survey.len(),
            file.refused.len()
        )];
        lines.extend(file.refused.iter().take(10).map(|row| format!("  {row}")));
        if let Some(index) = &self.index
            && let Some(ratio) = index.all.ratio_interval
        {
            lines.push(format!("C = {ratio} of {} respondents", index.all.respondents));
        }
        if let Some(nps) = &self.nps {
            lines.push(format!("NPS {}", nps.score));
            if nps.effective.is_some() {
                lines.push(format!("NPS with weights {:+.1}", nps.interval.estimate));
            }
        }
        if let Some(paths) = &self.paths {
            lines.push(paths.fitted.to_string());
        }
        lines.extend(self.doubts.iter().map(|doubt| format!("take care: {doubt}")));
        lines.join("\n")
    }
}

/// Counts the answers to a question and computes their weighted mean.
fn question(survey: &Survey, column: &Question) -> QuestionPart {
    let (tally, level) = (column.tally(), Level::default());
    let name = column.name().to_owned();
    if survey.weights().is_some() {
        let mean = Weighted::mean_in(survey, column.name()).ok();
        let interval = mean.and_then(|mean| mean.interval(level));
        let effective = mean.map(|mean| mean.effective);
        return QuestionPart { name, tally, mean: mean.map(|mean| mean.value), interval, effective };
    }
    let mean = Mean::from_tally(&tally).ok();
    let interval = mean.and_then(|mean| mean.interval(level));
    QuestionPart { name, tally, mean: mean.map(|mean| mean.value), interval, effective: None }
}

/// Returns notes on factors of which a mark was omitted.
fn redundant(factor: &Factor) -> Option<String> {
    Some(match factor.redundant? {
        RedundantMark::NoMiddle => format!(
            "{} has no middling answers, so that a bad level cannot be told from a good one that is missing: its figures \
             are the difference between both",
            factor.name
        ),
        other => format!("{}: its {}, so that its own part cannot be told", factor.name, other.description()),
    })
}

/// Returns notes on items that load against their block.
fn against(part: &PathPart) -> Option<String> {
    let items: Vec<&str> =
        part.fitted.loadings().iter().filter(|row| row.against).map(|row| row.item.as_str()).collect();
    (!items.is_empty()).then(|| {
        format!(
            "{} load against the other items of their block, as items do that are worded the other way round; in \
             reliability and index they count turned",
            items.join(", ")
        )
    })
}

/// Returns the question about overall satisfaction: the named column, else one called so, else the
/// recommendation.
fn outcome(survey: &Survey, options: &Options) -> Option<String> {
    let usual = ["satisfaction", "overall_satisfaction", "overall", "csat"];
    let found = usual.into_iter().find(|name| survey.column(name).is_ok()).map(str::to_owned);
    options.satisfaction.clone().or(found).or_else(|| options.nps.clone())
}

fn index(input: &Input, options: &Options) -> Result<Option<IndexPart>, Error> {
    let (Some(perceived), Some(expected)) = (&options.perceived, &options.expected) else { return Ok(None) };
    let (survey, level) = (&input.file.survey, Level::default());
    let column = |prefix: &str, rest: &str| survey.column(&format!("{prefix}{rest}")).map_err(Error::refused);
    let mut attributes = Vec::new();
    // Sums per respondent over the attributes whose two questions were both answered.
    let mut sums = vec![(0.0, 0.0, 0_u32); survey.len()];
    let mut scale = None;
    for rest in &input.attributes {
        let (got, hoped) = (column(perceived, rest)?, column(expected, rest)?);
        let pairs = Pairs::from_survey(survey, got.name(), hoped.name(), Origin::AsAnswered);
        let pairs = pairs.map_err(Error::refused)?;
        attributes.push(pairs.summary(rest, MINIMUM_SAMPLE, level));
        for ((b, a, n), both) in sums.iter_mut().zip(got.oriented().zip(hoped.oriented())) {
            if let (Some(got), Some(hoped)) = both {
                *b += f64::from(got);
                *a += f64::from(hoped);
                *n += 1;
            }
        }
        scale.get_or_insert_with(|| got.scale().clone());
    }
    let Some(scale) = scale else { return Ok(None) };
    let means = |pick: fn(&(f64, f64, u32)) -> f64| -> Vec<f64> {
        sums.iter().filter(|sum| sum.2 > 0).map(|sum| pick(sum) / f64::from(sum.2)).collect()
    };
    let mut pairs = Pairs::new(&means(|sum| sum.0), &means(|sum| sum.1)).map_err(Error::refused)?;
    if let Some(weights) = survey.weights() {
        let counted = sums.iter().zip(weights).filter(|(sum, _)| sum.2 > 0);
        let weights: Vec<f64> = counted.map(|(_, weight)| *weight).collect();
        pairs = pairs.with_weights(&weights).map_err(Error::refused)?;
    }
    let groups = match &options.groups {
        Some(name) => {
            let all = survey.groups(name).map_err(Error::refused)?;
            let answered = (0..survey.len()).filter(|&at| sums.get(at).is_some_and(|sum| sum.2 > 0));
            let labels: Vec<&str> = answered.map(|at| all.label(at).unwrap_or_default()).collect();
            let groups = crm_analytics::satisfaction::Groups::new(name.as_str(), labels);
            pairs.by_group(&groups, MINIMUM_SAMPLE, level)
        }
        None => Vec::new(),
    };
    let all = pairs.summary("all", MINIMUM_SAMPLE, level);
    Ok(Some(IndexPart { all, mean_of_ratios: pairs.mean_of_ratios(), attributes, groups, scale }))
}

fn nps(survey: &Survey, name: &str, options: &Options) -> Result<NpsPart, Error> {
    let column = survey.column(name).map_err(Error::refused)?;
    let of_column = |error: crm_analytics::satisfaction::Error| Error::Flag {
        flag: "--nps",
        value: name.to_owned(),
        why: error.to_string(),
    };
    let score = Nps::from_tally(&column.tally()).map_err(of_column)?;
    // Sum of the weights, if there are any; a group without weight has no score.
    let weighted = |survey: &Survey| -> Option<Weighted> {
        survey.weights()?;
        Weighted::nps_in(survey, name).ok()
    };
    let interval = |nps: Nps, weighted: Option<Weighted>| {
        let of_weights = weighted.and_then(|score| score.interval(Level::default()));
        of_weights.unwrap_or_else(|| nps.interval(NpsMethod::Wilson, Level::default()))
    };
    let mut groups = Vec::new();
    if let Some(name) = &options.groups {
        let all = survey.groups(name).map_err(Error::refused)?;
        for (label, members) in all.labels().iter().zip(all.members()) {
            // A group without answers has no score.
            if let Ok(nps) = Nps::from_tally(&Tally::from_members(column, &members)) {
                groups.push((label.clone(), nps, interval(nps, weighted(&survey.subset(&members)))));
            }
        }
    }
    let all = weighted(survey);
    let effective = all.map(|all| all.effective);
    Ok(NpsPart { column: name.to_owned(), score, interval: interval(score, all), effective, groups })
}

/// Returns the perceived attributes, or else every question except the outcomes.
fn driver_names(survey: &Survey, outcome: &str, options: &Options, input: &Input) -> Vec<String> {
    if let Some(prefix) = &options.perceived {
        return input.attributes.iter().map(|rest| format!("{prefix}{rest}")).collect();
    }
    let staying = staying(survey, options);
    let left_out = [Some(outcome), options.nps.as_deref(), staying.as_deref()];
    let names = survey.columns().iter().map(Question::name).filter(|name| !left_out.contains(&Some(*name)));
    names.map(str::to_owned).collect()
}

fn staying(survey: &Survey, options: &Options) -> Option<String> {
    options.staying.clone().or_else(|| survey.column("stay").is_ok().then(|| "stay".to_owned()))
}

fn drivers(
    survey: &Survey,
    outcome: &str,
    options: &Options,
    input: &Input,
    doubts: &mut Vec<String>,
) -> Option<DriverPart> {
    let names: Vec<String> =
        driver_names(survey, outcome, options, input).into_iter().filter(|name| name != outcome).collect();
    let found = || -> Result<DriverPart, crm_analytics::satisfaction::Error> {
        let drivers = Drivers::from_survey(survey, &names, outcome)?;
        let (way, shares) = if names.len() <= MOST_FOR_SHAPLEY {
            ("Shapley value", drivers.shapley()?)
        } else {
            ("relative weight", drivers.relative_weights()?)
        };
        let matrix = ImportancePerformance::new(&shares, drivers.performance(), &QuadrantCut::DataMean)?;
        Ok(DriverPart {
            outcome: outcome.to_owned(),
            respondents: drivers.respondents(),
            r_squared: drivers.r_squared()?,
            way,
            correlation: drivers.correlation(),
            regression: drivers.regression()?,
            shares,
            matrix,
            factors: None,
        })
    };
    match found() {
        Ok(part) => Some(DriverPart { factors: factors(survey, &names, outcome, options, doubts), ..part }),
        Err(error) => {
            doubts.push(format!("drivers of {outcome} cannot be told: {error}"));
            None
        }
    }
}

fn factors(
    survey: &Survey,
    names: &[String],
    outcome: &str,
    options: &Options,
    doubts: &mut Vec<String>,
) -> Option<(String, Vec<Factor>)> {
    let staying = staying(survey, options).filter(|staying| staying != outcome)?;
    let scale = survey.column(names.first()?).ok()?.scale();
    // About the lower and the upper third of the scale: up to 4 and from 8 on 1 to 10, up to 2 and
    // from 4 on 1 to 5.
    let (min, span) = (f64::from(scale.min()), f64::from(scale.max()) - f64::from(scale.min()));
    let (low, high) = ((min + 0.34 * span).floor(), (min + 0.73 * span).ceil());
    let found = PenaltyReward::new(low, high, ALPHA)
        .and_then(|analysis| analysis.classify_survey(survey, names, outcome, &staying));
    match found {
        Ok(factors) => Some((staying, factors)),
        Err(error) => {
            doubts.push(format!("the four kinds of factors cannot be told: {error}"));
            None
        }
    }
}

fn extremes(
    survey: &Survey,
    outcome: &str,
    options: &Options,
    doubts: &mut Vec<String>,
) -> Option<ExtremePart> {
    let level = Level::default();
    let found = || -> Result<ExtremePart, crm_analytics::satisfaction::Error> {
        let fifth = Share::percent(20).unwrap_or(Share::ONE);
        let extremes = Extremes::from_survey(survey, outcome, fifth)?;
        let groups = match &options.groups {
            Some(name) => extremes.by_groups(survey.groups(name)?, level)?,
            None => Vec::new(),
        };
        let others: Vec<&str> =
            survey.columns().iter().map(Question::name).filter(|name| *name != outcome).collect();
        let distinctions = extremes.distinguish(survey, &others, level)?;
        Ok(ExtremePart { question: outcome.to_owned(), extremes, groups, distinctions })
    };
    match found() {
        Ok(part) => Some(part),
        Err(error) => {
            doubts.push(format!("the best and the worst cannot be told: {error}"));
            None
        }
    }
}

fn paths(survey: &Survey, model: &Model, options: &Options) -> Result<PathPart, Error> {
    let in_file = |error: crm_analytics::satisfaction::Error| Error::Read {
        path: options.path_model.clone().unwrap_or_default(),
        why: error.to_string(),
    };
    let mut wanted = model.model.clone();
    let columns: Vec<&Question> =
        wanted.items().iter().map(|item| survey.column(item)).collect::<Result<_, _>>().map_err(in_file)?;
    let scales: Vec<Scale> = columns.iter().map(|column| column.scale().clone()).collect();
    // As in the European and the American index; set the metric explicitly for items on very
    // different scales.
    if !model.metric_given {
        wanted = wanted.with_metric(Metric::AsAnswered);
    }
    let complete = survey.complete_rows(wanted.items()).map_err(in_file)?;
    let fitted = wanted.fit(complete.values()).map_err(in_file)?;
    let bootstrap = fitted.bootstrap(complete.values(), RESAMPLES, SEED, Level::default()).ok();
    let indices = fitted.latents().iter().map(|latent| fitted.index(&latent.name, &scales).ok()).collect();
    let left_out = survey.len() - complete.respondents().len();
    Ok(PathPart { fitted, bootstrap, indices, left_out })
}
