// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/footage.hpp"
#include "tests/simulators/cameras/rtsp/units.hpp"

#include <doctest/doctest.h>

namespace {

using namespace gatehouse::simulators::cameras;
using namespace std::string_literals;

const std::string answer = "RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001\r\n"
                           "Content-Length: 5\r\n\r\nhello";

std::uint32_t be32(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

} // namespace

TEST_CASE("rtsp units: messages and packets are told apart wherever the bytes are cut") {
    const std::string packet = "$\x02\x00\x04"
                               "abcd"s;
    const std::string stream = answer + packet + answer;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Units units;
        std::vector<Unit> all;
        REQUIRE(units.feed(std::string_view(stream).substr(0, cut), all));
        REQUIRE(units.feed(std::string_view(stream).substr(cut), all));
        REQUIRE(all.size() == 3);
        CHECK(all[0].bytes == answer);
        CHECK(all[1].is_packet);
        CHECK(all[1].channel == 2);
        CHECK(all[1].payload() == "abcd");
        CHECK(all[2].bytes == answer);
    }
    Units units;
    std::vector<Unit> all;
    CHECK_FALSE(units.feed(std::string(message_bytes_max + 1, 'x'), all));
}

TEST_CASE("rtsp units: headers are read, changed, added and taken away; a body's length goes with it") {
    CHECK(header(answer, "cseq") == "3");
    CHECK(header(answer, "Session").empty());
    CHECK(header(with_header(answer, "Session", "12"), "Session") == "12");
    CHECK(header(with_header(answer, "CSeq", "4"), "CSeq") == "4");
    CHECK(header(with_header(answer, "CSeq", ""), "CSeq").empty());
    const std::string longer = with_body(answer, "good morning");
    CHECK(header(longer, "Content-Length") == "12");
    CHECK(body(longer) == "good morning");
    const auto ports = transport_pair(header(answer, "Transport"), "client_port");
    REQUIRE(ports);
    CHECK(ports->first == 5000);
    CHECK(ports->second == 5001);
    CHECK_FALSE(transport_pair(header(answer, "Transport"), "interleaved"));
}

TEST_CASE("rtcp: the camera's clock goes into every sender report, and its RTP time moves with the stream's") {
    std::string report(28, '\0');
    report[0] = '\x80', report[1] = '\xc8', report[3] = 6;
    report[8] = '\xe9', report[12] = '\x80'; // half a second
    report[19] = 100;
    std::string receiver(8, '\0');
    receiver[0] = '\x80', receiver[1] = '\xc9', receiver[3] = 1;
    std::string compound = receiver + report;
    move_report_clock(compound.data(), compound.size(), std::chrono::seconds(3600) + std::chrono::milliseconds(250));
    CHECK(be32(compound, 16) == 0xe9000000u + 3600);
    CHECK(std::abs(static_cast<double>(be32(compound, 20)) / 4294967296.0 - 0.75) < 1e-5);
    move_report_rtp_time(compound.data(), compound.size(), 900);
    CHECK(be32(compound, 24) == 1000);
    CHECK(compound.substr(0, 8) == receiver);
}

TEST_CASE("footage: NAL units are found behind long and short start codes, parameter sets are known") {
    const std::vector<std::uint8_t> frame{0, 0, 0, 1, 0x67, 9, 0, 0, 1, 0x68, 8, 0, 0, 0, 1, 0x65, 7, 7};
    const auto units = nal_units(frame);
    REQUIRE(units.size() == 3);
    CHECK(units[0].size() == 5);
    CHECK(units[1].size() == 5);
    CHECK(units[2].back() == 7);
    CHECK(is_parameter_set("h264", units[0]));
    CHECK(is_parameter_set("h264", units[1]));
    CHECK_FALSE(is_parameter_set("h264", units[2]));
    const std::vector<std::uint8_t> vps{0, 0, 1, 0x40, 1};
    CHECK(is_parameter_set("h265", vps));
}

TEST_CASE("footage: JPEGs that lie one after the other are taken apart") {
    const std::string one = "\xFF\xD8one\xFF\xD9", two = "\xFF\xD8two\xFF\xD9";
    const auto pictures = split_pictures(one + two + "\xFF\xD8 cut");
    REQUIRE(pictures.size() == 2);
    CHECK(pictures[0] == one);
    CHECK(pictures[1] == two);
}
