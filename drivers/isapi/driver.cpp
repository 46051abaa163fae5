// SPDX-License-Identifier: Apache-2.0
//
// The conversation. What ends it is told by whichever of its parts ends first: the listener, the reader of the device's memory, or the
// watch that counts heartbeats.
#include "drivers/isapi/driver.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "drivers/isapi/clock_care.hpp"
#include "drivers/isapi/device_info.hpp"
#include "drivers/isapi/door_opener.hpp"
#include "drivers/isapi/plate_memory.hpp"
#include "drivers/isapi/push_slot.hpp"
#include "drivers/isapi/terminal_memory.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::string_view stream_target = "/ISAPI/Event/notification/alertStream";
constexpr Duration watch_every = std::chrono::seconds(1);
constexpr Duration clock_every = std::chrono::hours(24);
constexpr Duration picture_wait_max = std::chrono::seconds(3); // of a stream's alert for its pictures
constexpr Duration reopen_wait = std::chrono::seconds(1);
constexpr Duration catch_up_min = std::chrono::seconds(5); // one search costs the device more than a second
constexpr Duration heartbeat_min = std::chrono::seconds(5);
constexpr Duration heartbeat_max = std::chrono::seconds(30);
constexpr int empty_streams_max = 3;
constexpr std::size_t fault_bytes_max = 300;

std::string option(const DeviceInfo& device, const std::string& name, std::string otherwise) {
    const auto found = device.options.find(name);
    return found == device.options.end() || found->second.empty() ? otherwise : found->second;
}

Duration seconds_option(const DeviceInfo& device, const std::string& name, std::int64_t otherwise, std::int64_t from, std::int64_t to) {
    const auto value = to_number(option(device, name, std::to_string(otherwise))).value_or(otherwise);
    return std::chrono::seconds(std::clamp(value, from, to));
}

// Faults of the device itself or of the way to it end the conversation; the others end a single piece of work.
bool ends_conversation(Fault fault) {
    return fault == Fault::unreachable || fault == Fault::timed_out || fault == Fault::refused || fault == Fault::gone;
}

bool is_literal_address(const std::string& host) { return !host.empty() && host.find_first_not_of("0123456789.") == std::string::npos; }

} // namespace

std::unique_ptr<net::HttpClient> real_http_client(const DeviceInfo& device, Surroundings surroundings) {
    net::HttpClient::Options options;
    options.server = device.address;
    options.binding = device.binding;
    if (!device.username.empty()) options.credentials = net::Credentials{device.username, device.password};
    if (device.tls) {
        net::TlsOptions tls;
        tls.pinned_sha256 = device.pinned_sha256;
        tls.pin_on_first_use = device.pinned_sha256.empty();
        options.tls = tls;
    }
    return net::make_http_client(surroundings.network, surroundings.clock, surroundings.entropy, std::move(options));
}

struct IsapiDriver::Inside {
    Inside(DeviceInfo info, Surroundings around, PushRoutes& push_routes, EventTable table, const HttpClients& clients)
        : device(std::move(info)), surroundings(around), routes(push_routes), is_terminal(device.model != "plate"),
          with_stream(option(device, "stream", is_terminal ? "no" : "yes") == "yes"), with_push(option(device, "push", "yes") == "yes"),
          with_history(option(device, "history", "all") == "all"), heartbeat_asked(seconds_option(device, "heartbeat_s", 30, 5, 30)),
          heartbeat_told(device.options.contains("heartbeat_s")), http(clients(device, surroundings)), stream_http(clients(device, surroundings)),
          door_http(clients(device, surroundings)), api(*http, surroundings.clock), writer(device, surroundings, std::move(table), status),
          clock_care(api, writer, surroundings, device),
          push_slot(api, writer, is_terminal, std::chrono::duration_cast<std::chrono::seconds>(heartbeat_asked).count()),
          terminal_memory(api, writer, surroundings, TerminalMemory::Options{option(device, "pictures", "yes") == "yes", with_history}, device.id),
          plate_memory(api, writer, surroundings, with_history, device.id),
          doors(device, surroundings.clock, *door_http, [this] { return status.state == DeviceStatus::State::refused; }) {}

