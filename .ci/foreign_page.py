"""A stranger's web page in a real browser. It reaches the local world like every page on this machine: all routes and
protocols refuse it. A page on localhost may call, and programs notice no difference."""

import json
import re
import urllib.request

from browser import another_site, chromium, world as local_world
from processes import call

# Strangers' names lead to this machine, for their pages and for DNS rebinding.
NAMES = "--host-resolver-rules=MAP *.example 127.0.0.1"

FLEET = "fleet-11111111-2222-3333-4444-555555555555"
SESSION = {"session_name": "Foreign", "uuid": "stranger", "num_connections": 4}
ROUTES = {
    "create_session": SESSION,
    "find_or_create_session": SESSION,
    "join_session": {"uuid": "stranger", "GameSessionId": f"arn:aws:gamelift:us-west-2::gamesession/{FLEET}/custom-home/gsess-1"},
    "create_invitation": {"uuid": "stranger"},
    "start_matchmaking": {"uuid": "stranger"},
    "accept_match": {"uuid": "stranger", "TicketId": "x", "accept": True},
    "stop_matchmaking": {"uuid": "stranger", "TicketId": "x"},
    "reconnect_stream": {"uuid": "stranger", "signal_request": "{}"},
    "terminate_stream": {"uuid": "stranger", "stream_session_id": "x"},
    "sign_in": {"provider": "guest"},
    "register_game_server": {"game_server_id": "foreign", "instance_id": "i-0123456789abcdef0", "connection_info": "10.0.0.1:7777"},
    "update_game_server": {"game_server_id": "foreign"},
    "deregister_game_server": {"game_server_id": "foreign"},
}
# {"FleetId": …, "MaximumPlayerSessionCount": 4, "Location": "custom-home"} in CBOR.
CBOR = [0xA3, 0x67, *b"FleetId", 0x78, len(FLEET), *FLEET.encode(), 0x78, 25, *b"MaximumPlayerSessionCount", 4]
CBOR += [0x68, *b"Location", 0x6B, *b"custom-home"]
START_STREAM = {"Protocol": "WebRTC", "SignalRequest": "{}", "ApplicationIdentifier": "a-Local0001"}

# A page may send these without a preflight: each way to send `body` to `url`.
SIMPLE = """async ({ url, body, bytes }) => {
  const data = bytes ? new Uint8Array(bytes) : body;
  const send = (body, headers) => fetch(url, { method: "POST", mode: "no-cors", body, headers }).catch(() => {});
  await send(new Blob([data]));
  await send(new Blob([data], { type: "text/plain" }));
  await send(new Blob([data], { type: "application/x-www-form-urlencoded" }));
  navigator.sendBeacon(url, new Blob([data]));
  const form = Object.assign(document.createElement("form"), { method: "POST", action: url, enctype: "text/plain", target: "frame" });
  const input = Object.assign(document.createElement("input"), { name: body ?? "x", value: "" });
  const frame = Object.assign(document.createElement("iframe"), { name: "frame" });
  form.append(input);
  document.body.append(frame, form);
  await new Promise((done) => { frame.onload = done; setTimeout(done, 2000); form.submit(); });
  frame.remove();
  form.remove();
}"""
# A page may send these only after a preflight. The result is the answer, or null.
ASKED = """async ({ url, method, headers, body }) => {
  try {
    const answer = await fetch(url, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  } catch { return null; }
}"""
LOADED = """async ({ url }) => {
  for (const kind of ["img", "script", "iframe"]) {
    const element = Object.assign(document.createElement(kind), { src: url });
    document.body.append(element);
    await new Promise((done) => { element.onload = element.onerror = done; setTimeout(done, 2000); });
    element.remove();
  }
  await fetch(url, { mode: "no-cors" }).catch(() => {});
}"""
WEBSOCKET = """({ url }) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
})"""


class World:
    """The local world and its state."""

    def __init__(self, addresses):
        self.gateway, self.emulator = addresses["HTTP API"], addresses["GameLift"]

    def state(self):
        with urllib.request.urlopen(f"{self.emulator}/_emulator/state", timeout=10) as state:
            return json.load(state)

    def made(self):
        """Returns what a page may have created or undone."""
        state = self.state()
        return {
            "game sessions": len(state["gamelift"]["game_sessions"]),
            "game servers": len(state["gamelift"]["game_servers"]),
            "stream sessions": len(state["streams"]["stream_sessions"]),
            "processes": len(state["gamelift"]["processes"]),
            "faults": len(state["faults"]),
        }


class Page:
    """A page at some address, and the answers to its requests."""

    def __init__(self, browser, address):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.answers = []
        self.context.on("response", lambda it: self.answers.append((it.request.method, it.url, it.status)))
        self.page.goto(address)
        self.address = address

    def does(self, script, **arguments):
        return self.page.evaluate(script, arguments)

    def got_nothing_but(self, statuses, at):
        """Asserts that every answer from `at` has one of the statuses, and returns the number of answers."""
        self.page.wait_for_timeout(50)
        answers = [it for it in self.answers if it[1].startswith(at)]
        wrong = [it for it in answers if it[2] not in statuses]
        assert not wrong, wrong
        return len(answers)


