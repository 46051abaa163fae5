// SPDX-License-Identifier: Apache-2.0
//
// A door controller, a plate camera and a face terminal, and what truly happened at them: ledgers in the oracle's words, and what each
// still has in its memory.
#pragma once

#include "tests/oracle/evidence.hpp"
#include "tests/simulation/isapi_device.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/unit/drivers/isapi/world.hpp"
#include "tests/unit/drivers/uhppote/scripted_controller.hpp"

#include <set>

namespace gatehouse::world {

/// What the devices stand in. Outlives them.
struct Street {
    Loop& loop;
    Clock& clock; ///< the true one; each device adds its own error
    Entropy& chance;
    fakes::SimNetwork& network;
    simulation::TracedNetwork& traced;
    TaskGroup& people;
};

class Doors {
public:
    explicit Doors(Street street);
    void use();
    void beat() { controller_.push_last(); }
    /// Its ring has come round: of what it keeps, the older half is overwritten.
    void overwrite();
    /// Its log is cleared, and it counts from 1 again.
    void clear();
    tests::ScriptedController& controller() { return controller_; }
    const std::string& host() const { return controller_.address.host; }
    const std::vector<oracle::Made>& made() const { return made_; }
    /// What it could still be asked for.
    std::vector<oracle::Made> remembered() const;
    static json::object description();

private:
    static Task<void> hear(Doors& self);
    static Task<void> send(Doors& self, net::Endpoint to, Bytes bytes);
    Street street_;
    tests::ScriptedController controller_;
    std::unique_ptr<net::DatagramSocket> socket_;
    std::vector<oracle::Made> made_;
    std::size_t since_clear_ = 0; ///< in made_
};

class Camera {
public:
    explicit Camera(Street street);
    void drive_through();
    void beat();
    const std::string& host() const { return device_.at().host; }
    const std::vector<oracle::Made>& made() const { return made_; }
    static json::object description();
    Duration clock_error{0};

private:
    struct Plate {
        std::string plate;
        Time at; ///< by its own clock
    };
    Time own_time() const { return street_.clock.now() + clock_error; }
    net::HttpResponse search(const std::string& body) const;
    Street street_;
    simulation::IsapiDevice device_;
    std::vector<Plate> memory_;
    std::vector<oracle::Made> made_;
};

class Terminal {
public:
    explicit Terminal(Street street);
    void show_face();
    void force_door();
    void beat();
    /// The older half of its memory is gone.
    void overwrite();
    /// A reset to factory state: no memory, counting from 1.
    void reset();
    const std::string& host() const { return device_.at().host; }
    const std::vector<oracle::Made>& made() const { return made_; }
    std::vector<oracle::Made> remembered() const;
    /// Serials that the gateway answered for: these it must keep, whatever the terminal forgets.
    const std::vector<oracle::Made>& acknowledged() const { return acknowledged_; }
    static json::object description();
    bool is_off = false; ///< unplugged: it goes on recording, and nothing leaves it
    Duration clock_error{0};

private:
    void report(int minor);
    void post(std::string body, std::optional<oracle::Made> event);
    static Task<void> push(Terminal& self, net::HttpRequest request, std::optional<oracle::Made> event);
    Time own_time() const { return street_.clock.now() + clock_error; }
    Street street_;
    simulation::IsapiDevice device_;
    drivers::isapi::testing::AcsMemory memory_;
    std::string slot_;
    std::uint64_t serial_ = 5000;
    std::vector<oracle::Made> made_, acknowledged_;
};

} // namespace gatehouse::world
