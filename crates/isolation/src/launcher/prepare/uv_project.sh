# Makes /mcpproxy/venv with what a Python project, a script or a list of packages needs.
#   $1    a project folder, a script with an inline list of packages, or empty
#   $2    what shall run: `python`, or a command of a package or of the project
#   $3 …  further packages
# The project itself is not installed, since that would run its build system: its sources are put on the path and
# its commands written out, which is what an editable installation comes to. Wheels only, unless
# MCPPROXY_ALLOW_SCRIPTS is set.
set -eu
umask 022
project=$1
wanted=$2
shift 2

if [ -d /state ]; then mkdir -p /state/data; chmod 0777 /state/data; fi

build=--no-build
if [ -n "${MCPPROXY_ALLOW_SCRIPTS:-}" ]; then build=; fi

bring_uv() {
  if ! uv=$(command -v uv); then
    python3 -m pip install --quiet --no-cache-dir --only-binary :all: --target /mcpproxy/uv uv
    uv=/mcpproxy/uv/bin/uv
  fi
}

: > /tmp/requirements.txt
for package in "$@"; do printf '%s\n' "$package" >> /tmp/requirements.txt; done

python3 -m venv --without-pip --system-site-packages /mcpproxy/venv

if [ -n "$project" ] && [ -f "$project/uv.lock" ]; then
  bring_uv
  "$uv" export --quiet --frozen --no-dev --no-emit-project --no-hashes --project "$project" >> /tmp/requirements.txt
elif [ -n "$project" ]; then
  PROJECT=$project python3 - <<'PY'
# The packages that a project file, a requirements file or the head of a script lists.
import os, re
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib

project = os.environ["PROJECT"]
lines = []
if os.path.isfile(project):
    text = open(project, encoding="utf-8").read()
    block = re.search(r"(?m)^# /// script\s*$\n((?:^#.*$\n)+?)^# ///\s*$", text)
    if block:
        toml = "".join(line[2:] if line.startswith("# ") else line[1:] for line in block[1].splitlines(True))
        lines = tomllib.loads(toml).get("dependencies", [])
else:
    file = os.path.join(project, "pyproject.toml")
    table = tomllib.load(open(file, "rb")).get("project", {}) if os.path.isfile(file) else {}
    listed = os.path.join(project, "requirements.txt")
    if "dependencies" in table:
        lines = table["dependencies"]
    elif os.path.isfile(listed):
        lines = [f"-r {listed}"]
with open("/tmp/requirements.txt", "a", encoding="utf-8") as out:
    out.writelines(line + "\n" for line in lines)
PY
fi

if grep -q '[^[:space:]]' /tmp/requirements.txt; then
  bring_uv
  "$uv" pip install --compile-bytecode $build --python /mcpproxy/venv/bin/python -r /tmp/requirements.txt
fi

PROJECT=$project WANTED=$wanted /mcpproxy/venv/bin/python - <<'PY'
import json, os, shutil, sys, sysconfig
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib

project, wanted = os.environ["PROJECT"], os.environ["WANTED"]
name, version, scripts = "", "", {}
if os.path.isdir(project):
    site = sysconfig.get_path("purelib")
    sources = [folder for folder in (os.path.join(project, "src"), project) if os.path.isdir(folder)]
    with open(os.path.join(site, "mcpproxy-project.pth"), "w", encoding="utf-8") as out:
        out.writelines(folder + "\n" for folder in sources)
    file = os.path.join(project, "pyproject.toml")
    table = tomllib.load(open(file, "rb")).get("project", {}) if os.path.isfile(file) else {}
    name, version, scripts = table.get("name", ""), table.get("version", "0"), table.get("scripts", {})
    if name:
        # So that the project finds its own version, as if it were installed.
        info = os.path.join(site, f"{name.replace('-', '_')}-{version}.dist-info")
        os.makedirs(info, exist_ok=True)
        with open(os.path.join(info, "METADATA"), "w", encoding="utf-8") as out:
            out.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for script, target in scripts.items():
        module, _, attribute = target.partition(":")
        path = os.path.join("/mcpproxy/venv/bin", os.path.basename(script))
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"#!/mcpproxy/venv/bin/python\nimport sys\nfrom {module} import {attribute.split('.')[0]}\n")
            out.write(f"sys.exit({attribute}())\n")
        os.chmod(path, 0o755)

own = os.path.join("/mcpproxy/venv/bin", os.path.basename(wanted))
if wanted in ("python", "python3"):
    entry = ["/mcpproxy/venv/bin/python"]
elif os.path.exists(own):
    entry = [own]
elif shutil.which(wanted):
    entry = [wanted]
else:
    sys.exit(f"mcpproxy: there is no command {wanted!r} in the project or its packages")
with open("/mcpproxy/mcpproxy.json", "w", encoding="utf-8") as out:
    json.dump({"name": name, "version": version, "entry": entry}, out)
PY
rm -rf /mcpproxy/uv /mcpproxy/cache
