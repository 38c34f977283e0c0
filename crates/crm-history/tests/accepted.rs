//! A law of every public function: what is accepted never panics, nor does printing what comes
//! back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::{Debug, Display};

use crm_history::{
    DataFinding, DataQuality, Day, Decimal, Error, FirstPurchase, Ledger, Observation, Period,
    QualityWarning, Refunds, RefusalReason, RefusedRow, SamePeriod, SummaryRules,
};
use crm_numbers::ReadAmountError;
use crm_numbers::{Amount, TimeUnit};
use proptest::prelude::*;

/// Prints with any width and precision.
fn shown(value: &impl Display) {
    let (width, precision) = (70_usize, 40_usize);
    let _ = [
        format!("{value}"),
        format!("{value:.0}"),
        format!("{value:.1}"),
        format!("{value:width$.precision$}"),
        format!("{value:<+08.3}"),
        format!("{value:^#3}"),
        format!("{value:.500}"),
    ];
}

fn debugged(value: &impl Debug) {
    let _ = [format!("{value:?}"), format!("{value:#?}"), format!("{value:.3?}"), format!("{value:+12.60?}")];
}

fn result<T>(result: Result<T, Error>) -> Option<T> {
    result
        .inspect_err(|error| {
            shown(error);
            debugged(error);
        })
        .ok()
}

const UNITS: [TimeUnit; 5] =
    [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year];

/// Days of a few weeks, and the ends of the calendar.
fn days() -> impl Strategy<Value = i32> {
    let (min, max) = (Day::MIN.since_epoch(), Day::MAX.since_epoch());
    prop_oneof![6 => 20_000..20_060_i32, 1 => min..min + 3, 1 => max - 2..max + 1, 1 => -2..2_i32, 1 => min..max]
}

fn rules() -> impl Strategy<Value = SummaryRules> {
    let units = || prop::sample::select(UNITS.to_vec());
    let same_period = prop_oneof![units().prop_map(SamePeriod::Merged), Just(SamePeriod::Separate)];
    let refunds = prop::sample::select(vec![Refunds::Netted, Refunds::Ignored, Refunds::CountedAsPurchases]);
    let first = prop::sample::select(vec![FirstPurchase::Excluded, FirstPurchase::Included]);
    (units(), same_period, refunds, first).prop_map(|(unit, same_period, refunds, first)| {
        let rules = SummaryRules::default().with_unit(unit).with_same_period(same_period);
        rules.with_refunds(refunds).with_first_purchase(first)
    })
}

fn observations() -> impl Strategy<Value = Observation> {
    (prop::option::of(days()), days(), rules()).prop_map(|(start, end, rules)| {
        let until = Observation::until(Day::new(end).unwrap()).with_rules(rules);
        let start = start.and_then(|start| result(until.with_start(Day::new(start).unwrap())));
        start.unwrap_or(until)
    })
}

