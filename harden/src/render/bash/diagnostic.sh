
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

# True when a command is installed.
has() {
  command -v "$1" >/dev/null
}

# gently SECONDS COMMAND...: with a time limit and at the lowest priority, so that looking does no harm. No function
# here has variables of its own: one of the script's read-only variables could have the same name.
gently() {
  if has ionice; then
    timeout -k 1 "$1" nice -n 19 ionice -c 3 "${@:2}"
  else
    timeout -k 1 "$1" nice -n 19 "${@:2}"
  fi
}

# The first N lines; the rest is read and dropped, so that no command dies of a closed pipe.
first() {
  sed -n "1,${1}p"
}

# What could not be seen, and why.
unseen() {
  printf '(not seen: %s)\n' "$*"
}

# section TITLE FUNCTION: a failure inside costs this section only.
section() {
  printf '\n== %s ==\n' "$1"
  ("$2") || unseen 'this section is incomplete'
}

# Names and log lines are chosen by others: whatever could steer a terminal is shown as '?'.
present() {
  ("$1") 2>&1 | tr -c '[:print:]\n\t' '?' || true
}

