
# ------------------------------------------------------------------------------------------------------------------------
# What all fixes have in common; nothing below is about this one.
#
# HOSTWARD_ROOT=DIR works on the host whose files lie below DIR; services and the kernel are left alone then.
# HOSTWARD_UNDO_DIR=DIR is where originals are kept, unless --undo says so.

export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
readonly step_seconds=120 file_bytes_max=1048576

mode=dry-run json=false undo='' root='' why='' entry=''
last=0 first=1 changed=0 missing=0 persons=0 finished=false stopped=false
report=() temps=() reloads=()

usage() {
  cat <<EOF
$fix_title

  --dry-run      say what would change, and change nothing (default)
  --apply        save the originals, change, verify; what fails is undone
  --verify       say whether it holds; 0 yes, 1 no
  --rollback     put everything back as it was before the first --apply
  --json         one report in JSON on standard output
  --undo DIR     where originals are kept (/var/lib/hostward/undo/$fix_id)

Exit codes: 0 all is well, 1 failed and undone (or does not hold), 2 used wrongly, 3 a precondition is missing,
4 a person has to act.
EOF
}

# Names come from others: what could steer a terminal is shown as '?'.
say() {
  printf '%s\n' "$*" | tr -c '[:print:]\n\t' '?' >&3
}

# stop CODE MESSAGE
stop() {
  stopped=true
  printf '%s: %s\n' "$fix_id" "$2" | tr -c '[:print:]\n\t' '?' >&2
  exit "$1"
}

options() {
  while (($# > 0)); do
    case $1 in
      --dry-run | --apply | --verify | --rollback) mode=${1#--} ;;
      --json) json=true ;;
      --undo) [[ ${2:-} == /* ]] || { usage >&2; exit 2; }; undo=$2; shift ;;
      --help) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  exec 3>&1
  if "$json"; then exec 3>&2; fi
}

prepare() {
  local need
  root=${HOSTWARD_ROOT:-}
  if [[ -n $root ]]; then
    [[ $root == /* && -d $root ]] || stop 2 'HOSTWARD_ROOT is no absolute path of a directory'
    root=$(realpath -e -- "$root")
    if [[ $root == / ]]; then root=''; fi
  fi
  if [[ -z $root && $mode != dry-run && $mode != verify ]] && ((EUID != 0)); then
    stop 3 'only root can do this'
  fi
  # Another root's services are left alone, and so are their programs.
  if [[ -z $root ]]; then
    for need in $fix_needs; do installed "$need"; done
  fi
  if [[ -z $undo ]]; then undo=${HOSTWARD_UNDO_DIR:-$root/var/lib/hostward/undo/$fix_id}; fi
  if [[ $mode == apply || $mode == rollback ]]; then lock; fi
}

# One fix at a time. Whoever takes back waits for what was still at work when its caller died: its steps are bounded.
lock() {
  local base entries wait=0
  if [[ $mode == rollback ]]; then wait=$((step_seconds + 30)); fi
  base=$(dirname -- "$undo")
  mkdir -p -- "$base"
  exec 9<"$base"
  flock -w "$wait" 9 || stop 3 'another fix is running'
  entries=("$undo"/[0-9][0-9][0-9][0-9])
  if [[ -d ${entries[-1]} ]]; then last=$((10#${entries[-1]##*/})); fi
  first=$((last + 1))
}

installed() {
  command -v "$1" >/dev/null || stop 3 "the program $1 is not installed"
}

limited() {
  timeout -k 5 "$step_seconds" "$@"
}

# ---- the report --------------------------------------------------------------------------------------------------------

json_text() {
  local out='' char code i
  for ((i = 0; i < ${#1}; i++)); do
    char=${1:i:1}
    case $char in
      '"' | \\) out+="\\$char" ;;
      [[:cntrl:]]) printf -v code '\\u%04x' "'$char"; out+=$code ;;
      *) out+=$char ;;
    esac
  done
  printf '"%s"' "$out"
}

# because WHY: the reason of the step that follows.
because() {
  why=$1
}

# tell STATE TARGET [BEFORE AFTER]: what became of a step.
tell() {
  local line
  case $1 in
    changed) changed=$((changed + 1)) ;;
    would-change | missing) missing=$((missing + 1)) ;;
    person) persons=$((persons + 1)) ;;
  esac
  say "$1: $2${why:+ ($why)}"
  line="{\"state\":\"$1\",\"target\":$(json_text "$2"),\"why\":$(json_text "$why")"
  if [[ -n ${3:-} ]]; then line+=",\"before\":$(json_text "$3")"; fi
  if [[ -n ${4:-} ]]; then line+=",\"after\":$(json_text "$4")"; fi
  report+=("$line}")
}

