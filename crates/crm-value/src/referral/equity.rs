#![allow(clippy::indexing_slicing, reason = "numbers of people are indices of the network's columns")]

use std::fmt;

use crm_numbers::{Decimal, check, wide};

use super::ReferralNetwork;
use super::network::WEIGHTS;
use crate::allocation::Weights;
use crate::exact::rows;
#[cfg(feature = "serde")]
use crate::exact::{Expr, exact, follows};
use crate::{Error, MoneyUnit, NonNegative, Share};

/// The treatment of credit for referred people who are customers of the base themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferralRule {
    /// Credit is dropped: the value stays with the customer who earned it.
    Drop,
    /// Credit is transferred: the referrer gains the amount that the customer gives up.
    Transfer,
}

crm_numbers::names! {
    ReferralRule, "referral rule" {
        Drop = "drop",
        Transfer = "transfer",
    }
}

/// Terms by which credit for a referral is passed up the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReferralTerms {
    /// Share of the credit that is passed one step up; k steps up it is `decay^k`.
    pub decay: Share,
    /// Maximum number of steps; `None` for all.
    pub depth: Option<u32>,
    /// Treatment of credit for customers of the base.
    pub rule: ReferralRule,
    /// Unit of the credit; the cash must be a multiple of it.
    pub unit: MoneyUnit,
}

/// The equity of one person of the network.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[non_exhaustive]
pub struct EquityRow {
    /// Own cash of the person.
    pub cash: Decimal,
    /// Credit received for the people referred.
    pub received: Decimal,
    /// Credit passed to the referrers.
    pub passed: Decimal,
    /// cash + received - passed.
    pub equity: Decimal,
}

crm_numbers::debug!(EquityRow { cash, received, passed, equity });
crm_numbers::gate!(EquityRow, EquityRow::checked);

#[cfg(feature = "serde")]
impl EquityRow {
    fn checked(self) -> Result<Self, Error> {
        let expected = exact(self.cash) + self.received - self.passed;
        follows("equity", self.equity, expected.value("referral equity")?)?;
        Ok(self)
    }
}

/// Own value and referral value of all people, with each unit of money counted once.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ReferralEquity {
    rows: Vec<EquityRow>,
    total: Decimal,
}

crm_numbers::debug!(ReferralEquity { rows, total });
crm_numbers::gate!(ReferralEquity, ReferralEquity::checked);

impl ReferralEquity {
    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, Error> {
        let sum = |amount: fn(&EquityRow) -> Decimal| {
            self.rows.iter().map(amount).sum::<Expr>().value("referral equity")
        };
        follows("total", self.total, sum(|row| row.cash)?)?;
        follows("sum of the credit received", sum(|row| row.received)?, sum(|row| row.passed)?)?;
        Ok(self)
    }

    /// Returns one row per person, in the order of the network's people.
    #[must_use]
    pub fn rows(&self) -> &[EquityRow] {
        &self.rows
    }

    /// Returns the sum of all cash, which is also the sum of all equity.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }
}

impl fmt::Display for ReferralEquity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moved = self.rows.iter().filter(|row| !row.received.is_zero()).count();
        write!(
            f,
            "{} in total over {} people, {moved} of whom have credit for others",
            self.total,
            self.rows.len()
        )
    }
}

