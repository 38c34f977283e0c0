//! Several parts together: coverage of intervals over made-up surveys, resampling, surveys from
//! file to figures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_numbers::Level;
use crm_satisfaction::index::Pairs;
use crm_satisfaction::path_model::PathModel;
use crm_satisfaction::scores::{Nps, NpsMethod};

/// A generator of its own, so that nothing of the library tests itself: xorshift64*.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A point of a scale from 1 to `shares.len()`.
    fn point(&mut self, shares: &[f64]) -> f64 {
        let mut left = self.uniform();
        for (place, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return (place + 1) as f64;
            }
        }
        shares.len() as f64
    }
}

/// 10 000 surveys each of 100 and of 400: what was expected, and what was perceived, which depends
/// on it.
#[test]
fn the_delta_method_covers_the_truth() {
    const EXPECTED: [f64; 5] = [0.02, 0.08, 0.2, 0.4, 0.3];
    const HIGH: [f64; 5] = [0.05, 0.15, 0.25, 0.35, 0.2];
    const LOW: [f64; 5] = [0.2, 0.3, 0.3, 0.15, 0.05];
    let mean = |shares: &[f64; 5]| {
        shares.iter().zip(1..).map(|(share, point)| share * f64::from(point)).sum::<f64>()
    };
    // Who expected 4 or 5 perceives by HIGH, the others by LOW.
    let truth = (0.7 * mean(&HIGH) + 0.3 * mean(&LOW)) / mean(&EXPECTED);
    let mut dice = Dice(20_250_101);
    for respondents in [100, 400] {
        let mut covered = 0;
        for _ in 0..10_000 {
            let (mut perceived, mut expected) = (Vec::new(), Vec::new());
            for _ in 0..respondents {
                let hoped = dice.point(&EXPECTED);
                perceived.push(dice.point(if hoped >= 4.0 { &HIGH } else { &LOW }));
                expected.push(hoped);
            }
            let interval =
                Pairs::new(&perceived, &expected).unwrap().ratio_interval(Level::default()).unwrap();
            covered += u32::from(interval.lower <= truth && truth <= interval.upper);
        }
        assert!((9_300..=9_700).contains(&covered), "{covered} of 10 000 with {respondents} respondents");
    }
}

/// 10 000 surveys of 100: both intervals of the net promoter score, and Wald's of 12, which falls
/// short.
#[test]
fn intervals_of_the_net_promoter_score_cover_the_truth() {
    let shares = [0.2, 0.25, 0.55];
    let mut dice = Dice(7);
    let mut coverage = |respondents: u32, method| {
        let mut covered = 0;
        for _ in 0..10_000 {
            let mut counts = [0_u64; 3];
            (0..respondents).for_each(|_| counts[dice.point(&shares) as usize - 1] += 1);
            let interval =
                Nps::new(counts[2], counts[1], counts[0]).unwrap().interval(method, Level::default());
            covered += u32::from(interval.lower <= 35.0 && 35.0 <= interval.upper);
        }
        covered
    };
    for method in [NpsMethod::Wald, NpsMethod::Wilson] {
        let covered = coverage(100, method);
        assert!((9_300..=9_700).contains(&covered), "{covered} by {method:?}");
    }
    let (wald, wilson) = (coverage(12, NpsMethod::Wald), coverage(12, NpsMethod::Wilson));
    assert!(wald < 9_300 && (9_300..=9_800).contains(&wilson), "{wald} {wilson}");
}

/// A made-up survey: two blocks driven by moods that hang together.
fn rows(respondents: usize) -> Vec<f64> {
    let mut dice = Dice(99);
    let mut rows = Vec::new();
    for _ in 0..respondents {
        let quality = dice.uniform();
        let loyalty = 0.7 * quality + 0.3 * dice.uniform();
        for mood in [quality, quality, quality, loyalty, loyalty] {
            rows.push((10.0 * (0.7 * mood + 0.3 * dice.uniform())).floor());
        }
    }
    rows
}

fn model() -> PathModel {
    let latents: &[(&str, &[&str])] = &[("quality", &["q1", "q2", "q3"]), ("loyalty", &["l1", "l2"])];
    PathModel::new(latents, &[("quality", "loyalty")]).unwrap()
}

#[test]
fn resamples_repeat_and_surround_the_estimate() {
    let rows = rows(200);
    let fitted = model().fit(&rows).unwrap();
    let one = fitted.bootstrap(&rows, 400, 1, Level::default()).unwrap();
    assert_eq!(one, fitted.bootstrap(&rows, 400, 1, Level::default()).unwrap());
    assert_ne!(one, fitted.bootstrap(&rows, 400, 2, Level::default()).unwrap());
    assert_eq!((one.resamples, one.failed, one.loadings.len(), one.weights.len()), (400, 0, 5, 5));
    let path = one.paths[0];
    assert!(
        path.lower < path.estimate && path.estimate < path.upper && path.upper - path.lower < 0.2,
        "{path}"
    );
    // R2 is the square of the only path, in every resample.
    let r_squared = one.r_squared[1].unwrap();
    assert!((r_squared.upper - path.upper * path.upper).abs() < 1e-3);
    assert_eq!(one.r_squared[0], None);
    let text = fitted.bootstrap(&rows, 99, 1, Level::default()).unwrap_err().to_string();
    assert_eq!(text, "resamples must be at least 100, got 99");
}

/// One thread, four threads: the same bits.
#[cfg(feature = "rayon")]
#[test]
fn resamples_have_the_same_bits_on_any_number_of_threads() {
    let rows = rows(60);
    let fitted = model().fit(&rows).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted.bootstrap(&rows, 200, 3, Level::default()).unwrap())
    };
    assert_eq!(on(1), on(4));
}

#[test]
fn path_models_refuse_what_they_cannot_learn_from() {
    let text = |rows: &[f64]| model().fit(rows).unwrap_err().to_string();
    assert_eq!(text(&[]), "complete respondents must be at least 3, got 0");
    assert_eq!(text(&[1.0; 5]), "complete respondents must be at least 3, got 1");
    assert_eq!(text(&[1.0; 4]), "expected 5 answers in rows of 5, got 4");
    assert_eq!(text(&[3.0; 50]), "q1 must vary, got 3 everywhere");
    let mut holes = rows(20);
    holes[7] = f64::NAN;
    assert_eq!(text(&holes), "answers[7] must be between -1e100 and 1e100, got NaN");
}