def the_gateway_is_not_for_strangers(page, world):
    for route, body in ROUTES.items():
        url, text = f"{world.gateway}/{route}", json.dumps(body)
        page.does(SIMPLE, url=url, body=text)
        typed = {"Content-Type": "application/json"}
        assert page.does(ASKED, url=url, method="POST", headers=typed, body=text) is None, route
    pages = ["play", "play/sessions/x", "play/identity", "match", "match/world", "pages/match.js",
             "_local/token?player=stranger", "_local/steam_ticket?steamid=76561197960287930"]
    for route in ["find_session", "jwks", "health", "game_servers", *pages, "nowhere"]:
        page.does(LOADED, url=f"{world.gateway}/{route}")
        assert page.does(ASKED, url=f"{world.gateway}/{route}", method="GET") is None, route
    count = page.got_nothing_but({403}, world.gateway)
    assert count >= 5 * len(ROUTES), f"only {count} answers were seen"
    print(f"{count} calls of a stranger's page at the gateway are refused")


def the_emulator_is_not_for_strangers(page, world):
    streams = f"{world.emulator}/streamgroups/sg-Local0001/streamsessions"
    target = {"X-Amz-Target": "GameLift.CreateGameSession", "Content-Type": "application/x-amz-json-1.1"}
    input = json.dumps({"FleetId": FLEET, "Location": "custom-home", "MaximumPlayerSessionCount": 4})
    page.does(SIMPLE, url=f"{world.emulator}/", body=input)
    assert page.does(ASKED, url=f"{world.emulator}/", method="POST", headers=target, body=input) is None
    page.does(SIMPLE, url=f"{world.emulator}/service/GameLift/operation/CreateGameSession", bytes=CBOR)
    page.does(SIMPLE, url=streams, body=json.dumps(START_STREAM))
    page.does(SIMPLE, url=f"{world.emulator}/_emulator/reset", body="")
    page.does(SIMPLE, url=f"{world.emulator}/_emulator/faults", body='"*=unavailable"')
    for path in ["streamgroups/sg-Local0001", "_emulator/state", "_emulator/events"]:
        page.does(LOADED, url=f"{world.emulator}/{path}")
        assert page.does(ASKED, url=f"{world.emulator}/{path}", method="GET") is None, path
    count = page.got_nothing_but({403}, world.emulator)
    socket = f"{world.emulator.replace('http', 'ws')}/?pID=foreign&sdkVersion=5.4.0&sdkLanguage=Go"
    assert page.does(WEBSOCKET, url=socket) == "refused"
    print(f"{count} calls of a stranger's page at the emulator, and its WebSocket, are refused")


def names_that_lead_here_are_refused(browser, world):
    for address, path in [(world.gateway, "find_session"), (world.gateway, "play"), (world.emulator, "_emulator/state")]:
        rebound = re.sub(r"//[^:/]+", "//rebound.example", address)
        page = browser.new_page()
        assert page.goto(f"{rebound}/{path}").status == 403, path
        # The page now has the API's origin.
        answer = page.evaluate(ASKED, {"url": f"/{path}", "method": "GET"})
        assert answer["status"] == 403, answer
        page.close()
    print("a name of a stranger that leads here is refused")


def pages_of_this_machine_may_call(browser, world, port):
    page = Page(browser, f"http://localhost:{port}/")
    typed = {"Content-Type": "application/json"}
    call_of = lambda body, headers: page.does(  # noqa: E731
        ASKED, url=f"{world.gateway}/create_session", method="POST", headers=headers, body=body
    )
    created = call_of(json.dumps(SESSION | {"uuid": "friend"}), typed)
    assert created["status"] == 200 and json.loads(created["text"])["Status"] == "RESERVED", created
    assert call_of(json.dumps(SESSION), {})["status"] == 415, "text is no JSON"
    found = page.does(ASKED, url=f"{world.gateway}/find_session", method="GET")
    assert found["status"] == 200 and len(json.loads(found["text"])) == 1, found
    page.context.close()
    print("a page on localhost may call")


def links_and_the_script_of_the_web_sdk_are_for_everybody(page, world):
    script = page.does(ASKED, url=f"{world.emulator}/_emulator/streams/protocol.js", method="GET")
    assert script["status"] == 200, script
    page.page.set_content(f"<a href='{world.gateway}/play'>the page</a>")
    with page.page.expect_navigation() as followed:
        page.page.click("a")
    assert followed.value.status == 200, followed.value.status
    print("a link leads to /play, and the Web SDK's script loads everywhere")


def main():
    with local_world() as addresses, another_site() as port, chromium(NAMES) as browser:
        world = World(addresses)
        before = world.made()
        stranger = Page(browser, f"http://evil.example:{port}/")
        the_gateway_is_not_for_strangers(stranger, world)
        the_emulator_is_not_for_strangers(stranger, world)
        names_that_lead_here_are_refused(browser, world)
        assert world.made() == before, (world.made(), before)
        pages_of_this_machine_may_call(browser, world, port)
        links_and_the_script_of_the_web_sdk_are_for_everybody(stranger, world)
        status, created = call("POST", f"{world.gateway}/create_session", SESSION | {"uuid": "program"})
        assert status == 200, created


main()
