//! Customer value and cost, exact to the cent: value components, lifetime value, cost to serve,
//! credit and stock.
//!
//! | question | item |
//! |---|---|
//! | What is a customer worth, and through which component? | [`PurchaseValue`], [`ReferralValue`], [`Information`], [`Knowledge`], [`Transaction`]; their sum, [`ComponentValue`] |
//! | Which customers were referred, and whose is their value? | [`ReferralNetwork`] |
//! | What does a customer cost? | [`RelationshipCost`]; cost pools by drivers, [`allocate`], [`Allocation`] |
//! | Which customers earn the profit, which lose it? | [`CustomerProfit`], [`ProfitRanking`] with the whale curve, [`large_but_poor`] |
//! | Did a program pay? | [`NetBenefit`] in revenue, [`Program`] in contribution and profit |
//! | Keep or win customers, and when is the cost paid back? | [`AcquisitionCost`], [`RetentionCost`], [`CostBenefitValue`], [`payback`], [`clv_to_cac`], [`KeepOrWin`], [`SpendingSplit`] |
//! | What are future margins worth today? | [`ConstantMargin`], [`VaryingRetention`], [`CashFlows`] under [`Terms`] |
//! | What is the customer base worth, and what changes it? | [`CustomerEquity`], [`Elasticities`] |
//! | Which customers are worth developing? | [`ExpectedProfit`] |
//! | What does credit cost, which policy pays? | [`Receivables`], [`Invoice`], [`Aging`], [`CreditPolicy`], [`credit_limits`], [`CashDiscount`] |
//! | How large should an order be? | [`StockCost`], [`OrderQuantity`]; [`price_per_day`] |
//!
//! A concept is a small struct with the names of the field; numbers with a range have types that
//! refuse others ([`Share`], [`Probability`], [`Margin`], [`NonNegative`], [`Rate`] with its
//! [`TimeUnit`]), in code and in stored text alike. `breakdown()` returns the named terms of a
//! result, and `Display` prints them as a statement. Functions over slices apply the same formula
//! row by row.
//!
//! # Exactness
//!
//! Amounts are [`Decimal`]: 28 digits, and at most 28 decimals. Every sum, product and quotient is
//! checked; one that does not fit is an [`Error`] that names the term, and nothing panics.
//!
//! * Sums, differences and products of any number of terms and factors are **exact** if the exact
//!   result has at most 28 digits, however long intermediate results are: `revenue x margin - cost`
//!   is rounded once, at its end. A longer result is rounded to the nearest number that fits, in
//!   its 28th digit or decimal, with ties to the even one: it never changes its sign, but may
//!   become 0.
//! * Quotients are rounded to 28 digits or decimals; a formula divides once, at its end, where it
//!   can, and dividend and divisor are rounded once each.
//! * Allocations ([`allocate`], [`credit_limits`], [`ReferralNetwork::equity`]) are computed in
//!   whole units that the caller chooses, and add up to the last one.
//! * Nothing is rounded to cents before the caller asks for it by a [`Rounding`], once.
//!
//! Text with a precision (`{:.2}`) is rounded half to even, and has as many decimals as the format
//! asks for, whatever the size of the number.
//!
//! Amounts have no currency: one computation has one currency and one period. Only
//! [`SpendingSplit`] needs exponentials; it computes in `f64` and checks the conversions.
//!
//! # Examples
//!
//! ```
//! use crm_value::{Components, Decimal, Margin, PurchaseValue, Share};
//!
//! let purchase = PurchaseValue {
//!     spending_capacity: 12_000.into(),
//!     share_of_wallet: Share::percent(35)?,
//!     unit_margin: Margin::percent(20)?,
//! };
//! let known = Components {
//!     cpv: Some(purchase.value()?),
//!     ctv: Some(Decimal::from(339)),
//!     ..Components::default()
//! };
//! let value = known.lifetime_value()?;
//! assert_eq!(value.clv(), Some(Decimal::from(1_179))); // 840 + 339
//! assert_eq!(value.missing().count(), 3); // missing, which is not zero
//! println!("{value}");
//! # Ok::<(), crm_value::Error>(())
//! ```
//!
//! # Features
//!
//! * `serde`: inputs and results can be stored; whatever a constructor refuses, reading refuses.

mod acquisition;
mod allocation;
mod big;
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
mod program;
mod rate;
mod referral;
mod rounding;
mod spending_split;
mod stock;

pub use acquisition::{
    AcquisitionCost, Cheaper, CostBenefitValue, KeepOrWin, Payback, RetentionCost, clv_to_cac, payback,
};
pub use allocation::{Allocation, CostPool, allocate};
pub use breakdown::{Breakdown, BreakdownTerm, Operation};
pub use components::{
    Component, ComponentMean, ComponentValue, Components, Information, InformationItem, Knowledge,
    NamedAmount, PurchaseValue, ReferralValue, Transaction, component_means, lifetime_values,
    purchase_values, referral_values,
};
pub use cost::{RelationshipCost, relationship_costs};
pub use credit::{
    AgeBand, Aging, Applicant, CashDiscount, CreditConditions, CreditPolicy, ExtraSales, Invoice,
    PolicyComparison, PolicyResult, Receivables, Variance, credit_limits, days_sales_outstanding, track,
};
pub use crm_numbers::{Decimal, InputError, Margin, NonNegative, Probability, Share, TimeUnit};
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
pub use program::{ControlGroup, NetBenefit, Program};
pub use rate::{DayCount, Rate};
pub use referral::{EquityRow, Referral, ReferralEquity, ReferralNetwork, ReferralRule, ReferralTerms};
pub use rounding::{MoneyUnit, Rounding, Strategy};
pub use spending_split::{BestSplit, Response, SpendingSplit};
pub use stock::{OrderQuantity, PriceBreak, StockCost};
