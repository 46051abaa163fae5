// SPDX-License-Identifier: Apache-2.0
//
// Faults on command. A fault is a name with arguments; while it is set the device asks `strikes` at the place where it
// would go wrong. Two arguments work for every fault: "p" (chance per opportunity, 1 when absent) and "times" (clears
// itself after so many strikes). The draws come from the seed, so a run can be repeated. io thread only.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>

namespace gatehouse::simulators::control {

class Faults {
public:
    explicit Faults(std::uint64_t seed) : random_(seed) {}

    void set(const std::string& name, boost::json::object arguments);
    void clear(const std::string& name);
    void clear_all() { set_.clear(); }

    bool is_set(std::string_view name) const { return set_.find(name) != set_.end(); }

    /// Whether this fault happens now: counts down "times" and draws "p".
    bool strikes(std::string_view name);

    /// An argument of a fault, or `otherwise` where fault or argument is missing or not of that type.
    double number(std::string_view name, std::string_view argument, double otherwise) const;
    std::string text(std::string_view name, std::string_view argument, std::string otherwise) const;

    boost::json::object to_json() const;

private:
    std::map<std::string, boost::json::object, std::less<>> set_;
    std::mt19937_64 random_;
};

} // namespace gatehouse::simulators::control