    DeviceInfo device;
    Surroundings surroundings;
    PushRoutes& routes;
    bool is_terminal, with_stream, with_push, with_history;
    Duration heartbeat_asked;
    bool heartbeat_told;
    DeviceStatus status;
    std::unique_ptr<net::HttpClient> http, stream_http, door_http;
    DeviceApi api;
    Writer writer;
    ClockCare clock_care;
    PushSlot push_slot;
    TerminalMemory terminal_memory;
    PlateMemory plate_memory;
    DoorOpener doors;

    std::unique_ptr<PushRoutes::Registration> registration;
    std::size_t pushes_waiting = 0;
    bool push_is_set = false; ///< the device's slot points at us
    bool ever_online = false;
    std::optional<Instant> pushed_at; ///< last push of this conversation

    // Of this conversation's alertStream:
    std::optional<AlertParts> stream_parts;
    Instant stream_part_at{};
    bool stream_is_open = false;
    std::optional<Instant> replay_since; ///< nothing but old events since
    bool stream_given_up = false;
    bool memory_missing = false;
    Instant clock_at{};

    Task<Error> run(RecordSink& sink);
    Task<Result<bool>> converse_start();
    Task<void> listen(std::optional<Error>& why);
    Task<Result<bool>> listen_once();
    Task<void> read_memory(std::optional<Error>& why);
    Task<void> watch(std::optional<Error>& why);
    Task<Done> watch_push();
    Task<void> set_push_slot(bool write_again);
    Task<Done> catch_up();
    Task<Result<Kept>> take_from_stream(Arrival arrival);
    void count_parts(const AlertParts& parts);
    void register_push();
    bool may_push(const net::HttpRequest& request) const;
    Task<net::HttpResponse> take_push(net::HttpRequest request);
    Task<Result<bool>> write_pushed(std::vector<Arrival> arrivals, std::size_t& kept);
    Duration idle_limit() const;
    void fail(const Error& error);
};

// ---- Push: the device posts to us -----------------------------------------------------------------------------------------------------

void IsapiDriver::Inside::register_push() {
    if (!with_push || registration) return;
    auto added =
        routes.add(option(device, "push_path", routes.path_for(device)), [this](net::HttpRequest request) { return take_push(std::move(request)); });
    if (added)
        registration = std::move(*added);
    else
        log::error("isapi", "no path for pushes", {{"device", device.id}, {"why", added.error().what()}});
}

// Nobody signs a push; the path cannot be guessed, and a literal address must be the device's.
bool IsapiDriver::Inside::may_push(const net::HttpRequest& request) const {
    const bool checked =
        is_literal_address(device.address.host) && !device.address.host.starts_with("127.") && option(device, "push_from", "device") == "device";
    return !checked || request.from.host == device.address.host;
}

Task<Result<bool>> IsapiDriver::Inside::write_pushed(std::vector<Arrival> arrivals, std::size_t& kept) {
    for (auto& arrival : arrivals) {
        auto written = co_await writer.write(std::move(arrival), Way::push);
        if (written && *written == Kept::deferred) co_return Error(Fault::busy, "left to the search of the device's memory");
        if (!written && written.error().fault() != Fault::malformed) co_return std::move(written).error();
        if (written) ++kept;
    }
    co_return true;
}

