# Installs packages from npm into /mcpproxy/app and says how the wanted command is started.
#   $1    the command that is wanted; empty means that of the package
#   $2 …  packages: @scope/name, name@1.2, github:owner/name
# Runs as root without capabilities, with network, without secrets and without files of the person's.
# Scripts of the packages do not run, unless MCPPROXY_ALLOW_SCRIPTS is set.
set -eu
umask 022
wanted=$1
shift

if [ -d /state ]; then mkdir -p /state/data; chmod 0777 /state/data; fi

scripts=--ignore-scripts
if [ -n "${MCPPROXY_ALLOW_SCRIPTS:-}" ]; then scripts=; fi
# npm runs the script `prepare` of a package from git in spite of --ignore-scripts, also of one that another package
# asks for. So npm itself may start git and nothing else.
if [ -n "$scripts" ]; then
    cat > /tmp/only-git.cjs <<'JS'
const processes = require('child_process')
const path = require('path')
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  const start = processes[name]
  processes[name] = (file, ...rest) => {
    const git = /^git(\.exe)?$/.test(path.basename(String(file))) && name.startsWith('spawn')
    if (git && !rest.some((options) => options && options.shell)) return start(file, ...rest)
    throw new Error('mcpproxy: a package from git must be built, which runs its scripts')
  }
}
JS
    export NODE_OPTIONS="--require /tmp/only-git.cjs"
fi

mkdir -p /mcpproxy/app
npm install --prefix /mcpproxy/app $scripts --no-audit --no-fund --no-progress --omit=dev "$@"
unset NODE_OPTIONS

WANTED=$wanted node - "$@" <<'JS'
const fs = require('fs')
const path = require('path')

const app = '/mcpproxy/app'
const wanted = process.env.WANTED
const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'))
const saved = Object.keys(read(`${app}/package.json`).dependencies || {})
// `@scope/name@1.2` is saved as `@scope/name`; an address is saved under the name that the package gives itself.
const spec = process.argv[2]
const plain = spec.replace(/(.)@.*$/, '$1')
const first = saved.includes(plain) ? plain : saved[0]
const describe = (name) => read(path.join(app, 'node_modules', name, 'package.json'))
const commands = (name) => {
  const { bin } = describe(name)
  if (typeof bin === 'string') return { [name.split('/').pop()]: bin }
  return bin || {}
}

let owner = first
let command = wanted
if (command) {
  owner = saved.find((name) => command in commands(name)) || first
} else {
  const names = Object.keys(commands(first))
  const own = first.split('/').pop()
  const same = new Set(Object.values(commands(first))).size === 1
  command = names.length === 1 || same ? names[0] : names.find((name) => name === own)
}
const file = command && commands(owner)[command]
if (!file) {
  const names = Object.keys(commands(owner)).join(', ') || 'none'
  console.error(`mcpproxy: ${owner} brings no command '${wanted || owner.split('/').pop()}'; it brings: ${names}`)
  process.exit(1)
}

const full = path.join(app, 'node_modules', owner, file)
const line = fs.readFileSync(full, 'utf8').split('\n', 1)[0]
const words = line.startsWith('#!') ? line.slice(2).trim().split(/\s+/) : []
const node = words.findIndex((word) => path.basename(word) === 'node')
// Node starts its file itself: no `env`, no second exec, and its own options are kept.
const entry = node >= 0 || /\.[cm]?js$/.test(full) ? ['node', ...(node >= 0 ? words.slice(node + 1) : []), full] : [full]
const { version } = describe(owner)
fs.writeFileSync('/mcpproxy/mcpproxy.json', JSON.stringify({ name: owner, version, entry }))
JS
rm -rf /mcpproxy/npm
