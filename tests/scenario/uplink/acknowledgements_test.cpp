// SPDX-License-Identifier: Apache-2.0
//
// Acknowledgements that lie, against a broker written from the text of MQTT (F26, F27): nothing is released that its receiver does not have,
// and all arrives in the end.
#include "tests/harness/scripted_broker.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <map>

using namespace gatehouse::harness;

namespace {

using Acks = std::vector<ScriptedBroker::Ack>;

// MQTT 5.0 section 3.4.2.1: every reason of a PUBACK that refuses.
constexpr std::array<std::uint8_t, 7> refusals{0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};

ScriptedBroker::Script doubled() {
    return [](const ScriptedBroker::Taken* event) { return event ? Acks{{.packet = event->packet}, {.packet = event->packet}} : Acks(); };
}

// Four are held back and answered the last first; what waits when nothing more comes, too.
ScriptedBroker::Script reordered() {
    return [waiting = std::deque<std::uint16_t>()](const ScriptedBroker::Taken* event) mutable {
        Acks acks;
        if (event) waiting.push_back(event->packet);
        if (!event || waiting.size() >= 4)
            for (; !waiting.empty(); waiting.pop_back()) acks.push_back({.packet = waiting.back()});
        return acks;
    };
}

// For each event also some for packets that nobody sent, and so when nothing is open at all, right after a connect too.
ScriptedBroker::Script unknown() {
    return [](const ScriptedBroker::Taken* event) {
        if (!event) return Acks{{.packet = 60'000}, {.packet = 60'001, .reason = 0x91}};
        Acks acks;
        for (unsigned ahead = 1000; ahead < 1003; ++ahead) acks.push_back({.packet = static_cast<std::uint16_t>(event->packet + ahead)});
        acks.push_back({.packet = event->packet});
        return acks;
    };
}

// An event is refused once, each with the next reason, and taken when it comes again. `given`: how often each reason was. A refusal costs a
// lane two seconds.
ScriptedBroker::Script negative(std::map<unsigned, std::size_t>& given, std::size_t reasons) {
    return [&given, reasons, seen = std::set<std::uint64_t>(), next = std::size_t(0)](const ScriptedBroker::Taken* event) mutable {
        if (!event) return Acks();
        if (next >= reasons || !seen.insert(event->sequence).second) return Acks{{.packet = event->packet}};
        const auto reason = refusals.at(next++);
        ++given[reason];
        return Acks{{.packet = event->packet, .reason = reason}};
    };
}

/// A district with a real broker beside one that lies, each way of it once with receipts and once where PUBACK is all there is.
struct Told {
    explicit Told(const std::string& receipts) : broker("liar", receipts), world(options()) {
        world.judge_also([this] { return broker.evidence(); });
        doors = &world.uhppote("doors");
    }
    GatewayOptions options() const {
        GatewayOptions with;
        with.more_settings = broker.settings();
        return with;
    }
    ScriptedBroker broker;
    World world;
    UhppoteDoors* doors = nullptr;
};

} // namespace

TEST_CASE("acknowledgements doubled, out of order, for packets of nobody, negative with each reason: nothing is lost, doubled or released" *
          doctest::test_suite("long") * doctest::skip()) {
    for (const std::string receipts : {"ranges", "puback"}) {
        CAPTURE(receipts);
        Told told(receipts);
        std::map<unsigned, std::size_t> given;
        const std::size_t reasons = receipts == "puback" ? refusals.size() : 1;
        told.broker.follow(doubled());
        told.world.start();
        for (const auto& script : {doubled(), reordered(), unknown(), negative(given, reasons)}) {
            told.broker.follow(script);
            told.doors->burst(30);
            told.world.wait_until_sound(40s);
        }
        told.broker.follow(unknown());
        told.broker.drop();
        told.doors->burst(30);
        told.world.wait_until_sound(40s);
        CHECK(given.size() == reasons);
        CHECK(told.broker.open_most() <= 16);
    }
}

TEST_SUITE("long") {
    TEST_CASE("a broker that takes and never acknowledges: sent to once a session, left after a minute, and no other waits" * doctest::skip()) {
        Told told("ranges");
        told.broker.follow([](const ScriptedBroker::Taken*) { return Acks(); });
        told.world.start();
        told.doors->burst(100);
        auto& district = told.world.district();
        told.world.wait_until_all_arrived(district);
        const auto first_session = told.broker.sessions();
        const auto open_then = told.broker.open_most();
        CHECK(open_then <= 16);
        for (int i = 0; i < 10; ++i) {
            told.doors->swipe(8100001);
            told.world.look();
        }
        told.world.wait_until_all_arrived(district);
        // Answered to all the while (PINGRESP): only the missing acknowledgements make it leave.
        eventually(
            "a second session", [&] { return told.broker.sessions() > first_session; }, 120s);
        CHECK(told.broker.repeats() == 0);
        CHECK(told.broker.evidence().lanes.empty());
        told.broker.follow({});
        told.broker.drop();
        told.world.wait_until_sound(60s);
    }
}
