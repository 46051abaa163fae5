// SPDX-License-Identifier: Apache-2.0
//
// A real mosquitto with its own configuration, folder and ports; can be stopped, killed, frozen and started again on the
// same ports. The plain listener on loopback is for the platform's side (and for gateways in tests without TLS); the TLS
// listener is for gateways.
#pragma once

#include "tests/harness/certificates.hpp"
#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::harness {

struct BrokerOptions {
    /// Keeps sessions and queued messages over a restart.
    bool is_persistent = true;
    /// Name to password; empty: anybody may connect to the plain listener.
    std::map<std::string, std::string> users{};
    /// The lines of mosquitto's acl_file; empty: everybody may do everything.
    std::string acl{};
    /// A TLS listener with a certificate signed by this authority.
    Certificates* certificates = nullptr;
    /// The TLS listener wants a client certificate, whose common name is the user.
    bool wants_client_certificate = true;
    std::optional<std::size_t> queued_messages_max{};
    std::optional<std::size_t> packet_bytes_max{};
    /// Lines added as they are.
    std::string more{};
};

class Broker {
public:
    /// Makes its folder under `folder`; does not start yet.
    Broker(const std::string& name, const std::filesystem::path& folder, BrokerOptions options = {});

    /// Takes connections when this returns.
    void start();
    /// SIGTERM: sessions are saved where persistent.
    void stop();
    /// SIGKILL: as when the power goes.
    void kill();
    /// Takes bytes into its socket buffers but answers nothing.
    void freeze() { process_->freeze(); }
    void thaw() { process_->thaw(); }
    bool is_running() { return process_ && process_->is_running(); }
    /// Another certificate for its TLS listener, from the next start on.
    void present(Certificates::Pair pair);
    /// Forgets what it kept: sessions and queued messages. Only while stopped.
    void forget();

    std::uint16_t port() const { return port_; }
    std::uint16_t tls_port() const { return tls_port_; }
    std::string log() const { return process_ ? process_->err() : std::string(); }
    ChildProcess& process() { return *process_; }
    static bool is_installed();

private:
    void write_configuration();

    std::string name_;
    std::filesystem::path folder_;
    BrokerOptions options_;
    std::optional<Certificates::Pair> pair_;
    std::uint16_t port_, tls_port_ = 0;
    std::unique_ptr<ChildProcess> process_;
};

} // namespace gatehouse::harness
