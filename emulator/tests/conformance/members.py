"""Compares every member of botocore's models with the emulator.

This file does not read the emulator's source: the emulator knows an input's member if a value of a wrong type for it
changes the answer, and an output's member if an answer of the conformance suite has it. The model's other members are
named below, with the reason. A model that is newer than the emulator fails here, until the emulator has its members,
refuses them by their names, or they are named.

Run it like `suite.py`: `python -m unittest members`."""

import contextlib
import copy
import json
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import shapes
import streams
import suite
from server import Emulator

WRONG = [[{"a": [1.5]}]]

# Members of inputs for which an otherwise valid request is refused: the operation, the member, the rest of the request.
FLEET = {"Name": "n", "ComputeType": "ANYWHERE", "Locations": [{"Location": "custom-home"}]}
MANAGED = (
    "BuildId", "ScriptId", "ServerLaunchPath", "ServerLaunchParameters", "LogPaths", "EC2InstanceType",
    "EC2InboundPermissions", "PeerVpcAwsAccountId", "PeerVpcId", "FleetType", "InstanceRoleArn",
    "InstanceRoleCredentialsProvider", "PlayerGatewayMode", "PlayerGatewayConfiguration",
)
QUEUE = {"Name": "q"}
REFUSED = {
    **{("CreateFleet", member): FLEET for member in MANAGED},
    ("CreateGameSessionQueue", "LogConfiguration"): QUEUE,
    ("UpdateGameSessionQueue", "AddLogDeliveryDestinations"): QUEUE,
    ("UpdateGameSessionQueue", "RemoveLogDeliveryDestinations"): QUEUE,
}

# Members that no answer has, by the shape they are in, with the reason.
MANAGED_FLEETS = "of managed fleets; there are only Anywhere fleets"
CONTAINERS = "of container fleets; there are only Anywhere fleets"
GATEWAY = "of the player gateway, which Anywhere fleets do not have"
LOGS = "queues that have it are refused"
UNSENT = {
    "gamelift": {
        "Compute": {
            "ContainerAttributes": CONTAINERS,
            "GameLiftAgentEndpoint": MANAGED_FLEETS,
            "GameServerContainerGroupDefinitionArn": CONTAINERS,
            "InstanceId": MANAGED_FLEETS,
            "OperatingSystem": MANAGED_FLEETS,
            "Type": MANAGED_FLEETS,
        },
        "ContainerAttribute": dict.fromkeys(("ContainerName", "ContainerRuntimeId"), CONTAINERS),
        "DescribeFleetUtilizationOutput": {"NextToken": "Anywhere fleets are not in it"},
        "FleetAttributes": {
            **dict.fromkeys(
                (
                    "BuildArn", "BuildId", "FleetType", "InstanceRoleArn", "InstanceRoleCredentialsProvider",
                    "InstanceType", "LogPaths", "OperatingSystem", "ScriptArn", "ScriptId", "ServerLaunchParameters",
                    "ServerLaunchPath", "StoppedActions",
                ),
                MANAGED_FLEETS,
            ),
            **dict.fromkeys(("PlayerGatewayConfiguration", "PlayerGatewayMode"), GATEWAY),
        },
        "GameSession": {"PlayerGatewayStatus": GATEWAY},
        "GameSessionConnectionInfo": {"PlayerGatewayStatus": GATEWAY},
        "GameSessionPlacement": {"PlayerGatewayStatus": GATEWAY},
        "GameSessionQueue": {"LogConfiguration": LOGS},
        "GameSessionQueueLogConfiguration": {"DeliveryDestinations": LOGS},
        "LocationState": {"PlayerGatewayStatus": GATEWAY},
        "LogDeliveryDestination": dict.fromkeys(("DestinationArn", "LogDestination"), LOGS),
        "PlayerGatewayConfiguration": {"GameServerIpProtocolSupported": GATEWAY},
    },
    "gameliftstreams": {
        "GetStreamSessionOutput": {"LogFileLocationUri": "no log is written"},
        "StartStreamSessionOutput": {"LogFileLocationUri": "no log is written"},
        "LocationState": {"InternalVpcIpv4CidrBlock": "there is no VPC behind a location"},
        "VpcTransitConfigurationResponse": dict.fromkeys(
            ("TransitGatewayId", "TransitGatewayResourceShareArn"), "there is no transit gateway"
        ),
    },
}


