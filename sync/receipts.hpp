// SPDX-License-Identifier: Apache-2.0
//
// What a platform's application says it holds or refuses (README.md, W7). Bytes in, values out; hostile bytes are Fault::malformed.
#pragma once

#include "daemon/base/result.hpp"
#include "daemon/record/kind.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::sync {

/// What moves a lane's cursor.
enum class ReceiptMode { ranges, cumulative, puback, none };
std::string_view name_of(ReceiptMode mode);
std::optional<ReceiptMode> receipt_mode_named(std::string_view name);

constexpr std::size_t receipt_bytes_max = 256 * 1024;
constexpr std::size_t receipt_ranges_max = 20'000;
constexpr std::size_t receipt_refused_max = 1'000;
constexpr std::size_t reason_bytes_max = 200;

/// Inclusive.
using Range = std::pair<std::uint64_t, std::uint64_t>;

struct Refusal {
    std::uint64_t position = 0;
    std::string reason; ///< UTF-8, cut at reason_bytes_max
};

struct Receipt {
    std::string epoch;
    Lane lane = Lane::routine;
    std::vector<Range> held;
    std::optional<std::uint64_t> through;
    std::vector<Refusal> refused;
};

/// `held` only in mode ranges, `through` only in mode cumulative, `refused` in every mode; at least one of them.
Result<Receipt> parse_receipt(std::string_view payload, ReceiptMode mode);

/// A union of inclusive ranges, merged where they touch.
class RangeSet {
public:
    void add(Range range);
    bool holds(std::uint64_t position) const;
    /// Forgets what lies at or below.
    void forget_through(std::uint64_t position);
    std::size_t size() const { return ranges_.size(); }
    void clear() { ranges_.clear(); }

private:
    std::map<std::uint64_t, std::uint64_t> ranges_; ///< first to last; never more than receipt_ranges_max
};

} // namespace gatehouse::sync
