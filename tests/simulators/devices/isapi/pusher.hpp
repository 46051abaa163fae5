// SPDX-License-Identifier: Apache-2.0
// Posts events to one listener, as httpHosts does: one at a time, each on a connection of its own, no second try. What
// fails or does not fit the queue is lost to the listener; only a search of the device's memory brings it back.
// io thread only; must outlive the io_context's run().
#pragma once

#include "tests/simulators/devices/isapi/alert.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace gatehouse::simulators::isapi {

struct Listener {
    std::string host; // an address, or "localhost"
    std::uint16_t port = 0;
    std::string path = "/";
    bool operator==(const Listener&) const = default;
};

// How the next posts leave: drawn from the faults of the device.
struct Manner {
    std::size_t pace_bytes = 0; // 0: all at once
    double pace_ms = 0;
    std::size_t cut_after_bytes = 0; // 0: whole; else the connection ends there
};

class Pusher {
public:
    static constexpr std::size_t queue_posts_max = 256;

    Pusher(boost::asio::io_context& io, double wait_s);
    ~Pusher();
    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;

    void post(const Listener& listener, const Post& post, const Manner& manner);
    void drop_all(); // the queue, and the one under way

    boost::json::object state() const;
    std::uint64_t answered(int status) const;

private:
    class Job;
    struct Waiting {
        Listener listener;
        std::string bytes;
        Manner manner;
    };
    void next();

    boost::asio::io_context& io_;
    double wait_s_;
    std::deque<Waiting> queue_;
    std::shared_ptr<Job> job_;
    std::map<int, std::uint64_t> answers_; // by HTTP status
    std::uint64_t failed_ = 0;
    std::uint64_t overflowed_ = 0;
};

} // namespace gatehouse::simulators::isapi
