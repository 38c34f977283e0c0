use crate::column::check_finite;
use crate::{Assignments, Error};
use crm_numbers::check;

/// The contact ladder: contact, intent, bought, bought again, refers.
///
/// Nobody skips a level but the one of intent: a purchase shows it. [`Climb`](super::Climb) counts
/// the conversions.
///
/// Interest and referrals that were not asked for are `None`, not "no": such customers are left out
/// of the conversion that depends on the answer. A level about which no customer was asked does not
/// exist.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::ContactLadder;
///
/// // Purchases, whether interest was shown, number of people referred.
/// let intent = [Some(false), Some(true), Some(false), Some(true), None];
/// let referrals = [None, None, Some(0), Some(0), Some(2)];
/// let levels = ContactLadder.assign(&[0, 0, 1, 4, 1], &intent, &referrals)?;
/// assert_eq!(levels.to_string(), "contact: 1, intent: 1, bought: 1, bought again: 1, refers: 1");
/// let unasked = ContactLadder.assign(&[0, 2], &[None, None], &[None, None])?;
/// assert_eq!(unasked.to_string(), "contact: 1, bought: 0, bought again: 1");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ContactLadder;

impl ContactLadder {
    /// Assigns each customer the highest level that is known; a referral counts only after a
    /// purchase.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length.
    pub fn assign(
        &self,
        purchases: &[u32],
        intent: &[Option<bool>],
        referrals: &[Option<u32>],
    ) -> Result<Assignments, Error> {
        check::length("values of intent", intent.len(), purchases.len())?;
        check::length("values of referrals", referrals.len(), purchases.len())?;
        let (intent_asked, referrals_asked) =
            (intent.iter().any(Option::is_some), referrals.iter().any(Option::is_some));
        // The level, and the text that gives the reason.
        let rules = [
            (0, "no purchase, no interest shown"),
            (0, "no purchase, interest unknown"),
            (1, "no purchase, interest shown"),
            (2, "1 purchase, no referral"),
            (2, "1 purchase, referrals unknown"),
            (3, "2 or more purchases, no referral"),
            (3, "2 or more purchases, referrals unknown"),
            (4, "has bought and referred somebody"),
        ];
        let rule = |((&purchases, &intent), &referrals): ((&u32, &Option<bool>), &Option<u32>)| match (
            purchases, intent, referrals,
        ) {
            (0, Some(false), _) => 0_u8,
            (0, None, _) => 1,
            (0, Some(true), _) => 2,
            (.., Some(1..)) => 7,
            (1, _, referrals) => 3 + u8::from(referrals.is_none()),
            (.., referrals) => 5 + u8::from(referrals.is_none()),
        };
        // Levels above one that does not exist move down by one.
        let level = |level: u8| level - u8::from(level > 0 && !intent_asked);
        let unasked = |(intent, referrals): (&Option<bool>, &Option<u32>)| {
            u8::from(intent_asked && intent.is_none()) << 1
                | u8::from(referrals_asked && referrals.is_none()) << level(4)
        };
        let exists = |level: usize| match level {
            1 => intent_asked,
            4 => referrals_asked,
            _ => true,
        };
        let names = ["contact", "intent", "bought", "bought again", "refers"].into_iter().enumerate();
        let names = names.filter(|(level, _)| exists(*level)).map(|(_, name)| name);
        let rules = rules.into_iter().map(|(code, text)| (level(code), text.to_owned())).collect();
        let why = purchases.iter().zip(intent).zip(referrals).map(rule).collect();
        Ok(Assignments::by_rule(names, rules, why)
            .leaving_unasked(intent.iter().zip(referrals).map(unasked).collect()))
    }
}

/// The trust ladder 信任: none, cognitive 认知信任 (knows that we deliver), emotional 情感信任 (feels well
/// with us), behavioral 行为信任 (acts on it: buys without comparing, pays in advance, refers).
///
/// Trust grows in this order: who acts without feeling it is on the level of what is felt, and the
/// reason says so.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::TrustLadder;
///
/// // Marks from 0 to 10; a level is reached at 6.
/// let levels = TrustLadder::new(6.0)?.assign(&[3.0, 8.0, 8.0, 9.0], &[9.0, 2.0, 7.0, 9.0], &[9.0, 9.0, 1.0, 8.0])?;
/// assert_eq!(levels.to_string(), "none: 1, cognitive: 1, emotional: 1, behavioral: 1");
/// assert_eq!(levels.reason(1), Some("cognitive at least 6, emotional below 6"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct TrustLadder {
    from: f64,
}

impl TrustLadder {
    /// Creates the ladder from the mark at which a level is reached.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless it is finite.
    pub fn new(from: f64) -> Result<Self, Error> {
        Ok(Self { from: check::range("mark of a level", from, ..)? })
    }

