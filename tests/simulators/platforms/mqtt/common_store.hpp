// SPDX-License-Identifier: Apache-2.0
//
// Where an application keeps what it took: rows of JSON in one file that is only appended to. Several consumers of one shared subscription
// write the same file, one at a time under its lock, and read what the others wrote before they decide anything. A row counts once it
// stands there whole; a half row of somebody killed is cut off by the next who writes.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace gatehouse::simulators::platform {

class CommonStore {
public:
    using Apply = std::function<void(const boost::json::object& row)>;

    /// An empty path keeps nothing beyond the process. Throws std::runtime_error where the file can't be opened.
    CommonStore(const std::string& path, Apply apply);
    ~CommonStore();
    CommonStore(const CommonStore&) = delete;
    CommonStore& operator=(const CommonStore&) = delete;

    /// Holds the lock and has applied every row that stands in the file. Rows are appended under it.
    class Turn {
    public:
        explicit Turn(CommonStore& store);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        /// Applies the row and writes it.
        void append(const boost::json::object& row);

    private:
        CommonStore& store_;
        std::string waiting_;
        void write();
    };

private:
    void read_on();
    int file_ = -1;
    std::int64_t read_up_to_ = 0;
    Apply apply_;
};

} // namespace gatehouse::simulators::platform
