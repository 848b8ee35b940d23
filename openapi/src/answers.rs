//! The objects of the answers. The local world's tests compare them with what the routes answer.

use serde_json::{Map, Value, json};

use crate::schema;

/// An object of an answer: a component of the document.
#[derive(Debug)]
pub struct Shape {
    /// The component's name.
    pub name: &'static str,
    about: &'static str,
    members: &'static [Member],
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    kind: Kind,
    about: &'static str,
    /// Whether it is in every such answer.
    is_always: bool,
}

/// The kinds of a member's value.
#[derive(Debug)]
pub(crate) enum Kind {
    Text,
    /// ISO 8601, UTC.
    Time,
    /// A whole number from 0 on.
    Count,
    Switch,
    /// One of these words, to which none is added.
    Words(&'static [&'static str]),
    /// A word: these are known, and there may be more.
    OpenWords(&'static [&'static str]),
    List(&'static Kind),
    /// An object of such values by names that the answer chooses.
    Map(&'static Kind),
    Of(&'static Shape),
    /// An object that another standard describes.
    Any,
}

use Kind::{Any, Count, List, Map as MapOf, Of, OpenWords, Switch, Text, Time, Words};

const fn always(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, about, is_always: true }
}

pub(crate) const fn maybe(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, about, is_always: false }
}

/// The words of GameLift, which may get more.
const PLAYER_SESSION_STATUS: &[&str] = &["ACTIVE", "COMPLETED", "RESERVED", "TIMEDOUT"];
const GAME_SESSION_STATUS: &[&str] = &["ACTIVATING", "ACTIVE", "ERROR", "TERMINATED", "TERMINATING"];
const STREAM_STATUS: &[&str] = &[
    "ACTIVATING",
    "ACTIVE",
    "CONNECTED",
    "ERROR",
    "PENDING_CLIENT_RECONNECTION",
    "RECONNECTING",
    "TERMINATED",
    "TERMINATING",
];
pub(crate) const CAPACITY: &[&str] = &["ALWAYS_ON", "ON_DEMAND"];
const TICKET_STATUS: &[&str] =
    &["CANCELLED", "COMPLETED", "FAILED", "PLACING", "QUEUED", "REQUIRES_ACCEPTANCE", "SEARCHING", "TIMED_OUT"];

/// A player's slot in a game session.
pub const PLAYER_SESSION: Shape = Shape {
    name: "PlayerSession",
    about: "A player's slot in a game session: where to connect, and with which PlayerSessionId.",
    members: &[
        always("PlayerSessionId", Text, "The id with which the player enters the game session."),
        always("PlayerId", Text, "The player."),
        always("GameSessionId", Text, "The game session; of a FleetIQ group, its game server."),
        maybe("FleetId", Text, "The fleet of the game session."),
        maybe("FleetArn", Text, "The fleet of the game session, as an ARN."),
        maybe("CreationTime", Time, "When the slot was reserved."),
        maybe("ReservationExpiresAt", Time, "Until when the player has to have come."),
        always("Status", OpenWords(PLAYER_SESSION_STATUS), "The state of the slot."),
        always("IpAddress", Text, "The address of the game server."),
        maybe("DnsName", Text, "The name of the game server, for TLS."),
        always("Port", Count, "The port of the game server."),
        maybe("PlayerData", Text, "Data of the player, which another program has given to GameLift."),
        maybe("GameServerId", Text, "The game server, in a FleetIQ group."),
        maybe("GameServerGroupName", Text, "The FleetIQ group."),
        maybe("PlayerSessions", List(&Of(&SEAT)), "The slots of a whole party, the caller's first."),
        maybe("Stream", Of(&STREAM), "The stream, where one was asked for."),
    ],
};

/// A party member's slot.
const SEAT: Shape = Shape {
    name: "PartySlot",
    about: "The slot of a member of a party. With a token, a member sees of the others only PlayerId and Status.",
    members: &[
        maybe("PlayerSessionId", Text, "The id with which the player enters the game session."),
        always("PlayerId", Text, "The player."),
        maybe("GameSessionId", Text, "The game session."),
        maybe("FleetId", Text, "The fleet of the game session."),
        maybe("FleetArn", Text, "The fleet of the game session, as an ARN."),
        maybe("CreationTime", Time, "When the slot was reserved."),
        maybe("ReservationExpiresAt", Time, "Until when the player has to have come."),
        always("Status", OpenWords(PLAYER_SESSION_STATUS), "The state of the slot."),
        maybe("IpAddress", Text, "The address of the game server."),
        maybe("DnsName", Text, "The name of the game server, for TLS."),
        maybe("Port", Count, "The port of the game server."),
        maybe("PlayerData", Text, "Data of the player, which another program has given to GameLift."),
    ],
};

