// SPDX-License-Identifier: Apache-2.0
//
// sim-platform: a district's or police station's application at the far end of the wire.
#include "tests/simulators/control/options.hpp"
#include "tests/simulators/control/server.hpp"
#include "tests/simulators/platforms/mqtt/capture.hpp"
#include "tests/simulators/platforms/mqtt/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sodium.h>

#include <array>
#include <cstdio>

using namespace gatehouse::simulators;
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::array flags{
    control::Flag{"broker", "127.0.0.1:1883", "ADDRESS:PORT of the broker"},
    control::Flag{"root", "gatehouse/v1/gw", "of all topics"},
    control::Flag{"gateway", "", "name of the gateway, as requests are signed for it; the root's last part when absent"},
    control::Flag{"upstream", "", "our name in the gateway's settings: whose lane digests are ours"},
    control::Flag{"receipts", "ranges", "ranges, cumulative, puback or none"},
    control::Flag{"key", "", "the gateway's public key, base64; the first status names it when absent"},
    control::Flag{"request-seed", "", "32 bytes in hex: the key that requests are signed with (its public half is in /state)"},
    control::Flag{"state", "", "file that keeps what was taken; a directory with --share"},
    control::Flag{"share", "", "group name: one consumer of a shared subscription; all share --state"},
    control::Flag{"capture", "", "file that every received byte is written to"},
    control::Flag{"mqtt", "5", "protocol: 5 or 311"},
    control::Flag{"client-id", "", "of this connection"},
    control::Flag{"session-expiry", "0", "seconds that the broker keeps our session; 0: none"},
    control::Flag{"user", "", "name for the broker"},
    control::Flag{"password", "", "password for the broker"},
    control::Flag{"ca", "", "certificates that the broker's is checked with; turns TLS on"},
    control::Flag{"cert", "", "our certificate"},
    control::Flag{"cert-key", "", "our certificate's key"},
};

platform::Application::Settings application_settings(const control::Options& options) {
    platform::Application::Settings settings;
    settings.root = options.text("root");
    settings.gateway = options.text("gateway");
    settings.upstream = options.text("upstream");
    settings.receipts = options.text("receipts");
    settings.key = options.text("key");
    settings.request_seed = options.text("request-seed");
    settings.state_path = options.text("state");
    if (!options.text("share").empty()) settings.state_path += "/store.jsonl";
    return settings;
}

platform::Session::Settings session_settings(const control::Options& options) {
    platform::Session::Settings settings;
    const auto broker = control::parse_address(options.text("broker"));
    settings.host = broker.host;
    settings.port = broker.port;
    settings.client_id = options.text("client-id");
    settings.user = options.text("user");
    settings.password = options.text("password");
    settings.ca = options.text("ca");
    settings.certificate = options.text("cert");
    settings.key = options.text("cert-key");
    settings.is_version_5 = options.number("mqtt") == 5;
    settings.session_expiry_s = static_cast<std::uint32_t>(options.number("session-expiry"));
    const auto root = options.text("root");
    const auto shared = options.text("share").empty() ? root : "$share/" + options.text("share") + "/" + root;
    for (const char* topic : {"/status", "/catalogue", "/responses"}) settings.topics.push_back(root + topic);
    for (const char* topic : {"/records", "/urgent", "/pictures"}) settings.topics.push_back(shared + topic);
    return settings;
}

int run(const control::Options& options) {
    asio::io_context io;
    control::Ledger ledger(options.ledger_path());
    control::Faults faults(options.seed());
    platform::Capture capture(options.text("capture"));
    std::unique_ptr<platform::Session> session;
    const auto publish = [&session](const platform::Outgoing& message) {
        if (session) session->publish(message);
    };
    const auto later = [&io](std::chrono::milliseconds wait, std::function<void()> work) {
        auto timer = std::make_shared<asio::steady_timer>(io, wait);
        timer->async_wait([timer, work = std::move(work)](boost::system::error_code error) {
            if (!error) work();
        });
    };
    platform::Application application(application_settings(options), faults, publish, later);
    const auto arrived = [&](const platform::Message& message) {
        capture.write(message);
        application.take(message);
    };
    session = std::make_unique<platform::Session>(io, session_settings(options), arrived, [&](bool is) { application.connected = is; });
    control::Server server(io, options.control_port(), options.seed(), application, ledger, faults);
    control::serve(io, server, json::object{{"broker", control::parse_address(options.text("broker")).port}});
    session.reset();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (sodium_init() < 0) return 70;
    const control::Options options(argc, argv, flags);
    try {
        return run(options);
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "sim-platform: %s\n", wrong.what());
        return 70;
    }
}