Task<net::HttpResponse> IsapiDriver::Inside::take_push(net::HttpRequest request) {
    const auto answer = [](int code) {
        net::HttpResponse response;
        response.status = code;
        if (code == 503) response.headers.emplace_back("Connection", "close");
        return response;
    };
    if (!may_push(request)) {
        ++status.malformed;
        co_return answer(403);
    }
    if (pushes_waiting >= pushes_waiting_max) co_return answer(503);
    struct Count {
        std::size_t& count;
        explicit Count(std::size_t& c) : count(c) { ++count; }
        ~Count() { --count; }
    } counted(pushes_waiting);

    AlertParts parts(surroundings.zone, AlertParts::In::push);
    std::vector<Arrival> arrivals;
    std::uint64_t broken = 0;
    const auto add = [&](net::Part part) {
        for (auto& arrival : parts.take(std::move(part))) arrivals.push_back(std::move(arrival));
    };
    const std::string type(net::header(request.headers, "Content-Type"));
    if (lower(trimmed(type)).starts_with("multipart/")) {
        auto boundary = net::boundary_of(type);
        net::MultipartReader reader(boundary ? *boundary : std::string("MIME_boundary"), net::MultipartReader::Limits());
        reader.feed(as_bytes(request.body));
        reader.finish();
        while (auto part = reader.next()) add(std::move(*part));
        broken += reader.framing_errors() + reader.oversize_parts();
        status.malformed += reader.framing_errors();
        status.oversize += reader.oversize_parts();
    } else if (!trimmed(request.body).empty()) {
        net::Part part;
        part.content_type = lower(type.substr(0, type.find(';')));
        part.body = std::move(request.body);
        add(std::move(part));
    }
    if (auto last = parts.flush()) arrivals.push_back(std::move(*last));
    count_parts(parts);
    broken += parts.malformed() + parts.oversize();
    if (arrivals.empty()) co_return answer(parts.oversize() > 0 ? 413 : broken > 0 ? 400 : 200);

    pushed_at = surroundings.clock.steady_now();
    std::size_t kept = 0;
    auto work = write_pushed(std::move(arrivals), kept);
    std::string doing = "storing a push";
    auto written = co_await within<bool>(surroundings.clock, push_commit_max, std::move(doing), std::move(work));
    if (!written) {
        // The device keeps it; its memory brings it back.
        writer.set_plates_whole(false);
        writer.catch_up_wanted().set();
        co_return answer(503);
    }
    co_return answer(kept > 0 ? 200 : 400);
}

void IsapiDriver::Inside::count_parts(const AlertParts& parts) {
    status.malformed += parts.malformed();
    status.oversize += parts.oversize();
}

// ---- alertStream: we hold a GET open ---------------------------------------------------------------------------------------------------

Task<Result<Kept>> IsapiDriver::Inside::take_from_stream(Arrival arrival) {
    const bool is_event = !arrival.alert.is_heartbeat();
    if (is_event && !arrival.alert.is_replay())
        replay_since.reset();
    else if (is_event && !replay_since)
        replay_since = surroundings.clock.steady_now();
    co_return co_await writer.write(std::move(arrival), Way::stream);
}

