//! What stock costs while the supplier waits for its money, and how much to order.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use crate::big::Big;
use crate::exact::Sum;
use crate::{Breakdown, Error, NonNegative, Share, exact};

/// What a stock costs in all: total relevant cost with supplier credit (存货相关总成本).
///
/// `ordering + purchase + holding + shortage - purchase x loan rate of the credit period`; the purchase is after quantity
/// discount.
///
/// ```
/// use crm_value::{Decimal, Share, StockCost};
///
/// let cost = StockCost {
///     ordering: 500.into(),
///     purchase: 98_000.into(),
///     holding: 1_200.into(),
///     shortage: 300.into(),
///     loan_rate: Share::percent(1)?,
/// };
/// assert_eq!(cost.total()?, Decimal::from(99_020));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StockCost {
    /// What placing orders costs.
    pub ordering: NonNegative,
    /// What is paid for the goods, after quantity discount.
    pub purchase: NonNegative,
    /// What keeping them costs.
    pub holding: NonNegative,
    /// What running out of them costs.
    pub shortage: NonNegative,
    /// What a loan over the supplier's credit period would cost, as a part of the purchase: the supplier's gift.
    pub loan_rate: Share,
}

impl StockCost {
    /// What the supplier's credit saves.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn credit_saving(&self) -> Result<Decimal, Error> {
        exact::mul("saving by supplier credit", self.purchase.get(), self.loan_rate.get())
    }

    /// The total.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Decimal, Error> {
        const TERM: &str = "cost of stock";
        let costs = [self.ordering, self.purchase, self.holding, self.shortage];
        let costs = costs.into_iter().fold(Sum::ZERO, |sum, cost| sum.plus(cost.get()));
        costs.minus_product(&[self.purchase.get(), self.loan_rate.get()]).total(TERM)
    }

    /// The terms by name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("cost of stock")
            .plus("ordering", self.ordering.get())
            .plus("purchase", self.purchase.get())
            .plus("holding", self.holding.get())
            .plus("shortage", self.shortage.get())
            .minus("saved by supplier credit", self.credit_saving()?);
        Ok(terms.equals("total", self.total()?))
    }
}

/// From which quantity on what price holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PriceBreak {
    /// The smallest order at that price, in pieces.
    pub from: u64,
    /// The price of a piece, for all pieces of the order.
    pub price: NonNegative,
}

/// How much to order at a time, where larger orders are cheaper and the supplier gives credit.
///
/// For an order of Q pieces at the price p(Q), the cost of a year is
///
/// `demand / Q x cost of an order + demand x p + Q / 2 x (holding cost + holding rate x p) + shortage - demand x p x loan rate`
///
/// Within one price the cost falls and then rises; the least whole Q solves `Q (Q + 1) x holding >= 2 x demand x cost
/// of an order` (Harris's square-root formula without the root), and is pushed to the ends of the price's range. The
/// best over all prices is the answer, of equal costs the smaller order. Source: Harris (1913), "How Many Parts to
/// Make at Once"; all-units discounts as in Hadley and Whitin (1963), "Analysis of Inventory Systems", 2-13.
///
/// ```
/// use crm_value::{Decimal, OrderQuantity, PriceBreak};
///
/// let order = OrderQuantity::new(
///     1_200,     // pieces a year
///     50.into(), // an order
///     3.into(),  // a piece a year in stock
///     &[PriceBreak { from: 1, price: 10.into() }, PriceBreak { from: 500, price: Decimal::new(98, 1).try_into()? }],
/// )?;
/// // Without the break 200: sqrt(2 x 1200 x 50 / 3). But 240 less for the goods pay for 450 more in stock and 180 less ordering.
/// assert_eq!(order.cost_of(200)?.total()?, Decimal::from(12_600));
/// assert_eq!(order.cost_of(500)?.total()?, Decimal::from(12_630));
/// assert_eq!(order.best()?.0, 200);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct OrderQuantity {
    demand: u64,
    order_cost: NonNegative,
    holding_cost: NonNegative,
    holding_rate: NonNegative,
    shortage: NonNegative,
    loan_rate: Share,
    breaks: Vec<PriceBreak>,
}

