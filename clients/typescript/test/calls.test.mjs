// What a call does with each kind of answer: when it is repeated, how it goes on, and when it ends.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { inspect } from "node:util";

import { REAL_CLOCK } from "../dist/clock.js";
import { ERROR_CODES, Liftgate, LiftgateError, newKey } from "../dist/index.js";
import { against, CUT, HALF, HANG, ok, pending, problem, rejected } from "./harness.mjs";

const SEAT = { PlayerSessionId: "psess-1", PlayerId: "player-1", IpAddress: "127.0.0.1", Port: 7777, Status: "RESERVED" };
const NEW = { session_name: "A round", num_connections: 4 };
const BUSY = problem(503, "NO_CAPACITY", { retry: 2000 });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const keys = (requests) => requests.map(({ headers }) => headers["idempotency-key"]);
const times = (requests) => requests.map(({ at }) => at);
const paths = (requests) => requests.map(({ path }) => path);

test("a call has one key, which it keeps over its repeats, and each call has another", () =>
  against([BUSY, CUT, ok(SEAT)], async ({ client, requests }) => {
    assert.deepEqual(await client().createSession(NEW), SEAT);
    await client().createSession(NEW);
    const [first, second, third, other] = keys(requests);
    assert.match(first, UUID);
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(other, first);
  }));

test("a key of the game is sent as it is, and an error has the key with which the call goes on", () =>
  against([problem(409, "SESSION_FULL"), ok(SEAT)], async ({ client, requests }) => {
    const { key } = await rejected(client().createSession(NEW, { key: "mine" }));
    await client().createSession(NEW, { key });
    assert.deepEqual(keys(requests), ["mine", "mine"]);
  }));

test("keys are made where the platform has no random numbers too", () => {
  const keys = new Set(Array.from({ length: 1000 }, newKey));
  assert.equal(keys.size, 1000);
  const had = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  try {
    assert.match(newKey(), UUID);
    assert.notEqual(newKey(), newKey());
  } finally {
    delete globalThis.crypto;
    // Node 18 has none.
    if (had) Object.defineProperty(globalThis, "crypto", had);
  }
});

test("what is not retryable is not repeated, and its error has code, status and members", () =>
  against([problem(400, "INVALID_REQUEST", { errors: [{ field: "session_name", message: "Too short." }] })], async (it) => {
    const error = await rejected(it.client().createSession(NEW));
    assert.ok(error instanceof LiftgateError);
    assert.deepEqual([error.code, error.status, error.retryable], ["INVALID_REQUEST", 400, false]);
    assert.equal(error.members.errors[0].field, "session_name");
    assert.equal(error.members.detail, "What to do.");
    assert.equal(it.requests.length, 1);
  }));

test("the status says nothing: an answer with `error` is one", () =>
  against([{ ...problem(200, "SESSION_FULL"), status: 200 }], async ({ client }) => {
    assert.equal((await rejected(client().joinSession())).code, "SESSION_FULL");
  }));

test("a repeat comes as late as `retry_after_ms` says, or `Retry-After`, and never sooner", () =>
  against(
    [
      problem(503, "NO_CAPACITY", { retry: 7000 }),
      { ...problem(429, "RATE_LIMITED"), body: { error: { code: "RATE_LIMITED", retryable: true } }, headers: { "Retry-After": "4" } },
      ok(SEAT),
    ],
    async ({ client, requests }) => {
      await client().createSession(NEW);
      assert.deepEqual(times(requests), [0, 7000, 11_000]);
    },
  ));

test("jitter makes a wait up to a quarter longer", () =>
  against([BUSY, ok(SEAT)], async ({ client, requests }) => {
    await client({ random: () => 1 }).createSession(NEW);
    assert.deepEqual(times(requests), [0, 2500]);
  }));

test("where nobody says when, each wait is twice the last", () =>
  against([CUT, CUT, CUT, CUT, ok(SEAT)], async ({ client, requests }) => {
    await client().createSession(NEW);
    assert.deepEqual(times(requests), [0, 500, 1500, 3500, 7500]);
  }));

test("a call that fails again and again waits longer than it is told", () =>
  against([problem(503, "UPSTREAM_UNAVAILABLE", { retry: 1000 })], async ({ client, requests, clock }) => {
    const error = await rejected(client().createSession(NEW, { deadlineMs: 20_000 }));
    assert.equal(error.code, "UPSTREAM_UNAVAILABLE");
    assert.deepEqual(times(requests), [0, 1000, 2000, 4000, 8000, 16_000]);
    assert.equal(clock.now(), 16_000, "a wait beyond the deadline is for nothing");
  }));

