//! The guides of crm-analytics, included so that every example in them is compiled and run.
