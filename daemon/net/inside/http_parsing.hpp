// SPDX-License-Identifier: Apache-2.0
//
// Beast's parsers fed by hand from any Stream, and messages written by hand: no asynchronous Beast, so few instantiations.
#pragma once

#include "daemon/net/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <string>

namespace gatehouse::net::inside {

namespace http = boost::beast::http;
using boost::system::error_code;

/// A body that grows as bytes come, whatever length was announced: an announcement costs no memory.
struct GrowingBody {
    using value_type = std::string;

    class reader {
    public:
        template <bool is_request, class Fields>
        reader(http::header<is_request, Fields>&, std::string& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, error_code& failed) { failed = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& failed) {
            failed = {};
            std::size_t bytes = 0;
            for (auto each = boost::asio::buffer_sequence_begin(buffers); each != boost::asio::buffer_sequence_end(buffers); ++each) {
                const boost::asio::const_buffer buffer(*each);
                body_.append(static_cast<const char*>(buffer.data()), buffer.size());
                bytes += buffer.size();
            }
            return bytes;
        }
        void finish(error_code& failed) { failed = {}; }

    private:
        std::string& body_;
    };
};

template <bool is_request>
using Parser = http::parser<is_request, GrowingBody>;

/// Feeds what `held` holds and takes away what was used. What is left after the message's end stays in `held`.
template <bool is_request>
error_code feed(Parser<is_request>& parser, std::string& held) {
    while (!parser.is_done() && !held.empty()) {
        error_code failed;
        const std::size_t used = parser.put(boost::asio::buffer(held), failed);
        held.erase(0, used);
        if (failed && failed != http::error::need_more) return failed;
        if (used == 0) break;
    }
    return {};
}

/// The same, but stops behind the header: what comes after it, a trailer too, never joins the headers, however the bytes are cut.
template <bool is_request>
error_code feed_header(Parser<is_request>& parser, std::string& held) {
    parser.eager(false);
    while (!parser.is_header_done() && !held.empty()) {
        error_code failed;
        const std::size_t used = parser.put(boost::asio::buffer(held), failed);
        held.erase(0, used);
        if (failed && failed != http::error::need_more) return failed;
        if (used == 0) break;
    }
    parser.eager(true);
    return {};
}

template <class Fields>
Headers headers_of(const Fields& fields) {
    Headers headers;
    for (const auto& field : fields) headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return headers;
}

inline Error parse_error(error_code failed) {
    const bool is_bound = failed == http::error::header_limit || failed == http::error::body_limit || failed == http::error::buffer_overflow;
    return Error(is_bound ? Fault::full : Fault::malformed, "HTTP: " + failed.message());
}

/// Whether text may stand in a start line or a header: nobody smuggles lines in.
inline bool is_one_line(std::string_view text) {
    for (const char c : text)
        if (c == '\r' || c == '\n' || c == '\0') return false;
    return true;
}

} // namespace gatehouse::net::inside
