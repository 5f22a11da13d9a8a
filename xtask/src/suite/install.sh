#!/bin/sh
# Installs Debian packages for the tests and keeps their services from running, now and after the next boot.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
services="prometheus prometheus-node-exporter ssh rsyslog"

if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

# A service that is here already is the administrator's and stays as it is.
new=""
for service in $services; do
    [ -e "/lib/systemd/system/$service.service" ] || new="$new $service"
done

apt-get -q update
apt-get -q -y install --no-install-recommends "$@"

for service in $new; do
    if [ -e "/lib/systemd/system/$service.service" ] && command -v systemctl >/dev/null; then
        systemctl --quiet disable "$service.service" || echo "note: could not disable $service.service" >&2
    fi
done
