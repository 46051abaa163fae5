// SPDX-License-Identifier: Apache-2.0
//
// The device's list of where it posts events: our own entry, or a free one; never one that points elsewhere. On the loop.
#pragma once

#include "drivers/isapi/device_api.hpp"
#include "drivers/isapi/http_host_notification.hpp"
#include "drivers/isapi/writer.hpp"

namespace gatehouse::drivers::isapi {

class PushSlot {
public:
    /// All outlive it. `is_terminal`: JSON with heartbeat and subscription; cameras: XML without, which old firmware insists on.
    PushSlot(DeviceApi& api, Writer& writer, bool is_terminal, std::int64_t heartbeat_s);

    /// Makes the device post to `path` at `at`; written again even if it stands there, for terminals stop posting after a restart
    /// until then. A change is a device.changed. Fault::full: every slot points elsewhere; damaged: it answered ok and stored nothing.
    Task<Done> point_at(net::Endpoint at, std::string path, bool write_again);

private:
    Task<Result<std::vector<HttpHost>>> read();
    Task<Done> put(const HttpHost& host);
    DeviceApi& api_;
    Writer& writer_;
    bool is_terminal_;
    std::int64_t heartbeat_s_;
};

} // namespace gatehouse::drivers::isapi
