"""The AWS CLI. `$AWS_CLI` names it, else it is on PATH."""

import json
import os
import re
import shutil
import subprocess

import botocore


def missing(test, what):
    """Skips a test; in CI, where everything has to be installed, fails it."""
    if os.environ.get("CI"):
        test.fail(what)
    test.skipTest(what)


class Cli:
    """The AWS CLI for a test."""

    def __init__(self, test):
        self.test = test
        self.program = os.environ.get("AWS_CLI") or shutil.which("aws")
        if not self.program:
            missing(test, "there is no AWS CLI")

    def succeed(self, emulator, *arguments):
        """Returns what a command prints."""
        result = self.run(emulator, *arguments)
        self.test.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout) if result.stdout.strip() else None

    def refused(self, emulator, *arguments):
        """Returns the exception with which a command fails, and its message."""
        result = self.run(emulator, *arguments)
        found = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)", result.stderr)
        self.test.assertTrue(found, f"{arguments}: {result.stdout}{result.stderr}")
        self.test.assertNotEqual(result.returncode, 0)
        return found.groups()

    def run(self, emulator, *arguments):
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}
        return subprocess.run(
            [self.program, "--endpoint-url", emulator.url, "--region", "us-west-2", "gamelift", *arguments],
            env={**os.environ, **keys},
            capture_output=True,
            text=True,
            timeout=60,
        )


def options(operation, request):
    """Returns a command with a request as its options."""
    found = [botocore.xform_name(operation, "-")]
    for name, value in request.items():
        option = botocore.xform_name(name, "-")
        if isinstance(value, bool):
            found.append(f"--{option}" if value else f"--no-{option}")
        else:
            found += [f"--{option}", value if isinstance(value, str) else json.dumps(value)]
    return found
