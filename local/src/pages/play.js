"use strict";
const COLOURS = { CONNECTED: "good", ACTIVE: "warn", ACTIVATING: "warn", PENDING_CLIENT_RECONNECTION: "warn", RECONNECTING: "warn", ERROR: "bad" };
const LIVE = ["ACTIVATING", "ACTIVE", "CONNECTED", "PENDING_CLIENT_RECONNECTION", "RECONNECTING"];
let connection = null;
let busy = false;
// The stream session's status, as it was last seen.
let status = null;
// Whether this world lets guests sign in, and whether it asks for a token. The guest's token stays in this tab.
let identity = { SignIn: false, TokenNeeded: false };
let token = null;

// A new tab knows the player and the stream session of the last one.
$("player").value = localStorage.player || `player-${Math.random().toString(36).slice(2, 8)}`;
$("session").value = localStorage.session || "";
for (const name of ["player", "session"]) {
  const keep = () => { localStorage[name] = $(name).value.trim(); controls(); };
  $(name).addEventListener("input", keep);
  keep();
}

$("signin").onclick = () => once(signIn);
$("signout").onclick = () => { delete localStorage.guest; signedOut(); say("Signed out. The guest is gone: its secret was kept in this browser only."); };
$("find").onclick = () => once(find);
$("create").onclick = () => once(create);
$("start").onclick = () => once(() => open({}));
$("reconnect").onclick = () => once(reconnect);
$("takeover").onclick = () => once(takeOver);
$("replace").onclick = () => once(() => open({ stream_session_id: $("session").value.trim(), intent: "new" }));
$("drop").onclick = () => { close(); say("The page has closed its connection. Reconnect goes on with the same stream session."); };
$("end").onclick = () => once(end);
// A tab that is closed says goodbye; one that crashes is missed after some seconds.
addEventListener("pagehide", () => close());

// One thing at a time: each changes the stream session.
async function once(action) {
  busy = true;
  controls();
  try {
    await action();
  } catch (error) {
    say(String(error.message || error), "bad");
  }
  busy = false;
  controls();
}

// GameLift Streams lets one client in at a time and takes no stream from a client that has it. So the tabs of this
// browser hand it over: the one that shows it closes its connection for the one that asks.
const tabs = new BroadcastChannel("liftgate-play");
tabs.addEventListener("message", ({ data }) => {
  if (!data.asksFor || connection?.session !== data.asksFor) return;
  close();
  say("Another tab of this browser has taken the stream over.");
  tabs.postMessage({ leaves: data.asksFor });
});

async function takeOver() {
  const session = $("session").value.trim();
  const left = new Promise((done) => {
    const heard = ({ data }) => { if (data.leaves === session) done(true); };
    tabs.addEventListener("message", heard);
    setTimeout(() => { tabs.removeEventListener("message", heard); done(false); }, 1000);
  });
  tabs.postMessage({ asksFor: session });
  if (await left) return open({ stream_session_id: session, intent: "reconnect" });
  say("No other tab of this browser shows the stream. Close it where it is shown and press Reconnect, or end it.", "bad");
}

// A tab that was in the stream and was reloaded waits until its leaving is noticed. Any other wants to be told soon
// that a client is connected.
function reconnect() {
  const stream_session_id = $("session").value.trim();
  return open({ stream_session_id }, sessionStorage.session === stream_session_id ? {} : { Prefer: "wait=2" });
}

// Starts a stream session or, with its id, connects to it.
async function open(more, headers = {}) {
  close();
  say("Asking for a stream…");
  const mine = connection = connect();
  const offer = await mine.rtc.createOffer();
  await mine.rtc.setLocalDescription(offer);
  const signal_request = JSON.stringify({ type: offer.type, sdp: offer.sdp });
  const answer = await call("/reconnect_stream", { ...player(), signal_request, ...more }, headers);
  if (lastCode === "STREAM_NOT_FOUND") forget(more.stream_session_id);
  if (!answer || connection !== mine) return close(mine);
  $("session").value = localStorage.session = sessionStorage.session = mine.session = answer.StreamSessionId;
  await mine.rtc.setRemoteDescription({ type: "answer", sdp: JSON.parse(answer.SignalResponse).sdp });
  say(`${answer.Outcome} ${answer.Location ? `in ${answer.Location}` : ""}`);
}

async function end() {
  const stream_session_id = $("session").value.trim();
  const answer = await call("/terminate_stream", { ...player(), stream_session_id });
  if (lastCode === "STREAM_NOT_FOUND") forget(stream_session_id);
  if (answer) {
    close();
    say("The stream session ends.");
  }
}

// Who names an id that is none of the player's, again and again, is held up for a moment. So one that is over is named
// no more, and the next tab does not know it.
function forget(id) {
  if (!id || $("session").value.trim() !== id) return;
  $("session").value = localStorage.session = "";
  controls();
}

