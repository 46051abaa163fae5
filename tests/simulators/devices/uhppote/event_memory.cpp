// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/uhppote/event_memory.hpp"

#include <algorithm>

namespace gatehouse::simulators::uhppote {

void put_event(Bytes& bytes, const Event& event) {
    put_u32(bytes, 8, event.index);
    bytes[12] = event.type;
    bytes[13] = event.granted ? 1 : 0;
    bytes[14] = event.door;
    bytes[15] = event.direction;
    put_u32(bytes, 16, event.card);
    put_all(bytes, 20, event.at);
    bytes[27] = event.reason;
}

const Event& EventMemory::add(Event event) {
    if (held_.size() >= capacity_) drop_oldest(std::max<std::size_t>(1, capacity_ / 100));
    event.index = next_++;
    return held_.emplace_back(event);
}

Event EventMemory::find(std::uint32_t index) const {
    if (held_.empty()) return {};
    if (index == 0) return held_.front();
    if (index == 0xFFFFFFFF) return held_.back();
    if (index > last()) return {};
    if (index < first()) return Event{.index = index, .type = 0xFF};
    return held_[index - first()];
}

void EventMemory::drop_oldest(std::size_t count) {
    // Capacity 1 must be able to make room, so `add` may empty it; on command the newest stays.
    const std::size_t most = capacity_ == 1 ? held_.size() : held_.size() - (held_.empty() ? 0 : 1);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(std::min(count, most)));
}

void EventMemory::clear() { start_at(1); }

void EventMemory::start_at(std::uint32_t index) {
    held_.clear();
    next_ = index;
}

} // namespace gatehouse::simulators::uhppote
