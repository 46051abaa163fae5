// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/plate_camera.hpp"

#include "tests/simulators/devices/isapi/picture.hpp"
#include "tests/simulators/devices/isapi/xml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace gatehouse::simulators::isapi {
namespace json = boost::json;
using control::FaultName;

namespace {

constexpr std::array firmwares{
    PlateFirmware{.name = "tcg405",
                  .model = "DS-TCG405-E",
                  .version = "V5.3.0",
                  .push_boundary = "---------------------------7e13971310878",
                  .xml_type = "application/xml; charset=\"UTF-8\"",
                  .scene_name = "detectionPicture.jpg",
                  .scene_type = "detectionPicture",
                  .has_blanks = true,
                  .odd_file_names = false,
                  .has_barrier = true,
                  .zulu_captures = false,
                  .searches_by_get = false,
                  .namespace_variant = ""},
    PlateFirmware{.name = "2cd7a46",
                  .model = "iDS-2CD7A46G0-IZHSY",
                  .version = "V5.8.61",
                  .push_boundary = "boundary",
                  .xml_type = "text/xml",
                  .scene_name = "vehiclePicture.jpg",
                  .scene_type = "vehiclePicture",
                  .has_blanks = false,
                  .odd_file_names = true,
                  .has_barrier = true,
                  .zulu_captures = true,
                  .searches_by_get = false,
                  .namespace_variant = "hikvision20"},
    PlateFirmware{.name = "2cd4a26",
                  .model = "DS-2CD4A26FWD-IZS",
                  .version = "V5.4.5",
                  .push_boundary = "boundary",
                  .xml_type = "application/xml",
                  .scene_name = "detectionPicture.jpg",
                  .scene_type = "detectionPicture",
                  .has_blanks = false,
                  .odd_file_names = false,
                  .has_barrier = false,
                  .zulu_captures = false,
                  .searches_by_get = true,
                  .namespace_variant = "stdcgi20"},
};

constexpr std::array own_faults{
    FaultName{"unread_plate", "the next vehicles pass without a plate: `as` 车牌 (default), unknown, 无车牌 or empty"},
    FaultName{"constant_uuid", "every UUID is `value` (x)"},
    FaultName{"retransmission", "new events are marked isDataRetransmission and alarmDataType 1"},
    FaultName{"resend", "deed: the last `count` events leave again, marked as retransmission"},
    FaultName{"conflict", "deed: the last event again, same UUID and time, another plate"},
    FaultName{"serial_reset", "deed: the camera's count begins again at `to` (1)"},
    FaultName{"clear_log", "deed: the memory for searches is emptied"},
    FaultName{"forget", "deed: the oldest `count` captures are dropped from memory"},
    FaultName{"no_pictures", "events without their pictures"},
    FaultName{"big_picture", "the scene picture has `bytes` bytes"},
    FaultName{"gate_stuck", "the barrier answers statusCode 1 and does not move"},
    FaultName{"gate_no_signal", "barrierGateStatus is 0"},
    FaultName{"list_rejects_known", "adding a plate that is on the list is refused"},
};

const std::vector<FaultName>& all_faults() {
    static const std::vector<FaultName> all = [] {
        std::vector<FaultName> both(own_faults.begin(), own_faults.end());
        both.insert(both.end(), common_faults().begin(), common_faults().end());
        return both;
    }();
    return all;
}

struct Kind {
    std::string_view prefix, color, type;
    std::size_t characters; // behind province and letter
};
constexpr std::array kinds{
    Kind{"蓝", "blue", "92TypeCivil", 5},
    Kind{"绿", "newEnergyGreen", "newEnergy", 6},
    Kind{"黄", "yellow", "02TypePersonal", 5},
    Kind{"白", "white", "policeCar", 5},
};

std::string make_uuid(std::uint64_t number, std::string_view mac) {
    char text[64];
    std::string tail;
    for (char c : mac) {
        if (c != ':') tail += c;
    }
    std::snprintf(text, sizeof text, "%08x-1dd2-11b2-8f10-%s", static_cast<unsigned>(0x7b1f0000u + number), tail.c_str());
    return text;
}

std::string text_in(const json::object& object, std::string_view name, std::string otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : otherwise;
}

double number_in(const json::object& object, std::string_view name, double otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_number() ? value->to_number<double>() : otherwise;
}

} // namespace

