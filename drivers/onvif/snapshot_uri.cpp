// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/snapshot_uri.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_snapshot_uri(MediaVersion version, std::string_view profile_token) {
    const std::string prefix = version == MediaVersion::media ? "trt:" : "tr2:";
    return "<" + prefix + "GetSnapshotUri><" + prefix + "ProfileToken>" + xml::escaped(profile_token) + "</" + prefix + "ProfileToken></" + prefix +
           "GetSnapshotUri>";
}

Result<std::string> decode_get_snapshot_uri(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetSnapshotUriResponse");
    if (!answer) return std::move(answer).error();
    auto uri = xml::text_at(answer->body(), "MediaUri/Uri");
    if (uri.empty()) uri = xml::text_at(answer->body(), "Uri");
    if (uri.empty()) return Error(Fault::malformed, "GetSnapshotUriResponse: no address");
    return uri;
}

} // namespace gatehouse::drivers::onvif
