#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# sbom.sh PACKAGE.deb OUT.json PROGRAM...
# What is in the package, as SPDX 2.3: the package itself, every Debian package whose library its programs load, and those whose headers
# are compiled into them. The versions are those of the machine that built it.
set -eu
deb=$1 out=$2
shift 2
name=$(dpkg-deb -f "$deb" Package) version=$(dpkg-deb -f "$deb" Version)
sum=$(sha256sum "$deb" | cut -d ' ' -f 1)

# Debian packages of the libraries that the programs load by name, without those that these load in turn.
loaded() {
    for program in "$@"; do
        readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
    done | sort -u | while read -r library; do
        path=$(ldconfig -p | awk -v library="$library" '$1 == library { print $NF; exit }')
        dpkg -S "$path" "$(readlink -f "$path")" 2>/dev/null | head -n 1 | cut -d : -f 1
    done | sort -u
}
compiled_in() { printf '%s\n' libboost1.81-dev libtomlplusplus-dev libspdlog-dev libcli11-dev; }

entry() { # PACKAGE RELATION
    dpkg-query -W -f '${db:Status-Status} ${Version} ${source:Package} ${Architecture}\n' "$1" 2>/dev/null | while read -r status package_version source architecture; do
        [ "$status" = installed ] || continue
        printf ',\n    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", ' \
            "$(echo "$1" | tr -c 'A-Za-z0-9.\n-' '-')" "$1" "$package_version"
        printf '"filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", '
        printf '"externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s&distro=debian-12"}], ' \
            "$1" "$(echo "$package_version" | sed 's/+/%2B/g; s/:/%3A/g')" "$architecture"
        printf '"sourceInfo": "built from the Debian source package %s; %s"}' "$source" "$2"
    done
}
relation() { # PACKAGE TYPE
    printf ',\n    {"spdxElementId": "SPDXRef-%s", "relationshipType": "%s", "relatedSpdxElement": "SPDXRef-%s"}' "$name" "$2" "$(echo "$1" | tr -c 'A-Za-z0-9.\n-' '-')"
}

{
    printf '{\n  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "%s-%s",\n' "$name" "$version"
    printf '  "documentNamespace": "urn:gatehouse:sbom:%s",\n' "$sum"
    printf '  "creationInfo": {"created": "%s", "creators": ["Tool: gatehouse-sbom"]},\n' "$(date -u -d "@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)"
    printf '  "packages": [\n    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "packageFileName": "%s", "downloadLocation": "NOASSERTION", ' \
        "$name" "$name" "$version" "$(basename "$deb")"
    printf '"filesAnalyzed": false, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION", '
    printf '"checksums": [{"algorithm": "SHA256", "checksumValue": "%s"}]}' "$sum"
    for package in $(loaded "$@"); do entry "$package" "loaded as a shared library"; done
    for package in $(compiled_in); do entry "$package" "compiled in"; done
    printf '\n  ],\n  "relationships": [\n    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-%s"}' "$name"
    for package in $(loaded "$@"); do relation "$package" DYNAMIC_LINK; done
    for package in $(compiled_in); do relation "$package" STATIC_LINK; done
    printf '\n  ]\n}\n'
} >"$out"
