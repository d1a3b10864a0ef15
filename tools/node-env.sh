# shellcheck shell=bash
# Sourced: puts the Node that this tree builds with first on PATH, and fails with the command that brings it.
# MW_NODE, when set, names a folder with a `node` in it that is to be used instead.
mw_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -n "${MW_NODE:-}" ]; then
  PATH="$MW_NODE:$PATH"
elif [ -x "$mw_root/build/node/node_modules/.bin/node" ]; then
  PATH="$mw_root/build/node/node_modules/.bin:$PATH"
fi
export PATH
mw_node_major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$mw_node_major" -lt 22 ]; then
  echo "Node 22 or newer is needed to build the browser client (found: $(node --version 2>/dev/null || echo none)). Bring it with: tools/install-node" >&2
  exit 1
fi