std::span<const PlateFirmware> plate_firmwares() { return firmwares; }

PlateCamera::PlateCamera(boost::asio::io_context& io, Setup setup, control::Ledger& ledger, control::Faults& faults)
    : IsapiDevice(io, std::move(setup), ledger, faults) {
    auto found = std::find_if(firmwares.begin(), firmwares.end(), [&](auto& one) { return setup_.firmware.empty() || one.name == setup_.firmware; });
    if (found == firmwares.end()) throw std::runtime_error("no plate camera firmware named " + setup_.firmware);
    firmware_ = *found;
    if (setup_.memory_max == 0) setup_.memory_max = memory_captures_max;
}

std::span<const FaultName> PlateCamera::faults() const { return all_faults(); }

Framing PlateCamera::stream_framing() const {
    Framing framing;
    framing.xml_type = firmware_.xml_type;
    framing.has_blanks = firmware_.has_blanks;
    return framing;
}

Framing PlateCamera::push_framing() const {
    auto framing = stream_framing();
    framing.boundary = firmware_.push_boundary;
    return framing;
}

// ---------------------------------------------------------------- events

Alert PlateCamera::alert_of(const Capture& capture) {
    CameraFace camera{.address = setup_.shown_address,
                      .mac = setup_.mac,
                      .zone_minutes = zone_minutes(),
                      .scene_name = std::string(firmware_.scene_name),
                      .scene_type = std::string(firmware_.scene_type)};
    Alert alert;
    alert.part_name = "anpr.xml";
    alert.file_name = "anpr.xml";
    alert.body = anpr_xml(capture, camera);
    if (!firmware_.namespace_variant.empty()) alert.body = with_namespace(alert.body, firmware_.namespace_variant);
    if (faults_.is_set("no_pictures")) return alert;
    auto seed = setup_.seed * 1'000'003 + capture.number * 2;
    auto scene_bytes = static_cast<std::size_t>(faults_.number("big_picture", "bytes", static_cast<double>(setup_.picture_bytes * 2)));
    std::string stamp = format_digits(capture.at, zone_minutes());
    auto file = [&](std::string_view name) { return firmware_.odd_file_names ? stamp : std::string(name); };
    alert.pictures.push_back(Picture{.name = "licensePlatePicture.jpg",
                                     .file_name = file("licensePlatePicture.jpg"),
                                     .content_id = "",
                                     .bytes = make_picture(seed, setup_.picture_bytes)});
    alert.pictures.push_back(
        Picture{.name = camera.scene_name, .file_name = file(camera.scene_name), .content_id = "", .bytes = make_picture(seed + 1, scene_bytes)});
    return alert;
}

bool PlateCamera::is_listed(const std::string& plate) const { return list_.contains(without_color(plate)); }

control::LedgerRow PlateCamera::take(Capture capture) {
    capture.number = next_number_++;
    if (capture.at == 0) capture.at = now();
    capture.time_text = time_text(capture.at);
    capture.channel_name = canary(capture.number);
    capture.uuid = make_uuid(capture.number, setup_.mac);
    auto unread = faults_.text("unread_plate", "as", "车牌");
    if (faults_.strikes("unread_plate")) {
        capture.plate = unread;
        capture.confidence = 0;
        capture.plate_color = "unknown";
        capture.plate_type = "unknown";
        capture.believe.clear();
    }
    auto constant = faults_.text("constant_uuid", "value", "x");
    if (faults_.strikes("constant_uuid")) capture.uuid = constant;
    capture.is_retransmission = faults_.strikes("retransmission");
    if (is_listed(capture.plate)) {
        capture.list_type = "allowList";
        capture.list_name = canary(capture.number);
        capture.barrier = 0;
        lift();
    }
    memory_.push_back(capture);
    while (memory_.size() > setup_.memory_max) memory_.pop_front();
    bool is_read = capture.confidence > 0;
    auto row = add_row(capture.number, "plate.read", is_read ? "plate:" + without_color(capture.plate) : "", capture.at);
    emit(alert_of(capture));
    return row;
}

