// SPDX-License-Identifier: Apache-2.0
#include "tests/world/devices.hpp"

#include "daemon/net/http.hpp"
#include "tests/world/gateway.hpp"

namespace gatehouse::world {

namespace isapi = drivers::isapi::testing;

namespace {

constexpr std::uint32_t controller_serial = 425316788;
constexpr std::size_t plates_page_max = 100;

const std::string& golden(const std::string& name) {
    static std::map<std::string, std::string> read;
    auto& text = read[name];
    if (text.empty()) text = isapi::golden(name);
    return text;
}

std::string digits(Time time, bool with_t) {
    std::string compact;
    for (const char c : isapi::AcsMemory::device_time(time).substr(0, 19))
        if ((c >= '0' && c <= '9') || (with_t && c == 'T')) compact += c;
    return compact;
}

net::HttpResponse tell_time(Time now) {
    return {200, {}, isapi::replaced(golden("time.xml"), "2026-01-15T08:28:40+08:00", isapi::AcsMemory::device_time(now))};
}

json::object described(const char* id, const char* driver, const char* model, const char* address, const char* place) {
    json::object device;
    device["id"] = id;
    device["driver"] = driver;
    device["model"] = model;
    device["address"] = address;
    device["place"] = place;
    return device;
}

void log_in(json::object& device) {
    device["port"] = 80;
    device["username"] = "gate";
    device["password"] = "Gate-2024!";
    device["may_set_clock"] = false;
}

} // namespace

// ---- Doors -----------------------------------------------------------------------------------------------------------------------------

Doors::Doors(Street street) : street_(street), controller_(street.clock, controller_serial, net::Endpoint{"10.0.0.21", 60000}) {
    auto socket = street_.network.open_datagrams(controller_.address, {});
    if (!socket) throw std::runtime_error(socket.error().what());
    socket_ = std::move(*socket);
    controller_.send = [this](net::Endpoint to, Bytes bytes) { street_.people.spawn("datagram", send(*this, std::move(to), std::move(bytes))); };
    street_.people.spawn("controller", hear(*this));
}

Task<void> Doors::send(Doors& self, net::Endpoint to, Bytes bytes) {
    auto sent = co_await self.socket_->send(std::move(to), std::move(bytes));
    (void)sent;
}

Task<void> Doors::hear(Doors& self) {
    for (;;) {
        auto datagram = co_await self.socket_->receive();
        if (datagram) self.controller_.hear(datagram->from, datagram->bytes);
    }
}

json::object Doors::description() {
    auto device = described("doors-1", "uhppote", "UT0311-L04", "10.0.0.21", "gate-north");
    device["port"] = 60000;
    device["serial"] = controller_serial;
    device["options"] = json::object{{"heartbeat_s", "60"}};
    return device;
}

void Doors::use() {
    tests::PastEvent event;
    event.door = static_cast<std::uint8_t>(1 + street_.chance.below(4));
    event.card = static_cast<std::uint32_t>(8'000'000 + street_.chance.below(1000));
    switch (street_.chance.below(12)) {
    case 0: // opened by force: an alarm
        event.type = 3;
        event.reason = 38;
        event.card = 0;
        break;
    case 1:
        event.granted = 0;
        event.reason = 6;
        break;
    case 2:
        event.type = 2;
        event.reason = 23;
        event.card = 0;
        break;
    default: break;
    }
    const auto index = controller_.happen(event);
    oracle::Made made;
    made.key = index;
    if (event.type == 1) made.subject = "card:" + std::to_string(event.card);
    made_.push_back(std::move(made));
}

void Doors::overwrite() { controller_.wrap(std::max(controller_.first_kept, controller_.last - (controller_.last - controller_.first_kept) / 2)); }

void Doors::clear() {
    controller_.clear_log();
    since_clear_ = made_.size();
}

std::vector<oracle::Made> Doors::remembered() const {
    std::vector<oracle::Made> all;
    for (auto i = since_clear_; i < made_.size(); ++i)
        if (made_[i].key >= controller_.first_kept) all.push_back(made_[i]);
    return all;
}

// ---- Camera ----------------------------------------------------------------------------------------------------------------------------

Camera::Camera(Street street) : street_(street), device_(street.network, street.chance, {"192.168.50.31", 80}) {
    device_.answers["GET /ISAPI/System/deviceInfo"] = [](const net::HttpRequest&) { return net::HttpResponse{200, {}, golden("device_info.xml")}; };
    device_.answers["GET /ISAPI/System/time"] = [this](const net::HttpRequest&) { return tell_time(own_time()); };
    device_.answers["POST /ISAPI/Traffic/channels/1/vehicleDetect/plates"] = [this](const net::HttpRequest& request) { return search(request.body); };
}

json::object Camera::description() {
    auto device = described("cam-1", "isapi", "plate", "192.168.50.31", "gate-south");
    log_in(device);
    device["outlets"] = json::array{json::object{{"number", 1}, {"place", "gate-south"}, {"forward", "in"}}};
    device["options"] = json::object{{"push", "no"}, {"heartbeat_s", "30"}};
    return device;
}

// What was taken at the asked second or later, the oldest first, as many as fit an answer.
net::HttpResponse Camera::search(const std::string& body) const {
    const auto at = body.find("<picTime>");
    std::string after = at == std::string::npos ? std::string() : body.substr(at + 9, body.find('<', at + 9) - at - 9);
    std::vector<std::pair<std::string, const Plate*>> rows;
    for (const auto& plate : memory_) {
        // Asked in UTC; what it answers in its own local time.
        std::string taken = digits(plate.at - std::chrono::hours(8), true) + "Z";
        if (taken >= after) rows.emplace_back(std::move(taken), &plate);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
    if (rows.size() > plates_page_max) rows.resize(plates_page_max);
    std::string text = "<Plates>";
    for (const auto& [taken, plate] : rows)
        text += "<Plate><captureTime>" + digits(plate->at, true) + "+0800</captureTime><plateNumber>" + plate->plate +
                "</plateNumber><laneNo>1</laneNo><direction>forward</direction></Plate>";
    return net::HttpResponse{200, {}, text + "</Plates>"};
}

void Camera::drive_through() {
    const auto now = std::chrono::floor<std::chrono::seconds>(own_time());
    const auto plate = "浙A" + std::to_string(10'000 + made_.size());
    memory_.push_back({plate, now});
    oracle::Made made;
    made.key = made_.size() + 1;
    made.subject = "plate:" + plate;
    made_.push_back(std::move(made));
    auto text = isapi::replaced(golden("anpr.xml"), "蓝沪A7F3K2", plate);
    text = isapi::replaced(text, "2026-01-15T08:30:12+08:00", isapi::AcsMemory::device_time(now));
    text = isapi::replaced(text, "20260115083012417", digits(now, false) + "417");
    const std::string jpeg = "\xff\xd8 " + plate + std::string(1 + street_.chance.below(4'000), 'x') + "\xff\xd9";
    const auto picture = [&](const std::string& name) {
        return simulation::IsapiDevice::part(jpeg + name, "Content-Disposition: form-data;name=\"" + name + "\";filename=\"" + name +
                                                              "\"\r\nContent-Type: image/jpeg");
    };
    device_.send(simulation::IsapiDevice::part(text) + picture("licensePlatePicture.jpg") + picture("detectionPicture.jpg"));
}

void Camera::beat() {
    device_.send(simulation::IsapiDevice::part(
        isapi::replaced(golden("heartbeat.xml"), "2026-01-15T08:30:00+08:00", isapi::AcsMemory::device_time(own_time()))));
}

// ---- Terminal --------------------------------------------------------------------------------------------------------------------------

Terminal::Terminal(Street street) : street_(street), device_(street.network, street.chance, {"192.168.50.41", 80}), slot_(golden("http_hosts.xml")) {
    device_.answers["GET /ISAPI/System/deviceInfo"] = [](const net::HttpRequest&) { return net::HttpResponse{200, {}, golden("device_info.xml")}; };
    device_.answers["GET /ISAPI/System/time"] = [this](const net::HttpRequest&) { return tell_time(own_time()); };
    device_.answers["GET /ISAPI/Event/notification/httpHosts"] = [this](const net::HttpRequest&) { return net::HttpResponse{200, {}, slot_}; };
    device_.answers["PUT /ISAPI/Event/notification/httpHosts/2"] = [this](const net::HttpRequest& request) {
        slot_ = request.body;
        return net::HttpResponse{200, {}, "<ResponseStatus><statusCode>1</statusCode><subStatusCode>ok</subStatusCode></ResponseStatus>"};
    };
    device_.answers["POST /ISAPI/AccessControl/AcsEvent?format=json"] = [this](const net::HttpRequest& request) {
        return memory_.answer(request.body);
    };
}

json::object Terminal::description() {
    auto device = described("face-1", "isapi", "terminal", "192.168.50.41", "house-3");
    log_in(device);
    // The simulated network lets all connections come from one host.
    device["options"] = json::object{{"push_from", "any"}, {"search_every_s", "300"}};
    return device;
}

void Terminal::show_face() { report(street_.chance.below(4) == 0 ? 76 : 75); }
void Terminal::force_door() { report(27); }

void Terminal::report(int minor) {
    const auto now = own_time();
    memory_.add(++serial_, now, minor, std::to_string(30'100 + street_.chance.below(50)));
    oracle::Made made;
    made.key = serial_;
    made_.push_back(made);
    if (is_off) return;
    const auto& event = memory_.events.back();
    post(isapi::AcsMemory::push(event.serial, now, event.minor, event.person), std::move(made));
}

void Terminal::post(std::string body, std::optional<oracle::Made> event) {
    const auto url_at = slot_.find("<url>/hik/");
    if (url_at == std::string::npos) return; // nobody told it where
    net::HttpRequest request;
    request.method = "POST";
    request.target = slot_.substr(url_at + 5, slot_.find("</url>", url_at) - url_at - 5);
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    street_.people.spawn("push", push(*this, std::move(request), std::move(event)));
}

Task<void> Terminal::push(Terminal& self, net::HttpRequest request, std::optional<oracle::Made> event) {
    net::HttpClient::Options options;
    options.server = {std::string(gateway_host), push_port};
    const auto client = net::make_http_client(self.street_.traced, self.street_.clock, self.street_.chance, std::move(options));
    auto answer = co_await client->request(std::move(request));
    if (answer && answer->status == 200 && event) self.acknowledged_.push_back(std::move(*event)); // else: the search brings it
}

void Terminal::beat() {
    if (is_off) return;
    post("{\"eventType\":\"heartBeat\",\"eventState\":\"active\",\"dateTime\":\"" + isapi::AcsMemory::device_time(own_time()) + "\"}", std::nullopt);
}

void Terminal::overwrite() {
    auto& events = memory_.events;
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2));
}

void Terminal::reset() {
    memory_.events.clear();
    serial_ = 0;
}

std::vector<oracle::Made> Terminal::remembered() const {
    std::vector<oracle::Made> all;
    for (const auto& event : memory_.events) {
        oracle::Made made;
        made.key = event.serial;
        all.push_back(std::move(made));
    }
    return all;
}

} // namespace gatehouse::world
