//! AWS's limits: the constraints of the API models on Liftgate's requests.

use std::ops::RangeInclusive;

use aws::{
    gamelift::{GameServerListing, NewGameServer, NewGameSession, NewPlacement, Search},
    streams::NewStreamSession,
};

use crate::fuzz::values::short;

type Looked = Result<(), String>;

fn that(holds: bool, violation: impl FnOnce() -> String) -> Looked {
    if holds { Ok(()) } else { Err(violation()) }
}

/// Checks a text's length in characters.
pub(crate) fn text(name: &str, text: &str, length: RangeInclusive<usize>) -> Looked {
    let characters = text.chars().count();
    that(length.contains(&characters), || format!("{name} has {characters} characters: {:?}", short(text)))
}

fn of(name: &str, value: &str, length: RangeInclusive<usize>, others: &str) -> Looked {
    text(name, value, length)?;
    let fits = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
    that(value.chars().all(fits), || format!("{name} is {:?}", short(value)))
}

/// Checks an idempotency token or a placement's id.
pub(crate) fn token(token: &str) -> Looked {
    of("a token", token, 1..=48, "-")
}

pub(crate) fn arn(arn: &str) -> Looked {
    of("a game session's ARN", arn, 1..=512, ":/-")
}

pub(crate) fn players(players: &[String]) -> Looked {
    that((1..=25).contains(&players.len()), || format!("{} players", players.len()))?;
    that(players.iter().all(|one| players.iter().filter(|other| *other == one).count() == 1), || {
        "a player twice".into()
    })?;
    players.iter().try_for_each(|player| text("PlayerId", player, 1..=1024))
}

fn session(name: &str, slots: i32, properties: &[(String, String)], data: Option<&str>) -> Looked {
    text("Name", name, 1..=1024)?;
    that((1..=200).contains(&slots), || format!("{slots} slots"))?;
    that(properties.len() <= 16, || format!("{} properties", properties.len()))?;
    for (key, value) in properties {
        text("a property's Key", key, 0..=32)?;
        text("a property's Value", value, 0..=96)?;
        that(properties.iter().filter(|(other, _)| other == key).count() == 1, || "a property twice".into())?;
    }
    data.map_or(Ok(()), |data| text("GameSessionData", data, 1..=262_144))
}

pub(crate) fn game_session(new: &NewGameSession<'_>) -> Looked {
    token(new.idempotency_token)?;
    location(new.target.location.as_deref())?;
    session(new.name, new.maximum_player_session_count, new.game_properties, new.game_session_data)
}

fn location(location: Option<&str>) -> Looked {
    location.map_or(Ok(()), |location| of("Location", location, 1..=64, "-"))
}

pub(crate) fn placement(new: &NewPlacement<'_>) -> Looked {
    token(new.id)?;
    players(new.players)?;
    for (region, milliseconds) in new.latencies {
        text("RegionIdentifier", region, 1..=1024)?;
        that(milliseconds.is_finite() && *milliseconds >= 0.0, || format!("a latency of {milliseconds} ms"))?;
    }
    session(new.name, new.maximum_player_session_count, new.game_properties, new.game_session_data)
}

pub(crate) fn search(search: &Search<'_>) -> Looked {
    location(search.location)?;
    text("FilterExpression", search.filter, 1..=1024)?;
    text("SortExpression", search.sort, 1..=1024)?;
    // The page's token is not checked: a client can change it, and is told when GameLift refuses it.
    filter(search.filter).ok_or_else(|| format!("no filter of ours: {:?}", search.filter))
}

/// Checks a filter: a list of conditions joined by AND. The first condition admits only game sessions that a player can
/// enter. Texts are in single quotes with backslash escapes, as in the emulator's grammar.
fn filter(filter: &str) -> Option<()> {
    let mut rest = filter.strip_prefix("hasAvailablePlayerSessions=true")?;
    while !rest.is_empty() {
        let (operand, text) = rest.strip_prefix(" AND ")?.split_once("='")?;
        let key = operand.strip_prefix("gameSessionProperties.").unwrap_or("name");
        let is_key = key.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
        if !(is_key && !key.is_empty() && (operand == "gameSessionName" || operand != key)) {
            return None;
        }
        let mut characters = text.chars();
        loop {
            match characters.next()? {
                '\'' => break,
                '\\' => drop(characters.next()?),
                _ => {}
            }
        }
        rest = characters.as_str();
    }
    Some(())
}

