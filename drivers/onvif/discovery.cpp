// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/discovery.hpp"

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/net/http.hpp"
#include "drivers/onvif/device_api.hpp"
#include "drivers/onvif/probe.hpp"
#include "drivers/onvif/services.hpp"
#include "drivers/onvif/system_date_and_time.hpp"
#include "drivers/onvif/vendor_page.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::drivers::onvif {

/// The two probes of one search. Outside the unnamed namespace: it lives in the frame of a coroutine that others call.
struct OwnProbes {
    OwnProbes(Surroundings surroundings, net::Endpoint where)
        : cameras(to_text(make_uuid_v7(surroundings.clock.now(), surroundings.entropy))),
          anything(to_text(make_uuid_v7(surroundings.clock.now(), surroundings.entropy))), to(std::move(where)) {}
    std::string cameras, anything; ///< UUIDs of the two probes
    net::Endpoint to;
};

namespace {

constexpr int probe_times = 3; // datagrams get lost
constexpr Duration probe_every = std::chrono::milliseconds(400);

Task<void> send_probes(Surroundings surroundings, net::DatagramSocket& socket, const OwnProbes& asking, std::optional<Error>& failed) {
    for (int time = 0; time < probe_times; ++time) {
        for (const auto wanted : {ProbeFor::cameras, ProbeFor::anything}) {
            const auto text = encode_probe(wanted == ProbeFor::cameras ? asking.cameras : asking.anything, wanted);
            Bytes bytes(text.begin(), text.end());
            net::Endpoint to = asking.to;
            auto sent = co_await socket.send(std::move(to), std::move(bytes));
            if (!sent && !failed) failed = std::move(sent).error();
        }
        co_await surroundings.clock.sleep_for(probe_every);
    }
}

/// Where the camera is reached: at the address that its answer came from, with port and path of the address that names it, else of the first.
void place(FoundCamera& camera, const ProbeMatch& match, const std::string& from) {
    camera.address = net::Endpoint{from, 80};
    camera.path = device_service_path;
    const std::string* chosen = nullptr;
    for (const auto& address : match.addresses) {
        const bool names_it = address.find("//" + from + "/") != std::string::npos || address.find("//" + from + ":") != std::string::npos;
        if (names_it || (chosen == nullptr && address.find("//[") == std::string::npos)) chosen = &address;
        if (names_it) break;
    }
    if (chosen == nullptr) return;
    if (auto path = path_of(*chosen)) camera.path = std::move(*path);
    const auto authority = chosen->substr(chosen->find("//") + 2, std::string::npos);
    const auto end = authority.substr(0, authority.find('/'));
    const auto colon = end.rfind(':');
    const auto port = colon == std::string::npos ? std::nullopt : to_number(end.substr(colon + 1));
    if (port && *port >= 1 && *port <= 65535)
        camera.address.port = static_cast<std::uint16_t>(*port);
    else if (chosen->starts_with("https"))
        camera.address.port = 443;
}

Task<void> hear_answers(net::DatagramSocket& socket, const OwnProbes& asking, std::vector<FoundCamera>& found) {
    while (found.size() < cameras_found_max) {
        auto datagram = co_await socket.receive();
        if (!datagram) co_return;
        auto answer = decode_probe_matches(as_text(datagram->bytes));
        if (!answer || (answer->relates_to != asking.cameras && answer->relates_to != asking.anything)) continue;
        for (const auto& match : answer->matches) {
            FoundCamera camera;
            place(camera, match, datagram->from.host);
            camera.uuid = match.uuid;
            camera.name = match.name;
            camera.hardware = match.hardware;
            const auto is_known = [&](const FoundCamera& other) { return other.uuid == camera.uuid && other.address == camera.address; };
            if (std::none_of(found.begin(), found.end(), is_known)) found.push_back(std::move(camera));
        }
    }
}

void mark_doubles(std::vector<FoundCamera>& found) {
    for (auto& one : found)
        one.is_double = std::any_of(found.begin(), found.end(),
                                    [&](const FoundCamera& other) { return other.uuid != one.uuid && other.address.host == one.address.host; });
}

std::optional<std::uint32_t> read_ipv4(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const auto end = part == 3 ? text.size() : text.find('.');
        if (end == std::string_view::npos || end == 0 || end > 3) return std::nullopt;
        const auto number = to_number(text.substr(0, end));
        if (!number || *number < 0 || *number > 255) return std::nullopt;
        value = value << 8 | static_cast<std::uint32_t>(*number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return value;
}

std::string ipv4_text(std::uint32_t value) {
    return std::to_string(value >> 24) + "." + std::to_string(value >> 16 & 255) + "." + std::to_string(value >> 8 & 255) + "." +
           std::to_string(value & 255);
}

/// Is it a camera, and in which state? Neither question carries a password.
Task<std::optional<FoundCamera>> ask_one(Surroundings surroundings, net::Binding binding, net::Endpoint at) {
    DeviceInfo nobody;
    nobody.address = at;
    net::HttpClient::Options options;
    options.server = at;
    options.binding = std::move(binding);
    options.connect_limit = range_address_limit;
    options.answer_limit = range_address_limit;
    options.body_bytes_max = 64 * 1024;
    const auto http = net::make_http_client(surroundings.network, surroundings.clock, surroundings.entropy, std::move(options));
    DeviceApi api(*http, *http, surroundings, nobody);
    Asked asked;
    asked.path = device_service_path;
    asked.body = encode_get_system_date_and_time();
    asked.may_be_repeated = false;
    auto said = co_await api.ask(std::move(asked));
    if (!said && said.error().fault() != Fault::malformed) co_return std::nullopt;
    FoundCamera camera;
    camera.address = at;
    camera.path = device_service_path;
    bool has_onvif = false;
    if (said) {
        const auto told = understood(*said, &decode_get_system_date_and_time);
        has_onvif = told || (told.error().fault() == Fault::refused && said->body.find("Envelope") != std::string::npos);
    }
    net::HttpRequest request;
    request.target = vendor_page_target;
    auto response = co_await http->request(std::move(request));
    const auto page = response ? decode_vendor_page(response->status, response->body) : VendorPage();
    if (!has_onvif && page.says == VendorPage::Says::nothing) co_return std::nullopt;
    using State = FoundCamera::State;
    camera.state = page.says == VendorPage::Says::not_activated ? State::not_activated
                   : !has_onvif                                 ? State::onvif_off
                   : page.says == VendorPage::Says::locked      ? State::locked
                                                                : State::ready;
    co_return camera;
}

Task<void> ask_some(Surroundings surroundings, net::Binding binding, const std::vector<std::string>& hosts, std::uint16_t port, std::size_t& next,
                    std::vector<std::optional<FoundCamera>>& found) {
    while (next < hosts.size()) {
        const auto mine = next++;
        net::Binding same = binding;
        net::Endpoint at{hosts[mine], port};
        auto camera = co_await ask_one(surroundings, std::move(same), std::move(at));
        found[mine] = std::move(camera);
    }
}

} // namespace

std::string_view name_of(FoundCamera::State state) {
    constexpr std::array names{"ready", "not_activated", "onvif_off", "locked"};
    return names[static_cast<std::size_t>(state)];
}

net::Endpoint discovery_group() { return {"239.255.255.250", 3702}; }

Task<Result<std::vector<FoundCamera>>> discover(Surroundings surroundings, net::Binding binding, net::Endpoint to) {
    const net::Endpoint anywhere;
    auto socket = surroundings.network.open_datagrams(anywhere, std::move(binding));
    if (!socket) co_return std::move(socket).error();
    const OwnProbes asking(surroundings, std::move(to));
    std::vector<FoundCamera> found;
    std::optional<Error> failed;
    std::vector<Task<void>> both;
    both.push_back(hear_answers(**socket, asking, found));
    both.push_back(send_probes(surroundings, **socket, asking, failed));
    auto work = all(std::move(both));
    const bool was_full = co_await finish_within(surroundings.clock, discovery_listens, std::move(work));
    static_cast<void>(was_full);
    if (found.empty() && failed) co_return std::move(*failed);
    mark_doubles(found);
    co_return std::move(found);
}

Result<std::vector<std::string>> addresses_of(std::string_view range) {
    std::uint64_t first = 0, last = 0;
    if (const auto slash = range.find('/'); slash != std::string_view::npos) {
        const auto address = read_ipv4(range.substr(0, slash));
        const auto bits = to_number(range.substr(slash + 1));
        if (!address || !bits || *bits < 0 || *bits > 32) return Error(Fault::malformed, "a subnet such as 192.168.50.0/24 expected");
        const auto size = std::uint64_t(1) << (32 - *bits);
        first = *address & ~(size - 1);
        last = first + size - 1;
        if (size > 2) ++first, --last; // the network's own address and its broadcast
    } else {
        const auto dash = range.find('-');
        const auto from = read_ipv4(range.substr(0, dash));
        const auto to = dash == std::string_view::npos ? from : read_ipv4(range.substr(dash + 1));
        if (!from || !to || *to < *from) return Error(Fault::malformed, "a range such as 192.168.50.10-192.168.50.90 expected");
        first = *from;
        last = *to;
    }
    if (last - first + 1 > range_addresses_max) return Error(Fault::full, "more than " + std::to_string(range_addresses_max) + " addresses at once");
    std::vector<std::string> hosts;
    for (auto at = first; at <= last; ++at) hosts.push_back(ipv4_text(static_cast<std::uint32_t>(at)));
    return hosts;
}

Task<std::vector<FoundCamera>> look_at(Surroundings surroundings, net::Binding binding, std::vector<std::string> hosts, std::uint16_t port) {
    std::vector<std::optional<FoundCamera>> answers(hosts.size());
    std::size_t next = 0;
    std::vector<Task<void>> askers;
    for (std::size_t i = 0; i < std::min(range_asked_at_once_max, hosts.size()); ++i)
        askers.push_back(ask_some(surroundings, binding, hosts, port, next, answers));
    co_await all(std::move(askers));
    std::vector<FoundCamera> found;
    for (auto& each : answers)
        if (each) found.push_back(std::move(*each));
    co_return std::move(found);
}

} // namespace gatehouse::drivers::onvif
