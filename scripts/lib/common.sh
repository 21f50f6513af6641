# Shared by the scripts: where things are, how a step is run and how it fails. Everything that they make is under .crmhook,
# which git ignores. To be sourced from bash with set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/.crmhook
mkdir -p "$work/log"

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# help_if_asked ARGUMENTS: --help prints the head comment of the script.
help_if_asked() {
  case ${1:-} in -h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  esac
}

# output NAME: one of the stack's outputs, as scripts/up wrote them.
output() { sed -n 's/^ *"'"$1"'": "\(.*\)",*$/\1/p' "$work/outputs.json"; }

# step NAME SECONDS COMMAND: runs it quietly within the time; when it fails, says so and shows the end of its output.
step() {
  local name=$1 limit=$2 log=$work/log/$1.log code=0
  shift 2
  python3 "$root/scripts/lib/bounded.py" "$limit" "$log" "$@" || code=$?
  [ "$code" = 0 ] && return
  tail -n 15 "$log" >&2
  [ "$code" = 124 ] && fail "$name took longer than $limit s and was ended; its output is in $log"
  fail "$name failed (exit $code); its output is in $log"
}
