"use strict";
// A player who looks for a match: one search, its news over a socket or, where none can be had, by polls.
const COLOURS = {
  QUEUED: "warn", SEARCHING: "warn", REQUIRES_ACCEPTANCE: "warn", PLACING: "warn",
  COMPLETED: "good", CANCELLED: "quiet", TIMED_OUT: "bad", FAILED: "bad",
};
const ENDS = ["COMPLETED", "CANCELLED", "TIMED_OUT", "FAILED"];
// With a socket a poll is for news that got lost, and a match may have to be accepted within seconds.
const POLL_WITH_SOCKET = 10_000;
// A socket that says nothing for so long, or ends so soon, is none.
const FIRST_WORD = 10_000;
// Where no answer says when to come back.
const RETRY_SECONDS = 5;

// The tab's search: { player, body, key, startedAt, steps, ticket, state }. A reload goes on with it.
let search = sessionStorage.search ? JSON.parse(sessionStorage.search) : null;
let socket = null;
// What this world has: { Tokens, Configurations, Attributes }.
let world = { Tokens: false, Configurations: [], Attributes: [] };
let busy = false;

// A new tab is a new player.
$("player").value = sessionStorage.player || `player-${random(4)}`;
const keepPlayer = () => { sessionStorage.player = $("player").value.trim(); show(); };
$("player").addEventListener("input", keepPlayer);

$("find").onclick = () => once(find);
$("stop").onclick = () => once(stop);
$("accept").onclick = () => once(() => answerMatch(true));
$("reject").onclick = () => once(() => answerMatch(false));

// One request of a button at a time.
async function once(action) {
  busy = true;
  show();
  try {
    await action();
  } finally {
    busy = false;
    show();
  }
}

