// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/tls.hpp"

#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>

#include <openssl/x509_vfy.h>

namespace gatehouse::net::inside {

namespace ssl = asio::ssl;

namespace {

std::string sha256_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = certificate ? i2d_X509(certificate, &der) : -1;
    if (size < 0) return {};
    auto text = to_hex(sha256(ByteView(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    return text;
}

const std::string& name_wanted(const TlsOptions& options, const std::string& host) {
    return options.server_name.empty() ? host : options.server_name;
}

// In place of the chain check: the pinned certificate itself, expired or self-signed as it may be. Nothing secret is sent before this.
int check_pin(X509_STORE_CTX* store, void* pinned) {
    const auto& wanted = *static_cast<const std::string*>(pinned);
    if (wanted.empty() || same_but_case(sha256_of(X509_STORE_CTX_get0_cert(store)), wanted)) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
}

Error unusable(const std::string& what, const std::string& file, error_code failed) {
    return Error(Fault::refused, what + " '" + file + "': " + failed.message());
}

Done load_own_certificate(ssl::context& context, const std::string& certificate_file, const std::string& key_file) {
    error_code failed;
    context.use_certificate_chain_file(certificate_file, failed);
    if (failed) return unusable("certificate", certificate_file, failed);
    context.use_private_key_file(key_file, ssl::context::pem, failed);
    if (failed) return unusable("private key", key_file, failed);
    if (SSL_CTX_check_private_key(context.native_handle()) != 1)
        return Error(Fault::refused, "private key '" + key_file + "' does not belong to certificate '" + certificate_file + "'");
    return {};
}

} // namespace

Result<std::shared_ptr<ssl::context>> make_client_context(const TlsOptions& options, const std::string& host) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    error_code failed;
    const bool is_pinned = !options.pinned_sha256.empty() || options.pin_on_first_use;
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(ssl::verify_peer, failed);
    if (is_pinned) {
        // The context keeps the pin alive for its callback.
        auto pin = std::make_unique<std::string>(options.pinned_sha256);
        static const int slot = SSL_CTX_get_ex_new_index(
            0, nullptr, nullptr, nullptr, [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(kept); });
        SSL_CTX_set_cert_verify_callback(context->native_handle(), check_pin, pin.get());
        SSL_CTX_set_ex_data(context->native_handle(), slot, pin.release());
    } else {
        if (options.ca_file.empty()) {
            context->set_default_verify_paths(failed);
        } else {
            context->load_verify_file(options.ca_file, failed);
        }
        if (failed) return unusable("CA certificates", options.ca_file, failed);
        // Asio's judge says no without a reason.
        context->set_verify_callback(
            [judge = ssl::host_name_verification(name_wanted(options, host))](bool so_far, ssl::verify_context& chain) {
                if (!so_far) return false;
                if (judge(true, chain)) return true;
                X509_STORE_CTX_set_error(chain.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
                return false;
            },
            failed);
    }
    if (!options.certificate_file.empty())
        if (auto loaded = load_own_certificate(*context, options.certificate_file, options.key_file); !loaded) return std::move(loaded).error();
    return context;
}

Result<std::shared_ptr<ssl::context>> make_server_context(const std::string& certificate_file, const std::string& key_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    if (auto loaded = load_own_certificate(*context, certificate_file, key_file); !loaded) return std::move(loaded).error();
    return context;
}

Task<Result<std::string>> greet_as_client(Wire wire, std::shared_ptr<ssl::context> context, TlsOptions options, std::string host) {
    auto& tls = wire.use_tls(std::move(context));
    const std::string name = name_wanted(options, host);
    error_code is_name;
    asio::ip::make_address(name, is_name);
    if (is_name) SSL_set_tlsext_host_name(tls.native_handle(), name.c_str());
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await tls.async_handshake(ssl::stream_base::client, token);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls.native_handle()), &X509_free);
    if (failed) {
        const long verdict = SSL_get_verify_result(tls.native_handle());
        if (verdict == X509_V_OK || wire.is_closed() || failed == asio::error::operation_aborted) co_return judged(wire, failed, "TLS with " + name);
        if (!options.pinned_sha256.empty()) co_return Error(Fault::refused, "TLS with " + name + ": its certificate is not the pinned one");
        co_return Error(Fault::refused, "TLS with " + name + ": its certificate does not do: " + X509_verify_cert_error_string(verdict));
    }
    co_return sha256_of(certificate.get());
}

Task<Done> greet_as_server(Wire wire, std::shared_ptr<ssl::context> context) {
    auto& tls = wire.use_tls(std::move(context));
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await tls.async_handshake(ssl::stream_base::server, token);
    if (failed) co_return judged(wire, failed, "TLS");
    co_return Done();
}

} // namespace gatehouse::net::inside
