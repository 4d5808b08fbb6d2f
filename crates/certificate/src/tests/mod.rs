mod broken;
mod maker;
mod member;
mod root;
