// SPDX-License-Identifier: Apache-2.0
//
// A sound run of two devices and one platform, then one violation planted at a time: each must be found, and found as what it is.
#include "daemon/base/crypto.hpp"
#include "daemon/store/commitment.hpp"
#include "tests/oracle/oracle.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::oracle;

namespace {

constexpr auto epoch = "0191b6a0-0000-7000-8000-000000000001";
constexpr auto salt_bytes = "0123456789abcdef";

Digest commit(LogRecord& record) {
    record.salt = salt_bytes;
    store::Salt salt{};
    std::copy_n(salt_bytes, salt.size(), salt.begin());
    record.personal = store::personal_commitment(salt, record.subject, record.details, record.pictures);
    store::FrameView frame;
    frame.position = record.position;
    frame.epoch = record.epoch;
    frame.id = record.id;
    frame.kind = record.kind;
    frame.happened_at_us = record.happened_at;
    frame.heard_at_us = record.heard_at;
    frame.clock = "synced";
    frame.source = record.source;
    frame.device_key = record.device_key;
    frame.facts = record.facts;
    return record.commitment = store::commitment(frame, record.personal);
}

// Seals of three records each and a signed digest over the first two: the store's functions, not the oracle's.
void seal(Log& log) {
    log.seals.clear();
    log.digests.clear();
    Digest previous{};
    for (std::size_t at = 0; at < log.records.size();) {
        const auto end = std::min(at + 3, log.records.size());
        store::Sealing sealing(previous, log.records[at].position, log.records[end - 1].position);
        const auto first = log.records[at].position;
        for (; at < end; ++at) sealing.add(commit(log.records[at]));
        previous = sealing.finish();
        log.seals.push_back({.first = first, .last = log.records[end - 1].position, .seal = previous});
    }
    Key seed{};
    seed.fill(7);
    const SigningKey key(seed);
    SignedDigest digest{.first = 1, .last = 6, .epoch = epoch, .at = "2026-08-01T00:00:00Z", .seal = log.seals[1].seal, .key = key.public_key()};
    digest.signature = key.sign(store::digest_message(digest.epoch, digest.first, digest.last, digest.seal, digest.previous, digest.at));
    log.digests.push_back(digest);
}

LogRecord record_of(std::uint64_t position, const std::string& source, std::optional<std::uint64_t> key, std::string kind, std::string subject) {
    LogRecord record;
    record.position = position;
    record.epoch = epoch;
    record.id = "0191b6a0-0000-7000-8000-0000000001" + std::to_string(10 + position);
    record.kind = std::move(kind);
    record.heard_at = static_cast<std::int64_t>(1'700'000'000 + position);
    record.source = source;
    record.device_key = key;
    record.facts = "{}";
    record.subject = std::move(subject);
    return record;
}

void keep(Evidence& evidence, const LogRecord& record) {
    auto& kept = evidence.platforms.at(0).lanes[lane_of(record.kind)];
    kept.push_back({.epoch = record.epoch,
                    .id = record.id,
                    .kind = record.kind,
                    .sequence = record.position,
                    .previous = kept.empty() ? 0 : kept.back().sequence});
    const auto last = record.position;
    evidence.log.cursors["upstream/district/" + lane_of(record.kind)] = {.settled = last, .member = last};
}

/// Nine records: doors 1 to 5 (4 is in a gap), a gate's two cars, and what the gateway says of itself.
Evidence sound() {
    Evidence evidence;
    evidence.log.records = {record_of(1, "gateway", {}, "gateway.started", ""),
                            record_of(2, "doors", 1, "pass.granted", "card:1"),
                            record_of(3, "gate", 7001, "plate.read", "plate:A1"),
                            record_of(4, "doors", 2, "pass.granted", "card:2"),
                            record_of(5, "doors", 3, "door.forced", ""),
                            record_of(6, "gate", 6001, "plate.read", "plate:A2"),
                            record_of(7, "gateway", {}, "gap", ""),
                            record_of(8, "doors", 5, "pass.denied", "card:5"),
                            record_of(9, "gateway", {}, "device.offline", "")};
    evidence.log.records[6].facts = R"({"of":"doors","count":1,"count_known":true})";
    seal(evidence.log);
    evidence.devices = {{.id = "doors",
                         .known_by = KnownBy::number,
                         .made = {{1, "pass.granted", "card:1"},
                                  {2, "pass.granted", "card:2"},
                                  {3, "door.forced", ""},
                                  {4, "pass.granted", "card:4"},
                                  {5, "pass.denied", "card:5"}}},
                        {.id = "gate", .known_by = KnownBy::subject, .made = {{1, "plate.read", "plate:A1"}, {2, "plate.read", "plate:A2"}}}};
    evidence.platforms.push_back({.name = "district", .lanes = {}});
    for (const auto& record : evidence.log.records) keep(evidence, record);
    evidence.bounds = {{.what = "memory", .worst = 10, .limit = 20}};
    evidence.answers = {{.question = "/api/v1/status", .is_good = true}};
    evidence.recoveries = {{.from = "kill -9", .took_s = 0.4, .within_s = 2}};
    evidence.shed = {{"doors", 1}};
    return evidence;
}

/// The invariants that are found broken.
std::set<std::string> broken(const Evidence& evidence) {
    std::set<std::string> names;
    for (const auto& finding : judge(evidence)) names.insert(finding.invariant);
    return names;
}
using Names = std::set<std::string>;

// What somebody did to the log in good order: sealed again, so that I6 has nothing to say.
void remove_record(Evidence& evidence, std::size_t at) {
    evidence.log.records.erase(evidence.log.records.begin() + static_cast<std::ptrdiff_t>(at));
    seal(evidence.log);
}

std::vector<Kept>& routine(Evidence& evidence) { return evidence.platforms.at(0).lanes.at("routine"); }

} // namespace

TEST_CASE("the oracle finds nothing in a sound run") { CHECK(told(judge(sound())) == ""); }

TEST_CASE("the oracle finds an event that is nowhere, and one that a platform has and the log lost (I1)") {
    auto evidence = sound();
    evidence.devices[0].made.push_back({6, "pass.granted", "card:6"});
    CHECK(broken(evidence) == Names{"I1"});
    evidence = sound();
    evidence.devices[1].made.push_back({3, "plate.read", "plate:A1"}); // the same car again
    CHECK(broken(evidence) == Names{"I1"});
    evidence = sound();
    keep(evidence, record_of(10, "doors", {}, "door.closed", ""));
    CHECK(broken(evidence) == Names{"I1"});
}

TEST_CASE("the oracle finds a phantom, another's content and a second copy (I2)") {
    auto evidence = sound();
    evidence.log.records[7].device_key = 9;
    seal(evidence.log);
    CHECK(broken(evidence) == Names{"I1", "I2"}); // 5 is gone, 9 was never made
    evidence = sound();
    evidence.log.records[3].subject = "card:5";
    seal(evidence.log);
    CHECK(broken(evidence) == Names{"I2"});
    evidence = sound();
    evidence.log.records[8] = record_of(9, "doors", 5, "door.held", "card:5");
    seal(evidence.log);
    evidence.platforms[0].lanes["urgent"].back().id = evidence.log.records[8].id;
    CHECK(broken(evidence) == Names{"I2"});
}

TEST_CASE("the oracle finds a missing position, an epoch that comes again and a device's order broken (I3)") {
    auto evidence = sound();
    remove_record(evidence, 0);
    CHECK(broken(evidence).contains("I3"));
    evidence = sound();
    evidence.log.records[4].epoch = "0191b6a0-0000-7000-8000-000000000002";
    seal(evidence.log);
    CHECK(broken(evidence).contains("I3"));
    evidence = sound();
    std::swap(evidence.log.records[1].device_key, evidence.log.records[3].device_key);
    std::swap(evidence.log.records[1].subject, evidence.log.records[3].subject);
    seal(evidence.log);
    CHECK(broken(evidence) == Names{"I3"});
    // Read back later is another run.
    evidence.log.records[1].facts = R"({"recovered":true})";
    seal(evidence.log);
    CHECK(broken(evidence).empty());
}

TEST_CASE("the oracle takes a device with holes for two runs woven into one, and finds what fits neither (I3)") {
    const auto woven = [](const std::vector<std::uint64_t>& keys, bool has_holes) {
        Evidence evidence;
        Device doors{.id = "doors", .has_holes = has_holes};
        for (const auto key : keys) {
            evidence.log.records.push_back(record_of(evidence.log.records.size() + 1, "doors", key, "pass.granted", "card:" + std::to_string(key)));
            doors.made.push_back({key, "pass.granted", "card:" + std::to_string(key)});
        }
        seal(evidence.log);
        evidence.devices = {doors};
        return evidence;
    };
    CHECK(broken(woven({1, 2, 5, 3, 6, 4}, true)).empty());
    CHECK(broken(woven({1, 4, 2, 3, 5, 6}, true)).empty());
    CHECK(broken(woven({1, 2, 5, 3, 6, 4}, false)) == Names{"I3"});
    CHECK(broken(woven({1, 5, 3, 2, 4, 6}, true)) == Names{"I3"});
    CHECK(broken(woven({4, 5, 6, 1, 3, 2}, true)) == Names{"I3"});
}

TEST_CASE("the oracle finds a hole, a second copy, another event and a chain that lies at the platform (I4)") {
    auto evidence = sound();
    routine(evidence).erase(routine(evidence).begin() + 1);
    CHECK(broken(evidence) == Names{"I4", "I5"});
    evidence.log.cursors["upstream/district/routine"] = {.settled = 1, .member = 1};
    CHECK(broken(evidence) == Names{"I10", "I4"});
    evidence.is_drained = false;
    CHECK(broken(evidence).empty());
    evidence = sound();
    routine(evidence).push_back(routine(evidence).back());
    CHECK(broken(evidence) == Names{"I4"});
    evidence = sound();
    routine(evidence)[1].id = "0191b6a0-0000-7000-8000-000000000999";
    CHECK(broken(evidence) == Names{"I4"});
    evidence = sound();
    routine(evidence)[2].previous = 1;
    CHECK(broken(evidence) == Names{"I4"});
}

TEST_CASE("the oracle finds a release without receipt, and lets dead letters and brokers without receipts pass (I5)") {
    auto evidence = sound();
    evidence.is_drained = false;
    evidence.platforms[0].lanes["routine"].pop_back();
    CHECK(broken(evidence) == Names{"I5"});
    auto dead = evidence;
    dead.log.dead_letters.emplace("upstream/district/routine", 8);
    CHECK(broken(dead).empty());
    evidence.platforms[0].sends_receipts = false;
    CHECK(broken(evidence).empty());
}

TEST_CASE("the oracle finds a changed fact, a changed subject, a broken seal, a head without seal and a forged digest (I6)") {
    auto evidence = sound();
    evidence.log.records[4].facts = R"({"door":2})";
    CHECK(broken(evidence) == Names{"I6"});
    evidence = sound();
    evidence.log.records[4].subject = "card:3";
    CHECK(broken(evidence) == Names{"I6"});
    evidence = sound();
    evidence.log.seals[1].seal[0] ^= 1;
    CHECK(broken(evidence) == Names{"I6"});
    evidence = sound();
    evidence.log.seals.pop_back();
    CHECK(broken(evidence) == Names{"I6"});
    evidence = sound();
    evidence.log.digests[0].signature[0] ^= 1;
    CHECK(broken(evidence) == Names{"I6"});
}

TEST_CASE("the oracle finds a bound overstepped, a console that is silent and a recovery that took too long (I7, I8, I10)") {
    auto evidence = sound();
    evidence.bounds[0].worst = 21;
    CHECK(broken(evidence) == Names{"I7"});
    evidence = sound();
    evidence.answers[0].is_good = false;
    CHECK(broken(evidence) == Names{"I8"});
    evidence = sound();
    evidence.recoveries[0].took_s = 2.1;
    CHECK(broken(evidence) == Names{"I10"});
    evidence = sound();
    evidence.log.cursors["upstream/district/urgent"].member = 5;
    CHECK(broken(evidence) == Names{"I10"});
}

TEST_CASE("the oracle finds what was shed without a gap (I9)") {
    auto evidence = sound();
    evidence.shed["gate"] = 1;
    CHECK(broken(evidence) == Names{"I9"});
    evidence = sound();
    evidence.shed["doors"] = 2;
    CHECK(broken(evidence) == Names{"I9"});
    evidence.log.records[6].facts = R"({"of":"doors","count_known":false})";
    seal(evidence.log);
    CHECK(broken(evidence).empty());
}
