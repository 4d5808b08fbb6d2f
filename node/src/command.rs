//! Runs what the command line asks for.

use crate::{
    admission::{self, Admission},
    chain_spec::{self, ChainSpec},
    cli::{Cli, Subcommand},
    service::{self, FullClient},
};
use assay_runtime::{opaque::Block, Hash};
use sc_cli::SubstrateCli;
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::PartialComponents;
use std::{path::PathBuf, sync::Arc};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Assay Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the Assay developers".into()
    }

    fn support_url() -> String {
        "the issue tracker of this release".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        let spec = match id {
            "dev" => chain_spec::development()?,
            "" | "local" => chain_spec::local()?,
            "consortium" => chain_spec::consortium()?,
            path => ChainSpec::from_json_file(PathBuf::from(path))?,
        };
        Ok(Box::new(spec))
    }
}

/// Does what the arguments of the process say.
///
/// Fails with the SDK's errors: wrong arguments, an unreadable specification or database, a service
/// that could not start.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => run_node(cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::PurgeChain(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.database))
        }
        Some(Subcommand::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
        }
        Some(Subcommand::TryUpgrade(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(&config))
        }
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } =
                service::new_partial(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let PartialComponents { client, task_manager, import_queue, .. } =
                    service::new_partial(&config)?;
                Ok((command.run(client, import_queue), task_manager))
            })
        }
        Some(Subcommand::ExportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
                Ok((command.run(client, config.database), task_manager))
            })
        }
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, backend, .. } =
                service::new_partial(&config)?;
            let revert_finality = Box::new(|client: Arc<FullClient>, _, blocks| {
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((command.run(client, backend, Some(revert_finality)), task_manager))
        }),
    }
}

fn run_node(mut cli: Cli) -> sc_cli::Result<()> {
    if let Some(role) = cli.role {
        role.apply(&mut cli.run)?;
    }
    let mut admission = Admission::from_params(&cli.admission)?;
    if admission.is_some() {
        admission::listen_on_tcp(&mut cli.run.network_params)?;
    }
    cli.create_runner(&cli.run)?.run_node_until_exit(|mut config| async move {
        if let Some(admission) = &mut admission {
            admission.configure(&mut config.network)?;
        }
        match config.network.network_backend {
            NetworkBackendType::Litep2p => {
                service::new_full::<Litep2pNetworkBackend>(config, admission)
            }
            NetworkBackendType::Libp2p => {
                service::new_full::<NetworkWorker<Block, Hash>>(config, admission)
            }
        }
        .map_err(sc_cli::Error::Service)
    })
}
