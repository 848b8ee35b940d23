/**
 * The bodies, queries and answers of Liftgate's HTTP API, member by member, under the names that the wire has.
 *
 * Written by hand after the pages in `docs/`. This file has types and one list only, so that one that is generated from
 * an API description can take its place.
 */

/** An ISO 8601 time in UTC. */
export type Time = string;

/** A number that FlexMatch compares, a text, a list of texts, or an object of numbers. */
export type Attribute = string | number | string[] | Record<string, number>;

// Players

/** Who calls. */
export interface Caller {
  /** The player, where no token says who it is. With a token leave it out. */
  uuid?: string;
}

/** The caller, and who comes along. */
export interface Party extends Caller {
  /** A party: all of its players come in together, or none does. The caller may be left out. */
  uuids?: string[];
  /** The consent of the others, from `/create_invitation`; needed where players have tokens. */
  invitations?: string[];
}

/** `POST /create_invitation` */
export interface InvitationRequest extends Caller {
  /** The only player for whom the invitation counts; left out, whoever has it. */
  leader?: string;
}

export interface Invitation {
  Invitation: string;
  /** Seconds. */
  ExpiresIn: number;
}

// Game sessions

/** `POST /create_session` */
export interface CreateSessionRequest extends Party {
  /** 1 to 1024 characters. */
  session_name: string;
  /** Player slots, 1 to 200. */
  num_connections: number;
  /** Up to 16; keys of up to 32 and values of up to 96 characters. */
  game_properties?: Record<string, string>;
  /** Handed to the game server unchanged, up to 262,144 characters. */
  game_session_data?: string;
  /** The only location that is tried. */
  location?: string;
  /** The game version, a 32-bit whole number. */
  build_id?: number;
  /** Milliseconds, by Region. */
  latencies_ms?: Record<string, number>;
  /** The caller's stream, which starts together with the game session. */
  stream?: StreamOptions;
}

/** Which open game sessions fit. Other members are refused. */
export interface SessionFilter {
  name?: string;
  min_free_slots?: number;
  location?: string;
  sort?: SessionOrder;
  [property: `property.${string}`]: string;
}

export type SessionOrder = "newest" | "fullest" | "emptiest";

/** `POST /find_or_create_session` */
export interface FindOrCreateSessionRequest extends CreateSessionRequest {
  /** Left out, a game session has to have all of `game_properties`. */
  filter?: SessionFilter;
}

/** The query of `GET /find_session` */
export interface FindSessionQuery extends SessionFilter {
  build_id?: number;
  /** 1 to 100; 50 without it. */
  limit?: number;
  next_token?: string;
}

/** `POST /join_session`: of one game session; without an id, of the one that the player was in last. */
export interface JoinSessionRequest extends Party {
  GameSessionId?: string;
  PlacementId?: string;
  /** In place of `GameSessionId`, with game servers of FleetIQ. */
  GameServerId?: string;
  build_id?: number;
  stream?: StreamOptions;
}

export type PlayerSessionStatus = "RESERVED" | "ACTIVE" | "COMPLETED" | "TIMEDOUT";

/** A place in a game session. */
export interface PlayerSession {
  PlayerSessionId: string;
  PlayerId: string;
  GameSessionId: string;
  IpAddress: string;
  Port: number;
  DnsName?: string;
  FleetId?: string;
  FleetArn?: string;
  CreationTime?: Time;
  /** Until when the place is kept for a player who has not come. Means nothing once `Status` is ACTIVE. */
  ReservationExpiresAt?: Time;
  Status: PlayerSessionStatus;
  PlayerData?: string;
  /** Of a party, the caller's first. */
  PlayerSessions?: PartyMember[];
  /** With game servers of FleetIQ. */
  GameServerId?: string;
  GameServerGroupName?: string;
  /** Of a call with `stream`. */
  Stream?: StreamConnection | StreamPending;
}

/** A player of the caller's party. Where players have tokens, nothing but `PlayerId` and `Status` of the others. */
export type PartyMember = Pick<PlayerSession, "PlayerId" | "Status"> & Partial<PlayerSession>;

/** 202: the game session is not ACTIVE yet, and nothing is reserved. It has one of the two ids. */
export interface SessionPending {
  /** `QUEUED`: more placements come than GameLift takes. */
  Status: "ACTIVATING" | "QUEUED";
  GameSessionId?: string;
  PlacementId?: string;
  /** The place in the line of placements that GameLift does not take yet; 1 is the next. */
  Place?: number;
}

