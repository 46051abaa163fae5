// SPDX-License-Identifier: Apache-2.0
//
// SOAP 1.2 as a camera reads and writes it: names are compared without their prefix, as most firmware does.
#pragma once

#include <pugixml.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::simulators::cameras::onvif {

/// WS-Security UsernameToken 1.0, digest or plain.
struct UsernameToken {
    std::string user, password, nonce, created; // password is the digest where is_digest; nonce is Base64
    bool is_digest = true;
};

/// One request. Move-only through its document; hand it on by reference.
class Call {
public:
    /// Nothing where this is no envelope with a body.
    static std::optional<Call> read(const std::string& xml);

    std::string operation() const;            // GetProfiles
    bool is_in(std::string_view space) const; // the operation's namespace, as its own or an outer element declares it
    std::string message_id() const;           // of the header; empty where there is none
    std::optional<UsernameToken> token() const;
    /// The text, or the attribute, of the first element of this name within the body; empty where there is none.
    std::string text(std::string_view name) const;
    std::string attribute(std::string_view element, std::string_view name) const;
    bool has(std::string_view element) const;
    /// The text of a header element.
    std::string header(std::string_view name) const;

private:
    pugi::xml_node within(std::string_view part) const;
    std::unique_ptr<pugi::xml_document> document_;
};

std::string escaped(std::string_view text);
/// An answer with all prefixes declared that the cameras here use.
std::string envelope(std::string_view body, std::string_view header = {});
/// `code` is Sender or Receiver, `subcode` with its prefix: ter:NotAuthorized.
std::string fault(std::string_view code, std::string_view subcode, std::string_view reason);

} // namespace gatehouse::simulators::cameras::onvif
