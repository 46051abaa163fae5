// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/parameter_sets.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace gatehouse::pipelines {

namespace {

unsigned type_of(VideoCodec codec, ByteView nal) {
    // H.264 7.3.1: five bits; H.265 7.3.1.2: six bits, after the forbidden zero.
    return codec == VideoCodec::h264 ? nal[0] & 0x1fu : (nal[0] >> 1) & 0x3fu;
}

/// 0 video, 1 sequence, 2 picture parameter set; nothing for all else.
std::optional<std::size_t> sort_of(VideoCodec codec, ByteView nal) {
    const auto type = type_of(codec, nal);
    if (codec == VideoCodec::h264) {
        if (type == 7) return 1;
        if (type == 8) return 2;
        return std::nullopt;
    }
    if (type >= 32 && type <= 34) return type - 32;
    return std::nullopt;
}

/// Where the next 00 00 01 begins, or the end.
std::size_t start_code_from(ByteView stream, std::size_t at) {
    while (at + 3 <= stream.size()) {
        const auto* found = static_cast<const std::uint8_t*>(std::memchr(stream.data() + at + 2, 1, stream.size() - at - 2));
        if (found == nullptr) break;
        const auto one = static_cast<std::size_t>(found - stream.data());
        if (stream[one - 1] == 0 && stream[one - 2] == 0) return one - 2;
        at = one - 1;
    }
    return stream.size();
}

} // namespace

void for_each_nal(ByteView stream, const std::function<void(ByteView nal)>& each) {
    for (auto at = start_code_from(stream, 0); at < stream.size();) {
        const auto begin = at + 3;
        const auto next = start_code_from(stream, begin);
        auto end = next;
        while (end > begin && stream[end - 1] == 0) --end;
        if (end > begin) each(stream.subspan(begin, end - begin));
        at = next;
    }
}

bool ParameterSets::take_from(ByteView stream) {
    Sets brought;
    for_each_nal(stream, [&](ByteView nal) {
        const auto sort = sort_of(codec_, nal);
        if (!sort || nal.size() > parameter_set_bytes_max) return;
        auto& sets = brought[*sort];
        const auto is_same = [&](const Bytes& set) { return std::equal(set.begin(), set.end(), nal.begin(), nal.end()); };
        if (sets.size() < parameter_sets_per_sort_max && std::none_of(sets.begin(), sets.end(), is_same)) sets.emplace_back(nal.begin(), nal.end());
    });
    bool changed = false;
    for (std::size_t sort = 0; sort < brought.size(); ++sort) {
        if (brought[sort].empty() || brought[sort] == sets_[sort]) continue;
        sets_[sort] = std::move(brought[sort]);
        changed = true;
    }
    return changed;
}

bool ParameterSets::is_complete() const { return (codec_ == VideoCodec::h264 || !sets_[0].empty()) && !sets_[1].empty() && !sets_[2].empty(); }

Bytes ParameterSets::stream() const {
    Bytes all;
    for (const auto& sort : sets_)
        for (const auto& set : sort) {
            all.insert(all.end(), {0, 0, 0, 1});
            all.insert(all.end(), set.begin(), set.end());
        }
    return all;
}

bool has_key_picture(VideoCodec codec, ByteView stream) {
    bool found = false;
    for_each_nal(stream, [&](ByteView nal) {
        const auto type = type_of(codec, nal);
        found = found || (codec == VideoCodec::h264 ? type == 5 : type >= 16 && type <= 23);
    });
    return found;
}

} // namespace gatehouse::pipelines
