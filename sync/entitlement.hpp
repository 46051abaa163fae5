// SPDX-License-Identifier: Apache-2.0
//
// What an upstream is entitled to (README.md, W12): rules as data, kept as JSON in versions that take effect at a position. Everything
// personal names its basis; without one, or past its end, it stays home.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/record/record.hpp"
#include "sync/upstream.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::sync {

/// Why something personal may leave. Complete only with all of document, issuer, date and end.
struct Basis {
    std::string ground;   ///< law, regulation, consent, order, agreement
    std::string document; ///< its number
    std::string issuer;
    std::string date; ///< YYYY-MM-DD
    std::string end;  ///< YYYY-MM-DD, that day included, in China's time (UTC+8)
    friend bool operator==(const Basis&, const Basis&) = default;
};

/// Complete, and its end not past.
bool holds(const Basis& basis, Time now);

struct DetailRule {
    std::string field; ///< name in details, or "*"
    Basis basis;
};
struct PictureRule {
    PictureRole role = PictureRole::scene;
    Basis basis;
};

constexpr std::size_t entitlement_bytes_max = 64 * 1024;

/// What goes along with records of some kinds. What one rule lets out of its kinds opens nothing of another's.
struct Rule {
    std::vector<std::string> kinds;         ///< "pass.granted", "vehicle.*", "*"
    std::vector<std::string> facts = {"*"}; ///< names; "*": all
    std::vector<DetailRule> details;        ///< none unless named
    std::optional<Basis> subjects;          ///< none unless given
    std::vector<PictureRule> pictures;      ///< none unless named

    bool covers(Kind kind) const;
};

struct Entitlement {
    std::vector<Rule> rules;
    std::vector<std::string> snapshots; ///< registry classes: "devices", "places"
    bool internet = false;              ///< stands outside the government network: faces need a law, a regulation or consent

    /// Some rule covers it; gap and digest always go.
    bool admits(Kind kind) const;
    bool admits_all_facts(Kind kind) const;
    bool admits_fact(Kind kind, std::string_view name) const;
    bool admits_detail(Kind kind, std::string_view name, Time now) const;
    bool admits_subject(Kind kind, Time now) const;
    bool admits_picture(Kind kind, PictureRole role, Time now) const;
    /// The role is named at all, whatever its basis says today: membership of the pictures lane must not change with time.
    bool names_picture(Kind kind, PictureRole role) const;
    bool names_pictures(Kind kind) const;
    bool names_details(Kind kind) const;
    /// Nothing personal is named for this kind: its events never change with time.
    bool is_impersonal(Kind kind) const;
    bool admits_snapshot(std::string_view of) const;
};

/// As it stands in the store. The same rules give the same text.
std::string to_json(const Entitlement& entitlement);
/// Fault::malformed names the member.
Result<Entitlement> parse_entitlement(std::string_view text);

/// What stays home for want of a basis, in plain words, for `check`. `soon`: also what ends within that time.
std::vector<Warning> warnings(const Entitlement& entitlement, Time now, Duration soon = std::chrono::hours(24 * 30));

/// All versions of one upstream, oldest first.
class Entitlements {
public:
    struct Version {
        std::uint32_t number = 0;
        std::uint64_t from_position = 1;
        Entitlement rules;
        std::vector<bool> kinds; ///< by Kind: admitted, or gap and digest
    };
    void add(std::uint32_t number, std::uint64_t from_position, Entitlement rules);
    bool empty() const { return versions_.empty(); }
    /// The newest in force at `position`; before the first one the first.
    const Version& at(std::uint64_t position) const;
    const Version& today() const;
    /// Any version names a picture role: the pictures lane may have members.
    bool name_pictures() const;

private:
    std::vector<Version> versions_;
};

} // namespace gatehouse::sync
