// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/erasure.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::size_t list_bytes_max = 64 * 1024 * 1024;
constexpr std::uint64_t positions_a_look_max = 20'000;

std::string hex_of(std::uint64_t number) {
    std::array<std::uint8_t, 8> bytes{};
    put_u64_be(bytes, number);
    return to_hex(bytes);
}

Result<Erasure> erasure_of(const json::object& line) {
    Erasure erasure;
    auto number = need_number(line, "number");
    auto key = need_text(line, "subject_key");
    auto epoch = need_text(line, "epoch");
    auto through = need_number(line, "through");
    auto order = need_text(line, "order");
    auto at = need_text(line, "at");
    if (!number || !key || !epoch || !through || !order || !at) return Error(Fault::damaged, "a line lacks a member");
    auto bytes = array_from_hex<8>(*key);
    auto time = parse_time(*at);
    if (!bytes || !time) return Error(Fault::damaged, "a line's key or time");
    erasure.number = static_cast<std::uint64_t>(*number);
    erasure.subject_key = u64_be(*bytes);
    erasure.epoch = *epoch;
    erasure.through = static_cast<std::uint64_t>(*through);
    erasure.order = *order;
    erasure.at = *time;
    return erasure;
}

} // namespace

Result<std::vector<std::pair<Erasure, bool>>> ErasureList::read() {
    std::vector<std::pair<Erasure, bool>> list;
    auto bytes = files_.read(path_, list_bytes_max);
    if (!bytes && bytes.error().fault() == Fault::gone) return list;
    if (!bytes) return std::move(bytes).error();
    auto text = as_text(*bytes);
    while (!text.empty()) {
        const auto end = text.find('\n');
        // A last line without its end was cut by a power loss before it was acknowledged.
        if (end == std::string_view::npos) break;
        auto line = parse_json(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (!line || !line->is_object()) continue; // the rest of a cut line, which the next append ended
        const auto& object = line->get_object();
        if (const auto done = number_at(object, "done")) {
            for (auto& [erasure, is_done] : list)
                if (erasure.number == static_cast<std::uint64_t>(*done)) is_done = true;
        } else if (object.contains("restored")) {
            for (auto& [erasure, is_done] : list) is_done = false;
        } else {
            auto erasure = erasure_of(object);
            if (!erasure) return std::move(erasure).error().during(path_);
            list.emplace_back(std::move(*erasure), false);
        }
    }
    return list;
}

Result<Erasure> ErasureList::add(Erasure erasure) {
    const std::lock_guard guard(mutex_);
    auto list = read();
    if (!list) return std::move(list).error();
    erasure.number = list->empty() ? 1 : list->back().first.number + 1;
    const json::object line{{"number", erasure.number}, {"subject_key", hex_of(erasure.subject_key)},
                            {"epoch", erasure.epoch},   {"through", erasure.through},
                            {"order", erasure.order},   {"at", to_text(erasure.at)}};
    // The newline before it ends what a power cut may have left.
    if (auto done = files_.append(path_, as_bytes("\n" + json::serialize(line) + "\n")); !done) return std::move(done).error();
    return erasure;
}

Done ErasureList::mark_done(std::uint64_t number) {
    const std::lock_guard guard(mutex_);
    return files_.append(path_, as_bytes("{\"done\":" + std::to_string(number) + "}\n"));
}

Done ErasureList::mark_restored(std::string_view epoch) {
    const std::lock_guard guard(mutex_);
    return files_.append(path_, as_bytes("\n{\"restored\":\"" + std::string(epoch) + "\"}\n"));
}

Result<std::vector<Erasure>> ErasureList::pending() {
    const std::lock_guard guard(mutex_);
    auto list = read();
    if (!list) return std::move(list).error();
    std::vector<Erasure> open;
    for (auto& [erasure, is_done] : *list)
        if (!is_done) open.push_back(std::move(erasure));
    return open;
}

namespace {

/// A row whose subject stands in column 1, its pictures in 2: a match, when it is the one to be erased.
void take_match(const Statement& row, const Erasure& erasure, const HashKeys& hashes, std::vector<ErasureMatch>& matches) {
    if (keyed_hash(hashes.subject, row.text(1)) != erasure.subject_key) return;
    // What a damaged row says of its pictures may be nothing; the row is emptied all the same.
    auto pictures = parse_pictures(row.text(2));
    matches.push_back({row.unsigned_number(0), row.string(1), pictures ? std::move(*pictures) : std::vector<PictureRef>()});
}

/// What was set aside as damaged still holds what of it can be read.
Done find_damaged_matches(Connection& connection, Damage& damage, const Erasure& erasure, const HashKeys& hashes, std::uint64_t after,
                          std::uint64_t until, std::vector<ErasureMatch>& matches) {
    for (auto range = damage.next_behind(after); range && range->first <= until; range = damage.next_behind(range->last))
        for (auto position = std::max(range->first, after + 1); position <= std::min(range->last, until); ++position) {
            auto row = connection.use("select position, subject, pictures from record where position = ? and subject is not null");
            if (!row) return std::move(row).error();
            (*row)->bind(1, position);
            if (auto there = (*row)->step(); there && *there) take_match(**row, erasure, hashes, matches);
        }
    return {};
}

} // namespace

Result<std::vector<ErasureMatch>> find_matches(Connection& connection, Damage& damage, const Erasure& erasure, const HashKeys& hashes,
                                               std::uint64_t& after) {
    const auto until = std::min(erasure.through, after + positions_a_look_max);
    Walk::Options options;
    options.bind_more = [&](Statement& row) { row.bind(3, erasure.epoch); };
    Walk rows(connection, damage,
              "select r.position, r.subject, r.pictures from record r join epoch e on e.number = r.epoch "
              "where r.position >= ? and r.position <= ? and e.id <= ? and r.subject is not null order by r.position",
              after, until + 1, std::move(options));
    std::vector<ErasureMatch> matches;
    auto reached = until;
    for (;;) {
        auto row = rows.next();
        if (!row) return std::move(row).error();
        if (!*row) break;
        if (matches.size() == emptied_records_max) {
            reached = matches.back().position;
            break;
        }
        take_match(rows.row(), erasure, hashes, matches);
    }
    if (auto done = find_damaged_matches(connection, damage, erasure, hashes, after, reached, matches); !done) return std::move(done).error();
    after = reached;
    return matches;
}

Result<std::uint64_t> empty_records(LogWriter& log, const Erasure& erasure, const std::vector<ErasureMatch>& matches, const HashKeys& hashes,
                                    Time now, Entropy& entropy) {
    json::array positions;
    for (const auto& match : matches) {
        auto row = log.connection().use("update record set subject = null, details = null, pictures = null, salt = null where position = ?");
        if (!row) return std::move(row).error();
        (*row)->bind(1, match.position);
        if (auto done = (*row)->run(); !done) return std::move(done).error();
        positions.emplace_back(match.position);
    }
    Record erased;
    erased.kind = Kind::subject_erased;
    erased.heard_at = now;
    erased.source = "gateway";
    erased.facts = {{"positions", std::move(positions)},
                    {"count", matches.size()},
                    {"epoch", log.epoch()},
                    {"order", erasure.order},
                    {"subject_key", hex_of(erasure.subject_key)}};
    auto prepared = prepare(erased, {}, hashes, now, entropy);
    if (!prepared) return std::move(prepared).error();
    auto appended = log.append(*prepared, std::nullopt);
    if (!appended) return std::move(appended).error();
    return appended->position;
}

} // namespace gatehouse::store
