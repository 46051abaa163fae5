// SPDX-License-Identifier: Apache-2.0
//
// NAL units of a byte stream (ITU-T H.264 and H.265, Annex B): whether a frame is one at which playing can begin, and the parameter sets
// that it brings. Nothing is decoded: a bitstream that would blow up a decoder is so many bytes here.
#pragma once

#include "daemon/base/bytes.hpp"

#include <array>
#include <functional>

namespace gatehouse::pipelines {

enum class VideoCodec { h264, h265 };

constexpr std::size_t parameter_set_bytes_max = 4096;
constexpr std::size_t parameter_sets_per_sort_max = 16;

/// Calls `each` with every NAL unit of `stream`, without its start code and trailing zeros.
void for_each_nal(ByteView stream, const std::function<void(ByteView nal)>& each);

/// What stands before the first frame: video (H.265 alone), sequence and picture parameter sets.
class ParameterSets {
public:
    explicit ParameterSets(VideoCodec codec) : codec_(codec) {}

    /// Takes over the sets of `stream`, sort by sort: a sort that it brings replaces ours, one that it lacks stays. True: something changed.
    /// Sets beyond the bounds are left out.
    bool take_from(ByteView stream);
    /// All sorts are there: a decoder can be set up.
    bool is_complete() const;
    /// In Annex B form, as extradata.
    Bytes stream() const;

private:
    using Sets = std::array<std::vector<Bytes>, 3>;
    VideoCodec codec_;
    Sets sets_;
};

/// Playing can begin here: an IDR picture (H.264), an IRAP picture (H.265).
bool has_key_picture(VideoCodec codec, ByteView stream);

} // namespace gatehouse::pipelines
