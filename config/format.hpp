// SPDX-License-Identifier: Apache-2.0
//
// What a text in a file may look like beyond being a text: each with its check, its words, and its pattern for the JSON Schema.
#pragma once

#include "config/flaw.hpp"

#include <string_view>

namespace gatehouse::config {

struct Format {
    bool (*fits)(std::string_view text);
    Words expected;
    std::string_view pattern; ///< ECMA-262, may say less than fits(); empty: none
};

/// Non-empty, no control characters: names that people read.
extern const Format any_name;
/// Letters, digits, dot, underscore, hyphen: ids that stand in topics, paths and URLs.
extern const Format identifier;
extern const Format optional_identifier;
extern const Format absolute_path;
extern const Format optional_absolute_path;
/// A socket's path: at most 107 bytes.
extern const Format socket_path;
/// An IPv4 or IPv6 literal; empty: all addresses.
extern const Format bind_address;
/// A host name or an address literal.
extern const Format host;
/// An address literal and its prefix's length, no bit set beyond it: 192.168.50.0/24, fd00:50::/64.
extern const Format network;
/// A network interface's name; empty: any.
extern const Format interface_name;
/// mqtt://host[:port] or mqtts://host[:port].
extern const Format broker_url;
/// No wildcards; {gateway}, {root} and {upstream} are filled in.
extern const Format topic_template;
extern const Format date;
extern const Format optional_date;
/// A credential's name, or the absolute path of a file of mode 0600; empty: none.
extern const Format credential;
/// "*", a kind of record, or a family as "door.*".
extern const Format kind_pattern;
/// A field's name in facts or details, or "*".
extern const Format field_name;
/// scene, face or plate.
extern const Format picture_role;
/// 32 bytes in base64: an Ed25519 public key.
extern const Format public_key;
/// SHA-256 in hexadecimal, or empty.
extern const Format fingerprint;
/// An English or Chinese text, or empty.
extern const Format optional_name;
/// A 20-digit national id, or empty.
extern const Format national_id;
/// A six-digit GB/T 2260 code, or empty.
extern const Format area_code;

} // namespace gatehouse::config