/// A game session that is still to come.
pub const STARTING: Shape = Shape {
    name: "StartingGameSession",
    about: "A game session that is on its way. POST /join_session with the id goes on.",
    members: &[
        always("Status", Words(&["ACTIVATING", "QUEUED"]), "QUEUED: the placement waits for its turn."),
        maybe("GameSessionId", Text, "The game session, if it is placed."),
        maybe("PlacementId", Text, "The placement, if a queue has not placed the game session yet."),
        maybe("Place", Count, "The place in the line of placements, from 1 on."),
    ],
};

/// A game session in a list.
pub const GAME_SESSION: Shape = Shape {
    name: "GameSession",
    about: "A game session that a player can enter.",
    members: &[
        always("GameSessionId", Text, "The id for /join_session."),
        always("Name", Text, "The name; empty if it has none."),
        maybe("FleetId", Text, "The fleet."),
        maybe("FleetArn", Text, "The fleet, as an ARN."),
        maybe("Location", Text, "The location."),
        maybe("CreationTime", Time, "When the game session was created."),
        always("CurrentPlayerSessionCount", Count, "The taken player slots."),
        always("MaximumPlayerSessionCount", Count, "All player slots."),
        maybe("Status", OpenWords(GAME_SESSION_STATUS), "The state of the game session."),
        always("GameProperties", List(&Of(&GAME_PROPERTY)), "The properties, as the creator has set them."),
        maybe("IpAddress", Text, "The address of the game server."),
        maybe("DnsName", Text, "The name of the game server, for TLS."),
        maybe("Port", Count, "The port of the game server."),
        maybe("PlayerSessionCreationPolicy", OpenWords(&["ACCEPT_ALL", "DENY_ALL"]), "Whether players may enter."),
        maybe("GameServerId", Text, "The game server, in a FleetIQ group."),
        maybe("GameServerGroupName", Text, "The FleetIQ group."),
    ],
};

const GAME_PROPERTY: Shape = Shape {
    name: "GameProperty",
    about: "A property of a game session.",
    members: &[always("Key", Text, "Its name."), always("Value", Text, "Its value.")],
};

/// An invitation.
pub const INVITATION: Shape = Shape {
    name: "Invitation",
    about: "A player's consent to be taken along.",
    members: &[
        always("Invitation", Text, "What the leader of the party sends in invitations."),
        always("ExpiresIn", Count, "How many seconds it counts."),
    ],
};

/// The end of a search: the player's slot in the match.
pub const MATCH: Shape = Shape {
    name: "Match",
    about: "The player's slot in the game session of a match.",
    members: &[
        always("PlayerSessionId", Text, "The id with which the player enters the game session."),
        always("PlayerId", Text, "The player."),
        always("GameSessionId", Text, "The game session."),
        maybe("FleetId", Text, "The fleet of the game session."),
        maybe("ReservationExpiresAt", Time, "Until when the player has to have come."),
        always("IpAddress", Text, "The address of the game server."),
        maybe("DnsName", Text, "The name of the game server, for TLS."),
        always("Port", Count, "The port of the game server."),
        maybe("MatchId", Text, "The match."),
        maybe("Team", Text, "The player's team."),
        always("TicketId", Text, "The search."),
        always("Status", Words(&["COMPLETED"]), "The search has ended with a match."),
        always("Version", Count, "Of two answers about a search, the one with the higher version is newer."),
        maybe("PlayerSessions", List(&Of(&MATCH_SEAT)), "The slots of a whole party, the caller's first."),
    ],
};

