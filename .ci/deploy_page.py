"""Compares docs/deploy.md and docs/configuration.md with template.yaml and the code: parameters, permissions, variables.

`UPDATE_DOCS=1` writes the tables of docs/deploy.md that are made from the template."""

import os
import pathlib
import re
import sys

import store_calls
from samtranslator.yaml_helper import yaml_parse

PAGE = pathlib.Path("docs/deploy.md")
TEMPLATE = yaml_parse(pathlib.Path("template.yaml").read_text())
FUNCTIONS = {
    pathlib.Path(resource["Properties"]["CodeUri"]).name: resource["Properties"]
    for resource in TEMPLATE["Resources"].values()
    if resource["Type"] == "AWS::Serverless::Function"
}

# Words for the resources of policies, by the end of the ARN.
RESOURCES = {
    ":fleet/*": "the account's fleets",
    "::alias/*": "the Region's aliases",
    ":gamesessionqueue/*": "the account's queues",
    ":gameservergroup/${GameServerGroup}": "the one game server group",
    ":gameservergroup/${Groups}": "the groups in `GameServerGroups`",
    ":streamgroup/${StreamGroup}": "the one stream group",
    ":application/*": "the account's applications",
    "['Table', 'Arn']": "the stack's table",
    "${Table.Arn}/index/open": "its index of open tickets",
    "/POST/@connections/*": "messages to the stack's sockets",
    "/DELETE/@connections/*": "closing the stack's sockets",
    "'SigningSecret'": "the signing secret",
    "'GuestSecret'": "the guests' secret",
    "'SteamKeySecretArn'": "the secret with the Steam key",
}

# What the reader sets, where a condition has not the name of a parameter.
CONDITIONS = {"SignsIn": "Identity=sign-in"}

# Functions that the stack has with a parameter only.
ONLY_WITH = {
    "register_game_server": "GameServerGroups",
    "sign_in": "Identity=sign-in",
    "record_event": "Tickets",
    "reconcile": "Tickets",
    "start_matchmaking": "Matchmaking",
    "describe_matchmaking": "Matchmaking",
    "accept_match": "Matchmaking",
    "stop_matchmaking": "Matchmaking",
    "socket": "Push",
}

# Variables that are not simply a parameter, by a part of what they are set from.
MADE = {
    "TrustsBody": "`Identity=trust-body`",
    "'Issuers'": "`Issuers`, or `Provider`, `Issuer` and `Audiences`",
    "urn:liftgate:": "none: `urn:liftgate:` and the stack's name",
    "InvitationSecret": "none: a secret of the stack's",
    "'Table'": "none: the stack's table",
    "wss://": "none: the address of the stack's sockets",
    "https://${SocketApi}": "none: the same, for functions",
    "'SigningSecret'": "none: a secret of the stack's",
    "'GuestSecret'": "`GuestSecretArn`, or a secret of the stack's",
}

# Capabilities of the code whose names differ from the operations that they call.
CAPABILITIES = {
    "Fleets": ["DescribeFleetAttributes", "ListCompute", "ListFleets", "ResolveAlias"],
    "DescribeGameSession": ["DescribeGameSessions"],
    "DescribePlayerSession": ["DescribePlayerSessions"],
    "DescribePlacement": ["DescribeGameSessionPlacement"],
    "StartingGameSessions": ["DescribeGameSessions"],
    "UnstartedGameSessions": ["DescribeGameSessionDetails"],
    "PlaceGameSession": ["StartGameSessionPlacement", "StopGameSessionPlacement"],
    "ConnectToStreamSession": ["CreateStreamSessionConnection"],
}

