// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/unsubscribe.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_unsubscribe() { return "<wsnt:Unsubscribe/>"; }

Done decode_unsubscribe(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "UnsubscribeResponse");
    if (!answer) return std::move(answer).error();
    return {};
}

} // namespace gatehouse::drivers::onvif
