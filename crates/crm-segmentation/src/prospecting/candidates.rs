#![allow(clippy::indexing_slicing, reason = "categories are checked to be below their number")]

use super::Baskets;
use crate::Error;
use crate::column::check_finite;
use crm_numbers::check;

/// A customer who may be offered another category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Prospect {
    /// The categories owned.
    pub owned: Vec<usize>,
    /// Whether the owned product wears out soon or the contract ends.
    pub cycle_ending: bool,
    /// Pays in full and in time.
    pub good_payer: bool,
    /// A category that they have asked for and do not own.
    pub unmet_need: Option<usize>,
}

/// An offer to make, and why.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct OfferCandidate {
    /// The customer's place in the input.
    pub customer: usize,
    /// The category to offer.
    pub category: usize,
    /// Share of the owners of the same categories who own this one, 0 to 1.
    pub probability: f64,
    /// Probability x margin of the category.
    pub expected_margin: f64,
    /// Reasons for the offer.
    pub reasons: Vec<String>,
}

/// Selects the best offer for each customer with an occasion 升级与交叉销售, ranked by expected margin.
///
/// An occasion is a cycle that ends, a good payer, or an unmet need. An unmet need names the
/// category; else it is the one whose `confidence x margin` is largest. A need that no rule
/// supports is as likely as the category is common. A category with a negative margin is never
/// offered: each sale would lose money.
///
/// # Errors
///
/// [`Error::Input`] unless there is a margin for each category, for amounts that are not finite,
/// for a need that is no category.
///
/// # Examples
///
/// ```
/// use crm_segmentation::prospecting::{Baskets, Prospect, candidates};
///
/// let baskets = Baskets::new(["printer", "paper"], &[vec![0, 1], vec![0, 1], vec![0], vec![0]])?;
/// let people = [
///     Prospect { owned: vec![0], good_payer: true, ..Prospect::default() },
///     Prospect { owned: vec![0], ..Prospect::default() },
/// ];
/// let offers = candidates(&baskets, &[100.0, 8.0], &people, 1)?;
/// // The second has no occasion. Half of the printer owners buy paper: 0.5 x 8.
/// assert_eq!((offers.len(), offers[0].category, offers[0].expected_margin), (1, 1, 4.0));
/// assert_eq!(offers[0].reasons, ["good payer", "50 % of those with printer own it"]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn candidates(
    baskets: &Baskets,
    margins: &[f64],
    people: &[Prospect],
    at_least: u64,
) -> Result<Vec<OfferCandidate>, Error> {
    check::length("margins", margins.len(), baskets.categories().len())?;
    check_finite("margins", margins)?;
    let margin = |category: usize| margins[category];
    let name = |category: usize| baskets.categories()[category].as_str();
    let mut offers = Vec::new();
    for (customer, person) in people.iter().enumerate() {
        let mut reasons = Vec::new();
        if person.cycle_ending {
            reasons.push("cycle ending".to_owned());
        }
        if person.good_payer {
            reasons.push("good payer".to_owned());
        }
        let gains = |category: usize| margin(category) >= 0.0;
        let mut next = baskets.next(&person.owned, at_least);
        next.retain(|rule| gains(rule.category));
        let need = person.unmet_need.filter(|need| !person.owned.contains(need));
        // An unknown category is refused, whatever the others are worth.
        let of_itself = |need: usize| baskets.affinity(need, need, Default::default());
        let offer = match need.map(|need| of_itself(need).map(|found| (need, found))).transpose()? {
            Some((need, _)) if !gains(need) => None,
            Some((need, affinity)) => {
                reasons.push(format!("unmet need: {}", name(need)));
                let rule = next.into_iter().find(|rule| rule.category == need);
                let common = affinity.support.estimate;
                let because = rule.as_ref().map(|rule| (rule.because_of, rule.confidence));
                Some((need, because.map_or(common, |(_, confidence)| confidence), because))
            }
            None if reasons.is_empty() => None,
            None => next
                .into_iter()
                .max_by(|a, b| {
                    let worth = |rule: &super::Suggestion| rule.confidence * margin(rule.category);
                    // The last of equals is taken, and the order is that of the suggestions.
                    worth(a).total_cmp(&worth(b)).then(b.category.cmp(&a.category))
                })
                .map(|rule| (rule.category, rule.confidence, Some((rule.because_of, rule.confidence)))),
        };
        if let Some((category, probability, because)) = offer {
            if let Some((owned, confidence)) = because {
                reasons.push(format!("{:.0} % of those with {} own it", confidence * 100.0, name(owned)));
            }
            // Adding zero turns -0 into 0.
            let expected_margin = probability * margin(category) + 0.0;
            offers.push(OfferCandidate { customer, category, probability, expected_margin, reasons });
        }
    }
    offers.sort_by(|a, b| b.expected_margin.total_cmp(&a.expected_margin));
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_offered_at_a_loss() {
        let baskets = Baskets::new(["a", "b", "c"], &[vec![0, 1], vec![0, 1, 2], vec![0]]).unwrap();
        let payer = Prospect { owned: vec![0], good_payer: true, ..Prospect::default() };
        let needy = Prospect { unmet_need: Some(1), ..payer.clone() };
        let offers =
            |margins: &[f64]| candidates(&baskets, margins, &[payer.clone(), needy.clone()], 1).unwrap();
        // b is likelier but loses 5 each time: c is offered to the first, and nothing to the one
        // who asks for b.
        let found = offers(&[1.0, -5.0, 2.0]);
        assert_eq!(found.iter().map(|offer| (offer.customer, offer.category)).collect::<Vec<_>>(), [(0, 2)]);
        assert!(offers(&[1.0, -5.0, -0.1]).is_empty());
        let free = offers(&[1.0, -0.0, -1.0]);
        assert!(free.len() == 2 && free.iter().all(|offer| offer.expected_margin.is_sign_positive()));
    }

    #[test]
    fn a_need_names_the_category() {
        let baskets = Baskets::new(["a", "b", "c"], &[vec![0, 1], vec![0], vec![2], vec![0, 1]]).unwrap();
        let need =
            Prospect { owned: vec![0], unmet_need: Some(2), cycle_ending: true, ..Prospect::default() };
        let offers = candidates(&baskets, &[1.0, 100.0, 4.0], std::slice::from_ref(&need), 1).unwrap();
        // Nobody with a owns c; a quarter of all own it.
        assert_eq!((offers[0].category, offers[0].probability, offers[0].expected_margin), (2, 0.25, 1.0));
        assert_eq!(offers[0].reasons, ["cycle ending", "unmet need: c"]);
        let unknown = Prospect { unmet_need: Some(9), ..need };
        let text = |margins: &[f64], person: &Prospect| {
            candidates(&baskets, margins, std::slice::from_ref(person), 1).unwrap_err().to_string()
        };
        assert_eq!(text(&[1.0; 3], &unknown), "index 9 is out of range for 3 categories");
        assert_eq!(text(&[1.0], &unknown), "expected 3 margins, got 1");
    }
}
