#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# package_test.sh FOLDER: installs the bundle of FOLDER (./dev package --bundle) into a bare Debian 12 without network, starts the daemon
# by hand and then by a real systemd, upgrades, rolls back, removes, purges. Root; debootstrap and systemd-nspawn.
# GATEHOUSE_DEBIAN=DIRECTORY: an unpacked bare Debian 12, left as it is; else one is made (the only step that needs a network).
set -euo pipefail

skip() { echo "skipped: package: $*"; exit 77; }
[[ $EUID == 0 ]] || skip "not root"
for tool in debootstrap systemd-nspawn nsenter dpkg-deb; do command -v "$tool" >/dev/null || skip "no $tool"; done
bundle=$(realpath -m "${1:?folder of ./dev package}")/bundle
[[ -f $bundle/SHA256SUMS ]] || skip "no bundle: ./dev package --bundle first"

work=$(mktemp -d)
container=
finish() {
    if [[ -n $container ]]; then kill "$container" 2>/dev/null || true; wait "$container" 2>/dev/null || true; fi
    if mountpoint -q "$work/root"; then umount -R "$work/root"; fi
    if mountpoint -q "$work/over"; then umount "$work/over"; fi
    [[ -n ${GATEHOUSE_KEEP:-} ]] || rm -rf --one-file-system "$work"
}
trap finish EXIT

failures=0
check() { # NAME COMMAND...
    local name=$1; shift
    if "$@" >"$work/said" 2>&1; then echo "holds: $name"; else echo "FAILS: $name"; sed 's/^/    /' "$work/said"; failures=$((failures + 1)); fi
}
eventually() { # COMMAND...: within a minute
    local last=$((SECONDS + 60))
    until "$@" >"$work/try" 2>&1; do
        (( SECONDS < last )) || { cat "$work/try"; return 1; }
        sleep 0.2
    done
}

base=${GATEHOUSE_DEBIAN:-$work/base}
[[ -d $base/usr ]] || debootstrap bookworm "$base" >"$work/debootstrap.log" 2>&1 || skip "no Debian to be had: $(tail -n 1 "$work/debootstrap.log")"
mkdir "$work/over" "$work/root"
mount -t tmpfs -o size=4g tmpfs "$work/over"
mkdir "$work/over/up" "$work/over/work"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/over/up,workdir=$work/over/work" "$work/root"
root=$work/root
cp -r "$bundle" "$root/srv/bundle"
printf '0123456789abcdef0123456789abcdef\n' >"$root/etc/machine-id"

# A higher version of the same package, as the next release would be.
dpkg-deb -R "$bundle"/gatehouse_*.deb "$work/next"
version=$(dpkg-deb -f "$bundle"/gatehouse_*.deb Version)
sed -i "s/^Version: .*/Version: $version+next/" "$work/next/DEBIAN/control"
cp -r "$bundle" "$root/srv/next"
rm "$root"/srv/next/gatehouse_*.deb
dpkg-deb --root-owner-group -b "$work/next" "$root/srv/next/gatehouse_$version+next_$(cat "$bundle/ARCHITECTURE").deb" >/dev/null
( cd "$root/srv/next" && find . -type f ! -name SHA256SUMS -printf '%P\0' | xargs -0 sha256sum >SHA256SUMS )

nspawn=(systemd-nspawn -q --keep-unit --register=no --private-network "--machine=gatehouse-$$" -D "$root")
# in_it COMMANDS: no systemd runs there, and no network is.
in_it() { "${nspawn[@]}" --console=pipe -- /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -ec "$1" </dev/null; }
installed_version() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Version}' gatehouse; }

# --- no systemd, no network
check "installs on a bare Debian 12 without network" in_it 'ip route get 1.1.1.1 2>/dev/null && exit 1; sh /srv/bundle/install.sh'
check "is the bundle's version" test "$(installed_version)" = "$version"
check "a damaged bundle is refused" in_it 'cp -r /srv/bundle /srv/bad; for f in /srv/bad/gatehouse_*.deb; do echo x >>"$f"; done; ! sh /srv/bad/install.sh; rm -r /srv/bad'
check "the shipped settings say what is to be filled in" in_it 'gatehoused --check-config >/tmp/said 2>&1 && exit 1; test $? = 78; grep -q gateway.id /tmp/said && grep -q gateway.compound /tmp/said'
sed -i 's/^#id = "gw-0001".*/id = "gw-0001"/; s/^#compound = .*/compound = "compound-0001"/' "$root/etc/gatehouse/gatehouse.toml"
check "man pages, completion and change log are there" in_it 'for f in /usr/share/man/man8/gatehoused.8.gz /usr/share/man/man1/gatehousectl.1.gz \
    /usr/share/bash-completion/completions/gatehousectl /usr/share/zsh/vendor-completions/_gatehousectl /usr/share/doc/gatehouse/changelog.gz; do test -s "$f"; done'

