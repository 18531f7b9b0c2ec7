# shellcheck shell=bash
# For the tests of scripts; sourced, not run. One check a call, and `finish` at the end.

failures=0

# expect WHAT STATUS TEXT COMMAND...: the command ends with STATUS and its output contains TEXT.
expect() {
  local what=$1 status=$2 text=$3 output found=0
  shift 3
  output=$("$@" 2>&1) || found=$?
  if [[ $found == "$status" && $output == *"$text"* ]]; then
    echo "good: $what"
  else
    printf 'WRONG: %s: expected status %s and "%s"; found status %s and:\n%s\n' \
      "$what" "$status" "$text" "$found" "$output"
    failures=$((failures + 1))
  fi
}

# finish: ends the test, with failure if any check failed.
finish() {
  ((failures == 0))
  exit
}
