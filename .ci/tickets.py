"""Checks what the stack has for tickets: the table, GameLift's events, the reconciler, matchmaking and sockets.

All of it stays out unless it is asked for. Each combination of the parameters is made into the stack that it would be,
and looked at: what is there, who may call whom, where an event goes that nobody takes, what each role may do."""

import itertools
import json
import pathlib
import re
import sys

import authorizer
import cfnlint
import stack

TABLE = json.loads(pathlib.Path("store/table.json").read_text())
# What IAM knows of each action, as cfn-lint has it.
IAM = json.loads((pathlib.Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text())
CHOICES = {
    "Matchmaking": ["", "duel,squads"],
    "Tickets": ["false", "true"],
    "Push": ["false", "true"],
    "EventTopic": ["false", "true"],
}
# Whatever has a role, an address or a price, by what it is there with.
WITH_TICKETS = {"FailedEvents", "FailedEventsPolicy", "GameLiftEvents", "Reconcile", "RecordEvent", "Table"}
WITH_MATCHMAKING = {"AcceptMatch", "DescribeMatchmaking", "StartMatchmaking", "StopMatchmaking"}
WITH_PUSH = {"Socket", "SocketAnswer", "SocketApi", "SocketIntegration", "SocketStage"}
WITH_TOPIC = {"GameLiftTopic", "GameLiftTopicPolicy", "GameLiftTopicSubscription"}
KINDS = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Stage",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
)
FAILED_EVENTS = {"Fn::GetAtt": ["FailedEvents", "Arn"]}
# A scan would read everybody's items, a batch knows no conditions, and nobody changes the table but CloudFormation.
OF_ITEMS = {"DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"}

# Functions that look for open tickets of other players.
READERS_OF_INDEX = {"Reconcile", "StartMatchmaking", "DescribeMatchmaking"}


def combinations():
    for values in itertools.product(*CHOICES.values()):
        yield dict(zip(CHOICES, values))
    everything = {"Matchmaking": "duel", "EventTopic": "true", "Queue": "main", "StreamGroup": "sg-1", "Waf": "true"}
    for identity in authorizer.COMBINATIONS["Identity"]:
        yield everything | {"Identity": identity, "GameServerGroups": "arena"}
    yield {"Tickets": "true", "TableRecovery": "true"}
    yield {"Tickets": "true", "Queue": "main"}
    yield everything | {"OtherConcurrency": "50", "AccessLog": "true", "SocketsPerSecond": "7", "SocketBurst": "9"}


def has(made, what):
    """Whether the parameters ask for it."""
    return made.holds(f"Has{what}")


def wrong_conditions(made):
    """What the parameters mean, said once more."""
    given = made.parameters
    matchmaking = given["Matchmaking"] != ""
    tickets = matchmaking or given["Tickets"] == "true"
    push, topic = matchmaking and given["Push"] == "true", tickets and given["EventTopic"] == "true"
    wanted = {"Matchmaking": matchmaking, "Tickets": tickets, "Push": push, "EventTopic": topic}
    if found := {name: it for name, it in wanted.items() if has(made, name) != it}:
        yield f"it should be {found}"


def wrong_resources(made):
    parts = {"Tickets": WITH_TICKETS, "Matchmaking": WITH_MATCHMAKING, "Push": WITH_PUSH, "EventTopic": WITH_TOPIC}
    optional = set().union(*parts.values())
    wanted = set().union(*(names for part, names in parts.items() if has(made, part)))
    if (found := optional & made.resources.keys()) != wanted:
        yield f"there is {sorted(found - wanted)} too much, and {sorted(wanted - found)} too little"
    known = optional | {function for function in stack.deployed(Identity="sign-in", GameServerGroups="a").of_type(KINDS[4])}
    if strange := {name for kind in KINDS for name in made.of_type(kind)} - known:
        yield f"nobody knows whether {sorted(strange)} should be there"
    yield from made.missing()


