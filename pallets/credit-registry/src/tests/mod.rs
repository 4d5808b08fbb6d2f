mod mock;

mod add_policy;
mod add_schema;
mod inquire;
mod profiles;
mod relate;
mod submit;
mod withdraw_relations;
