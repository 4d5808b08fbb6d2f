//! What work on chain costs, from measurement: the base of every weight until benchmarks replace
//! them. Measured in the Wasm runtime over ParityDB on two cores of a small server, in blocks of
//! one extrinsic; `scripts/bench` measures the sums of them again.

use frame_support::weights::Weight;

const PICOS_PER_NANO: u64 = 1_000;

/// Reading one value of up to some kilobytes by a random key out of 100,000: 14 us.
pub const READ_NANOS: u64 = 14_000;
/// Writing one value, its part of the storage root and of the commit included: 29 to 60 us.
pub const WRITE_NANOS: u64 = 60_000;
/// Merging the reports of one subject, and what comes with its score beside the network.
pub const MERGE_NANOS: u64 = 1_500;
/// Thousand products of a network: 1,296 of them take 0.34 us, 16,100 take 2.9 us.
pub const KILO_PRODUCTS_NANOS: u64 = 300;
/// Decoding, checking and encoding again one report or one loan.
pub const RECORD_NANOS: u64 = 1_500;
/// Dispatching any call: signature, nonce, membership, event.
pub const CALL_NANOS: u64 = 150_000;

/// Weight of so many nanoseconds of one core.
pub const fn nanos(count: u64) -> Weight {
    Weight::from_parts(count.saturating_mul(PICOS_PER_NANO), 0)
}

/// Weight of a call that reads and writes so many values and handles so many records.
pub const fn call(reads: u64, writes: u64, records: u64) -> Weight {
    nanos(
        CALL_NANOS
            .saturating_add(READ_NANOS.saturating_mul(reads))
            .saturating_add(WRITE_NANOS.saturating_mul(writes))
            .saturating_add(RECORD_NANOS.saturating_mul(records)),
    )
}

/// Nanoseconds to score one subject with a network of so many products.
pub const fn score_nanos(products: u64) -> u64 {
    let network = KILO_PRODUCTS_NANOS.saturating_mul(products).div_ceil(1_000);
    MERGE_NANOS.saturating_add(network)
}
