// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gatehouse::config {

namespace {

std::string why() { return std::generic_category().message(errno); }

class Descriptor {
public:
    explicit Descriptor(const std::string& file) : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

std::string octal(unsigned mode) {
    std::string text;
    for (const unsigned shift : {9u, 6u, 3u, 0u}) text += static_cast<char>('0' + ((mode >> shift) & 7u));
    return text;
}

Done check_mode(const std::string& file, int fd) {
    struct stat about {};
    if (::fstat(fd, &about) != 0) return Error(Fault::gone, file + ": " + why());
    if (!S_ISREG(about.st_mode)) return Error(Fault::refused, file + " is no plain file");
    const unsigned mode = about.st_mode & 07777u;
    if ((mode & 077u) != 0) return Error(Fault::refused, file + " has mode " + octal(mode) + "; a secret's is 0600");
    return {};
}

/// Opened once and judged by its descriptor, so that nobody can change the file between look and read.
Result<std::string> read_plain(const std::string& file, bool has_to_be_private) {
    const Descriptor in(file);
    if (in.fd() < 0) return Error(errno == ENOENT ? Fault::gone : Fault::refused, file + ": " + why());
    if (has_to_be_private)
        if (auto done = check_mode(file, in.fd()); !done) return std::move(done).error();
    std::string text(secret_bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const auto got = ::read(in.fd(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error(Fault::refused, file + ": " + why());
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > secret_bytes_max) return Error(Fault::full, file + " is longer than " + std::to_string(secret_bytes_max) + " bytes");
    text.resize(filled);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return Error(Fault::malformed, file + " is empty");
    return text;
}

bool is_path(const std::string& name) { return name.starts_with('/'); }

} // namespace

Done check_private(const std::string& file) {
    const Descriptor in(file);
    if (in.fd() < 0) return Error(errno == ENOENT ? Fault::gone : Fault::refused, file + ": " + why());
    return check_mode(file, in.fd());
}

Result<std::string> read_secret(const std::string& name, const SecretPlaces& places) {
    if (is_path(name)) return read_plain(name, true);
    if (name.empty() || name.find('/') != name.npos) return Error(Fault::malformed, "\"" + name + "\" is no credential's name");
    if (!places.credentials_directory.empty()) {
        // systemd has made that directory for us alone; its files may be 0440 with an ACL.
        for (const auto& file : {name, std::string(credential_prefix) + name}) {
            auto secret = read_plain(places.credentials_directory + "/" + file, false);
            if (secret || secret.error().fault() != Fault::gone) return secret;
        }
    }
    if (!places.own_directory.empty()) {
        auto secret = read_plain(places.own_directory + "/" + name, true);
        if (secret || secret.error().fault() != Fault::gone) return secret;
    }
    return Error(Fault::gone, "no credential \"" + name + "\": give it to the unit (LoadCredential=), or put it into a file of mode 0600 in " +
                                  (places.own_directory.empty() ? std::string("the credentials' directory") : places.own_directory));
}

Secrets read_secrets(const Settings& settings, const SecretPlaces& places) {
    Secrets secrets;
    const auto report = [&](std::string key, const Error& error) {
        secrets.flaws.push_back({{}, 1, 1, std::move(key), {"凭据不可用：" + error.what(), "the secret can't be had: " + error.what()}});
    };
    for (std::size_t at = 0; at < settings.upstreams.size(); ++at) {
        const Upstream& upstream = settings.upstreams[at];
        const std::string key = "upstream[" + std::to_string(at) + "].";
        if (!upstream.password_credential.empty()) {
            auto secret = read_secret(upstream.password_credential, places);
            if (secret) {
                secrets.by_name[upstream.password_credential] = std::move(*secret);
            } else {
                report(key + "password_credential", secret.error());
            }
        }
        if (!upstream.key_file.empty())
            if (auto done = check_private(upstream.key_file); !done) report(key + "key_file", done.error());
    }
    return secrets;
}

} // namespace gatehouse::config
