//! Reads the parts of ARNs.

/// The id of the fleet that a game session is in, by its ARN.
pub fn fleet_of(game_session_id: &str) -> Option<&str> {
    game_session_id.split_once(":gamesession/").and_then(|(_, path)| path.split('/').next())
}

/// The parts of a stream session's ARN: `arn:aws:gameliftstreams:<Region>:<account>`, the stream group's id and the
/// stream session's id.
pub fn arn_parts(arn: &str) -> Option<(&str, &str, &str)> {
    let (place, path) = arn.split_once(":streamsession/")?;
    let (group, id) = path.split_once('/')?;
    let mut parts = place.split(':');
    let is_place = parts.next() == Some("arn") && parts.nth(1) == Some("gameliftstreams") && parts.count() == 2;
    is_place.then_some((place, group, id))
}

/// The id in an ARN, or `reference` itself if it is an id.
pub fn last_part(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}
