// SPDX-License-Identifier: Apache-2.0
//
// An upstream as the app and the command line see it. Concrete ones live in folders beside this (mqtt first); only daemon/app knows them.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/record/kind.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::sync {

struct LaneStatus {
    Lane lane = Lane::routine;
    std::uint64_t settled = 0; ///< S12
    std::uint64_t member = 0;
    std::uint64_t sent = 0;                                              ///< last position published in this session
    std::uint64_t waiting = 0;                                           ///< members not yet receipted
    std::optional<Time> oldest;                                          ///< heard_at of the oldest of them
    std::uint64_t published = 0, receipted = 0, resent = 0, refused = 0; ///< since start
    std::uint64_t receipts_refused = 0;                                  ///< beyond what was sent, malformed, of an unknown epoch
    double per_s = 0;                                                    ///< receipted, last minute
};

/// Something to see to before it hurts, in both languages.
struct Warning {
    std::string code; ///< stable, e.g. "basis_ended"
    std::string zh, en;
};

struct UpstreamStatus {
    std::string name;
    std::string kind; ///< "mqtt"
    enum class State { connecting, online, offline, conflict } state = State::connecting;
    std::optional<Time> since;
    std::string fault;       ///< in plain words, while not online
    bool is_refused = false; ///< somebody answers there and will not have us: certificate, name, password
    std::vector<LaneStatus> lanes;
    std::uint64_t requests_answered = 0, requests_refused = 0;
    std::vector<Warning> warnings;    ///< e.g. an entitlement past its end
    bool keeps_retained = true;       ///< false: the broker has said that it keeps no retained messages
    std::size_t packet_bytes_max = 0; ///< the broker's Maximum Packet Size; 0: not told yet
};

class Upstream {
public:
    virtual ~Upstream() = default;
    virtual const std::string& name() const = 0;
    /// Reports for ever; ends by cancellation.
    virtual Task<void> run() = 0;
    virtual UpstreamStatus status() const = 0;
    /// Publishes the lane's members of [first, last] again, now, without moving a cursor. Answers how many.
    virtual Task<Result<std::uint64_t>> resend(Lane lane, std::uint64_t first, std::uint64_t last) = 0;
};

} // namespace gatehouse::sync
