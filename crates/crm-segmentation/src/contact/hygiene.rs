use std::cmp::Reverse;

use crate::{Assignments, Error};

/// What is known of a person on a contact list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Contact {
    /// Has blocked or removed us: nothing arrives.
    pub blocked: bool,
    /// Is there to advertise their own goods.
    pub advertising_only: bool,
    /// Days without a sign of life.
    pub idle_days: u32,
}

/// Whom to drop from a list that has an end: a messenger account takes 5 000 contacts.
///
/// Who has blocked us goes, full or not. While the list is still over its capacity, those who only advertise go, then those
/// idle for more than n days, the longest first, then the longest idle of all others. Ties go in the order of the input.
///
/// ```
/// use crm_segmentation::contact::{Contact, ListRules};
///
/// let contact = |blocked, advertising_only, idle_days| Contact { blocked, advertising_only, idle_days };
/// let list = [contact(false, false, 3), contact(false, true, 1), contact(true, false, 0), contact(false, false, 200)];
/// // Room for one, and 180 days are too long.
/// let pruned = ListRules::new(1, 180)?.prune(&list);
/// assert_eq!(pruned.drop(), [2, 1, 3]);
/// assert_eq!(pruned.groups().reason(3), Some("idle for more than 180 days, and the list is full"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(usize, u32)", into = "(usize, u32)"))]
pub struct ListRules {
    capacity: usize,
    idle_after: u32,
}

/// A list with those named who go.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    drop: Vec<usize>,
    groups: Assignments,
}

impl ListRules {
    /// How many the list takes, and after how many days somebody is idle.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a list that takes nobody.
    pub fn new(capacity: usize, idle_after: u32) -> Result<Self, Error> {
        if capacity == 0 {
            let allowed = "be at least 1".to_owned();
            return Err(Error::OutOfRange { field: "capacity", allowed, value: "0".to_owned() });
        }
        Ok(Self { capacity, idle_after })
    }

    /// Whom to drop, whom first, and why.
    #[must_use]
    pub fn prune(&self, list: &[Contact]) -> Pruned {
        // The rule that would apply first; 0 is the first to go.
        let rule = |contact: &Contact| match contact {
            Contact { blocked: true, .. } => 0_u8,
            Contact { advertising_only: true, .. } => 1,
            Contact { idle_days, .. } if *idle_days > self.idle_after => 2,
            _ => 3,
        };
        let mut order: Vec<(usize, u8, u32)> = list
            .iter()
            .enumerate()
            .map(|(place, contact)| (place, rule(contact), contact.idle_days))
            .collect();
        order.sort_by_key(|(_, rule, idle)| (*rule, Reverse(*idle)));
        let over = list.len().saturating_sub(self.capacity);
        let going = order.iter().enumerate().filter(|(place, (_, rule, _))| *rule == 0 || *place < over);
        let drop: Vec<usize> = going.map(|(_, (contact, ..))| *contact).collect();
        let mut why = vec![4_u8; list.len()];
        for (contact, rule, _) in order.iter().take(drop.len()) {
            if let Some(slot) = why.get_mut(*contact) {
                *slot = *rule;
            }
        }
        let full = ", and the list is full";
        let rules = vec![
            (1, "has blocked us".to_owned()),
            (1, format!("only advertises{full}")),
            (1, format!("idle for more than {} days{full}", self.idle_after)),
            (1, format!("idle longest of the others{full}")),
            (0, "there is room".to_owned()),
        ];
        Pruned { drop, groups: Assignments::by_rule(["keep", "drop"], rules, why) }
    }
}

/// 5 000 contacts; half a year is idle.
impl Default for ListRules {
    fn default() -> Self {
        Self { capacity: 5_000, idle_after: 180 }
    }
}

impl TryFrom<(usize, u32)> for ListRules {
    type Error = Error;

    fn try_from((capacity, idle_after): (usize, u32)) -> Result<Self, Error> {
        Self::new(capacity, idle_after)
    }
}

impl From<ListRules> for (usize, u32) {
    fn from(rules: ListRules) -> Self {
        (rules.capacity, rules.idle_after)
    }
}

impl Pruned {
    /// Who goes, the first to go first.
    #[must_use]
    pub fn drop(&self) -> &[usize] {
        &self.drop
    }

    /// Keep or drop, with the reason.
    #[must_use]
    pub fn groups(&self) -> &Assignments {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_room_loses_only_who_has_blocked_us() {
        let list = [
            Contact { blocked: true, ..Contact::default() },
            Contact { advertising_only: true, idle_days: 900, ..Contact::default() },
        ];
        let pruned = ListRules::default().prune(&list);
        assert_eq!(
            (pruned.drop(), pruned.groups().to_string().as_str()),
            ([0].as_slice(), "keep: 1, drop: 1")
        );
        assert_eq!(pruned.groups().reason(1), Some("there is room"));
        assert!(ListRules::new(0, 1).is_err());
    }
}
