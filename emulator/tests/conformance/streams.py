"""GameLift Streams from outside. boto3 drives sessions through every status and calls every operation; the bytes on the
wire are compared with botocore's model.

Run it like `suite.py`: `python -m unittest streams`."""

import json
import pathlib
import re
import unittest
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore
import botocore.client
import botocore.serialize
import botocore.session
import botocore.validate

from server import Emulator
from shapes import problems, sample, violations

MODEL = botocore.session.Session().get_service_model("gameliftstreams")
SERIALIZER = botocore.serialize.create_serializer("rest-json", include_validation=False)
SOURCE = pathlib.Path(__file__).parents[2] / "streams/src/operations/table.rs"
GROUP, APPLICATION = "sg-Local0001", "a-Local0001"
OFFER = json.dumps(
    {
        "type": "offer",
        "sdp": "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1 2\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=ice-ufrag:u{number}\na=ice-pwd:0123456789012345678901\n"
        "a=fingerprint:sha-256 AA:BB\na=setup:actpass\na=mid:0\na=recvonly\na=rtpmap:111 opus/48000/2\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 102\na=mid:1\na=recvonly\na=rtpmap:102 H264/90000\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\na=sctp-port:5000\n",
    }
)


def operations():
    """Returns the model's operations that the emulator has."""
    table = SOURCE.read_text()
    return re.findall(r"^    \w+::(\w+),$", table[table.index("\ntable! {") :], re.MULTILINE)


def client(emulator, **options):
    # No retries: an exception counts as an answer.
    config = botocore.client.Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-west-2", **options}
    return boto3.client("gameliftstreams", endpoint_url=emulator.url, config=config, **keys)


def send(emulator, name, parameters):
    """Sends the parameters in the model's form, valid or not. Returns status, exception and answer."""
    request = SERIALIZER.serialize_to_request(parameters, MODEL.operation_model(name))
    query = urllib.parse.urlencode(request["query_string"], doseq=True)
    body = request["body"]
    body = body.encode() if isinstance(body, str) else body
    path = f"{request['url_path']}?{query}".rstrip("?")
    wire = urllib.request.Request(emulator.url + path, body or None, request["headers"], method=request["method"])
    try:
        with urllib.request.urlopen(wire, timeout=10) as answer:
            return answer.status, None, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["x-amzn-ErrorType"], error.read()


