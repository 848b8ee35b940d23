"""GameLift's API from outside: boto3 over AWS JSON 1.1, and the AWS CLI.

Run it with a Python that has boto3: `python -m unittest suite` here. `$GAMELIFT_EMULATOR` names the
emulator's binary, `$AWS_CLI` the AWS CLI.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import time
import unittest

import boto3
import botocore
import botocore.client

from cli import Cli, missing
from server import Emulator, binary
from shapes import MODEL, sample, violations
from steps import Conversation

HERE = pathlib.Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text())
FLEET = "fleet-11111111-2222-3333-4444-555555555555"
HOME = "custom-home"


def operations():
    """Returns the model's operations that the emulator has."""
    table = (HERE.parents[1] / "gamelift/src/operations/table.rs").read_text()
    names = re.findall(r"^    \w+::(\w+),$", table[table.index("\ntable!") :], re.MULTILINE)
    return [name for name in names if name in MODEL.operation_names]


def client(emulator, secret="test"):
    # No retries: an exception counts as an answer. No validation: some inputs are wrong on purpose.
    config = botocore.client.Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return boto3.client(
        "gamelift",
        endpoint_url=emulator.url,
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key=secret,
        config=config,
    )


class Table(unittest.TestCase):
    """The cases that the Rust SDK runs too; every answer is checked against the model."""

    def test_cases(self):
        for case in CASES:
            with self.subTest(case["name"]), Emulator() as emulator:
                self.run_case(emulator, case)

    def run_case(self, emulator, case):
        Conversation(self, emulator, client(emulator), case["name"]).run(case["steps"])


class Model(unittest.TestCase):
    """The model's rules for inputs, member by member."""

    def test_every_member_is_understood(self):
        with Emulator() as emulator:
            for name in operations():
                with self.subTest(name):
                    shape = MODEL.operation_model(name).input_shape
                    status, answer = emulator.call(name, sample(shape))
                    self.assertLess(status, 500, answer)
                    self.assertNotEqual(answer.get("__type"), "SerializationException", answer)
                    self.assertNotIn("validation error", answer.get("Message", ""), answer)

    def test_every_constraint_is_kept(self):
        count = 0
        with Emulator() as emulator:
            for name in operations():
                shape = MODEL.operation_model(name).input_shape
                for what, request in violations(shape):
                    count += 1
                    with self.subTest(f"{name}: {what}"):
                        status, answer = emulator.call(name, request)
                        self.assertEqual(status, 400, answer)
                        self.assertEqual(answer["__type"], "InvalidRequestException", answer)
        self.assertGreater(count, 300, "the model has constraints")

    def test_every_wrong_type_is_refused(self):
        with Emulator() as emulator:
            for name in operations():
                shape = MODEL.operation_model(name).input_shape
                for member in shape.members:
                    with self.subTest(f"{name}: {member}"):
                        status, answer = emulator.call(name, {**sample(shape), member: [[{"a": [1.5]}]]})
                        self.assertEqual(status, 400, answer)
                        self.assertIn(answer["__type"], ("SerializationException", "InvalidRequestException"), answer)

    def test_every_answer_is_in_the_table(self):
        answered = {step["call"] for case in CASES for step in case["steps"] if "call" in step and "error" not in step}
        self.assertEqual(set(operations()) - answered, set())

    def test_every_exception_of_the_core_operations_is_in_the_table(self):
        # Only a failure of the account or of AWS causes these. A user of the emulator gets them by faults and
        # signatures.
        elsewhere = {"InternalServiceException", "UnauthorizedException", "UnsupportedRegionException"}
        # Declared for kinds of fleets that the emulator does not have, or in no documented case.
        never = {
            ("CreateFleet", "ConflictException"),
            ("CreateFleet", "NotReadyException"),
            ("CreateGameSession", "ConflictException"),
            ("CreateAlias", "ConflictException"),
            ("CreateGameSessionQueue", "NotFoundException"),
            ("CreatePlayerSession", "TerminalRoutingStrategyException"),
            ("CreatePlayerSessions", "TerminalRoutingStrategyException"),
            ("DeleteAlias", "TaggingFailedException"),
            ("DeleteFleet", "InvalidRequestException"),
            ("DeleteFleet", "TaggingFailedException"),
            ("DeleteGameSessionQueue", "TaggingFailedException"),
            ("DeleteMatchmakingConfiguration", "TaggingFailedException"),
            ("DeleteMatchmakingRuleSet", "TaggingFailedException"),
            ("DescribeFleetAttributes", "NotFoundException"),
            ("DescribeFleetUtilization", "NotFoundException"),
            ("DescribeGameSessionQueues", "NotFoundException"),
            ("ListFleets", "NotFoundException"),
            ("ListTagsForResource", "TaggingFailedException"),
            ("RegisterCompute", "NotReadyException"),
            ("TerminateGameSession", "NotReadyException"),
            ("UntagResource", "TaggingFailedException"),
            ("UpdateFleetAttributes", "ConflictException"),
            ("UpdateFleetAttributes", "LimitExceededException"),
            ("UpdateGameSession", "ConflictException"),
            ("UpdateGameSession", "NotReadyException"),
        }
        provoked = {(step["call"], step["error"]) for case in CASES for step in case["steps"] if "error" in step}
        for name in operations():
            for shape in MODEL.operation_model(name).error_shapes:
                # Constraints are tested above.
                if shape.name in elsewhere | {"InvalidRequestException"} or (name, shape.name) in never:
                    continue
                with self.subTest(f"{name}: {shape.name}"):
                    self.assertIn((name, shape.name), provoked)


