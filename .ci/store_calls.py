"""What each function does with the store's table, read from the source: from its own functions to those of `matchmaking/`
that have a store, to the store's methods, to DynamoDB's actions.

It goes by names. A function that shares its name with another one is taken for both, unless its module is named."""

import collections
import pathlib
import re

# What a method of the store is made of, and the action that IAM has for it. A transaction needs those of its parts.
ACTIONS = {
    r"\bself\s*\.get\(": "GetItem",
    r"\bself\s*\.query\(": "Query",
    r"\bself\s*\.count\(": "Query",
    r"\bWrite::put\(": "PutItem",
    r"\bWrite::update\(": "UpdateItem",
    r"\bWrite::add\(": "UpdateItem",
    r"\bChange::Update\b": "UpdateItem",
    r"\bWrite::delete\(": "DeleteItem",
}

Function = collections.namedtuple("Function", "name module text")


def functions_of(file):
    """Yields the functions of a file of Rust, each with all of its text."""
    text = re.sub(r"//.*", "", file.read_text()).split("#[cfg(test)]")[0]
    module = file.parent.name if file.stem in ("mod", "lib", "main") else file.stem
    for found in re.finditer(r"\bfn (\w+)", text):
        depth, end = 0, len(text)
        for brace in re.finditer(r"[{};]", text[found.start() :]):
            depth += {"{": 1, "}": -1, ";": 0}[brace.group()]
            if depth == 0:
                end = found.start() + brace.end()
                break
        yield Function(found.group(1), module, text[found.start() : end])


def functions_in(folder):
    files = [file for file in sorted(pathlib.Path(folder).rglob("*.rs")) if file.stem != "tests"]
    return [function for file in files for function in functions_of(file)]


def called(text, among):
    """Those of the functions `among` that the text calls."""
    for module, name in re.findall(r"(?:\b(\w+)::)?\b(\w+)(?:::<[^()]*>)?\(", text):
        same = among.get(name, [])
        yield from [it for it in same if it.module == module] or same


def by_name(functions):
    named = collections.defaultdict(list)
    for function in functions:
        named[function.name].append(function)
    return named


def reached(roots, among):
    seen, open_ones = set(), list(roots)
    while open_ones:
        if (function := open_ones.pop()) not in seen:
            seen.add(function)
            open_ones += called(function.text, among)
    return seen


def actions_of_the_store():
    """The actions of each method of the store."""
    functions = functions_in("store/src/records")
    among = by_name(functions)
    methods = {}
    for function in functions:
        text = "".join(it.text for it in reached([function], among))
        actions = {action for pattern, action in ACTIONS.items() if re.search(pattern, text)}
        methods[function.name] = methods.get(function.name, set()) | actions
    return methods


def actions(name):
    """The actions on the table that the function with this folder needs."""
    own = functions_in(f"functions/{name}/src")
    with_store = [it for it in functions_in("matchmaking/src") if re.search(r"\bstore\b|\bStore\b", it.text)]
    texts = [it.text for it in reached(own, by_name([*own, *with_store]))]
    methods = actions_of_the_store()
    found = {method for text in texts for method in re.findall(r"\bstore\s*(?:\(\)\s*\??\s*)?\.\s*(\w+)\(", text)}
    return set().union(*(methods.get(method, set()) for method in found))
