//! Game sessions on game servers that run in a FleetIQ game server group.
//!
//! - `address`: where players reach a game server.

mod address;

pub use self::address::Address;
