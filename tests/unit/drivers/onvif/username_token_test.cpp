// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/username_token.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("username token: the digest that the profile asks for, with Z and without a fraction") {
    Nonce nonce{};
    for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(i);
    CHECK(encode_security("gate", "Gate-2024!", at("2026-01-15T08:30:12.9Z"), nonce) == golden("asked_security.xml"));
    CHECK(encode_security("a<b", "x", at("2026-01-15T08:30:12Z"), nonce).find("<wsse:Username>a&lt;b</wsse:Username>") != std::string::npos);
}
