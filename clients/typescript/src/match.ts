/**
 * A search from its start to its end.
 *
 * It begins with one call, hears of its news over a socket or by polls, hands the question whether to accept a match to
 * the game, and ends once: with a place in the match, with an error, or stopped. After its end there is no timer, no
 * request and no socket of it left.
 */

import type { CallOptions, Calls } from "./calls.js";
import { sleep, unlessAborted, type Clock } from "./clock.js";
import { LiftgateError } from "./errors.js";
import { refused, type Answer, type Request } from "./http.js";
import { Connection, FIRST_WORD_MS, type News, type SocketMaker } from "./socket.js";
import type { Match, MatchPending, Problem, Ticket, TicketStatus } from "./types.js";

export interface MatchOptions extends Omit<CallOptions, "deadlineMs"> {
  /** When the search is stopped. Without it, it goes on as long as its matchmaking configuration lets it. */
  deadlineMs?: number | undefined;
  /** Told of each state of the search while it goes on. */
  onState?: ((state: Readonly<MatchPending>) => void) | undefined;
  /**
   * Asked once for each match that players have to accept. `signal` aborts when the answer does not count any more, so
   * that a dialog closes. Without this, matches are accepted.
   */
  onAcceptance?: ((state: Readonly<MatchPending>, signal: AbortSignal) => boolean | Promise<boolean>) | undefined;
}

export interface MatchWorld {
  calls: Calls;
  clock: Clock;
  WebSocket: SocketMaker | undefined;
  start: Request;
  isParty: boolean;
  playerId: () => Promise<string | undefined>;
  describe: (ticketId: string) => Request;
  answer: (ticketId: string, accept: boolean) => Request;
  stop: (ticketId: string) => Request;
}

/** Where an answer does not say when to ask again. */
const POLL_MS = 5000;
/** Liftgate names one second at least. A date means less where the clocks differ, or days. */
const SHORTEST_POLL_MS = 1000;
const LONGEST_POLL_MS = 30_000;
/**
 * Beside a socket: a push can get lost, and a dead connection looks like a quiet one. Half of the minute for which the
 * player's place in a match is kept.
 */
const POLL_WITH_SOCKET_MS = 30_000;
/** The same where players accept matches, for which they have less time. */
const POLL_WITH_ACCEPTANCE_MS = 10_000;
/** The same once there is a match, whose next push must not be missed. */
const POLL_OF_MATCH_MS = 5000;
const LONGEST_RECONNECT_MS = 30_000;
/** How long a search may be out of reach before it is given up. */
const PATIENCE_MS = 120_000;
/** For an answer to a match, and for the reason of an end. */
const SHORT_DEADLINE_MS = 30_000;

const ENDS: readonly string[] = ["COMPLETED", "CANCELLED", "FAILED", "TIMED_OUT"] satisfies TicketStatus[];
const CODES: Partial<Record<TicketStatus, string>> = {
  CANCELLED: "MATCHMAKING_CANCELLED",
  FAILED: "MATCHMAKING_FAILED",
  TIMED_OUT: "MATCHMAKING_TIMED_OUT",
};

export function follow(world: MatchWorld, options: MatchOptions): Promise<Match> {
  return new Search(world, options).run();
}

/** The match that players are asked about. */
interface Question {
  id: string;
  stale: AbortController;
  /** What the player has said. */
  answer?: boolean;
  isSending: boolean;
  /** Whether Liftgate has said something to the answer. */
  isSent: boolean;
}

/** The search that has been started; none if it was refused. */
async function ticketOf(started: Promise<Answer> | undefined): Promise<string | undefined> {
  try {
    return ((await started)?.body as Ticket | undefined)?.TicketId;
  } catch (error) {
    if (error instanceof LiftgateError && !error.retryable) return error.members.TicketId;
    throw error;
  }
}

/** Whether a search outlives this failure of a poll. A proxy's word, or a provider without a token, is no end of it. */
function mayPass(error: unknown): boolean {
  return !(error instanceof LiftgateError) || error.retryable || error.code === "UNREADABLE_ANSWER";
}

