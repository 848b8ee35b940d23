"""Sinks of events, with the AWS SDK that a back end has: boto3 confirms the subscription as a subscriber of SNS does.

Run it like `suite.py`: `python -m unittest sinks`."""

import contextlib
import http.server
import json
import queue
import threading
import unittest

import boto3
import botocore.client

import suite
from server import Emulator


@contextlib.contextmanager
def subscriber():
    """A web server, with its URL and the queue of what is POSTed to it: headers and body."""
    got = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put((dict(self.headers), json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sns", got
    finally:
        server.shutdown()
        server.server_close()


def sns(emulator):
    return boto3.client(
        "sns",
        endpoint_url=f"{emulator.url}/_emulator/sns",
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.client.Config(retries={"total_max_attempts": 1}),
    )


class Sns(unittest.TestCase):
    """A subscriber of SNS over HTTP."""

    def test_boto3_confirms_the_subscription_and_gets_the_events(self):
        with subscriber() as (url, got), Emulator("--events-url", f"sns-http={url}") as emulator:
            headers, asked = got.get(timeout=10)
            kind = {name.lower(): value for name, value in headers.items()}["x-amz-sns-message-type"]
            self.assertEqual((kind, asked["Type"]), ("SubscriptionConfirmation",) * 2)
            client = sns(emulator)
            with self.assertRaises(client.exceptions.NotFoundException):
                client.confirm_subscription(TopicArn=asked["TopicArn"], Token="unknown")
            with self.assertRaises(client.exceptions.ClientError) as caught:
                client.list_topics()
            self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidAction")
            answer = client.confirm_subscription(TopicArn=asked["TopicArn"], Token=asked["Token"])
            subscription = answer["SubscriptionArn"]
            self.assertTrue(subscription.startswith(asked["TopicArn"] + ":"), subscription)
            self.search(emulator)
            headers, notified = got.get(timeout=10)
            named = {name.lower(): value for name, value in headers.items()}["x-amz-sns-subscription-arn"]
            self.assertEqual((notified["Type"], named), ("Notification", subscription))
            event = json.loads(notified["Message"])
            self.assertEqual(event["detail"]["type"], "MatchmakingSearching")
            self.assertEqual(event["detail"]["tickets"][0]["ticketId"], "ann")

    def search(self, emulator):
        """Starts a ticket that waits for another player."""
        players = [{"PlayerId": "ann", "PlayerAttributes": {"skill": {"N": 1000}}}]
        gamelift = suite.client(emulator)
        gamelift.start_matchmaking(TicketId="ann", ConfigurationName="local-matchmaker", Players=players)
        emulator.step(1)


if __name__ == "__main__":
    unittest.main()
