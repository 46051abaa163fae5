// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/multipart.hpp"

#include "daemon/base/entropy.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;

namespace {

struct Read {
    std::vector<Part> parts;
    std::uint64_t framing_errors = 0;
    std::uint64_t oversize_parts = 0;
};

// Cut into pieces of 1 to `piece_max` bytes; 0: all at once.
Read read(const std::string& stream, std::size_t piece_max = 0, std::string boundary = "boundary", MultipartReader::Limits limits = {},
          std::uint64_t seed = 1) {
    MultipartReader reader(std::move(boundary), limits);
    SeededEntropy chance(seed);
    Read got;
    auto bytes = as_bytes(stream);
    while (!bytes.empty()) {
        const auto piece = piece_max == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1 + chance.below(piece_max));
        reader.feed(bytes.first(piece));
        bytes = bytes.subspan(piece);
        while (auto part = reader.next()) got.parts.push_back(std::move(*part));
    }
    reader.finish();
    while (auto part = reader.next()) got.parts.push_back(std::move(*part));
    got.framing_errors = reader.framing_errors();
    got.oversize_parts = reader.oversize_parts();
    return got;
}

std::string part(const std::string& type, const std::string& body, long length_off = 0, bool with_length = true) {
    std::string text = "--boundary\r\n";
    if (!type.empty()) text += "Content-Type: " + type + "\r\n";
    if (with_length) text += "Content-Length: " + std::to_string(static_cast<long>(body.size()) + length_off) + "\r\n";
    return text + "\r\n" + body + "\r\n";
}

const std::string xml =
    "<?xml version=\"1.0\"?>\n<EventNotificationAlert version=\"2.0\">\n<eventType>videoloss</eventType>\n</EventNotificationAlert>\n";
const std::string json = "{\n\t\"eventType\":\t\"AccessControllerEvent\", \"a\": [1, \"}\"]\n}\n";
const std::string tricky_jpeg =
    std::string("\xff\xd8") + "data\r\n--boundary\r\nmore\r\n--boundary--\r\n{ } \xff\xd9 \n--boundary\n" + std::string(3, '\0') + "end\xff\xd9";

std::vector<std::string> bodies(const Read& read) {
    std::vector<std::string> all;
    for (const auto& each : read.parts) all.push_back(each.body);
    return all;
}

} // namespace

TEST_CASE("the boundary is found with quotes, blanks and other parameters, and must be there") {
    CHECK(boundary_of("multipart/mixed; boundary=boundary").value() == "boundary");
    CHECK(boundary_of("multipart/form-data; charset=utf-8; Boundary = \"a;b\" ; x=y").value() == "a;b");
    CHECK(boundary_of("multipart/form-data;boundary=---------------------------7e13971310878").value() == "---------------------------7e13971310878");
    CHECK(boundary_of("multipart/mixed").has_error());
    CHECK(boundary_of("multipart/mixed; boundary=").has_error());
    CHECK(boundary_of("boundary=x").has_error());
    CHECK(boundary_of("a; boundary=" + std::string(500, 'x')).has_error());
}

TEST_CASE("a camera's heartbeat and picture are read with all their headers") {
    const std::string stream =
        "--boundary\r\nContent-Disposition:form-data;name=\"anpr.xml\";filename=\"other.xml\"\r\ncontent-type: Application/XML; charset=\"UTF-8\"\r\n"
        "CONTENT-LENGTH:" +
        std::to_string(xml.size()) + "\r\nX-Folded: one\r\n\t two\r\nContent-ID: pictureImage\r\n\r\n" + xml + "\r\n" +
        part("image/jpeg", tricky_jpeg) + "--boundary--\r\n";
    const auto got = read(stream);
    REQUIRE(got.parts.size() == 2);
    CHECK(got.parts[0].name == "anpr.xml");
    CHECK(got.parts[0].filename == "other.xml");
    CHECK(got.parts[0].content_type == "application/xml");
    CHECK(got.parts[0].content_id == "pictureImage");
    CHECK(header(got.parts[0].headers, "x-folded") == "one two");
    CHECK(got.parts[0].body == xml);
    CHECK(got.parts[1].body == tricky_jpeg);
    CHECK(got.framing_errors == 0);
}

TEST_CASE("a whole part is given out at its last byte, not when the next one comes") {
    for (const auto& [type, body] :
         {std::pair<std::string, std::string>{"application/xml", xml}, {"application/json", json}, {"", json}, {"image/jpeg", tricky_jpeg}}) {
        MultipartReader reader("boundary", {});
        std::string stream = part(type, body);
        stream.resize(stream.size() - 2);
        reader.feed(as_bytes(std::string_view(stream).substr(0, stream.size() - 1)));
        CHECK_FALSE(reader.next());
        reader.feed(as_bytes(std::string_view(stream).substr(stream.size() - 1)));
        const auto got = reader.next();
        REQUIRE(got);
        CHECK(got->body == body);
    }
}

