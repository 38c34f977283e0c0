use super::{AccountScore, Scorecard};
use crate::Error;
use crm_numbers::check;

/// The role of a contact in the decisions of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContactRole {
    /// Signs.
    Decider,
    /// Is asked.
    Influencer,
    /// Will work with it.
    User,
}

crm_numbers::names! {
    ContactRole, "role" {
        Decider = "decider",
        Influencer = "influencer",
        User = "user",
    }
}

/// Weights of the roles, applied before the contacts of a customer are averaged.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RoleWeights {
    decider: f64,
    influencer: f64,
    user: f64,
}

crm_numbers::gate!(RoleWeights, RoleWeights::checked);

impl RoleWeights {
    /// Weights of decider, influencer and user.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless all are positive and finite.
    pub fn new(decider: f64, influencer: f64, user: f64) -> Result<Self, Error> {
        Self { decider, influencer, user }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { decider, influencer, user } = self;
        check::range_of_all("weights of roles", &[decider, influencer, user], check::above(0.0))?;
        Ok(self)
    }

    /// The weight of a role as a share of the largest.
    fn share_of(self, role: ContactRole) -> f64 {
        let Self { decider, influencer, user } = self;
        let largest = decider.max(influencer).max(user);
        let weight = match role {
            ContactRole::Decider => decider,
            ContactRole::Influencer => influencer,
            ContactRole::User => user,
        };
        // A role always counts, however small it is beside the largest.
        (weight / largest).max(f64::MIN_POSITIVE)
    }
}

/// Deciders count three, influencers two, users one.
impl Default for RoleWeights {
    fn default() -> Self {
        Self { decider: 3.0, influencer: 2.0, user: 1.0 }
    }
}

/// The answers of several contacts of one customer, each with a role.
///
/// Per criterion, the account's answer is the mean of its contacts' answers, weighted by role; who
/// did not answer a criterion has no say in it.
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::{Account, ContactRole, RoleWeights, presets};
///
/// // Money, authority, need on 0..=10. The head of purchasing signs; an engineer needs it badly.
/// let mut account = Account::new(RoleWeights::default());
/// account.add(ContactRole::Decider, &[Some(8.0), Some(10.0), Some(4.0)]);
/// account.add(ContactRole::User, &[None, Some(2.0), Some(8.0)]);
/// let score = account.score(&presets::man())?;
/// // Money 8; authority (3 x 10 + 1 x 2) / 4 = 8; need (3 x 4 + 1 x 8) / 4 = 5: the mean of 80, 80 and 50.
/// assert!((score.total.unwrap() - 70.0).abs() < 1e-9);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    weights: RoleWeights,
    people: Vec<(ContactRole, Vec<Option<f64>>)>,
}

impl Account {
    /// Creates an account without answers.
    #[must_use]
    pub fn new(weights: RoleWeights) -> Self {
        Self { weights, people: Vec::new() }
    }

    /// Adds one person's answers, in the order of the criteria that will be asked for.
    pub fn add(&mut self, role: ContactRole, answers: &[Option<f64>]) {
        self.people.push((role, answers.to_vec()));
    }

    /// Computes the mark of the account.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without contacts, and unless every contact has one answer per criterion;
    /// otherwise as [`Scorecard::score`].
    pub fn score(&self, card: &Scorecard) -> Result<AccountScore, Error> {
        check::not_empty("people of the account", &self.people)?;
        let mut weights = vec![0.0; card.criteria().len()];
        for (role, answers) in &self.people {
            check::length("answers", answers.len(), weights.len())?;
            for (weight, (answer, criterion)) in weights.iter_mut().zip(answers.iter().zip(card.criteria())) {
                if let Some(answer) = answer {
                    // One wrong answer must not hide in a mean.
                    criterion.check(*answer)?;
                    *weight += self.weights.share_of(*role);
                }
            }
        }
        // Each answer times its share of the weight: neither large weights nor large answers leave
        // f64.
        let mean = |(place, (weight, criterion)): (usize, (f64, &super::ScorecardCriterion))| {
            let (low, high) = criterion.scale();
            let answers = self.people.iter().filter_map(|(role, answers)| {
                answers
                    .get(place)
                    .copied()
                    .flatten()
                    .map(|answer| self.weights.share_of(*role) / weight * answer)
            });
            (weight > 0.0).then(|| answers.sum::<f64>().clamp(low, high))
        };
        let answers: Vec<Option<f64>> =
            weights.into_iter().zip(card.criteria()).enumerate().map(mean).collect();
        card.score(&answers)
    }
}

#[cfg(test)]
mod tests {
    use super::super::presets;
    use super::*;

    #[test]
    fn the_largest_weights_and_scales_give_a_mark() {
        let wide = super::super::ScorecardCriterion::new("value", 1.0, -8e307, 8e307);
        let card = Scorecard::new([wide]).unwrap();
        let mut account = Account::new(RoleWeights::new(f64::MAX, f64::MIN_POSITIVE, f64::MAX).unwrap());
        account.add(ContactRole::Decider, &[Some(8e307)]);
        account.add(ContactRole::User, &[Some(8e307)]);
        assert_eq!(account.score(&card).unwrap().total, Some(100.0));
        let mut quiet = Account::new(RoleWeights::new(f64::MAX, f64::MIN_POSITIVE, f64::MAX).unwrap());
        quiet.add(ContactRole::Influencer, &[Some(8e307)]);
        assert_eq!(quiet.score(&card).unwrap().total, Some(100.0));
    }

    #[test]
    fn accounts_that_cannot_be_scored_are_refused() {
        let mut account = Account::new(RoleWeights::default());
        let text = |account: &Account| account.score(&presets::man()).unwrap_err().to_string();
        assert_eq!(text(&account), "people of the account must not be empty");
        account.add(ContactRole::Influencer, &[Some(11.0), Some(1.0), None]);
        assert_eq!(text(&account), "answer to \"money\" must be between 0 and 10, got 11");
        account.add(ContactRole::User, &[]);
        assert!(
            RoleWeights::new(1.0, 0.0, 1.0)
                .unwrap_err()
                .to_string()
                .ends_with("must be greater than 0, got 0")
        );
    }
}
