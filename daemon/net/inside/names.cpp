// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/names.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <deque>

namespace gatehouse::net {

namespace {
constexpr std::size_t addresses_per_name_max = 8;

bool is_literal(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    const auto without_zone = host.substr(0, host.find('%'));
    return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 || inet_pton(AF_INET6, without_zone.c_str(), ignored.data()) == 1;
}
} // namespace

Result<std::vector<std::string>> ask_system_for_addresses(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = getaddrinfo(name.c_str(), nullptr, &hints, &found);
    if (failed != 0) return Error(Fault::unreachable, "looking up '" + name + "': " + gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
    std::vector<std::string> addresses;
    for (const auto* each = found; each && addresses.size() < addresses_per_name_max; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
            addresses.emplace_back(text.data());
    }
    if (addresses.empty()) return Error(Fault::unreachable, "looking up '" + name + "': no address");
    return addresses;
}

namespace inside {

namespace {
constexpr std::size_t names_kept_max = 64;
constexpr std::size_t look_ups_running_max = 2;
constexpr std::size_t look_ups_waiting_max = 64;

struct LookingUp {
    Event ended;
    std::optional<Result<std::vector<std::string>>> answer;
};

Task<Result<bool>> see_end(std::shared_ptr<LookingUp> it) {
    co_await it->ended.wait();
    co_return true;
}
} // namespace

struct Names::Inside : std::enable_shared_from_this<Inside> {
    Inside(Loop& l, Executor& p, NameLookUp u) : loop(l), pool(p), look_up(std::make_shared<const NameLookUp>(std::move(u))) {}
    Loop& loop;
    Executor& pool;
    std::shared_ptr<const NameLookUp> look_up;
    std::map<std::string, std::shared_ptr<LookingUp>> asked;
    std::deque<std::string> waiting;
    std::size_t running = 0;
    std::map<std::string, std::vector<std::string>> good;
    std::deque<std::string> good_oldest_first;

    std::shared_ptr<LookingUp> ask(const std::string& name) {
        if (const auto already = asked.find(name); already != asked.end()) return already->second;
        if (waiting.size() >= look_ups_waiting_max) return nullptr;
        auto it = std::make_shared<LookingUp>();
        asked.emplace(name, it);
        waiting.push_back(name);
        start_next();
        return it;
    }

    void start_next() {
        while (running < look_ups_running_max && !waiting.empty()) {
            ++running;
            auto name = std::move(waiting.front());
            waiting.pop_front();
            pool.post([weak = weak_from_this(), at = &loop, ask_for = look_up, name = std::move(name)]() mutable {
                auto answer = (*ask_for)(name);
                at->post([weak, name = std::move(name), answer = std::move(answer)]() mutable {
                    if (const auto self = weak.lock()) self->answered(name, std::move(answer));
                });
            });
        }
    }

    void answered(const std::string& name, Result<std::vector<std::string>> answer) {
        --running;
        if (answer) keep(name, *answer);
        const auto found = asked.find(name);
        auto it = std::move(found->second);
        asked.erase(found);
        it->answer = std::move(answer);
        it->ended.set();
        start_next();
    }

    void keep(const std::string& name, const std::vector<std::string>& addresses) {
        if (!good.contains(name)) {
            good_oldest_first.push_back(name);
            if (good_oldest_first.size() > names_kept_max) {
                good.erase(good_oldest_first.front());
                good_oldest_first.pop_front();
            }
        }
        good[name] = addresses;
    }
};

Names::Names(Loop& loop, Clock& clock, Executor& pool, NameLookUp look_up)
    : inside_(std::make_shared<Inside>(loop, pool, std::move(look_up))), clock_(clock) {}
Names::~Names() = default;

Task<Result<std::vector<std::string>>> Names::addresses_of(std::string name, Duration patience) {
    if (is_literal(name)) co_return std::vector<std::string>(1, name);
    auto inside = inside_;
    Result<std::vector<std::string>> answer = Error(Fault::busy, "looking up '" + name + "': too many names are being looked up");
    if (auto asked = inside->ask(name)) {
        auto work = see_end(asked);
        auto ended = co_await within<bool>(clock_, patience, "looking up '" + name + "'", std::move(work));
        if (!ended) {
            answer = std::move(ended).error();
        } else if (asked->answer) {
            answer = *asked->answer;
        } else {
            answer = Error(Fault::gone, "looking up '" + name + "': the network is closed");
        }
    }
    if (answer) co_return answer;
    if (const auto kept = inside->good.find(name); kept != inside->good.end()) co_return kept->second;
    co_return answer;
}

} // namespace inside
} // namespace gatehouse::net