// Understands: plate, lane, direction, confidence, plate_color, plate_type, vehicle_type, vehicle_color, list_type,
// list_name, at (time text).
control::LedgerRow PlateCamera::event(const json::object& what) {
    Capture capture;
    capture.plate = text_in(what, "plate", "蓝沪A7F3K2");
    capture.lane = static_cast<int>(number_in(what, "lane", 1));
    capture.direction = text_in(what, "direction", "forward");
    capture.confidence = static_cast<int>(number_in(what, "confidence", 96));
    capture.plate_color = text_in(what, "plate_color", "blue");
    capture.plate_type = text_in(what, "plate_type", "92TypeCivil");
    capture.vehicle_type = text_in(what, "vehicle_type", "vehicle");
    capture.vehicle_color = text_in(what, "vehicle_color", "white");
    capture.list_type = text_in(what, "list_type", "temporary");
    capture.list_name = text_in(what, "list_name", "");
    capture.believe = believe_of(capture.plate, capture.confidence);
    if (auto at = text_in(what, "at", ""); !at.empty()) {
        auto parsed = parse_time(at, zone_minutes());
        if (!parsed) throw control::Refused("not a time: " + at);
        capture.at = *parsed;
    }
    return take(std::move(capture));
}

control::LedgerRow PlateCamera::random_event(std::mt19937_64& random) {
    auto draw = [&](std::uint64_t below) { return static_cast<std::size_t>(random() % below); };
    static constexpr std::string_view digits = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    static constexpr std::array<std::string_view, 6> provinces{"浙", "浙", "浙", "沪", "苏", "皖"};
    static constexpr std::array<std::string_view, 5> vehicles{"vehicle", "vehicle", "SUVMPV", "van", "truck"};
    static constexpr std::array<std::string_view, 5> colors{"white", "black", "gray", "red", "blue"};
    auto dice = draw(20);
    const Kind& kind = kinds[dice < 12 ? 0 : dice < 17 ? 1 : dice < 19 ? 2 : 3];
    Capture capture;
    capture.plate = std::string(kind.prefix) + std::string(provinces[draw(provinces.size())]) + "A";
    for (std::size_t i = 0; i < kind.characters; ++i) capture.plate += digits[draw(i == 0 ? 10 : digits.size())];
    capture.plate_color = kind.color;
    capture.plate_type = kind.type;
    capture.lane = 1;
    capture.direction = draw(20) == 0 ? "reverse" : "forward";
    capture.confidence = 85 + static_cast<int>(draw(12));
    capture.vehicle_type = vehicles[draw(vehicles.size())];
    capture.vehicle_color = colors[draw(colors.size())];
    capture.believe = believe_of(capture.plate, capture.confidence);
    return take(std::move(capture));
}

bool PlateCamera::own_fault(std::string_view name, const json::object& arguments) {
    if (name == "clear_log") return memory_.clear(), true;
    if (name == "serial_reset") {
        next_number_ = static_cast<std::uint64_t>(number_in(arguments, "to", 1));
        return true;
    }
    if (name == "forget") {
        for (auto count = count_of(arguments, 1); count > 0 && !memory_.empty(); --count) memory_.pop_front();
        return true;
    }
    if (name == "resend") {
        auto count = std::min(count_of(arguments, 1), memory_.size());
        for (auto at = memory_.size() - count; at < memory_.size(); ++at) {
            auto again = memory_[at];
            again.is_retransmission = true;
            emit_again(alert_of(again));
        }
        return true;
    }
    if (name == "conflict") {
        if (memory_.empty()) throw control::Refused("nothing happened yet that could be contradicted");
        auto other = memory_.back();
        other.plate =
            other.plate_color == "unknown" ? "蓝沪A00000" : other.plate.substr(0, other.plate.size() - 1) + (other.plate.back() == '0' ? "1" : "0");
        add_row(other.number, "plate.read", "plate:" + without_color(other.plate), other.at);
        emit_again(alert_of(other));
        return true;
    }
    return false;
}

// ---------------------------------------------------------------- requests

void PlateCamera::lift() {
    if (gate_locked_ || faults_.is_set("gate_stuck")) return;
    gate_state_ = Gate::open;
    ++gate_lifts_;
    // The loop under the barrier closes it, nobody else.
    later(gate_open_s, [this, lift = gate_lifts_] {
        if (lift == gate_lifts_ && !gate_locked_) gate_state_ = Gate::closed;
    });
}

