// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/response_status.hpp"

#include "tests/simulators/devices/isapi/xml.hpp"

#include <cstdio>

namespace gatehouse::simulators::isapi {

std::string to_text(const ResponseStatus& status, std::string_view request_url, bool as_json, bool wrapped) {
    if (as_json) {
        std::string body = "{\n\t\"requestURL\":\t\"" + std::string(request_url) + "\",\n\t\"statusCode\":\t" + std::to_string(status.code) +
                           ",\n\t\"statusString\":\t\"" + std::string(status.text) + "\",\n\t\"subStatusCode\":\t\"" + std::string(status.sub) + "\"";
        if (status.error != 0)
            body += ",\n\t\"errorCode\":\t" + std::to_string(status.error) + ",\n\t\"errorMsg\":\t\"" + std::string(status.sub) + "\"";
        body += "\n}\n";
        return wrapped ? "{\"ResponseStatus\":\t" + body + "}\n" : body;
    }
    std::string body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ResponseStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n";
    body += element("requestURL", request_url) + element("statusCode", std::to_string(status.code)) + element("statusString", status.text) +
            element("subStatusCode", status.sub);
    if (status.error != 0) {
        char hex[16];
        std::snprintf(hex, sizeof hex, "0x%08x", status.error);
        body += element("errorCode", hex) + element("errorMsg", status.sub);
    }
    return body + "</ResponseStatus>\n";
}

} // namespace gatehouse::simulators::isapi
