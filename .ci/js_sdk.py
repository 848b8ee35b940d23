"""Runs the AWS SDK for JavaScript against the emulator: starts a stream session, polls, reconnects.

`.ci/tools js-sdk` installs the SDK where the script finds it; `$GAMELIFT_EMULATOR` names the emulator's binary."""

import os
import pathlib
import re
import subprocess

from processes import running

ROOT = pathlib.Path(__file__).parents[1]
EMULATOR = os.environ.get("GAMELIFT_EMULATOR", ROOT / "target/debug/gamelift-emulator")


def main():
    with running([EMULATOR, "--port", "0", "--game-servers", "0"]) as says:
        address = re.search(r"http://\S+", says("GameLift emulator on", 30)[-1]).group()
        subprocess.run(["node", "streams.mjs", address], cwd=ROOT / "target/ci/js-sdk", timeout=120, check=True)


main()
