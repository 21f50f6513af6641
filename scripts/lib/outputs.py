"""outputs.py DEPLOYED OUTPUTS ENDPOINT: write the stack's outputs as one flat JSON object, with the endpoint.

Queue URLs get the endpoint's host, as they are used from this machine.
"""

import json
import os
import sys
from urllib.parse import urlsplit


def main(deployed, outputs, endpoint):
    with open(deployed) as file:
        (values,) = json.load(file).values()
    for name, value in values.items():
        if name.endswith("Queue"):
            values[name] = endpoint.rstrip("/") + urlsplit(value).path
    values["Endpoint"] = endpoint
    with open(outputs + ".new", "w") as file:
        json.dump(values, file, indent=2, sort_keys=True)
        file.write("\n")
    os.replace(outputs + ".new", outputs)


main(*sys.argv[1:])
