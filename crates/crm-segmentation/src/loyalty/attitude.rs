use crate::Error;
use crate::matrix::Matrix;

/// Creates the matrix of Dick and Basu's four kinds of loyalty from relative attitude and repeat
/// patronage: true, latent, spurious, none.
///
/// Who likes us better than others and buys is loyal in truth; who likes us and does not buy is
/// latently so (what is in the way?); who buys without liking us better is spuriously loyal and
/// goes with the first good offer.
///
/// Source: Dick, A. S., Basu, K. (1994), Customer loyalty: toward an integrated conceptual
/// framework, Journal of the Academy of Marketing Science 22(2), 99-113.
///
/// # Errors
///
/// [`Error::Input`] for a cut line that is no number.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::dick_and_basu;
///
/// // Attitude: our mark less the best rival's, cut at 0. Patronage: share of purchases, cut at one half.
/// let kinds = dick_and_basu(0.0, 0.5)?.assign(&[2.0, 2.0, -1.0, -1.0], &[0.9, 0.1, 0.9, 0.1])?;
/// assert_eq!(kinds.to_string(), "none: 1, latent: 1, spurious: 1, true: 1");
/// assert_eq!(kinds.name(2), Some("spurious"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn dick_and_basu(attitude: f64, patronage: f64) -> Result<Matrix, Error> {
    let names = ["none", "latent", "spurious", "true"];
    Matrix::quadrants(("relative attitude", attitude), ("repeat patronage", patronage), names)
}
