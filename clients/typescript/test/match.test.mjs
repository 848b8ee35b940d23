// A whole search: over sockets that come and go, by polls, with acceptance, and every way in which it ends.

import assert from "node:assert/strict";
import test from "node:test";

import { LiftgateError } from "../dist/index.js";
import { against, CUT, ok, pending, problem, rejected, sockets } from "./harness.mjs";

const T = "ticket-1";
const SEAT = { TicketId: T, Status: "COMPLETED", PlayerSessionId: "psess-1", PlayerId: "player-1", MatchId: "m-1" };
const TOKEN = "wss://push.example/live?token=secret";
const searching = (more = {}) => ({ TicketId: T, Status: "SEARCHING", ...more });
const offered = (number = 1) => ({ Socket: { Url: `${TOKEN}${number}`, ExpiresInSeconds: 60 } });
const asking = (MatchId = "m-1", more = {}) => ({ TicketId: T, Status: "REQUIRES_ACCEPTANCE", MatchId, Accepted: {}, ...more });
const cancelled = (Reason = "STOPPED") => problem(409, "MATCHMAKING_CANCELLED", { TicketId: T, Status: "CANCELLED", Reason });
const paths = (requests) => requests.map(({ path }) => path.slice(1));
const [START, POLL, ACCEPT, STOP] = ["start_matchmaking", "describe_matchmaking", "accept_match", "stop_matchmaking"];

/** A script by path; a list is answered in its order, its last entry for ever. */
function by(answers) {
  const counts = {};
  return (request) => {
    const path = request.path.slice(1);
    const wanted = answers[path];
    if (typeof wanted === "function") return wanted(request);
    if (!Array.isArray(wanted)) return wanted ?? problem(404, "ROUTE_NOT_FOUND");
    const count = (counts[path] = (counts[path] ?? 0) + 1);
    return wanted[Math.min(count, wanted.length) - 1];
  };
}

/** Nothing of a search is left: no timer, no open socket, and no request comes any more. */
async function nothingIsLeft({ clock, requests }, all = []) {
  assert.equal(clock.size, 0, "a timer is left");
  assert.ok(all.every((socket) => socket.isClosed), "a socket is left");
  const count = requests.length;
  await clock.wait(600_000);
  assert.equal(requests.length, count, "it goes on asking");
}

test("over a socket a player hears of the match without a poll, and the state never has the socket's address", () =>
  against(by({ [START]: pending(searching(offered()), 5) }), async (it) => {
    const { WebSocket, all } = sockets((message, socket) => {
      socket.say(searching({ EstimatedWaitSeconds: 3 }));
      socket.say(SEAT);
      socket.say(SEAT);
      socket.say({ ...cancelled().body });
    });
    const states = [];
    const match = await it.client({ WebSocket }).match({ configuration: "duel" }, { onState: (state) => states.push(state) });
    assert.deepEqual(match, SEAT);
    assert.deepEqual(paths(it.requests), [START]);
    assert.deepEqual(it.requests[0].body, { uuid: "player-1", configuration: "duel" });
    assert.equal(it.requests[0].headers.prefer, "respond-async");
    assert.match(it.requests[0].headers["idempotency-key"], /^[0-9a-f-]{36}$/);
    assert.deepEqual(all.map(({ url, sent }) => [url, sent]), [[`${TOKEN}1`, [{ action: "resume", TicketId: T }]]]);
    assert.deepEqual(states, [searching(), searching({ EstimatedWaitSeconds: 3 })]);
    await nothingIsLeft(it, all);
  }));

test("a match that is there at once needs nothing more", () =>
  against([ok(SEAT)], async (it) => {
    const { WebSocket, all } = sockets();
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    assert.equal(all.length, 0);
    await nothingIsLeft(it);
  }));

test("a key of the game goes on with its search", () =>
  against([ok(SEAT)], async ({ client, requests }) => {
    await client().match({}, { key: "round-7" });
    assert.equal(requests[0].headers["idempotency-key"], "round-7");
  }));

