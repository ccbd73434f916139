# For scripts to source: runs a command as a step, saying first what is done and afterwards how long it took.
#
#   step "building the program" cmake --build --preset release

step() {
  local title=$1 started=$SECONDS
  shift
  printf '==> %s\n    $ %s\n' "$title" "$(shown "$@")"
  "$@" || { printf '==> failed after %d s: %s\n' $((SECONDS - started)) "$title" >&2; return 1; }
  printf '    (%d s)\n' $((SECONDS - started))
}

# The command as a reader would type it: only the words that need quotes have them.
shown() {
  local word words=()
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=,+@%-]*) words+=("\"$word\"") ;;
      *) words+=("$word") ;;
    esac
  done
  printf '%s' "${words[*]}"
}

# The one the user called, for messages and for the time it took in all.
finished() { printf '==> %s: done in %d s\n' "$(basename "$0")" "$SECONDS"; }
