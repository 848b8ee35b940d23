"""FlexMatch's operations: each exception that botocore's model lists, provoked from outside.

`flexmatch.json` says how: by a request, by a state, or, for what only a failure of AWS causes, by a fault. Each refusal
has a separate emulator. After it the good call of its operation succeeds, unless the state refuses that one too.

Run it like `suite.py`: `python -m unittest flexmatch`."""

import concurrent.futures
import json
import pathlib
import unittest

import botocore.validate

import suite
from cli import Cli, options
from server import Emulator
from shapes import MODEL
from steps import Conversation, fill

TABLE = json.loads((pathlib.Path(__file__).parent / "flexmatch.json").read_text())
FAILURE = "a failure of AWS"
LONELY = "the emulator is one Region that has FlexMatch"
# The exceptions that no request and no state of the emulator causes: those of the table by a fault, with the reason.
BY_FAULT = {
    **{(row["operation"], "InternalServiceException"): FAILURE for row in TABLE["operations"]},
    **{(row["operation"], "UnsupportedRegionException"): LONELY for row in TABLE["operations"]},
    ("DeleteMatchmakingConfiguration", "TaggingFailedException"): "tags go with what they are on",
    ("DeleteMatchmakingRuleSet", "TaggingFailedException"): "tags go with what they are on",
}


def rows():
    """Yields each refusal with its operation."""
    for row in TABLE["operations"]:
        for refusal in row["refusals"]:
            yield row, refusal


def title(row, refusal):
    return f"{row['operation']}: {refusal['error']}, as {refusal.get('why') or refusal['fault']}"


def prepared(test, emulator, row, refusal):
    """Brings an emulator to where the operation is refused. Returns the conversation and the request."""
    conversation = Conversation(test, emulator, suite.client(emulator), title(row, refusal))
    conversation.run(TABLE["setup"] + row.get("before", []) + refusal.get("before", []))
    if "fault" in refusal:
        emulator.control("faults", f"{row['operation']}={refusal['fault']}:1")
    return conversation, refusal.get("input", row["input"])


class Model(unittest.TestCase):
    """The table has what the model has."""

    maxDiff = None

    def test_every_operation_is_in_the_table(self):
        modelled = [name for name in MODEL.operation_names if "Match" in name]
        self.assertEqual(sorted(row["operation"] for row in TABLE["operations"]), sorted(modelled))
        self.assertEqual(len(modelled), 13)

    def test_every_exception_is_in_the_table(self):
        modelled = {
            (row["operation"], shape.name)
            for row in TABLE["operations"]
            for shape in MODEL.operation_model(row["operation"]).error_shapes
        }
        self.assertEqual({(row["operation"], refusal["error"]) for row, refusal in rows()}, modelled)

    def test_a_fault_stands_in_only_for_what_cannot_occur(self):
        by_fault = {(row["operation"], refusal["error"]) for row, refusal in rows() if "fault" in refusal}
        self.assertEqual(by_fault, set(BY_FAULT))


class Boto3(unittest.TestCase):
    """AWS JSON 1.1."""

    def test_every_refusal(self):
        for row, refusal in rows():
            with self.subTest(title(row, refusal)), Emulator() as emulator:
                conversation, request = prepared(self, emulator, row, refusal)
                call = {"call": row["operation"], "input": request, "error": refusal["error"]}
                if "message" in refusal:
                    call["message"] = refusal["message"]
                conversation.run([call])
                if "input" in refusal or "fault" in refusal:
                    conversation.run([{"call": row["operation"], "input": row["input"]}])


class AwsCli(unittest.TestCase):
    """Each operation with each exception, and its good call. The commands take half a second each, most of it their
    start: some run at a time."""

    def setUp(self):
        self.cli = Cli(self)

    def test_every_exception(self):
        chosen = {}
        for row, refusal in rows():
            # The CLI sends no request that it knows to be wrong.
            shape = MODEL.operation_model(row["operation"]).input_shape
            request = refusal.get("input", row["input"])
            if not botocore.validate.ParamValidator().validate(request, shape).has_errors():
                chosen.setdefault((row["operation"], refusal["error"]), (row, refusal))
        self.assertEqual(set(chosen), {(row["operation"], refusal["error"]) for row, refusal in rows()})
        with concurrent.futures.ThreadPoolExecutor(4) as some:
            for done in [some.submit(self.refuse, *one) for one in chosen.values()]:
                done.result()

    def refuse(self, row, refusal):
        with Emulator() as emulator:
            conversation, request = prepared(self, emulator, row, refusal)
            filled = fill(request, conversation.names)
            error, message = self.cli.refused(emulator, *options(row["operation"], filled))
            self.assertEqual(error, refusal["error"], f"{title(row, refusal)}: {message}")

    def test_every_operation(self):
        with concurrent.futures.ThreadPoolExecutor(4) as some:
            for done in [some.submit(self.succeed, row) for row in TABLE["operations"]]:
                done.result()

    def succeed(self, row):
        with Emulator() as emulator:
            conversation, _ = prepared(self, emulator, row, {"error": "none", "why": "it succeeds"})
            request = fill(row["input"], conversation.names)
            answer = self.cli.succeed(emulator, *options(row["operation"], request))
            shape = MODEL.operation_model(row["operation"]).output_shape
            members = set(shape.members) - {"NextToken"} if shape else set()
            self.assertEqual(set(answer or {}), members, row["operation"])


if __name__ == "__main__":
    unittest.main()
