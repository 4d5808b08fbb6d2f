//! Real nodes, driven through the client. Slots are 3 s, so these tests are few, and run one at a
//! time: several nodes at once on a small machine would miss their slots.

mod e2e {
    mod consortium;
    mod history;
    mod interruption;
    mod real_data;
    mod refusal;
    mod support;
    mod whole_path;
}