/// Every function of ledgers, summaries and splits.
fn call_everything<A: Amount>(
    rows: &[(u8, i32, A)],
    roster: &[(u8, Option<i32>)],
    observations: &[Observation],
    (cut, step): (i32, u32),
) {
    let day = |n: i32| Day::new(n).unwrap();
    let mut builder = Ledger::builder().with_today(day(20_030)).with_kept_refusals(0);
    for &(id, n, amount) in rows {
        result(builder.push(id, day(n), amount));
        let _ = amount.to_f64();
    }
    for &(id, contact) in roster {
        builder.add_prospect(id, contact.map(day));
    }
    assert_eq!(builder.rows(), rows.len());
    let by_row = builder.build();
    let columns: (Vec<u8>, Vec<Day>, Vec<A>) = (
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| day(row.1)).collect(),
        rows.iter().map(|row| row.2).collect(),
    );
    let by_column = Ledger::from_columns(&columns.0, &columns.1, &columns.2).unwrap();
    assert_eq!(by_column.quality().warnings, by_row.quality().warnings);
    let merged = by_row.merge(&by_column).unwrap();
    let mut summaries = Vec::new();
    for ledger in [&by_row, &merged] {
        debugged(ledger);
        shown(ledger.quality());
        ledger.quality().warnings.iter().for_each(shown);
        assert_eq!(ledger.first_day().is_some(), ledger.last_day().is_some());
        for id in ledger.ids() {
            let customer = ledger.find(id).unwrap();
            assert_eq!(ledger.id(customer), Some(id));
            ledger.lines(customer).for_each(|line| debugged(&line));
            assert!(ledger.first_contact(customer).is_none_or(|contact| contact <= Day::MAX));
        }
        for observation in observations {
            if let Some(steps) = result(ledger.purchases_over_time(observation, step)) {
                assert!(steps.last().unwrap().end == observation.end());
            }
            if let Some(split) = result(ledger.split(observation, day(cut))) {
                assert!(split.holdout_length() >= 0.0);
                split.outcomes().for_each(|outcome| debugged(&outcome));
                assert!(split.born_in_holdout() <= ledger.customers());
                result(split.calibration().merge(split.holdout()));
            }
            summaries.extend(result(ledger.summarize(observation)));
        }
    }
    for one in &summaries {
        result(one.total_spend());
        debugged(&one.distinct());
        assert!(one.ln_gap_sum().is_none_or(f64::is_finite));
        assert_eq!(one.everyone().count(), one.customers());
        assert!(one.prospects().count() <= one.customers() && one.later_customers() <= by_row.customers());
        for (customer, id, summary) in one.buyers() {
            debugged(&summary);
            assert_eq!(one.get(customer), one.find(id));
            let numbers = [summary.recency, summary.age, summary.idle];
            assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0));
            assert!(summary.mean_spend.is_none_or(f64::is_finite));
            assert!(summary.ln_gap_sum.is_none_or(f64::is_finite));
            let _ = [summary.idle_days(Day::MIN), summary.idle_days(Day::MAX)];
        }
        for other in &summaries {
            result(one.merge(other));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Draws lines on any day of the calendar with any cents, decimals and doubles that a ledger
    /// takes, a roster, two observations, a cut and a step.
    #[test]
    fn ledgers_and_summaries(
        rows in prop::collection::vec((0_u8..4, days(), any::<i64>(), 0_u32..29, -290..290_i32), 0..12),
        roster in prop::collection::vec((0_u8..6, prop::option::of(days())), 0..4),
        observations in prop::collection::vec(observations(), 2),
        cut in days(),
        step in prop::sample::select(vec![0_u32, 1, 7, 30, 4_000, u32::MAX]),
        small in any::<bool>(),
    ) {
        let cents = |n: i64| if small { n % 1_000 } else { n };
        let with = |amount: &dyn Fn(i64, u32, i32) -> i64| -> Vec<(u8, i32, i64)> {
            rows.iter().map(|&(id, n, value, scale, power)| (id, n, amount(value, scale, power))).collect()
        };
        call_everything(&with(&|value, _, _| cents(value)), &roster, &observations, (cut, step));
        let decimals: Vec<(u8, i32, Decimal)> = rows.iter().map(|&(id, n, value, scale, power)| {
            let wide = i128::from(value) << if small { 0 } else { 32 };
            let extreme = if value < 0 { Decimal::MIN } else { Decimal::MAX };
            (id, n, if power > 280 { extreme } else { Decimal::from_i128_with_scale(wide, scale) })
        }).collect();
        call_everything(&decimals, &roster, &observations, (cut, step));
        let doubles: Vec<(u8, i32, f64)> = rows.iter()
            .map(|&(id, n, value, _, power)| (id, n, value as f64 / i64::MAX as f64 * 10_f64.powi(power)))
            .collect();
        call_everything(&doubles, &roster, &observations, (cut, step));
    }

    /// Draws any two days of the calendar and any number as a day.
    #[test]
    fn days_and_periods(n in days(), other in days(), any in any::<i32>(), text in "[a-zA-Z ]{0,8}") {
        let (day, other) = (Day::new(n).unwrap(), Day::new(other).unwrap());
        prop_assert_eq!(Day::from(day.date()), day);
        prop_assert_eq!(day.days_since(other), -other.days_since(day));
        let moved = day.saturating_add(any);
        prop_assert!((Day::MIN..=Day::MAX).contains(&moved));
        result(Day::new(any));
        shown(&day);
        debugged(&day);
        for unit in UNITS {
            let period = Period::containing(day, unit);
            prop_assert_eq!(period.unit(), unit);
            for period in [period, period.next(), period.next().next()] {
                shown(&period);
                debugged(&period);
                prop_assert!(period.first_day() <= period.last_day());
            }
            prop_assert!(period.next().index() == period.index() + 1);
            shown(&unit);
            let year = unit.per_year() * unit.length_in_days();
            prop_assert_eq!(year.to_bits(), TimeUnit::Year.length_in_days().to_bits());
            prop_assert_eq!(unit.name().parse::<TimeUnit>(), Ok(unit));
        }
        if let Err(error) = text.parse::<TimeUnit>() {
            shown(&error);
        }
    }

    /// Draws any counts, lines, texts, rules and observations that can be written down.
    #[test]
    fn reports_and_rules(
        counts in prop::collection::vec(any::<u64>(), 6),
        text in any::<String>(),
        n in days(),
        rules in rules(),
        observation in observations(),
    ) {
        let day = Day::new(n).unwrap();
        let mut quality = DataQuality { rows: counts[0], accepted: counts[1], ..DataQuality::default() };
        for finding in [
            &mut quality.filtered, &mut quality.nobody, &mut quality.missing_ids, &mut quality.unreadable_dates, &mut quality.unreadable_amounts,
            &mut quality.malformed_rows, &mut quality.duplicates, &mut quality.refunds, &mut quality.zero_amounts,
            &mut quality.future_dates, &mut quality.ambiguous_dates,
        ] {
            *finding = DataFinding { count: counts[2], first_line: Some(counts[3]).filter(|line| line % 2 == 0) };
        }
        let (column, values, more) = (text.clone(), vec![text.clone(); (counts[4] % 3) as usize], counts[5] % 2 == 0);
        let (rows, line) = (counts[4], counts[5]);
        quality.warnings = vec![
            QualityWarning::EarlyDates { rows, line, day },
            QualityWarning::DistantDates { rows, line, day, first: Day::MIN, last: Day::MAX },
            QualityWarning::StatusColumn { column: column.clone(), values: values.clone(), more },
            QualityWarning::CurrencyColumn { column: column.clone(), values, more },
            QualityWarning::UnitPrice { amount: text.clone(), quantity: text.clone() },
            QualityWarning::DecimalCommas { column: column.clone(), rows, line, value: text.clone() },
            QualityWarning::UnrepeatedIds { column: column.clone(), rows },
            QualityWarning::IdsDifferInCase {
                column: column.clone(), ids: rows, groups: line, example: text.clone(), spelling: text.clone(),
            },
            QualityWarning::FrequentId { column, id: text.clone(), rows, of: line },
            QualityWarning::OtherEncoding { encoding: text.clone(), cells: rows, line },
        ];
        prop_assert!(quality.refused() <= quality.rows);
        debugged(&quality);
        let plain = quality.to_string();
        prop_assert_eq!(format!("{quality:9.9}"), plain);
        for reason in [
            RefusalReason::MissingId, RefusalReason::Date { format: text.clone() }, RefusalReason::Amount(ReadAmountError::NotANumber), RefusalReason::Amount(ReadAmountError::TooLong),
            RefusalReason::Amount(ReadAmountError::TooFine { decimals: u32::MAX }), RefusalReason::Fields { expected: rows, got: line },
            RefusalReason::Lines { last: rows }, RefusalReason::NotText,
        ] {
            debugged(&reason);
            let refused = RefusedRow { line, reason, value: text.clone() };
            let _ = [format!("{:.3}", refused.reason), format!("{refused:80.90}")];
        }
        for rules in [rules, *observation.rules()] {
            shown(&rules);
            shown(&rules.same_period);
            shown(&rules.refunds);
            shown(&rules.first_purchase);
        }
        debugged(&observation);
    }
}

