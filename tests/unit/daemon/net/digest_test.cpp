// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/digest.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;

namespace {
Headers challenges(std::initializer_list<const char*> values) {
    Headers headers;
    for (const char* value : values) headers.emplace_back("www-authenticate", value);
    return headers;
}
} // namespace

TEST_CASE("digest responses equal the vectors of a Hikvision camera") {
    DigestChallenge challenge;
    challenge.realm = "IP Camera(F1234)";
    challenge.nonce = "4e6a4532526a4a424d7a6f344e5459334f513d3d";
    challenge.has_qop = true;
    const Credentials who{"gate", "Gate-2024!"};
    CHECK(digest_response(challenge, who, "GET", "/ISAPI/System/deviceInfo", 1, "0a4f113b") == "ef1c1496bbacfc2bc6dee2ca17be8630");
    CHECK(digest_response(challenge, who, "PUT", "/ISAPI/AccessControl/RemoteControl/door/1", 2, "0a4f113b") == "ba0ed7b494e12b830b64966412bec17e");
}

TEST_CASE("digest responses equal the examples of RFC 7616, MD5 and SHA-256, and of RFC 2617 without qop") {
    auto offered = digest_challenge(
        challenges({"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
                    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
                    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""}));
    REQUIRE(offered);
    CHECK(offered->algorithm == DigestChallenge::Algorithm::sha256);
    const Credentials mufasa{"Mufasa", "Circle of Life"};
    const char* cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    CHECK(digest_response(*offered, mufasa, "GET", "/dir/index.html", 1, cnonce) ==
          "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    offered->algorithm = DigestChallenge::Algorithm::md5;
    CHECK(digest_response(*offered, mufasa, "GET", "/dir/index.html", 1, cnonce) == "8ca523f5e9506fed4657c9700eebdbec");
    const auto value = digest_authorization(*offered, mufasa, "GET", "/dir/index.html", 1, cnonce);
    CHECK(value.find("nc=00000001") != std::string::npos);
    CHECK(value.find("qop=auth,") != std::string::npos);
    CHECK(value.find("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"") != std::string::npos);

    DigestChallenge old;
    old.realm = "testrealm@host.com";
    old.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    const Credentials open_sesame{"Mufasa", "Circle Of Life"};
    CHECK(digest_response(old, open_sesame, "GET", "/dir/index.html", 1, "x") == "670fd8c2df070c60b045671b8b24ff02");
    CHECK(digest_authorization(old, open_sesame, "GET", "/", 1, "x").find("nc=") == std::string::npos);
}

TEST_CASE("only a Digest challenge that we can answer is taken, whatever stands beside it") {
    CHECK_FALSE(digest_challenge({}));
    CHECK_FALSE(digest_challenge(challenges({"Basic realm=\"x\""})));
    CHECK_FALSE(digest_challenge(challenges({"Digest realm=\"x\""})));
    CHECK_FALSE(digest_challenge(challenges({"Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\""})));
    CHECK_FALSE(digest_challenge(challenges({"Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256"})));
    CHECK_FALSE(digest_challenge(challenges({"\"\"\",,,=,=Digest", "Digest", "=", "Digest realm=\"unclosed"})));
    const auto both = digest_challenge(
        challenges({"Basic realm=\"b\", Digest qop=\"auth\", realm=\"IP \\\"Camera\\\"\", nonce=abc, stale=TRUE, algorithm=\"MD5\""}));
    REQUIRE(both);
    CHECK(both->realm == "IP \"Camera\"");
    CHECK(both->nonce == "abc");
    CHECK(both->stale);
    CHECK(both->has_qop);
}
