//! Tests of promotions and funnels against their definitions, computed elsewhere (`golden/trials.py`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use crm_lifecycle::funnel::Funnel;
use crm_lifecycle::trial::{customers_for_rates, customers_for_spend, rates, spend};
use crm_numbers::Level;
use crm_statistics::Proportion;

const RELATIVE: f64 = 1e-10;

fn assert_close(got: f64, wanted: f64, what: &str) {
    assert!((got - wanted).abs() <= RELATIVE * wanted.abs(), "{what}: {got}, not {wanted}");
}

#[test]
fn reference_values() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/trials.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut seen = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers =
            |text: &str| -> Vec<f64> { text.split(' ').map(|cell| cell.parse().unwrap()).collect() };
        let (inputs, outputs) = (numbers(cells[1]), numbers(cells[2]));
        let counts: Vec<u64> = inputs.iter().map(|&number| number as u64).collect();
        let proportion = |at: usize| Proportion::new(counts[at], counts[at + 1]).unwrap();
        match cells[0] {
            "welch" => {
                let (treated, control) = inputs[1..].split_at(counts[0] as usize);
                let effect = spend(treated, control, Level::default()).unwrap();
                assert_close(effect.difference.estimate, outputs[0], line);
                assert_close(effect.difference.lower, outputs[1], line);
                assert_close(effect.difference.upper, outputs[2], line);
                assert_close(effect.p_value, outputs[3], line);
            }
            "rates" => {
                let effect = rates(proportion(0), proportion(2), Level::default());
                assert_close(effect.p_value, outputs[0], line);
            }
            "surely" => {
                let funnel = Funnel::new([("candidates", counts[0]), ("deals", counts[1])]).unwrap();
                let needed = funnel.surely_needed_for(counts[2], inputs[3]).unwrap();
                assert_eq!(needed, Some(outputs[0] as u64), "{line}");
            }
            "size_of_rates" => {
                let level = Level::new(inputs[2]).unwrap();
                let size = customers_for_rates(inputs[0], inputs[1], level, inputs[3]).unwrap();
                assert_eq!(size, outputs[0] as u64, "{line}");
            }
            "size_of_means" => {
                let level = Level::new(inputs[2]).unwrap();
                let size = customers_for_spend(inputs[0], inputs[1], level, inputs[3]).unwrap();
                // An approximation, which is said to be within one customer of the truth.
                assert!(size.abs_diff(outputs[0] as u64) <= 1, "{line}: {size}");
            }
            kind => panic!("{kind}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 23);
}
