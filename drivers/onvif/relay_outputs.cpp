// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/relay_outputs.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_relay_outputs() { return "<tds:GetRelayOutputs/>"; }

Result<std::vector<std::string>> decode_get_relay_outputs(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetRelayOutputsResponse");
    if (!answer) return std::move(answer).error();
    std::vector<std::string> tokens;
    for (const auto node : xml::children_at(answer->body(), "RelayOutputs")) {
        auto token = attribute_of(node, "token");
        if (!token.empty() && token.size() <= word_bytes_max && tokens.size() < relay_outputs_max) tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace gatehouse::drivers::onvif
