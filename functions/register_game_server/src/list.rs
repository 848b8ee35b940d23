//! `GET /game_servers`: lists a group's game servers for operators.

use aws::gamelift::{DescribeGameServer, GameServerListing, ListGameServers};
use aws_sdk_gamelift::types::SortOrder;
use matchmaking::{config::GameServerConfig, game_servers, present};
use serde_json::{Value, json};
use shared::{
    Answer, Call, Code, Error, Route, RouteId,
    deadline::within,
    parameters::Parameters,
    request::{
        Member, Members,
        members::{Integer, Text, Words},
    },
};

use crate::fields::{self, GROUP, ID};

/// The parameters of the query.
pub const MEMBERS: Members = &[&GROUP, &ONE, &SORT_ORDER, &LIMIT, &NEXT_TOKEN];

const ONE: Member<Text> = Member { is_required: false, about: "Only the game server with this id.", ..ID };

const SORT_ORDER: Member<Words<SortOrder>> = Member::words(
    "sort_order",
    &[("ASCENDING", SortOrder::Ascending), ("DESCENDING", SortOrder::Descending)],
    "The order by the time of registration.",
)
.or(", by the time of registration");

/// Lambda takes 6 MB, and a game server needs up to 6 kB.
const LIMIT: Member<Integer> = Member::integer("limit", 1..=100, "The most game servers of the answer. Left out: 50.");

const NEXT_TOKEN: Member<Text> =
    Member::text("next_token", 1..=1024, "The page to list: NextToken of the page before. Left out: the first page.");

/// The most game servers of an answer without `limit`.
const DEFAULT_LIMIT: i32 = 50;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct List<G> {
    gamelift: G,
    config: GameServerConfig,
}

impl<G> List<G> {
    /// The route for game servers of the configured groups.
    pub fn new(gamelift: G, config: GameServerConfig) -> Self {
        Self { gamelift, config }
    }
}

/// An operator's query.
struct Query {
    group: String,
    id: Option<String>,
    order: Option<SortOrder>,
    limit: i32,
    next_token: Option<String>,
}

impl<G: ListGameServers + DescribeGameServer + 'static> Route for List<G> {
    const ID: RouteId = RouteId::GameServers;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        fields::check_caller(&call, &self.config)?;
        let query = Query::read(call.query(), &self.config)?;
        if let Some(id) = &query.id {
            let server = within(call.deadline, self.gamelift.describe_game_server(&query.group, id)).await?;
            return Ok(Answer::ok(json!({ "GameServers": [present::game_server(&server)] })));
        }
        let listing = GameServerListing {
            group: &query.group,
            order: query.order.clone(),
            limit: Some(query.limit),
            next_token: query.next_token.as_deref(),
            is_look: false,
        };
        let page = within(call.deadline, self.gamelift.list_game_servers(&listing)).await;
        let page = page.map_err(|error| blame_token(error, &listing))?;
        let mut body = json!({ "GameServers": page.servers.iter().map(present::game_server).collect::<Vec<Value>>() });
        if let Some(token) = page.next_token {
            body["NextToken"] = token.into();
        }
        Ok(Answer::ok(body))
    }
}

impl Query {
    fn read(pairs: Vec<(String, String)>, config: &GameServerConfig) -> Result<Self, Error> {
        let mut parameters = Parameters::new(pairs);
        let named = parameters.string(&GROUP);
        let group = fields::known_group(named, config).unwrap_or_else(|message| {
            parameters.error(GROUP.name, message);
            String::new()
        });
        let id = parameters.string(&ONE);
        if id.as_deref().is_some_and(|id| !game_servers::is_id(id)) {
            parameters.error(ONE.name, fields::ID_TAKES);
        }
        let order = parameters.word(&SORT_ORDER);
        let limit = parameters.integer(&LIMIT).unwrap_or(DEFAULT_LIMIT);
        let next_token = parameters.string(&NEXT_TOKEN);
        let errors = parameters.into_errors();
        if errors.is_empty() {
            Ok(Self { group, id, order, limit, next_token })
        } else {
            Err(Error::invalid_fields(errors))
        }
    }
}

/// Blames the client's token. GameLift calls an unknown token an invalid request, without naming it.
fn blame_token(error: Error, listing: &GameServerListing<'_>) -> Error {
    if error.code() != Code::BackendMisconfigured || listing.next_token.is_none() {
        return error;
    }
    Error::invalid_field(
        "next_token",
        "is none that this listing has given, or an old one; leave it out to start again.",
    )
}
