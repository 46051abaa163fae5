// SPDX-License-Identifier: Apache-2.0
#include "tests/power_cut/outside.hpp"

#include "daemon/base/json.hpp"

namespace gatehouse::power_cut {

Record event_of(const Device& device, std::uint64_t number, Time now) {
    Record record;
    // Every fifth is an alarm, and goes in the lane of its own.
    record.kind = number % 5 == 0 ? Kind::door_forced : Kind::pass_granted;
    record.heard_at = now;
    record.source = device.name;
    record.place = "gate-east";
    record.facts = {{"door", number}};
    if (record.kind == Kind::pass_granted) {
        record.facts["direction"] = "in";
        record.subject = "card:" + std::to_string(number % 7);
        record.details = {{"card", std::to_string(number % 7)}};
    }
    record.device_key = DeviceKey{number, 0};
    record.same_as = "event|" + std::to_string(number);
    return record;
}

void Twin::hear(const net::MqttMessage& message) {
    const bool is_status = message.topic.ends_with("/status");
    if (!is_status && !message.topic.ends_with("/records") && !message.topic.ends_with("/urgent")) return;
    const auto parsed = parse_json(message.payload);
    if (!parsed) {
        wrong = "a message that is no JSON";
        return;
    }
    if (is_status) {
        has_online = has_online || text_at(parsed->as_object(), "state") == "online";
        return;
    }
    json::array events;
    if (parsed->is_array())
        events = parsed->get_array();
    else
        events.push_back(*parsed);
    for (const auto& value : events) {
        const auto& event = value.as_object();
        if (event.contains("volatile")) continue; // W13: shown, neither kept nor receipted
        auto& lane = lanes[text_at(event, "lane").value_or("")];
        const Sequence sequence(text_at(event, "epoch").value_or(""), std::stoull(text_at(event, "sequence").value_or("0")));
        const Kept now{text_at(event, "id").value_or(""), std::stoull(text_at(event, "previous").value_or("0"))};
        const auto [at, is_first] = lane.kept.emplace(sequence, now);
        if (!is_first) {
            ++lane.repeats;
            if (at->second.id != now.id || at->second.previous != now.previous)
                wrong = "sequence " + std::to_string(sequence.second) + " came as two events (L4)";
        }
        lane.fresh.insert(sequence);
    }
}

std::vector<std::string> Twin::receipts() {
    std::vector<std::string> payloads;
    for (auto& [name, lane] : lanes) {
        if (has_online)
            for (const auto& [sequence, kept] : lane.kept) lane.fresh.insert(sequence);
        std::map<std::string, json::array> held; // epoch -> ranges
        const Sequence* last = nullptr;
        for (const auto& sequence : lane.fresh) {
            auto& ranges = held[sequence.first];
            // Two members of which the one names the other make one range (W6, W7).
            if (last != nullptr && last->first == sequence.first && lane.kept.at(sequence).previous == last->second)
                ranges.back().as_array()[1] = sequence.second;
            else
                ranges.push_back(json::array{sequence.second, sequence.second});
            last = &sequence;
            lane.receipted.insert(sequence);
        }
        for (auto& [epoch, ranges] : held) {
            json::object receipt;
            receipt["epoch"] = epoch;
            receipt["lane"] = name;
            receipt["held"] = std::move(ranges);
            payloads.push_back(json::serialize(receipt));
        }
        lane.fresh.clear();
    }
    has_online = false;
    return payloads;
}

std::uint64_t Twin::events() const {
    std::uint64_t count = 0;
    for (const auto& [name, lane] : lanes) count += lane.kept.size();
    return count;
}

} // namespace gatehouse::power_cut
