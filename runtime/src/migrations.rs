//! How the state of earlier versions becomes that of this one.
//!
//! A migration runs in the first block after an upgrade, once, and names the storage version that
//! it ends with. It stays here until no chain is left that begins below that version.

use crate::Runtime;

/// The migrations in force, in order.
pub type InForce = (assay_membership::migrations::MigrateV0ToV1<Runtime>,);
