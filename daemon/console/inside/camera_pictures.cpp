// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/camera_pictures.hpp"

#include "daemon/console/inside/cameras.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr int rtsp_port = 554;

std::string_view name_of(pipelines::Wall wall) {
    switch (wall) {
    case pipelines::Wall::stands: return "stands";
    case pipelines::Wall::absent: return "absent";
    case pipelines::Wall::refused: return "refused";
    }
    return "absent";
}

double per_s(std::uint64_t per_1000_s) { return static_cast<double>(per_1000_s) / 1000; }

/// By the codec string (RFC 6381): H.264 in its Baseline, Main and High profiles every browser plays; H.265 those that find a decoder in the
/// machine.
std::string_view browsers_that_play(std::string_view codecs) {
    for (const auto* profile : {"avc1.42", "avc1.4d", "avc1.4D", "avc1.64"})
        if (codecs.starts_with(profile)) return "all";
    return codecs.starts_with("hvc1") || codecs.starts_with("hev1") ? "some" : "none";
}

json::value picture_json(const pipelines::Opened& picture) {
    return json::object{{"codec", picture.video},
                        {"width", picture.width},
                        {"height", picture.height},
                        {"fps", per_s(picture.frames_per_1000_s)},
                        {"audio", picture.audio}};
}

json::object stream_json(const pipelines::StreamSeen& stream) {
    json::object row{{"path", stream.path}, {"set_as", stream.set_as}, {"fault", stream.fault}};
    row["picture"] = stream.fault.empty() ? picture_json(stream.picture) : json::value(nullptr);
    row["codecs"] = stream.codecs;
    row["browsers"] = stream.fault.empty() ? browsers_that_play(stream.codecs) : std::string_view("none");
    return row;
}

Task<net::HttpResponse> probe(Parts& parts, drivers::DeviceInfo camera) {
    if (!parts.probe_camera) co_return problem("unsupported", "this gateway has no cameras");
    auto probing = parts.probe_camera(std::move(camera));
    auto seen = co_await std::move(probing);
    if (!seen) co_return seen.error().fault() == Fault::gone ? problem("unreachable", seen.error().what()) : problem_of(seen.error());
    json::array streams;
    for (const auto& stream : *seen) streams.push_back(stream_json(stream));
    json::object answer{{"streams", std::move(streams)}};
    co_return json_answer(answer);
}

} // namespace

void put_look(json::object& row, const pipelines::CameraLook& look) {
    row["picture"] = look.picture ? picture_json(*look.picture) : json::value(nullptr);
    row["bits_per_s"] = look.bits_per_s;
    row["fps"] = per_s(look.frames_per_1000_s);
    row["policy"] = look.policy;
    row["last_fragment_at"] = time_or_null(look.last_fragment_at);
    row["walls"] = nullptr;
    if (look.walls)
        row["walls"] =
            json::object{{"limits", name_of(look.walls->limits)}, {"calls", name_of(look.walls->calls)}, {"files", name_of(look.walls->files)}};
    row["has_sub"] = look.has_sub;
    row["viewers"] = look.viewers;
}

Task<net::HttpResponse> get_snapshot(Parts& parts, const Asking& asking) {
    const auto& camera = asking.parameters[0];
    if (!is_camera(parts, camera)) co_return problem("not-found", "no such camera");
    if (!parts.snapshot) co_return problem("unsupported", "this gateway has no cameras");
    auto taking = parts.snapshot(camera);
    auto taken = co_await std::move(taking);
    if (!taken) co_return taken.error().fault() == Fault::gone ? problem("unreachable", taken.error().what()) : problem_of(taken.error());
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "picture of camera " + camera + " at " + to_text(taken->arrived_at), 1);
    if (!noted) co_return problem_of(noted.error());
    net::HttpResponse answer;
    answer.headers = {{"Content-Type", "image/jpeg"}, {"Cache-Control", "private, no-store"}, {"Gatehouse-Taken-At", to_text(taken->arrived_at)}};
    answer.body = std::string(as_text(taken->jpeg));
    co_return answer;
}

Task<net::HttpResponse> get_camera_probe(Parts& parts, const Asking& asking) {
    const auto& camera = asking.parameters[0];
    if (!is_camera(parts, camera)) co_return problem("not-found", "no such camera");
    auto info = parts.registry.devices().at(camera).info;
    co_return co_await probe(parts, std::move(info));
}

Task<net::HttpResponse> post_camera_probe(Parts& parts, const Asking& asking) {
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    drivers::DeviceInfo camera;
    camera.id = "probed";
    camera.driver = "rtsp";
    camera.address.host = text_at(*body, "address").value_or("");
    const auto port = number_at(*body, "port").value_or(rtsp_port);
    if (camera.address.host.empty()) co_return problem("malformed", "address: a host or an IP address expected");
    if (port < 1 || port > 65535) co_return problem("malformed", "port: 1 to 65535 expected");
    camera.address.port = static_cast<std::uint16_t>(port);
    camera.username = text_at(*body, "username").value_or("");
    camera.password = text_at(*body, "password").value_or("");
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "streams of a camera that is not registered", 1);
    if (!noted) co_return problem_of(noted.error());
    co_return co_await probe(parts, std::move(camera));
}

} // namespace gatehouse::console::inside