def structures(shape, path=(), inside=()):
    """Yields all members of a structure, nested ones too: path, name, shape."""
    if shape.type_name == "list":
        yield from structures(shape.member, (*path, 0), inside)
    elif shape.type_name == "map":
        yield from structures(shape.value, (*path, None), inside)
    elif shape.type_name == "structure" and shape.name not in inside:
        for name, member in shape.members.items():
            yield (*path, name), shape.name, member
            yield from structures(member, (*path, name), (*inside, shape.name))


def replaced(request, path, value):
    """A copy of the request with another value at the path."""
    changed = copy.deepcopy(request)
    at = changed
    for part in path[:-1]:
        at = at[next(iter(at)) if part is None else part]
    at[path[-1]] = value
    return changed


class Inputs(unittest.TestCase):
    """Every member of a request is read, or the request is refused for it."""

    def test_gamelift(self):
        unknown, refused = [], set()
        with Emulator("--game-servers", "0") as emulator:
            self.assertEqual(emulator.call("CreateGameSessionQueue", QUEUE)[0], 200)
            for name in suite.operations():
                shape = shapes.MODEL.operation_model(name).input_shape
                valid = shapes.sample(shape)
                for path, _, member in structures(shape):
                    key = (name, path[0])
                    if key in REFUSED:
                        refused.add(key)
                        request = {**REFUSED[key], path[0]: valid[path[0]]}
                        status, answer = emulator.call(name, request)
                        with self.subTest(f"{name}: {path[0]} is refused by its name"):
                            self.assertEqual((status, answer.get("__type")), (400, "InvalidRequestException"), answer)
                            self.assertIn(path[0], answer["Message"])
                        continue
                    _, answer = emulator.call(name, replaced(valid, path, WRONG))
                    if answer.get("__type") != "SerializationException":
                        unknown.append((name, path))
        self.assertEqual(unknown, [], "the emulator swallows these members of requests")
        self.assertEqual(refused, set(REFUSED), "these are no members of the model any more")

    def test_streams(self):
        unknown = []
        with Emulator("--game-servers", "0") as emulator:
            for name in streams.operations():
                operation = streams.MODEL.operation_model(name)
                shape = operation.input_shape
                valid = shapes.sample(shape)
                for path, _, member in structures(shape):
                    location = member.serialization.get("location")
                    # Without the right label the path is another one.
                    if location == "uri":
                        continue
                    if sent(emulator, operation, valid, path, location) == sent(emulator, operation, valid):
                        unknown.append((name, path))
        self.assertEqual(unknown, [], "the emulator swallows these members of requests")


