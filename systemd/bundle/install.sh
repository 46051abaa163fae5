#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs or upgrades Gatehouse from this folder alone, on a Debian 12 without network. As root.
# 在没有网络的 Debian 12 上，只用本文件夹安装或升级。以 root 运行。
set -eu
cd "$(dirname "$0")"
kept=/var/cache/gatehouse

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "not root (请以 root 运行)"
sha256sum --quiet -c SHA256SUMS || fail "a file is damaged: copy the folder anew (文件损坏，请重新复制)"
[ "$(dpkg --print-architecture)" = "$(cat ARCHITECTURE)" ] || fail "for $(cat ARCHITECTURE), this machine is $(dpkg --print-architecture) (架构不符)"

# needs FILE: no version of it is installed. What is there stays: any Debian 12 has it new enough.
needs() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$(dpkg-deb -f "$1" Package)" 2>/dev/null || true)" != installed ]
}

# The copy before an upgrade: what roll-back goes back to, should the new version change the log's tables.
before=$(dpkg-query -W -f '${db:Status-Status} ${Version}' gatehouse 2>/dev/null || true)
case $before in
'installed '*)
    copy=/var/backups/gatehouse/before-$(dpkg-deb -f gatehouse_*.deb Version)-$(date -u +%Y%m%dT%H%M%SZ).db
    if gatehousectl backup "$copy" >/dev/null 2>&1; then say "the log is copied to $copy"; else say "the daemon does not run: no copy of the log made"; fi
    ;;
esac

# A time daemon is worth having, and one is enough.
has_time_daemon=$(dpkg-query -W -f '${db:Status-Status} ${Provides}\n' 2>/dev/null | grep -c '^installed .*time-daemon' || true)

set --
for file in packages/*.deb; do
    if needs "$file"; then set -- "$@" "$file"; fi
done
if [ "$has_time_daemon" = 0 ]; then
    for file in recommended/*.deb; do
        if [ -e "$file" ] && needs "$file"; then set -- "$@" "$file"; fi
    done
fi
set -- "$@" gatehouse_*.deb
say "installing $# packages"
# dpkg, not apt: apt wants its lists. The files come in no order, so all are unpacked before the first is configured.
dpkg --unpack "$@"
dpkg --configure --pending

# What roll-back installs: every version that this folder's kin has installed here.
mkdir -p "$kept"
cp gatehouse_*.deb "$kept/"
cp rollback.sh "$kept/rollback.sh"
say "installed $(dpkg-query -W -f '${Version}' gatehouse); back to the version before: $kept/rollback.sh"