// One stream from its opening to its end. true: it brought something.
Task<Result<bool>> IsapiDriver::Inside::listen_once() {
    net::HttpRequest request;
    request.target = stream_target;
    auto opened = co_await stream_http->open(std::move(request));
    if (!opened) co_return std::move(opened).error().during("opening alertStream");
    auto& body = **opened;
    net::HttpResponse head = body.head();
    if (head.status / 100 != 2) {
        auto said = co_await body.read();
        if (said) head.body.assign(said->begin(), said->end());
        co_return error_of(head).during("opening alertStream");
    }
    const auto boundary = net::boundary_of(net::header(head.headers, "Content-Type"));
    net::MultipartReader reader(boundary ? *boundary : std::string(is_terminal ? "MIME_boundary" : "boundary"), net::MultipartReader::Limits());
    stream_parts.emplace(surroundings.zone, AlertParts::In::stream);
    stream_is_open = true;
    struct Closing {
        bool& open;
        ~Closing() { open = false; }
    } closing{stream_is_open};
    writer.heard();
    std::uint64_t framing_errors = 0, oversize_parts = 0;
    bool brought = false;
    for (;;) {
        auto bytes = co_await body.read();
        if (!bytes) {
            if (ends_conversation(bytes.error().fault()) && !brought) co_return std::move(bytes).error().during("reading alertStream");
            break;
        }
        if (bytes->empty()) break;
        reader.feed(*bytes);
        while (auto part = reader.next()) {
            brought = true;
            writer.heard();
            stream_part_at = surroundings.clock.steady_now();
            const auto malformed_before = stream_parts->malformed();
            const auto oversize_before = stream_parts->oversize();
            auto arrivals = stream_parts->take(std::move(*part));
            status.malformed += stream_parts->malformed() - malformed_before;
            status.oversize += stream_parts->oversize() - oversize_before;
            for (auto& arrival : arrivals) {
                auto kept = co_await take_from_stream(std::move(arrival));
                // What the disk refused is fetched from the device's memory; the stream goes on.
                if (!kept && kept.error().fault() != Fault::malformed) writer.catch_up_wanted().set();
            }
        }
        status.malformed += reader.framing_errors() - framing_errors;
        status.oversize += reader.oversize_parts() - oversize_parts;
        framing_errors = reader.framing_errors();
        oversize_parts = reader.oversize_parts();
        if (is_terminal && replay_since && surroundings.clock.steady_now() - *replay_since >= pure_replay_max) {
            stream_given_up = true;
            log::info("isapi", "alertStream only replays the device's log; left to push and search", {{"device", device.id}});
            break;
        }
    }
    if (auto last = stream_parts->flush()) {
        auto kept = co_await take_from_stream(std::move(*last));
        if (!kept) writer.catch_up_wanted().set();
    }
    co_return brought;
}

// Some recorders drop the stream every 40 seconds for hours: opening it again costs little and is no loss of the device.
Task<void> IsapiDriver::Inside::listen(std::optional<Error>& why) {
    int empty_streams = 0;
    for (;;) {
        auto brought = co_await listen_once();
        if (!brought) {
            if (is_terminal && !ends_conversation(brought.error().fault())) break; // its stream is not what we live on
            why = std::move(brought).error();
            co_return;
        }
        if (stream_given_up) break;
        empty_streams = *brought ? 0 : empty_streams + 1;
        if (empty_streams >= empty_streams_max) {
            why = Error(Fault::unreachable, "alertStream ended " + std::to_string(empty_streams) + " times without a word");
            co_return;
        }
        writer.set_plates_whole(false);
        co_await surroundings.clock.sleep_for(reopen_wait);
        writer.catch_up_wanted().set();
    }
    Event never;
    co_await never.wait();
}

// ---- The device's memory ---------------------------------------------------------------------------------------------------------------

Task<Done> IsapiDriver::Inside::catch_up() {
    if (is_terminal) co_return co_await terminal_memory.catch_up();
    co_return co_await plate_memory.catch_up();
}

Task<void> IsapiDriver::Inside::read_memory(std::optional<Error>& why) {
    // Without pushes that work a terminal's search is the only way in, so it is asked as often as it bears.
    const auto search_every = seconds_option(device, "search_every_s", 60, 5, 3600);
    bool clock_set = false;
    for (;;) {
        writer.catch_up_wanted().reset();
        auto done = co_await catch_up();
        if (!done) {
            const auto fault = done.error().fault();
            if (ends_conversation(fault)) {
                why = std::move(done).error();
                co_return;
            }
            if (fault == Fault::unsupported && !memory_missing) {
                memory_missing = true;
                writer.set_search_missing();
                status.fault = "the device has no event memory to search";
                log::warning("isapi", status.fault, {{"device", device.id}});
            } else if (fault != Fault::unsupported) {
                if (fault == Fault::malformed) ++status.malformed;
                log::warning("isapi", "reading the device's memory failed", {{"device", device.id}, {"why", done.error().what()}});
                writer.catch_up_wanted().set();
            }
        }
        // Set only now: what the memory held was stamped by the clock as it was measured.
        if (!clock_set) {
            clock_set = true;
            auto set = co_await clock_care.set_right();
            if (!set && ends_conversation(set.error().fault())) {
                why = std::move(set).error();
                co_return;
            }
        }
        co_await surroundings.clock.sleep_for(catch_up_min);
        const bool asks_often = is_terminal && !push_is_set && !memory_missing && !stream_is_open;
        const auto wait = asks_often ? Duration(0) : search_every - catch_up_min;
        if (wait > Duration(0)) {
            auto wanted = writer.catch_up_wanted().wait();
            const bool was_wanted = co_await finish_within(surroundings.clock, wait, std::move(wanted));
            // A camera whose stream stands loses nothing; one that only pushes is looked after by the search.
            if (!was_wanted && !is_terminal && !stream_is_open) writer.set_plates_whole(false);
        }
    }
}

