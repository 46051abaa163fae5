// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/input.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/worker/stream_clock.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::pipelines {

namespace {

constexpr auto found_limit_us = "2000000"; // to find the tracks of what has no header
constexpr std::size_t words_bytes_max = 300;
constexpr Duration question_every = std::chrono::milliseconds(20); // libav asks thousands of times a second

struct Scheme {
    std::string_view begins;
    const char* protocols;
};
constexpr std::array schemes{
    Scheme{"rtsp://", "rtsp,rtp,udp,tcp"},
    Scheme{"rtsps://", "rtsp,rtsps,rtp,udp,tcp,tls"},
    Scheme{"rtmp://", "rtmp,tcp"},
    Scheme{"rtmps://", "rtmps,tls,tcp"},
    Scheme{"http://", "http,tcp,hls,crypto"},
    Scheme{"https://", "https,http,tls,tcp,hls,crypto"},
    Scheme{"tcp://", "tcp"},
    Scheme{"udp://", "udp"},
    Scheme{"file:", "file"},
};

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
        if (is_plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 0xf];
        }
    }
    return out;
}

struct Options {
    ~Options() { av_dict_free(&all); }
    void set(const char* name, const char* value) { av_dict_set(&all, name, value, 0); }
    AVDictionary* all = nullptr;
};

std::optional<std::int64_t> in_ticks(std::int64_t value, AVRational base) {
    if (value == AV_NOPTS_VALUE) return std::nullopt;
    const auto ticks = av_rescale_q(value, base, AVRational{1, static_cast<int>(ticks_per_s)});
    if (ticks == INT64_MIN) return std::nullopt;
    return ticks;
}

bool is_recorded(AVCodecID audio) { return audio == AV_CODEC_ID_AAC || audio == AV_CODEC_ID_OPUS; }

av::Filter make_filter(const char* name, const AVStream& stream) {
    const auto* kind = av_bsf_get_by_name(name);
    AVBSFContext* made = nullptr;
    if (kind == nullptr || av_bsf_alloc(kind, &made) < 0) return nullptr;
    av::Filter filter(made);
    if (avcodec_parameters_copy(made->par_in, stream.codecpar) < 0) return nullptr;
    made->time_base_in = stream.time_base;
    if (av_bsf_init(made) < 0) return nullptr;
    return filter;
}

/// One packet in, one out. False: it gave none.
Result<bool> pass_through(AVBSFContext& filter, AVPacket& packet) {
    int code = av_bsf_send_packet(&filter, &packet);
    if (code >= 0) code = av_bsf_receive_packet(&filter, &packet);
    if (code == AVERROR(EAGAIN)) return false;
    if (code < 0) return false; // a packet that is none of its codec: left out, as garbage is
    return true;
}

} // namespace

std::string with_credentials(const std::string& url, const std::string& username, const std::string& password) {
    const auto at = url.find("://");
    if (username.empty() || at == url.npos) return url;
    return url.substr(0, at + 3) + percent_encoded(username) + ":" + percent_encoded(password) + "@" + url.substr(at + 3);
}

std::string protocols_of(const std::string& url) {
    for (const auto& scheme : schemes)
        if (url.starts_with(scheme.begins)) return scheme.protocols;
    return {};
}

Input::Input(Clock& clock, std::function<bool()> is_over) : clock_(clock), is_over_(std::move(is_over)) {}

// The camera is told (it has few sessions to give), but nobody waits long for its answer.
Input::~Input() {
    is_over_ = [] { return false; };
    was_over_ = false;
    next_question_ = {};
    allow(close_limit);
    if (format_ != nullptr) avformat_close_input(&format_);
}

int Input::interrupted(void* self) {
    auto& input = *static_cast<Input*>(self);
    const auto now = input.clock_.steady_now();
    if (now >= input.next_question_) {
        input.next_question_ = now + question_every;
        input.was_over_ = input.is_over_() || input.was_over_;
    }
    input.time_was_up_ = now >= input.deadline_ || input.time_was_up_;
    return input.was_over_ || input.time_was_up_ ? 1 : 0;
}

void Input::allow(Duration limit) {
    deadline_ = clock_.steady_now() + limit;
    time_was_up_ = false;
}

