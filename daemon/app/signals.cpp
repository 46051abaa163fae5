// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/signals.hpp"

#include "daemon/base/log.hpp"

#include <boost/asio.hpp>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>

namespace gatehouse::app {

namespace asio = boost::asio;

Task<void> until_told_to_stop(Loop& loop, std::function<void()> reload) {
    asio::signal_set signals(loop.context(), SIGTERM, SIGINT, SIGHUP);
    for (;;) {
        const int number = co_await signals.async_wait(asio::use_awaitable);
        if (number != SIGHUP) {
            log::info("gatehoused", "told to stop", {{"signal", number}});
            co_return;
        }
        reload();
    }
}

void tell_systemd(std::string state) {
    std::replace(state.begin(), state.end(), '\n', ' ');
    sd_notify(0, state.c_str());
}

Duration watchdog_interval() {
    std::uint64_t interval_us = 0;
    if (sd_watchdog_enabled(0, &interval_us) <= 0) return Duration::zero();
    return Duration(static_cast<std::int64_t>(interval_us));
}

} // namespace gatehouse::app