// ---- The watch -------------------------------------------------------------------------------------------------------------------------

Duration IsapiDriver::Inside::idle_limit() const {
    if (heartbeat_told) return 2 * heartbeat_asked;
    const auto learned = writer.heartbeat();
    return 2 * (learned ? std::clamp(*learned, heartbeat_min, heartbeat_max) : heartbeat_max);
}

// A terminal's pushes may stop while it lives: after a restart some post nothing until their slot is written again.
Task<Done> IsapiDriver::Inside::watch_push() {
    const auto silent = surroundings.clock.steady_now() - *pushed_at;
    if (silent < heartbeat_asked * 3 / 2) co_return Done();
    std::string method = "GET";
    std::string target(device_info_target);
    auto work = api.ask(std::move(method), std::move(target), std::string(), DeviceApi::Patience::once);
    std::string doing = "no heartbeat, and no answer to a question";
    auto answer = co_await within<std::string>(surroundings.clock, heartbeat_asked / 2, std::move(doing), std::move(work));
    if (!answer && ends_conversation(answer.error().fault())) co_return std::move(answer).error();
    if (answer) writer.heard();
    pushed_at = surroundings.clock.steady_now();
    co_await set_push_slot(true);
    writer.catch_up_wanted().set();
    co_return Done();
}

Task<void> IsapiDriver::Inside::watch(std::optional<Error>& why) {
    auto& clock = surroundings.clock;
    for (;;) {
        co_await clock.sleep_for(watch_every);
        if (stream_parts && stream_parts->waits() && clock.steady_now() - stream_part_at >= picture_wait_max)
            if (auto late = stream_parts->flush()) {
                auto kept = co_await take_from_stream(std::move(*late));
                if (!kept) writer.catch_up_wanted().set();
            }
        auto expired = co_await writer.expire();
        if (!expired) log::warning("isapi", "the end of a state could not be stored", {{"device", device.id}, {"why", expired.error().what()}});
        if (!is_terminal && with_stream) {
            const auto silent = clock.steady_now() - writer.heard_at();
            if (silent >= idle_limit()) {
                why = Error(Fault::timed_out, "no heartbeat and no event for " + std::to_string(silent.count() / 1'000'000) + " s");
                co_return;
            }
        }
        if (push_is_set && pushed_at && is_terminal) {
            auto lives = co_await watch_push();
            if (!lives) {
                why = std::move(lives).error();
                co_return;
            }
        }
        if (clock.steady_now() - clock_at >= clock_every) {
            clock_at = clock.steady_now();
            auto measured = co_await clock_care.measure();
            if (measured) measured = co_await clock_care.set_right();
            if (!measured && ends_conversation(measured.error().fault())) {
                why = std::move(measured).error();
                co_return;
            }
        }
    }
}

// ---- The conversation ------------------------------------------------------------------------------------------------------------------

