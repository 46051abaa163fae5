// SPDX-License-Identifier: Apache-2.0
//
// camera-simulator by clients that share nothing with it: ffprobe for streams and their faults, plain sockets for sender reports and discovery,
// HTTP for ONVIF.
#include "tests/harness/cameras.hpp"
#include "tests/harness/ports.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

namespace {

using namespace gatehouse::harness;

constexpr const char* ffprobe_path = "/usr/bin/ffprobe";

bool can_run() {
    if (std::filesystem::exists(ffprobe_path)) return true;
    std::printf("skipped: unit_sim_camera_program: ffprobe is not installed\n");
    return false;
}

// All that ffprobe says of a URL, its errors too.
std::string probed(const std::string& url, const std::string& what, const std::string& transport = "tcp", int seconds = 8) {
    const std::string command = "timeout " + std::to_string(seconds) + " " + ffprobe_path + " -v error -rtsp_transport " + transport +
                                " -analyzeduration 300000 -probesize 60000 " + what + " -of compact '" + url + "' 2>&1; echo exit=$?";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe);
    std::string said;
    char buffer[4096];
    while (const auto size = std::fread(buffer, 1, sizeof buffer, pipe)) said.append(buffer, size);
    ::pclose(pipe);
    return said;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::uint64_t number_after(const std::string& text, const std::string& name) {
    const auto at = text.find(name + "=");
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size() + 1, nullptr, 10);
}

const std::string stream_facts = "-show_entries stream=codec_name,width,height -select_streams v";

// A plain client: no log-in, TCP, one track.
class PlainRtsp {
public:
    explicit PlainRtsp(std::uint16_t port, std::chrono::microseconds waits = 5s) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval longest{waits.count() / 1'000'000, waits.count() % 1'000'000};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~PlainRtsp() { ::close(socket_); }
    PlainRtsp(const PlainRtsp&) = delete;
    PlainRtsp& operator=(const PlainRtsp&) = delete;

