//! Hidden Markov chains with Poisson counts in 40-digit arithmetic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use crm_lifecycle::Stage;
use crm_lifecycle::hmm::{CountLaw, HmmModel, Sequences, Topology};
use serde_json::Value;

const RELATIVE: f64 = 1e-10;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn chains_with_poisson_counts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/poisson_hmm.json");
    let chains: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(chains.len(), 12);
    for chain in &chains {
        let rates = numbers(&chain["rate"]);
        let laws: Vec<CountLaw> = rates.iter().map(|&rate| CountLaw::poisson(rate).unwrap()).collect();
        let names = (0..rates.len()).map(|state| (format!("state {state}"), Stage::Stability));
        let steps: Vec<f64> = chain["transition"].as_array().unwrap().iter().flat_map(numbers).collect();
        let initial = numbers(&chain["initial"]);
        let model = HmmModel::new(Topology::full(names).unwrap(), &initial, &steps, &laws).unwrap();
        let counts: Vec<u32> = numbers(&chain["counts"]).into_iter().map(|count| count as u32).collect();
        let data = Sequences::from_counts([&counts]).unwrap();

        let near = |got: f64, wanted: f64| (got - wanted).abs() <= RELATIVE * wanted.abs();
        let wanted = |key: &str| chain[key].as_f64().unwrap();
        assert!(near(model.ln_likelihood(&data).unwrap(), wanted("log_likelihood")));
        let path = model.path(&data, 0).unwrap();
        assert!(near(path.ln_probability, wanted("viterbi_log_probability")));
        assert_eq!(
            path.states.iter().map(|&state| f64::from(state)).collect::<Vec<_>>(),
            numbers(&chain["viterbi"])
        );
        let last = numbers(&chain["last_state_posterior"]);
        let (filtered, smoothed) = (model.filtered(&data, 0).unwrap(), model.smoothed(&data, 0).unwrap());
        let standings = model.standings(&data).unwrap();
        for posterior in [filtered.last(), smoothed.last(), standings.last()] {
            assert_eq!(posterior.len(), last.len());
            assert!(posterior.iter().zip(&last).all(|(got, wanted)| (got - wanted).abs() <= RELATIVE));
        }
    }
}
