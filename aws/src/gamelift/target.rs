//! Where a game session can be.

/// A place for game sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The fleet's id; an alias has been resolved.
    pub fleet: String,
    /// The location in it; `None` leaves the choice to GameLift.
    pub location: Option<String>,
}

/// What a location's name is made of, for whoever sent another one.
pub const LOCATION_NAMES: &str = "takes A-Z, a-z, 0-9 and -, as in custom-home or us-west-2";

/// Whether GameLift could have a location of this name.
pub fn is_location_name(name: &str) -> bool {
    name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
}
