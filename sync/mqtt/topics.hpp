// SPDX-License-Identifier: Apache-2.0
//
// The topics of one upstream (sync/README.md, W1): a root, in which <gateway> stands for the gateway's id, and its leaves, which may be
// named otherwise one by one.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::sync::mqtt {

struct Topics {
    std::string status, catalogue, records, urgent, pictures, receipts, requests, responses;
};

/// Whole topics, of platforms that have names of their own; empty: the root's leaf.
struct TopicNames {
    std::string status, catalogue, records, urgent, pictures, receipts, requests;
};

constexpr std::string_view default_root = "gatehouse/v1/<gateway>";
constexpr std::size_t topic_bytes_max = 256;

/// Fault::malformed: empty, too long, with a wildcard, or one name for two.
Result<Topics> topics_under(std::string_view root, std::string_view gateway, const TopicNames& names = TopicNames());

/// Whether a request may have its answer there: a plain topic that is none of our own.
bool may_answer_on(std::string_view topic, const Topics& ours);

} // namespace gatehouse::sync::mqtt
