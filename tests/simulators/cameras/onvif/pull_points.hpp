// SPDX-License-Identifier: Apache-2.0
//
// Events by pull point (ONVIF Core, 9): the camera's states and pulses, and a queue for each subscriber. Knows nothing of sockets; times are handed
// in as seconds of any steady clock.
#pragma once

#include "tests/simulators/control/device_clock.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::cameras::onvif {

struct Notice {
    std::string topic;        // tns1:…
    std::string source, from; // SimpleItem of tt:Source: name and value
    std::string item, value;  // SimpleItem of tt:Data
    bool is_state = true;     // a pulse otherwise
};

class PullPoints {
public:
    static constexpr std::size_t queue_max = 1000; // older ones are dropped, and counted
    static constexpr std::size_t points_max = 64;

    using Give = std::function<void(std::vector<std::string> messages)>;

    explicit PullPoints(std::size_t most) : most_(most) {}

    /// Nothing where there are too many. The present states wait for it as Initialized.
    std::optional<int> create(double life_s, double now_s, control::RealTime camera_now);
    bool renew(int id, double life_s, double now_s);
    bool remove(int id);
    bool is_there(int id, double now_s);
    /// Hands over at most `limit` messages as soon as there are any; an empty list at `flush`. False: there is no such point. One that waited is
    /// given an empty list.
    bool pull(int id, std::size_t limit, double now_s, Give give);
    /// Who waits gets what there is: the time is up.
    void flush(int id);
    /// States are kept, and sent as Initialized, or as Changed to those that are there; pulses are sent only.
    void notify(const Notice& notice, double now_s, control::RealTime camera_now);
    /// All points are gone, as after a reboot.
    void clear();

    double life_s(int id) const;
    std::size_t count() const { return points_.size(); }
    std::uint64_t dropped() const { return dropped_; }

private:
    struct Point {
        double life_s = 0, ends_s = 0;
        std::deque<std::string> queue;
        std::size_t limit = 0;
        Give waiting;
    };
    void forget_ended(double now_s);
    static void hand_over(Point& point);

    std::size_t most_;
    std::map<int, Point> points_;
    std::vector<Notice> states_;
    int next_ = 1;
    std::uint64_t dropped_ = 0;
};

} // namespace gatehouse::simulators::cameras::onvif