impl OrderQuantity {
    /// The demand of a year in pieces, the cost of one order, the cost to keep a piece for a year, and the prices.
    ///
    /// # Errors
    /// [`Error::Empty`] without prices; [`Error::OutOfRange`] for no demand, and unless the prices hold from 1 piece
    /// on, ascend in quantity and do not rise.
    pub fn new(
        demand: u64,
        order_cost: NonNegative,
        holding_cost: NonNegative,
        breaks: &[PriceBreak],
    ) -> Result<Self, Error> {
        if demand == 0 {
            return Err(Error::out_of_range("demand", "be at least 1 piece", demand));
        }
        let Some(first) = breaks.first() else { return Err(Error::Empty { field: "prices" }) };
        if first.from != 1 {
            return Err(Error::out_of_range("the first price", "hold from 1 piece on", first.from));
        }
        for (one, next) in breaks.iter().zip(breaks.iter().skip(1)) {
            if next.from <= one.from {
                return Err(Error::out_of_range("quantities of prices", "ascend", next.from));
            }
            if next.price > one.price {
                return Err(Error::out_of_range("prices", "not rise with the quantity", next.price));
            }
        }
        Ok(Self {
            demand,
            order_cost,
            holding_cost,
            holding_rate: NonNegative::ZERO,
            shortage: NonNegative::ZERO,
            loan_rate: Share::ZERO,
            breaks: breaks.to_vec(),
        })
    }

    /// Besides the cost to keep a piece, a part of its price: capital, insurance.
    #[must_use]
    pub fn with_holding_rate(self, holding_rate: NonNegative) -> Self {
        Self { holding_rate, ..self }
    }

    /// What running out costs in a year, whatever the order.
    #[must_use]
    pub fn with_shortage(self, shortage: NonNegative) -> Self {
        Self { shortage, ..self }
    }

    /// What a loan over the supplier's credit period would cost, as a part of the purchase.
    #[must_use]
    pub fn with_loan_rate(self, loan_rate: Share) -> Self {
        Self { loan_rate, ..self }
    }

    /// What a piece costs in an order of that size.
    #[must_use]
    pub fn price_of(&self, quantity: u64) -> NonNegative {
        let reached = self.breaks.partition_point(|price| price.from <= quantity);
        self.breaks.get(reached.saturating_sub(1)).map_or(NonNegative::ZERO, |price| price.price)
    }

    /// What a year costs with orders of that size.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an order of nothing, [`Error::Overflow`].
    pub fn cost_of(&self, quantity: u64) -> Result<StockCost, Error> {
        if quantity == 0 {
            return Err(Error::out_of_range("order quantity", "be at least 1 piece", quantity));
        }
        const TERM: &str = "cost of orders";
        let (demand, price) = (Decimal::from(self.demand), self.price_of(quantity));
        let ordered = exact::mul(TERM, demand, self.order_cost.get())?;
        let ordering = exact::div(TERM, ordered, quantity.into())?;
        // Half the quantity is exact: the order is sold off evenly.
        let half = Decimal::from_i128_with_scale(i128::from(quantity) * 5, 1);
        let held = exact::mul("cost of holding", self.holding(price)?, half)?;
        Ok(StockCost {
            ordering: NonNegative::new(ordering)?,
            purchase: NonNegative::new(exact::mul("purchase", demand, price.get())?)?,
            holding: NonNegative::new(held)?,
            shortage: self.shortage,
            loan_rate: self.loan_rate,
        })
    }

