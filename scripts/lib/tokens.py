"""tokens.py OUTPUTS: print the tokens of the demo's keys, an organization's, an agent's and an operator's, a line each: those that OUTPUTS holds, else new ones."""

import json
import secrets
import sys


def main(outputs):
    try:
        with open(outputs) as file:
            known = json.load(file)
    except FileNotFoundError:
        known = {}
    for name in ("DemoToken", "AgentToken", "OperatorToken"):
        print(known.get(name) or secrets.token_urlsafe(32))


main(*sys.argv[1:])
