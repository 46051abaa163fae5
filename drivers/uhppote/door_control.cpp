// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/door_control.hpp"

#include "drivers/uhppote/open_door.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

Task<Done> ControllerDoors::open(std::int64_t outlet) {
    const bool listed =
        device_.outlets.empty() || std::any_of(device_.outlets.begin(), device_.outlets.end(), [&](const Outlet& o) { return o.number == outlet; });
    if (!listed || outlet < 1 || outlet > 4) co_return Error(Fault::gone, "controller has no door " + std::to_string(outlet));
    auto packet = co_await exchange_.ask_to_open(encode_open_door(device_.serial, static_cast<std::uint8_t>(outlet)));
    if (!packet) co_return std::move(packet).error().during("opening door " + std::to_string(outlet));
    const auto reply = decode_open_door(*packet);
    if (!reply) co_return reply.error();
    if (!reply->ok) co_return Error(Fault::refused, "the controller refused to open door " + std::to_string(outlet));
    co_return Done();
}

} // namespace gatehouse::drivers::uhppote
