"""Checks that API Gateway's own answers have the shape of the functions' errors.

The templates are text to every other tool: a missing quote would be noticed by a game client first."""

import json
import re
import sys

from samtranslator.yaml_helper import yaml_parse

# Every kind of answer that a REST API can give without a function.
KINDS = """
    ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE BAD_REQUEST_BODY
    BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN INTEGRATION_FAILURE INTEGRATION_TIMEOUT
    INVALID_API_KEY INVALID_SIGNATURE MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE
    RESOURCE_NOT_FOUND THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED
""".split()

# The contract's table, which a test keeps equal to the functions' own.
ROWS = r"^\| `(\w+)` \| (\d+) \| ([^|]+?) \| (no|after [\d.]+ s) \|"
TABLE = {
    code: (int(status), title, retry != "no")
    for code, status, title, retry in re.findall(ROWS, open("docs/errors.md").read(), re.M)
}


# They may be a function that Lambda throttles, so a client may repeat the call.
MAY_BE_THROTTLING = {"DEFAULT_5XX", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "INTEGRATION_FAILURE"}


def final_throttling(responses):
    """Yields the answers that API Gateway may give for a throttled function and that tell a client to give up."""
    for kind in sorted(MAY_BE_THROTTLING & responses.keys()):
        response = responses[kind]
        if response["StatusCode"] != "503" or '"retryable":true' not in response["ResponseTemplates"]["application/json"]:
            yield f"{kind}: a throttled function may be repeated"


def problems(response):
    """Yields what is wrong with one gateway response."""
    headers = response["ResponseParameters"]["Headers"]
    for name, value in headers.items():
        if not value.startswith("method.request.") and not (value[0] == value[-1] == "'"):
            yield f"the value of {name} needs single quotes of its own"
    if headers.get("Content-Type") != "'application/problem+json'":
        yield "the content type is not application/problem+json"

    text = response["ResponseTemplates"]["application/json"]
    # This variable brings its quotes, the others stand inside the template's.
    text = text.replace("$context.error.messageString", json.dumps('a "quoted" message'))
    # Whether the authorizer has said why or not, the detail says something.
    text = text.replace("$context.authorizer.detail", "")
    if unknown := set(re.findall(r"\$[\w.]+", text)) - {"$context.requestId"}:
        yield f"nobody knows what {unknown} holds, and a quote in it breaks the body"
    try:
        body = json.loads(text)
    except ValueError as error:
        yield f"the template is not JSON: {error}"
        return
    yield from wrong_shape(body, int(response["StatusCode"]), headers, "$context.requestId")


def wrong_shape(body, status, headers, request_id):
    """Yields how an error's body differs from the contract's shape and table."""
    error = body["error"]
    if body["status"] != status:
        yield "the body's status differs from the answer's"
    if body["type"] != "urn:liftgate:error:" + error["code"].lower().replace("_", "-"):
        yield "the type is not the one of the code"
    if not body["title"] == error["message"] == body["errorMessage"]:
        yield "title, error.message and errorMessage differ"
    if body["errorType"] != error["code"] or body["requestId"] != request_id or not body["detail"]:
        yield "errorType, requestId or detail is wrong"
    if TABLE.get(error["code"]) != (body["status"], body["title"], error["retryable"]):
        yield f"docs/errors.md has {TABLE.get(error['code'])} for {error['code']}"
    wait = error.get("retry_after_ms")
    if error["retryable"] != (wait is not None):
        yield "retryable and retry_after_ms contradict each other"
    if headers.get("Retry-After") != (wait and f"'{wait // 1000}'"):
        yield "Retry-After differs from retry_after_ms"
    if body["status"] in (429, 503) and wait is None:
        yield "a 429 or 503 has to say when to try again"


def wrong_blocks(firewall):
    """Yields what is wrong with the firewall's own answers, which hold no request id."""
    bodies = firewall["CustomResponseBodies"]
    answers = [rule["Action"]["Block"]["CustomResponse"] for rule in firewall["Rules"] if "Action" in rule]
    if len(answers) < 2:
        yield "the firewall limits nobody"
    for answer in answers:
        body = json.loads(bodies[answer["CustomResponseBodyKey"]]["Content"])
        # The quotes that a gateway response has around a header's value.
        headers = {header["Name"]: f"'{header['Value']}'" for header in answer["ResponseHeaders"]}
        yield from wrong_shape(body, answer["ResponseCode"], headers, "")


def main():
    with open("template.yaml") as file:
        resources = yaml_parse(file)["Resources"]
    api, firewall = resources["Api"]["Properties"], resources["Firewall"]["Properties"]
    responses = api["GatewayResponses"]
    found = [f"{kind}: is missing" for kind in KINDS if kind not in responses]
    found += [f"{kind}: {problem}" for kind, response in responses.items() for problem in problems(response)]
    found += final_throttling(responses)
    found += [f"Firewall: {problem}" for problem in wrong_blocks(firewall)]
    for line in found:
        print("template.yaml:", line, file=sys.stderr)
    if not found:
        print(f"{len(responses)} gateway responses have the contract's shape")
    return bool(found)


sys.exit(main())
