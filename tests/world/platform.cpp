// SPDX-License-Identifier: Apache-2.0
#include "tests/world/platform.hpp"

#include <algorithm>

namespace gatehouse::world {

namespace {

using namespace std::chrono_literals;

std::string text(std::uint64_t number) { return std::to_string(number); }

} // namespace

Platform::Platform(Clock& clock, Entropy& chance, fakes::FakeBroker& broker, simulation::Trace& trace, std::string root)
    : clock_(clock), chance_(chance), broker_(broker), trace_(trace), root_(std::move(root)) {
    broker_.heard = [this](const fakes::FakeBroker::Published& published) { hear(published.message); };
}

Task<void> Platform::run() {
    for (;;) {
        while (is_silent || has_nothing_to_say()) {
            something_.reset();
            co_await something_.wait();
        }
        const auto wait = is_slow ? std::chrono::seconds(60 + chance_.below(300)) : std::chrono::seconds(1);
        co_await clock_.sleep_for(wait);
        if (is_silent) continue;
        if (forgets && chance_.below(4) == 0) forget();
        if (lies && chance_.below(3) == 0) lie();
        for (auto& [name, lane] : lanes) receipt(name, lane);
    }
}

bool Platform::has_nothing_to_say() const {
    return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.second.fresh.empty(); });
}

void Platform::receipt_everything() {
    for (auto& [name, lane] : lanes)
        for (const auto& [sequence, event] : lane.held) lane.fresh.insert(sequence);
    something_.set();
}

void Platform::hear(const net::MqttMessage& message) {
    trace_.add("published " + message.topic, message.payload);
    if (is_deaf) return;
    if (message.topic == root_ + "/records" || message.topic == root_ + "/urgent")
        take_events(message);
    else if (message.topic == root_ + "/pictures")
        take_picture(message);
    else if (message.topic == root_ + "/status") {
        const auto status = parse_json(message.payload);
        if (status && text_at(status->as_object(), "state") == "online") receipt_everything();
    }
    something_.set();
}

void Platform::take_events(const net::MqttMessage& message) {
    auto parsed = parse_json(message.payload);
    if (!parsed) {
        wrong = "a message that is no JSON";
        return;
    }
    json::array events;
    if (parsed->is_array())
        events = parsed->get_array();
    else
        events.push_back(*parsed);
    for (const auto& value : events) {
        const auto& object = value.as_object();
        if (object.contains("volatile")) {
            volatiles.push_back({text_at(object, "id").value_or(""), life});
            continue;
        }
        epoch_ = text_at(object, "epoch").value_or("");
        const auto name = text_at(object, "lane").value_or("");
        const Sequence sequence(epoch_, std::stoull(text_at(object, "sequence").value_or("0")));
        auto& lane = lanes[name];
        Event event;
        event.id = text_at(object, "id").value_or("");
        event.kind = text_at(object, "type").value_or("");
        event.previous = std::stoull(text_at(object, "previous").value_or("0"));
        event.hash = sha256(json::serialize(value));
        event.revised = object.contains("revised");
        event.refused = refuses && chance_.below(40) == 0;
        const auto [there, is_first] = lane.held.emplace(sequence, event);
        if (!is_first) {
            ++lane.repeats;
            if (there->second.hash != event.hash && !event.revised) wrong = name + " " + text(sequence.second) + " came again as another event (L4)";
        } else if (event.kind == "cn.gatehouse.digest.v1") {
            const auto* data = object.if_contains("data");
            if (data != nullptr && data->as_object().contains("facts")) digests_[sequence] = data->as_object().at("facts").as_object();
        }
        if (message.topic != root_ + (name == "urgent" ? "/urgent" : "/records")) wrong = name + " on topic " + message.topic;
        lane.fresh.insert(sequence);
    }
}

void Platform::take_picture(const net::MqttMessage& message) {
    std::map<std::string, std::string> of(message.user_properties.begin(), message.user_properties.end());
    const Sequence sequence(of["epoch"], std::stoull(of.at("sequence")));
    auto& lane = lanes["pictures"];
    if (!message.payload.empty() && to_hex(sha256(message.payload)) != of["sha256"]) wrong = "a picture that is not what its hash says";
    auto& seen = lane.pictures_seen[sequence];
    seen.insert(of.contains("index") ? of["index"] : "0");
    if (seen.size() < (of.contains("count") ? std::stoull(of["count"]) : 1)) return;
    Event event;
    event.previous = std::stoull(of.at("previous"));
    if (!lane.held.emplace(sequence, event).second) ++lane.repeats;
    lane.fresh.insert(sequence);
}

