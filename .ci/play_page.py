"""A real browser on the local world's page: starts a stream, sees its video, loses it, comes back and ends it; takes it
over in a second tab; waits for one through a 429, and forgets one that is unknown. Where a token is asked for, guests
sign in on the page, and one finds and joins the other's game.

`PLAY_SCREENSHOT=FILE` keeps a picture of the page."""

import contextlib
import json
import os
import pathlib
import re
import time
import urllib.request

from playwright.sync_api import expect

from browser import another_site, aws, chromium, newest_call, opened, world

GROUP = "sg-Local0001"


class Sessions:
    """The stream sessions as AWS's own SDK sees them."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.client = aws("gameliftstreams", endpoint)

    def becomes(self, session, status, seconds=30):
        """Waits for a status, and returns the time that it took."""
        started = time.monotonic()
        names = {"Identifier": GROUP, "StreamSessionIdentifier": session}
        while (seen := self.client.get_stream_session(**names))["Status"] != status:
            assert time.monotonic() - started < seconds, (seen["Status"], status)
            time.sleep(0.1)
        return time.monotonic() - started, seen.get("StatusReason")

    def terminate(self, session):
        self.client.terminate_stream_session(Identifier=GROUP, StreamSessionIdentifier=session)

    def control(self, endpoint, body):
        request = urllib.request.Request(f"{self.endpoint}/_emulator/{endpoint}", json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=10).close()

    def peers(self):
        with urllib.request.urlopen(f"{self.endpoint}/_emulator/state", timeout=10) as state:
            return json.load(state)["streams"]["webrtc_peers"]


def expect_video(page):
    """Expects that the session is CONNECTED, and that new pictures are decoded and shown."""
    expect(page.locator("#status")).to_have_text("CONNECTED", timeout=30_000)
    decoded = lambda: int(page.locator("#frames").inner_text())  # noqa: E731
    first, deadline = decoded(), time.monotonic() + 20
    while decoded() < first + 20:
        assert time.monotonic() < deadline, "the video stands still"
        time.sleep(0.1)
    shown = page.evaluate(
        """() => new Promise((done, failed) => {
            setTimeout(failed, 10000, "no picture was shown");
            let count = 0;
            const video = document.querySelector("video");
            const next = () => (count += 1) < 10 ? video.requestVideoFrameCallback(next) : done(count);
            video.requestVideoFrameCallback(next);
        })"""
    )
    assert shown == 10, shown
    return page.locator("#picture").inner_text()


def walk(browser, address, sessions, errors):
    context = browser.new_context()
    page = opened(context, address, errors)
    page.fill("#player", "ann")
    page.click("#start")
    newest_call(page, "200 STARTED")
    picture = expect_video(page)
    session = page.input_value("#session")
    sessions.becomes(session, "CONNECTED")
    print(f"a started stream is CONNECTED and shows {picture}")
    page.focus("#video")
    page.keyboard.press("w")
    expect(page.locator("#echo")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    if file := os.environ.get("PLAY_SCREENSHOT"):
        page.screenshot(path=file, full_page=True)

    page.close()
    seconds, _ = sessions.becomes(session, "PENDING_CLIENT_RECONNECTION")
    print(f"a closed tab is PENDING_CLIENT_RECONNECTION after {seconds:.1f} s")

    stranger = opened(browser.new_context(), address, errors)
    stranger.fill("#player", "ben")
    stranger.fill("#session", session)
    stranger.click("#reconnect")
    newest_call(stranger, "404 STREAM_NOT_FOUND")
    stranger.context.close()
    sessions.becomes(session, "PENDING_CLIENT_RECONNECTION")
    print("another player gets a 404")

    page = opened(context, address, errors)
    assert page.input_value("#session") == session, "a new tab remembers the stream session"
    page.click("#reconnect")
    newest_call(page, "200 RECONNECTED")
    expect_video(page)
    assert page.input_value("#session") == session
    print("a new tab reconnects to the same stream session")

    page.click("#drop")
    sessions.becomes(session, "PENDING_CLIENT_RECONNECTION")
    page.click("#reconnect")
    expect_video(page)
    print("so does the page that dropped its connection")

    # The tab's process is killed, so that the client sends no goodbye.
    with contextlib.suppress(Exception):
        page.context.new_cdp_session(page).send("Page.crash", timeout=1000)
    seconds, _ = sessions.becomes(session, "PENDING_CLIENT_RECONNECTION", 60)
    print(f"a crashed tab is missed after {seconds:.1f} s")
    page.close()

    page = opened(context, address, errors)
    page.click("#reconnect")
    expect_video(page)
    page.click("#end")
    newest_call(page, "POST /terminate_stream → 200")
    expect(page.locator("#connection")).to_have_text("none", timeout=10_000)
    _, reason = sessions.becomes(session, "TERMINATED")
    assert reason == "apiTerminated", reason
    expect(page.locator("#status")).to_have_text("TERMINATED: apiTerminated")
    context.close()
    print("termination ends it, and the page's connection")


def buttons(page):
    """Returns the main button's text, and whether a stream elsewhere can be taken over or ended."""
    main = page.locator("button.main:visible")
    return [main.inner_text() if main.count() else None, page.locator("#elsewhere").is_visible()]


