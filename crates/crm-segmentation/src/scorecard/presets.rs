//! Scorecards of the literature. It names the criteria and seldom weights: criteria in a published
//! order of importance are weighted by rank, all others weigh alike, and [`Scorecard::reweighted`]
//! takes other weights. Answers are on a scale of 0 to 10 unless a preset says otherwise.

use super::{Better, Missing, Scorecard, ScorecardCriterion};

/// Leads by money, authority and need (MAN 法则): can they pay, may they decide, do they want it?
///
/// For several contacts, an [`Account`](super::Account) combines their answers.
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::presets;
///
/// let score = presets::man().score(&[Some(9.0), Some(3.0), Some(6.0)])?;
/// assert!((score.total.unwrap() - 60.0).abs() < 1e-9);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[must_use]
pub fn man() -> Scorecard {
    alike(&[("money", UP), ("authority", UP), ("need", UP)])
}

/// Suppliers of a chain, in the published order of importance: quality, then price, lead time, lot
/// flexibility and variety; last the way they answer: responsiveness, communication. Price and lead
/// time are marks of their level: 0 is the lowest.
///
/// The order is published, the weights are not: they are rank sums, `w_i = 2 (n + 1 - i) / (n (n +
/// 1))` for rank i of n. Source: Stillwell, W. G., Seaver, D. A., Edwards, W. (1981), A comparison
/// of weight approximation techniques in multiattribute utility decision making, Organizational
/// Behavior and Human Performance 28(1), 62-77.
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::presets;
///
/// let weights: Vec<f64> = presets::supplier().criteria().iter().map(|criterion| criterion.weight() * 28.0).collect();
/// assert_eq!(weights.iter().map(|weight| weight.round()).collect::<Vec<_>>(), [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// ```
#[must_use]
pub fn supplier() -> Scorecard {
    by_rank(&[
        ("quality", UP),
        ("price", DOWN),
        ("lead time", DOWN),
        ("lot flexibility", UP),
        ("variety", UP),
        ("responsiveness", UP),
        ("communication", UP),
    ])
}

/// Customers downstream in a chain: value, loyalty, stability of demand, and how well it can be
/// foreseen.
#[must_use]
pub fn downstream_customer() -> Scorecard {
    alike(&[("value", UP), ("loyalty", UP), ("stability of demand", UP), ("predictability of demand", UP)])
}

/// Returns a scorecard for staff who deal with customers: attitude, skill, knowledge (ASK).
#[must_use]
pub fn ask() -> Scorecard {
    alike(&[("attitude", UP), ("skill", UP), ("knowledge", UP)])
}

/// Customers as a seller judges them: purchases, growth, margin, credit, loyalty, and the effort
/// that they cost.
#[must_use]
pub fn customer_evaluation() -> Scorecard {
    alike(&[
        ("purchases", UP),
        ("growth", UP),
        ("margin", UP),
        ("credit", UP),
        ("loyalty", UP),
        ("effort", DOWN),
    ])
}

/// Returns a scorecard of loyalty by eight criteria 客户忠诚度的八项标准; missing answers give the other
/// criteria more weight.
///
/// Repeat rate and share of spend are shares, 0 to 1; choice time is in minutes up to an hour,
/// because loyal customers do not look around; referrals count up to ten, and whether they were
/// unprompted is 0 or 1; the feeling for the brand and the attitudes to rivals, prices and faults
/// are on 0 to 10.
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::presets;
///
/// let all = [Some(1.0), Some(10.0), Some(1.0), Some(0.0), Some(10.0), Some(10.0), Some(1.0), Some(10.0), Some(10.0)];
/// assert!((presets::loyalty_eight().score(&all)?.total.unwrap() - 100.0).abs() < 1e-9);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[must_use]
pub fn loyalty_eight() -> Scorecard {
    // Referrals are one criterion asked in two questions.
    card(vec![
        ScorecardCriterion::new("repeat rate", 0.125, 0.0, 1.0),
        ScorecardCriterion::new("timing and frequency", 0.125, 0.0, 10.0),
        ScorecardCriterion::new("share of spend", 0.125, 0.0, 1.0),
        ScorecardCriterion::new("choice time", 0.125, 0.0, 60.0).with_better(Better::Lower),
        ScorecardCriterion::new("feeling", 0.125, 0.0, 10.0),
        ScorecardCriterion::new("referrals", 0.0625, 0.0, 10.0),
        ScorecardCriterion::new("referrals unprompted", 0.0625, 0.0, 1.0),
        ScorecardCriterion::new("attitude to rivals", 0.125, 0.0, 10.0),
        ScorecardCriterion::new("attitude to price and quality", 0.125, 0.0, 10.0),
    ])
    .with_missing(Missing::Reweight)
}

