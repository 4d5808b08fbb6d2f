//! Networks of other tools from bytes: a network or a refusal that says why.

#![no_main]

use assay_fuzz::import;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match import::read(bytes) {
        Ok(network) => {
            let inputs = network.inputs();
            assert!(inputs > 0, "a network without inputs");
            assert_eq!(network.inverted().map(|inverted| inverted.inputs()).ok(), Some(inputs));
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
});
