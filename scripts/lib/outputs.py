"""outputs.py DEPLOYED OUTPUTS ENDPOINT: write the stack's outputs as one flat JSON object, with the endpoint and the tokens.

Queue URLs and the API's get the endpoint's host, as they are used from this machine: an emulator has no host of its own for an
API. The tokens come from the environment. The file is for its owner only.
"""

import json
import os
import sys
from urllib.parse import urlsplit


def main(deployed, outputs, endpoint):
    with open(deployed) as file:
        (values,) = json.load(file).values()
    base = endpoint.rstrip("/")
    for name, value in values.items():
        if name.endswith("Queue"):
            values[name] = base + urlsplit(value).path
    api = urlsplit(values["ApiUrl"]).hostname.split(".")[0]
    values["ApiUrl"] = f"{base}/_aws/execute-api/{api}/$default"
    values["ConsoleUrl"] = values["ApiUrl"] + "/console"
    values["Endpoint"] = endpoint
    values["DemoToken"] = os.environ["CRMHOOK_DEMO_TOKEN"]
    values["AgentToken"] = os.environ["CRMHOOK_AGENT_TOKEN"]
    values["OperatorToken"] = os.environ["CRMHOOK_OPERATOR_TOKEN"]
    with open(outputs + ".new", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(values, file, indent=2, sort_keys=True)
        file.write("\n")
    os.replace(outputs + ".new", outputs)


main(*sys.argv[1:])
