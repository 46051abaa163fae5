// SPDX-License-Identifier: Apache-2.0
//
// The fuzz targets: each feeds bytes from outside to one group of decoders and ends the process when a promise about them is broken.
// Deterministic, without I/O, and safe to call any number of times in one process. NAME is also the folder of its corpus
// (corpus/NAME) and, if there is one, its dictionary (dictionaries/NAME.dict).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::fuzz {

/// Ends the process, naming what is broken; libFuzzer keeps the input.
void must_hold(bool condition, std::string_view what);

/// A number from the bytes alone, for choices that an input makes without holding a byte for them (how it is cut).
std::uint64_t seed_of(std::string_view bytes);

void multipart(std::string_view bytes);    ///< first line: a Content-Type value; then the body
void isapi_push(std::string_view bytes);   ///< the same, through alerts and intake to records
void isapi_xml(std::string_view bytes);    ///< every XML decoder of drivers/isapi
void isapi_json(std::string_view bytes);   ///< every JSON decoder of drivers/isapi
void isapi_text(std::string_view bytes);   ///< times, zones, plates, picture addresses
void onvif(std::string_view bytes);        ///< every decoder of drivers/onvif
void uhppote(std::string_view bytes);      ///< every packet decoder
void nut(std::string_view bytes);          ///< what upsd answers
void http_request(std::string_view bytes); ///< what a client sends to our server
void http_answer(std::string_view bytes);  ///< what a device answers to our client
void digest(std::string_view bytes);       ///< WWW-Authenticate values, one a line
void request(std::string_view bytes);      ///< MQTT requests
void receipt(std::string_view bytes);      ///< MQTT receipts
void entitlement(std::string_view bytes);
void settings(std::string_view bytes); ///< gatehouse.toml
void devices(std::string_view bytes);  ///< devices.toml
void events(std::string_view bytes);   ///< events/*.toml
void record(std::string_view bytes);   ///< {"kind", "source", "subject", "facts", "details", "pictures"}
void json_text(std::string_view bytes);
void text(std::string_view bytes);      ///< UTF-8, GB18030, hex, base64, numbers, times, ids, endpoints
void control(std::string_view bytes);   ///< first line: method and target; then the body
void registry(std::string_view bytes);  ///< a device or place as JSON
void recording(std::string_view bytes); ///< a segment's file, as a crash may have left it
void link(std::string_view bytes);      ///< what a camera's worker says

struct Target {
    std::string_view name;
    void (*take)(std::string_view bytes);
};

inline constexpr std::array targets{
    Target{"multipart", multipart},
    Target{"isapi_push", isapi_push},
    Target{"isapi_xml", isapi_xml},
    Target{"isapi_json", isapi_json},
    Target{"isapi_text", isapi_text},
    Target{"onvif", onvif},
    Target{"uhppote", uhppote},
    Target{"nut", nut},
    Target{"http_request", http_request},
    Target{"http_answer", http_answer},
    Target{"digest", digest},
    Target{"request", request},
    Target{"receipt", receipt},
    Target{"entitlement", entitlement},
    Target{"settings", settings},
    Target{"devices", devices},
    Target{"events", events},
    Target{"record", record},
    Target{"json_text", json_text},
    Target{"text", text},
    Target{"control", control},
    Target{"registry", registry},
    Target{"recording", recording},
    Target{"link", link},
};

} // namespace gatehouse::fuzz
