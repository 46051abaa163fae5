// SPDX-License-Identifier: Apache-2.0
//
// A record is one thing that happened, numbered, never changed. Here as drivers and other parts make it, before it has a position. The
// frame holds nothing personal; the personal part can be erased and the seals still fit (daemon/store/README.md).
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/record/kind.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse {

/// How far the device's clock could be believed when the record was made.
enum class ClockState { synced, unsynced, skewed };
std::string_view name_of(ClockState state);
std::optional<ClockState> clock_state_named(std::string_view name);

enum class PictureRole { scene, face, plate };
std::string_view name_of(PictureRole role);
std::optional<PictureRole> picture_role_named(std::string_view name);

/// A JPEG on its way to the picture store. Bytes are shared because a picture may wait for disk and for the guard's screen at once.
struct Picture {
    PictureRole role = PictureRole::scene;
    std::shared_ptr<const Bytes> bytes; ///< at most picture_bytes_max
};

/// What the device calls the event. A textual id becomes a 64-bit keyed hash in the sink. `generation` is raised by the driver when the
/// device's counter restarts or wraps.
struct DeviceKey {
    std::variant<std::uint64_t, std::string> id;
    std::uint32_t generation = 0;
};

struct Record {
    Kind kind = Kind::device_event;
    std::optional<Time> happened_at; ///< the device's own statement, verbatim; none: heard_at stands in
    Time heard_at{};                 ///< the gateway's clock when the first byte was understood
    ClockState clock = ClockState::synced;
    std::int64_t clock_offset_us = 0; ///< device clock minus ours, when skewed
    std::string source;               ///< device id, or "gateway"
    std::string place;                ///< place id, may be empty
    std::optional<DeviceKey> device_key;
    /// What every way of reading this event yields alike (kind, device time to the second, door or lane, subject), joined with '|'.
    /// The sink keeps a keyed hash of it. Needed with device_key.
    std::string same_as;
    json::object facts;   ///< schema per kind (kind.hpp); nothing personal
    std::string subject;  ///< "card:4471", "plate:浙A12345", "person:ID" or empty
    json::object details; ///< personal fields of the kind's schema; never names, phone or document numbers
    std::vector<Picture> pictures;
    /// Kept if given: an alarm that went up before the disk came back keeps its id.
    std::string id;
};

constexpr std::size_t record_body_bytes_max = 16 * 1024; ///< facts + subject + details as JSON
constexpr std::size_t picture_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t pictures_per_record_max = 4;
constexpr std::size_t id_bytes_max = 64; ///< source, place

/// Why a record may not be appended: unknown fact, fact not in the kind's schema or of another type, body too large. The sink asks.
Done check_record(const Record& record);

} // namespace gatehouse
