// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/discovery.hpp"
#include "tests/unit/drivers/onvif/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

namespace {

/// A camera's ear: answers each probe, with these UUIDs, in the golden answer's words.
struct Ear {
    std::vector<std::string> uuids{"419D68A4-1DD2-11B2-A105-4419B6000001"};
    bool wants_types = false, answers_another_probe = false;
    int heard = 0;

    static std::string after(const std::string& text, const std::string& mark, std::size_t size) {
        const auto at = text.find(mark);
        return at == std::string::npos ? std::string() : text.substr(at + mark.size(), size);
    }
    static Task<void> listen(Ear& ear, std::unique_ptr<net::DatagramSocket> socket) {
        for (;;) {
            auto datagram = co_await socket->receive();
            if (!datagram) co_return;
            const std::string probe(as_text(datagram->bytes));
            ++ear.heard;
            if (ear.wants_types && probe.find("NetworkVideoTransmitter") == std::string::npos) continue;
            auto id = after(probe, "<wsa:MessageID>urn:uuid:", 36);
            if (ear.answers_another_probe) id[0] = id[0] == '0' ? '1' : '0';
            for (const auto& uuid : ear.uuids) {
                auto answer = replaced(golden("probe_matches.xml"), "0A6DC791-2be6-4991-9af1-454778a1917a", id);
                answer = replaced(answer, "419D68A4-1DD2-11B2-A105-4419B6000001", uuid);
                Bytes bytes(answer.begin(), answer.end());
                net::Endpoint to = datagram->from;
                auto sent = co_await socket->send(std::move(to), std::move(bytes));
                static_cast<void>(sent);
            }
        }
    }
};

struct Street {
    ~Street() {
        group.cancel();
        clock.run_for(1s);
    }
    void put(Ear& ear, const net::Endpoint& at) {
        auto socket = network.open_datagrams(at, net::Binding());
        REQUIRE(socket.has_value());
        group.spawn("ear", Ear::listen(ear, std::move(*socket)));
    }
    std::vector<FoundCamera> discover_at(const net::Endpoint& to) {
        std::optional<Result<std::vector<FoundCamera>>> result;
        auto asking = [](Street& street, net::Endpoint where, std::optional<Result<std::vector<FoundCamera>>>& kept) -> Task<void> {
            net::Binding binding;
            kept.emplace(co_await discover(street.surroundings, std::move(binding), std::move(where)));
        };
        group.spawn("asking", asking(*this, to, result));
        clock.run_for(6s);
        REQUIRE(result);
        REQUIRE(result->has_value());
        return **result;
    }
    std::vector<FoundCamera> look(std::vector<std::string> hosts) {
        std::optional<std::vector<FoundCamera>> result;
        auto asking = [](Street& street, std::vector<std::string> which, std::optional<std::vector<FoundCamera>>& kept) -> Task<void> {
            net::Binding binding;
            kept.emplace(co_await look_at(street.surroundings, std::move(binding), std::move(which), 80));
        };
        group.spawn("looking", asking(*this, std::move(hosts), result));
        clock.run_for(60s);
        REQUIRE(result);
        return *result;
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};
    Surroundings surroundings{loop, clock, entropy, network, std::chrono::hours(8)};
    TaskGroup group{loop};
};

const net::Endpoint camera_ear{"192.168.50.61", 3702};

} // namespace

TEST_CASE("discovery: each camera once, at the address that its answer came from, though datagrams are lost and link-local comes first") {
    Street street;
    Ear ear;
    SUBCASE("plain") {}
    SUBCASE("wants types") { ear.wants_types = true; }
    SUBCASE("lossy") { street.network.set_loss(300); }
    street.put(ear, camera_ear);
    const auto found = street.discover_at(camera_ear);
    REQUIRE(found.size() == 1);
    CHECK(found[0].address == net::Endpoint{"192.168.50.61", 80});
    CHECK(found[0].path == "/onvif/device_service");
    CHECK(found[0].uuid == "419d68a4-1dd2-11b2-a105-4419b6000001");
    CHECK(found[0].hardware == "DS-2CD2T47G2-L");
    CHECK_FALSE(found[0].is_double);
}

