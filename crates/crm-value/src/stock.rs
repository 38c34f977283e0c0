//! Cost of stock with supplier credit, and order quantities.

use std::fmt;

use crm_numbers::{Decimal, EmptyError, RangeError, check};

use crate::exact::{Expr, exact};
use crate::{Breakdown, Error, NonNegative, Share};

/// The total relevant cost of a stock with supplier credit (存货相关总成本).
///
/// # Formula
///
/// `ordering + purchase + holding + shortage - purchase x loan rate of the credit period`; the
/// purchase is after quantity discount.
///
/// # Examples
///
/// ```
/// use crm_value::{Share, StockCost};
///
/// let cost = StockCost {
///     ordering: 500.into(),
///     purchase: 98_000.into(),
///     holding: 1_200.into(),
///     shortage: 300.into(),
///     loan_rate: Share::percent(1)?,
/// };
/// assert_eq!(cost.total()?, 99_020.into());
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StockCost {
    /// Cost of placing orders.
    pub ordering: NonNegative,
    /// Price of the goods, after quantity discount.
    pub purchase: NonNegative,
    /// Cost of holding the goods.
    pub holding: NonNegative,
    /// Cost of running out of stock.
    pub shortage: NonNegative,
    /// Interest on a loan over the supplier's credit period, as a share of the purchase.
    pub loan_rate: Share,
}

impl StockCost {
    /// Returns the saving by the supplier's credit.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn credit_saving(&self) -> Result<NonNegative, Error> {
        (exact(self.purchase) * self.loan_rate).bounded("saving by supplier credit")
    }

    /// Returns the total.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<NonNegative, Error> {
        let Self { ordering, purchase, holding, shortage, loan_rate } = *self;
        let saved = exact(purchase) * loan_rate;
        (exact(ordering) + purchase + holding + shortage - saved).bounded("cost of stock")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("cost of stock")
            .plus("ordering", self.ordering.get())
            .plus("purchase", self.purchase.get())
            .plus("holding", self.holding.get())
            .plus("shortage", self.shortage.get())
            .minus("saved by supplier credit", self.credit_saving()?.get());
        Ok(terms.equals("total", self.total()?.get()))
    }
}

/// A price that holds from a quantity on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PriceBreak {
    /// Smallest order at that price, in pieces.
    pub from: u64,
    /// Price per piece, for all pieces of the order.
    pub price: NonNegative,
}

/// The optimal order quantity with quantity discounts and supplier credit.
///
/// # Formula
///
/// For an order of Q pieces at the price p(Q), the cost per year is
///
/// `demand / Q x cost of an order + demand x p + Q / 2 x (holding cost + holding rate x p) +
/// shortage - demand x p x loan rate`
///
/// Within one price the cost falls and then rises; the optimum is the least whole Q with `Q (Q + 1)
/// x holding >= 2 x demand x cost of an order` (Harris's square-root formula without the root),
/// moved into the range of the price. The result is the optimum over all prices, of equal costs the
/// smaller order.
///
/// # References
///
/// Harris (1913), "How Many Parts to Make at Once"; all-units discounts as in Hadley and Whitin
/// (1963), "Analysis of Inventory Systems", 2-13.
///
/// # Examples
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
/// assert_eq!(order.cost_of(200)?.total()?, 12_600.into());
/// assert_eq!(order.cost_of(500)?.total()?, 12_630.into());
/// assert_eq!(order.best()?.0, 200);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct OrderQuantity {
    demand: u64,
    order_cost: NonNegative,
    holding_cost: NonNegative,
    holding_rate: NonNegative,
    shortage: NonNegative,
    loan_rate: Share,
    breaks: Vec<PriceBreak>,
}

crm_numbers::gate!(OrderQuantity, OrderQuantity::checked);

impl OrderQuantity {
    /// Creates the problem from the demand per year in pieces, the cost per order, the holding cost
    /// per piece and year, and the prices.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`](crate::InputError::Empty) without prices;
    /// [`InputError::Range`](crate::InputError::Range) for no demand, and unless the prices hold
    /// from 1 piece on, ascend in quantity and do not rise.
    pub fn new(
        demand: u64,
        order_cost: NonNegative,
        holding_cost: NonNegative,
        breaks: &[PriceBreak],
    ) -> Result<Self, Error> {
        let none = NonNegative::ZERO;
        let (holding_rate, shortage, loan_rate, breaks) = (none, none, Share::ZERO, breaks.to_vec());
        Self { demand, order_cost, holding_cost, holding_rate, shortage, loan_rate, breaks }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("demand", self.demand, 1..)?;
        check::not_empty("prices", &self.breaks)?;
        let refused = |error: RangeError, index| Err(Error::Input(error.at(index).into()));
        let mut before: Option<PriceBreak> = None;
        for (index, next) in self.breaks.iter().enumerate() {
            match before {
                None if next.from != 1 => {
                    return refused(RangeError::new("quantities of prices", next.from, 1..=1_u64), index);
                }
                Some(last) if next.from <= last.from => {
                    let bounds = check::above(last.from);
                    return refused(RangeError::new("quantities of prices", next.from, bounds), index);
                }
                Some(last) if next.price > last.price => {
                    let bounds = ..=last.price.get();
                    return refused(RangeError::new("prices", next.price.get(), bounds), index);
                }
                _ => before = Some(*next),
            }
        }
        Ok(self)
    }

