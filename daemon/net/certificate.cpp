// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace gatehouse::net {
namespace {

struct Free {
    void operator()(BIO* file) const { BIO_free(file); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(unsigned char* text) const { OPENSSL_free(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Result<Owned<BIO>> open(const std::string& file) {
    Owned<BIO> opened(BIO_new_file(file.c_str(), "r"));
    ERR_clear_error();
    if (!opened) return Error(Fault::gone, file + ": not there, or not readable for us");
    return opened;
}

// Without it OpenSSL asks the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

Result<Owned<X509>> first_certificate(const std::string& file) {
    auto opened = open(file);
    if (!opened) return std::move(opened).error();
    Owned<X509> certificate(PEM_read_bio_X509(opened->get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!certificate) return Error(Fault::malformed, file + ": no certificate in PEM");
    return certificate;
}

Result<Time> to_time(const ASN1_TIME* stated, const std::string& file) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(stated, &parts) != 1) return Error(Fault::malformed, file + ": a validity that is no time");
    return from_us(static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000);
}

std::string common_name(const X509* certificate) {
    const auto* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int bytes = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    const Owned<unsigned char> owned(text);
    return bytes <= 0 ? std::string() : std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(bytes));
}

} // namespace

Result<Certificate> read_certificate(const std::string& file) {
    auto certificate = first_certificate(file);
    if (!certificate) return std::move(certificate).error();
    auto from = to_time(X509_get0_notBefore(certificate->get()), file), until = to_time(X509_get0_notAfter(certificate->get()), file);
    if (!from) return std::move(from).error();
    if (!until) return std::move(until).error();
    return Certificate{common_name(certificate->get()), *from, *until};
}

Done check_key(const std::string& certificate_file, const std::string& key_file) {
    auto certificate = first_certificate(certificate_file);
    if (!certificate) return std::move(certificate).error();
    auto opened = open(key_file);
    if (!opened) return std::move(opened).error();
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(opened->get(), nullptr, no_passphrase, nullptr));
    const bool fits = key && X509_check_private_key(certificate->get(), key.get()) == 1;
    ERR_clear_error();
    if (!key) return Error(Fault::malformed, key_file + ": no private key in PEM, or one under a passphrase");
    if (!fits) return Error(Fault::refused, key_file + " is not the key of " + certificate_file);
    return {};
}

} // namespace gatehouse::net
