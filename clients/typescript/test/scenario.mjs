// Plays ../../scenario.json against the local world at $LIFTGATE_URL. $LOSE_ANSWERS makes every third answer get lost.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { Liftgate, LiftgateError } from "../dist/index.js";
import { WebSocket } from "./websocket.mjs";

const { LIFTGATE_URL: url, LOSE_ANSWERS } = process.env;
const { players, steps } = JSON.parse(await readFile(new URL("../../scenario.json", import.meta.url), "utf8"));
const saved = {};
/** Words that belong to players, which the client must not print. */
const printed = [];
for (const name of ["log", "info", "warn", "error", "debug"]) {
  const print = console[name].bind(console);
  console[name] = (...words) => (printed.push(words), print(...words));
}

class Player {
  sockets = [];
  polls = 0;
  #count = 0;

  constructor() {
    this.withSockets = this.#client({ WebSocket: this.#socket() });
    // The same guest, where the platform has no sockets.
    this.withoutSockets = this.#client({ WebSocket: undefined, player: { token: () => this.token } });
  }

  #client(more) {
    return new Liftgate({ url, player: { guest: null }, fetch: (...call) => this.#fetch(...call), ...more });
  }

  async #fetch(address, options) {
    if (String(address).includes("/describe_matchmaking")) this.polls += 1;
    this.token = options.headers.Authorization?.replace("Bearer ", "") ?? this.token;
    const response = await fetch(address, options);
    this.#count += 1;
    if (LOSE_ANSWERS && this.#count % 3 === 0) {
      await response.arrayBuffer();
      throw new TypeError("this answer is lost");
    }
    return response;
  }

  #socket() {
    const mine = this.sockets;
    return class extends WebSocket {
      constructor(address) {
        super(address);
        mine.push(this);
      }
    };
  }
}

const all = Object.fromEntries(players.map((name) => [name, new Player()]));

/** `$name` in a text is what was saved under it. */
function filled(value) {
  if (typeof value === "string") return value.startsWith("$") ? saved[value.slice(1)] : value;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member)]));
}

const KINDS = { text: "string", number: "number" };

/** An answer has the members of a pattern; it may have others. */
function fits(answer, pattern, path = "the answer") {
  if (pattern === null) return assert.equal(answer ?? null, null, path);
  if (Array.isArray(pattern)) {
    assert.equal(answer?.length, pattern.length, path);
    return pattern.forEach((part, index) => fits(answer[index], part, `${path}[${index}]`));
  }
  if (typeof pattern !== "object") return assert.deepEqual(answer, filled(pattern), path);
  if ("is" in pattern) return assert.ok(typeof answer === KINDS[pattern.is] && answer !== "", `${path} is no ${pattern.is}`);
  if ("not" in pattern) return assert.notDeepEqual(answer, filled(pattern.not), path);
  for (const [name, part] of Object.entries(pattern)) fits(answer?.[name], part, `${path}.${name}`);
}

const CALLS = {
  sign_in: async (client) => ({ PlayerId: await client.playerId() }),
  create_session: (client, request, options) => client.createSession(request, options),
  find_or_create_session: (client, request, options) => client.findOrCreateSession(request, options),
  find_session: (client, request, options) => client.findSession(request, options),
  join_session: (client, request, options) => client.joinSession(request, options),
  create_invitation: (client, request, options) => client.createInvitation(request, options),
  start_matchmaking: (client, request, options) => client.startMatchmaking(request, options),
  describe_matchmaking: (client, { TicketId }, options) => client.describeMatchmaking(TicketId, options),
  accept_match: (client, { TicketId, accept }, options) => client.acceptMatch(TicketId, accept, options),
  stop_matchmaking: (client, { TicketId }, options) => client.stopMatchmaking(TicketId, options),
  reconnect_stream: (client, request, options) => client.reconnectStream(request, options),
  terminate_stream: (client, { stream_session_id }, options) => client.terminateStream(stream_session_id, options),
};

async function match(player, step) {
  const { news, accepts = [], stops_at = [] } = step;
  const client = news === "polls" ? player.withoutSockets : player.withSockets;
  const game = new AbortController();
  const [answers, stops] = [[...accepts], [...stops_at]];
  const before = player.sockets.length;
  const polls = player.polls;
  let isCut = false;
  let tellAccepted;
  const accepted = new Promise((resolve) => (tellAccepted = resolve));
  const options = {
    signal: game.signal,
    onState: ({ Status, AcceptedPlayers = 0 }) => {
      if (AcceptedPlayers >= (step.after ?? 0)) tellAccepted();
      if (Status === stops[0]) stops.shift();
      if (stops_at.length > 0 && stops.length === 0) game.abort(new LiftgateError({ code: "STOPPED", message: "", status: 0, retryable: false }));
      if (news === "lost" && !isCut && player.sockets.at(-1)?.readyState === WebSocket.OPEN) {
        isCut = true;
        player.sockets.at(-1).close();
      }
    },
    ...(accepts.length > 0 && {
      onAcceptance: async () => {
        assert.ok(answers.length > 0, "a player is asked once more");
        await accepted;
        return answers.shift();
      },
    }),
  };
  try {
    return await client.match(filled(step.with ?? {}), options);
  } finally {
    const made = player.sockets.slice(before);
    assert.deepEqual(answers, [], "a player was not asked");
    if (news === "polls") assert.ok(made.length === 0 && player.polls > polls);
    else assert.ok(made.length > 0, "no socket was opened");
    if (news === "lost") assert.ok(isCut && made.length > 1, "the socket was not lost, or not replaced");
    assert.ok(made.every(({ readyState }) => readyState >= WebSocket.CLOSING), "a socket is left open");
  }
}

async function play(step) {
  const player = all[step.player];
  const { key, deadline_ms: deadlineMs } = step;
  const options = { ...(key && { key }), ...(deadlineMs && { deadlineMs }) };
  const call = () => (step.call === "match" ? match(player, step) : CALLS[step.call](player.withSockets, filled(step.with ?? {}), options));
  const until = performance.now() + 1000 * (step.until_seconds ?? 0);
  for (let left = step.times ?? 1; ; left -= 1) {
    let answer, error;
    try {
      answer = await call();
    } catch (failure) {
      if (!(failure instanceof LiftgateError)) throw failure;
      error = failure;
    }
    try {
      if (!step.expect_error) {
        if (error) throw error;
        fits(answer, step.expect);
      } else {
        assert.ok(error, `it has succeeded: ${JSON.stringify(answer)}`);
        const { code, status, retryable } = error;
        fits({ ...error.members, code, status, retryable }, step.expect_error, "the error");
      }
    } catch (failure) {
      if (left > 1) continue;
      if (performance.now() > until) throw failure;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      continue;
    }
    for (const [name, path] of Object.entries(step.save ?? {})) saved[name] = answer[path];
    return;
  }
}

for (const step of steps) {
  test(step.says, { timeout: 120_000 }, async () => {
    // All of them are waited for, so that one that fails leaves none behind.
    const ended = await Promise.allSettled((step.together ?? [step]).map(play));
    for (const { reason } of ended) if (reason) throw reason;
    for (const name of (step.same ?? []).slice(1)) assert.equal(saved[name], saved[step.same[0]]);
  });
}

test("the client has printed nothing", () => assert.deepEqual(printed, []));
