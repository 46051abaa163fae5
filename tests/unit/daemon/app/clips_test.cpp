// SPDX-License-Identifier: Apache-2.0
//
// Clips that a platform asks for, on real recordings and a real log: who gets what, when, and what stands in the log afterwards.
#include "daemon/app/clips.hpp"

#include "daemon/base/crypto.hpp"
#include "tests/fixtures/clips.hpp"
#include "tests/unit/daemon/store/recordings_world.hpp"

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

struct Bureau {
    Bureau() {
        world.open();
        group.spawn("store", world.store->run());
        shelf.must_start();
        registry = std::make_unique<registry::Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        audit = std::make_unique<auth::AuditTrail>(*world.store, world.clock);
        start = world.clock.now() - 1h;
        for (int i = 0; i < 3; ++i) shelf.must_record("gate-1", start + i * 2s);
        make();
    }
    ~Bureau() {
        group.cancel();
        for (int i = 0; i < 100 && group.size() > 0; ++i) world.clock.run_for(1ms);
    }
    void make() {
        clips = std::make_unique<Clips>(
            Clips::Parts{*world.store, *shelf.recordings, *registry, *audit, world.clock, world.entropy, "gw-7", "c-1", 8h,
                         [this](const std::string& upstream) { return upstream == "police" ? order : std::optional<StandingOrder>(); }});
        REQUIRE(world.await(clips->load()).has_value());
    }
    json::object args(const std::string& more = "") const {
        const auto text = R"({"case":"杭公〔2026〕17","officers":["330100-1","330100-2"],"camera":"gate-1","from":")" + to_text(start) +
                          R"(","to":")" + to_text(start + 6s) + "\"" + more + "}";
        return parse_json(text).value().as_object();
    }
    json::object must_ask(const std::string& upstream, const json::object& what) {
        auto text = world.await(clips->ask(upstream, what));
        REQUIRE_MESSAGE(text.has_value(), (text ? "" : text.error().what()));
        return parse_json(*text, 1024 * 1024).value().as_object();
    }
    Fault fault_of(const std::string& upstream, const json::object& what) {
        const auto text = world.await(clips->ask(upstream, what));
        REQUIRE(text.has_error());
        return text.error().fault();
    }
    std::string new_clip(const std::string& upstream = "district") { return std::string(must_ask(upstream, args()).at("clip").as_string()); }
    json::object decided(const std::string& id, bool is_yes) {
        return world.await(clips->decide(id, is_yes, is_yes ? "" : "no such case", {"manager", "uid:9"})).value();
    }
    /// As a platform fetches it: by pieces, until it has as many bytes as were told.
    Bytes fetched(const std::string& id, std::int64_t bytes_max, const std::string& upstream = "district") {
        Bytes whole;
        for (std::uint64_t bytes = 1; whole.size() < bytes;) {
            const auto piece = must_ask(upstream, {{"clip", id}, {"offset", whole.size()}, {"bytes_max", bytes_max}});
            bytes = piece.at("bytes").to_number<std::uint64_t>();
            const auto data = from_base64(std::string(piece.at("data").as_string())).value();
            REQUIRE(!data.empty());
            REQUIRE(static_cast<std::int64_t>(data.size()) <= bytes_max);
            whole.insert(whole.end(), data.begin(), data.end());
        }
        return whole;
    }

    store::World world;
    store::Shelf shelf{world};
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<auth::AuditTrail> audit;
    std::optional<StandingOrder> order = StandingOrder{"公安〔2026〕2号", "区公安分局", "2020-01-01", "2099-12-31"};
    std::unique_ptr<Clips> clips;
    TaskGroup group{world.loop};
    Time start{};
};

/// The files of a tar.
std::map<std::string, Bytes> files_of(const Bytes& tar) {
    std::map<std::string, Bytes> files;
    for (std::size_t at = 0; at + 512 <= tar.size() && tar[at] != 0;) {
        const std::string name(reinterpret_cast<const char*>(tar.data() + at));
        const auto size = std::stoul(std::string(reinterpret_cast<const char*>(tar.data() + at + 124), 11), nullptr, 8);
        REQUIRE(at + 512 + size <= tar.size());
        files[name] = Bytes(tar.begin() + static_cast<std::ptrdiff_t>(at + 512), tar.begin() + static_cast<std::ptrdiff_t>(at + 512 + size));
        at += 512 + (size + 511) / 512 * 512;
    }
    return files;
}

} // namespace