#[cfg(feature = "csv")]
mod files {
    use crm_history::{CsvOrders, CsvRoster, DecimalMark, LedgerBuilder, TableOptions};

    use super::*;

    /// Bytes that mean something to a reader of files, and any others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let words: Vec<&[u8]> = vec![
            b"id",
            b"date",
            b"amount",
            b"price",
            b"qty",
            b"status",
            b"currency",
            b"2024-01-05",
            b"05/03/24",
            b"1970-01-01",
            b"1.000",
            b"1.234,50",
            b"-3",
            b"1e",
            b"9e9999999999",
            b"e",
            b"-",
            b"_",
            b"0x",
            b"inf",
            b"NaN",
            b"79228162514264337593543950335",
            b",",
            b",",
            b",",
            b";",
            b"\n",
            b"\n",
            b"\n",
            b"\r\n",
            b"\r",
            b"\"",
            b"\"\"",
            b" ",
            b"\t",
            b"\xff",
            b"\xc3\xa9",
            b"\xef\xbb\xbf",
            b"sep=;",
            b"\0",
            b"\x1f\x8b",
        ];
        let word = prop_oneof![
            20 => prop::sample::select(words).prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ];
        (any::<bool>(), prop::collection::vec(word, 0..60)).prop_map(|(has_header, words)| {
            let header: &[u8] = if has_header { b"id,date,amount,status\n" } else { b"" };
            [header, &words.concat()].concat()
        })
    }

    fn formats() -> impl Strategy<Value = Option<String>> {
        let parts = vec![
            "%Y", "%y", "%m", "%d", "%-d", "%e", "%b", "%B", "%j", "%G", "%V", "%u", "%C", "%F", "%D", "%c",
            "%+", "%H", "%s", "%Z", "%z", "%f", "%.3f", "%%", "%n", "/", "-", " ", ".", "é", "%", "%Q",
            "%99d",
        ];
        let free = prop::collection::vec(prop::sample::select(parts), 0..7).prop_map(|parts| parts.concat());
        let usual = prop::sample::select(vec!["%d/%m/%Y", "%m/%d/%y", "%Y%m%d", "%d.%m.%Y %H:%M"]);
        prop_oneof![2 => Just(None), 1 => usual.prop_map(|text| Some(text.to_owned())), 2 => free.prop_map(Some)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(800))]

        /// Draws any bytes, mostly of such words as files of orders hold, and every setting of the
        /// readers.
        #[test]
        fn any_bytes_under_any_settings(
            bytes in bytes(),
            format in formats(),
            delimiter in prop::option::of(prop_oneof![Just(b','), Just(b';'), any::<u8>()]),
            decimals in prop_oneof![0_u32..30, any::<u32>()],
            limits in (prop_oneof![0_usize..40, any::<usize>()], prop_oneof![0_u64..4, any::<u64>()]),
            columns in prop::collection::vec(prop::option::of("(id|date|amount|price|[0-9]{1,2}|.{0,3})"), 3),
            (commas, has_amounts) in any::<(bool, bool)>(),
        ) {
            let mut options = TableOptions::new();
            options = options.with_record_limit(limits.0).unwrap_or(options);
            options = options.with_line_limit(limits.1).unwrap_or(options);
            if let Some(delimiter) = delimiter {
                options = options.with_delimiter(delimiter);
            }
            let mut orders = CsvOrders::new().with_minor_decimals(decimals).with_table_options(options);
            let mut roster = CsvRoster::new().with_table_options(options);
            if let Some(format) = format {
                orders = orders.with_date_format(format.clone());
                roster = roster.with_date_format(format);
            }
            if let Some(column) = &columns[0] {
                orders = orders.with_id_column(column.as_str());
                roster = roster.with_id_column(column.as_str());
            }
            if let Some(column) = &columns[1] {
                orders = orders.with_date_column(column.as_str());
                roster = roster.with_date_column(column.as_str());
            }
            if let Some(column) = &columns[2] {
                orders = orders.with_amount_column(column.as_str());
            }
            if commas {
                orders = orders.with_decimal_mark(DecimalMark::Comma);
            }
            if !has_amounts {
                orders = orders.without_amounts();
            }
            debugged(&orders);
            read_as::<i64>(&bytes, &orders, &roster);
            read_as::<Decimal>(&bytes, &orders, &roster);
            read_as::<f64>(&bytes, &orders, &roster);
        }
    }

    fn read_as<A: Amount>(bytes: &[u8], orders: &CsvOrders, roster: &CsvRoster) {
        let mut builder = LedgerBuilder::<String, A>::new();
        if let Some(columns) = result(orders.read(bytes, &mut builder)) {
            debugged(&columns);
        }
        let refused = result(roster.read(bytes, &mut builder)).unwrap_or_default();
        let ledger = builder.build();
        let quality = ledger.quality();
        assert_eq!(quality.accepted, ledger.rows() as u64);
        assert_eq!(quality.refused(), ledger.refused().len() as u64);
        // No text has more lines than breaks and one.
        let lines = bytes.iter().filter(|byte| b"\r\n".contains(byte)).count() as u64 + 1;
        for row in ledger.refused().iter().chain(&refused) {
            let _ = format!("{row:.3}");
            assert!((1..=lines).contains(&row.line) || bytes.starts_with(b"\x1f\x8b"));
        }
        let _ = format!("{quality:7.1}");
    }
}
