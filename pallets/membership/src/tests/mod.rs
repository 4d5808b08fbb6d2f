mod mock;

mod enroll;
mod extension;
mod genesis;
mod members;
mod restore;
mod set_roles;
mod suspend;
