//! Survey, Kano answers, complaint cases and path model read from their files.

use std::collections::BTreeMap;
use std::path::Path;

use crm_analytics::satisfaction::csv::{CsvFeedback, CsvKano, CsvSurvey, FeedbackFile, KanoFile, SurveyFile};
use crm_analytics::satisfaction::path_model::PathModel;
use crm_analytics::satisfaction::{GoodEnd, Question, Scale, Survey};
use serde::Deserialize;

use super::options::Options;
use crate::{Error, files, options};

/// Data read from the files.
pub(crate) struct Input {
    pub(crate) file: SurveyFile,
    pub(super) kano: Option<KanoFile>,
    pub(super) feedback: Option<FeedbackFile>,
    pub(super) model: Option<Model>,
    /// Attribute names that have a question under both prefixes.
    pub(super) attributes: Vec<String>,
}

/// A path model, and whether its file sets the metric of the items.
pub(super) struct Model {
    pub(super) model: PathModel,
    pub(super) metric_given: bool,
}

/// A path model as written in TOML.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    metric: Option<String>,
    #[serde(alias = "latents", alias = "latent_variables")]
    latent: BTreeMap<String, Vec<String>>,
    paths: Vec<(String, String)>,
}

/// Reads the files given by the flags; `complete` may add flags once the questions are known.
pub(super) fn read(
    options: &mut Options,
    complete: impl FnOnce(&mut Options, &Survey),
) -> Result<Input, Error> {
    let path = &options.survey.clone();
    let bytes = files::read(path)?;
    let mut reader = CsvSurvey::new().with_usual_scales();
    if let Some(column) = &options.groups {
        reader = reader.with_groups(column);
    }
    if let Some(column) = &options.weights {
        reader = reader.with_weight_column(column);
    }
    for (question, code) in &options.missing_codes {
        reader = match question {
            Some(question) => reader.with_missing_code_of(question, *code),
            None => reader.with_missing_code(*code),
        };
    }
    for (pattern, min, max) in &options.scales {
        let scale = Scale::new(*min, *max)
            .map_err(|error| options::refused("--scale", format!("{}={min}..{max}", pattern.0), error))?;
        if let Some(name) = pattern.name() {
            reader = reader.with_question(name, scale);
        }
    }
    let in_file = |error: crm_analytics::satisfaction::Error| Error::in_file(path, error);
    let first = reader.read_wide(bytes.as_slice()).map_err(in_file)?;
    complete(options, &first.survey);
    let (attributes, pairs) = attributes(options, &first)?;
    let known = scales(options, &first, &pairs)?;
    let told = |question: &str| options.scales.iter().any(|(pattern, ..)| pattern.matches(question));
    // A missing code occurs repeatedly; a single invalid answer is refused with its line.
    let code = first.far_off.iter().find(|far_off| far_off.is_repeated() && !told(&far_off.question));
    if let Some(far_off) = code {
        let (question, code) = (&far_off.question, far_off.values.first().copied().unwrap_or_default());
        let why = format!(
            "{far_off}; tell what they mean: --missing-code {code} if they stand for no answer, \
             --scale {question}=0..100 if they are answers"
        );
        return Err(Error::in_file(path, why));
    }
    let guess = |name: &String| first.survey.column(name).ok().map(Question::scale);
    let file = if known.iter().all(|(name, scale)| guess(name) == Some(scale)) {
        first
    } else {
        let reader =
            known.into_iter().fold(reader, |reader, (name, scale)| reader.with_question(name, scale));
        reader.read_wide(bytes.as_slice()).map_err(in_file)?
    };
    if file.survey.is_empty() {
        let why = match file.refused.as_slice() {
            [] => "there is no answer below the header".to_owned(),
            [first, ..] => format!("all {} rows were refused; {first}", file.refused.len()),
        };
        return Err(Error::nothing_in(path, why));
    }
    for (flag, column) in [("--satisfaction", &options.satisfaction), ("--staying", &options.staying)] {
        if let Some(column) = column {
            file.survey.column(column).map_err(|error| Error::Flag {
                flag,
                value: column.clone(),
                why: error.to_string(),
            })?;
        }
    }
    let kano = options.kano.as_deref().map(|path| {
        let file = CsvKano::new()
            .read(files::read(path)?.as_slice())
            .map_err(|error| Error::in_file(path, error))?;
        usable(path, file.features.is_empty(), file.refused.first())?;
        Ok::<_, Error>(file)
    });
    let feedback = options.feedback.as_deref().map(|path| {
        let file = CsvFeedback::new()
            .read(files::read(path)?.as_slice())
            .map_err(|error| Error::in_file(path, error))?;
        usable(path, file.cases.cases().is_empty(), file.refused.first())?;
        Ok::<_, Error>(file)
    });
    let model = options.path_model.as_deref().map(model);
    Ok(Input {
        file,
        kano: kano.transpose()?,
        feedback: feedback.transpose()?,
        model: model.transpose()?,
        attributes,
    })
}