    // The head of the answer; packets on the way are passed over.
    std::string ask(const std::string& request) {
        REQUIRE(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
        for (;;) {
            const std::string start = take(1);
            if (start.empty()) return {};
            if (start == "$") {
                const std::string head = take(3);
                take(static_cast<std::size_t>(static_cast<unsigned char>(head[1])) * 256 + static_cast<unsigned char>(head[2]));
                continue;
            }
            std::string head = start;
            while (!head.ends_with("\r\n\r\n")) {
                const std::string more = take(1);
                if (more.empty()) return head;
                head += more;
            }
            body_ = take(number_of(head, "Content-Length: "));
            return head;
        }
    }
    const std::string& body() const { return body_; } // of the last answer

    // All that comes within this time after a request.
    std::string heard_within(std::chrono::milliseconds time, const std::string& request) {
        REQUIRE(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
        std::string heard;
        for (const auto until = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < until;) heard += take(1);
        return heard;
    }

    // The next packet of a channel.
    std::string packet(char channel) {
        for (;;) {
            const std::string head = take(4);
            if (head.size() < 4) return {};
            const std::string body = take(static_cast<std::size_t>(static_cast<unsigned char>(head[2])) * 256 + static_cast<unsigned char>(head[3]));
            if (head[0] == '$' && head[1] == channel) return body;
        }
    }

    static std::size_t number_of(const std::string& head, const std::string& name) {
        const auto at = head.find(name);
        return at == std::string::npos ? 0 : std::strtoull(head.c_str() + at + name.size(), nullptr, 10);
    }

private:
    std::string take(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t have = 0;
        while (have < size) {
            const auto count = ::recv(socket_, bytes.data() + have, size - have, 0);
            if (count <= 0) break;
            have += static_cast<std::size_t>(count);
        }
        bytes.resize(have);
        return bytes;
    }
    int socket_;
    std::string body_;
};

const std::string options_request = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";

std::string soap(const std::string& body, const std::string& header = {}) {
    return "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" "
           "xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\" xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\" "
           "xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\" xmlns:tt=\"http://www.onvif.org/ver10/schema\"><s:Header>" +
           header + "</s:Header><s:Body>" + body + "</s:Body></s:Envelope>";
}

// Plain passwords are a part of the profile too, and need no hash here.
std::string account(const std::string& password = "Gate-2024!") {
    return "<Security "
           "xmlns=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"><UsernameToken><Username>admin</Username>"
           "<Password Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText\">" +
           password + "</Password></UsernameToken></Security>";
}

HttpReply onvif(const IpCamera& camera, const std::string& body, const std::string& header = account(),
                const std::string& path = "/onvif/device_service") {
    return HttpPeer::tcp(camera.http_port()).ask("POST", path, soap(body, header), {{"Content-Type", "application/soap+xml; charset=utf-8"}});
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto begin = text.find(from);
    if (begin == std::string::npos) return {};
    return text.substr(begin + from.size(), text.find(to, begin) - begin - from.size());
}

} // namespace

TEST_CASE("camera simulator: the frames that it says it sent are those that ffprobe read, to the last one") {
    if (!can_run()) return;
    const TempDir folder("cameras");
    IpCamera camera("gate", small_camera(), folder.path());
    ChildProcess reader("ffprobe",
                        {.program = ffprobe_path,
                         .arguments = {"-v", "error", "-rtsp_transport", "tcp", "-analyzeduration", "300000", "-probesize", "60000", "-count_packets",
                                       "-show_entries", "stream=codec_name,nb_read_packets", "-of", "compact", camera.url_with_account()},
                         .environment = {},
                         .directory = {}},
                        folder.path());
    eventually("sixty frames", [&] { return camera.frames_sent() >= 60; });
    camera.drop();
    reader.wait();
    CHECK(has(reader.out(), "codec_name=h264"));
    CHECK(number_after(reader.out(), "nb_read_packets") == camera.frames_sent());
    const auto clients = camera.clients();
    REQUIRE(clients.size() == 1);
    CHECK(clients[0].transport == "tcp");
    CHECK_FALSE(clients[0].is_there);

    const auto frames = camera.frames();
    REQUIRE(frames.size() > 50);
    CHECK(frames[50].shows == 0); // the scene is looped
    CHECK(frames[50].is_key);
    CHECK(frames[50].at_us - frames[0].at_us == 2'000'000);

    const std::string udp = probed(camera.url_with_account(), "-read_intervals %+#15 -count_packets -show_entries stream=nb_read_packets", "udp");
    CHECK(number_after(udp, "nb_read_packets") == 15);
    CHECK(camera.clients().back().transport == "udp");
    CHECK(camera.clients().back().frames >= 15);
}

TEST_CASE("camera simulator: main and sub stream, H.265, audio, basic and digest log-in") {
    if (!can_run()) return;
    const TempDir folder("cameras");
    CameraOptions options = small_camera();
    options.codec = "h265";
    options.sub_size = "160x88";
    options.audio = "aac";
    options.log_in = "basic";
    IpCamera camera("gate", options, folder.path());
    const std::string main = probed(camera.url_with_account(), "-show_entries stream=codec_name,width,height");
    CHECK(has(main, "codec_name=hevc|width=320|height=180"));
    CHECK(has(main, "codec_name=aac"));
    CHECK(has(probed(camera.url_with_account("sub"), stream_facts), "codec_name=h264|width=160|height=88"));
    CHECK(has(probed(camera.url(), stream_facts), "401"));
    CHECK(has(probed("rtsp://admin:wrong@" + camera.url().substr(7), stream_facts), "401"));
}

TEST_CASE("camera simulator: each fault of a stream is one to an independent client") {
    if (!can_run()) return;
    const TempDir folder("cameras");
    CameraOptions options = small_camera();
    options.other_size = "160x88";
    IpCamera camera("gate", options, folder.path());
    const std::string url = camera.url_with_account();
    const auto with = [&](const std::string& name, boost::json::object arguments, const std::string& what, int seconds = 8) {
        camera.fault(name, std::move(arguments));
        std::string said = probed(url, what, "tcp", seconds);
        camera.mend(name);
        return said;
    };
    const std::string whole = probed(url, "-read_intervals %+#12 -show_entries packet=flags");
    CHECK(has(whole, "flags=K_"));
    CHECK(has(with("no_key_frames", {}, "-read_intervals %+#12 -show_entries packet=flags"), "flags=__"));
    CHECK(has(with("other_size", {}, stream_facts), "width=160|height=88"));
    CHECK(has(probed(url, stream_facts), "width=320|height=180"));
    const std::string count = "-read_intervals %+#12 -count_frames -select_streams v -show_entries stream=nb_read_frames";
    CHECK(number_after(probed(url, count), "nb_read_frames") >= 11);
    const std::string noise = with("garbage", {}, count);
    CHECK(has(noise, "[h264 @"));
    CHECK(number_after(noise, "nb_read_frames") < 8);
    CHECK(has(with("refuse_login", {}, stream_facts), "401"));
    CHECK(has(with("offline", {}, stream_facts), "Connection refused"));
    CHECK(has(with("freeze", {}, stream_facts, 1), "exit=124"));
    camera.fault("half_open");
    CHECK(PlainRtsp(camera.rtsp_port(), 300ms).ask(options_request).empty());
    camera.mend("half_open");
    camera.fault("slow_loris", {{"bytes_per_s", 30}});
    const std::string drops = PlainRtsp(camera.rtsp_port(), 100ms).heard_within(500ms, options_request);
    CHECK(drops.size() >= 2);
    CHECK(drops.size() < 20);
    camera.mend("slow_loris");
    CHECK(has(PlainRtsp(camera.rtsp_port()).ask(options_request), "200 OK"));
    CHECK(has(probed(url, stream_facts), "width=320|height=180")); // after all of them
    CHECK(camera.control().ask("POST", "/fault", R"({"name":"no such"})").status == 400);
}

TEST_CASE("camera simulator: an SDP is wrong as told") {
    const TempDir folder("cameras");
    CameraOptions options = small_camera();
    options.log_in = "none";
    IpCamera camera("gate", options, folder.path());
    const auto described = [&](const char* what) {
        if (what) camera.fault("wrong_sdp", {{"what", what}});
        PlainRtsp client(camera.rtsp_port());
        client.ask("DESCRIBE " + camera.url() + " RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n");
        camera.mend("wrong_sdp");
        return client.body();
    };
    const std::string right = described(nullptr);
    CHECK(has(right, "m=video"));
    CHECK(has(right, "H264/90000"));
    CHECK(has(right, "sprop-parameter-sets="));
    CHECK_FALSE(has(described("no_parameter_sets"), "sprop-parameter-sets"));
    CHECK(has(described("bad_parameter_sets"), "sprop-parameter-sets=Z00AKpY1QPAET8s3AQEBAg==,!!!!"));
    CHECK(has(described("wrong_codec"), "H265/90000"));
    CHECK_FALSE(has(described("no_video"), "m=video"));
    CHECK_FALSE(has(described("garbage"), "v=0"));
}

TEST_CASE("camera simulator: sender reports carry the camera's clock, and an error in it") {
    const TempDir folder("cameras");
    CameraOptions options = small_camera();
    options.log_in = "none";
    options.clock_offset_s = 3600;
    IpCamera camera("gate", options, folder.path());
    PlainRtsp client(camera.rtsp_port());
    const std::string url = camera.url();
    CHECK(has(client.ask("DESCRIBE " + url + " RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"), "200 OK"));
    const std::string setup = client.ask("SETUP " + url + "/stream=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n");
    REQUIRE(has(setup, "interleaved=0-1"));
    const std::string session = between(setup, "Session: ", ";");
    CHECK(has(client.ask("PLAY " + url + " RTSP/1.0\r\nCSeq: 3\r\nSession: " + session + "\r\n\r\n"), "200 OK"));
    const std::string report = client.packet(1);
    REQUIRE(report.size() >= 28);
    CHECK(static_cast<unsigned char>(report[1]) == 200);
    std::uint32_t since_1900 = 0;
    for (std::size_t i = 8; i < 12; ++i) since_1900 = since_1900 << 8 | static_cast<unsigned char>(report[i]);
    const auto unix_time = static_cast<std::int64_t>(since_1900) - 2'208'988'800;
    CHECK(std::abs(unix_time - (std::time(nullptr) + 3600)) <= 2);

    const auto rtp_time = [](const std::string& packet) {
        std::uint32_t time = 0;
        for (std::size_t i = 4; i < 8; ++i) time = time << 8 | static_cast<unsigned char>(packet.at(i));
        return time;
    };
    const std::uint32_t before = rtp_time(client.packet(0));
    camera.fault("timestamp_jump", {{"by_s", 100}});
    std::uint32_t after = before;
    for (int i = 0; i < 200 && after - before < 90 * 90'000; ++i) after = rtp_time(client.packet(0));
    CHECK(after - before > 90 * 90'000u);
}

TEST_CASE("camera simulator: ONVIF tells who it is, where its streams and snapshots are, and its events") {
    const TempDir folder("cameras");
    IpCamera camera("gate", small_camera(), folder.path());
    CHECK(onvif(camera, "<tds:GetSystemDateAndTime/>", "").status == 200); // to anybody
    const HttpReply nobody = onvif(camera, "<tds:GetDeviceInformation/>", "");
    CHECK(nobody.status == 401);
    CHECK(has(nobody.body, "ter:NotAuthorized"));
    CHECK(has(onvif(camera, "<tds:GetDeviceInformation/>").body, "<tds:Model>DS-2CD2T47G2-L</tds:Model>"));
    CHECK(has(onvif(camera, "<tds:GetCapabilities/>").body, "/onvif/event_service"));
    CHECK(has(onvif(camera, "<trt:GetProfiles/>").body, "token=\"Profile_1\""));
    CHECK(has(onvif(camera, "<tr2:GetProfiles/>").body, "<tt:Width>320</tt:Width>"));
    const std::string stream = onvif(camera, "<trt:GetStreamUri><trt:ProfileToken>Profile_1</trt:ProfileToken></trt:GetStreamUri>").body;
    CHECK(between(stream, "<tt:Uri>", "</tt:Uri>") == camera.url());
    CHECK(onvif(camera, "<trt:GetStreamUri><trt:ProfileToken>Profile_9</trt:ProfileToken></trt:GetStreamUri>").status == 400);
    const std::string snapshot = onvif(camera, "<trt:GetSnapshotUri><trt:ProfileToken>Profile_1</trt:ProfileToken></trt:GetSnapshotUri>").body;
    const std::string address_of_picture = between(snapshot, "<tt:Uri>", "</tt:Uri>");
    CHECK(HttpPeer::tcp(camera.http_port()).ask("GET", "/onvif/snapshot/main").status == 401);
    if (can_run())
        CHECK(run_to_end(ffprobe_path, {"-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "compact",
                                        "http://admin:Gate-2024!@" + address_of_picture.substr(7)}) ==
              "stream|codec_name=mjpeg|width=320|height=180\n");

    const std::string made =
        onvif(camera,
              "<tev:CreatePullPointSubscription><tev:InitialTerminationTime>PT60S</tev:InitialTerminationTime></tev:CreatePullPointSubscription>")
            .body;
    const std::string address = between(made, "<wsa5:Address>", "</wsa5:Address>");
    const std::string path = address.substr(std::min(address.find("/onvif"), address.size()));
    const auto pull = [&](const std::string& wait) {
        return onvif(camera, "<tev:PullMessages><tev:Timeout>" + wait + "</tev:Timeout><tev:MessageLimit>10</tev:MessageLimit></tev:PullMessages>",
                     account(), path);
    };
    CHECK(has(pull("PT0S").body, "PullMessagesResponse"));
    const Made motion = camera.notice("motion");
    CHECK(motion.kind == "motion.started");
    camera.notice("line");
    const std::string events = pull("PT5S").body;
    CHECK(has(events, "CellMotionDetector/Motion"));
    CHECK(has(events, "Name=\"IsMotion\" Value=\"true\""));
    CHECK(has(events, "LineDetector/Crossed"));
    CHECK(onvif(camera, "<Unsubscribe xmlns=\"http://docs.oasis-open.org/wsn/b-2\"/>", account(), path).status == 200);
    CHECK(has(pull("PT0S").body, "ResourceUnknown"));

    CHECK(onvif(camera,
                "<tds:SetRelayOutputState><tds:RelayOutputToken>RelayOutput_1</tds:RelayOutputToken><tds:LogicalState>active</tds:LogicalState>"
                "</tds:SetRelayOutputState>")
              .status == 200);
    CHECK(onvif(camera, "<ContinuousMove xmlns=\"http://www.onvif.org/ver20/ptz/wsdl\"><ProfileToken>Profile_1</ProfileToken><Velocity>"
                        "<tt:PanTilt x=\"0.5\" y=\"-0.25\"/></Velocity></ContinuousMove>")
              .status == 200);
    const auto state = camera.state().at("onvif");
    CHECK(state.at("relay_active").as_bool());
    CHECK(state.at("ptz").at("pan").to_number<double>() == 0.5);
}

TEST_CASE("camera simulator: a changed password holds for ONVIF and RTSP; wrong ones lock; not activated and ONVIF off are told apart") {
    if (!can_run()) return;
    const TempDir folder("cameras");
    IpCamera camera("gate", small_camera(), folder.path());
    const auto info = [&](const std::string& password) { return onvif(camera, "<tds:GetDeviceInformation/>", account(password)).status; };
    CHECK(onvif(camera, "<tds:SetUser><tds:User><tt:Username>admin</tt:Username><tt:Password>Neues-2025!</tt:Password></tds:User></tds:SetUser>")
              .status == 200);
    CHECK(info("Neues-2025!") == 200);
    CHECK(info("Gate-2024!") == 400);
    CHECK(has(probed("rtsp://admin:Neues-2025!@" + camera.url().substr(7), stream_facts), "width=320"));
    CHECK(has(probed(camera.url_with_account(), stream_facts), "401"));

    const HttpPeer web = HttpPeer::tcp(camera.http_port());
    CHECK(web.ask("GET", "/ISAPI/System/deviceInfo").status == 401);
    for (int i = 0; i < 5; ++i) info("wrong");
    CHECK(info("Neues-2025!") == 401);
    CHECK(has(web.ask("GET", "/ISAPI/System/deviceInfo").body, "<lockStatus>lock</lockStatus>"));
    CHECK(has(probed("rtsp://admin:Neues-2025!@" + camera.url().substr(7), stream_facts), "401"));
    camera.fault("unlock");
    CHECK(info("Neues-2025!") == 200);

    camera.fault("onvif_off");
    CHECK(info("Neues-2025!") == 404);
    CHECK(web.ask("GET", "/ISAPI/System/deviceInfo").status == 401);
    camera.mend("onvif_off");
    camera.fault("not_activated");
    CHECK(has(web.ask("GET", "/ISAPI/System/deviceInfo").body, "notActivated"));
    CHECK(info("Neues-2025!") == 404);
}

TEST_CASE("camera simulator: a probe over UDP is answered with the address of its services") {
    const TempDir folder("cameras");
    IpCamera camera("gate", small_camera(), folder.path());
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const timeval longest{3, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(camera.port("discovery"));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string probe = soap("<Probe xmlns=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"/>",
                                   "<MessageID xmlns=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\">urn:uuid:1</MessageID>");
    ::sendto(socket, probe.data(), probe.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    std::string answer(16 * 1024, '\0');
    const auto size = ::recv(socket, answer.data(), answer.size(), 0);
    ::close(socket);
    REQUIRE(size > 0);
    answer.resize(static_cast<std::size_t>(size));
    CHECK(has(answer, "http://127.0.0.1:" + std::to_string(camera.http_port()) + "/onvif/device_service"));
    CHECK(has(answer, "<wsa:RelatesTo>urn:uuid:1</wsa:RelatesTo>"));
}
