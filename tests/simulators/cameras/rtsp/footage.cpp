// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/footage.hpp"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gatehouse::simulators::cameras {
namespace {

template <auto release>
struct Releasing {
    template <typename T>
    void operator()(T* object) const {
        release(object);
    }
};
using ElementPtr = std::unique_ptr<GstElement, Releasing<gst_object_unref>>;
using SamplePtr = std::unique_ptr<GstSample, Releasing<gst_sample_unref>>;

ElementPtr pipeline_for(const std::filesystem::path& film, const char* codec) {
    const std::string description = "filesrc location=\"" + film.string() + "\" ! qtdemux ! " + codec + "parse config-interval=-1 ! video/x-" +
                                    codec + ",stream-format=byte-stream,alignment=au ! appsink name=out sync=false";
    GError* error = nullptr;
    ElementPtr pipeline(gst_parse_launch(description.c_str(), &error));
    if (error) {
        const std::string what = error->message;
        g_error_free(error);
        throw std::runtime_error("reading a film: " + what);
    }
    return pipeline;
}

// The next frame; nothing at the end, or where the film is of another codec: then no frame ever comes, and only the bus says so.
SamplePtr next_sample(GstElement* pipeline, GstElement* out) {
    constexpr int looks_max = 100;
    GstBus* bus = gst_element_get_bus(pipeline);
    SamplePtr sample;
    for (int look = 0; look < looks_max && !sample; ++look) {
        sample.reset(gst_app_sink_try_pull_sample(GST_APP_SINK(out), 100 * GST_MSECOND));
        if (sample || gst_app_sink_is_eos(GST_APP_SINK(out))) break;
        GstMessage* error = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
        if (!error) continue;
        gst_message_unref(error);
        break;
    }
    gst_object_unref(bus);
    return sample;
}

void note_shape(Footage& footage, GstSample* sample) {
    const GstStructure* shape = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
    int numerator = 25, denominator = 1;
    gst_structure_get_fraction(shape, "framerate", &numerator, &denominator);
    gst_structure_get_int(shape, "width", &footage.width);
    gst_structure_get_int(shape, "height", &footage.height);
    footage.fps = (numerator + denominator / 2) / std::max(1, denominator);
}

Footage read_as(const std::filesystem::path& film, const char* codec) {
    Footage footage;
    footage.codec = codec;
    const ElementPtr pipeline = pipeline_for(film, codec);
    const ElementPtr out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::size_t bytes = 0;
    while (const SamplePtr sample = next_sample(pipeline.get(), out.get())) {
        if (footage.frames.empty()) note_shape(footage, sample.get());
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        Frame frame;
        frame.is_key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        frame.bytes.resize(gst_buffer_get_size(buffer));
        gst_buffer_extract(buffer, 0, frame.bytes.data(), frame.bytes.size());
        bytes += frame.bytes.size();
        footage.frames.push_back(std::move(frame));
        if (bytes > footage_bytes_max) break;
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (bytes > footage_bytes_max) throw std::runtime_error(film.string() + " is too large to be kept in memory");
    return footage;
}

} // namespace

Footage read_footage(const std::filesystem::path& film) {
    gst_init(nullptr, nullptr);
    for (const char* codec : {"h264", "h265"}) {
        Footage footage = read_as(film, codec);
        if (footage.frames.empty()) continue;
        if (!footage.frames.front().is_key) throw std::runtime_error(film.string() + " does not begin with a key frame");
        std::ifstream pictures(film.string() + ".jpegs", std::ios::binary);
        footage.pictures = split_pictures({std::istreambuf_iterator<char>(pictures), {}});
        return footage;
    }
    throw std::runtime_error(film.string() + " holds no H.264 and no H.265");
}

// Within a JPEG's data FF is always followed by 00 or a restart marker, so that its beginning and end stand nowhere else.
std::vector<std::string> split_pictures(const std::string& bytes) {
    constexpr std::string_view end = "\xFF\xD9";
    std::vector<std::string> pictures;
    for (std::size_t at = 0, found = bytes.find(end); found != std::string::npos; found = bytes.find(end, at)) {
        pictures.push_back(bytes.substr(at, found + end.size() - at));
        at = found + end.size();
    }
    return pictures;
}

std::vector<std::span<const std::uint8_t>> nal_units(std::span<const std::uint8_t> frame) {
    constexpr std::array<std::uint8_t, 3> start_code{0, 0, 1};
    std::vector<std::span<const std::uint8_t>> units;
    const auto next = [&](std::size_t from) {
        const auto found = std::search(frame.begin() + static_cast<std::ptrdiff_t>(from), frame.end(), start_code.begin(), start_code.end());
        return static_cast<std::size_t>(found - frame.begin());
    };
    for (std::size_t at = next(0); at < frame.size();) {
        std::size_t end = next(at + start_code.size());
        const std::size_t following = end;
        if (end < frame.size() && frame[end - 1] == 0) --end; // the long start code
        units.push_back(frame.subspan(at, end - at));
        at = following;
    }
    return units;
}

bool is_parameter_set(std::string_view codec, std::span<const std::uint8_t> nal) {
    if (nal.size() < 4) return false;
    if (codec == "h264") return (nal[3] & 0x1f) == 7 || (nal[3] & 0x1f) == 8;
    const int type = nal[3] >> 1 & 0x3f;
    return type >= 32 && type <= 34;
}

} // namespace gatehouse::simulators::cameras
