// Whose token a call has, and when it is renewed.

import assert from "node:assert/strict";
import test from "node:test";

import { against, CUT, ok, problem, rejected } from "./harness.mjs";

const QUARTER = 900;
const GUEST = { GuestId: "g-1", GuestSecret: "secret-1" };

/** A server whose sign-ins give `access-1`, `access-2` and so on; `refuse` may answer in their place. */
function signsIn(refuse = () => undefined) {
  let count = 0;
  return (request) => {
    const refused = refuse(request);
    if (refused) return refused;
    if (request.path !== "/sign_in") return ok({ PlayerSessionId: "psess-1" });
    count += 1;
    const isNew = request.body.provider === "guest" && request.body.guest_id === undefined;
    const tokens = { AccessToken: `access-${count}`, RefreshToken: `refresh-${count}`, ExpiresIn: QUARTER, PlayerId: "guest:g-1" };
    return ok({ ...tokens, ...(isNew && GUEST) });
  };
}

const guest = (more = {}) => ({ player: { guest: null, ...more } });
const signIns = (requests) => requests.filter(({ path }) => path === "/sign_in");
const bearers = (requests) => requests.filter(({ path }) => path !== "/sign_in").map(({ headers }) => headers.authorization);

test("a new guest signs in once, also for calls at the same time, and is told of once", () =>
  against(signsIn(), async ({ client, requests }) => {
    const told = [];
    const player = client(guest({ onNewGuest: (one) => told.push(one) }));
    await Promise.all([player.joinSession(), player.joinSession(), player.playerId()]);
    assert.equal(await player.playerId(), "guest:g-1");
    assert.deepEqual(signIns(requests).map(({ body }) => body), [{ provider: "guest" }]);
    assert.equal(signIns(requests)[0].headers.authorization, undefined);
    assert.deepEqual(bearers(requests), ["Bearer access-1", "Bearer access-1"]);
    assert.deepEqual(told, [GUEST]);
  }));

test("a guest who is known signs in with id and secret", () =>
  against(signsIn(), async ({ client, requests }) => {
    await client(guest({ guest: GUEST })).joinSession();
    assert.deepEqual(requests[0].body, { provider: "guest", guest_id: "g-1", guest_secret: "secret-1" });
  }));

test("a player of Steam signs in with a new ticket", () =>
  against(signsIn(), async ({ client, requests }) => {
    await client({ player: { steamTicket: async () => "1400" } }).joinSession();
    assert.deepEqual(requests[0].body, { provider: "steam", ticket: "1400" });
  }));

test("after two thirds of its life a token is renewed, with itself in the header, once for all calls", () =>
  against(signsIn(), async ({ client, requests, clock }) => {
    const player = client(guest());
    await player.joinSession();
    await clock.wait(599_000);
    await player.joinSession();
    await clock.wait(1000);
    await Promise.all([player.joinSession(), player.joinSession()]);
    const [, refresh, ...more] = signIns(requests);
    assert.deepEqual(refresh.body, { provider: "refresh", refresh_token: "refresh-1" });
    assert.equal(refresh.headers.authorization, "Bearer access-1");
    assert.deepEqual(more, []);
    assert.deepEqual(bearers(requests).map((it) => it.slice(-1)), ["1", "1", "2", "2"]);
  }));

test("a good token goes on being used while it cannot be renewed, and the renewal waits as it is told", () =>
  against(
    signsIn(({ body, path }) => (path === "/sign_in" && body.provider === "refresh" ? problem(503, "UPSTREAM_UNAVAILABLE", { retry: 20_000 }) : undefined)),
    async ({ client, requests, clock }) => {
      const player = client(guest());
      await player.joinSession();
      await clock.wait(601_000);
      for (let second = 0; second < 30; second += 1) {
        await player.joinSession();
        await clock.wait(1000);
      }
      assert.equal(bearers(requests).length, 31);
      assert.deepEqual(new Set(bearers(requests)), new Set(["Bearer access-1"]));
      assert.equal(signIns(requests).length, 3, "one sign-in, and two tries to renew");
      await clock.wait(300_000);
      assert.equal((await rejected(player.joinSession({}, { deadlineMs: 15_000 }))).code, "UPSTREAM_UNAVAILABLE");
    },
  ));

test("a sign-in that fails is repeated by the call that needs it, and by nobody else", () => {
  let failures = 0;
  const refuse = ({ path }) => (path === "/sign_in" && ++failures <= 3 ? problem(503, "UPSTREAM_UNAVAILABLE", { retry: 1000 }) : undefined);
  return against(signsIn(refuse), async ({ client, requests }) => {
    await client(guest()).joinSession();
    assert.deepEqual(requests.map(({ at }) => at), [0, 1000, 2000, 4000, 4000]);
  });
});

test("a refresh token that is refused makes the player sign in again, without the header", () =>
  against(
    signsIn(({ body, path }) => (path === "/sign_in" && body.provider === "refresh" ? problem(403, "SIGN_IN_REFUSED") : undefined)),
    async ({ client, requests, clock }) => {
      const player = client(guest());
      await player.joinSession();
      await clock.wait(601_000);
      await player.joinSession();
      const [, refresh, again] = signIns(requests);
      assert.equal(refresh.body.provider, "refresh");
      assert.deepEqual(again.body, { provider: "guest", guest_id: "g-1", guest_secret: "secret-1" });
      assert.equal(again.headers.authorization, undefined);
      assert.equal(bearers(requests).at(-1), "Bearer access-2");
    },
  ));

