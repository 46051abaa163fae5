// SPDX-License-Identifier: Apache-2.0
//
// SOAP 1.2 (W3C, 2007) as ONVIF uses it: an envelope around one request, and what an answer or its fault means. Elements are known by their
// local names, since firmware invents prefixes. No I/O.
#pragma once

#include "drivers/xml.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::size_t answer_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t word_bytes_max = 128; ///< tokens, names and values of items; longer ones are cut
constexpr std::string_view soap_type = "application/soap+xml; charset=utf-8";

struct Call {
    std::string body;                              ///< one element, with the prefixes of encode_envelope()
    std::string action;                            ///< WS-Addressing 1.0; empty: no addressing header
    std::string to;                                ///< the address, letter by letter as the device gave it
    std::string message_id;                        ///< a bare UUID
    std::string security;                          ///< encode_security(), or empty
    std::vector<std::string> reference_parameters; ///< of a subscription: elements that go into the header
};
std::string encode_envelope(const Call& call);

/// An answer without a fault.
class Answer {
public:
    /// The element within the body.
    pugi::xml_node body() const { return body_; }
    pugi::xml_node header() const { return xml::child_at(document_.root(), "Header"); }

private:
    friend Result<Answer> decode_envelope(std::string_view bytes, std::string_view expected);
    explicit Answer(xml::Xml document) : document_(std::move(document)) {}
    xml::Xml document_;
    pugi::xml_node body_;
};

/// The answer whose body holds `expected`, or the fault's meaning: refused (not authorized), gone (the subscription is not known any more),
/// unsupported (no such function, or not with these values), full (too many pull points), busy (the device failed at it). Fault::malformed: no
/// envelope, or one that holds something else.
Result<Answer> decode_envelope(std::string_view bytes, std::string_view expected);

/// Cut at word_bytes_max; control characters become blanks.
std::string word_of(std::string_view text);
std::string attribute_of(pugi::xml_node node, std::string_view local);

/// The path and query of "http://host:port/path?query", letter by letter; a path stays what it is. Fault::malformed: neither.
Result<std::string> path_of(std::string_view address);

} // namespace gatehouse::drivers::onvif
