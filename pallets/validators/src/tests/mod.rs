mod mock;

mod add;
mod genesis;
mod no_currency;
mod offences;
mod offline;
mod remove;
mod sessions;
mod set_session_blocks;
mod view;
