// SPDX-License-Identifier: Apache-2.0
//
// upsd answers each command in order, so one question is out at a time. What was told is kept in the source's mark: power that was lost
// before a restart of ours and came back during it is still told.
#include "drivers/nut/driver.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "drivers/nut/answer.hpp"
#include "drivers/supervisor.hpp"

namespace gatehouse::drivers::nut {

namespace {
constexpr std::size_t chunk_bytes = 2048;
constexpr std::size_t text_bytes_max = 200;
constexpr std::size_t names_told_max = 8;
} // namespace

/// One question and its answer, over one connection. After a fault the connection is good for nothing more.
class Exchange {
public:
    Exchange(net::Stream& stream, Clock& clock) : stream_(stream), clock_(clock) {}

    Task<Done> order(Words words) {
        auto line = co_await question(std::move(words));
        if (!line) co_return std::move(line).error();
        co_return read_ok(*line);
    }
    Task<Result<std::string>> variable(std::string ups, std::string name) {
        Words words{"GET", "VAR", ups, name};
        auto line = co_await question(std::move(words));
        if (!line) co_return std::move(line).error();
        co_return read_variable(*line, ups, name);
    }
    Task<Result<std::vector<Words>>> list(Words of) {
        auto doing = "LIST " + of.front();
        auto reading = list_now(std::move(of));
        co_return co_await within(clock_, answer_max, std::move(doing), std::move(reading));
    }

private:
    Task<Result<std::string>> question(Words words) {
        auto doing = words.front();
        auto asking = ask(std::move(words));
        co_return co_await within(clock_, answer_max, std::move(doing), std::move(asking));
    }
    Task<Result<std::string>> ask(Words words) {
        auto line = make_line(words);
        if (!line) co_return std::move(line).error();
        auto written = co_await stream_.write(as_bytes(*line));
        if (!written) co_return std::move(written).error();
        co_return co_await read_line();
    }
    Task<Result<std::vector<Words>>> list_now(Words of) {
        Words words{"LIST"};
        words.insert(words.end(), of.begin(), of.end());
        ListReader reader(std::move(of));
        auto line = co_await ask(std::move(words));
        for (;;) {
            if (!line) co_return std::move(line).error();
            const auto is_over = reader.take(*line);
            if (!is_over) co_return is_over.error();
            if (*is_over) co_return reader.rows();
            line = co_await read_line();
        }
    }
    Task<Result<std::string>> read_line() {
        for (;;) {
            auto line = lines_.next();
            if (!line) co_return std::move(line).error();
            if (*line) co_return std::move(**line);
            auto count = co_await stream_.read_some(chunk_);
            if (!count) co_return std::move(count).error();
            if (*count == 0) co_return Error(Fault::unreachable, "upsd closed the connection");
            lines_.add(as_text(ByteView(chunk_).first(*count)));
        }
    }