// The client's end, as the Web SDK sets it up: it receives audio and video and sends input.
function connect() {
  const rtc = new RTCPeerConnection();
  rtc.addTransceiver("audio", { direction: "recvonly" });
  rtc.addTransceiver("video", { direction: "recvonly" });
  const input = rtc.createDataChannel("inputChannel", { ordered: false, maxRetransmits: 0 });
  const mine = { rtc, input, sent: new Map(), ended: undefined };
  input.onmessage = (event) => {
    const { number, serverDisconnect } = JSON.parse(event.data);
    // Just before the end, the emulator says why.
    mine.ended ??= serverDisconnect;
    if (mine.sent.has(number)) $("echo").textContent = `${(performance.now() - mine.sent.get(number)).toFixed(1)} ms`;
    mine.sent.delete(number);
  };
  input.onclose = () => {
    if (connection !== mine) return;
    close(mine);
    say(mine.ended ? `The stream session has ended: ${mine.ended}.` : "The service has closed the connection.");
  };
  rtc.ontrack = (event) => { if (event.track.kind === "video") $("video").srcObject = new MediaStream([event.track]); };
  rtc.onconnectionstatechange = () => {
    if (connection !== mine) return;
    if (rtc.connectionState === "failed") { close(mine); say("The connection was lost.", "bad"); }
    controls();
  };
  return mine;
}

function close(which = connection) {
  which?.rtc.close();
  if (which === connection) {
    connection = null;
    // It is about to be.
    if (status === "CONNECTED") status = "PENDING_CLIENT_RECONNECTION";
  }
  $("video").srcObject = null;
  controls();
}

let number = 0;
function press(kind, event) {
  const input = connection?.input;
  if (input?.readyState !== "open") return;
  number += 1;
  if (connection.sent.size > 100) connection.sent.clear();
  connection.sent.set(number, performance.now());
  input.send(JSON.stringify({ number, kind, code: event.code, x: event.offsetX, y: event.offsetY }));
}
for (const kind of ["keydown", "pointerdown"]) $("video").addEventListener(kind, (event) => press(kind, event));

// The player as the HTTP API takes it: a token says it by itself.
function player() {
  return token ? {} : { uuid: $("player").value.trim() };
}

// A guest's id and secret are made once and kept, as a game keeps them. A world that was started again does not know
// them.
async function signIn() {
  const known = localStorage.guest ? JSON.parse(localStorage.guest) : null;
  let answer = await ask("/sign_in", { provider: "guest", ...known });
  if (!answer && known) answer = await ask("/sign_in", { provider: "guest" });
  if (!answer) return false;
  if (answer.GuestSecret) localStorage.guest = JSON.stringify({ guest_id: answer.GuestId, guest_secret: answer.GuestSecret });
  token = { text: answer.AccessToken, until: performance.now() + 1000 * (answer.ExpiresIn - 30) };
  $("player").value = answer.PlayerId;
  say("Signed in.");
  controls();
  return true;
}

function signedOut() {
  token = null;
  $("player").value = localStorage.player;
  controls();
}

async function authorization() {
  if (token && performance.now() > token.until) await signIn();
  return token ? { Authorization: `Bearer ${token.text}` } : {};
}

async function find() {
  const sessions = await call("/find_session", undefined);
  if (!sessions) return;
  const line = (session) => {
    const [entry, join] = [document.createElement("li"), document.createElement("button")];
    entry.textContent = `${session.Name || session.GameSessionId}, ${session.CurrentPlayerSessionCount} of ${session.MaximumPlayerSessionCount} players`;
    join.textContent = "Join";
    join.onclick = () => once(() => enter("/join_session", { GameSessionId: session.GameSessionId }));
    entry.append(join);
    return entry;
  };
  $("found").replaceChildren(...sessions.map(line));
  say(sessions.length ? "Found." : "No game session is open. Create one.");
}

function create() {
  return enter("/create_session", { session_name: `Game of ${$("player").value.trim()}`.slice(0, 60), num_connections: 4 });
}

async function enter(path, body) {
  say("Asking for a slot…");
  const slot = await call(path, { ...player(), ...body });
  if (slot) say(`${slot.Status}: connect to ${slot.IpAddress}:${slot.Port} within 60 s with ${slot.PlayerSessionId}`);
}

// Calls the HTTP API. A token that is not taken any more, as after a new start of the world, is replaced once.
async function call(path, body, headers = {}) {
  const before = token;
  const answer = await ask(path, body, { ...(await authorization()), ...headers });
  if (answer || lastStatus !== 401 || !before) return answer;
  token = null;
  if (!(await signIn())) return null;
  return ask(path, body, { ...(await authorization()), ...headers });
}

