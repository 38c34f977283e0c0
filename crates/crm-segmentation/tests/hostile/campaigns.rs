//! Contacts, capacities, key accounts and offers.

use crm_history::Day;
use crm_segmentation::Assignments;
use crm_segmentation::contact::{
    AccountValue, Cadence, Demand, Every, KeyAccounts, ListRules, ListedContact, allocate,
};
use crm_segmentation::prospecting::{Adopters, Baskets, Prospect, candidates};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{count, day, debugged, decimal, fraction, level, name, real, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn contacts(
        rows in vec((0..3_u32, decimal(), decimal(), decimal(), decimal(), option::of(day())), 0..9),
        list in vec((any::<bool>(), any::<bool>(), option::of(count()), option::of(decimal())), 0..9),
        (capacity, room, days, today) in (decimal(), any::<usize>(), any::<u16>(), day()), top in fraction(),
    ) {
        let classes = Assignments::new(["A", "B", "C"], rows.iter().map(|row| row.0).collect::<Vec<_>>()).unwrap();
        let demands: Vec<Demand> =
            rows.iter().map(|row| Demand { units: row.1, margin_per_unit: row.2 }).collect();
        demands.iter().for_each(debugged);
        if let Ok(given) = allocate(capacity, &classes, &demands) {
            debugged(&given);
            // Digit by digit, in whole numbers of the 28th decimal place, of which there may be
            // more than 128 bits.
            let parts = given.units.iter().copied().chain([given.left]);
            prop_assert_eq!(digits(parts), digits([capacity]));
            let wanted = demands.iter().map(|demand| demand.units);
            prop_assert_eq!(digits(given.units.iter().copied().chain([given.unserved])), digits(wanted));
        }
        let accounts: Vec<AccountValue> = rows
            .iter()
            .map(|row| AccountValue { revenue: row.1, margin: row.2, cost_to_serve: row.3, displaced: row.4 })
            .collect();
        if let Ok(judged) = KeyAccounts::new(top).unwrap_or_default().judge(&accounts) {
            sound(judged.groups());
            prop_assert!(judged.gaps().iter().all(|gap| gap.gap.is_finite()));
        }
        let list: Vec<ListedContact> = list
            .iter()
            .map(|&(blocked, advertising_only, idle_days, value)| ListedContact { blocked, advertising_only, idle_days, value })
            .collect();
        list.iter().for_each(debugged);
        accounts.iter().for_each(debugged);
        let pruned = ListRules::new(room, u32::from(days)).unwrap_or_default().prune(&list);
        sound(pruned.groups());
        let cadence = Cadence::new([("A", Every::Days(days)), ("B", Every::Never)]).unwrap_or_default();
        let last: Vec<Option<Day>> = rows.iter().map(|row| row.5).collect();
        if let Ok(due) = cadence.due(&classes, &last, today) {
            sound(due.status());
            prop_assert!(due.list().len() <= rows.len() && due.next().len() == due.overdue().len());
        }
    }

    #[test]
    fn prospects(
        owned in vec(vec(0..5_usize, 0..5), 0..9), names in vec(name(), 0..5), margins in vec(real(), 0..5),
        people in vec((vec(prop_oneof![5 => 0..5_usize, 1 => Just(usize::MAX)], 0..4), any::<bool>(), any::<bool>(), option::of(0..6_usize)), 0..6),
        at_least in prop_oneof![3 => 0..3_u64, 1 => any::<u64>()], level in level(), days in vec(option::of(any::<i32>()), 0..9),
    ) {
        if let Ok(baskets) = Baskets::new(names, &owned) {
            for rule in baskets.affinities(at_least, level).unwrap() {
                let lift = rule.lift.unwrap();
                prop_assert!(lift.lower.is_finite() && lift.estimate > 0.0 && lift.upper.is_finite(), "{lift:?}");
            }
            let _ = baskets.affinity(usize::MAX, 0, level);
            let people: Vec<Prospect> = people
                .into_iter()
                .map(|(owned, cycle_ending, good_payer, unmet_need)| Prospect { owned, cycle_ending, good_payer, unmet_need })
                .collect();
            if let Ok(offers) = candidates(&baskets, &margins, &people, at_least) {
                for offer in offers {
                    prop_assert!(offer.expected_margin.is_finite() && offer.expected_margin.is_sign_positive());
                    prop_assert!((0.0..=1.0).contains(&offer.probability));
                }
            }
        }
        if let Ok(adopters) = Adopters::fit(&days) {
            sound(&adopters.assign(&days).unwrap());
        }
    }
}

/// The sum in units of the 28th decimal place, as digits to the base of 10^9.
fn digits(amounts: impl IntoIterator<Item = Decimal>) -> Vec<i128> {
    const BASE: i128 = 1_000_000_000;
    let mut places = vec![0_i128; 12];
    for amount in amounts {
        let mut low = amount.mantissa().rem_euclid(10_i128.pow(amount.scale()));
        let mut high = amount.mantissa().div_euclid(10_i128.pow(amount.scale()));
        low *= 10_i128.pow(28 - amount.scale());
        for place in places.iter_mut().take(4) {
            *place += low % BASE;
            low /= BASE;
        }
        // The fourth holds one digit: 28 = 3 x 9 + 1.
        for place in places.iter_mut().skip(4) {
            *place += high % BASE;
            high /= BASE;
        }
    }
    let mut carry = 0;
    for (place, base) in
        places.iter_mut().zip([BASE, BASE, BASE, 10].into_iter().chain(std::iter::repeat(BASE)))
    {
        *place += carry;
        carry = place.div_euclid(base);
        *place = place.rem_euclid(base);
    }
    places
}
