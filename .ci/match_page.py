"""A real browser on the local world's page of matches. Two tabs find each other, and both hear of it over a socket; a
tab is reloaded in the middle of its search, stops it, is closed and opened again; players accept, reject and do not
answer; a socket is lost, and refused. boto3 looks at what is left of a match in GameLift.

`MATCH_SCREENSHOTS=FOLDER` keeps pictures of the page."""

import contextlib
import http.client
import json
import os
import re
import urllib.parse
import urllib.request

from playwright.sync_api import expect

from browser import aws, chromium, newest_call, opened, world

CONFIGURATION = "local-matchmaker"
# Calls of the function are what an event is lost without. A search whose events arrive needs none.
LOOK = "DescribeMatchmaking"
SECONDS = 20_000


class GameLift:
    """The emulator, as AWS's own SDK and its control endpoints show it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.client = aws("gamelift", endpoint)
        # A delay of nothing counts how often the operation is called.
        self.control("faults", f"{LOOK}=delay:0ms")

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_emulator/{path}", data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def looks(self):
        [counted] = [fault["happened"] for fault in self.control("faults") if fault["operation"] == LOOK]
        return counted

    def asks_players(self, seconds):
        """Matches found from now on have to be accepted within so many seconds; 0 asks nobody."""
        time = {"AcceptanceTimeoutSeconds": seconds} if seconds else {}
        self.client.update_matchmaking_configuration(Name=CONFIGURATION, AcceptanceRequired=seconds > 0, **time)

    def left(self, tickets):
        """Asserts that these searches, two for each match, have become one game session with a place for each player,
        and that nothing else is there. `tickets` is player by ticket."""
        before = self.looks()
        found = self.client.describe_matchmaking(TicketIds=list(tickets))["TicketList"]
        assert self.looks() == before + 1, "the count of calls does not count"
        assert {ticket["TicketId"]: ticket["Status"] for ticket in found} == dict.fromkeys(tickets, "COMPLETED"), found
        assert {it["TicketId"]: [one["PlayerId"] for one in it["Players"]] for it in found} == {
            ticket: [player] for ticket, player in tickets.items()
        }
        [game_session] = {ticket["GameSessionConnectionInfo"]["GameSessionArn"] for ticket in found}
        told = [one for it in found for one in it["GameSessionConnectionInfo"]["MatchedPlayerSessions"]]
        told = {(one["PlayerId"], one["PlayerSessionId"]) for one in told}
        places = self.client.describe_player_sessions(GameSessionId=game_session)["PlayerSessions"]
        assert {(it["PlayerId"], it["PlayerSessionId"]) for it in places} == told and len(places) == len(told), places
        assert {player for player, _ in told} == set(tickets.values()), told
        return game_session, told

    def game_sessions(self):
        [fleet] = self.client.list_fleets()["FleetIds"]
        return self.client.describe_game_sessions(FleetId=fleet)["GameSessions"]


class Tab:
    """A tab with the page, what it asks for and what its sockets say."""

    def __init__(self, context, address, errors, player=None):
        self.calls, self.frames, self.sockets = [], [], []
        self.page = page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        # The policy of the page is broken by a message on the console only.
        page.on("console", lambda it: errors.append(it.text) if "Content Security Policy" in it.text else None)
        page.on("request", self.asked)
        page.on("websocket", self.connected)
        page.goto(address)
        if player:
            page.fill("#player", player)

    def asked(self, request):
        path = urllib.parse.urlsplit(request.url).path
        if request.resource_type == "fetch" and path not in ["/match/world", "/_local/token"]:
            self.calls.append(path)

    def connected(self, socket):
        self.sockets.append(socket)
        socket.on("framereceived", lambda text: self.frames.append(json.loads(text)))

    def becomes(self, status, seconds=SECONDS):
        expect(self.page.locator("#status")).to_have_text(status, timeout=seconds)

    def hears_by(self, way):
        expect(self.page.locator("#news")).to_have_text(way, timeout=SECONDS)

    def says(self, text):
        expect(self.page.locator("#message")).to_contain_text(text, timeout=SECONDS)

    def finds(self):
        self.page.click("#find")
        expect(self.page.locator("#ticket")).not_to_have_text("none", timeout=SECONDS)
        return self.ticket()

    def reads(self, text):
        """Expects this in the newest state of the search."""
        expect(self.page.locator("#steps li").last).to_contain_text(text, timeout=SECONDS)

    def ticket(self):
        return self.page.inner_text("#ticket")

    def steps(self):
        return self.page.locator("#steps b").all_inner_texts()

    def seat(self):
        """Returns the match as the page shows it."""
        assert self.page.is_visible("#match")
        names, values = (self.page.locator(f"#seat {kind}").all_inner_texts() for kind in ["dt", "dd"])
        return dict(zip(names, values))

    def picture(self, name):
        if folder := os.environ.get("MATCH_SCREENSHOTS"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@contextlib.contextmanager
def tabs(browser, address, errors, **looks):
    """Yields how to open tabs of one browser, each with another player."""
    context = browser.new_context(**looks)
    yield lambda player=None: Tab(context, address, errors, player)
    context.close()


def two_tabs_find_each_other(tab, gamelift):
    one, other = tab(), tab()
    players = [it.page.input_value("#player") for it in [one, other]]
    assert len(set(players)) == 2, "two tabs are two players"
    one.finds()
    one.hears_by("socket")
    one.picture("searching")
    other.finds()
    for it in [one, other]:
        it.becomes("COMPLETED")
        assert it.calls == ["/start_matchmaking"], f"it has polled: {it.calls}"
        [socket] = it.sockets
        last = it.frames[-1]
        assert last["Status"] == "COMPLETED" and last["PlayerId"] == it.page.input_value("#player"), last
        it.reads("socket")
        it.page.wait_for_function("() => socket === null")
        assert socket.is_closed(), "it has nothing more to hear"
    first, second = one.seat(), other.seat()
    assert first["Game session"] == second["Game session"] and first["Match"] == second["Match"], (first, second)
    assert {first["Team"], second["Team"]} == {"red", "blue"}, (first, second)
    assert gamelift.looks() == 0, "GameLift was asked about a search whose events have come"
    game_session, places = gamelift.left({it.ticket(): player for it, player in zip([one, other], players)})
    assert {(it["Player"], it["Player session"]) for it in [first, second]} == places, (first, second, places)
    assert [it["GameSessionId"] for it in gamelift.game_sessions()] == [game_session] == [first["Game session"]]
    one.picture("match")
    tokens = [it.url.split("token=")[1] for it in one.sockets]
    assert tokens and not any(token in one.page.content() for token in tokens), "the page shows the socket's token"
    print("two tabs find each other, and both hear of it over a socket, without a poll and without a look at GameLift")


def a_reload_goes_on_and_stop_ends_it(tab):
    one = tab()
    ticket = one.finds()
    one.hears_by("socket")
    before = one.page.locator("#steps li").count()
    one.page.reload()
    one.hears_by("socket")
    assert one.ticket() == ticket and len(one.steps()) >= before, one.steps()
    assert one.calls == ["/start_matchmaking", "/describe_matchmaking"], one.calls
    assert len(one.sockets) == 2, "one for each time that the page was loaded"

    one.page.click("#stop")
    one.becomes("CANCELLED")
    newest = one.steps()[-1]
    one.page.reload()
    one.becomes("CANCELLED")
    assert one.steps()[-1] == newest and one.calls.count("/describe_matchmaking") == 1, one.calls
    print("a tab that was reloaded goes on with its search, and stop ends it")

    # The answer is lost, and so the page does not know its ticket.
    one.page.route("**/start_matchmaking", lambda route: (route.fetch(), route.abort()))
    one.page.click("#find")
    one.says("does not answer")
    one.page.unroute("**/start_matchmaking")
    one.page.reload()
    one.hears_by("socket")
    second = one.ticket()
    assert second != ticket
    print("also with one whose answer was lost")
    return one, second


def a_closed_tab_opened_again(tab, one, ticket):
    player = one.page.input_value("#player")
    one.page.close()
    again = tab(player)
    assert again.finds() == ticket, "another search"
    again.hears_by("socket")
    other = tab()
    other.finds()
    for it in [again, other]:
        it.becomes("COMPLETED")
    assert again.seat()["Game session"] == other.seat()["Game session"]
    print("a tab that was closed and opened again, with the same name, has the running search and its match")


def players_are_asked(tab, gamelift):
    gamelift.asks_players(60)
    one, other = tab(), tab()
    for accepts in [True, False]:
        for it in [one, other]:
            it.finds()
        for it in [one, other]:
            expect(it.page.locator("#accept")).to_be_visible(timeout=SECONDS)
        one.reads("0 of 2 players have accepted, you have not answered")
        one.page.click("#accept")
        expect(one.page.locator("#accept")).to_be_hidden()
        one.reads("1 of 2 players have accepted, you have answered")
        # The other one is told at once, and still asked.
        other.reads("1 of 2 players have accepted, you have not answered")
        other.picture("asked")
        other.page.click("#accept" if accepts else "#reject")
        if accepts:
            for it in [one, other]:
                it.becomes("COMPLETED")
            assert one.seat()["Match"] == other.seat()["Match"]
    other.becomes("CANCELLED")
    one.becomes("SEARCHING")
    assert one.steps()[-2:] == ["REQUIRES_ACCEPTANCE", "SEARCHING"], one.steps()
    print("both accept and play; one rejects, and the other searches on")

    # The one who does not answer is out, and the one who has accepted searches on.
    other.finds()
    expect(one.page.locator("#accept")).to_be_visible(timeout=SECONDS)
    one.page.click("#accept")
    one.reads("1 of 2 players have accepted, you have answered")
    gamelift.control("clock", {"step_seconds": 61})
    other.becomes("CANCELLED")
    one.becomes("SEARCHING")
    one.page.click("#stop")
    one.becomes("CANCELLED")
    gamelift.asks_players(0)
    print("who does not answer in time is out")


def with_its_token_spent(route):
    """Lets an answer through when its token has opened a connection, which is all that it can."""
    answer = route.fetch()
    if offer := answer.json().get("Socket"):
        url = urllib.parse.urlsplit(offer["Url"])
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        connection = http.client.HTTPConnection(url.netloc, timeout=10)
        upgrade["Sec-WebSocket-Key"] = "bGlmdGdhdGUgbGlmdGdhdA=="
        connection.request("GET", f"{url.path}?{url.query}", headers=upgrade)
        assert connection.getresponse().status == 101
        connection.close()
    route.fulfill(response=answer)


def without_a_socket_the_page_polls(tab):
    one, other = tab(), tab()
    one.page.route(re.compile("/(start|describe)_matchmaking"), with_its_token_spent)
    one.finds()
    one.hears_by("polls")
    other.finds()
    for it in [one, other]:
        it.becomes("COMPLETED")
    assert "/describe_matchmaking" in one.calls and one.sockets and not one.frames, (one.calls, one.frames)
    assert other.calls == ["/start_matchmaking"], other.calls
    one.reads("poll")
    assert one.seat()["Game session"] == other.seat()["Game session"]
    print("a page whose sockets are refused polls, and has its match")


def a_lost_socket_is_replaced(tab):
    one = tab()
    servers = []

    def through(socket):
        servers.append((socket, socket.connect_to_server()))

    one.page.route_web_socket("**/socket**", through)
    ticket = one.finds()
    one.hears_by("socket")
    one.becomes("SEARCHING")
    socket, server = servers[0]
    resumes = one.page.locator("#log summary", has_text="socket → resume")
    before, count = one.steps(), resumes.count()
    socket.send(json.dumps({"TicketId": ticket, "Status": "QUEUED", "Version": 0}))
    expect(one.page.locator("#log summary", has_text="socket ← QUEUED")).to_have_count(1, timeout=SECONDS)
    one.becomes("SEARCHING")
    assert one.steps() == before, (one.steps(), before)
    print("an old push that comes late is not believed")
    socket.close(code=1001)
    server.close()
    expect(resumes).to_have_count(count + 1, timeout=SECONDS)
    one.hears_by("socket")
    assert len(servers) == 2 and one.calls == ["/start_matchmaking", "/describe_matchmaking"], (servers, one.calls)
    one.page.click("#stop")
    one.becomes("CANCELLED")
    print("a socket that is lost is replaced, after one poll for what it may have missed")


def problem(status, code, detail, retryable=False, **more):
    """An answer of the HTTP API that is no success."""
    return {"status": status, "json": {"error": {"code": code, "retryable": retryable}, "detail": detail}, **more}


def problems_are_told(tab):
    one = tab()
    answers = [problem(429, "RATE_LIMITED", "Too many.", retryable=True, headers={"Retry-After": "1"})]
    keys = []

    def instead(route):
        keys.append(route.request.headers["idempotency-key"])
        route.fulfill(**answers.pop()) if answers else route.continue_()

    one.page.route("**/start_matchmaking", instead)
    one.page.click("#find")
    one.says("429 RATE_LIMITED: Too many. Asking again in 1 s.")
    one.hears_by("socket")
    assert len(keys) == 2 and len(set(keys)) == 1, "the same search"
    placing = problem(409, "MATCH_ALREADY_PLACING", "It is being placed.")
    one.page.route("**/stop_matchmaking", lambda route: route.fulfill(**placing))
    one.page.click("#stop")
    one.says("409 MATCH_ALREADY_PLACING: It is being placed.")
    one.page.unroute("**/stop_matchmaking")
    one.page.click("#stop")
    one.becomes("CANCELLED")
    one.page.fill("#attributes input", "high")
    one.page.click("#find")
    one.says("400 INVALID_REQUEST: GameLift did not take the search.")
    one.becomes("no search")
    print("errors are told in the words of their documents, and a wait is kept")


def main():
    errors = []
    with chromium() as browser:
        with world() as addresses:
            gamelift = GameLift(addresses["GameLift"])
            with tabs(browser, addresses["a match"], errors) as tab:
                two_tabs_find_each_other(tab, gamelift)
                a_closed_tab_opened_again(tab, *a_reload_goes_on_and_stop_ends_it(tab))
                players_are_asked(tab, gamelift)
                a_lost_socket_is_replaced(tab)
                problems_are_told(tab)
                without_a_socket_the_page_polls(tab)
        # Under another name of this machine than that of the sockets, where each call needs a token.
        with world("--identity", "sign-in") as addresses:
            address = addresses["a match"].replace("127.0.0.1", "localhost")
            with tabs(browser, address, errors) as tab:
                two_tabs_find_each_other(tab, GameLift(addresses["GameLift"]))
    assert not errors, errors


main()
