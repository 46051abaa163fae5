// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/control/ledger.hpp"

#include "tests/simulators/control/device_clock.hpp"

#include <stdexcept>
#include <utility>

namespace gatehouse::simulators::control {

boost::json::object to_json(const LedgerRow& row) {
    return {{"device", row.device}, {"key", row.key}, {"kind", row.kind}, {"subject", row.subject}, {"at", row.at}, {"made_at", row.made_at}};
}

Ledger::Ledger(const std::string& path) {
    if (path.empty()) return;
    file_.reset(std::fopen(path.c_str(), "ae"));
    if (!file_) throw std::runtime_error("can't append to the ledger " + path);
}

const LedgerRow& Ledger::add(LedgerRow row) {
    row.made_at = iso_utc_ms(real_now());
    if (file_) {
        const std::string line = boost::json::serialize(simulators::control::to_json(row)) + "\n";
        std::fwrite(line.data(), 1, line.size(), file_.get());
        std::fflush(file_.get());
    }
    return rows_.emplace_back(std::move(row));
}

boost::json::array Ledger::to_json(std::size_t first) const {
    boost::json::array all;
    for (std::size_t i = first; i < rows_.size(); ++i) all.push_back(simulators::control::to_json(rows_[i]));
    return all;
}

} // namespace gatehouse::simulators::control
