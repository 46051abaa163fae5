// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/still.hpp"

#include "pipelines/worker/av.hpp"

#include <algorithm>
#include <cstring>

namespace gatehouse::pipelines {

namespace {

constexpr int buffer_bytes = 64 * 1024;
constexpr int packets_max = 256; ///< of a fragment, until its first video
constexpr int jpeg_quality = 4;  ///< of 2 (best) to 31
constexpr int planes = 3;

struct FreeFrame {
    void operator()(AVFrame* it) const { av_frame_free(&it); }
};
using Picture = std::unique_ptr<AVFrame, FreeFrame>;

/// A film in memory as libav reads it.
class Film {
public:
    explicit Film(ByteView bytes) : bytes_(bytes) {
        auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_bytes));
        io_ = avio_alloc_context(buffer, buffer_bytes, 0, this, &Film::read, nullptr, &Film::seek);
        format_ = avformat_alloc_context();
        format_->pb = io_;
        // The name alone is asked: nothing is guessed from bytes, and nothing else is opened.
        const int opened = avformat_open_input(&format_, "", av_find_input_format("mov"), nullptr);
        is_open_ = opened >= 0;
    }
    Film(const Film&) = delete;
    Film& operator=(const Film&) = delete;
    ~Film() {
        if (is_open_) avformat_close_input(&format_);
        av_freep(&io_->buffer);
        avio_context_free(&io_);
    }
    AVFormatContext* get() const { return is_open_ ? format_ : nullptr; }

private:
    static int read(void* self, std::uint8_t* into, int most) {
        auto& film = *static_cast<Film*>(self);
        const auto left = film.bytes_.size() - film.at_;
        if (left == 0) return AVERROR_EOF;
        const auto size = std::min(left, static_cast<std::size_t>(most));
        std::memcpy(into, film.bytes_.data() + film.at_, size);
        film.at_ += size;
        return static_cast<int>(size);
    }
    static std::int64_t seek(void* self, std::int64_t offset, int whence) {
        auto& film = *static_cast<Film*>(self);
        if (whence == AVSEEK_SIZE) return static_cast<std::int64_t>(film.bytes_.size());
        const auto from = whence == SEEK_CUR   ? static_cast<std::int64_t>(film.at_)
                          : whence == SEEK_END ? static_cast<std::int64_t>(film.bytes_.size())
                                               : 0;
        const auto to = from + offset;
        if (to < 0 || to > static_cast<std::int64_t>(film.bytes_.size())) return AVERROR(EINVAL);
        film.at_ = static_cast<std::size_t>(to);
        return to;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    AVIOContext* io_ = nullptr;
    AVFormatContext* format_ = nullptr;
    bool is_open_ = false;
};

Error undrawn(const std::string& what, int code) { return Error(Fault::malformed, what + ": " + av::words_of(code)); }

Result<Picture> decode(AVCodecContext& decoder, const AVPacket& packet) {
    Picture frame(av_frame_alloc());
    if (const int code = avcodec_send_packet(&decoder, &packet); code < 0) return undrawn("the key frame", code);
    avcodec_send_packet(&decoder, nullptr);
    if (const int code = avcodec_receive_frame(&decoder, frame.get()); code < 0) return undrawn("the key frame", code);
    return frame;
}

Result<Picture> first_picture(AVFormatContext& film) {
    const AVStream* video = nullptr;
    for (unsigned i = 0; i < film.nb_streams && video == nullptr; ++i)
        if (film.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) video = film.streams[i];
    if (video == nullptr) return Error(Fault::malformed, "no video in the film");
    const auto* codec = avcodec_find_decoder(video->codecpar->codec_id);
    if (codec == nullptr) return Error(Fault::unsupported, "no decoder for what was recorded");
    const av::Context decoder(avcodec_alloc_context3(codec));
    decoder->thread_count = 1;
    if (const int code = avcodec_parameters_to_context(decoder.get(), video->codecpar); code < 0) return undrawn("parameters", code);
    if (const int code = avcodec_open2(decoder.get(), codec, nullptr); code < 0) return undrawn("the decoder", code);
    const auto packet = av::make_packet();
    for (int i = 0; i < packets_max; ++i) {
        if (const int code = av_read_frame(&film, packet.get()); code < 0) return undrawn("the film", code);
        if (packet->stream_index == video->index) return decode(*decoder, *packet);
        av_packet_unref(packet.get());
    }
    return Error(Fault::malformed, "no video in the fragment");
}

/// Means of n by n; from the range of television (16 to 235, 16 to 240) to all 256 values, which is JPEG's.
void shrink(const AVFrame& from, AVFrame& to, int plane, int factor, bool is_full_range) {
    const int width = plane == 0 ? to.width : to.width / 2, height = plane == 0 ? to.height : to.height / 2;
    const int area = factor * factor;
    const int span = plane == 0 ? 219 : 224, zero = plane == 0 ? 16 : 128, middle = plane == 0 ? 0 : 128;
    for (int y = 0; y < height; ++y) {
        auto* out = to.data[plane] + static_cast<std::ptrdiff_t>(y) * to.linesize[plane];
        for (int x = 0; x < width; ++x) {
            int sum = area / 2;
            for (int row = 0; row < factor; ++row) {
                const auto* in = from.data[plane] + static_cast<std::ptrdiff_t>(y * factor + row) * from.linesize[plane] + x * factor;
                for (int column = 0; column < factor; ++column) sum += in[column];
            }
            int value = sum / area;
            if (!is_full_range) value = std::clamp(((value - zero) * 255 + (value >= zero ? span / 2 : -span / 2)) / span + middle, 0, 255);
            out[x] = static_cast<std::uint8_t>(value);
        }
    }
}

Result<Picture> smaller(const AVFrame& frame, int width_max) {
    if (frame.format != AV_PIX_FMT_YUV420P && frame.format != AV_PIX_FMT_YUVJ420P)
        return Error(Fault::unsupported, "pictures of another form than 8 bits of 4:2:0");
    if (frame.width < 2 || frame.height < 2 || frame.width > still_side_max || frame.height > still_side_max)
        return Error(Fault::malformed, "a picture out of all bounds");
    const int factor = std::min({(frame.width + width_max - 1) / width_max, frame.width / 2, frame.height / 2});
    Picture small(av_frame_alloc());
    small->format = AV_PIX_FMT_YUVJ420P;
    small->width = frame.width / factor & ~1;
    small->height = frame.height / factor & ~1;
    if (const int code = av_frame_get_buffer(small.get(), 0); code < 0) return undrawn("memory", code);
    const bool is_full_range = frame.format == AV_PIX_FMT_YUVJ420P || frame.color_range == AVCOL_RANGE_JPEG;
    for (int plane = 0; plane < planes; ++plane) shrink(frame, *small, plane, factor, is_full_range);
    return small;
}

Result<Still> encoded(AVFrame& picture) {
    const auto* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    if (codec == nullptr) return Error(Fault::unsupported, "no JPEG encoder");
    const av::Context encoder(avcodec_alloc_context3(codec));
    encoder->width = picture.width;
    encoder->height = picture.height;
    encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
    encoder->color_range = AVCOL_RANGE_JPEG;
    encoder->time_base = {1, 25};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = FF_QP2LAMBDA * jpeg_quality;
    if (const int code = avcodec_open2(encoder.get(), codec, nullptr); code < 0) return undrawn("the JPEG encoder", code);
    picture.pts = 0;
    picture.quality = encoder->global_quality;
    if (const int code = avcodec_send_frame(encoder.get(), &picture); code < 0) return undrawn("the JPEG", code);
    avcodec_send_frame(encoder.get(), nullptr);
    const auto packet = av::make_packet();
    if (const int code = avcodec_receive_packet(encoder.get(), packet.get()); code < 0) return undrawn("the JPEG", code);
    Still still;
    still.width = static_cast<std::uint16_t>(picture.width);
    still.height = static_cast<std::uint16_t>(picture.height);
    still.jpeg.assign(packet->data, packet->data + packet->size);
    return still;
}

} // namespace

Result<Still> draw_still(const DrawStill& asked) {
    const Film film(asked.film);
    if (film.get() == nullptr) return Error(Fault::malformed, "what is no film");
    auto frame = first_picture(*film.get());
    if (!frame) return std::move(frame).error();
    auto small = smaller(**frame, asked.width_max);
    if (!small) return std::move(small).error();
    return encoded(**small);
}

} // namespace gatehouse::pipelines
