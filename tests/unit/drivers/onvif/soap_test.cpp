// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/soap.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("soap: what a fault means is told by its codes, in whatever prefix, and before HTTP's status") {
    CHECK(decode_envelope(golden("fault_not_authorized.xml"), "AnyResponse").error().fault() == Fault::refused);
    CHECK(decode_envelope(golden("fault_resource_unknown.xml"), "AnyResponse").error().fault() == Fault::gone);
    const auto other = [](const std::string& code) {
        return decode_envelope(replaced(golden("fault_not_authorized.xml"), "ter:NotAuthorized", code), "AnyResponse").error();
    };
    const auto reworded = [](const std::string& code) {
        return decode_envelope(replaced(replaced(golden("fault_not_authorized.xml"), "ter:NotAuthorized", code), "Sender not Authorized", "no"),
                               "AnyResponse")
            .error()
            .fault();
    };
    CHECK(reworded("wsse:FailedAuthentication") == Fault::refused);
    CHECK(reworded("ter:ActionNotSupported") == Fault::unsupported);
    CHECK(reworded("ter:MaximumPullPointsReached") == Fault::full);
    CHECK(reworded("ter:Whatever") == Fault::busy);
    CHECK(other("ter:NotAuthorized").what() == "the device says Sender/NotAuthorized: Sender not Authorized");
}

TEST_CASE("soap: another body, no envelope, a document type and depth are malformed; beyond its bound full") {
    CHECK(decode_envelope(golden("renew.xml"), "UnsubscribeResponse").error().fault() == Fault::malformed);
    CHECK(decode_envelope("<html><body>Not Found</body></html>", "RenewResponse").error().fault() == Fault::malformed);
    CHECK(decode_envelope("", "RenewResponse").error().fault() == Fault::malformed);
    const auto with_entity = replaced(golden("renew.xml"), "?>", "?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]>");
    CHECK(decode_envelope(with_entity, "RenewResponse").error().fault() == Fault::malformed);
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "<a>";
    for (int i = 0; i < 40; ++i) deep += "</a>";
    CHECK(decode_envelope("<e:Envelope xmlns:e=\"x\"><e:Body>" + deep + "</e:Body></e:Envelope>", "a").error().fault() == Fault::malformed);
    CHECK(decode_envelope(std::string(answer_bytes_max + 1, ' '), "RenewResponse").error().fault() == Fault::full);
}

TEST_CASE("soap: what comes from outside is escaped, and a call about events is addressed") {
    Call call;
    call.body = "<tev:PullMessages/>";
    call.action = "urn:a&b";
    call.to = "http://192.168.50.61/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0?a=1&b=2";
    call.message_id = "0a6dc791-2be6-4991-9af1-454778a1917a";
    call.reference_parameters = {"<x:Id xmlns:x=\"urn:x\">5</x:Id>"};
    const auto text = encode_envelope(call);
    CHECK(text.find("<wsa5:Action s:mustUnderstand=\"1\">urn:a&amp;b</wsa5:Action>") != std::string::npos);
    CHECK(text.find(">http://192.168.50.61/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0?a=1&amp;b=2</wsa5:To>") != std::string::npos);
    CHECK(text.find("urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917a") != std::string::npos);
    CHECK(text.find("<x:Id xmlns:x=\"urn:x\">5</x:Id></s:Header>") != std::string::npos);
    CHECK(encode_envelope(Call{"<a/>", {}, {}, {}, {}, {}}).find("Header") == std::string::npos);
}

TEST_CASE("soap: of an address the path is kept letter by letter") {
    CHECK(path_of("http://192.168.50.61/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0?x=%20").value() ==
          "/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0?x=%20");
    CHECK(path_of("http://192.168.50.61:8000").value() == "/");
    CHECK(path_of("/onvif/media").value() == "/onvif/media");
    CHECK(path_of("onvif/media").has_error());
    CHECK(path_of("http://a/b\r\nHost: c").has_error());
    CHECK(path_of("http://a/" + std::string(2000, 'b')).has_error());
}