test("after a lost socket the player asks once, at once, connects to the new address and resumes", () =>
  against(by({ [START]: pending(searching(offered(1)), 5), [POLL]: [pending(searching(offered(2)), 5)] }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      if (all.length === 2) return socket.say(SEAT);
      socket.say(searching());
      it.clock.setTimeout(() => socket.close(), 20_000);
    });
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    assert.deepEqual(paths(it.requests), [START, POLL]);
    assert.deepEqual(it.requests[1].query, { uuid: "player-1", TicketId: T });
    assert.equal(it.requests[1].at, 20_000);
    assert.deepEqual(all.map(({ url }) => url), [`${TOKEN}1`, `${TOKEN}2`]);
    assert.deepEqual(all[1].sent, [{ action: "resume", TicketId: T }]);
    await nothingIsLeft(it, all);
  }));

test("the end that a lost socket has hidden is found by that poll", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: [ok(SEAT)] }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      socket.say(searching());
      socket.close();
    });
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    assert.deepEqual([paths(it.requests), it.clock.now()], [[START, POLL], 0]);
    await nothingIsLeft(it, all);
  }));

test("without sockets the player polls, as late as each answer says", () =>
  against(
    by({
      [START]: pending(searching(offered()), 5),
      [POLL]: [pending(searching(), 5), pending({ TicketId: T, Status: "PLACING" }, 1), ok(SEAT)],
    }),
    async (it) => {
      assert.deepEqual(await it.client({ WebSocket: undefined }).match(), SEAT);
      assert.deepEqual(it.requests.map(({ at }) => at), [0, 5000, 10_000, 11_000]);
      await nothingIsLeft(it);
    },
  ));

test("a socket that cannot be made is none, and its token is in no error", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: problem(404, "TICKET_NOT_FOUND") }), async (it) => {
    class WebSocket {
      constructor(url) {
        throw new SyntaxError(`no such address: ${url}`);
      }
    }
    const error = await rejected(it.client({ WebSocket }).match());
    assert.equal(error.code, "TICKET_NOT_FOUND");
    assert.doesNotMatch(`${error} ${error.stack} ${error.cause}`, /secret/);
  }));

test("sockets that are refused are tried again after one second, two, four, and polled beside", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: ({ at }) => (at > 60_000 ? ok(SEAT) : pending(searching(offered()), 5)) }), async (it) => {
    const at = [];
    const { WebSocket, all } = sockets(() => {}, { opens: false });
    class Refused extends WebSocket {
      constructor(url) {
        super(url);
        at.push(it.clock.now());
        queueMicrotask(() => {
          this.isClosed = true;
          this.dispatchEvent(new Event("error"));
        });
      }
    }
    assert.deepEqual(await it.client({ WebSocket: Refused }).match(), SEAT);
    const polls = it.requests.filter(({ path }) => path === `/${POLL}`).map((poll) => poll.at);
    assert.ok(polls.every((poll, index) => index === 0 || poll - polls[index - 1] >= 5000), polls.join());
    const waits = at.map((time, index) => time - (at[index - 1] ?? 0)).slice(1);
    assert.ok(waits.length >= 4 && waits.length < 10, at.join());
    assert.ok(waits.every((wait, index) => wait >= Math.min(30_000, 1000 * 2 ** index)), at.join());
    await nothingIsLeft(it, all);
  }));

test("a socket that says nothing for ten seconds is given up", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: [ok(SEAT)] }), async (it) => {
    const { WebSocket, all } = sockets();
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    assert.equal(it.requests[1].at, 10_000);
    await nothingIsLeft(it, all);
  }));

test("beside a socket a poll comes each half minute, and each ten seconds where players accept", async () => {
  for (const [options, at] of [[{}, [30_000, 60_000]], [{ onAcceptance: () => true }, [10_000, 20_000]]]) {
    await against(by({ [START]: pending(searching(offered()), 5), [POLL]: [pending(searching(offered()), 5), ok(SEAT)] }), async (it) => {
      const { WebSocket, all } = sockets((_, socket) => socket.say(searching()));
      assert.deepEqual(await it.client({ WebSocket }).match({}, options), SEAT);
      assert.deepEqual(it.requests.slice(1).map((poll) => poll.at), at);
      assert.equal(all.length, 1, "the socket that is there is kept");
      await nothingIsLeft(it, all);
    });
  }
});

