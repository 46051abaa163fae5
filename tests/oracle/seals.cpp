// SPDX-License-Identifier: Apache-2.0
//
// S3 to S7 of daemon/store/README.md a second time, from the page and not from the store's code.
#include "daemon/base/crypto.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"
#include "tests/oracle/oracle.hpp"

namespace gatehouse::oracle {

namespace {

std::string big_endian(std::uint64_t number, unsigned bytes) {
    std::string text;
    for (unsigned shift = bytes; shift-- > 0;) text += static_cast<char>(number >> (8 * shift) & 0xff);
    return text;
}

std::string field(const std::string& text) { return big_endian(text.size(), 4) + text; }
std::string absent() { return big_endian(0xffffffff, 4); }
std::string field_or_absent(const std::string& text) { return text.empty() ? absent() : field(text); }
template <class Number>
std::string decimal(const std::optional<Number>& number) {
    return number ? field(std::to_string(*number)) : absent();
}
std::string decimal(std::uint64_t number) { return field(std::to_string(number)); }
std::string decimal(std::int64_t number) { return field(std::to_string(number)); }
std::string raw(const Hash& hash) { return {hash.begin(), hash.end()}; }

Hash personal_of(const LogRecord& record) {
    return sha256(record.salt.value_or("") + field_or_absent(record.subject) + field_or_absent(record.details) + field_or_absent(record.pictures));
}

Hash commitment_of(const LogRecord& r) {
    static const std::array<std::string, 3> clocks{"synced", "unsynced", "skewed"};
    const auto& clock = clocks.at(static_cast<std::size_t>(r.clock));
    return sha256(decimal(r.position) + field(r.epoch) + field(r.id) + field(r.kind) + decimal(r.happened_at) + decimal(r.heard_at) + field(clock) +
                  decimal(r.clock_offset) + field(r.compound) + field(r.source) + field(r.place) + decimal(r.device_key) + decimal(r.generation) +
                  decimal(r.sameness) + decimal(r.conflicts_with) + field(r.facts) + raw(r.personal));
}

class Chain {
public:
    explicit Chain(const Log& log) : log_(log) {
        for (const auto& record : log.records) commitments_[record.position] = record.commitment;
        commitments_.insert(log.removed.begin(), log.removed.end());
    }

    std::vector<Finding> judge() {
        judge_records();
        judge_seals();
        judge_digests();
        return std::move(findings_);
    }

private:
    void found(std::string words) { findings_.push_back({"I6", std::move(words)}); }

    void judge_records() {
        for (const auto& record : log_.records) {
            const auto where = "position " + std::to_string(record.position);
            if (record.salt && personal_of(record) != record.personal) found(where + ": the personal part is not what was committed");
            if (record.clock < 0 || record.clock > 2 || commitment_of(record) != record.commitment)
                found(where + ": the frame is not what was committed");
        }
    }

    void judge_seals() {
        Hash previous{};
        std::uint64_t next = 1;
        // Old seals are condensed into the digest that ends right before the first that is left.
        for (const auto& digest : log_.digests)
            if (!log_.seals.empty() && digest.last + 1 == log_.seals.front().first) {
                previous = digest.seal;
                next = digest.last + 1;
            }
        for (const auto& seal : log_.seals) {
            if (seal.first != next) found("no seal covers position " + std::to_string(next));
            std::string sealed = raw(previous) + big_endian(seal.first, 8) + big_endian(seal.last, 8);
            for (auto position = seal.first; position <= seal.last; ++position) sealed += raw(commitments_[position]);
            if (Hash(sha256(sealed)) != seal.seal)
                found("the seal of " + std::to_string(seal.first) + " to " + std::to_string(seal.last) + " does not fit");
            sealed_[seal.last] = seal.seal;
            previous = seal.seal;
            next = seal.last + 1;
        }
        if (!log_.records.empty() && log_.records.back().position >= next) found("nothing seals the head");
    }

    void judge_digests() {
        Hash previous{};
        std::uint64_t next = 1;
        for (const auto& digest : log_.digests) {
            const auto where = "the digest of " + std::to_string(digest.last);
            if (digest.first != next || digest.previous != previous) found("no digest goes before " + where);
            const auto message = "gatehouse digest 1\n" + digest.epoch + "\n" + std::to_string(digest.first) + "\n" + std::to_string(digest.last) +
                                 "\n" + to_hex(digest.seal) + "\n" + to_hex(digest.previous) + "\n" + digest.at;
            if (digest.key != log_.digests.front().key || !signature_fits(digest.key, message, digest.signature))
                found(where + " is not signed by its key");
            if (const auto sealed = sealed_.find(digest.last); sealed != sealed_.end() && sealed->second != digest.seal)
                found(where + " states another seal");
            previous = digest.seal;
            next = digest.last + 1;
        }
    }

    const Log& log_;
    std::map<std::uint64_t, Hash> commitments_, sealed_;
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> judge_seals(const Log& log) { return Chain(log).judge(); }

} // namespace gatehouse::oracle
