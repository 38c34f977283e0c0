//! SegmentRule sets that others have published, as data.

use super::{RfmCell, RuleSet, SegmentRule};

/// The usual eleven, as code lists, and the group that the lists leave out.
const USUAL: [(&str, &str); 11] = [
    ("Champions", "555 554 544 545 454 455 445"),
    ("Loyal", "543 444 435 355 354 345 344 335"),
    (
        "Potential Loyalist",
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323",
    ),
    ("New Customers", "512 511 422 421 412 411 311"),
    ("Promising", "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313"),
    ("Need Attention", "535 534 443 434 343 334 325 324"),
    ("About to Sleep", "331 321 312 221 213 231 241 251"),
    ("At Risk", "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124"),
    ("Cannot Lose Them", "155 154 144 214 215 115 114 113"),
    ("Hibernating", "332 322 233 232 223 222 132 123 122 212 211"),
    ("Lost", "111 112 121 131 141 151"),
];

/// The eleven of the shop platforms but for the customers without an order: name, least and most R,
/// least and most FM.
const SHOP_PLATFORM: [(&str, [u8; 2], [f64; 2]); 10] = [
    ("CHAMPIONS", [5, 5], [4.0, 5.0]),
    ("LOYAL", [3, 4], [4.0, 5.0]),
    ("ACTIVE", [4, 5], [2.5, 3.5]),
    ("NEW", [5, 5], [1.0, 2.0]),
    ("PROMISING", [3, 4], [1.0, 2.0]),
    ("NEEDS_ATTENTION", [3, 3], [2.5, 3.5]),
    ("AT_RISK", [1, 2], [3.0, 3.5]),
    ("PREVIOUSLY_LOYAL", [1, 2], [4.0, 5.0]),
    ("ALMOST_LOST", [1, 2], [2.0, 2.5]),
    ("DORMANT", [1, 2], [1.0, 1.5]),
];

const BINS: u8 = 5;

/// A cell that some vendors print under another group than [`RuleSet::usual`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleDeviation {
    /// The cell's code.
    pub code: &'static str,
    /// Its group here.
    pub here: &'static str,
    /// Its group in the lists that deviate.
    pub elsewhere: &'static str,
}

/// Differences between published lists of the usual eleven groups.
///
/// Some vendors print these cells twice, under About to Sleep and under Hibernating, so that their
/// groups overlap.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::{RULE_DEVIATIONS, RfmPlace, RuleSet};
///
/// let usual = RuleSet::usual();
/// for deviation in RULE_DEVIATIONS {
///     let place = RfmPlace::Cell(deviation.code.parse()?);
///     assert_eq!(usual.rule(place).unwrap().name(), deviation.here);
/// }
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub const RULE_DEVIATIONS: [RuleDeviation; 3] = [
    RuleDeviation { code: "231", here: "About to Sleep", elsewhere: "Hibernating" },
    RuleDeviation { code: "241", here: "About to Sleep", elsewhere: "Hibernating" },
    RuleDeviation { code: "251", here: "About to Sleep", elsewhere: "Hibernating" },
];

impl RuleSet {
    /// Returns the usual eleven groups, from Champions to Lost, by the code lists that marketing
    /// suites publish.
    ///
    /// | group | cells |
    /// |---|---|
    /// | Champions | 555 554 544 545 454 455 445 |
    /// | Loyal | 543 444 435 355 354 345 344 335 |
    /// | Potential Loyalist | 553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323 |
    /// | New Customers | 512 511 422 421 412 411 311 |
    /// | Promising | 525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313 |
    /// | Need Attention | 535 534 443 434 343 334 325 324 |
    /// | About to Sleep | 331 321 312 221 213 231 241 251 |
    /// | At Risk | 255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124 |
    /// | Cannot Lose Them | 155 154 144 214 215 115 114 113 |
    /// | Hibernating | 332 322 233 232 223 222 132 123 122 212 211 |
    /// | Lost | 111 112 121 131 141 151 |
    ///
    /// The lists cover the 125 cells once each; where vendors differ stands in [`RULE_DEVIATIONS`].
    /// The platforms have no group for customers without an order, so there is a twelfth here, `No
    /// Order Yet`.
    #[must_use]
    pub fn usual() -> Self {
        let group = |(name, codes)| SegmentRule::new(name).with_codes(codes).ok();
        let rules =
            USUAL.into_iter().filter_map(group).chain([SegmentRule::new("No Order Yet").with_no_order()]);
        Self::with_faults(BINS, rules.collect()).0
    }

