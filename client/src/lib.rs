//! Assay from outside: the chain's interface as a library, and what the `assay` command does.
//!
//! | module | for |
//! |---|---|
//! | [`chain`] | connecting to a node, asking it, sending transactions |
//! | [`certificate`] | X.509 certificates: requests, authorities, members |
//! | [`table`], [`subject`], [`policy_file`], [`ratio`] | files and words that people write |
//! | [`train`], [`import`], [`float_network`], [`model_file`] | networks: training, taking in, quantising, keeping |
//! | [`generate`], [`split`] | data for trials |
//! | [`network`], [`peer`] | a consortium of your own, and how its nodes are called |
//! | [`explain`] | why a score is what it is |
//! | [`propagation`] | what relations would give on a bureau's own data |
//! | [`report`] | reports for people: of a pack, of a model |
//! | [`commands`], [`cli`] | the command line |

pub mod certificate;
pub mod chain;
pub mod cli;
pub mod commands;
pub mod explain;
pub mod float_network;
pub mod generate;
pub mod import;
pub mod model_file;
pub mod network;
pub mod output;
pub mod peer;
pub mod policy_file;
pub mod propagation;
pub mod ratio;
pub mod report;
pub mod split;
pub mod subject;
pub mod table;
pub mod train;
