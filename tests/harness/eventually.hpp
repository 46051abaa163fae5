// SPDX-License-Identifier: Apache-2.0
//
// Waiting for what other processes do. Scenario tests look again and again until a thing is so, with a deadline and a
// sentence that says what never came; nothing sleeps for a fixed time and hopes.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace gatehouse::harness {

using namespace std::chrono_literals;

/// What was waited for did not come, or a part of the world broke. Ends the test case with its sentence.
struct Trouble : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// It can't come any more: `eventually` gives up at once.
struct Hopeless : Trouble {
    using Trouble::Trouble;
};

constexpr std::chrono::milliseconds patience{20'000};

/// Looks every 20 ms until `is_so`; throws Trouble("waited 20 s for WHAT: LAST") after the deadline, where LAST is what
/// `last_seen` has to say. An exception from `is_so` counts as "not yet" and is told at the end, except Hopeless.
void eventually(const std::string& what, const std::function<bool()>& is_so, std::chrono::milliseconds within = patience,
                const std::function<std::string()>& last_seen = {});

} // namespace gatehouse::harness
