#!/bin/sh
# Installs those of the named system packages that are missing: python3-venv, bubblewrap (the sandbox), chromium (the
# browser tests), postgresql (tests of a gradebook on a server). Where it may not, it says what to install. $PYTHON is the interpreter that needs venv.
missing() {
    for package in "$@"; do
        case $package in
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null ;;
        bubblewrap) command -v bwrap >/dev/null ;;
        chromium) command -v chromium >/dev/null || command -v google-chrome >/dev/null ;;
        postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null ;;
        *) false ;;
        esac || printf ' %s' "$package"
    done
}

wanted=$(missing "$@")
[ -z "$wanted" ] && exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
    echo "Installing$wanted from the system's packages."
    $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted >/dev/null
    wanted=$(missing "$@")
    [ -z "$wanted" ] && exit 0
fi
echo "Please install$wanted with your system's package manager (on Debian: apt-get install$wanted), then try again." >&2
exit 1