// Sends one request, a GET without a body, and shows both sides. While the answer is 202, it is repeated; a request too
// many during that wait is none that failed, unless all are for a minute.
let lastStatus = 0;
let lastCode = "";
async function ask(path, body, headers = {}) {
  const sent = body === undefined
    ? { headers }
    : { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
  for (let isWaiting = false, refusedSince = null; ;) {
    const started = performance.now();
    const entry = log(`${sent.method ?? "GET"} ${path}`, body);
    const response = await fetch(path, sent);
    lastStatus = response.status;
    const text = await response.text();
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* What is no JSON is shown as it is. */ }
    entry(response.status, answer ?? text, performance.now() - started);
    lastCode = answer?.error?.code ?? "";
    isWaiting ||= response.status === 202;
    refusedSince = lastCode === "RATE_LIMITED" ? (refusedSince ?? started) : null;
    const isPatient = refusedSince === null || started - refusedSince < 60_000;
    if (response.status === 202 || (isWaiting && lastCode === "RATE_LIMITED" && isPatient)) {
      say(`${(lastCode || answer?.Status) ?? "not yet"}: asking again`);
      await sleep(1000 * (Number(response.headers.get("Retry-After")) || 2));
    } else if (response.ok) {
      return answer;
    } else {
      say(`${response.status} ${answer?.error?.code ?? ""}: ${answer?.detail ?? answer?.error?.message ?? text}`, "bad");
      return null;
    }
  }
}

function controls() {
  const id = $("session").value.trim();
  // Another tab, browser or device has the stream.
  const isElsewhere = status === "CONNECTED" && !connection && !busy;
  // Without a token, such a world takes no call.
  const isNobody = identity.TokenNeeded && !token;
  $("signing").hidden = !identity.SignIn;
  $("signin").disabled = busy || Boolean(token);
  $("signout").disabled = busy || !token || Boolean(connection);
  $("player").disabled = Boolean(token) || identity.TokenNeeded;
  for (const name of ["find", "create"]) $(name).disabled = busy || isNobody;
  $("start").disabled = busy || Boolean(connection) || isNobody || !$("player").value.trim();
  $("reconnect").disabled = busy || Boolean(connection) || isNobody || !id;
  $("drop").disabled = !connection;
  $("end").disabled = busy || isNobody || !id;
  $("elsewhere").hidden = !isElsewhere;
  $("nothing").hidden = Boolean(connection?.rtc.connectionState === "connected");
  $("nothing").textContent = isElsewhere ? "Another client is connected to this stream. Take it over, or end it." : "No stream";
  $("connection").textContent = connection?.rtc.connectionState ?? "none";
  // What a player most likely wants now.
  const main = connection ? null : isNobody ? "signin" : isElsewhere ? "takeover" : LIVE.includes(status) ? "reconnect" : "start";
  for (const name of ["signin", "start", "reconnect", "takeover"]) $(name).classList.toggle("main", name === main);
}

async function watchSession() {
  for (;;) {
    const id = $("session").value.trim();
    const before = connection;
    try {
      const response = id ? await fetch(`/play/sessions/${encodeURIComponent(id)}`) : null;
      const session = response?.ok ? await response.json() : null;
      // It may be from before the connection was made or closed.
      if (connection !== before) continue;
      status = session?.Status ?? (id ? "unknown stream session" : "no stream session");
      $("status").textContent = session?.StatusReason ? `${status}: ${session.StatusReason}` : status;
      $("status").className = COLOURS[status] ?? "quiet";
      controls();
    } catch {
      $("status").textContent = "the local world does not answer";
      $("status").className = "bad";
    }
    await sleep(1000);
  }
}

async function watchVideo() {
  for (;;) {
    const stats = connection ? [...(await connection.rtc.getStats()).values()] : [];
    const video = stats.find((one) => one.type === "inbound-rtp" && one.kind === "video");
    const codec = stats.find((one) => one.id === video?.codecId);
    $("picture").textContent = video?.frameWidth
      ? `${codec?.mimeType.split("/")[1] ?? ""} ${video.frameWidth}×${video.frameHeight}, ${video.framesPerSecond ?? 0} a second`
      : "none";
    $("frames").textContent = video?.framesDecoded ?? 0;
    await sleep(500);
  }
}

// A new tab signs the guest of the last one in.
async function begin() {
  identity = await (await fetch("/play/identity")).json();
  if (identity.SignIn && localStorage.guest) await once(signIn);
  else if (identity.TokenNeeded) say(identity.SignIn ? "Sign in to play." : "This world asks for a token of your issuer, which this page has not.");
  controls();
}

controls();
begin();
watchSession();
watchVideo();