class Story(unittest.TestCase):
    """The life of one account; each answer is checked against the model."""

    def setUp(self):
        self.emulator = self.enterContext(Emulator("--game-servers", "0"))
        self.client = client(self.emulator)
        self.bodies, self.called, self.offers = [], set(), 0
        events = self.client.meta.events
        events.register("before-parse.gameliftstreams.*", lambda response_dict, **_: self.bodies.append(response_dict))

    def call(self, name, **parameters):
        """Calls an operation. Both its request and its answer have the model's shapes."""
        operation = MODEL.operation_model(name)
        report = botocore.validate.ParamValidator().validate(parameters, operation.input_shape)
        self.assertFalse(report.has_errors(), f"{name}: {report.generate_report()}")
        self.bodies.clear()
        answer = getattr(self.client, botocore.xform_name(name))(**parameters)
        wire = self.bodies[-1]
        self.assertEqual(wire["status_code"], operation.http["responseCode"], name)
        self.assertIn("x-amzn-RequestId", wire["headers"])
        if operation.http["responseCode"] == 204:
            self.assertEqual(wire["body"], b"", name)
        else:
            self.assertEqual(problems(operation.output_shape, json.loads(wire["body"])), [], name)
        self.called.add(name)
        return answer

    def refused(self, exception, status, name, **parameters):
        """Calls an operation that answers with an exception that it declares."""
        with self.assertRaises(getattr(self.client.exceptions, exception)) as caught:
            getattr(self.client, botocore.xform_name(name))(**parameters)
        response = caught.exception.response
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], status)
        self.assertTrue(response["Error"]["Message"] or response.get("Message"), response)
        declared = [shape.name for shape in MODEL.operation_model(name).error_shapes]
        self.assertIn(exception, declared, name)

    def offer(self):
        self.offers += 1
        return OFFER.replace("{number}", f"{self.offers:04}")

    def start(self, group=GROUP, **more):
        request = {"Protocol": "WebRTC", "SignalRequest": self.offer(), "ApplicationIdentifier": APPLICATION, **more}
        return self.call("StartStreamSession", Identifier=group, **request)["Arn"].rsplit("/", 1)[1]

    def status(self, session, group=GROUP):
        found = self.call("GetStreamSession", Identifier=group, StreamSessionIdentifier=session)
        return found["Status"], found.get("StatusReason")

    def control(self, session, what, body=b""):
        url = f"{self.emulator.url}/_emulator/streams/{session}/{what}"
        with urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=10) as answer:
            self.assertEqual(answer.status, 204)

    def test_every_operation(self):
        application = self.call(
            "CreateApplication",
            Description="A game",
            RuntimeEnvironment={"Type": "PROTON", "Version": "20260204"},
            ExecutablePath="bin/game.exe",
            ApplicationSourceUri="s3://games/mine/",
            ApplicationLogPaths=["logs"],
            ApplicationLogOutputUri="s3://logs/mine/",
            Tags={"team": "red"},
        )
        game = application["Id"]
        self.assertEqual(application["Status"], "INITIALIZED")
        self.emulator.step(1)
        self.assertEqual(self.call("GetApplication", Identifier=game)["Status"], "PROCESSING")
        self.refused("ConflictException", 409, "DeleteApplication", Identifier=game)
        self.emulator.step(1)
        self.assertEqual(self.call("GetApplication", Identifier=game)["Status"], "READY")
        self.call("UpdateApplication", Identifier=game, Description="The game")

        created = self.call(
            "CreateStreamGroup",
            Description="A group",
            StreamClass="gen6n_high",
            DefaultApplicationIdentifier=game,
            LocationConfigurations=[
                {"LocationName": "us-west-2", "AlwaysOnCapacity": 2, "MaximumCapacity": 4, "TargetIdleCapacity": 2},
            ],
        )
        group = created["Id"]
        self.assertEqual(created["Status"], "ACTIVATING")
        self.emulator.step(1)
        self.assertEqual(self.call("GetStreamGroup", Identifier=group)["Status"], "ACTIVE")
        vpc = {"VpcId": "vpc-1", "Ipv4CidrBlocks": ["10.0.0.0/16"]}
        remote = {"LocationName": "eu-central-1", "AlwaysOnCapacity": 2, "VpcTransitConfiguration": vpc}
        self.call("AddStreamGroupLocations", Identifier=group, LocationConfigurations=[remote])
        self.emulator.step(1)
        self.call("AssociateApplications", Identifier=group, ApplicationIdentifiers=[APPLICATION])
        updated = self.call("UpdateStreamGroup", Identifier=group, DefaultApplicationIdentifier=APPLICATION)
        self.assertEqual(updated["DefaultApplication"]["Id"], APPLICATION)
        copies = self.call("GetApplication", Identifier=APPLICATION)["ReplicationStatuses"]
        self.assertEqual([copy["Status"] for copy in copies], ["COMPLETED", "REPLICATING"])
        self.emulator.step(1)
        listed = self.call("ListStreamGroups", MaxResults=100)["Items"]
        self.assertEqual({item["Id"] for item in listed}, {GROUP, group})
        page = self.call("ListApplications", MaxResults=1)
        rest = self.call("ListApplications", NextToken=page["NextToken"])
        self.assertEqual({item["Id"] for item in page["Items"] + rest["Items"]}, {APPLICATION, game})
        arn = created["Arn"]
        self.call("TagResource", ResourceArn=arn, Tags={"stage": "test", "team": "red"})
        self.call("UntagResource", ResourceArn=arn, TagKeys=["stage"])
        self.assertEqual(self.call("ListTagsForResource", ResourceArn=arn)["Tags"], {"team": "red"})

        session = self.start(group, Locations=["ap-northeast-1", "eu-central-1"], UserId="user")
        self.emulator.step(1)
        named = {"Identifier": group, "StreamSessionIdentifier": session}
        found = self.call("GetStreamSession", **named)
        self.assertEqual((found["Location"], found["Status"]), ("eu-central-1", "ACTIVE"))
        self.assertEqual(json.loads(found["SignalResponse"])["type"], "answer")
        self.call("CreateStreamSessionConnection", **named, SignalRequest=self.offer())
        self.call("ExportStreamSessionFiles", **named, OutputUri="s3://bucket/files.zip")
        pending = self.call("ListStreamSessionsByAccount", ExportFilesStatus="PENDING")["Items"]
        self.assertEqual([item["UserId"] for item in pending], ["user"])
        self.call("TerminateStreamSession", **named)
        self.emulator.step(1)
        ended = self.call("ListStreamSessions", Identifier=group, Status="TERMINATED")["Items"]
        self.assertEqual(ended[0]["ExportFilesMetadata"]["Status"], "SUCCEEDED")

        self.call("RemoveStreamGroupLocations", Identifier=group, Locations=["eu-central-1"])
        self.emulator.step(1)
        self.call("DisassociateApplications", Identifier=group, ApplicationIdentifiers=[game])
        self.call("DeleteApplication", Identifier=game)
        self.call("DeleteStreamGroup", Identifier=group)
        self.emulator.step(1)
        self.refused("ResourceNotFoundException", 404, "GetStreamGroup", Identifier=group)
        self.refused("ResourceNotFoundException", 404, "GetApplication", Identifier=game)
        self.assertEqual(set(operations()) - self.called, set(), "each operation was called")

    def test_every_status_and_reason(self):
        statuses, reasons = set(), set()

        def expect(session, *expected):
            found = self.status(session)
            self.assertEqual(found, (*expected, None)[:2])
            statuses.add(found[0])
            reasons.add(found[1])

        session = self.start(ConnectionTimeoutSeconds=30)
        expect(session, "ACTIVATING")
        named = {"Identifier": GROUP, "StreamSessionIdentifier": session}
        self.refused("ValidationException", 400, "TerminateStreamSession", **named)
        self.refused(
            "ConflictException", 409, "CreateStreamSessionConnection", **named, SignalRequest=self.offer()
        )
        self.emulator.step(1)
        expect(session, "ACTIVE")
        self.control(session, "connect")
        expect(session, "CONNECTED")
        self.control(session, "disconnect")
        expect(session, "PENDING_CLIENT_RECONNECTION")
        self.call("CreateStreamSessionConnection", **named, SignalRequest=self.offer())
        expect(session, "ACTIVE")
        self.emulator.step(30)
        expect(session, "TERMINATED", "reconnectionTimeout")

        session = self.start(ConnectionTimeoutSeconds=30)
        self.emulator.step(31)
        expect(session, "TERMINATED", "connectionTimeout")

        session = self.start(SessionLengthSeconds=60)
        self.emulator.step(1)
        self.control(session, "connect")
        self.emulator.step(60)
        expect(session, "TERMINATED", "maxSessionLengthTimeout")

        session = self.start()
        self.emulator.step(1)
        self.control(session, "connect")
        self.emulator.step(3600)
        expect(session, "TERMINATED", "idleTimeout")

        session = self.start()
        self.emulator.step(1)
        self.control(session, "exit")
        expect(session, "TERMINATED", "applicationExit")

        session = self.start()
        self.emulator.step(1)
        self.call("TerminateStreamSession", Identifier=GROUP, StreamSessionIdentifier=session)
        expect(session, "TERMINATING")
        self.emulator.step(1)
        expect(session, "TERMINATED", "apiTerminated")

        session = self.start(SignalRequest="no offer")
        self.emulator.step(1)
        expect(session, "ERROR", "invalidSignalRequest")

        running = [self.start(ConnectionTimeoutSeconds=600) for _ in range(4)]
        session = self.start()
        self.emulator.step(75)
        expect(session, "ERROR", "placementTimeout")
        for session, reason in zip(running, ("internalError", "applicationLogS3DestinationError", "assumeRoleFailed")):
            self.control(session, "fail", json.dumps({"reason": reason}).encode())
            expect(session, "ERROR", reason)

        # RECONNECTING lasts as long as its call, unless a rule makes it longer.
        known = MODEL.shape_for("StreamSessionStatus").enum
        self.assertEqual(set(known) - statuses, {"RECONNECTING"})
        self.assertEqual(set(MODEL.shape_for("StreamSessionStatusReason").enum) - reasons, set())

    def test_reconnecting_lasts_as_long_as_its_call(self):
        with Emulator("--game-servers", "0", "--stream-rule", "reconnecting_seconds=3") as self.emulator:
            self.client = client(self.emulator)
            self.client.meta.events.register(
                "before-parse.gameliftstreams.*", lambda response_dict, **_: self.bodies.append(response_dict)
            )
            session = self.start()
            self.emulator.step(1)
            self.control(session, "connect")
            self.control(session, "disconnect")
            named = {"Identifier": GROUP, "StreamSessionIdentifier": session}
            # This client does not wait for the answer.
            config = botocore.client.Config(read_timeout=0.5, retries={"total_max_attempts": 1})
            hasty = boto3.client(
                "gameliftstreams", endpoint_url=self.emulator.url, config=config, region_name="us-west-2",
                aws_access_key_id="test", aws_secret_access_key="test",
            )
            with self.assertRaises(botocore.exceptions.ReadTimeoutError):
                hasty.create_stream_session_connection(**named, SignalRequest=self.offer())
            self.assertEqual(self.status(session), ("RECONNECTING", None))
            self.emulator.step(3)
            self.assertEqual(self.status(session), ("ACTIVE", None))

    def test_limits(self):
        with Emulator("--game-servers", "0", "--rate-limits") as emulator:
            limited = client(emulator)
            for name, limit, parameters in (
                ("get_stream_session", 20, {"Identifier": GROUP, "StreamSessionIdentifier": "none"}),
                ("get_stream_group", 10, {"Identifier": GROUP}),
                ("update_stream_group", 5, {"Identifier": GROUP}),
                ("list_tags_for_resource", 10, {"ResourceArn": "arn:aws:gameliftstreams:us-west-2:111122223333:x"}),
            ):
                codes = []
                for _ in range(limit + 1):
                    try:
                        getattr(limited, name)(**parameters)
                        codes.append(None)
                    except limited.exceptions.ClientError as error:
                        codes.append(error.response["Error"]["Code"])
                        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                self.assertEqual((codes.count("ThrottlingException"), codes[-1], status), (1, "ThrottlingException", 429))