Error Input::failed(int code, const std::string& doing) const {
    if (was_over_) return Error(Fault::gone, doing + ": told to stop");
    if (time_was_up_) return Error(Fault::timed_out, doing + ": no answer in time");
    std::string words = av::words_of(code);
    Fault fault = Fault::unreachable;
    if (code == AVERROR_HTTP_UNAUTHORIZED || code == AVERROR_HTTP_FORBIDDEN) fault = Fault::refused;
    if (code == AVERROR_HTTP_NOT_FOUND) fault = Fault::gone;
    if (code == AVERROR_EOF) fault = Fault::gone, words = "the stream ended";
    if (code == AVERROR_INVALIDDATA) fault = Fault::malformed;
    if (code == AVERROR_PROTOCOL_NOT_FOUND || code == AVERROR(ENOSYS)) fault = Fault::unsupported;
    return Error(fault, doing + ": " + cut_utf8(words, words_bytes_max));
}

Result<std::unique_ptr<Input>> Input::open(const Configuration& configuration, Clock& clock, std::function<bool()> is_over) {
    const std::string doing = "opening the camera's stream";
    const auto protocols = protocols_of(configuration.url);
    if (protocols.empty()) return Error(Fault::unsupported, doing + ": a URL of no kind that we take");
    std::unique_ptr<Input> input(new Input(clock, std::move(is_over)));
    input->format_ = avformat_alloc_context();
    if (input->format_ == nullptr) return Error(Fault::full, doing + ": no memory");
    input->format_->interrupt_callback = {&Input::interrupted, input.get()};

    Options options;
    const bool is_rtsp = configuration.url.starts_with("rtsp");
    options.set("protocol_whitelist", protocols.c_str()); // wire: libav's word
    options.set("probesize", "1000000");
    options.set("analyzeduration", found_limit_us);
    if (is_rtsp) {
        options.set("rtsp_transport", configuration.udp ? "udp" : "tcp");
        options.set("timeout", std::to_string(open_limit.count()).c_str());
        options.set("reorder_queue_size", "64");
        options.set("user_agent", "Gatehouse");
    }
    input->allow(open_limit);
    auto url = with_credentials(configuration.url, configuration.username, configuration.password);
    // On failure libav frees the context and sets it to null.
    const int code = avformat_open_input(&input->format_, url.c_str(), nullptr, &options.all);
    std::fill(url.begin(), url.end(), '\0');
    if (code < 0) return input->failed(code, doing);
    if (auto found = input->find_tracks(is_rtsp); !found) return std::move(found).error().during(doing);
    input->video_due_ = clock.steady_now() + silence_limit;
    return input;
}

// An RTSP camera declares its tracks. Others are looked at for two seconds at most; what is read meanwhile is kept and not lost.
Done Input::find_tracks(bool is_rtsp) {
    if (!is_rtsp) {
        allow(open_limit);
        const int code = avformat_find_stream_info(format_, nullptr);
        if (code < 0 || time_was_up_ || was_over_) return failed(code, "finding its tracks");
    }
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        auto& stream = *format_->streams[i];
        const auto id = stream.codecpar->codec_id;
        if (video_ < 0 && (id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC)) {
            video_ = static_cast<int>(i);
            codec_ = id == AV_CODEC_ID_H264 ? VideoCodec::h264 : VideoCodec::h265;
        } else if (audio_stream_ < 0 && stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
            audio_stream_ = static_cast<int>(i);
        } else {
            stream.discard = AVDISCARD_ALL;
        }
    }
    if (video_ < 0) return Error(Fault::unsupported, "no H.264 and no H.265 video");
    return set_up_filters();
}

Done Input::set_up_filters() {
    const auto& video = *format_->streams[video_];
    const auto& parameters = *video.codecpar;
    const bool has_lengths = parameters.extradata_size > 0 && parameters.extradata[0] == 1; // an avcC or hvcC begins with its version
    if (has_lengths) {
        to_annex_b_ = make_filter(codec_ == VideoCodec::h264 ? "h264_mp4toannexb" : "hevc_mp4toannexb", video);
        if (!to_annex_b_) return Error(Fault::malformed, "parameter sets that cannot be read");
    }
    if (audio_stream_ < 0) return {};
    const auto& audio = *format_->streams[audio_stream_];
    if (!is_recorded(audio.codecpar->codec_id)) return {};
    if (audio.codecpar->extradata_size == 0 && audio.codecpar->codec_id == AV_CODEC_ID_AAC) {
        without_adts_ = make_filter("aac_adtstoasc", audio);
        return {};
    }
    AudioTrack track{av::Parameters(avcodec_parameters_alloc()), audio.codecpar->sample_rate};
    if (avcodec_parameters_copy(track.parameters.get(), audio.codecpar) < 0) return Error(Fault::full, "no memory");
    if (track.ticks_per_s > 0) audio_ = std::move(track);
    return {};
}

