// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/snapshot.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/worker/decoder.hpp"
#include "pipelines/worker/jpeg.hpp"

namespace gatehouse::pipelines {

namespace {

constexpr std::size_t flaw_bytes_max = 200;

Done take(const KeyFrame& frame, SnapshotTaken& taken) {
    auto decoder = Decoder::open(frame.codec, frame.sets, Decoder::Use::still);
    if (!decoder) return std::move(decoder).error();
    auto picture = (*decoder)->decode(*frame.packet);
    if (!picture) return std::move(picture).error();
    if (*picture == nullptr) return Error(Fault::malformed, "no picture comes of the newest key frame");
    auto jpeg = jpeg_of(**picture, snapshot_bytes_max);
    if (!jpeg) return std::move(jpeg).error();
    taken.width = jpeg->width;
    taken.height = jpeg->height;
    taken.jpeg = std::move(jpeg->bytes);
    return Done();
}

} // namespace

SnapshotTaken snapshot_of(const KeyFrame& frame) {
    SnapshotTaken taken;
    taken.arrived_at = frame.arrived_at;
    if (!frame.packet) {
        taken.flaw = "no key frame came yet";
        return taken;
    }
    if (auto made = take(frame, taken); !made) taken.flaw = cut_utf8(made.error().what(), flaw_bytes_max);
    return taken;
}

} // namespace gatehouse::pipelines