test("a wait beyond the deadline is not begun", () =>
  against([problem(429, "LIMIT_EXCEEDED", { retry: 60_000 })], async ({ client, requests, clock }) => {
    const error = await rejected(client().createSession(NEW, { deadlineMs: 30_000 }));
    assert.deepEqual([error.code, error.retryAfterMs, requests.length, clock.now()], ["LIMIT_EXCEEDED", 60_000, 1, 0]);
  }));

test("without a deadline of its own a call has that of the client", () =>
  against([BUSY], async ({ client, clock }) => {
    await rejected(client({ deadlineMs: 9000 }).joinSession());
    assert.ok(clock.now() < 9000);
    await rejected(client().joinSession());
    assert.ok(clock.now() > 30_000 && clock.now() < 99_000);
  }));

test("a 202 that says `at once`, as by a date on another clock, is not asked about at once", () =>
  against(({ at }) => (at > 10_000 ? ok(SEAT) : pending({ Status: "ACTIVATING", GameSessionId: "arn:1" }, 0)), async (it) => {
    await it.client().createSession(NEW);
    assert.ok(it.requests.length < 25, `${it.requests.length} requests`);
  }));

test("a time that the platform's timers cannot keep is a long one, and does not end at once", () => {
  const waits = [];
  const real = globalThis.setTimeout;
  globalThis.setTimeout = (_, wait) => waits.push(wait);
  try {
    for (const wait of [5000, 2 ** 31, Infinity]) REAL_CLOCK.setTimeout(() => {}, wait);
  } finally {
    globalThis.setTimeout = real;
  }
  assert.deepEqual(waits, [5000, 2 ** 31 - 1, 2 ** 31 - 1]);
});

test("an answer of which only half arrives is none", () =>
  against([HALF, ok(SEAT)], async ({ client, requests }) => {
    assert.deepEqual(await client().createSession(NEW), SEAT);
    assert.equal(new Set(keys(requests)).size, 1);
  }));

test("an answer of a proxy is repeated where its status says that it may pass", async () => {
  const page = { status: 502, body: "<html>Bad gateway</html>", headers: { "Content-Type": "text/html" } };
  const words = { status: 502, body: { error: "Bad gateway" } };
  const gateway = { status: 504, body: { message: "Endpoint request timed out" } };
  await against([page, words, gateway, { status: 200, body: "" }, ok(SEAT)], async ({ client, requests }) => {
    assert.deepEqual(await client().createSession(NEW), SEAT);
    assert.equal(requests.length, 5);
  });
  for (const answer of [{ status: 403, body: "<html>" }, { status: 404, body: { error: "Not found" } }]) {
    await against([answer], async ({ client, requests }) => {
      const error = await rejected(client().createSession(NEW));
      assert.deepEqual([error.code, error.status, requests.length], ["UNREADABLE_ANSWER", answer.status, 1]);
    });
  }
});

test("an `error` in a success is never a success", () =>
  against([{ status: 200, body: { error: null } }], async ({ client }) => {
    assert.equal((await rejected(client().createSession(NEW, { deadlineMs: 100 }))).code, "UNREADABLE_ANSWER");
  }));

test("a redirect is not followed: token and body go nowhere else", () =>
  against(({ path }) => (path === "/stolen" ? ok(SEAT) : { status: 307, body: "", headers: { Location: "/stolen" } }), async (it) => {
    const error = await rejected(it.client({ player: { token: "eyJ" } }).createSession(NEW));
    assert.deepEqual([error.code, error.status, error.retryable], ["UNREADABLE_ANSWER", 307, false]);
    assert.deepEqual(paths(it.requests), ["/create_session"]);
  }));

test("a request that cannot be sent is no failure of the network, and its error has no token", () =>
  against([ok(SEAT)], async ({ client, requests, clock }) => {
    const broken = [
      client().createSession(NEW, { key: "round 1 ✓" }),
      client({ player: { token: "secret\n1" } }).createSession(NEW),
      client().createSession({ ...NEW, num_connections: 4n }),
    ];
    for (const call of broken) {
      const error = await rejected(call);
      assert.ok(error instanceof TypeError, String(error));
      assert.doesNotMatch(inspect(error), /secret/);
    }
    assert.deepEqual([requests.length, clock.now()], [0, 0]);
  }));