    net::Stream& stream_;
    Clock& clock_;
    LineReader lines_;
    std::array<std::uint8_t, chunk_bytes> chunk_{};
};

NutDriver::NutDriver(DeviceInfo device, Surroundings surroundings) : device_(std::move(device)), surroundings_(surroundings) {}

Record NutDriver::own_record(Kind kind) const {
    auto record = record_of(device_, kind, surroundings_.clock.now());
    if (surroundings_.clock.quality() == ClockQuality::unsynced) record.clock = ClockState::unsynced;
    return record;
}

std::optional<PowerState> NutDriver::power() const {
    if (!has_status_) return std::nullopt;
    return PowerState{told_.has(Condition::on_battery), is_ending(told_), on_battery_heard_, lost_id_};
}

Task<Error> NutDriver::run(RecordSink& sink) {
    status_.state = DeviceStatus::State::connecting;
    auto over = co_await converse(sink);
    if (over.fault() == Fault::refused)
        status_.state = DeviceStatus::State::refused;
    else if (status_.state == DeviceStatus::State::online)
        status_.state = DeviceStatus::State::offline;
    status_.fault = over.what();
    co_return over;
}

Task<Error> NutDriver::converse(RecordSink& sink) {
    if (device_.tls) co_return Error(Fault::unsupported, "upsd is spoken to without TLS: keep it on this machine or in a network of its own");
    co_await remember(sink);
    auto connected = co_await surroundings_.network.connect(device_.address, device_.binding, std::nullopt, connect_max);
    if (!connected) co_return std::move(connected).error();
    Exchange exchange(**connected, surroundings_.clock);
    if (!device_.username.empty()) {
        Words user{"USERNAME", device_.username}, password{"PASSWORD", device_.password};
        auto named = co_await exchange.order(std::move(user));
        if (!named) co_return std::move(named).error();
        auto proved = co_await exchange.order(std::move(password));
        if (!proved) co_return std::move(proved).error();
    }
    auto ups = co_await find_ups(exchange);
    if (!ups) co_return std::move(ups).error();
    auto& clock = surroundings_.clock;
    std::optional<Instant> listed_at;
    for (;;) {
        auto words = co_await exchange.variable(*ups, "ups.status");
        if (!words) co_return std::move(words).error();
        status_.heard_at = clock.now();
        const bool is_first = status_.state != DeviceStatus::State::online;
        if (is_first || !listed_at || clock.steady_now() - *listed_at >= variables_every) {
            Words of{"VAR", *ups};
            auto rows = co_await exchange.list(std::move(of));
            if (!rows) co_return std::move(rows).error();
            listed_at = clock.steady_now();
            variables_.clear();
            for (const auto& row : *rows) {
                if (row.size() == 2)
                    variables_[row[0]] = cut_utf8(row[1], text_bytes_max);
                else
                    ++status_.malformed;
            }
        }
        if (is_first) {
            status_.state = DeviceStatus::State::online;
            status_.firmware = identity();
            status_.fault.clear();
            auto online = own_record(Kind::device_online);
            online.facts["firmware"] = status_.firmware;
            co_await tell(sink, std::move(online), false);
        }
        co_await take_status(sink, std::move(*words));
        co_await tell_readings(sink);
        co_await clock.sleep_for(status_every);
    }
}

Task<Result<std::string>> NutDriver::find_ups(Exchange& exchange) {
    Words of{"UPS"};
    auto rows = co_await exchange.list(std::move(of));
    if (!rows) co_return std::move(rows).error();
    std::string names;
    for (std::size_t i = 0; i < rows->size() && i < names_told_max; ++i)
        if (!rows->at(i).empty()) names += (names.empty() ? "" : ", ") + rows->at(i).front();
    const auto wanted = device_.options.find("ups");
    if (wanted == device_.options.end()) {
        if (rows->size() == 1 && !rows->front().empty()) co_return rows->front().front();
        co_return Error(Fault::unsupported, rows->empty() ? "upsd has no UPS" : "option ups: say which of " + names);
    }
    for (const auto& row : *rows)
        if (!row.empty() && row.front() == wanted->second) co_return wanted->second;
    co_return Error(Fault::gone, "upsd has no UPS '" + wanted->second + "', but " + (names.empty() ? "none" : names));
}

SourceMark NutDriver::mark() const {
    SourceMark mark;
    mark.number = turns_;
    mark.text = (lost_id_.empty() ? "-" : lost_id_) + " " + words_of(told_);
    return mark;
}

// Once in the driver's life; later it knows better than the mark, which a disk that failed may have kept behind.
Task<void> NutDriver::remember(RecordSink& sink) {
    if (remembers_) co_return;
    remembers_ = true;
    auto mark = co_await sink.last_mark(device_.id);
    // Without a disk the power is watched all the same; what is out already may be told a second time.
    if (!mark) log::warning("device", "what was told of the UPS is not known", {{"device", device_.id}, {"what", mark.error().what()}});
    if (!mark || !*mark) co_return;
    turns_ = (*mark)->number;
    const std::string_view text = (*mark)->text;
    const auto id = text.substr(0, text.find(' '));
    if (parse_uuid(id)) lost_id_ = std::string(id);
    told_ = read_status(text.substr(std::min(id.size() + 1, text.size())), UpsStatus());
    told_.others.clear();
}

Task<void> NutDriver::take_status(RecordSink& sink, std::string words) {
    words = cut_utf8(words, status_bytes_max);
    const bool is_first = !has_status_;
    const auto before = told_;
    auto now = read_status(words, before);
    // From here on power() knows, whatever the disk does: the outage and its end are acted upon at once.
    has_status_ = true;
    if (now.has(Condition::on_battery)) on_battery_heard_ = surroundings_.clock.steady_now();
    if (now.has(Condition::on_battery) && !before.has(Condition::on_battery))
        lost_id_ = to_text(make_uuid_v7(surroundings_.clock.now(), surroundings_.entropy));
    told_ = now;
    for (const auto& change : changes(before, now)) {
        ++turns_;
        co_await tell_change(sink, change, words);
    }
    if (is_first || now.others == before.others) co_return;
    const auto at = surroundings_.clock.steady_now();
    if (others_told_at_ && at - *others_told_at_ < others_told_every) {
        told_.others = before.others; // told when its minute has come, if it still is so
        co_return;
    }
    others_told_at_ = at;
    co_await tell_others(sink, std::move(words));
}

Task<void> NutDriver::tell_change(RecordSink& sink, Change change, std::string words) {
    const auto& spec = *change.spec;
    if (!change.begins && !spec.ends) co_return;
    auto record = own_record(change.begins ? spec.begins : *spec.ends);
    record.facts["vendor_code"] = words;
    if (record.kind == Kind::power_overload) {
        record.facts["quantity"] = "ups.load";
        record.facts["unit"] = "%";
        if (const auto load = read_number(variables_["ups.load"])) record.facts["value"] = *load;
    } else {
        record.facts["code"] = spec.code;
    }
    if (record.kind == Kind::power_lost) record.id = lost_id_;
    if (spec.condition == Condition::ups_alarm && change.begins && !variables_["ups.alarm"].empty()) record.facts["cause"] = variables_["ups.alarm"];
    co_await tell(sink, std::move(record), true);
}

Task<void> NutDriver::tell_others(RecordSink& sink, std::string words) {
    auto record = own_record(Kind::device_event);
    record.facts["code"] = "ups.status";
    record.facts["state"] = words;
    co_await tell(sink, std::move(record), false);
}

Task<void> NutDriver::tell_readings(RecordSink& sink) {
    const auto due = readings_.due(variables_, surroundings_.clock.steady_now());
    for (const auto& reading : due) {
        auto record = own_record(Kind::power_reading);
        record.facts["quantity"] = reading.quantity->name;
        record.facts["value"] = reading.value;
        record.facts["unit"] = reading.quantity->unit;
        co_await tell(sink, std::move(record), false);
    }
}

// The sink has sent an alarm up and keeps it when the disk refuses; so nothing is told twice, and the conversation goes on.
Task<void> NutDriver::tell(RecordSink& sink, Record record, bool moves_mark) {
    ++status_.events;
    std::optional<SourceMark> marked;
    if (moves_mark) marked = mark();
    const auto kind = record.kind;
    auto appended = co_await sink.append(std::move(record), std::move(marked));
    if (appended) {
        status_.fault.clear();
        co_return;
    }
    status_.fault = "records cannot be stored: " + appended.error().what();
    log::warning("device", "a record of the UPS was refused", {{"device", device_.id}, {"kind", name_of(kind)}, {"what", appended.error().what()}});
}

std::string NutDriver::identity() const {
    // upsd 2.8.0 escapes device.model once too often where it is made of ups.model.
    static constexpr std::array names{std::pair("ups.mfr", "device.mfr"), std::pair("ups.model", "device.model"), std::pair("ups.firmware", "")};
    std::string text;
    for (const auto& [name, other] : names) {
        auto found = variables_.find(name);
        if (found == variables_.end()) found = variables_.find(other);
        if (found != variables_.end() && !found->second.empty()) text += (text.empty() ? "" : " ") + found->second;
    }
    return cut_utf8(text, text_bytes_max);
}

std::unique_ptr<Driver> make_nut(DeviceInfo device, Surroundings surroundings) {
    return std::make_unique<NutDriver>(std::move(device), surroundings);
}

} // namespace gatehouse::drivers::nut
