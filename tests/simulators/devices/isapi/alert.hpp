// SPDX-License-Identifier: Apache-2.0
// One event as it goes out: a body (XML or JSON) and its pictures, and how it is cut into multipart, right or wrong.
// Format: isapi alertStream parts (multipart/mixed) and httpHosts posts (multipart/form-data). Plain values, no I/O.
#pragma once

#include "tests/simulators/control/faults.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::isapi {

struct Picture {
    std::string name;       // licensePlatePicture.jpg, Picture
    std::string file_name;  // may differ from the name
    std::string content_id; // empty: no such header
    std::string bytes;
};

struct Alert {
    bool is_json = false;
    std::string part_name; // anpr.xml, AccessControllerEvent, event_log
    std::string file_name; // empty: no such parameter
    std::string body;      // UTF-8
    std::vector<Picture> pictures;
};

// How a firmware writes its parts.
struct Framing {
    std::string boundary = "boundary";
    bool quotes_boundary = false; // boundary="..." in the header
    bool has_part_type = true;    // Content-Type on the event part (some terminals leave it out in pushes)
    bool has_blanks = true;       // `form-data; name="a"` or `form-data;name="a"`
    std::string xml_type = "application/xml; charset=\"UTF-8\"";
    std::string picture_type = "image/jpeg";
};

// What a fault does to one alert on its way out. Drawn once per alert, so that stream and push show the same damage.
struct Damage {
    bool lf_only = false;
    bool no_types = false;
    bool no_lengths = false;
    std::int64_t event_length_error = 0;   // added to the true Content-Length of the event part
    std::int64_t picture_length_error = 0; // the same for each picture
    bool truncated = false;                // the event part ends in the middle; its Content-Length does not say so
    bool gb18030 = false;
    bool no_declaration = false;
    std::string namespace_variant;         // empty: as the firmware has it
    std::optional<std::uint64_t> declared; // Content-Length of the event part, a lie; as a push, of the whole request
};

// Draws from the faults that are set: lf_only, no_content_type, no_content_length, bad_length, gb18030, namespace,
// no_declaration.
Damage draw_damage(control::Faults& faults);

// The body as it leaves: other namespace, no declaration, other character set.
std::string body_bytes(const Alert& alert, const Damage& damage);

// The parts of an alert as an alertStream carries them: each begins with its boundary line, none is closed.
std::string stream_bytes(const Alert& alert, const Framing& framing, const Damage& damage);

struct Post {
    std::string content_type;
    std::string body;
    std::optional<std::uint64_t> declared_bytes; // a lie in the request's Content-Length
};

// The request that a push makes. `bare`: the event alone as the body where it has no pictures.
Post post_of(const Alert& alert, const Framing& framing, const Damage& damage, bool bare);

// The Content-Type of an alertStream.
std::string stream_type(const Framing& framing);

} // namespace gatehouse::simulators::isapi
