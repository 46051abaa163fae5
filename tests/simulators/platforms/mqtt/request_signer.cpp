// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/request_signer.hpp"

#include "daemon/base/clock.hpp"
#include "tests/simulators/platforms/mqtt/event.hpp"

#include <sodium.h>

#include <stdexcept>

namespace gatehouse::simulators::platform {
namespace json = boost::json;

namespace {
std::string at(std::chrono::system_clock::time_point time) { return to_text(std::chrono::time_point_cast<std::chrono::microseconds>(time)); }
} // namespace

RequestSigner::RequestSigner(std::string gateway, const std::string& seed_hex) : gateway_(std::move(gateway)) {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
    std::size_t bytes = 0;
    randombytes_buf(seed.data(), seed.size());
    if (!seed_hex.empty() &&
        (sodium_hex2bin(seed.data(), seed.size(), seed_hex.data(), seed_hex.size(), nullptr, &bytes, nullptr) != 0 || bytes != seed.size()))
        throw std::runtime_error("the request seed is not 32 bytes in hex");
    crypto_sign_seed_keypair(key.data(), secret_.data(), seed.data());
    public_key_ = to_base64(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
}

std::string RequestSigner::sign(const Wish& wish, std::chrono::system_clock::time_point now) {
    if (wish.how == "replayed") return last_;
    if (wish.how == "malformed") return "{\"id\":\"" + wish.id + "\",\"verb\":";
    auto issued = now;
    auto expires = now + wish.life;
    if (wish.how == "too_old") issued -= std::chrono::seconds(60);
    if (wish.how == "expired") {
        issued -= std::chrono::seconds(5);
        expires = now - std::chrono::seconds(1);
    }
    auto args = json::serialize(wish.args);
    const auto text = "gatehouse request 1\n" + gateway_ + "\n" + wish.id + "\n" + wish.verb + "\n" + args + "\n" + at(issued) + "\n" + at(expires);
    auto secret = secret_;
    if (wish.how == "forged") {
        std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
        crypto_sign_keypair(key.data(), secret.data());
    }
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<const unsigned char*>(text.data()),
                         text.size(), secret.data());
    if (wish.how == "tampered") args.insert(1, args == "{}" ? "\"more\":1" : "\"more\":1,");
    // By hand, since the signature is over the text of args exactly as it stands here.
    auto payload = "{\"id\":" + json::serialize(json::value(wish.id)) + ",\"verb\":" + json::serialize(json::value(wish.verb)) + ",\"args\":" + args +
                   ",\"issued_at\":\"" + at(issued) + "\",\"expires_at\":\"" + at(expires) + "\"";
    if (wish.how != "unsigned") payload += ",\"signature\":\"" + to_base64(signature) + "\"";
    payload += "}";
    last_ = payload;
    return payload;
}

} // namespace gatehouse::simulators::platform
