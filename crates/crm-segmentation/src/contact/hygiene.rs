#![allow(clippy::indexing_slicing, reason = "places are those of the list")]

use crm_numbers::check;
use std::cmp::Reverse;

use rust_decimal::Decimal;

use crate::{Assignments, Error};

/// Facts about a person on a contact list.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ListedContact {
    /// Whether the contact has blocked or removed us, so that no message arrives.
    pub blocked: bool,
    /// Whether the contact is on the list only to advertise their own goods.
    pub advertising_only: bool,
    /// Days without a sign of life; `None` where that is not known.
    pub idle_days: Option<u32>,
    /// Value of the contact, in currency units; `None` if unknown.
    pub value: Option<Decimal>,
}

crm_numbers::debug!(ListedContact { blocked, advertising_only, idle_days, value });

/// Rules for a contact list of limited size, such as the 5 000 contacts of a messenger account.
///
/// Three kinds of contacts go, whatever the room left: contacts that have blocked us, those who
/// only advertise, and accounts dead for a number of days (30 by default; the published rule says
/// 30 to 60), the longest dead first. If the list is still over its capacity, the least valuable of
/// the others go. A contact of unknown value ranks in the middle, after the known values below
/// their median; equal ones go by idle days, the longest first, then in the order of the input.
///
/// # Examples
///
/// ```
/// use crm_segmentation::contact::{ListedContact, ListRules};
/// use rust_decimal::Decimal;
///
/// let worth = |value: i64| ListedContact { value: Some(value.into()), ..ListedContact::default() };
/// let list = [
///     worth(90),
///     ListedContact { advertising_only: true, ..worth(500) },
///     ListedContact { blocked: true, ..worth(500) },
///     worth(20),
///     ListedContact { idle_days: Some(45), ..worth(500) },
/// ];
/// // Room for all: three are removed all the same.
/// assert_eq!(ListRules::default().prune(&list).drop(), [2, 1, 4]);
/// // Room for one: the less valuable of the two left goes as well.
/// let pruned = ListRules::new(1, 30)?.prune(&list);
/// assert_eq!(pruned.drop(), [2, 1, 4, 3]);
/// assert_eq!(pruned.groups().reason(4), Some("no sign of life for 30 days or more"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ListRules {
    capacity: usize,
    dead_after: u32,
}

crm_numbers::gate!(ListRules, ListRules::checked);

/// A contact list with the contacts to drop.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    drop: Vec<usize>,
    groups: Assignments,
}

impl ListRules {
    /// Creates rules from the number of contacts that the list takes and the days after which an
    /// account is dead.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a capacity of 0 and for 0 days.
    pub fn new(capacity: usize, dead_after: u32) -> Result<Self, Error> {
        Self { capacity, dead_after }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("capacity", self.capacity, 1..)?;
        check::range("days of a dead account", self.dead_after, 1..)?;
        Ok(self)
    }

    /// Returns the contacts to drop, in order, and the reason for each.
    #[must_use]
    pub fn prune(&self, list: &[ListedContact]) -> Pruned {
        // Rules 0 to 2 apply always; a contact under rule 3 stays while there is room.
        let rule = |contact: &ListedContact| match contact {
            ListedContact { blocked: true, .. } => 0_u8,
            ListedContact { advertising_only: true, .. } => 1,
            ListedContact { idle_days: Some(days), .. } if *days >= self.dead_after => 2,
            _ => 3,
        };
        let mut values: Vec<Decimal> =
            list.iter().filter(|contact| rule(contact) == 3).filter_map(|contact| contact.value).collect();
        values.sort_unstable();
        let median = values.get(values.len() / 2).copied();
        // Known values below the median, unknown ones, known ones from the median on.
        let worth = |contact: &ListedContact| match (rule(contact), contact.value) {
            (3, Some(value)) if Some(value) < median => (0_u8, value),
            (3, Some(value)) => (2, value),
            _ => (1, Decimal::ZERO),
        };
        let mut order: Vec<(usize, &ListedContact)> = list.iter().enumerate().collect();
        order.sort_by_cached_key(|(_, contact)| (rule(contact), worth(contact), Reverse(contact.idle_days)));
        let gone = order.iter().filter(|(_, contact)| rule(contact) < 3).count();
        let over = (list.len() - gone).saturating_sub(self.capacity);
        let drop: Vec<usize> = order.iter().take(gone + over).map(|(place, _)| *place).collect();
        let mut why = vec![4_u8; list.len()];
        for (place, contact) in order.iter().take(drop.len()) {
            why[*place] = rule(contact);
        }
        let rules = vec![
            (1, "has blocked us".to_owned()),
            (1, "only advertises".to_owned()),
            (1, format!("no sign of life for {} days or more", self.dead_after)),
            (1, "least valuable of the others, and the list is full".to_owned()),
            (0, "there is room".to_owned()),
        ];
        Pruned { drop, groups: Assignments::by_rule(["keep", "drop"], rules, why) }
    }
}

/// 5 000 contacts; an account is dead after 30 days.
impl Default for ListRules {
    fn default() -> Self {
        Self { capacity: 5_000, dead_after: 30 }
    }
}

impl Pruned {
    /// Returns the contacts to drop as indices of the list, the first to go first.
    #[must_use]
    pub fn drop(&self) -> &[usize] {
        &self.drop
    }

    /// Returns keep or drop for each contact, with the reason.
    #[must_use]
    pub fn groups(&self) -> &Assignments {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_room_loses_blockers_advertisers_and_dead_accounts() {
        let idle = |days| ListedContact { idle_days: Some(days), ..ListedContact::default() };
        let list = [
            ListedContact { blocked: true, ..ListedContact::default() },
            ListedContact { advertising_only: true, ..ListedContact::default() },
            idle(29),
            idle(30),
            idle(60),
            // Unknown is not dead.
            ListedContact::default(),
        ];
        let pruned = ListRules::default().prune(&list);
        assert_eq!(pruned.drop(), [0, 1, 4, 3]);
        assert_eq!(pruned.groups().to_string(), "keep: 2, drop: 4");
        assert_eq!(pruned.groups().reason(2), Some("there is room"));
        let sixty = ListRules::new(5_000, 60).unwrap().prune(&list);
        assert_eq!(sixty.drop(), [0, 1, 4]);
        assert!(ListRules::new(0, 1).is_err() && ListRules::new(1, 0).is_err());
    }

    #[test]
    fn the_least_valuable_of_the_others_go_and_unknown_is_no_zero() {
        let contact = |value: Option<i64>, idle| ListedContact {
            value: value.map(Decimal::from),
            idle_days: Some(idle),
            ..ListedContact::default()
        };
        let list = [
            contact(Some(50), 1),
            contact(None, 2),
            contact(Some(10), 3),
            contact(Some(10), 9),
            contact(Some(80), 0),
            contact(None, 20),
        ];
        let order = ListRules::new(1, 30).unwrap().prune(&list);
        assert_eq!(order.drop(), [3, 2, 5, 1, 0]);
    }
}
