// SPDX-License-Identifier: Apache-2.0
//
// Every byte that reached a platform, in one file, so that a test can search it for what should never have left the house.
#pragma once

#include "tests/simulators/platforms/mqtt/application.hpp"

#include <cstdio>
#include <memory>

namespace gatehouse::simulators::platform {

class Capture {
public:
    /// An empty path keeps nothing. Throws std::runtime_error where the file can't be opened.
    explicit Capture(const std::string& path);

    /// One line of JSON with topic, properties and length, then the payload as it came, then a line's end. Flushed.
    void write(const Message& message);

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
};

} // namespace gatehouse::simulators::platform