print_report() {
  local IFS=,
  printf '{"fix":%s,"title":%s,"mode":"%s","root":%s,"undo":%s,"exit":%d,"changed":%d,"steps":[%s]}\n' \
    "$(json_text "$fix_id")" "$(json_text "$fix_title")" "$mode" "$(json_text "$root")" "$(json_text "$undo")" \
    "$1" "$changed" "${report[*]}"
}

# True when a step is to be done, and not only talked about. Talks otherwise.
doing() {
  case $mode in
    apply) return 0 ;;
    verify) tell missing "$@" ;;
    *) tell would-change "$@" ;;
  esac
  return 1
}

# ---- what was there ----------------------------------------------------------------------------------------------------

# place PATH: sets $file to where it is below the root; links are followed, and none may lead out.
place() {
  file=$(realpath -m -- "$root$1")
  if [[ -n $root && $file != "$root"/* ]]; then stop 3 "$1 leads out of $root"; fi
}

# sum FILE: its SHA-256, or nothing.
sum() {
  if [[ -f $1 ]]; then sha256sum -- "$1" | sed 's/^\\//; s/ .*//'; fi
}

sum_text() {
  printf '%s' "$1" | sha256sum | sed 's/ .*//'
}

# entry_for ACTION PATH: makes a place for what undoes the next change; "ready" arms it.
entry_for() {
  mkdir -p -- "$undo"
  last=$((last + 1))
  printf -v entry '%s/%04d' "$undo" "$last"
  mkdir -- "$entry"
  printf '%s' "$2" >"$entry/path"
  printf '%s' "$1" >"$entry/action.new"
}

# From here on the change counts as begun, also after a power cut.
ready() {
  sync -- "$entry"/*
  mv -T -- "$entry/action.new" "$entry/action"
  sync -- "$entry" "$undo"
}

# save FILE: the original with its mode, owner, times and attributes.
save() {
  entry_for file "$1"
  if [[ -e $1 ]]; then
    cp -a --reflink=auto -- "$1" "$entry/original"
    sum "$1" >"$entry/before"
  else
    : >"$entry/absent"
  fi
  ready
}

# parents FILE: makes the directories above a file, and remembers which.
parents() {
  local directory
  directory=$(dirname -- "$1")
  if [[ -d $directory ]]; then return 0; fi
  parents "$directory"
  entry_for directory "$directory"
  ready
  mkdir -m 0755 -- "$directory"
}

# ---- files -------------------------------------------------------------------------------------------------------------

# read_text FILE: sets $text; a file that is absent is empty.
read_text() {
  text=''
  if [[ ! -e $1 ]]; then return 0; fi
  [[ -f $1 ]] || stop 3 "$1 is no ordinary file"
  (($(stat -c %s -- "$1") <= file_bytes_max)) || stop 3 "$1 is larger than $file_bytes_max bytes"
  if LC_ALL=C grep -qaP '\x00' -- "$1"; then stop 3 "$1 is no text"; fi
  text=$(cat -- "$1" && printf x)
  text=${text%x}
}

differences() {
  local old=$1
  if [[ ! -e $old ]]; then old=/dev/null; fi
  printf '%s' "$2" | diff -u --label "$1 (now)" --label "$1 (then)" -- "$old" - | tr -c '[:print:]\n\t' '?' >&3 || true
}

# put FILE TEXT [PARSER [secret]]: TEXT becomes what the file holds, in one step that cannot be seen half done.
put() {
  local file=$1 before after temp
  before=$(sum "$file") after=$(sum_text "$2")
  if [[ $before == "$after" ]]; then tell unchanged "$file" "$before" "$after"; return 0; fi
  if [[ ${4:-} != secret ]]; then differences "$file" "$2"; fi
  doing "$file" "$before" "$after" || return 0
  parents "$file"
  save "$file"
  temp=$(mktemp -- "$file.hostward.XXXXXXXX")
  temps+=("$temp")
  if [[ -e $file ]]; then cp -a --attributes-only -- "$file" "$temp"; else chmod 0644 -- "$temp"; fi
  printf '%s' "$2" >"$temp"
  if ! parses "${3:-}" "$temp"; then stop 1 "$3 does not accept the new $file"; fi
  sync -- "$temp"
  printf '%s\n' "$after" >"$entry/after"
  sync -- "$entry/after"
  mv -fT -- "$temp" "$file"
  sync -- "$(dirname -- "$file")"
  tell changed "$file" "$before" "$after"
}

# parses PARSER FILE: what can be said of one file before it is put in its place.
parses() {
  case $1 in
    sshd) sshd_accepts -f "$2" ;;
    sudo) installed visudo && limited visudo -c -q -f "$2" >&2 ;;
    *) return 0 ;;
  esac
}

# A host without keys, or where the service never ran, says nothing about the file.
sshd_accepts() {
  local said
  installed sshd
  said=$(limited sshd -t "$@" 2>&1) && return 0
  if [[ $said == *'no hostkeys available'* || $said == *'privilege separation directory'* ]]; then
    if ! grep -qE 'Bad |Unsupported|line [0-9]+' <<<"$said"; then return 0; fi
  fi
  printf '%s\n' "$said" >&2
  return 1
}

# set_key PATH STYLE KEY VALUE [SECTION [PARSER]]: the first line of that key gets the value, others of it go.
# Styles: space (Key value), equals (key = value), assign (KEY=value), nginx (key value;).
set_key() {
  local file text line
  place "$1"
  read_text "$file"
  case $2 in
    equals) line="$3 = $4" ;;
    assign) line="$3=$4" ;;
    nginx) line="$3 $4;" ;;
    *) line="$3 $4" ;;
  esac
  text=$(printf '%s' "$text" | key=$3 line=$line style=$2 section=${5:-} awk "$set_key_awk" && printf x)
  put "$file" "${text%x}" "${6:-}"
}

# shellcheck disable=SC2016  # it is awk's
readonly set_key_awk='
function word(s) { sub(/^[ \t]+/, "", s); return match(s, /^[^ \t=;]+/) ? substr(s, 1, RLENGTH) : "" }
function same(s) { return style == "space" ? tolower(s) == tolower(key) : s == key }
function emit(s) { out[++count] = s }
function put(indent) { if (!done) emit(indent line); done = 1 }
BEGIN {
  key = ENVIRON["key"]; line = ENVIRON["line"]; style = ENVIRON["style"]; section = ENVIRON["section"]
  inside = section == ""
}
# What follows a Match is for some only.
style == "space" && tolower(word($0)) == "match" { put(""); inside = 0 }
section != "" && /^[ \t]*\[/ { if (inside) put(""); inside = index($0, "[" section "]") > 0; if (inside) found = 1 }
inside && same(word($0)) {
  match($0, /^[ \t]*/); indent = substr($0, 1, RLENGTH)
  if (style == "nginx") done = 0
  put(indent); next
}
{ emit($0) }
style == "nginx" && !http && /^http[ \t]*\{/ { http = count }
END {
  if (section != "" && !found) emit("[" section "]")
  if (style != "nginx" || !http) put("")
  for (number = 1; number <= count; number++) {
    print out[number]
    if (!done && number == http) print "    " line
  }
}'

# write_file PATH PARSER LINE...: a file of our own with these lines.
write_file() {
  local file text parser=$2
  place "$1"
  printf -v text '%s\n' "# Written by hostward ($fix_id): $why" "${@:3}"
  put "$file" "$text" "$parser"
}

# block_module MODULE: what would load it runs a program that fails instead; one that is loaded stays.
block_module() {
  write_file "/etc/modprobe.d/hostward-$1.conf" '' "install $1 /bin/false" "blacklist $1"
  if [[ -z $root ]] && grep -q "^${1//-/_} " /proc/modules; then say "$1 is loaded until the next start, or until: modprobe -r $1"; fi
}

# file_mode PATH MODE OWNER GROUP: an empty one stays.
file_mode() {
  change_mode "$1" "$(printf '%04o' "$((8#${2:-0}))")" "${3:-}" "${4:-}"
}

# drop_bits PATH BITS: these bits of the mode go.
drop_bits() {
  local file now
  place "$(dirname -- "$1")"
  now=$(stat -c %a -- "${file%/}/${1##*/}" 2>/dev/null) || stop 3 "$1 is not there"
  change_mode "$1" "$(printf '%04o' "$((8#$now & ~8#$2))")" '' ''
}

# change_mode PATH MODE OWNER GROUP: acts on the very file that was looked at, whatever takes its name meanwhile.
change_mode() {
  local file before after fd
  place "$(dirname -- "$1")"
  file=${file%/}/${1##*/}
  if [[ -L $file || ! (-f $file || -d $file) ]]; then stop 3 "$1 is no file and no directory"; fi
  exec {fd}<"$file"
  if [[ $(stat -c %d:%i -- "$file") != "$(stat -L -c %d:%i -- "/proc/self/fd/$fd")" ]]; then stop 3 "$1 is being replaced"; fi
  before=$(stat -L -c '%04a %U %G' -- "/proc/self/fd/$fd")
  after="$2 ${3:-$(stat -L -c %U -- "/proc/self/fd/$fd")} ${4:-$(stat -L -c %G -- "/proc/self/fd/$fd")}"
  if [[ $before == "$after" ]]; then
    tell unchanged "$file" "$before" "$after"
  elif doing "$file: $before -> $after" "$before" "$after"; then
    entry_for mode "$file"
    stat -L -c '%d:%i %u %g %a' -- "/proc/self/fd/$fd" >"$entry/mode"
    ready
    if [[ -n $3$4 ]]; then chown -- "$3${4:+:$4}" "/proc/self/fd/$fd"; fi
    chmod -- "$2" "/proc/self/fd/$fd"
    tell changed "$file: $before -> $after" "$before" "$after"
  fi
  exec {fd}<&-
}

# ---- the kernel --------------------------------------------------------------------------------------------------------

# sysctl_switch KEY VALUE: for the next start and, on the running host, now.
sysctl_switch() {
  local now
  set_key /etc/sysctl.d/zz-hostward.conf equals "$1" "$2"
  if [[ -n $root ]]; then return 0; fi
  now=$(sysctl -n -- "$1" 2>/dev/null) || stop 3 "this kernel has no switch $1"
  now=${now//$'\t'/ }
  if [[ $now == "$2" ]]; then tell unchanged "$1" "$now" "$2"; return 0; fi
  doing "$1: $now -> $2" "$now" "$2" || return 0
  entry_for sysctl "$1"
  printf '%s' "$now" >"$entry/value"
  ready
  limited sysctl -q -w -- "$1=$2" || stop 1 "the kernel refuses $1=$2"
  tell changed "$1: $now -> $2" "$now" "$2"
}

# ---- services and units ------------------------------------------------------------------------------------------------

# accepts PARSER: the service's own parser accepts its configuration as a whole.
accepts() {
  case $1 in
    sshd) sshd_accepts ;;
    nginx) limited nginx -t -q >&2 ;;
    apache2) limited apachectl -t >&2 ;;
    *) return 0 ;;
  esac
}

# reload UNIT PARSER: after a change only, and never with a configuration that the service would not start with.
reload() {
  if [[ -n $root ]]; then say "not reloaded: $1 (another root)"; return 0; fi
  if [[ $mode != apply ]] || ((changed == 0)); then return 0; fi
  accepts "$2" || stop 1 "$2 does not accept its configuration"
  entry_for reload "$1"
  printf '%s' "$2" >"$entry/parser"
  ready
  if systemctl is-active -q -- "$1"; then
    limited systemctl reload-or-restart -- "$1" || stop 1 "$1 does not reload"
    systemctl is-active -q -- "$1" || stop 1 "$1 does not run after its reload"
  fi
}

# unit_off UNIT: it can no longer be started. What runs is somebody's work, and is left running.
unit_off() {
  local file=$root/etc/systemd/system/$1
  if [[ $(readlink -- "$file") == /dev/null ]]; then tell unchanged "$1 (masked)"; return 0; fi
  if [[ -z $root ]] && systemctl is-active -q -- "$1"; then
    tell person "$1 runs: if nobody needs it, stop it (systemctl disable --now $1) and run this again"
    return 0
  fi
  if [[ -e $file || -L $file ]]; then tell person "$file is there: somebody has a unit of this name of his own"; return 0; fi
  doing "$1 (mask)" || return 0
  parents "$file"
  entry_for link "$file"
  ready
  ln -s -- /dev/null "$file"
  reread_units
  tell changed "$1 (masked)"
}

reread_units() {
  if [[ -z $root ]]; then limited systemctl daemon-reload; fi
}

# unit_links: what starts units at boot, and where it leads; enabling one also moves the links of its script for SysV init.
unit_links() {
  find "$root/etc" \( -path '*/systemd/system/*' -o -path '*/etc/rc?.d/*' \) -printf '%p\t%l\0' 2>/dev/null | sort -z
}

# unit_on UNIT: started at boot, and now.
unit_on() {
  local state
  state=$(systemctl ${root:+--root="$root"} is-enabled -- "$1" 2>/dev/null) || true
  case $state in
    masked*) tell person "$1 is masked: somebody decided that it must not run"; return 0 ;;
    enabled* | static | alias | indirect)
      if [[ -n $root ]] || systemctl is-active -q -- "$1"; then tell unchanged "$1 ($state)"; return 0; fi ;;
    '' | not-found) stop 3 "there is no unit $1" ;;
  esac
  doing "$1 (enable and start)" || return 0
  entry_for unit "$1"
  printf '%s' "$state" >"$entry/enabled"
  if [[ -z $root ]]; then systemctl is-active -- "$1" >"$entry/active" || true; fi
  unit_links >"$entry/links"
  ready
  limited systemctl ${root:+--root="$root"} enable -q -- "$1" || stop 1 "$1 cannot be enabled"
  if [[ -z $root ]]; then limited systemctl start -- "$1" || stop 1 "$1 does not start"; fi
  tell changed "$1 (enabled)"
}

# unit_restart UNIT UNLESS: unless it is active, or unless the clock is synchronised.
unit_restart() {
  if [[ -n $root ]]; then stop 3 'services are restarted on the running host only'; fi
  systemctl cat -- "$1" >/dev/null 2>&1 || stop 3 "there is no unit $1"
  if [[ $2 == synchronised ]]; then
    if [[ $(timedatectl show -p NTPSynchronized --value) == yes ]]; then tell unchanged 'the clock (synchronised)'; return 0; fi
  elif systemctl is-active -q -- "$1"; then
    tell unchanged "$1 (active)"
    return 0
  fi
  # Not on standard output: a rehearsal is compared with the one that was approved.
  journalctl -q -n 10 --no-pager -o cat -u "$1" 2>/dev/null | tr -c '[:print:]\n\t' '?' >&2 || true
  doing "$1 (restart)" || return 0
  systemctl reset-failed -- "$1" 2>/dev/null || true
  limited systemctl restart -- "$1" || stop 1 "$1 does not start; its last words: journalctl -u $1"
  tell changed "$1 (restarted)"
}

# ---- packages, accounts, processes, addresses ---------------------------------------------------------------------------

# update_packages [NAME]: one package, or all with a security update.
update_packages() {
  local name old new found=false
  if [[ -n $root ]]; then stop 3 'packages are updated on the running host only'; fi
  while read -r name old new; do
    if [[ -n ${1:-} && $name != "$1" ]]; then continue; fi
    found=true
    doing "$name: $old -> $new" "$old" "$new" || continue
    entry_for package "$name"
    printf '%s' "$old" >"$entry/version"
    ready
    apt install --only-upgrade "$name=$new" || stop 1 "$name cannot be updated"
    tell changed "$name: $old -> $new" "$old" "$new"
  done < <(pending_updates "${1:-}")
  if ! "$found"; then tell unchanged "packages${1:+ ($1)}"; fi
}

# name, version, new version: of one package any update, of all those from the security archive.
pending_updates() {
  apt-get -s -q -o Debug::NoLocking=1 dist-upgrade 2>/dev/null |
    { if [[ -n $1 ]]; then cat; else grep -i security; fi || true; } |
    sed -n 's/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ ]*\) .*/\1 \2 \3/p'
}

apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 timeout -k 30 1800 apt-get -q -y -o Dpkg::Options::=--force-confold \
    -o Dpkg::Options::=--force-confdef "$@" </dev/null >&2
}

