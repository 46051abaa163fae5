// SPDX-License-Identifier: Apache-2.0
//
// A simulated network with its clock, and a server that says what a test wrote down.
#pragma once

#include "daemon/base/text.hpp"
#include "daemon/net/http.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::net {

struct SimWorld {
    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};

    /// Runs one coroutine for at most `limit` of simulated time.
    template <class T>
    std::optional<T> run(Task<T> task, Duration limit = std::chrono::seconds(60)) {
        auto got = std::make_shared<std::optional<T>>();
        loop.spawn("test", keep(std::move(task), got));
        clock.run_for(std::chrono::microseconds(0));
        for (Duration waited{}; !*got && waited < limit; waited += std::chrono::milliseconds(100)) clock.run_for(std::chrono::milliseconds(100));
        return std::move(*got);
    }

private:
    template <class T>
    static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<T>> got) {
        got->emplace(co_await std::move(task));
    }
};

/// Answers the requests of all connections in the order of `answers`; "" closes the connection instead, a text that ends in "\a" is
/// written without the bell and the connection closed after it. Requests are kept whole.
struct ScriptedServer {
    std::vector<std::string> answers;
    std::vector<std::string> heard;
    std::size_t next = 0;

    static Task<void> serve(std::shared_ptr<ScriptedServer> self, std::unique_ptr<Stream> stream) {
        std::string held;
        Bytes into(1000);
        for (;;) {
            auto end = held.find("\r\n\r\n");
            std::size_t whole = std::string::npos;
            if (end != std::string::npos) {
                const auto length = held.find("Content-Length: ");
                whole = end + 4 + (length < end ? std::stoul(held.substr(length + 16)) : 0);
            }
            if (held.size() < whole) {
                auto read = co_await stream->read_some(into);
                if (!read || *read == 0) co_return;
                held.append(as_text(ByteView(into).first(*read)));
                continue;
            }
            self->heard.push_back(held.substr(0, whole));
            held.erase(0, whole);
            if (self->next >= self->answers.size()) {
                Event never;
                co_await never.wait();
            }
            std::string answer = self->answers[self->next++];
            if (answer.empty()) co_return;
            const bool closes = answer.ends_with('\a');
            if (closes) answer.pop_back();
            auto written = co_await stream->write(as_bytes(answer));
            if (!written || closes) co_return;
        }
    }
};

inline std::shared_ptr<ScriptedServer> script(fakes::SimNetwork& network, Endpoint at, std::vector<std::string> answers) {
    auto server = std::make_shared<ScriptedServer>();
    server->answers = std::move(answers);
    network.listen(std::move(at), [server](std::unique_ptr<Stream> stream) { return ScriptedServer::serve(server, std::move(stream)); });
    return server;
}

} // namespace gatehouse::net