def sent(emulator, operation, valid, wrong=None, location=None):
    """The answer to a request; with a value of a wrong type at the path `wrong`."""
    request = streams.SERIALIZER.serialize_to_request(valid, operation)
    query = urllib.parse.urlencode(request["query_string"], doseq=True)
    body = json.loads(request["body"]) if request["body"] else {}
    if wrong and location == "querystring":
        # More values than there may be.
        member = operation.input_shape.members[wrong[0]]
        name = member.serialization["name"]
        query += f"&{name}=x" * member.metadata.get("max", 1)
    elif wrong:
        body = replaced(body, wrong, WRONG)
    data = json.dumps(body).encode() if body else None
    url = f"{emulator.url}{request['url_path']}?{query}".rstrip("?")
    wire = urllib.request.Request(url, data, request["headers"], method=request["method"])
    try:
        with urllib.request.urlopen(wire, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["x-amzn-ErrorType"], error.read()


class Outputs(unittest.TestCase):
    """Every member that an answer can have is in an answer, or is named above."""

    maxDiff = None

    def compare(self, model, operations, seen):
        known = set()
        for name in operations:
            shape = model.operation_model(name).output_shape
            if shape:
                known |= {(inside, path[-1]) for path, inside, _ in structures(shape)}
        unsent = UNSENT[model.service_name]
        named = {(shape, member) for shape, members in unsent.items() for member in members}
        # The answer itself has no named shape.
        unknown = sorted(known - seen - named)
        self.assertEqual(unknown, [], "no answer of the emulator has these members, and no reason is named")
        self.assertEqual(sorted(named & seen), [], "answers have these: they need no reason any more")
        self.assertEqual(sorted(named - known), [], "these are no members of the model any more")

    def test_gamelift(self):
        with watched(suite, "gamelift") as seen:
            for case in suite.CASES:
                with Emulator() as emulator:
                    suite.Table().run_case(emulator, case)
            everything_of_gamelift()
        self.compare(shapes.MODEL, suite.operations(), seen)

    def test_streams(self):
        with watched(streams, "gameliftstreams") as seen:
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(streams.Story).run(result)
            self.assertEqual((result.errors, result.failures), ([], []))
            everything_of_streams()
        self.compare(streams.MODEL, streams.operations(), seen)


@contextlib.contextmanager
def watched(module, service):
    """Records the members of all answers to the clients that a module makes."""
    seen, original = set(), module.client

    def client(emulator, **options):
        made = original(emulator, **options)
        made.meta.events.register(
            f"after-call.{service}.*", lambda parsed, model, **_: found(model.output_shape, parsed, seen)
        )
        return made

    module.client = client
    try:
        yield seen
    finally:
        module.client = original


SEED = """
[[locations]]
name = "custom-home"
[[fleets]]
id = "fleet-1"
name = "first"
locations = ["custom-home"]
[[fleets]]
id = "fleet-2"
name = "second"
locations = ["custom-home"]
[[computes]]
name = "pc"
fleet = "fleet-1"
location = "custom-home"
dns_name = "pc.example.com"
[[queues]]
name = "q"
destinations = ["fleet-1"]
"""


def everything_of_gamelift():
    """Calls the operations for which the table has no case."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as seed:
        seed.write(SEED)
        seed.flush()
        with Emulator("--config", seed.name, "--game-servers", "4") as emulator:
            gamelift = suite.client(emulator)
            gamelift.describe_fleet_attributes(Limit=1)
            create = {"FleetId": "fleet-1", "Location": "custom-home", "MaximumPlayerSessionCount": 2}
            created = [eventually(gamelift.create_game_session, **create) for _ in range(2)]
            place = {"PlacementId": "p", "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 2}
            gamelift.start_game_session_placement(**place)
            while len(gamelift.search_game_sessions(FleetId="fleet-1")["GameSessions"]) < 3:
                emulator.step(1)
            gamelift.describe_game_session_placement(PlacementId="p")
            for call in (
                gamelift.describe_game_sessions, gamelift.describe_game_session_details, gamelift.search_game_sessions,
            ):
                call(FleetId="fleet-1", Limit=1)
            session = created[0]["GameSession"]["GameSessionId"]
            gamelift.create_player_session(GameSessionId=session, PlayerId="ann")
            emulator.step(60)
            gamelift.describe_player_sessions(GameSessionId=session)
            match(emulator, gamelift)
            emulator.control("faults", "CreateGameServerGroup=never_activate:1")
            gamelift.create_game_server_group(
                GameServerGroupName="g", RoleArn="arn:aws:iam::111122223333:role/r", MinSize=1, MaxSize=1,
                LaunchTemplate={"LaunchTemplateName": "template"},
                InstanceDefinitions=[{"InstanceType": "c5.large"}, {"InstanceType": "c5.xlarge"}],
            )
            emulator.step(10)
            gamelift.describe_game_server_group(GameServerGroupName="g")


def match(emulator, gamelift):
    """Lets two players be matched and placed."""
    team = {"name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}
    body = json.dumps({"ruleLanguageVersion": "1.0", "teams": [team]})
    gamelift.create_matchmaking_rule_set(Name="pair", RuleSetBody=body)
    queue = gamelift.describe_game_session_queues(Names=["q"])["GameSessionQueues"][0]["GameSessionQueueArn"]
    gamelift.create_matchmaking_configuration(
        Name="pair", RuleSetName="pair", RequestTimeoutSeconds=600, AcceptanceRequired=False,
        GameSessionQueueArns=[queue],
    )
    for player in ("ann", "ben"):
        gamelift.start_matchmaking(TicketId=player, ConfigurationName="pair", Players=[{"PlayerId": player}])
    deadline = time.monotonic() + 10
    ticket = {}
    while ticket.get("Status") != "COMPLETED" and time.monotonic() < deadline:
        emulator.step(1)
        ticket = gamelift.describe_matchmaking(TicketIds=["ann"])["TicketList"][0]
    session = ticket["GameSessionConnectionInfo"]["GameSessionArn"]
    data = gamelift.describe_game_sessions(GameSessionId=session)["GameSessions"][0]["MatchmakerData"]
    gamelift.describe_game_session_placement(PlacementId=json.loads(data)["matchId"])


def eventually(call, **parameters):
    """Repeats the call until a game server is there for it."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return call(**parameters)
        except call.__self__.exceptions.FleetCapacityExceededException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def everything_of_streams():
    """Calls the operations that the story leaves out. A repeated call with a token returns the first call's result."""
    with Emulator("--game-servers", "0") as emulator:
        client = streams.client(emulator)
        token = "0123456789" * 4
        start = {
            "Identifier": streams.GROUP, "ApplicationIdentifier": streams.APPLICATION, "Protocol": "WebRTC",
            "SignalRequest": streams.OFFER, "Description": "A session", "UserId": "user", "ClientToken": token,
            "AdditionalLaunchArgs": ["-x"], "AdditionalEnvironmentVariables": {"NAME": "value"},
            "DisplayConfiguration": {"Resolution": {"Width": 1280, "Height": 720}},
            "PerformanceStatsConfiguration": {"SharedWithClient": True},
            "RoleArn": "arn:aws:iam::111122223333:role/GameLiftStreams-x",
        }
        session = client.start_stream_session(**start)["Arn"].rsplit("/", 1)[1]
        named = {"Identifier": streams.GROUP, "StreamSessionIdentifier": session}
        emulator.step(1)
        steer(emulator, session, "connect")
        client.export_stream_session_files(**named, OutputUri="s3://bucket/files.zip")
        steer(emulator, session, "fail")
        client.start_stream_session(**start)
        client.get_stream_session(**named)
        client.start_stream_session(**{**start, "ClientToken": token[1:]})
        client.list_stream_sessions(Identifier=streams.GROUP, MaxResults=1)
        client.list_stream_sessions_by_account(MaxResults=1)

        emulator.control("faults", "CreateApplication=fails:internalError:1")
        application = {
            "Description": "A game", "RuntimeEnvironment": {"Type": "UBUNTU", "Version": "22_04_LTS"},
            "ExecutablePath": "game", "ApplicationSourceUri": "s3://games/mine/", "ClientToken": token,
        }
        identifier = client.create_application(**application)["Id"]
        emulator.step(1)
        emulator.step(1)
        client.create_application(**application)
        client.get_application(Identifier=identifier)
        client.update_application(Identifier=identifier, Description="The game")

        emulator.control("faults", "CreateStreamGroup/eu-central-1=fails:noAvailableInstances:1")
        group = {
            "Description": "A group", "StreamClass": "gen5n_high", "ClientToken": token,
            "LocationConfigurations": [
                {"LocationName": name, "AlwaysOnCapacity": 2} for name in ("us-west-2", "eu-central-1")
            ],
        }
        identifier = client.create_stream_group(**group)["Id"]
        emulator.step(1)
        client.create_stream_group(**group)
        client.get_stream_group(Identifier=identifier)
        client.update_stream_group(Identifier=identifier, Description="The group")
        client.list_stream_groups(MaxResults=1)


def steer(emulator, session, what):
    url = f"{emulator.url}/_emulator/streams/{session}/{what}"
    urllib.request.urlopen(urllib.request.Request(url, b"", method="POST"), timeout=10).close()


def found(shape, value, seen):
    """Records the members of a value, by the shape that they are in."""
    if shape is None or value is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                seen.add((shape.name, name))
                found(member, value[name], seen)
    elif shape.type_name == "list":
        for item in value:
            found(shape.member, item, seen)
    elif shape.type_name == "map":
        for item in value.values():
            found(shape.value, item, seen)


if __name__ == "__main__":
    unittest.main()