/// Returns a scorecard of loyalty by five criteria: trust, contact frequency, effect of the
/// service, satisfaction, intention to continue.
#[must_use]
pub fn loyalty_five() -> Scorecard {
    alike(&[
        ("trust", UP),
        ("contact frequency", UP),
        ("service effect", UP),
        ("satisfaction", UP),
        ("intention to continue", UP),
    ])
    .with_missing(Missing::Reweight)
}

const UP: Better = Better::Higher;
const DOWN: Better = Better::Lower;

/// Criteria of one weight on a scale of 0 to 10.
fn alike(criteria: &[(&str, Better)]) -> Scorecard {
    let weight = 1.0 / criteria.len() as f64;
    card(
        criteria
            .iter()
            .map(|(name, better)| ScorecardCriterion::new(*name, weight, 0.0, 10.0).with_better(*better))
            .collect(),
    )
}

/// Criteria on a scale of 0 to 10, the most important first, weighted by rank sums.
fn by_rank(criteria: &[(&str, Better)]) -> Scorecard {
    let n = criteria.len() as f64;
    let ranks = criteria.iter().zip(1_u32..);
    let weight = |rank: u32| 2.0 * (n + 1.0 - f64::from(rank)) / (n * (n + 1.0));
    card(
        ranks
            .map(|((name, better), rank)| {
                ScorecardCriterion::new(*name, weight(rank), 0.0, 10.0).with_better(*better)
            })
            .collect(),
    )
}

fn card(criteria: Vec<ScorecardCriterion>) -> Scorecard {
    // The presets are right by construction, as the test below shows.
    Scorecard::trusted(criteria)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_supplier_at_a_high_price_beats_a_cheap_bad_one() {
        let card = supplier();
        let names: Vec<&str> = card.criteria().iter().take(5).map(ScorecardCriterion::name).collect();
        assert_eq!(names, ["quality", "price", "lead time", "lot flexibility", "variety"]);
        assert!(card.criteria().is_sorted_by(|one, next| one.weight() > next.weight()));
        let total = |quality, price| {
            let rest = [Some(5.0); 5];
            card.score(&[[Some(quality), Some(price)].as_slice(), &rest].concat()).unwrap().total.unwrap()
        };
        assert!(total(9.0, 9.0) > total(1.0, 1.0));
    }

    #[test]
    fn presets_pass_their_own_gate() {
        for preset in [
            man(),
            supplier(),
            downstream_customer(),
            ask(),
            customer_evaluation(),
            loyalty_eight(),
            loyalty_five(),
        ] {
            assert!(Scorecard::new(preset.criteria().to_vec()).is_ok(), "{preset:?}");
            let best = |criterion: &ScorecardCriterion| {
                let (low, high) = criterion.scale();
                Some(if criterion.better() == Better::Higher { high } else { low })
            };
            let answers: Vec<Option<f64>> = preset.criteria().iter().map(best).collect();
            assert!((preset.score(&answers).unwrap().total.unwrap() - 100.0).abs() < 1e-9);
        }
    }
}
