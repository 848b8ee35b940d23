#!/usr/bin/env python3
"""Fails where a build of this workspace would compile dependencies again that another build has compiled.

Cargo compiles a dependency again when a command asks for other features of it. Nothing is compiled here: `cargo tree`
says the features of each build. What `cargo test --workspace` has not, it prints with the features that are missing:
they belong into emulator/one-build/Cargo.toml.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Its own features are the ones that others lack.
LEFT_OUT = {"one-build"}


def cargo(*arguments):
    """What a command of cargo prints."""
    return subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def dependencies(edges, *packages):
    """The dependencies of a build from outside, each with its features."""
    tree = cargo("tree", "--edges", edges, "--prefix", "none", "--format", "{p}|{f}", *packages)
    found = set()
    for line in tree.splitlines():
        package, _, features = line.removesuffix(" (*)").partition("|")
        if str(ROOT) not in package:
            found.add((" ".join(package.split()[:2]), frozenset(filter(None, features.split(",")))))
    return found


def builds():
    """The commands that a developer uses, and what each builds."""
    run = "normal,build"
    yield "cargo run", dependencies(run)
    yield "cargo build --workspace", dependencies(run, "--workspace")
    yield "cargo run -p gamelift-emulator", dependencies(run, "-p", "gamelift-emulator")
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    for name in sorted(package["name"] for package in metadata["packages"]):
        if name not in LEFT_OUT:
            yield f"cargo test -p {name}", dependencies(f"{run},dev", "-p", name)


def main():
    whole = dependencies("normal,build,dev", "--workspace")
    wrong = 0
    for command, found in builds():
        for package, features in sorted(found - whole, key=str):
            wrong += 1
            others = [theirs for name, theirs in whole if name == package]
            missing = set.union(set(), *others) - features
            print(f"{command}: {package} without {', '.join(sorted(missing)) or 'what others leave out'}")
    if wrong:
        sys.exit("`cargo test --workspace` has other features: see emulator/one-build/Cargo.toml")
    print("one build: every command has the dependencies of `cargo test --workspace`")


main()
