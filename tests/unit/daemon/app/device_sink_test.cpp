// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/device_sink.hpp"

#include "daemon/base/uuid.hpp"
#include "tests/unit/daemon/store/world.hpp"

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

/// The store, and one device's sink before it.
struct Sinks {
    explicit Sinks(DeviceSink::Limits limits = DeviceSink::Limits())
        : sink(*store(), world.clock, world.entropy, limits, [this](const Record& r) { went_up.push_back(r); }) {}
    ~Sinks() {
        group.cancel();
        world.clock.run_for(1ms);
    }
    store::EventLog* store() {
        if (!world.store) world.open();
        return world.store.get();
    }
    /// The disk refuses everything until mended.
    void break_disk() {
        world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
    }
    void mend_disk() { world.disk.on_operation = {}; }
    Result<Appended> append(Record record) { return world.await(sink.append(std::move(record), std::nullopt), 5s); }
    Record alarm(std::uint64_t key) {
        Record record = world.keyed(key);
        record.kind = Kind::door_forced;
        record.subject.clear();
        record.details.clear();
        record.facts = {{"door", 1}};
        record.same_as = "door.forced|" + std::to_string(key);
        return record;
    }
    std::vector<store::StoredRecord> alarms_stored() {
        auto found = world.all();
        std::erase_if(found, [](const auto& record) { return record.kind != Kind::door_forced; });
        return found;
    }

    store::World world;
    std::vector<Record> went_up;
    TaskGroup group{world.loop};
    DeviceSink sink;
};

/// A store whose disk is out until told otherwise, and whose queue is full for what is handed over.
class FullSink final : public RecordSink {
public:
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override {
        if (is_out) co_return Error(Fault::damaged, "the disk");
        stored.push_back(std::move(record));
        co_return Appended();
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record) override { ++handed_over; }
    bool is_out = true;
    std::size_t handed_over = 0;
    std::vector<Record> stored;
};

/// How long until all of `count` records were taken.
Duration time_for(Sinks& sinks, int count, int& done, std::function<Record(int)> make) {
    auto one = [](Sinks& in, Record record, int& counted) -> Task<void> {
        auto appended = co_await in.sink.append(std::move(record), std::nullopt);
        counted += appended ? 1 : 0;
    };
    done = 0;
    const auto begun = sinks.world.clock.steady_now();
    for (int i = 0; i < count; ++i) sinks.group.spawn("append", one(sinks, make(i), done));
    for (int i = 0; i < 100'000 && done < count; ++i) sinks.world.clock.run_for(1ms);
    return sinks.world.clock.steady_now() - begun;
}

} // namespace

TEST_CASE("device sink: a burst goes through at once, what is beyond waits for its turn, and a pause earns no more than the burst") {
    Sinks sinks(DeviceSink::Limits{10, 20});
    const auto pass = [&](int) { return sinks.world.pass(); };
    int done = 0;
    CHECK(time_for(sinks, 20, done, pass) <= 5ms);
    CHECK(sinks.sink.slowed() == 0);
    const auto beyond = time_for(sinks, 10, done, pass);
    CHECK(beyond >= 990ms);
    CHECK(beyond <= 1010ms);
    CHECK(done == 10);
    CHECK(sinks.sink.slowed() == 10);
    sinks.world.clock.run_for(1h);
    CHECK(time_for(sinks, 20, done, pass) <= 5ms);
    CHECK(time_for(sinks, 1, done, pass) >= 90ms);
}

TEST_CASE("device sink: an alarm does not wait behind its own device's flood") {
    Sinks sinks(DeviceSink::Limits{10, 5});
    auto flood = [](Sinks& in) -> Task<void> {
        auto record = in.world.pass();
        auto appended = co_await in.sink.append(std::move(record), std::nullopt);
        (void)appended;
    };
    for (int i = 0; i < 500; ++i) sinks.group.spawn("flood", flood(sinks));
    sinks.world.clock.run_for(10ms);
    const auto before = sinks.world.all().size();
    CHECK(before == 5);
    int done = 0;
    CHECK(time_for(sinks, 1, done, [&](int) { return sinks.alarm(1); }) <= 5ms);
    CHECK(sinks.alarms_stored().size() == 1);
    CHECK(sinks.went_up.empty());
}

