// SPDX-License-Identifier: Apache-2.0
//
// A terminal's own memory of events, read until our log has all of it. One pass at a time; on the loop.
#pragma once

#include "drivers/isapi/acs_event_search.hpp"
#include "drivers/isapi/device_api.hpp"
#include "drivers/isapi/writer.hpp"

namespace gatehouse::drivers::isapi {

constexpr std::uint64_t pass_rows_max = 500'000; ///< more than any device keeps

class TerminalMemory {
public:
    struct Options {
        bool with_pictures = true;
        bool with_history = true; ///< at first contact: all that the device has; false: from now on
    };
    /// All outlive it.
    TerminalMemory(DeviceApi& api, Writer& writer, Surroundings surroundings, Options options, std::string device_id);

    /// Reads from the end of the unbroken run to the newest. Afterwards the run has no hole up to what the device showed: what its
    /// memory no longer has is a gap record. Faults of the device and of the sink; Fault::unsupported: there is no memory to read.
    Task<Done> catch_up();

private:
    struct Pass;
    enum class After { done, again };
    Task<Done> read();
    Task<Result<After>> pass();
    Task<Result<AcsEventPage>> search(const AcsEventSearch& search);
    Task<Result<After>> take_page(Pass& pass, AcsEventPage page);
    Task<Result<After>> look_for_restart(bool last_is_there);
    Task<Result<After>> restart(std::string why, bool is_wrap);
    Task<Done> close_holes(const Pass& pass);
    Task<Done> begin_now();
    Task<void> fetch_picture(Arrival& arrival);

    DeviceApi& api_;
    Writer& writer_;
    Surroundings surroundings_;
    Options options_;
    std::string device_id_;
    struct Last {
        std::uint64_t serial;
        Time second;
    };
    std::optional<Last> left_behind_;   ///< the end of the count before; while a restart is read, and where time tells the two apart
    std::optional<Time> wrapped_after_; ///< the last event before the counter wrapped: older ones belong to the generation before
    bool serials_ignored_ = false;      ///< firmware that answers from the oldest whatever serial is asked for
    int picture_failures_ = 0;
};

} // namespace gatehouse::drivers::isapi
