"""Programs that a check starts, waits for and ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request


@contextlib.contextmanager
def running(command, **options):
    """Starts `command`, yields a function that waits for a line of its output, and ends it by Ctrl-C."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **options
    )
    lines = []
    news = threading.Condition()

    def read():
        for line in process.stdout:
            with news:
                lines.append(line.rstrip("\n"))
                news.notify_all()
        with news:
            lines.append(None)
            news.notify_all()

    threading.Thread(target=read, daemon=True).start()

    def wait_for(text, seconds):
        """Returns the lines up to the first one with `text`."""

        def there():
            return None in lines or any(text in line for line in lines)

        with news:
            news.wait_for(there, seconds)
            for number, line in enumerate(lines):
                if line is not None and text in line:
                    return lines[: number + 1]
        raise SystemExit(f"{command} did not say {text!r}:\n" + "\n".join(line for line in lines if line))

    wait_for.lines = lines
    wait_for.process = process
    try:
        yield wait_for
    except BaseException:
        print("\n".join(line for line in lines[-40:] if line), file=sys.stderr)
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise SystemExit(f"{command} did not end after Ctrl-C")


def call(method, url, body=None, seconds=30):
    """Returns status and JSON of an answer, also of an error."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def until_open(port, seconds):
    """Returns when something listens on `port` of this machine; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing listens on port {port} after {seconds} s: {error}")
            time.sleep(0.1)
