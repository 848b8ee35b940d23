"""Checks answers and requests against the shapes of botocore's model of GameLift."""

import re

import botocore.session

MODEL = botocore.session.Session().get_service_model("gamelift")

# "The result may also include other non-enumerated string values such as 'Active' for fleets which
# are not Container-based", says the API reference of this shape.
OPEN_ENUMS = {"ComputeStatus"}


def problems(shape, value, path="answer"):
    """Returns what is wrong with `value`, which came over the wire in AWS JSON, as a `shape`."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{path}: not a structure"]
        found = [f"{path}: required member {name} is missing" for name in shape.required_members if name not in value]
        for name, member in value.items():
            if name not in shape.members:
                found.append(f"{path}: the model has no member {name}")
            else:
                found += problems(shape.members[name], member, f"{path}.{name}")
        return found
    if kind == "list":
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        # The minimum is for requests: without fleets, ListFleets returns an empty list.
        found = size(shape, len(value), path) if value else []
        for index, item in enumerate(value):
            found += problems(shape.member, item, f"{path}[{index}]")
        return found
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{path}: not a map"]
        found = []
        for key, item in value.items():
            found += problems(shape.key, key, f"{path} key") + problems(shape.value, item, f"{path}[{key}]")
        return found
    if kind == "string":
        if not isinstance(value, str):
            return [f"{path}: not a string"]
        found = size(shape, len(value), path)
        if shape.enum and value not in shape.enum and shape.name not in OPEN_ENUMS:
            found.append(f"{path}: {value!r} is none of {shape.enum}")
        pattern = pattern_of(shape)
        if pattern and not re.search(pattern, value):
            found.append(f"{path}: {value!r} does not match {pattern}")
        return found
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("integer", "long"):
        return size(shape, value, path) if isinstance(value, int) and number else [f"{path}: not an integer"]
    if kind in ("float", "double"):
        return [] if number else [f"{path}: not a number"]
    if kind == "timestamp":
        # In seconds, not milliseconds, and before the year 2100.
        return [] if number and 0 < value < 4102444800 else [f"{path}: {value!r} is no time in seconds"]
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{path}: not a boolean"]
    return [f"{path}: a {kind}, which this test does not know"]


def pattern_of(shape):
    """Returns the shape's pattern; Java's ranges of surrogate pairs become ranges of characters for Python."""
    pattern = shape.metadata.get("pattern")
    return pattern and pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")


def size(shape, number, path):
    found = []
    if "min" in shape.metadata and number < shape.metadata["min"]:
        found.append(f"{path}: {number} is below the minimum {shape.metadata['min']}")
    if "max" in shape.metadata and number > shape.metadata["max"]:
        found.append(f"{path}: {number} is above the maximum {shape.metadata['max']}")
    return found


def sample(shape, depth=0):
    """Returns a value of the shape, with all members that it can have."""
    kind = shape.type_name
    if kind == "structure":
        return {name: sample(member, depth + 1) for name, member in shape.members.items() if depth < 5}
    if kind == "list":
        return [sample(shape.member, depth + 1)] * max(1, shape.metadata.get("min", 1))
    if kind == "map":
        return {sample(shape.key, depth + 1): sample(shape.value, depth + 1)}
    if kind == "string":
        return shape.enum[0] if shape.enum else matching(shape)
    if kind in ("integer", "long"):
        return max(1, shape.metadata.get("min", 1))
    if kind in ("float", "double"):
        return 1.5
    return {"timestamp": 1700000000, "boolean": True}[kind]


CANDIDATES = [
    "fleet-1", "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-home/gsess-1", "custom-home-1", "psess-1",
    "alias-1", "build-1", "script-1", "10.0.0.1", "1.5", "arn:aws:iam::111122223333:role/r", "i-0123456789abcdef0",
    "c6i.large", "x", "1", "subnet-0123456789", "arn:aws:gamelift:us-west-2::gameservergroup/g-1",
    "a-1", "arn:aws:gameliftstreams:us-west-2:111122223333:streamgroup/sg-1", "s3://bucket/x.zip", "10.0.0.0/16",
    "arn:aws:iam::111122223333:role/GameLiftStreams-x", "0123456789abcdef0123456789abcdef",
]

# Values where the documentation demands more than the model's pattern.
NAMED = {
    "ApplicationLogOutputUri": "s3://bucket/logs",
    "ExecutablePath": "game.exe",
    "ApplicationSourceUri": "s3://bucket/game",
    "EnvironmentVariablesKeyString": "NAME",
    "IamRoleArn": "arn:aws:iam::111122223333:role/GameLiftStreams-x",
}


def matching(shape):
    """Returns a string that the shape's constraints allow."""
    for candidate in [NAMED[shape.name]] if shape.name in NAMED else CANDIDATES:
        if not problems(shape, candidate):
            return candidate
    raise AssertionError(f"no candidate for {shape.name}: {shape.metadata}")


def violations(shape, depth=0):
    """Yields values that break exactly one constraint of the shape, each with the name of the constraint."""
    kind, rules = shape.type_name, shape.metadata
    if kind == "structure" and depth < 4:
        valid = sample(shape, depth)
        for name in shape.required_members:
            yield f"without {name}", {key: value for key, value in valid.items() if key != name}
            yield f"{name} null", {**valid, name: None}
        for name, member in shape.members.items():
            for what, value in violations(member, depth + 1):
                yield f"{name} {what}", {**valid, name: value}
    elif kind == "list" and depth < 4:
        item = sample(shape.member, depth + 1)
        if rules.get("min", 0) > 0:
            yield "too few", [item] * (rules["min"] - 1)
        if "max" in rules:
            yield "too many", [item] * (rules["max"] + 1)
        for what, value in violations(shape.member, depth + 1):
            yield f"[0] {what}", [value] + [item] * (max(1, rules.get("min", 1)) - 1)
    elif kind == "string":
        if shape.enum:
            yield "enum", shape.enum[0] + "X"
            return
        if rules.get("min", 0) > 0:
            yield "too short", ""
        if "max" in rules:
            valid = matching(shape)
            yield "too long", valid + valid[-1] * (rules["max"] + 1 - len(valid))
        if "pattern" in rules:
            for bad in ("ä ö", "!", " ", "\n", "\x01"):
                if not re.search(pattern_of(shape), bad):
                    yield "pattern", bad
                    break
    elif kind in ("integer", "long"):
        if "min" in rules:
            yield "too low", rules["min"] - 1
        if rules.get("max", 2**31) < 2**31 - 1:
            yield "too high", rules["max"] + 1
