"""A real browser, and the local world whose pages it opens.

`$LIFTGATE` names a binary to try in place of `cargo run`."""

import contextlib
import http.server
import os
import re
import threading

import boto3
from playwright.sync_api import expect, sync_playwright

from processes import running

CHROMIUM = "/usr/bin/chromium"
# Root needs the first flag. Without the others, Chromium calls its maker's hosts.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAM = [os.environ["LIFTGATE"]] if "LIFTGATE" in os.environ else ["cargo", "run", "--quiet", "--"]
BUILD_SECONDS = 900


@contextlib.contextmanager
def chromium(*flags):
    """Yields a browser, started with these flags too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        print(f"Chromium {browser.version}")
        yield browser
        browser.close()


@contextlib.contextmanager
def world(*flags):
    """Starts a local world, and yields its addresses by the names that it prints."""
    with running([*PROGRAM, "--port", "0", "--emulator-port", "0", *flags]) as says:
        lines = says("Ctrl-C", BUILD_SECONDS)
        found = [re.match(r"  (\S+(?: \S+)*) +(http://\S+)", line) for line in lines]
        yield dict(line.groups() for line in found if line)


def aws(service, endpoint):
    """Returns AWS's own SDK for a service of the emulator."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-west-2"}
    return boto3.client(service, endpoint_url=endpoint, **keys)


def opened(context, address, errors):
    """Opens a page in a new tab. What its scripts fail with goes to `errors`."""
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    return page


def newest_call(page, text):
    """Expects that the newest entry of the page's log has this text."""
    expect(page.locator("#log summary").first).to_contain_text(text, timeout=30_000)


class Blank(http.server.BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><body>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def another_site():
    """Yields the port of a separate web server, with empty pages."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
