// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/whole_camera.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::app {

namespace {

constexpr Duration stream_look_every = std::chrono::milliseconds(500);
// ISAPI guide, Streaming/channels: channel 1, its first stream. On these devices it is not configurable.
constexpr std::string_view isapi_stream = "/Streaming/Channels/101";
constexpr std::uint16_t rtsp_port = 554;

std::string_view option(const drivers::DeviceInfo& device, const std::string& name) {
    const auto found = device.options.find(name);
    return found == device.options.end() ? std::string_view() : std::string_view(found->second);
}

/// The log keeps one mark for a source, and an ISAPI device's is of its events: the picture goes without.
class Unmarked final : public RecordSink {
public:
    explicit Unmarked(RecordSink& sink) : sink_(sink) {}
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override { return sink_.append(std::move(record), std::nullopt); }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record record) override { sink_.hand_over(std::move(record)); }

private:
    RecordSink& sink_;
};

} // namespace

bool has_pictures(const drivers::DeviceInfo& device) {
    const auto video = option(device, "video");
    return device.driver == "onvif" ? video != "no" : device.driver == "isapi" && video == "yes";
}

Result<drivers::DeviceInfo> picture_of(const drivers::DeviceInfo& device, const drivers::CameraStream& stream) {
    const std::string_view uri = stream.uri;
    const auto colon = uri.find("://");
    if (colon == std::string_view::npos) return Error(Fault::malformed, "a stream's address that is none");
    const auto rest = uri.substr(colon + 3);
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto authority = rest.substr(0, slash);
    const auto port_at = authority.rfind(':');
    const auto port = port_at == std::string_view::npos ? std::nullopt : to_number(authority.substr(port_at + 1));
    if (!port || *port < 1 || *port > 65535 || slash == rest.size()) return Error(Fault::malformed, "a stream's address without port or path");
    drivers::DeviceInfo picture = device;
    picture.driver = "rtsp";
    picture.tls = false;
    picture.address.port = static_cast<std::uint16_t>(*port);
    picture.options["scheme"] = std::string(uri.substr(0, colon));
    picture.options["path"] = std::string(rest.substr(slash));
    if (device.driver == "onvif") picture.options.try_emplace("watch", "off"); // it says itself what moves: each motion would be told twice
    return picture;
}

drivers::DeviceInfo with_second(drivers::DeviceInfo device, const std::vector<drivers::CameraStream>& streams) {
    if (!option(device, "sub_path").empty()) return device;
    std::optional<std::uint16_t> main_port;
    for (const auto& stream : streams) {
        if (!stream.uri.starts_with("rtsp")) continue;
        auto picture = picture_of(device, stream);
        if (!picture) continue;
        if (!main_port) main_port = picture->address.port;
        const bool is_played = stream.role == drivers::CameraStream::Role::sub && stream.codec == "h264";
        if (!is_played || picture->address.port != *main_port) continue; // an option names a path, and no port
        device.options["sub_path"] = picture->options.at("path");
        return device;
    }
    return device;
}

Probing probing_of(drivers::DeviceInfo device, const std::vector<drivers::CameraStream>& streams) {
    Probing probing;
    probing.camera = with_second(std::move(device), streams);
    if (probing.camera.driver == "rtsp") return probing;
    const auto whole = probing.camera;
    for (const auto& stream : streams) {
        auto picture = stream.uri.starts_with("rtsp") ? picture_of(whole, stream) : Result<drivers::DeviceInfo>(Error(Fault::unsupported, "no RTSP"));
        if (!picture) continue;
        auto path = picture->options.at("path");
        if (probing.told.empty())
            probing.camera = std::move(*picture);
        else if (picture->address.port != probing.camera.address.port)
            continue;
        probing.told.push_back(std::move(path));
    }
    if (!probing.told.empty()) return probing;
    // Its port is that of its web server, and its path none of a stream.
    probing.camera.driver = "rtsp";
    probing.camera.tls = false;
    probing.camera.address.port = rtsp_port;
    probing.camera.options.erase("path");
    return probing;
}

WholeCamera::WholeCamera(drivers::DeviceInfo device, std::unique_ptr<drivers::Driver> events, Parts parts)
    : device_(std::move(device)), events_(std::move(events)), parts_(std::move(parts)) {}

std::vector<drivers::CameraStream> WholeCamera::streams_told() const {
    auto* camera = events_->camera();
    return camera == nullptr ? std::vector<drivers::CameraStream>() : camera->streams();
}

std::optional<drivers::CameraStream> WholeCamera::stream_told() const {
    auto* camera = events_->camera();
    if (camera == nullptr) {
        const auto host = device_.address.host.find(':') == std::string::npos ? device_.address.host : "[" + device_.address.host + "]";
        drivers::CameraStream fixed;
        fixed.uri = "rtsp://" + host + ":" + std::to_string(rtsp_port) + std::string(isapi_stream);
        return fixed;
    }
    auto streams = streams_told();
    const auto rtsp = std::find_if(streams.begin(), streams.end(), [](const auto& each) { return each.uri.starts_with("rtsp"); });
    if (rtsp == streams.end()) return std::nullopt;
    return std::move(*rtsp);
}

// A camera that moved its stream, or was given another one, is recorded from there.
Task<void> WholeCamera::until_another(std::string uri) {
    for (;;) {
        co_await parts_.surroundings.clock.sleep_for(stream_look_every);
        const auto told = stream_told();
        if (told && told->uri != uri) co_return;
    }
}

Task<void> WholeCamera::show(RecordSink& sink) {
    for (std::string failed;;) {
        auto stream = stream_told();
        if (!stream || stream->uri == failed) {
            co_await parts_.surroundings.clock.sleep_for(stream_look_every);
            continue;
        }
        auto made = parts_.make_picture(with_second(device_, streams_told()), *stream);
        if (!made) {
            log::error("camera", "cannot be recorded", {{"device", device_.id}, {"what", made.error().what()}});
            failed = stream->uri;
            continue;
        }
        failed.clear();
        picture_ = std::move(*made);
        auto showing = drivers::supervise(*picture_, device_, sink, parts_.surroundings, parts_.company);
        auto changing = until_another(stream->uri);
        co_await first_of(std::move(showing), std::move(changing));
        picture_.reset();
    }
}

Task<Error> WholeCamera::run(RecordSink& sink) {
    Unmarked unmarked(sink);
    RecordSink& for_picture = device_.driver == "isapi" ? static_cast<RecordSink&>(unmarked) : sink;
    auto reporting = drivers::supervise(*events_, device_, sink, parts_.surroundings, parts_.company);
    auto showing = show(for_picture);
    co_await first_of(std::move(reporting), std::move(showing));
    co_return Error(Fault::gone, "over");
}

drivers::DeviceStatus WholeCamera::status() const {
    using State = drivers::DeviceStatus::State;
    auto status = events_->status();
    if (!picture_) return status;
    const auto picture = picture_->status();
    std::string fault;
    if (status.state != State::online && !status.fault.empty()) fault = "events: " + status.fault;
    if (status.state == State::online && !status.fault.empty()) fault = status.fault;
    if (picture.state != State::online && !picture.fault.empty()) fault = "picture: " + picture.fault + (fault.empty() ? "" : "; ") + fault;
    status.state = picture.state;
    status.fault = std::move(fault);
    if (picture.heard_at) status.heard_at = std::max(status.heard_at.value_or(Time()), *picture.heard_at);
    if (!status.clock_offset_us) status.clock_offset_us = picture.clock_offset_us;
    return status;
}

} // namespace gatehouse::app
