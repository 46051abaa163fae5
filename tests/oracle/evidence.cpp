// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/evidence.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace gatehouse::oracle {
namespace json = boost::json;

namespace {

void each_row(const std::filesystem::path& path, const std::function<void(const json::object&)>& take) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("can't read " + path.string());
    std::string line;
    while (std::getline(file, line)) {
        if (file.eof()) return; // without its end: whoever wrote it was killed
        const auto row = json::parse(line);
        take(row.as_object());
    }
}

std::string text(const json::object& row, std::string_view name) {
    const auto* value = row.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t number(const json::object& row, std::string_view name) {
    const auto* value = row.if_contains(name);
    return value == nullptr ? 0 : value->to_number<std::uint64_t>();
}

} // namespace

std::vector<Made> read_ledger(const std::filesystem::path& file) {
    std::vector<Made> all;
    each_row(file, [&](const json::object& row) {
        all.push_back({.key = number(row, "key"), .kind = text(row, "kind"), .subject = text(row, "subject")});
    });
    return all;
}

std::map<std::string, std::vector<Kept>> read_twin(const std::filesystem::path& file) {
    std::map<std::string, std::vector<Kept>> lanes;
    std::set<std::pair<std::string, std::uint64_t>> pictures; // several rows an event
    each_row(file, [&](const json::object& row) {
        const auto op = text(row, "op");
        auto epoch = text(row, "epoch");
        const auto sequence = number(row, "sequence");
        if (op == "forget") {
            std::erase_if(lanes[text(row, "lane")], [&](const Kept& kept) { return kept.epoch == epoch && kept.sequence >= sequence; });
            return;
        }
        if (op != "event" && (op != "picture" || !pictures.emplace(epoch, sequence).second)) return;
        lanes[text(row, "lane")].push_back({.epoch = std::move(epoch),
                                            .id = text(row, "id"),
                                            .kind = op == "picture" ? "picture" : text(row, "kind"),
                                            .sequence = sequence,
                                            .previous = number(row, "previous"),
                                            .refused = row.contains("refused")});
    });
    return lanes;
}

} // namespace gatehouse::oracle
