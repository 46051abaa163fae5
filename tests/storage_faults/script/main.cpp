// SPDX-License-Identifier: Apache-2.0
//
// store_script NAME FOLDER TOLD: a short life of the store, always the same, to be killed or failed under strace. What the store has
// acknowledged is a line in the file TOLD, written by writev(2), which nothing else here uses:
//
//     ack KEY POSITION      the event is durable
//     cursor SETTLED MEMBER
//     erased KEY            nothing of this subject is left
//     refused KEY           the store said no
//     shut WHY              the store did not open
//
// A refused event is offered again, as a device does; a store that does not open is opened again. Ends with 0 whatever the disk did.
#include "tests/storage_faults/life.hpp"

#include <cstdio>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::storage_faults;
using namespace std::chrono_literals;

namespace {

constexpr int tries_max = 5;

class Script {
public:
    Script(const std::string& folder, const std::string& told)
        : life_(folder), told_(::open(told.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
    ~Script() { ::close(told_); }
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;

    bool run(const std::string& name) {
        if (name == "commit") return commit();
        if (name == "receipt") return receipt();
        if (name == "checkpoint") return checkpoint();
        if (name == "migration") return migration();
        return false;
    }

private:
    void tell(std::string line) {
        line += '\n';
        const iovec all{line.data(), line.size()};
        if (::writev(told_, &all, 1) < 0) std::perror("told");
    }

    bool open() {
        for (int i = 0; i < tries_max; ++i) {
            const auto opened = life_.open();
            if (opened) return true;
            tell("shut " + opened.error().what());
        }
        return false;
    }

    void offer(std::uint64_t first, std::uint64_t last) {
        for (int i = 0; i < tries_max && first <= last; ++i) {
            const auto answers = life_.offer(first, last);
            for (const auto& answer : answers) {
                if (!answer) {
                    tell("refused " + std::to_string(first));
                    break;
                }
                tell("ack " + std::to_string(first) + " " + std::to_string(answer->position));
                ++first;
            }
            if (first <= last) life_.clock().run_for(2s); // the disk is tried again at most once a second
        }
    }

    void move_cursor(std::uint64_t settled, std::uint64_t member) {
        for (int i = 0; i < tries_max; ++i) {
            if (life_.await(life_.store().move_cursor("upstream/district/routine", store::Cursor{settled, member})))
                return tell("cursor " + std::to_string(settled) + " " + std::to_string(member));
            life_.clock().run_for(2s);
        }
    }

    void erase(std::uint64_t key) {
        for (int i = 0; i < tries_max; ++i) {
            if (life_.await<store::Erased>(life_.store().erase_subject("card:" + std::to_string(key), "order 7")))
                return tell("erased " + std::to_string(key));
            life_.clock().run_for(2s);
        }
    }

    bool commit() {
        if (!open()) return true;
        offer(1, 3);
        offer(4, 4);
        offer(5, 6);
        if (open()) offer(7, 8);
        return true;
    }

    bool receipt() {
        if (!open()) return true;
        offer(1, 4);
        move_cursor(1, 0);
        move_cursor(3, 3);
        offer(5, 5);
        move_cursor(5, 4);
        if (open()) move_cursor(6, 6);
        return true;
    }

    bool checkpoint() {
        if (!open()) return true;
        offer(1, 4);
        erase(2); // asks that the WAL be emptied
        offer(5, 6);
        offer(7, 7);
        if (open()) offer(8, 8); // opening empties it too
        return true;
    }

    // The folder holds a log as an old version left it: the start is what matters.
    bool migration() {
        if (!open()) return true;
        offer(101, 102);
        return true;
    }

    Life life_;
    int told_;
};

} // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::fputs("store_script commit|receipt|checkpoint|migration FOLDER TOLD\n", stderr);
        return 64;
    }
    return Script(words[2], words[3]).run(words[1]) ? 0 : 64;
}
