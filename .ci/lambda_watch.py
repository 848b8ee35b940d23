"""Runs the functions under `cargo lambda watch` against the emulator, on the routes in Cargo.toml."""

import os
import re
import socket
import tempfile

from processes import call, running, until_open


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    with running(["cargo", "run", "--quiet", "--", "--serve", "emulator", "--emulator-port", "0"]) as emulator_says:
        lines = emulator_says("Ctrl-C", 60)
        [endpoint] = [re.search(r"http://\S+", line).group() for line in lines if line.startswith("  GameLift ")]
        variables = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "LIFTGATE_TRUST_BODY_UUID": "true",
        }
        port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".env") as env_file:
            env_file.writelines(f"{name}={value}\n" for name, value in variables.items())
            env_file.flush()
            watch = ["cargo", "lambda", "watch", "-A", "127.0.0.1", "-P", str(port), "--env-file", env_file.name]
            with running(watch, env=os.environ | {"CARGO_TERM_COLOR": "never"}) as watch_says:
                # It says so before it listens.
                watch_says("starting Runtime server", 60)
                until_open(port, 60)
                base = f"http://127.0.0.1:{port}"
                body = {"session_name": "Watched", "uuid": "player-1", "num_connections": 4}
                # The first call of a function builds it.
                status, created = call("POST", f"{base}/create_session", body, seconds=600)
                assert status == 200 and created["Status"] == "RESERVED", created
                status, found = call("GET", f"{base}/find_session", seconds=600)
                assert (status, [session["Name"] for session in found]) == (200, ["Watched"]), found
                print("cargo lambda watch serves the functions on their routes")


main()
