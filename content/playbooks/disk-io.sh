#+ name = "disk-io"
#+ title = "A disk is saturated"
#+ language = "bash"
#+ kind = "diagnostic"
#+
#+ [inputs.device]
#+ type = "device"
#+ required = true
#+ about = "the block device as /proc/diskstats names it; a path under /dev is understood too"

readonly device={{ device }}

# Seconds between the two readings of every counter.
readonly seconds=2
readonly processes_max=20000
# /sys spells the slash in a device's name as an exclamation mark.
disk=${device#/dev/}
readonly disk=${disk//!//}
readonly sys=/sys/class/block/${disk//\//!}

declare -A before moved shown
declare -a first_reading=() second_reading=()
denied=0

# The counters of one device: Documentation/admin-guide/iostats.rst.
read_disk() {
  local name words
  counters=()
  while read -r _ _ name words; do
    # shellcheck disable=SC2206 # only numbers follow the name
    if [[ $name == "$disk" ]]; then counters=($words); fi
  done </proc/diskstats
}

# Bytes that a process had read from and written to storage.
read_io() {
  local key value
  bytes_read='' bytes_written=''
  { while read -r key value; do
    case $key in
      read_bytes:) bytes_read=$value ;;
      write_bytes:) bytes_written=$value ;;
    esac
  done <"/proc/$1/io"; } 2>/dev/null
  [[ -n $bytes_read && -n $bytes_written ]]
}

read_first() {
  local path pid count=0 counters bytes_read bytes_written
  read_disk
  first_reading=("${counters[@]}")
  for path in /proc/[0-9]*; do
    if ((++count > processes_max)); then break; fi
    pid=${path#/proc/}
    if read_io "$pid"; then
      before[$pid]="$bytes_read $bytes_written"
    else
      denied=$((denied + 1))
    fi
  done
}

read_second() {
  local pid name counters bytes_read bytes_written
  read_disk
  second_reading=("${counters[@]}")
  for pid in "${!before[@]}"; do
    read_io "$pid" || continue
    ((bytes_read -= ${before[$pid]% *})) || true
    ((bytes_written -= ${before[$pid]#* })) || true
    if ((bytes_read + bytes_written <= 0)); then continue; fi
    name=
    { IFS= read -r name <"/proc/$pid/comm" || true; } 2>/dev/null
    moved[$pid]=$(((bytes_read + bytes_written) / 1024 / seconds))
    shown[$pid]="$((bytes_read / 1024 / seconds)) read, $((bytes_written / 1024 / seconds)) written  $name"
  done
}

known() {
  ((${#first_reading[@]} >= 11 && ${#second_reading[@]} >= 11))
}

delta() {
  printf '%s' "$((second_reading[$1] - first_reading[$1]))"
}

busy() {
  local share=$(($(delta 9) / (10 * seconds)))
  printf '%s' "$((share > 100 ? 100 : share))"
}

finding() {
  if ! known; then
    unseen "$disk: not in /proc/diskstats; the devices there are:"
    awk '{ print $3 }' /proc/diskstats | grep -vE '^(loop|ram)[0-9]' | first 20 | tr '\n' ' '
    printf '\n'
    return
  fi
  printf '%s was busy %s %% of the last %s s.\n' "$disk" "$(busy)" "$seconds"
  biggest | first 1 | sed 's/^/Most input and output (KiB\/s, pid, of it): /'
}

per_request() {
  local requests=$1 milliseconds=$2
  if ((requests > 0)); then printf '%s ms' "$((milliseconds / requests))"; else printf 'none'; fi
}

counters_now() {
  known || return 0
  printf 'reads    %8s/s  %10s KiB/s  time each: %s\n' "$(($(delta 0) / seconds))" "$(($(delta 2) / 2 / seconds))" "$(per_request "$(delta 0)" "$(delta 3)")"
  printf 'writes   %8s/s  %10s KiB/s  time each: %s\n' "$(($(delta 4) / seconds))" "$(($(delta 6) / 2 / seconds))" "$(per_request "$(delta 4)" "$(delta 7)")"
  printf 'in flight now: %s, mean queue: %s\n' "${second_reading[8]}" "$(($(delta 10) / (1000 * seconds)))"
}

biggest() {
  local pid
  for pid in "${!moved[@]}"; do
    printf '%10s %8s  %s\n' "${moved[$pid]}" "$pid" "${shown[$pid]}"
  done | sort -rn
}

processes() {
  printf '%10s %8s  %s\n' KiB/s pid 'KiB/s read and written on all disks, name'
  biggest | first 15
  if ((denied > 0)); then unseen "$denied processes: of other accounts (only root may read their counters), or gone in the meantime"; fi
  printf 'What is written first stays in memory; the kernel may write it later in its own name (kworker, jbd2).\n'
}

# State D waits where no signal reaches; wchan says in which function of the kernel.
waiting() {
  local path text where shown_count=0
  for path in /proc/[0-9]*; do
    text='' where=''
    { IFS= read -r -d '' text <"$path/stat" || true; } 2>/dev/null
    [[ ${text##*) } == D* ]] || continue
    { IFS= read -r -d '' where <"$path/wchan" || true; } 2>/dev/null
    text=${text%) *}
    printf '%8s  %s  in %s\n' "${path#/proc/}" "${text#*\(}" "${where:-?}"
    if ((++shown_count >= 20)); then break; fi
  done
  if ((shown_count == 0)); then printf 'none at this instant\n'; fi
}

setting() {
  local value=
  if [[ -r $2 ]]; then IFS= read -r value <"$2" || true; fi
  printf '%-24s %s\n' "$1" "${value:-?}"
}

settings() {
  if [[ ! -e $sys ]]; then
    unseen "$sys: no such block device"
    return
  fi
  local queue=$sys/queue
  if [[ -e $sys/partition ]]; then queue=$sys/../queue; fi
  setting scheduler "$queue/scheduler"
  setting 'rotational (1 = yes)' "$queue/rotational"
  setting 'requests in queue' "$queue/nr_requests"
  setting 'write cache' "$queue/write_cache"
  setting 'size, 512-byte blocks' "$sys/size"
  setting 'reads, writes in flight' "$sys/inflight"
  setting 'device number' "$sys/dev"
  mounts
}

mounts() {
  local number=
  { read -r number <"$sys/dev"; } 2>/dev/null || true
  printf 'mounted from it: '
  awk -v number="$number" '$3 == number { printf "%s ", $5; found = 1 } END { print found ? "" : "nothing directly (a partition, a volume or an array may be)" }' /proc/self/mountinfo
  if [[ -r /proc/mdstat ]] && grep -q '^md' /proc/mdstat; then
    printf 'software arrays (a rebuild keeps every member busy):\n'
    first 20 </proc/mdstat
  fi
}

pressure() {
  if [[ -r /proc/pressure/io ]]; then
    cat /proc/pressure/io
  else
    unseen '/proc/pressure/io: this kernel does not keep it'
  fi
  grep -E '^(Dirty|Writeback):' /proc/meminfo
}

kernel_lines() {
  local lines
  if ! lines=$(timeout 5 dmesg 2>/dev/null); then
    unseen 'dmesg: only root may read the kernel log here'
    return
  fi
  lines=$(printf '%s\n' "$lines" | grep -F -e "${disk##*/}" -e 'I/O error' -e 'hung_task' -e 'blocked for more than' | tail -n 15) || true
  printf '%s\n' "${lines:-no line names this disk or an input/output error}"
}

next() {
  if known && (($(busy) >= 80)); then
    printf 'The disk is the bottleneck now. Is the largest reader or writer expected (backup, scrub, reindex)? ionice -c 3 slows it.\n'
  else
    printf 'The disk is not saturated at this instant: compare with the time in the head of this script.\n'
  fi
  printf 'Few requests that each take long point at the disk itself: kernel lines above, then smartctl -a.\n'
  printf 'Many requests that are each quick point at the load: the processes above.\n'
  printf 'Steady reads with little free memory are often swapping: run the memory playbook.\n'
}

diagnose() {
  read_first || true
  sleep "$seconds"
  read_second || true
  section 'Finding' finding
  section "Requests, last $seconds s" counters_now
  section "Processes by input and output, last $seconds s" processes
  section 'Processes that wait without being stoppable' waiting
  section 'The device' settings
  section 'Pressure and pages still to be written' pressure
  section 'Kernel lines' kernel_lines
  section 'What to look at next' next
}

present diagnose
