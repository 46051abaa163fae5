// SPDX-License-Identifier: Apache-2.0
//
// What a camera may be beside RTSP: Debian's ffmpeg serves RTMP and MPEG-TS, a few lines of HTTP a playlist. And which interface it is
// spoken to through.
#include "tests/harness/eventually.hpp"
#include "tests/harness/ports.hpp"
#include "tests/unit/pipelines/worker/at_work.hpp"
#include "tests/unit/pipelines/worker/film.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <numeric>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;
namespace fs = std::filesystem;

namespace {

constexpr int film_frames = 75;

int listen_on_loopback(std::uint16_t port) {
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listening, 8) == 0);
    return listening;
}

/// The files of a folder over HTTP, one after the other.
class FileServer {
public:
    explicit FileServer(fs::path folder) : folder_(std::move(folder)), listening_(listen_on_loopback(port)), thread_([this] { run(); }) {}
    ~FileServer() {
        ending_ = true;
        thread_.join();
        ::close(listening_);
    }
    const std::uint16_t port = harness::free_port();

private:
    void run() {
        while (!ending_) {
            pollfd watched{listening_, POLLIN, 0};
            if (::poll(&watched, 1, 50) <= 0) continue;
            const int connection = ::accept(listening_, nullptr, nullptr);
            std::array<char, 4096> request{};
            const auto got = ::recv(connection, request.data(), request.size() - 1, 0);
            const std::string text(request.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
            const auto from = text.find('/') + 1;
            const auto file = folder_ / text.substr(from, text.find(' ', from) - from);
            const auto body = fs::exists(file) ? harness::read_file(file) : std::string();
            const auto answer = std::string(body.empty() ? "HTTP/1.0 404 Not Found" : "HTTP/1.0 200 OK") +
                                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            [[maybe_unused]] const auto sent = ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
            ::shutdown(connection, SHUT_RDWR);
            ::close(connection);
        }
    }
    fs::path folder_;
    int listening_;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

bool is_listening(std::uint16_t port) {
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, ":%04X 00000000:0000 0A", static_cast<unsigned>(port));
    return harness::read_file("/proc/net/tcp").find(wanted) != std::string::npos;
}

struct Source {
    Source() {
        fs::create_directory(home / "recordings");
        make_film(film(), {.seconds = 3});
    }
    fs::path film() const { return home / "film.mp4"; }
    Configuration configuration(const std::string& url) const {
        Configuration it;
        it.camera = "gate-cam-1";
        it.url = url;
        it.folder = (home / "recordings").string();
        it.udp = url.starts_with("udp:");
        return it;
    }
    /// ffmpeg sends the film there, as fast as it plays.
    std::unique_ptr<harness::ChildProcess> send(const std::string& format, const std::string& to) const {
        harness::ChildProcess::Command command{"/usr/bin/ffmpeg",
                                               {"-nostdin", "-v", "error", "-re", "-stream_loop", format == "mpegts" ? "1" : "0", "-i",
                                                film().string(), "-c", "copy", "-f", format, to}};
        return std::make_unique<harness::ChildProcess>("ffmpeg", command, home.path());
    }
    static int frames_of(const AtWork& worker) {
        int frames = 0;
        for (const auto& segment : worker.segments())
            for (const auto& fragment : segment.fragments) frames += fragment.frames;
        return frames;
    }
    static std::string end_of(const AtWork& worker) { return worker.all<Lost>().empty() ? std::string("it died") : worker.all<Lost>()[0].reason; }
    harness::TempDir home{"sources"};
};

std::string at(const std::string& scheme, std::uint16_t port, const std::string& path = {}) {
    return scheme + "://127.0.0.1:" + std::to_string(port) + path;
}

} // namespace

TEST_CASE("sources: MPEG-TS over TCP and RTMP from a server") {
    struct Row {
        std::string scheme, format, path, serve;
        int frames;
    };
    for (const auto& row : {Row{"tcp", "mpegts", "", "?listen=1", 2 * film_frames}, Row{"rtmp", "flv", "/live/gate", "", film_frames}}) {
        CAPTURE(row.scheme);
        const Source source;
        const auto port = harness::free_port();
        std::unique_ptr<harness::ChildProcess> server;
        if (row.scheme == "tcp") {
            server = source.send(row.format, at("tcp", port, row.serve));
        } else {
            harness::ChildProcess::Command command{"/usr/bin/ffmpeg",
                                                   {"-nostdin", "-v", "error", "-re", "-i", source.film().string(), "-c", "copy", "-f", "flv",
                                                    "-listen", "1", at("rtmp", port, row.path)}};
            server = std::make_unique<harness::ChildProcess>("ffmpeg", command, source.home.path());
        }
        harness::eventually("a server", [&] { return is_listening(port); });
        AtWork worker(source.configuration(at(row.scheme, port, row.path)));
        worker.hear();
        CHECK_MESSAGE(Source::frames_of(worker) == row.frames, Source::end_of(worker));
    }
}

TEST_CASE("sources: MPEG-TS over UDP, from its first key frame on") {
    const Source source;
    const auto port = harness::free_port();
    AtWork worker(source.configuration(at("udp", port)));
    worker.hear([](const Up& message) { return std::holds_alternative<Heartbeat>(message); });
    const auto sender = source.send("mpegts", at("udp", port, "?pkt_size=1316"));
    worker.hear();
    CHECK_MESSAGE(Source::frames_of(worker) > film_frames, Source::end_of(worker));
    CHECK_MESSAGE(worker.all<Lost>().size() == 1, Source::end_of(worker));
}

TEST_CASE("sources: a playlist over HTTP, and one that names a file of this machine gets nothing of it") {
    const Source source;
    const auto folder = source.home / "www";
    fs::create_directory(folder);
    harness::run_to_end("/usr/bin/ffmpeg", {"-v", "error", "-i", source.film().string(), "-c", "copy", "-f", "hls", "-hls_time", "1",
                                            "-hls_list_size", "0", (folder / "gate.m3u8").string()});
    const FileServer server(folder);
    {
        AtWork worker(source.configuration(at("http", server.port, "/gate.m3u8")));
        worker.hear();
        CHECK_MESSAGE(Source::frames_of(worker) == film_frames, Source::end_of(worker));
    }
    fs::copy_file(source.film(), source.home / "recordings" / "secret.ts"); // even where its walls would let it
    harness::write_file(folder / "thief.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://" +
                                                   (source.home / "recordings" / "secret.ts").string() + "\n#EXT-X-ENDLIST\n");
    AtWork worker(source.configuration(at("http", server.port, "/thief.m3u8")));
    worker.hear();
    CHECK(Source::frames_of(worker) == 0);
    CHECK(worker.all<Lost>().size() == 1);
}

TEST_CASE("sources: a camera is spoken to through the interface that it names, and through no other") {
    const Source source;
    for (const auto* interface : {"lo", "nowhere0"}) {
        CAPTURE(interface);
        const auto port = harness::free_port();
        const auto server = source.send("mpegts", at("tcp", port, "?listen=1"));
        harness::eventually("a server", [&] { return is_listening(port); });
        auto configuration = source.configuration(at("tcp", port));
        configuration.interface = interface;
        AtWork worker(configuration);
        worker.hear();
        CHECK((Source::frames_of(worker) > 0) == (configuration.interface == "lo"));
        if (configuration.interface != "lo") CHECK(Source::end_of(worker).find("No such device") != std::string::npos);
    }
}