# Variables that the functions read but the stack does not set, with the reason.
NOT_OF_THE_STACK = {
    "LIFTGATE_CA_BUNDLE": "a file beside the function",
    "LIFTGATE_WARM_UP": "on Lambda its default is right",
    "LIFTGATE_STEAM_URL": "for the tests' Steam",
    "LIFTGATE_PLAYER_BUCKETS": "docs/deploy.md says why",
    "LIFTGATE_BUCKET_PREFIX": "as above",
    "AWS_ENDPOINT_URL": "the two services have one each",
    "AWS_LAMBDA_LOG_LEVEL": "Lambda sets it from LoggingConfig",
}
# Variables of `cargo run` only.
LOCAL = {"LIFTGATE_ALLOWED_HOSTS"}
# Not variables: a name in a stream session's environment, and beginnings of names.
NO_VARIABLES = {"LIFTGATE_REQUEST", "LIFTGATE_GAME", "LIFTGATE_"}

# The lists of capabilities that have a name.
LISTS = {
    name: bounds
    for file in pathlib.Path("matchmaking/src").rglob("*.rs")
    for name, bounds in re.findall(r"^all_of! \{\n(?:    ///.*\n)*    pub (\w+):([^}]*)\n\}", file.read_text(), re.M)
}


def flat(value):
    """Returns the value inside its conditions, and the condition's parameter."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, yes, _ = value["Fn::If"]
        return yes, CONDITIONS.get(condition, condition.removeprefix("Has"))
    return value, None


def many(value):
    return value if isinstance(value, list) else [value]


def statements(properties):
    """Yields the actions, the resource in words, and the parameter that the statement depends on."""
    for policy in properties.get("Policies", []):
        policy, parameter_of_all = flat(policy)
        for statement in policy["Statement"]:
            statement, parameter = flat(statement)
            actions = [action.split(":")[1] for action in many(statement["Action"])]
            on = ", ".join(map(resource, many(statement["Resource"])))
            yield actions, on, parameter or parameter_of_all


def resource(value):
    if value == "*":
        return "`*` in the stack's Region"
    text = str(value)
    [words] = [words for end, words in RESOURCES.items() if end in text]
    return words


def permissions():
    rows = ["| function | actions | on | only with |", "|---|---|---|---|"]
    for name, properties in FUNCTIONS.items():
        shown = name
        for actions, on, parameter in statements(properties):
            parameter = parameter or ONLY_WITH.get(name)
            condition = f"`{parameter}`" if parameter else ""
            rows.append(f"| {shown} | {', '.join(actions)} | {on} | {condition} |")
            shown = ""
    return rows


def parameter_of(value):
    """What a variable is set from, in words: a parameter, or what the stack makes."""
    text = str(value)
    for part, words in MADE.items():
        if part in text:
            return words
    value, _ = flat(value)
    found = re.findall(r"'Ref': '(\w+)'", str(value)) if isinstance(value, dict) else []
    return f"`{found[0]}`" if found else "none: `false`"


def variables_of(properties):
    everywhere = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    return everywhere | properties["Environment"]["Variables"]


def variables():
    rows = ["| parameter | variable | functions |", "|---|---|---|"]
    users = {}
    for name, properties in FUNCTIONS.items():
        for variable, value in variables_of(properties).items():
            users.setdefault((variable, parameter_of(value)), []).append(name)
    for (variable, parameter), names in sorted(users.items(), key=lambda item: item[0][0]):
        who = "all" if len(names) == len(FUNCTIONS) else ", ".join(names)
        rows.append(f"| {parameter} | `{variable}` | {who} |")
    return rows


def tables():
    """Compares or writes the generated tables."""
    text = PAGE.read_text()
    for name, rows in {"permissions": permissions(), "variables": variables()}.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if begin not in text or end not in text:
            yield f"has no {begin.strip()} … {end}"
            continue
        before, rest = text.split(begin, 1)
        old, after = rest.split(end, 1)
        new = "\n".join(rows) + "\n"
        if old != new and not os.environ.get("UPDATE_DOCS"):
            wrong = sorted(set(old.splitlines()) ^ set(new.splitlines()))
            yield f"the table of {name} is not the template's; UPDATE_DOCS=1 .ci/lint-template writes it:\n  " + "\n  ".join(wrong)
        text = before + begin + new + end + after
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text)


def documented_parameters():
    """Yields the name and the default of each row of the table of parameters."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]+) \|", PAGE.read_text().split("| parameter | default |")[1].split("\n\n")[0], re.M)
    for names, default in rows:
        names = re.findall(r"`(\w+)`", names)
        values = [value.strip().strip("`") for value in default.split(",")]
        yield from zip(names, values * len(names) if len(values) == 1 else values)