Bytes Input::declared_sets() const {
    if (to_annex_b_) {
        const auto& out = *to_annex_b_->par_out;
        return Bytes(out.extradata, out.extradata + out.extradata_size);
    }
    const auto& parameters = *format_->streams[video_]->codecpar;
    return Bytes(parameters.extradata, parameters.extradata + parameters.extradata_size);
}

std::uint32_t Input::frames_per_1000_s() const {
    const auto rate = format_->streams[video_]->avg_frame_rate;
    if (rate.num <= 0 || rate.den <= 0) return 0;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(av_rescale(rate.num, 1000, rate.den), 1'000'000));
}

std::string Input::audio_name() const {
    if (audio_stream_ < 0) return {};
    const auto id = format_->streams[audio_stream_]->codecpar->codec_id;
    return std::string(avcodec_get_name(id)) + (is_recorded(id) ? "" : " (not recorded)");
}

void Input::look_at_sender_report(const AVPacket& packet, Frame& frame) const {
    std::size_t bytes = 0;
    const auto* data = av_packet_get_side_data(&packet, AV_PKT_DATA_PRFT, &bytes);
    if (data == nullptr || bytes < sizeof(AVProducerReferenceTime)) return;
    const auto wall_us = reinterpret_cast<const AVProducerReferenceTime*>(data)->wallclock;
    if (wall_us > 0) frame.taken_at = from_us(wall_us);
}

Result<bool> Input::take(AVPacket& packet, Frame& frame) {
    frame.is_video = packet.stream_index == video_;
    if (!frame.is_video && packet.stream_index != audio_stream_) return false;
    if (packet.size <= 0) return false;
    const auto base = format_->streams[packet.stream_index]->time_base;
    if (frame.is_video) {
        look_at_sender_report(packet, frame);
        if (to_annex_b_) {
            auto passed = pass_through(*to_annex_b_, packet);
            if (!passed || !*passed) return passed;
        }
        const ByteView stream(packet.data, static_cast<std::size_t>(packet.size));
        frame.key = (packet.flags & AV_PKT_FLAG_KEY) != 0 || has_key_picture(codec_, stream);
    } else if (without_adts_) {
        auto passed = pass_through(*without_adts_, packet);
        if (!passed || !*passed) return false;
        std::size_t bytes = 0;
        const auto* extradata = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &bytes);
        if (!audio_ && extradata != nullptr && bytes > 0 && bytes < parameter_set_bytes_max) {
            const auto& declared = *format_->streams[audio_stream_]->codecpar;
            AudioTrack track{av::Parameters(avcodec_parameters_alloc()), declared.sample_rate};
            if (avcodec_parameters_copy(track.parameters.get(), &declared) < 0) return Error(Fault::full, "no memory");
            track.parameters->extradata = static_cast<std::uint8_t*>(av_mallocz(bytes + AV_INPUT_BUFFER_PADDING_SIZE));
            if (track.parameters->extradata == nullptr) return Error(Fault::full, "no memory");
            std::copy_n(extradata, bytes, track.parameters->extradata);
            track.parameters->extradata_size = static_cast<int>(bytes);
            if (track.ticks_per_s > 0) audio_ = std::move(track);
        }
    }
    if (!frame.is_video && !audio_) return false;
    frame.decode = in_ticks(packet.dts, base);
    frame.present = in_ticks(packet.pts, base);
    return true;
}

Result<Frame> Input::read() {
    for (;;) {
        auto packet = av::make_packet();
        const auto now = clock_.steady_now();
        // Audio alone is no camera: the deadline is the next frame of video's.
        allow(std::max(video_due_ - now, Duration::zero()));
        const int code = av_read_frame(format_, packet.get());
        if (is_over_()) was_over_ = true;
        if (was_over_) return failed(code, "reading");
        if (code == AVERROR(EAGAIN)) continue;
        if (code < 0) {
            if (time_was_up_) return Error(Fault::timed_out, "no video for " + std::to_string(silence_limit / std::chrono::seconds(1)) + " s");
            return failed(code, "reading");
        }
        Frame frame;
        auto taken = take(*packet, frame);
        if (!taken) return std::move(taken).error();
        // When time is up libav's parser lets go of the frame that it held: that one is no sign of life.
        if (frame.is_video && !time_was_up_) video_due_ = clock_.steady_now() + silence_limit;
        if (!*taken) continue;
        frame.late = time_was_up_;
        frame.packet = std::move(packet);
        return frame;
    }
}

} // namespace gatehouse::pipelines
