// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/capture.hpp"

#include <stdexcept>

namespace gatehouse::simulators::platform {
namespace json = boost::json;

Capture::Capture(const std::string& path) {
    if (path.empty()) return;
    file_.reset(std::fopen(path.c_str(), "ab"));
    if (!file_) throw std::runtime_error("can't open " + path);
}

void Capture::write(const Message& message) {
    if (!file_) return;
    json::object user;
    for (const auto& [name, value] : message.user) user[name] = value;
    const json::object head{{"topic", message.topic},
                            {"content_type", message.content_type},
                            {"correlation", message.correlation},
                            {"user", std::move(user)},
                            {"bytes", message.payload.size()}};
    const auto line = json::serialize(head) + "\n";
    std::fwrite(line.data(), 1, line.size(), file_.get());
    std::fwrite(message.payload.data(), 1, message.payload.size(), file_.get());
    std::fputc('\n', file_.get());
    std::fflush(file_.get());
}

} // namespace gatehouse::simulators::platform
