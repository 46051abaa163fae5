// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/record_json.hpp"

namespace gatehouse::console::inside {

namespace {

json::value parsed_or_empty(const std::string& text) {
    auto parsed = parse_json(text);
    if (!parsed) return json::object();
    return std::move(*parsed);
}

json::value optional_number(const std::optional<std::uint64_t>& number) {
    if (!number) return nullptr;
    return json::value(*number);
}

} // namespace

json::object to_json(const store::StoredRecord& record, bool personal) {
    json::object object{{"position", record.position},
                        {"epoch", record.epoch},
                        {"id", record.id},
                        {"kind", name_of(record.kind)},
                        {"happened_at", record.happened_at ? json::value(gatehouse::to_text(*record.happened_at)) : json::value(nullptr)},
                        {"heard_at", gatehouse::to_text(record.heard_at)},
                        {"clock", name_of(record.clock)},
                        {"clock_offset_ms", record.clock_offset_us / 1000},
                        {"source", record.source},
                        {"place", record.place},
                        {"device_key", optional_number(record.device_key)},
                        {"generation", record.generation},
                        {"conflicts_with", optional_number(record.conflicts_with)},
                        {"facts", parsed_or_empty(record.facts)},
                        {"erased", record.erased},
                        {"commitment", to_hex(record.commitment)}};
    object["withheld"] = !personal;
    if (!personal) return object;
    object["subject"] = record.subject;
    object["details"] = parsed_or_empty(record.details);
    json::array pictures;
    for (const auto& picture : record.pictures)
        pictures.push_back({{"role", name_of(picture.role)}, {"sha256", to_hex(picture.sha256)}, {"bytes", picture.bytes}});
    object["pictures"] = std::move(pictures);
    return object;
}

} // namespace gatehouse::console::inside