def wrong_table(made):
    for table in made.of_type("AWS::DynamoDB::Table").values():
        table = dict(table)
        recovery = table.pop("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
        if recovery != (made.parameters["TableRecovery"] == "true"):
            yield f"the table's recovery is {recovery}"
        if table != TABLE:
            yield f"the table is {table}, and store/table.json is {TABLE}"


def wrong_callers(made):
    """Events come from the one rule and the one topic, the clock calls the reconciler, and API Gateway the sockets."""
    rule = ("events.amazonaws.com", {"Fn::GetAtt": ["GameLiftEvents", "Arn"]})
    topic = ("sns.amazonaws.com", {"Ref": "GameLiftTopic"})
    clock = ("events.amazonaws.com", {"Fn::GetAtt": ["ReconcileEachMinute", "Arn"]})
    sockets = "arn:aws:execute-api:us-west-2:111122223333:${SocketApi}/live/*"
    wanted = {
        "RecordEvent": [rule] * has(made, "Tickets") + [topic] * has(made, "EventTopic"),
        "Reconcile": [clock] * has(made, "Tickets"),
        "Socket": [("apigateway.amazonaws.com", sockets)] * has(made, "Push"),
    }
    permissions = made.of_type("AWS::Lambda::Permission").values()
    for function, callers in wanted.items():
        theirs = [it for it in permissions if it["FunctionName"] in ({"Ref": function}, {"Fn::GetAtt": [function, "Arn"]})]
        if (found := [(it["Principal"], it.get("SourceArn")) for it in theirs]) != callers:
            yield f"{function} may be called by {found}"


def wrong_rules(made):
    rules = made.of_type("AWS::Events::Rule")
    if not has(made, "Tickets"):
        yield from (f"there is the rule {name}" for name in rules)
        return
    events, clock = rules.pop("GameLiftEvents"), rules.pop("ReconcileEachMinute")
    kinds = ["GameLift Matchmaking Event"] * has(made, "Matchmaking") + ["GameLift Queue Placement Event"]
    pattern = {"source": ["aws.gamelift"], "account": ["111122223333"], "detail-type": kinds}
    if rules or events["EventPattern"] != pattern:
        yield f"the rule of events is {events}, and others are {rules}"
    if clock["ScheduleExpression"] != "rate(1 minute)":
        yield f"the reconciler runs at {clock}"


def wrong_dead_letters(made):
    """An event that EventBridge, SNS or the function itself gives up goes to the queue, and each may write there."""
    if not has(made, "Tickets"):
        return
    [target] = made.of_type("AWS::Events::Rule")["GameLiftEvents"]["Targets"]
    if target.get("DeadLetterConfig") != {"Arn": FAILED_EVENTS}:
        yield f"EventBridge gives events up to {target}"
    invoked = made.of_type("AWS::Lambda::EventInvokeConfig")["RecordEventEventInvokeConfig"]
    if invoked["DestinationConfig"] != {"OnFailure": {"Destination": FAILED_EVENTS}}:
        yield f"record_event gives events up to {invoked}"
    if ("sqs:SendMessage", [FAILED_EVENTS]) not in list(allowed(made, "RecordEvent")):
        yield "record_event may not write into the queue"
    for subscription in made.of_type("AWS::SNS::Subscription").values():
        if subscription.get("RedrivePolicy") != {"deadLetterTargetArn": FAILED_EVENTS}:
            yield f"the topic gives events up to {subscription}"
    [policy] = made.of_type("AWS::SQS::QueuePolicy").values()
    wanted = [("events.amazonaws.com", {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["GameLiftEvents", "Arn"]}}})]
    if has(made, "EventTopic"):
        wanted.append(("sns.amazonaws.com", {"ArnEquals": {"aws:SourceArn": {"Ref": "GameLiftTopic"}}}))
    found = [(it["Principal"].get("Service"), it.get("Condition")) for it in policy["PolicyDocument"]["Statement"]]
    if found != wanted:
        yield f"{found} may write into the queue"


def wrong_topic(made):
    """GameLift alone may write there, for this account's queues and configurations."""
    for policy in made.of_type("AWS::SNS::TopicPolicy").values():
        [statement] = policy["PolicyDocument"]["Statement"]
        condition = statement["Condition"]["ArnLike"]["aws:SourceArn"]
        kinds = ("gamesessionqueue", "matchmakingconfiguration")
        wanted = [f"arn:aws:gamelift:us-west-2:111122223333:{kind}/*" for kind in kinds]
        if (statement["Principal"], condition) != ({"Service": "gamelift.amazonaws.com"}, wanted):
            yield f"the topic takes {statement}"


