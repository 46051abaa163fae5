// SPDX-License-Identifier: Apache-2.0
//
// Number plates by GA 36-2018. A blue and a yellow plate have one grammar: which of them it is, the plate's colour says.
#pragma once

#include "daemon/registry/validity/flaw.hpp"

#include <optional>
#include <string>

namespace gatehouse::registry::validity {

enum class PlateClass {
    ordinary,         ///< blue or yellow: 浙A12345
    new_energy_small, ///< gradual green: 浙AD12345
    new_energy_large, ///< yellow and green: 浙A12345D
    police,           ///< 浙A1234警
    learner,          ///< 浙A1234学
    trailer,          ///< 浙A1234挂
    embassy,          ///< 使014578
    consulate,        ///< 沪A1234领
    hong_kong,        ///< 粤Z1234港
    macao,            ///< 粤Z1234澳
    emergency,        ///< 京X1234应急
    temporary,        ///< 浙A1234临
};
std::string_view name_of(PlateClass plate_class);
std::optional<PlateClass> plate_class_named(std::string_view name);

struct Plate {
    std::string text; ///< without blanks and dots, in capitals: "浙A12345"
    PlateClass plate_class = PlateClass::ordinary;
};

Judged<Plate> judge_plate(std::string_view text);

/// A blue, yellow or green (…) plate as people choose it: "blue" and "yellow" are both ordinary.
bool fits_colour(PlateClass plate_class, std::string_view colour);

} // namespace gatehouse::registry::validity
