// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/route.hpp"

#include "daemon/console/inside/camera_pictures.hpp"
#include "daemon/console/inside/cameras.hpp"
#include "daemon/console/inside/check.hpp"
#include "daemon/console/inside/clips.hpp"
#include "daemon/console/inside/coverage_route.hpp"
#include "daemon/console/inside/devices.hpp"
#include "daemon/console/inside/library_routes.hpp"
#include "daemon/console/inside/live_feed.hpp"
#include "daemon/console/inside/live_video.hpp"
#include "daemon/console/inside/log_routes.hpp"
#include "daemon/console/inside/records.hpp"
#include "daemon/console/inside/status.hpp"
#include "daemon/console/inside/stills.hpp"
#include "daemon/console/inside/upstream_routes.hpp"

#include <array>

namespace gatehouse::console {

namespace {

using auth::May;
using enum Verb;
using namespace inside;

constexpr auto anybody = std::optional<May>();

// Both spell the same members; a change takes its id from the path.
#define GATEHOUSE_DEVICE_MEMBERS                                                                                                           \
    "name? driver model? address port place? tls? pinned_sha256? interface? serial? username? password? may_set_clock? may_set_listener? " \
    "outlets? options? "                                                                                                                   \
    "national_id? police_unit? area? address_code? longitude? latitude? datum? direction? indoor? installed_on? keeper?"
constexpr std::string_view device_body = "id " GATEHOUSE_DEVICE_MEMBERS;
constexpr std::string_view changed_device_body = "id? " GATEHOUSE_DEVICE_MEMBERS;

constexpr std::string_view place_body = "kind name? parent? plan? plan_x? plan_y? national_id? police_unit? area? address_code? longitude? latitude? "
                                        "datum? direction? indoor? installed_on? keeper?";

constexpr std::string_view prose = "200 text/plain";
constexpr std::string_view if_match = "If-Match";
constexpr std::string_view known = "If-None-Match";

// A class of the resource library: who sees it, who changes it. What a change must say, GET /api/v1/library tells.
#define GATEHOUSE_LIBRARY(PLURAL, SEES, CHANGES)                                                                                                  \
    Route{get, "/api/v1/" PLURAL, May::SEES, get_entries, "beyond limit field value reveal purpose", "", "Those in force, or found by a number"}, \
        Route{post, "/api/v1/" PLURAL, May::CHANGES, post_entry, "", "fields", "Add one", "201 application/json"},                                \
        Route{get, "/api/v1/" PLURAL "/{row}", May::SEES, get_entry, "version reveal purpose", "", "One, in force or as a version stood"},        \
        Route{get, "/api/v1/" PLURAL "/{row}/versions", May::SEES, get_versions, "reveal purpose", "", "All that it ever was"},                   \
        Route{put, "/api/v1/" PLURAL "/{row}", May::CHANGES, put_entry, "", "fields", "A new version", "200 application/json", if_match}, Route { \
        remove, "/api/v1/" PLURAL "/{row}", May::CHANGES, delete_entry, "", "", "End it; what it was stays", "204", if_match                      \
    }

constexpr std::array routes{
    Route{get, "/livez", anybody, get_livez, "", "", "The process runs", prose},
    Route{get, "/readyz", anybody, get_readyz, "", "", "Records can be stored", prose},
    Route{get, "/api/v1/status", May::see_status, get_status, "", "", "Figures: log, disk, devices, upstreams with their lanes"},
    Route{get, "/metrics", May::see_status, get_metrics, "", "", "The same for Prometheus", prose},
    Route{get, "/api/v1/openapi.yaml", anybody, get_openapi, "", "", "This description", "200 application/yaml", known},
    Route{get, "/api/v1/check", May::see_devices, get_check, "", "", "What is wrong, in plain words, worst first"},
    Route{get, "/api/v1/check/plan", May::see_devices, get_plan, "", "", "What disk and line the registered devices need for thirty days"},
    Route{post, "/api/v1/check/storage", May::back_up, post_storage, "", "", "Measure the drive beneath the log: whether it lies about flush"},
    Route{get, "/api/v1/bundle", May::export_bundle, get_bundle, "", "", "A support bundle without secrets and personal fields"},
    Route{get, "/api/v1/devices", May::see_devices, get_devices, "", "", "All devices with their state"},
    Route{post, "/api/v1/devices", May::change_devices, post_device, "", device_body, "Register a device", "201 application/json"},
    Route{get, "/api/v1/devices/{id}", May::see_devices, get_device, "", "", "One device"},
    Route{put, "/api/v1/devices/{id}", May::change_devices, put_device, "", changed_device_body, "Change a device", "200 application/json", if_match},
    Route{remove, "/api/v1/devices/{id}", May::change_devices, delete_device, "", "", "Remove a device", "204", if_match},
    Route{get, "/api/v1/devices/{id}/probe", May::see_devices, get_probe, "", "", "What is wrong with it, in plain words"},
    Route{get, "/api/v1/devices/{id}/coverage", May::see_devices, get_coverage, "from to", "",
          "When it was heard, when not, and what was recovered from its memory"},
    Route{post, "/api/v1/devices/{id}/open", May::open_doors, post_open, "", "door", "Open a door or lift a barrier", "200 application/json",
          "Idempotency-Key"},
    Route{post, "/api/v1/devices/{id}/password", May::change_devices, post_password, "", "",
          "A new password, made here, written to the device and proved; nobody is told it"},
    Route{post, "/api/v1/discover", May::change_devices, post_discover, "", "address?", "Ask the device network who is there"},
    Route{get, "/api/v1/cameras", May::see_status, get_cameras, "from", "",
          "All cameras with what is recorded of them, and when the disk is full; with from: how much is missing since"},
    Route{get, "/api/v1/cameras/{id}/recordings", May::see_records, get_recordings, "from to stream", "",
          "What was recorded, what is missing and why, what is locked"},
    Route{get, "/api/v1/cameras/{id}/playback.mp4", May::see_recordings, get_playback, "from to stream", "",
          "A span as one film on the wall clock; Gatehouse-Begins-At: what second 0 is", "200 video/mp4", "Range If-Range If-None-Match"},
    Route{get, "/api/v1/cameras/{id}/playback", May::see_recordings, get_ways, "from to stream plays", "",
          "How this browser can see a span: the film, the recorded sub-stream, or key frames, and why"},
    Route{get, "/api/v1/cameras/{id}/thumbnails", May::see_recordings, get_thumbnails, "from to stream count width", "",
          "Stills spread over what was recorded in a span"},
    Route{get, "/api/v1/cameras/{id}/still.jpg", May::see_recordings, get_still, "at stream width", "",
          "The recorded key frame at or before a time; Gatehouse-Shown-At: when it was", "200 image/jpeg"},
    Route{post, "/api/v1/cameras/{id}/locks", May::lock_recordings, post_lock, "", "from to case until", "Keep a span for a case",
          "201 application/json"},
    Route{remove, "/api/v1/cameras/{id}/locks/{lock}", May::lock_recordings, delete_lock, "", "", "Let go of a span", "204"},
    Route{post, "/api/v1/cameras/{id}/export", May::export_recordings, post_export, "", "from to case purpose? stream?",
          "The files of a span as recorded, with their hashes and the gateway's signature", "200 application/x-tar"},
    Route{get, "/api/v1/cameras/{id}/live", May::see_live, get_live_video, "stream", "",
          "What a camera sees now, as fragments of MP4 (WebSocket); without stream the one that browsers play", "101"},
    Route{get, "/api/v1/cameras/{id}/snapshot.jpg", May::see_live, get_snapshot, "", "", "Its newest key frame", "200 image/jpeg"},
    Route{get, "/api/v1/cameras/{id}/probe", May::change_devices, get_camera_probe, "", "",
          "Which streams it offers, and which of them browsers play"},
    Route{post, "/api/v1/cameras/probe", May::change_devices, post_camera_probe, "", "address port? username? password?",
          "The same of one that is not registered"},
    Route{get, "/api/v1/clips", May::see_recordings, get_clips, "", "", "Clips that platforms asked for, with case and officers"},
    Route{post, "/api/v1/clips/{id}/approve", May::export_recordings, post_clip_approve, "", "", "The compound's yes: the platform may fetch it"},
    Route{post, "/api/v1/clips/{id}/refuse", May::export_recordings, post_clip_refuse, "", "reason", "The compound's no"},
    Route{get, "/api/v1/places", May::see_devices, get_places, "", "", "All places"},
    Route{put, "/api/v1/places/{id}", May::change_places, put_place, "", place_body, "Add a place, or change it", "200 application/json", if_match},
    Route{remove, "/api/v1/places/{id}", May::change_places, delete_place, "", "", "Remove a place where nothing stands", "204", if_match},
    Route{get, "/api/v1/homes/{id}", May::see_personal, get_home, "", "", "A home with who lives there, leases, vehicles, visits"},
    Route{get, "/api/v1/library", May::see_status, get_classes, "", "", "What the resource library holds: classes, fields, choices"},
    GATEHOUSE_LIBRARY("persons", see_personal, change_library),
    GATEHOUSE_LIBRARY("residences", see_personal, change_library),
    GATEHOUSE_LIBRARY("leases", see_personal, change_library),
    GATEHOUSE_LIBRARY("visits", see_personal, register_visits),
    GATEHOUSE_LIBRARY("staff", see_personal, change_library),
    GATEHOUSE_LIBRARY("vehicles", see_personal, change_library),
    GATEHOUSE_LIBRARY("permits", see_personal, change_library),
    GATEHOUSE_LIBRARY("consents", see_personal, change_library),
    GATEHOUSE_LIBRARY("credentials", see_personal, change_library),
    GATEHOUSE_LIBRARY("things", see_things, change_things),
    GATEHOUSE_LIBRARY("organisations", see_things, change_things),
    GATEHOUSE_LIBRARY("time-plans", see_things, change_things),
    GATEHOUSE_LIBRARY("door-groups", see_things, change_things),
    Route{get, "/api/v1/persons/{row}/about", May::see_personal, get_about, "reveal purpose", "", "All that the library knows of one person"},
    Route{post, "/api/v1/persons/{row}/erase", May::erase, post_erase_person, "", "order", "Erase a person by order"},
    Route{post, "/api/v1/imports", May::change_library, post_import, "class dry_run", "", "A table as CSV or XLSX; every fault by row and column"},
    Route{remove, "/api/v1/imports/{row}", May::change_library, delete_import, "", "", "Undo a whole import", "200 application/json"},
    Route{get, "/api/v1/exports/{class}", May::change_library, get_export, "format language reveal purpose", "", "A class as a table",
          "200 text/csv"},
    Route{get, "/api/v1/records", May::see_records, get_records, "kind source subject look_alike personal from to before limit", "",
          "Records, newest first"},
    Route{get, "/api/v1/records/{position}", May::see_records, get_record, "personal", "", "One record", "200 application/json", known},
    Route{get, "/api/v1/records/{position}/pictures/{sha256}", May::see_personal, get_picture, "", "", "One picture of a record", "200 image/jpeg"},
    Route{get, "/api/v1/live", May::see_records, get_live, "after kind source subject personal", "", "Records as they come (WebSocket)", "101"},
    Route{get, "/api/v1/audit", May::read_audit, get_audit, "from to before limit", "", "Who looked at what"},
    Route{post, "/api/v1/log/verify", May::verify_log, post_verify, "", "", "Recompute every commitment, seal and signature"},
    Route{post, "/api/v1/backup", May::back_up, post_backup, "", "file", "Copy the log while it runs"},
    Route{post, "/api/v1/erase", May::erase, post_erase, "", "subject order", "Erase a subject by order"},
    Route{get, "/api/v1/identity", May::see_status, get_identity, "", "", "Gateway, epoch, head, seal"},
    Route{post, "/api/v1/identity/renew", May::change_upstreams, post_renew, "", "", "Begin a new epoch", "200 application/json", if_match},
    Route{get, "/api/v1/settings", May::see_devices, get_settings, "language", "", "Settings in force, without secrets", "200 application/toml",
          known},
    Route{get, "/api/v1/upstreams", May::see_upstreams, get_upstreams, "", "", "All upstreams with their lanes"},
    Route{post, "/api/v1/upstreams/{name}/resend", May::operate_upstreams, post_resend, "", "lane? first last", "Send a range again"},
    Route{get, "/api/v1/upstreams/{name}/dead", May::see_upstreams, get_dead, "limit", "", "Dead letters"},
};

bool is_parameter(std::string_view segment) { return !segment.empty() && segment.front() == '{'; }

/// The pattern's parameters out of `segments`; none: it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern, const std::vector<std::string>& segments) {
    std::vector<std::string> parameters;
    std::size_t at = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        const auto wanted = pattern.substr(0, end);
        pattern.remove_prefix(end);
        if (at == segments.size()) return std::nullopt;
        const auto& given = segments[at++];
        if (is_parameter(wanted)) {
            auto plain = unescaped(given);
            if (!plain) return std::nullopt;
            parameters.push_back(std::move(*plain));
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (at != segments.size()) return std::nullopt;
    return parameters;
}

} // namespace

std::string_view name_of(Verb verb) {
    switch (verb) {
    case Verb::get: return "GET";
    case Verb::post: return "POST";
    case Verb::put: return "PUT";
    case Verb::remove: return "DELETE";
    }
    return "GET";
}

std::string_view Asking::value_of(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

std::span<const Route> all_routes() { return routes; }

Match find_route(std::string_view method, const std::vector<std::string>& segments) {
    Match match;
    for (const auto& route : routes) {
        auto parameters = fit(route.pattern, segments);
        if (!parameters) continue;
        if (name_of(route.verb) == method) {
            match.route = &route;
            match.parameters = std::move(*parameters);
            return match;
        }
        if (!match.other_verbs.empty()) match.other_verbs += ", ";
        match.other_verbs += name_of(route.verb);
    }
    return match;
}

} // namespace gatehouse::console