# lock_account USER: no password, no key and no job of it works any more; nothing of it is deleted.
lock_account() {
  local file text account line
  place /etc/passwd
  line=$(user=$1 awk -F: '$1 == ENVIRON["user"]' "$file") || true
  [[ -n $line ]] || stop 3 "there is no account $1"
  if [[ $1 == root || $(cut -d: -f3 <<<"$line") == 0 ]]; then stop 3 "$1 is root"; fi
  if [[ $1 == "${SUDO_USER:-}" ]]; then stop 3 "$1 is you"; fi
  if [[ -z $root ]] && pgrep -u "$1" >/dev/null 2>&1; then tell person "processes of $1 run: it is not stale"; return 0; fi
  place /etc/shadow
  read_text "$file"
  account=$1
  text=$(printf '%s' "$text" | user=$account awk -F: -v OFS=: '
    $1 == ENVIRON["user"] { if ($2 !~ /^!/) $2 = "!" $2; $8 = 1 }
    { print }' && printf x)
  put "$file" "${text%x}" '' secret
}

# clean_packages: archives of packages that are installed; apt fetches them again if it needs them.
clean_packages() {
  local file
  place /var/cache/apt/archives
  remove_all "$file" -maxdepth 1 -name '*.deb'
}

# remove_all DIRECTORY TEST...: files that programs make again; they are not saved, because the space is the point.
remove_all() {
  local kib
  kib=$(find "$1" -xdev -type f "${@:2}" -printf '%k\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }')
  if ((kib == 0)); then tell unchanged "$1 (nothing to remove)"; return 0; fi
  doing "$1 ($kib KiB go)" || return 0
  limited find "$1" -xdev -type f "${@:2}" -delete
  tell changed "$1 ($kib KiB gone)"
}

# vacuum_journal MIB: the oldest entries beyond that size go.
vacuum_journal() {
  local file kib
  place /var/log/journal
  kib=$(du -sk -- "$file" 2>/dev/null | cut -f1) || true
  if ((${kib:-0} <= $1 * 1024)); then tell unchanged "the journal (${kib:-0} KiB)"; return 0; fi
  if [[ -n $root ]]; then stop 3 'the journal is vacuumed on the running host only'; fi
  doing "the journal ($kib KiB, at most $1 MiB stay)" || return 0
  limited journalctl -q "--vacuum-size=${1}M" || stop 1 'the journal cannot be vacuumed'
  tell changed "the journal (at most $1 MiB)"
}

# same_process PID NAME: a number is somebody else's soon after its process ended.
same_process() {
  if [[ -n $root ]]; then stop 3 'processes are those of the running host only'; fi
  if (($1 < 2 || $1 == $$ || $1 == PPID)); then stop 3 "process $1 is none to touch"; fi
  if [[ ! -d /proc/$1 ]]; then tell unchanged "process $1 (it has ended)"; return 1; fi
  [[ $(cat "/proc/$1/comm") == "$2" ]] || stop 3 "process $1 is not $2"
}

# calm_process PID NAME NICE: it gets what others leave of the processor and the disks.
calm_process() {
  local now
  same_process "$1" "$2" || return 0
  now=$(ps -o ni= -p "$1" | tr -d ' ')
  if ((now >= $3)); then tell unchanged "process $1 (nice $now)"; return 0; fi
  doing "process $1 ($2): nice $now -> $3" "$now" "$3" || return 0
  entry_for nice "$1"
  printf '%s' "$now" >"$entry/value"
  ready
  renice -n "$3" -p "$1" >/dev/null || stop 1 "process $1 cannot be calmed"
  tell changed "process $1 ($2): nice $now -> $3" "$now" "$3"
}

# end_process PID NAME: asks it to end, and waits.
end_process() {
  local waited
  same_process "$1" "$2" || return 0
  doing "process $1 ($2): ask it to end" || return 0
  kill -TERM "$1"
  for ((waited = 0; waited < 50; waited++)); do
    if [[ ! -d /proc/$1 ]]; then break; fi
    sleep 0.2
  done
  if [[ -d /proc/$1 ]]; then tell person "process $1 ($2) did not end; what it holds may be lost if it is killed"; return 0; fi
  tell changed "process $1 ($2): ended"
}

# ban_address ADDRESS SECONDS: dropped for a while by a set of our own in nftables.
ban_address() {
  local family=ip set=banned4
  if [[ $1 == *:* ]]; then family=ip6 set=banned6; fi
  if [[ ! $1 =~ ^[0-9a-fA-F.:]+$ ]]; then stop 3 "$1 is no address"; fi
  if [[ $1 == 127.* || $1 == ::1 || $1 == 0.* ]]; then stop 3 "$1 is this host"; fi
  if is_ours "$1"; then stop 3 "$1 is where an administrator is signed in from"; fi
  if [[ -n $root ]]; then stop 3 'addresses are banned on the running host only'; fi
  if nft get element inet hostward_bans "$set" "{ $1 }" >/dev/null 2>&1; then tell unchanged "$1 (banned)"; return 0; fi
  doing "$1 (ban for $2 s)" || return 0
  entry_for ban "$1"
  printf '%s' "$set" >"$entry/set"
  ready
  limited nft -f - <<EOF || stop 1 "$1 cannot be banned"
add table inet hostward_bans
add set inet hostward_bans banned4 { type ipv4_addr; flags timeout; }
add set inet hostward_bans banned6 { type ipv6_addr; flags timeout; }
add chain inet hostward_bans input { type filter hook input priority -10; policy accept; }
flush chain inet hostward_bans input
add rule inet hostward_bans input ip saddr @banned4 drop
add rule inet hostward_bans input ip6 saddr @banned6 drop
add element inet hostward_bans $set { $1 timeout ${2}s }
EOF
  tell changed "$1 ($family, banned for $2 s)"
}

# The address of this session, of every session that is open, and of every connection to sshd.
is_ours() {
  local known
  known=$(printf '%s\n' "${SSH_CONNECTION%% *}" "${SSH_CLIENT%% *}"
    who --ips 2>/dev/null | awk '{ print $NF }'
    ss -Htn state established '( sport = :ssh )' 2>/dev/null | awk '{ sub(/:[0-9]+$/, "", $4); gsub(/[][]/, "", $4); print $4 }')
  grep -qxF -- "$1" <<<"$known"
}

# ---- what only people can decide ----------------------------------------------------------------------------------------

# person TEXT: this is theirs.
person() {
  tell person "$1"
}

# show_finding PACKAGE VERSION FIXED PATH: which package is meant.
show_finding() {
  say "$1 ${2:-(version unknown)}${4:+ in $4}: ${3:-no version} is without the flaw"
}

# show_lines PATH LINE: the place, and what is around it.
show_lines() {
  local file
  place "$1"
  [[ -f $file ]] || stop 3 "$1 is not there; name it by its absolute path on this host"
  say "$file, line ${2:-1}:"
  awk -v line="${2:-1}" 'NR >= line - 4 && NR <= line + 4 { printf "%s %5d  %s\n", NR == line ? ">" : " ", NR, substr($0, 1, 200) }' \
    "$file" | tr -c '[:print:]\n\t' '?' >&3
}

# show_certificate PATH: whose it is and how long it holds.
show_certificate() {
  local file
  place "$1"
  [[ -f $file ]] || stop 3 "$1 is not there"
  limited openssl x509 -noout -subject -issuer -dates -in "$file" | tr -c '[:print:]\n\t' '?' >&3 || stop 3 "$1 is no certificate"
}

# show_large PATH: the largest directories of one file system.
show_large() {
  local file
  place "$1"
  say 'KiB, directory (the largest of this file system):'
  { timeout 20 nice -n 19 du -xk -d 4 -- "$file" 2>/dev/null || true; } | sort -rn | sed -n 1,15p | tr -c '[:print:]\n\t' '?' >&3
}

# show_text LINE...: something to read, or to copy after thought.
show_text() {
  local line
  for line in "$@"; do say "  $line"; done
}

# ---- undoing -----------------------------------------------------------------------------------------------------------
# Bash does not stop at errors inside of what is asked with "if" or "||", so each step here says what its failure means.

# undo_from FIRST: takes back, the last change first, what was done since.
undo_from() {
  local number
  for ((number = last; number >= $1; number--)); do
    printf -v entry '%s/%04d' "$undo" "$number"
    if [[ ! -d $entry ]]; then continue; fi
    if [[ ! -f $entry/action ]] || undo_entry "$(<"$entry/action")" "$(<"$entry/path")"; then forget; fi
  done
  undo_reloads
  if [[ -d $undo ]]; then rmdir --ignore-fail-on-non-empty -- "$undo"; fi
}

# forget: in one step, so that what is half removed when the power goes does not count as to be undone.
forget() {
  if [[ -f $entry/action ]]; then mv -T -- "$entry/action" "$entry/action.done"; fi
  rm -rf -- "$entry"
}

undo_entry() {
  why=''
  case $1 in
    file) undo_file "$2" ;;
    directory) if [[ -d $2 ]]; then rmdir --ignore-fail-on-non-empty -- "$2"; fi ;;
    mode) undo_mode "$2" ;;
    link) if [[ $(readlink -- "$2") == /dev/null ]]; then rm -f -- "$2" && reread_units; fi ;;
    sysctl) limited sysctl -q -w -- "$2=$(<"$entry/value")" ;;
    reload) reloads+=("$2" "$(<"$entry/parser")"); return 0 ;;
    unit) undo_unit "$2" ;;
    package) apt install --allow-downgrades "$2=$(<"$entry/version")" ;;
    nice) if [[ -d /proc/$2 ]]; then renice -n "$(<"$entry/value")" -p "$2" >/dev/null; fi ;;
    ban) nft delete element inet hostward_bans "$(<"$entry/set")" "{ $2 }" 2>/dev/null || true; undo_bans ;;
  esac || { tell person "$2 could not be put back; see $entry"; return 1; }
  tell restored "$2"
}

