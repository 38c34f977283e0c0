//! What a customer is worth and costs, exact to the cent: value components, lifetime value, cost to serve, credit,
//! stock.
//!
//! | question | answer |
//! |---|---|
//! | What is a customer worth, and by what? | [`PurchaseValue`], [`ReferralValue`], [`Information`], [`Knowledge`], [`Transaction`]; their sum, [`LifetimeValue`] |
//! | Who brought whom, and whose is the value? | [`ReferralNetwork`] |
//! | What does a customer cost? | [`RelationshipCost`]; cost pools by drivers, [`allocate`], [`Allocation`] |
//! | Who earns the profit, who eats it up? | [`CustomerProfit`], [`ProfitRanking`] with the whale curve, [`large_but_poor`] |
//! | Did a programme pay? | [`NetBenefit`] in revenue, [`Programme`] in contribution and profit |
//! | Keep or win, and when does it come back? | [`AcquisitionCost`], [`RetentionCost`], [`CostBenefitValue`], [`payback`], [`clv_to_cac`], [`KeepOrWin`], [`SpendingSplit`] |
//! | What are future margins worth today? | [`ConstantMargin`], [`VaryingRetention`], [`CashFlows`] under [`Terms`] |
//! | What is the base worth, and what moves it? | [`CustomerEquity`], [`Elasticities`] |
//! | Whom to develop, whom to let go? | [`ExpectedProfit`] |
//! | What does credit cost, which policy pays? | [`Receivables`], [`Invoice`], [`Ageing`], [`CreditPolicy`], [`credit_limits`], [`CashDiscount`] |
//! | How much to order? | [`StockCost`], [`OrderQuantity`]; [`price_per_day`] |
//!
//! ```
//! use crm_value::{Components, Decimal, Margin, PurchaseValue, Share};
//!
//! let purchase = PurchaseValue {
//!     spending_capacity: 12_000.into(),
//!     share_of_wallet: Share::percent(35)?,
//!     unit_margin: Margin::percent(20)?,
//! };
//! let value = Components { cpv: Some(purchase.value()?), ctv: Some(Decimal::from(339)), ..Components::default() };
//! let value = value.lifetime_value()?;
//! assert_eq!(value.clv(), Some(Decimal::from(1_179))); // 840 + 339; three components are missing, not zero
//! println!("{value}");
//! # Ok::<(), crm_value::Error>(())
//! ```
//!
//! A concept is a small struct with the field's own names; numbers that can be nonsense have types that refuse it
//! ([`Share`], [`Probability`], [`Margin`], [`NonNegative`], [`Rate`] with its [`Period`]), in code and in stored
//! text alike. `breakdown()` gives the named terms of a result, and `Display` prints them as a statement. Functions
//! over slices apply the same formula row by row.
//!
//! # What exact means
//!
//! Amounts are [`Decimal`]: 28 digits, and at most 28 behind the point. Every sum, product and quotient is checked;
//! one that does not fit is an [`Error`] that names the term, and nothing panics.
//!
//! * Sums, differences and products of any number of terms and factors are **exact** if the exact
//!   result has at most 28 digits, however long the numbers on the way are: `revenue x margin -
//!   cost` is rounded once, at its end. A longer result is rounded to the nearest number that fits,
//!   in its 28th digit or place, of two equally near ones to the even one: it never changes its
//!   sign, but may become 0.
//! * Quotients are rounded to 28 digits or places; a formula divides once, at its end, where it
//!   can, and the two sides of the line are rounded once each.
//! * Splits ([`allocate`], [`credit_limits`], [`ReferralNetwork::equity`]) are computed in whole units that the caller
//!   names, and add up to the last one.
//! * Nothing is rounded to cents before the caller asks for it by a [`Rounding`], once.
//!
//! Text with a precision (`{:.2}`) is rounded half to even, and has as many decimals as were asked
//! for, whatever the size of the number.
//!
//! Amounts have no currency: one computation, one currency, and one span of time. Only [`SpendingSplit`] needs
//! exponentials: there,
//! `f64` is used inside, and the way in and out is checked.

mod acquisition;
mod allocation;
mod big;
mod bounded;
mod breakdown;
mod components;
mod cost;
mod credit;
mod day_use;
mod discounted;
mod equity;
mod error;
mod exact;
mod profit;
mod profitability;
mod programme;
mod rate;
mod referral;
mod rounding;
mod spending_split;
mod stock;
mod text;
mod wide;

pub use acquisition::{
    AcquisitionCost, Cheaper, CostBenefitValue, KeepOrWin, Payback, RetentionCost, clv_to_cac, payback,
};
pub use allocation::{Allocation, CostPool, allocate};
pub use bounded::{Margin, NonNegative, Probability, Share};
pub use breakdown::{Breakdown, Operation, Term};
pub use components::{
    Component, ComponentMean, Components, Information, InformationItem, Knowledge, LifetimeValue,
    NamedAmount, PurchaseValue, ReferralValue, Transaction, component_means, lifetime_values,
    purchase_values, referral_values,
};
pub use cost::{RelationshipCost, relationship_costs};
pub use credit::{
    AgeBand, Ageing, Applicant, CashDiscount, CreditConditions, CreditPolicy, ExtraSales, Invoice,
    PolicyComparison, PolicyResult, Receivables, Variance, credit_limits, days_sales_outstanding, track,
};
pub use day_use::{price_per_day, price_per_extra_day};
pub use discounted::{
    CashFlows, ConstantMargin, Elasticities, FirstMargin, Sensitivity, Terms, Timing, VaryingRetention,
    discounted_values,
};
pub use equity::{CustomerEquity, SegmentEquity};
pub use error::Error;
pub use profit::{
    CustomerProfit, LargeButPoor, ProfitRanking, RankedProfit, customer_profits, large_but_poor,
};
pub use profitability::{ExpectedProfit, ExpectedProfits, expected_profits};
pub use programme::{ControlGroup, NetBenefit, Programme};
pub use rate::{DayCount, Period, Rate};
pub use referral::{EquityRow, Referral, ReferralEquity, ReferralNetwork, ReferralTerms, Rule};
pub use rounding::{Rounding, Strategy, Unit};
pub use rust_decimal::Decimal;
pub use spending_split::{BestSplit, Response, SpendingSplit};
pub use stock::{OrderQuantity, PriceBreak, StockCost};
