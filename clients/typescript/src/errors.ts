/** The one class of errors that the client throws, beside the reason of an `AbortSignal`. */

import type { ErrorCode, Problem } from "./types.js";

/** What the client itself says, where Liftgate has said nothing. */
export type LocalCode =
  /** The network failed, or the answer took longer than a call may. What was asked for may be done. */
  | "NO_ANSWER"
  /** Something between the client and Liftgate has answered, such as a proxy. */
  | "UNREADABLE_ANSWER"
  /** The deadline is over, and what was asked for is under way. `members` has its id. */
  | "STILL_PENDING";

export interface Failure {
  code: string;
  message: string;
  status: number;
  retryable: boolean;
  retryAfterMs?: number | undefined;
  members?: Partial<Problem>;
  cause?: unknown;
}

/**
 * A call that failed.
 *
 * Printing it shows no member of the answer, because some name players: read them one by one from `members`.
 */
export class LiftgateError extends Error {
  readonly code: ErrorCode | LocalCode | (string & {});
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** Whether the same call with the same key may succeed later. */
  readonly retryable: boolean;
  readonly #failure: Failure;
  readonly #key: string | undefined;

  constructor(failure: Failure, key?: string) {
    super(`${failure.code}: ${failure.message}`, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = "LiftgateError";
    this.code = failure.code;
    this.status = failure.status;
    this.retryable = failure.retryable;
    this.#failure = failure;
    this.#key = key;
  }

  /** The whole problem document: `detail`, `errors`, `GameSessionId`, `TicketId` and so on. */
  get members(): Partial<Problem> {
    return this.#failure.members ?? {};
  }

  /** How long to wait before the same call is sent again, if Liftgate has said so. */
  get retryAfterMs(): number | undefined {
    return this.#failure.retryAfterMs;
  }

  /** The `Idempotency-Key` of the call: with it, the same call goes on where this one failed. */
  get key(): string | undefined {
    return this.#key;
  }

  /** This error with the key of the call that failed. A copy, because calls that share a sign-in share its error. */
  withKey(key: string | undefined): LiftgateError {
    return new LiftgateError(this.#failure, key);
  }
}
