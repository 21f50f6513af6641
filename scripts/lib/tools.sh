# The prerequisites and the two tools that are fetched: the CDK command line (npm, from the lock file) and the emulator
# (PyPI, versions pinned). To be sourced after common.sh.

need_go() {
  command -v go >/dev/null || fail "Go is missing: install Go 1.26 or later"
  local version log=$work/log/go-version.log # an older Go may fetch the one that go.mod names
  version=$(cd "$root" && python3 scripts/lib/bounded.py 300 "$log" go env GOVERSION && tail -n 1 "$log") || version=unknown
  [[ $version =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 26 ] && return
  fail "Go 1.26 or later is needed, this is $version: install it, or let Go fetch it (GOTOOLCHAIN=auto)"
}

need_node() {
  command -v node >/dev/null || fail "Node.js is missing: install Node.js 20 or later"
  local version
  version=$(node --version 2>/dev/null) || version=unknown
  [[ $version =~ ^v([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 20 ] || fail "Node.js 20 or later is needed, this is $version: install a newer one"
  command -v npm >/dev/null || fail "npm is missing: it comes with Node.js, in some distributions as a package of its own named npm"
}

need_python() {
  command -v python3 >/dev/null || fail "Python is missing: install Python 3.10 or later"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    fail "Python 3.10 or later is needed, this is $(python3 --version 2>&1): install a newer one"
}

need_venv() {
  python3 -c 'import venv, ensurepip' 2>/dev/null || fail "Python's venv module is missing: install it (Debian and Ubuntu: the package python3-venv)"
}

# same FILE COPY: whether what was installed is what is wanted now.
same() { cmp -s "$1" "$2"; }

install_cdk() {
  local at=$work/npm lock=$root/scripts/package-lock.json
  same "$lock" "$at/installed" && return
  say "fetching the CDK command line"
  mkdir -p "$at"
  cp "$root/scripts/package.json" "$lock" "$at/"
  step npm 300 npm ci --prefix "$at" --no-audit --no-fund --no-update-notifier --ignore-scripts
  cp "$lock" "$at/installed"
}

install_emulator() {
  local at=$work/venv list=$root/scripts/requirements.txt
  same "$list" "$at/installed" && return
  need_venv
  say "fetching the emulator"
  step venv 120 python3 -m venv --clear "$at"
  step pip 300 "$at/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list"
  cp "$list" "$at/installed"
}

# find_browser sets CRMHOOK_BROWSER to Chromium for the tests that drive one: what it names already, one that is installed, or
# Debian's, where this user may install packages. Without one it is empty, and those tests do not run.
find_browser() {
  local name
  for name in ${CRMHOOK_BROWSER:-} chromium chromium-browser google-chrome; do
    CRMHOOK_BROWSER=$(command -v "$name") && export CRMHOOK_BROWSER && return
  done
  CRMHOOK_BROWSER=
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "fetching Chromium"
    (step apt-update 120 apt-get update && step apt-install 400 env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core) || true
    CRMHOOK_BROWSER=$(command -v chromium) || CRMHOOK_BROWSER=
  fi
  export CRMHOOK_BROWSER
  [ -n "$CRMHOOK_BROWSER" ] || say "The tests in a browser do not run: there is no Chromium, and none can be installed here. Name one in CRMHOOK_BROWSER."
}

# cdk ARGUMENTS: prints nothing of its own; caches under .crmhook instead of the home folder.
export CDK_HOME=$work/cdk CDK_DISABLE_CLI_TELEMETRY=true
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1
cdk=$work/npm/node_modules/.bin/cdk

# install_checkers puts the pinned formatter, linter and test runner into $work/bin.
install_checkers() {
  local tool
  for tool in mvdan.cc/gofumpt@v0.12.0 honnef.co/go/tools/cmd/staticcheck@v0.8.2 gotest.tools/gotestsum@v1.13.0; do
    [ -e "$work/bin/${tool//\//_}" ] && continue
    say "fetching ${tool##*/}"
    GOBIN=$work/bin step "install-${tool//\//_}" 600 go install "$tool"
    : >"$work/bin/${tool//\//_}"
  done
}
