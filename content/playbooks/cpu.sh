#+ name = "cpu"
#+ title = "The CPU is saturated"
#+ language = "bash"
#+ kind = "diagnostic"

# Seconds between the two readings of every counter.
readonly seconds=2
readonly processes_max=20000
hz=$(getconf CLK_TCK 2>/dev/null || echo 100)
page_bytes=$(getconf PAGESIZE 2>/dev/null || echo 4096)
cpus=$(nproc 2>/dev/null || echo 1)
readonly hz page_bytes cpus

declare -A started used_before used shown unit_used
declare -a cpu_before=() cpu_used=()
total=1

# The numbers of /proc/PID/stat after the name; the name itself may hold spaces, brackets and newlines.
read_process() {
  local text=
  { IFS= read -r -d '' text <"/proc/$1/stat" || true; } 2>/dev/null
  [[ $text == *') '* ]] || return 1
  name=${text#*\(}
  name=${name%) *}
  # shellcheck disable=SC2206 # only numbers and one letter follow the last bracket
  fields=(${text##*) })
}

# The unit, or else the control group, that a process belongs to.
read_unit() {
  local line
  unit=
  { while IFS= read -r line; do
    case $line in
      0::?* | *:name=systemd:*) unit=${line##*/} ;;
    esac
  done <"/proc/$1/cgroup"; } 2>/dev/null
  unit=${unit:-none}
}

read_first() {
  local path pid name fields count=0
  read -r -a cpu_before </proc/stat
  cpu_before=("${cpu_before[@]:1}")
  for path in /proc/[0-9]*; do
    if ((++count > processes_max)); then break; fi
    pid=${path#/proc/}
    read_process "$pid" || continue
    started[$pid]=${fields[19]}
    used_before[$pid]=$((fields[11] + fields[12]))
  done
}

# CPU time since the first reading; a process that began later counts whole.
read_second() {
  local path pid name fields unit ticks index count=0
  read -r -a cpu_used </proc/stat
  cpu_used=("${cpu_used[@]:1}")
  for index in "${!cpu_used[@]}"; do ((cpu_used[index] -= cpu_before[index])) || true; done
  total=$((cpu_used[0] + cpu_used[1] + cpu_used[2] + cpu_used[3] + cpu_used[4] + cpu_used[5] + cpu_used[6] + cpu_used[7]))
  if ((total < 1)); then total=1; fi
  for path in /proc/[0-9]*; do
    if ((++count > processes_max)); then break; fi
    pid=${path#/proc/}
    read_process "$pid" || continue
    ticks=$((fields[11] + fields[12]))
    if [[ ${started[$pid]:-} == "${fields[19]}" ]]; then ((ticks -= used_before[$pid])) || true; fi
    if ((ticks <= 0)); then continue; fi
    read_unit "$pid"
    used[$pid]=$ticks
    # The prefix, because a control group may be called "@", which as a key would mean all of them.
    unit_used["unit:$unit"]=$((${unit_used["unit:$unit"]:-0} + ticks))
    shown[$pid]="${fields[0]} nice ${fields[16]} $((fields[21] * page_bytes / 1048576)) MiB  ${name//$'\n'/?}  [$unit]"
  done
}

share() {
  printf '%s' "$((100 * $1 / total))"
}

busy() {
  share "$((total - cpu_used[3] - cpu_used[4]))"
}

# Ticks to percent of one CPU.
percent() {
  printf '%s' "$((100 * $1 / (hz * seconds)))"
}

top_process() {
  local pid best=
  for pid in "${!used[@]}"; do
    if [[ -z $best ]] || ((used[$pid] > used[$best])); then best=$pid; fi
  done
  printf '%s' "$best"
}

finding() {
  local pid
  printf 'The %s CPUs were %s %% busy during the last %s s.\n' "$cpus" "$(busy)" "$seconds"
  pid=$(top_process)
  if [[ -n $pid ]]; then
    printf 'The largest user was process %s with %s %% of one CPU: %s\n' "$pid" "$(percent "${used[$pid]}")" "${shown[$pid]}"
  else
    printf 'No process used a measurable amount.\n'
  fi
}

split() {
  local names=(user nice system idle iowait irq softirq steal) index
  for index in "${!names[@]}"; do
    printf '%-8s %3s %%\n' "${names[index]}" "$(share "${cpu_used[index]:-0}")"
  done
}

processes() {
  local pid
  printf '%7s %8s  %s\n' '% of one' pid 'state, nice, resident memory, name, [unit]'
  for pid in "${!used[@]}"; do
    printf '%7s %8s  %s\n' "$(percent "${used[$pid]}")" "$pid" "${shown[$pid]}"
  done | sort -rn | first 15
}

units() {
  local unit
  for unit in "${!unit_used[@]}"; do
    printf '%7s  %s\n' "$(percent "${unit_used[$unit]}")" "${unit#unit:}"
  done | sort -rn | first 10
}

queue() {
  printf 'load average: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
  grep -E '^procs_(running|blocked)' /proc/stat
  if [[ -r /proc/pressure/cpu ]]; then
    printf 'pressure (share of time in which somebody waited for a CPU):\n'
    cat /proc/pressure/cpu
  else
    unseen '/proc/pressure/cpu: this kernel does not keep it'
  fi
}

throttled() {
  local found
  printf 'control groups that were held back by their CPU quota since they began:\n'
  found=$(gently 5 find /sys/fs/cgroup -maxdepth 6 -name cpu.stat -exec grep -H '^nr_throttled [1-9]' {} + 2>/dev/null | first 15)
  printf '%s\n' "${found:-none}"
  printf 'times that a core slowed down because of heat:\n'
  found=$(grep -H '[1-9]' /sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count 2>/dev/null | first 15)
  printf '%s\n' "${found:-none, or this machine does not say}"
}

next() {
  printf 'Is the largest user doing what it should? Its unit'"'"'s log and its recent changes are the first place.\n'
  if ((total > 0 && 100 * cpu_used[7] / total >= 5)); then
    printf 'Steal is %s %%: the hypervisor gives this machine less than it asks for; look at the host or the plan.\n' "$(share "${cpu_used[7]}")"
  fi
  if ((100 * cpu_used[4] / total >= 20)); then
    printf 'Much of the time went to waiting for disks: run the disk-io playbook.\n'
  fi
  if ((100 * (cpu_used[5] + cpu_used[6]) / total >= 20)); then
    printf 'Interrupts take %s %%: look at network traffic and at /proc/interrupts.\n' "$(share "$((cpu_used[5] + cpu_used[6]))")"
  fi
  if ((100 * cpu_used[2] / total >= 40)); then
    printf 'The kernel itself is busy: many short processes, swapping or system calls; look at vmstat and at the memory playbook.\n'
  fi
  printf 'Nothing high now? It has passed: compare with the time in the head of this script.\n'
}

diagnose() {
  read_first || true
  sleep "$seconds"
  read_second || true
  section 'Finding' finding
  section "Processes by CPU, last $seconds s" processes
  section "Units by CPU (% of one CPU), last $seconds s" units
  section 'Where the time went' split
  section 'Waiting for a CPU' queue
  section 'Throttling' throttled
  section 'What to look at next' next
}

present diagnose
