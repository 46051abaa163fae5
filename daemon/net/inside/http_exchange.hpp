// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request and its answer over a connected Stream, without deadlines, authentication or retry: what HttpClient and the Unix
// socket client share.
#pragma once

#include "daemon/net/http.hpp"

#include <memory>
#include <string>

namespace gatehouse::net::inside {

/// A connection and the bytes that were read from it but not used yet.
struct HttpConnection {
    explicit HttpConnection(std::unique_ptr<Stream> s) : stream(std::move(s)) {}
    std::unique_ptr<Stream> stream;
    std::string held;
    bool heard_something = false; ///< since the last request began
    bool may_go_on = false;       ///< both sides keep it open and nothing is left in `held`
    Instant idle_since{};
};

struct HttpBounds {
    std::size_t header_bytes_max;
    std::size_t body_bytes_max;
};

/// Fault::malformed when a part of it holds a line break or a blank that does not belong there.
Result<std::string> request_text(const HttpRequest& request, const std::string& host, const std::string& authorization);

/// Writes `text` and reads the whole answer.
Task<Result<HttpResponse>> exchange(HttpConnection& connection, const std::string& text, bool is_head, HttpBounds bounds);

/// Writes `text` and reads the answer's head; the rest is the body's.
Task<Result<std::unique_ptr<HttpBody>>> exchange_head(std::unique_ptr<HttpConnection> connection, const std::string& text, HttpBounds bounds);

} // namespace gatehouse::net::inside
