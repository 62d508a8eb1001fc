# Sourced by the other scripts: a virtual environment with the locked packages, made once and kept.
# Needs Python 3.11 or newer with venv; the second time it needs no network.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$root/.venv}

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
give_up() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  give_up "Rientro needs Python 3.11 or newer. Install it, or name it: PYTHON=/path/to/python $0"
}

# environment requirements.txt | requirements-dev.txt
environment() {
  local lock=$root/$1 wanted stamp=$venv/$1.installed
  wanted=$(cat "$lock" "$root/pyproject.toml" | sha256sum | cut -c1-64)
  if [ ! -x "$venv/bin/python" ]; then
    say "making a virtual environment in $venv"
    "$(find_python)" -m venv "$venv" || give_up \
      "The virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv"
  fi
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  # What tests need holds everything that running needs.
  [ "$(cat "$venv/requirements-dev.txt.installed" 2>/dev/null)" = \
    "$(cat "$root/requirements-dev.txt" "$root/pyproject.toml" | sha256sum | cut -c1-64)" ] && return
  say "installing the packages of $1"
  "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore \
    --require-hashes -r "$lock" || give_up "The packages could not be installed; pip's words stand above."
  # No build isolation: it would ask a registry for setuptools, which is here already.
  "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore \
    --no-deps --no-build-isolation --editable "$root"
  echo "$wanted" > "$stamp"
}