test("once a match is made a poll comes within five seconds, because the push about its place can get lost", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: [ok(SEAT)] }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      if (socket.sent.length === 1) {
        socket.say(searching());
        it.clock.setTimeout(() => socket.say({ TicketId: T, Status: "PLACING" }), 3000);
      } else socket.say({ TicketId: T, Status: "PLACING" });
    });
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    assert.equal(it.requests[1].at, 5000);
    await nothingIsLeft(it, all);
  }));

test("an old push is asked about and not believed", () =>
  against(by({ [START]: pending(searching(offered()), 5) }), async (it) => {
    let asked = 0;
    const { WebSocket, all } = sockets((_, socket) => {
      asked += 1;
      if (asked === 1) {
        socket.say({ TicketId: T, Status: "PLACING" });
        socket.say(searching());
      } else if (asked === 2) {
        socket.say({ TicketId: T, Status: "PLACING" });
        socket.say(SEAT);
      }
    });
    const states = [];
    await it.client({ WebSocket }).match({}, { onState: ({ Status }) => states.push(Status) });
    assert.deepEqual(states, ["SEARCHING", "PLACING", "PLACING"]);
    assert.equal(asked, 2);
    await nothingIsLeft(it, all);
  }));

test("messages about other tickets, about messages, and of API Gateway itself are no news", () =>
  against(by({ [START]: pending(searching(offered()), 5) }), async (it) => {
    const { WebSocket } = sockets((_, socket) => {
      socket.say({ ...SEAT, TicketId: "another" });
      socket.say({ message: "Internal server error", connectionId: "c", requestId: "r" });
      socket.say(problem(409, "NO_MATCH_TO_ACCEPT", { TicketId: T, Status: "SEARCHING" }).body);
      socket.say(problem(429, "RATE_LIMITED", { retry: 1000 }).body);
      socket.dispatchEvent(Object.assign(new Event("message"), { data: "no JSON" }));
      socket.say(SEAT);
    });
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
  }));

test("each end without a match is its error, whoever tells it", async () => {
  const timedOut = problem(410, "MATCHMAKING_TIMED_OUT", { TicketId: T, Status: "TIMED_OUT" });
  await against(by({ [START]: pending(searching(offered()), 5) }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => socket.say(timedOut.body));
    const error = await rejected(it.client({ WebSocket }).match());
    assert.ok(error instanceof LiftgateError);
    assert.deepEqual([error.code, error.status, error.retryable], ["MATCHMAKING_TIMED_OUT", 410, false]);
    assert.equal(error.members.TicketId, T);
    await nothingIsLeft(it, all);
  });
  await against(by({ [START]: pending(searching(), 5), [POLL]: timedOut }), async (it) => {
    assert.equal((await rejected(it.client().match())).code, "MATCHMAKING_TIMED_OUT");
    await nothingIsLeft(it);
  });
  await against([timedOut], async (it) => {
    assert.equal((await rejected(it.client().match())).code, "MATCHMAKING_TIMED_OUT");
    await nothingIsLeft(it);
  });
});

