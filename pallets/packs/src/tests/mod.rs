mod mock;

mod add_page;
mod assess;
mod open;
mod screen;
mod seal;
mod securitise;
