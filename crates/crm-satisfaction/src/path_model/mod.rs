//! Satisfaction indices by PLS path modeling, as for ACSI and ECSI: latent variables such as image,
//! quality and loyalty, each measured by several questions, and paths between them.
//!
//! A [`PathModel`] defines latent variables and paths; [`PathModel::fit`] estimates weights,
//! loadings and path coefficients. A [`PathModelFit`] reports measurement quality, the scores of
//! respondents and the index from 0 to 100; [`PathModelFit::bootstrap`] adds intervals.
//!
//! Blocks are reflective (mode A), scores are standardized, items as the [`Metric`] says, and the
//! inner weights follow one of three [`Weighting`] schemes. Estimation uses only the covariances of
//! the items, so that the cost of a fit or a resample hardly depends on the number of respondents.
//!
//! # References
//!
//! Wold, H. (1982), "Soft Modeling: The Basic Design and Some Extensions"; Tenenhaus, M., Esposito
//! Vinzi, V., Chatelin, Y.-M. and Lauro, C. (2005), "PLS Path Modeling", Computational Statistics
//! and Data Analysis 48, 159-205.
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::path_model::{PathModel, Weighting};
//!
//! let model = PathModel::new(
//!     &[("quality", &["q1", "q2"]), ("satisfaction", &["s1"])],
//!     &[("quality", "satisfaction")],
//! )?
//! .with_weighting(Weighting::Path);
//! // One row per respondent: q1, q2, s1.
//! let rows = [1., 2., 1., 2., 1., 2., 3., 3., 2., 4., 3., 4., 4., 5., 5.];
//! let fit = model.fit(&rows)?;
//! // With one predictor the path is the correlation of the scores, and R2 its square.
//! let path = &fit.paths()[0];
//! assert!((fit.latents()[1].r_squared.unwrap() - path.value * path.value).abs() < 1e-12);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod bootstrap;
mod estimate;
mod fit;
mod model;
mod scores;
mod validity;

pub use bootstrap::PathModelBootstrap;
pub use fit::{
    LatentSummary, Loading, PathCoefficient, PathModelFit, average_variance_extracted, composite_reliability,
};
pub use model::{Metric, PathModel, Weighting};
pub use scores::index_of_means;
pub use validity::Heterotrait;
