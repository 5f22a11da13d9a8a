#+ name = "failed-logins"
#+ title = "More failed logins than usual"
#+ language = "bash"
#+ kind = "diagnostic"
#+
#+ [inputs.service]
#+ type = "text"
#+ about = "the service that was knocked at (sshd, sudo, su)"
#+
#+ [inputs.user]
#+ type = "user"
#+ about = "the account name as it was typed"
#+
#+ [inputs.address]
#+ type = "host"
#+ about = "where the attempts came from"

readonly service={{ service }}
readonly user={{ user }}
readonly address={{ address }}

readonly minutes=60
readonly log_lines_max=50000

source=''
seen=''

# Only the last hour of a log file, whose lines begin with RFC 3339 or with "Nov 21 04:10:00".
last_hour() {
  awk -v since="$(date -d "-$minutes min" +%Y-%m-%dT%H:%M:%S)" -v short="$(date -d "-$minutes min" +%m%d%H:%M:%S)" \
    -v new_year="$(date +%m%d)" '
    BEGIN { split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names); for (i in names) month[names[i]] = i }
    /^[0-9][0-9][0-9][0-9]-/ { if (substr($1, 1, 19) >= since) print; next }
    ($1 in month) {
      at = sprintf("%02d%02d%s", month[$1], $2, $3)
      if (at >= short || (new_year == "0101" && at < "0102")) print
    }'
}

# The first place that this user may read: a log file, or the journal, or nothing.
choose_source() {
  local file
  for file in /var/log/auth.log /var/log/secure; do
    if [[ -r $file && -s $file ]]; then
      source=$file
      return
    fi
  done
  has journalctl || return 0
  for file in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do
    if [[ -r $file ]]; then source=journal; fi
  done
}

