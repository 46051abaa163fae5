// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/event.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/base/uuid.hpp"

#include <sodium.h>

#include <algorithm>

namespace gatehouse::simulators::platform {
namespace json = boost::json;

namespace {

constexpr std::array member_order{"specversion", "id",   "source",   "type",    "subject", "time",    "datacontenttype", "sequence", "previous",
                                  "epoch",       "lane", "compound", "heardat", "clock",   "revised", "volatile",        "data"};
constexpr std::string_view type_head = "cn.gatehouse.";
constexpr std::string_view type_tail = ".v1";

std::string text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::uint64_t> twenty_digits(const std::string& digits) {
    if (digits.size() != 20 || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::stoull(digits);
}

// Members in the order of W4; unknown ones are a fault, since nobody promised them.
bool is_in_order(const json::object& object) {
    std::size_t at = 0;
    for (const auto& member : object) {
        const auto found = std::find(member_order.begin() + static_cast<std::ptrdiff_t>(at), member_order.end(), std::string_view(member.key()));
        if (found == member_order.end()) return false;
        at = static_cast<std::size_t>(found - member_order.begin()) + 1;
    }
    return true;
}

void check_envelope(const json::object& object, const Arrived& event, std::vector<std::string>& faults) {
    const auto wrong = [&](const std::string& what) { faults.push_back(event.id + ": " + what); };
    if (text(object, "specversion") != "1.0") wrong("specversion");
    if (!parse_uuid(event.id)) wrong("id is no UUID");
    if (!text(object, "source").starts_with("/gateways/") || text(object, "source").find("/devices/") == std::string::npos) wrong("source");
    if (event.kind.empty()) wrong("type");
    if (const auto subject = text(object, "subject"); object.contains("subject") && !subject.starts_with("device:"))
        wrong("subject names more than a device");
    if (!parse_time(text(object, "time"))) wrong("time");
    if (!parse_time(text(object, "heardat"))) wrong("heardat");
    if (text(object, "datacontenttype") != "application/json") wrong("datacontenttype");
    if (text(object, "compound").empty()) wrong("compound");
    const auto clock = text(object, "clock");
    if (clock != "synced" && clock != "unsynced" && clock != "skewed") wrong("clock");
    if (!parse_uuid(event.epoch)) wrong("epoch is no UUID");
    if (object.contains("revised") && event.revised != "erased" && event.revised != "entitlement" && event.revised != "damaged") wrong("revised");
    const auto* data = object.if_contains("data");
    if (data == nullptr || !data->is_object()) wrong("data is no object");
    if (!is_in_order(object)) wrong("members out of order, or one that nobody promised");
}

Arrived read_event(std::string_view bytes, json::object object, std::string_view lane, std::vector<std::string>& faults) {
    Arrived event;
    event.bytes = bytes;
    event.id = text(object, "id");
    event.epoch = text(object, "epoch");
    event.lane = lane;
    event.revised = text(object, "revised");
    event.is_volatile = text(object, "volatile") == "true";
    const auto type = text(object, "type");
    if (type.size() > type_head.size() + type_tail.size() && type.starts_with(type_head) && type.ends_with(type_tail))
        event.kind = type.substr(type_head.size(), type.size() - type_head.size() - type_tail.size());
    if (text(object, "lane") != lane) faults.push_back(event.id + ": lane '" + text(object, "lane") + "' on the topic of " + std::string(lane));
    check_envelope(object, event, faults);
    const auto sequence = twenty_digits(text(object, "sequence"));
    const auto previous = twenty_digits(text(object, "previous"));
    if (!event.is_volatile && (!sequence || !previous || *sequence == 0 || *previous >= *sequence))
        faults.push_back(event.id + ": sequence and previous");
    event.sequence = sequence.value_or(0);
    event.previous = previous.value_or(0);
    event.json = std::move(object);
    return event;
}

} // namespace

Hash sha256(std::string_view bytes) {
    Hash hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return hash;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string hex(const Hash& hash) { return hex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())); }

std::optional<std::string> from_base64(std::string_view text) {
    std::string out(text.size(), '\0');
    std::size_t bytes = 0;
    const int bad = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &bytes, nullptr,
                                      sodium_base64_VARIANT_ORIGINAL);
    if (bad != 0) return std::nullopt;
    out.resize(bytes);
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    out.resize(out.size() - 1); // its final zero
    return out;
}

std::vector<std::string_view> objects_of(std::string_view payload) {
    std::vector<std::string_view> found;
    std::size_t depth = 0, begin = 0;
    const auto first = payload.find_first_not_of(" \t\r\n");
    const std::size_t outer = first != std::string_view::npos && payload[first] == '[' ? 1 : 0;
    bool in_text = false, escaped = false;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        const char c = payload[i];
        if (in_text) {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (depth++ == outer && c == '{') begin = i;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return found;
            if (--depth == outer && c == '}') found.push_back(payload.substr(begin, i + 1 - begin));
        }
    }
    return found;
}

Cut cut_message(std::string_view payload, std::string_view lane, std::string_view content_type) {
    Cut cut;
    boost::system::error_code error;
    const auto whole = json::parse(json::string_view(payload.data(), payload.size()), error);
    if (error || !(whole.is_array() || whole.is_object())) {
        cut.malformed = true;
        cut.faults.push_back("not JSON, or neither array nor object");
        return cut;
    }
    const std::string_view wanted = whole.is_array() ? "application/cloudevents-batch+json" : "application/cloudevents+json";
    if (!content_type.empty() && content_type != wanted) cut.faults.push_back("content type " + std::string(content_type));
    std::uint64_t before = 0;
    const auto pieces = objects_of(payload);
    if (whole.is_array() && whole.get_array().size() != pieces.size()) cut.faults.push_back("a batch holds something that is no object");
    for (const auto piece : pieces) {
        auto parsed = json::parse(json::string_view(piece.data(), piece.size()), error);
        if (error || !parsed.is_object()) continue;
        auto event = read_event(piece, std::move(parsed.get_object()), lane, cut.faults);
        if (!event.is_volatile && event.sequence <= before) cut.faults.push_back(event.id + ": not in increasing sequence");
        before = event.sequence;
        if (event.is_volatile || event.sequence > 0) cut.events.push_back(std::move(event));
    }
    return cut;
}

} // namespace gatehouse::simulators::platform
