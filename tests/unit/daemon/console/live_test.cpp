// SPDX-License-Identifier: Apache-2.0
//
// The live feed: on simulated time with a reader whose speed is told, and once over a real Unix socket.
#include "tests/unit/daemon/console/office.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

/// The far side of a feed. Reads until told to stop reading.
struct Reader {
    std::vector<json::object> frames;
    Event reads, left;
    bool is_gone = false, is_closed = false;
    Reader() { reads.set(); }
};

class ReaderSocket final : public net::WebSocket {
public:
    explicit ReaderSocket(Reader& reader) : reader_(reader) {}
    ~ReaderSocket() override { close(); }
    Task<Done> send(std::string text) override {
        co_await reader_.reads.wait();
        if (reader_.is_gone) co_return Error(Fault::gone, "gone");
        reader_.frames.push_back(parse_json(text).value().as_object());
        co_return Done();
    }
    Task<Done> send_bytes(std::shared_ptr<const Bytes>) override { co_return Error(Fault::unsupported, "records are text"); }
    Task<Result<std::string>> receive() override {
        co_await reader_.left.wait();
        co_return Error(Fault::gone, "gone");
    }
    void close() override { reader_.is_closed = true; }

private:
    Reader& reader_;
};

struct Live {
    explicit Live(Office& there, const std::string& query = {}, Asker who = guard) : office(there) {
        office.group.spawn("feed", feed(office, reader, Office::request(who, "GET", "/api/v1/live" + query)), [this] { has_ended = true; });
        office.world.clock.run_for(1ms);
    }
    ~Live() { leave(); }
    static Task<void> feed(Office& in, Reader& at, net::HttpRequest upgrade) {
        auto socket = std::make_unique<ReaderSocket>(at);
        auto feeding = in.console->web_socket()(std::move(upgrade), std::move(socket));
        co_await std::move(feeding);
    }
    void leave() {
        reader.is_gone = true;
        reader.reads.set();
        reader.left.set();
        office.world.clock.run_for(1ms);
    }
    std::vector<json::object> named(std::string_view name) const {
        std::vector<json::object> found;
        for (const auto& frame : reader.frames)
            if (frame.contains(name)) found.push_back(frame);
        return found;
    }
    std::vector<std::uint64_t> positions() const {
        std::vector<std::uint64_t> all;
        for (const auto& frame : named("record")) all.push_back(frame.at("record").at("position").to_number<std::uint64_t>());
        return all;
    }
    Reader reader;
    bool has_ended = false;
    Office& office;
};

std::uint64_t append_large(Office& office) {
    Record record;
    record.kind = Kind::device_event;
    record.heard_at = office.world.clock.now();
    record.source = "cam-1";
    record.facts = {{"code", "x"}, {"values", std::string(8000, 'v')}};
    return office.world.must_append(std::move(record));
}

std::vector<std::uint64_t> run_of(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (auto position = first; position <= last; ++position) all.push_back(position);
    return all;
}

int refusal(Office& office, Asker who, const std::string& target) {
    auto refused = office.world.await(office.console->refuse_upgrade()(Office::request(who, "GET", target)));
    if (!refused) return 0;
    Office::check_problem(*refused);
    return refused->status;
}

std::uint64_t metric(Office& office, const std::string& name) {
    const auto text = office.get(machine_role, "/metrics").body;
    const auto at = text.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::strtoull(text.c_str() + at + name.size() + 2, nullptr, 10);
}

} // namespace

TEST_CASE("live: what lies beyond `after` first, in order, then each record as it comes, each once") {
    Office office;
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) last = office.world.must_append(office.world.pass());
    Live live(office, "?after=" + std::to_string(last - 3));
    CHECK(live.positions() == run_of(last - 2, last));
    for (int i = 0; i < 300; ++i) office.world.must_append(office.world.pass());
    CHECK(live.positions() == run_of(last - 2, last + 300));
    const auto record = live.named("record").front().at("record").as_object();
    // The same object as an item of the records route.
    CHECK(record == office.get_object(guard, "/api/v1/records/" + std::to_string(last - 2)));
    CHECK(record.at("withheld") == true);
    CHECK(metric(office, "gatehouse_console_live_feeds") == 1);
    live.leave();
    CHECK(live.has_ended);
    CHECK(live.reader.is_closed);
    CHECK(metric(office, "gatehouse_console_live_feeds") == 0);
}

