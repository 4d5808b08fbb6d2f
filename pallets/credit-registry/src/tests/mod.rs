mod mock;

mod add_policy;
mod add_schema;
mod profiles;
mod relate;
mod submit;
