"""Checks who is let in by the stack that template.yaml becomes, with every combination of the parameters that have a say.

Every route of players asks the authorizer, whatever the parameters are; no preflight does, and game servers sign."""

import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import stack

# Who a route asks: a function of the parameters is not among these.
PLAYERS, GAME_SERVERS, NOBODY = ["Players"], ["AWS_IAM"], ["NONE"]
# They are there with Identity=sign-in only. The authorizer asks for no token where somebody signs in. The keys are for
# everybody, and so is the state of the deployment.
OF_MATCHMAKING = {
    ("post", "/start_matchmaking"),
    ("get", "/describe_matchmaking"),
    ("post", "/accept_match"),
    ("post", "/stop_matchmaking"),
}
OF_SIGN_IN, FOR_EVERYBODY = {("post", "/sign_in"), ("get", "/jwks")}, {"/jwks", "/health"}
COGNITO = {"Provider": "cognito", "Issuer": "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_E", "Audiences": "a,b"}
GUEST_SECRET_ARN = "arn:aws:secretsmanager:us-west-2:111122223333:secret:guests-a1b2c3"
COMBINATIONS = {
    "Identity": ["refuse", "oidc", "sign-in", "trust-body"],
    "PublicSearch": ["false", "true"],
    "Guests": ["false", "true"],
    "GameServerGroups": ["", "arena"],
}


def combinations():
    for values in itertools.product(*COMBINATIONS.values()):
        yield dict(zip(COMBINATIONS, values))
    for identity in COMBINATIONS["Identity"]:
        yield {"Identity": identity, "Waf": "true", "MaxParty": "1"}
    # Whoever has a token is known then, and others are not.
    yield {"Identity": "trust-body", **COGNITO}
    yield {"Identity": "trust-body", "Issuers": json.dumps([{"provider": "google", "audiences": ["app"]}])}
    yield {"Identity": "sign-in", "Guests": "true", "GuestSecretArn": GUEST_SECRET_ARN}


def routes(made):
    """Yields path, method and security of each route, as deployed."""
    [api] = made.of_type("AWS::ApiGateway::RestApi").values()
    for path, methods in api["Body"]["paths"].items():
        for method, operation in methods.items():
            yield path, method, [name for entry in operation.get("security", []) for name in entry]


def wrong_routes(made, players=PLAYERS):
    """Yields what is wrong with the routes; those of players must have the security `players`."""
    for path, method, security in routes(made):
        if path in FOR_EVERYBODY:
            wanted = NOBODY
        elif method == "options":
            wanted = []
        elif path.endswith("game_server") or path == "/game_servers":
            wanted = GAME_SERVERS
        else:
            wanted = players
        if security != wanted:
            yield f"{method.upper()} {path} has the security {security}, not {wanted}"


def wrong_set_of_routes(made):
    there = {(method, path) for path, method, _ in routes(made)}
    if there & OF_SIGN_IN != (OF_SIGN_IN if made.parameters["Identity"] == "sign-in" else set()):
        yield "the routes of sign-in are there, or not"
    of_matchmaking = OF_MATCHMAKING if made.parameters["Matchmaking"] else set()
    if there & OF_MATCHMAKING != of_matchmaking:
        yield "the routes of matchmaking are there, or not"
    if ("post", "/register_game_server") in there and not made.parameters["GameServerGroups"]:
        yield "the routes of game servers are there"
    if len([method for method, _ in there if method != "options"]) < 7:
        yield f"routes are missing: {there}"


def wrong_authorizer(made):
    """API Gateway refuses a call without an identity source itself if there is a cache, so there is neither."""
    [api] = made.of_type("AWS::ApiGateway::RestApi").values()
    schemes = api["Body"]["components"]["securitySchemes"]
    authorizer = schemes["Players"]["x-amazon-apigateway-authorizer"]
    # The address is made from the function's, which only AWS knows.
    authorizer = {name: value for name, value in authorizer.items() if name != "authorizerUri"}
    if authorizer != {"type": "request", "authorizerResultTtlInSeconds": 0}:
        yield f"the authorizer is {authorizer}"
    allowed = made.of_type("AWS::Lambda::Permission").values()
    if not any("authorizers" in json.dumps(permission) for permission in allowed):
        yield "API Gateway may not call the authorizer"


