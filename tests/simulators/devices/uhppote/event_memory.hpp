// SPDX-License-Identifier: Apache-2.0
//
// The controller's own event memory: indexes from 1, growing for ever; when it is full the oldest block is dropped as a
// whole (a real one holds about 204,800 and was seen to drop 2,048 at once, a hundredth).
#pragma once

#include "tests/simulators/devices/uhppote/wire.hpp"

#include <deque>

namespace gatehouse::simulators::uhppote {

struct Event {
    std::uint32_t index = 0;
    std::uint8_t type = 0;
    bool granted = false;
    std::uint8_t door = 0;
    std::uint8_t direction = 0;
    std::uint32_t card = 0;
    DateTime at{};
    std::uint8_t reason = 0;
};

/// Writes bytes 8 to 27, which status, pushed event and get-event have alike.
void put_event(Bytes& bytes, const Event& event);

class EventMemory {
public:
    explicit EventMemory(std::size_t capacity) : capacity_(capacity < 1 ? 1 : capacity) {}

    /// Gives the event its index and keeps it.
    const Event& add(Event event);

    /// By index; 0 is the oldest and 0xFFFFFFFF the newest. Index 0 in the answer: there is none. Type 0xFF: it was
    /// overwritten, nothing else is known of it.
    Event find(std::uint32_t index) const;

    std::uint32_t first() const { return held_.empty() ? 0 : held_.front().index; }
    std::uint32_t last() const { return held_.empty() ? 0 : held_.back().index; }
    std::size_t size() const { return held_.size(); }
    const Event* newest() const { return held_.empty() ? nullptr : &held_.back(); }

    /// Overwrites the oldest `count` as if so many newer ones had come; the newest always stays.
    void drop_oldest(std::size_t count);
    /// Somebody cleared the log: empty, and the index starts at 1 again.
    void clear();
    /// The next event gets this index; forgets what is held. To begin where a story needs it.
    void start_at(std::uint32_t index);

private:
    std::size_t capacity_;
    std::deque<Event> held_;
    std::uint32_t next_ = 1;
};

} // namespace gatehouse::simulators::uhppote
