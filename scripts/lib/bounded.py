"""bounded.py SECONDS LOG COMMAND...: run a command, output to LOG, for at most SECONDS; exit 124 if it took longer.

The command gets a process group of its own, which is what ends with it: nothing else is ever signalled.
"""

import os
import signal
import subprocess
import sys


def main(limit, log, command):
    with open(log, "wb") as output:
        try:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        except OSError as error:
            output.write(f"{command[0]}: {error.strerror}\n".encode())
            return 127
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda number, _: end(child, 128 + number))
        try:
            return child.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            end(child, 124)


def end(child, code):
    try:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os._exit(code)


sys.exit(main(float(sys.argv[1]), sys.argv[2], sys.argv[3:]))