    /// Sets a further holding cost per year as a share of the price, for capital and insurance.
    #[must_use]
    pub fn with_holding_rate(self, holding_rate: NonNegative) -> Self {
        Self { holding_rate, ..self }
    }

    /// Sets the cost per year of running out of stock, whatever the order.
    #[must_use]
    pub fn with_shortage(self, shortage: NonNegative) -> Self {
        Self { shortage, ..self }
    }

    /// Sets the interest on a loan over the supplier's credit period, as a share of the purchase.
    #[must_use]
    pub fn with_loan_rate(self, loan_rate: Share) -> Self {
        Self { loan_rate, ..self }
    }

    /// Returns the price per piece in an order of that size.
    #[must_use]
    pub fn price_of(&self, quantity: u64) -> NonNegative {
        let reached = self.breaks.partition_point(|price| price.from <= quantity);
        self.breaks.get(reached.saturating_sub(1)).map_or(NonNegative::ZERO, |price| price.price)
    }

    /// Returns the cost per year with orders of that size.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) for an order of nothing,
    /// [`Error::Overflow`].
    pub fn cost_of(&self, quantity: u64) -> Result<StockCost, Error> {
        check::range("order quantity", quantity, 1..)?;
        let price = self.price_of(quantity);
        // Half the quantity is exact: the order is sold off evenly.
        let half = Decimal::from_i128_with_scale(i128::from(quantity) * 5, 1);
        Ok(StockCost {
            ordering: (exact(self.demand) * self.order_cost / quantity).bounded("cost of orders")?,
            purchase: (exact(self.demand) * price).bounded("purchase")?,
            holding: (self.holding(price) * half).bounded("cost of holding")?,
            shortage: self.shortage,
            loan_rate: self.loan_rate,
        })
    }

    /// Returns the quantity with the least cost, and that cost. Orders above the yearly demand are
    /// not considered, unless a price requires them.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn best(&self) -> Result<(u64, StockCost), Error> {
        let mut best: Option<(NonNegative, u64, StockCost)> = None;
        let ends = self.breaks.iter().skip(1).map(|next| next.from - 1).chain([u64::MAX]);
        for (price, end) in self.breaks.iter().zip(ends) {
            let quantity = self.least(price.price).clamp(price.from, end);
            let cost = self.cost_of(quantity)?;
            let total = cost.total()?;
            if best.as_ref().is_none_or(|(least, ..)| total < *least) {
                best = Some((total, quantity, cost));
            }
        }
        let best = best.map(|(_, quantity, cost)| (quantity, cost));
        best.ok_or_else(|| Error::Input(EmptyError::new("prices").into()))
    }

    /// The cost to keep a piece for a year.
    fn holding(&self, price: NonNegative) -> Expr {
        exact(self.holding_rate) * price + self.holding_cost
    }

    /// The least Q with `Q (Q + 1) h >= 2 D K`, at most the demand.
    fn least(&self, price: NonNegative) -> u64 {
        let holding = self.holding(price);
        let wanted = exact(self.demand) * self.order_cost * Decimal::TWO;
        let (mut low, mut high) = (1, self.demand);
        while low < high {
            let middle = low + (high - low) / 2;
            let square = (exact(middle) + Expr::ONE) * middle;
            if (square * &holding - &wanted).is_negative() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
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
        assert_eq!(cost.credit_saving(), Ok(980.into()));
        assert!(order.to_string().contains("- saved by supplier credit       980"), "{order}");
    }

    #[test]
    fn prices_that_make_no_sense_are_refused() {
        let text = |demand, breaks: &[(u64, u32)]| order(demand, 1, 1, breaks).unwrap_err().to_string();
        assert_eq!(text(0, &[(1, 1)]), "demand must be at least 1, got 0");
        assert_eq!(text(1, &[]), "prices must not be empty");
        assert_eq!(text(1, &[(2, 1)]), "quantities of prices[0] must be 1, got 2");
        assert_eq!(text(1, &[(1, 1), (1, 1)]), "quantities of prices[1] must be greater than 1, got 1");
        assert_eq!(text(1, &[(1, 1), (5, 2)]), "prices[1] must be at most 1, got 2");
        let text = order(1, 1, 1, &[(1, 1)]).unwrap().cost_of(0).unwrap_err().to_string();
        assert_eq!(text, "order quantity must be at least 1, got 0");
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
        // 100 / 32 orders of 5, the goods, half of 32 in stock, shortage, and 1 % of the goods
        // saved.
        assert_eq!(cost.ordering.get(), Decimal::new(15_625, 3));
        assert_eq!(
            cost.total().map(NonNegative::get),
            Ok(Decimal::new(15_625 + 98_000_000 + 16_000 + 300_000 - 980_000, 3))
        );
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
