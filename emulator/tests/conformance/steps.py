"""The steps of the tables: calls with what they answer, and time that passes."""

import json
import time

import botocore
import botocore.validate

from shapes import MODEL, problems


class Conversation:
    """One client's calls of one emulator, and what they have saved."""

    def __init__(self, test, emulator, gamelift, name):
        self.test = test
        self.emulator = emulator
        self.gamelift = gamelift
        self.name = name
        self.names = {}
        self.bodies = []
        gamelift.meta.events.register(
            "before-parse.gamelift.*", lambda response_dict, **_: self.bodies.append(response_dict["body"])
        )

    def run(self, steps):
        for number, step in enumerate(steps, 1):
            if "step" in step:
                self.emulator.step(step["step"])
                continue
            for count in range(step.get("times", 1)):
                self.names["i"] = str(count)
                self.perform(step, f"{self.name}, step {number} ({step['call']})")

    def perform(self, step, where):
        operation = MODEL.operation_model(step["call"])
        request = fill(step["input"], self.names)
        if "error" not in step:
            report = botocore.validate.ParamValidator().validate(request, operation.input_shape)
            self.test.assertFalse(report.has_errors(), f"{where}: {report.generate_report()}")
        deadline = time.monotonic() + 10
        while True:
            self.bodies.clear()
            try:
                getattr(self.gamelift, botocore.xform_name(step["call"]))(**request)
            except self.gamelift.exceptions.ClientError as error:
                self.check_exception(operation, step, error, where)
                return
            self.test.assertNotIn("error", step, where)
            body = json.loads(self.bodies[-1])
            if operation.output_shape:
                self.test.assertEqual(problems(operation.output_shape, body), [], where)
            else:
                self.test.assertEqual(body, {}, where)
            wrong = [
                f"{where}: {path} is {at(body, path)!r}, not {expected!r}, in {body}"
                for path, expected in fill(step.get("expect", {}), self.names).items()
                if not holds(at(body, path), expected)
            ]
            if not wrong:
                self.names.update((name, text(at(body, path))) for name, path in step.get("save", {}).items())
                return
            if not step.get("eventually") or time.monotonic() > deadline:
                self.test.fail(wrong[0])
            time.sleep(0.002)

    def check_exception(self, operation, step, error, where):
        """Checks name, type, status and message of an exception."""
        answer = error.response["Error"]
        self.test.assertEqual(answer["Code"], step.get("error"), f"{where}: {answer['Message']}")
        self.test.assertIn(answer["Code"], [shape.name for shape in operation.error_shapes], f"{where}: not modelled")
        self.test.assertIsInstance(error, getattr(self.gamelift.exceptions, answer["Code"]))
        # The API reference prints 400 for all exceptions of GameLift but one.
        status = 500 if answer["Code"] == "InternalServiceException" else 400
        self.test.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], status, where)
        if "message" in step:
            self.test.assertEqual(answer["Message"], step["message"], where)


def holds(found, expected):
    if isinstance(expected, dict) and "not" in expected:
        return found != expected["not"]
    return found == expected


def at(value, path):
    """Returns the value at a path of members, indices and `#`, which is a list's length."""
    for part in path.split("."):
        if isinstance(value, list):
            index = None if part == "#" else int(part)
            value = len(value) if index is None else value[index] if index < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def fill(value, names):
    """Returns the value with its `{name}`s replaced."""
    if isinstance(value, str):
        for name, replacement in names.items():
            value = value.replace("{%s}" % name, replacement)
        return value
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    if isinstance(value, dict):
        return {name: fill(member, names) for name, member in value.items()}
    return value