TEST_CASE("live: without `after` it begins at the head") {
    Office office;
    const auto old = office.world.must_append(office.world.pass());
    Live live(office);
    CHECK(live.positions().empty());
    office.world.must_append(office.world.pass());
    CHECK(live.positions() == run_of(old + 1, old + 1));
}

TEST_CASE("live: a head frame at once and every ten seconds, which says how far the filter has looked") {
    Office office;
    const auto head = office.world.must_append(office.world.pass("door-1"));
    Live live(office, "?source=door-9");
    REQUIRE(live.reader.frames.size() == 1);
    CHECK(live.reader.frames[0].at("head").to_number<std::uint64_t>() == head);
    CHECK(std::string(live.reader.frames[0].at("at").as_string()) == to_text(office.world.clock.now() - 1ms));
    office.world.must_append(office.world.pass("door-1"));
    office.world.clock.run_for(35s);
    const auto heads = live.named("head");
    REQUIRE(heads.size() == 4);
    CHECK(heads[3].at("head").to_number<std::uint64_t>() == head + 1);
    CHECK(heads[3].at("through").to_number<std::uint64_t>() == head + 1);
    CHECK(live.positions().empty());
}

TEST_CASE("live: kind, source and subject let through what they name") {
    Office office;
    Live by_kind(office, "?kind=device.online");
    Live by_source(office, "?source=door-2");
    Live by_subject(office, "?subject=card%3A1234");
    const auto one = office.world.must_append(office.world.pass("door-1", "4471"));
    office.world.must_append(office.world.pass("door-2", "4471"));
    office.world.must_append(office.world.pass("door-1", "1234"));
    Record online;
    online.kind = Kind::device_online;
    online.heard_at = office.world.clock.now();
    online.source = "door-3";
    office.world.must_append(std::move(online));
    CHECK(by_kind.positions() == run_of(one + 3, one + 3));
    CHECK(by_source.positions() == run_of(one + 1, one + 1));
    CHECK(by_subject.positions() == run_of(one + 2, one + 2));
    CHECK(by_subject.named("record")[0].at("record").at("subject") == "card:1234");
    CHECK(json::serialize(by_source.named("record")[0]).find("4471") == std::string::npos);
}

TEST_CASE("live: who may not is refused before the upgrade, and so is every other path") {
    Office office;
    const auto head = office.world.must_append(office.world.pass());
    CHECK(refusal(office, guard, "/api/v1/live?personal=true") == 0);
    CHECK(refusal(office, technician, "/api/v1/live?after=" + std::to_string(head)) == 0);
    CHECK(refusal(office, nobody, "/api/v1/live") == 401);
    CHECK(refusal(office, nobody, "/api/v1/nothing") == 401);
    for (const auto role : {auth::Role::officer, auth::Role::machine}) CHECK(refusal(office, role, "/api/v1/live") == 403);
    CHECK(refusal(office, technician, "/api/v1/live?personal=true") == 403);
    CHECK(refusal(office, technician, "/api/v1/live?subject=card%3A1") == 403);
    for (const auto* other : {"/livez", "/api/v1/records", "/api/v1/nothing", "/api/v1/live/x"}) CHECK(refusal(office, admin, other) == 404);
    CHECK(refusal(office, admin, "/api/v1/live/") == 400);
    for (const auto& query : {std::string("kind=nothing"), std::string("personal=1"), std::string("after=-1"), std::string("nothing=1"),
                              "source=" + std::string(65, 'a'), "after=" + std::to_string(head + 1000)})
        CHECK_MESSAGE(refusal(office, guard, "/api/v1/live?" + query) == 400, query);
    // Nobody asked first: it asks again itself.
    Live uninvited(office, "?personal=true", technician);
    CHECK(uninvited.has_ended);
    CHECK(uninvited.reader.frames.empty());
    const auto plain = office.get(guard, "/api/v1/live");
    CHECK(plain.status == 426);
    CHECK(net::header(plain.headers, "Upgrade") == "websocket");
}