    /// Returns the eleven groups that shop platforms report as an API value, from CHAMPIONS to
    /// PROSPECTS.
    ///
    /// The platforms publish that the group follows from R and the mean FM = (F + M) / 2, and they
    /// describe the groups in words. **They do not publish the cells: the ranges below are our
    /// reading of the words.** Very recent is R 5, recent R 3 or more, not recent R 1 and 2; most
    /// orders and spend FM 4 and more, some and moderate 2.5 to 3.5, few and low up to 2. Among
    /// those not recent, a very strong history is FM 4 and more, a strong one 3 and 3.5, fewer
    /// orders 2 and 2.5, infrequent ones up to 1.5.
    ///
    /// | group | words | R | FM |
    /// |---|---|---|---|
    /// | CHAMPIONS | very recent, many orders, most spend | 5 | 4 to 5 |
    /// | LOYAL | recent, many orders, most spend | 3, 4 | 4 to 5 |
    /// | ACTIVE | recent, some orders, moderate spend | 4, 5 | 2.5 to 3.5 |
    /// | NEW | very recent, few orders, low spend | 5 | 1 to 2 |
    /// | PROMISING | recent, few orders, low spend | 3, 4 | 1 to 2 |
    /// | NEEDS_ATTENTION | recent, less so than active, some orders, moderate spend | 3 | 2.5 to 3.5 |
    /// | AT_RISK | not recent, strong history | 1, 2 | 3, 3.5 |
    /// | PREVIOUSLY_LOYAL | not recent, very strong history | 1, 2 | 4 to 5 |
    /// | ALMOST_LOST | not recent, fewer orders, lower spend | 1, 2 | 2, 2.5 |
    /// | DORMANT | not recent, infrequent orders, low spend | 1, 2 | 1, 1.5 |
    /// | PROSPECTS | no order yet | | |
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::rfm::{RfmPlace, RuleSet};
    ///
    /// let groups = RuleSet::shop_platform();
    /// // R 2, FM (5 + 3) / 2 = 4: not recent, very strong history.
    /// let place = RfmPlace::Cell("253".parse()?);
    /// assert_eq!(groups.rule(place).unwrap().name(), "PREVIOUSLY_LOYAL");
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    #[must_use]
    pub fn shop_platform() -> Self {
        let group = |(name, [least, most], [low, high]): (&str, [u8; 2], [f64; 2])| {
            let inside = |cell: RfmCell| {
                (least..=most).contains(&cell.recency())
                    && (low..=high).contains(&cell.frequency_and_monetary())
            };
            SegmentRule::new(name).with_cells(BINS, inside)
        };
        let rules =
            SHOP_PLATFORM.into_iter().map(group).chain([SegmentRule::new("PROSPECTS").with_no_order()]);
        Self::with_faults(BINS, rules.collect()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::{Faults, RfmPlace};

    #[test]
    fn both_sets_pass_the_check_of_every_rule_set() {
        for set in [RuleSet::usual(), RuleSet::shop_platform()] {
            let (again, faults) = RuleSet::with_faults(BINS, set.rules().to_vec());
            assert_eq!(faults, Faults::default());
            assert_eq!(RuleSet::new(BINS, set.rules().to_vec()).unwrap(), again);
        }
        assert_eq!(RuleSet::usual().rules().len(), 12);
        assert_eq!(RuleSet::shop_platform().rules().len(), 11);
    }

    #[test]
    fn the_lists_are_as_long_as_published() {
        let sizes: Vec<usize> = RuleSet::usual().rules().iter().map(|rule| rule.places().len()).collect();
        assert_eq!(sizes, [7, 8, 24, 7, 16, 8, 8, 22, 8, 11, 6, 1]);
    }

    #[test]
    fn the_documented_table_is_the_data() {
        let source = include_str!("published.rs");
        for (name, codes) in USUAL {
            assert!(source.contains(&format!("/// | {name} | {codes} |")), "{name}");
        }
    }

    #[test]
    fn groups_improve_with_recency_at_the_same_history() {
        let name = |code: &str| {
            RuleSet::shop_platform().rule(RfmPlace::Cell(code.parse().unwrap())).unwrap().name().to_owned()
        };
        assert_eq!(
            ["555", "444", "344", "244", "144"].map(name),
            ["CHAMPIONS", "LOYAL", "LOYAL", "PREVIOUSLY_LOYAL", "PREVIOUSLY_LOYAL"]
        );
        assert_eq!(
            ["533", "433", "333", "233", "133"].map(name),
            ["ACTIVE", "ACTIVE", "NEEDS_ATTENTION", "AT_RISK", "AT_RISK"]
        );
        assert_eq!(
            ["511", "411", "311", "211", "122"].map(name),
            ["NEW", "PROMISING", "PROMISING", "DORMANT", "ALMOST_LOST"]
        );
    }
}