const MATCH_SEAT: Shape = Shape {
    name: "MatchSlot",
    about: "The slot of a member of a party in a match. With a token, a member sees no session and address of the others.",
    members: &[
        maybe("PlayerSessionId", Text, "The id with which the player enters the game session."),
        always("PlayerId", Text, "The player."),
        maybe("GameSessionId", Text, "The game session."),
        maybe("FleetId", Text, "The fleet of the game session."),
        maybe("ReservationExpiresAt", Time, "Until when the player has to have come."),
        maybe("IpAddress", Text, "The address of the game server."),
        maybe("DnsName", Text, "The name of the game server, for TLS."),
        maybe("Port", Count, "The port of the game server."),
        maybe("MatchId", Text, "The match."),
        maybe("Team", Text, "The player's team."),
        always("TicketId", Text, "The search."),
        always("Status", Words(&["COMPLETED"]), "The search has ended with a match."),
    ],
};

/// The state of a search.
pub const TICKET: Shape = Shape {
    name: "Ticket",
    about: "The state of a search for a match.",
    members: &[
        always("TicketId", Text, "The search."),
        always("Status", OpenWords(TICKET_STATUS), "The state, in GameLift's words."),
        always("Version", Count, "Of two answers about a search, the one with the higher version is newer."),
        maybe("EstimatedWaitSeconds", Count, "GameLift's guess of how long the search goes on."),
        maybe("Place", Count, "The place in the line of searches, from 1 on."),
        maybe("MatchId", Text, "The match that was found."),
        maybe("Accepted", MapOf(&Switch), "The answers of the ticket's own players to the match."),
        maybe("AcceptedPlayers", Count, "How many players of the match have accepted it."),
        maybe("MatchedPlayers", Count, "How many players the match has."),
        maybe("Socket", Of(&SOCKET), "A socket that tells the news, in a 202 where the deployment has one."),
    ],
};

const SOCKET: Shape = Shape {
    name: "Socket",
    about: "The offer of a WebSocket.",
    members: &[
        always("Url", Text, "The address, with a token for one connection."),
        always("ExpiresInSeconds", Count, "How long the token counts."),
    ],
};

/// A stream.
pub const STREAM: Shape = Shape {
    name: "Stream",
    about: "A player's stream, or one that is still starting: then without Outcome.",
    members: &[
        maybe("Outcome", Words(&["RECONNECTED", "RESUMED", "STARTED"]), "How the client got its stream."),
        always("StreamSessionId", Text, "The stream session."),
        maybe("Arn", Text, "The stream session, as an ARN."),
        always("Status", OpenWords(STREAM_STATUS), "The state of the stream session."),
        maybe("Location", Text, "Where it runs."),
        maybe("SignalResponse", Text, "The WebRTC answer to signal_request."),
        maybe("ConnectionTimeoutSeconds", Count, "How long the stream session waits for its client."),
        maybe("MaxWaitSeconds", Count, "How long the start may take, in a 202."),
        maybe("Capacity", OpenWords(CAPACITY), "The kind of capacity that is started, in a 202."),
        maybe("PreviousSession", Of(&PREVIOUS), "The stream session that was replaced."),
    ],
};

pub(crate) const PREVIOUS: Shape = Shape {
    name: "PreviousStream",
    about: "A stream session that has ended and was replaced.",
    members: &[
        always("StreamSessionId", Text, "The stream session."),
        maybe("StatusReason", Text, "Why it has ended, in GameLift Streams' words."),
    ],
};

/// A player's tokens.
pub const TOKENS: Shape = Shape {
    name: "Tokens",
    about: "Tokens of a player.",
    members: &[
        always("AccessToken", Text, "The token for the header Authorization."),
        always("ExpiresIn", Count, "How many seconds it counts."),
        always("RefreshToken", Text, "The token for new ones."),
        always("PlayerId", Text, "The player."),
        maybe("GuestId", Text, "The id of a new guest. The game has to keep it."),
        maybe("GuestSecret", Text, "The secret of a new guest. The game has to keep it."),
    ],
};

/// Public keys.
pub const KEYS: Shape = Shape {
    name: "Keys",
    about: "A JSON Web Key Set (RFC 7517).",
    members: &[always("keys", List(&Any), "The public keys.")],
};

/// The state of a deployment.
pub const HEALTH: Shape = Shape {
    name: "Health",
    about: "Whether all that players need works.",
    members: &[
        always("Status", Words(&["DEGRADED", "OK", "UNHEALTHY"]), "The worst status of a check."),
        always("AgeSeconds", Count, "How old the report is."),
        always("Checks", List(&Of(&CHECK)), "The parts of the deployment."),
    ],
};