test("a player is asked once for each match, and the answer is sent once, however often the state is told", () =>
  against(
    by({
      [START]: pending(searching(offered()), 5),
      [ACCEPT]: ({ body }) => ok({ ...asking(), Accepted: { "player-1": body.accept } }),
    }),
    async (it) => {
      const { WebSocket, all } = sockets((_, socket) => {
        if (socket.sent.length > 1) return;
        socket.say(asking("m-1"));
        socket.say(asking("m-1", { AcceptedPlayers: 1 }));
        it.clock.setTimeout(() => socket.say(asking("m-1", { Accepted: { "player-1": true } })), 2000);
        // Another player did not accept: the search goes on, and finds another match.
        it.clock.setTimeout(() => (socket.say(searching()), socket.say(searching())), 3000);
        it.clock.setTimeout(() => (socket.say(asking("m-2")), socket.say(asking("m-2"))), 4000);
        it.clock.setTimeout(() => socket.say(SEAT), 4500);
      });
      const asked = [];
      await it.client({ WebSocket }).match({}, { onAcceptance: async ({ MatchId }) => asked.push(MatchId) > 0 });
      assert.deepEqual(asked, ["m-1", "m-2"]);
      const answers = it.requests.filter(({ path }) => path === `/${ACCEPT}`);
      assert.deepEqual(answers.map(({ body }) => body), Array(2).fill({ uuid: "player-1", TicketId: T, accept: true }));
      await nothingIsLeft(it, all);
    },
  ));

test("a player who has answered in an earlier run is not asked again, and without a callback matches are accepted", async () => {
  await against(by({ [START]: pending(asking("m-1", { Accepted: { "player-1": true } })), [POLL]: [ok(SEAT)] }), async (it) => {
    const asked = [];
    await it.client().match({}, { onAcceptance: (state) => asked.push(state) > 0 });
    assert.deepEqual([asked.length, paths(it.requests)], [0, [START, POLL]]);
  });
  await against(by({ [START]: pending(asking()), [ACCEPT]: ok({ TicketId: T, Status: "PLACING" }), [POLL]: [ok(SEAT)] }), async (it) => {
    await it.client().match();
    assert.deepEqual(it.requests.find(({ path }) => path === `/${ACCEPT}`).body.accept, true);
  });
});

test("the question goes stale when the match does, and a late answer is not sent", () =>
  against(by({ [START]: pending(asking()), [POLL]: [pending(searching(), 5), ok(SEAT)] }), async (it) => {
    let stale;
    const onAcceptance = (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => ((stale = it.clock.now()), resolve(true))));
    assert.deepEqual(await it.client().match({}, { onAcceptance }), SEAT);
    assert.deepEqual(paths(it.requests), [START, POLL, POLL]);
    assert.equal(stale, it.requests[1].at);
  }));

test("an answer that is lost is sent again, and one that comes too late is no error", () =>
  against(by({ [START]: pending(asking()), [ACCEPT]: [CUT, problem(409, "NO_MATCH_TO_ACCEPT", { TicketId: T, Status: "SEARCHING" })], [POLL]: [pending(searching(), 5), ok(SEAT)] }), async (it) => {
    assert.deepEqual(await it.client().match({}, { onAcceptance: () => true }), SEAT);
    assert.equal(paths(it.requests).filter((path) => path === ACCEPT).length, 2);
    await nothingIsLeft(it);
  }));

test("a rejection ends the search with the reason that Liftgate gives", () =>
  against(by({ [START]: pending(asking()), [ACCEPT]: ok({ TicketId: T, Status: "CANCELLED" }), [POLL]: cancelled("DECLINED") }), async (it) => {
    const error = await rejected(it.client().match({}, { onAcceptance: () => false }));
    assert.deepEqual([error.code, error.members.Reason], ["MATCHMAKING_CANCELLED", "DECLINED"]);
    assert.equal(it.requests[1].body.accept, false);
    await nothingIsLeft(it);
  }));

test("an abort stops the search, and ends with the signal's reason", () =>
  against(by({ [START]: pending(searching(offered()), 5), [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      socket.say(searching());
      it.clock.setTimeout(() => game.abort("back to the menu"), 2000);
    });
    const game = new AbortController();
    const states = [];
    const match = it.client({ WebSocket }).match({}, { signal: game.signal, onState: (state) => states.push(state) });
    assert.equal(await rejected(match), "back to the menu");
    assert.deepEqual(paths(it.requests), [START, STOP]);
    assert.deepEqual(it.requests[1].body, { uuid: "player-1", TicketId: T });
    all[0].say(SEAT);
    assert.equal(states.length, 2, "nothing is told after the end");
    await nothingIsLeft(it, all);
  }));

