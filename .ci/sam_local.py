"""Runs `sam local start-api` without Docker: SAM CLI's own reading of template.yaml, samconfig.toml and
sam-local.env.json, its routes and its authorizers, and the functions as processes in place of containers.

The emulator is behind it. Needs the functions of a development build: `cargo build --workspace --bins`."""

import json
import logging
import os
import pathlib
import re
import sys
import tomllib

from processes import running
from runtime_api import Function

ROOT = pathlib.Path(__file__).parents[1]
BINARIES = ROOT / "target/debug"
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["local_start_api"]["parameters"]
ENVIRONMENT = json.loads((ROOT / CONFIG["env_vars"]).read_text())

# SAM CLI reads these when it is loaded.
os.environ.update(SAM_CLI_TELEMETRY="0", AWS_DEFAULT_REGION="us-west-2", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")

from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.apigw.local_apigw_service import LocalApigwService

# The key is an example of RFC 7517. Nobody has the other half.
ISSUERS = [
    {
        "provider": "oidc",
        "issuer": "https://id.example.com",
        "audiences": ["game"],
        "algorithms": ["ES256"],
        "jwks": {
            "keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "kid": "1",
                    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                }
            ]
        },
    }
]
STOCK = {"session_name": "Stock", "uuid": "player-1", "num_connections": 4, "build_id": 7}


class Processes:
    """In place of SAM's containers."""

    def __init__(self, emulator):
        self.emulator, self.functions = emulator, {}
        self.called = []

    def invoke(self, config, event, _tenant, stdout, **_):
        name = pathlib.Path(config.code_abs_path).name
        if name not in self.functions:
            resolved = config.env_vars.resolve()
            # The machine's name inside a container.
            texts = {name: re.sub(r"http://host\.docker\.internal:\d+", self.emulator, value) for name, value in resolved.items()}
            self.functions[name] = Function(BINARIES / name, texts)
        self.called.append(name)
        stdout.write_str(self.functions[name].call(event))

    def end(self):
        for function in self.functions.values():
            function.end()


class Gateway:
    """`sam local start-api` with the given parameters and changes of the environment file."""

    def __init__(self, emulator, overrides, **environment):
        stacks, _ = SamLocalStackProvider.get_stacks(str(ROOT / "template.yaml"), parameter_overrides=overrides)
        variables = {"Parameters": ENVIRONMENT["Parameters"] | environment}
        self.processes = Processes(emulator)
        functions = SamFunctionProvider(stacks)
        runner = LocalLambdaRunner(self.processes, functions, str(ROOT), str(ROOT), aws_region=CONFIG["region"], env_vars_values=variables)
        api = ApiProvider(stacks, cwd=str(ROOT)).api
        service = LocalApigwService(api=api, lambda_runner=runner, static_dir=None, port=0, host="127.0.0.1", ssl_context=None, stderr=None)
        service.create()
        self.routes = api.routes
        self.client = service._app.test_client()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.processes.end()

    def call(self, method, path, body=None, **headers):
        """Returns the status, the JSON of the answer and the functions that were asked."""
        self.processes.called.clear()
        answer = self.client.open(path, method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json(silent=True), list(self.processes.called)


def the_stock_client_plays(gateway):
    status, created, asked = gateway.call("POST", "/create_session", STOCK)
    assert status == 200 and created["PlayerId"] == "player-1", (status, created)
    assert asked == ["authorize", "create_session"], asked
    status, found, _ = gateway.call("GET", "/find_session")
    assert (status, [session["Name"] for session in found]) == (200, ["Stock"]), found
    body = {"GameSessionId": created["GameSessionId"], "uuid": "player-2"}
    status, joined, _ = gateway.call("POST", "/join_session", body)
    assert status == 200 and joined["PlayerId"] == "player-2", (status, joined)


def preflights_pass(gateway):
    """On AWS nobody is asked about them; sam local asks the authorizer, which trusts the body here."""
    for path in ("/create_session", "/find_session", "/join_session", "/reconnect_stream"):
        headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
        status, _, asked = gateway.call("OPTIONS", path, **headers)
        assert status in (200, 204), (path, status, asked)


def strangers_stay_out(gateway):
    routes = [(method, route.path) for route in gateway.routes for method in route.methods]
    players = [it for it in routes if not re.search("game_server|sign_in|jwks|health", it[1]) and it[0] != "OPTIONS"]
    assert len(players) >= 6, players
    for method, path in players:
        status, answer, asked = gateway.call(method, path, STOCK if method == "POST" else None)
        assert status == 403 and asked == ["authorize"], (path, status, answer, asked)


def searching_is_free(gateway):
    status, found, asked = gateway.call("GET", "/find_session")
    assert status == 200 and asked == ["authorize", "find_session"], (status, found, asked)
    status, _, asked = gateway.call("POST", "/create_session", STOCK)
    assert status == 403 and asked == ["authorize"], (status, asked)


def signing_in_is_free(gateway):
    """The authorizer lets it through without a token; the function needs secrets on AWS for more than an error."""
    status, answer, asked = gateway.call("POST", "/sign_in", {"provider": "nobody"})
    assert asked == ["authorize", "sign_in"] and "error" in answer, (status, answer, asked)


def one_call_too_many_is_sams_own_error(gateway):
    """docs/deploy.md says so, and why the rates are off in sam-local.env.json."""
    statuses = [gateway.call("POST", "/sign_in", {"provider": "nobody"})[0] for _ in range(2)]
    assert statuses[0] != 502 and statuses[1] == 502, statuses


def main():
    logging.disable()
    with running([BINARIES / "liftgate", "--serve", "emulator", "--emulator-port", "0"], cwd=ROOT) as says:
        lines = says("Ctrl-C", 60)
        [emulator] = [re.search(r"http://\S+", line).group() for line in lines if line.startswith("  GameLift ")]
        newcomer = {"Architecture": "x86_64"}
        # As the page says it: no parameter but the processor's.
        with Gateway(emulator, newcomer) as gateway:
            the_stock_client_plays(gateway)
            preflights_pass(gateway)
        for identity in ("refuse", "oidc", "sign-in"):
            with Gateway(emulator, newcomer | {"Identity": identity}, LIFTGATE_IDENTITY=identity) as gateway:
                strangers_stay_out(gateway)
        issuers = {"LIFTGATE_IDENTITY": "oidc", "LIFTGATE_ISSUERS": json.dumps(ISSUERS)}
        with Gateway(emulator, newcomer, **issuers, LIFTGATE_PUBLIC_SEARCH="true") as gateway:
            searching_is_free(gateway)
            signing_in_is_free(gateway)
        rates = {"LIFTGATE_ADDRESS_SIGN_INS_PER_MINUTE": "1", "LIFTGATE_ADDRESS_SIGN_IN_BURST": "1"}
        with Gateway(emulator, newcomer, **rates) as gateway:
            one_call_too_many_is_sams_own_error(gateway)
    print("sam local: the stock client plays with sam-local.env.json, strangers stay out without it")


sys.exit(main())
