// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/codec.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace gatehouse::pipelines {

namespace {

constexpr auto last_fault = Fault::busy;
constexpr std::array<std::string_view, 5> ends{"rolled", "parameters", "lost", "stopped", "repaired"};
constexpr std::int64_t time_us_max = 253'402'300'799'999'999; // the last microsecond of the year 9999

class Writer {
public:
    explicit Writer(std::size_t type) : bytes_(frame_header_bytes + 1) { bytes_.back() = static_cast<std::uint8_t>(type); }

    template <class Number>
    void number(Number value) {
        auto rest = static_cast<std::uint64_t>(value);
        for (std::size_t i = 0; i < sizeof(Number); ++i, rest >>= 8) bytes_.push_back(static_cast<std::uint8_t>(rest));
    }
    void flag(bool value) { number<std::uint8_t>(value ? 1 : 0); }
    void time(Time value) { number(to_us(value)); }
    void bytes(ByteView value) {
        number(static_cast<std::uint32_t>(value.size()));
        bytes_.insert(bytes_.end(), value.begin(), value.end());
    }
    void text(std::string_view value) { bytes(as_bytes(value)); }

    Bytes frame() && {
        put_u32_le(bytes_, static_cast<std::uint32_t>(bytes_.size() - frame_header_bytes));
        return std::move(bytes_);
    }

private:
    Bytes bytes_;
};

/// Reads on after a fault as if all were zero; whoever reads asks once, at the end.
class Reader {
public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    template <class Number>
    Number number() {
        if (rest_.size() < sizeof(Number)) return fail("ends too soon"), Number(0);
        std::uint64_t value = 0;
        for (std::size_t i = sizeof(Number); i > 0; --i) value = value << 8 | rest_[i - 1];
        rest_ = rest_.subspan(sizeof(Number));
        return static_cast<Number>(value);
    }
    bool flag() {
        const auto value = number<std::uint8_t>();
        if (value > 1) fail("a flag that is neither 0 nor 1");
        return value == 1;
    }
    Time time() {
        const auto us = number<std::int64_t>();
        if (us < 0 || us > time_us_max) return fail("a time out of all bounds"), Time();
        return from_us(us);
    }
    ByteView view(std::size_t bytes_max) {
        const auto bytes = number<std::uint32_t>();
        if (bytes > bytes_max || bytes > rest_.size()) return fail("a field longer than it may be"), ByteView();
        const auto value = rest_.first(bytes);
        rest_ = rest_.subspan(bytes);
        return value;
    }
    Bytes bytes(std::size_t bytes_max) {
        const auto value = view(bytes_max);
        return {value.begin(), value.end()};
    }
    std::string text(std::size_t bytes_max = text_bytes_max) {
        const auto value = as_text(view(bytes_max));
        if (!is_utf8(value)) return fail("a text that is no UTF-8"), std::string();
        return std::string(value);
    }
    template <class Enumeration>
    Enumeration choice(Enumeration last) {
        const auto value = number<std::uint8_t>();
        if (value > static_cast<std::uint8_t>(last)) return fail("a value that is not of its enumeration"), Enumeration();
        return static_cast<Enumeration>(value);
    }
    void must(bool holds, std::string_view otherwise) {
        if (!holds) fail(otherwise);
    }
    Done end() {
        if (flaw_.empty() && !rest_.empty()) fail("bytes after its end");
        if (flaw_.empty()) return {};
        return Error(Fault::malformed, "a message with " + flaw_);
    }
    bool is_sound() const { return flaw_.empty(); }

private:
    void fail(std::string_view what) {
        if (flaw_.empty()) flaw_ = what;
        rest_ = {};
    }
    ByteView rest_;
    std::string flaw_;
};

// ---- each message once: write() and read() side by side

// Numbers from 0 to 1 and a little more: the bits of a double.
void write(Writer& to, double value) { to.number(std::bit_cast<std::uint64_t>(value)); }
void read(Reader& from, double& value) { value = std::bit_cast<double>(from.number<std::uint64_t>()); }

void write(Writer& to, const WatchPoint& it) {
    write(to, it.x);
    write(to, it.y);
}
void read(Reader& from, WatchPoint& it) {
    read(from, it.x);
    read(from, it.y);
}

template <class Each, class Act>
void write_all(Writer& to, const Each& each, Act&& act) {
    to.number(static_cast<std::uint8_t>(each.size()));
    for (const auto& one : each) act(one);
}
/// Calls `act` as often as it says, `most` times at most.
template <class Act>
void read_all(Reader& from, std::size_t most, Act&& act) {
    const auto count = from.number<std::uint8_t>();
    from.must(count <= most, "more of something than there may be");
    for (std::uint8_t i = 0; i < count && from.is_sound(); ++i) act();
}

void write(Writer& to, const WatchArea& it) {
    write_all(to, it, [&](const WatchPoint& point) { write(to, point); });
}
void read(Reader& from, WatchArea& it) {
    read_all(from, watch_corners_max, [&] { read(from, it.emplace_back()); });
}

void write(Writer& to, const WatchModel& it) {
    to.text(it.path);
    to.number(it.width);
    to.number(it.height);
    to.number(static_cast<std::uint8_t>(it.layout));
    write_all(to, it.classes, [&](const auto& one) {
        to.number(one.first);
        to.text(one.second);
    });
    write(to, it.score_min);
}
void read(Reader& from, WatchModel& it) {
    it.path = from.text();
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.layout = from.choice(ModelLayout::ssd);
    read_all(from, model_classes_max, [&] {
        const auto number = from.number<std::uint16_t>();
        it.classes[number] = from.text();
    });
    read(from, it.score_min);
}

void write(Writer& to, const WatchRules& it) {
    to.flag(it.on);
    to.flag(it.persons);
    write_all(to, it.zones, [&](const WatchZone& zone) {
        to.text(zone.name);
        write(to, zone.area);
        write(to, zone.sensitivity);
        to.number(zone.dwell_s);
    });
    write_all(to, it.masks, [&](const WatchArea& mask) { write(to, mask); });
    write_all(to, it.lines, [&](const WatchLine& line) {
        to.text(line.name);
        write(to, line.from);
        write(to, line.to);
        to.number(static_cast<std::uint8_t>(line.allowed));
    });
    write(to, it.model);
}
void read(Reader& from, WatchRules& it) {
    it.on = from.flag();
    it.persons = from.flag();
    read_all(from, watch_zones_max, [&] {
        auto& zone = it.zones.emplace_back();
        zone.name = from.text();
        read(from, zone.area);
        read(from, zone.sensitivity);
        zone.dwell_s = from.number<std::uint32_t>();
    });
    read_all(from, watch_masks_max, [&] { read(from, it.masks.emplace_back()); });
    read_all(from, watch_lines_max, [&] {
        auto& line = it.lines.emplace_back();
        line.name = from.text();
        read(from, line.from);
        read(from, line.to);
        line.allowed = from.choice(WatchWay::to_right);
    });
    read(from, it.model);
    if (from.is_sound()) from.must(check(it).has_value(), "rules out of their bounds");
}

void write(Writer& to, const Configuration& it) {
    to.text(it.camera);
    to.text(it.stream);
    to.text(it.url);
    to.text(it.username);
    to.text(it.password);
    to.flag(it.udp);
    to.text(it.interface);
    to.text(it.folder);
    to.number(it.segment_s);
    to.flag(it.record);
    to.flag(it.live);
    to.number(it.preroll_s);
    write(to, it.watch);
}
void read(Reader& from, Configuration& it) {
    it.camera = from.text();
    it.stream = from.text();
    it.url = from.text();
    it.username = from.text();
    it.password = from.text();
    it.udp = from.flag();
    it.interface = from.text();
    it.folder = from.text();
    it.segment_s = from.number<std::uint32_t>();
    it.record = from.flag();
    it.live = from.flag();
    it.preroll_s = from.number<std::uint32_t>();
    read(from, it.watch);
    from.must(it.stream == "main" || it.stream == "sub", "a stream that is neither main nor sub");
    const bool has_no_need = it.folder.empty() && !it.record;
    from.must(has_no_need || it.folder.starts_with('/'), "a folder that is no absolute path");
    from.must(it.segment_s >= 1 && it.segment_s <= segment_s_max, "a segment of a length that we do not make");
    from.must(it.preroll_s <= preroll_s_max, "a longer pre-roll than is kept");
}

void write(Writer& to, const SetRecording& it) { to.flag(it.on); }
void read(Reader& from, SetRecording& it) { it.on = from.flag(); }

void write(Writer& to, const SetLive& it) { to.flag(it.on); }
void read(Reader& from, SetLive& it) { it.on = from.flag(); }

void write(Writer& to, const Adopt& it) { to.text(it.file); }
void read(Reader& from, Adopt& it) {
    it.file = from.text(file_name_bytes_max);
    from.must(is_file_name(it.file), "a file name that is none");
}

void write(Writer&, const Stop&) {}
void read(Reader&, Stop&) {}

void write(Writer&, const TakeSnapshot&) {}
void read(Reader&, TakeSnapshot&) {}

void write(Writer& to, const Ready& it) {
    for (const Wall wall : {it.limits, it.calls, it.files}) to.number(static_cast<std::uint8_t>(wall));
    to.number(it.landlock_abi);
}
void read(Reader& from, Ready& it) {
    for (Wall* wall : {&it.limits, &it.calls, &it.files}) *wall = from.choice(Wall::refused);
    it.landlock_abi = from.number<std::uint32_t>();
}

void write(Writer& to, const Heartbeat& it) {
    for (const auto count : {it.frames, it.bytes, it.flaws, it.live_dropped}) to.number(count);
    to.number(it.disk_waiting_bytes);
    to.time(it.last_frame_at);
}
void read(Reader& from, Heartbeat& it) {
    for (auto* count : {&it.frames, &it.bytes, &it.flaws, &it.live_dropped}) *count = from.number<std::uint64_t>();
    it.disk_waiting_bytes = from.number<std::uint32_t>();
    it.last_frame_at = from.time();
}

void write(Writer& to, const Opened& it) {
    to.text(it.video);
    to.number(it.width);
    to.number(it.height);
    to.number(it.frames_per_1000_s);
    to.text(it.audio);
}
void read(Reader& from, Opened& it) {
    it.video = from.text();
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.frames_per_1000_s = from.number<std::uint32_t>();
    it.audio = from.text();
    from.must(it.video == "h264" || it.video == "h265", "a codec that we do not record");
}

void write(Writer& to, const Lost& it) {
    to.number(static_cast<std::uint8_t>(it.fault));
    to.text(it.reason);
}
void read(Reader& from, Lost& it) {
    it.fault = from.choice(last_fault);
    it.reason = from.text();
}

void write(Writer& to, const SegmentOpened& it) {
    to.text(it.file);
    to.time(it.started_at);
}
void read(Reader& from, SegmentOpened& it) {
    it.file = from.text(file_name_bytes_max);
    it.started_at = from.time();
    from.must(is_file_name(it.file), "a file name that is none");
}

void write(Writer& to, const LiveInit& it) {
    to.text(it.codecs);
    to.number(it.width);
    to.number(it.height);
    to.number(it.timescale);
    to.bytes(it.bytes);
}
void read(Reader& from, LiveInit& it) {
    it.codecs = from.text();
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.timescale = from.number<std::uint32_t>();
    it.bytes = from.bytes(init_bytes_max);
    from.must(it.timescale > 0 && !it.bytes.empty(), "an init part that is none");
}

constexpr std::size_t fragment_bytes = 8 + 4 + 8 + 4 + 2 + 1;

void write(Writer& to, const Fragment& it) {
    to.number(it.offset);
    to.number(it.bytes);
    to.number(it.start_ticks);
    to.number(it.duration_ticks);
    to.number(it.frames);
    to.flag(it.key);
}
void read(Reader& from, Fragment& it) {
    it.offset = from.number<std::uint64_t>();
    it.bytes = from.number<std::uint32_t>();
    it.start_ticks = from.number<std::int64_t>();
    it.duration_ticks = from.number<std::uint32_t>();
    it.frames = from.number<std::uint16_t>();
    it.key = from.flag();
    from.must(it.start_ticks >= 0, "a fragment before its segment's first frame");
}

void write(Writer& to, const FragmentMade& it) {
    write(to, it.fragment);
    to.time(it.arrived_at);
    to.bytes(it.bytes);
}
void read(Reader& from, FragmentMade& it) {
    read(from, it.fragment);
    it.arrived_at = from.time();
    it.bytes = from.bytes(up_frame_bytes_max);
    from.must(it.bytes.empty() || it.bytes.size() == it.fragment.bytes, "a fragment of another length than it says");
}

void write(Writer& to, const SegmentClosed& message) {
    const Segment& it = message.segment;
    to.text(it.camera);
    to.text(it.stream);
    to.text(it.file);
    to.number(it.bytes);
    to.bytes(it.sha256);
    to.time(it.started_at);
    to.time(it.ended_at);
    to.number(it.init_bytes);
    to.number(it.timescale);
    to.text(it.codecs);
    to.number(it.width);
    to.number(it.height);
    to.text(it.end);
    to.number(static_cast<std::uint32_t>(it.fragments.size()));
    for (const auto& fragment : it.fragments) write(to, fragment);
}
/// Fragments lie one behind the other and fill the file: who reads it later by this list reads no other bytes.
void judge(Reader& from, const Segment& it) {
    from.must(it.stream == "main" || it.stream == "sub", "a stream that is neither main nor sub");
    from.must(is_file_name(it.file), "a file name that is none");
    from.must(std::find(ends.begin(), ends.end(), it.end) != ends.end(), "an end that is none of ours");
    from.must(it.ended_at >= it.started_at, "a segment that ends before it begins");
    from.must(it.timescale > 0 && it.init_bytes > 0 && it.init_bytes <= init_bytes_max, "a segment without its init part");
    std::uint64_t offset = it.init_bytes;
    std::int64_t ticks = 0;
    for (const auto& fragment : it.fragments) {
        from.must(fragment.offset == offset && fragment.bytes > 0, "fragments that do not lie one behind the other");
        from.must(fragment.start_ticks >= ticks, "fragments whose times run back");
        offset += fragment.bytes;
        ticks = fragment.start_ticks;
    }
    from.must(!it.fragments.empty() && offset == it.bytes, "fragments that do not fill their file");
}
void read(Reader& from, SegmentClosed& message) {
    Segment& it = message.segment;
    it.camera = from.text();
    it.stream = from.text();
    it.file = from.text(file_name_bytes_max);
    it.bytes = from.number<std::uint64_t>();
    const auto digest = from.view(it.sha256.size());
    from.must(digest.size() == it.sha256.size(), "a digest of another length");
    if (from.is_sound()) std::copy(digest.begin(), digest.end(), it.sha256.begin());
    it.started_at = from.time();
    it.ended_at = from.time();
    it.init_bytes = from.number<std::uint32_t>();
    it.timescale = from.number<std::uint32_t>();
    it.codecs = from.text();
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.end = from.text();
    const auto count = from.number<std::uint32_t>();
    from.must(count <= fragments_per_segment_max, "more fragments than a segment has");
    for (std::uint32_t i = 0; i < count && from.is_sound(); ++i) read(from, it.fragments.emplace_back());
    if (from.is_sound()) judge(from, it);
}
static_assert(fragments_per_segment_max * fragment_bytes + 8 * text_bytes_max < up_frame_bytes_max, "a segment fits into a frame");

void write(Writer& to, const ClockOffset& it) { to.number(it.offset_us); }
void read(Reader& from, ClockOffset& it) { it.offset_us = from.number<std::int64_t>(); }

void write(Writer& to, const Trouble& it) {
    to.number(static_cast<std::uint8_t>(it.fault));
    to.text(it.what);
}
void read(Reader& from, Trouble& it) {
    it.fault = from.choice(last_fault);
    it.what = from.text();
}

bool is_jpeg(const Bytes& bytes) { // SOI and EOI, ITU-T T.81, B.1.1.3
    return bytes.size() > 4 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[bytes.size() - 2] == 0xff && bytes.back() == 0xd9;
}

void write(Writer& to, const SnapshotTaken& it) {
    to.time(it.arrived_at);
    to.number(it.width);
    to.number(it.height);
    to.bytes(it.jpeg);
    to.text(it.flaw);
}
void read(Reader& from, SnapshotTaken& it) {
    it.arrived_at = from.time();
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.jpeg = from.bytes(snapshot_bytes_max);
    it.flaw = from.text();
    from.must(it.jpeg.empty() || is_jpeg(it.jpeg), "a picture that is no JPEG");
}

void write(Writer& to, const Saw& it) {
    to.number(static_cast<std::uint8_t>(it.what));
    to.text(it.name);
    to.time(it.since);
    to.time(it.at);
    to.bytes(it.picture);
}
void read(Reader& from, Saw& it) {
    it.what = from.choice(Sight::wrong_way);
    it.name = from.text(watch_name_bytes_max);
    it.since = from.time();
    it.at = from.time();
    it.picture = from.bytes(snapshot_bytes_max);
    from.must(it.picture.empty() || is_jpeg(it.picture), "a picture that is no JPEG");
}

void write(Writer& to, const DrawStill& it) {
    to.bytes(it.film);
    to.number(it.width_max);
}
void read(Reader& from, DrawStill& it) {
    it.film = from.bytes(still_film_bytes_max);
    it.width_max = from.number<std::uint16_t>();
    from.must(!it.film.empty(), "no film");
    from.must(it.width_max >= still_width_min && it.width_max <= still_width_max, "a width that we do not draw");
}

void write(Writer& to, const Still& it) {
    to.number(it.width);
    to.number(it.height);
    to.bytes(it.jpeg);
}
void read(Reader& from, Still& it) {
    it.width = from.number<std::uint16_t>();
    it.height = from.number<std::uint16_t>();
    it.jpeg = from.bytes(still_jpeg_bytes_max);
    from.must(is_jpeg(it.jpeg), "no JPEG"); // whoever shows it is told what it is, so it is that
    from.must(it.width > 0 && it.height > 0, "a picture of no size");
}

template <class Message>
Bytes encode(const Message& message) {
    Writer to(message.index());
    std::visit([&](const auto& it) { write(to, it); }, message);
    return std::move(to).frame();
}

template <class Message, std::size_t at = 0>
Result<Message> decode(std::size_t type, ByteView fields) {
    if constexpr (at == std::variant_size_v<Message>) {
        return Error(Fault::malformed, "a message of unknown type " + std::to_string(type));
    } else {
        if (type != at) return decode<Message, at + 1>(type, fields);
        Reader from(fields);
        std::variant_alternative_t<at, Message> it;
        read(from, it);
        if (auto whole = from.end(); !whole) return std::move(whole).error();
        return Message(std::in_place_index<at>, std::move(it));
    }
}

template <class Message>
Result<Message> decode_frame(ByteView frame) {
    if (frame.empty()) return Error(Fault::malformed, "an empty message");
    return decode<Message>(frame[0], frame.subspan(1));
}

} // namespace

Bytes frame_of(const Down& message) { return encode(message); }
Bytes frame_of(const Up& message) { return encode(message); }
Result<Down> decode_down(ByteView frame) { return decode_frame<Down>(frame); }
Result<Up> decode_up(ByteView frame) { return decode_frame<Up>(frame); }

bool is_file_name(std::string_view name) {
    const auto is_plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.'; };
    return !name.empty() && name.size() <= file_name_bytes_max && name[0] != '.' && std::all_of(name.begin(), name.end(), is_plain);
}

void FrameReader::add(ByteView bytes) {
    if (taken_ > 0) held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    held_.insert(held_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<ByteView>> FrameReader::next() {
    const auto rest = ByteView(held_).subspan(taken_);
    if (rest.size() < frame_header_bytes) return std::optional<ByteView>();
    const std::size_t bytes = u32_le(rest);
    if (bytes == 0 || bytes > frame_bytes_max_) return Error(Fault::malformed, "a message of " + std::to_string(bytes) + " bytes");
    if (rest.size() - frame_header_bytes < bytes) return std::optional<ByteView>();
    taken_ += frame_header_bytes + bytes;
    return std::optional<ByteView>(rest.subspan(frame_header_bytes, bytes));
}

} // namespace gatehouse::pipelines