test("a stop that GameLift does not know yet is enough, and one that fails is repeated", () =>
  against(by({ [START]: pending(searching(), 5), [STOP]: [CUT, pending({ TicketId: T, Status: "QUEUED" })] }), async (it) => {
    const game = new AbortController();
    const match = rejected(it.client().match({}, { signal: game.signal, onState: () => game.abort("left") }));
    assert.equal(await match, "left");
    assert.deepEqual(paths(it.requests), [START, STOP, STOP]);
    await nothingIsLeft(it);
  }));

test("an abort that comes too late is told by the stop's error, because the player has a place", () =>
  against(by({ [START]: pending({ TicketId: T, Status: "PLACING" }), [STOP]: problem(409, "MATCH_ALREADY_PLACING", { TicketId: T }) }), async (it) => {
    const game = new AbortController();
    const error = await rejected(it.client().match({}, { signal: game.signal, onState: () => game.abort("left") }));
    assert.deepEqual([error.code, error.members.TicketId], ["MATCH_ALREADY_PLACING", T]);
    await nothingIsLeft(it);
  }));

test("an abort before the search has a ticket waits for it, and stops it", () =>
  against(by({ [START]: [CUT, pending(searching(), 5)], [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
    const game = new AbortController();
    it.clock.setTimeout(() => game.abort("left"), 100);
    assert.equal(await rejected(it.client().match({}, { signal: game.signal })), "left");
    assert.deepEqual(paths(it.requests), [START, START, STOP]);
    assert.equal(new Set(it.requests.slice(0, 2).map(({ headers }) => headers["idempotency-key"])).size, 1);
    await nothingIsLeft(it);
  }));

test("an abort at any moment ends the search once, with its reason or the place, and leaves nothing", async () => {
  const ends = new Set();
  for (let at = 0; at <= 9000; at += 300) {
    let isStopped = false;
    const after = (time, answer) => async (request) => {
      if (isStopped) return cancelled();
      await it.clock.wait(time);
      return typeof answer === "function" ? answer(request) : answer;
    };
    let it;
    const script = by({
      [START]: after(700, pending(searching(offered()), 5)),
      [POLL]: after(700, () => (it.clock.now() > 7000 ? ok(SEAT) : pending(asking(), 1))),
      [ACCEPT]: after(700, ok({ TicketId: T, Status: "PLACING" })),
      [STOP]: () => {
        if (it.clock.now() > 6500) return problem(409, "MATCH_ALREADY_PLACING", { TicketId: T, Status: "PLACING" });
        isStopped = true;
        return ok({ TicketId: T, Status: "CANCELLED" });
      },
    });
    await against(
      (request, count) => {
        // Time goes on while this server thinks.
        it.clock.release();
        return script(request, count);
      },
      async (given) => {
        it = given;
        const { WebSocket, all } = sockets((_, socket) => {
          socket.say(searching());
          it.clock.setTimeout(() => socket.close(), 1000);
        });
        const game = new AbortController();
        it.clock.setTimeout(() => game.abort("left"), at);
        let settled = 0;
        const options = { signal: game.signal, onAcceptance: async () => (await it.clock.wait(500), true) };
        const match = it.client({ WebSocket }).match({}, options).finally(() => (settled += 1));
        ends.add(await match.then(({ Status }) => Status, (error) => error.code ?? error));
        assert.ok(all.every((socket) => socket.isClosed), `a socket is left after an abort at ${at}`);
        const count = it.requests.length;
        await it.clock.wait(10_000);
        assert.deepEqual([settled, it.requests.length], [1, count], `after an abort at ${at}`);
        await nothingIsLeft(it, all);
      },
    );
  }
  assert.deepEqual([...ends].sort(), ["COMPLETED", "MATCH_ALREADY_PLACING", "left"]);
});

test("two searches at once of one client each end for themselves", () =>
  against(by({ [START]: [pending(searching(offered(1)), 5), pending(searching(offered(2)), 5)], [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      socket.say(searching());
      it.clock.setTimeout(() => game.abort("left"), 2000);
      it.clock.setTimeout(() => !socket.isClosed && socket.say(cancelled().body), 3000);
    });
    const game = new AbortController();
    const client = it.client({ WebSocket });
    const [one, other] = await Promise.all([rejected(client.match({}, { signal: game.signal })), rejected(client.match())]);
    assert.deepEqual([one, other.code, other.members.Reason], ["left", "MATCHMAKING_CANCELLED", "STOPPED"]);
    assert.equal(all.length, 2);
    await nothingIsLeft(it, all);
  }));

test("a search that was refused needs no stop, and one that is aborted before is not begun", async () => {
  await against([problem(429, "RATE_LIMITED", { retry: 4000 }), problem(400, "INVALID_REQUEST")], async (it) => {
    const game = new AbortController();
    it.clock.setTimeout(() => game.abort("left"), 100);
    assert.equal(await rejected(it.client().match({}, { signal: game.signal })), "left");
    assert.deepEqual(paths(it.requests), [START, START]);
  });
  await against([ok(SEAT)], async ({ client, requests }) => {
    assert.equal(await rejected(client().match({}, { signal: AbortSignal.abort("left") })), "left");
    assert.equal(requests.length, 0);
  });
});

test("a search that takes longer than the game gives it is stopped", () =>
  against(by({ [START]: pending(searching(), 5), [POLL]: pending(searching(), 5), [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
    const error = await rejected(it.client().match({}, { deadlineMs: 12_000 }));
    assert.equal(error.code, "STILL_PENDING");
    assert.deepEqual(paths(it.requests), [START, POLL, POLL, STOP]);
    assert.equal(it.requests[3].at, 12_000);
    await nothingIsLeft(it);
  }));

test("a callback that fails stops the search and is its error", async () => {
  for (const name of ["onState", "onAcceptance"]) {
    await against(by({ [START]: pending(asking()), [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
      const fail = () => {
        throw new TypeError("the game is broken");
      };
      assert.match(String(await rejected(it.client().match({}, { [name]: fail }))), /the game is broken/);
      assert.deepEqual(paths(it.requests), [START, STOP]);
      await nothingIsLeft(it);
    });
  }
});

test("polls that fail wait longer each time, one poll after the other, until two minutes have passed", () =>
  against(by({ [START]: pending(searching(), 5), [POLL]: problem(503, "UPSTREAM_UNAVAILABLE", { retry: 1000 }) }), async (it) => {
    const error = await rejected(it.client().match());
    assert.equal(error.code, "UPSTREAM_UNAVAILABLE");
    assert.deepEqual(it.requests.map(({ at }) => at / 1000), [0, 5, 6, 7, 9, 13, 21, 37, 67, 97]);
    await nothingIsLeft(it);
  }));

test("a poll that fails now and then does no harm", () =>
  against(by({ [START]: pending(searching(), 5), [POLL]: [CUT, pending(searching(), 5), problem(429, "RATE_LIMITED", { retry: 4000 }), ok(SEAT)] }), async (it) => {
    assert.deepEqual(await it.client().match(), SEAT);
    assert.deepEqual(it.requests.map(({ at }) => at), [0, 5000, 5500, 10_500, 14_500]);
    await nothingIsLeft(it);
  }));

test("a proxy's word in place of a poll, and a provider that has no token, are no end of the search", () => {
  let asked = 0;
  const token = () => {
    asked += 1;
    if (asked === 3) throw new Error("the provider is out of reach");
    return "eyJ";
  };
  const login = { status: 403, body: "<html>Please log in to the network</html>" };
  return against(by({ [START]: pending(searching(), 5), [POLL]: [login, ok(SEAT)] }), async (it) => {
    assert.deepEqual(await it.client({ player: { token } }).match(), SEAT);
    assert.deepEqual(paths(it.requests), [START, POLL, POLL]);
    await nothingIsLeft(it);
  });
});

test("polls come neither all the time nor never, whatever an answer says", async () => {
  for (const [seconds, wait] of [[0, 1000], [86_400, 30_000]]) {
    await against(by({ [START]: pending(searching(), seconds), [POLL]: [pending(searching(), seconds), ok(SEAT)] }), async (it) => {
      await it.client().match();
      assert.deepEqual(it.requests.map(({ at }) => at), [0, wait, 2 * wait]);
    });
  }
});

test("an error of a search has its key", async () => {
  const lost = { [START]: pending(searching(), 5), [POLL]: CUT, [STOP]: CUT };
  for (const answers of [lost, { ...lost, [POLL]: cancelled() }, { [START]: problem(400, "INVALID_REQUEST") }]) {
    await against(by(answers), async (it) => {
      assert.equal((await rejected(it.client().match({}, { key: "round-7" }))).key, "round-7");
    });
  }
  await against(by(lost), async (it) => {
    assert.match((await rejected(it.client().match())).key, /^[0-9a-f-]{36}$/);
    const late = await rejected(it.client().match({}, { key: "round-8", deadlineMs: 4000 }));
    assert.equal(late.key, "round-8");
  });
});

test("a match whose place cannot be asked for has not failed: the key leads to it", () => {
  let isFound = false;
  const script = by({ [START]: () => (isFound ? ok(SEAT) : pending(asking())), [ACCEPT]: () => ((isFound = true), ok({ TicketId: T, Status: "COMPLETED" })), [POLL]: CUT });
  return against(script, async (it) => {
    const { code, retryable, key } = await rejected(it.client().match({}, { onAcceptance: () => true }));
    assert.deepEqual([code, retryable], ["NO_ANSWER", true]);
    assert.deepEqual(await it.client().match({}, { key }), SEAT);
  });
});

test("a signal's reason is the game's own object, also if it is an error of Liftgate's", () =>
  against(by({ [START]: pending(searching(), 5), [STOP]: ok({ TicketId: T, Status: "CANCELLED" }) }), async (it) => {
    const reason = new LiftgateError({ code: "SESSION_FULL", message: "", status: 409, retryable: false });
    const game = new AbortController();
    assert.equal(await rejected(it.client().match({}, { signal: game.signal, onState: () => game.abort(reason) })), reason);
  }));

test("a socket that fails and stays open is closed", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: [ok(SEAT)] }), async (it) => {
    const { WebSocket, all } = sockets((_, socket) => {
      socket.say(searching());
      socket.dispatchEvent(new Event("error"));
    });
    assert.deepEqual(await it.client({ WebSocket }).match(), SEAT);
    await nothingIsLeft(it, all);
  }));

test("a socket that opens after it was given up says nothing, and those that never open come ever later", () =>
  against(by({ [START]: pending(searching(offered()), 5), [POLL]: ({ at }) => (at > 120_000 ? ok(SEAT) : pending(searching(offered()), 5)) }), async (it) => {
    const { WebSocket, all } = sockets(() => {}, { opens: false });
    // As in a tab in the background, a timer ends late.
    const clock = { ...it.clock, now: () => it.clock.now(), setTimeout: (run, wait) => it.clock.setTimeout(run, wait + 20), clearTimeout: (timer) => it.clock.clearTimeout(timer) };
    assert.deepEqual(await it.client({ WebSocket, clock }).match(), SEAT);
    assert.ok(all.length >= 4 && all.length <= 7, `${all.length} sockets`);
    for (const socket of all) socket.dispatchEvent(new Event("open"));
    assert.deepEqual(all.flatMap(({ sent }) => sent), []);
    await nothingIsLeft(it, all);
  }));

test("waits have jitter", () =>
  against(by({ [START]: pending(searching(), 5), [POLL]: [ok(SEAT)] }), async ({ client, requests }) => {
    await client({ random: () => 1 }).match();
    assert.equal(requests[1].at, 6250);
  }));