def parameters():
    documented = dict(documented_parameters())
    real = {name: str(it["Default"]) or "empty" for name, it in TEMPLATE["Parameters"].items()}
    for name in sorted(documented.keys() | real.keys()):
        if documented.get(name) != real.get(name):
            yield f"the parameter {name} has the default {real.get(name)}, the page has {documented.get(name)}"


def expanded(bounds):
    """Yields the operations that the names of capabilities stand for."""
    for bound in bounds:
        if bound in LISTS:
            yield from expanded(re.findall(r"\w+", LISTS[bound]))
        else:
            yield from CAPABILITIES.get(bound, [bound])


def calls(name):
    """Yields the operations that a function's code may call, from the bounds of its routes; without any, of its types."""
    text = "\n".join(source.read_text() for source in pathlib.Path(f"functions/{name}/src").glob("*.rs"))
    of_routes = re.findall(r"^impl<(.*)> Route for [^{]*?(?:where([^{]*))?\{", text, re.M)
    for generics, where in of_routes or re.findall(r"^impl<(.*)> \w+<[^{]*?(?:where([^{]*))?\{", text, re.M):
        names = re.findall(r"\w+", re.sub(r"'\w+|\w+::|\b[A-Z]\b", "", generics + " " + where))
        yield from expanded(names)


# IAM has one action for all that is done with sockets, and tells them apart by the resource.
OF_SOCKETS = {"messages to the stack's sockets": "PostToConnection", "closing the stack's sockets": "DeleteConnection"}


def actions():
    for name, properties in FUNCTIONS.items():
        allowed = {OF_SOCKETS.get(on, action) for actions, on, _ in statements(properties) for action in actions}
        # Secrets are chosen by the settings at the start: no route's bounds name them. The store is one type.
        called = {*calls(name), *store_calls.actions(name), *(allowed & {"GetSecretValue"})}
        for action in sorted(called - allowed):
            yield f"{name} calls {action}, and may not"
        for action in sorted(allowed - called):
            yield f"{name} may call {action}, and never does"


def variables_in_code():
    files = [*(file for crate in ("shared", "aws", "identity", "matchmaking", "store") for file in pathlib.Path(crate, "src").rglob("*.rs")), *pathlib.Path("functions").glob("*/src/*.rs"), *pathlib.Path("local/src").rglob("*.rs")]
    text = "\n".join(file.read_text() for file in files)
    return set(re.findall(r"\bLIFTGATE_[A-Z_]*\b", text)) - NO_VARIABLES


def variables_everywhere():
    page = pathlib.Path("docs/configuration.md").read_text()
    rows = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`([A-Z_]+)`", rows))
    set_by_stack = {name for properties in FUNCTIONS.values() for name in variables_of(properties)}
    code = variables_in_code() | {name for name in documented | set_by_stack if name.startswith("AWS_")}
    for name in sorted(code - documented):
        yield f"docs/configuration.md has no row for {name}"
    for name in sorted(documented - code):
        yield f"docs/configuration.md has {name}, which nothing reads"
    for name in sorted(code - set_by_stack - NOT_OF_THE_STACK.keys() - LOCAL):
        yield f"template.yaml sets {name} nowhere"
    for name in sorted(set_by_stack - code | set_by_stack & NOT_OF_THE_STACK.keys()):
        yield f"template.yaml sets {name}, which nothing reads or which is not the stack's"


def main():
    found = [*tables(), *parameters(), *actions(), *variables_everywhere()]
    for line in found:
        print("docs/deploy.md, template.yaml:", line, file=sys.stderr)
    if not found:
        print("parameters, permissions and variables are the same in template, code and pages")
    return bool(found)


sys.exit(main())