const CHECK: Shape = Shape {
    name: "HealthCheck",
    about: "What was found about one part of the deployment.",
    members: &[
        always("Name", Text, "The part."),
        always("Status", Words(&["DEGRADED", "OK", "UNHEALTHY"]), "How well it works."),
        always("Detail", Text, "What was found, and how to mend it."),
    ],
};

/// A game server in an object.
pub const GAME_SERVER_ANSWER: Shape = Shape {
    name: "GameServerAnswer",
    about: "A game server.",
    members: &[always("GameServer", Of(&GAME_SERVER), "The game server.")],
};

/// A list of game servers.
pub const GAME_SERVERS: Shape = Shape {
    name: "GameServers",
    about: "A page of the game servers of a group.",
    members: &[
        always("GameServers", List(&Of(&GAME_SERVER)), "The game servers."),
        maybe("NextToken", Text, "The next_token of the next page, if there is one."),
    ],
};

const GAME_SERVER: Shape = Shape {
    name: "GameServer",
    about: "A game server of a FleetIQ group.",
    members: &[
        always("GameServerGroupName", Text, "The group."),
        maybe("GameServerGroupArn", Text, "The group, as an ARN."),
        always("GameServerId", Text, "The game server."),
        maybe("InstanceId", Text, "Its EC2 instance."),
        maybe("ConnectionInfo", Text, "The address that players connect to."),
        maybe("GameServerData", Text, "Its data."),
        maybe("ClaimStatus", OpenWords(&["CLAIMED"]), "Whether it is claimed for players."),
        maybe("UtilizationStatus", OpenWords(&["AVAILABLE", "UTILIZED"]), "Whether it hosts a game session."),
        maybe("RegistrationTime", Time, "When it was registered."),
        maybe("LastClaimTime", Time, "When it was claimed last."),
        maybe("LastHealthCheckTime", Time, "When it has reported last that it is well."),
    ],
};

/// Every object that answers refer to by name.
const ALL: [&Shape; 19] = [
    &PLAYER_SESSION,
    &SEAT,
    &STARTING,
    &GAME_SESSION,
    &GAME_PROPERTY,
    &INVITATION,
    &MATCH,
    &MATCH_SEAT,
    &TICKET,
    &SOCKET,
    &STREAM,
    &PREVIOUS,
    &TOKENS,
    &KEYS,
    &HEALTH,
    &CHECK,
    &GAME_SERVER_ANSWER,
    &GAME_SERVERS,
    &GAME_SERVER,
];

/// The components: every object by its name.
pub(crate) fn components() -> Map<String, Value> {
    ALL.iter().map(|shape| (shape.name.to_owned(), shape.schema())).collect()
}

impl Shape {
    /// The reference to the component.
    pub(crate) fn reference(&self) -> Value {
        schema::reference(self.name)
    }

    fn schema(&self) -> Value {
        let member = |member: &Member| (member.name.to_owned(), member.schema());
        let required: Vec<_> =
            self.members.iter().filter(|member| member.is_always).map(|member| member.name).collect();
        json!({
            "type": "object",
            "description": self.about,
            "properties": self.members.iter().map(member).collect::<Map<_, _>>(),
            "required": required,
        })
    }
}

impl Member {
    /// The values that it takes, with its description.
    pub(crate) fn schema(&self) -> Value {
        let mut schema = self.kind.schema();
        schema["description"] = self.about.into();
        schema
    }
}

impl Kind {
    fn schema(&self) -> Value {
        match self {
            Text => json!({ "type": "string" }),
            Time => json!({ "type": "string", "format": "date-time" }),
            Count => json!({ "type": "integer", "minimum": 0 }),
            Switch => json!({ "type": "boolean" }),
            Words(words) => json!({ "type": "string", "enum": words }),
            OpenWords(words) => json!({ "type": "string", "x-extensible-enum": words }),
            List(kind) => json!({ "type": "array", "items": kind.schema() }),
            MapOf(kind) => json!({ "type": "object", "additionalProperties": kind.schema() }),
            Of(shape) => shape.reference(),
            Any => json!({ "type": "object" }),
        }
    }
}
