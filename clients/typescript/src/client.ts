/** The client: a method for each route of players, and `match`, which is a whole search. */

import { Calls, DEADLINE_MS, newKey, type CallOptions, type Course } from "./calls.js";
import { REAL_CLOCK, type Clock } from "./clock.js";
import type { LiftgateError } from "./errors.js";
import { BUDGET_MS, CALL_MS, Http, type Request } from "./http.js";
import { follow, type MatchOptions } from "./match.js";
import type { SocketMaker } from "./socket.js";
import { ProviderToken, SignedIn, type TokenSource } from "./tokens.js";
import type * as api from "./types.js";

/**
 * Seconds that a call waits before it answers 202. A client that comes back each second meets the rates of one player;
 * one that waits for ten hears of it as soon, and asks less often.
 */
const WAIT_SECONDS = 10;
/** A stream has failed when it is not up so long after the time that its 202 names. */
const STREAM_MARGIN_MS = 30_000;

export interface Guest {
  GuestId: string;
  GuestSecret: string;
}

/** Who plays. */
export type Player =
  /** A deployment that trusts the body, such as `cargo run`: whoever the client says. */
  | { uuid: string }
  /** The token of a provider such as Cognito or Epic, or a function that asks the provider's SDK for it. */
  | { token: string | ((wasRefused: boolean) => string | Promise<string>) }
  /** A guest. `guest` is what `onNewGuest` was given in an earlier run; the game keeps it on the device. */
  | { guest: Guest | null; onNewGuest?: (guest: Guest) => void }
  /** A player of Steam. The function makes a new ticket, as hexadecimal digits. */
  | { steamTicket: () => string | Promise<string> };

export interface LiftgateOptions {
  /** The stack's output `BaseUrl`, or `http://127.0.0.1:3000`. */
  url: string;
  player: Player;
  /** For a call with everything that is repeated, unless the call says otherwise. 90 s without it. */
  deadlineMs?: number;
  /** For one request. More than 25 s, which is what Liftgate may take to answer. 30 s without it. */
  timeoutMs?: number;
  /** Sockets, where the platform has none (Node before 22), such as the class of the package `ws`. */
  WebSocket?: SocketMaker | undefined;
  fetch?: typeof fetch;
  clock?: Clock;
  /** From 0 to 1, for the jitter of waits. */
  random?: () => number;
}

/** A page of `findSession`. */
export interface SessionPage {
  sessions: api.GameSession[];
  /** The `next_token` of the next page; undefined on the last one. */
  nextToken: string | undefined;
  /** How many fleets and locations could not be searched wholly. */
  leftOut: number;
}

/** How long a call of `startMatchmaking` and `describeMatchmaking` waits for a match; 0 without it. */
export interface WaitOptions extends CallOptions {
  waitSeconds?: number;
}

export class Liftgate {
  readonly #calls: Calls;
  /** For sign-ins, which bring their own token or none. */
  readonly #open: Calls;
  readonly #clock: Clock;
  readonly #uuid: string | undefined;
  readonly #tokens: TokenSource | undefined;
  readonly #socket: SocketMaker | undefined;

