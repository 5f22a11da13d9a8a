#+ name = "memory"
#+ title = "Memory is short"
#+ language = "bash"
#+ kind = "diagnostic"

readonly processes_max=20000
page_bytes=$(getconf PAGESIZE 2>/dev/null || echo 4096)
readonly page_bytes

declare -A resident shown

# One value of /proc/meminfo in KiB; 0 where this kernel has no such line.
meminfo() {
  local key value
  while read -r key value _; do
    if [[ $key == "$1:" ]]; then
      printf '%s' "$value"
      return
    fi
  done </proc/meminfo
  printf 0
}

# Resident memory comes from stat: unlike smaps and cmdline, reading it never waits for the process's own locks.
read_processes() {
  local path pid text name count=0 fields
  for path in /proc/[0-9]*; do
    if ((++count > processes_max)); then break; fi
    pid=${path#/proc/} text=''
    { IFS= read -r -d '' text <"$path/stat" || true; } 2>/dev/null
    [[ $text == *') '* ]] || continue
    name=${text#*\(}
    name=${name%) *}
    # shellcheck disable=SC2206 # only numbers and one letter follow the last bracket
    fields=(${text##*) })
    if ((fields[21] > 0)); then
      resident[$pid]=$((fields[21] * page_bytes / 1024))
      shown[$pid]=${name//$'\n'/?}
    fi
  done
}

finding() {
  local total available swap_total swap_free
  total=$(meminfo MemTotal) available=$(meminfo MemAvailable)
  swap_total=$(meminfo SwapTotal) swap_free=$(meminfo SwapFree)
  printf '%s of %s MiB (%s %%) are available.\n' "$((available / 1024))" "$((total / 1024))" "$((100 * available / total))"
  if ((swap_total > 0)); then
    printf 'Swap: %s of %s MiB are used.\n' "$(((swap_total - swap_free) / 1024))" "$((swap_total / 1024))"
  else
    printf 'There is no swap: when memory ends, the kernel kills a process.\n'
  fi
  by_resident | first 1 | sed 's/^/Largest process (KiB, pid, name): /'
}

by_resident() {
  local pid
  for pid in "${!resident[@]}"; do
    printf '%10s %8s  %s\n' "${resident[$pid]}" "$pid" "${shown[$pid]}"
  done | sort -rn
}

processes() {
  printf '%10s %8s  %s\n' 'KiB' pid name
  by_resident | first 15
}

# Shared pages count once here, so the sum over processes is what they really take.
proportional() {
  local pid line denied=0
  printf '%10s %10s %8s  %s\n' 'PSS KiB' 'swap KiB' pid name
  while read -r _ pid _; do
    if line=$(timeout 2 grep -E '^(Pss|SwapPss):' "/proc/$pid/smaps_rollup" 2>/dev/null) && [[ -n $line ]]; then
      line=${line//[!0-9$'\n']/}
      printf '%10s %10s %8s  %s\n' "${line%%$'\n'*}" "${line##*$'\n'}" "$pid" "${shown[$pid]}"
    else
      denied=$((denied + 1))
    fi
  done < <(by_resident | first 10)
  if ((denied > 0)); then unseen "$denied of the largest processes belong to others or did not answer in 2 s"; fi
}

pressure() {
  if [[ -r /proc/pressure/memory ]]; then
    cat /proc/pressure/memory
  else
    unseen '/proc/pressure/memory: this kernel does not keep it'
  fi
  printf 'since boot, pages: '
  grep -E '^(pswpin|pswpout|pgmajfault|oom_kill) ' /proc/vmstat | tr '\n' ' '
  printf '\n'
}

kernel_share() {
  grep -E '^(Slab|SReclaimable|SUnreclaim|KernelStack|PageTables|Percpu|Shmem|Dirty|Writeback|Mlocked|HugePages_Total|HugePages_Free|Hugepagesize|Committed_AS|CommitLimit):' /proc/meminfo
  printf 'memory file systems (these files are memory):\n'
  timeout 5 df -m -t tmpfs -t ramfs 2>/dev/null | first 15 || true
  if [[ -r /proc/slabinfo ]]; then
    printf 'largest slab caches, KiB:\n'
    awk 'NR > 2 { printf "%10d  %s\n", $3 * $4 / 1024, $1 }' /proc/slabinfo | sort -rn | first 8
  else
    unseen '/proc/slabinfo: only root may read it'
  fi
}

# Version 2 of control groups first, then version 1.
limits() {
  local file limit dir name found
  while IFS= read -r -d '' file; do
    dir=${file%/*}
    { read -r limit <"$file"; } 2>/dev/null || continue
    if [[ $limit == max ]] || ((limit > 1 << 50)); then continue; fi
    name=${dir#/sys/fs/cgroup}
    printf '%8s of %8s MiB  %s\n' "$(usage "$dir")" "$((limit / 1048576))" "${name:-/}"
  done < <(gently 5 find /sys/fs/cgroup -maxdepth 7 \( -name memory.max -o -name memory.limit_in_bytes \) -print0 2>/dev/null) |
    sort -rn | first 15
  printf 'control groups in which the kernel killed for memory:\n'
  found=$(gently 5 find /sys/fs/cgroup -maxdepth 7 \( -name memory.events -o -name memory.oom_control \) -exec grep -HE '^oom_kill [1-9]' {} + 2>/dev/null | first 15)
  printf '%s\n' "${found:-none}"
}

usage() {
  local bytes=0 file
  for file in "$1/memory.current" "$1/memory.usage_in_bytes"; do
    if [[ -r $file ]]; then read -r bytes <"$file" || true; fi
  done
  printf '%s' "$((bytes / 1048576))"
}

kernel_kills() {
  local lines=
  if has journalctl; then
    lines=$(timeout 10 journalctl -k -q --no-pager --since=-24h 2>/dev/null | grep -iE 'out of memory|oom-kill|oom_reaper' | tail -n 20) || true
  fi
  if [[ -z $lines ]]; then
    lines=$(timeout 5 dmesg 2>/dev/null | grep -iE 'out of memory|oom-kill|oom_reaper' | tail -n 20) || true
  fi
  printf '%s\n' "${lines:-no such line in what this user may read of the kernel log}"
  if ! timeout 5 dmesg >/dev/null 2>&1; then unseen 'dmesg: only root may read the kernel log here'; fi
}

next() {
  local total shmem unreclaimable
  total=$(meminfo MemTotal) shmem=$(meminfo Shmem) unreclaimable=$(meminfo SUnreclaim)
  printf 'Is the largest process meant to be that large? If it has grown for days, it leaks: restarting its unit buys time.\n'
  if ((100 * shmem / total >= 20)); then
    printf 'Shared memory and tmpfs hold %s MiB: look for large files under /dev/shm, /run and /tmp.\n' "$((shmem / 1024))"
  fi
  if ((100 * unreclaimable / total >= 15)); then
    printf 'The kernel holds %s MiB that it cannot give back: look at the largest slab caches.\n' "$((unreclaimable / 1024))"
  fi
  printf 'A group near its limit is short although the host is not: its limit is MemoryMax= of the unit.\n'
  printf 'Lines about killed processes name the victim, which is not always the one that took the memory.\n'
}

diagnose() {
  read_processes || true
  section 'Finding' finding
  section 'Processes by resident memory' processes
  section 'The same without counting shared pages twice' proportional
  section 'Pressure and swapping' pressure
  section 'What the kernel and memory file systems hold' kernel_share
  section 'Control groups with a limit' limits
  section 'Kernel lines about memory running out, last 24 h' kernel_kills
  section 'What to look at next' next
}

present diagnose
