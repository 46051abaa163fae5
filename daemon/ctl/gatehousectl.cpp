// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/gatehousectl.hpp"

#include "daemon/ctl/session.hpp"

#include <unistd.h>

#include <cstdlib>

namespace gatehouse::ctl {

namespace {

constexpr Duration answer_limit = std::chrono::minutes(10); // a backup or a verification takes its time

bool locale_is_chinese() {
    for (const auto* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return std::string_view(value).starts_with("zh");
    return false;
}

Time machine_now() {
    Loop loop;
    return RealClock(loop).now();
}

void machine_wait(Duration howlong) {
    Loop loop;
    RealClock clock(loop);
    loop.spawn("wait", clock.sleep_for(howlong));
    loop.run();
}

} // namespace

Surroundings machine_surroundings(std::ostream& out, std::ostream& err) {
    return {out,
            err,
            [](const std::string& socket, const net::HttpRequest& request) { return net::request_over_unix_socket(socket, request, answer_limit); },
            net::follow_over_unix_socket,
            machine_now,
            machine_wait,
            locale_is_chinese(),
            ::isatty(STDOUT_FILENO) == 1};
}

int run(const std::vector<std::string>& typed, Surroundings surroundings) {
    surroundings.zh = is_chinese(typed, surroundings.zh);
    auto words = take_apart(typed);
    if (!words) {
        const auto wrong = words.error();
        surroundings.err << "gatehousectl: " << (surroundings.zh ? wrong.zh : wrong.en) << "\n";
        return exit_usage;
    }
    return words->command->run(Session{*words, surroundings});
}

} // namespace gatehouse::ctl