std::optional<Reply> PlateCamera::answer_own(const Request& request) {
    const auto& path = request.path;
    bool is_put = request.method == "PUT";
    if (path == "/ISAPI/Traffic/channels/1/vehicleDetect/plates") {
        bool is_get = request.method == "GET";
        if (firmware_.searches_by_get != is_get || (!is_get && request.method != "POST")) return say(status_method_not_allowed, request);
        Micros after = 0;
        if (auto said = element_text(request.body, "picTime"); said && *said != "0") {
            auto parsed = parse_time(*said, zone_minutes());
            if (!parsed) return say(status_bad_content, request);
            after = *parsed;
        } else if (!said && !request.body.empty()) {
            return say(status_bad_format, request);
        }
        std::string body = "<Plates version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n";
        for (auto& capture : memory_) {
            if (capture.at > after) body += plate_xml(capture, zone_minutes(), firmware_.zulu_captures);
        }
        return xml_reply(body + "</Plates>\n");
    }
    if (path == "/ISAPI/Parking/channels/1/barrierGate") {
        if (!firmware_.has_barrier) return say(status_not_support, request);
        if (!is_put) return say(status_method_not_allowed, request);
        auto mode = element_text(request.body, "ctrlMode");
        if (!mode) return say(status_bad_format, request);
        ++gate_orders_;
        if (*mode == "open") {
            lift();
        } else if (*mode == "close") {
            if (!gate_locked_) gate_state_ = Gate::closed;
        } else if (*mode == "lock" || *mode == "unlock") {
            gate_locked_ = *mode == "lock";
        } else {
            return say(status_bad_content, request);
        }
        return say(status_ok, request); // accepted, whether or not it moves
    }
    if (path == "/ISAPI/Parking/channels/1/barrierGate/barrierGateStatus") {
        if (!firmware_.has_barrier) return say(status_not_support, request);
        auto shown = faults_.is_set("gate_no_signal") ? 0 : static_cast<int>(gate_state_);
        return xml_reply("<BarrierGateStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n" +
                         element("barrierGateStatus", std::to_string(shown)) + "</BarrierGateStatus>\n");
    }
    if (path == "/ISAPI/System/IO/outputs/1/trigger") {
        if (!is_put) return say(status_method_not_allowed, request);
        auto state = element_text(request.body, "outputState");
        if (!state || (*state != "high" && *state != "low")) return say(status_bad_content, request);
        if (output_ == "low" && *state == "high") {
            ++gate_orders_;
            lift();
        }
        output_ = *state;
        return say(status_ok, request);
    }
    if (path == "/ISAPI/System/IO/outputs/1/status")
        return xml_reply("<IOPortStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n" + element("ioPortID", "1") +
                         element("ioPortType", "output") + element("ioState", output_ == "high" ? "active" : "inactive") + "</IOPortStatus>\n");
    if (path == "/ISAPI/Parking/channels/1/voiceBroadcastInfo" && is_put) return say(status_ok, request);
    if (path == "/ISAPI/Traffic/capabilities" && request.method == "GET")
        return xml_reply("<TrafficCap version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n" + element("plateListNum", "2048") +
                         "</TrafficCap>\n");
    return answer_list(request);
}

