//! Whatever is stored is read back, and whatever a constructor refuses, reading refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_btyd::Repeat;
use crm_btyd::brands::NbdDirichlet;
use crm_btyd::contractual::{BetaDiscreteWeibull, ShiftedBetaGeometric};
use crm_btyd::fit::{ParameterBound, ParameterRole, Prior, StoredFit, Termination};
use crm_btyd::opportunities::{BgBb, DiscreteHistory};
use crm_btyd::validation::{Accuracy, Bin, Holdout, NaiveRule, RankingCriterion};
use crm_btyd::{
    AnyModel, BgCnbd, BgNbd, ClvOptions, Discount, GammaGamma, GompertzNbd, Histories, History, Horizon,
    Level, MbgCnbd, MbgNbd, ModelKind, Nbd, ParetoNbd, PurchaseModel, PurchaseOptions, RefundRule, Spend,
    fit,
};
use crm_testing::assert_stored;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A model is stored as its parameters, which pass its constructor.
fn model<M: PurchaseModel + Serialize + DeserializeOwned>(model: Result<M, crm_btyd::Error>) {
    // A model has parameters and nothing else, so that a field too many is a parameter too many.
    assert_stored(&model.unwrap(), |read| read.with_theta(read.theta()).as_ref() == Ok(read));
}

#[test]
fn models_pass_their_constructors() {
    model(Nbd::new(0.385, 12.072));
    model(BgNbd::new(0.243, 4.414, 0.793, 2.426));
    model(MbgNbd::new(0.525, 6.183, 0.891, 1.614));
    model(BgCnbd::new(2, 0.58, 2.288, 1.134, 1.585));
    model(MbgCnbd::new(12, 0.58, 2.288, 1.134, 1.585));
    model(ParetoNbd::new(0.5533, 10.5777, 0.6062, 11.6687));
    model(GompertzNbd::new(0.55, 10.6, 1.5, 20.0, 0.1));
    model(BgBb::new(1.204, 0.750, 0.657, 2.783));
    model(GammaGamma::new(6.25, 3.74, 15.44));
    model(ShiftedBetaGeometric::new(0.704, 1.182));
    model(BetaDiscreteWeibull::new(0.456, 0.779, 1.283));
    let market = NbdDirichlet::new(1.456, 0.778, 1.2, &[0.25, 0.19, 0.1]).unwrap();
    let accepts = |read: &NbdDirichlet| {
        NbdDirichlet::new(read.mean(), read.exponent(), read.diversity(), read.shares()).is_ok()
    };
    assert_stored(&market, accepts);
}

