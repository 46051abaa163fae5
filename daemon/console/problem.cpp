// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/problem.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/json.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::console {

namespace {

constexpr std::array problems{
    Problem{"malformed", 400, "请求格式有误", "The request is malformed"},
    Problem{"unknown-caller", 401, "无法确认调用者身份", "Who asks is not known"},
    Problem{"not-allowed", 403, "无此权限", "Not allowed"},
    Problem{"not-found", 404, "未找到", "Not found"},
    Problem{"wrong-method", 405, "方法不适用", "The method does not apply here"},
    Problem{"refused", 409, "被对方拒绝", "Refused"},
    Problem{"outdated", 412, "已被他人修改，请重新读取", "It was changed meanwhile"},
    Problem{"too-large", 413, "内容过大", "Too large"},
    Problem{"no-such-range", 416, "所请求的范围不存在", "The range does not exist"},
    Problem{"needs-web-socket", 426, "此处需要 WebSocket", "A WebSocket is needed here"},
    Problem{"too-many", 429, "已达上限，请稍后再试", "A bound is reached; later may be better"},
    Problem{"damaged", 500, "存储数据损坏", "Stored data is damaged"},
    Problem{"unsupported", 501, "不支持此功能", "Not supported"},
    Problem{"unreachable", 502, "设备、平台或磁盘不可达", "Device, platform or disk does not answer"},
    Problem{"busy", 503, "暂时繁忙", "Busy for the moment"},
    Problem{"timed-out", 504, "对方未按时应答", "No answer in time"},
};

std::string_view problem_for(Fault fault) {
    switch (fault) {
    case Fault::unreachable: return "unreachable";
    case Fault::refused: return "refused";
    case Fault::malformed: return "malformed";
    case Fault::timed_out: return "timed-out";
    case Fault::full: return "too-many";
    case Fault::gone: return "not-found";
    case Fault::unsupported: return "unsupported";
    case Fault::damaged: return "damaged";
    case Fault::busy: return "busy";
    }
    broken_promise("a fault of the enumeration", std::source_location::current());
}

} // namespace

std::span<const Problem> all_problems() { return problems; }

net::HttpResponse problem(std::string_view name, std::string_view detail) {
    const auto found = std::find_if(problems.begin(), problems.end(), [&](const Problem& row) { return row.name == name; });
    expects(found != problems.end(), "a problem of the table");
    const json::object body{{"type", "urn:gatehouse:problem:" + std::string(name)},
                            {"title", found->title_en},
                            {"title_zh", found->title_zh},
                            {"status", found->status},
                            {"detail", detail}};
    net::HttpResponse response;
    response.status = found->status;
    response.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
    response.body = json::serialize(body);
    return response;
}

net::HttpResponse problem_of(const Error& error) { return problem(problem_for(error.fault()), error.what()); }

} // namespace gatehouse::console
