//! How a ledger is stored: ids, and columns of its lines; read back through the same checks as any
//! other columns.

use std::hash::Hash;
use std::sync::Arc;

use crm_numbers::check;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::account::Account;
use crate::people::People;
use crate::{Amount, Customer, DataQuality, Day, Ledger, Observation, RefusedRow, Summaries};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<K, A> {
    ids: Vec<K>,
    first_contacts: Vec<Option<Day>>,
    customers: Vec<u32>,
    days: Vec<Day>,
    amounts: Vec<A>,
    quality: DataQuality,
    refused: Vec<RefusedRow>,
}

impl<K: Clone + Serialize, A: Amount + Serialize> Serialize for Ledger<K, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let people = || (0..self.customers() as u32).map(Customer);
        let lines = || people().flat_map(|customer| self.lines(customer).map(move |line| (customer, line)));
        Stored {
            ids: self.ids().to_vec(),
            first_contacts: people().map(|customer| self.first_contact(customer)).collect(),
            customers: lines().map(|(customer, _)| customer.0).collect(),
            days: lines().map(|(_, line)| line.day).collect(),
            amounts: lines().map(|(_, line)| line.amount).collect(),
            quality: self.quality().clone(),
            refused: self.refused().to_vec(),
        }
        .serialize(serializer)
    }
}

impl<'de, K, A> Deserialize<'de> for Ledger<K, A>
where
    K: Clone + Eq + Hash + Deserialize<'de>,
    A: Amount + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::<K, A>::deserialize(deserializer)?;
        let rows = stored.customers.len();
        if rows != stored.days.len() || rows != stored.amounts.len() || rows > u32::MAX as usize {
            return Err(D::Error::custom(
                "customers, days and amounts must have one length of at most 2^32 - 1",
            ));
        }
        if let Some(amount) = stored.amounts.iter().find(|amount| !amount.is_summable()) {
            return Err(D::Error::custom(format!(
                "amount must be finite and below 1e290 in size, got {amount}"
            )));
        }
        if let Some(customer) =
            stored.customers.iter().find(|&&customer| customer as usize >= stored.ids.len())
        {
            return Err(D::Error::custom(format!("customer {customer} has no id")));
        }
        if stored.first_contacts.len() > stored.ids.len() {
            return Err(D::Error::custom("more first contacts than ids"));
        }
        let people = distinct::<K, D>(stored.ids, stored.first_contacts)?;
        let days: Vec<i32> = stored.days.iter().map(|day| day.since_epoch()).collect();
        let (ledger, _) = Ledger::from_numbered(people, &stored.customers, &days, &stored.amounts);
        Ok(ledger.with_report(stored.quality, stored.refused))
    }
}

/// Summaries as they are stored: people, and the sums over the lines of each.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "K: Serialize, A: Amount + Serialize",
    deserialize = "K: Deserialize<'de>, A: Amount + Deserialize<'de>"
))]
struct StoredSummaries<K, A: Amount> {
    observation: Observation,
    ids: Vec<K>,
    first_contacts: Vec<Option<Day>>,
    accounts: Vec<Account<A>>,
    later: Vec<u32>,
    past: Vec<u32>,
    rows_before: u64,
    rows_after: u64,
}

impl<K: Clone + Serialize, A: Amount + Serialize> Serialize for Summaries<K, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let people = 0..self.people.len();
        StoredSummaries {
            observation: self.observation,
            ids: self.people.ids().to_vec(),
            first_contacts: people.clone().map(|number| self.people.contact(number)).collect(),
            accounts: people
                .map(|number| self.account(Customer(number as u32)).cloned().unwrap_or_default())
                .collect(),
            later: self.later.clone(),
            past: self.past.clone(),
            rows_before: self.rows_before,
            rows_after: self.rows_after,
        }
        .serialize(serializer)
    }
}

impl<'de, K, A> Deserialize<'de> for Summaries<K, A>
where
    K: Clone + Eq + Hash + Deserialize<'de>,
    A: Amount + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredSummaries::<K, A>::deserialize(deserializer)?;
        let customers = stored.ids.len();
        check::length("accounts", stored.accounts.len(), customers).map_err(D::Error::custom)?;
        check::length("first contacts", stored.first_contacts.len(), customers).map_err(D::Error::custom)?;
        check::range("customers", customers, ..=u32::MAX as usize).map_err(D::Error::custom)?;
        for numbers in [&stored.later, &stored.past] {
            let ascend = numbers.is_sorted_by(|a, b| a < b);
            if !ascend || numbers.last().is_some_and(|last| *last as usize >= customers) {
                return Err(D::Error::custom("later and past must be ascending numbers of customers"));
            }
        }
        let end = stored.observation.end().since_epoch();
        let start = stored.observation.start().map_or(i32::MIN, Day::since_epoch);
        if let Some(number) = stored.accounts.iter().position(|account| !account.is_consistent(start, end)) {
            return Err(D::Error::custom(format!("the account of customer {number} contradicts itself")));
        }
        let people = distinct::<K, D>(stored.ids, stored.first_contacts)?;
        Ok(Summaries {
            people: Arc::new(people),
            observation: stored.observation,
            accounts: stored.accounts,
            places: Arc::new((0..customers as u32).collect()),
            later: stored.later,
            past: stored.past,
            rows_before: stored.rows_before,
            rows_after: stored.rows_after,
        })
    }
}

/// People with ids that are distinct.
fn distinct<'de, K, D>(ids: Vec<K>, contacts: Vec<Option<Day>>) -> Result<People<K>, D::Error>
where
    K: Eq + Hash,
    D: Deserializer<'de>,
{
    let people = People::new(ids, contacts);
    let distinct = |(number, id)| people.find(id).map(Customer::index) == Some(number);
    if people.ids().iter().enumerate().all(distinct) {
        Ok(people)
    } else {
        Err(D::Error::custom("ids must be distinct"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    fn ledger() -> Ledger<String, Decimal> {
        let day = |n| Day::new(n).unwrap();
        let mut builder = Ledger::builder();
        builder.push("bob".to_owned(), day(9), Decimal::new(1_999, 2)).unwrap();
        builder.push("ada".to_owned(), day(3), Decimal::new(-5, 1)).unwrap();
        builder.push("bob".to_owned(), day(1), Decimal::new(1, 0)).unwrap();
        builder.add_prospect("eve".to_owned(), Some(day(2)));
        builder.build()
    }

    #[test]
    fn a_stored_ledger_comes_back() {
        let text = serde_json::to_string(&ledger()).unwrap();
        let back: Ledger<String, Decimal> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ledger());
    }

    #[test]
    fn a_text_that_is_no_ledger_is_refused() {
        let text = serde_json::to_string(&ledger()).unwrap();
        let refusal = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            let changed = text.replacen(from, to, 1);
            serde_json::from_str::<Ledger<String, Decimal>>(&changed).unwrap_err().to_string()
        };
        assert!(refusal(r#""customers":[0"#, r#""customers":[7"#).contains("customer 7 has no id"));
        assert!(refusal(r#""customers":[0,"#, r#""customers":["#).contains("must have one length"));
        assert!(refusal("\"ada\"", "\"bob\"").contains("ids must be distinct"));
        assert!(refusal("[null,", "[null,null,null,").contains("more first contacts than ids"));
    }
}
