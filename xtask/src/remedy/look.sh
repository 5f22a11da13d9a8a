# All of a host that a fix could change, a line for each: type, mode, owners, bytes, packages, rules, units, switches of the network.
cd /
find etc boot usr root home opt srv var/www var/spool/cron var/cache/apt/archives -xdev -printf '%y %m %U %G %p %l\n' 2>/dev/null | grep -v '^f .* etc/ld.so.cache ' | sort
find usr -xdev -type f -printf 'size %s %T@ %p\n' | sort
find etc boot usr/local root home opt srv var/www var/spool/cron -xdev -type f -not -path etc/ld.so.cache -print0 | sort -z | xargs -0 sha256sum
find var/lib/hostward/undo -mindepth 1 2>/dev/null | sort
dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n'
nft list ruleset | sed 's/expires [0-9a-z]*/expires/'
systemctl list-unit-files --no-legend --no-pager
sysctl -a 2>/dev/null | grep '^net\.' | grep -vE 'random|conntrack_count|uuid|fastopen_key|neigh|route|stat_refresh'
