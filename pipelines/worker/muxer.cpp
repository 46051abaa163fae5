// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/muxer.hpp"

#include "pipelines/link/codec.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

namespace {

constexpr int io_bytes = 32 * 1024;
constexpr int side_pixels_max = 16384;

AVCodecID id_of(VideoCodec codec) { return codec == VideoCodec::h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC; }

Done copy_sets(AVCodecParameters& to, const Bytes& sets) {
    to.extradata = static_cast<std::uint8_t*>(av_mallocz(sets.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (to.extradata == nullptr) return Error(Fault::full, "no memory");
    std::copy(sets.begin(), sets.end(), to.extradata);
    to.extradata_size = static_cast<int>(sets.size());
    return {};
}

Error refused(int code, const std::string& doing) { return Error(Fault::malformed, doing + ": " + av::words_of(code)); }

} // namespace

Result<VideoTrack> describe(VideoCodec codec, const ParameterSets& sets, ByteView key_frame) {
    VideoTrack track;
    track.codec = codec;
    track.sets = sets.stream();
    av::Parser parser(av_parser_init(id_of(codec)));
    av::Context context(avcodec_alloc_context3(nullptr));
    if (!parser || !context) return Error(Fault::full, "no memory");
    parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    context->codec_id = id_of(codec);
    Bytes whole = track.sets;
    whole.insert(whole.end(), key_frame.begin(), key_frame.end());
    const int bytes = static_cast<int>(whole.size());
    whole.resize(whole.size() + AV_INPUT_BUFFER_PADDING_SIZE);
    std::uint8_t* out = nullptr;
    int out_bytes = 0;
    av_parser_parse2(parser.get(), context.get(), &out, &out_bytes, whole.data(), bytes, AV_NOPTS_VALUE, AV_NOPTS_VALUE, -1);
    const int width = parser->width > 0 ? parser->width : context->width;
    const int height = parser->height > 0 ? parser->height : context->height;
    if (width <= 0 || height <= 0 || width > side_pixels_max || height > side_pixels_max)
        return Error(Fault::malformed, "parameter sets without a size that can be");
    track.width = static_cast<std::uint16_t>(width);
    track.height = static_cast<std::uint16_t>(height);
    return track;
}

int Muxer::keep(void* self, std::uint8_t* bytes, int count) {
    auto& kept = static_cast<Muxer*>(self)->kept_;
    kept.insert(kept.end(), bytes, bytes + count);
    return count;
}

Result<std::unique_ptr<Muxer>> Muxer::make(const VideoTrack& video, const AudioTrack* audio) {
    std::unique_ptr<Muxer> muxer(new Muxer);
    if (auto begun = muxer->begin(video, audio); !begun) return std::move(begun).error().during("beginning a segment");
    return muxer;
}

Done Muxer::begin(const VideoTrack& video, const AudioTrack* audio) {
    if (const int code = avformat_alloc_output_context2(&format_, nullptr, "mp4", nullptr); code < 0) return refused(code, "muxer");
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(io_bytes));
    io_ = buffer == nullptr ? nullptr : avio_alloc_context(buffer, io_bytes, 1, this, nullptr, &Muxer::keep, nullptr);
    if (io_ == nullptr) return Error(Fault::full, "no memory");
    io_->seekable = 0;
    format_->pb = io_;
    format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT; // the file does not name the version that wrote it

    auto* stream = avformat_new_stream(format_, nullptr);
    if (stream == nullptr) return Error(Fault::full, "no memory");
    stream->time_base = {1, static_cast<int>(ticks_per_s)};
    auto& parameters = *stream->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_VIDEO;
    parameters.codec_id = id_of(video.codec);
    // 'hvc1' is what browsers and phones take; for H.264 the muxer's own choice, avc1.
    parameters.codec_tag = video.codec == VideoCodec::h265 ? MKTAG('h', 'v', 'c', '1') : 0;
    parameters.width = video.width;
    parameters.height = video.height;
    if (auto copied = copy_sets(parameters, video.sets); !copied) return copied;
    if (audio != nullptr) {
        auto* sound = avformat_new_stream(format_, nullptr);
        if (sound == nullptr || avcodec_parameters_copy(sound->codecpar, audio->parameters.get()) < 0) return Error(Fault::full, "no memory");
        sound->codecpar->codec_tag = 0;
        sound->time_base = {1, audio->ticks_per_s};
        audio_ = sound->index;
    }
    // Our times stand as they are, also when audio is written before the video beside it (whose length is known one frame later).
    format_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof+skip_trailer+frag_discont", 0);
    av_dict_set(&options, "video_track_timescale", std::to_string(ticks_per_s).c_str(), 0);
    const int code = avformat_write_header(format_, &options);
    av_dict_free(&options);
    if (code < 0) return refused(code, "header");
    avio_flush(io_);
    init_ = std::exchange(kept_, {});
    if (init_.size() > init_bytes_max) return Error(Fault::malformed, "an init part of " + std::to_string(init_.size()) + " bytes");
    auto movie = playback::read_movie(init_);
    if (!movie) return std::move(movie).error();
    movie_ = std::move(*movie);
    return {};
}

Muxer::~Muxer() {
    if (format_ != nullptr) avformat_free_context(format_);
    if (io_ != nullptr) {
        av_freep(&io_->buffer);
        avio_context_free(&io_);
    }
}

Done Muxer::write(AVPacket& packet, int stream, std::int64_t decode, std::int64_t present, std::int64_t duration) {
    const AVRational ticks{1, static_cast<int>(ticks_per_s)};
    const auto base = format_->streams[stream]->time_base;
    packet.stream_index = stream;
    packet.dts = av_rescale_q(decode, ticks, base);
    packet.pts = av_rescale_q(present, ticks, base);
    packet.duration = av_rescale_q(duration, ticks, base);
    packet.pos = -1;
    const int code = av_write_frame(format_, &packet);
    if (code < 0) return refused(code, "a frame that cannot be kept");
    return {};
}

Done Muxer::write_video(AVPacket& packet, Stamps stamps, std::int64_t duration_ticks, bool key) {
    packet.flags = key ? packet.flags | AV_PKT_FLAG_KEY : packet.flags & ~AV_PKT_FLAG_KEY;
    auto written = write(packet, 0, stamps.decode, stamps.present, duration_ticks);
    if (written) ++frames_;
    return written;
}

Done Muxer::write_audio(AVPacket& packet, std::int64_t decode_ticks, std::int64_t duration_ticks) {
    return write(packet, audio_, decode_ticks, decode_ticks, duration_ticks);
}

Result<std::optional<Muxer::Made>> Muxer::fragment() {
    if (frames_ == 0) return std::optional<Made>();
    if (const int code = av_write_frame(format_, nullptr); code < 0) return refused(code, "ending a fragment");
    avio_flush(io_);
    frames_ = 0;
    Made made;
    made.bytes = std::exchange(kept_, {});
    kept_.reserve(made.bytes.size() + made.bytes.size() / 8); // the next one is about as large
    const auto head = playback::find_box(made.bytes, playback::four("moof"));
    if (!head || head->at != 0) return Error(Fault::malformed, "a fragment that is none");
    auto moof = playback::read_moof(head->whole, movie_);
    if (!moof) return std::move(moof).error();
    const auto* video = moof->part_of(movie_.video_track().id);
    if (video == nullptr || video->duration > UINT32_MAX || video->decode_time > INT64_MAX)
        return Error(Fault::malformed, "a fragment without video, or out of all bounds");
    made.fragment.start_ticks = static_cast<std::int64_t>(video->decode_time);
    made.fragment.duration_ticks = static_cast<std::uint32_t>(video->duration);
    made.fragment.frames = static_cast<std::uint16_t>(video->frames);
    made.fragment.key = video->key;
    made.fragment.bytes = static_cast<std::uint32_t>(made.bytes.size());
    return std::optional<Made>(std::move(made));
}

} // namespace gatehouse::pipelines
