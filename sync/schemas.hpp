// SPDX-License-Identifier: Apache-2.0
//
// The JSON Schemas of everything that goes over the wire (README.md, W2 to W13), made from the table of kinds and the bounds in the code.
// sync/schemas.json is what is printed here, and a test compares the two. JSON Schema draft 7, since AsyncAPI takes that.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/record/kind.hpp"

#include <string>
#include <string_view>

namespace gatehouse::sync {

/// {"$schema",…,"definitions":{…}}. Names of definitions: schema_of below, `data.<kind>`, `code.<table>`, and the parts they refer to.
json::object wire_schemas();

/// The names under "definitions" that a whole message or one of its events follows.
namespace schema_of {
constexpr std::string_view online = "status.online", offline = "status.offline", catalogue = "catalogue", event = "event", batch = "event.batch",
                           picture_properties = "picture.properties", picture_3_1_1 = "picture.mqtt_3_1_1", receipt_ranges = "receipt.ranges",
                           receipt_cumulative = "receipt.cumulative", receipt_refused = "receipt.refused", count_file = "count_file",
                           request = "request", answer = "answer";
} // namespace schema_of

/// "data.vehicle.entered": the schema of the event's data.
std::string data_schema_of(Kind kind);

} // namespace gatehouse::sync
