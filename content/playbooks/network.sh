#+ name = "network"
#+ title = "The network loses or delays packets"
#+ language = "bash"
#+ kind = "diagnostic"
#+
#+ [inputs.device]
#+ type = "interface"
#+ about = "the interface that fired; all are shown when none is named"

readonly device={{ device }}

# Seconds between the two readings of every counter.
readonly seconds=2
readonly interfaces_max=64
readonly counters=(rx_bytes tx_bytes rx_packets tx_packets rx_errors tx_errors rx_dropped tx_dropped rx_missed_errors rx_crc_errors tx_carrier_errors collisions)

declare -A seen
declare -a interfaces=()

choose() {
  local path
  if [[ -n $device ]]; then
    interfaces=("$device")
    return
  fi
  for path in /sys/class/net/*; do
    if [[ -d $path/statistics ]]; then interfaces+=("${path##*/}"); fi
    if ((${#interfaces[@]} >= interfaces_max)); then break; fi
  done
}

# read_interfaces WHEN: keeps all counters of the interfaces under that word.
read_interfaces() {
  local interface counter value
  for interface in "${interfaces[@]}"; do
    for counter in "${counters[@]}"; do
      value=
      { read -r value <"/sys/class/net/$interface/statistics/$counter"; } 2>/dev/null || true
      if [[ -n $value ]]; then seen["$1/$interface/$counter"]=$value; fi
    done
  done
}

# read_protocols WHEN: /proc/net/snmp and netstat come in pairs of lines, names and then values.
read_protocols() {
  local file names values index
  for file in /proc/net/snmp /proc/net/netstat; do
    { while read -r -a names && read -r -a values; do
      for index in "${!names[@]}"; do
        if ((index > 0)); then seen["$1/${names[0]}${names[index]}"]=${values[index]:-0}; fi
      done
    done <"$file"; } 2>/dev/null || true
  done
}

# What a counter stands at, and by how much it grew between the readings.
stands() {
  printf '%s' "${seen["now/$1"]:-0}"
}

grew() {
  printf '%s' "$((${seen["now/$1"]:-0} - ${seen["before/$1"]:-0}))"
}

# What went wrong on an interface since it came up.
losses() {
  local sum=0 counter
  for counter in rx_errors tx_errors rx_dropped tx_dropped; do
    sum=$((sum + $(stands "$1/$counter")))
  done
  printf '%s' "$sum"
}

worst() {
  local interface most=-1 best=
  for interface in "${interfaces[@]}"; do
    if (($(losses "$interface") > most)); then
      most=$(losses "$interface")
      best=$interface
    fi
  done
  printf '%s' "$best"
}

finding() {
  local interface sent resent
  interface=$(worst)
  if [[ -z $interface || ! -e /sys/class/net/$interface ]]; then
    unseen "${interface:-any interface}: not on this host now; present are: $(cd /sys/class/net && printf '%s ' *)"
  else
    printf '%s has counted %s errors and drops since it came up, %s of them in the last %s s.\n' "$interface" \
      "$(losses "$interface")" "$(recent "$interface")" "$seconds"
  fi
  sent=$(grew Tcp:OutSegs) resent=$(grew Tcp:RetransSegs)
  printf 'TCP sent %s segments in %s s, %s of them again.\n' "$sent" "$seconds" "$resent"
}

recent() {
  local sum=0 counter
  for counter in rx_errors tx_errors rx_dropped tx_dropped; do
    sum=$((sum + $(grew "$1/$counter")))
  done
  printf '%s' "$sum"
}

traffic() {
  local interface counter
  for interface in "${interfaces[@]}"; do
    printf '%s: in %s KiB/s %s packets/s, out %s KiB/s %s packets/s\n' "$interface" \
      "$(($(grew "$interface/rx_bytes") / 1024 / seconds))" "$(($(grew "$interface/rx_packets") / seconds))" \
      "$(($(grew "$interface/tx_bytes") / 1024 / seconds))" "$(($(grew "$interface/tx_packets") / seconds))"
    for counter in "${counters[@]:4}"; do
      if (($(stands "$interface/$counter") > 0)); then
        printf '    %-18s %12s, last %s s: %s\n' "$counter" "$(stands "$interface/$counter")" "$seconds" "$(grew "$interface/$counter")"
      fi
    done
  done
}

attribute() {
  local value=
  { read -r value <"/sys/class/net/$1/$2"; } 2>/dev/null || true
  printf '%s' "${value:-?}"
}

links() {
  local interface
  for interface in "${interfaces[@]}"; do
    printf '%s: state %s, speed %s Mbit/s, duplex %s, mtu %s, queue %s, link went up or down %s times\n' "$interface" \
      "$(attribute "$interface" operstate)" "$(attribute "$interface" speed)" "$(attribute "$interface" duplex)" \
      "$(attribute "$interface" mtu)" "$(attribute "$interface" tx_queue_len)" "$(attribute "$interface" carrier_changes)"
  done
}

queues() {
  if has tc; then
    timeout 5 tc -s qdisc show 2>/dev/null | grep -E '^qdisc|dropped' | first 40 || true
  else
    unseen 'tc is not installed: drops in the queues are unknown'
  fi
  local drops=0 squeezed=0 row dropped squeeze
  while read -r _ dropped squeeze _; do
    ((drops += 16#$dropped, squeezed += 16#$squeeze)) || true
  done 2>/dev/null </proc/net/softnet_stat
  row="packets dropped because the CPU did not keep up: $drops; times that it ran out of its turn: $squeezed"
  printf '%s\n' "$row"
}

sockets() {
  cat /proc/net/sockstat 2>/dev/null || unseen '/proc/net/sockstat'
  if has ss; then
    printf 'TCP by state:\n'
    timeout 10 ss -Htan 2>/dev/null | awk '{ states[$1]++ } END { for (state in states) printf "%8d  %s\n", states[state], state }' | sort -rn | first 12 || true
    printf 'listening sockets with connections waiting (waiting, most, address):\n'
    timeout 10 ss -Hltn 2>/dev/null | awk '$2 > 0 { printf "%8d %8d  %s\n", $2, $3, $4 }' | sort -rn | first 10 || true
  else
    unseen 'ss is not installed: no states and no peers'
  fi
}

protocols() {
  local name
  printf '%-28s %14s  last %s s\n' counter 'since boot' "$seconds"
  for name in Tcp:RetransSegs Tcp:AttemptFails Tcp:EstabResets Tcp:InErrs TcpExt:TCPTimeouts TcpExt:ListenOverflows \
    TcpExt:ListenDrops TcpExt:TCPAbortOnMemory TcpExt:TCPBacklogDrop Udp:RcvbufErrors Udp:SndbufErrors Udp:InErrors Ip:InDiscards Ip:OutNoRoutes; do
    printf '%-28s %14s  %s\n' "$name" "$(stands "$name")" "$(grew "$name")"
  done
}

peers() {
  has ss || return 0
  printf 'established connections by remote address:\n'
  timeout 10 ss -Htn state established 2>/dev/null | awk '{ peer = $4; sub(/:[0-9]+$/, "", peer); count[peer]++ } END { for (peer in count) printf "%8d  %s\n", count[peer], peer }' | sort -rn | first 15 || true
}

tracking() {
  local count most
  if ! { read -r count </proc/sys/net/netfilter/nf_conntrack_count && read -r most </proc/sys/net/netfilter/nf_conntrack_max; } 2>/dev/null; then
    printf 'connection tracking is not in use here, or is not shown to this user\n'
    return
  fi
  printf '%s of %s entries (%s %%)\n' "$count" "$most" "$((100 * count / (most > 0 ? most : 1)))"
  if ((100 * count >= 80 * most)); then printf 'It is nearly full: new connections are dropped when it is.\n'; fi
}

kernel_lines() {
  local lines
  if ! lines=$(timeout 5 dmesg 2>/dev/null); then
    unseen 'dmesg: only root may read the kernel log here'
    return
  fi
  lines=$(printf '%s\n' "$lines" | grep -iE 'link is (up|down)|NETDEV WATCHDOG|nf_conntrack: table full|neighbour: .*overflow|SYN flooding' | tail -n 15) || true
  printf '%s\n' "${lines:-no line about links, queues or tables}"
}

next() {
  printf 'crc, frame or carrier errors: cable, plug, transceiver or a wrong duplex. Compare with the other end of the link.\n'
  printf 'rx_missed or softnet drops: packets come faster than one CPU takes them: interrupt spreading, ring size (ethtool -g).\n'
  printf 'ListenOverflows or ListenDrops: a service accepts too slowly or its backlog is too small.\n'
  printf 'Many retransmissions without local errors: the loss is on the way; test with mtr to the peer that has most connections.\n'
  if (($(grew Tcp:RetransSegs) * 20 > $(grew Tcp:OutSegs) && $(grew Tcp:OutSegs) > 20)); then
    printf 'More than 5 %% of segments are sent again at this moment.\n'
  fi
}

diagnose() {
  choose
  read_interfaces before
  read_protocols before
  sleep "$seconds"
  read_interfaces now
  read_protocols now
  section 'Finding' finding
  section "Traffic, errors and drops" traffic
  section 'Links' links
  section 'Queues' queues
  section 'TCP, UDP and IP' protocols
  section 'Sockets' sockets
  section 'Remote peers' peers
  section 'Connection tracking' tracking
  section 'Kernel lines' kernel_lines
  section 'What to look at next' next
}

present diagnose