TEST_CASE("live: personal data goes out only after the audit trail has it on disk, hour by hour") {
    Office office;
    const auto first = office.world.must_append(office.world.pass("door-1", "99887766"));
    const auto audits = [&] {
        auto records = office.world.all();
        std::erase_if(records, [](const auto& record) { return record.kind != Kind::audit_read; });
        return records;
    };
    {
        Live live(office, "?personal=true&source=door-1&after=" + std::to_string(first - 1));
        REQUIRE(live.positions() == run_of(first, first));
        CHECK(live.named("record")[0].at("record").at("subject") == "card:99887766");
        REQUIRE(audits().size() == 1);
        CHECK(audits()[0].facts.find("live records") != std::string::npos);
        CHECK(audits()[0].details.find("uid:1000") != std::string::npos);
        office.world.clock.run_for(61min);
        office.world.must_append(office.world.pass("door-1", "99887766"));
        CHECK(live.positions().size() == 2);
        REQUIRE(audits().size() == 2);
        CHECK(parse_json(audits()[1].facts).value().at("count") == 1); // shown since the last note
    }
    CHECK(audits().size() == 3); // and at the end
    office.break_disk();
    Live blind(office, "?personal=true&after=" + std::to_string(first - 1));
    CHECK(blind.has_ended);
    REQUIRE(blind.reader.frames.size() == 1);
    CHECK(blind.reader.frames[0].at("problem").at("status").to_number<int>() >= 429);
}

TEST_CASE("live: a feed that goes on over a broken audit trail ends before the next personal record") {
    Office office;
    Live live(office, "?personal=true&source=door-1");
    const auto position = office.world.must_append(office.world.pass("door-1", "99887766"));
    REQUIRE(live.positions() == run_of(position, position));
    office.world.clock.run_for(61min);
    // The disk goes as soon as the record is stored.
    const auto head = office.world.store->head().position;
    office.world.disk.on_operation = [&](std::uint64_t, const std::string&, const std::string&) {
        return office.world.store->head().position > head;
    };
    office.world.must_append(office.world.pass("door-1", "99887766"));
    office.world.clock.run_for(1ms);
    CHECK(live.has_ended);
    CHECK(live.positions() == run_of(position, position));
    CHECK(live.reader.frames.back().contains("problem"));
}

TEST_CASE("live: a reader that is too slow is told where to ask again; asking again it misses nothing; nobody waits for it") {
    Office office;
    Live live(office);
    const auto first = office.world.store->head().position + 1;
    live.reader.reads.reset();
    std::uint64_t last = 0;
    const auto before = office.world.clock.steady_now();
    for (int i = 0; i < 100; ++i) last = append_large(office);
    CHECK(office.world.clock.steady_now() - before < 1s);
    CHECK(metric(office, "gatehouse_console_resyncs_total") == 1);
    CHECK_FALSE(live.has_ended); // the last word is still to be said
    live.reader.reads.set();
    office.world.clock.run_for(1ms);
    CHECK(live.has_ended);
    REQUIRE_FALSE(live.reader.frames.empty());
    REQUIRE(live.reader.frames.back().contains("resync"));
    const auto after = live.reader.frames.back().at("resync").at("after").to_number<std::uint64_t>();
    const auto got = live.positions();
    CHECK(got == run_of(first, after));
    CHECK(got.size() >= 30);
    CHECK(got.size() <= 34); // 256 KiB
    Live again(office, "?after=" + std::to_string(after));
    CHECK(again.positions() == run_of(after + 1, last));
}

TEST_CASE("live: who asks for the past gets it at their own pace, without a resync") {
    Office office;
    std::uint64_t last = 0;
    for (int i = 0; i < 200; ++i) last = append_large(office);
    Reader slow;
    slow.reads.reset();
    auto upgrade = Office::request(guard, "GET", "/api/v1/live?after=" + std::to_string(last - 200));
    office.group.spawn("slow", Live::feed(office, slow, std::move(upgrade)));
    for (int i = 0; i < 40; ++i) {
        office.world.clock.run_for(5s);
        slow.reads.set();
        office.world.clock.run_for(Duration(0));
        slow.reads.reset();
    }
    slow.reads.set();
    office.world.clock.run_for(1ms);
    std::size_t records = 0;
    for (const auto& frame : slow.frames) {
        CHECK_FALSE(frame.contains("resync"));
        records += frame.contains("record") ? 1 : 0;
    }
    CHECK(records == 200);
    slow.is_gone = true;
    slow.left.set();
    office.world.clock.run_for(1ms);
}

