// SPDX-License-Identifier: Apache-2.0
//
// A platform in a story: its broker, the cable between gateway and broker, and the application behind it (sim-platform),
// which keeps events and receipts them. Also what the gateway's settings must say about it.
#pragma once

#include "tests/harness/broker.hpp"
#include "tests/harness/cable.hpp"
#include "tests/harness/simulator.hpp"
#include "tests/oracle/evidence.hpp"

#include <functional>
#include <optional>

namespace gatehouse::harness {

/// One entitlement, as the gateway's settings have it.
struct Entitled {
    std::vector<std::string> kinds{"*"};
    std::vector<std::string> fields{"*"};
    bool subjects = false;
    std::vector<std::string> pictures{};
    /// Document number; empty: without a basis, so nothing personal may leave.
    std::string document{};
    std::string sort = "regulation";
    std::string end = "2099-12-31";
};

struct PlatformOptions {
    std::string receipts = "ranges";
    std::string mqtt = "5"; // or 3.1.1
    std::vector<Entitled> entitlements{Entitled{}};
    /// TLS with a client certificate between gateway and broker.
    bool is_tls = false;
    /// Without one the broker asks in vain, until show_client_certificate().
    bool has_client_certificate = true;
    /// Name and password for the gateway; empty: none.
    std::string user{}, password{};
    unsigned receipt_wait_s = 2;
    unsigned batch_records_max = 500;
    std::string from = "1"; // everything from the start of the log; "head": from now on
    bool is_internet = false;
    /// 32 bytes in hexadecimal: the platform may send requests, signed with this key.
    std::string request_seed{};
    BrokerOptions broker{};
    std::vector<std::string> more{}; // further arguments of sim-platform
    std::string more_settings{};     // further lines of its [[upstream]]
    /// HOST:PORT that the gateway is told, where it is not to go by the cable.
    std::string address{};
};

class Platform {
public:
    Platform(const std::string& name, const std::string& gateway, PlatformOptions options, const std::filesystem::path& folder);

    const std::string& name() const { return name_; }
    Broker& broker() { return *broker_; }
    Cable& cable() { return *cable_; }
    Simulator& application() { return *application_; }
    /// The authority that the gateway trusts; only with is_tls.
    Certificates& certificates() { return *certificates_; }
    /// From the next settings on.
    void show_client_certificate() { options_.has_client_certificate = true; }
    /// Broker up, application up and connected.
    void start();
    /// A power cut at the application: it starts again with what its state file kept.
    void restart_application();

    /// Its [[upstream]] of the gateway's settings.
    std::string settings() const;

    struct Event {
        std::string epoch, id, kind;
        std::uint64_t sequence = 0, previous = 0;
    };
    /// What the application keeps in a lane, in order.
    std::vector<Event> kept(const std::string& lane = "routine") const;
    std::size_t count(const std::string& kind, const std::string& lane = "routine") const;
    /// The whole event as it stood in its batch.
    boost::json::value event(std::uint64_t sequence, const std::string& lane = "routine") const;
    /// A number of GET /state of one lane: kept, duplicates, holes, nonconforming, …
    std::uint64_t figure(const std::string& what, const std::string& lane = "routine") const;

    void wait_for(const std::string& what, const std::function<bool(Platform&)>& is_so, std::chrono::milliseconds within = patience);
    /// Until at least `count` events of this kind are kept.
    void wait_for_count(const std::string& kind, std::size_t count, const std::string& lane = "routine", std::chrono::milliseconds within = patience);
    /// Until every lane is without holes and the status says online.
    void wait_until_whole(std::chrono::milliseconds within = patience);

    /// Every byte that the application ever received.
    std::string capture() const;
    /// For the oracle; none: its entitlements change with time or personal basis, or its store is another's.
    std::optional<oracle::Platform> evidence() const;

private:
    void make_application();
    std::string name_, gateway_;
    PlatformOptions options_;
    std::filesystem::path folder_;
    std::optional<Certificates> certificates_;
    std::optional<Certificates::Pair> gateway_pair_;
    std::unique_ptr<Broker> broker_;
    std::unique_ptr<Cable> cable_;
    std::unique_ptr<Simulator> application_;
};

/// A list as TOML has it: ["a", "b"].
std::string toml_list(const std::vector<std::string>& words);

} // namespace gatehouse::harness
