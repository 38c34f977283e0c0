//! Output for the terminal: totals, large but unprofitable accounts, and missing values.

use std::fmt::Write as _;

use crm_analytics::value::{
    Component, Components, Decimal, LargeButPoor, MoneyUnit, Rounding, Share, Strategy, component_means,
    large_but_poor,
};

use super::accounts::Accounts;
use super::options::Options;
use super::values::Values;
use crate::Error;

/// Number of names listed before the rest is only counted.
const NAMES: usize = 6;
/// Number of accounts listed in full.
const ACCOUNTS: usize = 10;
/// Percentage of accounts, by revenue, that count as large: the top fifth.
const TOP: i64 = 20;

/// Returns the statement.
pub(super) fn of(accounts: &Accounts, values: &Values, options: &Options) -> Result<String, Error> {
    let rounding = options.rounding.unwrap_or(Rounding::new(MoneyUnit::CENT, Strategy::HalfEven));
    let page = Page { accounts, values, rounding };
    let mut text = format!("{}: {} customers\n", accounts.path.display(), accounts.rows.len());
    page.totals(&mut text)?;
    page.whale(&mut text);
    page.large_but_poor(&mut text)?;
    page.missing(&mut text);
    let exact = if options.rounding.is_none() { "; values.csv is exact" } else { ", as in values.csv" };
    let _ = write!(
        text,
        "\nAmounts above are rounded to {rounding}{exact}: {}",
        options.out.join("values.csv").display()
    );
    Ok(text)
}

struct Page<'a> {
    accounts: &'a Accounts,
    values: &'a Values,
    rounding: Rounding,
}