TEST_CASE("live: a reader that takes nothing at all is dropped after half a minute") {
    Office office;
    Live live(office);
    live.reader.reads.reset();
    office.world.must_append(office.world.pass());
    office.world.clock.run_for(29s);
    CHECK_FALSE(live.has_ended);
    office.world.clock.run_for(2s);
    CHECK(live.has_ended);
    CHECK(metric(office, "gatehouse_console_live_feeds") == 0);
}

TEST_CASE("live: who loses the right is cut off with a word, at the next heartbeat") {
    Office office;
    Live live(office);
    office.group_names.erase(Office::gid_of(guard));
    office.world.clock.run_for(11s);
    CHECK(live.has_ended);
    REQUIRE(live.named("problem").size() == 1);
    CHECK(live.reader.frames.back().at("problem").at("type") == "urn:gatehouse:problem:not-allowed");
}

TEST_CASE("live: at most 64 feeds; the next is refused, and may come when one has gone") {
    Office office;
    std::vector<std::unique_ptr<Live>> feeds;
    for (int i = 0; i < 64; ++i) feeds.push_back(std::make_unique<Live>(office));
    CHECK(metric(office, "gatehouse_console_live_feeds") == 64);
    CHECK(refusal(office, guard, "/api/v1/live") == 429);
    Live one_more(office);
    CHECK(one_more.has_ended);
    feeds.pop_back();
    CHECK(refusal(office, guard, "/api/v1/live") == 0);
    office.group.cancel(); // the daemon ends
    office.world.clock.run_for(1ms);
    for (const auto& feed : feeds) CHECK(feed->has_ended);
}

TEST_CASE("live: over a real Unix socket: records, refusals by role and path") {
    struct Folder {
        std::filesystem::path path;
        Folder() {
            std::string name = (std::filesystem::temp_directory_path() / "gatehouse-console-XXXXXX").string();
            REQUIRE(::mkdtemp(name.data()) != nullptr);
            path = name;
        }
        ~Folder() { std::filesystem::remove_all(path); }
    };
    const Folder folder;
    Office office;
    // Who runs the test has the role that the test gives them.
    std::string role = "gatehouse-guard";
    office.group_names.clear();
    const auto path = (folder.path / "ctl.sock").string();
    RealClock clock(office.world.loop);
    for (int i = 0; i < 3; ++i) office.world.must_append(office.world.pass());
    const auto head = office.world.store->head().position;
    net::HttpServer::Options options;
    options.refuse_upgrade = office.console->refuse_upgrade();
    auto server = net::make_http_server(office.world.loop, clock, std::move(options), office.console->handler(), office.console->web_socket());
    REQUIRE(server->listen_unix(path, "").has_value());
    TaskGroup serving(office.world.loop);
    serving.spawn("server", server->run());
    std::thread thread([&] { office.world.loop.run(); });
    const auto ask = [](std::string target) {
        net::HttpRequest request;
        request.target = std::move(target);
        return request;
    };
    const bool is_root = ::getuid() == 0; // then the role is admin, whatever the groups say
    std::vector<std::uint64_t> got;
    std::vector<std::string> others;
    if (is_root) {
        const auto done = net::follow_over_unix_socket(path, ask("/api/v1/live?after=" + std::to_string(head - 2)), [&](std::string_view text) {
            const auto frame = parse_json(text).value().as_object();
            if (frame.contains("record"))
                got.push_back(frame.at("record").at("position").to_number<std::uint64_t>());
            else
                others.emplace_back(text);
            return got.size() < 2;
        });
        CHECK(done.has_value());
        CHECK(got == run_of(head - 1, head));
        CHECK(others.size() == 1);
    }
    const auto elsewhere = net::follow_over_unix_socket(path, ask("/api/v1/records"), [](std::string_view) { return true; });
    REQUIRE(elsewhere.has_error());
    CHECK(elsewhere.error().what().find(is_root ? "404" : "401") != std::string::npos);
    CHECK(net::request_over_unix_socket(path, ask("/livez"), 5s)->status == 200);
    office.world.loop.post([&] { serving.cancel(); });
    office.world.loop.post([&] { office.world.loop.stop(); });
    thread.join();
    for (int i = 0; i < 1000 && serving.size() > 0; ++i) office.world.loop.poll();
}