TEST_CASE("a text whose length swallows the next boundary is given out when that boundary comes") {
    MultipartReader reader("boundary", {});
    const auto stream = part("application/xml", xml, 4'000'000) + part("application/json", json);
    reader.feed(as_bytes(stream));
    REQUIRE(reader.next().value().body == xml);
    CHECK(reader.next().value().body == json);
    CHECK(reader.framing_errors() == 1);
}

TEST_CASE("LF for CRLF, no Content-Type, no Content-Length and no line end before the boundary") {
    const std::string jpeg = std::string("\xff\xd8") + "data\n--boundary\nmore\r\n--boundary--\r\n" + "end\xff\xd9";
    const std::string lf = "--boundary\nContent-Length: " + std::to_string(xml.size()) + "\n\n" + xml + "\n--boundary\n\n" + json +
                           "\n--boundary\n\n" + jpeg + "\n--boundary\nContent-Length: " + std::to_string(xml.size()) + "\n\n" + xml +
                           "--boundary--\n";
    const auto got = read(lf);
    CHECK(bodies(got) == std::vector<std::string>{xml, json, jpeg, xml});
    CHECK(got.framing_errors == 0);
}

TEST_CASE("a wrong Content-Length is mended at the next boundary and counted once; neighbours are untouched") {
    for (const long off : {-static_cast<long>(xml.size()), -40L, -25L, -2L, -1L, 1L, 2L, 3L, 10L, 60L, 200L, 4000L}) {
        const auto got = read(part("application/xml", xml) + part("application/xml", xml, off) + part("image/jpeg", tricky_jpeg) + part("", json) +
                              "--boundary--\r\n");
        INFO("off by " << off);
        REQUIRE(got.parts.size() == 4);
        // Off by a line end: the text is whole with and without it, and what was declared is what comes.
        if (off < -2 || off > 2) CHECK(got.parts[1].body == xml);
        CHECK(got.parts[1].body.substr(0, xml.size() - 1) == xml.substr(0, xml.size() - 1));
        CHECK(got.parts[2].body == tricky_jpeg);
        CHECK(got.parts[3].body == json);
        CHECK(got.framing_errors <= 1);
        if (off < -2 || off > 2) CHECK(got.framing_errors == 1);
    }
    for (const long off : {-30L, -1L, 5L, 30L}) {
        const auto got = read(part("application/xml", xml) + part("image/jpeg", tricky_jpeg, off) + part("application/xml", xml) + part("", json) +
                              "--boundary--\r\n");
        INFO("picture off by " << off);
        REQUIRE(got.parts.size() >= 3);
        CHECK(got.parts.back().body == json);
        CHECK(got.parts[got.parts.size() - 2].body == xml);
        CHECK(got.framing_errors >= 1);
    }
}

TEST_CASE("a picture off by a few bytes comes whole when nothing in it looks like a boundary") {
    const std::string plain = "\xff\xd8" + std::string(5000, 'j') + "\xff\xd9";
    for (const long off : {-4000L, -1L, 3L, 7L, 100L}) {
        const auto got = read(part("image/jpeg", plain, off) + part("", json) + "--boundary--\r\n");
        INFO("off by " << off);
        CHECK(bodies(got) == std::vector<std::string>{plain, json});
        CHECK(got.framing_errors == 1);
    }
}

TEST_CASE("an oversize part is skipped, declared or not, and counted; its neighbours come") {
    MultipartReader::Limits limits;
    limits.part_bytes_max = 500;
    const std::string big = "\xff\xd8" + std::string(2000, 'x') + "\r\n--boundary\r\n" + std::string(20000, '\n') + "\xff\xd9";
    for (const bool with_length : {true, false})
        for (const long off : {0L, 1'000'000'000L}) {
            const auto stream = part("", json) + part("image/jpeg", big, off, with_length) + part("application/xml", xml) +
                                part("application/xml", "<a>" + std::string(600, 'y') + "</a>", 0, with_length) + part("", json) + "--boundary--\r\n";
            for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{700}}) {
                const auto got = read(stream, piece, "boundary", limits);
                CHECK(bodies(got) == std::vector<std::string>{json, xml, json});
                CHECK(got.oversize_parts == 2);
            }
        }
    limits.header_bytes_max = 100;
    const auto got = read("--boundary\r\nX: " + std::string(200, 'h') + "\r\n\r\nbody\r\n" + part("", json), 0, "boundary", limits);
    CHECK(bodies(got) == std::vector<std::string>{json});
    CHECK(got.oversize_parts == 1);
}

