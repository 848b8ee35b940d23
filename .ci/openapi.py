"""Checks docs/openapi.json as a document, and the local world's answers to requests made from it.

    python .ci/openapi.py

`.ci/tools openapi` installs the validator and Schemathesis. The requests are those that the document allows, one after
another, with the links between the routes. A status, a header or an answer that the document has not is a fault, and so
is an `INTERNAL`, which the document has on every route.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import running

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/openapi.json"
PROGRAMS = ROOT / "target/ci/openapi/bin"
# Each game session that a request starts keeps a game server, so that a full world would answer 503 only.
WORLD = [
    "cargo", "run", "--quiet", "--locked", "--", "--port", "0", "--emulator-port", "0", "--first-game-port", "0",
    "--activation-delay", "0.05", "--game-servers", "400",
]
BUILD_SECONDS = 900

# The most seconds of each phase. Fuzzing and stateful testing use all of theirs.
PHASES = {"examples": 60, "coverage": 120, "fuzzing": 30, "stateful": 30}

# A setting that is missing answers 500, as the document says.
CHECKS = ",".join(
    f"{what}_conformance" for what in ["status_code", "content_type", "response_headers", "response_schema"]
)
# A call waits for up to 25 s, unless it is told not to.
REQUESTS = [
    "--mode", "positive", "--max-examples", "20", "--seed", "1", "--generation-deterministic",
    "--request-timeout", "30", "--header", "Prefer: wait=1", "--checks", CHECKS,
]


def main():
    subprocess.run([PROGRAMS / "openapi-spec-validator", DOCUMENT], check=True)
    with running(WORLD, cwd=ROOT) as says, tempfile.TemporaryDirectory() as directory:
        lines = says("Ctrl-C", BUILD_SECONDS)
        url = next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        for phase, seconds in PHASES.items():
            run(phase, seconds, url, Path(directory))


def run(phase, seconds, url, directory):
    """Makes the requests of a phase; exits at a fault, and if the phase has made none."""
    report, calls = directory / f"{phase}.json", directory / f"{phase}.har"
    command = [
        PROGRAMS / "schemathesis", "run", DOCUMENT, "--url", url, "--phases", phase, "--max-time", str(seconds),
        "--report", "json,har", "--report-json-path", report, "--report-har-path", calls, *REQUESTS,
    ]
    if subprocess.run(command, cwd=ROOT / "target").returncode:
        sys.exit(f"{phase}: the local world answers otherwise than docs/openapi.json says.")
    said = json.loads(report.read_text())
    untested = phase == "coverage" and said["operations"]["tested"] < said["operations"]["total"]
    if said["phases"][phase]["status"] != "success" or said["test_cases"]["generated"] == 0 or untested:
        sys.exit(f"{phase}: not all was tried: {said['phases'][phase]}, {said['operations']}, {said['test_cases']}")
    for entry in json.loads(calls.read_text())["log"]["entries"]:
        if '"INTERNAL"' in entry["response"]["content"].get("text", ""):
            sys.exit(f"{phase}: something broke in {entry['request']['method']} {entry['request']['url']}")


main()
