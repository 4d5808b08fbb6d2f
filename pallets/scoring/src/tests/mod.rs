mod mock;

mod approve;
mod contracts;
mod propose;
mod revoke;
mod score;
