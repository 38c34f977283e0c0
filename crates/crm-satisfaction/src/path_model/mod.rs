//! Satisfaction indices by PLS path modelling, as ACSI and ECSI are made: latent variables such as image, quality and
//! loyalty, each measured by several questions, and paths between them.
//!
//! [`PathModel`] says what leads to what; [`PathModel::fit`] finds weights, loadings and paths; [`Fitted`] tells how well
//! the questions measure, scores every respondent, and gives the index from 0 to 100; [`Fitted::bootstrap`] tells how far
//! all that can be trusted.
//!
//! Blocks are reflective (mode A), scores are standardised, items are or are not ([`Metric`]), and the inner weights follow
//! one of three [`Weighting`]s. Everything is computed from the covariances of the items, once per sample, so that neither
//! the fit nor a resample depends on the number of respondents.
//!
//! Sources: Wold, H. (1982), "Soft Modeling: The Basic Design and Some Extensions"; Tenenhaus, M., Esposito Vinzi, V.,
//! Chatelin, Y.-M. and Lauro, C. (2005), "PLS Path Modeling", Computational Statistics and Data Analysis 48, 159-205.
//!
//! ```
//! use crm_satisfaction::path_model::{PathModel, Weighting};
//!
//! let model = PathModel::new(
//!     &[("quality", &["q1", "q2"]), ("satisfaction", &["s1"])],
//!     &[("quality", "satisfaction")],
//! )?
//! .with_weighting(Weighting::Path);
//! // One row a respondent: q1, q2, s1.
//! let rows = [1., 2., 1., 2., 1., 2., 3., 3., 2., 4., 3., 4., 4., 5., 5.];
//! let fitted = model.fit(&rows)?;
//! // With one predictor the path is the correlation of the scores, and R2 its square.
//! let path = &fitted.paths()[0];
//! assert!((fitted.latents()[1].r_squared.unwrap() - path.value * path.value).abs() < 1e-12);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod bootstrap;
mod estimate;
mod fitted;
mod model;
mod scores;
mod validity;

pub use bootstrap::Bootstrap;
pub use fitted::{
    Fitted, LatentSummary, Loading, PathCoefficient, average_variance_extracted, composite_reliability,
};
pub use model::{Metric, PathModel, Weighting};
pub use scores::index_of_means;
pub use validity::Heterotrait;
