# Sourced by every script of the repository, so that none ends without a sentence that names it: say and stop are for what a script
# foresees, the traps for everything else.
set -Eeuo pipefail

script=${0##*/} place='' told=false

say() { printf "$script: %s\n" "$@" >&2; }

stop() { # STATUS SENTENCE...
  say "${@:2}"
  told=true
  exit "$1"
}

clean_up() { :; } # a script that leaves things behind replaces it

last_words() {
  local status=$?
  clean_up || true
  [ "$status" = 0 ] || $told || say "ended with status $status${place:+, $place}"
}

trap 'place="line $LINENO: $BASH_COMMAND"' ERR
trap last_words EXIT
trap 'stop 143 "terminated"' TERM
