// SPDX-License-Identifier: Apache-2.0
//
// From the words in which a conversation ended to its cause on site: a code that stays, and what to do about it, in both languages. The
// words are those of our own drivers, of daemon/net and of the kernel; stories with real devices and brokers hold the tables to them.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::console::inside {

struct Cause {
    std::string_view words; ///< stand in what ended it, any case; the first row that fits counts
    std::string_view code;
    std::string_view zh, en;
};

/// A device that is not spoken to: every fault has one, the last row fits all.
const Cause& device_cause(const std::string& fault);
/// A device that is spoken to and complains.
const Cause& device_complaint(const std::string& fault);
/// A platform without a connection.
const Cause& upstream_cause(const std::string& fault);
/// A platform whose broker turns us away.
const Cause& upstream_refusal(const std::string& fault);
/// A platform that is connected and complains.
const Cause& upstream_complaint(const std::string& fault);

} // namespace gatehouse::console::inside
