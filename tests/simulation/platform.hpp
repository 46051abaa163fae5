// SPDX-License-Identifier: Apache-2.0
//
// The program at the far end of the broker, written from sync/README.md: keeps each event once, looks for holes by `previous`, and
// receipts what it holds, now and then losing a receipt as real ones do.
#pragma once

#include "daemon/base/json.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/simulation/trace.hpp"

#include <set>

namespace gatehouse::simulation {

class Platform {
public:
    struct Lane {
        std::map<std::uint64_t, std::uint64_t> held; ///< sequence -> previous
        std::map<std::uint64_t, std::string> bytes;  ///< each event as it came first
        std::map<std::uint64_t, std::set<std::string>> pictures_seen;
        std::set<std::uint64_t> fresh; ///< to be receipted next
        std::size_t repeats = 0, holes = 0, altered = 0, empty_pictures = 0;
    };

    Platform(Clock& clock, Entropy& chance, fakes::FakeBroker& broker, Trace& trace, std::string root)
        : clock_(clock), chance_(chance), broker_(broker), trace_(trace), root_(std::move(root)) {
        broker_.heard = [this](const fakes::FakeBroker::Published& published) { hear(published.message); };
    }
    std::map<std::string, Lane> lanes;
    std::set<std::string> volatile_ids; ///< alarms that came before they were stored (W13)
    bool is_deaf = false;               ///< what is on its way now never arrives
    std::size_t receipts_sent = 0, receipts_lost = 0;

    Task<void> run() {
        for (;;) {
            co_await clock_.sleep_for(std::chrono::milliseconds(700));
            for (auto& [name, lane] : lanes) {
                if (lane.fresh.empty()) continue;
                const auto fresh = std::exchange(lane.fresh, {});
                // A receipt that gets lost: the lane comes again, and what is dropped then as a repeat is receipted once more.
                if (chance_.below(20) == 0)
                    ++receipts_lost;
                else
                    send_receipt(name, lane, fresh);
            }
        }
    }

private:
    void hear(const net::MqttMessage& message) {
        trace_.add("published " + message.topic, message.payload);
        for (const auto& [name, value] : message.user_properties) trace_.add("property " + name, value);
        if (is_deaf) return;
        if (message.topic == root_ + "/records" || message.topic == root_ + "/urgent")
            take_events(message);
        else if (message.topic == root_ + "/pictures")
            take_picture(message);
        else if (message.topic == root_ + "/status")
            greet(message.payload);
    }

    void take_events(const net::MqttMessage& message) {
        auto parsed = parse_json(message.payload);
        if (!parsed) throw std::runtime_error("the platform was sent what is no JSON");
        json::array events;
        if (parsed->is_array())
            events = parsed->get_array();
        else
            events.push_back(*parsed);
        for (const auto& value : events) {
            const auto& event = value.as_object();
            if (event.contains("volatile")) {
                volatile_ids.insert(text_at(event, "id").value());
                continue;
            }
            epoch_ = text_at(event, "epoch").value();
            const auto sequence = std::stoull(text_at(event, "sequence").value());
            const auto previous = std::stoull(text_at(event, "previous").value());
            const auto name = text_at(event, "lane").value();
            const bool right_topic = message.topic == root_ + (name == "urgent" ? "/urgent" : "/records");
            auto& lane = lanes[name];
            if (!right_topic || (previous != 0 && !lane.held.contains(previous))) ++lane.holes;
            lane.fresh.insert(sequence);
            const auto bytes = json::serialize(value);
            if (!lane.held.emplace(sequence, previous).second) {
                ++lane.repeats;
                lane.altered += lane.bytes.at(sequence) == bytes ? 0u : 1u;
            }
            lane.bytes.emplace(sequence, bytes);
        }
    }

    void take_picture(const net::MqttMessage& message) {
        std::map<std::string, std::string> of(message.user_properties.begin(), message.user_properties.end());
        const auto sequence = std::stoull(of.at("sequence"));
        const auto previous = std::stoull(of.at("previous"));
        auto& lane = lanes["pictures"];
        if (message.payload.empty())
            ++lane.empty_pictures;
        else if (to_hex(sha256(message.payload)) != of.at("sha256"))
            ++lane.altered;
        auto& seen = lane.pictures_seen[sequence];
        seen.insert(of.contains("index") ? of.at("index") : "0");
        const auto count = of.contains("count") ? std::stoull(of.at("count")) : 1;
        if (seen.size() < count) return;
        if (previous != 0 && !lane.held.contains(previous)) ++lane.holes;
        if (!lane.held.emplace(sequence, previous).second) ++lane.repeats;
        lane.fresh.insert(sequence);
    }

    // Who says online hears all that is held.
    void greet(const std::string& payload) {
        const auto status = parse_json(payload);
        if (!status || text_at(status->as_object(), "state") != "online") return;
        for (const auto& [name, lane] : lanes) {
            std::set<std::uint64_t> all_held;
            for (const auto& [sequence, previous] : lane.held) all_held.insert(sequence);
            if (!all_held.empty()) send_receipt(name, lane, all_held);
        }
    }

    // Two members of which the one names the other make one range.
    void send_receipt(const std::string& name, const Lane& lane, const std::set<std::uint64_t>& held) {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
        for (const auto sequence : held) {
            if (!ranges.empty() && ranges.back().second == lane.held.at(sequence))
                ranges.back().second = sequence;
            else
                ranges.emplace_back(sequence, sequence);
        }
        json::array list;
        for (const auto& [first, last] : ranges) list.push_back(json::array{first, last});
        json::object receipt;
        receipt["epoch"] = epoch_;
        receipt["lane"] = name;
        receipt["held"] = std::move(list);
        ++receipts_sent;
        broker_.deliver(root_ + "/receipts", json::serialize(receipt));
    }

    Clock& clock_;
    Entropy& chance_;
    fakes::FakeBroker& broker_;
    Trace& trace_;
    std::string root_;
    std::string epoch_;
};

} // namespace gatehouse::simulation