TEST_CASE("discovery: an answer to somebody else's probe is nobody's; two cameras at one address are told") {
    Street street;
    Ear ear;
    ear.answers_another_probe = true;
    street.put(ear, camera_ear);
    CHECK(street.discover_at(camera_ear).empty());
    CHECK(ear.heard == 6);
    ear.answers_another_probe = false;
    ear.uuids.push_back("419D68A4-1DD2-11B2-A105-4419B6000002");
    const auto found = street.discover_at(camera_ear);
    REQUIRE(found.size() == 2);
    CHECK(found[0].is_double);
    CHECK(found[1].is_double);
}

TEST_CASE("discovery: a range is at most a subnet of 256") {
    CHECK(addresses_of("192.168.50.0/24").value().size() == 254);
    CHECK(addresses_of("192.168.50.77/24").value().front() == "192.168.50.1");
    CHECK(addresses_of("192.168.50.77/24").value().back() == "192.168.50.254");
    CHECK(addresses_of("192.168.50.254-192.168.51.1").value() ==
          std::vector<std::string>{"192.168.50.254", "192.168.50.255", "192.168.51.0", "192.168.51.1"});
    CHECK(addresses_of("10.0.0.1").value() == std::vector<std::string>{"10.0.0.1"});
    CHECK(addresses_of("255.255.255.255/32").value() == std::vector<std::string>{"255.255.255.255"});
    CHECK(addresses_of("192.168.50.0/23").error().fault() == Fault::full);
    CHECK(addresses_of("0.0.0.0/0").error().fault() == Fault::full);
    for (const char* wrong : {"", "/24", "10.0.0/24", "10.0.0.256", "10.0.0.1/33", "10.0.0.9-10.0.0.1", "10.0.0.1.2", "a-b", "1.2.3.4x"})
        CHECK(addresses_of(wrong).error().fault() == Fault::malformed);
}

TEST_CASE("discovery: over HTTP cameras are found with ONVIF off, not activated or locked too, and no password is used") {
    Street street;
    PaperCamera ready(street.clock), off(street.clock), fresh(street.clock), locked(street.clock), printer(street.clock);
    for (auto* each : {&off, &fresh, &printer}) each->onvif_is_off = true;
    fresh.vendor_page = golden("vendor_not_activated.xml");
    off.vendor_page = replaced(golden("vendor_not_activated.xml"), "notActivated", "badAuthorization");
    locked.is_locked = true;
    std::vector<std::unique_ptr<net::HttpServer>> servers;
    int last = 61;
    for (auto* camera : {&ready, &off, &fresh, &locked, &printer}) {
        servers.push_back(net::make_http_server(street.loop, street.clock, net::HttpServer::Options(),
                                                [camera](net::HttpRequest request) { return camera->answer(std::move(request)); }));
        auto* server = servers.back().get();
        street.network.listen({"192.168.50." + std::to_string(last++), 80},
                              [server](std::unique_ptr<net::Stream> stream) { return server->serve(std::move(stream)); });
    }
    const auto found = street.look(addresses_of("192.168.50.0/24").value());
    REQUIRE(found.size() == 4);
    CHECK(found[0].address.host == "192.168.50.61");
    CHECK(found[0].state == FoundCamera::State::ready);
    CHECK(found[1].state == FoundCamera::State::onvif_off);
    CHECK(found[2].state == FoundCamera::State::not_activated);
    CHECK(found[3].state == FoundCamera::State::locked);
    for (auto* camera : {&ready, &off, &fresh, &locked}) CHECK(camera->wrong_tries == 0);
    CHECK(ready.asked.size() == 2); // the clock and the vendor's page
    for (int i = 61; i < 66; ++i) street.network.stop_listening({"192.168.50." + std::to_string(i), 80});
    for (int i = 61; i < 66; ++i) street.network.reset("192.168.50." + std::to_string(i));
    street.clock.run_for(1s);
}
