//! How a ledger is stored: ids, and columns of its lines; read back through the same checks as any other columns.

use std::hash::Hash;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::people::People;
use crate::{Amount, Customer, DataQuality, Day, Ledger, Refused};

#[derive(Serialize, Deserialize)]
struct Stored<K, A> {
    ids: Vec<K>,
    first_contacts: Vec<Option<Day>>,
    customers: Vec<u32>,
    days: Vec<Day>,
    amounts: Vec<A>,
    quality: DataQuality,
    refused: Vec<Refused>,
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
        let people = People::new(stored.ids, stored.first_contacts);
        let distinct = |(number, id)| people.find(id).map(Customer::index) == Some(number);
        if !people.ids().iter().enumerate().all(distinct) {
            return Err(D::Error::custom("ids must be distinct"));
        }
        let days: Vec<i32> = stored.days.iter().map(|day| day.since_epoch()).collect();
        let (ledger, _) = Ledger::from_numbered(people, &stored.customers, &days, &stored.amounts);
        Ok(ledger.with_report(stored.quality, stored.refused))
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
