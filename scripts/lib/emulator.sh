# The embedded emulator as a background process of this checkout: data, log and process id are in .crmhook/emulator. To be
# sourced after common.sh.

port=${CRMHOOK_PORT:-4566}
emulator=$work/emulator

# emulator_pid prints the process id of our emulator; fails when it does not run. A number that the system gave to another
# program meanwhile is not ours.
emulator_pid() {
  local pid
  pid=$(cat "$emulator/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  { tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o command= -p "$pid"; } 2>/dev/null | grep -qF "$root/scripts/lib/emulator.py" || return 1
  printf '%s\n' "$pid"
}

port_taken() {
  python3 -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))) != 0)' "$port"
}

# answers URL: whether something takes connections there.
answers() {
  python3 -c 'import socket, sys, urllib.parse as u
at = u.urlsplit(sys.argv[1])
socket.create_connection((at.hostname, at.port or {"https": 443}.get(at.scheme, 80)), 5)' "$1" 2>/dev/null
}

healthy() {
  python3 -c 'import sys, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=2).read()' \
    "http://127.0.0.1:$port/_ministack/health" 2>/dev/null
}

# same_port: the data has addresses of queues with the port in them, so it is of use at its own port only.
same_port() {
  local was
  was=$(cat "$emulator/port" 2>/dev/null) || return 0
  [ "$was" = "$port" ] || fail "the stack's data was made at port $was and is of use there only: set CRMHOOK_PORT=$was, or forget it with scripts/down --clean"
}

# emulator_start ENFORCED: true runs the functions under their roles, false lets the CDK deploy. Its environment is made anew:
# the functions inherit it.
emulator_start() {
  port_taken && fail "port $port is taken by another program: stop it, or set CRMHOOK_PORT to a free port, or AWS_ENDPOINT_URL to an emulator that runs already"
  mkdir -p "$emulator/state" "$emulator/s3" "$emulator/tmp"
  printf '%s\n' "$port" >"$emulator/port"
  [ "$1" = true ] || : >"$work/log/emulator.log"
  nohup env -i PATH="$PATH" HOME="$emulator" TMPDIR="$emulator/tmp" LANG=C.UTF-8 \
    GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 LAMBDA_EXECUTOR=local AUTH="$1" \
    PERSIST_STATE=1 STATE_DIR="$emulator/state" S3_PERSIST=1 S3_DATA_DIR="$emulator/s3" \
    AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 \
    "$work/venv/bin/python" "$root/scripts/lib/emulator.py" >>"$work/log/emulator.log" 2>&1 </dev/null &
  printf '%s\n' $! >"$emulator/pid"
  local tries
  for ((tries = 0; tries < 120; tries++)); do
    sleep 0.5
    healthy && return
    emulator_pid >/dev/null || fail "the emulator ended while it started; see $work/log/emulator.log, then run scripts/up again"
  done
  emulator_stop
  fail "the emulator did not answer within a minute and was stopped; see $work/log/emulator.log, then run scripts/down --clean and scripts/up"
}

# emulator_stop lets it write its data (at most a minute) before it is ended by force.
emulator_stop() {
  local pid tries
  if pid=$(emulator_pid); then
    kill "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 240; tries++)); do
      emulator_pid >/dev/null || break
      sleep 0.25
    done
    if emulator_pid >/dev/null; then
      kill -9 "$pid" 2>/dev/null || true
      say "the emulator did not stop within a minute and was ended: its latest data may be missing" >&2
    fi
  fi
  rm -f "$emulator/pid"
}
