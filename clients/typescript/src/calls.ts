/**
 * The only place where anything is repeated: a call goes on until it has succeeded, cannot succeed, or its time is over.
 *
 * A call is repeated after an error only if Liftgate says that it is `retryable`, and after no answer at all. It keeps
 * its `Idempotency-Key` meanwhile, so that what an unanswered request has done is found and not done twice.
 */

import { sleep, unlessAborted, within, type Clock } from "./clock.js";
import { LiftgateError } from "./errors.js";
import { noAnswer, type Answer, type Http, type Request } from "./http.js";
import type { TokenSource } from "./tokens.js";

/** For a call with everything that is repeated: three times the longest answer. */
export const DEADLINE_MS = 90_000;

/** The first wait where nobody says how long; each further one is twice as long. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Where a 202 does not say when to come back. One that says `at once`, as by a date, is not believed. */
const PENDING_WAIT_MS = 1000;
/** Clients that were refused together do not come back together: up to a quarter is added to each wait. */
const JITTER = 0.25;

export interface CallOptions {
  /** Ends the call; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** When the call, with all that is repeated, gives up. */
  deadlineMs?: number | undefined;
  /**
   * The `Idempotency-Key`, 1 to 255 visible ASCII characters. Left out, each call gets one. Give the same one again to go
   * on with a call that has failed, or that a program was making when it ended.
   */
  key?: string | undefined;
}

/** How a call goes on after an answer that is not its last. `pending` and `failed` say which request comes next. */
export interface Course {
  /** Whether an answer is the last; without this, every one but a 202 is. */
  isLast?: (answer: Answer) => boolean;
  pending?: (body: never, request: Request) => Request;
  failed?: (error: LiftgateError, request: Request) => Request;
  /** A longer deadline, in milliseconds from the start, for what is still starting. */
  patience?: (body: never) => number;
}

export interface CallsOptions {
  http: Http;
  clock: Clock;
  random: () => number;
  tokens: TokenSource | undefined;
  deadlineMs: number;
}

export class Calls {
  readonly #with: CallsOptions;

  constructor(options: CallsOptions) {
    this.#with = options;
  }

  /** Makes a call until its end, and returns its last answer. */
  async make(first: Request, options: CallOptions = {}, course: Course = {}): Promise<Answer> {
    const { clock } = this.#with;
    const started = clock.now();
    let deadline = started + (options.deadlineMs ?? this.#with.deadlineMs);
    let request = keyed(first, options.key);
    const renewal = { done: false };
    const extend = (body: unknown) => {
      if (!course.patience || options.deadlineMs !== undefined) return;
      deadline = Math.max(deadline, started + course.patience(body as never));
    };
    for (let failures = 0; ; ) {
      let wait: number;
      let outcome: LiftgateError;
      try {
        const answer = await this.#attempt(request, renewal, deadline, options.signal);
        if (course.isLast?.(answer) ?? answer.status !== 202) return answer;
        failures = 0;
        wait = Math.max(FIRST_WAIT_MS, answer.retryAfterMs ?? PENDING_WAIT_MS);
        outcome = stillPending(answer);
        extend(answer.body);
        request = keyed(course.pending?.(answer.body as never, request) ?? request, options.key);
      } catch (error) {
        if (!(error instanceof LiftgateError)) throw error;
        outcome = error;
        if (!error.retryable) throw error.withKey(options.key);
        wait = this.backOff(failures, error.retryAfterMs);
        failures += 1;
        if (error.code === "ACTIVATION_TIMEOUT") extend(error.members);
        request = keyed(course.failed?.(error, request) ?? request, options.key);
      }
      wait = this.jittered(wait);
      // A wait beyond the deadline would be for nothing.
      if (clock.now() + wait >= deadline) throw outcome.withKey(options.key);
      await sleep(clock, wait, options.signal);
    }
  }

  /** One request, for callers who repeat by themselves. Only an old token is renewed. */
  once(request: Request, signal?: AbortSignal): Promise<Answer> {
    return this.#attempt(request, { done: false }, Infinity, signal);
  }

  /** How long to wait after so many failures: what was told, or longer where that does not help. */
  backOff(failures: number, told?: number): number {
    return Math.max(told ?? 0, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures));
  }

  jittered(wait: number): number {
    return wait * (1 + JITTER * this.#with.random());
  }

  async #attempt(
    request: Request,
    renewal: { done: boolean },
    deadline: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { http, tokens, clock } = this.#with;
    const inTime = (token: Promise<string>) =>
      unlessAborted(within(clock, deadline - clock.now(), token, () => noAnswer(true)), signal);
    const token = tokens && (await inTime(tokens.token()));
    try {
      return await http.once(request, token, signal, deadline - clock.now());
    } catch (error) {
      // A token can end early, as when its key is taken back. A second refusal is final: the player is not let in.
      const isRefused = error instanceof LiftgateError && error.code === "UNAUTHENTICATED";
      if (!isRefused || token === undefined || !tokens || renewal.done) throw error;
      const renewed = await inTime(tokens.renewed(token));
      renewal.done = true;
      if (renewed === token) throw error;
      return http.once(request, renewed, signal, deadline - clock.now());
    }
  }
}

function keyed(request: Request, key: string | undefined): Request {
  return key === undefined ? request : { ...request, headers: { ...request.headers, "Idempotency-Key": key } };
}

function stillPending({ status, body, retryAfterMs }: Answer): LiftgateError {
  const message = "The time is over and the call is still under way. Call again with the same key, or a longer deadline.";
  const members = body as object;
  return new LiftgateError({ code: "STILL_PENDING", message, status, retryable: true, retryAfterMs, members });
}

/** A new key: 122 random bits, as a UUID. Pages without https have no `crypto.randomUUID`, and Node 18 has no `crypto`. */
export function newKey(): string {
  const bytes = new Uint8Array(16);
  const platform: Crypto | undefined = globalThis.crypto;
  if (platform) platform.getRandomValues(bytes);
  // A key belongs to its player, so nobody gains by guessing it.
  else bytes.forEach((_, index) => (bytes[index] = Math.floor(256 * Math.random())));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
