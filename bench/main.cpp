#include "bench/scenarios.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    CLI::App app{"stampede-bench: loads a STOMP-over-WebSocket server and says what it costs"};
    app.require_subcommand(1);

    std::string url = "ws://127.0.0.1:8080/ws";
    bench::target server;
    server.as = {"guest", "guest"};
    auto const common = [&](CLI::App* scenario) {
        scenario->add_option("--url", url, "ws://ADDRESS:PORT/PATH")->capture_default_str();
        scenario->add_option("--login", server.as.user)->capture_default_str();
        scenario->add_option("--passcode", server.as.passcode)->capture_default_str();
        scenario->add_option("--pid", server.pid,
                             "the server's process, to measure its CPU and memory");
        return scenario;
    };

    bench::fan_out_options fan_out;
    auto* const fan_out_command =
        common(app.add_subcommand("fan-out", "one publisher per room, at full load"));
    fan_out_command->add_option("--rooms", fan_out.rooms)->capture_default_str();
    fan_out_command->add_option("--subscribers", fan_out.subscribers, "of each room")
        ->capture_default_str();
    fan_out_command->add_option("--window", fan_out.window, "messages on their way per room")
        ->capture_default_str();
    fan_out_command->add_option("--body", fan_out.body_bytes, "bytes")->capture_default_str();
    fan_out_command->add_option("--seconds", fan_out.seconds)->capture_default_str();
    fan_out_command->add_option("--prefix", fan_out.prefix, "destination before the room's number")
        ->capture_default_str();

    bench::idle_options idle;
    auto* const idle_command =
        common(app.add_subcommand("idle", "connected, subscribed, silent sessions"));
    idle_command->add_option("--sessions", idle.sessions)->capture_default_str();
    idle_command->add_option("--first-user", idle.first_user,
                             "each logs in as a user of its own, numbered from here");

    bench::chat_options chat;
    auto* const chat_command =
        common(app.add_subcommand("chat", "stored messages through /app/chat.sendMessage"));
    chat_command->add_option("--rooms", chat.rooms)->capture_default_str();
    chat_command->add_option("--first-room", chat.first_room, "number of the first room")
        ->capture_default_str();
    chat_command->add_option("--window", chat.window, "sends without a RECEIPT per room")
        ->capture_default_str();
    chat_command->add_option("--body", chat.content_bytes, "bytes of content")
        ->capture_default_str();
    chat_command->add_option("--seconds", chat.seconds)->capture_default_str();
    chat_command->add_option("--rate", chat.rate, "messages per second, open loop; 0: full load")
        ->capture_default_str();
    chat_command->add_option("--subscribers", chat.subscribers, "of each room, beside the sender")
        ->capture_default_str();

    std::vector<std::string> other_urls;
    chat_command->add_option("--other-url", other_urls, "a further node of the cluster; repeated");
    chat_command->add_option("--other-pid", chat.other_pids,
                             "a further process, to measure its CPU; repeated");

    CLI11_PARSE(app, argc, argv);
    try {
        server.to = bench::parse_url(url);
        for (auto const& each : other_urls) chat.other_nodes.push_back(bench::parse_url(each));
        if (*fan_out_command) bench::run_fan_out(server, fan_out);
        if (*idle_command) bench::run_idle(server, idle);
        if (*chat_command) bench::run_chat(server, chat);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "stampede-bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
