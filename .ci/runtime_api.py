"""Runs functions as Lambda does, without its containers: each gets a Runtime API of its own to ask for calls."""

import http.server
import json
import os
import queue
import subprocess
import threading
import time

RUNTIME = "/2018-06-01/runtime/"


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Hands one call at a time to a function and takes its answer."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls, self.answers = queue.Queue(), queue.Queue()
        self.turn = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A function that is ended drops its connection."""

    def call(self, event, seconds=40):
        with self.turn:
            self.calls.put(event)
            return self.answers.get(timeout=seconds)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        event = self.server.calls.get()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 28_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-west-2:111122223333:function:local")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        # An answer of unknown length comes in chunks.
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.put(body)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Function:
    """A warm function: one process, started at its first call."""

    def __init__(self, binary, variables):
        self.api = RuntimeApi()
        own = {
            "AWS_LAMBDA_FUNCTION_NAME": os.path.basename(binary),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_address[1]}",
        }
        self.process = subprocess.Popen([binary], env=variables | own, stdout=subprocess.DEVNULL)

    def call(self, event):
        """Returns the answer to an event, both as JSON texts."""
        return self.api.call(event.encode()).decode()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.api.shutdown()
        self.api.server_close()
