// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/eventually.hpp"

#include <thread>

namespace gatehouse::harness {

void eventually(const std::string& what, const std::function<bool()>& is_so, std::chrono::milliseconds within,
                const std::function<std::string()>& last_seen) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    std::string thrown;
    for (;;) {
        try {
            thrown.clear();
            if (is_so()) return;
        } catch (const Hopeless& hopeless) {
            throw Trouble("waiting for " + what + ": " + hopeless.what());
        } catch (const std::exception& not_yet) {
            thrown = not_yet.what();
        }
        if (std::chrono::steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(20ms);
    }
    std::string sentence = "waited " + std::to_string(within.count()) + " ms for " + what;
    if (last_seen) sentence += "; last seen: " + last_seen();
    if (!thrown.empty()) sentence += "; at last: " + thrown;
    throw Trouble(sentence);
}

} // namespace gatehouse::harness
