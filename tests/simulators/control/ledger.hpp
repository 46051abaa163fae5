// SPDX-License-Identifier: Apache-2.0
//
// The ledger of a simulated device: every event that it made in its life, whatever became of it on the wire. A test
// compares what arrived with this list, so a row is written when the event happens and is never changed or dropped,
// not even when the device loses its own memory. Rows live in memory and, with a path, also as JSON lines in a file
// (flushed row by row, so that they outlive a SIGKILL). io thread only.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::simulators::control {

struct LedgerRow {
    std::string device;  // serial number or name, as the device calls itself
    std::uint64_t key{}; // the device's own event number
    std::string kind;    // our record kind that a gateway should make of it, such as pass.granted
    std::string subject; // card:8112345, plate:浙A12345, person:ID, or empty
    std::string at;      // ISO 8601 by the device's clock, which may be wrong
    std::string made_at; // ISO 8601 in UTC with milliseconds by the real clock; filled by Ledger::add
};

boost::json::object to_json(const LedgerRow& row);

class Ledger {
public:
    /// An empty path keeps rows in memory only. Throws std::runtime_error where the file can't be opened.
    explicit Ledger(const std::string& path = {});

    /// Stamps made_at and keeps the row; the answer is valid until the next add.
    const LedgerRow& add(LedgerRow row);

    std::size_t size() const { return rows_.size(); }
    const std::vector<LedgerRow>& rows() const { return rows_; }

    /// Rows from number `first` (0 is the oldest) on.
    boost::json::array to_json(std::size_t first = 0) const;

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
    std::vector<LedgerRow> rows_;
};

} // namespace gatehouse::simulators::control