pub(crate) fn client_token(token: &str) -> Looked {
    text("ClientToken", token, 32..=128)?;
    that(token.bytes().all(|byte| byte.is_ascii_graphic()), || format!("ClientToken is {token:?}"))
}

pub(crate) fn stream_session(new: &NewStreamSession<'_>) -> Looked {
    client_token(&new.client_token)?;
    of("UserId", new.user_id, 1..=1024, "-_/")?;
    that(new.stream_group == "sg-1", || "not the configured group".into())?;
    application(new.application)?;
    text("SignalRequest", new.signal_request, 1..=usize::MAX)?;
    for location in &new.locations {
        of("a location", location, 1..=20, "-")?;
    }
    if let Some(description) = new.description {
        of("Description", description, 1..=80, "-_.!+@/ ")?;
        that(!description.starts_with(' '), || "Description begins with a blank".into())?;
    }
    let (timeout, length) = (new.connection_timeout_seconds, new.session_length_seconds);
    that(timeout.is_none_or(|seconds| (1..=120).contains(&seconds)), || format!("a timeout of {timeout:?}"))?;
    that(length.is_none_or(|seconds| (1..=43_200).contains(&seconds)), || format!("a length of {length:?}"))?;
    that(new.launch_args.len() <= 100, || format!("{} launch arguments", new.launch_args.len()))?;
    // The first one leads into the game session.
    for arg in new.launch_args.iter().skip(usize::from(new.game.is_some())) {
        that(arg.starts_with("-map="), || format!("the launch argument {:?}", short(arg)))?;
    }
    that(new.environment.len() + 2 <= 50, || "too many variables".into())?;
    for (name, value) in new.environment {
        of("a variable's name", name, 1..=256, "_")?;
        that(name.starts_with("GAME_"), || format!("the variable {:?}", short(name)))?;
        text("a variable's value", value, 0..=4096)?;
    }
    Ok(())
}

pub(crate) fn application(application: &str) -> Looked {
    that(application == "a-1", || "not the configured application".into())
}

pub(crate) fn stream(group: &str, id: &str) -> Looked {
    that(group == "sg-1", || "not the configured group".into())?;
    of("StreamSessionIdentifier", id, 1..=128, "-")
}

pub(crate) fn group(group: &str) -> Looked {
    of("GameServerGroupName", group, 1..=128, "-.")
}

pub(crate) fn named_game_server(group: &str, id: &str) -> Looked {
    self::group(group)?;
    of("GameServerId", id, 3..=128, "-.")
}

fn not_blank(name: &str, value: Option<&str>, most: usize) -> Looked {
    let Some(value) = value else { return Ok(()) };
    text(name, value, 1..=most)?;
    that(!value.trim().is_empty(), || format!("{name} is {value:?}"))
}

pub(crate) fn data(data: Option<&str>) -> Looked {
    not_blank("GameServerData", data, 1024)
}

pub(crate) fn game_server(new: &NewGameServer<'_>) -> Looked {
    named_game_server(new.group, new.id)?;
    of("InstanceId", new.instance_id, 19..=19, "-")?;
    that(new.instance_id.starts_with("i-") && !new.instance_id[2..].contains('-'), || "no instance".into())?;
    not_blank("ConnectionInfo", new.connection_info, 512)?;
    data(new.data)
}

pub(crate) fn listing(listing: &GameServerListing<'_>) -> Looked {
    group(listing.group)?;
    that(listing.limit.is_none_or(|limit| limit >= 1), || format!("a limit of {:?}", listing.limit))?;
    listing.next_token.map_or(Ok(()), |token| text("NextToken", token, 1..=1024))
}