# Lines about logins of the last hour.
log_lines() {
  case $source in
    /*) gently 20 tail -n "$log_lines_max" -- "$source" | last_hour ;;
    journal) gently 20 journalctl -q --no-pager -o short-iso "--since=-${minutes}min" -n "$log_lines_max" SYSLOG_FACILITY=4 + SYSLOG_FACILITY=10 2>/dev/null || true ;;
  esac
}

# One line an attempt: outcome, method, service, address, account. Whoever knocks chooses the account name, also
# " from 192.0.2.1 port 22": the address is therefore taken after the last " from ", and the name is what is left.
attempts() {
  log_lines | awk '
    function tell(outcome, method, who, where) {
      sub(/ port [0-9]+.*$/, "", where)
      if (where == "") where = "local"
      if (who == "") who = "-"
      printf "%s\t%s\t%s\t%s\t%s\n", outcome, method, program, where, who
    }
    {
      gsub(/\t/, " ")
      if (!match($0, /[A-Za-z0-9._\/-]+(\[[0-9]+\])?: /)) next
      program = substr($0, RSTART, RLENGTH)
      text = substr($0, RSTART + RLENGTH)
      sub(/(\[[0-9]+\])?: $/, "", program)
    }
    text ~ /^(Failed|Accepted) [^ ]+ for / && program ~ /^sshd/ {
      outcome = text ~ /^Failed/ ? "failed" : "accepted"
      split(text, words, " ")
      who = text
      sub(/^[^ ]+ [^ ]+ for (invalid user )?/, "", who)
      where = who
      sub(/^.* from /, "", where)
      who = substr(who, 1, length(who) - length(where) - length(" from "))
      tell(outcome, words[2], who, where)
      next
    }
    text ~ /^Connection (closed|reset) by (authenticating|invalid) user / && program ~ /^sshd/ {
      who = text
      sub(/^Connection [^ ]+ by [^ ]+ user /, "", who)
      where = who
      if (!match(where, /[0-9a-fA-F:.%]+ port [0-9]+( \[preauth\])?$/)) next
      where = substr(where, RSTART)
      who = substr(who, 1, RSTART - 2)
      tell("abandoned", "none", who, where)
      next
    }
    text ~ /^pam_unix\([^)]*:auth\): authentication failure;/ && program !~ /^sshd/ {
      where = text
      who = text
      if (!sub(/^.* rhost=/, "", where)) where = ""
      sub(/ .*$/, "", where)
      if (!sub(/^.* user=/, "", who)) who = ""
      tell("failed", "password", who, where)
    }'
}

# table COLUMN TITLE: how many failed or abandoned, by that column.
table() {
  printf '%s\n' "$2"
  printf '%s\n' "$seen" | awk -F '\t' -v column="$1" '$1 != "accepted" && NF == 5 { count[$column]++ } END { for (key in count) printf "%8d  %s\n", count[key], key }' |
    sort -rn | first "$3"
}

failed() {
  printf '%s\n' "$seen" | awk -F '\t' 'NF == 5 && $1 != "accepted" { n++ } END { print n + 0 }'
}

# Successes from an address that also failed: a guess that was right, or somebody who mistyped.
entered() {
  printf '%s\n' "$seen" | awk -F '\t' '
    NF != 5 { next }
    $1 != "accepted" { failures[$4]++; next }
    $4 in failures && $4 != "local" && failures[$4] > 0 { after[$4 " as " $5 " by " $2] = failures[$4] }
    END { for (key in after) printf "%8d failures, then a login from %s\n", after[key], key }' | sort -rn | first 20
}

finding() {
  if [[ -z $source ]]; then
    unseen 'neither /var/log/auth.log nor /var/log/secure nor the journal can be read: run as root or as a member of adm'
    return
  fi
  printf 'source: %s\n' "$source"
  printf '%s failed or abandoned logins in the last %s minutes.\n' "$(failed)" "$minutes"
  local inside
  inside=$(entered)
  if [[ -n $inside ]]; then
    printf 'LOOK HERE FIRST: somebody got in from an address that had failed before:\n%s\n' "$inside"
  else
    printf 'No login succeeded from an address that had failed before.\n'
  fi
  if [[ -n $service ]]; then printf 'The alert speaks of the service: %s\n' "$service"; fi
}

counts() {
  if [[ -z $source ]]; then return; fi
  table 4 'by source address:' 15
  table 5 'by account as typed:' 15
  table 2 'by method:' 8
  table 3 'by service:' 8
}

# Lines that hold the very account or address of the alert.
concerned() {
  if [[ -z $user$address || -z $source ]]; then
    printf 'no log, or the alert names neither an account nor an address\n'
    return
  fi
  local patterns=()
  if [[ -n $user ]]; then patterns+=(-e "${user//$'\n'/?}"); fi
  if [[ -n $address ]]; then patterns+=(-e "$address"); fi
  log_lines | grep -F "${patterns[@]}" | tail -n 15 || printf 'no line of the last hour names it\n'
  if [[ -n $user ]]; then timeout 5 getent passwd -- "$user" | cut -d: -f1,3,6,7 || printf 'no such account on this host\n'; fi
}

logged_in() {
  printf 'logged in now:\n'
  timeout 5 who 2>/dev/null | first 20 || unseen 'who'
  if [[ -z $source ]]; then return; fi
  printf 'accepted logins of the last hour (service, address, account, method):\n'
  printf '%s\n' "$seen" | awk -F '\t' '$1 == "accepted" { print $3, $4, $5, $2 }' | tail -n 15
}

sshd_settings() {
  local wanted='^(port|listenaddress|passwordauthentication|kbdinteractiveauthentication|permitrootlogin|permitemptypasswords|pubkeyauthentication|maxauthtries|maxstartups|logingracetime|allowusers|allowgroups|denyusers|denygroups|usepam|persourcepenalties) ' text=
  if ! has sshd; then
    unseen 'sshd is not installed'
    return
  fi
  text=$(timeout 5 sshd -T 2>/dev/null | grep -E "$wanted") || true
  if [[ -n $text ]]; then
    printf 'in effect (sshd -T):\n%s\n' "$text"
  else
    unseen 'sshd -T: only root may ask it; what the files say, first match wins:'
    grep -hiE "^[[:space:]]*(Include|Match|${wanted:2:-2})[[:space:]]" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf 2>/dev/null | first 40 || printf 'nothing readable\n'
  fi
}

listening() {
  if has ss; then
    timeout 5 ss -Hltnp 2>/dev/null | grep -E 'sshd|:22 ' | first 10 || printf 'no listening sshd seen, and nothing on port 22\n'
  else
    unseen 'ss is not installed'
  fi
  if has fail2ban-client; then printf 'fail2ban is installed.\n'; else printf 'fail2ban is not installed.\n'; fi
}

next() {
  if [[ -n $(entered) ]]; then
    printf 'Ask the owner of the account whether that login was theirs. If not: lock the account, end its sessions, keep the logs.\n'
  fi
  printf 'One address, many accounts: a scanner; block it or leave it to fail2ban. Many addresses, one account: somebody wants that account.\n'
  printf 'Passwords accepted from everywhere (PasswordAuthentication yes) are what makes guessing worth while: keys only ends it.\n'
  printf 'The same account failing at regular intervals is often a forgotten job with an old password.\n'
}

diagnose() {
  choose_source
  seen=$(attempts) || true
  section 'Finding' finding
  section "Failed logins of the last $minutes minutes" counts
  section 'What the alert names' concerned
  section 'Who got in' logged_in
  section 'What sshd allows' sshd_settings
  section 'Where it listens' listening
  section 'What to look at next' next
}

present diagnose
