// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/findings.hpp"

#include "tests/harness/certificates.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace gatehouse::app {

namespace {

using namespace std::chrono_literals;
using console::Finding;

/// The settings of one platform with these files.
config::Settings with(const std::string& authority, const std::string& certificate, const std::string& key) {
    config::Settings settings;
    auto& upstream = settings.upstreams.emplace_back();
    upstream.name = "district";
    upstream.ca_file = authority;
    upstream.certificate_file = certificate;
    upstream.key_file = key;
    return settings;
}

/// The worst that is said.
Finding worst(const config::Settings& settings, Time now) {
    Finding found;
    for (auto& one : certificate_findings(settings, now)) {
        CHECK(one.part == "upstream district");
        CHECK(!one.zh.empty());
        CHECK(!one.en.empty());
        if (found.code.empty() || one.severity > found.severity) found = std::move(one);
    }
    return found;
}

Time days_from_now(int days) { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()) + std::chrono::days(days); }

} // namespace

TEST_CASE("check: a certificate is told of 30 days before it ends, as a fault in its last week, when it has ended, and before it begins") {
    const harness::TempDir folder("certificates");
    harness::Certificates authority(folder / "ca");
    const auto pair = authority.client("gw-0001", 60);
    const auto settings = with("", pair.certificate, pair.key);
    CHECK(worst(settings, days_from_now(29)).code == "certificate.valid");
    CHECK(worst(settings, days_from_now(29)).severity == Finding::Severity::fine);
    const auto soon = worst(settings, days_from_now(31));
    CHECK(soon.code == "certificate.expires");
    CHECK(soon.severity == Finding::Severity::warning);
    CHECK(soon.en.find("expires in 28 days") != std::string::npos);
    CHECK(soon.zh.find("还有 28 天到期") != std::string::npos);
    CHECK(soon.en.find("gw-0001") != std::string::npos);
    CHECK(worst(settings, days_from_now(54)).severity == Finding::Severity::fault);
    CHECK(worst(settings, days_from_now(61)).code == "certificate.expired");
    CHECK(worst(settings, days_from_now(61)).severity == Finding::Severity::fault);
    CHECK(worst(settings, days_from_now(-400)).code == "certificate.not_yet_valid");
    // The authority's own counts too.
    CHECK(worst(with(authority.authority(), "", ""), days_from_now(20'000)).code == "certificate.expired");
}

TEST_CASE("check: a certificate that cannot be read, and a key that is another one's, are named with their file") {
    const harness::TempDir folder("certificates");
    harness::Certificates authority(folder / "ca");
    const auto pair = authority.client("gw-0001"), other = authority.client("gw-0002");
    const auto now = days_from_now(0);
    CHECK(worst(with(authority.authority(), pair.certificate, pair.key), now).severity != Finding::Severity::fault);
    const auto missing = worst(with("", folder / "nothing.pem", pair.key), now);
    CHECK(missing.code == "certificate.unreadable");
    CHECK(missing.en.find("nothing.pem is not there") != std::string::npos);
    CHECK(missing.zh.find("nothing.pem 不存在") != std::string::npos);
    CHECK(certificate_findings(with("", folder / "nothing.pem", pair.key), now).size() == 1); // said once, not of the key too
    harness::write_file(folder / "text.pem", "no certificate");
    CHECK(worst(with(folder / "text.pem", pair.certificate, pair.key), now).code == "certificate.unreadable");
    const auto foreign = worst(with("", pair.certificate, other.key), now);
    CHECK(foreign.code == "certificate.key");
    CHECK(foreign.en.find(other.key.string() + " is not the key of certificate " + pair.certificate.string()) != std::string::npos);
    CHECK(foreign.zh.find("不匹配") != std::string::npos);
    CHECK(worst(with("", pair.certificate, folder / "text.pem"), now).en.find("is no private key in PEM") != std::string::npos);
    CHECK(worst(with("", pair.certificate, folder / "nothing.pem"), now).zh.find("无权读取") != std::string::npos);
    // Without a platform under TLS there is nothing to say.
    CHECK(certificate_findings(config::Settings(), now).empty());
}

TEST_CASE("check: a UPS in the settings that says nothing is named") {
    CHECK_FALSE(power_finding("", false).has_value());
    CHECK_FALSE(power_finding("room-ups", true).has_value());
    const auto found = power_finding("room-ups", false);
    REQUIRE(found.has_value());
    CHECK(found->code == "power.no_ups");
    CHECK(found->en.find("room-ups") != std::string::npos);
    CHECK(found->zh.find("room-ups") != std::string::npos);
}

} // namespace gatehouse::app
