# shellcheck shell=bash
# Sourced by packaging/run and packaging/test: installs what is missing and says nothing when nothing is.
# It never removes or upgrades a package, and touches the package index only when something has to be installed.
# The caller has set -euo pipefail and stands in the top folder of the source tree.

install_log=build/install.log

say() { printf '%s\n' "$*" >&2; }

# The packages of the given purposes in packaging/packages that are neither installed nor replaced by a command.
missing_packages() {
    local purpose package command rest wanted=" $* "
    while read -r purpose package command rest; do
        [[ $purpose == '' || $purpose == \#* || $wanted != *" $purpose "* ]] && continue
        [[ -n $command ]] && command -v "$command" >/dev/null && continue
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
        printf '%s\n' "$package"
    done <packaging/packages
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "error: packages must be installed, and that needs root or sudo. As root, run:"
        say "  apt-get install --no-install-recommends ${missing[*]}"
        return 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null >>"$install_log" 2>&1
}

# install_packages PURPOSE …: all of them, or a failure that says why.
install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -eq 0 ]] && return
    if ! command -v apt-get >/dev/null; then
        say "error: no apt-get here. Install what corresponds to these Debian packages, then use the presets: ${missing[*]}"
        return 1
    fi
    as_root true || return 1
    mkdir -p build
    say "Installing ${missing[*]} (log: $install_log)"
    as_root apt-get update -qq >"$install_log" 2>&1 || say "warning: apt-get update failed; trying with the index as it is"
    if ! apt_install "${missing[@]}"; then
        tail -n 20 "$install_log" >&2
        say "error: apt-get could not install ${missing[*]}"
        return 1
    fi
}

# install_peers: what can be had; the interop tests skip the rest and packaging/test repeats which.
install_peers() {
    local missing package
    mapfile -t missing < <(missing_packages peers)
    if [[ ${#missing[@]} -gt 0 ]] && ! install_packages peers; then
        for package in "${missing[@]}"; do
            apt_install "$package" || say "WARNING: without $package some interop tests will be skipped"
        done
    fi
    install_node_modules || say "WARNING: MQTT.js and aedes could not be installed (see $install_log); their interop tests will be skipped"
}

# MQTT.js and aedes as pinned by tests/interop/package-lock.json, into build/npm/node_modules.
install_node_modules() {
    local target=build/npm lock=tests/interop/package-lock.json
    cmp -s "$lock" "$target/installed-lock.json" && return
    command -v npm >/dev/null || return 1
    say "Installing MQTT.js and aedes into $target (log: $install_log)"
    mkdir -p "$target"
    cp tests/interop/package.json "$lock" "$target/"
    npm ci --prefix "$target" --no-audit --no-fund --ignore-scripts >>"$install_log" 2>&1 || return 1
    cp "$lock" "$target/installed-lock.json"
}
