// A server whose answers a test writes down, sockets in memory, and a clock that runs as soon as nobody is busy.

import http from "node:http";

import { Liftgate } from "../dist/index.js";

/** So long no test waits. Who does, waits for something that never comes. */
const LONGEST = 3_600_000;
/** Turns of the event loop without a request before time goes on. */
const QUIET_TURNS = 4;

export class FakeClock {
  #now = 0;
  #timers = new Map();
  #next = 1;
  #isRunning = false;
  busy = 0;

  now() {
    return this.#now;
  }

  setTimeout(run, milliseconds) {
    const timer = this.#next++;
    this.#timers.set(timer, { run, at: this.#now + milliseconds });
    this.#go();
    return timer;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  /** How many timers are set. */
  get size() {
    return this.#timers.size;
  }

  wait(milliseconds) {
    return new Promise((resolve) => this.setTimeout(resolve, milliseconds));
  }

  #go() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let quiet = 0;
    const turn = () => {
      if (this.#timers.size === 0) {
        this.#isRunning = false;
        return;
      }
      quiet = this.busy > 0 ? 0 : quiet + 1;
      if (quiet > QUIET_TURNS) {
        quiet = 0;
        this.#step();
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  #step() {
    const [timer, { run, at }] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at)[0];
    if (at > LONGEST) throw new Error("a test waits for ever");
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, at);
    run();
  }

  /** `fetch`, while whose requests no time passes. */
  fetch = async (url, options) => {
    this.busy += 1;
    let release = () => {
      this.busy -= 1;
      release = () => {};
    };
    this.release = () => release();
    try {
      const response = await fetch(url, options);
      const text = await response.text();
      const { status, headers } = response;
      return { status, headers, ok: response.ok, text: async () => text };
    } finally {
      release();
    }
  };
}

/** Sockets that a test opens, closes and speaks through. `WebSocket` is the class; `all` has those that were made. */
export function sockets(onMessage = () => {}, { opens = true } = {}) {
  const all = [];
  class WebSocket extends EventTarget {
    sent = [];
    isClosed = false;

    constructor(url) {
      super();
      this.url = url;
      all.push(this);
      if (opens) queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }

    send(text) {
      const message = JSON.parse(text);
      this.sent.push(message);
      queueMicrotask(() => onMessage(message, this));
    }

    say(news) {
      this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(news) }));
    }

    close() {
      this.isClosed = true;
      this.dispatchEvent(new Event("close"));
    }
  }
  return { WebSocket, all };
}

/** What a script may answer in place of an answer. */
export const CUT = Symbol("the connection is cut");
export const HANG = Symbol("no answer comes");
export const HALF = Symbol("the connection is cut in the middle of the body");

/** An answer of Liftgate's. */
export const ok = (body, headers = {}) => ({ status: 200, body, headers });
export const pending = (body, seconds = 1) => ({ status: 202, body, headers: { "Retry-After": String(seconds) } });
export function problem(status, code, { retry, ...members } = {}) {
  const error = { code, message: "Words.", retryable: retry !== undefined, ...(retry && { retry_after_ms: retry }) };
  return { status, body: { type: "urn:x", title: "Words.", status, detail: "What to do.", error, ...members } };
}

/**
 * Runs a test against a server. `script` is a list of answers in order, the last of which repeats, or a function from a
 * request to its answer. Hands the test `{ requests, clock, client }`; each request has the time `at` which it came.
 */
export async function against(script, test) {
  const clock = new FakeClock();
  const requests = [];
  const server = http.createServer(async (incoming, response) => {
    let text = "";
    for await (const part of incoming) text += part;
    const url = new URL(incoming.url, "http://here");
    const query = Object.fromEntries(url.searchParams);
    const { method, headers } = incoming;
    const request = { method, path: url.pathname, query, headers, body: text ? JSON.parse(text) : undefined, at: clock.now() };
    requests.push(request);
    const answer =
      typeof script === "function" ? await script(request, requests.length) : script[Math.min(requests.length, script.length) - 1];
    if (answer === HANG) return clock.release();
    if (answer === CUT) return response.destroy();
    if (answer === HALF) {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
      return response.write('{"PlayerSessionId":', () => response.destroy());
    }
    const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const client = (options = {}) =>
    new Liftgate({
      url,
      player: { uuid: "player-1" },
      clock,
      fetch: clock.fetch,
      random: () => 0,
      WebSocket: undefined,
      ...options,
    });
  try {
    await test({ requests, clock, client, url });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The error that a promise is rejected with. */
export async function rejected(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it is not rejected, and has ${JSON.stringify(value)}`);
}
