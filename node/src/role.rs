//! What a node is for, in one word, and the options that the word stands for.

use sc_cli::{DatabasePruningMode, RunCmd};

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum NodeRole {
    /// Makes blocks and votes on their finality: `--validator`.
    Validator,
    /// Follows the chain and serves RPC; keeps the state of the last 256 final blocks.
    Member,
    /// As a member, and keeps every block and its state: `--state-pruning archive
    /// --blocks-pruning archive`.
    Archive,
}

impl NodeRole {
    /// Sets the options that the role stands for.
    ///
    /// Fails if another option says the opposite.
    pub fn apply(self, run: &mut RunCmd) -> Result<(), String> {
        match self {
            NodeRole::Validator => run.validator = true,
            NodeRole::Member => self.refuse_authority(run)?,
            NodeRole::Archive => {
                self.refuse_authority(run)?;
                keep_everything(run)?;
            }
        }
        Ok(())
    }

    fn refuse_authority(self, run: &RunCmd) -> Result<(), String> {
        let option = if run.validator {
            "--validator".into()
        } else if run.shared_params.dev {
            "--dev".into()
        } else if let Some(key) = run.get_keyring() {
            format!("--{}", key.to_string().to_lowercase())
        } else {
            return Ok(());
        };
        let role = if self == NodeRole::Archive { "archive" } else { "member" };
        Err(format!(
            "--role {role} makes no blocks, and {option} makes the node a validator: leave one out"
        ))
    }
}

fn keep_everything(run: &mut RunCmd) -> Result<(), String> {
    let pruning = &mut run.import_params.pruning_params;
    let state_goes = pruning.state_pruning.is_some_and(|mode| mode != DatabasePruningMode::Archive);
    if state_goes {
        return Err("--role archive keeps the state of every block, and --state-pruning removes \
                    some: leave one out"
            .into());
    }
    if matches!(pruning.blocks_pruning, DatabasePruningMode::Custom(_)) {
        return Err("--role archive keeps every block, and --blocks-pruning removes some: leave \
                    one out"
            .into());
    }
    pruning.state_pruning = Some(DatabasePruningMode::Archive);
    pruning.blocks_pruning = DatabasePruningMode::Archive;
    Ok(())
}