/** An entry of `GET /find_session` */
export interface GameSession {
  GameSessionId: string;
  Name: string;
  CurrentPlayerSessionCount: number;
  MaximumPlayerSessionCount: number;
  GameProperties: { Key: string; Value: string }[];
  FleetId?: string;
  FleetArn?: string;
  Location?: string;
  CreationTime?: Time;
  Status?: "ACTIVE" | "ACTIVATING" | "TERMINATED" | "TERMINATING" | "ERROR";
  IpAddress?: string;
  DnsName?: string;
  Port?: number;
  PlayerSessionCreationPolicy?: "ACCEPT_ALL" | "DENY_ALL";
  GameServerId?: string;
  GameServerGroupName?: string;
}

// Matchmaking

/** `POST /start_matchmaking` */
export interface StartMatchmakingRequest extends Party {
  /** The matchmaking configuration; left out, the first one. */
  configuration?: string;
  attributes?: Record<string, Attribute>;
  /** Milliseconds, by Region. */
  latencies_ms?: Record<string, number>;
}

/** The query of `GET /describe_matchmaking` */
export interface DescribeMatchmakingQuery extends Caller {
  TicketId: string;
  /** Seconds to wait for news, 0 to 20. */
  wait?: number;
}

/** `POST /accept_match` */
export interface AcceptMatchRequest extends Caller {
  TicketId: string;
  accept: boolean;
}

/** `POST /stop_matchmaking` */
export interface StopMatchmakingRequest extends Caller {
  TicketId: string;
}

export type OpenStatus = "QUEUED" | "SEARCHING" | "REQUIRES_ACCEPTANCE" | "PLACING";
export type EndStatus = "CANCELLED" | "FAILED" | "TIMED_OUT";
export type TicketStatus = OpenStatus | EndStatus | "COMPLETED";

/** A search that goes on. */
export interface MatchPending {
  TicketId: string;
  Status: OpenStatus;
  /** Grows with each change of the search: of two states, the one with the larger number is the later one. */
  Version?: number;
  EstimatedWaitSeconds?: number;
  /** The place in the line of searches that GameLift does not take yet; 1 is the next. */
  Place?: number;
  MatchId?: string;
  /** The answers of the ticket's own players to the match. */
  Accepted?: Record<string, boolean>;
  /** How many of all players in the match have accepted, of how many. */
  AcceptedPlayers?: number;
  MatchedPlayers?: number;
  Socket?: SocketOffer;
}

/** Where to hear of the search. The address opens one connection and is to be treated like a token. */
export interface SocketOffer {
  Url: string;
  ExpiresInSeconds: number;
}

/** The player's place in a match. */
export interface Match extends Omit<PlayerSession, "Status" | "PlayerSessions" | "CreationTime" | "FleetArn" | "Stream"> {
  TicketId: string;
  Status: "COMPLETED";
  /** Grows with each change of the search: of two states, the one with the larger number is the later one. */
  Version?: number;
  /** Missing if GameLift's events about the match were lost. */
  MatchId?: string;
  Team?: string;
  PlayerSessions?: MatchMember[];
}

export type MatchMember = Pick<Match, "PlayerId" | "TicketId" | "Status"> & Partial<Match>;

/** The answer of `/accept_match` and `/stop_matchmaking`. */
export interface Ticket {
  TicketId: string;
  Status: TicketStatus;
  /** Grows with each change of the search: of two states, the one with the larger number is the later one. */
  Version?: number;
}

/** What a socket takes. */
export type SocketMessage =
  | { action: "resume"; TicketId?: string }
  | { action: "accept"; TicketId: string; accept: boolean }
  | { action: "stop"; TicketId: string };

// Streams

/** A stream of the caller's. */
export interface StreamOptions {
  /** The offer of a new `RTCPeerConnection` as JSON text, or `NO_CLIENT_CONNECTION`. */
  signal_request: string;
  stream_session_id?: string;
  intent?: "auto" | "new" | "reconnect";
  application?: string;
  locations?: string[];
  description?: string;
  connection_timeout_seconds?: number;
  session_length_seconds?: number;
  launch_args?: string[];
  environment?: Record<string, string>;
  share_performance_stats?: boolean;
}

/** `POST /reconnect_stream` */
export interface ReconnectStreamRequest extends Caller, StreamOptions {}

/** `POST /terminate_stream` */
export interface TerminateStreamRequest extends Caller {
  stream_session_id: string;
}

export type StreamStatus =
  | "ACTIVATING"
  | "ACTIVE"
  | "CONNECTED"
  | "PENDING_CLIENT_RECONNECTION"
  | "RECONNECTING"
  | "TERMINATING"
  | "TERMINATED"
  | "ERROR";

/** A stream that the client can connect to. */
export interface StreamConnection {
  Outcome: "STARTED" | "RECONNECTED" | "RESUMED";
  StreamSessionId: string;
  Arn?: string;
  Status: StreamStatus;
  Location?: string;
  /** For `setRemoteDescription`, as JSON text. Not there after `NO_CLIENT_CONNECTION`. */
  SignalResponse?: string;
  /** Seconds that the client has to connect. */
  ConnectionTimeoutSeconds?: number;
  /** The stream session that this one replaces. */
  PreviousSession?: { StreamSessionId: string; StatusReason?: string };
}