def variables(made):
    return {
        name: properties["Environment"]["Variables"]
        for name, properties in made.of_type("AWS::Lambda::Function").items()
    }


def wrong_variables(made):
    identity, functions = made.parameters["Identity"], variables(made)
    for name, those in functions.items():
        if those["LIFTGATE_TRUST_BODY_UUID"] != ("true" if identity == "trust-body" else "false"):
            yield f"{name} has LIFTGATE_TRUST_BODY_UUID={those['LIFTGATE_TRUST_BODY_UUID']}"
    authorize = functions["Authorize"]
    if authorize["LIFTGATE_IDENTITY"] != identity:
        yield "the authorizer has another Identity"
    if ("LIFTGATE_SIGNING_SECRET" in authorize) != (identity == "sign-in"):
        yield "the authorizer has a signing secret, or none"
    has_issuer = made.parameters["Issuers"] or made.parameters["Audiences"]
    parties = made.parameters["MaxParty"] != "1" and (identity != "trust-body" or bool(has_issuer))
    for name in ("CreateSession", "FindOrCreateSession", "JoinSession", "CreateInvitation"):
        if ("LIFTGATE_INVITATION_KEY" in functions[name]) != parties:
            yield f"{name} has the key of invitations, or none"


def wrong_secrets(made):
    """With sign-in there is one secret of guests, whether they may sign in now or not: a stack that takes none for a
    while has the same guests after it."""
    signs_in, named = made.parameters["Identity"] == "sign-in", made.parameters["GuestSecretArn"]
    if ("GuestSecret" in made.resources) != (signs_in and not named):
        yield "there is a secret of guests, or none"
    if sign_in := variables(made).get("SignIn"):
        if "LIFTGATE_GUEST_SECRET" not in sign_in:
            yield "sign_in has no secret of guests"
        statements = json.dumps(made.resources["SignInRole"]["Properties"]["Policies"])
        if any(name not in made.resources for name in re.findall(r'"Ref": "(\w+Secret)"', statements)):
            yield "sign_in may read a secret that is not there"


def wrong_roles(made):
    for name, role in made.of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            if not policy["PolicyDocument"]["Statement"]:
                yield f"{name} has a policy that says nothing, which IAM refuses"


def wrong_rates(made):
    """Whatever nobody shows a token for has its own rate, and no rate is for a route that is not there."""
    [settings] = [stage["MethodSettings"] for stage in made.of_type("AWS::ApiGateway::Stage").values()]
    rates = {(it["HttpMethod"].lower(), it["ResourcePath"]): it["ThrottlingRateLimit"] for it in settings}
    open_rate = made.parameters["OpenRequestsPerSecond"]
    wanted = {
        (method, "/~1" + path.removeprefix("/"))
        for path, method, _ in routes(made)
        if method == "options" or path in FOR_EVERYBODY and path != "/health"
    }
    if {which for which, rate in rates.items() if str(rate) == open_rate} != wanted:
        yield f"the rates of what is open are {rates}"
    # A new instance of its function asks AWS, so its rate is lower, whatever the parameters are.
    if rates["get", "/~1health"] != 10:
        yield f"the rate of /health is {rates['get', '/~1health']}"
    there = {(method, "/~1" + path.removeprefix("/")) for path, method, _ in routes(made)}
    if strange := set(rates) - there - {("*", "/*")}:
        yield f"there are rates for {strange}"


