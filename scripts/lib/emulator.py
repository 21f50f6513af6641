"""Run the emulator so that it asks for the permissions that AWS asks for.

Once permissions are enforced, some of its checks differ from AWS's: the stack's TLS-only policies refuse plain http; statements
of PartiQL and batches of messages need actions that AWS does not know; reading a stream or several parameters and sending mail
need the action on every resource; a schedule is looked for in the wrong group, takes any role and fires without the role's
permissions, however long its input. And the emulator forgets a table's stream when it is started again. Put right here, the
stack is the same as on AWS, and its permissions are proven. It also closes connections that were idle for 75 seconds, where
clients keep theirs for 90: a request that is sent just then is lost, or made twice. What a statement of PartiQL writes is
missing from its table's stream. And a route takes no path that holds a line break.
"""

import copy
import json
import os
import re
import socketserver
from email.utils import parseaddr

from hypercorn.config import Config
from ministack import app as emulator
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import apigateway, dynamodb, dynamodb_streams, eventbridge, scheduler

serve = emulator.app
table_state = dynamodb.get_state
restore_tables = dynamodb.load_persisted_state
action_of = iam_actions.extract_iam_action
resource_arn = iam_actions.extract_resource_arn
transaction_checks = iam_actions.dynamodb_transaction_checks
handle_schedule = scheduler.handle_request
path_parameters = apigateway._extract_path_params
invoke_target = eventbridge._invoke_target

LONGEST_INPUT = 256 * 1024
STATEMENT = re.compile(r'\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM|SELECT\s.*?\sFROM)\s+"?([A-Za-z0-9_.-]+)', re.IGNORECASE | re.DOTALL)


async def over_tls(scope, receive, send):
    """Take a request on the loopback address as if a proxy in front had ended TLS."""
    if scope["type"] == "http":
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
    await serve(scope, receive, send)


