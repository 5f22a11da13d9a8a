#+ name = "disk-full"
#+ title = "A filesystem is filling up"
#+ language = "bash"
#+ kind = "diagnostic"
#+
#+ [inputs.mountpoint]
#+ type = "path"
#+ required = true
#+ about = "where the filesystem is mounted"
#+
#+ [inputs.device]
#+ type = "text"
#+ about = "what is mounted there: a block device, or the words of a network or memory filesystem"

readonly mountpoint={{ mountpoint }}
readonly device={{ device }}

# Seconds that one walk over the filesystem may take; it never leaves the filesystem.
readonly walk_seconds=20

# Records that end in NUL, as lines: a newline inside a name becomes '?'.
lines() {
  tr '\n\0' '?\n'
}

# One column of df for the mount point, without its unit.
column() {
  timeout 5 df --output="$1" -k -- "$mountpoint" 2>/dev/null | tail -n 1 | tr -dc '0-9'
}

used_percent() {
  local percent
  percent=$(column pcent) || true
  printf '%s' "${percent:-0}"
}

inodes_percent() {
  local percent
  percent=$(column ipcent) || true
  printf '%s' "${percent:-0}"
}

finding() {
  if ! timeout 5 stat -- "$mountpoint" >/dev/null; then
    unseen "$mountpoint: not there, not permitted or not answering; the rest is about what remains visible"
    return
  fi
  printf '%s (%s) is %s %% full; %s %% of its inodes are used.\n' \
    "$mountpoint" "${device:-device not named}" "$(used_percent)" "$(inodes_percent)"
  timeout 5 df -h -- "$mountpoint" || true
  timeout 5 df -i -- "$mountpoint" || true
}

reserved() {
  local size used free
  size=$(column size) used=$(column used) free=$(column avail)
  if [[ -n $size && -n $used && -n $free ]]; then
    printf 'kept back for root, or not usable: %s MiB\n' "$(((size - used - free) / 1024))"
  fi
  if has findmnt; then
    timeout 5 findmnt -n -o SOURCE,FSTYPE,OPTIONS --mountpoint "$mountpoint" || printf 'it is not itself a mount point: it lies on the filesystem shown above\n'
    printf 'mounted below it (what lies under these is hidden and still takes space):\n'
    timeout 5 findmnt -n -l -o TARGET,FSTYPE --submounts --mountpoint "$mountpoint" | sed 1d | first 15 || true
  fi
}

# How a walk ended: cut off, or kept out of something.
explain() {
  case $1 in
    0) ;;
    124 | 137) unseen "the walk was stopped after $walk_seconds s: larger ones may exist" ;;
    *) unseen 'some directories or files: not readable by this user, or gone in the meantime' ;;
  esac
}

# directories COUNT OPTION...: the largest by du's measure.
directories() {
  local status=0 count=$1
  shift
  gently "$walk_seconds" du -x -0 -d 4 "$@" -- "$mountpoint" 2>/dev/null |
    sort -z -rn -S 32M | sed -z -n "1,${count}p" | lines || status=$?
  explain "$status"
}

by_size() {
  printf 'KiB\tdirectory\n'
  directories 25 -k -t 1M
}

by_inodes() {
  if (($(inodes_percent) < 50)); then
    printf 'not looked for: inodes are not short\n'
  else
    printf 'inodes\tdirectory\n'
    directories 15 --inodes
  fi
}

# Size on disk, last change, name; the largest first.
files() {
  local status=0
  printf 'KiB\tchanged\tfile\n'
  gently "$walk_seconds" find "$mountpoint" -xdev -type f "$@" -printf '%k\t%TY-%Tm-%Td %TH:%TM:%.2TS\t%p\0' 2>/dev/null |
    sort -z -rn -S 32M | sed -z -n 1,20p | lines || status=$?
  explain "$status"
}

large_files() {
  files -size +10M
}

growing_files() {
  files -mmin -60 -size +64k
}

# A file without a name keeps its space for as long as somebody has it open.
deleted_files() {
  local number status=0
  number=$(timeout 5 stat -c %d -- "$mountpoint" 2>/dev/null) || true
  printf '%10s  %s\n' KiB 'open file (the number after /proc/ is the process)'
  gently "$walk_seconds" find -L /proc/[0-9]*/fd -maxdepth 1 -type f -links 0 -printf '%D %k %i %p\n' 2>/dev/null |
    awk -v device="$number" '$1 == device && !seen[$3]++ { printf "%10d  %s\n", $2, $4 }' | sort -rn | first 15 || status=$?
  if ((status != 0)); then unseen 'some processes: of other accounts (only root may look), or gone in the meantime'; fi
}

next() {
  if (($(inodes_percent) >= 90)); then
    printf 'Inodes are short, not bytes: look for a directory with very many small files (sessions, mail queue, cache).\n'
  fi
  printf 'Logs: is logrotate running, and is one service logging far more than usual?  journalctl --disk-usage\n'
  printf 'Deleted and still open: restarting or reloading the process named above gives the space back.\n'
  printf 'Files changed in the last hour show what is growing now; the largest show what can be moved or removed.\n'
  printf 'Package caches and old kernels are safe to shrink by their own tools: apt-get clean, apt-get autoremove.\n'
  printf 'If nothing can go, extend the filesystem before it reaches 100 %%.\n'
}

diagnose() {
  section 'Finding' finding
  section 'Directories by size on this filesystem alone' by_size
  section 'Files by size' large_files
  section 'Files changed in the last hour' growing_files
  section 'Deleted files that are still open' deleted_files
  section 'Directories by number of files' by_inodes
  section 'Reserved space, options and mounts below' reserved
  section 'What to look at next' next
}

present diagnose
