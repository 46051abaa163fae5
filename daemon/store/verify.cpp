// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/verify.hpp"

#include "daemon/store/commitment.hpp"
#include "daemon/store/record_row.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::size_t records_a_step_max = 20'000;

template <class Array>
bool copy_blob(ByteView blob, Array& to) {
    if (blob.size() != to.size()) return false;
    std::copy(blob.begin(), blob.end(), to.begin());
    return true;
}

} // namespace

void Verification::found_bad(std::uint64_t position, std::string fault) {
    if (report_.first_bad && *report_.first_bad <= position) return;
    report_.first_bad = position;
    report_.fault = std::move(fault);
}

Done Verification::check_digests(Connection& connection) {
    auto rows = connection.use("select first, last, epoch, seal, previous, at, key, signature from signed_digest where last <= ? order by last");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, through_);
    std::uint64_t next = 1;
    Digest before{};
    for (;;) {
        auto row = (*rows)->step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        ++report_.digests;
        const auto first = (*rows)->unsigned_number(0);
        const auto last = (*rows)->unsigned_number(1);
        Digest seal{}, previous{};
        PublicKey key{};
        Signature signature{};
        if (!copy_blob((*rows)->blob(3), seal) || !copy_blob((*rows)->blob(4), previous) || !copy_blob((*rows)->blob(6), key) ||
            !copy_blob((*rows)->blob(7), signature))
            found_bad(first, "the digest of " + std::to_string(last) + " is malformed");
        else if (key != key_)
            found_bad(first, "the digest of " + std::to_string(last) + " is signed with another key");
        else if (!signature_fits(key, digest_message((*rows)->text(2), first, last, seal, previous, (*rows)->text(5)), signature))
            found_bad(first, "the signature of the digest of " + std::to_string(last) + " does not fit");
        else if (first != next || previous != before)
            found_bad(next, "a digest before " + std::to_string(first) + " is missing");
        digests_.emplace(last, seal);
        next = last + 1;
        before = seal;
    }
}

Done Verification::begin(Connection& connection) {
    if (auto done = check_digests(connection); !done) return done;
    auto cut_off = connection.number("select count(*) from signed_digest where last > (select coalesce(max(last), 0) from seal)");
    if (!cut_off) return std::move(cut_off).error();
    if (*cut_off > 0) found_bad(through_ + 1, "a signed digest states records beyond the head");
    auto first = connection.number("select coalesce(min(first), 1) from seal");
    if (!first) return std::move(first).error();
    report_.first = static_cast<std::uint64_t>(*first);
    at_ = report_.first - 1;
    report_.condensed = at_;
    if (at_ == 0) return {};
    const auto anchor = digests_.find(at_);
    if (anchor == digests_.end())
        found_bad(1, "nothing stands for the positions up to " + std::to_string(at_));
    else
        previous_ = anchor->second;
    return {};
}

Result<std::optional<Digest>> Verification::removed_commitment(Connection& connection, std::uint64_t position) {
    auto row = connection.use("select commitment from removed where position = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, position);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    Digest commitment{};
    if (!*there || !copy_blob((*row)->blob(0), commitment)) return std::optional<Digest>();
    return std::optional(commitment);
}

Done Verification::check_seal(Connection& connection, std::uint64_t first, std::uint64_t last, const Digest& sealed) {
    ++report_.seals;
    if (first != at_ + 1) found_bad(at_ + 1, "the seals have a hole before " + std::to_string(first));
    Sealing sealing(previous_, first, last);
    bool is_whole = true;
    auto rows = connection.use(GATEHOUSE_SELECT_RECORD "where r.position = ?");
    if (!rows) return std::move(rows).error();
    for (auto position = first; position <= last; ++position) {
        // One by one: a page that cannot be read hides its own rows and no other.
        (*rows)->reset();
        (*rows)->bind(1, position);
        auto row = (*rows)->step();
        if (!row && (row.error().fault() == Fault::damaged || (damage_ != nullptr && damage_->holding(position)))) {
            is_whole = false;
            found_bad(position, row.error().what());
            continue;
        }
        if (!row) return std::move(row).error();
        if (!*row) {
            auto left = removed_commitment(connection, position);
            if (!left) return std::move(left).error();
            if (*left) {
                ++report_.removed;
                sealing.add(**left);
            } else {
                is_whole = false;
                found_bad(position, "the record is missing");
            }
            continue;
        }
        auto record = read_row(**rows);
        if (!record) {
            is_whole = false;
            found_bad(position, record.error().what());
        } else {
            sealing.add(record->commitment);
            if (record->erased) {
                ++report_.emptied;
                emptied_.insert(position);
            } else {
                ++report_.whole;
            }
            if (record->kind == Kind::subject_erased)
                if (auto facts = parse_json(record->facts); facts && facts->is_object())
                    if (const auto* positions = array_at(facts->get_object(), "positions"))
                        for (const auto& named : *positions) {
                            const auto number = named.is_int64()    ? static_cast<std::uint64_t>(named.get_int64())
                                                : named.is_uint64() ? named.get_uint64()
                                                                    : 0;
                            emptied_.erase(number);
                        }
        }
    }
    if (is_whole && sealing.finish() != sealed)
        found_bad(first, "the seal of " + std::to_string(first) + " to " + std::to_string(last) + " does not fit");
    if (const auto inside = digests_.lower_bound(first); inside != digests_.end() && inside->first < last)
        found_bad(first, "the signed digest of " + std::to_string(inside->first) + " ends inside a seal");
    if (const auto digest = digests_.find(last); digest != digests_.end() && digest->second != sealed)
        found_bad(first, "the signed digest of " + std::to_string(last) + " states another seal");
    previous_ = sealed;
    at_ = last;
    return {};
}

Done Verification::end(Connection& connection) {
    if (at_ < through_) found_bad(at_ + 1, "no seal stands over it");
    auto beyond = connection.number("select count(*) from record where position < (select coalesce(min(first), 1) from seal)");
    if (!beyond) return std::move(beyond).error();
    if (*beyond > 0) found_bad(1, "records stand where only a digest should");
    if (!emptied_.empty()) found_bad(*emptied_.begin(), "emptied without a record that says so");
    return {};
}

Result<bool> Verification::step(Connection& connection) {
    if (!std::exchange(has_begun_, true))
        if (auto done = begin(connection); !done) return std::move(done).error();
    const auto stop_at = at_ + records_a_step_max;
    std::vector<std::tuple<std::uint64_t, std::uint64_t, Digest>> seals;
    {
        auto rows = connection.use("select first, last, seal from seal where last > ? and last <= ? order by last limit 5000");
        if (!rows) return std::move(rows).error();
        (*rows)->bind(1, at_).bind(2, through_);
        for (;;) {
            auto row = (*rows)->step();
            if (!row) return std::move(row).error();
            if (!*row) break;
            Digest sealed{};
            if (!copy_blob((*rows)->blob(2), sealed)) found_bad((*rows)->unsigned_number(0), "a seal of the wrong length");
            seals.emplace_back((*rows)->unsigned_number(0), (*rows)->unsigned_number(1), sealed);
            if ((*rows)->unsigned_number(1) >= stop_at) break;
        }
    }
    if (seals.empty()) {
        if (auto done = end(connection); !done) return std::move(done).error();
        return true;
    }
    for (const auto& [first, last, sealed] : seals)
        if (auto done = check_seal(connection, first, last, sealed); !done) return std::move(done).error();
    return false;
}

} // namespace gatehouse::store
