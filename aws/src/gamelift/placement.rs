//! Placement of game sessions through a queue.

use aws_sdk_gamelift::{
    Client,
    types::{GameSessionPlacement, GameSessionQueue, PlayerLatency},
};
use shared::{Code, Error};

use crate::{
    gamelift::{attempts::once, properties::game_properties},
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// A game session for a queue to place.
#[derive(Clone, Debug)]
pub struct NewPlacement<'a> {
    /// The placement's id: 1 to 48 of `[a-zA-Z0-9-]`, never used before.
    pub id: &'a str,
    /// The queue, by name or ARN.
    pub queue: &'a str,
    /// A name to show, 1 to 1024 characters.
    pub name: &'a str,
    /// The number of player slots, 1 to 200.
    pub maximum_player_session_count: i32,
    /// At most 16 names (32 characters) with values (96 characters).
    pub game_properties: &'a [(String, String)],
    /// Data that the game server gets unchanged; up to 262,144 characters.
    pub game_session_data: Option<&'a str>,
    /// The latency in milliseconds from each of `players` to each of these Regions.
    pub latencies: &'a [(String, f32)],
    /// The players with these latencies.
    pub players: &'a [String],
}

/// Looks at a placement (`DescribeGameSessionPlacement`).
pub trait DescribePlacement: Send + Sync {
    /// The placement's present state. Tried once. `BACKEND_MISCONFIGURED` when its game session is in another Region
    /// than the client, where Liftgate cannot use it.
    fn describe_placement(&self, id: &str) -> impl Future<Output = Result<GameSessionPlacement, Error>> + Send;
}

/// Places a game session through a queue.
pub trait PlaceGameSession: Send + Sync {
    /// Starts the placement and returns it, PENDING (`StartGameSessionPlacement`). Tried once.
    fn start_placement(
        &self,
        new: &NewPlacement<'_>,
    ) -> impl Future<Output = Result<GameSessionPlacement, Error>> + Send;
    /// Cancels a PENDING placement (`StopGameSessionPlacement`).
    fn stop_placement(&self, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Looks at a game session queue (`DescribeGameSessionQueues`).
pub trait DescribeGameSessionQueues: Send + Sync {
    /// The queue, by name or ARN; `None` if there is none. Tried once.
    fn describe_game_session_queue(
        &self,
        queue: &str,
    ) -> impl Future<Output = Result<Option<GameSessionQueue>, Error>> + Send;
}

impl DescribeGameSessionQueues for Client {
    async fn describe_game_session_queue(&self, queue: &str) -> Result<Option<GameSessionQueue>, Error> {
        let call = self.describe_game_session_queues().names(queue).customize().config_override(once());
        let found = failure::found(Operation::DescribeGameSessionQueues, call.send().await)?;
        Ok(found.and_then(|output| output.game_session_queues.unwrap_or_default().into_iter().next()))
    }
}

impl DescribePlacement for Client {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        let call = self.describe_game_session_placement().placement_id(id).customize().config_override(once());
        let output =
            call.send().await.map_err(|error| failure::error(Operation::DescribeGameSessionPlacement, error))?;
        let placement =
            output.game_session_placement.ok_or_else(|| incomplete(Operation::DescribeGameSessionPlacement))?;
        let region_of = |arn: &str| arn.split(':').nth(3).map(str::to_owned);
        let region = placement.game_session_arn().and_then(region_of);
        let own = self.config().region().map(|region| region.as_ref().to_owned());
        if region.is_none() || region == own {
            return Ok(placement);
        }
        // No player can be sent there, and it cannot be terminated from here.
        let (alarm, id) = ("orphaned_game_session", placement.game_session_arn().unwrap_or_default());
        tracing::error!(alarm, game_session_id = id, "the queue placed it in another Region");
        Err(Error::new(
            Code::BackendMisconfigured,
            "The queue placed the game session in another Region. Its fleets have to be in the Region of the functions.",
        ))
    }
}

impl PlaceGameSession for Client {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        let latency = |player: &String, (region, milliseconds): &(String, f32)| {
            let latency = PlayerLatency::builder().player_id(player).region_identifier(region);
            latency.latency_in_milliseconds(*milliseconds).build()
        };
        let of_player = |player| new.latencies.iter().map(move |region| latency(player, region));
        let latencies: Vec<_> = new.players.iter().flat_map(of_player).collect();
        let call = self
            .start_game_session_placement()
            .placement_id(new.id)
            .game_session_queue_name(new.queue)
            .game_session_name(new.name)
            .maximum_player_session_count(new.maximum_player_session_count)
            .set_game_properties(game_properties(new.game_properties))
            .set_game_session_data(new.game_session_data.map(str::to_owned))
            .set_player_latencies(Some(latencies).filter(|latencies| !latencies.is_empty()))
            .customize()
            .config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::StartGameSessionPlacement, error))?;
        output.game_session_placement.ok_or_else(|| incomplete(Operation::StartGameSessionPlacement))
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        let call = self.stop_game_session_placement().placement_id(id);
        call.send().await.map_err(|error| failure::error(Operation::StopGameSessionPlacement, error))?;
        Ok(())
    }
}