impl<K> ReferralNetwork<K> {
    /// Returns the equity of each person after credit for referrals, without counting any amount
    /// twice.
    ///
    /// The cash of a person moves up where the rule is [`ReferralRule::Transfer`], or where the
    /// person is outside the base: of what a person brings or receives, the part `decay` goes to
    /// the referrers, shared by their weights, and the rest stays. A person k steps below so gives
    /// `decay^k` of their cash to the k-th referrer, who gives `decay` of that on; and `sum(equity)
    /// == sum(cash)` holds to the last unit, by construction. Credit is rounded half to even to the
    /// unit at every step; several referrers share it by largest remainder.
    ///
    /// The credit `received` under [`ReferralRule::Transfer`] is the referral value of the person
    /// before double counts are removed.
    ///
    /// The time is proportional to people and referrals; with a depth below the longest chain,
    /// times the depth at most.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`](crate::InputError::Length) unless there is one amount a person;
    /// [`Error::NotWhole`] in the row of an amount finer than the unit; [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Decimal, Referral, ReferralNetwork, ReferralTerms, ReferralRule, Share, MoneyUnit};
    ///
    /// // ada referred bob, and bob cyd. Each is worth 100.
    /// let network = ReferralNetwork::new(
    ///     ["ada", "bob", "cyd"],
    ///     [Referral::new("ada", "bob"), Referral::new("bob", "cyd")],
    /// )?;
    /// let cash = [100, 100, 100].map(Decimal::from);
    /// let terms = ReferralTerms { decay: Share::percent(50)?, depth: None, rule: ReferralRule::Transfer, unit: MoneyUnit::CENT };
    /// let equity = network.equity(&cash, &terms)?;
    /// // cyd gives 50; bob has 150 and gives 75.
    /// let rows: Vec<_> = equity.rows().iter().map(|row| row.equity).collect();
    /// assert_eq!(rows, [175, 75, 50].map(Decimal::from));
    /// assert_eq!(equity.total(), Decimal::from(300));
    ///
    /// let dropped = network.equity(&cash, &ReferralTerms { rule: ReferralRule::Drop, ..terms })?;
    /// assert!(dropped.rows().iter().all(|row| row.equity == Decimal::from(100)));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn equity(&self, cash: &[Decimal], terms: &ReferralTerms) -> Result<ReferralEquity, Error> {
        check::length("amounts of cash", cash.len(), self.people().len())?;
        let units = rows(cash.iter(), |amount| terms.unit.count("cash", *amount))?;
        let mut credit = vec![Credit::default(); cash.len()];
        let moves = |person: usize| terms.rule == ReferralRule::Transfer || self.outside[person];
        match terms.depth {
            Some(depth) if depth < self.longest_chain() => {
                let own = (0..).zip(&units);
                let own = own.map(|(person, units)| if moves(person) { *units } else { 0 }).collect();
                self.step_by_step(own, depth, terms, &mut credit)?;
            }
            _ => self.all_the_way(&units, moves, terms, &mut credit)?,
        }
        let amount = |units| terms.unit.amount_of("referral equity", units);
        let mut total = 0_i128;
        let mut rows = Vec::with_capacity(cash.len());
        for ((units, Credit { received, passed }), &cash) in units.into_iter().zip(credit).zip(cash) {
            total = checked(total, units)?;
            let equity = amount(checked(checked(units, received)?, -passed)?)?;
            rows.push(EquityRow { cash, received: amount(received)?, passed: amount(passed)?, equity });
        }
        Ok(ReferralEquity { rows, total: amount(total)? })
    }

    /// One pass from the youngest up: everything that arrives goes on.
    fn all_the_way(
        &self,
        units: &[i128],
        moves: impl Fn(usize) -> bool,
        terms: &ReferralTerms,
        credit: &mut [Credit],
    ) -> Result<(), Error> {
        for &person in &self.order {
            let place = person as usize;
            let own = if moves(place) { units[place] } else { 0 };
            let here = checked(own, credit[place].received)?;
            self.pass(person, here, terms, credit, |_, _| Ok(()))?;
        }
        Ok(())
    }

    /// One pass a step: what has gone `depth` steps stays.
    fn step_by_step(
        &self,
        mut flow: Vec<i128>,
        depth: u32,
        terms: &ReferralTerms,
        credit: &mut [Credit],
    ) -> Result<(), Error> {
        for _ in 0..depth {
            let mut above = vec![0; flow.len()];
            for (person, &here) in (0..).zip(&flow) {
                self.pass(person, here, terms, credit, |referrer, part| {
                    above[referrer] = checked(above[referrer], part)?;
                    Ok(())
                })?;
            }
            if above.iter().all(|flow| *flow == 0) {
                break;
            }
            flow = above;
        }
        Ok(())
    }

    /// Gives a person's part of what is here to the referrers, and tells what each of them got.
    fn pass(
        &self,
        person: u32,
        here: i128,
        terms: &ReferralTerms,
        credit: &mut [Credit],
        mut tell: impl FnMut(usize, i128) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let referrers = self.referrers_of(person);
        if here == 0 || referrers.is_empty() {
            return Ok(());
        }
        let given = part_of(here, terms.decay);
        let from = &mut credit[person as usize];
        from.passed = checked(from.passed, given)?;
        let mut give = |referrer: u32, part: i128| {
            let to = &mut credit[referrer as usize];
            to.received = checked(to.received, part)?;
            tell(referrer as usize, part)
        };
        if let [(referrer, _)] = referrers {
            return give(*referrer, given);
        }
        let weights: Vec<NonNegative> = referrers.iter().map(|(_, weight)| *weight).collect();
        let parts = Weights::new(WEIGHTS, &weights)?.share(given);
        referrers.iter().zip(parts).try_for_each(|((referrer, _), part)| give(*referrer, part))
    }
}

/// Credit of one person, in units.
#[derive(Debug, Clone, Copy, Default)]
struct Credit {
    received: i128,
    passed: i128,
}

