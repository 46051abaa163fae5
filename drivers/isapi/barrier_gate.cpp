// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/barrier_gate.hpp"

#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

std::string barrier_gate_target(std::int64_t channel) { return "/ISAPI/Parking/channels/" + std::to_string(channel) + "/barrierGate"; }
std::string barrier_gate_status_target(std::int64_t channel) { return barrier_gate_target(channel) + "/barrierGateStatus"; }
std::string encode_open_barrier() { return "<BarrierGate><ctrlMode>open</ctrlMode></BarrierGate>"; }

Result<BarrierGateStatus> decode_barrier_gate_status(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("barrierGateStatus");
    auto value = xml::number_at(xml->root(), "barrierGateStatus");
    if (!value) value = xml::number_at(xml->root(), "status");
    if (!value || *value < 0 || *value > 2) return Error(Fault::malformed, "barrierGateStatus: no status of 0 to 2");
    return static_cast<BarrierGateStatus>(*value);
}

} // namespace gatehouse::drivers::isapi
