//! A refusal by GameLift of what only GameLift can check: attributes, of which the rule set declares the types, and
//! names of locations.
//!
//! GameLift has one exception for all of it, `InvalidRequestException`, and AWS documents no words of its message. So the
//! members that the message names are the bad ones; where it names none, each may be.

use aws::gamelift::NewPlacement;
use shared::{Code, Error, error::FieldError};
use store::records::news::Told;

use crate::{attributes, tickets::request::SearchRequest, wanted};

const ATTRIBUTES: &str = attributes::ATTRIBUTES.name;
const LATENCIES: &str = wanted::LATENCIES.name;
const LOCATION: &str = wanted::LOCATION.name;

/// The refusal of a search: the client's to mend if it sent what only GameLift can check, else the operator's.
pub(crate) fn of_search(error: Error, request: &SearchRequest) -> Error {
    if !is_of_content(&error) {
        return error;
    }
    // All players of a party have the same.
    let player = request.players.first();
    let attributes = player.into_iter().flat_map(|player| player.attributes.keys()).map(|name| (ATTRIBUTES, name));
    let latencies = player.into_iter().flat_map(|player| player.latencies.keys()).map(|name| (LATENCIES, name));
    let sent: Vec<_> = attributes.chain(latencies).map(|(field, name)| (field, name.as_str())).collect();
    let is_claim = !sent.iter().any(|(_, name)| is_named(&error, name))
        && request.claimed.keys().any(|name| is_named(&error, name));
    if sent.is_empty() || is_claim {
        let detail = "StartMatchmaking did not take the search, with InvalidRequestException. Check the matchmaking configuration and its rule set, and that it declares the attributes of LIFTGATE_MATCHMAKING_CLAIMS with their types. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason.";
        return error.with_code(Code::BackendMisconfigured, detail);
    }
    blamed(
        error,
        &sent,
        "GameLift did not take the search. Send each attribute with the type that the rule set declares for it, which can be a string, a number, a list of strings or an object of numbers, and only AWS Regions and locations of the game in latencies_ms.",
    )
}

/// The refusal of a placement: the client's to mend if it sent latencies.
pub(crate) fn of_placement(error: Error, new: &NewPlacement<'_>) -> Error {
    if new.latencies.is_empty() || !is_of_content(&error) {
        return error;
    }
    let sent: Vec<_> = new.latencies.iter().map(|(name, _)| (LATENCIES, name.as_str())).collect();
    blamed(
        error,
        &sent,
        "GameLift did not take the placement. Name only AWS Regions and locations of the game in latencies_ms.",
    )
}

/// The refusal of a game session at the `location` that the client asks for.
pub(crate) fn of_location(error: Error, location: Option<&str>) -> Error {
    if location.is_none() || !is_of_content(&error) {
        return error;
    }
    let bad = FieldError::new(LOCATION, why(LOCATION));
    error
        .with_code(Code::InvalidRequest, "GameLift took no game session there. Try another location, or none.")
        .with_fields(vec![bad])
}

/// What is told of a ticket that GameLift has refused.
pub(crate) fn told(error: &Error) -> Told {
    Told {
        reason: Some(error.detail().to_owned()),
        refused: Some(error.code().as_str().to_owned()),
        refused_fields: error.fields().iter().map(|bad| bad.field().to_owned()).collect(),
        ..Told::default()
    }
}

/// The refusal that was [`told`], in Liftgate's own words; `None` if there was none.
pub(crate) fn again(told: &Told) -> Option<Error> {
    let name = told.refused.as_deref()?;
    let code = Code::ALL.iter().find(|code| code.as_str() == name)?;
    let field = |path: &str| if path.starts_with(ATTRIBUTES) { ATTRIBUTES } else { LATENCIES };
    let bad = told.refused_fields.iter().map(|path| FieldError::as_sent(field(path), path, why(field(path))));
    Some(Error::new(*code, told.reason.clone().unwrap_or_default()).with_fields(bad.collect()))
}

/// Whether GameLift refuses the content of the request.
fn is_of_content(error: &Error) -> bool {
    error.upstream().and_then(|upstream| upstream.exception.as_deref()) == Some("InvalidRequestException")
}

/// `INVALID_REQUEST` for the members of `sent` that the message names, or for all of them.
fn blamed(error: Error, sent: &[(&'static str, &str)], detail: &'static str) -> Error {
    let names_any = sent.iter().any(|(_, name)| is_named(&error, name));
    let bad = sent.iter().filter(|(_, name)| !names_any || is_named(&error, name));
    let bad = bad.map(|(field, name)| FieldError::member(*field, name, why(field))).collect();
    error.with_code(Code::InvalidRequest, detail).with_fields(bad)
}

/// Whether GameLift's message has the name, and not only as a part of a longer one.
fn is_named(error: &Error, name: &str) -> bool {
    let message = error.upstream().map_or("", |upstream| &upstream.message);
    let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '-'));
    let is_whole = |(at, found): (usize, &str)| {
        !is_part(message[..at].chars().next_back()) && !is_part(message[at + found.len()..].chars().next())
    };
    !name.is_empty() && message.match_indices(name).any(is_whole)
}