TEST_CASE("W13: an alarm that the disk refuses goes up once with an id, and is stored under it when the disk is back") {
    Sinks sinks;
    sinks.group.spawn("store", sinks.store()->run());
    REQUIRE(sinks.append(sinks.world.pass()).has_value());
    sinks.break_disk();
    const auto refused = sinks.append(sinks.alarm(7));
    REQUIRE(refused.has_error()); // nothing is acknowledged to the device
    REQUIRE(sinks.went_up.size() == 1);
    const auto id = sinks.went_up.front().id;
    CHECK(parse_uuid(id).has_value());
    // The device, which heard no yes, tells it again: the same alarm, under the same id, not a second one.
    CHECK(sinks.append(sinks.alarm(7)).has_error());
    CHECK(sinks.append(sinks.alarm(8)).has_error());
    REQUIRE(sinks.went_up.size() == 2);
    CHECK(sinks.went_up.back().id != id);
    CHECK(sinks.append(sinks.world.pass()).has_error());
    CHECK(sinks.went_up.size() == 2); // what is no alarm does not go up

    sinks.mend_disk();
    sinks.world.clock.run_for(2min);
    const auto stored = sinks.alarms_stored();
    REQUIRE(stored.size() == 2);
    CHECK(stored[0].id == id);
    CHECK(stored[1].id == sinks.went_up.back().id);
    // Catch-up meets it once more: a repeat of the first copy.
    const auto again = sinks.append(sinks.alarm(7));
    REQUIRE(again.has_value());
    CHECK(again->repeated);
    CHECK(again->position == stored[0].position);
    CHECK(sinks.went_up.size() == 2);
}

TEST_CASE("W13: whichever copy of an alarm reaches the disk first has the id under which it went up") {
    Sinks sinks;
    FullSink full;
    std::vector<std::string> up;
    DeviceSink sink(full, sinks.world.clock, sinks.world.entropy, DeviceSink::Limits(), [&](const Record& record) { up.push_back(record.id); });
    CHECK(sinks.world.await(sink.append(sinks.alarm(7), std::nullopt)).has_error());
    REQUIRE(up.size() == 1);
    CHECK(full.handed_over == 1);
    full.is_out = false;
    REQUIRE(sinks.world.await(sink.append(sinks.alarm(8), std::nullopt)).has_value());
    REQUIRE(sinks.world.await(sink.append(sinks.alarm(7), std::nullopt)).has_value());
    REQUIRE(full.stored.size() == 2);
    CHECK(full.stored[0].id != up[0]);
    CHECK(full.stored[1].id == up[0]);
    // Stored: the device's next alarm under a number used again is another one.
    REQUIRE(sinks.world.await(sink.append(sinks.alarm(7), std::nullopt)).has_value());
    CHECK(full.stored[2].id != up[0]);
}

TEST_CASE("W13: an alarm with a picture is stored without it; a malformed one neither goes up nor waits") {
    Sinks sinks;
    sinks.group.spawn("store", sinks.store()->run());
    REQUIRE(sinks.append(sinks.world.pass()).has_value());
    sinks.break_disk();
    auto seen = sinks.alarm(9);
    seen.pictures.push_back({PictureRole::scene, std::make_shared<const Bytes>(Bytes(100, 7))});
    CHECK(sinks.append(std::move(seen)).has_error());
    CHECK(sinks.went_up.size() == 1);
    auto malformed = sinks.alarm(10);
    malformed.facts["not_in_the_schema"] = 1;
    CHECK(sinks.append(std::move(malformed)).error().fault() == Fault::malformed);
    CHECK(sinks.went_up.size() == 1);
    sinks.mend_disk();
    sinks.world.clock.run_for(2min);
    const auto stored = sinks.alarms_stored();
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].id == sinks.went_up[0].id);
    CHECK(stored[0].pictures.empty());
}

TEST_CASE("device sink: a storm of alarms on a broken disk is remembered within its bound") {
    Sinks sinks;
    sinks.break_disk();
    for (std::uint64_t key = 1; key <= alarms_up_max + 10; ++key) CHECK(sinks.append(sinks.alarm(key)).has_error());
    CHECK(sinks.went_up.size() == alarms_up_max + 10);
    CHECK(sinks.append(sinks.alarm(alarms_up_max)).has_error());
    CHECK(sinks.went_up.size() == alarms_up_max + 10);
    CHECK(sinks.append(sinks.alarm(1)).has_error()); // long forgotten
    CHECK(sinks.went_up.size() == alarms_up_max + 11);
}
