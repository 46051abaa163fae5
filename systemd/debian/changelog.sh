#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# changelog.sh CHANGELOG.md VERSION OUT.gz
# The newest section of CHANGELOG.md as Debian's change log of this version. The date is SOURCE_DATE_EPOCH.
set -eu
{
    printf 'gatehouse (%s) bookworm; urgency=medium\n\n' "$2"
    sed -n '/^## /,$p' "$1" | sed -n '1d; /^## /q; s/^- /  * /p; s/^  \([^ ]\)/    \1/p' | fold -s -w 78 | sed 's/ *$//; s/^\([^ ]\)/    \1/'
    printf '\n -- Gatehouse maintainers <maintainers@gatehouse.example>  %s\n' "$(LC_ALL=C date -u -R -d "@${SOURCE_DATE_EPOCH:-0}")"
} | gzip -9n >"$3"
