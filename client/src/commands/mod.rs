//! The commands, one file each.

pub mod context;
mod contract;
pub mod credit;
mod credit_relate;
mod credit_schema;
mod credit_show;
mod credit_upload;
pub mod generate;
pub mod key;
pub mod member;
pub mod model;
pub mod model_score;
pub mod model_train;
pub mod pack;
mod pack_assess;
mod pack_export;
pub mod pack_report;
mod pack_request;
mod pack_screen;
mod pack_submit;
mod pack_table;
mod progress;
pub mod report;
pub mod security;
mod show;
pub mod split;
pub mod watch;