class Faults(unittest.TestCase):
    """AWS's own failures, for every operation."""

    def test_internal_error_and_throttling(self):
        with Emulator() as emulator:
            gamelift = client(emulator)
            for name in operations():
                request = sample(MODEL.operation_model(name).input_shape)
                for fault, code, status in (
                    ("internal_error", "InternalServiceException", 500),
                    ("throttle", "ThrottlingException", 400),
                ):
                    with self.subTest(f"{name}: {fault}"):
                        emulator.control("faults", f"{name}={fault}:1")
                        with self.assertRaises(gamelift.exceptions.ClientError) as caught:
                            getattr(gamelift, botocore.xform_name(name))(**request)
                        self.assertEqual(caught.exception.response["Error"]["Code"], code)
                        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)


    def test_every_exception_that_an_operation_declares(self):
        count = 0
        with Emulator() as emulator:
            gamelift = client(emulator)
            for name in operations():
                model = MODEL.operation_model(name)
                request = sample(model.input_shape)
                for shape in model.error_shapes:
                    count += 1
                    with self.subTest(f"{name}: {shape.name}"):
                        emulator.control("faults", f"{name}=exception:{shape.name}:1")
                        with self.assertRaises(getattr(gamelift.exceptions, shape.name)):
                            getattr(gamelift, botocore.xform_name(name))(**request)
        self.assertGreater(count, 100, "the operations declare exceptions")


class Signatures(unittest.TestCase):
    """`--verify-signatures`."""

    def test_a_wrong_key_is_refused_by_every_operation(self):
        with Emulator("--verify-signatures", "test:secret") as emulator:
            wrong = client(emulator)
            for name in operations():
                with self.subTest(name), self.assertRaises(wrong.exceptions.ClientError) as caught:
                    getattr(wrong, botocore.xform_name(name))()
                self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)
            right = client(emulator, secret="secret")
            self.assertEqual(right.list_fleets()["FleetIds"], [FLEET])


