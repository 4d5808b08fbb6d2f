mod mock;

mod accept;
mod issue;
