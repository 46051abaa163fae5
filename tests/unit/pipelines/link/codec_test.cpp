// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/codec.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::pipelines;

namespace {

Segment a_segment() {
    Segment segment;
    segment.camera = "gate-cam-1";
    segment.file = "20260115T003000000Z-main.mp4";
    segment.init_bytes = 1000;
    segment.bytes = 1000 + 5000 + 7000;
    segment.sha256.fill(7);
    segment.started_at = from_us(1'768'437'000'000'000);
    segment.ended_at = from_us(1'768'437'003'000'000);
    segment.timescale = 90'000;
    segment.codecs = "avc1.64001f, mp4a.40.2";
    segment.width = 1920;
    segment.height = 1080;
    segment.end = "rolled";
    segment.fragments = {{1000, 5000, 0, 180'000, 50, true}, {6000, 7000, 180'000, 90'000, 25, false}};
    return segment;
}

Configuration a_configuration() {
    Configuration it;
    it.camera = "gate-cam-1";
    it.url = "rtsp://192.168.1.64:554/Streaming/Channels/101";
    it.username = "gate";
    it.password = "s3cret\"@:/";
    it.udp = true;
    it.interface = "enp3s0";
    it.folder = "/var/lib/gatehouse/recordings/gate-cam-1";
    it.segment_s = 300;
    it.record = false;
    it.live = true;
    it.preroll_s = 10;
    return it;
}

Result<Up> there_and_back(const Up& message) {
    const auto frame = frame_of(message);
    CHECK(u32_le(frame) == frame.size() - frame_header_bytes);
    return decode_up(ByteView(frame).subspan(frame_header_bytes));
}

Result<Down> there_and_back(const Down& message) {
    const auto frame = frame_of(message);
    return decode_down(ByteView(frame).subspan(frame_header_bytes));
}

template <class Message, class Direction>
void check_same(const Message& message) {
    const auto back = there_and_back(Direction(message));
    REQUIRE(back.has_value());
    REQUIRE(std::holds_alternative<Message>(*back));
    CHECK(std::get<Message>(*back) == message);
}

bool is_refused(const Segment& segment) {
    const auto back = there_and_back(Up(SegmentClosed{segment}));
    return !back && back.error().fault() == Fault::malformed;
}

} // namespace

TEST_CASE("link: every message comes out as it went in") {
    check_same<Configuration, Down>(a_configuration());
    check_same<SetRecording, Down>({true});
    check_same<SetLive, Down>({true});
    check_same<Adopt, Down>({"20260115T003000000Z-main.mp4"});
    check_same<Stop, Down>({});
    check_same<TakeSnapshot, Down>({});
    check_same<Ready, Up>({Wall::stands, Wall::absent, Wall::refused, 7});
    check_same<Heartbeat, Up>({1, 2, 3, 4, 5, from_us(6)});
    check_same<Opened, Up>({"h265", 3840, 2160, 25'000, "pcm_alaw (not recorded)"});
    check_same<Lost, Up>({Fault::refused, "401"});
    check_same<SegmentOpened, Up>({"20260115T003000000Z-main.mp4", from_us(1'768'437'000'000'000)});
    check_same<LiveInit, Up>({"avc1.64001f", 1920, 1080, 90'000, {1, 2, 3}});
    check_same<ClockOffset, Up>({-3'600'000'000});
    check_same<Trouble, Up>({Fault::full, "磁盘已满"});
    check_same<SnapshotTaken, Up>({from_us(5), 1920, 1080, {0xff, 0xd8, 1, 0xff, 0xd9}, ""});
    check_same<SnapshotTaken, Up>({from_us(5), 0, 0, {}, "no key frame came yet"});

    const auto segment = a_segment();
    const auto back = there_and_back(Up(SegmentClosed{segment}));
    REQUIRE(back.has_value());
    const auto& same = std::get<SegmentClosed>(*back).segment;
    CHECK(same.camera == segment.camera);
    CHECK(same.file == segment.file);
    CHECK(same.bytes == segment.bytes);
    CHECK(same.sha256 == segment.sha256);
    CHECK(same.started_at == segment.started_at);
    CHECK(same.ended_at == segment.ended_at);
    CHECK(same.codecs == segment.codecs);
    CHECK(same.end == segment.end);
    REQUIRE(same.fragments.size() == 2);
    CHECK(same.fragments[1].offset == 6000);
    CHECK(same.fragments[1].start_ticks == 180'000);
    CHECK(same.fragments[0].key);
    CHECK_FALSE(same.fragments[1].key);

    const auto made = there_and_back(Up(FragmentMade{{1000, 3, 0, 3600, 1, true}, from_us(5), {9, 9, 9}}));
    REQUIRE(made.has_value());
    CHECK(std::get<FragmentMade>(*made).bytes == Bytes{9, 9, 9});
    CHECK(std::get<FragmentMade>(*made).fragment.duration_ticks == 3600);
}

TEST_CASE("link: a message cut short, or with bytes after it, is refused, wherever it is cut") {
    for (const auto& frame : {frame_of(Up(SegmentClosed{a_segment()})), frame_of(Up(Lost{Fault::gone, "over"})), frame_of(Up(Heartbeat{}))}) {
        const auto whole = ByteView(frame).subspan(frame_header_bytes);
        CHECK(decode_up(whole).has_value());
        for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) CHECK_FALSE(decode_up(whole.first(bytes)).has_value());
        Bytes longer(whole.begin(), whole.end());
        longer.push_back(0);
        CHECK_FALSE(decode_up(longer).has_value());
    }
    CHECK_FALSE(decode_up(Bytes{200}).has_value());
}

TEST_CASE("link: a segment whose fragments do not fill its file is refused") {
    CHECK_FALSE(is_refused(a_segment()));
    auto hole = a_segment();
    hole.fragments[1].offset += 1;
    CHECK(is_refused(hole));
    auto longer = a_segment();
    longer.bytes += 1;
    CHECK(is_refused(longer));
    auto none = a_segment();
    none.fragments.clear();
    none.bytes = none.init_bytes;
    CHECK(is_refused(none));
    auto backwards = a_segment();
    backwards.fragments[0].start_ticks = 200'000;
    CHECK(is_refused(backwards));
    auto early = a_segment();
    early.ended_at = early.started_at - std::chrono::seconds(1);
    CHECK(is_refused(early));
    auto unknown = a_segment();
    unknown.end = "bored";
    CHECK(is_refused(unknown));
}

TEST_CASE("link: a worker names no file outside its folder") {
    for (const char* name : {"", ".", "..", "../shadow", "/etc/passwd", "a/b", ".hidden", "a b", "a\n", "a\x80"}) {
        CAPTURE(name);
        CHECK_FALSE(is_file_name(name));
        auto segment = a_segment();
        segment.file = name;
        CHECK(is_refused(segment));
    }
    CHECK_FALSE(is_file_name(std::string(file_name_bytes_max + 1, 'a')));
    CHECK(is_file_name(std::string(file_name_bytes_max, 'a')));
}

TEST_CASE("link: frames come out whole however the bytes were cut, and a length out of bounds ends the stream") {
    Bytes stream;
    for (int i = 0; i < 5; ++i) {
        const auto frame = frame_of(Up(Lost{Fault::gone, std::string(static_cast<std::size_t>(i) * 100, 'x')}));
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}, stream.size()}) {
        FrameReader reader(up_frame_bytes_max);
        std::size_t found = 0;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            reader.add(ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
            for (;;) {
                auto frame = reader.next();
                REQUIRE(frame.has_value());
                if (!*frame) break;
                const auto message = decode_up(**frame);
                REQUIRE(message.has_value());
                CHECK(std::get<Lost>(*message).reason.size() == found * 100);
                ++found;
            }
        }
        CHECK(found == 5);
    }
    FrameReader reader(16);
    reader.add(Bytes{17, 0, 0, 0});
    CHECK_FALSE(reader.next().has_value());
    FrameReader empty(16);
    empty.add(Bytes{0, 0, 0, 0});
    CHECK_FALSE(empty.next().has_value());
}
