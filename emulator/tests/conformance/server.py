"""A separate emulator for a test, on a separate port."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


def binary():
    """The emulator's binary: `$GAMELIFT_EMULATOR`, or what cargo has built."""
    given = os.environ.get("GAMELIFT_EMULATOR")
    if given:
        return given
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    for profile in ("debug", "release"):
        candidate = target / profile / "gamelift-emulator"
        if candidate.exists():
            return str(candidate)
    raise SystemExit("There is no gamelift-emulator. Run: cargo build -p gamelift-emulator")


class Emulator:
    """A running emulator whose clock stands still until `step`."""

    def __init__(self, *arguments):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [binary(), "--port", str(self.port), "--time-scale", "0", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the emulator does not start: {self.process.args}") from None
                time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def control(self, endpoint, body=None):
        """Calls one of the emulator's control endpoints."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/_emulator/{endpoint}", data) as answer:
            return json.load(answer)

    def step(self, seconds):
        self.control("clock", {"step_seconds": seconds})

    def call(self, operation, body):
        """Calls an operation without a client in between. Returns the status and the answer."""
        request = urllib.request.Request(
            self.url,
            json.dumps(body).encode(),
            {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"GameLift.{operation}"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
