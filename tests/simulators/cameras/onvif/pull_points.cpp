// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/pull_points.hpp"

#include "tests/simulators/cameras/onvif/soap.hpp"
#include "tests/simulators/cameras/onvif/time_text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::simulators::cameras::onvif {
namespace {

std::string message(const Notice& notice, std::string_view operation, control::RealTime camera_now) {
    const auto simple = [](const std::string& name, const std::string& value) {
        return name.empty() ? std::string() : "<tt:SimpleItem Name=\"" + escaped(name) + "\" Value=\"" + escaped(value) + "\"/>";
    };
    const std::string property = operation.empty() ? std::string() : " PropertyOperation=\"" + std::string(operation) + "\"";
    return "<wsnt:NotificationMessage><wsnt:Topic Dialect=\"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet\">" + escaped(notice.topic) +
           "</wsnt:Topic><wsnt:Message><tt:Message UtcTime=\"" + zulu(camera_now) + "\"" + property + "><tt:Source>" +
           simple(notice.source, notice.from) + "</tt:Source><tt:Data>" + simple(notice.item, notice.value) +
           "</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>";
}

} // namespace

void PullPoints::forget_ended(double now_s) {
    std::erase_if(points_, [now_s](const auto& each) { return each.second.ends_s < now_s && !each.second.waiting; });
}

std::optional<int> PullPoints::create(double life_s, double now_s, control::RealTime camera_now) {
    forget_ended(now_s);
    if (points_.size() >= std::min(most_, points_max)) return std::nullopt;
    Point& point = points_[next_];
    point.life_s = life_s;
    point.ends_s = now_s + life_s;
    for (const Notice& state : states_) point.queue.push_back(message(state, "Initialized", camera_now));
    return next_++;
}

bool PullPoints::renew(int id, double life_s, double now_s) {
    if (!is_there(id, now_s)) return false;
    points_[id].life_s = life_s;
    points_[id].ends_s = now_s + life_s;
    return true;
}

bool PullPoints::remove(int id) {
    const auto found = points_.find(id);
    if (found == points_.end()) return false;
    flush(id);
    points_.erase(id);
    return true;
}

bool PullPoints::is_there(int id, double now_s) {
    forget_ended(now_s);
    return points_.contains(id);
}

bool PullPoints::pull(int id, std::size_t limit, double now_s, Give give) {
    if (!is_there(id, now_s)) return false;
    Point& point = points_[id];
    if (const Give before = std::exchange(point.waiting, {})) before({});
    point.ends_s = std::max(point.ends_s, now_s + point.life_s);
    point.limit = std::max<std::size_t>(1, limit);
    point.waiting = std::move(give);
    if (!point.queue.empty()) hand_over(point);
    return true;
}

void PullPoints::hand_over(Point& point) {
    const Give give = std::exchange(point.waiting, {});
    if (!give) return;
    std::vector<std::string> messages;
    while (!point.queue.empty() && messages.size() < point.limit) {
        messages.push_back(std::move(point.queue.front()));
        point.queue.pop_front();
    }
    give(std::move(messages));
}

void PullPoints::flush(int id) {
    if (const auto found = points_.find(id); found != points_.end()) hand_over(found->second);
}

void PullPoints::notify(const Notice& notice, double now_s, control::RealTime camera_now) {
    forget_ended(now_s);
    if (notice.is_state) {
        const auto same = [&](const Notice& each) { return each.topic == notice.topic && each.from == notice.from; };
        const auto known = std::find_if(states_.begin(), states_.end(), same);
        if (known == states_.end())
            states_.push_back(notice);
        else
            *known = notice;
    }
    for (auto& [id, point] : points_) {
        point.queue.push_back(message(notice, notice.is_state ? "Changed" : "", camera_now));
        if (point.queue.size() > queue_max) point.queue.pop_front(), ++dropped_;
        hand_over(point);
    }
}

void PullPoints::clear() {
    for (auto& [id, point] : std::exchange(points_, {}))
        if (const Give give = std::exchange(point.waiting, {})) give({});
}

double PullPoints::life_s(int id) const {
    const auto found = points_.find(id);
    return found == points_.end() ? 0 : found->second.life_s;
}

} // namespace gatehouse::simulators::cameras::onvif
