#!/usr/bin/env python3
"""Prints the layers of every crate's files, and fails where the picture of the imports is not clean.

An import is a path in the source that leads into another file of the same crate. It is read from the text,
without compiling: a `mod` line is no import, and test modules may import everything.

    .ci/layers.py          a line for each crate, and what is wrong
    .ci/layers.py --all    the files of each layer too

What fails:
  1. a crate depends on a crate that does not stand on a lower floor (FLOORS), or the emulator and Liftgate know each
     other. Tests may know all, but those of the emulator know no crate of Liftgate either;
  2. files that import one another in a circle;
  3. a file imports from a room above its own (ROOMS);
  4. a `lib.rs` or `mod.rs` has code: they declare, explain and hand names on (a function's `lib.rs` is its route);
  5. a name is imported from the crate root or from a `mod.rs` instead of the file that defines it, or with `*`;
  6. a visibility with a path, `pub(in ...)`, or a module with `#[path]`;
  7. an HTTP status where none is known (NO_STATUS).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The lowest floor first. Crates on one floor do not depend on each other.
FLOORS = [
    ["shared", "one-build", "random-cases", "emulator-core", "emulated-steam", "flexmatch"],
    ["aws", "emulator-gamelift", "emulator-streams", "flexmatch-design", "gamelift-server-sdk"],
    ["store"],
    ["identity", "matchmaking", "gamelift-emulator"],
    ["create_invitation", "create_session", "find_or_create_session", "find_session", "join_session",
     "start_matchmaking", "reconnect_stream", "register_game_server", "sign_in", "terminate_stream", "authorize",
     "record_event", "reconcile", "socket", "health",
     "describe_matchmaking", "accept_match", "stop_matchmaking"],
    ["liftgate", "openapi", "testing"],
    ["bench"],
]
# Our crates and the emulator's: neither side knows the other. Only the crates above both may.
EMULATOR = {"one-build", "random-cases", "emulator-core", "emulator-gamelift", "emulator-streams", "flexmatch", "flexmatch-design",
            "gamelift-server-sdk", "gamelift-emulator"}
KNOW_BOTH = {"liftgate", "testing", "bench"}

# Rooms of a crate, the lowest first: a file imports from its own room and from those below.
# Files in none of the rooms are free; rule 2 holds for them too.
ROOMS = {
    "shared": [
        ["error.rs", "answer.rs", "clock.rs", "rate.rs", "routes.rs"], ["problem.rs"], ["request", "parameters.rs"], ["player.rs"], ["terms.rs"],
        ["route.rs"], ["lambda.rs"],
    ],
    "aws": [["arns.rs"], ["upstream"], ["clients.rs"], ["connections", "gamelift", "secrets", "streams"]],
    "store": [["table"], ["memory.rs", "dynamodb"], ["store.rs", "fail_open.rs"], ["records"]],
    "matchmaking": [
        ["config", "events", "looks"], ["fleets.rs", "party.rs", "wanted.rs"], ["attributes.rs", "attributes"], ["tickets"], ["push"], ["limits"], ["search", "sessions", "streams"], ["game_servers"],
        ["start.rs"], ["present.rs", "same_key", "last.rs"], ["streaming.rs"],
    ],
    "identity": [
        ["fetch.rs", "key_source.rs", "kept.rs"], ["config", "secret.rs"], ["keys", "own"],
        ["steam.rs", "token"],
        ["bearer.rs", "context.rs", "rates.rs"], ["authorizer.rs"],
    ],
    "emulator-core": [
        ["model", "rules.rs"], ["clock.rs"], ["timers.rs", "service.rs", "rate_limits.rs", "wire"],
        ["faults"], ["events"], ["seed"], ["settings.rs"],
    ],
    "emulator-gamelift": [
        ["resources", "types.rs"], ["state"], ["views", "search"], ["operation.rs"], ["operations"], ["service.rs"],
        ["processes.rs", "instances.rs", "snapshot.rs", "pools.rs"],
    ],
    "emulator-streams": [
        ["resources", "types.rs"], ["state"], ["views"], ["operation.rs"], ["operations"], ["service.rs"],
        ["outside.rs", "snapshot.rs"],
    ],
    "gamelift-emulator": [
        ["net"], ["server_sdk"], ["sample_server", "listener.rs", "sinks"], ["emulator.rs"], ["http", "control"], ["serve.rs"],
        ["keep"], ["flags.rs"],
    ],
}

# Where no HTTP status is named, tests excepted.
NO_STATUS = ("aws/src", "store/src", "matchmaking/src", "emulator/gamelift/src/resources", "emulator/gamelift/src/state",
             "emulator/gamelift/src/views", "emulator/streams/src/resources", "emulator/streams/src/state",
             "emulator/streams/src/views")
STATUS = re.compile(r"\bStatusCode\b|\bhttp::Status|(?<!from_millis\()\b[45]\d\d\b")

# A module with one of two files, chosen by a feature: only its `mod.rs` knows which.
ONE_OF_TWO = {"emulator/streams/src/webrtc/mod.rs"}

NOISE = re.compile(r"""//[^\n]*|/\*.*?\*/|b?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|'(?:\\.|[^\\'])'""", re.S)
TEST_ITEM = re.compile(
    r"#\[cfg\((?:all\()?test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?"
    r"(?:mod\s+\w+|use[^;{]*|(?:async\s+)?fn[^{]*|impl[^{]*)"
)
# All that a `lib.rs` or `mod.rs` holds. A module in braces hands names on under a path of its own.
FACE = re.compile(
    r"\s+|#!?\[[^\]]*\]|(?:pub(?:\([^)]*\))?\s+)?(?:mod\s+\w+\s*;|use\s[^;]*;|mod\s+\w+\s*\{\s*(?:pub\s+use\s[^;]*;\s*)*\})"
)