  constructor(options: LiftgateOptions) {
    const { url, player, timeoutMs = CALL_MS, deadlineMs = DEADLINE_MS } = options;
    if (!(timeoutMs > BUDGET_MS)) {
      throw new RangeError("timeoutMs has to be more than 25000: Liftgate waits so long for a game server.");
    }
    const clock = (this.#clock = options.clock ?? REAL_CLOCK);
    const send = options.fetch ?? ((...sent: Parameters<typeof fetch>) => globalThis.fetch(...sent));
    const http = new Http({ url, fetch: send, clock, timeoutMs });
    this.#uuid = "uuid" in player ? player.uuid : undefined;
    const tokens = (this.#tokens = tokensOf(player, http, clock));
    const random = options.random ?? Math.random;
    this.#calls = new Calls({ http, clock, random, tokens, deadlineMs });
    this.#open = new Calls({ http, clock, random, tokens: undefined, deadlineMs });
    const platform = (globalThis as { WebSocket?: SocketMaker }).WebSocket;
    this.#socket = "WebSocket" in options ? options.WebSocket : platform;
  }

  /** Who the player is to Liftgate, as far as the client knows: a provider's token says it to Liftgate only. */
  async playerId(): Promise<string | undefined> {
    return this.#tokens instanceof SignedIn ? this.#tokens.playerId() : this.#uuid;
  }

  /** A new game session, and the player's place in it. */
  createSession(request: api.CreateSessionRequest, options?: CallOptions): Promise<api.PlayerSession> {
    return this.#start("/create_session", request, options);
  }

  /** A place in the fullest open game session that fits, else in a new one. */
  findOrCreateSession(request: api.FindOrCreateSessionRequest, options?: CallOptions): Promise<api.PlayerSession> {
    return this.#start("/find_or_create_session", request, options);
  }

  /** A place in a game session; without an id, in the one that the player was in last. */
  joinSession(request: api.JoinSessionRequest = {}, options?: CallOptions): Promise<api.PlayerSession> {
    return this.#start("/join_session", request, options);
  }

  /** The game sessions that can be entered, a page at a time. */
  async findSession(query: api.FindSessionQuery = {}, options?: CallOptions): Promise<SessionPage> {
    const { body, headers } = await this.#calls.make({ method: "GET", path: "/find_session", query }, options);
    const nextToken = headers.get("Liftgate-Next-Token") ?? undefined;
    return { sessions: body as api.GameSession[], nextToken, leftOut: Number(headers.get("Liftgate-Left-Out") ?? 0) };
  }

  /** All pages of `findSession`, from the one of `query` on. A page can be empty and not the last. */
  async *sessionPages(query: api.FindSessionQuery = {}, options?: CallOptions): AsyncGenerator<SessionPage, void> {
    let page = await this.findSession(query, options);
    yield page;
    while (page.nextToken !== undefined) {
      page = await this.findSession({ ...query, next_token: page.nextToken }, options);
      yield page;
    }
  }

  /** The player's consent to be taken along in a party. Hand it to the leader within its time. */
  async createInvitation(request: api.InvitationRequest = {}, options?: CallOptions): Promise<api.Invitation> {
    return this.#post("/create_invitation", request, options);
  }

  /** Begins a search, or goes on with the player's. `match` is the whole of it. */
  async startMatchmaking(
    request: api.StartMatchmakingRequest = {},
    options: WaitOptions = {},
  ): Promise<api.MatchPending | api.Match> {
    const search = this.#search(request, options.waitSeconds);
    const { body } = await this.#calls.make(search, withKey(options), EACH_IS_LAST);
    return body as api.MatchPending | api.Match;
  }

  /** What has become of a search. Its end without a match is a `LiftgateError` whose members have its `Status`. */
  async describeMatchmaking(ticketId: string, options: WaitOptions = {}): Promise<api.MatchPending | api.Match> {
    const described = this.#described(ticketId, options.waitSeconds);
    const { body } = await this.#calls.make(described, options, EACH_IS_LAST);
    return body as api.MatchPending | api.Match;
  }

  /** The player's yes or no to the match that was found. */
  acceptMatch(ticketId: string, accept: boolean, options?: CallOptions): Promise<api.Ticket> {
    return this.#post("/accept_match", { TicketId: ticketId, accept }, options);
  }

  /** Ends a search for all of its players. One that GameLift does not know yet is asked about until it has ended. */
  stopMatchmaking(ticketId: string, options?: CallOptions): Promise<api.Ticket> {
    return this.#post("/stop_matchmaking", { TicketId: ticketId }, options);
  }

  /**
   * Searches for a match until its end: over a socket where there is one, else by polls.
   *
   * @throws LiftgateError if the search ends without a match. After an abort the search is stopped first; then the
   * promise is rejected with the signal's reason, or with the error of the stop, as when the match is made already.
   */
  match(request: api.StartMatchmakingRequest = {}, options: MatchOptions = {}): Promise<api.Match> {
    return follow(
      {
        calls: this.#calls,
        clock: this.#clock,
        WebSocket: this.#socket,
        start: this.#search(request),
        isParty: (request.uuids ?? []).length > 0,
        playerId: () => this.playerId(),
        describe: (ticketId) => this.#described(ticketId),
        answer: (ticketId, accept) => this.#request("/accept_match", { TicketId: ticketId, accept }),
        stop: (ticketId) => this.#request("/stop_matchmaking", { TicketId: ticketId }),
      },
      withKey(options),
    );
  }

  /**
   * The player's stream: connected to again, or started. Waits as long as a stream may take to start. After
   * STALE_SIGNAL_REQUEST the game makes a new `RTCPeerConnection` and calls again.
   */
  async reconnectStream(
    request: api.ReconnectStreamRequest,
    options?: CallOptions,
  ): Promise<api.StreamConnection> {
    const { body } = await this.#calls.make(this.#request("/reconnect_stream", request, PATIENT), withKey(options), {
      patience: (pending: api.StreamPending) => 1000 * (pending.MaxWaitSeconds ?? 0) + STREAM_MARGIN_MS,
    });
    return body as api.StreamConnection;
  }

