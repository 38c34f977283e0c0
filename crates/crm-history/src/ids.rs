//! Signs that ids are not those of customers.

use crate::{Amount, Customer, Ledger, QualityWarning};

/// Fewer rows than this say nothing about ids that never come twice.
const ROWS: u64 = 5;
/// An id stands out from this number of rows on, ...
const FREQUENT: u64 = 20;
/// ... from one row in so many on, ...
const ONE_IN: u64 = 20;
/// ... and from so many times the mean of all other ids on.
const TIMES_THE_MEAN: u64 = 8;

/// Doubts about the ids of a column, given the text of each.
pub(crate) fn warnings<K, A: Amount>(
    ledger: &Ledger<K, A>,
    column: &str,
    text: impl Fn(&K) -> &str,
) -> Vec<QualityWarning> {
    let mut found = Vec::new();
    let column = column.to_owned();
    let rows = ledger.rows() as u64;
    let of = |customer: u32| ledger.lines(Customer(customer)).len() as u64;
    let (mut buyers, mut most, mut frequent) = (0_u64, 0_u64, 0_u32);
    for customer in 0..ledger.customers() as u32 {
        let own = of(customer);
        buyers += u64::from(own > 0);
        if own > most {
            (most, frequent) = (own, customer);
        }
    }
    let ids: Vec<&str> = ledger.ids().iter().map(&text).collect();
    let spellings = differing_in_case(&ids, column.clone());
    // Where spellings differ, customers may have come back under another one.
    if rows >= ROWS && most == 1 && spellings.is_none() {
        found.push(QualityWarning::UnrepeatedIds { column: column.clone(), rows });
    }
    let stands_out =
        most.saturating_mul(buyers.saturating_sub(1)) >= (rows - most).saturating_mul(TIMES_THE_MEAN);
    if most >= FREQUENT && most.saturating_mul(ONE_IN) >= rows && buyers > 1 && stands_out {
        let id = ledger.id(Customer(frequent)).map_or("", &text).to_owned();
        found.push(QualityWarning::FrequentId { column, id, rows: most, of: rows });
    }
    found.extend(spellings);
    found
}

fn differing_in_case(ids: &[&str], column: String) -> Option<QualityWarning> {
    let any = |is_case: fn(char) -> bool| ids.iter().any(|id| id.chars().any(is_case));
    // Ids without a letter, or all in one case, cannot differ in case.
    if !any(char::is_uppercase) || !any(char::is_lowercase) {
        return None;
    }
    let mut hashes: Vec<(u64, usize)> = ids.iter().map(|id| hash_without_case(id)).zip(0..).collect();
    hashes.sort_unstable();
    let (mut same, mut groups, mut first) = (0, 0, None::<(usize, usize)>);
    for chunk in hashes.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() > 1) {
        // Different ids may share a hash.
        let spelled =
            |&(_, at): &(u64, usize)| (ids.get(at).map_or_else(String::new, |id| id.to_lowercase()), at);
        let mut spellings: Vec<(String, usize)> = chunk.iter().map(spelled).collect();
        spellings.sort_unstable();
        for group in spellings.chunk_by(|a, b| a.0 == b.0) {
            let [(_, one), (_, other), ..] = group else { continue };
            (same, groups) = (same + group.len() as u64, groups + 1);
            first = Some(first.map_or((*one, *other), |first| first.min((*one, *other))));
        }
    }
    let (example, spelling) = first?;
    let text = |at: usize| ids.get(at).map_or_else(String::new, |&id| id.to_owned());
    let (example, spelling) = (text(example), text(spelling));
    Some(QualityWarning::IdsDifferInCase { column, ids: same, groups, example, spelling })
}

/// One number for all spellings of an id (Fowler, Noll and Vo, FNV-1a).
fn hash_without_case(id: &str) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    match id.is_ascii() {
        true => id.bytes().map(|byte| byte.to_ascii_lowercase()).fold(START, mix),
        false => id.to_lowercase().bytes().fold(START, mix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;

    fn told(ids: &[&str]) -> Vec<QualityWarning> {
        let days: Vec<Day> = (0..ids.len()).map(|n| Day::new(20_000 + n as i32).unwrap()).collect();
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        let ledger = Ledger::from_columns(&ids, &days, &vec![1_i64; ids.len()]).unwrap();
        warnings(&ledger, "id", String::as_str)
    }

    #[test]
    fn ids_that_never_come_twice_are_told_from_five_rows_on() {
        assert_eq!(told(&["1", "2", "3", "4"]), []);
        let [warning] = told(&["1", "2", "3", "4", "5"]).try_into().unwrap();
        assert_eq!(warning, QualityWarning::UnrepeatedIds { column: "id".to_owned(), rows: 5 });
        assert_eq!(told(&["1", "2", "3", "4", "1"]), []);
    }

    #[test]
    fn a_large_customer_among_few_or_a_small_share_is_no_doubt() {
        let shop = |own: usize, others: usize, each: usize| {
            let names: Vec<String> = (0..others).map(|n| format!("{n}")).collect();
            let mut ids = vec!["guest"; own];
            (0..each).for_each(|_| ids.extend(names.iter().map(String::as_str)));
            told(&ids)
        };
        assert!(matches!(&shop(20, 40, 2)[..], [QualityWarning::FrequentId { rows: 20, of: 100, .. }]));
        assert_eq!(shop(19, 40, 2), []);
        assert_eq!(shop(20, 40, 3), [], "less than eight times the mean");
        assert_eq!(shop(20, 191, 2), [], "less than one row in twenty");
        assert_eq!(shop(50, 0, 1), []);
    }

    #[test]
    fn spellings_are_grouped() {
        let [warning] = told(&["Ann", "bob", "ann", "ÉVA", "ANN", "éva", "bob"]).try_into().unwrap();
        assert_eq!(
            warning.to_string(),
            "5 ids of column \"id\" fall into 2 groups that differ in case only, such as \"Ann\" and \"ann\"; \
             each spelling counts as a customer"
        );
        assert_eq!(told(&["C1", "C2", "C1"]), []);
        assert_eq!(told(&["C1", "c2", "C1"]), []);
    }
}