function random(bytes) {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const isOver = (one) => ENDS.includes(one?.state?.Status);
const canPlay = () => world.Tokens && world.Configurations.length > 0;
const hasAnswered = ({ state, player }) => Object.hasOwn(state?.Accepted ?? {}, player);
const isLive = (one) => Boolean(one) && !isOver(one);

// Begins a search. Its key leads to the same ticket however often the request has to be sent.
function find() {
  const body = { configuration: $("configuration").value, attributes: attributes() };
  search = { player: $("player").value.trim(), body, key: random(16), startedAt: Date.now(), steps: [] };
  keep();
  say("");
  begin(search);
}

async function begin(mine) {
  for (;;) {
    const headers = { Prefer: "respond-async", "Idempotency-Key": mine.key };
    const answer = await call(mine, "/start_matchmaking", mine.body, headers);
    if (answer.body?.TicketId && answer.body.Status) {
      mine.ticket = answer.body.TicketId;
      if (mine.isUnwanted) once(stop);
      return follow(mine, answer, "answer");
    }
    // Also one that nobody wants any more: without an answer there may be a ticket, and it has to be stopped.
    if (!mayPass(answer)) return forget(answer);
    const seconds = answer.retryAfter ?? RETRY_SECONDS;
    complain(answer, `Asking again in ${seconds} s.`);
    await sleep(1000 * seconds);
  }
}

// Hears of a search until it ends: over a socket, with a poll now and then, or by polls as far apart as the answers
// say. After a socket that failed or was short, the next one waits a second, then two, up to thirty.
async function follow(mine, answer, via) {
  let [short, connectAt, isTrouble] = [0, 0, false];
  for (;;) {
    hear(mine, answer.body, via);
    if (isOver(mine)) return;
    if (!answer.ok && !mayPass(answer)) return forget(answer);
    if (!answer.ok) complain(answer);
    else if (isTrouble) say("");
    isTrouble = !answer.ok;

    const polledAt = performance.now();
    const retryIn = 1000 * (answer.retryAfter ?? RETRY_SECONDS);
    const url = answer.body?.Socket?.Url;
    if (!socket && url && connectAt - polledAt <= retryIn) {
      await sleep(connectAt - polledAt);
      if (!isOver(mine)) connect(mine, url);
    }
    const current = socket;
    if (current) {
      const openedAt = performance.now();
      await Promise.race([current.closed, sleep(POLL_WITH_SOCKET)]);
      const isShort = socket !== current && performance.now() - openedAt < FIRST_WORD;
      short = isShort ? short + 1 : 0;
      connectAt = performance.now() + 1000 * (short && Math.min(30, 2 ** (short - 1)));
    }
    // The end of a socket may have hidden news: a poll at once. One that never said a word has hidden none.
    if (!current?.isHeard) await sleep(polledAt + retryIn - performance.now());
    if (isOver(mine)) return;
    answer = await describe(mine);
    via = "poll";
  }
}

function describe(mine) {
  return call(mine, `/describe_matchmaking?TicketId=${encodeURIComponent(mine.ticket)}`);
}

function connect(mine, url) {
  let web;
  // Some browsers let a page that came by https open no socket of this machine. It polls.
  try { web = new WebSocket(url); } catch { return; }
  const own = { web, isHeard: false };
  own.closed = new Promise((done) => { web.onclose = done; });
  own.closed.then(() => { if (socket === own) socket = null; show(); });
  web.onopen = () => {
    const message = { action: "resume", TicketId: mine.ticket };
    web.send(JSON.stringify(message));
    logged("socket → resume", message);
  };
  web.onmessage = ({ data }) => {
    own.isHeard = true;
    let news = null;
    try { news = JSON.parse(data); } catch { /* What is no JSON is shown as it is. */ }
    logged(`socket ← ${news?.error?.code ?? news?.Status ?? "a message"}`, news ?? data);
    hear(mine, news, "socket");
    show();
  };
  setTimeout(() => { if (!own.isHeard) web.close(); }, FIRST_WORD);
  socket = own;
  show();
}

function disconnect() {
  socket?.web.close();
  socket = null;
}

// Takes the state of a search, whoever tells it. What comes after its end is old, and so is a smaller version: pushes may
// overtake each other.
function hear(mine, state, via) {
  if (isOver(mine) || !state?.Status || state.TicketId !== mine.ticket || state.Version < mine.state?.Version) return;
  const { Socket: _, ...kept } = state;
  mine.state = kept;
  const last = mine.steps.at(-1);
  if (last?.status === state.Status) last.text = words(mine);
  else mine.steps.push({ status: state.Status, text: words(mine), via, after: Date.now() - mine.startedAt });
  keep();
  if (isOver(mine)) disconnect();
}

function words(mine) {
  const { state } = mine;
  switch (state.Status) {
    case "QUEUED":
      return state.Place ? `place ${state.Place} in the line` : "on its way to FlexMatch";
    case "SEARCHING":
      return "EstimatedWaitSeconds" in state ? `about ${state.EstimatedWaitSeconds} s to wait` : "looking for players";
    case "REQUIRES_ACCEPTANCE": {
      const own = hasAnswered(mine) ? "you have answered" : "you have not answered";
      return `${state.AcceptedPlayers ?? 0} of ${state.MatchedPlayers ?? "the"} players have accepted, ${own}`;
    }
    case "PLACING":
      return "the queue looks for a game server";
    case "COMPLETED":
      return `${state.Team ? `team ${state.Team}, ` : ""}${state.IpAddress}:${state.Port}`;
    default:
      return state.detail ?? "the search has ended";
  }
}

async function stop() {
  const mine = search;
  // Without an answer nobody knows whether there is a ticket. The answer brings it, and then it is stopped.
  if (!mine.ticket) {
    mine.isUnwanted = true;
    keep();
    return say("The search is stopped as soon as it has a ticket.");
  }
  const answer = await call(mine, "/stop_matchmaking", { TicketId: mine.ticket });
  hear(mine, answer.body, "answer");
  if (!answer.ok) complain(answer);
  else if (answer.status === 202) say("The search ends as soon as GameLift knows it.");
}

async function answerMatch(accept) {
  const mine = search;
  const answer = await call(mine, "/accept_match", { TicketId: mine.ticket, accept });
  // The socket may have told of more meanwhile, but of no more than an end.
  if (mine.state.Status === "REQUIRES_ACCEPTANCE" || ENDS.includes(answer.body?.Status)) hear(mine, answer.body, "answer");
  if (!answer.ok) complain(answer);
}

// Calls the HTTP API as the search's player, whose token is made for the call. Without an answer, `status` is 0.
async function call(mine, path, body, headers = {}) {
  const method = body === undefined ? "GET" : "POST";
  const started = performance.now();
  const entry = log(`${method} ${path}`, body);
  const end = (status, ok, text, retryAfter) => {
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* What is no JSON is shown as it is. */ }
    entry(status || "no answer", answer ?? text, performance.now() - started);
    return { ok, status, body: answer, text, retryAfter };
  };
  try {
    const signal = AbortSignal.timeout(30_000);
    const token = await fetch(`/_local/token?player=${encodeURIComponent(mine.player)}`, { signal });
    const Authorization = `Bearer ${token.ok ? await token.text() : ""}`;
    const typed = body === undefined ? {} : { "Content-Type": "application/json" };
    const sent = { method, headers: { Authorization, ...typed, ...headers }, body: JSON.stringify(body), signal };
    const response = token.ok ? await fetch(path, sent) : token;
    const seconds = Number(response.headers.get("Retry-After"));
    return end(response.status, response.ok, await response.text(), seconds || null);
  } catch (error) {
    return end(0, false, `The local world does not answer: ${error.message}`, null);
  }
}

