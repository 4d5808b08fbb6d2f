mod mock;

mod authorize_upgrade;
