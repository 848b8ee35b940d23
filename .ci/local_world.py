"""Tries the README's promises of `cargo run`: the printed curl calls, an AWS SDK against the emulator (boto3, which
speaks AWS JSON 1.1), and no hang when AWS goes away."""

import json
import os
import re
import subprocess
import threading
import time

import boto3
from botocore.config import Config

from processes import call, running

FREE_PORTS = ["--port", "0", "--emulator-port", "0"]
BUILD_SECONDS = 900


def address(lines, label):
    [found] = [re.search(r"http://\S+", line).group() for line in lines if line.startswith(f"  {label} ")]
    return found


def the_printed_calls(lines):
    *calls, search = [line for line in lines if line.startswith("curl ")]
    assert len(calls) == 4 and "/start_matchmaking" in search, (calls, search)
    answers = []
    for command in calls:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (command, done.stderr)
        answers.append(json.loads(done.stdout))
    created, found, joined, streamed = answers
    assert created["Status"] == "RESERVED" and isinstance(created["Port"], int), created
    assert [session["GameSessionId"] for session in found] == [created["GameSessionId"]], found
    assert joined["GameSessionId"] == created["GameSessionId"] and joined["PlayerId"] == "player-2", joined
    assert streamed["Outcome"] == "STARTED" and json.loads(streamed["SignalResponse"])["type"] == "answer", streamed
    two = [subprocess.Popen(["bash", "-c", search], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    one, other = (json.loads(terminal.communicate(timeout=60)[0]) for terminal in two)
    assert one["GameSessionId"] == other["GameSessionId"] and one["MatchId"] == other["MatchId"], (one, other)
    assert {one["Team"], other["Team"]} == {"red", "blue"} and one["PlayerId"] != other["PlayerId"], (one, other)
    print("the five printed calls answer as the README says")


def clients(endpoint):
    options = {
        "endpoint_url": endpoint,
        "region_name": "us-west-2",
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    return boto3.client("gamelift", **options), boto3.client("gameliftstreams", **options)


def refused(client, exception, operation, **arguments):
    try:
        operation(**arguments)
    except getattr(client.exceptions, exception) as error:
        assert error.response["Error"]["Message"], error
        return
    raise AssertionError(f"{operation} did not raise {exception}")


def boto3_against_the_emulator(endpoint):
    gamelift, streams = clients(endpoint)
    [fleet] = gamelift.list_fleets()["FleetIds"]
    [attributes] = gamelift.describe_fleet_attributes(FleetIds=[fleet])["FleetAttributes"]
    assert (attributes["Status"], attributes["ComputeType"]) == ("ACTIVE", "ANYWHERE"), attributes
    [compute] = gamelift.list_compute(FleetId=fleet)["ComputeList"]

    created = gamelift.create_game_session(
        FleetId=fleet,
        Location=compute["Location"],
        MaximumPlayerSessionCount=2,
        Name="From Python",
        GameProperties=[{"Key": "map", "Value": "Suzuka"}],
        IdempotencyToken="from-python",
    )["GameSession"]
    session = {"GameSessionId": created["GameSessionId"]}
    deadline = time.monotonic() + 15
    while created["Status"] == "ACTIVATING" and time.monotonic() < deadline:
        time.sleep(0.25)
        [created] = gamelift.describe_game_sessions(**session)["GameSessions"]
    assert created["Status"] == "ACTIVE", created
    assert created["CreationTime"].tzinfo and abs(time.time() - created["CreationTime"].timestamp()) < 60, created

    found = gamelift.search_game_sessions(
        FleetId=fleet,
        FilterExpression="gameSessionProperties.map = 'Suzuka' AND hasAvailablePlayerSessions = true",
        SortExpression="creationTimeMillis DESC",
    )["GameSessions"]
    assert [one["GameSessionId"] for one in found] == [created["GameSessionId"]], found

    gamelift.create_player_sessions(**session, PlayerIds=["a", "b"])
    players = gamelift.describe_player_sessions(**session)["PlayerSessions"]
    assert sorted(player["Status"] for player in players) == ["RESERVED", "RESERVED"], players
    refused(gamelift, "GameSessionFullException", gamelift.create_player_session, **session, PlayerId="c")
    refused(gamelift, "NotFoundException", gamelift.describe_game_sessions, GameSessionId=created["GameSessionId"] + "0")
    refused(gamelift, "InvalidRequestException", gamelift.search_game_sessions, FleetId=fleet, FilterExpression="oops =")

    group = streams.get_stream_group(Identifier="sg-Local0001")
    assert group["Status"] == "ACTIVE", group
    refused(
        streams,
        "ResourceNotFoundException",
        streams.get_stream_session,
        Identifier="sg-Local0001",
        StreamSessionIdentifier="nobody",
    )
    print("boto3 lists, creates, describes, searches, reserves and is refused as on AWS")


def aws_that_goes_away():
    """Stops the emulator while a create waits for its game session."""
    emulator = ["cargo", "run", "--quiet", "--", "--serve", "emulator", *FREE_PORTS, "--activation-delay", "600"]
    with running(emulator) as emulator_says:
        endpoint = address(emulator_says("Ctrl-C", 60), "GameLift")
        environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        functions = ["cargo", "run", "--quiet", "--", "--serve", "functions", *FREE_PORTS]
        with running(functions, env=environment) as functions_say:
            base = address(functions_say("Ctrl-C", 60), "HTTP API")
            body = {"session_name": "Lost", "uuid": "player-1", "num_connections": 4}
            outcome = {}

            def create():
                started = time.monotonic()
                outcome["answer"] = call("POST", f"{base}/create_session", body)
                outcome["seconds"] = time.monotonic() - started

            waiting = threading.Thread(target=create)
            waiting.start()
            emulator_says("ACTIVATING", 10)
            time.sleep(1)  # The wait is to be interrupted, not the creation.
            emulator_says.process.kill()
            waiting.join(40)
            status, answer = outcome["answer"]
            assert (status, answer["error"]["code"]) == (503, "UPSTREAM_UNAVAILABLE"), answer
            assert outcome["seconds"] < 27, outcome  # 25 s, and a moment for a busy machine
            print(f"an AWS that goes away is told after {outcome['seconds']:.1f} s")


def main():
    started = time.monotonic()
    with running(["cargo", "run", "--", *FREE_PORTS]) as says:
        lines = says("Ctrl-C", BUILD_SECONDS)
        print(f"cargo run is ready after {time.monotonic() - started:.1f} s, its build included")
        the_printed_calls(lines)
        boto3_against_the_emulator(address(lines, "GameLift"))
    assert says.process.returncode == 0, f"Ctrl-C ended it with {says.process.returncode}"
    print("Ctrl-C ends it cleanly")
    aws_that_goes_away()


main()