function tooLate(): LiftgateError {
  const message = "No match in the time that the game gives. The search is stopped.";
  return new LiftgateError({ code: "STILL_PENDING", message, status: 0, retryable: true });
}

class Search {
  readonly #world: MatchWorld;
  readonly #options: MatchOptions;
  /** Aborts when the search has ended or is to be stopped: nobody follows it any more. */
  readonly #over = new AbortController();
  #settle!: { resolve: (match: Match) => void; reject: (reason: unknown) => void };
  #ticketId: string | undefined;
  #status: string | undefined;
  #socket: Connection | undefined;
  #question: Question | undefined;
  /** When the search was last heard of. */
  #heardAt = 0;
  /** Wakes whoever waits beside an open socket, after another status. */
  #wake: () => void = () => {};

  constructor(world: MatchWorld, options: MatchOptions) {
    this.#world = world;
    this.#options = options;
  }

  run(): Promise<Match> {
    const { signal, key, deadlineMs = Infinity } = this.#options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<Match>((resolve, rejects) => {
      const reject = (reason: unknown) => {
        const isOurs = reason instanceof LiftgateError && reason !== signal?.reason;
        rejects(isOurs ? reason.withKey(key) : reason);
      };
      this.#settle = { resolve, reject };
      const { calls, clock, start } = this.#world;
      // Not ended by the game's signal: without its answer nobody knows which search to stop.
      const started = calls.make(start, key === undefined ? {} : { key }, { isLast: () => true });
      const abort = () => void this.#stop(started, signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      const late = () => void this.#stop(started, tooLate());
      const timer = deadlineMs === Infinity ? undefined : clock.setTimeout(late, deadlineMs);
      this.#over.signal.addEventListener("abort", () => {
        signal?.removeEventListener("abort", abort);
        clock.clearTimeout(timer);
      });
      started.then(
        (answer) => this.#follow(answer),
        (error: unknown) => this.#fail(error),
      );
    });
  }

  /**
   * Follows the search until its end. After a connection that failed or was short the next one waits a second, then two,
   * up to thirty.
   */
  async #follow(first: Answer): Promise<void> {
    const { clock, calls } = this.#world;
    this.#ticketId = (first.body as Ticket).TicketId;
    let [answer, short, connectAt]: [Answer | undefined, number, number] = [first, 0, 0];
    let failures = 0;
    try {
      while (!this.#over.signal.aborted) {
        const askedAt = clock.now();
        let next = POLL_MS;
        if (answer) {
          this.#hear(answer.body as News);
          next = Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, answer.retryAfterMs ?? POLL_MS));
          failures = 0;
        }
        const url = (answer?.body as MatchPending | undefined)?.Socket?.Url;
        if (!this.#socket && url && connectAt - askedAt <= next) {
          await this.#sleep(connectAt - askedAt);
          this.#connect(url);
        }
        const socket: Connection | undefined = this.#socket;
        if (socket) {
          const openedAt = clock.now();
          await this.#whileOpen(socket);
          const isShort = this.#socket !== socket && (!socket.isHeard || clock.now() - openedAt < FIRST_WORD_MS);
          if (isShort) short += 1;
          else if (socket.isHeard) short = 0;
          connectAt = clock.now() + (short && Math.min(LONGEST_RECONNECT_MS, 1000 * 2 ** (short - 1)));
        }
        // The end of a connection may have hidden news: they are asked for at once, unless it never had any.
        if (!socket?.isHeard || short > 1) await this.#sleep(askedAt + calls.jittered(next) - clock.now());
        while ((answer = await this.#poll(failures)) === undefined) failures += 1;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Asks how the search is. Without an answer that counts, waits as long as it should, and returns nothing. */
  async #poll(failures: number): Promise<Answer | undefined> {
    const { calls, clock } = this.#world;
    try {
      return await calls.once(this.#world.describe(this.#ticketId!), this.#over.signal);
    } catch (error) {
      if (this.#over.signal.aborted || !mayPass(error)) throw error;
      const told = error instanceof LiftgateError ? error.retryAfterMs : undefined;
      const wait = calls.jittered(calls.backOff(failures, told));
      if (clock.now() + wait - this.#heardAt > PATIENCE_MS) throw error;
      await this.#sleep(wait);
      return undefined;
    }
  }

  #connect(url: string): void {
    const { WebSocket, clock } = this.#world;
    if (!WebSocket || this.#over.signal.aborted) return;
    try {
      const socket: Connection = new Connection({
        WebSocket,
        clock,
        url,
        ticketId: this.#ticketId!,
        hear: (news) => this.#hear(news),
        isDoubtful: ({ Status }) => Status !== this.#status && !ENDS.includes(Status!),
      });
      this.#socket = socket;
      void socket.closed.then(() => {
        if (this.#socket === socket) this.#socket = undefined;
      });
    } catch {
      // Some browsers let a page that came by https open no socket of this machine. It polls; and what the browser says
      // has the address in it, with the token.
    }
  }

  /** Returns when the connection has ended, or when it is time to ask all the same. */
  async #whileOpen(socket: Connection): Promise<void> {
    const { clock } = this.#world;
    const since = clock.now();
    while (this.#socket === socket && clock.now() < since + this.#pollBesideSocket()) {
      const turn = new AbortController();
      const end = () => turn.abort();
      this.#over.signal.addEventListener("abort", end);
      this.#wake = end;
      // The connection's own handler, which forgets it, was there first.
      void socket.closed.then(end);
      await sleep(clock, since + this.#pollBesideSocket() - clock.now(), turn.signal).catch(() => {});
      this.#over.signal.removeEventListener("abort", end);
    }
  }

  #pollBesideSocket(): number {
    const isMatched = this.#status === "REQUIRES_ACCEPTANCE" || this.#status === "PLACING";
    if (isMatched) return POLL_OF_MATCH_MS;
    return this.#options.onAcceptance ? POLL_WITH_ACCEPTANCE_MS : POLL_WITH_SOCKET_MS;
  }

  #sleep(milliseconds: number): Promise<void> {
    const { signal } = this.#over;
    return milliseconds > 0 ? sleep(this.#world.clock, milliseconds, signal) : unlessAborted(Promise.resolve(), signal);
  }

  /** Takes a state of the search, whoever tells it. What comes after its end is old. */
  #hear(news: News): void {
    if (this.#over.signal.aborted || news.TicketId === undefined || news.Status === undefined) return;
    if (news.TicketId !== this.#ticketId) return;
    this.#heardAt = this.#world.clock.now();
    if (news.error !== undefined) {
      // An error about a search that goes on is about a message.
      return ENDS.includes(news.Status) ? this.#fail(refused(0, news as Partial<Problem>)) : undefined;
    }
    if (this.#status !== news.Status) this.#wake();
    this.#status = news.Status;
    if (news.Status === "COMPLETED" && "PlayerSessionId" in news) return this.#end(() => this.#settle.resolve(news as Match));
    if (ENDS.includes(news.Status)) return void this.#endOf(news as Ticket);
    // The address of a socket is for nobody else.
    const { Socket: _, ...state } = news as MatchPending;
    if (state.Status !== "REQUIRES_ACCEPTANCE") this.#forgetQuestion();
    try {
      this.#options.onState?.(state);
    } catch (error) {
      return void this.#stop(undefined, error);
    }
    if (state.Status === "REQUIRES_ACCEPTANCE") void this.#ask(state);
  }

  /** An end whose answer does not say why, as that of a rejection. */
  async #endOf({ TicketId, Status }: Ticket): Promise<void> {
    const { calls } = this.#world;
    const options = { signal: this.#over.signal, deadlineMs: SHORT_DEADLINE_MS };
    try {
      const { body } = await calls.make(this.#world.describe(TicketId), options, { isLast: () => true });
      if ("PlayerSessionId" in (body as object)) return this.#hear(body as News);
    } catch (error) {
      // A match is no failure, and its place can still be asked for by the search's key.
      const isTold = error instanceof LiftgateError && error.members.Status !== undefined;
      if (isTold || Status === "COMPLETED") return this.#fail(error);
    }
    const code = CODES[Status] ?? "MATCHMAKING_FAILED";
    const members = { TicketId, Status };
    this.#fail(new LiftgateError({ code, message: "The search has ended.", status: 0, retryable: false, members }));
  }

  /** Lets the player answer to a match, once, and sends the answer until it has arrived. */
  async #ask(state: MatchPending): Promise<void> {
    const id = state.MatchId ?? "";
    if (this.#question && this.#question.id !== id && id !== "") this.#forgetQuestion();
    let question = this.#question;
    if (question) {
      // It is being asked, or its answer did not arrive.
      if (question.answer !== undefined) await this.#send(question);
      return;
    }
    question = this.#question = { id, stale: new AbortController(), isSending: false, isSent: false };
    try {
      if (await this.#hasAnswered(state)) return;
      const { onAcceptance } = this.#options;
      const accept = onAcceptance ? await onAcceptance(state, question.stale.signal) : true;
      if (question.stale.signal.aborted) return;
      question.answer = accept;
    } catch (error) {
      if (!question.stale.signal.aborted) void this.#stop(undefined, error);
      return;
    }
    await this.#send(question);
  }

  async #send(question: Question): Promise<void> {
    if (question.isSending || question.isSent || question.stale.signal.aborted) return;
    question.isSending = true;
    const options = { signal: question.stale.signal, deadlineMs: SHORT_DEADLINE_MS };
    try {
      const request = this.#world.answer(this.#ticketId!, question.answer === true);
      const { body } = await this.#world.calls.make(request, options);
      const news = body as News;
      question.isSent = true;
      // Pushes may have told of more meanwhile, but of no more than an end.
      if (this.#status === "REQUIRES_ACCEPTANCE" || ENDS.includes(news.Status!)) this.#hear(news);
    } catch (error) {
      if (!(error instanceof LiftgateError) || question.stale.signal.aborted) return;
      question.isSent = !error.retryable;
      // The search has ended; or it goes on, and its next state says how.
      if (ENDS.includes(error.members.Status ?? "")) this.#hear(error.members as News);
    } finally {
      question.isSending = false;
    }
  }

  /** Whether the player has answered already, in an earlier run of the program. */
  async #hasAnswered({ Accepted = {} }: MatchPending): Promise<boolean> {
    const player = await this.#world.playerId();
    if (player !== undefined) return Object.hasOwn(Accepted, player);
    return !this.#world.isParty && Object.keys(Accepted).length > 0;
  }

  #forgetQuestion(): void {
    this.#question?.stale.abort();
    this.#question = undefined;
  }

  /** Stops the search, and ends with `reason`; or with the error of the stop, if the search could not be stopped. */
  async #stop(started: Promise<Answer> | undefined, reason: unknown): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#leave();
    const { calls } = this.#world;
    try {
      const ticketId = this.#ticketId ?? (await ticketOf(started));
      const options = { deadlineMs: SHORT_DEADLINE_MS };
      if (ticketId !== undefined) await calls.make(this.#world.stop(ticketId), options, { isLast: () => true });
      this.#settle.reject(reason);
    } catch (error) {
      const isNone = error instanceof LiftgateError && error.code === "TICKET_NOT_FOUND";
      this.#settle.reject(isNone ? reason : error);
    }
  }

  #fail(error: unknown): void {
    this.#end(() => this.#settle.reject(error));
  }

  #end(settle: () => void): void {
    if (this.#over.signal.aborted) return;
    this.#leave();
    settle();
  }

  /** Lets go of everything that follows the search. */
  #leave(): void {
    this.#over.abort();
    this.#forgetQuestion();
    this.#socket?.close();
    this.#socket = undefined;
  }
}
