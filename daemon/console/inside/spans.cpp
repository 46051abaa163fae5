// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/spans.hpp"

#include "daemon/console/desk.hpp"
#include "daemon/console/reading.hpp"
#include "daemon/store/recordings.hpp"

namespace gatehouse::console::inside {

Done check_span(const Span& span, Duration most) {
    if (span.stream != "main" && span.stream != "sub") return Error(Fault::malformed, "stream: main or sub expected");
    if (!store::is_plain_name(span.camera)) return Error(Fault::gone, "no such camera");
    if (span.from >= span.to) return Error(Fault::malformed, "from: a time before 'to' expected");
    if (span.to - span.from > most)
        return Error(Fault::malformed, "from, to: at most " + std::to_string(most / std::chrono::hours(24)) + " days apart");
    return {};
}

Result<Span> span_of(const Asking& asking, Duration most) {
    auto from = time_of(asking, "from");
    if (!from) return std::move(from).error();
    auto to = time_of(asking, "to");
    if (!to) return std::move(to).error();
    if (!*from || !*to) return Error(Fault::malformed, "from, to: both expected");
    const auto stream = asking.value_of("stream");
    Span span{asking.parameters[0], stream.empty() ? std::string("main") : std::string(stream), **from, **to};
    if (auto good = check_span(span, most); !good) return std::move(good).error();
    return span;
}

Task<Done> note_viewing(Parts& parts, const Asking& asking, std::string what) {
    const auto viewing = asking.by + " " + std::string(auth::name_of(asking.role)) + " " + what;
    auto& viewings = asking.desk.viewings;
    if (viewings.is_noted(viewing, parts.clock.steady_now())) co_return Done();
    auto noted = co_await note_act(parts, asking, Kind::audit_read, std::move(what), 1);
    if (noted) viewings.noted(viewing, parts.clock.steady_now());
    co_return noted;
}

} // namespace gatehouse::console::inside