undo_mode() {
  local inode user group bits fd
  read -r inode user group bits <"$entry/mode"
  if [[ -L $1 || ! (-f $1 || -d $1) ]]; then tell person "$1 is another file by now"; return 1; fi
  exec {fd}<"$1"
  if [[ $(stat -L -c %d:%i -- "/proc/self/fd/$fd") != "$inode" ]]; then
    exec {fd}<&-
    tell person "$1 is another file by now"
    return 1
  fi
  { chown -- "$user:$group" "/proc/self/fd/$fd" && chmod -- "$bits" "/proc/self/fd/$fd"; } || return 1
  exec {fd}<&-
}

# A file that somebody has changed since is his now.
undo_file() {
  local temp
  # What was being written beside it when the power went, or the script was killed.
  rm -f -- "$1".hostward.????????
  if [[ -f $entry/after && -e $1 && $(sum "$1") != "$(<"$entry/after")" && $(sum "$1") != "$(cat "$entry/before" 2>/dev/null)" ]]; then
    tell person "$1 was changed since; the original is $entry/original"
    return 1
  fi
  if [[ -e $entry/absent ]]; then rm -f -- "$1"; return 0; fi
  temp=$(mktemp -- "$1.hostward.XXXXXXXX") || return 1
  temps+=("$temp")
  cp -a -- "$entry/original" "$temp" && sync -- "$temp" && mv -fT -- "$temp" "$1" && sync -- "$(dirname -- "$1")"
}

