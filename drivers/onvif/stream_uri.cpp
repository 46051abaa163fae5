// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/stream_uri.hpp"

#include "daemon/base/text.hpp"
#include "drivers/onvif/soap.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::onvif {

namespace {

struct Scheme {
    std::string_view name;
    std::int64_t port;
};
constexpr std::array schemes{Scheme{"rtsp", 554}, Scheme{"rtsps", 322}, Scheme{"http", 80}, Scheme{"https", 443}};

/// The port of "user:password@host:port", "[::1]:port" or "host"; none: not told, or 0.
std::optional<std::int64_t> port_of(std::string_view authority) {
    const auto account = authority.rfind('@');
    if (account != std::string_view::npos) authority.remove_prefix(account + 1);
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return std::nullopt;
    const auto port = to_number(authority.substr(colon + 1));
    return port && *port >= 1 && *port <= 65535 ? port : std::nullopt;
}

} // namespace

std::string encode_get_stream_uri(MediaVersion version, std::string_view profile_token) {
    const auto token = xml::escaped(profile_token);
    if (version == MediaVersion::media2)
        return "<tr2:GetStreamUri><tr2:Protocol>RTSP</tr2:Protocol><tr2:ProfileToken>" + token + "</tr2:ProfileToken></tr2:GetStreamUri>";
    return "<trt:GetStreamUri><trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport>"
           "</trt:StreamSetup><trt:ProfileToken>" +
           token + "</trt:ProfileToken></trt:GetStreamUri>";
}

Result<std::string> decode_get_stream_uri(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetStreamUriResponse");
    if (!answer) return std::move(answer).error();
    auto uri = xml::text_at(answer->body(), "MediaUri/Uri");
    if (uri.empty()) uri = xml::text_at(answer->body(), "Uri");
    if (uri.empty()) return Error(Fault::malformed, "GetStreamUriResponse: no address");
    return uri;
}

Result<std::string> usable_uri(std::string_view uri, std::string_view host) {
    uri = trimmed(uri);
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
    if (uri.size() > uri_bytes_max || !std::all_of(uri.begin(), uri.end(), is_plain))
        return Error(Fault::malformed, "a stream's address that is none");
    const auto colon = uri.find("://");
    const auto name = lower(uri.substr(0, std::min(colon, uri.size())));
    const auto scheme = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& each) { return each.name == name; });
    if (colon == std::string_view::npos || scheme == schemes.end()) return Error(Fault::malformed, "a stream's address of another scheme");
    const auto rest = uri.substr(colon + 3);
    const auto path = std::min(rest.find_first_of("/?"), rest.size());
    const auto port = port_of(rest.substr(0, path)).value_or(scheme->port);
    const std::string there = host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
    const auto kept = rest.substr(path);
    return name + "://" + there + ":" + std::to_string(port) + (kept.starts_with("/") ? "" : "/") + std::string(kept);
}

} // namespace gatehouse::drivers::onvif
