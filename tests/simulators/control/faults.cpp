// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/control/faults.hpp"

#include <utility>

namespace gatehouse::simulators::control {

void Faults::set(const std::string& name, boost::json::object arguments) {
    arguments.erase("name");
    set_.insert_or_assign(name, std::move(arguments));
}

void Faults::clear(const std::string& name) { set_.erase(name); }

bool Faults::strikes(std::string_view name) {
    const auto fault = set_.find(name);
    if (fault == set_.end()) return false;
    const double chance = number(name, "p", 1.0);
    if (chance < 1.0 && std::uniform_real_distribution<>(0.0, 1.0)(random_) >= chance) return false;
    const double times = number(name, "times", 0.0);
    if (times >= 2.0)
        fault->second["times"] = times - 1.0;
    else if (times >= 1.0)
        set_.erase(fault);
    return true;
}

double Faults::number(std::string_view name, std::string_view argument, double otherwise) const {
    const auto fault = set_.find(name);
    if (fault == set_.end()) return otherwise;
    const auto* value = fault->second.if_contains(argument);
    if (!value || !value->is_number()) return otherwise;
    return value->to_number<double>();
}

std::string Faults::text(std::string_view name, std::string_view argument, std::string otherwise) const {
    const auto fault = set_.find(name);
    if (fault == set_.end()) return otherwise;
    const auto* value = fault->second.if_contains(argument);
    if (!value || !value->is_string()) return otherwise;
    return std::string(value->get_string());
}

boost::json::object Faults::to_json() const {
    boost::json::object all;
    for (const auto& [name, arguments] : set_) all[name] = arguments;
    return all;
}

} // namespace gatehouse::simulators::control