class Story(unittest.TestCase):
    """The README's story, on the AWS CLI."""

    def setUp(self):
        self.aws = Cli(self).succeed

    def start_game_server(self, emulator, fleet, compute, token):
        """Starts the example game server with the CLI's values, and waits until it is ready."""
        port = 0
        # The system hands out higher ports than GameLift allows.
        while not 0 < port <= 60000:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
        program = pathlib.Path(binary()).parent / "examples" / "game_server"
        if not program.exists():
            missing(self, "there is no game server: cargo build -p gamelift-emulator --example game_server")
        process = subprocess.Popen(
            [program, f"127.0.0.1:{port}"],
            env={
                **os.environ,
                "GAMELIFT_SDK_WEBSOCKET_URL": compute["GameLiftServiceSdkEndpoint"],
                "GAMELIFT_SDK_AUTH_TOKEN": token,
                "GAMELIFT_SDK_PROCESS_ID": "process-1",
                "GAMELIFT_SDK_HOST_ID": compute["ComputeName"],
                "GAMELIFT_SDK_FLEET_ID": fleet,
            },
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)
        deadline = time.monotonic() + 10
        ready = 0
        while not ready and time.monotonic() < deadline:
            answer = client(emulator).describe_fleet_location_utilization(FleetId=fleet, Location="custom-mine")
            ready = answer["FleetUtilization"]["ActiveServerProcessCount"]
        self.assertEqual(ready, 1)
        return process

    def eventually(self, emulator, session, status):
        deadline = time.monotonic() + 10
        found = None
        while found != status and time.monotonic() < deadline:
            answer = self.aws(emulator, "describe-game-sessions", "--game-session-id", session)
            found = answer["GameSessions"][0]["Status"]
        self.assertEqual(found, status)

    def test_the_example_game_server_ends_its_game_session_on_a_signal(self):
        with Emulator() as emulator:
            gamelift = client(emulator)
            gamelift.create_location(LocationName="custom-mine")
            fleet = gamelift.create_fleet(
                Name="mine", ComputeType="ANYWHERE", Locations=[{"Location": "custom-mine"}],
                AnywhereConfiguration={"Cost": "1"},
            )["FleetAttributes"]["FleetId"]
            compute = gamelift.register_compute(
                FleetId=fleet, ComputeName="pc", IpAddress="127.0.0.1", Location="custom-mine"
            )["Compute"]
            token = gamelift.get_compute_auth_token(FleetId=fleet, ComputeName="pc")["AuthToken"]
            process = self.start_game_server(emulator, fleet, compute, token)
            session = gamelift.create_game_session(
                FleetId=fleet, Location="custom-mine", MaximumPlayerSessionCount=4
            )["GameSession"]["GameSessionId"]
            self.eventually(emulator, session, "ACTIVE")
            process.terminate()
            # The emulator's clock stands still, so only the game server's goodbye can end the game session.
            self.eventually(emulator, session, "TERMINATED")
            self.assertEqual(process.wait(10), 0)

    def test_a_game_server_of_fleetiq_from_registration_to_deregistration(self):
        group = ("--game-server-group-name", "local-group")
        server = (*group, "--game-server-id", "mine")
        with Emulator("--game-servers", "0") as emulator:
            instances = self.aws(emulator, "describe-game-server-instances", *group)["GameServerInstances"]
            self.assertEqual([instance["InstanceStatus"] for instance in instances], ["ACTIVE"])
            registered = self.aws(
                emulator, "register-game-server", *server, "--instance-id", instances[0]["InstanceId"],
                "--connection-info", "192.0.2.1:7777", "--game-server-data", "map=arena",
            )["GameServer"]
            self.assertEqual(registered["UtilizationStatus"], "AVAILABLE")
            claimed = self.aws(emulator, "claim-game-server", *group, "--filter-option", "InstanceStatuses=ACTIVE")
            claimed = claimed["GameServer"]
            self.assertEqual((claimed["GameServerId"], claimed["ClaimStatus"]), ("mine", "CLAIMED"))
            self.assertEqual((claimed["ConnectionInfo"], claimed["GameServerData"]), ("192.0.2.1:7777", "map=arena"))
            playing = self.aws(
                emulator, "update-game-server", *server, "--utilization-status", "UTILIZED", "--health-check", "HEALTHY"
            )["GameServer"]
            self.assertEqual((playing["UtilizationStatus"], playing.get("ClaimStatus")), ("UTILIZED", None))
            listed = self.aws(emulator, "list-game-servers", *group, "--sort-order", "DESCENDING")["GameServers"]
            self.assertEqual([server["GameServerId"] for server in listed], ["mine"])
            self.aws(emulator, "deregister-game-server", *server)
            self.assertEqual(self.aws(emulator, "list-game-servers", *group)["GameServers"], [])

    def test_from_a_location_to_a_player(self):
        with Emulator() as emulator:
            location = self.aws(emulator, "create-location", "--location-name", "custom-mine")
            self.assertEqual(location["Location"]["LocationName"], "custom-mine")
            fleet = self.aws(
                emulator, "create-fleet", "--name", "mine", "--compute-type", "ANYWHERE",
                "--locations", "Location=custom-mine", "--anywhere-configuration", "Cost=0.5",
            )["FleetAttributes"]["FleetId"]
            compute = self.aws(
                emulator, "register-compute", "--fleet-id", fleet, "--compute-name", "pc",
                "--ip-address", "127.0.0.1", "--location", "custom-mine",
            )["Compute"]
            self.assertEqual(compute["GameLiftServiceSdkEndpoint"], f"ws://127.0.0.1:{emulator.port}")
            token = self.aws(emulator, "get-compute-auth-token", "--fleet-id", fleet, "--compute-name", "pc")
            self.assertRegex(token["AuthToken"], "^[a-zA-Z0-9-]+$")
            self.start_game_server(emulator, fleet, compute, token["AuthToken"])
            session = self.aws(
                emulator, "create-game-session", "--fleet-id", fleet, "--location", "custom-mine",
                "--maximum-player-session-count", "4", "--game-properties", "Key=mode,Value=ffa",
            )["GameSession"]
            self.assertEqual((session["Status"], session["ComputeName"]), ("ACTIVATING", "pc"))
            session = session["GameSessionId"]
            self.eventually(emulator, session, "ACTIVE")
            player = self.aws(emulator, "create-player-session", "--game-session-id", session, "--player-id", "ann")
            self.assertEqual(player["PlayerSession"]["Status"], "RESERVED")
            player = player["PlayerSession"]
            with socket.create_connection((player["IpAddress"], player["Port"]), timeout=10) as game:
                game.sendall(f"JOIN {player['PlayerSessionId']}\n".encode())
                self.assertTrue(game.recv(100))
                found = self.aws(emulator, "describe-player-sessions", "--player-session-id", player["PlayerSessionId"])
                self.assertEqual(found["PlayerSessions"][0]["Status"], "ACTIVE")
            self.aws(
                emulator, "terminate-game-session", "--game-session-id", session,
                "--termination-mode", "TRIGGER_ON_PROCESS_TERMINATE",
            )
            self.eventually(emulator, session, "TERMINATED")
            self.aws(emulator, "deregister-compute", "--fleet-id", fleet, "--compute-name", "pc")
            self.aws(emulator, "delete-fleet", "--fleet-id", fleet)
            emulator.step(10)
            self.aws(emulator, "delete-location", "--location-name", "custom-mine")


if __name__ == "__main__":
    unittest.main()
