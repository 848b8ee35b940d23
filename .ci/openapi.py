"""Checks docs/openapi.json as a document, and the local world's answers to requests made from it.

    python .ci/openapi.py

`.ci/tools openapi` installs the validator and Schemathesis. The requests are those that the document allows, one after
another, with the links between the routes. A status, a header or an answer that the document has not is a fault.
"""

import re
import subprocess
import sys
from pathlib import Path

from processes import running

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/openapi.json"
PROGRAMS = ROOT / "target/ci/openapi/bin"
WORLD = ["cargo", "run", "--quiet", "--locked", "--", "--port", "0", "--emulator-port", "0", "--first-game-port", "0"]
BUILD_SECONDS = 900

# A full fleet and a setting that is missing answer 503 and 500, as the document says.
CHECKS = ",".join(
    f"{what}_conformance" for what in ["status_code", "content_type", "response_headers", "response_schema"]
)
# A call waits for up to 25 s, unless it is told not to.
REQUESTS = [
    "--mode", "positive", "--max-examples", "20", "--seed", "1", "--generation-deterministic", "--max-time", "60",
    "--request-timeout", "30", "--header", "Prefer: wait=1", "--checks", CHECKS,
]


def main():
    subprocess.run([PROGRAMS / "openapi-spec-validator", DOCUMENT], check=True)
    with running([*WORLD, "--activation-delay", "0.05"], cwd=ROOT) as says:
        lines = says("Ctrl-C", BUILD_SECONDS)
        url = next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        command = [PROGRAMS / "schemathesis", "run", DOCUMENT, "--url", url, *REQUESTS]
        if subprocess.run(command, cwd=ROOT / "target").returncode:
            sys.exit("The local world answers otherwise than docs/openapi.json says.")


main()
