// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::config;
namespace fs = std::filesystem;

namespace {

class SecretFolder {
public:
    SecretFolder() : root_(fs::temp_directory_path() / ("gatehouse-secrets-" + std::to_string(::getpid()))) {
        fs::remove_all(root_);
        fs::create_directories(root_ / "systemd");
        fs::create_directories(root_ / "own");
    }
    ~SecretFolder() { fs::remove_all(root_); }
    SecretFolder(const SecretFolder&) = delete;
    SecretFolder& operator=(const SecretFolder&) = delete;

    std::string write(const std::string& name, std::string_view text, fs::perms mode) {
        const auto file = root_ / name;
        std::ofstream(file, std::ios::binary) << text;
        fs::permissions(file, mode);
        return file.string();
    }
    std::string path(const std::string& name) const { return (root_ / name).string(); }
    SecretPlaces places() const { return {path("systemd"), path("own")}; }

private:
    fs::path root_;
};

constexpr fs::perms owner_only = fs::perms::owner_read | fs::perms::owner_write;

} // namespace

TEST_CASE("secrets: from systemd's directory first, then from our own") {
    SecretFolder folder;
    folder.write("systemd/both", "from systemd\n", owner_only | fs::perms::group_read);
    folder.write("own/both", "own", owner_only);
    folder.write("own/single", "own\r\n", owner_only);
    CHECK(read_secret("both", folder.places()).value() == "from systemd");
    CHECK(read_secret("single", folder.places()).value() == "own");
    folder.write("systemd/secret_whole", "from a directory", owner_only); // LoadCredential=secret:DIRECTORY
    folder.write("own/whole", "own", owner_only);
    CHECK(read_secret("whole", folder.places()).value() == "from a directory");
    const auto missing = read_secret("missing", folder.places());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().fault() == Fault::gone);
    CHECK(missing.error().what().find("missing") != std::string::npos);
}

TEST_CASE("secrets: a file that others may read is refused by name and mode") {
    SecretFolder folder;
    for (const auto mode : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write, fs::perms::others_exec}) {
        const auto file = folder.write("own/wide", "x", owner_only | mode);
        for (const std::string& name : {file, std::string("wide")}) {
            const auto secret = read_secret(name, folder.places());
            REQUIRE_FALSE(secret.has_value());
            CHECK(secret.error().fault() == Fault::refused);
            CHECK(secret.error().what().find(file + " has mode 06") != std::string::npos);
        }
    }
    CHECK(read_secret(folder.write("own/narrow", "x", fs::perms::owner_read), folder.places()).value() == "x");
}

TEST_CASE("secrets: what is no secret's file") {
    SecretFolder folder;
    CHECK(read_secret(folder.path("own"), folder.places()).error().fault() == Fault::refused);
    CHECK(read_secret("../own/x", folder.places()).error().fault() == Fault::malformed);
    CHECK(read_secret("", folder.places()).error().fault() == Fault::malformed);
    CHECK(read_secret(folder.write("empty", "\n", owner_only), folder.places()).error().fault() == Fault::malformed);
    CHECK(read_secret(folder.write("long", std::string(secret_bytes_max + 1, 'x'), owner_only), folder.places()).error().fault() == Fault::full);
    ::mkfifo(folder.path("fifo").c_str(), 0600); // must not wait for a writer
    CHECK(read_secret(folder.path("fifo"), folder.places()).error().fault() == Fault::refused);
}

TEST_CASE("secrets: all that the settings name, each flaw by its key") {
    SecretFolder folder;
    folder.write("own/district", "s3cret", owner_only);
    Settings settings;
    settings.upstreams.resize(3);
    settings.upstreams[0].password_credential = "district";
    settings.upstreams[1].password_credential = "absent";
    settings.upstreams[2].key_file = folder.write("key.pem", "k", owner_only | fs::perms::group_read);
    const auto secrets = read_secrets(settings, folder.places());
    CHECK(secrets.by_name.at("district") == "s3cret");
    REQUIRE(secrets.flaws.size() == 2);
    CHECK(secrets.flaws[0].key == "upstream[1].password_credential");
    CHECK(secrets.flaws[1].key == "upstream[2].key_file");
    CHECK(secrets.flaws[1].what.en.find("0640") != std::string::npos);
}
