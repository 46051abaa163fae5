// SPDX-License-Identifier: Apache-2.0
//
// Two kinds of wrong. The world is wrong: a function answers Result<T>, whose Error carries one closed Fault to branch on and a
// sentence for people, which gathers context on its way up. We are wrong: expects() (expects.hpp) stops the process.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

/// What callers may branch on. Closed on purpose: a new value needs a caller that treats it differently.
enum class Fault {
    unreachable, ///< no route, no answer at all, connection refused or lost; a disk that does not answer
    refused,     ///< the far side understood and said no (password, right, policy)
    malformed,   ///< bytes that do not follow their format
    timed_out,   ///< an answer was due and did not come
    full,        ///< a bound of ours or theirs is reached; later may be better
    gone,        ///< the thing asked for does not exist (any more)
    unsupported, ///< the far side or this build does not have the function
    damaged,     ///< stored bytes do not match what was written
    busy,        ///< try again later, nothing is wrong
};

/// The fault's name as it stands in logs, JSON and counters, e.g. "timed_out".
std::string_view name_of(Fault fault);

/// One thing that went wrong in the world. Owns its text.
class [[nodiscard]] Error {
public:
    /// Only because boost::system::result 1.81 asks for it; nobody makes one.
    Error() : Error(Fault::malformed, "no error") {}
    Error(Fault fault, std::string what) : fault_(fault), what_(std::move(what)) {}

    Fault fault() const { return fault_; }

    /// "opening door 3: empty port": outermost context first.
    const std::string& what() const { return what_; }

    /// The same error with context before it: error.during("opening door 3").
    Error during(std::string_view doing) && {
        what_.insert(0, ": ");
        what_.insert(0, doing);
        return std::move(*this);
    }
    Error during(std::string_view doing) const& { return Error(*this).during(doing); }

private:
    Fault fault_;
    std::string what_;
};

/// Declared beside Error because boost::system::result::value() needs it: asking an error for its value is our mistake, and ends
/// the process through expects().
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

/// A Result without a value.
using Done = Result<void>;

} // namespace gatehouse