def wrong_sockets(made):
    for stage in made.of_type("AWS::ApiGatewayV2::Stage").values():
        settings = stage["DefaultRouteSettings"]
        rates = (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"])
        if rates != (made.parameters["SocketsPerSecond"], made.parameters["SocketBurst"]):
            yield f"the sockets' rates are {rates}"
        # The address of a connection has its token.
        if settings["DataTraceEnabled"] or settings["LoggingLevel"] != "OFF" or "AccessLogSettings" in stage:
            yield f"a log could have the tokens of sockets: {stage}"
        keys = {route["RouteKey"] for route in made.of_type("AWS::ApiGatewayV2::Route").values()}
        if keys != {"$connect", "$disconnect", "$default"}:
            yield f"the sockets have the routes {keys}"
        if made.of_type("AWS::ApiGatewayV2::Route")["SocketDefault"].get("RouteResponseSelectionExpression") != "$default":
            yield "the answer to a message goes nowhere"


def wrong_offers(made):
    """Who starts a search, or asks about it, hears where the sockets are, if there are any."""
    address = made.outputs["SocketUrl"]["Value"] if has(made, "Push") else None
    offering = ("DescribeMatchmaking", "StartMatchmaking") if address else ()
    functions = {name: it["Environment"]["Variables"] for name, it in made.of_type("AWS::Lambda::Function").items()}
    found = {name: it["LIFTGATE_SOCKET_URL"] for name, it in functions.items() if "LIFTGATE_SOCKET_URL" in it}
    if found != dict.fromkeys(offering, address):
        yield f"sockets are offered at {found}"


def allowed(made, function):
    """Yields each action that the role of a function allows, with its resources."""
    for policy in made.resources[f"{function}Role"]["Properties"].get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            actions, resources = (it if isinstance(it, list) else [it] for it in (statement["Action"], statement["Resource"]))
            yield from ((action, resources) for action in actions)


def wrong_lines(made):
    """Who lets others in has the rates, all the same, and may begin what waits; nobody else may. Nobody may do anything
    with searches without Matchmaking, and who looks after tickets nothing with placements without Queue."""
    functions = {name: it["Environment"]["Variables"] for name, it in made.of_type("AWS::Lambda::Function").items()}
    tickets, matchmaking, queue = has(made, "Tickets"), has(made, "Matchmaking"), has(made, "Queue")
    placing = {"CreateSession", "FindOrCreateSession"}
    tenders = {"RecordEvent", "Reconcile"}
    of_searches, of_sockets = (WITH_MATCHMAKING | tenders) if matchmaking else set(), {"Socket"} if has(made, "Push") else set()
    of_placements = tenders if tickets and queue else set()
    wanted = {
        "LIFTGATE_LOOKS_PER_SECOND": set(["StartMatchmaking", "DescribeMatchmaking"] * matchmaking) | {"Health"},
        "LIFTGATE_SEARCHES_PER_SECOND": (tenders if tickets else set()) | (of_searches - {"DescribeMatchmaking"}) | of_sockets | {"Health"},
        "LIFTGATE_PLACEMENTS_PER_SECOND": {*placing, "Health", "RecordEvent", "Reconcile"} if tickets else set(),
        "gamelift:AcceptMatch": (of_searches & {"AcceptMatch"}) | of_sockets,
        "gamelift:DescribeMatchmaking": of_searches | of_sockets,
        "gamelift:StartMatchmaking": of_searches & (tenders | {"StartMatchmaking"}),
        "gamelift:StopMatchmaking": (of_searches & (tenders | {"StartMatchmaking", "StopMatchmaking"})) | of_sockets,
        # A player may name the placement of another stack's queue to join it.
        "gamelift:DescribeGameSessionPlacement": placing | {"JoinSession"} | of_placements,
        "gamelift:StartGameSessionPlacement": placing | of_placements,
        "gamelift:StopGameSessionPlacement": placing | of_placements,
    }
    for what, names in wanted.items():
        found = {name for name, it in functions.items() if what in it or what in dict(allowed(made, name))}
        if found != names:
            yield f"{sorted(found)} have {what}, and not {sorted(names)}"


def wrong_roles(made):
    """Roles name the table, its index and this API's sockets, and everything only where IAM has nothing narrower."""
    table, index = {"Fn::GetAtt": ["Table", "Arn"]}, "${Table.Arn}/index/open"
    sockets = r"arn:aws:execute-api:us-west-2:111122223333:\$\{SocketApi\}/live/(POST|DELETE)/@connections/\*"
    for function, properties in made.of_type("AWS::Lambda::Function").items():
        of_table, reads_index = set(), False
        variables = properties["Environment"]["Variables"]
        for action, resources in allowed(made, function):
            service, name = action.split(":")
            known = IAM[service]["Actions"][name.lower()]
            if resources == ["*"] and known.get("Resources"):
                yield f"{function} may {action} on everything, and IAM knows {known['Resources']}"
            if service == "dynamodb":
                of_table.add(name)
                is_of_index = (action, resources) == ("dynamodb:Query", [index])
                reads_index |= is_of_index
                if not (resources == [table] or is_of_index) or name not in OF_ITEMS:
                    yield f"{function} may {action} on {resources}"
            if service == "execute-api" and not (len(resources) == 1 and re.fullmatch(sockets, str(resources[0]))):
                yield f"{function} may {action} on {resources}"
        if bool(of_table) != ("LIFTGATE_TABLE" in variables):
            yield f"{function} may {sorted(of_table)}, and its table is {variables.get('LIFTGATE_TABLE')}"
        if reads_index != (function in READERS_OF_INDEX):
            yield f"{function} {'reads' if reads_index else 'cannot read'} the index of open tickets"
        connections = "execute-api:ManageConnections" in dict(allowed(made, function))
        if connections != ("LIFTGATE_CONNECTIONS_URL" in variables):
            yield f"{function} may write to sockets, or knows where they are, and not both"


def wrong_stacks():
    checks = (
        wrong_conditions,
        wrong_resources,
        wrong_table,
        wrong_callers,
        wrong_rules,
        wrong_dead_letters,
        wrong_topic,
        wrong_sockets,
        wrong_offers,
        wrong_lines,
        wrong_roles,
        *authorizer.CHECKS,
    )
    for parameters in combinations():
        made = stack.deployed(**parameters)
        yield from (f"{parameters}: {problem}" for check in checks for problem in check(made))


def main():
    found = list(wrong_stacks())
    if any(has(stack.deployed(), part) for part in ("Tickets", "Matchmaking", "Push", "EventTopic")):
        found.append("something of tickets is there with the defaults")
    for line in found:
        print("template.yaml:", line, file=sys.stderr)
    if not found:
        print(f"{len(list(combinations()))} combinations of parameters: tickets, events and sockets are there as asked for")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
