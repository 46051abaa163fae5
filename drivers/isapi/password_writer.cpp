// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/password_writer.hpp"

#include "drivers/isapi/device_api.hpp"
#include "drivers/isapi/users.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

DeviceInfo bare_of(DeviceInfo device) {
    device.username.clear();
    device.password.clear();
    return device;
}

class IsapiPasswordWriter final : public PasswordWriter {
public:
    IsapiPasswordWriter(DeviceInfo device, Surroundings surroundings, const HttpClients& clients)
        : device_(std::move(device)), clock_(surroundings.clock), bare_http_(clients(bare_of(device_), surroundings)),
          http_(clients(device_, surroundings)) {}

    Task<Done> prove() override {
        auto user = co_await own_user();
        if (!user) co_return std::move(user).error();
        co_return Done();
    }

    Task<Done> write(std::string fresh) override {
        auto user = co_await own_user();
        if (!user) {
            // Nothing was written: whatever it was, the old password stands.
            const auto fault = user.error().fault();
            const bool is_no = fault == Fault::refused || fault == Fault::unsupported || fault == Fault::gone;
            co_return is_no ? std::move(user).error() : Error(Fault::gone, user.error().what());
        }
        DeviceApi api(*http_, clock_);
        std::string target = std::string(users_target) + "/" + std::to_string(user->id);
        std::string body = encode_user_password(*user, fresh, device_.password);
        auto said = co_await api.ask("PUT", std::move(target), std::move(body), DeviceApi::Patience::once);
        if (!said) co_return std::move(said).error();
        co_return Done();
    }

private:
    /// After a log-in that the device insisted on.
    Task<Result<User>> own_user() {
        net::HttpRequest request;
        request.target = users_target;
        auto bare = co_await bare_http_->request(std::move(request));
        if (!bare) co_return std::move(bare).error();
        if (bare->status / 100 == 2) co_return Error(Fault::unsupported, "the device asks nobody for a password: nothing can be proved");
        if (bare->status != 401) co_return error_of(*bare);
        DeviceApi api(*http_, clock_);
        auto body = co_await api.ask("GET", std::string(users_target), std::string(), DeviceApi::Patience::once);
        if (!body) co_return std::move(body).error();
        auto users = decode_users(*body);
        if (!users) co_return std::move(users).error();
        const auto own = std::find_if(users->begin(), users->end(), [&](const User& user) { return user.name == device_.username; });
        if (own == users->end()) co_return Error(Fault::unsupported, "the device does not list our own account");
        co_return *own;
    }

    DeviceInfo device_;
    Clock& clock_;
    std::unique_ptr<net::HttpClient> bare_http_, http_;
};

} // namespace

std::unique_ptr<PasswordWriter> make_password_writer(DeviceInfo device, Surroundings surroundings, const HttpClients& clients) {
    return std::make_unique<IsapiPasswordWriter>(std::move(device), surroundings, clients);
}

} // namespace gatehouse::drivers::isapi
