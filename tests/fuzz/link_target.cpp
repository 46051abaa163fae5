// SPDX-License-Identifier: Apache-2.0
//
// What a camera's worker may say to the daemon once outside bytes have taken it over: frames cut from a stream, each decoded, and what was
// decoded is within every bound and is written as it was read. The other direction goes along.
#include "pipelines/link/codec.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace gatehouse::fuzz {

using namespace pipelines;

namespace {

void check_segment(const Segment& segment) {
    must_hold(is_file_name(segment.file) && segment.file.find('/') == segment.file.npos, "a segment's file lies in its folder");
    must_hold(segment.ended_at >= segment.started_at && segment.timescale > 0, "a segment's times run forward");
    std::uint64_t at = segment.init_bytes;
    for (const auto& fragment : segment.fragments) {
        must_hold(fragment.offset == at, "fragments lie one behind the other");
        at += fragment.bytes;
    }
    must_hold(at == segment.bytes && !segment.fragments.empty() && segment.fragments.size() <= fragments_per_segment_max,
              "fragments fill their file");
}

void check(ByteView frame, const Up& message) {
    if (const auto* closed = std::get_if<SegmentClosed>(&message)) check_segment(closed->segment);
    if (const auto* opened = std::get_if<SegmentOpened>(&message)) must_hold(is_file_name(opened->file), "a file's name is one");
    if (const auto* made = std::get_if<FragmentMade>(&message))
        must_hold(made->bytes.empty() || made->bytes.size() == made->fragment.bytes, "a fragment is as long as it says");
    const auto again = frame_of(message);
    must_hold(std::equal(again.begin() + frame_header_bytes, again.end(), frame.begin(), frame.end()), "a message is written as it was read");
}

/// Every frame of the stream, taken in steps of `step` bytes; how many there were.
std::size_t read_all(ByteView stream, std::size_t step) {
    FrameReader reader(up_frame_bytes_max);
    std::size_t frames = 0;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        reader.add(stream.subspan(at, std::min(step, stream.size() - at)));
        for (;;) {
            const auto frame = reader.next();
            if (!frame) return frames;
            if (!*frame) break;
            ++frames;
            if (const auto message = decode_up(**frame)) check(**frame, *message);
        }
    }
    return frames;
}

} // namespace

void link(std::string_view text) {
    const auto stream = as_bytes(text);
    must_hold(read_all(stream, 1 + seed_of(text) % 97) == read_all(stream, std::max<std::size_t>(stream.size(), 1)), "cutting changes nothing");
    if (const auto message = decode_up(stream)) check(stream, *message);
    if (const auto message = decode_down(stream)) {
        const auto again = frame_of(*message);
        must_hold(std::equal(again.begin() + frame_header_bytes, again.end(), stream.begin(), stream.end()), "what we say is written as it was read");
    }
}

} // namespace gatehouse::fuzz
