// SPDX-License-Identifier: Apache-2.0
//
// A daemon that answers from a script, so that a test sees what gatehousectl asks and can answer anything. The real one is asked in
// tests/scenario/operations.
#pragma once

#include "daemon/ctl/gatehousectl.hpp"

#include <deque>
#include <map>
#include <sstream>

namespace gatehouse::ctl {

struct Ran {
    int code = -1;
    std::string out, err;
};

class Script {
public:
    /// Answers to "GET /api/v1/status", in turn; the last one stays.
    std::map<std::string, std::deque<Result<net::HttpResponse>>> answers;
    /// What each feed in turn sends, and how it ends; after the last one `out` breaks, as for `tail | head`.
    struct Feed {
        std::vector<std::string> frames;
        Done end;
    };
    std::deque<Feed> feeds;

    std::vector<net::HttpRequest> asked;
    std::vector<std::string> followed; ///< targets
    std::string socket;
    int waits = 0;
    bool terminal = false; ///< what it writes to is one

    void answer(const std::string& what, int status, std::string body) {
        net::HttpResponse response;
        response.status = status;
        response.body = std::move(body);
        answers[what].push_back(std::move(response));
    }
    void answer(const std::string& what, std::string body) { answer(what, 200, std::move(body)); }
    void silent(const std::string& what, Fault fault) { answers[what].push_back(Error(fault, "as the test wants")); }

    Ran run(const std::vector<std::string>& typed, bool zh = false) {
        std::ostringstream out, err;
        const auto ask = [this](const std::string& at, const net::HttpRequest& request) -> Result<net::HttpResponse> {
            socket = at;
            asked.push_back(request);
            auto& queue = answers[request.method + " " + request.target];
            if (queue.empty()) return Error(Fault::unreachable, "no answer to " + request.method + " " + request.target + " in the script");
            auto answer = queue.front();
            if (queue.size() > 1) queue.pop_front();
            return answer;
        };
        const auto follow = [&](const std::string&, const net::HttpRequest& upgrade, const std::function<bool(std::string_view)>& each) -> Done {
            followed.push_back(upgrade.target);
            if (feeds.empty()) {
                out.setstate(std::ios::badbit);
                return {};
            }
            const auto feed = feeds.front();
            feeds.pop_front();
            for (const auto& frame : feed.frames)
                if (!each(frame)) return {};
            return feed.end;
        };
        const auto code = ctl::run(
            typed, {out, err, ask, follow, [] { return parse_time("2026-01-15T00:30:12Z").value(); }, [this](Duration) { ++waits; }, zh, terminal});
        return {code, out.str(), err.str()};
    }
};

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace gatehouse::ctl
