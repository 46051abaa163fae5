// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/stills.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/spans.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

namespace {

constexpr Duration stills_span_max = std::chrono::hours(24);
constexpr std::uint64_t thumbnails_max = 240, thumbnails_usual = 24;
constexpr std::uint64_t still_width_min = 32, still_width_max = 3840, thumbnail_width = 160, picture_width = 1280;
constexpr std::size_t plays_bytes_max = 256;

net::HttpResponse no_stills() { return problem("unsupported", "this gateway records nothing"); }

std::string still_address(const Span& span, Time at, std::uint64_t width) {
    return "/api/v1/cameras/" + escaped(span.camera) + "/still.jpg?at=" + to_text(at) + "&stream=" + span.stream + "&width=" + std::to_string(width);
}

std::string film_address(const Span& span) {
    return "/api/v1/cameras/" + escaped(span.camera) + "/playback.mp4?from=" + to_text(span.from) + "&to=" + to_text(span.to) +
           "&stream=" + span.stream;
}

/// `count` times, evenly over what was recorded: none in a hole.
std::vector<Time> spread(const std::vector<store::RecordingSpan>& spans, std::uint64_t count) {
    Duration whole{0};
    for (const auto& span : spans)
        if (span.recorded) whole += span.to - span.from;
    std::vector<Time> times;
    const auto step = whole / static_cast<std::int64_t>(count);
    if (step <= Duration::zero()) return times;
    Duration next{0}, passed{0};
    for (const auto& span : spans) {
        if (!span.recorded) continue;
        const auto length = span.to - span.from;
        for (; next < passed + length; next += step) times.push_back(span.from + (next - passed));
        passed += length;
    }
    if (times.size() > count) times.resize(count);
    return times;
}

Task<Result<json::array>> stills_of(Parts& parts, Span span, std::uint64_t count, std::uint64_t width) {
    auto found = co_await parts.recordings->within(span.camera, span.stream, span.from, span.to);
    if (!found) co_return std::move(found).error();
    json::array stills;
    for (const auto at : spread(found->spans, count)) stills.push_back(json::object{{"at", to_text(at)}, {"href", still_address(span, at, width)}});
    co_return stills;
}

/// "avc1" of "avc1.64001f, mp4a.40.2".
std::string video_of(std::string_view codecs) { return std::string(codecs.substr(0, std::min(codecs.find_first_of(".,"), codecs.size()))); }

bool is_played(std::string_view plays, std::string_view codec) {
    while (!plays.empty()) {
        const auto end = std::min(plays.find_first_of(", "), plays.size());
        if (plays.substr(0, end) == codec) return true;
        plays.remove_prefix(std::min(end + 1, plays.size()));
    }
    return false;
}

/// How people call what is in the file.
std::string spoken(std::string_view codec) {
    if (codec == "avc1") return "H.264";
    if (codec == "hvc1" || codec == "hev1") return "H.265";
    return std::string(codec);
}

json::object why_not(const std::string& codec, bool has_sub) {
    const auto name = spoken(codec);
    return {{"zh", "录像为 " + name + "，此浏览器不能播放；" + (has_sub ? "改放录下的子码流" : "改看关键帧图片") + "，或下载后用播放器观看"},
            {"en", "recorded as " + name + ", which this browser cannot play: " +
                       (has_sub ? "shown is the recorded sub-stream" : "shown are key frames as pictures") + "; or download it for a player"}};
}

} // namespace

Task<net::HttpResponse> get_still(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr || !parts.still) co_return no_stills();
    auto at = time_of(asking, "at");
    if (!at) co_return problem_of(at.error());
    if (!*at) co_return problem("malformed", "at: a time expected");
    auto width = number_of(asking, "width", still_width_min, still_width_max, picture_width);
    if (!width) co_return problem_of(width.error());
    const auto stream = asking.value_of("stream");
    Span span{asking.parameters[0], stream.empty() ? std::string("main") : std::string(stream), **at, **at + std::chrono::microseconds(1)};
    if (auto good = check_span(span, stills_span_max); !good) co_return problem_of(good.error());
    auto still = co_await parts.still(span.camera, span.stream, **at, static_cast<std::uint16_t>(*width));
    if (!still) co_return problem_of(still.error());
    // One note an hour for a camera's hour: a timeline is one look.
    std::string what = "stills of " + span.camera + " " + span.stream + ", hour " + to_text(still->shown_at).substr(0, 13);
    auto viewing = co_await note_viewing(parts, asking, std::move(what));
    if (!viewing) co_return problem_of(viewing.error());
    net::HttpResponse answer;
    answer.headers = {{"Content-Type", "image/jpeg"}, {"Cache-Control", "private, no-store"}, {"Gatehouse-Shown-At", to_text(still->shown_at)}};
    answer.body = std::move(still->jpeg);
    co_return answer;
}

Task<net::HttpResponse> get_thumbnails(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr || !parts.still) co_return no_stills();
    auto span = span_of(asking, stills_span_max);
    if (!span) co_return problem_of(span.error());
    auto count = number_of(asking, "count", 1, thumbnails_max, thumbnails_usual);
    if (!count) co_return problem_of(count.error());
    auto width = number_of(asking, "width", still_width_min, still_width_max, thumbnail_width);
    if (!width) co_return problem_of(width.error());
    auto stills = co_await stills_of(parts, std::move(*span), *count, *width);
    if (!stills) co_return problem_of(stills.error());
    json::object answer{{"thumbnails", std::move(*stills)}};
    co_return json_answer(answer);
}

// Asked with what the browser says that it plays ("avc1,hvc1"): the answer is the best that it can show, why, and the whole for a player.
Task<net::HttpResponse> get_ways(Parts& parts, const Asking& asking) {
    if (parts.recordings == nullptr || !parts.play || !parts.still) co_return no_stills();
    auto span = span_of(asking, stills_span_max);
    if (!span) co_return problem_of(span.error());
    const auto plays = asking.value_of("plays");
    if (plays.empty() || plays.size() > plays_bytes_max) co_return problem("malformed", "plays: what the browser plays, such as avc1,hvc1");
    auto film = co_await parts.play(span->camera, span->stream, span->from, span->to);
    if (!film) co_return problem_of(film.error());
    const auto codec = video_of((*film)->codecs());
    json::object answer{{"codecs", (*film)->codecs()}, {"download", film_address(*span)}};
    if (is_played(plays, codec)) {
        answer["way"] = "film";
        answer["href"] = film_address(*span);
        co_return json_answer(answer);
    }
    Span sub = *span;
    sub.stream = "sub";
    if (span->stream == "main") {
        auto small = co_await parts.play(sub.camera, sub.stream, sub.from, sub.to);
        if (small && is_played(plays, video_of((*small)->codecs()))) {
            answer["way"] = "sub_stream";
            answer["href"] = film_address(sub);
            answer["why"] = why_not(codec, true);
            co_return json_answer(answer);
        }
    }
    auto stills = co_await stills_of(parts, *span, thumbnails_max, picture_width);
    if (!stills) co_return problem_of(stills.error());
    answer["way"] = "key_frames";
    answer["why"] = why_not(codec, false);
    answer["stills"] = std::move(*stills);
    co_return json_answer(answer);
}

} // namespace gatehouse::console::inside