class Model(unittest.TestCase):
    """The model's rules for inputs, member by member."""

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator("--game-servers", "0")
        cls.addClassCleanup(cls.emulator.__exit__)

    def test_every_member_is_understood(self):
        for name in operations():
            with self.subTest(name):
                status, exception, answer = send(self.emulator, name, sample(MODEL.operation_model(name).input_shape))
                self.assertLess(status, 500, answer)
                self.assertNotEqual(exception, "SerializationException", answer)
                # The values are valid; the resources that they name may not exist.
                for unread in (b"missing field", b"invalid type", b"unknown variant", b"match pattern", b"length is"):
                    self.assertNotIn(unread, answer)

    def test_every_constraint_is_kept(self):
        count = 0
        for name in operations():
            shape = MODEL.operation_model(name).input_shape
            labels = {member for member, of in shape.members.items() if of.serialization.get("location") == "uri"}
            for what, request in violations(shape):
                # Without a label the path is another one; botocore writes no null in place of a list.
                if any(request.get(label) in (None, "") for label in labels) or what.endswith("Ipv4CidrBlocks null"):
                    continue
                count += 1
                with self.subTest(f"{name}: {what}"):
                    status, exception, answer = send(self.emulator, name, request)
                    self.assertEqual((status, exception), (400, "ValidationException"), answer)
        self.assertGreater(count, 150, "the model has constraints")

    def test_every_wrong_type_is_refused(self):
        for name in operations():
            operation = MODEL.operation_model(name)
            for member, shape in operation.input_shape.members.items():
                if "location" in shape.serialization:
                    continue
                with self.subTest(f"{name}: {member}"):
                    valid = sample(operation.input_shape)
                    request = SERIALIZER.serialize_to_request(valid, operation)
                    body = json.dumps({**json.loads(request["body"]), member: [[{"a": [1.5]}]]}).encode()
                    url = self.emulator.url + request["url_path"]
                    wire = urllib.request.Request(url, body, request["headers"], method=request["method"])
                    with self.assertRaises(urllib.error.HTTPError) as caught:
                        urllib.request.urlopen(wire, timeout=10)
                    with caught.exception as error:
                        self.assertEqual((error.code, error.headers["x-amzn-ErrorType"]), (400, "ValidationException"))

    def test_every_exception_that_an_operation_declares(self):
        count = 0
        streams = client(self.emulator)
        for name in operations():
            model = MODEL.operation_model(name)
            for shape in model.error_shapes:
                count += 1
                with self.subTest(f"{name}: {shape.name}"):
                    self.emulator.control("faults", f"{name}=exception:{shape.name}:1")
                    with self.assertRaises(getattr(streams.exceptions, shape.name)) as caught:
                        getattr(streams, botocore.xform_name(name))(**sample(model.input_shape))
                    status = caught.exception.response["ResponseMetadata"]["HTTPStatusCode"]
                    self.assertEqual(status, shape.metadata["error"]["httpStatusCode"])
        self.assertGreater(count, 100, "the operations declare exceptions")

    def test_what_is_not_emulated_says_so(self):
        streams = client(self.emulator)
        missing = set(MODEL.operation_names) - set(operations())
        for name in missing:
            with self.subTest(name), self.assertRaises(streams.exceptions.ClientError) as caught:
                getattr(streams, botocore.xform_name(name))(**sample(MODEL.operation_model(name).input_shape))
            self.assertEqual(caught.exception.response["Error"]["Code"], "UnknownOperationException")
        self.assertLess(len(missing), len(operations()))


class Signatures(unittest.TestCase):
    """`--verify-signatures`."""

    def test_a_wrong_key_is_refused_by_every_operation(self):
        with Emulator("--game-servers", "0", "--verify-signatures", "test:secret") as emulator:
            wrong = client(emulator)
            for name in operations():
                with self.subTest(name), self.assertRaises(wrong.exceptions.ClientError) as caught:
                    getattr(wrong, botocore.xform_name(name))(**sample(MODEL.operation_model(name).input_shape))
                self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)
            right = client(emulator, aws_secret_access_key="secret")
            arn = right.get_stream_group(Identifier=GROUP)["Arn"]
            self.assertEqual(right.get_stream_group(Identifier=arn)["Arn"], arn, "an ARN in the path is signed right")
            self.assertEqual(right.list_stream_sessions(Identifier=GROUP, Status="ACTIVE")["Items"], [])


if __name__ == "__main__":
    unittest.main()