undo_unit() {
  local path link
  if [[ -z $root && $(cat "$entry/active" 2>/dev/null) != active ]]; then limited systemctl stop -- "$1" || true; fi
  unit_links | comm -z -13 "$entry/links" - | sort -rz |
    while IFS=$'\t' read -r -d '' path _; do
      if [[ -L $path ]]; then rm -f -- "$path"; elif [[ -d $path ]]; then rmdir --ignore-fail-on-non-empty -- "$path"; fi
    done
  unit_links | comm -z -23 "$entry/links" - |
    while IFS=$'\t' read -r -d '' path link; do
      if [[ -n $link ]]; then ln -sfT -- "$link" "$path"; fi
    done
  reread_units
}

# The table goes with its last address.
undo_bans() {
  if ! nft list table inet hostward_bans 2>/dev/null | grep -q 'elements'; then
    nft delete table inet hostward_bans 2>/dev/null || true
  fi
}

undo_reloads() {
  local index
  for ((index = 0; index < ${#reloads[@]}; index += 2)); do
    if accepts "${reloads[index + 1]}" && systemctl is-active -q -- "${reloads[index]}"; then
      limited systemctl reload-or-restart -- "${reloads[index]}" || tell person "${reloads[index]} does not reload"
    fi
  done
  reloads=()
}

# ---- the whole ---------------------------------------------------------------------------------------------------------

on_exit() {
  local code=$1
  trap - EXIT
  if [[ $mode == apply ]] && ! "$finished"; then
    if ((last >= first)); then
      printf '%s: failed; undoing what was changed\n' "$fix_id" >&2
      undo_from "$first" || code=1
    fi
  fi
  # What nobody foresaw has failed, whatever the status of the command that ended it.
  if ! "$finished" && ! "$stopped"; then code=1; fi
  if ((${#temps[@]} > 0)); then rm -f -- "${temps[@]}"; fi
  if "$json"; then print_report "$code"; fi
  exit "$code"
}

main() {
  local code=0
  options "$@"
  trap 'on_exit "$?"' EXIT
  trap 'exit 1' INT TERM HUP
  prepare
  if [[ $mode == rollback ]]; then undo_from 1; else steps; fi
  if ((persons > 0)); then code=4; elif [[ $mode == verify ]] && ((missing > 0)); then code=1; fi
  case $mode in
    apply) if ((changed == 0)); then say 'nothing had to be changed'; fi ;;
    dry-run) if ((missing == 0)); then say 'nothing to change'; else say 'nothing was changed; --apply does it'; fi ;;
  esac
  finished=true
  exit "$code"
}

main "$@"
