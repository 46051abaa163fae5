// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/words.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::console::inside {

namespace {

using enum WordType;

constexpr std::array words{
    // Paths.
    Word{"id", text, "a device's id: 1 to 64 letters, digits, '-', '_' or '.'"},
    Word{"position", whole, "a record's position, from 1 on"},
    Word{"sha256", text, "64 hexadecimal digits"},
    Word{"lock", whole, "a lock's number, as the recordings' answer gives it"},
    Word{"name", text, "a device's name for people; in a path: an upstream's name in the settings"},
    Word{"row", text, "id of a row of the resource library, or of an import"},
    Word{"class", text, "a class of the resource library, as its route is named: persons, vehicles, …"},
    // Queries.
    Word{"beyond", text, "the previous page's next"},
    Word{"field", text, "look up by this field, exactly; those with found_by in GET /api/v1/library"},
    Word{"value", text, "what stands in that field"},
    Word{"reveal", flag, "numbers in full; needs a purpose, which is audited"},
    Word{"version", whole, "as that version stood; absent: in force"},
    Word{"dry_run", flag, "look at the table, and write nothing"},
    Word{"format", text, "absent: csv", "csv csv_gb18030 xlsx"},
    Word{"kind", text, "records of this kind only, e.g. pass.granted"},
    Word{"source", text, "records of this device only; 'gateway': the gateway's own"},
    Word{"subject", text, "card:…, plate:… or person:… (needs see_personal, is audited); in an erasure: whose records lose it"},
    Word{"look_alike", flag, "also subjects that look like it"},
    Word{"personal", flag, "with subject, details and pictures (needs see_personal, is audited)"},
    Word{"from", time, "not earlier than this"},
    Word{"to", time, "not later than this"},
    Word{"before", whole, "the previous page's next"},
    Word{"after", whole, "what lies beyond this position first, in order, then what comes; absent: from the head on"},
    Word{"limit", whole, "at most so many, up to 500"},
    Word{"stream", text, "which of the camera's streams; absent: main, for live the one that browsers play", "main sub"},
    Word{"at", time, "the moment; what was recorded at most 15 s before it is shown"},
    Word{"count", whole, "how many at most, 1 to 240; absent: 24"},
    Word{"width", whole, "of the picture at most, 32 to 3840 pixels"},
    Word{"plays", text, "what the browser says that it plays, such as avc1,hvc1"},
    Word{"language", text, "of the explanations", "zh en"},
    // Bodies.
    Word{"driver", text, "what speaks to it", "isapi nut onvif rtsp uhppote"},
    Word{"model", text, "what the driver branches on, e.g. plate, terminal, UT0311-L04"},
    Word{"address", text, "a host or an IP address; in discover: the controllers' broadcast address with port, or a range of cameras"},
    Word{"port", whole, "1 to 65535"},
    Word{"place", text, "id of the place where it stands"},
    Word{"tls", flag, "HTTPS"},
    Word{"pinned_sha256", text, "the only certificate that is believed"},
    Word{"interface", text, "the network interface that it is reached through"},
    Word{"serial", whole, "UHPPOTE: the number printed on the controller"},
    Word{"username", text, "its account for us"},
    Word{"password", text, "never shown again; absent in a change: stays"},
    Word{"may_set_clock", flag, "set its clock and NTP server when wrong"},
    Word{"may_set_listener", flag, "point its push at us when the slot is free"},
    Word{"outlets", list, "its doors or lanes: number, place, forward"},
    Word{"options", object, "the driver's own, texts"},
    Word{"national_id", text, "20 digits: GB/T 28181, GA/T 1400"},
    Word{"police_unit", text, "12 digits: GA/T 380"},
    Word{"area", text, "6 digits: GB/T 2260"},
    Word{"address_code", text, "standard address code"},
    Word{"longitude", real, "degrees"},
    Word{"latitude", real, "degrees"},
    Word{"datum", text, "of longitude and latitude", "CGCS2000 WGS84 GCJ02"},
    Word{"direction", text, "that it looks in"},
    Word{"indoor", flag, "under a roof"},
    Word{"installed_on", text, "YYYY-MM-DD"},
    Word{"keeper", text, "organisation responsible"},
    Word{"parent", text, "id of the place that it lies in"},
    Word{"plan", text, "name of the drawing on which it has its position"},
    Word{"plan_x", real, "0 to 1, from the drawing's left edge"},
    Word{"plan_y", real, "0 to 1, from its upper edge"},
    Word{"fields", object, "as GET /api/v1/library tells of the class; absent masked fields stay, null takes away"},
    Word{"door", whole, "number of the door or barrier at the device, from 1 on"},
    Word{"file", text, "an absolute path on the gateway that does not exist yet"},
    Word{"case", text, "case number as on paper, 1 to 64 bytes"},
    Word{"purpose", text, "what for, at most 256 bytes"},
    Word{"until", time, "it holds nothing from then on; within ten years"},
    Word{"order", text, "the document that the erasure rests on"},
    Word{"reason", text, "why not, 1 to 256 bytes; the platform is told"},
    Word{"lane", text, "which of the upstream's lanes", "urgent routine pictures"},
    Word{"first", whole, "first position"},
    Word{"last", whole, "last position"},
    // Headers.
    Word{"If-Match", text, "the ETag of the state that is to be changed; another one: 412"},
    Word{"If-None-Match", text, "the ETag of the state that is known already; the same one: 304"},
    Word{"Range", text, "bytes=FIRST-LAST, one range: 206; several: the whole"},
    Word{"If-Range", text, "the ETag of what is held in part; another one: the whole"},
    Word{"Idempotency-Key", text, "the same key within ten seconds opens once; the first answer is given again"},
};

} // namespace

const Word* word_named(std::string_view name) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.name == name; });
    return found == words.end() ? nullptr : &*found;
}

std::string_view next_word(std::string_view& list) {
    const auto end = std::min(list.find(' '), list.size());
    const auto word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    return word;
}

json::object schema_of(const Word& word) {
    switch (word.type) {
    case text: break;
    case whole: return {{"type", "integer"}};
    case real: return {{"type", "number"}};
    case flag: return {{"type", "boolean"}};
    case time: return {{"type", "string"}, {"format", "date-time"}};
    case list: return {{"type", "array"}, {"items", json::object{{"type", "object"}}}};
    case object: return {{"type", "object"}};
    }
    json::object schema{{"type", "string"}};
    if (word.codes.empty()) return schema;
    json::array codes;
    for (auto left = word.codes; !left.empty();) codes.push_back(json::value(next_word(left)));
    schema["enum"] = std::move(codes);
    return schema;
}

bool fits(const Word& word, const json::value& value) {
    switch (word.type) {
    case text:
    case time: return value.is_string();
    case whole: {
        boost::system::error_code inexact;
        return value.is_number() && (static_cast<void>(value.to_number<std::int64_t>(inexact)), !inexact);
    }
    case real: return value.is_number();
    case flag: return value.is_bool();
    case list: return value.is_array();
    case object: return value.is_object();
    }
    return false;
}

} // namespace gatehouse::console::inside