TEST_CASE("clips: one waits for the compound's yes, over a restart too, and not a byte leaves before") {
    Bureau bureau;
    const auto asked = bureau.must_ask("district", bureau.args());
    CHECK(asked.at("state").as_string() == "waiting");
    CHECK_FALSE(asked.contains("manifest"));
    const std::string id(asked.at("clip").as_string());
    CHECK(bureau.clips->waiting() == 1);
    CHECK(bureau.fault_of("district", {{"clip", id}, {"offset", 0}}) == Fault::busy);
    bureau.make();
    CHECK(bureau.clips->waiting() == 1);
    CHECK(bureau.must_ask("district", {{"clip", id}}).at("state").as_string() == "waiting");
    CHECK(bureau.shelf.records_of(Kind::audit_exported).empty());
    const auto list = bureau.clips->list();
    REQUIRE(list.size() == 1);
    CHECK(list[0].as_object().at("officers").as_array().size() == 2);
    CHECK(list[0].as_object().at("case").as_string() == "杭公〔2026〕17");
    // Case and officers go up to nobody.
    for (const auto& record : bureau.world.all()) CHECK(record.facts.find("330100") == std::string::npos);
}

TEST_CASE("clips: approved, it is fetched piece by piece, and is the signed export: every file as it was recorded") {
    Bureau bureau;
    const auto id = bureau.new_clip();
    CHECK(bureau.decided(id, true).at("state").as_string() == "approved");
    const auto told = bureau.must_ask("district", {{"clip", id}});
    const auto whole = bureau.fetched(id, 4096);
    CHECK(whole.size() == told.at("bytes").to_number<std::uint64_t>());
    const auto files = files_of(whole);
    CHECK(to_hex(sha256(files.at("manifest.json"))) == told.at("manifest").as_string());
    const auto report = store::verify_export(bureau.world.keys.signing().public_key(), [&](const std::string& name) -> Result<Bytes> {
        const auto found = files.find(name);
        if (found == files.end()) return Error(Fault::gone, name);
        return found->second;
    });
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().what()));
    CHECK(report->files == 3);
    // The audit trail has it once, with case and officers, however many pieces there were.
    const auto acts = bureau.shelf.records_of(Kind::audit_exported);
    REQUIRE(acts.size() == 1);
    CHECK(acts[0].at("case").as_string() == "杭公〔2026〕17");
    CHECK(acts[0].at("count").to_number<int>() == 3);
    // What was approved stays.
    CHECK(bureau.world.await(bureau.shelf.recordings->locks("gate-1"))->size() == 1);
}

TEST_CASE("clips: a piece that was lost comes again, a fetch goes on from anywhere after a restart, and the bytes are the same") {
    Bureau bureau;
    const auto id = bureau.new_clip();
    bureau.decided(id, true);
    const auto whole = bureau.fetched(id, 100'000);
    const auto piece_at = [&](std::uint64_t offset) {
        const auto piece = bureau.must_ask("district", {{"clip", id}, {"offset", offset}, {"bytes_max", 5000}});
        return from_base64(std::string(piece.at("data").as_string())).value();
    };
    const auto part = [&](std::uint64_t offset) {
        const auto from = whole.begin() + static_cast<std::ptrdiff_t>(offset);
        return Bytes(from, from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5000, whole.size() - offset)));
    };
    const auto middle = whole.size() / 2;
    CHECK(piece_at(middle) == part(middle));
    CHECK(piece_at(middle) == part(middle));
    CHECK(piece_at(middle + 5000) == part(middle + 5000));
    CHECK(piece_at(middle - 5000) == part(middle - 5000));
    bureau.make();
    CHECK(piece_at(whole.size() - 100) == part(whole.size() - 100));
    CHECK(piece_at(0) == part(0));
    CHECK(bureau.fault_of("district", {{"clip", id}, {"offset", whole.size()}}) == Fault::malformed);
    CHECK(bureau.fault_of("district", {{"clip", id}, {"offset", -1}}) == Fault::malformed);
    CHECK(bureau.fault_of("district", {{"clip", id}, {"offset", 0}, {"bytes_max", 1'000'000}}) == Fault::malformed);
}

