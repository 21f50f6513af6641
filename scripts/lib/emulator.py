"""Run the emulator so that it asks for the permissions that AWS asks for.

Once permissions are enforced, some of its checks differ from AWS's: the stack's TLS-only policies refuse plain http; statements
of PartiQL and batches of messages need actions that AWS does not know; reading a stream or several parameters and sending mail
need the action on every resource. And it forgets a table's stream when it is started again. Put right here, the stack is the
same as on AWS, and its permissions are proven.
"""

import copy
import json
import re
from email.utils import parseaddr

from ministack import app as emulator
from ministack.core import iam_actions
from ministack.services import dynamodb, dynamodb_streams

serve = emulator.app
table_state = dynamodb.get_state
restore_tables = dynamodb.load_persisted_state
action_of = iam_actions.extract_iam_action
resource_arn = iam_actions.extract_resource_arn
transaction_checks = iam_actions.dynamodb_transaction_checks

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
    """A stream by its ARN or iterator, several parameters by the first of them, a mail by its sender; all else as before."""
    found = resource_arn(service, method, path, headers, body, query_params, region, account_id)
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


def kept_state():
    return {**table_state(), "streams": copy.deepcopy(dynamodb._stream_records)}


def load_state(state):
    restore_tables(state)
    dynamodb._stream_records.update((state or {}).get("streams", {}))


emulator.app = over_tls
dynamodb.get_state = kept_state
dynamodb.load_persisted_state = load_state
iam_actions.extract_iam_action = known_action
iam_actions.extract_resource_arn = named_resource
iam_actions.dynamodb_transaction_checks = statement_checks
emulator.main()
