// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/decoder.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

Result<std::unique_ptr<Decoder>> Decoder::open(VideoCodec codec, const Bytes& sets, Use use) {
    std::unique_ptr<Decoder> made(new Decoder);
    const auto* decoder = avcodec_find_decoder(codec == VideoCodec::h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
    made->context_.reset(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
    made->picture_.reset(av_frame_alloc());
    if (!made->context_ || !made->picture_) return Error(Fault::unsupported, "no decoder");
    auto& context = *made->context_;
    made->keys_only_ = use != Use::watch_all;
    context.thread_count = 1; // ours is one beside the recording already
    context.max_pixels = picture_pixels_max;
    context.flags |= AV_CODEC_FLAG_LOW_DELAY;
    // What smooths the edges of blocks costs a third of the time, and who looks for cars does not see it; frames that follow would drift.
    if (use == Use::watch_keys) context.skip_loop_filter = AVDISCARD_ALL;
    if (use == Use::watch_all) context.skip_loop_filter = AVDISCARD_NONREF;
    if (use == Use::watch_keys) context.skip_frame = AVDISCARD_NONKEY;
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

} // namespace gatehouse::pipelines
