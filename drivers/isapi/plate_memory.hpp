// SPDX-License-Identifier: Apache-2.0
//
// A plate camera's short memory, read after an outage. One pass at a time; on the loop.
#pragma once

#include "drivers/isapi/device_api.hpp"
#include "drivers/isapi/plates_search.hpp"
#include "drivers/isapi/writer.hpp"

namespace gatehouse::drivers::isapi {

class PlateMemory {
public:
    /// All outlive it. `with_history`: at first contact all that the camera has; else from now on.
    PlateMemory(DeviceApi& api, Writer& writer, Surroundings surroundings, bool with_history, std::string device_id);

    /// Reads what came after our last plate. What the memory no longer has, or a camera without one, is a gap of unknown count.
    Task<Done> catch_up();

private:
    enum class Variant { post_z, post_local, get_z, count };
    Task<Result<PlatesPage>> search(Time after);
    Task<Done> tell_gap(std::string cause, std::optional<Time> to);

    DeviceApi& api_;
    Writer& writer_;
    Surroundings surroundings_;
    bool with_history_;
    std::string device_id_;
    Variant variant_ = Variant::post_z;
};

} // namespace gatehouse::drivers::isapi
