// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/parameter_sets.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;

namespace {

Bytes stream_of(std::initializer_list<Bytes> nals) {
    Bytes stream;
    bool short_code = false;
    for (const auto& nal : nals) {
        if (short_code) {
            stream.insert(stream.end(), {0, 0, 1});
        } else {
            stream.insert(stream.end(), {0, 0, 0, 1});
        }
        short_code = !short_code;
        stream.insert(stream.end(), nal.begin(), nal.end());
    }
    return stream;
}

// H.264: SPS, PPS, IDR and P by their first byte; H.265: VPS, SPS, PPS, IDR, trailing.
const Bytes sps{0x67, 0x64, 0x00, 0x1f}, other_sps{0x67, 0x64, 0x00, 0x28}, pps{0x68, 0xee}, idr{0x65, 0x88, 0x84}, p{0x41, 0x9a};

} // namespace

TEST_CASE("parameter sets: NAL units are found behind both kinds of start codes, without trailing zeros") {
    std::vector<Bytes> found;
    const auto each = [&](ByteView nal) { found.emplace_back(nal.begin(), nal.end()); };
    for_each_nal(stream_of({sps, pps, idr}), each);
    CHECK(found == std::vector<Bytes>{sps, pps, idr});
    found.clear();
    for_each_nal(Bytes{1, 2, 3, 0, 0, 1, 0x65, 7, 0, 0, 0, 0, 1, 0x41, 0, 0}, each);
    CHECK(found == std::vector<Bytes>{{0x65, 7}, {0x41}});
    found.clear();
    for (const auto& nothing : {Bytes{}, Bytes{0}, Bytes{0, 0, 1}, Bytes{0, 0, 0, 1, 0, 0, 1}, Bytes{1, 1, 1, 1}}) for_each_nal(nothing, each);
    CHECK(found.empty());
}

TEST_CASE("parameter sets: a change is noticed once, and what is not brought stays") {
    ParameterSets sets(VideoCodec::h264);
    CHECK_FALSE(sets.is_complete());
    CHECK(sets.take_from(stream_of({sps})));
    CHECK_FALSE(sets.is_complete());
    CHECK(sets.take_from(stream_of({pps, idr})));
    CHECK(sets.is_complete());
    CHECK_FALSE(sets.take_from(stream_of({sps, pps, idr})));
    CHECK_FALSE(sets.take_from(stream_of({p})));
    CHECK(sets.take_from(stream_of({other_sps, idr})));
    CHECK_FALSE(sets.take_from(stream_of({other_sps})));
    const Bytes expected{0, 0, 0, 1, 0x67, 0x64, 0x00, 0x28, 0, 0, 0, 1, 0x68, 0xee};
    CHECK(sets.stream() == expected);
}

TEST_CASE("parameter sets: H.265 needs its video parameter set too") {
    const Bytes vps{0x40, 1, 0x0c}, sps5{0x42, 1, 1}, pps5{0x44, 1, 0xc1};
    ParameterSets sets(VideoCodec::h265);
    sets.take_from(stream_of({sps5, pps5}));
    CHECK_FALSE(sets.is_complete());
    CHECK(sets.take_from(stream_of({vps})));
    CHECK(sets.is_complete());
}

TEST_CASE("parameter sets: beyond the bounds they are left out") {
    ParameterSets sets(VideoCodec::h264);
    Bytes huge(parameter_set_bytes_max + 1, 0x55);
    huge[0] = 0x67;
    CHECK_FALSE(sets.take_from(stream_of({huge})));
    Bytes many;
    for (std::uint8_t i = 1; i < 100; ++i) many.insert(many.end(), {0, 0, 1, 0x68, i});
    CHECK(sets.take_from(many));
    CHECK(sets.stream().size() == parameter_sets_per_sort_max * 6);
}

TEST_CASE("parameter sets: playing begins at an IDR picture, and in H.265 at any random access point") {
    CHECK(has_key_picture(VideoCodec::h264, stream_of({sps, pps, idr})));
    CHECK_FALSE(has_key_picture(VideoCodec::h264, stream_of({sps, pps, p})));
    CHECK(has_key_picture(VideoCodec::h265, stream_of({Bytes{0x26, 1, 9}})));       // IDR_W_RADL, 19
    CHECK(has_key_picture(VideoCodec::h265, stream_of({Bytes{0x2a, 1, 9}})));       // CRA, 21
    CHECK_FALSE(has_key_picture(VideoCodec::h265, stream_of({Bytes{0x02, 1, 9}}))); // TRAIL_R
}
