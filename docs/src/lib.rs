//! The guides of crm-analytics, included so that every example in them is compiled and run.

#[doc = include_str!("../../README.md")]
pub mod readme {}

#[doc = include_str!("../design.md")]
pub mod design {}

#[doc = include_str!("../compare.md")]
pub mod compare {}

#[doc = include_str!("../guide/history.md")]
pub mod history {}

#[doc = include_str!("../guide/statistics.md")]
pub mod statistics {}

#[doc = include_str!("../guide/segmentation.md")]
pub mod segmentation {}

#[doc = include_str!("../guide/satisfaction.md")]
pub mod satisfaction {}

#[doc = include_str!("../guide/btyd.md")]
pub mod btyd {}

#[doc = include_str!("../guide/report.md")]
pub mod report {}

#[doc = include_str!("../guide/value.md")]
pub mod value {}

#[doc = include_str!("../guide/lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("../guide/charts.md")]
pub mod charts {}