    /// The quantity that costs least, and what it costs. An order of more than the demand of a year is not
    /// considered, unless a price asks for it.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn best(&self) -> Result<(u64, StockCost), Error> {
        let mut best: Option<(Decimal, u64, StockCost)> = None;
        let ends = self.breaks.iter().skip(1).map(|next| next.from - 1).chain([u64::MAX]);
        for (price, end) in self.breaks.iter().zip(ends) {
            let quantity = self.least(price.price)?.clamp(price.from, end);
            let cost = self.cost_of(quantity)?;
            let total = cost.total()?;
            if best.as_ref().is_none_or(|(least, ..)| total < *least) {
                best = Some((total, quantity, cost));
            }
        }
        best.map(|(_, quantity, cost)| (quantity, cost)).ok_or(Error::Empty { field: "prices" })
    }

    /// What a piece costs in stock for a year.
    fn holding(&self, price: NonNegative) -> Result<Decimal, Error> {
        const TERM: &str = "holding cost of a piece";
        let rated = [self.holding_rate.get(), price.get()];
        Sum::of(self.holding_cost.get()).plus_product(&rated).total(TERM)
    }

    /// The least Q with `Q (Q + 1) h >= 2 D K`, at most the demand.
    fn least(&self, price: NonNegative) -> Result<u64, Error> {
        let holding = Big::from(self.holding(price)?);
        let wanted = Big::product(&[Decimal::TWO, self.demand.into(), self.order_cost.get()]).negated();
        let (mut low, mut high) = (1, self.demand);
        while low < high {
            let middle = low + (high - low) / 2;
            let square = Big::from(u128::from(middle) * (u128::from(middle) + 1));
            if square.times(&holding).plus(wanted.clone()).sign() != Ordering::Less {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }
}

impl fmt::Display for OrderQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.best() {
            Ok((quantity, cost)) => match cost.breakdown() {
                Ok(terms) => write!(f, "order {quantity} at a time\n{terms}"),
                Err(error) => write!(f, "order {quantity} at a time: {error}"),
            },
            Err(error) => write!(f, "order quantity: {error}"),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    demand: u64,
    order_cost: NonNegative,
    holding_cost: NonNegative,
    holding_rate: NonNegative,
    shortage: NonNegative,
    loan_rate: Share,
    breaks: Vec<PriceBreak>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for OrderQuantity {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let Stored { demand, order_cost, holding_cost, holding_rate, shortage, loan_rate, breaks } = stored;
        let order = Self::new(demand, order_cost, holding_cost, &breaks)?;
        Ok(order.with_holding_rate(holding_rate).with_shortage(shortage).with_loan_rate(loan_rate))
    }
}

#[cfg(feature = "serde")]
impl From<OrderQuantity> for Stored {
    fn from(order: OrderQuantity) -> Self {
        let OrderQuantity { demand, order_cost, holding_cost, holding_rate, shortage, loan_rate, breaks } =
            order;
        Self { demand, order_cost, holding_cost, holding_rate, shortage, loan_rate, breaks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(
        demand: u64,
        order_cost: u32,
        holding: u32,
        breaks: &[(u64, u32)],
    ) -> Result<OrderQuantity, Error> {
        let breaks: Vec<PriceBreak> =
            breaks.iter().map(|(from, price)| PriceBreak { from: *from, price: (*price).into() }).collect();
        OrderQuantity::new(demand, order_cost.into(), holding.into(), &breaks)
    }

    #[test]
    fn the_best_is_the_best_of_all_quantities() {
        for (demand, cost, holding, breaks) in [
            (100, 7, 3, &[(1, 10), (30, 9), (90, 8)][..]),
            (37, 1, 40, &[(1, 10)]),
            (60, 50, 1, &[(1, 10), (20, 10), (61, 2)]),
            (25, 0, 5, &[(1, 4)]),
            (25, 5, 0, &[(1, 4)]),
        ] {
            let order = order(demand, cost, holding, breaks).unwrap().with_holding_rate(NonNegative::ZERO);
            let (quantity, best) = order.best().unwrap();
            let sensible = (1..=demand).chain(breaks.iter().map(|(from, _)| *from));
            let costs: Vec<_> = sensible.map(|q| (order.cost_of(q).unwrap().total().unwrap(), q)).collect();
            assert_eq!(costs.iter().min(), Some(&(best.total().unwrap(), quantity)), "{demand}");
        }
    }

    #[test]
    fn supplier_credit_and_shortage_are_in_the_total() {
        let order = order(100, 5, 1, &[(1, 980)]).unwrap();
        let order = order.with_shortage(300.into()).with_loan_rate(Share::percent(1).unwrap());
        let (_, cost) = order.best().unwrap();
        assert_eq!(cost.credit_saving(), Ok(Decimal::from(980)));
        assert!(order.to_string().contains("- saved by supplier credit       980"), "{order}");
    }

    #[test]
    fn prices_that_make_no_sense_are_refused() {
        let text = |demand, breaks: &[(u64, u32)]| order(demand, 1, 1, breaks).unwrap_err().to_string();
        assert_eq!(text(0, &[(1, 1)]), "demand must be at least 1 piece, got 0");
        assert_eq!(text(1, &[]), "prices must hold at least one value, got 0");
        assert_eq!(text(1, &[(2, 1)]), "the first price must hold from 1 piece on, got 2");
        assert_eq!(text(1, &[(1, 1), (1, 1)]), "quantities of prices must ascend, got 1");
        assert_eq!(text(1, &[(1, 1), (5, 2)]), "prices must not rise with the quantity, got 2");
        let text = order(1, 1, 1, &[(1, 1)]).unwrap().cost_of(0).unwrap_err().to_string();
        assert_eq!(text, "order quantity must be at least 1 piece, got 0");
    }

    #[test]
    fn the_largest_demand_ends_in_an_answer_or_an_error() {
        let largest = order(u64::MAX, u32::MAX, 1, &[(1, 1)]).unwrap();
        // The root of 2 (2^64 - 1) (2^32 - 1): 2^48.5, less a little.
        assert_eq!(largest.best().unwrap().0, 398_065_729_486_520);
        let dear = NonNegative::new(Decimal::MAX).unwrap();
        let too_dear =
            OrderQuantity::new(u64::MAX, dear, 1.into(), &[PriceBreak { from: 1, price: 1.into() }]).unwrap();
        assert!(too_dear.best().is_err());
        let large = order(u64::MAX / 4, 1, 1, &[(1, 1)]).unwrap();
        assert_eq!(large.best().unwrap().0, 3_037_000_500);
    }

    #[test]
    fn shortage_and_all_other_costs_add_up_to_the_total() {
        let order = order(100, 5, 1, &[(1, 980)]).unwrap();
        let order = order.with_shortage(300.into()).with_loan_rate(Share::percent(1).unwrap());
        let (quantity, cost) = order.best().unwrap();
        // 31 x 32 is below 2 x 100 x 5, and 32 x 33 is not.
        assert_eq!(quantity, 32);
        // 100 / 32 orders of 5, the goods, half of 32 in stock, shortage, and 1 % of the goods saved.
        assert_eq!(cost.ordering.get(), Decimal::new(15_625, 3));
        assert_eq!(cost.total(), Ok(Decimal::new(15_625 + 98_000_000 + 16_000 + 300_000 - 980_000, 3)));
    }

    #[test]
    fn of_two_prices_at_equal_cost_the_smaller_order_is_better() {
        let price = |from, cents| PriceBreak { from, price: Decimal::new(cents, 2).try_into().unwrap() };
        let order =
            OrderQuantity::new(100, 2.into(), 1.into(), &[price(1, 10_05), price(40, 10_00)]).unwrap();
        // 10 + 10 + 1005 for 20 at a time, 5 + 20 + 1000 for 40.
        assert_eq!(order.cost_of(20).unwrap().total(), order.cost_of(40).unwrap().total());
        assert_eq!(order.best().unwrap().0, 20);
    }
}