def two_tabs(browser, address, sessions, errors):
    """A second tab is told at once that the first one has the stream, and can take it over or end it."""
    context = browser.new_context()
    first = opened(context, address, errors)
    assert buttons(first) == ["Start", False], buttons(first)
    first.fill("#player", "dan")
    first.click("#start")
    expect_video(first)
    session = first.input_value("#session")
    assert buttons(first) == [None, False], buttons(first)

    second = opened(context, address, errors)
    expect(second.locator("#elsewhere")).to_be_visible(timeout=5_000)
    expect(second.locator("#status")).to_have_text("CONNECTED")
    expect(second.locator("#nothing")).to_contain_text("Another client is connected")
    assert buttons(second) == ["Take over", True], buttons(second)
    for button in ["#start", "#reconnect"]:
        started = time.monotonic()
        second.click(button)
        newest_call(second, "409 STREAM_IN_USE")
        seconds = time.monotonic() - started
        assert seconds < 5, seconds
        expect(second.locator("#elsewhere")).to_be_visible(timeout=5_000)
        print(f"a second tab is told after {seconds:.1f} s that the stream is in use")
    expect_video(first)

    second.click("#takeover")
    newest_call(second, "200 RECONNECTED")
    expect_video(second)
    assert second.input_value("#session") == session
    expect(first.locator("#message")).to_contain_text("taken the stream over")
    expect(first.locator("#elsewhere")).to_be_visible(timeout=5_000)
    print("it takes the same stream over, and the first tab says so")

    second.reload()
    expect(second.locator("#reconnect")).to_have_class("main", timeout=5_000)
    second.click("#reconnect")
    newest_call(second, "200 RECONNECTED")
    expect_video(second)
    print("a tab that was reloaded is back in its stream")

    # No tab of another browser answers, so the stream has to be ended there or here.
    elsewhere = opened(browser.new_context(), address, errors)
    elsewhere.fill("#player", "dan")
    elsewhere.fill("#session", session)
    expect(elsewhere.locator("#elsewhere")).to_be_visible(timeout=5_000)
    elsewhere.click("#takeover")
    expect(elsewhere.locator("#message")).to_contain_text("No other tab of this browser", timeout=5_000)
    elsewhere.click("#replace")
    newest_call(elsewhere, "200 STARTED")
    expect_video(elsewhere)
    assert elsewhere.input_value("#session") != session
    _, reason = sessions.becomes(session, "TERMINATED")
    assert reason == "apiTerminated", reason
    expect(second.locator("#connection")).to_have_text("none", timeout=10_000)
    elsewhere.click("#end")
    sessions.becomes(elsewhere.input_value("#session"), "TERMINATED")
    expect(elsewhere.locator("#start")).to_have_class("main", timeout=5_000)
    elsewhere.context.close()
    context.close()
    print("another browser ends it and starts another")


def answered(status, body, seconds):
    """The answer of a function, with the time to come back."""
    headers = {"Content-Type": "application/json", "Retry-After": str(seconds)}
    return {"status": status, "headers": headers, "body": json.dumps(body)}


def waits_and_forgets(browser, address, sessions, errors):
    """A wait goes on after a request too many, and a stream session that is unknown is named once."""
    context = browser.new_context()
    page = opened(context, address, errors)
    page.fill("#player", "eve")
    too_many = {"error": {"code": "RATE_LIMITED", "retryable": True, "retry_after_ms": 2000}}
    answers = [answered(202, {"Status": "ACTIVATING"}, 1), answered(429, too_many, 2)]
    times = []

    def instead(route):
        times.append(time.monotonic())
        route.fulfill(**answers.pop(0)) if answers else route.continue_()

    page.route("**/reconnect_stream", instead)
    page.click("#start")
    newest_call(page, "200 STARTED")
    waited = [later - earlier for earlier, later in zip(times, times[1:])]
    assert len(waited) == 2 and 1 <= waited[0] and 2 <= waited[1], waited
    expect_video(page)
    session = page.input_value("#session")
    page.click("#end")
    sessions.becomes(session, "TERMINATED")
    print("a 429 during the wait is waited for")

    # Without a wait before it, it is an answer.
    answers.append(answered(429, too_many, 2))
    page.click("#start")
    newest_call(page, "429 RATE_LIMITED")
    expect(page.locator("#message")).to_contain_text("429 RATE_LIMITED")

    for button, route in [("#reconnect", "reconnect_stream"), ("#end", "terminate_stream")]:
        page.fill("#session", "longgone")
        page.click(button)
        newest_call(page, f"POST /{route} → 404 STREAM_NOT_FOUND")
        expect(page.locator("#session")).to_have_value("")
        expect(page.locator("#reconnect")).to_be_disabled()
        tab = opened(context, address, errors)
        assert tab.input_value("#session") == "", "a new tab knows it"
        tab.close()
    context.close()
    print("a stream session that is unknown is forgotten")


