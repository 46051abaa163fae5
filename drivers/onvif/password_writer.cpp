// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/password_writer.hpp"

#include "drivers/onvif/device_api.hpp"
#include "drivers/onvif/services.hpp"
#include "drivers/onvif/set_user.hpp"
#include "drivers/onvif/system_date_and_time.hpp"
#include "drivers/onvif/users.hpp"

#include <algorithm>

namespace gatehouse::drivers::onvif {

namespace {

constexpr Duration writer_call_limit = std::chrono::seconds(10);

DeviceInfo bare_of(DeviceInfo device) {
    device.username.clear();
    device.password.clear();
    return device;
}

std::string option_of(const DeviceInfo& device, const std::string& name, std::string otherwise) {
    const auto found = device.options.find(name);
    return found == device.options.end() || found->second.empty() ? otherwise : found->second;
}

class OnvifPasswordWriter final : public PasswordWriter {
public:
    OnvifPasswordWriter(DeviceInfo device, Surroundings surroundings, const HttpClients& clients)
        : device_(std::move(device)), bare_device_(bare_of(device_)), around_(surroundings),
          path_(option_of(device_, "path", std::string(device_service_path))), bare_http_(clients(bare_device_, around_, writer_call_limit)),
          http_(clients(device_, around_, writer_call_limit)), bare_api_(*bare_http_, *bare_http_, around_, bare_device_),
          api_(*bare_http_, *http_, around_, device_) {}

    Task<Done> prove() override {
        auto users = co_await log_in();
        if (!users) co_return std::move(users).error();
        co_return Done();
    }

    Task<Done> write(std::string fresh) override {
        auto users = co_await log_in();
        if (!users) {
            // Nothing was written: whatever it was, the old password stands.
            const auto fault = users.error().fault();
            const bool is_no = fault == Fault::refused || fault == Fault::unsupported || fault == Fault::gone;
            co_return is_no ? std::move(users).error() : Error(Fault::gone, users.error().what());
        }
        const auto own = std::find_if(users->begin(), users->end(), [&](const User& user) { return user.name == device_.username; });
        auto said = co_await ask(encode_set_user(device_.username, fresh, own->level), false);
        if (!said) co_return std::move(said).error().during("SetUser");
        auto done = understood_done(*said);
        if (!done) co_return std::move(done).error().during("SetUser");
        co_return Done();
    }

private:
    Task<Result<Said>> ask(std::string body, bool may_be_repeated = true) {
        Asked asked;
        asked.path = path_;
        asked.body = std::move(body);
        asked.may_be_repeated = may_be_repeated;
        co_return co_await api_.ask(std::move(asked));
    }

    static Done understood_done(const Said& said) {
        auto done = decode_set_user(said.body);
        if (done || done.error().fault() != Fault::malformed || said.status / 100 == 2) return done;
        return error_of_status(said);
    }

    Task<Done> read_clock() {
        const auto asked_at = around_.clock.now();
        Asked asked;
        asked.path = path_;
        asked.body = encode_get_system_date_and_time();
        auto said = co_await bare_api_.ask(std::move(asked));
        if (!said) co_return std::move(said).error();
        auto told = understood(*said, &decode_get_system_date_and_time);
        if (!told && told.error().fault() != Fault::refused) co_return std::move(told).error();
        if (told && (told->utc || told->local)) api_.set_clock_offset((told->utc ? *told->utc : *told->local - around_.zone) - asked_at);
        co_return Done();
    }

    /// The accounts, told after a log-in that the camera insisted on.
    Task<Result<std::vector<User>>> log_in() {
        auto read = co_await read_clock();
        if (!read) co_return std::move(read).error();
        Asked asked;
        asked.path = path_;
        asked.body = encode_get_users();
        auto bare = co_await bare_api_.ask(std::move(asked));
        if (!bare) co_return std::move(bare).error();
        auto to_anybody = understood(*bare, &decode_get_users);
        if (to_anybody) co_return Error(Fault::unsupported, "the camera asks nobody for a password: nothing can be proved");
        if (to_anybody.error().fault() != Fault::refused) co_return std::move(to_anybody).error();
        const auto told = option_of(device_, "log_in", "");
        api_.log_in_by(told == "token" || (told != "http" && !bare->asks_digest) ? LogIn::token : LogIn::http);
        auto said = co_await ask(encode_get_users());
        if (!said) co_return std::move(said).error();
        auto users = understood(*said, &decode_get_users);
        if (!users) co_return std::move(users).error();
        const auto is_own = [&](const User& user) { return user.name == device_.username; };
        if (std::none_of(users->begin(), users->end(), is_own)) co_return Error(Fault::unsupported, "the camera does not list our own account");
        co_return users;
    }

    DeviceInfo device_, bare_device_;
    Surroundings around_;
    std::string path_;
    std::unique_ptr<net::HttpClient> bare_http_, http_;
    DeviceApi bare_api_, api_;
};

} // namespace

std::unique_ptr<PasswordWriter> make_password_writer(DeviceInfo device, Surroundings surroundings, const HttpClients& clients) {
    return std::make_unique<OnvifPasswordWriter>(std::move(device), surroundings, clients);
}

} // namespace gatehouse::drivers::onvif
