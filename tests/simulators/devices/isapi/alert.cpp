// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/alert.hpp"

#include "tests/simulators/devices/isapi/xml.hpp"

#include <algorithm>

namespace gatehouse::simulators::isapi {
namespace {

std::string event_type(const Alert& alert, const Framing& framing, const Damage& damage) {
    std::string type = alert.is_json ? "application/json; charset=\"UTF-8\"" : framing.xml_type;
    if (damage.gb18030) {
        if (auto at = type.find("UTF-8"); at != std::string::npos) type.replace(at, 5, "GB18030");
    }
    return type;
}

std::string length_line(std::size_t bytes, std::int64_t error, const Damage& damage, std::string_view eol) {
    if (damage.no_lengths) return {};
    auto said = std::max<std::int64_t>(0, static_cast<std::int64_t>(bytes) + error);
    return "Content-Length: " + std::to_string(said) + std::string(eol);
}

std::string disposition(std::string_view name, std::string_view file_name, const Framing& framing) {
    std::string gap = framing.has_blanks ? " " : "";
    std::string line = "Content-Disposition:" + gap + "form-data;" + gap + "name=\"" + std::string(name) + "\"";
    if (!file_name.empty()) line += ";" + gap + "filename=\"" + std::string(file_name) + "\"";
    return line;
}

std::string parts(const Alert& alert, const Framing& framing, const Damage& damage, bool is_form) {
    const std::string eol = damage.lf_only ? "\n" : "\r\n";
    std::string body = body_bytes(alert, damage);
    std::string out = "--" + framing.boundary + eol;
    if (is_form) out += disposition(alert.part_name, alert.file_name, framing) + eol;
    // Streams always name the type of the event part unless the fault is on; only pushes of some firmware leave it out.
    if (!damage.no_types && (framing.has_part_type || !is_form)) out += "Content-Type: " + event_type(alert, framing, damage) + eol;
    if (damage.declared && !damage.no_lengths)
        out += "Content-Length: " + std::to_string(*damage.declared) + eol;
    else
        out += length_line(body.size(), damage.event_length_error, damage, eol);
    if (damage.truncated) body.resize(body.size() / 2);
    out += eol + body + eol;
    for (const Picture& picture : alert.pictures) {
        out += "--" + framing.boundary + eol;
        out += disposition(picture.name, picture.file_name, framing) + eol;
        if (!damage.no_types) out += "Content-Type: " + framing.picture_type + eol;
        out += length_line(picture.bytes.size(), damage.picture_length_error, damage, eol);
        if (!picture.content_id.empty()) out += "Content-ID: " + picture.content_id + eol;
        out += eol + picture.bytes + eol;
    }
    return out;
}

} // namespace

Damage draw_damage(control::Faults& faults) {
    Damage damage;
    damage.lf_only = faults.strikes("lf_only");
    damage.no_types = faults.strikes("no_content_type");
    damage.no_lengths = faults.strikes("no_content_length");
    // The arguments are read before the strike: the last of its `times` takes them away.
    auto error = static_cast<std::int64_t>(faults.number("bad_length", "delta", 7));
    bool in_picture = faults.text("bad_length", "part", "event") == "picture";
    if (faults.strikes("bad_length")) (in_picture ? damage.picture_length_error : damage.event_length_error) = error;
    damage.gb18030 = faults.strikes("gb18030");
    damage.no_declaration = faults.strikes("no_declaration");
    auto variant = faults.text("namespace", "variant", "none");
    if (faults.strikes("namespace")) damage.namespace_variant = variant;
    return damage;
}

std::string body_bytes(const Alert& alert, const Damage& damage) {
    std::string body = alert.body;
    if (!alert.is_json) {
        if (!damage.namespace_variant.empty()) body = with_namespace(body, damage.namespace_variant);
        if (damage.no_declaration) body = without_declaration(body);
    }
    if (damage.gb18030) {
        for (std::string_view said : {"encoding=\"utf-8\"", "encoding=\"UTF-8\""}) {
            if (auto at = body.find(said); at != std::string::npos) body.replace(at, said.size(), "encoding=\"GB18030\"");
        }
        body = to_gb18030(body);
    }
    return body;
}

std::string stream_bytes(const Alert& alert, const Framing& framing, const Damage& damage) { return parts(alert, framing, damage, false); }

Post post_of(const Alert& alert, const Framing& framing, const Damage& damage, bool bare) {
    if (bare && alert.pictures.empty()) {
        auto type = damage.no_types ? std::string() : event_type(alert, framing, damage);
        auto body = body_bytes(alert, damage);
        if (damage.truncated) body.resize(body.size() / 2);
        return Post{.content_type = type, .body = body, .declared_bytes = damage.declared};
    }
    const std::string eol = damage.lf_only ? "\n" : "\r\n";
    std::string quote = framing.quotes_boundary ? "\"" : "";
    return Post{.content_type = "multipart/form-data; boundary=" + quote + framing.boundary + quote,
                .body = parts(alert, framing, damage, true) + "--" + framing.boundary + "--" + eol,
                .declared_bytes = damage.declared};
}

std::string stream_type(const Framing& framing) {
    std::string quote = framing.quotes_boundary ? "\"" : "";
    return "multipart/mixed; boundary=" + quote + framing.boundary + quote;
}

} // namespace gatehouse::simulators::isapi