def web_sdk(browser, site, address, sessions, errors):
    """The script at `webSdkProtocolUrl`, loaded and used as the Web SDK does, from a page of another origin."""
    context = browser.new_context()
    page = opened(context, site, errors)
    api = re.match(r"http://[^/]+", address).group()
    script = (pathlib.Path(__file__).parent / "as_web_sdk.js").read_text()

    def until(wanted, expression):
        text = json.dumps(wanted, separators=(",", ":"))
        page.wait_for_function(f"() => JSON.stringify({expression}) === {json.dumps(text)}", timeout=20_000)

    session = page.evaluate(script, {"api": api, "player": "cat"})
    sessions.becomes(session, "CONNECTED")
    until(["hello"], "seen.messages")
    until(["gamepad", "keyboard", "mouse"], "seen.echoes.map((echo) => JSON.parse(echo).kind).sort()")
    sessions.terminate(session)
    until(["terminated"], "seen.disconnects")
    sessions.becomes(session, "TERMINATED")
    session = page.evaluate(script, {"api": api, "player": "cat"})
    sessions.becomes(session, "CONNECTED")
    sessions.control("clock", {"step_seconds": 3600})
    until(["idle"], "seen.disconnects")
    _, reason = sessions.becomes(session, "TERMINATED")
    assert reason == "idleTimeout", reason
    context.close()
    print("the protocol script takes input and messages, and says why a session ends")


def signed_in(page):
    """Signs a new guest in, and returns the player's id."""
    expect(page.locator("#signin")).to_have_class("main", timeout=5_000)
    for button in ["#start", "#find", "#create", "#reconnect", "#end"]:
        expect(page.locator(button)).to_be_disabled()
    page.click("#signin")
    newest_call(page, "POST /sign_in → 200")
    expect(page.locator("#start")).to_be_enabled()
    player = page.input_value("#player")
    assert player.startswith("guest:"), player
    return player


def guests(browser, address, sessions, errors):
    """A page signs in as a guest, searches, joins and streams, in a world that takes no call without a token."""
    host = opened(browser.new_context(), address, errors)
    of_host = signed_in(host)
    host.click("#create")
    newest_call(host, "POST /create_session → 200 RESERVED")
    expect(host.locator("#message")).to_contain_text("RESERVED: connect to 127.0.0.1:")

    context = browser.new_context()
    page = opened(context, address, errors)
    player = signed_in(page)
    assert player != of_host, player
    page.click("#find")
    newest_call(page, "GET /find_session → 200")
    expect(page.locator("#found li")).to_have_count(1)
    expect(page.locator("#found li")).to_contain_text("1 of 4 players")
    page.click("#found button")
    newest_call(page, "POST /join_session → 200 RESERVED")
    page.click("#start")
    newest_call(page, "200 STARTED")
    expect_video(page)
    session = page.input_value("#session")
    print("a page signs in as a guest, searches, joins, streams")

    token = page.evaluate("token.text")
    assert token.count(".") == 2 and token not in page.content(), "the page shows the guest's token"
    secret = json.loads(page.evaluate("localStorage.guest"))["guest_secret"]
    assert secret and secret not in page.content(), "the page shows the guest's secret"
    host.fill("#session", session)
    host.click("#end")
    newest_call(host, "404 STREAM_NOT_FOUND")
    print("another guest cannot end the stream, and neither token nor secret is shown")

    page.reload()
    newest_call(page, "POST /sign_in → 200")
    assert page.input_value("#player") == player
    page.click("#reconnect")
    newest_call(page, "200 RECONNECTED")
    expect_video(page)
    page.evaluate("token.text += 'x'")
    page.click("#end")
    newest_call(page, "POST /terminate_stream → 200")
    sessions.becomes(session, "TERMINATED")
    for context in [context, host.context]:
        context.close()
    print("a tab that was reloaded is the same guest, and a token that is not taken any more is replaced")


@contextlib.contextmanager
def streaming_world(*flags):
    """Yields the page's address and the stream sessions of a running local world."""
    with world(*flags) as addresses:
        yield addresses["a stream"], Sessions(addresses["GameLift"])


def main():
    errors = []
    with streaming_world() as (address, sessions):
        with chromium() as browser:
            walk(browser, address, sessions, errors)
            two_tabs(browser, address, sessions, errors)
            waits_and_forgets(browser, address, sessions, errors)
            with another_site() as port:
                web_sdk(browser, f"http://127.0.0.1:{port}/", address, sessions, errors)
            with streaming_world("--identity", "sign-in") as (address, with_tokens):
                guests(browser, address, with_tokens, errors)
        deadline = time.monotonic() + 10
        while sessions.peers():
            assert time.monotonic() < deadline, f"{sessions.peers()} WebRTC peers are left behind"
            time.sleep(0.1)
    assert not errors, errors


main()