test("a `fetch` of the game's sees the headers by name", () =>
  against([ok(SEAT)], async ({ client, clock }) => {
    const seen = [];
    const fetch = (address, options) => (seen.push(options.headers), clock.fetch(address, options));
    await client({ player: { token: "eyJ" }, fetch }).createSession(NEW, { key: "mine" });
    assert.equal(seen[0].Authorization, "Bearer eyJ");
    assert.equal(seen[0]["Idempotency-Key"], "mine");
  }));

test("an address that is none is refused at once", () => {
  for (const url of ["127.0.0.1:3000", "localhost:3000", "ws://127.0.0.1:3000", "/api", ""]) {
    assert.throws(() => new Liftgate({ url, player: { uuid: "a" } }), /http:\/\//, url);
  }
});

test("no answer is waited for longer than a call may take, which is more than Liftgate takes", () =>
  against([HANG, ok(SEAT)], async ({ client, requests }) => {
    await client().createSession(NEW);
    assert.deepEqual(times(requests), [0, 30_500]);
    const [first, second] = keys(requests);
    assert.equal(first, second);
  }));

test("the deadline ends a call in the middle of a request", () =>
  against([HANG], async ({ client, clock }) => {
    const error = await rejected(client().createSession(NEW, { deadlineMs: 10_000 }));
    assert.deepEqual([error.code, error.retryable, clock.now()], ["NO_ANSWER", true, 10_000]);
    assert.match(error.key, UUID);
  }));

test("a time-out that Liftgate cannot keep is refused", () => {
  for (const timeoutMs of [1000, 25_000, Number.NaN]) {
    assert.throws(() => new Liftgate({ url: "http://x", player: { uuid: "a" }, timeoutMs }), /25000/);
  }
  new Liftgate({ url: "http://x", player: { uuid: "a" }, timeoutMs: 26_000 });
});

test("an abort ends a wait at once, with its reason, and nothing is sent any more", () =>
  against([BUSY], async ({ client, requests, clock }) => {
    const game = new AbortController();
    const call = rejected(client().createSession(NEW, { signal: game.signal }));
    await clock.wait(1000);
    game.abort("the player has left");
    assert.equal(await call, "the player has left");
    assert.equal(clock.now(), 1000);
    await clock.wait(60_000);
    assert.deepEqual([requests.length, clock.size], [1, 0]);
  }));

test("an abort ends a request, and comes before it if it was there before", () =>
  against([HANG], async ({ client, requests, clock }) => {
    const game = new AbortController();
    const call = rejected(client().createSession(NEW, { signal: game.signal }));
    await clock.wait(1000);
    game.abort("left");
    assert.equal(await call, "left");
    assert.equal(await rejected(client().createSession(NEW, { signal: game.signal })), "left");
    assert.equal(requests.length, 1);
  }));

test("what a proxy says of a server that it does not reach is repeated, what it says of a request is not", () =>
  against([{ status: 502, body: "<html>" }, { status: 200, body: "" }, ok(SEAT)], async ({ client, requests }) => {
    assert.deepEqual(await client().createSession(NEW), SEAT);
    assert.equal(requests.length, 3);
  }).then(() =>
    against([{ status: 404, body: "<html>" }], async ({ client, requests }) => {
      const error = await rejected(client().createSession(NEW));
      assert.deepEqual([error.code, error.retryable, requests.length], ["UNREADABLE_ANSWER", false, 1]);
    }),
  ));

test("nobody listens: the error says so, and names no player", async () => {
  const client = new Liftgate({ url: "http://127.0.0.1:1", player: { uuid: "player-1" }, deadlineMs: 1 });
  const error = await rejected(client.describeMatchmaking("t-1"));
  assert.equal(error.code, "NO_ANSWER");
  assert.doesNotMatch(inspect(error), /player-1|t-1/);
});

test("a 202 is gone on with by the id, with the same players, the same key and a wait", () =>
  against([pending({ Status: "ACTIVATING", GameSessionId: "arn:1" }, 3), pending({ Status: "ACTIVATING", GameSessionId: "arn:1" }), ok(SEAT)], async (it) => {
    const party = { uuids: ["player-2"], invitations: ["any.1"], stream: { signal_request: "{}" } };
    assert.deepEqual(await it.client().createSession({ ...NEW, ...party }), SEAT);
    assert.deepEqual(paths(it.requests), ["/create_session", "/join_session", "/join_session"]);
    assert.deepEqual(it.requests[1].body, { uuid: "player-1", ...party, GameSessionId: "arn:1" });
    assert.deepEqual(it.requests[2].body, it.requests[1].body);
    assert.equal(new Set(keys(it.requests)).size, 1);
    assert.deepEqual(it.requests.map(({ headers }) => headers.prefer), ["wait=10", "wait=10", "wait=10"]);
    assert.deepEqual(times(it.requests), [0, 3000, 4000]);
  }));

test("a placement is gone on with by its id, and a join by itself", () =>
  against([pending({ Status: "ACTIVATING", PlacementId: "p-1" }), ok(SEAT), pending({ Status: "ACTIVATING", GameSessionId: "arn:2" }), ok(SEAT)], async (it) => {
    await it.client().findOrCreateSession(NEW);
    assert.deepEqual(it.requests[1].body, { uuid: "player-1", PlacementId: "p-1" });
    await it.client().joinSession({ GameSessionId: "arn:2" });
    assert.deepEqual(it.requests[3].body, { uuid: "player-1", GameSessionId: "arn:2" });
  }));

test("an ACTIVATION_TIMEOUT is gone on with like a 202", () =>
  against([problem(504, "ACTIVATION_TIMEOUT", { retry: 1000, GameSessionId: "arn:1" }), ok(SEAT)], async (it) => {
    await it.client().createSession(NEW);
    assert.deepEqual(paths(it.requests), ["/create_session", "/join_session"]);
    assert.equal(it.requests[1].body.GameSessionId, "arn:1");
  }));

test("a game session that has failed is not waited for: the first request is sent again, with its key", () =>
  against([pending({ Status: "ACTIVATING", GameSessionId: "arn:1" }), problem(502, "SESSION_FAILED", { retry: 1000 }), ok(SEAT)], async (it) => {
    await it.client().createSession(NEW);
    assert.deepEqual(paths(it.requests), ["/create_session", "/join_session", "/create_session"]);
    assert.deepEqual(it.requests[2].body, it.requests[0].body);
    assert.equal(new Set(keys(it.requests)).size, 1);
  }));

test("an error that leaves open whether a slot is reserved is repeated as it is", () =>
  against([problem(503, "UPSTREAM_UNAVAILABLE", { retry: 1000, GameSessionId: "arn:1" }), ok(SEAT)], async (it) => {
    await it.client().findOrCreateSession(NEW);
    assert.deepEqual(paths(it.requests), ["/find_or_create_session", "/find_or_create_session"]);
  }));

test("a game session that does not start in time is an error with its id and the key", () =>
  against([pending({ Status: "ACTIVATING", GameSessionId: "arn:1" })], async ({ client, clock }) => {
    const error = await rejected(client().createSession(NEW, { deadlineMs: 20_000 }));
    assert.deepEqual([error.code, error.retryable, error.members.GameSessionId], ["STILL_PENDING", true, "arn:1"]);
    assert.match(error.key, UUID);
    assert.ok(clock.now() <= 20_000);
  }));

test("a stream is asked for by the same request, as long as its 202 says that it may take", () =>
  against(
    ({ at }) => (at < 400_000 ? pending({ Status: "ACTIVATING", StreamSessionId: "s", MaxWaitSeconds: 600 }, 10) : ok({ Outcome: "STARTED" })),
    async ({ client, requests }) => {
      assert.deepEqual(await client().reconnectStream({ signal_request: "{}" }), { Outcome: "STARTED" });
      assert.equal(new Set(requests.map(({ body }) => JSON.stringify(body))).size, 1);
      assert.equal(new Set(keys(requests)).size, 1);
    },
  ));

test("an ACTIVATION_TIMEOUT of a stream says how long it may take too", () =>
  against(
    ({ at }) => (at < 300_000 ? problem(504, "ACTIVATION_TIMEOUT", { retry: 5000, StreamSessionId: "s", MaxWaitSeconds: 600 }) : ok({ Outcome: "STARTED" })),
    async ({ client }) => {
      assert.deepEqual(await client().reconnectStream({ signal_request: "{}" }), { Outcome: "STARTED" });
    },
  ));

test("a deadline of the game counts for a stream too", () =>
  against([pending({ Status: "ACTIVATING", StreamSessionId: "s", MaxWaitSeconds: 600 }, 10)], async ({ client, clock }) => {
    const error = await rejected(client().reconnectStream({ signal_request: "{}" }, { deadlineMs: 45_000 }));
    assert.deepEqual([error.code, error.members.StreamSessionId], ["STILL_PENDING", "s"]);
    assert.ok(clock.now() <= 45_000);
  }));

test("the end of a stream that is starting is asked for again, because Liftgate does not remember it", () =>
  against([pending({ Status: "ACTIVATING", StreamSessionId: "s" }), ok({ StreamSessionId: "s", Status: "TERMINATING" })], async (it) => {
    assert.equal((await it.client().terminateStream("s")).Status, "TERMINATING");
    assert.deepEqual(it.requests.map(({ body }) => body.stream_session_id), ["s", "s"]);
  }));

test("pages follow their tokens, also behind an empty page", () =>
  against(
    ({ query }) => {
      if (query.next_token === undefined) return ok([{ GameSessionId: "1" }], { "Liftgate-Next-Token": "a b&c" });
      if (query.next_token === "a b&c") return ok([], { "Liftgate-Next-Token": "d", "Liftgate-Left-Out": "2" });
      return ok([{ GameSessionId: "2" }]);
    },
    async ({ client, requests }) => {
      const pages = [];
      const query = { "property.map": "Föhrenwald & See", limit: 1, sort: "fullest", name: undefined };
      for await (const page of client().sessionPages(query)) pages.push(page);
      assert.deepEqual(pages.map(({ sessions }) => sessions.length), [1, 0, 1]);
      assert.deepEqual(pages.map(({ leftOut }) => leftOut), [0, 2, 0]);
      assert.deepEqual(pages.at(-1).nextToken, undefined);
      assert.deepEqual(requests[0].query, { "property.map": "Föhrenwald & See", limit: "1", sort: "fullest" });
      assert.deepEqual(requests[1].query, { ...requests[0].query, next_token: "a b&c" });
    },
  ));

test("a search is begun and looked at without waiting, or with", () =>
  against([pending({ TicketId: "t", Status: "SEARCHING" })], async ({ client, requests }) => {
    assert.equal((await client().startMatchmaking({ attributes: { skill: 10 } })).TicketId, "t");
    await client().startMatchmaking({}, { waitSeconds: 7 });
    await client().describeMatchmaking("t", { waitSeconds: 20 });
    assert.deepEqual(requests.map(({ headers }) => headers.prefer), ["respond-async", "wait=7", undefined]);
    assert.deepEqual(requests[0].body, { uuid: "player-1", attributes: { skill: 10 } });
    assert.deepEqual(requests[2].query, { uuid: "player-1", TicketId: "t", wait: "20" });
    assert.deepEqual(keys(requests).map((key) => key !== undefined), [true, true, false]);
  }));

test("a search that GameLift does not know yet is stopped until it has ended", () =>
  against([pending({ TicketId: "t", Status: "QUEUED" }), ok({ TicketId: "t", Status: "CANCELLED" })], async ({ client, requests }) => {
    assert.equal((await client().stopMatchmaking("t")).Status, "CANCELLED");
    assert.equal(requests.length, 2);
  }));

test("with a token the client names nobody, and sends no cookies", () =>
  against([ok(SEAT)], async ({ client, requests }) => {
    await client({ player: { token: () => "eyJ" } }).joinSession();
    assert.deepEqual(requests[0].body, {});
    assert.equal(requests[0].headers.authorization, "Bearer eyJ");
    assert.equal(requests[0].headers.cookie, undefined);
  }));

test("the address may end with slashes", () =>
  against([ok(SEAT)], async ({ client, requests, url }) => {
    await client({ url: `${url}/prod//` }).joinSession();
    assert.deepEqual(paths(requests), ["/prod/join_session"]);
  }));

test("an error that is printed names no player, no id and no secret", () =>
  against([problem(409, "ALREADY_SEARCHING", { PlayerId: "player-2", TicketId: "t-1", detail: "player-2 searches." })], async (it) => {
    const error = await rejected(it.client().startMatchmaking({}, { key: "key-1" }));
    assert.equal(error.members.PlayerId, "player-2");
    const printed = [inspect(error, { depth: 9, showHidden: true }), String(error), JSON.stringify(error), error.stack].join();
    assert.doesNotMatch(printed, /player-|t-1|key-1/);
    assert.match(printed, /ALREADY_SEARCHING/);
  }));

test("the list of codes is that of the page of errors", async () => {
  const page = await readFile(new URL("../../../docs/errors.md", import.meta.url), "utf8");
  const table = page.split("<!-- codes -->")[1].split("<!-- /codes -->")[0];
  assert.deepEqual([...ERROR_CODES], [...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code));
});
