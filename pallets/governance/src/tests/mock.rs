//! A runtime of this pallet alone; calls are the council's when signed by root.

use crate::{self as governance};
use codec::Encode;
use frame_support::{derive_impl, traits::Get};
use frame_system::EnsureRoot;
use sp_core::traits::{Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt};
use sp_runtime::BuildStorage;
use sp_version::RuntimeVersion;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Governance: governance,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

impl governance::Config for Test {
    type CouncilOrigin = EnsureRoot<u64>;
}

/// Reads from any code the version of this runtime, so much higher.
struct Reader(u32);
impl ReadRuntimeVersion for Reader {
    fn read_runtime_version(&self, _: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
        let mut version: RuntimeVersion = <Test as frame_system::Config>::Version::get();
        version.spec_version += self.0;
        Ok(version.encode())
    }
}

/// Runs a test on a chain that finds in all code a version higher by `increment`.
pub fn run(increment: u32, test: impl FnOnce()) {
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.register_extension(ReadRuntimeVersionExt::new(Reader(increment)));
    chain.execute_with(|| {
        System::set_block_number(1);
        test();
    });
}
