// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/network.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::net {

std::string to_text(const Endpoint& endpoint) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    const auto malformed = [&] { return Error(Fault::malformed, "no HOST:PORT: '" + std::string(text.substr(0, 80)) + "'"); };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return malformed();
    auto host = text.substr(0, colon);
    const auto port = to_number(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535) return malformed();
    if (host.starts_with('[')) {
        if (!host.ends_with(']')) return malformed();
        host = host.substr(1, host.size() - 2);
        if (host.find(':') == std::string_view::npos) return malformed();
    } else if (host.find(':') != std::string_view::npos) {
        return malformed();
    }
    if (host.empty() || host.size() > 253 || host.find_first_of(" \t\r\n/@[]") != std::string_view::npos) return malformed();
    return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

} // namespace gatehouse::net
