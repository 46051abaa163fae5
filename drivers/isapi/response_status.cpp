// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/response_status.hpp"

#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"
#include "drivers/xml.hpp"

#include <cstdlib>

namespace gatehouse::drivers::isapi {

namespace {

// Hexadecimal with 0x in XML, decimal in JSON.
std::int64_t error_number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X"))
        return static_cast<std::int64_t>(std::strtoul(std::string(text.substr(2)).c_str(), nullptr, 16));
    return to_number(text).value_or(0);
}

Result<ResponseStatus> from_json(std::string_view body) {
    auto value = parse_json(read_text(body).text, answer_bytes_max);
    if (!value) return std::move(value).error().during("ResponseStatus");
    if (!value->is_object()) return Error(Fault::malformed, "ResponseStatus: no object");
    const auto* object = &value->get_object();
    if (const auto* wrapped = object_at(*object, "ResponseStatus")) object = wrapped;
    const auto text = text_at(*object, "statusCode");
    const auto code = text ? to_number(*text) : number_at(*object, "statusCode");
    if (!code) return Error(Fault::malformed, "ResponseStatus: no statusCode");
    ResponseStatus status{*code, text_at(*object, "subStatusCode").value_or(""), 0};
    if (const auto number = number_at(*object, "errorCode")) status.error_code = *number;
    if (const auto spelt = text_at(*object, "errorCode")) status.error_code = error_number(*spelt);
    return status;
}

} // namespace

Result<ResponseStatus> decode_response_status(std::string_view body) {
    const auto start = trimmed(body);
    if (start.starts_with("{")) return from_json(start);
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("ResponseStatus");
    const auto root = xml->root();
    if (xml::local_name(root) != "ResponseStatus") return Error(Fault::malformed, "ResponseStatus: another root");
    const auto code = xml::number_at(root, "statusCode");
    if (!code) return Error(Fault::malformed, "ResponseStatus: no statusCode");
    return ResponseStatus{*code, xml::text_at(root, "subStatusCode"), error_number(xml::text_at(root, "errorCode"))};
}

std::string described(const ResponseStatus& status) {
    return "statusCode " + std::to_string(status.code) + (status.sub_code.empty() ? "" : ", " + cut_utf8(status.sub_code, 64));
}

} // namespace gatehouse::drivers::isapi