def wrong_rates_of_players(made):
    """They are low where nobody knows players, and else far above what a caller without a token sends."""
    [settings] = [stage["MethodSettings"] for stage in made.of_type("AWS::ApiGateway::Stage").values()]
    rates = {it["ResourcePath"]: it["ThrottlingRateLimit"] for it in settings if it["HttpMethod"] != "OPTIONS"}
    trusts_body = made.parameters["Identity"] == "trust-body"
    wanted = {"/*": 100, "/~1create_session": 5} if trusts_body else {"/*": 1000, "/~1create_session": 1000}
    if found := {path: rates[path] for path in wanted if rates[path] != wanted[path]}:
        yield f"the rates of players' routes are {found}"


def wrong_firewall(made):
    kinds = ("AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation")
    if any(bool(made.of_type(kind)) != (made.parameters["Waf"] == "true") for kind in kinds):
        yield "the firewall is there, or not"
    for acl in made.of_type("AWS::WAFv2::WebACL").values():
        yield from wrong_rate_rules(acl)
        yield from wrong_managed_rules(acl)


def wrong_rate_rules(acl):
    """Sign-ins are looked at first, as both rules count them; what an address may not send is an error of ours."""
    rules = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    if [rule["Name"] for rule in rules[:2]] != ["SignInsOfAnAddress", "RequestsOfAnAddress"]:
        yield f"the firewall's first rules are {[rule['Name'] for rule in rules]}"
        return
    for rule in rules[:2]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        body = json.loads(acl["CustomResponseBodies"][answer["CustomResponseBodyKey"]]["Content"])
        error = body["error"]
        shown = answer["ResponseCode"], body["status"], error["code"], error["retryable"], error["retry_after_ms"]
        if shown != (429, 429, "RATE_LIMITED", True, 60000) or not {"title", "detail", "errorType"} <= body.keys():
            yield f"the answer of {rule['Name']} is {answer} with {body}"
        if {"Name": "Retry-After", "Value": "60"} not in answer["ResponseHeaders"]:
            yield f"the answer of {rule['Name']} does not say when to try again"
    counted = rules[0]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["AndStatement"]["Statements"]
    matched = [(*it["ByteMatchStatement"]["FieldToMatch"], it["ByteMatchStatement"]["SearchString"]) for it in counted]
    if sorted(matched) != [("Method", "POST"), ("UriPath", "sign_in")]:
        yield f"sign-ins are {matched}: a preflight is none"


# The rules of AWSManagedRulesCommonRuleSet that read bodies, as AWS lists them. An offer of a stream is longer than
# their 8 KB, and holds addresses of the local network.
BODY_RULES = {
    "SizeRestrictions_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
}
# Those whose rules for bodies look for known exploits only, which no offer holds.
OTHER_GROUPS = {"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"}


def wrong_managed_rules(acl):
    """Nothing breaks an offer: of the core rules those for bodies only count, and no rule is there beside the known."""
    groups = {}
    for rule in acl["Rules"]:
        if group := rule["Statement"].get("ManagedRuleGroupStatement"):
            groups[group["Name"]] = group
        elif "RateBasedStatement" not in rule["Statement"]:
            yield f"the rule {rule['Name']} may break an offer"
    if groups.keys() != OTHER_GROUPS | {"AWSManagedRulesCommonRuleSet"}:
        yield f"the firewall has the rules {sorted(groups)}"
    overrides = groups["AWSManagedRulesCommonRuleSet"]["RuleActionOverrides"]
    count = {it["Name"] for it in overrides if it["ActionToUse"] == {"Count": {}}}
    if missing := BODY_RULES - count:
        yield f"{sorted(missing)} block bodies"


# What has to hold of every stack.
CHECKS = (
    wrong_routes,
    wrong_set_of_routes,
    wrong_authorizer,
    wrong_variables,
    wrong_secrets,
    wrong_roles,
    wrong_rates,
    wrong_rates_of_players,
    wrong_firewall,
)


