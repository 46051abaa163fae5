// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/pushes.hpp"

namespace gatehouse::app {

namespace {

class Route final : public drivers::PushRoutes::Registration {
public:
    explicit Route(std::function<void()> leave) : leave_(std::move(leave)) {}
    ~Route() override { leave_(); }

private:
    std::function<void()> leave_;
};

} // namespace

std::string Pushes::path_for(const drivers::DeviceInfo& device) {
    Bytes token(16);
    put_u64_be(std::span(token).first(8), keyed_hash(path_key_, "push|a|" + device.id));
    put_u64_be(std::span(token).last(8), keyed_hash(path_key_, "push|b|" + device.id));
    return "/hik/" + to_hex(token);
}

Result<std::unique_ptr<drivers::PushRoutes::Registration>> Pushes::add(std::string path, net::HttpHandler handler) {
    if (!state_->handlers.emplace(path, std::move(handler)).second) return Error(Fault::refused, "the path for pushes is taken");
    auto leave = [state = state_, path] { state->handlers.erase(path); };
    return std::unique_ptr<Registration>(std::make_unique<Route>(std::move(leave)));
}

Task<net::HttpResponse> Pushes::answer(std::shared_ptr<State> state, net::HttpRequest request) {
    const auto path = request.target.substr(0, request.target.find('?'));
    const auto found = state->handlers.find(path);
    if (found == state->handlers.end()) {
        ++state->strangers;
        net::HttpResponse gone;
        gone.status = 404;
        co_return gone;
    }
    auto handler = found->second; // its registration may go while it runs
    co_return co_await handler(std::move(request));
}

net::HttpHandler Pushes::handler() {
    return [state = state_](net::HttpRequest request) { return answer(state, std::move(request)); };
}

} // namespace gatehouse::app
