# Installs one tool from PyPI into /mcpproxy and says how it is started.
#   $1    requirement: mcp-server-time, mcp-server-time==1.2, an address
#   $2    the command that is wanted; empty means the only one there is
#   $3 …  further options for `uv tool install`
# Runs as root without capabilities, with network, without secrets and without files of the person's.
# Nothing of the package runs here: wheels only, unless MCPPROXY_ALLOW_SCRIPTS is set.
set -eu
umask 022
requirement=$1
wanted=$2
shift 2

# What the server keeps between restarts is written by another user than this one.
if [ -d /state ]; then mkdir -p /state/data; chmod 0777 /state/data; fi

build=--no-build
if [ -n "${MCPPROXY_ALLOW_SCRIPTS:-}" ]; then build=; fi

# A plain Python image has no uv. It is only needed here, so it goes away again at the end.
if ! uv=$(command -v uv); then
  python3 -m pip install --quiet --no-cache-dir --only-binary :all: --target /mcpproxy/uv uv
  uv=/mcpproxy/uv/bin/uv
fi

# A folder of the person's is mounted read-only, and some build systems write into their sources.
if [ -d "$requirement" ]; then
  cp -R "$requirement" /tmp/source
  requirement=/tmp/source
fi

"$uv" tool install --compile-bytecode --force $build "$@" "$requirement"
"$uv" tool list > /tmp/tools

WANTED=$wanted python3 - <<'PY'
import json, os, sys

wanted = os.environ["WANTED"]
commands = sorted(os.listdir("/mcpproxy/bin")) if os.path.isdir("/mcpproxy/bin") else []
name, version = "", ""
for line in open("/tmp/tools", encoding="utf-8"):
    if " v" in line and not line.startswith("-"):
        name, version = line.split()[0], line.split(" v")[1].split()[0]
        break
if wanted in commands:
    command = wanted
elif len(commands) == 1:
    command = commands[0]
else:
    sys.exit(f"mcpproxy: {name} brings no command {wanted!r}; it brings: {', '.join(commands) or 'none'}")
with open("/mcpproxy/mcpproxy.json", "w", encoding="utf-8") as out:
    json.dump({"name": name, "version": version, "entry": [f"/mcpproxy/bin/{command}"]}, out)
PY
rm -rf /mcpproxy/uv /mcpproxy/cache
