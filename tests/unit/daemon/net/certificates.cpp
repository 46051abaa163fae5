// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/net/certificates.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

namespace gatehouse::net {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

Certificate make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, const char* extension, int extension_kind) {
    Certificate made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 24 * 3600);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer ? issuer : made.get()));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer : made.get(), made.get(), nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> more(X509V3_EXT_conf_nid(nullptr, &context, extension_kind, extension),
                                                                               &X509_EXTENSION_free);
    X509_add_ext(made.get(), more.get(), -1);
    expects(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0, "a test certificate is signed");
    return made;
}

template <class Write>
std::string in_file(const std::string& path, Write write) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    expects(file && write(file) == 1, "a test certificate is written");
    std::fclose(file);
    return path;
}

std::string write_key(const std::string& path, EVP_PKEY* key) {
    return in_file(path, [key](std::FILE* file) { return PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
}
std::string write_certificate(const std::string& path, X509* certificate) {
    return in_file(path, [certificate](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

} // namespace

Certificates::Certificates(const std::string& folder) {
    const auto ca_key = make_key(), key = make_key(), other = make_key();
    const auto ca = make_certificate("test authority", ca_key.get(), nullptr, ca_key.get(), "critical,CA:TRUE", NID_basic_constraints);
    const auto server = make_certificate("gate.example", key.get(), ca.get(), ca_key.get(), "DNS:gate.example", NID_subject_alt_name);
    ca_certificate = write_certificate(folder + "/ca.pem", ca.get());
    server_certificate = write_certificate(folder + "/server.pem", server.get());
    server_key = write_key(folder + "/server.key", key.get());
    other_key = write_key(folder + "/other.key", other.get());
    unsigned char* der = nullptr;
    const int size = i2d_X509(server.get(), &der);
    server_sha256 = to_hex(sha256(ByteView(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
}

} // namespace gatehouse::net
