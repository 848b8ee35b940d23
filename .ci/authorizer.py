"""Adds an authorizer to a copy of template.yaml as docs/deploy.md says, and checks the template that SAM makes of it:
every route of players asks for a token, no preflight does, and game servers still sign."""

import logging
import pathlib
import re
import subprocess
import sys
import tempfile

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = pathlib.Path("template.yaml")
AUTH = "      Auth:\n        AddDefaultAuthorizerToCorsPreflight: false\n"


def documented():
    """The lines that the page adds."""
    page = pathlib.Path("docs/deploy.md").read_text()
    _, rest = page.split("To add a Cognito user pool", 1)
    return re.search(r"```yaml\n(.*?)```", rest, re.S).group(1)


def edited(lines):
    text = TEMPLATE.read_text()
    assert text.count(AUTH) == 1, "template.yaml has no Auth of the Api to add to"
    return text.replace(AUTH, AUTH + lines)


def routes(text):
    """Yields path, method and security of each route, as deployed."""
    source = yaml_parse(text)
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # sam deploy sets a URI too; no code is there.
            resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
    template = Translator({}, Parser()).translate(source, {"GameServerGroups": "arena"})
    [api] = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::ApiGateway::RestApi"]
    for path, methods in api["Body"]["paths"].items():
        # With a condition, the object comes from a function.
        for method, operation in methods.get("Fn::If", [None, methods])[1].items():
            operation = operation.get("Fn::If", [None, operation])[1]
            yield path, method, [name for entry in operation.get("security", []) for name in entry]


def problems(text, player):
    """Returns what is wrong with the routes; those of players must have the security `player`."""
    found = list(routes(text))
    assert len(found) >= 16, found
    for path, method, security in found:
        game_server = path.endswith("game_server") or path == "/game_servers"
        wanted = [] if method == "options" else ["AWS_IAM"] if game_server else player
        if security != wanted:
            yield f"{method.upper()} {path} has the security {security}, not {wanted}"


def main():
    # SAM's library logs features and metrics of the service.
    logging.disable()
    copy = edited(documented())
    found = [f"as it is: {problem}" for problem in problems(TEMPLATE.read_text(), [])]
    found += [f"with the authorizer: {problem}" for problem in problems(copy, ["Players"])]
    for line in found:
        print("template.yaml:", line, file=sys.stderr)
    if found:
        return 1
    # In the folder of the original, whose paths are relative to it.
    with tempfile.NamedTemporaryFile("w", dir=".", prefix="template-with-authorizer-", suffix=".yaml") as file:
        file.write(copy)
        file.flush()
        subprocess.run(["sam", "validate", "--lint", "--template", file.name], check=True, stdout=subprocess.DEVNULL)
    print("an authorizer is one edit: every route of players asks for it, no preflight does")
    return 0


sys.exit(main())
