// SPDX-License-Identifier: Apache-2.0
//
// TLS contexts from settings, and what is asked of the far side's certificate.
#pragma once

#include "daemon/net/inside/wire.hpp"

namespace gatehouse::net::inside {

/// Reads the certificates from disk, so it runs in the pool. Fault::refused naming the file that does not do.
Result<std::shared_ptr<asio::ssl::context>> make_client_context(const TlsOptions& options, const std::string& host);
Result<std::shared_ptr<asio::ssl::context>> make_server_context(const std::string& certificate_file, const std::string& key_file);

/// The client's handshake on a connected wire. Answers SHA-256 of the server's certificate. Fault::refused says why it does not do.
Task<Result<std::string>> greet_as_client(Wire wire, std::shared_ptr<asio::ssl::context> context, TlsOptions options, std::string host);
Task<Done> greet_as_server(Wire wire, std::shared_ptr<asio::ssl::context> context);

} // namespace gatehouse::net::inside
