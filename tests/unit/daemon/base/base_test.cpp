// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;

TEST_CASE("an error gathers context, outermost first") {
    const Error error = Error(Fault::refused, "empty port").during("opening door 3");
    CHECK(error.what() == "opening door 3: empty port");
    CHECK(error.fault() == Fault::refused);
}

TEST_CASE("times: RFC 3339 there and back, with offsets and fractions") {
    CHECK(to_text(parse_time("2026-01-15T08:30:12+08:00").value()) == "2026-01-15T00:30:12.000000Z");
    CHECK(to_text(parse_time("2026-01-15T00:30:12.25Z").value()) == "2026-01-15T00:30:12.250000Z");
    CHECK(to_text(parse_time("1969-12-31T23:59:59.9Z").value()) == "1969-12-31T23:59:59.900000Z");
    for (const auto* bad :
         {"", "2026-02-30T00:00:00Z", "2026-01-15T08:30:3108:00", "2026-01-15T24:00:00Z", "2026-01-15T08:30:12", "2026-01-15T08:30:12Zx"})
        CHECK_MESSAGE(parse_time(bad).has_error(), bad);
}

TEST_CASE("hexadecimal and base64 refuse what is not") {
    CHECK(to_hex(from_hex("00ffA5").value()) == "00ffa5");
    CHECK(from_hex("0").has_error());
    CHECK(from_hex("0g").has_error());
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) { // RFC 4648, section 10
        const auto coded = to_base64(as_bytes(text));
        CHECK(as_text(from_base64(coded).value()) == text);
    }
    CHECK(to_base64(as_bytes("fooba")) == "Zm9vYmE=");
    for (const auto* bad : {"Zg=", "Zg==Zg==", "Z===", "Zm9v!A==", "=AAA", "Zh==", "Zm9="}) CHECK_MESSAGE(from_base64(bad).has_error(), bad);
}

TEST_CASE("texts: UTF-8 stays, GB18030 is read, the rest is replaced and flagged") {
    CHECK(read_text("沪A7F3K2").text == "沪A7F3K2");
    CHECK(read_text("\xbb\xa6"
                    "A7F3K2")
              .text == "沪A7F3K2"); // GB2312 for 沪
    CHECK_FALSE(is_utf8("\xc0\x80"));
    CHECK_FALSE(is_utf8("\xed\xa0\x80"));
    CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));
    const auto read = read_text("A\xff"
                                "B");
    CHECK(read.replaced);
    CHECK(read.text == "A\xef\xbf\xbd"
                       "B");
}

TEST_CASE("texts: a cut never ends inside a character") {
    CHECK(cut_utf8("沪A", 64) == "沪A");
    CHECK(cut_utf8("沪A", 3) == "沪");
    CHECK(cut_utf8("A沪", 3) == "A");
    CHECK(cut_utf8("沪", 2).empty());
    const std::string name = "a" + std::string(3, 'b') + "东门控制器";
    for (std::size_t bytes = 0; bytes <= name.size(); ++bytes) CHECK(is_utf8(cut_utf8(name, bytes)));
}

TEST_CASE("JSON: depth, doubled keys, size and rest are refused by name") {
    std::string deep(json_depth_max + 1, '[');
    deep += std::string(json_depth_max + 1, ']');
    CHECK(parse_json(deep).error().fault() == Fault::malformed);
    for (const auto* endless : {"1e309", R"({"a": [0, -1e318]})"})
        CHECK_MESSAGE(parse_json(endless).has_error(), endless); // what we would write for it nobody reads
    CHECK(parse_json("1e308").has_value());
    std::string just(json_depth_max, '[');
    just += std::string(json_depth_max, ']');
    CHECK(parse_json(just).has_value());
    CHECK(parse_json("{\"a\":1,\"a\":2}").has_error());
    CHECK(parse_json("{} x").has_error());
    CHECK(parse_json("{\"a\":").has_error());
    CHECK(parse_json("[1,2,3]", 3).error().fault() == Fault::full);
    CHECK(parse_json("\"\xff\"").has_error());
}

TEST_CASE("SHA-256 of abc (FIPS 180-2, appendix B.1), whole and in pieces") {
    const std::string wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(to_hex(sha256("abc")) == wanted);
    CHECK(to_hex(Sha256().add("a").add("bc").finish()) == wanted);
}

TEST_CASE("Ed25519: RFC 8032, 7.1, test 2") {
    start_crypto();
    const auto seed = array_from_hex<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value();
    const SigningKey key(seed);
    CHECK(to_hex(key.public_key()) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const Bytes message{0x72};
    const auto signature = key.sign(message);
    CHECK(to_hex(signature) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    CHECK(signature_fits(key.public_key(), message, signature));
    CHECK_FALSE(signature_fits(key.public_key(), Bytes{0x73}, signature));
}

TEST_CASE("a sealed secret opens with its key and binding only") {
    start_crypto();
    SystemEntropy entropy;
    Key key{};
    entropy.fill(key);
    auto sealed = seal_secret(key, as_bytes("13800138000"), as_bytes("person|phone|7"), entropy);
    CHECK(as_text(open_secret(key, sealed, as_bytes("person|phone|7")).value()) == "13800138000");
    CHECK(open_secret(key, sealed, as_bytes("person|phone|8")).error().fault() == Fault::damaged);
    sealed.back() ^= 1;
    CHECK(open_secret(key, sealed, as_bytes("person|phone|7")).has_error());
    CHECK(open_secret(key, Bytes(5), {}).has_error());
}

TEST_CASE("UUIDv7 carries its time in front, and is read back") {
    SeededEntropy entropy(1);
    const auto uuid = make_uuid_v7(from_us(1'768'437'000'000'000), entropy);
    CHECK(to_text(uuid).substr(0, 15) == "019bbf0f-2740-7");
    CHECK(parse_uuid(to_text(uuid)).value() == uuid);
    CHECK(parse_uuid("019bbf03-8540-7").has_error());
}