  /** Ends a stream. One that is still starting is waited for, because it cannot be ended before. */
  async terminateStream(streamSessionId: string, options?: CallOptions): Promise<api.StreamEnd> {
    const request = this.#request("/terminate_stream", { stream_session_id: streamSessionId }, PATIENT);
    return (await this.#calls.make(request, options)).body as api.StreamEnd;
  }

  /**
   * Signs a player in. A client whose `player` is a guest or of Steam does so by itself, and renews its token.
   * `accessToken` goes with a refresh, and with nothing else.
   */
  async signIn(request: api.SignInRequest, accessToken?: string, options?: CallOptions): Promise<api.SignInAnswer> {
    const headers = accessToken === undefined ? undefined : { Authorization: `Bearer ${accessToken}` };
    const { body } = await this.#open.make({ method: "POST", path: "/sign_in", body: request, headers }, options);
    return body as api.SignInAnswer;
  }

  /** A call that ends with a place in a game session. */
  async #start(path: string, request: object, options?: CallOptions): Promise<api.PlayerSession> {
    const first = this.#request(path, request, PATIENT);
    const { body } = await this.#calls.make(first, withKey(options), this.#comingBack(first));
    return body as api.PlayerSession;
  }

  /**
   * How a start goes on: by joining what has been started, with the same players. If that has failed, from the
   * beginning: the key keeps a second game session from being made as long as the first can be used.
   */
  #comingBack(first: Request): Course {
    const { uuid, uuids, invitations, stream } = first.body as api.Party & { stream?: api.StreamOptions };
    const join = ({ GameSessionId, PlacementId }: Started, request: Request): Request => {
      const id = GameSessionId !== undefined ? { GameSessionId } : PlacementId !== undefined ? { PlacementId } : null;
      return id ? { ...first, path: "/join_session", body: { uuid, uuids, invitations, stream, ...id } } : request;
    };
    return {
      pending: join,
      failed: (error: LiftgateError, request: Request) => {
        if (error.code === "ACTIVATION_TIMEOUT") return join(error.members, request);
        return error.code === "SESSION_FAILED" ? first : request;
      },
    };
  }

  async #post<T>(path: string, body: object, options?: CallOptions): Promise<T> {
    return (await this.#calls.make(this.#request(path, body), options)).body as T;
  }

  #request(path: string, body: object, headers?: Record<string, string>): Request {
    return { method: "POST", path, body: this.#withCaller(body), headers };
  }

  #search(request: object, waitSeconds = 0): Request {
    const Prefer = waitSeconds > 0 ? `wait=${Math.ceil(waitSeconds)}` : "respond-async";
    return this.#request("/start_matchmaking", request, { Prefer });
  }

  #described(TicketId: string, waitSeconds?: number): Request {
    const query = this.#withCaller({ TicketId, wait: waitSeconds });
    return { method: "GET", path: "/describe_matchmaking", query };
  }

  #withCaller(members: object): object {
    return this.#uuid === undefined ? members : { uuid: this.#uuid, ...members };
  }
}

/** What a start has begun. */
type Started = Pick<api.SessionPending, "GameSessionId" | "PlacementId">;

const EACH_IS_LAST: Course = { isLast: () => true };
const PATIENT = { Prefer: `wait=${WAIT_SECONDS}` };

function withKey<T extends CallOptions>(options?: T): T & { key: string } {
  return { ...(options as T), key: options?.key ?? newKey() };
}

function tokensOf(player: Player, http: Http, clock: Clock): TokenSource | undefined {
  if ("token" in player) return new ProviderToken(clock, player.token);
  if ("steamTicket" in player) {
    const credentials = async () => ({ provider: "steam" as const, ticket: await player.steamTicket() });
    return new SignedIn({ http, clock, credentials });
  }
  if (!("guest" in player)) return undefined;
  let guest = player.guest;
  return new SignedIn({
    http,
    clock,
    credentials: () =>
      guest
        ? { provider: "guest", guest_id: guest.GuestId, guest_secret: guest.GuestSecret }
        : { provider: "guest" },
    onSignIn: ({ GuestId, GuestSecret }) => {
      if (GuestId === undefined || GuestSecret === undefined) return;
      guest = { GuestId, GuestSecret };
      player.onNewGuest?.(guest);
    },
  });
}
