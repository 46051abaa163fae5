// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/snapshot_uri.hpp"
#include "drivers/onvif/stream_uri.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("stream URI: asked for by profile, read from either service") {
    CHECK(encode_get_stream_uri(MediaVersion::media, "Profile_1") == golden("asked_stream_uri_media.xml"));
    CHECK(encode_get_stream_uri(MediaVersion::media2, "a&b").find("<tr2:ProfileToken>a&amp;b</tr2:ProfileToken>") != std::string::npos);
    CHECK(decode_get_stream_uri(golden("stream_uri_media.xml")).value() ==
          "rtsp://172.17.0.2:0/Streaming/Channels/101?transportmode=unicast&profile=Profile_1");
    CHECK(decode_get_stream_uri(golden("stream_uri_media2.xml")).value() == "rtsp://192.168.50.61:8554/main");
    CHECK(decode_get_stream_uri(replaced(golden("stream_uri_media2.xml"), "rtsp://192.168.50.61:8554/main", "")).has_error());
}

TEST_CASE("stream URI: our host, the device's port and path, no account") {
    const std::string host = "192.168.50.61";
    CHECK(usable_uri("rtsp://172.17.0.2:0/a?b=c&d", host).value() == "rtsp://192.168.50.61:554/a?b=c&d");
    CHECK(usable_uri("rtsp://admin:pa:ss@10.0.0.9:8554/a", host).value() == "rtsp://192.168.50.61:8554/a");
    CHECK(usable_uri("RTSP://10.0.0.9", host).value() == "rtsp://192.168.50.61:554/");
    CHECK(usable_uri("rtsp://[fe80::1]:8554/a", host).value() == "rtsp://192.168.50.61:8554/a");
    CHECK(usable_uri("rtsp://[fe80::1]/a", host).value() == "rtsp://192.168.50.61:554/a");
    CHECK(usable_uri("rtsp://h?x", "fd00::61").value() == "rtsp://[fd00::61]:554/?x");
    CHECK(usable_uri("http://10.0.0.9/snap", host).value() == "http://192.168.50.61:80/snap");
    CHECK(usable_uri("file:///etc/passwd", host).has_error());
    CHECK(usable_uri("rtsp://h/a b", host).has_error());
    CHECK(usable_uri("rtsp://h/a\nb", host).has_error());
    CHECK(usable_uri("rtsp://h/" + std::string(2000, 'a'), host).has_error());
    CHECK(usable_uri("", host).has_error());
}

TEST_CASE("snapshot URI: where a JPEG is") {
    CHECK(decode_get_snapshot_uri(golden("snapshot_uri.xml")).value() == "http://192.168.50.61/onvif-http/snapshot?Profile_1");
    CHECK(encode_get_snapshot_uri(MediaVersion::media, "P<1").find("<trt:ProfileToken>P&lt;1</trt:ProfileToken>") != std::string::npos);
    CHECK(decode_get_snapshot_uri(golden("renew.xml")).has_error());
}
