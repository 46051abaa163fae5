// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/still.hpp"

#include "pipelines/worker/decoder.hpp"
#include "pipelines/worker/jpeg.hpp"

#include <algorithm>
#include <cstring>

namespace gatehouse::pipelines {

namespace {

constexpr int buffer_bytes = 64 * 1024;
constexpr int packets_max = 256; ///< of a fragment, until its first video

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

Result<std::unique_ptr<Decoder>> decoder_of(const AVCodecParameters& declared) {
    if (declared.codec_id != AV_CODEC_ID_H264 && declared.codec_id != AV_CODEC_ID_HEVC)
        return Error(Fault::unsupported, "no decoder for what was recorded");
    Bytes sets;
    if (declared.extradata_size > 0) sets.assign(declared.extradata, declared.extradata + declared.extradata_size);
    return Decoder::open(declared.codec_id == AV_CODEC_ID_H264 ? VideoCodec::h264 : VideoCodec::h265, sets, Decoder::Use::still);
}

Result<Jpeg> first_picture(AVFormatContext& film, int width_max) {
    const AVStream* video = nullptr;
    for (unsigned i = 0; i < film.nb_streams && video == nullptr; ++i)
        if (film.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) video = film.streams[i];
    if (video == nullptr) return Error(Fault::malformed, "no video in the film");
    auto decoder = decoder_of(*video->codecpar);
    if (!decoder) return std::move(decoder).error();
    const auto packet = av::make_packet();
    for (int i = 0; i < packets_max; ++i) {
        if (const int code = av_read_frame(&film, packet.get()); code < 0) return undrawn("the film", code);
        if (packet->stream_index == video->index) {
            auto picture = (*decoder)->decode(*packet);
            if (!picture) return std::move(picture).error();
            if (*picture == nullptr) return Error(Fault::malformed, "no picture comes of the key frame");
            return jpeg_of(**picture, still_jpeg_bytes_max, width_max);
        }
        av_packet_unref(packet.get());
    }
    return Error(Fault::malformed, "no video in the fragment");
}

} // namespace

Result<Still> draw_still(const DrawStill& asked) {
    const Film film(asked.film);
    if (film.get() == nullptr) return Error(Fault::malformed, "what is no film");
    auto jpeg = first_picture(*film.get(), asked.width_max);
    if (!jpeg) return std::move(jpeg).error();
    return Still{jpeg->width, jpeg->height, std::move(jpeg->bytes)};
}

} // namespace gatehouse::pipelines