#[inline]
fn checked(left: i128, right: i128) -> Result<i128, Error> {
    left.checked_add(right)
        .ok_or_else(|| Error::Overflow { term: "referral equity", operation: format!("{left} + {right}") })
}

/// A share of so many units, half to even.
fn part_of(units: i128, share: Share) -> i128 {
    let (mantissa, by) = (share.get().mantissa().unsigned_abs(), 10_u128.pow(share.get().scale()));
    let (part, rest) = wide::multiply_divide(units.unsigned_abs(), mantissa, by).unwrap_or_default();
    let up = rest * 2 > by || (rest * 2 == by && part % 2 == 1);
    (part + u128::from(up)) as i128 * units.signum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Referral;

    fn equities(
        referrals: &[(u32, u32)],
        cash: &[i64],
        terms: &ReferralTerms,
        outsiders: &[u32],
    ) -> Vec<Decimal> {
        let referrals = referrals.iter().map(|(referrer, referred)| Referral::new(*referrer, *referred));
        let network = ReferralNetwork::new(0..cash.len() as u32, referrals).unwrap();
        let network = network.with_outsiders(outsiders.iter().copied()).unwrap();
        let cash: Vec<Decimal> = cash.iter().map(|cents| Decimal::new(*cents, 2)).collect();
        network.equity(&cash, terms).unwrap().rows().iter().map(|row| row.equity).collect()
    }

    fn cents(cents: &[i64]) -> Vec<Decimal> {
        cents.iter().map(|cents| Decimal::new(*cents, 2)).collect()
    }

    fn half() -> ReferralTerms {
        ReferralTerms {
            decay: Share::percent(50).unwrap(),
            depth: None,
            rule: ReferralRule::Transfer,
            unit: MoneyUnit::CENT,
        }
    }

    #[test]
    fn credit_is_shared_and_the_odd_cent_goes_to_the_first() {
        // 0 and 1 referred 2, who is worth 1.02: 0.51 goes up, 0.26 and 0.25.
        assert_eq!(equities(&[(0, 2), (1, 2)], &[0, 0, 102], &half(), &[]), cents(&[26, 25, 51]));
    }

    #[test]
    fn depth_ends_the_way_up() {
        let chain = [(0, 1), (1, 2), (2, 3)];
        let cash = [0, 0, 0, 800];
        assert_eq!(equities(&chain, &cash, &half(), &[]), cents(&[100, 100, 200, 400]));
        let of_depth = |depth| equities(&chain, &cash, &ReferralTerms { depth: Some(depth), ..half() }, &[]);
        assert_eq!(of_depth(0), cents(&[0, 0, 0, 800]));
        assert_eq!(of_depth(1), cents(&[0, 0, 400, 400]));
        assert_eq!(of_depth(2), cents(&[0, 200, 200, 400]));
        assert_eq!(of_depth(3), of_depth(u32::MAX));
    }

    #[test]
    fn value_from_outside_the_base_moves_under_either_rule() {
        let drop = ReferralTerms { rule: ReferralRule::Drop, ..half() };
        // 0 referred 1 referred 2; only 2 is no customer.
        assert_eq!(equities(&[(0, 1), (1, 2)], &[1000, 1000, 400], &drop, &[2]), cents(&[1100, 1100, 200]));
        assert_eq!(equities(&[(0, 1), (1, 2)], &[1000, 1000, 400], &drop, &[]), cents(&[1000, 1000, 400]));
    }

    #[test]
    fn decay_at_its_ends_and_losses() {
        let all = ReferralTerms { decay: Share::ONE, ..half() };
        assert_eq!(equities(&[(0, 1), (1, 2)], &[1, 2, -5], &all, &[]), cents(&[-2, 0, 0]));
        let none = ReferralTerms { decay: Share::ZERO, ..half() };
        assert_eq!(equities(&[(0, 1), (1, 2)], &[1, 2, -5], &none, &[]), cents(&[1, 2, -5]));
        assert_eq!([1, 3, 5, -1, -3].map(|units| part_of(units, half().decay)), [0, 2, 2, 0, -2]);
    }

    #[test]
    fn parts_are_rounded_to_the_nearest_unit() {
        let decay = Share::percent(30).unwrap();
        // 0.3, 0.6, 2.7, 3.0, and 1.5 and 4.5 to the even one.
        assert_eq!([1, 2, 9, 10, 5, 15].map(|units| part_of(units, decay)), [0, 1, 3, 3, 2, 4]);
        assert_eq!([-1, -2, -9, 0].map(|units| part_of(units, decay)), [0, -1, -3, 0]);
    }

    #[test]
    fn a_depth_that_is_no_limit_changes_nothing() {
        let chain = [(0, 1), (1, 2)];
        let all = equities(&chain, &[0, 1, 2], &half(), &[]);
        // 2 gives 1; 1 has 2 then, of which half goes on. Half of 1 alone would be rounded to 0.
        assert_eq!(all, cents(&[1, 1, 1]));
        for depth in [2, 3, u32::MAX] {
            assert_eq!(
                equities(&chain, &[0, 1, 2], &ReferralTerms { depth: Some(depth), ..half() }, &[]),
                all
            );
        }
        let one_step = ReferralTerms { depth: Some(1), ..half() };
        assert_eq!(equities(&chain, &[0, 1, 2], &one_step, &[]), cents(&[0, 2, 1]));
    }

    #[test]
    fn numbers_are_people_without_a_name() {
        let referrals = || [Referral::new(0, 1), Referral::new(1, 2)];
        let numbered = ReferralNetwork::numbered(3, referrals()).unwrap();
        assert_eq!(numbered, ReferralNetwork::new(0..3, referrals()).unwrap());
        assert_eq!((numbered.people(), numbered.referrals()), (&[0, 1, 2][..], 2));
        let text = |referral| ReferralNetwork::numbered(3, [referral]).unwrap_err().to_string();
        assert_eq!(text(Referral::new(3, 0)), "index 3 is out of range for 3 people");
        assert_eq!(text(Referral::new(0, 3)), "index 3 is out of range for 3 people");
    }

    #[test]
    fn a_chain_as_long_as_a_million_ends() {
        let people = 1_000_000_u32;
        let chain = (1..people).map(|person| Referral::new(person - 1, person));
        let network = ReferralNetwork::new(0..people, chain).unwrap();
        assert_eq!(network.longest_chain(), people - 1);
        let cash = vec![Decimal::new(100, 2); people as usize];
        let all = ReferralTerms { decay: Share::ONE, ..half() };
        let equity = network.equity(&cash, &all).unwrap();
        assert_eq!(equity.rows().first().unwrap().equity, Decimal::from(1_000_000));
        assert_eq!(equity.total(), Decimal::from(1_000_000));
    }

    #[test]
    fn errors_name_who_and_what() {
        let network = |referrals: &[(&'static str, &'static str)]| {
            let referrals: Vec<_> = referrals.iter().map(|(a, b)| Referral::new(*a, *b)).collect();
            ReferralNetwork::new(["ada", "bob", "cyd", "dan"], referrals).map_err(|error| error.to_string())
        };
        assert_eq!(
            network(&[("ada", "bob"), ("bob", "cyd"), ("cyd", "bob"), ("cyd", "dan")]).unwrap_err(),
            "referrals form a circle: bob -> cyd -> bob"
        );
        assert_eq!(network(&[("ada", "ada")]).unwrap_err(), "referrals form a circle: ada -> ada");
        assert_eq!(
            network(&[("ada", "eve")]).unwrap_err(),
            r#"unknown referred person "eve"; expected one of ada, bob, cyd, dan"#
        );
        assert_eq!(
            network(&[("eve", "ada")]).unwrap_err(),
            r#"unknown referrer "eve"; expected one of ada, bob, cyd, dan"#
        );
        assert_eq!(
            network(&[("ada", "bob"), ("ada", "bob")]).unwrap_err(),
            "referral ada -> bob is repeated"
        );
        let nothing = Referral::new("ada", "bob").with_weight(NonNegative::ZERO);
        let text = ReferralNetwork::new(["ada", "bob"], [nothing]).unwrap_err().to_string();
        assert_eq!(text, "the sum of weights of the referrers of one person must be greater than 0");
        let text = ReferralNetwork::new(["ada", "ada"], []).unwrap_err().to_string();
        assert_eq!(text, r#"people[1] repeats "ada""#);
        let finer = [Decimal::new(1, 3); 4];
        let text = network(&[]).unwrap().equity(&finer, &half()).unwrap_err().to_string();
        assert_eq!(text, "row 0 (from 0): cash 0.001 is not a multiple of 0.01");
        let text = ReferralNetwork::numbered(2, [Referral::new(0, 2)]).unwrap_err().to_string();
        assert_eq!(text, "index 2 is out of range for 2 people");
        let long = (0..100).map(|person| Referral::new(person, (person + 1) % 100));
        let text = ReferralNetwork::new(0..100, long).unwrap_err().to_string();
        assert!(
            text.ends_with(
                "circle: 0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9 -> 10 -> 11 -> ... (100 people)"
            ),
            "{text}"
        );
    }
}