# by_hand COMMANDS: with a daemon that runs by hand.
by_hand() {
    in_it "systemd-tmpfiles --create /usr/lib/tmpfiles.d/gatehouse.conf
        setpriv --reuid gatehouse --regid gatehouse --init-groups gatehoused >/tmp/log 2>&1 & daemon=\$!
        i=0; until gatehousectl status >/dev/null 2>&1; do i=\$((i + 1)); [ \$i -lt 100 ] || { cat /tmp/log; exit 1; }; sleep 0.1; done
        $1
        kill \$daemon; wait \$daemon"
}
check "starts by hand; status and check answer" by_hand 'gatehousectl --json status >/tmp/status; grep -q "\"epoch\"" /tmp/status; gatehousectl --lang en check || test $? -le 2; ls -l /run/gatehouse/control.sock | grep -q "gatehouse gatehouse"'
head_of() { by_hand 'gatehousectl --json identity | tr -d " \n" | sed "s/.*\"epoch\":\"\([^\"]*\)\".*/\1/"'; }
epoch=$(head_of || true)
check "an identity was made" test "${#epoch}" = 36
check "upgrades without touching data" in_it 'sh /srv/next/install.sh'
check "is the next version" test "$(installed_version)" = "$version+next"
check "the identity is the same after the upgrade" test "$(head_of)" = "$epoch"
check "the settings are the same after the upgrade" grep -q '^id = "gw-0001"' "$root/etc/gatehouse/gatehouse.toml"
check "rolls back" in_it 'sh /var/cache/gatehouse/rollback.sh'
check "is the first version again" test "$(installed_version)" = "$version"
check "the identity is the same after the roll-back" test "$(head_of)" = "$epoch"
check "the log verifies" by_hand 'gatehousectl log verify'
check "removal keeps the data" in_it 'dpkg -r gatehouse; test -s /var/lib/gatehouse/log.db || ls /var/lib/gatehouse/* >/dev/null; test -e /etc/gatehouse/gatehouse.toml; ! command -v gatehoused'
check "installs again over its own data" in_it 'sh /srv/bundle/install.sh'
check "the identity is the same after removal" test "$(head_of)" = "$epoch"

# --- a real systemd
printf 's3cret\n' >"$root/etc/gatehouse/credentials/district-password"
chmod 600 "$root/etc/gatehouse/credentials/district-password"
cat >>"$root/etc/gatehouse/gatehouse.toml" <<'TOML'
[[upstream]]
name = "district"
broker = "mqtt://127.0.0.1:1883"
username = "gw"
password_credential = "district-password"
TOML
"${nspawn[@]}" -b --console=read-only </dev/null >"$work/boot.log" 2>&1 &
container=$!
leader() { pgrep -P "$container" | head -n 1; }
# inside COMMANDS: in the booted machine, never in this one.
inside() {
    local there
    there=$(leader)
    [[ -n $there && $(readlink "/proc/$there/ns/mnt") != "$(readlink /proc/self/ns/mnt)" && $(readlink "/proc/$there/ns/pid") != "$(readlink /proc/self/ns/pid)" ]] || return 1
    nsenter -t "$there" -m -u -i -n -p -r -w /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -ec "$1"
}
check "boots" eventually inside 'systemctl is-active -q multi-user.target'
(( failures == 0 )) || { tail -n 20 "$work/boot.log"; echo "$failures failed"; exit 1; }
check "the service is active by itself, with its clock witness and timer" eventually inside 'systemctl is-active -q gatehoused gatehouse-clock gatehouse-backup.timer'
check "the manager shows the daemon's state" eventually inside 'systemctl show -P StatusText gatehoused | grep -q 0/1'
check "the identity is the service's too" inside "gatehousectl --json identity | grep -q $epoch"
check "the credential is read" inside '! journalctl -u gatehoused | grep -q "secret can"; ! gatehousectl --lang en check | grep -q "secret can"'
# In a container the clock is the host's: the witness says what the host's kernel says.
check "the clock's state comes through the sandbox" inside 'gatehousectl --lang en check >/tmp/check || true
    if test -e /run/gatehouse-clock/synced; then ! grep -q "clock is not synchronised" /tmp/check; else grep -q "clock is not synchronised" /tmp/check; fi'
check "nothing in the sandbox is refused that the daemon needs" inside '! journalctl -u gatehoused -p warning | grep -v "not synchronised\|upstream\|district" | grep -i "permission\|not permitted"'
check "a technician's group is let in" inside 'useradd -G gatehouse tech; runuser -u tech -- gatehousectl --lang en status >/dev/null; useradd stranger; ! runuser -u stranger -- gatehousectl status >/dev/null 2>&1'
check "reload" inside 'systemctl reload gatehoused; systemctl is-active -q gatehoused; journalctl -u gatehoused | grep -q "settings reloaded"'
check "a copy of the log is made by the backup service" inside 'systemctl start gatehouse-backup.service; ls /var/backups/gatehouse/gatehouse-*.db.json'
check "a daemon that hangs is started again by the watchdog" inside 'was=$(systemctl show -P MainPID gatehoused); kill -STOP $was; i=0
    while [ "$(systemctl show -P NRestarts gatehoused)" = 0 ]; do i=$((i + 1)); [ $i -lt 300 ] || exit 1; sleep 0.2; done
    i=0; until systemctl is-active -q gatehoused; do i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep 0.2; done
    journalctl -u gatehoused | grep -q "[Ww]atchdog timeout"'
check "an upgrade restarts it, and the identity stays" inside "sh /srv/next/install.sh >/tmp/next.log 2>&1; systemctl is-active -q gatehoused; ls /var/backups/gatehouse/before-*; gatehousectl --json identity | grep -q $epoch"
check "stops clean" inside 'systemctl stop gatehoused; test "$(systemctl show -P Result gatehoused)" = success; journalctl -u gatehoused | grep -q "told to stop"'
check "removal stops it" inside 'systemctl start gatehoused; dpkg -r gatehouse >/dev/null; ! systemctl is-active -q gatehoused; test -d /var/lib/gatehouse'
check "purge deletes the data, the copies and the credentials" inside 'dpkg -P gatehouse >/dev/null; ! test -e /var/lib/gatehouse; ! ls -A /var/backups/gatehouse 2>/dev/null | grep -q .; ! test -e /etc/gatehouse/credentials'

(( failures == 0 )) || { echo "$failures failed"; exit 1; }
echo "all hold"
