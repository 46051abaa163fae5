// SPDX-License-Identifier: Apache-2.0
//
// A JSON tree as people read it, for the files that receivers' authors work with. The same tree gives the same text.
#pragma once

#include "daemon/base/json.hpp"

#include <string>

namespace gatehouse::sync {

/// JSON, two blanks a level, what is short on one line, one newline at the end.
std::string to_pretty(const json::value& value);

/// YAML 1.2 in block style. A text with newlines becomes a literal block and must end with one; other texts that YAML could take for
/// something else stand in double quotes, escaped as in JSON.
std::string to_yaml(const json::object& tree);

} // namespace gatehouse::sync