/** 202: the stream is starting. */
export interface StreamPending {
  Status: "ACTIVATING";
  StreamSessionId: string;
  /** How long after its start it is ACTIVE or has failed. */
  MaxWaitSeconds?: number;
  Capacity?: "ALWAYS_ON" | "ON_DEMAND";
  /** The stream session that this one replaces. */
  PreviousSession?: { StreamSessionId: string; StatusReason?: string };
}

/** The answer of `/terminate_stream`. */
export interface StreamEnd {
  StreamSessionId: string;
  Status: StreamStatus;
}

// Signing in

/** `POST /sign_in` */
export type SignInRequest =
  | { provider: "steam"; ticket: string }
  | { provider: "guest"; guest_id?: string; guest_secret?: string }
  | { provider: "refresh"; refresh_token: string };

export interface SignInAnswer {
  AccessToken: string;
  /** Seconds. */
  ExpiresIn: number;
  RefreshToken?: string;
  PlayerId: string;
  /** Of a new guest, this once: the game keeps both. */
  GuestId?: string;
  GuestSecret?: string;
}

// Errors

/** The codes of `docs/errors.md`, in its order. */
export const ERROR_CODES = [
  "INVALID_REQUEST",
  "INVALID_JSON",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "IDEMPOTENCY_KEY_REUSED",
  "UNAUTHENTICATED",
  "PLAYER_MISMATCH",
  "NOT_INVITED",
  "SIGN_IN_REFUSED",
  "ORIGIN_NOT_ALLOWED",
  "ROUTE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "SESSION_NOT_FOUND",
  "SESSION_FULL",
  "SESSION_NOT_JOINABLE",
  "NO_SESSION_TO_REJOIN",
  "SESSION_FAILED",
  "ACTIVATION_TIMEOUT",
  "NO_CAPACITY",
  "NO_FLEET",
  "FLEET_NOT_ACTIVE",
  "NO_COMPUTE",
  "BACKEND_MISCONFIGURED",
  "BACKEND_NOT_PERMITTED",
  "CREDENTIALS_EXPIRED",
  "RATE_LIMITED",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_ERROR",
  "LIMIT_EXCEEDED",
  "STREAM_NOT_FOUND",
  "STREAM_IN_USE",
  "RECONNECT_IN_PROGRESS",
  "INVALID_SIGNAL_REQUEST",
  "STALE_SIGNAL_REQUEST",
  "STREAM_CAPACITY_UNAVAILABLE",
  "STREAM_CONNECT_EXPIRED",
  "STREAM_RECONNECT_EXPIRED",
  "STREAM_IDLE",
  "STREAM_MAX_LENGTH",
  "STREAM_ENDED",
  "STREAM_APPLICATION_EXITED",
  "STREAM_MISCONFIGURED",
  "STREAM_SERVICE_ERROR",
  "GAME_SERVER_CONFLICT",
  "GAME_SERVER_NOT_FOUND",
  "TICKET_NOT_FOUND",
  "ALREADY_SEARCHING",
  "MATCH_ALREADY_PLACING",
  "NO_MATCH_TO_ACCEPT",
  "MATCHMAKING_PENDING",
  "MATCHMAKING_TIMED_OUT",
  "MATCHMAKING_CANCELLED",
  "MATCHMAKING_FAILED",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The body of every answer that is no success. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** What a developer can do about it. */
  detail?: string;
  error: {
    code: ErrorCode;
    message: string;
    retryable: boolean;
    retry_after_ms?: number;
  };
  /** Every bad field of an invalid request. */
  errors?: { field: string; message: string }[];
  errorType?: string;
  errorMessage?: string;
  requestId?: string;
  /** What the error is about. */
  GameSessionId?: string;
  PlacementId?: string;
  PlayerSessionId?: string;
  PlayerId?: string;
  StreamSessionId?: string;
  GameServerId?: string;
  TicketId?: string;
  /** Of a search for a match, or of a stream that is starting. */
  Status?: TicketStatus | "ACTIVATING";
  /** Of a placement that waits for its turn, as in a 202. */
  Place?: number;
  /** Grows with each change of the search: of two states, the one with the larger number is the later one. */
  Version?: number;
  /** Why a search was cancelled. */
  Reason?: "STOPPED" | "SUPERSEDED" | "DECLINED" | "NOT_ACCEPTED" | "ABANDONED";
  /** Of a stream, as in a 202. */
  MaxWaitSeconds?: number;
  Capacity?: "ALWAYS_ON" | "ON_DEMAND";
  PreviousSession?: { StreamSessionId: string; StatusReason?: string };
  /** AWS's words, where the deployment exposes them. */
  upstream?: { operation?: string; exception?: string; message?: string; requestId?: string };
}
