// SPDX-License-Identifier: Apache-2.0
//
// The connection of a platform's application to its broker, by Debian's libmosquitto on a thread of its own. Messages are posted to the io
// thread in the order of their arrival; publish() may be called from there at any time, also while not connected.
#pragma once

#include "tests/simulators/platforms/mqtt/application.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace gatehouse::simulators::platform {

class Session {
public:
    struct Settings {
        std::string host = "127.0.0.1";
        std::uint16_t port = 1883;
        std::string client_id, user, password, ca, certificate, key;
        bool is_version_5 = true;
        std::uint32_t session_expiry_s = 0;
        std::vector<std::string> topics;
    };
    using Arrived = std::function<void(Message)>;
    using Connected = std::function<void(bool)>;

    Session(boost::asio::io_context& io, Settings settings, Arrived arrived, Connected connected);
    /// Says goodbye to the broker and waits for the thread.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void publish(const Outgoing& message);

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::simulators::platform