impl Page<'_> {
    fn show(&self, amount: Decimal) -> String {
        self.rounding.apply(amount).to_string()
    }

    /// Writes every component, CLV, cost and profit: sum, share, mean of the known values and their
    /// number.
    fn totals(&self, text: &mut String) -> Result<(), Error> {
        let rows = &self.values.rows;
        let components: Vec<Components> = rows.iter().map(|row| *row.lifetime.components()).collect();
        let means = component_means(&components).map_err(Error::refused)?;
        let of = |name: &'static str, amounts: Vec<Decimal>| {
            let total = sum(&amounts)?;
            let count = Decimal::from(amounts.len() as u64);
            let mean = if amounts.is_empty() { None } else { total.checked_div(count) };
            Ok::<_, Error>((name, total, mean, amounts.len()))
        };
        let mut lines = Vec::new();
        for (&component, mean) in Component::ALL.iter().zip(means) {
            let amounts: Vec<Decimal> = components.iter().filter_map(|parts| parts.get(component)).collect();
            lines.push((component.abbreviation(), sum(&amounts)?, mean.mean, mean.known));
        }
        lines.push(of("CLV", rows.iter().filter_map(|row| row.lifetime.clv()).collect())?);
        lines.push(of("relationship cost", rows.iter().filter_map(|row| row.cost).collect())?);
        lines.push(of("profit", rows.iter().filter_map(|row| row.profit).collect())?);
        let clv = lines.get(Component::ALL.len()).map_or(Decimal::ZERO, |line| line.1);
        let _ = writeln!(
            text,
            "\n{:<18} {:>16} {:>8} {:>12} {:>6} {:>8}",
            "", "total", "of CLV", "mean", "known", "missing"
        );
        for (place, (name, total, mean, known)) in lines.into_iter().enumerate() {
            let share =
                (place < Component::ALL.len() && clv > Decimal::ZERO).then(|| percent(total, clv)).flatten();
            let _ = writeln!(
                text,
                "{name:<18} {:>16} {:>8} {:>12} {known:>6} {:>8}",
                if known == 0 { "missing".to_owned() } else { self.show(total) },
                share.unwrap_or_default(),
                mean.map(|mean| self.show(mean)).unwrap_or_default(),
                rows.len() - known,
            );
        }
        Ok(())
    }

    /// Writes how many customers earn the profit, and the losses on the others.
    fn whale(&self, text: &mut String) {
        let Some(ranking) = &self.values.ranking else {
            let _ = writeln!(text, "\nNobody's profit is known.");
            return;
        };
        let losers = ranking.loss_makers().count();
        let (customers, peak, total) = (ranking.customers().len(), ranking.peak(), ranking.total());
        let earned = if ranking.earners() == 0 { Decimal::ZERO } else { peak.cumulative };
        let _ = writeln!(
            text,
            "\n{} of {customers} customers earn {}; {losers} lose {} of it. What is left is {}.",
            ranking.earners(),
            self.show(earned),
            self.show(ranking.lost().get()),
            self.show(total),
        );
        if let Some(percent) = percent(earned, total).filter(|_| total > Decimal::ZERO) {
            let _ = writeln!(text, "At its peak the whale curve stands at {percent} of the profit.");
        }
        let worst: Vec<String> =
            ranking.loss_makers().filter_map(|row| self.name(row.customer)).take(NAMES).collect();
        if losers > 0 {
            let _ = writeln!(text, "Loss-makers, worst first: {}{}", worst.join(", "), more(losers));
        }
    }

    fn large_but_poor(&self, text: &mut String) -> Result<(), Error> {
        if self.values.ranking.is_none() {
            return Ok(());
        }
        let known = || {
            self.values.ranked.iter().filter_map(|row| {
                let (account, value) = (self.accounts.rows.get(*row)?, self.values.rows.get(*row)?);
                Some((account.revenue?, value.profit?))
            })
        };
        let (revenue, profit): (Vec<Decimal>, Vec<Decimal>) = known().unzip();
        let top = Share::percent(TOP).map_err(Error::refused)?;
        let found = large_but_poor(&revenue, &profit, top).map_err(Error::refused)?;
        if found.is_empty() {
            let _ = writeln!(text, "\nNobody in the top {TOP} % by revenue is poor after cost.");
            return Ok(());
        }
        let _ = writeln!(
            text,
            "\nLarge and poor after cost: {} in the top {TOP} % by revenue lose money or are in the lower half by profit\n\
             {:<14} {:>14} {:>6} {:>14} {:>6}",
            found.len(),
            "customer",
            "revenue",
            "rank",
            "profit",
            "rank"
        );
        for LargeButPoor { customer, revenue_rank, profit_rank, revenue, profit, .. } in
            found.iter().take(ACCOUNTS)
        {
            let name = self.name(*customer).unwrap_or_default();
            let (revenue, profit) = (self.show(*revenue), self.show(*profit));
            let _ =
                writeln!(text, "{name:<14} {revenue:>14} {revenue_rank:>6} {profit:>14} {profit_rank:>6}");
        }
        if found.len() > ACCOUNTS {
            let _ = writeln!(text, "and {} more", found.len() - ACCOUNTS);
        }
        Ok(())
    }

    /// Writes which values are missing, and how many results they leave empty.
    fn missing(&self, text: &mut String) {
        if self.accounts.missing.is_empty() {
            let _ = writeln!(text, "\nNothing is missing.");
            return;
        }
        let cells: Vec<String> =
            self.accounts.missing.iter().map(|(column, count)| format!("{column} {count}")).collect();
        let _ = writeln!(text, "\nMissing (not zero), customers by column: {}", cells.join(", "));
        let rows = || self.accounts.rows.iter().zip(&self.values.rows);
        let partly: Vec<String> = rows()
            .filter(|(_, row)| row.lifetime.clv().is_some() && row.lifetime.missing().next().is_some())
            .map(|(account, _)| account.id.clone())
            .collect();
        list(text, "CLV is the sum of only some components", &partly);
        let none = rows().filter(|(_, row)| row.lifetime.clv().is_none());
        list(
            text,
            "No component is known, CLV is empty",
            &none.map(|(account, _)| account.id.clone()).collect::<Vec<_>>(),
        );
        let poor = rows().filter(|(_, row)| row.profit.is_none());
        list(
            text,
            "Without profit and rank",
            &poor.map(|(account, _)| account.id.clone()).collect::<Vec<_>>(),
        );
    }

    /// Returns the customer at an index of the ranking by profit.
    fn name(&self, ranked: usize) -> Option<String> {
        let row = self.values.ranked.get(ranked)?;
        self.accounts.rows.get(*row).map(|account| account.id.clone())
    }
}

fn list(text: &mut String, what: &str, names: &[String]) {
    if !names.is_empty() {
        let shown: Vec<&str> = names.iter().take(NAMES).map(String::as_str).collect();
        let _ = writeln!(text, "{what}: {} ({}{})", names.len(), shown.join(", "), more(names.len()));
    }
}

fn more(names: usize) -> String {
    if names > NAMES { format!(" and {} more", names - NAMES) } else { String::new() }
}

fn sum(amounts: &[Decimal]) -> Result<Decimal, Error> {
    let add = |sum: Decimal, amount: &Decimal| {
        sum.checked_add(*amount)
            .ok_or_else(|| Error::refused(format!("a total does not fit: {sum} + {amount}")))
    };
    amounts.iter().try_fold(Decimal::ZERO, add)
}

fn percent(part: Decimal, whole: Decimal) -> Option<String> {
    let ratio = part.checked_div(whole)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(format!("{:.1} %", ratio.round_dp(1)))
}
