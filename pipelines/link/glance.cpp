// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/glance.hpp"

#include "pipelines/link/camera.hpp"

namespace gatehouse::pipelines {

namespace {

constexpr std::size_t glance_read_bytes = 64 * 1024;
constexpr Duration glance_look_up_limit = std::chrono::seconds(5);
constexpr Duration leave_limit = std::chrono::seconds(1);

/// All whole messages that are there. None: go on.
std::optional<Error> hear_all(FrameReader& reader, Clock& clock, Instant& heard_alive, const std::function<bool(Up&)>& each) {
    for (;;) {
        auto frame = reader.next();
        if (!frame) return std::move(frame).error().during("the worker says what is no message");
        if (!*frame) return std::nullopt;
        auto message = decode_up(**frame);
        if (!message) return std::move(message).error().during("the worker says what is no message");
        if (std::holds_alternative<Heartbeat>(*message)) heard_alive = clock.steady_now();
        if (const auto* lost = std::get_if<Lost>(&*message)) return Error(lost->fault, lost->reason);
        if (!each(*message)) return Error(Fault::busy, "heard enough");
    }
}

// A camera has few sessions to give: it is told that this one is over.
Task<void> take_leave(net::Stream& stream, Bytes& buffer) {
    const auto stop = frame_of(Down(Stop()));
    auto told = co_await stream.write(stop);
    while (told) {
        auto more = co_await stream.read_some(buffer);
        if (!more || *more == 0) co_return;
    }
}

} // namespace

Task<Error> glance(GlanceParts parts, std::string host, Configuration configuration, std::function<bool(Up& said)> each) {
    expects(configuration.folder.empty() && !configuration.record, "who only looks records nothing");
    auto& clock = parts.surroundings.clock;
    auto address = co_await parts.surroundings.network.address_of(host, glance_look_up_limit);
    if (!address) co_return std::move(address).error();
    auto child = parts.children.start(parts.program);
    if (!child) co_return std::move(child).error();
    const auto frame = frame_of(Down(at_address(std::move(configuration), host, *address)));
    auto written = co_await (*child)->stream().write(frame);
    if (!written) co_return Error(Fault::gone, "the worker hung up");
    FrameReader reader(up_frame_bytes_max);
    Bytes buffer(glance_read_bytes);
    auto heard_alive = clock.steady_now();
    for (;;) {
        auto reading = (*child)->stream().read_some(buffer);
        auto got = co_await within<std::size_t>(clock, heartbeat_limit, "the worker hangs", std::move(reading));
        if (!got && got.error().fault() == Fault::timed_out) co_return std::move(got).error();
        if (!got || *got == 0) co_return Error(Fault::gone, "the worker ended without a word");
        reader.add(ByteView(buffer).first(*got));
        auto over = hear_all(reader, clock, heard_alive, each);
        if (over && over->fault() == Fault::busy) {
            auto leaving = take_leave((*child)->stream(), buffer);
            co_await finish_within(clock, leave_limit, std::move(leaving));
        }
        if (over) co_return std::move(*over);
        if (clock.steady_now() - heard_alive > heartbeat_limit) co_return Error(Fault::timed_out, "the worker hangs: it sends, and is not alive");
    }
}

} // namespace gatehouse::pipelines
