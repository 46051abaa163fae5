// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/broker.hpp"

#include "tests/harness/ports.hpp"

#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace {

constexpr auto mosquitto = "/usr/sbin/mosquitto";

bool takes_connections(std::uint16_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool taken = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return taken;
}

} // namespace

bool Broker::is_installed() { return ::access(mosquitto, X_OK) == 0; }

Broker::Broker(const std::string& name, const std::filesystem::path& folder, BrokerOptions options)
    : name_(name), folder_(folder / name), options_(std::move(options)), port_(free_port()) {
    std::filesystem::create_directories(folder_ / "kept");
    if (options_.certificates) tls_port_ = free_port();
    write_configuration();
}

void Broker::write_configuration() {
    // Settings per listener, so that the platform's side stays plain while gateways meet TLS and passwords.
    std::string text = "per_listener_settings true\nuser root\nlog_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n"
                       "connection_messages true\n";
    text += options_.is_persistent ? "persistence true\npersistence_location " + (folder_ / "kept").string() + "/\nautosave_interval 1\n"
                                   : "persistence false\n";
    if (options_.queued_messages_max) text += "max_queued_messages " + std::to_string(*options_.queued_messages_max) + "\n";
    if (options_.packet_bytes_max) text += "max_packet_size " + std::to_string(*options_.packet_bytes_max) + "\n";
    text += options_.more;

    std::string rules;
    if (!options_.users.empty()) {
        const auto passwords = folder_ / "passwords";
        std::filesystem::remove(passwords);
        write_secret(passwords, "");
        for (const auto& [user, password] : options_.users) run_to_end("/usr/bin/mosquitto_passwd", {"-b", passwords, user, password});
        rules += "password_file " + passwords.string() + "\n";
    }
    if (!options_.acl.empty()) {
        write_secret(folder_ / "acl", options_.acl);
        rules += "acl_file " + (folder_ / "acl").string() + "\n";
    }
    const std::string anonymous = options_.users.empty() ? "allow_anonymous true\n" : "allow_anonymous false\n";
    text += "listener " + std::to_string(port_) + " 127.0.0.1\n" + anonymous + rules;
    if (options_.certificates) {
        if (!pair_) pair_ = options_.certificates->server(name_);
        text += "listener " + std::to_string(tls_port_) + " 127.0.0.1\ncafile " + options_.certificates->authority().string() + "\ncertfile " +
                pair_->certificate.string() + "\nkeyfile " + pair_->key.string() + "\n";
        text += options_.wants_client_certificate ? "require_certificate true\nuse_identity_as_username true\n" : anonymous;
        text += rules;
    }
    write_file(folder_ / "mosquitto.conf", text);
}

void Broker::present(Certificates::Pair pair) {
    pair_ = std::move(pair);
    write_configuration();
}

void Broker::start() {
    process_ = std::make_unique<ChildProcess>(
        name_, ChildProcess::Command{.program = mosquitto, .arguments = {"-c", folder_ / "mosquitto.conf"}, .environment = {}, .directory = {}},
        folder_);
    eventually(
        "the broker " + name_,
        [this] {
            if (!process_->is_running()) throw Hopeless("mosquitto ended: " + process_->last_words());
            return takes_connections(port_);
        },
        10s);
}

void Broker::stop() {
    if (!process_) return;
    process_->thaw();
    process_->terminate();
}

void Broker::kill() {
    if (process_) process_->kill();
}

void Broker::forget() {
    if (is_running()) throw Trouble("a running broker can't be made to forget");
    for (const auto& each : std::filesystem::directory_iterator(folder_ / "kept")) std::filesystem::remove_all(each);
}

} // namespace gatehouse::harness
