// SPDX-License-Identifier: Apache-2.0
#include "sync/mqtt/topics.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::sync::mqtt {

namespace {

bool is_plain(std::string_view topic) {
    return !topic.empty() && topic.size() <= topic_bytes_max && is_utf8(topic) && topic.front() != '$' &&
           std::none_of(topic.begin(), topic.end(), [](char c) { return c == '#' || c == '+' || static_cast<unsigned char>(c) < 0x20; });
}

} // namespace

Result<Topics> topics_under(std::string_view root, std::string_view gateway, const TopicNames& names) {
    std::string whole(root.empty() ? default_root : root);
    constexpr std::string_view place = "<gateway>";
    if (const auto at = whole.find(place); at != std::string::npos) whole.replace(at, place.size(), gateway);
    if (!is_plain(whole) || whole.size() + 16 > topic_bytes_max || whole.back() == '/') return Error(Fault::malformed, "topic root '" + whole + "'");
    const auto named = [&](const std::string& name, std::string_view leaf) { return name.empty() ? whole + "/" + std::string(leaf) : name; };
    Topics topics{
        named(names.status, "status"),     named(names.catalogue, "catalogue"), named(names.records, "records"),   named(names.urgent, "urgent"),
        named(names.pictures, "pictures"), named(names.receipts, "receipts"),   named(names.requests, "requests"), whole + "/responses"};
    std::set<std::string_view> known;
    for (const auto* topic : {&topics.status, &topics.catalogue, &topics.records, &topics.urgent, &topics.pictures, &topics.receipts,
                              &topics.requests, &topics.responses}) {
        if (!is_plain(*topic)) return Error(Fault::malformed, "topic '" + *topic + "'");
        if (!known.insert(*topic).second) return Error(Fault::malformed, "topic '" + *topic + "' stands for two things");
    }
    return topics;
}

bool may_answer_on(std::string_view topic, const Topics& ours) {
    for (const auto* own : {&ours.status, &ours.catalogue, &ours.records, &ours.urgent, &ours.pictures, &ours.receipts, &ours.requests})
        if (topic == *own) return false;
    return is_plain(topic);
}

} // namespace gatehouse::sync::mqtt