def crates():
    """Every crate of the workspace: its name, its folder and the crates of ours that it and its tests are built with."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)["packages"]
    ours = {package["name"] for package in packages}
    for package in sorted(packages, key=lambda package: package["name"]):
        of_ours = [need for need in package["dependencies"] if need["name"] in ours]
        needs = {need["name"] for need in of_ours if need["kind"] != "dev"}
        of_tests = {need["name"] for need in of_ours if need["kind"] == "dev"}
        yield package["name"], Path(package["manifest_path"]).parent, needs, of_tests


def without_noise(text):
    """The source without comments and the contents of strings."""
    return NOISE.sub(lambda found: "" if found[0].startswith("/") else '""', text)


def without_tests(text):
    """The source without its test items, for a source without noise."""
    while found := TEST_ITEM.search(text):
        text = text[: found.start()] + text[end_of_item(text, found.end()) :]
    return text


def end_of_item(text, at):
    """Where the item ends that has been read up to `at`: behind its `;` or its braces."""
    depth = 0
    for index in range(at, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0 and not text[index + 1 :].lstrip().startswith(";"):
                return index + 1
        elif text[index] == ";" and depth == 0:
            return index + 1
    return len(text)


def modules(root):
    """Returns the files of a crate by the path of their module, following the `mod` lines from the crate's root."""
    found, todo = {}, [((), root)]
    while todo:
        module, file = todo.pop()
        found[module] = file
        folder = file.parent if file.name in ("lib.rs", "main.rs", "mod.rs") else file.with_suffix("")
        for name in re.findall(r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;", without_tests(without_noise(file.read_text())), re.M):
            for child in (folder / f"{name}.rs", folder / name / "mod.rs"):
                if child.exists():
                    todo.append(((*module, name), child))
    return found


def paths_in(text, children):
    """All paths in the text that begin at the crate, at a module beside, or at a module below."""
    first = ["crate", "self", "super", *children]
    for use in re.findall(r"\buse\s+([^;]*);", text):
        for path in spread(re.sub(r"\s+", "", re.sub(r"\bas\s+\w+", "", use))):
            if path[0] in first:
                yield path
    for path in re.findall(rf"(?<![\w:$])((?:{'|'.join(first)})(?:::\w+)+)", re.sub(r"\buse\s[^;]*;", "", text)):
        yield path.split("::")


def spread(tree, before=()):
    """The paths of a `use` tree: `crate::a::{b, c::D}` is two."""
    brace = tree.find("{")
    if brace < 0:
        yield [*before, *tree.split("::")]
        return
    before = [*before, *filter(None, tree[:brace].split("::"))]
    depth, start = 0, brace + 1
    for index in range(brace, len(tree)):
        depth += (tree[index] == "{") - (tree[index] == "}")
        if (tree[index] == "," and depth == 1) or depth == 0:
            if part := tree[start:index]:
                yield from spread(part, before)
            start = index + 1
            if depth == 0:
                return


def resolve(path, module, known):
    """The module that the longest part of the path leads to."""
    first, *rest = path
    base = {"crate": (), "self": module, "super": module[:-1]}.get(first, (*module, first))
    while rest and rest[0] == "super":
        base, rest = base[:-1], rest[1:]
    while rest and (*base, rest[0]) in known:
        base, rest = (*base, rest[0]), rest[1:]
    return base


def imports(known):
    """Each file's imports from the other files of its crate, and the paths that end at a face or in `*`."""
    graph, handed_on = {}, []
    for module, file in known.items():
        children = [other[-1] for other in known if other[:-1] == module and other]
        text = without_tests(without_noise(file.read_text()))
        graph[file] = set()
        for path in paths_in(text, children):
            target = resolve(path, module, known)
            other = known.get(target)
            if other in (None, file):
                continue
            graph[file].add(other)
            is_name = path[-1] not in (*target[-1:], "self", "super", "crate")
            is_handed_on = is_name and other.name == "mod.rs" and show(other) not in ONE_OF_TWO
            if path[-1] == "*" or (is_handed_on and file.name != "lib.rs"):
                handed_on.append((file, other, "::".join(path)))
    return graph, handed_on


def circles(graph):
    """The sets of files that lead to one another (Tarjan), and the layer of each file."""
    index, low, stack, found, layer = {}, {}, [], [], {}

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            ring = [stack.pop()]
            while ring[-1] != node:
                ring.append(stack.pop())
            under = {other for one in ring for other in graph[one]} - set(ring)
            layer.update(dict.fromkeys(ring, 1 + max((layer[other] for other in under), default=0)))
            if len(ring) > 1:
                found.append(sorted(ring))

    sys.setrecursionlimit(10_000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found, layer


def room_of(file, source, rooms):
    """The number of the file's room, or None."""
    parts = file.relative_to(source).parts
    return next((number for number, names in enumerate(rooms) if parts[0] in names), None)


def show(file):
    """Returns the file's path in the repository."""
    return file.relative_to(ROOT).as_posix()


def check_crate(name, needs, of_tests):
    """Rule 1."""
    floor = {crate: number for number, names in enumerate(FLOORS) for crate in names}
    if name not in floor:
        yield f"{name} has no floor: give it one in .ci/{Path(__file__).name}"
        return
    for other in sorted(needs):
        if floor.get(other, len(FLOORS)) >= floor[name]:
            yield f"{name} depends on {other}, which does not stand below it"
        if name not in KNOW_BOTH and (name in EMULATOR) != (other in EMULATOR):
            yield f"{name} depends on {other}: the emulator and Liftgate do not know each other"
    for other in sorted(of_tests - EMULATOR if name in EMULATOR else ()):
        yield f"{name} is tested with {other}: the emulator's tests know no crate of Liftgate"


def check_lists(sources):
    """What the lists above name has to exist."""
    for name in [name for floor in FLOORS for name in floor if name not in sources]:
        yield f"{name} has a floor and is no crate"
    for name, rooms in ROOMS.items():
        for room in [room for floor in rooms for room in floor if not (sources[name] / room).exists()]:
            yield f"{name} has no room {room}"


def check_files(name, source, graph, handed_on):
    """Rules 3 to 7."""
    for file, other, path in handed_on:
        yield f"{show(file)} imports `{path}` by way of {show(other)}: import from the file that defines the name"
    rooms = ROOMS.get(name, [])
    for file in sorted(graph):
        own, text = room_of(file, source, rooms), without_noise(file.read_text())
        code = without_tests(text)
        for other in sorted(graph[file]):
            theirs = room_of(other, source, rooms)
            if own is not None and theirs is not None and theirs > own:
                yield f"{show(file)} imports {show(other)}, which stands in a room above"
            if other == source / "lib.rs" and file.name != "main.rs":
                yield f"{show(file)} imports from the crate root: import from the file that defines the name"
        face = file.name == "mod.rs" or (file.name == "lib.rs" and source.parent.parent.name != "functions")
        if face and (rest := FACE.sub("", code)):
            yield f"{show(file)} has code (`{rest[:40]}`): it declares and hands names on, code stands in a named file"
        if found := re.search(r"pub\(in\b[^)]*\)|#\[path\b", text):
            yield f"{show(file)} has `{found[0]}`"
        if show(file).startswith(NO_STATUS) and (found := STATUS.search(code)):
            yield f"{show(file)} names an HTTP status (`{found[0]}`)"


def main():
    """Prints the layers, and returns whether something is wrong."""
    every = list(crates())
    sources = {name: folder / "src" for name, folder, *_ in every}
    wrong = list(check_lists(sources))
    for name, folder, needs, of_tests in every:
        wrong += check_crate(name, needs, of_tests)
        for root in (folder / "src" / "lib.rs", folder / "src" / "main.rs"):
            if not root.exists():
                continue
            graph, handed_on = imports(modules(root))
            rings, layer = circles(graph)
            if len(graph) > 1:
                print(f"{show(root)}: {len(graph)} files, {max(layer.values())} layers, {len(rings)} circles")
            if "--all" in sys.argv:
                for number in sorted(set(layer.values()), reverse=True):
                    print(f"  {number}: " + " ".join(sorted(show(file) for file in layer if layer[file] == number)))
            for ring in rings:
                pairs = [f"    {show(file)} imports {show(other)}" for file in ring for other in sorted(graph[file] & set(ring))]
                wrong.append("\n".join([f"a circle of {len(ring)} files:", *pairs]))
            wrong += check_files(name, folder / "src", graph, handed_on)
    for fault in wrong:
        print(fault)
    print(f"{len(wrong)} faults" if wrong else "No circle, and no import from a lower floor up.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