#[test]
fn a_model_is_not_read_as_another_one() {
    let text = serde_json::to_string(&BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap()).unwrap();
    assert_eq!(text, r#"{"model":"BG/NBD","r":0.243,"alpha":4.414,"a":0.793,"b":2.426}"#);
    let refused = |text: &str| serde_json::from_str::<MbgNbd>(text).unwrap_err().to_string();
    let other = refused(&text);
    assert!(other.starts_with("expected parameters of MBG/NBD, got those of BG/NBD"), "{other}");
    let twice = refused(r#"{"model":"MBG/NBD","r":1,"r":2,"alpha":1,"a":1,"b":1}"#);
    assert!(twice.starts_with("duplicate field `r`"), "{twice}");
    let text = r#"{"b":1,"a":1,"alpha":1,"r":1,"model":"MBG/NBD"}"#;
    assert_eq!(serde_json::from_str::<MbgNbd>(text).unwrap(), MbgNbd::new(1.0, 1.0, 1.0, 1.0).unwrap());
}

#[test]
fn any_model_is_stored_as_the_model_that_it_is() {
    let model = MbgCnbd::new(3, 0.58, 2.288, 1.134, 1.585).unwrap();
    let (any, text) = (AnyModel::from(model), serde_json::to_string(&model).unwrap());
    assert_eq!(text, r#"{"model":"MBG/CNBD-3","r":0.58,"alpha":2.288,"a":1.134,"b":1.585}"#);
    assert_eq!(serde_json::to_string(&any).unwrap(), text);
    assert_eq!(serde_json::from_str::<AnyModel>(&text).unwrap(), any);
    assert_stored(&any, |read| read.parameters().all(|(_, value)| (1e-8..=1e8).contains(&value)));
    let refused =
        serde_json::from_str::<AnyModel>(&text.replace("CNBD-3", "CNBD-13")).unwrap_err().to_string();
    assert!(refused.starts_with(r#"unknown model "MBG/CNBD-13"; expected one of nbd, bg_nbd"#), "{refused}");
    ModelKind::ALL.iter().for_each(|value| assert_stored(value, |_| true));
}

/// A value whose numbers are read as they were written: the format of the tests may move the last bit
/// of any other number once.
fn settled<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let read = |value: &T| serde_json::from_str::<T>(&serde_json::to_string(value).unwrap()).unwrap();
    let mut value = read(value);
    for _ in 0..5 {
        let again = read(&value);
        if again == value {
            break;
        }
        value = again;
    }
    value
}

#[test]
fn a_stored_fit_is_loaded_and_scores() {
    let row = |x, recency, n| (History::new(x, recency, 39.0).unwrap(), n);
    let histories = Histories::weighted([row(0, 0.0, 900), row(1, 20.0, 150), row(4, 36.0, 80)]);
    for kind in ModelKind::ALL {
        let fitted = kind.fit(&histories, &PurchaseOptions::default().with_stages(2)).unwrap();
        let fitted = settled(&fitted);
        let accepts = |read: &StoredFit| {
            let n = read.model().parameters().count();
            read.customers() > 0
                && (0..n).all(|i| read.covariance(i, i).is_none_or(|variance| variance >= 0.0))
        };
        assert_stored(&fitted, accepts);
        let text = serde_json::to_string(&fitted).unwrap();
        let loaded: StoredFit = serde_json::from_str(&text).unwrap();
        let (customer, year) = (row(4, 36.0, 1).0, Horizon::new(52.0).unwrap());
        let discount = Discount::continuous(0.002).unwrap();
        let all = loaded.model().predict_all(&[customer, History::NEW, customer], year, discount);
        assert_eq!(all[0], fitted.model().predict(&customer, year, discount));
        assert_eq!((all[0], all[1]), (all[2], fitted.model().predict(&History::NEW, year, discount)));
    }
}

#[test]
fn inputs_pass_their_constructors() {
    let accepts = |read: &History| History::new(read.frequency(), read.recency(), read.age()).is_ok();
    assert_stored(&History::new(2, 30.43, 38.86).unwrap(), accepts);
    assert_stored(&Horizon::new(52.0).unwrap(), |read| Horizon::new(read.get()).is_ok());
    let discount = Discount::continuous(0.0625).unwrap();
    assert_stored(&discount, |read| Discount::continuous(read.rate()).is_ok());
    let accepts = |read: &Spend| Spend::new(read.purchases(), read.mean()).is_ok();
    assert_stored(&Spend::new(2, 22.35).unwrap(), accepts);
    let accepts = |read: &DiscreteHistory| {
        DiscreteHistory::new(read.frequency(), read.recency(), read.opportunities()).is_ok()
    };
    assert_stored(&DiscreteHistory::new(3, 4, 6).unwrap(), accepts);
}

#[test]
fn settings_pass_their_checks() {
    RefundRule::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    NaiveRule::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    RankingCriterion::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    ParameterBound::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Termination::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    let priors = [Prior::log_normal(10.0, 1.0).unwrap(), Prior::gamma(2.0, 0.5).unwrap()];
    let options = PurchaseOptions::default()
        .with_start(&[1.0, 2.0])
        .with_fixed("alpha", 3.0)
        .with_equal("a", "b")
        .with_prior("r", priors[0])
        .with_effect_spread(0.5);
    let history = History::new(1, 2.0, 3.0).unwrap();
    // A fit refuses what reading refuses, before it looks at the names of parameters.
    let accepts = |read: &PurchaseOptions| {
        let text = fit::<Nbd>(&Histories::new([history]), read).err().map(|error| error.to_string());
        text.is_none_or(|text| !text.starts_with("start[") && !text.starts_with("effect spread"))
    };
    crm_testing::assert_stored_with_maps(&options, &["fixed"], accepts);
    let typo = serde_json::from_str::<PurchaseOptions>(r#"{"max_iteration":3}"#).unwrap_err().to_string();
    assert!(typo.starts_with("unknown field `max_iteration`"), "{typo}");
    for prior in priors {
        assert_stored(&prior, |read| read.ln_density(1.0).is_finite());
    }
    let options = ClvOptions::new(Horizon::new(52.0).unwrap(), Discount::NONE).with_margin(0.3).unwrap();
    assert_stored(&options, |read| {
        ClvOptions::new(read.horizon(), read.discount()).with_margin(read.margin()).is_ok()
    });
}

#[cfg(feature = "posterior")]
#[test]
fn settings_of_a_sampler_pass_their_checks() {
    use crm_btyd::fit::PosteriorOptions;

    let options = PosteriorOptions::default().with_chains(2).with_draws(100).with_seed(7);
    assert_stored(&options, |read| {
        (2..=100).contains(&read.chains()) && (4..=1_000_000).contains(&read.draws())
    });
}

#[test]
fn results_are_stored_as_they_are() {
    let row = |x, recency, n| (History::new(x, recency, 39.0).unwrap(), n);
    let histories = Histories::weighted([row(0, 0.0, 900), row(1, 20.0, 150), row(4, 36.0, 80)]);
    let options = PurchaseOptions::default().with_fixed("a", 1.0).with_equal("a", "b");
    let fitted = fit::<MbgNbd>(&histories, &options).unwrap();
    assert_stored(&settled(&fitted.report()), |_| true);
    fitted.roles().iter().for_each(|role: &ParameterRole| assert_stored(role, |_| true));
    let half_year = Horizon::new(26.0).unwrap();
    let counts = fitted.predictive_interval(&row(4, 36.0, 1).0, half_year, Level::default());
    assert_stored(&counts.unwrap(), |_| true);
    let profile = fitted.profile_interval(&histories, &options, "r", Level::default());
    assert_stored(&settled(&profile.unwrap()), |_| true);
    assert_stored(&Accuracy::new(&[0.5, 2.0, 0.0], &[1, 2, 0]).unwrap(), |_| true);
    Bin::cut(&[2.0, 0.5], &[3, 1], 2).unwrap().iter().for_each(|bin| assert_stored(bin, |_| true));
    let holdout = Holdout::new([(History::new(2, 30.0, 39.0).unwrap(), 3)], half_year).unwrap();
    holdout.by_frequency(&[1.0], 3).unwrap().iter().for_each(|group| assert_stored(group, |_| true));
    assert_stored(&holdout.coverage(&[counts]).unwrap(), |_| true);
}