def wrong_stacks():
    for parameters in combinations():
        made = stack.deployed(**parameters)
        yield from (f"{parameters}: {problem}" for check in CHECKS for problem in check(made))


def wrong_defaults():
    """Strangers stay out until somebody chooses."""
    identity = stack.deployed().source["Parameters"]["Identity"]
    if identity["Default"] != "refuse" or identity["AllowedValues"] != COMBINATIONS["Identity"]:
        yield f"Identity is {identity}"
    if stack.deployed().source["Resources"]["Api"]["Properties"].get("AlwaysDeploy") is not True:
        yield "a change of Identity alone would not deploy its routes"
    for name in ("PublicSearch", "Guests"):
        if stack.defaults()[name] != "false":
            yield f"{name} is on"


def issuers(**parameters):
    text = variables(stack.deployed(Identity="oidc", **parameters))["Authorize"]["LIFTGATE_ISSUERS"]
    return json.loads(text) if text else None


def wrong_issuers():
    cognito = {"provider": "cognito", "issuer": COGNITO["Issuer"], "audiences": ["a", "b"]}
    google = {"provider": "google", "audiences": ["app"]}
    cases = [
        ({}, None),
        (COGNITO, [cognito]),
        ({"Provider": "google", "Audiences": "app"}, [google]),
        ({"Issuers": json.dumps([cognito, google])}, [cognito, google]),
    ]
    for parameters, wanted in cases:
        if issuers(**parameters) != wanted:
            yield f"{parameters} makes the issuers {issuers(**parameters)}"


def wrong_patterns():
    """Values that would be noticed by the first player only, and good ones."""
    cases = [
        ("Audiences", ["", "a", "a-b_c.d,e", "com.example.game"], ["a, b", 'a"b', "a,", "a\\b"]),
        ("Issuer", ["", "https://accounts.example.com/"], ["http://example.com", 'https://e"x', "accounts.google.com"]),
        # The first is what the SAM CLI makes of JSON on its command line.
        ("Issuers", ["", '[{"provider":"google"}]', '[{"a":1},\n{"b":2}]'], ["[{", "{}", "google"]),
        ("SteamIdentity", ["liftgate", "my-game_1.0~"], ["", "my game", "a&b"]),
        ("Matchmaking", ["", "duel", "duel,Squads-2.0"], ["duel, squads", "duel,", "arn:aws:gamelift:r:1:matchmakingconfiguration/duel"]),
        ("StartConcurrency", ["1", "100"], ["0", "-1", "many"]),
        ("GuestSecretArn", ["", GUEST_SECRET_ARN], ["a" * 64]),
        ("SteamKeySecretArn", ["arn:aws:secretsmanager:us-west-2:111122223333:secret:steam-a1b2c3"], ["0123456789ABCDEF"]),
    ]
    parameters = stack.deployed().source["Parameters"]
    for name, good, bad in cases:
        for value in [*good, *bad]:
            if bool(re.fullmatch(parameters[name]["AllowedPattern"], value)) == (value in bad):
                yield f"{name} takes or refuses {value!r}"


def refusals(parameters):
    """What CloudFormation says to parameters before it makes anything."""
    made = stack.deployed(**parameters)
    for rule in made.template["Rules"].values():
        if made.holds(rule["RuleCondition"]):
            yield from (it["AssertDescription"] for it in rule["Assertions"] if not made.holds(it["Assert"]))