    /// Assigns every customer to a level, from marks of the three kinds.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for amounts that are not finite.
    pub fn assign(
        &self,
        cognitive: &[f64],
        emotional: &[f64],
        behavioral: &[f64],
    ) -> Result<Assignments, Error> {
        let columns = [("cognitive", cognitive), ("emotional", emotional), ("behavioral", behavioral)];
        for (field, column) in columns {
            check::length(format!("values of {field}"), column.len(), cognitive.len())?;
            check_finite(field, column)?;
        }
        let from = self.from;
        let level = |((&cognitive, &emotional), &behavioral): ((&f64, &f64), &f64)| {
            [cognitive, emotional, behavioral].iter().take_while(|mark| **mark >= from).count() as u8
        };
        let codes = cognitive.iter().zip(emotional).zip(behavioral).map(level).collect();
        let reasons = [
            format!("cognitive below {from}"),
            format!("cognitive at least {from}, emotional below {from}"),
            format!("cognitive and emotional at least {from}, behavioral below {from}"),
            format!("all three at least {from}"),
        ];
        Ok(Assignments::trusted(["none", "cognitive", "emotional", "behavioral"], codes).because(reasons))
    }
}

impl TryFrom<f64> for TrustLadder {
    type Error = Error;

    fn try_from(from: f64) -> Result<Self, Error> {
        Self::new(from)
    }
}

impl From<TrustLadder> for f64 {
    fn from(ladder: TrustLadder) -> Self {
        ladder.from
    }
}

/// Levels of a relationship between businesses: loose, close, strategic, shareholder.
///
/// Loose: orders alone. Close: a framework contract or a shared plan of demand. Strategic: joint
/// development or one's systems connected. Shareholder: one holds a share of the other.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::PartnershipLadder;
///
/// // Contract, joint development, share held.
/// let levels = PartnershipLadder.assign(&[false, true, true, false], &[false, false, true, false], &[false, false, false, true])?;
/// assert_eq!(levels.to_string(), "loose: 1, close: 1, strategic: 1, shareholder: 1");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PartnershipLadder;

impl PartnershipLadder {
    /// Assigns every account to the highest level with a supporting fact.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length.
    pub fn assign(&self, contract: &[bool], joint: &[bool], shares: &[bool]) -> Result<Assignments, Error> {
        check::length("values of joint", joint.len(), contract.len())?;
        check::length("values of shares", shares.len(), contract.len())?;
        let level = |((&contract, &joint), &shares): ((&bool, &bool), &bool)| match (shares, joint, contract)
        {
            (true, ..) => 3,
            (_, true, _) => 2,
            (.., contract) => u8::from(contract),
        };
        let codes = contract.iter().zip(joint).zip(shares).map(level).collect();
        let reasons = [
            "orders alone",
            "contract or shared plan",
            "joint development or connected systems",
            "a share is held",
        ];
        Ok(Assignments::trusted(["loose", "close", "strategic", "shareholder"], codes).because(reasons))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Climb;
    use super::*;

    #[test]
    fn interest_that_nobody_asked_for_is_not_missing_interest() {
        let conversions = |intent: &[Option<bool>]| {
            let purchases = [0, 0, 0, 0, 1, 1, 2, 0];
            let levels = ContactLadder.assign(&purchases, intent, &[None; 8]).unwrap();
            let climb = Climb::from_levels(&levels, Default::default()).unwrap();
            climb
                .steps()
                .iter()
                .map(|step| (step.name.clone(), step.conversion.map(|share| share.estimate), step.unknown))
                .collect::<Vec<_>>()
        };
        let name = str::to_owned;
        // Nobody was asked: 3 of 8 contacts have bought.
        assert_eq!(
            conversions(&[None; 8])[1..],
            [(name("bought"), Some(3.0 / 8.0), 0), (name("bought again"), Some(1.0 / 3.0), 0)]
        );
        // Four were asked: two of them are interested, one has bought besides.
        let some = [Some(true), Some(false), None, None, Some(true), None, None, Some(false)];
        assert_eq!(
            conversions(&some)[1..],
            [
                (name("intent"), Some(0.5), 4),
                (name("bought"), Some(0.5), 2),
                (name("bought again"), Some(1.0 / 3.0), 0)
            ]
        );
    }

    #[test]
    fn columns_must_fit_together() {
        let text = |result: Result<Assignments, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(ContactLadder.assign(&[1], &[Some(true)], &[])),
            "expected 1 values of referrals, got 0"
        );
        assert_eq!(text(PartnershipLadder.assign(&[true], &[], &[])), "expected 1 values of joint, got 0");
        let ladder = TrustLadder::new(5.0).unwrap();
        assert_eq!(text(ladder.assign(&[1.0], &[f64::NAN], &[1.0])), "emotional[0] must be finite, got NaN");
        assert!(TrustLadder::new(f64::NAN).is_err());
    }
}