/// Returns the scales that are not chosen per question: those of the flags, one for all pairs, and
/// that of the recommendation.
fn scales(options: &Options, first: &SurveyFile, pairs: &[String]) -> Result<Vec<(String, Scale)>, Error> {
    let columns = first.survey.columns();
    let names: Vec<&str> = columns.iter().map(Question::name).collect();
    let guess = |name: &str| first.survey.column(name).ok().map(Question::scale);
    let told = |name: &str| options.scales.iter().rev().find(|(pattern, ..)| pattern.matches(name));
    // Both questions of a pair share one scale: the usual one that the answers to all of them fit.
    let left = || pairs.iter().filter(|name| told(name).is_none()).filter_map(|name| guess(name));
    let ends = left().map(Scale::min).min().zip(left().map(Scale::max).max());
    let of_pairs = ends.and_then(|(min, max)| Scale::usual(min, max));
    let patterns = options.scales.iter().map(|(pattern, ..)| ("--scale", pattern));
    for (flag, pattern) in
        patterns.chain(options.low_is_good.iter().map(|pattern| ("--low-is-good", pattern)))
    {
        if !first.survey.is_empty() && !names.iter().any(|name| pattern.matches(name)) {
            let why = format!("no question has that name; there are {}", names.join(", "));
            return Err(options::refused(flag, pattern.0.clone(), why));
        }
    }
    let mut known = Vec::new();
    let recommend = options.nps.as_deref().filter(|name| !names.contains(name));
    for name in names.iter().copied().chain(recommend) {
        let scale = match told(name) {
            Some((pattern, min, max)) => Some(Scale::new(*min, *max).map_err(|error| {
                options::refused("--scale", format!("{}={min}..{max}", pattern.0), error)
            })?),
            None if options.nps.as_deref() == Some(name) => Some(Scale::zero_to_ten()),
            None if pairs.iter().any(|pair| pair == name) => of_pairs.clone(),
            None => guess(name).cloned(),
        };
        let good = if options.low_is_good.iter().any(|pattern| pattern.matches(name)) {
            GoodEnd::Low
        } else {
            GoodEnd::High
        };
        known.extend(scale.map(|scale| (name.to_owned(), scale.with_good_end(good))));
    }
    Ok(known)
}

/// Returns the attributes asked under both prefixes, and the names of those questions.
fn attributes(options: &Options, file: &SurveyFile) -> Result<(Vec<String>, Vec<String>), Error> {
    let (Some(perceived), Some(expected)) = (&options.perceived, &options.expected) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let names: Vec<&str> = file.survey.columns().iter().map(|column| column.name()).collect();
    let rests = |prefix: &str| names.iter().filter_map(|name| name.strip_prefix(prefix)).collect::<Vec<_>>();
    let (got, hoped) = (rests(perceived), rests(expected));
    for (flag, prefix, found) in [("--perceived", perceived, &got), ("--expected", expected, &hoped)] {
        if found.is_empty() && !file.survey.is_empty() {
            let why = format!("no question begins with it; there are {}", names.join(", "));
            return Err(Error::Flag { flag, value: prefix.clone(), why });
        }
    }
    let both: Vec<String> =
        got.iter().filter(|rest| hoped.contains(rest)).map(|rest| (*rest).to_owned()).collect();
    if both.is_empty() && !file.survey.is_empty() {
        let why =
            format!("no question goes on as one of {expected}: {} and {}", got.join(", "), hoped.join(", "));
        return Err(Error::Flag { flag: "--perceived", value: perceived.clone(), why });
    }
    let pairs = both.iter().flat_map(|rest| [format!("{perceived}{rest}"), format!("{expected}{rest}")]);
    let pairs = pairs.collect();
    Ok((both, pairs))
}

fn model(path: &Path) -> Result<Model, Error> {
    let text = String::from_utf8(files::read(path)?).map_err(|error| Error::in_file(path, error))?;
    let file: ModelFile =
        toml::from_str(&text).map_err(|error| Error::in_file(path, error.to_string().trim()))?;
    let latents: Vec<(&str, &[String])> =
        file.latent.iter().map(|(name, items)| (name.as_str(), items.as_slice())).collect();
    let in_file = |error: crm_analytics::satisfaction::Error| Error::in_file(path, error);
    let mut model = PathModel::new(&latents, &file.paths).map_err(in_file)?;
    if let Some(scheme) = &file.scheme {
        model = model.with_weighting(scheme.parse().map_err(|error| Error::in_file(path, error))?);
    }
    if let Some(metric) = &file.metric {
        model = model.with_metric(metric.parse().map_err(|error| Error::in_file(path, error))?);
    }
    Ok(Model { model, metric_given: file.metric.is_some() })
}

fn usable(path: &Path, empty: bool, refused: Option<&impl std::fmt::Display>) -> Result<(), Error> {
    if !empty {
        return Ok(());
    }
    let why = refused.map_or_else(
        || "there is no row below the header".to_owned(),
        |first| format!("all rows were refused; {first}"),
    );
    Err(Error::nothing_in(path, why))
}
