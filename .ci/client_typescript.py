"""The client for TypeScript: its types and its tests; the scenario of all clients, twice, against local worlds with
faults; and the page `docs/web.md`, whose snippets are followed as a newcomer follows them, in Node and in two tabs of a
browser.

`.ci/tools typescript` installs the compiler; `$LIFTGATE` names a binary to try in place of `cargo run`."""

import concurrent.futures
import contextlib
import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import threading
import time

from playwright.sync_api import expect

from browser import chromium, world

ROOT = pathlib.Path(__file__).parents[1]
# Copies, so that the tree stays as it is: one for the tests, and one as the newcomer's clone.
WORK = ROOT / "target/ci/client-typescript"
CLIENT = WORK / "tests/clients/typescript"
CLONE = WORK / "liftgate"
GAME = WORK / "my-game"
SECONDS = 30_000


def copies():
    shutil.rmtree(WORK, ignore_errors=True)
    built = shutil.ignore_patterns("dist", "node_modules", "LICENSE*", "*.tgz")
    for folder in [WORK / "tests", CLONE]:
        shutil.copytree(ROOT / "clients", folder / "clients", ignore=built)
        (folder / "docs").mkdir()
        for file in ["docs/errors.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]:
            shutil.copy(ROOT / file, folder / file)


def run(*command, cwd=CLIENT, seconds=120, **more):
    """Runs a command, whose output is for a failure only."""
    options = {"timeout": seconds, "env": os.environ | more, "capture_output": True, "text": True}
    done = subprocess.run(command, cwd=cwd, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def interfaces():
    """The members of each interface of the types, inherited ones included."""
    text = re.sub(r"/\*\*.*?\*/", "", (CLIENT / "src/types.ts").read_text(), flags=re.S)
    found = re.findall(r"^export interface (\w+)(?: extends ([\w, ]+))? \{(.*?)\}\n", text, re.M | re.S)
    own = {name: (bases.split(", ") if bases else [], re.findall(r"^  (\w+)\??:", body, re.M)) for name, bases, body in found}

    def members(name):
        bases, names = own[name]
        return set(names).union(*map(members, bases))

    return {name: members(name) for name in own}


def the_types_have_every_member():
    """Compares the types with the lists that the code's tests go by."""
    of = interfaces()
    names = (ROOT / "testing/src/names.rs").read_text()
    rows = re.findall(r'^    \(\s*"(\w+)",\s*(?:&\[(.*?)\]|&STREAM)\s*,?\s*\),', names, re.M | re.S)
    routes = {route: set(re.findall(r'"(\w+)"', members)) for route, members in rows if route != "jwks"}
    [stream] = re.findall(r"STREAM: \[&str; \d+\] = \[(.*?)\]", names, re.S)
    [filters] = re.findall(r"FILTER: \[&str; \d+\] = \[(.*?)\]", names, re.S)
    routes["reconnect_stream"] = set(re.findall(r'"(\w+)"', stream)) | {"uuid"}
    types = {
        "create_session": "CreateSessionRequest",
        "find_or_create_session": "FindOrCreateSessionRequest",
        "find_session": "FindSessionQuery",
        "join_session": "JoinSessionRequest",
        "create_invitation": "InvitationRequest",
        "start_matchmaking": "StartMatchmakingRequest",
        "describe_matchmaking": "DescribeMatchmakingQuery",
        "accept_match": "AcceptMatchRequest",
        "stop_matchmaking": "StopMatchmakingRequest",
        "reconnect_stream": "ReconnectStreamRequest",
        "terminate_stream": "TerminateStreamRequest",
    }
    [own] = re.findall(r"MEMBERS: &\[&str\] = &\[(.*?)\]", (ROOT / "shared/src/error.rs").read_text(), re.S)
    told = {name for name in of["Problem"] if name[0].isupper()}
    assert told == set(re.findall(r'"(\w+)"', own)), told
    assert of["SessionFilter"] == set(re.findall(r'"(\w+)"', filters)), of["SessionFilter"]
    for route, name in types.items():
        assert routes[route] and of[name] == routes[route], (route, of[name] ^ routes[route])
    print(f"the requests of {len(types)} routes, and errors, have the members that the code has")


def scenario(**environment):
    """Plays the scenario in a world of its own; returns what the test runner says."""
    flags = json.loads((ROOT / "clients/scenario.json").read_text())["world"]
    flags = [str(ROOT / flag) if flag.startswith("clients/") else flag for flag in flags]
    with world(*flags) as addresses:
        address = addresses["HTTP API"]
        return passed(run("node", "--test", "test/scenario.mjs", seconds=300, LIFTGATE_URL=address, **environment))


def passed(said):
    """How many tests Node's test runner has passed."""
    [count] = re.findall(r"^\S+ pass (\d+)$", said, re.M)
    assert int(count) > 0
    return count


@contextlib.contextmanager
def the_scenario_twice():
    """Plays it beside what is done meanwhile, because most of it is waiting."""
    with concurrent.futures.ThreadPoolExecutor() as threads:
        worlds = {"as it is": {}, "with every third answer lost": {"LOSE_ANSWERS": "1"}}
        runs = {name: threads.submit(scenario, **environment) for name, environment in worlds.items()}
        yield
        for name, played in runs.items():
            print(f"the scenario, {name}: {played.result()} steps")


def blocks(language):
    page = (ROOT / "docs/web.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)


def the_page_is_followed():
    """Makes the project of the page, and returns the flags of its world."""
    start, install = blocks("sh")
    clone = "LIFTGATE=~/liftgate\n"
    assert clone in install, install
    run("bash", "-euc", install.replace(clone, f"LIFTGATE='{CLONE}'\n"), cwd=WORK, npm_config_loglevel="error")
    for block in [*blocks("js"), *blocks("html")]:
        name = re.match(r"(?:// |<!-- )(\S+)", block).group(1)
        (GAME / name).write_text(block)
    assert {file.name for file in GAME.iterdir()} >= {"player.mjs", "sessions.mjs", "page.js", "index.html"}
    command, flags = start.strip().split(" -- ")
    assert command == "cargo run"
    return flags.split()


def the_package_is_whole():
    [package] = (CLONE / "clients/typescript").glob("*.tgz")
    with tarfile.open(package) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    wanted = {"package.json", "README.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "dist/index.js", "dist/index.d.ts"}
    assert wanted <= names, wanted - names
    assert not [name for name in names if name.startswith(("test/", "src/"))], names
    assert "dependencies" not in json.loads((CLIENT / "package.json").read_text())
    shutil.copy(CLIENT / "test/consumer.ts", GAME)
    flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--lib", "ES2022,DOM"]
    run("tsc", *flags, "consumer.ts", cwd=GAME)
    print("the package has what it needs, and a game in TypeScript sees its types")


def node(script, url):
    command = ["node", script]
    return subprocess.Popen(command, cwd=GAME, stdout=subprocess.PIPE, text=True, env=os.environ | {"LIFTGATE_URL": url})


def two_players_in_node(url):
    two = [node("player.mjs", url) for _ in range(2)]
    one, other = (player.communicate(timeout=60)[0].splitlines() for player in two)
    assert one[-1] == other[-1] and one[-1].startswith("arn:aws:gamelift:"), (one, other)
    assert "SEARCHING" in one and {one[-2].split()[-1], other[-2].split()[-1]} == {"red", "blue"}, (one, other)
    said = node("sessions.mjs", url).communicate(timeout=60)[0].splitlines()
    expected = [r"ann waits at 127\.0\.0\.1:\d+", "ben sees Evening round with 1 player", "ben is in the same game: true"]
    expected.append("and found it without a list too: true")
    assert len(said) == 4 and all(map(re.fullmatch, expected, said)), said
    print("the page's players find each other in Node, and create, find and join")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def two_tabs_of_a_browser(url, port):
    errors = []
    with chromium() as browser:
        context = browser.new_context()
        frames = {}

        def connected(socket):
            frames[socket] = []
            socket.on("framereceived", lambda text: frames[socket].append(json.loads(text)))

        def tab():
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text))
            page.on("websocket", connected)
            page.goto(f"http://localhost:{port}/?liftgate={url}")
            return page

        def news(page, text):
            expect(page.locator("#news")).to_contain_text(text, timeout=SECONDS)

        one, other = tab(), tab()
        one.click("#play")
        news(one, "SEARCHING")
        # A reload goes on with the search.
        one.reload()
        news(one, "SEARCHING")
        other.click("#play")
        for page in [one, other]:
            news(page, "arn:aws:gamelift:")
        last = [page.inner_text("#news").splitlines()[-1] for page in [one, other]]
        assert last[0] == last[1], last
        one.wait_for_function("() => !document.getElementById('play').disabled")
        # The socket of the page before its reload is none of these.
        heard = {socket: said[-1] for socket, said in frames.items() if said and said[-1]["Status"] == "COMPLETED"}
        assert [it["GameSessionId"] for it in heard.values()] == [last[0]] * 2, frames.values()
        until = time.monotonic() + 10
        while not all(socket.is_closed() for socket in heard):
            assert time.monotonic() < until, "a socket is left"
            one.wait_for_timeout(100)

        one.click("#play")
        expect(one.locator("#stop")).to_be_enabled()
        one.wait_for_function("() => document.getElementById('news').textContent.endsWith('SEARCHING\\n')", timeout=SECONDS)
        one.click("#stop")
        news(one, "You have stopped.")
    assert not errors, errors
    print("the page's two tabs find each other over sockets, one of them after a reload, and stop")


def the_page():
    flags = the_page_is_followed()
    the_package_is_whole()
    handler = functools.partial(Quiet, directory=GAME)
    with world(*flags) as addresses, http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        two_players_in_node(addresses["HTTP API"])
        two_tabs_of_a_browser(addresses["HTTP API"], server.server_port)
        server.shutdown()


def main():
    started = time.monotonic()
    copies()
    run("tsc", "--strict", "-p", ".")
    the_types_have_every_member()
    with the_scenario_twice():
        # The shell knows the files: Node 18 takes no pattern.
        print(f"the client's tests: {passed(run('bash', '-c', 'node --test test/*.test.mjs'))} passed")
        the_page()
    print(f"the client for TypeScript took {time.monotonic() - started:.0f} s")


main()
