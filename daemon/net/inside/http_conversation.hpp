// SPDX-License-Identifier: Apache-2.0
//
// The server's side of one connection over any Stream: requests in, answers out, each step under its deadline.
#pragma once

#include "daemon/net/http.hpp"

namespace gatehouse::net::inside {

/// Who is at the far side.
struct Peer {
    Endpoint from;
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid;
    std::vector<std::uint32_t> groups;
};

class HttpConversation {
public:
    /// What it is given outlives it. No `may_upgrade`: an Upgrade header is as good as absent.
    HttpConversation(Stream& stream, Clock& clock, const HttpServer::Options& options, const HttpHandler& handler, Peer peer, bool may_upgrade);

    /// Until the connection is over, or answers the request that asks for a WebSocket: the socket is then the caller's to upgrade.
    Task<std::optional<HttpRequest>> run();

    /// The last answer of the connection.
    Task<void> write_last(HttpResponse response);

private:
    struct Request;
    Task<std::optional<Request>> read_request(Duration patience);
    Task<bool> answer(Request request);
    Task<bool> write(HttpResponse response, bool is_head, bool goes_on);
    Task<bool> write_pieces(ByteView bytes);
    Task<bool> write_from(BodySource& source);
    Task<void> refuse(int status, std::string why);

    Stream& stream_;
    Clock& clock_;
    const HttpServer::Options& options_;
    const HttpHandler& handler_;
    Peer peer_;
    bool may_upgrade_;
    std::string held_;
};

/// A whole answer as it goes over the wire; a body follows unless is_head, or it has a source.
std::string response_text(const HttpResponse& response, bool is_head, bool goes_on);

/// Reads away what still comes, for a second, so that an answer given early is not lost to a reset.
Task<void> linger(Stream& stream, Clock& clock);

} // namespace gatehouse::net::inside
