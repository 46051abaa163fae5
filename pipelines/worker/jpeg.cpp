// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/jpeg.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>

namespace gatehouse::pipelines {

namespace {

constexpr int planes = 3;
constexpr std::array jpeg_qualities{3, 8, 16, 31}; // of the quantiser, best first; the next one when a picture is too large

Error no_jpeg(int code) { return Error(Fault::malformed, "JPEG: " + av::words_of(code)); }

/// JPEG's samples (JFIF, clause 7) use all of 0 to 255; those of video, as a rule, 16 to 235 for light and 16 to 240 for colour (BT.709, 4.6).
std::array<std::uint8_t, 256> full_range(bool is_full, bool is_light) {
    std::array<std::uint8_t, 256> table{};
    for (int i = 0; i < 256; ++i) {
        const int wide = is_light ? ((i - 16) * 255 + 109) / 219 : ((i - 128) * 255) / 224 + 128;
        table[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(is_full ? i : std::clamp(wide, 0, 255));
    }
    return table;
}

AVPixelFormat jpeg_format(const AVPixFmtDescriptor& from) {
    if (from.log2_chroma_w == 0 && from.log2_chroma_h == 0) return AV_PIX_FMT_YUVJ444P;
    return from.log2_chroma_h == 0 ? AV_PIX_FMT_YUVJ422P : AV_PIX_FMT_YUVJ420P;
}

Result<av::Picture> blank(AVPixelFormat format, int width, int height) {
    av::Picture to(av_frame_alloc());
    if (!to) return Error(Fault::full, "no memory");
    to->format = format;
    to->width = width;
    to->height = height;
    to->color_range = AVCOL_RANGE_JPEG;
    if (av_frame_get_buffer(to.get(), 0) < 0) return Error(Fault::full, "no memory");
    return to;
}

/// Of a plane.
struct Side {
    int width, height;
};
Side side_of(const AVFrame& picture, const AVPixFmtDescriptor& kind, int plane) {
    if (plane == 0) return {picture.width, picture.height};
    return {AV_CEIL_RSHIFT(picture.width, kind.log2_chroma_w), AV_CEIL_RSHIFT(picture.height, kind.log2_chroma_h)};
}

Result<av::Picture> for_jpeg(const AVFrame& from) {
    const auto* kind = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(from.format));
    const bool is_taken = kind != nullptr && kind->nb_components == 3 && (kind->flags & AV_PIX_FMT_FLAG_PLANAR) != 0 &&
                          (kind->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE)) == 0;
    if (!is_taken) return Error(Fault::unsupported, "a picture of a form that we do not show");
    auto to = blank(jpeg_format(*kind), from.width, from.height);
    if (!to) return to;
    const bool is_full = from.color_range == AVCOL_RANGE_JPEG || from.format == AV_PIX_FMT_YUVJ420P || from.format == AV_PIX_FMT_YUVJ422P;
    for (int plane = 0; plane < planes; ++plane) {
        const auto table = full_range(is_full, plane == 0);
        const auto side = side_of(from, *kind, plane);
        const int down = kind->comp[plane].depth - 8;
        for (int y = 0; y < side.height; ++y) {
            const auto* row = from.data[plane] + static_cast<std::ptrdiff_t>(y) * from.linesize[plane];
            auto* out = (*to)->data[plane] + static_cast<std::ptrdiff_t>(y) * (*to)->linesize[plane];
            for (int x = 0; x < side.width; ++x) {
                const int sample = down > 0 ? (row[2 * x] | row[2 * x + 1] << 8) >> down : row[x];
                out[x] = table[static_cast<std::size_t>(sample & 0xff)];
            }
        }
    }
    return to;
}

/// Means of n by n.
void shrink(const AVFrame& from, AVFrame& to, int plane, Side side, int factor) {
    const int area = factor * factor;
    for (int y = 0; y < side.height; ++y) {
        auto* out = to.data[plane] + static_cast<std::ptrdiff_t>(y) * to.linesize[plane];
        for (int x = 0; x < side.width; ++x) {
            int sum = area / 2;
            for (int row = 0; row < factor; ++row) {
                const auto* in = from.data[plane] + static_cast<std::ptrdiff_t>(y * factor + row) * from.linesize[plane] + x * factor;
                for (int column = 0; column < factor; ++column) sum += in[column];
            }
            out[x] = static_cast<std::uint8_t>(sum / area);
        }
    }
}

Result<av::Picture> smaller(av::Picture picture, int width_max) {
    if (width_max <= 0 || picture->width <= width_max) return picture;
    const int factor = std::min({(picture->width + width_max - 1) / width_max, picture->width / 2, picture->height / 2});
    if (factor < 2) return picture;
    auto small = blank(static_cast<AVPixelFormat>(picture->format), picture->width / factor & ~1, picture->height / factor & ~1);
    if (!small) return small;
    const auto& kind = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture->format));
    for (int plane = 0; plane < planes; ++plane) shrink(*picture, **small, plane, side_of(**small, kind, plane), factor);
    return small;
}

Result<Bytes> encode(AVFrame& picture, int quality) {
    const auto* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    av::Context context(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!context) return Error(Fault::unsupported, "no encoder of JPEG");
    context->width = picture.width;
    context->height = picture.height;
    context->pix_fmt = static_cast<AVPixelFormat>(picture.format);
    context->color_range = AVCOL_RANGE_JPEG;
    context->time_base = {1, 25};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = picture.quality = FF_QP2LAMBDA * quality;
    if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) return no_jpeg(code);
    auto packet = av::make_packet();
    int code = avcodec_send_frame(context.get(), &picture);
    if (code >= 0) code = avcodec_receive_packet(context.get(), packet.get());
    if (code < 0) return no_jpeg(code);
    return Bytes(packet->data, packet->data + packet->size);
}

} // namespace

Result<Jpeg> jpeg_of(const AVFrame& picture, std::size_t bytes_max, int width_max) {
    auto copy = for_jpeg(picture);
    if (!copy) return std::move(copy).error();
    auto small = smaller(std::move(*copy), width_max);
    if (!small) return std::move(small).error();
    for (const int quality : jpeg_qualities) {
        auto bytes = encode(**small, quality);
        if (!bytes) return std::move(bytes).error();
        if (bytes->size() <= bytes_max)
            return Jpeg{static_cast<std::uint16_t>((*small)->width), static_cast<std::uint16_t>((*small)->height), std::move(*bytes)};
    }
    return Error(Fault::full, "a picture that stays too large");
}

} // namespace gatehouse::pipelines