TEST_CASE("clips: another platform's clip is as good as none, a no is a no, and what was decided stays decided") {
    Bureau bureau;
    const auto id = bureau.new_clip();
    CHECK(bureau.fault_of("police", {{"clip", id}}) == Fault::gone);
    CHECK(bureau.fault_of("police", {{"clip", id}, {"offset", 0}}) == Fault::gone);
    CHECK(bureau.decided(id, false).at("state").as_string() == "declined");
    CHECK(bureau.must_ask("district", {{"clip", id}}).at("reason").as_string() == "no such case");
    CHECK(bureau.fault_of("district", {{"clip", id}, {"offset", 0}}) == Fault::refused);
    CHECK(bureau.world.await(bureau.clips->decide(id, true, "", {"manager", ""})).error().fault() == Fault::refused);
    CHECK(bureau.world.await(bureau.clips->decide("nobody", true, "", {"manager", ""})).error().fault() == Fault::gone);
    CHECK(bureau.shelf.records_of(Kind::audit_exported).empty());
}

TEST_CASE("clips: a standing written order says yes while it holds, and for its own platform alone") {
    Bureau bureau;
    const auto asked = bureau.must_ask("police", bureau.args());
    CHECK(asked.at("state").as_string() == "approved");
    CHECK(bureau.clips->list()[0].as_object().at("basis").as_string() == "公安〔2026〕2号");
    CHECK(files_of(bureau.fetched(std::string(asked.at("clip").as_string()), 100'000, "police")).size() == 7);
    CHECK(bureau.must_ask("district", bureau.args()).at("state").as_string() == "waiting");
    bureau.order->end = "2020-12-31";
    CHECK(bureau.must_ask("police", bureau.args()).at("state").as_string() == "waiting");
    bureau.order->end = "";
    bureau.order->date = "2099-01-01";
    CHECK(bureau.must_ask("police", bureau.args()).at("state").as_string() == "waiting");
}

TEST_CASE("clips: nothing is asked for without a case, two different officers and a span of the past that was recorded") {
    Bureau bureau;
    const auto changed = [&](const std::string& name, const json::value& value) {
        auto args = bureau.args();
        args[name] = value;
        return args;
    };
    CHECK(bureau.fault_of("district", changed("case", " ")) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("officers", json::array{"330100-1"})) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("officers", json::array{"330100-1", " 330100-1 "})) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("officers", json::array{"330100-1", ""})) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("officers", json::array{"330100-1", 7})) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("camera", "nobody")) == Fault::gone);
    CHECK(bureau.fault_of("district", changed("camera", "../log")) == Fault::gone);
    CHECK(bureau.fault_of("district", changed("stream", "third")) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("to", json::value(json::string(to_text(bureau.start - 1s))))) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("to", json::value(json::string(to_text(bureau.world.clock.now() + 1h))))) == Fault::malformed);
    CHECK(bureau.fault_of("district", changed("from", json::value(json::string(to_text(bureau.start - 25h))))) == Fault::malformed);
    CHECK(bureau.clips->list().empty());
    for (std::size_t i = 0; i < clips_waiting_of_upstream_max; ++i) bureau.new_clip();
    CHECK(bureau.fault_of("district", bureau.args()) == Fault::full);
    CHECK(bureau.must_ask("police", bureau.args()).at("state").as_string() == "approved"); // one platform's flood is no other's
}

TEST_CASE("clips: after a week it is over, whether decided or not") {
    Bureau bureau;
    const auto waiting = bureau.new_clip();
    const auto approved = bureau.new_clip();
    bureau.decided(approved, true);
    bureau.group.spawn("clips", bureau.clips->run());
    bureau.world.clock.run_for(clip_lasts_max - 1h);
    CHECK(bureau.clips->list().size() == 2);
    bureau.world.clock.run_for(2h);
    CHECK(bureau.clips->list().empty());
    CHECK(bureau.fault_of("district", {{"clip", approved}, {"offset", 0}}) == Fault::gone);
    CHECK(bureau.fault_of("district", {{"clip", waiting}}) == Fault::gone);
    bureau.make();
    CHECK(bureau.clips->list().empty());
}
