// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/pictures.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::string_view mark = "GHP1";
constexpr std::size_t wrapped_key_bytes = 24 + 32 + 16; // nonce, key, tag
constexpr std::size_t head_bytes = 4 + wrapped_key_bytes;
constexpr std::size_t file_bytes_max = picture_bytes_max + head_bytes + 64;
constexpr std::string_view key_name = "day.key";

std::string day_of(Time now) { return to_text(now).substr(0, 10); }

Result<Key> to_key(Bytes plain) {
    Key key{};
    if (plain.size() != key.size()) return Error(Fault::damaged, "a wrapped key of the wrong length");
    std::copy(plain.begin(), plain.end(), key.begin());
    wipe(plain);
    return key;
}

} // namespace

Pictures::~Pictures() {
    for (auto& [day, key] : keys_) wipe(key);
    wipe(site_key_);
}

Result<Key> Pictures::day_key(const std::string& day, bool make) {
    const std::lock_guard guard(mutex_);
    if (const auto found = keys_.find(day); found != keys_.end()) return found->second;
    const auto path = folder_ + "/" + day + "/" + std::string(key_name);
    auto wrapped = files_.read(path, wrapped_key_bytes);
    Key key{};
    if (wrapped) {
        auto plain = open_secret(site_key_, *wrapped, as_bytes(day));
        if (!plain) return std::move(plain).error().during("the picture key of " + day);
        auto made = to_key(std::move(*plain));
        if (!made) return std::move(made).error();
        key = *made;
    } else {
        if (!make || wrapped.error().fault() != Fault::gone) return std::move(wrapped).error();
        if (auto folder = files_.make_folder(folder_ + "/" + day); !folder) return std::move(folder).error();
        entropy_.fill(key);
        if (auto written = files_.write(path, seal_secret(site_key_, key, as_bytes(day), entropy_)); !written) return std::move(written).error();
    }
    keys_.emplace(day, key);
    return key;
}

Done Pictures::write(const std::string& path, const Digest& sha256, const Key& day, ByteView picture) {
    Key own{};
    entropy_.fill(own);
    Bytes file(mark.begin(), mark.end());
    const auto wrapped = seal_secret(day, own, sha256, entropy_);
    const auto sealed = seal_secret(own, picture, sha256, entropy_);
    wipe(own);
    file.insert(file.end(), wrapped.begin(), wrapped.end());
    file.insert(file.end(), sealed.begin(), sealed.end());
    return files_.write(path, file);
}

Result<PictureRef> Pictures::put(Time now, PictureRole role, ByteView picture) {
    if (picture.empty() || picture.size() > picture_bytes_max) return Error(Fault::full, "a picture of " + std::to_string(picture.size()) + " bytes");
    const auto sha256 = gatehouse::sha256(picture);
    const PictureRef ref{role, sha256, picture.size()};
    const auto day = day_of(now);
    auto key = day_key(day, true);
    if (!key) return std::move(key).error();
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !in_work_.contains(sha256); });
        in_work_.insert(sha256);
    }
    const auto path = path_of(day, sha256);
    // There already: written whole by somebody, but perhaps in a folder not yet synced.
    auto written = files_.exists(path) ? files_.sync_folder(folder_ + "/" + day) : write(path, sha256, *key, picture);
    {
        const std::lock_guard guard(mutex_);
        in_work_.erase(sha256);
    }
    changed_.notify_all();
    if (!written) return std::move(written).error().during("keeping a picture");
    return ref;
}

Result<std::vector<std::string>> Pictures::days() { return files_.list(folder_); }

Result<Bytes> Pictures::read(const Digest& sha256) {
    auto all = days();
    if (!all) return std::move(all).error();
    // Newest first: what is asked for is mostly of today.
    for (auto day = all->rbegin(); day != all->rend(); ++day) {
        auto file = files_.read(path_of(*day, sha256), file_bytes_max);
        if (!file && file.error().fault() == Fault::gone) continue;
        if (!file) return std::move(file).error();
        auto key = day_key(*day, false);
        if (!key) return key.error().fault() == Fault::gone ? Error(Fault::gone, "the day's key is destroyed") : std::move(key).error();
        if (file->size() < head_bytes || !as_text(*file).starts_with(mark)) return Error(Fault::damaged, "a picture file without its head");
        const ByteView bytes(*file);
        auto wrapped = open_secret(*key, bytes.subspan(mark.size(), wrapped_key_bytes), sha256);
        if (!wrapped) return std::move(wrapped).error();
        auto own = to_key(std::move(*wrapped));
        if (!own) return std::move(own).error();
        auto plain = open_secret(*own, bytes.subspan(head_bytes), sha256);
        wipe(*own);
        if (!plain) return std::move(plain).error();
        if (gatehouse::sha256(*plain) != sha256) return Error(Fault::damaged, "a picture that is not the one of its hash");
        return plain;
    }
    return Error(Fault::gone, "no such picture");
}

Done Pictures::drop(const Digest& sha256) {
    auto all = days();
    if (!all) return std::move(all).error();
    for (const auto& day : *all)
        if (const auto path = path_of(day, sha256); files_.exists(path))
            if (auto destroyed = files_.destroy(path); !destroyed) return destroyed;
    return {};
}

Done Pictures::drop_of(const Digest& sha256, Time first, Time last) {
    for (const auto& day : std::set<std::string>{day_of(first), day_of(last)})
        if (const auto path = path_of(day, sha256); files_.exists(path))
            if (auto destroyed = files_.destroy(path); !destroyed) return destroyed;
    return {};
}

Done Pictures::drop_day(const std::string& day) {
    const auto folder = folder_ + "/" + day;
    {
        const std::lock_guard guard(mutex_);
        if (const auto found = keys_.find(day); found != keys_.end()) {
            wipe(found->second);
            keys_.erase(found);
        }
    }
    if (auto destroyed = files_.destroy(folder + "/" + std::string(key_name)); !destroyed) return destroyed;
    auto names = files_.list(folder);
    if (!names) return std::move(names).error();
    for (const auto& name : *names)
        if (auto removed = files_.remove(folder + "/" + name); !removed) return removed;
    return files_.remove_empty_folder(folder);
}

Done Pictures::sweep() {
    auto all = days();
    if (!all) return std::move(all).error();
    for (const auto& day : *all) {
        auto names = files_.list(folder_ + "/" + day);
        if (!names) return std::move(names).error();
        for (const auto& name : *names)
            if (name.ends_with(".part"))
                if (auto removed = files_.remove(folder_ + "/" + day + "/" + name); !removed) return removed;
    }
    return {};
}

} // namespace gatehouse::store
