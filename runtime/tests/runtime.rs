//! The real runtime: what its pallets do together. One binary, for each costs minutes to link.

mod runtime {
    mod emergency;
    mod genesis;
    mod life;
    mod roles;
    mod sessions;
    mod support;
    mod upgrade;
}
