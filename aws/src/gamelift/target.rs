//! The places for game sessions.

/// A place for game sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The fleet's id; never an alias.
    pub fleet: String,
    /// The location in it; `None` leaves the choice to GameLift.
    pub location: Option<String>,
}

/// The form of a location's name, as the rest of an error message.
pub const LOCATION_NAMES: &str = "takes A-Z, a-z, 0-9 and -, as in custom-home or us-west-2";

/// Whether GameLift could have a location of this name.
pub fn is_location_name(name: &str) -> bool {
    name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
}
