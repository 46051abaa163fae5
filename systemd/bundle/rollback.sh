#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# rollback.sh [VERSION]: installs the version before the present one (or VERSION) from what install.sh has kept. Data is not touched.
# 退回上一个版本（或指定版本），不改动数据。以 root 运行。
set -eu
kept=/var/cache/gatehouse

fail() { printf 'rollback.sh: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "not root (请以 root 运行)"
present=$(dpkg-query -W -f '${Version}' gatehouse)
wanted=${1:-}
chosen= chosen_version=
for file in "$kept"/gatehouse_*.deb; do
    [ -e "$file" ] || fail "no version is kept in $kept (没有保存的旧版本)"
    version=$(dpkg-deb -f "$file" Version)
    if [ -n "$wanted" ]; then
        [ "$version" = "$wanted" ] || continue
    else
        dpkg --compare-versions "$version" lt "$present" || continue
        [ -z "$chosen" ] || dpkg --compare-versions "$version" gt "$chosen_version" || continue
    fi
    chosen=$file chosen_version=$version
done
[ -n "$chosen" ] || fail "no version ${wanted:-before $present} in $kept (没有可退回的版本)"
dpkg --force-downgrade -i "$chosen"
printf '== now %s\n' "$(dpkg-query -W -f '${Version}' gatehouse)" >&2
# An older version refuses a log whose tables a newer one has changed. The copy made before that upgrade is what it can read.
copy=$(find /var/backups/gatehouse -maxdepth 1 -name "before-$present-*.db" 2>/dev/null | sort | tail -n 1)
if [ -n "$copy" ]; then
    printf '== should it say that the log is a newer version'"'"'s: systemctl stop gatehoused, then gatehousectl restore %s --directory /var/lib/gatehouse\n' "$copy" >&2
fi
