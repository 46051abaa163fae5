// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/certificates.hpp"

#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"

namespace gatehouse::harness {
namespace {

constexpr auto openssl = "/usr/bin/openssl";

} // namespace

Certificates::Certificates(const std::filesystem::path& folder, const std::string& name)
    : folder_(folder), authority_(folder / "ca.crt"), key_(folder / "ca.key") {
    std::filesystem::create_directories(folder);
    run_to_end(openssl, {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=" + name,
                         "-keyout", key_, "-out", authority_});
}

Certificates::Pair Certificates::sign(const std::string& name, const std::string& extension, int days) {
    Pair pair{folder_ / (name + ".crt"), folder_ / (name + ".key")};
    const auto request = folder_ / (name + ".csr"), extensions = folder_ / (name + ".ext");
    write_file(extensions, extension);
    run_to_end(openssl, {"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-keyout", pair.key, "-out",
                         request});
    run_to_end(openssl, {"x509", "-req", "-in", request, "-CA", authority_, "-CAkey", key_, "-CAcreateserial", "-days", std::to_string(days),
                         "-extfile", extensions, "-out", pair.certificate});
    std::filesystem::permissions(pair.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return pair;
}

Certificates::Pair Certificates::server(const std::string& name, int days) {
    return sign(name, "subjectAltName=DNS:localhost,DNS:" + name + ",IP:127.0.0.1\nextendedKeyUsage=serverAuth\n", days);
}

Certificates::Pair Certificates::server_elsewhere(const std::string& name) {
    return sign(name, "subjectAltName=DNS:" + name + "\nextendedKeyUsage=serverAuth\n", 30);
}

Certificates::Pair Certificates::client(const std::string& name, int days) { return sign(name, "extendedKeyUsage=clientAuth\n", days); }

} // namespace gatehouse::harness
