#!/bin/sh
# Installs bubblewrap (the sandbox) and Chromium (the browser tests) where they are missing.
missing=""
command -v bwrap >/dev/null || missing="bubblewrap"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
[ -z "$missing" ] && exit 0

command -v sudo >/dev/null && sudo -n true 2>/dev/null && sudo="sudo -n" || sudo=""
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; }; then
    echo "Installing$(printf ' %s' $missing) from the system's packages."
    if $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing >/dev/null; then
        exit 0
    fi
fi
echo "Please install$(printf ' %s' $missing) with your system's package manager (on Debian: apt-get install$(printf ' %s' $missing)), then try again." >&2
exit 1