std::optional<Reply> PlateCamera::answer_list(const Request& request) {
    const std::string base = "/ISAPI/Traffic/channels/1/";
    if (!request.path.starts_with(base)) return std::nullopt;
    auto rest = request.path.substr(base.size());
    auto body_of = [&]() -> std::optional<json::object> {
        boost::system::error_code error;
        auto value = json::parse(request.body, error);
        if (error || !value.is_object()) return std::nullopt;
        return value.get_object();
    };
    if (rest == "licensePlateAuditData/record" && request.method == "PUT") {
        auto body = body_of();
        const auto* rows = body ? body->if_contains("LicensePlateInfoList") : nullptr;
        if (!rows || !rows->is_array()) return say(status_bad_format, request);
        for (auto& row : rows->get_array()) {
            if (!row.is_object()) return say(status_bad_content, request);
            auto plate = text_in(row.get_object(), "LicensePlate", "");
            if (plate.empty() || (faults_.is_set("list_rejects_known") && list_.contains(plate))) return say(status_bad_content, request);
            auto stored = row.get_object();
            if (text_in(stored, "id", "").empty()) stored["id"] = std::to_string(next_list_id_++);
            list_[plate] = std::move(stored);
        }
        return say(status_ok, request);
    }
    if (rest == "DelLicensePlateAuditData" && request.method == "PUT") {
        auto body = body_of();
        if (!body) return say(status_bad_format, request);
        const auto* all = body->if_contains("deleteAllEnabled");
        if (all && all->is_bool() && all->get_bool()) list_.clear();
        if (const auto* ids = body->if_contains("id"); ids && ids->is_array()) {
            for (auto& id : ids->get_array())
                std::erase_if(list_, [&](auto& row) { return id.is_string() && text_in(row.second, "id", "") == std::string_view(id.get_string()); });
        }
        return say(status_ok, request);
    }
    if (rest == "searchLPListAudit" && request.method == "POST") {
        auto position = static_cast<std::size_t>(std::atoi(element_text(request.body, "searchResultPosition").value_or("0").c_str()));
        auto most = static_cast<std::size_t>(std::atoi(element_text(request.body, "maxResults").value_or("20").c_str()));
        most = std::min<std::size_t>(most == 0 ? 20 : most, 20);
        std::string rows;
        std::size_t shown = 0;
        std::size_t at = 0;
        for (auto& [plate, row] : list_) {
            if (at++ < position || shown == most) continue;
            ++shown;
            rows += "<LicensePlateInfo>\n" + element("id", text_in(row, "id", "")) + element("LicensePlate", plate) +
                    element("type", text_in(row, "listType", "allowList")) + element("effectiveStartDate", text_in(row, "effectiveStartDate", "")) +
                    element("effectiveTime", text_in(row, "effectiveTime", "")) + "</LicensePlateInfo>\n";
        }
        bool more = position + shown < list_.size();
        return xml_reply("<LPListAuditSearchResult version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n" +
                         element("responseStatus", "true") +
                         element("responseStatusStrg", more         ? "MORE"
                                                       : shown == 0 ? "NO MATCH"
                                                                    : "OK") +
                         element("numOfMatches", std::to_string(shown)) + element("totalMatches", std::to_string(list_.size())) +
                         "<LicensePlateInfoList>\n" + rows + "</LicensePlateInfoList>\n</LPListAuditSearchResult>\n");
    }
    if (rest == "licensePlateAuditData" && request.method == "PUT") {
        // The whole list as CSV: byte order mark, CRLF, a heading, then No.,plate,group,start,end.
        if (!request.body.starts_with("\xEF\xBB\xBF")) return say(status_bad_format, request);
        list_.clear();
        std::string_view text = std::string_view(request.body).substr(3);
        bool is_heading = true;
        while (!text.empty()) {
            auto line = text.substr(0, text.find("\r\n"));
            text.remove_prefix(std::min(text.size(), line.size() + 2));
            if (std::exchange(is_heading, false) || line.empty()) continue;
            auto first = line.find(',');
            if (first == std::string_view::npos) return say(status_bad_content, request);
            auto plate = line.substr(first + 1, line.find(',', first + 1) - first - 1);
            list_[std::string(plate)] = {{"id", std::to_string(next_list_id_++)}, {"LicensePlate", plate}, {"listType", "allowList"}};
        }
        return say(status_ok, request);
    }
    return std::nullopt;
}

json::object PlateCamera::own_state() {
    json::array plates;
    for (auto& [plate, row] : list_) plates.push_back(json::string(plate));
    return {{"kind", "plate"},
            {"model", json::string(firmware_.model)},
            {"memory", memory_.size()},
            {"next_number", next_number_},
            {"gate", gate_state_ == Gate::open ? "open" : "closed"},
            {"gate_locked", gate_locked_},
            {"gate_lifts", gate_lifts_},
            {"gate_orders", gate_orders_},
            {"output", output_},
            {"list", std::move(plates)}};
}

} // namespace gatehouse::simulators::isapi
