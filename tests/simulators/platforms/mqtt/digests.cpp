// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/digests.hpp"

#include <sodium.h>

namespace gatehouse::simulators::platform {
namespace json = boost::json;

namespace {

std::string word(const json::object& facts, std::string_view name) {
    const auto* value = facts.if_contains(name);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (value->is_uint64()) return std::to_string(value->get_uint64());
    return {};
}

std::uint64_t number(const json::object& facts, std::string_view name) {
    const auto text = word(facts, name);
    return text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 19 ? 0 : std::stoull(text);
}

std::string lines(std::string_view title, const json::object& facts, std::initializer_list<std::string_view> names) {
    std::string text(title);
    for (const auto name : names) text += "\n" + word(facts, name);
    return text;
}

void add(std::string& hashes, const Hash& hash) { hashes.append(reinterpret_cast<const char*>(hash.data()), hash.size()); }

} // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::pending: return "pending";
    case Verdict::ok: return "ok";
    case Verdict::bad: return "bad";
    case Verdict::unverifiable: return "unverifiable";
    case Verdict::bad_signature: return "bad_signature";
    }
    return "";
}

bool is_signature_of(const std::string& text, const std::string& signature_base64, const std::string& key_base64) {
    const auto signature = from_base64(signature_base64);
    const auto key = from_base64(key_base64);
    if (!signature || !key || signature->size() != crypto_sign_BYTES || key->size() != crypto_sign_PUBLICKEYBYTES) return false;
    return crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature->data()), reinterpret_cast<const unsigned char*>(text.data()),
                                       text.size(), reinterpret_cast<const unsigned char*>(key->data())) == 0;
}

Verdict judge_lane_digest(const json::object& facts, const LedgerLane& lane, const std::string& key) {
    if (key.empty()) return Verdict::pending;
    const auto text = lines("gatehouse lane digest 1", facts, {"upstream", "lane", "epoch", "first", "last", "count", "sha256", "seal", "at"});
    if (word(facts, "key") != key || !is_signature_of(text, word(facts, "signature"), key)) return Verdict::bad_signature;
    const auto first = number(facts, "first");
    const auto last = number(facts, "last");
    const auto count = number(facts, "count");
    std::uint64_t found = 0, pictures = 0, messages = 0;
    bool revised = false;
    std::string hashes;
    for (auto row = lane.all().lower_bound(first); row != lane.all().end() && row->first <= last; ++row) {
        if (!row->second.is_whole()) continue;
        ++found;
        revised = revised || !row->second.revised.empty();
        if (row->second.pictures_expected == 0) add(hashes, row->second.hash);
        for (const auto& [index, hash] : row->second.pictures) add(hashes, hash);
        pictures += row->second.pictures.size();
        messages += row->second.pictures_expected;
    }
    const bool of_pictures = word(facts, "lane") == "pictures";
    // The text leaves open whether a picture lane counts records, messages or JPEGs: any of the three will do.
    const bool count_fits = found == count || (of_pictures && (pictures == count || messages == count));
    if (!count_fits) return found < count ? Verdict::pending : Verdict::bad;
    if (hex(sha256(hashes)) == word(facts, "sha256")) return Verdict::ok;
    return revised ? Verdict::unverifiable : Verdict::bad;
}

bool is_signed_head(const json::object& facts, const std::string& key) {
    const auto text = lines("gatehouse digest 1", facts, {"epoch", "first", "last", "seal", "previous", "at"});
    return word(facts, "key") == key && is_signature_of(text, word(facts, "signature"), key);
}

} // namespace gatehouse::simulators::platform
