use crm_numbers::{Share, check};
use rust_decimal::Decimal;

use crate::{Assignments, Error};

/// A customer's answers on which the pyramid depends; an answer that was not asked for is `None`,
/// not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Person {
    /// Purchases so far.
    pub purchases: u32,
    /// Our share of their spend in the category; `None` where it is not known.
    pub share_of_wallet: Option<Share>,
    /// Number of people referred by the customer; `None` if it was not asked for.
    pub referrals: Option<u32>,
}

/// The rule for customers with an unknown share of wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnknownShare {
    /// It does not: purchases alone decide.
    #[default]
    Accepted,
    /// It does.
    Refused,
}

crm_numbers::names! {
    UnknownShare, "rule for unknown shares" {
        Accepted = "accepted",
        Refused = "refused",
    }
}

/// The loyalty pyramid 忠诚金字塔: prospect, first-time, repeat, client, advocate.
///
/// A prospect has not bought; one purchase makes a first-time customer, a second one a repeat
/// customer; a client buys often (4 purchases by default) and gives us at least half of the spend
/// in the category; an advocate is a client with at least one referral. [`Climb`](super::Climb)
/// counts the conversion from level to level.
///
/// Unknown referrals are not zero referrals: a client who was not asked stays a client, and the
/// conversion to advocates is that of the clients who were. If no client was asked, there is no
/// level of advocates.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::{Person, LoyaltyPyramid};
///
/// let person = |purchases, referrals| Person { purchases, referrals, ..Person::default() };
/// let people = [person(0, None), person(1, Some(3)), person(3, None), person(9, Some(0)), person(9, Some(1))];
/// let levels = LoyaltyPyramid::default().assign(&people);
/// assert_eq!(levels.to_string(), "prospect: 1, first-time: 1, repeat: 1, client: 1, advocate: 1");
/// assert_eq!(levels.reason(3), Some("at least 4 purchases, share of wallet unknown, no referral"));
/// let unasked = LoyaltyPyramid::default().assign(&[person(1, None), person(9, None)]);
/// assert_eq!(unasked.to_string(), "prospect: 0, first-time: 1, repeat: 0, client: 1");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct LoyaltyPyramid {
    client_purchases: u32,
    client_share: Share,
    unknown_share: UnknownShare,
}

crm_numbers::gate!(LoyaltyPyramid, LoyaltyPyramid::checked);

impl LoyaltyPyramid {
    /// Creates the pyramid from the number of purchases and the share of wallet of a client.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than 3 purchases: two make a repeat customer.
    pub fn new(client_purchases: u32, client_share: Share) -> Result<Self, Error> {
        Self { client_purchases, client_share, unknown_share: UnknownShare::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("purchases of a client", self.client_purchases, 3..)?;
        Ok(self)
    }

    /// Sets the rule for unknown shares of wallet.
    #[must_use]
    pub fn with_unknown_share(self, unknown_share: UnknownShare) -> Self {
        Self { unknown_share, ..self }
    }

    /// Assigns each person the highest level that is known.
    ///
    /// The levels are prospect, first-time, repeat, client, and advocate where the referrals of at
    /// least one person are known. The answers that are not known are marked: see
    /// [`Assignments::is_asked`].
    #[must_use]
    pub fn assign(&self, people: &[Person]) -> Assignments {
        let n = self.client_purchases;
        let percent = (self.client_share.get() * Decimal::ONE_HUNDRED).normalize();
        let of_share = |known: bool| match known {
            true => format!("share of wallet at least {percent} %"),
            false => "share of wallet unknown".to_owned(),
        };
        let client = |known, referral| format!("at least {n} purchases, {}, {referral}", of_share(known));
        let rules = vec![
            (0, "no purchase".to_owned()),
            (1, "1 purchase".to_owned()),
            (2, format!("2 to {} purchases", n - 1)),
            (2, format!("at least {n} purchases, share of wallet below {percent} %")),
            (2, format!("at least {n} purchases, share of wallet unknown")),
            (3, client(true, "no referral")),
            (3, client(false, "no referral")),
            (3, client(true, "referrals unknown")),
            (3, client(false, "referrals unknown")),
            (4, client(true, "a referral")),
            (4, client(false, "a referral")),
        ];
        let refuses = self.unknown_share == UnknownShare::Refused;
        let rule = |person: &Person| match (person.purchases, person.share_of_wallet) {
            (0, _) => 0,
            (1, _) => 1,
            (few, _) if few < n => 2,
            (_, Some(share)) if share < self.client_share => 3,
            (_, None) if refuses => 4,
            (_, share) => {
                let rule = match person.referrals {
                    Some(0) => 5,
                    None => 7,
                    Some(_) => 9,
                };
                rule + u8::from(share.is_none())
            }
        };
        // Bits of the levels of clients and of advocates.
        let asked = people.iter().any(|person| person.referrals.is_some());
        let unasked = |person: &Person| {
            let (share, referrals) = (person.share_of_wallet.is_none(), person.referrals.is_none());
            u8::from(refuses && share) << 3 | u8::from(asked && referrals) << 4
        };
        let names = ["prospect", "first-time", "repeat", "client", "advocate"];
        Assignments::by_rule(
            names.into_iter().take(if asked { 5 } else { 4 }),
            rules,
            people.iter().map(rule).collect(),
        )
        .leaving_unasked(people.iter().map(unasked).collect())
    }
}

/// Four purchases and half of the wallet make a client.
impl Default for LoyaltyPyramid {
    fn default() -> Self {
        let half = Share::percent(50).unwrap_or(Share::ONE);
        Self { client_purchases: 4, client_share: half, unknown_share: UnknownShare::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_wallet_decides_where_it_is_known() {
        let share = |percent| Some(Share::percent(percent).unwrap());
        let people = [share(49), share(50), None].map(|share_of_wallet| Person {
            purchases: 7,
            share_of_wallet,
            referrals: Some(2),
        });
        let names = |pyramid: LoyaltyPyramid| {
            let levels = pyramid.assign(&people);
            (0..3).map(|i| levels.name(i).unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(LoyaltyPyramid::default()), ["repeat", "advocate", "advocate"]);
        let strict = LoyaltyPyramid::default().with_unknown_share(UnknownShare::Refused);
        assert_eq!(names(strict), ["repeat", "advocate", "repeat"]);
        assert_eq!(
            strict.assign(&people).reason(0),
            Some("at least 4 purchases, share of wallet below 50 %")
        );
        let refused = LoyaltyPyramid::new(2, Share::ONE).unwrap_err().to_string();
        assert_eq!(refused, "purchases of a client must be at least 3, got 2");
    }
}
