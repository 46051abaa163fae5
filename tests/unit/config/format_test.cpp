// SPDX-License-Identifier: Apache-2.0
#include "config/format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gatehouse::config;

namespace {

void check(const Format& format, const std::vector<std::string_view>& right, const std::vector<std::string_view>& wrong) {
    for (const auto text : right) {
        CAPTURE(text);
        CHECK(format.fits(text));
    }
    for (const auto text : wrong) {
        CAPTURE(text);
        CHECK_FALSE(format.fits(text));
    }
}

} // namespace

TEST_CASE("format: addresses and hosts") {
    check(bind_address, {"", "0.0.0.0", "192.168.1.2", "::", "::1", "fe80::1", "2001:db8:0:0:0:0:0:1", "1::8"},
          {"256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.", "01234", ":::", "1::2::3", ":1", "1:", "12345::", "1:2:3:4:5:6:7:8:9", "g::1", "host",
           "1.2.3.4 ", "1.-1.1.1"});
    check(host, {"broker.example", "10.0.0.1", "::1", "a"}, {"", "-a", ".a", "a.", "a b", "a/b", "a:1"});
    check(broker_url, {"mqtt://h", "mqtts://broker.example:8883", "mqtt://[::1]", "mqtt://[::1]:1883", "mqtt://10.0.0.1:1"},
          {"", "h", "http://h", "mqtt://", "mqtt://h:0", "mqtt://h:65536", "mqtt://h:", "mqtt://h:1:2", "mqtt://[::1", "mqtt://[x]:1", "mqtt://u@h",
           "mqtt://h/x"});
    check(interface_name, {"", "eth0", "enp3s0.100"}, {"an-interface-too-long", "eth 0", "a/b", ".", "..", "eth0:1", "网卡"});
}

TEST_CASE("format: names, paths and topics") {
    check(identifier, {"gw-1", "A.b_c", "0"}, {"", "-a", ".a", "a/b", "a b", "小区", std::string_view("a\0", 2)});
    check(any_name, {"区公安分局", "a b"}, {"", "a\nb", "\xff", std::string_view("\x7f", 1)});
    check(absolute_path, {"/", "/var/lib/x"}, {"", "x", "./x", "/a/../b", "/a\nb"});
    check(socket_path, {"/run/x.sock"},
          {std::string_view("/run/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")});
    check(topic_template, {"gatehouse/v1/{gateway}", "{root}/status", "a"},
          {"", "/a", "a/", "a//b", "a/+", "#", "$SYS/x", "{gate}", "{root", "root}", "a{}b"});
    check(credential, {"", "district-password", "/etc/x"}, {"a/b", "../x", "a b"});
}

TEST_CASE("format: dates, kinds, keys and ids") {
    check(date, {"2026-01-31", "2024-02-29"},
          {"", "2026-1-31", "2026-02-30", "2025-02-29", "0000-01-01", "2026/01/31", "2026-13-01", "20260131", "2026-01-31T00:00:00Z"});
    check(optional_date, {"", "2026-01-31"}, {"x"});
    check(kind_pattern, {"*", "pass.granted", "door.*", "gap"}, {"", "pass", "pass.", "pass.*.*", "nothing.*", "pass.grantd", ".*", "*.*"});
    check(field_name, {"*", "reader", "who.plate"}, {"", "Reader", "a b", "a*"});
    check(public_key, {"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
          {"", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR==", "abc=", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    check(fingerprint, {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
          {"e3", "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"});
    check(national_id, {"", "33010600001320000001"}, {"3301060000132000000", "3301060000132000000x"});
    check(area_code, {"", "330106"}, {"33010", "33010x"});
}
