"""What each function does with the store's table, read from the source: from its own code to the code of `matchmaking/`
that has to do with a store, to the store's methods, to DynamoDB's actions.

It goes by names, and errs by naming too much: code that shares its name with another is taken for both, unless the
module is named, or the caller's own."""

import collections
import pathlib
import re

# What a method of the store is made of, and the action that IAM has for it. A transaction needs those of its parts.
ACTIONS = {
    r"\bself\s*\.get\(": "GetItem",
    r"\bself\s*\.query\(": "Query",
    r"\bWrite::put\(": "PutItem",
    r"\bWrite::update\(": "UpdateItem",
    r"\bWrite::add\(": "UpdateItem",
    r"\bChange::Update\b": "UpdateItem",
    r"\bWrite::delete\(": "DeleteItem",
}

# Names that values of the standard library have too. They count with their module, or where the value has that name.
COMMON = {"push", "new"}

# Functions that use the store in their own code alone. Checks have the names that everything has, such as `of`.
ALONE = {"health"}

# What follows the name of a function that is called with a dot.
METHOD = re.compile(r"(<[^(]*>)?\(\s*&?('\w+ )?(mut )?self\b")

Function = collections.namedtuple("Function", "name module text file")


def functions_of(file):
    """Yields the functions of a file of Rust, each with what follows its name."""
    text = re.sub(r"//.*", "", file.read_text()).split("#[cfg(test)]")[0]
    module = file.parent.name if file.stem in ("mod", "lib", "main") else file.stem
    for found in re.finditer(r"\bfn (\w+)", text):
        depth, end = 0, len(text)
        for brace in re.finditer(r"[{};]", text[found.start() :]):
            depth += {"{": 1, "}": -1, ";": 0}[brace.group()]
            if depth == 0:
                end = found.start() + brace.end()
                break
        yield Function(found.group(1), module, text[found.end() : end], file)


def functions_in(folder):
    files = [file for file in sorted(pathlib.Path(folder).rglob("*.rs")) if file.stem != "tests"]
    return [function for file in files for function in functions_of(file)]


def called(function, among):
    """Those of the functions `among` that the function calls."""
    for of, how, name in re.findall(r"(?:(\w*)\s*(::|\.)\s*)?\b(\w+)(?:::<[^()]*>)?\(", function.text):
        module = function.module if of in ("self", "Self") or not how else of
        same = [it for it in among.get(name, []) if how == "::" or bool(METHOD.match(it.text)) == (how == ".")]
        near = [it for it in same if it.module == module]
        # The methods of a type may be in the modules below its own.
        near += [it for it in same if of == "self" and it.file.parent.name == module]
        yield from near if near or of == "self" or (name in COMMON and of != name) else same


def by_name(functions):
    named = collections.defaultdict(list)
    for function in functions:
        named[function.name].append(function)
    return named


def reached(roots, among, through):
    """The functions that the roots come to, through these."""
    seen, open_ones = set(), list(roots)
    while open_ones:
        if (function := open_ones.pop()) not in seen:
            seen.add(function)
            open_ones += through.intersection(called(function, among))
    return seen


def actions_of_the_store():
    """The actions of each method of the store."""
    functions = functions_in("store/src/records")
    among = by_name(functions)
    methods = {}
    for function in functions:
        text = "".join(it.text for it in reached([function], among, {*functions}))
        actions = {action for pattern, action in ACTIONS.items() if re.search(pattern, text)}
        methods[function.name] = methods.get(function.name, set()) | actions
    return methods


def holders(files):
    """The types that have a store inside, at any depth."""
    structs = collections.defaultdict(str)
    for file in files:
        text = re.sub(r"//.*", "", file.read_text())
        for name, body in re.findall(r"\bstruct (\w+)(?:<[^{(;]*>)?[^{(;]*(\{[^\n]*\}|\{.*?\n\}|\([^;]*\);)", text, re.S):
            structs[name] += body
    known = {"Store"}
    while more := {name for name, body in structs.items() if any_of(known).search(body)} - known:
        known |= more
    return known


def any_of(words):
    return re.compile(rf"\b({'|'.join(words)})\b")


def has_store(name):
    manifest = pathlib.Path(f"functions/{name}/Cargo.toml").read_text()
    return "\nstore." in manifest.split("[dev-dependencies]")[0]


def actions(name):
    """The actions on the table that the function with this folder needs."""
    if not has_store(name):
        return set()
    folders = (f"functions/{name}/src", "matchmaking/src")
    own, shared = map(functions_in, folders)
    types = holders(file for folder in folders for file in pathlib.Path(folder).rglob("*.rs"))
    # A value is mostly called as its type, and methods of a type call each other.
    words = any_of(types | {re.sub(r"(?<!^)(?=[A-Z])", "_", it).lower() for it in types})
    of_types = re.compile(rf"^impl\b[^{{]*\b({'|'.join(types)})\b", re.M)
    with_methods = {file for file in pathlib.Path("matchmaking/src").rglob("*.rs") if of_types.search(file.read_text())}
    with_store = [function for function in shared if function.file in with_methods or words.search(function.text)]
    with_store = [] if name in ALONE else with_store
    texts = [function.text for function in reached(own, by_name([*own, *shared]), {*own, *with_store})]
    methods = actions_of_the_store()
    found = {method for text in texts for method in re.findall(r"\bstore\s*\.\s*(\w+)\(", text)}
    # A route within it is called by the runtime, so nobody's text leads to what it does.
    if any("Rated::" in function.text for function in own):
        found.add("pass")
    return set().union(*(methods.get(method, set()) for method in found))
