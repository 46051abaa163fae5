// SPDX-License-Identifier: Apache-2.0
//
// The driver with the real HTTP client and multipart reader, byte for byte over a simulated network: digest, keep-alive, a chunked
// alertStream that is cut anywhere.
#include "daemon/base/text.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

namespace {

const net::Endpoint device_at{"192.168.50.31", 80};

/// Asks for digest once a connection, answers from the script, and feeds the stream in pieces of any size.
struct WireDevice {
    ScriptedDevice script;
    std::vector<std::string> heard;
    std::string stream_bytes;
    Event more;
    bool refuses = false;
    std::size_t piece_bytes = 7;

    static std::string response(const net::HttpResponse& answer) {
        return "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
               answer.body;
    }

    static Task<void> serve(WireDevice& self, std::unique_ptr<net::Stream> stream) {
        std::string held;
        Bytes into(1000);
        for (;;) {
            const auto end = held.find("\r\n\r\n");
            const auto length_at = held.find("Content-Length: ");
            const std::size_t whole =
                end == std::string::npos ? std::string::npos : end + 4 + (length_at < end ? std::stoul(held.substr(length_at + 16)) : 0);
            if (held.size() < whole) {
                auto read = co_await stream->read_some(into);
                if (!read || *read == 0) co_return;
                held.append(as_text(ByteView(into).first(*read)));
                continue;
            }
            const std::string text = held.substr(0, whole);
            held.erase(0, whole);
            self.heard.push_back(text);
            net::HttpRequest request;
            request.method = text.substr(0, text.find(' '));
            const auto after = request.method.size() + 1;
            request.target = text.substr(after, text.find(' ', after) - after);
            request.body = text.substr(text.find("\r\n\r\n") + 4);
            std::string out;
            if (text.find("Authorization: Digest") == std::string::npos || self.refuses) {
                out = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"IP Camera(F1234)\", nonce=\"4e6a\", "
                      "qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";
            } else if (request.target == "/ISAPI/Event/notification/alertStream") {
                out = "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\nTransfer-Encoding: chunked\r\n\r\n";
                auto head = co_await stream->write(as_bytes(out));
                if (!head) co_return;
                for (;;) {
                    while (self.stream_bytes.empty()) {
                        self.more.reset();
                        co_await self.more.wait();
                    }
                    const std::string piece = self.stream_bytes.substr(0, self.piece_bytes);
                    self.stream_bytes.erase(0, piece.size());
                    char size[16];
                    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
                    const std::string chunk = size + piece + "\r\n";
                    auto written = co_await stream->write(as_bytes(chunk));
                    if (!written) co_return;
                }
            } else {
                const auto found = self.script.answers.find(request.method + " " + request.target);
                out = response(found == self.script.answers.end() ? net::HttpResponse{404, {}, ""} : found->second(request));
            }
            auto written = co_await stream->write(as_bytes(out));
            if (!written) co_return;
        }
    }
};

struct Wire {
    explicit Wire(DeviceInfo info) : device_info(std::move(info)) {
        device_info.address = device_at;
        device_info.username = "gate";
        device_info.password = "Gate-2024!";
        network.listen(device_at, [this](std::unique_ptr<net::Stream> stream) { return WireDevice::serve(device, std::move(stream)); });
        driver = std::make_unique<IsapiDriver>(device_info, surroundings, routes);
    }
    ~Wire() {
        group.cancel();
        clock.run_for(1s);
    }
    void start() {
        auto converse = [](Wire& wire) -> Task<void> { wire.ended.emplace(co_await wire.driver->run(wire.sink)); };
        group.spawn("conversation", converse(*this));
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    WireDevice device;
    fakes::SimNetwork network{loop, clock, entropy};
    Routes routes;
    MemorySink sink{clock};
    Surroundings surroundings{loop, clock, entropy, network, beijing};
    DeviceInfo device_info;
    std::unique_ptr<IsapiDriver> driver;
    std::optional<Error> ended;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("over the wire: a wrong password is tried once, and the conversation ends") {
    Wire wire(World::plate_camera());
    wire.device.refuses = true;
    wire.start();
    wire.clock.run_for(1min);
    REQUIRE(wire.ended);
    CHECK(wire.ended->fault() == Fault::refused);
    CHECK(wire.device.heard.size() == 2); // the question without an answer to the challenge, and with it
}

TEST_CASE("over the wire: vehicles, pictures and heartbeats of a chunked stream, in pieces of any size") {
    for (const std::size_t piece : {std::size_t(1), std::size_t(7), std::size_t(1000), std::size_t(100'000)}) {
        CAPTURE(piece);
        Wire wire(World::plate_camera());
        wire.device.piece_bytes = piece;
        wire.start();
        wire.clock.run_for(2s);
        CHECK(wire.sink.count(Kind::device_online) == 1);
        std::string picture = "\xff\xd8 looks like\r\n--boundary\r\nbut is a picture \xff\xd9";
        const auto jpeg = [&](const std::string& name) {
            return ScriptedDevice::part(picture,
                                        "Content-Disposition: form-data;name=\"" + name + "\";filename=\"" + name + "\"\r\nContent-Type: image/jpeg");
        };
        wire.device.stream_bytes = ScriptedDevice::part(golden("heartbeat.xml")) + ScriptedDevice::part(golden("anpr.xml")) +
                                   jpeg("licensePlatePicture.jpg") + jpeg("detectionPicture.jpg") + ScriptedDevice::part(golden("heartbeat.xml"));
        wire.device.more.set();
        wire.clock.run_for(10s);
        REQUIRE(wire.sink.count(Kind::vehicle_entered) == 1);
        const auto entered = wire.sink.of(Kind::vehicle_entered).front();
        REQUIRE(entered.pictures.size() == 2);
        CHECK(as_text(*entered.pictures[0].bytes) == picture);
        CHECK(wire.driver->status().malformed == 0);
        wire.network.cut(device_at.host);
        wire.clock.run_for(2min);
        REQUIRE(wire.ended);
    }
}

TEST_CASE("over the wire: a terminal that restarts is caught up with, each event once") {
    Wire wire(World::terminal());
    AcsMemory memory;
    memory.install(wire.device.script);
    for (std::uint64_t serial = 1; serial <= 45; ++serial) memory.add(serial, wire.clock.now() - 1h + std::chrono::seconds(serial));
    wire.start();
    wire.clock.run_for(5s);
    CHECK(wire.sink.count(Kind::pass_granted) == 45);
    wire.network.reset(device_at.host); // between two searches: no loss of the device
    memory.add(46, wire.clock.now());
    wire.clock.run_for(10s);
    CHECK(!wire.ended);
    CHECK(wire.sink.count(Kind::pass_granted) == 46);
    wire.network.stop_listening(device_at);
    wire.network.reset(device_at.host);
    wire.clock.run_for(1min);
    REQUIRE(wire.ended);
    CHECK(wire.ended->fault() == Fault::unreachable);
    CHECK(wire.sink.repeats == 0);
}
