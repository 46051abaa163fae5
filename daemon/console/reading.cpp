// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/reading.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/words.hpp"

namespace gatehouse::console {

namespace {

/// Whether the table of the route has the member, and whether it must stand there.
Done check_members(const json::object& body, std::string_view table) {
    std::size_t known = 0;
    for (auto left = table; !left.empty();) {
        auto name = inside::next_word(left);
        const bool may_be_missing = name.ends_with('?');
        if (may_be_missing) name.remove_suffix(1);
        const auto found = body.find(name);
        if (found == body.end()) {
            if (may_be_missing) continue;
            return Error(Fault::malformed, "the body lacks " + std::string(name));
        }
        ++known;
        const auto* word = inside::word_named(name);
        if (word != nullptr && !inside::fits(*word, found->value()))
            return Error(Fault::malformed,
                         std::string(name) + ": " + std::string(text_at(inside::schema_of(*word), "type").value_or("")) + " expected");
    }
    if (known == body.size()) return {};
    return Error(Fault::malformed, "the body has a member that is not of this route; members: " + std::string(table));
}

} // namespace

Result<json::object> body_of(const Asking& asking) {
    const auto type = net::header(asking.request.headers, "Content-Type");
    if (!type.empty() && !same_but_case(trimmed(type.substr(0, type.find(';'))), "application/json"))
        return Error(Fault::malformed, "the body is application/json");
    auto parsed = parse_json(asking.request.body, body_bytes_max);
    if (!parsed) return std::move(parsed).error().during("the body");
    auto* object = parsed->if_object();
    if (object == nullptr) return Error(Fault::malformed, "the body is a JSON object");
    if (auto good = check_members(*object, asking.route.body); !good) return std::move(good).error();
    return std::move(*object);
}

Result<std::uint64_t> number_of(const Asking& asking, const std::string& name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise) {
    const auto found = asking.query.find(name);
    if (found == asking.query.end()) return otherwise;
    const auto value = to_number(found->second);
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < least || static_cast<std::uint64_t>(*value) > most)
        return Error(Fault::malformed, name + ": a number from " + std::to_string(least) + " to " + std::to_string(most) + " expected");
    return static_cast<std::uint64_t>(*value);
}

Result<std::optional<Time>> time_of(const Asking& asking, const std::string& name) {
    const auto found = asking.query.find(name);
    if (found == asking.query.end()) return std::optional<Time>();
    auto time = parse_time(found->second);
    if (!time) return Error(Fault::malformed, name + ": a time like 2026-01-15T08:30:12+08:00 expected");
    return std::optional<Time>(*time);
}

} // namespace gatehouse::console