// Whether the same request may be answered otherwise later.
function mayPass(answer) {
  return answer.status === 0 || answer.body?.error?.retryable === true;
}

function complain({ status, body, text }, more = "") {
  const problem = body?.error ? `${status} ${body.error.code}: ${body.detail ?? body.error.message}` : text;
  say(`${problem} ${more}`.trim(), "bad");
}

// The search is none: it was refused, or a world that was started again does not know it.
function forget(answer) {
  search = null;
  keep();
  disconnect();
  complain(answer);
  show();
}

function keep() {
  if (search) sessionStorage.search = JSON.stringify(search);
  else delete sessionStorage.search;
  show();
}

// The attributes that have a value: JSON, such as a number or a list, or else a text.
function attributes() {
  const value = (text) => { try { return JSON.parse(text); } catch { return text; } };
  const inputs = [...$("attributes").querySelectorAll("input")].filter((input) => input.value.trim());
  return Object.fromEntries(inputs.map((input) => [input.name, value(input.value.trim())]));
}

function show() {
  const state = search?.state;
  const live = isLive(search);
  const isAsked = live && state?.Status === "REQUIRES_ACCEPTANCE" && !hasAnswered(search);
  $("status").textContent = state?.Status ?? (search ? "asking" : "no search");
  $("status").className = COLOURS[state?.Status] ?? "quiet";
  $("player").disabled = live;
  $("find").disabled = busy || live || !canPlay() || !$("player").value.trim();
  $("find").classList.toggle("main", !live);
  $("stop").disabled = busy || !live;
  $("answering").hidden = !isAsked;
  for (const name of ["accept", "reject"]) $(name).disabled = busy;
  $("news").textContent = !live || !search.ticket ? "none" : !socket ? "polls" : socket.isHeard ? "socket" : "polls, a socket soon";
  $("ticket").textContent = search?.ticket ?? "none";
  $("none").hidden = Boolean(search);
  $("hint").hidden = !live || state?.Status !== "SEARCHING";
  $("steps").replaceChildren(...(search?.steps ?? []).map(step));
  showMatch(state?.Status === "COMPLETED" ? state : null);
}

function step({ status, text, via, after }) {
  const entry = document.createElement("li");
  const part = (name, content, colour) => {
    const element = document.createElement(name);
    element.textContent = content;
    element.className = colour;
    return element;
  };
  const when = `${(after / 1000).toFixed(1)} s, ${via}`;
  entry.append(part("b", status, COLOURS[status] ?? ""), part("span", text, ""), part("small", when, "quiet"));
  return entry;
}

function showMatch(seat) {
  $("match").hidden = !seat;
  if (!seat) return;
  const until = seat.ReservationExpiresAt && new Date(seat.ReservationExpiresAt).toLocaleTimeString();
  const rows = {
    Player: seat.PlayerId, Team: seat.Team, Address: `${seat.IpAddress}:${seat.Port}`,
    "Player session": seat.PlayerSessionId, "Kept until": until, "Game session": seat.GameSessionId, Match: seat.MatchId,
  };
  const known = Object.entries(rows).filter(([, value]) => value);
  $("seat").replaceChildren(...known.flatMap(([name, value]) => {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, text.textContent] = [name, value];
    return [term, text];
  }));
  $("connect").textContent = `nc ${seat.IpAddress} ${seat.Port}\nJOIN ${seat.PlayerSessionId}`;
}

function option(name) {
  const element = document.createElement("option");
  element.textContent = name;
  return element;
}

function attribute(name) {
  const [label, input] = [document.createElement("label"), document.createElement("input")];
  [input.name, input.autocomplete] = [name, "off"];
  input.placeholder = "left out";
  label.append(`${name} `, input);
  return label;
}

// A tab that was reloaded goes on with its search, also with one whose answer it has not seen.
async function resume() {
  try {
    world = await (await fetch("/match/world")).json();
  } catch (error) {
    return say(`The local world does not answer: ${error.message}`, "bad");
  }
  $("configuration").replaceChildren(...world.Configurations.map(option));
  $("choosing").hidden = world.Configurations.length < 2;
  $("attributes").replaceChildren(...world.Attributes.map(attribute));
  if (!canPlay()) say(`This world has no ${world.Tokens ? "matchmaking" : "tokens for this page, only your issuer has"}.`, "bad");
  show();
  const mine = search;
  if (!isLive(mine)) return;
  if (!mine.ticket) return begin(mine);
  follow(mine, await describe(mine), "poll");
}

keepPlayer();
resume();