def wrong_rules():
    steam = {"Identity": "sign-in", "SteamAppId": "480", "SteamKeySecretArn": "arn:aws:secretsmanager:r:1:secret:s"}
    cases = [
        ({}, 0),
        ({"Identity": "trust-body"}, 0),
        ({"Identity": "oidc"}, 1),
        ({"Identity": "oidc", **COGNITO}, 0),
        ({"Identity": "oidc", "Provider": "google", "Audiences": "app"}, 0),
        ({"Identity": "oidc", "Issuer": COGNITO["Issuer"]}, 2),
        ({"Identity": "oidc", "Audiences": "app"}, 1),
        ({"Identity": "oidc", "Provider": "cognito", "Audiences": "app"}, 1),
        ({"Identity": "trust-body", "Audiences": "app"}, 1),
        ({"Identity": "sign-in"}, 1),
        ({"Identity": "sign-in", **COGNITO}, 0),
        ({"Identity": "sign-in", "Issuers": '[{"a":1}]'}, 0),
        ({"Identity": "oidc", "Issuers": '[{"a":1}]'}, 0),
        ({"Identity": "oidc", "Issuers": '[{"a":1}]', "Audiences": "app"}, 1),
        ({"Identity": "sign-in", "Guests": "true"}, 0),
        ({"Identity": "oidc", **COGNITO, "Guests": "true"}, 1),
        (steam, 0),
        (steam | {"SteamKeySecretArn": ""}, 1),
        (steam | {"Identity": "trust-body"}, 1),
        ({"Matchmaking": "duel", "MatchmakingClaims": "skill=skill", "EventTopic": "true"}, 0),
        ({"MatchmakingAttributes": "mode"}, 1),
        ({"MatchmakingClaims": "skill=skill", "Tickets": "true"}, 1),
        ({"EventTopic": "true"}, 1),
        ({"EventTopic": "true", "Tickets": "true"}, 0),
    ]
    for parameters, count in cases:
        if len(found := list(refusals(parameters))) != count:
            yield f"{parameters} is refused with {found}"


# What the edit replaces: the first lines of Auth, and a gateway response up to the comment after it.
AUTH = r"        DefaultAuthorizer: Players\n        Authorizers:\n"
UNAUTHORIZED = r"        UNAUTHORIZED:\n(?: {10}.*\n)+"


def wrong_with_another():
    """The edit of docs/deploy.md for a team with an authorizer already."""
    page = pathlib.Path("docs/deploy.md").read_text()
    [lines] = re.findall(r"```yaml\n(        DefaultAuthorizer: .*?)```", page, re.S)
    [response] = re.findall(r"```yaml\n(        UNAUTHORIZED:.*?)```", page, re.S)
    copy = stack.TEMPLATE.read_text()
    for old, new in ((AUTH, lines), (UNAUTHORIZED, response)):
        copy, count = re.subn(old, lambda _, new=new: new, copy)
        assert count == 1, f"template.yaml has no {old} to replace"
    [name] = re.findall(r"DefaultAuthorizer: (\w+)", lines)
    made = stack.deployed(copy, GameServerGroups="arena")
    for problem in wrong_routes(made, [name]):
        yield f"with another authorizer: {problem}"
    # The same player is not known whether the token is missing or too old.
    responses = made.source["Resources"]["Api"]["Properties"]["GatewayResponses"]
    without_detail = lambda kind: re.sub('"detail":"[^"]*"', "", json.dumps(responses[kind]).replace('\\"', '"'))
    if without_detail("UNAUTHORIZED") != without_detail("EXPIRED_TOKEN"):
        yield "with another authorizer: UNAUTHORIZED differs from EXPIRED_TOKEN in more than its detail"
    # In the folder of the original, whose paths are relative to it.
    with tempfile.NamedTemporaryFile("w", dir=".", prefix="template-with-authorizer-", suffix=".yaml") as file:
        file.write(copy)
        file.flush()
        subprocess.run(["sam", "validate", "--lint", "--template", file.name], check=True, stdout=subprocess.DEVNULL)


def main():
    checks = (wrong_defaults, wrong_patterns, wrong_rules, wrong_issuers, wrong_stacks, wrong_with_another)
    found = [line for check in checks for line in check()]
    for line in found:
        print("template.yaml:", line, file=sys.stderr)
    if not found:
        count = len(list(combinations()))
        print(f"{count} combinations of parameters: every route of players asks the authorizer, no preflight does")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