def known_action(*request):
    """A batch of messages by the action on one."""
    action = action_of(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def named_resource(service, method, path, headers, body, query_params, region, account_id):
    """A stream by its ARN or iterator, several parameters by the first of them, a mail by its sender, a schedule by its group;
    all else as before."""
    found = resource_arn(service, method, path, headers, body, query_params, region, account_id)
    if service == "scheduler" and ":schedule/default/" in found:
        group = requested(body).get("GroupName") or query_params.get("groupName", ["default"])[0]
        return found.replace(":schedule/default/", f":schedule/{group}/")
    if found != "*" or service not in ("dynamodbstreams", "ssm", "ses") or not body.startswith(b"{"):
        return found
    asked = json.loads(body)
    if service == "dynamodbstreams":
        iterator = dynamodb_streams._decode_iterator(asked.get("ShardIterator") or "") or {}
        return asked.get("StreamArn") or iterator.get("arn") or found
    if service == "ssm" and asked.get("Names"):
        return f"arn:aws:ssm:{region}:{account_id}:parameter/{asked['Names'][0].lstrip('/')}"
    if service == "ses" and asked.get("FromEmailAddress"):
        return f"arn:aws:ses:{region}:{account_id}:identity/{parseaddr(asked['FromEmailAddress'])[1]}"
    return found


def statement_checks(iam_action, body, region, account_id):
    """Each statement of a batch by its own action on its own table."""
    if iam_action != "dynamodb:BatchExecuteStatement":
        return transaction_checks(iam_action, body, region, account_id)
    checks = []
    for statement in json.loads(body or b"{}").get("Statements", []):
        if parts := STATEMENT.match(statement.get("Statement", "")):
            action = "dynamodb:PartiQL" + parts[1].split()[0].capitalize()
            checks.append((action, f"arn:aws:dynamodb:{region}:{account_id}:table/{parts[2]}"))
        else:
            checks.append((iam_action, "*"))
    return checks


def requested(body):
    """The JSON object of a request; one that cannot be read is refused later."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


async def checked_schedule(method, path, headers, body, query_params):
    """Who writes a schedule must be allowed to pass its role to the scheduler, and the input is bounded."""
    target = requested(body).get("Target") or {}
    if len((target.get("Input") or "").encode()) > LONGEST_INPUT:
        return scheduler._error(400, "ValidationException", f"the target's Input has more than {LONGEST_INPUT} bytes")
    role = target.get("RoleArn")
    if emulator.AUTH and role and method in ("POST", "PUT"):
        denied = iam_evaluator.enforce(
            extract_access_key_id(headers, query_params), "iam:PassRole", "iam", get_region(), resource_arn=role,
            service_context={"iam:PassedToService": "scheduler.amazonaws.com"},
        )
        if denied:
            return scheduler._error(403, "AccessDeniedException", f"not authorized to perform: iam:PassRole on resource: {role}")
    return await handle_schedule(method, path, headers, body, query_params)


def invoke_as_role(target, event, rule, view=None):
    """A schedule does what its role may."""
    if emulator.AUTH and event.get("Source") == "aws.scheduler" and not role_may(target["RoleArn"], target["Arn"]):
        scheduler.logger.error("schedule %s: its role may not invoke %s", rule.get("Name"), target["Arn"])
        return None
    return invoke_target(target, event, rule, view)


def role_may(role, target):
    action = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}.get(target.split(":")[2])
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=role, principal_type="AssumedRole", principal_account=account, action=action or "", resource_arn=target,
        region=target.split(":")[3], source_ip="", secure_transport=True,
    )
    return iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account)).decision == "Allow"


def in_stream(write):
    """A statement's write, put into its table's stream."""

    def run(table, parsed, *rest):
        before = copy.deepcopy(item_of(table, parsed))
        answer = write(table, parsed, *rest)
        after = item_of(table, parsed)
        if before != after:
            event = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
            dynamodb._emit_stream_event(table["TableName"], event, before, after)
        return answer

    return run


def item_of(table, parsed):
    """The item that a statement is about; None where there is none."""
    item = parsed.get("item")
    if item:
        values = item["M"] if set(item) == {"M"} else item
        keys = [dynamodb._extract_key_val(values.get(table[name])) for name in ("pk_name", "sk_name")]
    else:
        keys = dynamodb._partiql_key_target(table, parsed)[:2]
    return table["items"].get(keys[0], {}).get(keys[1])


def parameters_of(route, path):
    """A line break is a character as others are."""
    return path_parameters(route, path.replace("\n", "\r"))


def kept_state():
    return {**table_state(), "streams": copy.deepcopy(dynamodb._stream_records)}


def load_state(state):
    restore_tables(state)
    dynamodb._stream_records.update((state or {}).get("streams", {}))


def leave_the_terminal():
    """Ctrl-C in a script that starts the emulator is not meant for it, nor for its functions."""
    try:
        os.setsid()
    except PermissionError:  # it leads a group of its own already
        pass


leave_the_terminal()
socketserver.StreamRequestHandler.disable_nagle_algorithm = True  # else each call of a function waits 40 ms for nothing
Config.keep_alive_timeout = property(lambda _: 600, lambda *_: None)  # clients close their idle connections earlier
emulator.app = over_tls
dynamodb.get_state = kept_state
dynamodb._partiql_insert = in_stream(dynamodb._partiql_insert)
dynamodb._partiql_update = in_stream(dynamodb._partiql_update)
dynamodb._partiql_delete = in_stream(dynamodb._partiql_delete)
dynamodb.load_persisted_state = load_state
iam_actions.extract_iam_action = known_action
iam_actions.extract_resource_arn = named_resource
iam_actions.dynamodb_transaction_checks = statement_checks
scheduler.handle_request = checked_schedule
apigateway._extract_path_params = parameters_of
eventbridge._invoke_target = invoke_as_role
emulator.main()
