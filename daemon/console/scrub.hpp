// SPDX-License-Identifier: Apache-2.0
//
// What must not leave with a support bundle, even if it stood where nobody expected it: a net under the parts that already leave secrets
// and people out.
#pragma once

#include "daemon/base/json.hpp"

namespace gatehouse::console {

constexpr std::string_view scrubbed_text = "[scrubbed]";

/// Members named like secrets or personal fields lose their value; texts lose subjects ("card:…", "plate:…", "person:…"), user parts of
/// URLs, plates, document and phone numbers.
void scrub(json::value& value);
std::string scrubbed(std::string_view text);

} // namespace gatehouse::console
