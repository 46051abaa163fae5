// SPDX-License-Identifier: Apache-2.0
//
// pipelines/playback: a file that anybody may have written is scanned; what is found in it lies inside it, and is played by a plan whose
// every byte can be read, in any pieces, to the same.
#include "pipelines/link/segment_name.hpp"
#include "pipelines/playback/plan.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/fuzz/pieces.hpp"

namespace gatehouse::fuzz {

namespace {

using namespace pipelines;
using namespace pipelines::playback;

constexpr std::uint64_t played_bytes_max = 1 << 20;

Bytes read_in_pieces(const Plan& plan, const ReadSegment& read, std::size_t piece, bool& is_whole) {
    Bytes bytes;
    is_whole = true;
    while (bytes.size() < plan.bytes()) {
        auto more = plan.read(bytes.size(), piece, read);
        if (!more) {
            is_whole = false;
            return bytes;
        }
        must_hold(!more->empty() && more->size() <= piece, "a read gives at least one byte and no more than was asked");
        bytes.insert(bytes.end(), more->begin(), more->end());
    }
    must_hold(bytes.size() == plan.bytes(), "a plan is as long as it says");
    return bytes;
}

} // namespace

void recording(std::string_view bytes) {
    const auto file = as_bytes(bytes);
    const ReadAt read = [&](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
        must_hold(offset <= file.size() && size <= init_bytes_max, "reading is bounded and stays in the file");
        const auto piece = file.subspan(static_cast<std::size_t>(offset));
        const auto part = piece.first(std::min(size, piece.size()));
        return Bytes(part.begin(), part.end());
    };
    auto scanned = scan(file.size(), read);
    if (!scanned) return;
    must_hold(scanned->whole_bytes <= file.size() && scanned->init_bytes <= scanned->whole_bytes, "what is good lies in the file");
    std::uint64_t at = scanned->init_bytes;
    for (const auto& one : scanned->fragments) {
        must_hold(one.offset >= at && one.bytes > 0 && one.offset + one.bytes <= scanned->whole_bytes,
                  "fragments lie in the file, one after another");
        at = one.offset + one.bytes;
    }

    Footage footage;
    footage.started_at = from_us(1'700'000'000'000'000);
    footage.init = std::make_shared<const Bytes>(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(scanned->init_bytes));
    footage.fragments = scanned->fragments;
    auto later = footage;
    later.segment = 1;
    later.started_at += std::chrono::minutes(5);
    auto plan = Plan::make({std::make_shared<const Footage>(std::move(footage)), std::make_shared<const Footage>(std::move(later))},
                           from_us(1'700'000'000'000'000), from_us(1'700'000'000'000'000) + std::chrono::hours(20));
    if (!plan || plan->bytes() > played_bytes_max) return;
    const ReadSegment segment = [&](std::uint64_t, std::uint64_t offset, std::size_t size) { return read(offset, size); };
    bool is_whole = false, is_whole_too = false;
    const auto one = read_in_pieces(*plan, segment, piece_bytes_max, is_whole);
    const auto other = read_in_pieces(*plan, segment, 997, is_whole_too);
    must_hold(is_whole == is_whole_too, "pieces of any size end alike");
    must_hold(!is_whole || one == other, "pieces of any size are the same bytes");
    if (!is_whole) return;
    // What we made we can read.
    const ReadAt back = [&](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
        const auto piece = ByteView(one).subspan(static_cast<std::size_t>(offset));
        const auto part = piece.first(std::min(size, piece.size()));
        return Bytes(part.begin(), part.end());
    };
    auto again = scan(one.size(), back);
    must_hold(again.has_value() && again->fragments.size() == plan->fragments(), "what was assembled is a recording of as many fragments");
}

} // namespace gatehouse::fuzz
