// SPDX-License-Identifier: Apache-2.0
//
// Plates: a few provinces, letters and digits as five by seven dots, enough to look like what stands on a Chinese plate.
#pragma once

#include "tests/simulators/cameras/scene/canvas.hpp"

#include <string>
#include <string_view>

namespace gatehouse::simulators::cameras {

/// Blue (seven characters) or the green of new-energy cars (eight), such as 浙A·12345.
void draw_plate(Canvas& canvas, double x, double y, double width, double height, std::string_view plate);

/// A plate drawn from `number`, such as 浙A7K320 or, for every fourth, 沪AD12345.
std::string plate_from(std::uint64_t number);

} // namespace gatehouse::simulators::cameras
