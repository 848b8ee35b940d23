//! `POST /join_session`: a player's place in a game session that exists.

use lambda_http::http::Method;
use shared::{
    Answer, Call, Code, Error, Route, answer, config::FleetConfig, deadline::within, gamelift::CreatePlayerSession,
    request::Fields,
};

/// The route, on some GameLift.
#[derive(Debug)]
pub struct JoinSession<G> {
    gamelift: G,
    fleets: FleetConfig,
}

impl<G> JoinSession<G> {
    /// The route for the game sessions of the fleets in `LIFTGATE_FLEETS`.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, fleets }
    }
}

impl<G: CreatePlayerSession + 'static> Route for JoinSession<G> {
    const NAME: &'static str = "join_session";
    const METHOD: Method = Method::POST;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let game_session_id = game_session_id(&mut fields);
        let uuid = call.uuid(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        let id = game_session_id.unwrap_or_default();
        if !self.fleets.may_hold(&id) {
            return Err(Error::new(Code::SessionNotFound, "No game session of this game has this id."));
        }
        let reserved = within(call.deadline, self.gamelift.create_player_session(&id, player.id())).await?;
        Ok(Answer::ok(answer::player_session(&reserved)))
    }
}

/// A game session id is an ARN: `arn:aws:gamelift:<region>::gamesession/<fleet>/<id>`. What else
/// GameLift would refuse is refused here with a sentence that helps.
fn game_session_id(fields: &mut Fields) -> Option<String> {
    let id = fields.required_string("GameSessionId", 1..=512)?;
    let takes = |character: char| character.is_ascii_alphanumeric() || ":/-".contains(character);
    let is_arn = id.starts_with("arn:") && id.contains(":gamelift:") && id.contains(":gamesession/");
    if is_arn && id.chars().all(takes) {
        return Some(id);
    }
    fields.error("GameSessionId", "is not a game session's ARN; send it as find_session or create_session gave it");
    None
}
