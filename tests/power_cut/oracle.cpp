// SPDX-License-Identifier: Apache-2.0
#include "tests/power_cut/oracle.hpp"

#include "daemon/base/json.hpp"

namespace gatehouse::power_cut {

namespace {

constexpr std::array lanes{Lane::urgent, Lane::routine};

std::string text(std::uint64_t number) { return std::to_string(number); }

using Records = std::vector<store::StoredRecord>;

std::optional<Records> all_records(Gateway& gateway) {
    auto records = gateway.ask<Result<Records>>(gateway.store().read_after(0, 10'000, 1u << 30));
    if (!records || !*records) return std::nullopt;
    return std::move(**records);
}

std::string judge_inputs(const Records& records, const Outside& outside) {
    std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> there;
    std::uint64_t position = 0;
    for (const auto& record : records) {
        if (record.position != ++position) return "I3: position " + text(position) + " is missing";
        if (!record.device_key) continue;
        const auto facts = parse_json(record.facts);
        if (!facts || number_at(facts->get_object(), "door") != static_cast<std::int64_t>(*record.device_key))
            return "I2: a record's facts are another's";
        if (!there.emplace(std::pair(record.source, *record.device_key), record.position).second)
            return "I2: " + record.source + " " + text(*record.device_key) + " is stored twice";
    }
    for (const auto& device : outside.devices) {
        for (const auto& [number, at] : device.acknowledged) {
            const auto found = there.find({device.name, number});
            if (found == there.end()) return "I1: lost " + device.name + " " + text(number) + ", acknowledged as position " + text(at);
            if (found->second != at) return "I1: " + device.name + " " + text(number) + " is not where it was acknowledged";
        }
        for (const auto& [event, at] : there)
            if (event.first == device.name && (event.second == 0 || event.second > device.offered)) return "I2: a phantom, " + event.first;
    }
    return {};
}

std::string judge_marks(Gateway& gateway, const Records& records, const Outside& outside) {
    for (const auto& device : outside.devices) {
        const auto mark = gateway.ask<Result<std::optional<SourceMark>>>(gateway.store().last_mark(device.name));
        if (!mark || !*mark) return "the mark can't be read";
        std::set<std::uint64_t> there;
        for (const auto& record : records)
            if (record.source == device.name && record.device_key) there.insert(*record.device_key);
        const auto marked = **mark ? (**mark)->number : 0;
        for (std::uint64_t number = 1; number <= marked; ++number)
            if (!there.contains(number)) return "S11: the mark of " + device.name + " lies beyond " + text(number) + ", which is not there";
        if (marked + 1 < device.next) return "S11: the mark of " + device.name + " went back";
    }
    return {};
}

std::string judge_cursors(Gateway& gateway, const Records& records, const Outside& outside) {
    const auto cursors = gateway.ask<Result<std::map<std::string, store::Cursor>>>(gateway.store().cursors());
    if (!cursors || !*cursors) return "the cursors can't be read";
    for (const auto lane : lanes) {
        const std::string name(name_of(lane));
        const auto cursor = (*cursors)->find("upstream/district/" + name);
        if (cursor == (*cursors)->end()) continue;
        const auto twin = outside.twin.lanes.find(name);
        for (const auto& record : records) {
            if (record.position > cursor->second.settled || spec_of(record.kind).lane != lane) continue;
            if (twin == outside.twin.lanes.end() || !twin->second.receipted.contains({record.epoch, record.position}))
                return "L1: the cursor of " + name + " stands at " + text(cursor->second.settled) + ", and " + text(record.position) +
                       " was never receipted";
        }
    }
    return {};
}

std::string judge_twin(const Records& records, const Outside& outside) {
    if (!outside.twin.wrong.empty()) return "L4: " + outside.twin.wrong;
    std::map<Twin::Sequence, std::string> ids;
    for (const auto& record : records) ids.emplace(Twin::Sequence(record.epoch, record.position), record.id);
    for (const auto& [name, lane] : outside.twin.lanes)
        for (const auto& [sequence, kept] : lane.kept) {
            const auto found = ids.find(sequence);
            if (found == ids.end()) return "L4: the platform keeps " + text(sequence.second) + ", which the log has lost";
            if (found->second != kept.id) return "L4: the platform keeps another event as " + text(sequence.second);
        }
    return {};
}

std::string judge_seals(Gateway& gateway) {
    const auto report = gateway.ask<Result<store::VerifyReport>>(gateway.store().verify());
    if (!report) return "I6: verifying does not end";
    if (!*report) return "I6: " + (*report).error().what();
    if ((*report)->first_bad) return "I6: position " + text(*(*report)->first_bad) + ": " + (*report)->fault;
    return {};
}

} // namespace

std::string judge_restart(Gateway& gateway, const Outside& outside) {
    const auto records = all_records(gateway);
    if (!records) return "I2: the log can't be read";
    if (auto wrong = judge_inputs(*records, outside); !wrong.empty()) return wrong;
    if (auto wrong = judge_marks(gateway, *records, outside); !wrong.empty()) return wrong;
    if (auto wrong = judge_cursors(gateway, *records, outside); !wrong.empty()) return wrong;
    if (auto wrong = judge_twin(*records, outside); !wrong.empty()) return wrong;
    return judge_seals(gateway);
}

bool is_drained(Gateway& gateway, const Outside& outside) {
    const auto head = gateway.store().head().position;
    if (outside.twin.events() < head) return false;
    const auto cursors = gateway.ask<Result<std::map<std::string, store::Cursor>>>(gateway.store().cursors());
    if (!cursors || !*cursors) return false;
    for (const auto lane : lanes) {
        const auto cursor = (*cursors)->find("upstream/district/" + std::string(name_of(lane)));
        // A lane's last moves are written lazily when nothing of it was settled: a member's are not.
        if (cursor == (*cursors)->end()) return false;
        const auto twin = outside.twin.lanes.find(std::string(name_of(lane)));
        if (twin != outside.twin.lanes.end() && !twin->second.kept.empty() && cursor->second.member < twin->second.kept.rbegin()->first.second)
            return false;
    }
    return true;
}

std::string judge_drained(Gateway& gateway, const Outside& outside) {
    if (auto wrong = judge_restart(gateway, outside); !wrong.empty()) return wrong;
    const auto records = all_records(gateway);
    for (const auto lane : lanes) {
        const auto twin = outside.twin.lanes.find(std::string(name_of(lane)));
        std::uint64_t previous = 0;
        for (const auto& record : *records) {
            if (spec_of(record.kind).lane != lane) continue;
            if (twin == outside.twin.lanes.end()) return "I4: nothing of a lane has arrived";
            const auto kept = twin->second.kept.find({record.epoch, record.position});
            if (kept == twin->second.kept.end()) return "I4: the platform has a hole at " + text(record.position);
            if (kept->second.previous != previous) return "W6: the chain before " + text(record.position) + " is wrong";
            previous = record.position;
        }
    }
    if (!is_drained(gateway, outside)) return "I10: the platform holds everything, and the cursors did not follow";
    return {};
}

} // namespace gatehouse::power_cut
