// SPDX-License-Identifier: Apache-2.0
//
// The wire towards platforms as AsyncAPI 3.0: which topics there are, who speaks on them, retained or not, with which content type, user
// properties and schema. sync/asyncapi.yaml is what is printed here, and a test compares the two.
#pragma once

#include "daemon/base/json.hpp"

#include <string>

namespace gatehouse::sync::mqtt {

/// Schemas stand in schemas.json beside it and are referred to.
json::object asyncapi();

/// The whole file.
std::string print_asyncapi();

} // namespace gatehouse::sync::mqtt
