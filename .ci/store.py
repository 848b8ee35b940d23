"""Runs the conformance suite of the store on a DynamoDB: the one that `ministack` emulates, or that of `--endpoint`.

    python .ci/store.py
    python .ci/store.py --endpoint https://dynamodb.eu-west-1.amazonaws.com

`.ci/tools ministack` installs the emulation. Every case that `cargo test` runs in memory has to run here, too. The tests
make a table each, and delete it when they pass.
"""

import argparse
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where `.ci/tools ministack` has put it.
MINISTACK = Path(os.environ.get("MINISTACK", ROOT / "target/ci/ministack/bin/ministack"))
ENDPOINT = "LIFTGATE_STORE_ENDPOINT"
TESTS = ["cargo", "test", "--locked", "-p", "store", "--test", "it", "--"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def ministack():
    """Starts the emulation on a free port of this machine alone, and yields its endpoint."""
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+") as log:
        port = free_port()
        # Its files go there too. It needs no credentials.
        environment = os.environ | {
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "dynamodb", "LOG_LEVEL": "WARNING",
            "TMPDIR": folder,
        }
        server = subprocess.Popen([MINISTACK], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(server, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(server, port, log):
    for _ in range(300):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    log.seek(0)
    sys.exit(f"ministack did not start:\n{log.read()}")


def cases(table):
    """The names of the suite's cases on this table."""
    listed = subprocess.run([*TESTS, "--list", "--include-ignored"], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(re.findall(rf"^suite::{table}::(\S+): test$", listed.stdout, re.MULTILINE))


def run(endpoint, wanted, credentials):
    """Runs the cases, and ends the program if one fails or is missing."""
    environment = credentials | os.environ | {ENDPOINT: endpoint}
    # One after the other: a call that waits a second for its answer has failed.
    command = [*TESTS, "suite::dynamodb::", "--ignored", "--test-threads=1"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    print(ran.stdout)
    passed = set(re.findall(r"^test suite::dynamodb::(\S+) \.\.\. ok$", ran.stdout, re.MULTILINE))
    if ran.returncode != 0 or passed != wanted:
        sys.exit(f"{len(passed)} of {len(wanted)} cases of the store pass on DynamoDB. Missing: {sorted(wanted - passed)}")
    print(f"the store: {len(passed)} cases pass on DynamoDB as in memory")


def main():
    parser = argparse.ArgumentParser(description="The conformance suite of the store on a DynamoDB.")
    parser.add_argument("--endpoint", default=os.environ.get(ENDPOINT), help="another one than an emulated DynamoDB")
    endpoint = parser.parse_args().endpoint
    wanted = cases("memory")
    if not wanted or wanted != cases("dynamodb"):
        sys.exit("The suite has not the same cases on both tables.")
    if endpoint:
        # With the caller's own credentials, such as those of a profile. A table of AWS is in the Region of its endpoint.
        own = re.search(r"\.([a-z0-9-]+)\.amazonaws\.com", endpoint)
        has_region = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} & os.environ.keys()
        run(endpoint, wanted, {} if has_region else {"AWS_REGION": own.group(1) if own else "eu-west-1"})
        return
    with ministack() as endpoint:
        run(endpoint, wanted, {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"})


main()