// Two members of which the one names the other make one range (W6, W7).
void Platform::receipt(const std::string& name, Lane& lane) {
    std::map<std::string, std::pair<json::array, json::array>> by_epoch; // ranges, refusals
    const Sequence* last = nullptr;
    for (const auto& sequence : lane.fresh) {
        receipted_.emplace(name, sequence);
        auto& [ranges, refusals] = by_epoch[sequence.first];
        const auto& event = lane.held.at(sequence);
        if (event.refused) {
            refusals.push_back(json::object{{"position", sequence.second}, {"reason", "schema"}});
            last = nullptr;
            continue;
        }
        if (last != nullptr && last->first == sequence.first && event.previous == last->second)
            ranges.back().as_array()[1] = sequence.second;
        else
            ranges.push_back(json::array{sequence.second, sequence.second});
        last = &sequence;
    }
    lane.fresh.clear();
    for (auto& [epoch, parts] : by_epoch) {
        json::object receipt;
        receipt["epoch"] = epoch;
        receipt["lane"] = name;
        if (!parts.first.empty()) receipt["held"] = std::move(parts.first);
        if (!parts.second.empty()) receipt["refused"] = std::move(parts.second);
        send(receipt);
    }
}

void Platform::send(const json::object& receipt) {
    ++receipts_sent;
    auto payload = json::serialize(receipt);
    if (repeats) {
        broker_.deliver(root_ + "/receipts", payload);
        broker_.deliver(root_ + "/receipts", payload);
        payload.swap(held_back_);
        if (payload.empty()) return;
    }
    broker_.deliver(root_ + "/receipts", payload);
}

void Platform::lie() {
    ++lies_told;
    json::object receipt;
    const bool other_epoch = chance_.below(2) == 0;
    receipt["epoch"] = other_epoch ? "01900000-0000-7000-8000-000000000000" : epoch_;
    receipt["lane"] = chance_.below(2) == 0 ? "routine" : "urgent";
    constexpr std::uint64_t far = 1'000'000'000;
    receipt["held"] = json::array{json::array{1, other_epoch ? far : far + chance_.below(far)}};
    broker_.deliver(root_ + "/receipts", chance_.below(4) == 0 ? std::string("{\"epoch\":") : json::serialize(receipt));
}

// It dies before its own commit: what it had not receipted yet it never had.
void Platform::forget() {
    for (auto& [name, lane] : lanes) {
        for (const auto& sequence : std::exchange(lane.fresh, {})) {
            if (receipted_.contains({name, sequence})) continue;
            lane.held.erase(sequence);
            lane.pictures_seen.erase(sequence);
            digests_.erase(sequence);
        }
    }
}

std::string Platform::judge_digests() const {
    for (const auto& [where, facts] : digests_) {
        const auto name = text_at(facts, "lane");
        if (!name || text_at(facts, "upstream") != "district" || *name == "pictures") continue;
        const auto lane = lanes.find(*name);
        if (lane == lanes.end()) return "a digest of lane " + *name + ", of which nothing is held";
        const auto epoch = text_at(facts, "epoch").value_or("");
        const auto first = static_cast<std::uint64_t>(number_at(facts, "first").value_or(0));
        const auto last = static_cast<std::uint64_t>(number_at(facts, "last").value_or(0));
        Sha256 all;
        std::int64_t count = 0;
        bool has_revised = false;
        for (auto at = lane->second.held.lower_bound({epoch, first}); at != lane->second.held.end() && at->first <= Sequence(epoch, last); ++at) {
            all.add(ByteView(at->second.hash));
            ++count;
            has_revised = has_revised || at->second.revised;
        }
        if (has_revised) continue;
        if (count != number_at(facts, "count") || to_hex(all.finish()) != text_at(facts, "sha256"))
            return "W10: the digest at " + text(where.second) + " of " + *name + " " + text(first) + " to " + text(last) +
                   " is not of the events that came";
    }
    return {};
}

oracle::Platform Platform::evidence() const {
    oracle::Platform platform;
    platform.name = "district";
    constexpr std::string_view prefix = "cn.gatehouse.", suffix = ".v1";
    for (const auto& [name, lane] : lanes)
        for (const auto& [sequence, event] : lane.held) {
            oracle::Kept kept;
            kept.epoch = sequence.first;
            kept.sequence = sequence.second;
            kept.id = event.id;
            if (event.kind.size() > prefix.size() + suffix.size())
                kept.kind = event.kind.substr(prefix.size(), event.kind.size() - prefix.size() - suffix.size());
            kept.previous = event.previous;
            kept.refused = event.refused;
            platform.lanes[name].push_back(std::move(kept));
        }
    return platform;
}

} // namespace gatehouse::world
