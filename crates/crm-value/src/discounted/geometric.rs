//! Geometric sums without powers that are not needed and without a quotient of differences.

use crm_numbers::Decimal;

use crate::Error;
use crate::exact::{Expr, exact};

/// `1 + q + ... + q^(n-1)` and `0 + q + 2 q^2 + ... + (n-1) q^(n-1)`, for q >= 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sums {
    pub(crate) plain: Decimal,
    pub(crate) weighted: Decimal,
}

/// `1 + q + ... + q^(n-1)`, by doubling: `S(2n) = S(n) (1 + q^n)`. Nothing cancels, and q = 1 is no
/// special case.
pub(crate) fn sum(term: &'static str, q: Decimal, n: u32) -> Result<Decimal, Error> {
    Ok(sums(term, q, n, false)?.plain)
}

/// Both sums: `T(2n) = T(n) + q^n (T(n) + n S(n))`.
pub(crate) fn both(term: &'static str, q: Decimal, n: u32) -> Result<Sums, Error> {
    sums(term, q, n, true)
}

fn sums(term: &'static str, q: Decimal, n: u32, weighted: bool) -> Result<Sums, Error> {
    let mut sums = Sums { plain: Decimal::ZERO, weighted: Decimal::ZERO };
    if n == 0 {
        return Ok(sums);
    }
    let rounded = |formula: Expr| formula.value(term);
    sums.plain = Decimal::ONE;
    // q^k for the k terms that are in the sums, computed when it is needed: the last one may be too
    // large.
    let (mut k, mut power) = (1_u32, q);
    let bits = n.ilog2();
    for bit in (0..bits).rev() {
        let Sums { plain: s, weighted: t } = sums;
        if weighted {
            let shifted = rounded(exact(s) * k + t)?;
            sums.weighted = rounded(exact(power) * shifted + t)?;
        }
        sums.plain = rounded((Expr::ONE + power) * s)?;
        k *= 2;
        let odd = (n >> bit) & 1 == 1;
        if odd || bit > 0 {
            power = rounded(exact(power) * power)?;
        }
        if odd {
            if weighted {
                sums.weighted = rounded(exact(power) * k + sums.weighted)?;
            }
            sums.plain = rounded(exact(sums.plain) + power)?;
            k += 1;
            if bit > 0 {
                power = rounded(exact(power) * q)?;
            }
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_is_the_plain_loop() {
        for n in 0..70 {
            let mut expected = Sums { plain: Decimal::ZERO, weighted: Decimal::ZERO };
            let mut power = Decimal::ONE;
            for t in 0..n {
                expected.plain += power;
                expected.weighted += Decimal::from(t) * power;
                power *= Decimal::TWO;
            }
            let got = both("sum", Decimal::TWO, n).unwrap();
            assert_eq!((got.plain, got.weighted), (expected.plain, expected.weighted), "{n}");
            assert_eq!(sum("sum", Decimal::TWO, n).unwrap(), expected.plain);
        }
        assert_eq!(sum("sum", Decimal::ONE, u32::MAX), Ok(u32::MAX.into()));
        assert_eq!(sum("sum", Decimal::ZERO, u32::MAX), Ok(Decimal::ONE));
    }

    #[test]
    fn only_sums_that_do_not_fit_are_refused() {
        let large = Decimal::from(10_u64.pow(15));
        assert_eq!(sum("sum", large, 2), Ok(large + Decimal::ONE));
        assert!(sum("sum", large, 3).is_err());
        assert!(sum("sum", Decimal::TWO, 96).is_ok() && sum("sum", Decimal::TWO, 97).is_err());
    }

    #[test]
    fn no_power_beyond_the_last_term_is_computed() {
        // 1 + q + q^2 with q = 10^14: q^3 would not fit.
        let q = Decimal::from(10_u64.pow(14));
        let wanted = q * q + q + Decimal::ONE;
        assert_eq!(sum("sum", q, 3), Ok(wanted));
        assert_eq!(both("sum", q, 3).map(|sums| sums.weighted), Ok(Decimal::TWO * q * q + q));
    }
}
