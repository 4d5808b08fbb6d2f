mod mock;

mod add_page;
mod assess;
mod obligors;
mod open;
mod screen;
mod seal;
mod securitise;
