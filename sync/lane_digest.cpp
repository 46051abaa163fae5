// SPDX-License-Identifier: Apache-2.0
#include "sync/lane_digest.hpp"

namespace gatehouse::sync {

std::optional<LaneSum> DigestRun::add(std::uint64_t position, const std::string& epoch, const Digest& payload) {
    std::optional<LaneSum> closed;
    if (count_ > 0 && epoch != epoch_) closed = close();
    if (count_ == 0) {
        first_ = position;
        epoch_ = epoch;
    }
    through_ = position;
    add_more(payload);
    return closed;
}

void DigestRun::add_more(const Digest& payload) {
    hash_.add(ByteView(payload));
    ++count_;
}

std::optional<LaneSum> DigestRun::close() {
    if (count_ == 0) return std::nullopt;
    LaneSum sum{epoch_, first_, through_, count_, hash_.finish()};
    hash_ = Sha256();
    count_ = 0;
    return sum;
}

std::string digest_statement(const LaneSum& sum, std::string_view upstream, Lane lane, const std::string& seal, const std::string& at) {
    std::string text = "gatehouse lane digest 1\n";
    text += upstream;
    text += '\n';
    text += name_of(lane);
    text += '\n' + sum.epoch + '\n' + std::to_string(sum.first) + '\n' + std::to_string(sum.last) + '\n' + std::to_string(sum.count) + '\n' +
            to_hex(sum.sha256) + '\n' + seal + '\n' + at;
    return text;
}

json::object to_facts(const LaneSum& sum, const std::string& upstream, Lane lane, const Digest& seal, Time at, const SigningKey& key) {
    const auto seal_text = to_hex(seal);
    const auto at_text = to_text(at);
    json::object facts;
    facts["upstream"] = upstream;
    facts["lane"] = name_of(lane);
    facts["epoch"] = sum.epoch;
    facts["first"] = sum.first;
    facts["last"] = sum.last;
    facts["count"] = sum.count;
    facts["sha256"] = to_hex(sum.sha256);
    facts["seal"] = seal_text;
    facts["signature"] = to_base64(key.sign(digest_statement(sum, upstream, lane, seal_text, at_text)));
    facts["key"] = to_base64(key.public_key());
    facts["at"] = at_text;
    return facts;
}

} // namespace gatehouse::sync
