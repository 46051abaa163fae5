// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/decoder.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::pipelines {

namespace {

using Levels = std::array<std::uint8_t, 256>;

/// From studio swing (ITU-R BT.601: black 16, white 235, colour 16 to 240) to the full one that JPEG has.
Levels full_swing(double middle, double low, double span) {
    Levels levels{};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double full = middle + (static_cast<double>(i) - (middle == 0 ? low : middle)) * 255 / span;
        levels[i] = static_cast<std::uint8_t>(std::clamp(full + 0.5, 0.0, 255.0));
    }
    return levels;
}

AVPixelFormat full_of(int format) {
    switch (format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P: return AV_PIX_FMT_YUVJ420P;
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUVJ422P: return AV_PIX_FMT_YUVJ422P;
    default: return AV_PIX_FMT_NONE;
    }
}

bool is_studio(const AVFrame& picture) {
    return picture.color_range != AVCOL_RANGE_JPEG && (picture.format == AV_PIX_FMT_YUV420P || picture.format == AV_PIX_FMT_YUV422P);
}

void widen(AVFrame& picture) {
    static const Levels gray = full_swing(0, 16, 219), colour = full_swing(128, 0, 224);
    const int chroma_rows = picture.format == AV_PIX_FMT_YUVJ420P ? (picture.height + 1) / 2 : picture.height;
    for (std::size_t plane = 0; plane < 3; ++plane) {
        const Levels& levels = plane == 0 ? gray : colour;
        const int rows = plane == 0 ? picture.height : chroma_rows, width = plane == 0 ? picture.width : (picture.width + 1) / 2;
        for (int y = 0; y < rows; ++y) {
            auto* row = picture.data[plane] + static_cast<std::ptrdiff_t>(y) * picture.linesize[plane];
            for (int x = 0; x < width; ++x) row[x] = levels[row[x]];
        }
    }
}

/// `quality`: libav's, 2 is the best and 31 the worst.
Result<Bytes> encode(AVFrame& picture, int quality) {
    const auto* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    av::Context context(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!context) return Error(Fault::unsupported, "no JPEG encoder");
    context->width = picture.width;
    context->height = picture.height;
    context->pix_fmt = static_cast<AVPixelFormat>(picture.format);
    context->time_base = {1, 25};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = quality * FF_QP2LAMBDA;
    picture.quality = context->global_quality;
    picture.pict_type = AV_PICTURE_TYPE_NONE;
    picture.pts = 0;
    if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) return Error(Fault::unsupported, "JPEG: " + av::words_of(code));
    auto packet = av::make_packet();
    int code = avcodec_send_frame(context.get(), &picture);
    if (code >= 0) code = avcodec_receive_packet(context.get(), packet.get());
    if (code < 0) return Error(Fault::malformed, "JPEG: " + av::words_of(code));
    return Bytes(packet->data, packet->data + packet->size);
}

} // namespace

Result<std::unique_ptr<Decoder>> Decoder::open(VideoCodec codec, const Bytes& sets, bool keys_only) {
    std::unique_ptr<Decoder> made(new Decoder);
    const auto* decoder = avcodec_find_decoder(codec == VideoCodec::h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
    made->context_.reset(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
    made->picture_.reset(av_frame_alloc());
    if (!made->context_ || !made->picture_) return Error(Fault::unsupported, "no decoder");
    auto& context = *made->context_;
    made->keys_only_ = keys_only;
    context.thread_count = 1; // ours is one beside the recording already
    context.max_pixels = picture_pixels_max;
    context.flags |= AV_CODEC_FLAG_LOW_DELAY;
    // What smooths the edges of blocks costs a third of the time, and who looks for cars does not see it; frames that follow would drift.
    context.skip_loop_filter = keys_only ? AVDISCARD_ALL : AVDISCARD_NONREF;
    if (keys_only) context.skip_frame = AVDISCARD_NONKEY;
    if (!sets.empty()) {
        context.extradata = static_cast<std::uint8_t*>(av_mallocz(sets.size() + AV_INPUT_BUFFER_PADDING_SIZE));
        if (context.extradata == nullptr) return Error(Fault::full, "no memory");
        std::copy(sets.begin(), sets.end(), context.extradata);
        context.extradata_size = static_cast<int>(sets.size());
    }
    if (const int code = avcodec_open2(&context, decoder, nullptr); code < 0) return Error(Fault::malformed, "decoder: " + av::words_of(code));
    return made;
}

Result<const AVFrame*> Decoder::decode(const AVPacket& packet) {
    av_frame_unref(picture_.get());
    int code = avcodec_send_packet(context_.get(), &packet);
    if (code < 0) return Error(Fault::malformed, "a frame that can't be decoded: " + av::words_of(code));
    code = avcodec_receive_frame(context_.get(), picture_.get());
    if (code == AVERROR(EAGAIN) && keys_only_) {
        // It would wait for frames that it is never given.
        avcodec_send_packet(context_.get(), nullptr);
        code = avcodec_receive_frame(context_.get(), picture_.get());
        avcodec_flush_buffers(context_.get());
    }
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return static_cast<const AVFrame*>(nullptr);
    if (code < 0) return Error(Fault::malformed, "a frame that can't be decoded: " + av::words_of(code));
    return static_cast<const AVFrame*>(picture_.get());
}

Result<Bytes> jpeg_of(const AVFrame& picture, std::size_t bytes_max) {
    const auto format = full_of(picture.format);
    if (format == AV_PIX_FMT_NONE) return Error(Fault::unsupported, "a form of pixels that is not taken");
    av::Picture copy(av_frame_alloc());
    if (!copy) return Error(Fault::full, "no memory");
    copy->width = picture.width;
    copy->height = picture.height;
    copy->format = picture.format;
    if (av_frame_get_buffer(copy.get(), 0) < 0 || av_frame_copy(copy.get(), &picture) < 0) return Error(Fault::full, "no memory");
    const bool studio = is_studio(picture);
    copy->format = format;
    copy->color_range = AVCOL_RANGE_JPEG;
    if (studio) widen(*copy);
    for (const int quality : {4, 10, 31}) {
        auto jpeg = encode(*copy, quality);
        if (!jpeg || jpeg->size() <= bytes_max) return jpeg;
    }
    return Error(Fault::full, "a picture larger than may be");
}

} // namespace gatehouse::pipelines