Task<void> IsapiDriver::Inside::set_push_slot(bool write_again) {
    if (!registration || !device.may_set_listener) co_return;
    const auto reachable = routes.reachable_at(device);
    if (!reachable) co_return;
    auto pointed = co_await push_slot.point_at(*reachable, option(device, "push_path", routes.path_for(device)), write_again);
    push_is_set = pointed.has_value();
    if (pointed) co_return;
    status.fault = cut_utf8(pointed.error().what(), fault_bytes_max);
    log::warning("isapi", "the device does not post to us", {{"device", device.id}, {"why", pointed.error().what()}});
}

void IsapiDriver::Inside::fail(const Error& error) {
    status.fault = cut_utf8(error.what(), fault_bytes_max);
    if (error.fault() == Fault::refused)
        status.state = DeviceStatus::State::refused;
    else if (status.state == DeviceStatus::State::online)
        status.state = DeviceStatus::State::offline;
}

Task<Result<bool>> IsapiDriver::Inside::converse_start() {
    std::string method = "GET";
    std::string target(device_info_target);
    auto answer = co_await api.ask(std::move(method), std::move(target));
    if (!answer) co_return std::move(answer).error();
    // Why the last conversation ended is told until the next one is under way.
    status.fault.clear();
    writer.heard();
    if (auto info = decode_device_info(*answer))
        status.firmware = info->model + " " + info->firmware;
    else
        ++status.malformed;
    status.state = DeviceStatus::State::online;
    auto measured = co_await clock_care.measure();
    if (!measured) co_return std::move(measured).error();
    clock_at = surroundings.clock.steady_now();
    Record online = writer.record_now(Kind::device_online);
    online.facts["firmware"] = cut_utf8(status.firmware, 128);
    auto told = co_await writer.tell(std::move(online));
    if (!told) co_return std::move(told).error();
    co_await set_push_slot(is_terminal && ever_online);
    ever_online = true;
    co_return true;
}

Task<Error> IsapiDriver::Inside::run(RecordSink& sink) {
    status.state = DeviceStatus::State::connecting;
    auto started = co_await writer.start(sink);
    if (!started) co_return std::move(started).error();
    register_push();
    push_is_set = false;
    pushed_at.reset();
    stream_parts.reset();
    replay_since.reset();
    stream_given_up = false;
    auto begun = co_await converse_start();
    if (!begun) {
        fail(begun.error());
        co_return std::move(begun).error();
    }
    std::optional<Error> heard_why, read_why, watched_why;
    Event never;
    auto listening = with_stream ? listen(heard_why) : never.wait();
    auto reading = read_memory(read_why);
    auto watching = watch(watched_why);
    auto both = [](Task<void> one, Task<void> other) -> Task<void> { co_await first_of(std::move(one), std::move(other)); };
    auto pair = both(std::move(reading), std::move(watching));
    co_await first_of(std::move(listening), std::move(pair));
    Error why = heard_why     ? std::move(*heard_why)
                : read_why    ? std::move(*read_why)
                : watched_why ? std::move(*watched_why)
                              : Error(Fault::gone, "over");
    fail(why);
    co_return why;
}

IsapiDriver::IsapiDriver(DeviceInfo device, Surroundings surroundings, PushRoutes& routes, EventTable table, HttpClients clients)
    : inside_(std::make_unique<Inside>(std::move(device), surroundings, routes, std::move(table), clients)) {}

IsapiDriver::~IsapiDriver() = default;

Task<Error> IsapiDriver::run(RecordSink& sink) { return inside_->run(sink); }
DeviceStatus IsapiDriver::status() const { return inside_->status; }
DoorControl* IsapiDriver::doors() { return &inside_->doors; }

std::unique_ptr<Driver> make_isapi(DeviceInfo device, Surroundings surroundings, PushRoutes& routes, EventTable table) {
    return std::make_unique<IsapiDriver>(std::move(device), surroundings, routes, std::move(table));
}

} // namespace gatehouse::drivers::isapi
