// SPDX-License-Identifier: Apache-2.0
//
// oracle --data FOLDER [--numbered ID=LEDGER]... [--named ID=LEDGER]... [--twin NAME=STATE]... [--not-drained]
//
// Judges what a run left: one line a violation, and 1 where there is any; 0: all invariants that the files can show hold; 64: wrong words.
#include "daemon/base/crypto.hpp"
#include "tests/oracle/oracle.hpp"

#include <cstdio>
#include <exception>

using namespace gatehouse::oracle;

namespace {

constexpr auto usage = "oracle --data FOLDER [--numbered ID=LEDGER]... [--named ID=LEDGER]... [--twin NAME=STATE]... [--not-drained]\n"
                       "  --data        the gateway's folder, with gatehouse.db\n"
                       "  --numbered    a device whose events are known by its own number, and its simulator's --ledger\n"
                       "  --named       a device whose events are known by whom they name: plate cameras\n"
                       "  --twin        a platform that is entitled to everything, and sim-platform's --state\n"
                       "  --not-drained platforms need not have everything yet\n";

/// False: a word that nobody knows.
bool take(const std::string& option, const std::string& value, Evidence& evidence) {
    const auto equals = value.find('=');
    const auto name = value.substr(0, equals), file = equals == std::string::npos ? std::string() : value.substr(equals + 1);
    if (option == "--data")
        evidence.log = read_log(std::filesystem::path(value) / "gatehouse.db");
    else if (option == "--numbered" || option == "--named")
        evidence.devices.push_back({.id = name, .known_by = option == "--named" ? KnownBy::subject : KnownBy::number, .made = read_ledger(file)});
    else if (option == "--twin")
        evidence.platforms.push_back({.name = name, .lanes = read_twin(file)});
    else
        return false;
    return true;
}

int run(int count, char** words) {
    gatehouse::start_crypto();
    Evidence evidence;
    for (int i = 1; i < count; ++i) {
        const std::string option = words[i];
        if (option == "--not-drained") {
            evidence.is_drained = false;
        } else if (i + 1 == count || !take(option, words[++i], evidence)) {
            std::fputs(usage, stderr);
            return 64;
        }
    }
    const auto findings = judge(evidence);
    std::fputs(told(findings).c_str(), stdout);
    std::printf("%zu records, %zu devices, %zu platforms: %zu violations\n", evidence.log.records.size(), evidence.devices.size(),
                evidence.platforms.size(), findings.size());
    return findings.empty() ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
    try {
        return run(count, words);
    } catch (const std::exception& why) {
        std::fprintf(stderr, "oracle: %s\n", why.what());
        return 66;
    }
}