fn why(field: &str) -> &'static str {
    match field {
        ATTRIBUTES => {
            "has to have the type that the rule set declares for it: a string, a number, a list of strings or an object of numbers"
        }
        LOCATION => "is no location that takes the game session",
        _ => "has to be an AWS Region or a location of the game",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use shared::error::Upstream;

    use super::*;
    use crate::{attributes::Attribute, tickets::request::SearchPlayer};

    fn refusal(exception: &str, message: &str) -> Error {
        Error::new(Code::InvalidRequest, "Refused.").with_upstream(Upstream {
            operation: "StartMatchmaking",
            exception: Some(exception.to_owned()),
            message: message.to_owned(),
            request_id: None,
        })
    }

    fn request() -> SearchRequest {
        let number = |name: &str| (name.to_owned(), Attribute::Number(1.0));
        let ana = SearchPlayer {
            id: "ana".to_owned(),
            attributes: [number("skill"), number("skill-max"), number("odd name")].into(),
            latencies: [("eu-west-9".to_owned(), 20)].into(),
        };
        SearchRequest {
            configuration: "duel".to_owned(),
            players: vec![ana],
            claimed: [number("rank")].into(),
            ..SearchRequest::default()
        }
    }

    fn paths(error: &Error) -> Vec<&str> {
        error.fields().iter().map(FieldError::field).collect()
    }

    #[rstest]
    #[case::by_its_path("$.players[0].attributes[skill] is a string.", &["attributes.skill"])]
    #[case::two("\"skill-max\" and eu-west-9", &["attributes.skill-max", "latencies_ms.eu-west-9"])]
    #[case::no_usual_name("Attribute 'odd name'.", &["attributes.\"odd name\""])]
    #[case::with_a_claim("skill and rank", &["attributes.skill"])]
    #[case::none("Invalid.", ALL)]
    #[case::parts_of_longer_names("Unskilled skill_max skill2 eu-west-99", ALL)]
    fn the_members_that_gamelift_names_are_the_bad_ones(#[case] message: &str, #[case] expected: &[&str]) {
        let error = of_search(refusal("InvalidRequestException", message), &request());
        assert_eq!((error.code(), paths(&error)), (Code::InvalidRequest, expected.to_vec()));
        let later = again(&told(&error)).unwrap();
        assert_eq!((later.code(), later.detail(), later.fields()), (error.code(), error.detail(), error.fields()));
    }

    #[test]
    fn latencies_of_a_placement_are_named_also_later() {
        let latencies = [("us-west-2".to_owned(), 20.0), ("mars-1".to_owned(), 900.0)];
        let new = NewPlacement {
            id: "pl-1",
            queue: "players",
            name: "A game",
            maximum_player_session_count: 4,
            game_properties: &[],
            game_session_data: None,
            latencies: &latencies,
            players: &[],
        };
        let refused = || refusal("InvalidRequestException", "No Region is mars-1.");
        let error = of_placement(refused(), &new);
        assert_eq!((error.code(), paths(&error)), (Code::InvalidRequest, vec!["latencies_ms.mars-1"]));
        assert_eq!(again(&told(&error)).unwrap().fields(), error.fields());
        assert!(of_placement(refused(), &NewPlacement { latencies: &[], ..new }).fields().is_empty());
    }

    const ALL: &[&str] =
        &["attributes.\"odd name\"", "attributes.skill", "attributes.skill-max", "latencies_ms.eu-west-9"];

    #[rstest]
    #[case::without_choices(SearchPlayer::default(), "skill")]
    #[case::of_a_claim(request().players.remove(0), "$.players[0].attributes[rank] is a string.")]
    fn what_the_client_has_not_sent_is_the_operators_to_mend(#[case] player: SearchPlayer, #[case] message: &str) {
        let request = SearchRequest { players: vec![player], ..request() };
        let error = of_search(refusal("InvalidRequestException", message), &request);
        assert_eq!((error.code(), paths(&error)), (Code::BackendMisconfigured, vec![]));
    }

    #[test]
    fn another_exception_blames_nobody() {
        let other = || refusal("UnsupportedRegionException", "skill").with_code(Code::BackendMisconfigured, "Ours.");
        for error in [of_search(other(), &request()), of_location(other(), Some("custom-a"))] {
            assert_eq!((error.code(), error.detail(), paths(&error)), (Code::BackendMisconfigured, "Ours.", vec![]));
        }
    }
}