test("a 401 is renewed and repeated once, and a second one is final", () => {
  const refuse = ({ path, headers }) => (path !== "/sign_in" && headers.authorization === "Bearer access-1" ? problem(401, "UNAUTHENTICATED") : undefined);
  return against(signsIn(refuse), async ({ client, requests }) => {
    await client(guest()).joinSession();
    assert.deepEqual(bearers(requests), ["Bearer access-1", "Bearer access-2"]);
  }).then(() =>
    against(signsIn(({ path }) => (path !== "/sign_in" ? problem(401, "UNAUTHENTICATED") : undefined)), async ({ client, requests }) => {
      assert.equal((await rejected(client(guest()).joinSession())).code, "UNAUTHENTICATED");
      assert.deepEqual([bearers(requests).length, signIns(requests).length], [2, 2]);
    }),
  );
});

test("a renewal after a 401 that fails is made again, because a network that comes back late is no refusal", () => {
  let failures = 0;
  const refuse = ({ path, headers, body }) => {
    if (path === "/sign_in") return body.provider === "refresh" && ++failures === 1 ? CUT : undefined;
    return headers.authorization === "Bearer access-1" ? problem(401, "UNAUTHENTICATED") : undefined;
  };
  return against(signsIn(refuse), async ({ client, requests }) => {
    await client(guest()).joinSession();
    assert.deepEqual(bearers(requests), ["Bearer access-1", "Bearer access-1", "Bearer access-2"]);
  });
});

test("calls whose sign-in fails together have each their own key", () =>
  against([problem(403, "SIGN_IN_REFUSED")], async ({ client, requests }) => {
    const player = client(guest());
    const [one, other] = await Promise.all(["one", "other"].map((key) => rejected(player.joinSession({}, { key }))));
    assert.deepEqual([one.key, other.key, one.code, requests.length], ["one", "other", "SIGN_IN_REFUSED", 1]);
  }));

test("a function that gives no ticket holds up a call until its deadline, and no later call", () => {
  let asked = 0;
  const steamTicket = () => (++asked === 1 ? new Promise(() => {}) : "1400");
  return against(signsIn(), async ({ client, clock }) => {
    const player = client({ player: { steamTicket } });
    assert.equal((await rejected(player.joinSession({}, { deadlineMs: 10_000 }))).code, "NO_ANSWER");
    assert.equal(clock.now(), 10_000);
    await player.joinSession();
    assert.equal(asked, 2);
  }).then(() =>
    against(signsIn(), async ({ client, clock }) => {
      const player = client({ player: { token: () => new Promise(() => {}) } });
      assert.equal((await rejected(player.joinSession())).code, "NO_ANSWER");
      assert.ok(clock.now() <= 90_000);
    }),
  );
});

test("what a function of the game throws is the call's error, once", () => {
  const gone = new Error("signed out");
  const fails = () => {
    throw gone;
  };
  return against(signsIn(), async ({ client, requests }) => {
    assert.equal(await rejected(client({ player: { token: fails } }).joinSession()), gone);
    assert.equal(await rejected(client({ player: { steamTicket: fails } }).joinSession()), gone);
    assert.equal(requests.length, 0);
    // The guest is known all the same.
    const player = client(guest({ onNewGuest: fails }));
    assert.equal(await rejected(player.joinSession()), gone);
    await player.joinSession();
    assert.equal(signIns(requests).length, 1);
  });
});

test("a provider's token is asked for again when it is refused, and final when it is the same", () => {
  const refuse = ({ headers }) => (headers.authorization === "Bearer old" ? problem(401, "UNAUTHENTICATED") : undefined);
  return against(signsIn(refuse), async ({ client, requests }) => {
    await client({ player: { token: (wasRefused) => (wasRefused ? "new" : "old") } }).joinSession();
    assert.deepEqual(bearers(requests), ["Bearer old", "Bearer new"]);
    assert.equal((await rejected(client({ player: { token: "old" } }).joinSession())).code, "UNAUTHENTICATED");
    assert.equal(requests.length, 3);
  });
});

test("a call without a token of its own is not renewed", () =>
  against([problem(401, "UNAUTHENTICATED")], async ({ client, requests }) => {
    assert.equal((await rejected(client().joinSession())).code, "UNAUTHENTICATED");
    assert.equal(requests.length, 1);
  }));

test("signIn repeats as other calls do, and has a token with a refresh only", () => {
  let failures = 0;
  const refuse = () => (++failures === 1 ? problem(429, "RATE_LIMITED", { retry: 4000 }) : undefined);
  return against(signsIn(refuse), async ({ client, requests }) => {
    const { AccessToken, RefreshToken } = await client().signIn({ provider: "guest" });
    await client().signIn({ provider: "refresh", refresh_token: RefreshToken }, AccessToken);
    assert.deepEqual(requests.map(({ at }) => at), [0, 4000, 4000]);
    assert.deepEqual(requests.map(({ headers }) => headers.authorization), [undefined, undefined, "Bearer access-1"]);
  });
});
