/** One request and its answer. Nothing here is repeated. */

import type { Clock } from "./clock.js";
import { LiftgateError } from "./errors.js";
import type { Problem } from "./types.js";

/**
 * How long a call may take. Liftgate itself waits for up to 25 s for a game server or a match before it answers, and API
 * Gateway for 29 s: a client that leaves sooner gives up calls that are about to succeed.
 */
export const CALL_MS = 30_000;
/** What Liftgate takes for a call at most. */
export const BUDGET_MS = 25_000;

export interface Request {
  method: "GET" | "POST";
  path: string;
  query?: object | undefined;
  body?: object | undefined;
  headers?: Record<string, string> | undefined;
}

export interface Answer<T = unknown> {
  status: number;
  body: T;
  retryAfterMs: number | undefined;
  headers: Headers;
}

export interface HttpOptions {
  url: string;
  fetch: typeof fetch;
  clock: Clock;
  timeoutMs: number;
}

export class Http {
  readonly #base: string;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    // Told at once: a call would take it for a failure of the network, and repeat it. Pages may leave their origin out.
    if (!/^https?:$/.test(protocolOf(options.url))) {
      throw new TypeError("url has to be an address that begins with http:// or https://.");
    }
    this.#base = options.url.replace(/\/+$/, "");
    this.#options = options;
  }

  /**
   * Sends the request once. It is given up after the time of a call, or `withinMs` if that is less.
   *
   * @throws LiftgateError for everything but a success; the reason of `signal` if that aborts; TypeError for a request
   * that cannot be sent.
   */
  async once(request: Request, token?: string, signal?: AbortSignal, withinMs = Infinity): Promise<Answer> {
    if (signal?.aborted) throw signal.reason;
    const { clock, timeoutMs, fetch } = this.#options;
    const address = this.#address(request);
    const sent: RequestInit = {
      method: request.method,
      headers: headers(request, token),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      // The token says who calls, and cookies of the page's site are nobody's business here.
      credentials: "omit",
      // Liftgate leads nowhere else: neither the token nor a guest's secret goes there.
      redirect: "manual",
      cache: "no-store",
    };
    const cut = new AbortController();
    const abort = () => cut.abort();
    signal?.addEventListener("abort", abort, { once: true });
    const timer = clock.setTimeout(abort, Math.min(timeoutMs, withinMs));
    try {
      const response = await fetch(address, { ...sent, signal: cut.signal });
      return read(response, await response.text());
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof LiftgateError) throw error;
      throw noAnswer(cut.signal.aborted);
    } finally {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  #address({ path, query }: Request): string {
    const members = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
    const text = new URLSearchParams(members.map(([name, value]) => [name, String(value)])).toString();
    return `${this.#base}${path}${text && `?${text}`}`;
  }
}

/** Where a page is none, an address has to be whole. */
function protocolOf(url: string): string {
  try {
    return new URL(url, globalThis.location?.href).protocol;
  } catch {
    return "";
  }
}

/** A plain object, as which a `fetch` of the game's can read them. */
function headers({ body, headers }: Request, token: string | undefined): Record<string, string> {
  const all = {
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...headers,
  };
  try {
    new Headers(all);
  } catch {
    // The platform's own words have the token in them.
    throw new TypeError("The token or the key has characters that no header can have.");
  }
  return all;
}

/** The cause is left out: some runtimes put the address into it, which can name the player. */
export function noAnswer(isLate: boolean): LiftgateError {
  const message = isLate ? "No answer in time." : "The connection failed. Is the address right, and the service up?";
  return new LiftgateError({ code: "NO_ANSWER", message, status: 0, retryable: true });
}

function read(response: Response, text: string): Answer {
  const body = parsed(text);
  const retryAfterMs = secondsIn(response.headers.get("Retry-After"));
  const { status } = response;
  const isReadable = typeof body === "object" && body !== null;
  if (isReadable && isProblem(body)) throw refused(status, body as Partial<Problem>, retryAfterMs);
  if (isReadable && !("error" in body) && response.ok) return { status, body, retryAfterMs, headers: response.headers };
  const message = `Status ${status} with a body that is not Liftgate's. What stands between client and Liftgate?`;
  // A success whose body is not whole may be told again; so may what a proxy says of a server that it does not reach.
  const retryable = response.ok || status === 408 || status === 429 || status >= 500;
  throw new LiftgateError({ code: "UNREADABLE_ANSWER", message, status, retryable, retryAfterMs });
}

/** Whether an answer is an error of Liftgate's. Proxies say `error` too, with a text. */
function isProblem(body: object): boolean {
  const { error } = body as { error?: { code?: unknown } | null };
  return typeof error?.code === "string";
}

/** The error of a problem document. */
export function refused(status: number, problem: Partial<Problem>, retryAfterMs?: number): LiftgateError {
  const error: Partial<Problem["error"]> = problem.error ?? {};
  return new LiftgateError({
    code: error.code ?? "UNREADABLE_ANSWER",
    message: error.message ?? problem.title ?? "",
    status: status || (problem.status ?? 0),
    retryable: error.retryable === true,
    retryAfterMs: Number.isFinite(error.retry_after_ms) ? error.retry_after_ms : retryAfterMs,
    members: problem,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `Retry-After` has seconds, or from some proxies a date. */
function secondsIn(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(header) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
