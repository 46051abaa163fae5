// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's way into one target: compiled once for each, with its name.
#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    gatehouse::fuzz::GATEHOUSE_FUZZ_TARGET(std::string_view(reinterpret_cast<const char*>(data), size));
    return 0;
}
