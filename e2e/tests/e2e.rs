//! Real nodes, driven through the client. Slots are 3 s, so these tests are few, and run one at a
//! time: several nodes at once on a small machine would miss their slots.

mod e2e {
    mod certificates;
    mod consortium;
    mod history;
    mod interruption;
    mod misfit;
    mod network;
    mod real_data;
    mod refusal;
    mod support;
    mod whole_path;
}