TEST_CASE("what a part lacks at the end of the body is counted as cut off, and the end of all costs nothing") {
    CHECK(read(part("", json) + "--boundary--").framing_errors == 0);
    CHECK(read(part("", json) + "--boundary\r\n").framing_errors == 0);
    CHECK(read(part("", json)).parts.size() == 1);
    CHECK(read("--boundary\r\n\r\n" + json).parts.size() == 1);
    auto cut = part("application/xml", xml);
    cut.resize(cut.size() - 30);
    const auto got = read(cut);
    CHECK(got.parts.empty());
    CHECK(got.framing_errors == 1);
    CHECK(read("--boundary\r\nContent-Type: text/xml").framing_errors == 1);
    CHECK(read("--boundary\r\n\r\n<a>cut").framing_errors == 1);
}

TEST_CASE("boundaries as cameras misname them are taken as they come") {
    CHECK(read("----x\r\n\r\n" + json + "\r\n----x--\r\n", 0, "--x").parts.size() == 1);
    CHECK(read("--x\r\n\r\n" + json + "\r\n--x--\r\n", 0, "--x").parts.size() == 1);
    CHECK(read("--MIME_boundary\r\n\r\n" + json + "\r\n--MIME_boundary--\r\n", 0, "other").parts.size() == 1);
    CHECK(read("preamble\r\n--boundary2\r\n--boundary \t\r\n\r\n" + json + "\r\n--boundary--\r\n" + part("", json)).parts.size() == 2);
}

TEST_CASE("however the bytes are cut, the same comes out") {
    SeededEntropy chance(7);
    const std::vector<std::string> morsels{xml,
                                           json,
                                           tricky_jpeg,
                                           "--boundary\r\n",
                                           "--boundary--\r\n",
                                           "\r\n",
                                           "\n",
                                           "-",
                                           "--",
                                           "--bound",
                                           "<a",
                                           "\xff\xd9",
                                           "\xff\xd8",
                                           "Content-Length: 5\r\n",
                                           "Content-Length: x\r\n",
                                           "Content-Type: image/jpeg\r\n",
                                           " fold\r\n",
                                           "junk",
                                           "\r",
                                           "\r\n\r\n",
                                           "Content-",
                                           std::string(700, 'z')};
    MultipartReader::Limits limits;
    limits.part_bytes_max = 600;
    limits.header_bytes_max = 120;
    std::size_t parts = 0, framing_errors = 0, oversize = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        std::string stream;
        const auto pieces = 1 + chance.below(12);
        for (std::uint64_t i = 0; i < pieces; ++i) {
            if (chance.below(3) == 0) {
                stream += morsels[chance.below(morsels.size())];
            } else {
                const auto& body = morsels[chance.below(3)];
                const long off = chance.below(2) == 0 ? 0 : static_cast<long>(chance.below(80)) - 40;
                const char* const types[] = {"", "application/xml", "image/jpeg", "application/octet-stream"};
                stream += part(types[chance.below(4)], body, std::max(off, -static_cast<long>(body.size())), chance.below(3) != 0);
            }
        }
        const auto whole = read(stream, 0, "boundary", limits);
        parts += whole.parts.size(), framing_errors += whole.framing_errors, oversize += whole.oversize_parts;
        for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, std::size_t{100}}) {
            const auto cut = read(stream, piece, "boundary", limits, seed);
            REQUIRE_MESSAGE(bodies(cut) == bodies(whole), "seed " << seed << " pieces of " << piece);
            REQUIRE_MESSAGE(cut.framing_errors == whole.framing_errors, "seed " << seed << " pieces of " << piece);
            REQUIRE_MESSAGE(cut.oversize_parts == whole.oversize_parts, "seed " << seed << " pieces of " << piece);
        }
    }
    CHECK(parts > 1000);
    CHECK(framing_errors > 1000);
    CHECK(oversize > 50);
}

TEST_CASE("a body of tiny parts is bounded in memory and time") {
    std::string stream;
    for (int i = 0; i < 200'000; ++i) stream += "--boundary\n\n\n";
    MultipartReader reader("boundary", {});
    reader.feed(as_bytes(stream));
    std::size_t parts = 0;
    while (reader.next()) ++parts;
    CHECK(parts == 256);
    CHECK(reader.framing_errors() > 100'000);
}
